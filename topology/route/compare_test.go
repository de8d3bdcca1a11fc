package route

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// rebuilt declares an organisation anew, with sites and links in reverse order and all names in other case. Servers keep their order, which is that
// of their rotation and of source lists.
func rebuilt(t require.TestingT, o *topology.Organisation) *topology.Organisation {
	other := func(name string) string {
		if upper := strings.ToUpper(name); upper != name {
			return upper
		}
		return strings.ToLower(name)
	}
	site := func(id topology.SiteID) topology.SiteID { return topology.SiteID(len(o.Sites)-1) - id }
	b := topology.NewBuilder(o.Version)
	for _, s := range slices.Backward(o.Sites) {
		s.Name = other(s.Name)
		b.Site(s)
	}
	for _, l := range slices.Backward(o.Links) {
		l.Name, l.Sites = other(l.Name), slices.Clone(l.Sites)
		for i := range l.Sites {
			l.Sites[i] = site(l.Sites[i])
		}
		b.Link(l)
	}
	for _, s := range o.Servers {
		s.Name, s.Site = other(s.Name), site(s.Site)
		b.Server(s)
	}
	for _, c := range slices.Backward(o.Connectors) {
		c.Name = other(c.Name)
		b.Connector(c)
	}
	for _, r := range o.Remotes {
		b.Remote(r)
	}
	for _, d := range o.DAGs {
		b.DAG(d)
	}
	for _, g := range o.Groups {
		b.Group(g)
	}
	n, err := b.Build()
	require.NoError(t, err)
	return n
}

// drawPair draws two organisations: the second is the first after some changes, declared in another order.
func drawPair(t *rapid.T) (a, b *topology.Organisation) {
	a = drawWhole(t)
	plain := *a
	plain.RoutingGroups, plain.RGCs = nil, nil // scenarios have none, and Compare leaves them out
	a = &plain
	var changes []topology.Change
	change := func(kind topology.ChangeKind, n int, value *rapid.Generator[int64]) {
		if n > 0 && rapid.Bool().Draw(t, "change") {
			changes = append(changes, topology.Change{Kind: kind, Object: int32(rapid.IntRange(0, n-1).Draw(t, "object")), Value: value.Draw(t, "value")})
		}
	}
	flag := rapid.Int64Range(0, 1)
	change(topology.LinkCost, len(a.Links), rapid.Int64Range(1, 4))
	change(topology.LinkExchangeCost, len(a.Links), rapid.Int64Range(0, 4))
	change(topology.HubSite, len(a.Sites), flag)
	change(topology.ConnectorEnabled, len(a.Connectors), flag)
	change(topology.ConnectorCost, len(a.Connectors), rapid.Int64Range(1, 9))
	change(topology.ServerPresent, len(a.Servers), flag)
	return a, rebuilt(t, a.With(changes...))
}

// told writes what Follow says of a message's first server, with names in upper case.
func told(o *topology.Organisation, server topology.ServerID, d Destination, size int64) string {
	b := NewBook()
	w := Follow(b, o, Query{Server: server, Dest: b.Dest(d), Size: size})
	end := "queued"
	if w.NextHop == "" { // it comes to rest at once
		end = fmt.Sprint(w.Fate, w.Code)
	}
	connector := ""
	if w.Connector != topology.None {
		connector = o.Connectors[w.Connector].Name
	}
	var path []string
	for _, s := range w.Path {
		path = append(path, o.Sites[s].Name)
	}
	kind := strings.ReplaceAll(w.DeliveryType, "RemoteActiveDirectorySite", "RemoteAdSite")
	return strings.ToUpper(fmt.Sprint(end, "|", path, "|", w.Cost, "|", w.TotalCost, "|", w.NextHop, "|", kind, "|", connector))
}

