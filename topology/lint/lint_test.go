package lint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// plan is an organisation that a test writes down.
type plan struct {
	version    topology.Version
	sites      []topology.Site
	links      []topology.Link
	servers    []topology.Server
	connectors []topology.Connector
	dcs        []topology.DC
}

const (
	hub     = topology.RoleHub
	edge    = topology.RoleEdge
	mailbox = topology.RoleMailbox
)

// sites declares sites A, B, … of which the ones in capitals are hub sites.
func sites(letters string) []topology.Site {
	var out []topology.Site
	for _, r := range letters {
		s := string(r)
		out = append(out, topology.Site{Name: strings.ToUpper(s), HubSite: s == strings.ToUpper(s)})
	}
	return out
}

func link(name string, cost int64, sites ...topology.SiteID) topology.Link {
	return topology.Link{Name: name, Cost: cost, Sites: sites}
}

func server(name string, site topology.SiteID, roles topology.Roles) topology.Server {
	return topology.Server{Name: name, Site: site, Roles: roles, Version: topology.V2010}
}

func connector(name, space string, cost int64, sources ...topology.ServerID) topology.Connector {
	return topology.Connector{Name: name, DNS: true, Sources: sources, AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: space, Cost: cost}}}
}

// hubs gives the first n sites a hub each, h0, h1, ….
func hubs(n int) []topology.Server {
	var out []topology.Server
	for i := range n {
		out = append(out, server(fmt.Sprintf("h%d", i), topology.SiteID(i), hub))
	}
	return out
}

func (p plan) build(t *testing.T) *topology.Organisation {
	t.Helper()
	if p.version == 0 {
		p.version = topology.V2010
	}
	return p.with(t, p.version)
}

func (p plan) with(t *testing.T, v topology.Version) *topology.Organisation {
	t.Helper()
	b := topology.NewBuilder(v)
	for _, x := range p.sites {
		b.Site(x)
	}
	for _, x := range p.links {
		b.Link(x)
	}
	for _, x := range p.servers {
		b.Server(x)
	}
	for _, x := range p.connectors {
		b.Connector(x)
	}
	for _, x := range p.dcs {
		b.DC(x)
	}
	o, err := b.Build()
	require.NoError(t, err)
	return o
}

// lines writes findings one a line: code, object, text.
func lines(o *topology.Organisation, all []Finding) []string {
	var out []string
	for _, f := range all {
		name := ""
		switch f.Kind {
		case Site:
			name = o.Sites[f.Object].Name
		case Link:
			name = o.Links[f.Object].Name
		case Server:
			name = o.Servers[f.Object].Name
		case Connector:
			name = o.Connectors[f.Object].Name
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", f.Code, f.Kind, name, f.Text))
	}
	return out
}

// cases are plans with all that is to be said of each.
type cases []struct {
	name string
	plan plan
	want []string
}

func (c cases) run(t *testing.T, find func(*topology.Organisation) []Finding) {
	t.Helper()
	for _, x := range c {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			o := x.plan.build(t)
			require.Equal(t, x.want, lines(o, find(o)))
		})
	}
}

func TestL001_ParallelLinks(t *testing.T) {
	t.Parallel()
	cheaper := link("x", 99, 0, 1)
	cheaper.ExchangeCost = 10
	const twin = `the same sites at the same cost; the one with the lower name is used (D-2)`
	cases{
		{"one", plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1)}}, nil},
		{"two costs", plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1), link("x", 11, 0, 1)}}, nil},
		{"the same cost", plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1), link("x", 10, 1, 0)}},
			[]string{`L001 link x: link "ab" joins ` + twin}},
		{"the same Exchange cost", plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1), cheaper}},
			[]string{`L001 link x: link "ab" joins ` + twin}},
		{"below a cheaper one", plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1), link("x", 10, 1, 0), link("y", 5, 0, 1)}}, nil},
		{"a mesh over two pairs is told once", plan{sites: sites("abc"), links: []topology.Link{link("m", 10, 0, 1, 2), link("n", 10, 2, 1, 0)}},
			[]string{`L001 link n: link "m" joins ` + twin}},
	}.run(t, Warnings)
}

