package route

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// backOffs are the site and kind of the groups for a mailbox, in order.
func (n *network) groups(from, to string) []Group {
	n.t.Helper()
	id := n.server(from)
	table := n.book.Table(n.org, n.org.Servers[id].Site)
	hop := table.Hop(id, n.dest(to), 1)
	require.Equal(n.t, Queued, hop.Outcome)
	return table.Groups(id, hop.Key)
}

// names writes groups as "E: hE1 hE2; D*: hD1", a star for back-off.
func (n *network) names(groups []Group) string {
	out := ""
	for i, g := range groups {
		if i > 0 {
			out += "; "
		}
		if g.Site != topology.None {
			out += n.org.Sites[g.Site].Name
		} else {
			out += "outside"
		}
		if g.Backoff {
			out += "*"
		}
		out += ":"
		for _, m := range g.Members {
			out += " " + n.targetName(m)
		}
	}
	return out
}

// The candidates of a queue for a site are its hubs, then those of the sites before it on the path found by enumeration, without
// this site and sites without hubs (R-3.15 steps 1 and 2).
func TestR3_15_BackOff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 7, topology.V2010)
		book := NewBook()
		for from := range topology.SiteID(len(o.Sites)) {
			for next := range topology.SiteID(len(o.Sites)) {
				best, ok := leastCostWay(o, from, next)
				if !ok || from == next || len(o.Hubs(from)) == 0 || len(o.Hubs(next)) == 0 {
					continue
				}
				var want []Group
				for i := len(best.sites) - 1; i > 0; i-- {
					g := Group{Site: best.sites[i], Backoff: best.sites[i] != next}
					for _, h := range o.Hubs(g.Site) {
						g.Members = append(g.Members, Target{TargetServer, int32(h)})
					}
					if len(g.Members) > 0 {
						want = append(want, g)
					}
				}
				table := book.Table(o, from)
				require.Equal(t, want, table.Groups(o.Hubs(from)[0], book.keyID(adSite(table.view, next))))
			}
		}
	})
}

func TestR3_15_TriesAgainFromWhereItRests(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C-D-E 10").fail("down E")
	n.expect("A→E", "servers hE1 hD1, handled hA1 hD1, at hD1") // step 4: the hub in D keeps it in its own queue
	n = net(t, "chain A-B-C-D-E 10").fail("down B C D E")
	n.expect("A→E", "servers hE1 hD1 hC1 hB1, handled hA1, at hA1") // step 5
}

func TestR3_16_RestsNearestTheDestination(t *testing.T) {
	t.Parallel()
	// The costs decide where mail for a dead D waits (G-03).
	net(t, "A-B 15, A-C 5, B-C 5, B-D 15, C-D 5").fail("down D").expect("A→D", "rests C")
	net(t, "A-B 15, A-C 5, B-C 5, B-D 15, C-D 5 x=100").fail("down D").expect("A→D", "rests B")
}

func TestR3_17_OneLiveHubIsEnough(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C 10", "hubs C: c1 c2 c3")
	require.Equal(t, "C: c1 c2 c3; B*: hB1", n.names(n.groups("hA1", "C")), "back-off is marked: only when nobody of C answers")
	n.fail("down c1 c2").expect("A→C", "servers c1 c2 c3, stops C, fate delivered")
	n.fail("down c3").expect("A→C", "servers c1 c2 c3 hB1, rests B")
}

func TestR3_18_BrokenNetworkBehindALiveSite(t *testing.T) {
	t.Parallel()
	net(t, "chain A-B-C-D-E 10").fail("cut A|E", "cut A|D").expect("A→E", "tried E D C, handled hA1 hC1 hE1, fate delivered")
}

