package scenarios

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/topology"
	"mailsim/topology/route"
)

// tablesOf loads one of the files that hold every table of an organisation.
func tablesOf(t *testing.T, name string) *Scenario {
	t.Helper()
	s, err := Load(os.DirFS("testdata"), "good/"+name+".toml")
	require.NoError(t, err)
	return s
}

// servers looks up names, which are fewer mistakes than numbers.
func servers(t *testing.T, o *topology.Organisation, names ...string) []topology.ServerID {
	t.Helper()
	var out []topology.ServerID
	for _, name := range names {
		id, ok := o.ServerByName(name)
		require.True(t, ok, name)
		out = append(out, id)
	}
	return out
}

func TestTablesResolveToTheSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tables-2010", "tables-2016"} {
		s := tablesOf(t, name)
		require.Empty(t, texts(s.Warnings()))
		requireSameAgain(t, s)
	}
}

func TestR3_28_TablesOfDAGs(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	m := servers(t, o, "b/m1", "bm2")
	require.Equal(t, []topology.DAG{{Name: "dag1", Members: m, Databases: []topology.DAGDatabase{
		{Name: "DB1", Active: m[1], Copies: m}, {Name: "db2", Active: m[1]}, {Name: "db3", Active: m[1], Copies: m[:1]},
	}}}, o.DAGs)
	require.Equal(t, []string{"db1"}, o.Servers[m[0]].Databases)
	require.Equal(t, []string{"db2", "db3"}, o.Servers[m[1]].Databases, "what nobody lists belongs to the member it is active on")
	require.Equal(t, m[1], o.ActiveCopy(m[0], 0))

	o = firstConfig(t, tablesOf(t, "tables-2016")).Org
	require.Equal(t, []topology.DAG{{Name: "dag1", Members: servers(t, o, "m1", "m2")}}, o.DAGs)
	require.Equal(t, servers(t, o, "m2")[0], o.ActiveCopy(servers(t, o, "m2")[0], 0))
}

// A member without databases has one of its own name; when the dag lists that too, it keeps it beside those that it gets.
func TestDAGDatabaseNamedAfterAMember(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `[[mailbox]]
name = "am2"
site = "A"
[[dag]]
name = "d"
members = ["am1", "am2"]
databases = [{ name = "AM1", active = "am2" }, { name = "db", active = "am2" }, { name = "eb", active = "am1" }]
`)
	m := servers(t, cfg.Org, "am1", "am2")
	require.Equal(t, []string{"AM1", "eb"}, cfg.Org.Servers[m[0]].Databases)
	require.Equal(t, []string{"db"}, cfg.Org.Servers[m[1]].Databases)
	require.Equal(t, m[1], cfg.Org.ActiveCopy(m[0], 0))
	require.Equal(t, m[0], cfg.Org.ActiveCopy(m[0], 1))
}

func TestR7_2_TablesOfGroups(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	s := servers(t, o, "a1", "am1", "b/m1", "bm2", "bm3", "b1")
	box := func(s topology.ServerID, database, count int32) topology.Recipient {
		return topology.Recipient{Server: s, Database: database, Count: count}
	}
	outside := []topology.Recipient{
		{Server: topology.None, Domain: "example.com", Count: 3}, {Server: topology.None, Domain: "partner.contoso.com", Count: 1},
	}
	require.Equal(t, []topology.Group{
		// Site A: 3 mailboxes and 5 in two databases, one of which is named besides; site B: 7 and 2 in two databases, and one by name on
		// a server whose mailboxes are not there yet.
		{Name: "everybody", ExpansionServer: s[5], Members: append([]topology.Recipient{
			box(s[0], 0, 3), box(s[1], 0, 3), box(s[1], 1, 2), box(s[2], 0, 7), box(s[3], 0, 1), box(s[3], 1, 1), box(s[4], 0, 1),
		}, outside...)},
		{Name: "outsiders", ExpansionServer: topology.None, Members: outside},
		{Name: "few", ExpansionServer: topology.None, Members: append([]topology.Recipient{
			box(s[1], 1, 1), box(s[2], 0, 1),
		}, append(outside[:2:2], box(s[1], 0, 1))...)},
		{Name: "inner", ExpansionServer: topology.None, Members: append(outside[:2:2], box(s[1], 1, 1), box(s[1], 0, 1))},
	}, o.Groups)

	o = firstConfig(t, tablesOf(t, "tables-2016")).Org
	require.Equal(t, []topology.Group{{
		Name: "all", ExpansionServer: servers(t, o, "m2")[0], Members: []topology.Recipient{box(servers(t, o, "m1")[0], 0, 1)},
	}}, o.Groups)
}