func TestL002_HubFlagWithoutHub(t *testing.T) {
	t.Parallel()
	later := server("h1", 1, hub)
	later.Absent = true
	ab := []topology.Link{link("ab", 10, 0, 1)}
	cases{
		{"with a hub", plan{sites: sites("aB"), links: ab, servers: hubs(2)}, nil},
		{"with one that comes later", plan{sites: sites("aB"), links: ab, servers: append(hubs(1), later)}, nil},
		{"without", plan{sites: sites("aB"), links: ab, servers: append(hubs(1), server("e", 1, edge))},
			[]string{`L002 site B: the site has no hub, so it is no hub site and mail does not stop there (D-3); give it a hub, or remove the flag`}},
	}.run(t, Warnings)
}

func TestL003_SourceServersInSeveralSites(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1)}, servers: append(hubs(2), server("h2", 0, hub))}
	one, two := p, p
	one.connectors = []topology.Connector{connector("c", "*", 1, 0, 2)}
	two.connectors = []topology.Connector{connector("c", "*", 1, 0, 2, 1)}
	cases{
		{"one site", one, nil},
		{"two sites", two, []string{`L003 connector c: its source servers are in the sites "A", "B", and mail from one place uses those of one site only (X-6, R-5.9); give each site a connector of its own`}},
	}.run(t, Warnings)
}

func TestL004_MailboxesInASiteWithoutHub(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1)}, servers: append(hubs(1), server("am", 0, mailbox), server("bm", 1, mailbox))}
	cases{
		{"b has none", p, []string{`L004 server bm: site "B" has no hub: mail of its mailboxes is neither sent nor delivered (R-2.11)`}},
		{"one machine is both", plan{sites: sites("a"), servers: []topology.Server{server("x", 0, hub|mailbox)}}, nil},
	}.run(t, Warnings)
}

func TestL005_SitesThatNoLinkJoins(t *testing.T) {
	t.Parallel()
	later := sites("abc")
	later[2].Absent = true
	ab := link("ab", 10, 0, 1)
	const alone = `: is in no link: no mail reaches it from another site (R-2.11)`
	cases{
		{"one site", plan{sites: sites("a")}, nil},
		{"two sites", plan{sites: sites("ab")}, []string{`L005 site A` + alone, `L005 site B` + alone}},
		{"a third", plan{sites: sites("abc"), links: []topology.Link{ab}}, []string{`L005 site C` + alone}},
		{"a third that comes later", plan{sites: later, links: []topology.Link{ab}}, nil},
		{"two parts", plan{sites: sites("abcde"), links: []topology.Link{ab, link("cde", 10, 2, 3, 4)}},
			[]string{`L005 site A: no chain of links joins the sites "A", "B" to the others: no mail goes between them (R-2.11)`}},
	}.run(t, Warnings)
}

func TestL006_NamesDecide(t *testing.T) {
	t.Parallel()
	// a-b-d and a-c-d are equal; b-c is joined.
	links := []topology.Link{link("ab", 10, 0, 1), link("bd", 10, 1, 3), link("ac", 10, 0, 2), link("cd", 10, 2, 3), link("bc", 10, 1, 2)}
	limited := append([]topology.Link{}, links...)
	limited[0].MaxMessageSize = 1 << 20
	cases{
		{"alike", plan{sites: sites("abcd"), links: links, servers: hubs(4)}, nil},
		{"hub sites", plan{sites: sites("abCd"), links: links, servers: hubs(4)},
			[]string{`L006 site A: paths to "D" are equal by cost and hops but differ in hub sites, and the names of sites decide (R-3.1 step 3), and so between 1 more pair of sites; give one path a lower cost`}},
		{"limits", plan{sites: sites("abcd"), links: limited, servers: hubs(4)},
			[]string{`L006 site A: paths to "D" are equal by cost and hops but differ in size limits, and the names of sites decide (R-3.1 step 3), and so between 1 more pair of sites; give one path a lower cost`}},
	}.run(t, Warnings)
}