func TestR3_27_ConnectorSourceServers(t *testing.T) {
	t.Parallel()
	// Members in B (two of three hubs), D and Z; A-B is the cheapest way.
	links := "A-P 5, P-B 5, A-D 15, A-Z 12"
	hubs := []string{"hubs B: b1 b2 b3", "hubs A: a1 a2"}
	n := net(t, links, append(hubs, "connector C: * on hD1 b3 hZ1 b1", "version 2013")...)
	// 5: members in the primary site; 6(a): other member sites, nearest first; 6(c): other hubs of the primary; 6(d): back-off.
	require.Equal(t, "B: b3 b1; Z: hZ1; D: hD1; B: b2; P*: hP1", n.names(n.groups("a1", "x@x.com")))
	n.expect("a1→x@x.com", "next C, type SmtpRelayToConnectorSourceServers")
	// 6(b): with a member in the local site, members only.
	n = net(t, links, "hubs B: b1 b2 b3", "hubs A: a1 a2 a3", "connector C: * on hD1 b3 a2", "version 2013")
	require.Equal(t, "A: a2; B: b3; D: hD1", n.names(n.groups("a1", "x@x.com")))
	// 1: a member delivers itself.
	n.expect("a2→x@x.com", "type DnsConnectorDelivery")
	// 3: a hub site on the way to the primary site.
	n = net(t, links, append(hubs, "connector C: * on b3", "H(P)", "version 2013")...)
	n.expect("a1→x@x.com", "next P, type SmtpRelayToRemoteActiveDirectorySite")
	// 4: the primary site is a hub site: all its hubs, then back-off.
	n = net(t, links, append(hubs, "connector C: * on b3", "H(B)", "version 2013")...)
	n.expect("a1→x@x.com", "next B, type SmtpRelayToRemoteActiveDirectorySite")
	require.Equal(t, "B: b1 b2 b3; P*: hP1", n.names(n.groups("a1", "x@x.com")))
}

func TestR3_27_MembersThatDoNotCount(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5, A-C 6, E", "hubs A: a1 a2 a3", "hubs B: b1 b2", "connector C: * on b1 hC1 hE1", "version 2013")
	require.Equal(t, "B: b1; C: hC1; B: b2", n.names(n.groups("a1", "x@x.com")), "E is out of reach")
	n.org.Servers[n.server("b1")].Absent = true
	require.Equal(t, "C: hC1", n.names(n.forget().groups("a1", "x@x.com")), "b1 is not present")
	// A queue that outlives a change of source servers never leads to the server itself.
	table := n.book.Table(n.org, n.site("A"))
	key := table.Hop(n.server("a1"), n.dest("x@x.com"), 1).Key
	changed := n.org.With(topology.Change{Kind: topology.ConnectorCost, Object: 0, Value: 1})
	changed.Connectors[0].Sources = []topology.ServerID{n.server("a1"), n.server("a2")}
	table = n.book.Table(changed, n.site("A"))
	require.Equal(t, "A: a2", n.names(table.Groups(n.server("a1"), key)))
	require.True(t, table.Alive(n.server("a1"), key))
}

// forget returns the network with tables that remember nothing.
func (n *network) forget() *network {
	fresh := *n
	fresh.book = NewBook()
	return &fresh
}

func TestR3_27_MailboxDeliveryGroupBacksOff(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C 10", "version 2016", "hubs C: c1 c2")
	require.Equal(t, "C: c1 c2; B*: hB1", n.names(n.groups("hA1", "C")))
}

// D-9: equal cost, equally many hops.
func TestD9_EqualMemberSitesByTheirOwnNames(t *testing.T) {
	t.Parallel()
	// Same cost and hops; by the sites before the ends, P and Q, would prefer Y. The ends' own names decide.
	n := net(t, "A-Q 5, Q-X 5, A-P 5, P-Y 5", "connector C: * on hY1 hX1", "version 2013")
	require.Equal(t, "X: hX1; Y: hY1; Q*: hQ1", n.names(n.groups("hA1", "x@x.com")))
}

