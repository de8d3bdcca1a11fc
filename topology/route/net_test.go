package route

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// A network is written as the rule book's golden cases are:
//
//	net(t, "A-B 5, B-D 10 x=100, B-C 5 max 10MB, C-D 5", "H(B)", "no hubs: C", "hubs D: hD1 hD2", "version 2013",
//		"connector Local: *;10 contoso.com on hA1 hA2 max 5MB scoped")
//
// The first line holds the links: "A-B 5", "chain A-B-C 10", "L2: A-B 50" with a name, "core {A,B,C} 20" for a mesh, a bare "E" for
// a site in no link. Unless said otherwise each site X has one hub hX1, and a mailbox server mX (from 2013 on the hub itself).
type network struct {
	t    testing.TB
	org  *topology.Organisation
	book *Book
	down map[string]bool // servers and remotes that do not answer
	cut  map[string]bool // pairs of sites "A|B", both ways
}

func net(t testing.TB, links string, clauses ...string) *network {
	t.Helper()
	p := parser{t: t, version: topology.V2010, hubs: map[string][]string{}, edges: map[string][]string{}, flags: map[string]bool{}}
	for _, item := range splitOutside(links) {
		p.link(item)
	}
	for _, c := range clauses {
		p.clause(c)
	}
	return &network{t: t, org: p.build(), book: NewBook(), down: map[string]bool{}, cut: map[string]bool{}}
}

type parser struct {
	t          testing.TB
	version    topology.Version
	sites      []string
	links      []topology.Link
	hubs       map[string][]string // "-" = none
	edges      map[string][]string
	flags      map[string]bool
	connectors []string
	extra      extras
}

// splitOutside splits at commas outside braces.
func splitOutside(s string) []string {
	depth := 0
	return strings.FieldsFunc(s, func(r rune) bool {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		return r == ',' && depth == 0
	})
}

func (p *parser) site(name string) topology.SiteID {
	name = strings.TrimSpace(name)
	i := slices.Index(p.sites, name)
	if i < 0 {
		i = len(p.sites)
		p.sites = append(p.sites, name)
	}
	return topology.SiteID(i)
}

func (p *parser) link(item string) {
	item = strings.TrimSpace(item)
	var l topology.Link
	if name, rest, ok := strings.Cut(item, ": "); ok {
		l.Name, item = name, rest
	}
	if head, limit, ok := strings.Cut(item, " max "); ok {
		item, l.MaxMessageSize = head, bytes(p.t, limit)
	}
	if head, cost, ok := strings.Cut(item, " x="); ok {
		item, l.ExchangeCost = head, number(p.t, cost)
	}
	space := strings.LastIndexByte(item, ' ')
	if space < 0 {
		p.site(item)
		return
	}
	ends := item[:space]
	l.Cost = number(p.t, item[space+1:])
	switch chain, isChain := strings.CutPrefix(ends, "chain "); {
	case isChain:
		names := strings.Split(chain, "-")
		for i := 1; i < len(names); i++ {
			l.Name = names[i-1] + "-" + names[i]
			l.Sites = []topology.SiteID{p.site(names[i-1]), p.site(names[i])}
			p.links = append(p.links, l)
		}
		return
	case strings.Contains(ends, "{"):
		name, members, _ := strings.Cut(strings.TrimSuffix(ends, "}"), "{")
		l.Name = strings.TrimSpace(name)
		for _, m := range strings.Split(members, ",") {
			l.Sites = append(l.Sites, p.site(m))
		}
	default:
		a, b, ok := strings.Cut(ends, "-")
		require.True(p.t, ok, "link %q", item)
		l.Sites = []topology.SiteID{p.site(a), p.site(b)}
		if l.Name == "" {
			l.Name = ends
		}
	}
	p.links = append(p.links, l)
}

func (p *parser) clause(c string) {
	word, rest, _ := strings.Cut(c, " ")
	head, tail, _ := strings.Cut(rest, ": ")
	switch {
	case strings.HasPrefix(c, "H("):
		for _, s := range strings.Split(strings.TrimSuffix(c[2:], ")"), ",") {
			p.flags[strings.TrimSpace(s)] = true
		}
	case word == "no":
		p.hubs[tail] = []string{"-"}
	case word == "hubs":
		p.hubs[head] = strings.Fields(tail)
	case word == "edges":
		p.edges[head] = strings.Fields(tail)
	case word == "version":
		v, err := topology.ParseVersion(rest)
		require.NoError(p.t, err)
		p.version = v
	case word == "connector":
		p.connectors = append(p.connectors, rest)
	default:
		p.extra.clause(p.t, c)
	}
}