func TestR7_1_MembersByNumberOfMailboxes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mailboxes, databases int
		want                 []int
	}{{0, 1, []int{0}}, {1, 1, []int{1}}, {7, 3, []int{3, 2, 2}}, {8, 3, []int{3, 3, 2}}, {2, 4, []int{1, 1, 0, 0}}} {
		require.Equal(t, c.want, evenly(c.mailboxes, c.databases))
	}
	// A site has its mailboxes once, whatever else is said of them; one that is not there is no part of it.
	o := configOf(t, `[[mailbox]]
name = "am1"
mailboxes = 3
databases = ["x", "y", "z", "u"]
[[mailbox]]
name = "am2"
site = "A"
mailboxes = 9
present = false
[[group]]
name = "g"
members = ["mailbox:am1/x", "site:A", "site:*", "mailbox:am1"]
`).Org
	m := servers(t, o, "am1", "bm1")
	require.Equal(t, []topology.Recipient{
		{Server: m[0], Database: 0, Count: 1}, {Server: m[0], Database: 1, Count: 1}, {Server: m[0], Database: 2, Count: 1}, {Server: m[1], Count: 100},
	}, o.Groups[0].Members)
}

func TestLoadsForGroups(t *testing.T) {
	t.Parallel()
	cfg := firstConfig(t, tablesOf(t, "tables-2010"))
	require.Equal(t, []load.Party{
		{Kind: load.PartyGroup, Site: topology.None, Server: topology.None, Group: 0, Weight: 1},
		{Kind: load.PartyGroup, Site: topology.None, Server: topology.None, Group: 2, Weight: 2},
		{Kind: load.PartySite, Site: 1, Server: topology.None, Weight: 1},
	}, cfg.Loads[0].To)
	require.False(t, cfg.Loads[0].Linked)
}

func TestR5_14_TablesOfLinkedConnectors(t *testing.T) {
	t.Parallel()
	cfg := firstConfig(t, tablesOf(t, "tables-2010"))
	id, ok := cfg.Org.ConnectorByName("filter")
	require.True(t, ok)
	k := cfg.Org.Connectors[id]
	require.Equal(t, "From filter", k.LinkedTo)
	require.Empty(t, k.AddressSpaces)
	require.Equal(t, topology.Unlimited, k.MaxMessageSize)
	require.False(t, k.DNS)
	require.True(t, cfg.Loads[1].Linked)
	require.Equal(t, id, cfg.Loads[1].Via)
}

func TestR5_13_TablesOfForeignAndAgentConnectors(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	a := servers(t, o, "a1", "a2")
	id, _ := o.ConnectorByName("fax")
	require.Equal(t, topology.Connector{
		Name: "fax", Kind: topology.ForeignConnector, AddressSpaces: []topology.AddressSpace{{Type: "FAX", Space: "*", Cost: 5}}, Sources: a[:1],
		MaxMessageSize: topology.Unlimited, ConnectionThreshold: 3,
	}, o.Connectors[id])
	id, _ = o.ConnectorByName("sms")
	require.Equal(t, topology.Connector{
		Name: "sms", Kind: topology.DeliveryAgentConnector, AddressSpaces: []topology.AddressSpace{{Type: "MOBILE", Space: "*", Cost: 1}}, Sources: a,
		MaxMessageSize: 1 << 20, MaxPerDomainConnections: 5, MaxMessagesPerConnection: 20,
	}, o.Connectors[id])
}