func TestD24_RecipientInAHubSiteSharesItsQueue(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "H(B)", "version 2013")
	table, from := n.book.Table(n.org, n.site("A")), n.server("hA1")
	require.Equal(t, table.Hop(from, n.dest("C"), 1), table.Hop(from, n.dest("B"), 1), "one key, so one copy")
}

func TestR4_1_BalancingComesAfterTheChoice(t *testing.T) {
	t.Parallel()
	// Two equal paths and a dead server: the path stays, only servers inside the hop take turns.
	n := net(t, "A-B 10, B-D 10, A-C 10, C-D 10", "hubs B: b1 b2", "H(B, C)")
	require.Equal(t, []string{"b1 b2", "b2 b1"}, n.lists("hA1", "D", 2))
	n.fail("down b1").expect("A→D", "path A-B-D, servers b1 b2, stops B D")
}

func TestR4_2_Rotation(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs B: 1 2 3")
	require.Equal(t, []string{"1 2 3", "2 3 1", "3 1 2", "1 2 3"}, n.lists("hA1", "B", 4))
}

func TestD11_OffsetIsThePlaceAmongTheHubsOfTheSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 a2 a3 a4", "edges A: e1 e2", "hubs B: 1 2 3")
	table := n.book.Table(n.org, n.site("A"))
	for name, want := range map[string]int{"a1": 0, "a2": 1, "a3": 2, "a4": 0, "e1": 0, "e2": 1, "mA": 0} {
		require.Equal(t, want, table.Offset(n.server(name), 3), name)
	}
	require.Zero(t, table.Offset(n.server("a2"), 0))
	o := n.org.With()
	o.Servers = slices.Clone(o.Servers)
	o.Servers[n.server("a3")].Roles = topology.RoleMailbox // declared before mA
	require.Equal(t, 1, n.book.Table(o, n.site("A")).Offset(n.server("mA"), 3))
	require.Equal(t, 2, n.book.Table(o, n.site("A")).Offset(n.server("a4"), 3))
	require.Equal(t, []string{"2 3 1"}, n.lists("a2", "B", 1))
}

func TestR4_4_OwnServerFirst(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 a2", "connector C: * on a1 a2")
	require.Equal(t, "outside: internet", n.names(n.groups("a2", "x@x.com")))
}

func TestR4_5_SpreadOverSourceServers(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "hubs A: a1 a2 a3 a4", "connector C: * on a2 a4")
	require.Equal(t, []string{"a2 a4", "a4 a2", "a2 a4"}, n.lists("a1", "x@x.com", 3))
	n.fail("down a2").expect("a1→x@x.com", "servers a2 a4, handled a1 a4, fate delivered")
	n.fail("down a4").expect("a1→x@x.com", "at a1, fate queued")
}

func TestR4_6_AnyHubOfTheConnectorsSite(t *testing.T) {
	t.Parallel()
	clauses := []string{"hubs B: b1 b2", "connector C: * on b2"}
	n := net(t, "A-B 10", append(clauses, "version 2010")...)
	n.expect("hA1→x@x.com", "handled hA1 b1 b2, fate delivered") // one relay more inside the site
	n = net(t, "A-B 10", append(clauses, "version 2013")...)
	n.expect("hA1→x@x.com", "handled hA1 b2, fate delivered")
}

func TestR4_11_ConnectionsGoToHubsSmartHostsOrEdges(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "edges A: eA1", "connector Edge: edge.com on eA1", "connector Hosts: hosts.com on hA1 to s1", "connector Dns: dns.com on hA1",
		"connector Fax: FAX:* on hA1 foreign")
	require.Equal(t, "B: hB1", n.names(n.groups("hA1", "B")))
	require.Equal(t, "A: eA1", n.names(n.groups("hA1", "x@edge.com")))
	require.Equal(t, "outside: s1", n.names(n.groups("hA1", "x@hosts.com")))
	require.Equal(t, "outside: internet", n.names(n.groups("hA1", "x@dns.com")))
	require.Equal(t, []Group{{Site: n.site("A"), Members: []Target{{TargetStore, int32(n.server("mA"))}}}}, n.groups("hA1", "A"))
}