func TestL007_EqualConnectors(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("a"), servers: append(hubs(1), server("h1", 0, hub), server("h2", 0, hub))}
	with := func(c ...topology.Connector) plan { q := p; q.connectors = c; return q }
	alpha, beta := connector("Alpha", "*", 1, 0), connector("Beta", "*", 1, 0)
	big, off, scoped := beta, beta, connector("Beta", "*", 1, 1)
	big.MaxMessageSize, alpha.MaxMessageSize, beta.MaxMessageSize, off.Disabled = 50<<20, 10<<20, 10<<20, true
	scoped.MaxMessageSize = 10 << 20
	said := []string{`L007 connector Beta: connector "Alpha" takes all mail for SMTP:*: equal connectors share nothing, the lower name decides (R-5.1 step 6); give one connector the servers of both, or another cost`}
	cases{
		{"equal", with(alpha, beta), said},
		{"order does not matter", with(beta, alpha), said},
		{"a remote hub of the site sees both alike", with(alpha, scoped), said},
		{"another cost", with(alpha, connector("Beta", "*", 2, 0)), nil},
		{"another space", with(alpha, connector("Beta", "*.com", 1, 0)), nil},
		{"the other takes larger messages", with(alpha, big), nil},
		{"one is disabled", with(alpha, off), nil},
		{"every hub has its own", plan{sites: sites("a"), servers: append(hubs(1), server("h1", 0, hub)), connectors: []topology.Connector{alpha, scoped}}, nil},
	}.run(t, Warnings)
	far := plan{sites: sites("ab"), links: []topology.Link{link("ab", 1, 0, 1)}, servers: append(hubs(2), server("h2", 0, hub))}
	own := connector("Beta", "*", 1, 2)
	own.MaxMessageSize = 10 << 20
	far.connectors = []topology.Connector{alpha, own}
	hidden := far
	hidden.connectors = []topology.Connector{alpha, own}
	hidden.connectors[1].Scoped = true
	cases{{"hidden from the other site", hidden, nil}}.run(t, Warnings)
	far.connectors = []topology.Connector{alpha, own}
	cases{{"another site sees both alike", far, said}}.run(t, Warnings)
}

func TestL008_LimitsOfLinksIn2007RTM(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("ab"), links: []topology.Link{link("ab", 10, 0, 1)}}
	p.links[0].MaxMessageSize = 1 << 20
	o := p.with(t, topology.V2007RTM)
	require.Equal(t, []string{`L008 link ab: 2007rtm has no size limit on links; it is ignored (R-3.24)`}, lines(o, Warnings(o)))
	require.Empty(t, Warnings(p.with(t, topology.V2007)))
}

func TestL009_NoDomainController(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("abcde"), links: []topology.Link{link("ab", 10, 0, 1), link("cde", 10, 2, 3, 4)}, servers: hubs(4)}
	ideal, both, one := p, p, p
	p.dcs = []topology.DC{{Name: "ad1", Site: 0}}
	both.dcs = []topology.DC{{Name: "ad1", Site: 0}, {Name: "ed1", Site: 4}}
	one.servers, one.dcs = hubs(3), p.dcs
	l005 := `L005 site A: no chain of links joins the sites "A", "B" to the others: no mail goes between them (R-2.11)`
	cases{
		{"two hubs without one", p, []string{l005,
			`L009 site C: no domain controller can be reached from the sites "C", "D": mail between them goes as with an ideal directory (F4); give one of them a [[dc]]`}},
		{"an ideal directory", ideal, []string{l005}},
		{"a site without a hub has one", both, []string{l005}},
		{"one hub", one, []string{l005}},
	}.run(t, Warnings)
}

func TestL101_OneEdge(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("abc"), links: []topology.Link{link("ab", 1, 0, 1), link("bc", 5, 1, 2)},
		servers: append(hubs(3), server("ea", 0, edge), server("ec", 2, edge), server("ec2", 2, edge))}
	two, disabled := p, p
	p.connectors = []topology.Connector{connector("A out", "*", 100, 3), connector("C out", "*", 100, 4, 5)}
	two.connectors = []topology.Connector{connector("C out", "*", 100, 4, 5)}
	disabled.connectors = []topology.Connector{connector("A out", "*", 100, 3), connector("C out", "*", 100, 4, 5)}
	disabled.connectors[0].Disabled = true
	cases{
		{"A and B go out at A, C has two", p, []string{`L101 server ea: no other edge takes the internet mail of "A", "B": while this one is down it waits in site "A", and no other site takes over (R-6.7)`}},
		{"two everywhere", two, nil},
		{"nobody uses it", disabled, nil},
	}.run(t, Risks)
}