func TestR5_16_TablesOfRoutingGroups(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	x400, ok := o.ConnectorByName("x400")
	require.True(t, ok)
	require.Equal(t, []topology.RoutingGroup{
		{Name: "Oslo", Servers: []topology.RemoteID{1, 2}},
		{Name: "Bergen", Servers: []topology.RemoteID{3}, Connectors: []topology.ConnectorID{x400}},
	}, o.RoutingGroups)
	none := topology.RoutingGroupID(topology.None)
	require.Equal(t, []topology.RGC{
		{Name: "to-Oslo", From: none, To: 0, Sources: servers(t, o, "a2", "a1"), Targets: []topology.RemoteID{1, 2}, Cost: 7, MaxMessageSize: 2 << 20},
		{Name: "on-to-Bergen", From: 0, To: 1, Targets: []topology.RemoteID{3}, Cost: 1, MaxMessageSize: topology.Unlimited},
		{Name: "one-target", From: none, To: 0, Sources: servers(t, o, "b1"), Targets: []topology.RemoteID{2}, Cost: 1, MaxMessageSize: topology.Unlimited},
	}, o.RGCs)
	require.Equal(t, topology.RoutingGroupID(1), o.HostedBy(x400))
	require.Equal(t, topology.Connector{
		Name: "x400", AddressSpaces: []topology.AddressSpace{{Type: "X400", Space: "*", Cost: 1}}, MaxMessageSize: topology.Unlimited,
	}, o.Connectors[x400])

	// The tables mean what routing takes them for: through a2 or a1 into Oslo, and on.
	b1 := servers(t, o, "b1")[0]
	book := route.NewBook()
	way := route.Follow(book, o, route.Query{Server: b1, Dest: book.Dest(route.Destination{Kind: route.External, Type: "X400", Domain: "c=NO"})})
	require.Equal(t, x400, way.Connector)
}

func TestTablesOfAcceptedDomains(t *testing.T) {
	t.Parallel()
	require.Equal(t, []topology.AcceptedDomain{
		{Domain: "contoso.com", Type: topology.Authoritative},
		{Domain: "partner.contoso.com", Type: topology.InternalRelay},
		{Domain: "old.contoso.com", Type: topology.ExternalRelay},
	}, firstConfig(t, tablesOf(t, "tables-2010")).Org.AcceptedDomains)
}

func TestAcceptedDomainsAreNamedByTheirDomain(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/tables-2010.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"org.toml": {Data: org}, "x.toml": {Data: []byte(
		"base = \"org.toml\"\n[[accepted_domain]]\ndomain = \"old.contoso.com\"\ntype = \"authoritative\"\n",
	)}}, "x.toml", `accepted_domain."partner.contoso.com".type=external_relay`)
	require.NoError(t, err)
	require.Equal(t, []topology.AcceptedDomain{
		{Domain: "contoso.com", Type: topology.Authoritative},
		{Domain: "partner.contoso.com", Type: topology.ExternalRelay},
		{Domain: "old.contoso.com", Type: topology.Authoritative},
	}, firstConfig(t, s).Org.AcceptedDomains)
}

func TestR4_14_TablesOfOverrideLists(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	require.Equal(t, servers(t, o, "a2"), o.Servers[servers(t, o, "am1")[0]].SubmissionOverride)
	require.Empty(t, o.Servers[servers(t, o, "a1")[0]].SubmissionOverride)
}

func TestX4_SubmissionStaysInSiteIsRead(t *testing.T) {
	t.Parallel()
	require.True(t, firstConfig(t, tablesOf(t, "tables-2016")).Org.SubmissionStaysInSite)
	require.False(t, firstConfig(t, tablesOf(t, "tables-2010")).Org.SubmissionStaysInSite)
}

func TestR5_12_FrontEndProxyIsRead(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2016")).Org
	require.True(t, o.Connectors[0].FrontEndProxy)
	require.True(t, o.Sites[1].InboundDisabled)
	require.False(t, o.Sites[0].InboundDisabled)
}