// No hub ever has an Edge server of another site among its candidates, nor itself, nor a server twice.
func TestR4_12_HubToEdgeOnlyInItsOwnSite(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2007", "2010", "2013", "se"} {
		n := net(t, "A-B 10, B-C 10", "edges A: eA1 eA2", "edges C: eC1", "connector One: a.com on eA1 eA2", "connector Two: b.com on eC1 eA2", "version "+version)
		for i := range n.org.Servers {
			from := &n.org.Servers[i]
			if !from.Is(topology.RoleHub) {
				continue
			}
			for _, to := range []string{"x@a.com", "x@b.com", "A", "B", "C"} {
				seen := map[Target]bool{}
				for _, g := range n.groups(from.Name, to) {
					for _, m := range g.Members {
						require.False(t, seen[m], "%s→%s: %s twice", from.Name, to, n.targetName(m))
						seen[m] = true
						if m.Kind != TargetServer {
							continue
						}
						server := &n.org.Servers[m.ID]
						require.NotEqual(t, from.Name, server.Name)
						if server.Is(topology.RoleEdge) {
							require.Equal(t, from.Site, server.Site, "%s connects to %s", from.Name, server.Name)
						}
					}
				}
			}
		}
	}
}

func TestR6_3_OutThroughTheEdgesOfASite(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "X-M 10, M-S 10", "hubs S: s1 s2", "edges S: E1 E2", "connector Out: * on E1 E2", "version "+version)
		n.expect("hX1→x@x.com", "next S, handled hX1 s1 E1, fate delivered, to internet")
		require.Equal(t, []string{"E1 E2", "E2 E1"}, n.lists("s1", "x@x.com", 2))
		require.Equal(t, []string{"E2 E1"}, n.lists("s2", "x@x.com", 1))
		n.expect("E2→x@x.com", "type DnsConnectorDelivery, next x.com, handled E2")
	}
}

func TestR5_11_SmartHostsAndDNS(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "connector Hosts: *.hosts.com on hA1 to s1 s2 s3", "connector Dns: * on hA1")
	n.expect("hA1→x@a.hosts.com", "next s1,s2,s3, type SmartHostConnectorDelivery")
	table, from := n.book.Table(n.org, 0), n.server("hA1")
	key := func(who string) KeyID { return table.Hop(from, n.dest(who), 1).Key }
	require.Equal(t, key("x@a.hosts.com"), key("x@b.hosts.com"), "one queue for the connector")
	require.NotEqual(t, key("x@a.com"), key("x@b.com"), "one queue for each domain")
	require.Equal(t, []string{"s1 s2 s3", "s2 s3 s1"}, n.lists("hA1", "x@a.hosts.com", 2))
}

func TestR5_13_ForeignConnector(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "connector Fax: FAX:* on hB1 foreign")
	n.expect("hA1→FAX:123", "next B, handled hA1 hB1, fate delivered, to hB1")
	n.expect("hB1→FAX:123", "next FAX:*, type NonSmtpGatewayDelivery")
	require.Equal(t, []Group{{Site: n.site("B"), Members: []Target{{TargetGateway, int32(n.server("hB1"))}}}}, n.groups("hB1", "FAX:9"))
}

func TestD5_BackOffIsPartOfTheFirstAttempt(t *testing.T) {
	t.Parallel()
	// One attempt, without any retry, already ends in the site before the dead one.
	net(t, "chain A-B-C-D 10").fail("down D").expect("A→D", "servers hD1 hC1, handled hA1 hC1")
}

// beyond four hops too, the sites are tried one by one.
func TestX1_BackOffGoesHopByHop(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C-D-E-F-G-I 10")
	require.Equal(t, "I: hI1; G*: hG1; F*: hF1; E*: hE1; D*: hD1; C*: hC1; B*: hB1", n.names(n.groups("hA1", "I")))
}