func TestL102_OneHub(t *testing.T) {
	t.Parallel()
	absent := server("h2", 0, hub)
	absent.Absent = true
	ab := []topology.Link{link("ab", 1, 0, 1)}
	one := []string{`L102 site A: has mailboxes and one hub, "h0": while that is down they neither send nor receive (D-4, R-3.15)`}
	cases{
		{"one", plan{sites: sites("ab"), links: ab, servers: append(hubs(2), server("am", 0, mailbox))}, one},
		{"two", plan{sites: sites("ab"), links: ab, servers: append(hubs(2), server("am", 0, mailbox), server("h2", 0, hub))}, nil},
		{"the second comes later", plan{sites: sites("ab"), links: ab, servers: append(hubs(2), server("am", 0, mailbox), absent)}, one},
		{"both sites", plan{sites: sites("ab"), links: ab, servers: append(hubs(2), server("am", 0, mailbox), server("bm", 1, mailbox))},
			[]string{`L102 site A: 2 sites have mailboxes and one hub each: "A", "B"; while it is down its mailboxes neither send nor receive (D-4, R-3.15)`}},
	}.run(t, Risks)
}

func TestL103_OneHubSite(t *testing.T) {
	t.Parallel()
	chain := []topology.Link{link("ab", 1, 0, 1), link("bc", 1, 1, 2)}
	cases{
		{"between two", plan{sites: sites("aBc"), links: chain, servers: hubs(3)},
			[]string{`L103 site B: mail on 2 ways from site to site must stop at this hub site: while its one hub, "h1", is down it waits, and no other path is tried (R-3.13)`}},
		{"with two hubs", plan{sites: sites("aBc"), links: chain, servers: append(hubs(3), server("h3", 1, hub))},
			[]string{`L103 site B: mail on 2 ways from site to site must stop at this hub site: while none of its 2 hubs answers it waits, and no other path is tried (R-3.13)`}},
		{"at an end", plan{sites: sites("Abc"), links: chain, servers: hubs(3)}, nil},
		{"off the paths", plan{sites: sites("aBc"), links: append(chain, link("ac", 1, 0, 2)), servers: hubs(3)}, nil},
	}.run(t, Risks)
}

func TestL104_OneSourceServer(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("a"), servers: append(hubs(1), server("h1", 0, hub), server("e", 0, edge))}
	with := func(c ...topology.Connector) plan { q := p; q.connectors = c; return q }
	fax := connector("fax", "*", 1, 0)
	fax.AddressSpaces[0].Type = "FAX"
	off := connector("other", "*", 1, 1)
	off.Disabled = true
	said := func(connector, server, space string) []string {
		return []string{fmt.Sprintf(`L104 connector %s: "%s" is its only source server, and no connector of another server takes %s: while that server is down such mail waits (R-4.5)`, connector, server, space)}
	}
	cases{
		{"one", with(connector("out", "*", 1, 0)), said("out", "h0", "SMTP:*")},
		{"two sources", with(connector("out", "*", 1, 0, 1)), nil},
		{"two connectors", with(connector("out", "*", 1, 0), connector("other", "*", 2, 1)), nil},
		{"the other is disabled", with(connector("out", "*", 1, 0), off), said("out", "h0", "SMTP:*")},
		{"the other takes part of it", with(connector("out", "*", 1, 0), connector("part", "*.com", 2, 0, 1)), said("out", "h0", "SMTP:*")},
		{"the other takes more", with(connector("part", "*.b.com", 1, 0), connector("more", "*.com", 2, 0, 1)), nil},
		{"another of the same server", with(connector("out", "*", 1, 0), connector("other", "*", 2, 0)),
			append(said("out", "h0", "SMTP:*"), said("other", "h0", "SMTP:*")...)},
		{"another type", with(fax, connector("other", "*", 2, 0, 1)), said("fax", "h0", "FAX:*")},
	}.run(t, Risks)
	o := with(connector("out", "*", 1, 2)).build(t)
	found := Risks(o)
	require.Len(t, found, 1, "one edge is told once")
	require.Equal(t, OneEdge, found[0].Code)
}

func TestNamesOfManySitesAreCutShort(t *testing.T) {
	t.Parallel()
	p := plan{sites: sites("abcdefghij")}
	o := p.build(t)
	require.Equal(t, `"A", "B", "C", "D", "E", "F", "G", "H" and 2 more`, names(o, []topology.SiteID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
}