// Brute force over all senders and recipients that two organisations have in common, by the whole trace, names the pairs that Compare
// names, and no other.
func TestCompareNamesThePairsThatDiffer(t *testing.T) {
	t.Parallel()
	spaces := map[string]string{"SMTP:*": "y.org", "SMTP:*.com": "z.com", "SMTP:x.com": "x.com"} // an address for each space
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPair(t)
		size := rapid.SampledFrom([]int64{1000, 4 << 20}).Draw(t, "size")
		d := Compare(a, b, size)

		named := map[string]string{}
		for _, c := range d.Changes {
			require.NotEqual(t, spelled(&c.Before), spelled(&c.After))
			if c.Senders == nil {
				continue
			}
			for _, s := range c.Senders {
				to := c.Recipients
				if c.Space {
					to = []string{c.To}
				}
				for _, r := range to {
					pair := s + " to " + r
					require.NotContains(t, named, pair, "named twice")
					named[pair] = ""
				}
			}
		}
		want := map[string]string{}
		looked := []string{"SMTP:*"}
		for _, c := range a.Connectors {
			looked = append(looked, "SMTP:"+c.AddressSpaces[0].Space)
		}
		for i := range a.Servers {
			from := topology.ServerID(i)
			if !a.Servers[i].Transport() || a.Servers[i].Absent || b.Servers[i].Absent {
				continue
			}
			differs := func(to string, d Destination) {
				if told(a, from, d, size) != told(b, from, d, size) {
					want[a.Servers[i].Name+" to "+to] = ""
				}
			}
			for j := range a.Servers {
				if a.Servers[j].Is(topology.RoleMailbox) && !a.Servers[j].Absent && !b.Servers[j].Absent {
					differs(a.Servers[j].Name, Destination{Kind: Mailbox, Server: topology.ServerID(j)})
				}
			}
			for _, space := range looked {
				differs(space, Destination{Kind: External, Domain: spaces[space]})
			}
		}
		for pair := range named { // those of a site without a common server are judged by tables below
			from, to, _ := strings.Cut(pair, " to ")
			if gone(a, b, from) || gone(a, b, to) {
				delete(named, pair)
			}
		}
		require.Equal(t, want, named)
	})
}

// gone tells whether a name is that of a server that one organisation lacks, or of two that stand for each other.
func gone(a, b *topology.Organisation, name string) bool {
	if strings.HasPrefix(name, "SMTP:") {
		return false
	}
	i, ok := a.ServerByName(name)
	j, _ := b.ServerByName(name)
	return !ok || a.Servers[i].Absent || b.Servers[j].Absent
}

// spelled writes a route, with names in upper case.
func spelled(r *Route) string {
	return strings.ToUpper(fmt.Sprint(r.Outcome, r.Path, r.Cost, r.TotalCost, r.NextHop, r.kind, r.Connector))
}

// An organisation does not differ from itself, declared in another order and in other letters.
func TestCompareFindsNothingWhereNothingDiffers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := drawWhole(t)
		same := Compare(a, a, 1000)
		require.True(t, same.None(), "%+v", same)
		plain := *a
		plain.RoutingGroups, plain.RGCs = nil, nil
		other := Compare(&plain, rebuilt(t, &plain), 1000)
		require.True(t, other.None(), "%+v", other)
	})
}