func (p *parser) build() *topology.Organisation {
	b := topology.NewBuilder(p.version)
	servers := map[string]topology.ServerID{}
	server := func(name string, site topology.SiteID, roles topology.Roles) {
		servers[name] = b.Server(p.extra.server(topology.Server{Name: name, Site: site, Roles: roles, Version: p.version}))
	}
	for _, s := range p.sites {
		b.Site(topology.Site{Name: s, HubSite: p.flags[s]})
	}
	for _, l := range p.links {
		b.Link(l)
	}
	for i, s := range p.sites {
		hubs := p.hubs[s]
		if hubs == nil {
			hubs = []string{"h" + s + "1"}
		}
		roles := topology.RoleHub
		if p.version.New() {
			roles |= topology.RoleMailbox
		}
		for _, h := range hubs {
			if h != "-" {
				server(h, topology.SiteID(i), roles)
			}
		}
		for _, e := range p.edges[s] {
			server(e, topology.SiteID(i), topology.RoleEdge)
		}
		if hubs[0] == "-" || !p.version.New() {
			server("m"+s, topology.SiteID(i), topology.RoleMailbox)
		}
	}
	remotes := map[string]topology.RemoteID{"internet": b.Remote(topology.Remote{Name: "internet"})}
	for _, c := range p.connectors {
		b.Connector(p.connector(c, b, servers, remotes))
	}
	p.extra.add(p.t, b, servers, remotes)
	org, err := b.Build()
	require.NoError(p.t, err)
	p.extra.finish(p.t, org)
	return org
}

// connector reads "Name: space;cost … on server … [max 5MB] [to smarthost …] [scoped] [disabled] [foreign]".
func (p *parser) connector(text string, b *topology.Builder, servers map[string]topology.ServerID, remotes map[string]topology.RemoteID) topology.Connector {
	name, rest, _ := strings.Cut(text, ": ")
	c := topology.Connector{Name: name}
	mode := "space"
	for _, w := range strings.Fields(rest) {
		switch {
		case w == "on", w == "max", w == "to":
			mode = w
		case w == "scoped":
			c.Scoped = true
		case w == "disabled":
			c.Disabled = true
		case w == "foreign":
			c.Kind = topology.ForeignConnector
		case mode == "space":
			space, cost, ok := strings.Cut(w, ";")
			a := topology.AddressSpace{Type: "SMTP", Space: space, Cost: 1}
			if kind, s, typed := strings.Cut(space, ":"); typed {
				a.Type, a.Space = kind, s
			}
			if ok {
				a.Cost = number(p.t, cost)
			}
			c.AddressSpaces = append(c.AddressSpaces, a)
		case mode == "on":
			id, ok := servers[w]
			require.True(p.t, ok, "connector %q: no server %q", name, w)
			c.Sources = append(c.Sources, id)
		case mode == "max":
			c.MaxMessageSize = bytes(p.t, w)
		case mode == "to":
			if _, ok := remotes[w]; !ok {
				remotes[w] = b.Remote(topology.Remote{Name: w})
			}
			c.SmartHosts = append(c.SmartHosts, remotes[w])
		}
	}
	return c
}

func number(t testing.TB, s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	require.NoError(t, err)
	return n
}

func bytes(t testing.TB, s string) int64 { return number(t, strings.TrimSuffix(s, "MB")) << 20 }

// site finds a site by name.
func (n *network) site(name string) topology.SiteID {
	id, ok := n.org.SiteByName(name)
	require.True(n.t, ok, "no site %q", name)
	return id
}

// server finds a server by name.
func (n *network) server(name string) topology.ServerID {
	id, ok := n.org.ServerByName(name)
	require.True(n.t, ok, "no server %q", name)
	return id
}

// fail sets what is broken: "down hE1 D" (a site's name stands for all its servers), "cut A|E".
func (n *network) fail(faults ...string) *network {
	for _, f := range faults {
		word, rest, _ := strings.Cut(f, " ")
		switch word {
		case "down":
			for _, w := range strings.Fields(rest) {
				n.down[w] = true
			}
		case "cut":
			a, b, _ := strings.Cut(rest, "|")
			n.cut[a+"|"+b], n.cut[b+"|"+a] = true, true
		default:
			n.t.Fatalf("fault %q", f)
		}
	}
	return n
}

func (n *network) reach(from topology.ServerID, to Target) Contact {
	if !n.reaches(from, to) {
		return Contact{Result: NoAnswer}
	}
	return Contact{}
}

func (n *network) reaches(from topology.ServerID, to Target) bool {
	if to.Kind == TargetRemote {
		return !n.down[n.org.Remotes[to.ID].Name]
	}
	a, b := n.org.Servers[from], n.org.Servers[to.ID]
	sa, sb := n.org.Sites[a.Site].Name, n.org.Sites[b.Site].Name
	return !n.down[b.Name] && !n.down[sb] && !n.cut[sa+"|"+sb]
}