func TestObjectsThatAppearLater(t *testing.T) {
	t.Parallel()
	o := firstConfig(t, tablesOf(t, "tables-2010")).Org
	var absent []string
	for i := range o.Sites {
		if o.Sites[i].Absent {
			absent = append(absent, "site "+o.Sites[i].Name)
		}
	}
	for i := range o.Servers {
		if s := &o.Servers[i]; s.Absent {
			absent = append(absent, s.Name)
		}
	}
	for i := range o.Connectors {
		if o.Connectors[i].Absent {
			absent = append(absent, "connector "+o.Connectors[i].Name)
		}
	}
	require.Equal(t, []string{"site C", "c1", "bm3", "be1", "connector out"}, absent)
	c1 := o.Servers[servers(t, o, "c1")[0]]
	require.Equal(t, topology.RoleHub|topology.RoleMailbox, c1.Roles, "a machine with two roles comes as a whole")
}

// A server that appears later gets mail of loads that name it, and none of those that name its site.
func TestLoadsOfAServerThatAppearsLater(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[[mailbox]]\nname = \"am1\"\npresent = false\n[[mailbox]]\nname = \"am2\"\nsite = \"A\"\n[[load]]\nkind = \"poisson\"\nfrom = \"mailbox:am1\"\nto = \"site:A\"\nrate = \"1/s\"\n")
	require.Equal(t, load.PartyMailbox, cfg.Loads[1].From[0].Kind)
	require.True(t, cfg.Org.Servers[cfg.Loads[1].From[0].Server].Absent)
}

func TestR6_1_AutomaticConnectorsByName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		want map[string][]string // sources by connector
	}{
		"an edge that a connector names has its own": {"", map[string][]string{"out": {"ae1"}}},
		"unless it says otherwise": {"[[edge]]\nname = \"ae1\"\nauto_connectors = true\n", map[string][]string{
			"out": {"ae1"}, "EdgeSync - A to Internet": {"ae1"},
		}},
		"R-6.2: the second edge joins": {"[[edge]]\nname = \"be1\"\nsubscribed_site = \"B\"\n[[edge]]\nname = \"be2\"\nsubscribed_site = \"B\"\npresent = false\n", map[string][]string{
			"out": {"ae1"}, "EdgeSync - B to Internet": {"be1", "be2"},
		}},
		"one edge of two": {"[[edge]]\nname = \"ae2\"\nsubscribed_site = \"A\"\n", map[string][]string{
			"out": {"ae1"}, "EdgeSync - A to Internet": {"ae2"},
		}},
		"none": {"[[edge]]\nname = \"be1\"\nsubscribed_site = \"B\"\nauto_connectors = false\n", map[string][]string{"out": {"ae1"}}},
	} {
		o := configOf(t, c.src).Org
		got := map[string][]string{}
		for i := range o.Connectors {
			for _, s := range o.Connectors[i].Sources {
				got[o.Connectors[i].Name] = append(got[o.Connectors[i].Name], o.Servers[s].Name)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

// What the sheets leave to a warning.
func TestWarningsOfTables(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		`x.toml:7:20: warning: connector "k": front_end_proxy: edge "ne" sends by itself, never through a front end (R-5.12)`,
	}, warningsOf(t, `[[connector]]
name = "k"
address_spaces = ["example.com"]
source_servers = ["ne"]
smart_hosts = ["cloud"]
 front_end_proxy = true
[[edge]]
name = "ne"
subscribed_site = "B"
version = "2016"
auto_connectors = false
`))
	_, err := Load(fstest.MapFS{"x.toml": {Data: []byte("duration = \"1h\"\n[[site]]\nname = \"A\"\ninbound_mail_enabled = true\n")}}, "x.toml")
	require.NoError(t, err, "the default may be written in any version")
	require.Equal(t, []string{
		`x.toml:8:20: warning: rgc "r": max_message_size: 2007rtm has no size limit on routing group connectors; it is ignored (R-3.24)`,
	}, warningsOf(t, `model.version = "2007rtm"
routing_group = [{ name = "Oslo", servers = "cloud" }]
[[rgc]]
name = "r"
source_servers = "a1"
to = "Oslo"
max_message_size = "5MB"
`))
}