// Each line is an organisation before and after, in the notation of the golden cases, and what is told of it.
func TestCompareTells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []string // links, then clauses
		want          []string
	}{
		"another cost, another way": {
			[]string{"A-B 5, B-C 5, A-C 20"}, []string{"A-B 5, B-C 50, A-C 20"},
			[]string{
				"A to C, hA1 to mC: queued A B C 10/10 C - => queued A C 20/20 C - because R-3.1, R-3.1 step 1 => R-3.1, R-3.1 step 1",
				"B to C, hB1 to mC: queued B C 5/5 C - => queued B A C 25/25 C - because R-3.1, R-3.1 step 1 => R-3.1, R-3.1 step 1",
				"C to A, hC1 to mA: queued C B A 10/10 A - => queued C A 20/20 A - because R-3.1, R-3.1 step 1 => R-3.1",
				"C to B, hC1 to mB: queued C B 5/5 B - => queued C A B 25/25 B - because R-3.1 => R-3.1, R-3.1 step 1",
			},
		},
		"a hub site": {
			[]string{"chain A-B-C 5"}, []string{"chain A-B-C 5", "H(B)"},
			[]string{
				"A to C, hA1 to mC: queued A B C 10/10 C - => queued A B C 10/10 B - because R-3.8 => R-3.10",
				"C to A, hC1 to mA: queued C B A 10/10 A - => queued C B A 10/10 B - because R-3.8 => R-3.10",
			},
		},
		"a link limit": {
			[]string{"A-B 5"}, []string{"A-B 5 max 1MB"},
			[]string{
				"A to B, hA1 to mB: queued A B 5/5 B - => ndr 5.3.4 A B 5/5  - because R-3.8 => R-3.24",
				"B to A, hB1 to mA: queued B A 5/5 A - => ndr 5.3.4 B A 5/5  - because R-3.8 => R-3.24",
			},
		},
		"sites that come and go": {
			[]string{"A-B 5, X"}, []string{"A-B 5, Y"},
			[]string{"site X: X => ", "site Y:  => Y", "server hX1: X => ", "server mX: X => ", "server hY1:  => Y", "server mY:  => Y"},
		},
		"a hub by another name": { // hB1 before, new after: they stand for each other and decide alike
			[]string{"A-B 5"}, []string{"A-B 5", "hubs B: new"},
			[]string{"server hB1: B => ", "server new:  => B"},
		},
		"a site that loses its hub": {
			[]string{"A-B 5"}, []string{"A-B 5", "no hubs: B"},
			[]string{
				"server hB1: B => ",
				"A to B, hA1 to mB: queued A B 5/5 B - => unreachable A B 5/5  - because R-3.1, R-3.8 => R-2.11",
				"B to A, hB1 to mA: queued B A 5/5 A - => no server  0/0  - because R-3.1, R-3.8 => R-2.11",
				"B to B, hB1 to mB: queued B 0/0 mB - => no server  0/0  - because R-3.26 => R-2.11",
				"B to SMTP:*, hB1: unreachable  0/0  - => no server  0/0  - because R-5.8 => R-2.11",
			},
		},
		"two senders that did not decide alike": {
			[]string{"A", "hubs A: h1 h2", "connector out: *;1 on h1"}, []string{"A", "hubs A: h1 h2"},
			[]string{
				"connector out: out => ",
				"A to SMTP:*, h1: queued A 0/1 any-domain.example out => unreachable  0/0  - because R-5.1, R-4.4 => R-5.8",
				"A to SMTP:*, h2: queued A 0/1 h1 out => unreachable  0/0  - because R-5.1, R-4.5 => R-5.8",
			},
		},
		"another connector": {
			[]string{"A-B 5", "connector old: *;1 on hA1", "connector part: *.x.com;1 any.x.com;1 on hA1"},
			[]string{"A-B 5", "connector new: *;1 on hB1", "connector part: *.x.com;3 any.x.com;1 on hA1"},
			[]string{
				"connector old: old => ", "connector new:  => new",
				"A to SMTP:*, hA1: queued A 0/1 any-domain.example old => queued A B 5/6 B new because R-5.1, R-4.4 => R-5.1, R-3.1, R-3.8",
				"A to SMTP:*.x.com, hA1: queued A 0/1 any1.x.com part => queued A 0/3 any1.x.com part because R-5.1, R-5.3 => R-5.1, R-5.3",
				"B to SMTP:*, hB1: queued B A 5/6 A old => queued B 0/1 any-domain.example new because R-5.1, R-3.1, R-3.8 => R-5.1, R-4.4",
				"B to SMTP:*.x.com, hB1: queued B A 5/6 A part => queued B A 5/8 A part because R-5.1, R-5.3 => R-5.1, R-5.3",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := net(t, c.before[0], c.before[1:]...).org, net(t, c.after[0], c.after[1:]...).org
			d := Compare(a, b, 2<<20)
			require.Equal(t, c.want, lines(&d))
			require.False(t, d.None())
		})
	}
}

// lines writes what Compare found.
func lines(d *Differences) []string {
	var out []string
	for i, list := range [][]Lone{d.Sites, d.Servers, d.Connectors} {
		for _, l := range list {
			out = append(out, fmt.Sprintf("%s %s: %s => %s", []string{"site", "server", "connector"}[i], l.Name, l.Before, l.After))
		}
	}
	write := func(r *Route) string {
		connector := r.Connector
		if connector == "" {
			connector = "-"
		}
		return fmt.Sprintf("%s %s %d/%d %s %s", r.Outcome, strings.Join(r.Path, " "), r.Cost, r.TotalCost, r.NextHop, connector)
	}
	why := func(r *Route) string {
		var rules []string
		for _, x := range r.Reasons {
			rules = append(rules, x.Rule)
		}
		return strings.Join(rules, ", ")
	}
	for _, c := range d.Changes {
		who := strings.Join(c.Senders, " ")
		if len(c.Recipients) > 0 {
			who += " to " + strings.Join(c.Recipients, " ")
		}
		out = append(out, fmt.Sprintf("%s to %s, %s: %s => %s because %s => %s", c.From, c.To, who, write(&c.Before), write(&c.After), why(&c.Before), why(&c.After)))
	}
	return out
}