// dest reads a recipient: a site's mailbox server, a server, "user@domain" or "TYPE:address".
func (n *network) dest(who string) DestID {
	if _, domain, ok := strings.Cut(who, "@"); ok {
		return n.book.Dest(Destination{Kind: External, Domain: domain})
	}
	for i := range n.org.Groups {
		if n.org.Groups[i].Name == who {
			return n.book.Dest(Destination{Kind: DistributionList, Group: topology.GroupID(i)})
		}
	}
	if kind, address, ok := strings.Cut(who, ":"); ok {
		return n.book.Dest(Destination{Kind: External, Type: kind, Domain: address})
	}
	if id, ok := n.org.ServerByName("m" + who); ok {
		return n.book.Dest(Destination{Kind: Mailbox, Server: id})
	}
	if s, ok := n.org.SiteByName(who); ok {
		return n.book.Dest(Destination{Kind: Mailbox, Server: n.org.Hubs(s)[0]})
	}
	return n.book.Dest(Destination{Kind: Mailbox, Server: n.server(who)})
}

// follow sends a message: "A→D" from a site's first hub, "hA2→x@x.com 8MB" from a server and with a size.
func (n *network) follow(ask string) Way {
	n.t.Helper()
	ask, sizeText, sized := cutSize(ask)
	from, to, ok := strings.Cut(ask, "→")
	require.True(n.t, ok, "ask %q", ask)
	q := Query{Server: topology.None, Dest: n.dest(to), Size: 10 << 10, Reach: n.reach}
	if sized {
		q.Size = number(n.t, sizeText)
	}
	if s, ok := n.org.SiteByName(from); ok {
		q.Site = s
	} else {
		q.Server = n.server(from)
	}
	return Follow(n.book, n.org, q)
}

// cutSize takes " 8MB" or " 8388609B" off the end.
func cutSize(ask string) (head, size string, ok bool) {
	i := strings.LastIndexByte(ask, ' ')
	switch {
	case i < 0:
	case strings.HasSuffix(ask, "MB"):
		n, _ := strconv.Atoi(ask[i+1 : len(ask)-2])
		return ask[:i], strconv.Itoa(n << 20), true
	case strings.HasSuffix(ask, "B"):
		if _, err := strconv.Atoi(ask[i+1 : len(ask)-1]); err == nil {
			return ask[:i], ask[i+1 : len(ask)-1], true
		}
	}
	return ask, "", false
}

// expect sends a message and compares what becomes of it with "path A-B-D, cost 15, hops 2, stops B D, rests C, tried E D,
// servers hE1 hE2, fate queued, next B, type SmtpRelayToRemoteAdSite, connector Local, total 6, code 5.3.4, to s1".
func (n *network) expect(ask, want string) {
	n.t.Helper()
	way := n.follow(ask)
	got := n.describe(&way)
	for _, item := range strings.Split(want, ", ") {
		key, value, _ := strings.Cut(item, " ")
		require.Contains(n.t, got, key, "expectation %q", item)
		require.Equal(n.t, value, got[key], "%s: %s\n%s", ask, key, reasons(&way))
	}
}

func (n *network) describe(w *Way) map[string]string {
	got := map[string]string{
		"path": n.siteNames(w.Path, "-"), "cost": fmt.Sprint(w.Cost), "hops": fmt.Sprint(len(w.Path) - 1),
		"stops": n.siteNames(w.Stops, " "), "fate": w.Fate.String(), "next": w.NextHop, "type": w.DeliveryType,
		"total": fmt.Sprint(w.TotalCost), "code": w.Code, "rests": "", "at": "", "connector": "", "tried": "", "to": "",
	}
	if w.RestsAt != topology.None {
		got["rests"] = n.org.Sites[n.org.Servers[w.RestsAt].Site].Name
		got["at"] = n.org.Servers[w.RestsAt].Name
	}
	if w.Connector != topology.None {
		got["connector"] = n.org.Connectors[w.Connector].Name
	}
	var sites, servers, handled []string
	for _, c := range w.Candidates {
		servers = append(servers, n.targetName(c))
		if c.Kind == TargetServer {
			sites = append(sites, n.org.Sites[n.org.Servers[c.ID].Site].Name)
		}
	}
	for _, s := range w.Servers {
		handled = append(handled, n.org.Servers[s].Name)
	}
	got["tried"] = strings.Join(slices.Compact(sites), " ")
	got["servers"] = strings.Join(servers, " ")
	got["handled"] = strings.Join(handled, " ")
	if w.Fate == Delivered {
		got["to"] = n.targetName(w.To)
	}
	return got
}

func (n *network) targetName(t Target) string {
	if t.Kind == TargetRemote {
		return n.org.Remotes[t.ID].Name
	}
	return n.org.Servers[t.ID].Name
}

func (n *network) siteNames(ids []topology.SiteID, sep string) string {
	var names []string
	for _, s := range ids {
		names = append(names, n.org.Sites[s].Name)
	}
	return strings.Join(names, sep)
}