// A site without mailboxes is told by its path, a server in another site as moved, databases and the senders of one site together.
func TestCompareStandIns(t *testing.T) {
	t.Parallel()
	build := func(cost int64, at topology.SiteID, databases ...string) *topology.Organisation {
		b := topology.NewBuilder(topology.V2010)
		a, c := b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "C"})
		b.Link(topology.Link{Name: "L", Sites: []topology.SiteID{a, c}, Cost: cost})
		hub := topology.Server{Site: a, Roles: topology.RoleHub, Version: topology.V2010}
		for _, hub.Name = range []string{"h1", "h2"} {
			b.Server(hub)
		}
		hub.Name, hub.Site = "h3", at
		b.Server(hub)
		b.Server(topology.Server{Name: "m", Site: a, Roles: topology.RoleMailbox, Version: topology.V2010, Databases: databases})
		o, err := b.Build()
		require.NoError(t, err)
		return o
	}
	d := Compare(build(1, 1, "x", "y"), build(2, 1, "Y", "X"), 1)
	require.Equal(t, []string{
		"A to C, :  A C 1/1  - =>  A C 2/2  - because R-3.1 => R-3.1",
		"C to A, h3 to m/x m/y: queued C A 1/1 A - => queued C A 2/2 A - because R-3.1 => R-3.1",
	}, lines(&d))
	d = Compare(build(1, 1), build(1, 0), 1)
	require.Equal(t, []Lone{{"h3", "C", "A"}}, d.Servers)
	require.Equal(t, []string{"h3"}, d.Changes[len(d.Changes)-1].Senders)
	require.Equal(t, "no server", d.Changes[len(d.Changes)-1].After.Outcome)
}

// Routes differ when any one thing about them does, and not for the letters of a name.
func TestRoutesDifferByEachOfTheirFields(t *testing.T) {
	t.Parallel()
	route := Route{
		Outcome: "queued", Path: []string{"A", "b"}, Cost: 1, TotalCost: 2, NextHop: "b", Connector: "c",
		DeliveryType: "SmtpRelayToRemoteAdSite", kind: SmtpRelayToRemoteAdSite,
	}
	for name, change := range map[string]func(*Route){
		"outcome":       func(r *Route) { r.Outcome = "unreachable" },
		"path":          func(r *Route) { r.Path = []string{"A", "C", "b"} },
		"site on it":    func(r *Route) { r.Path = []string{"C", "b"} },
		"cost":          func(r *Route) { r.Cost = 0 },
		"total cost":    func(r *Route) { r.TotalCost = 3 },
		"next hop":      func(r *Route) { r.NextHop = "d" },
		"delivery type": func(r *Route) { r.kind = SmtpRelayToDag },
		"connector":     func(r *Route) { r.Connector = "" },
	} {
		other := route
		change(&other)
		require.False(t, route.same(&other), name)
	}
	other := route
	other.Path, other.NextHop, other.Connector = []string{"a", "B"}, "B", "C"
	other.DeliveryType = "SmtpRelayToRemoteActiveDirectorySite" // the same, as 2013 writes it
	require.True(t, route.same(&other))
}

// Recipients share a change only where it holds for the same senders: a change is for every one of its senders and recipients.
func TestChangesOfOtherSendersStayApart(t *testing.T) {
	t.Parallel()
	change := func(recipient string, senders ...string) Change {
		return Change{Senders: senders, Recipients: []string{recipient}, After: Route{Cost: 1}}
	}
	var c comparison
	c.found.Changes = []Change{change("m1", "h1", "h2"), change("m2", "h1"), change("m3", "h1", "h2")}
	c.merge(0, 1)
	require.Equal(t, []Change{
		{Senders: []string{"h1", "h2"}, Recipients: []string{"m1", "m3"}, After: Route{Cost: 1}},
		change("m2", "h1"),
	}, c.found.Changes)
}
