package route

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// drawWhole draws an organisation with a bit of everything: mixed versions, DAGs, Edge servers, connectors of all kinds, groups, routing
// groups of Exchange 2003.
func drawWhole(t *rapid.T) *topology.Organisation {
	base := drawOrganisation(t, 6, topology.V2010)
	b := topology.NewBuilder(topology.V2010)
	for _, s := range base.Sites {
		b.Site(s)
	}
	for _, l := range base.Links {
		b.Link(l)
	}
	versions := []topology.Version{topology.V2007RTM, topology.V2007, topology.V2010, topology.V2010, topology.V2013, topology.V2013, topology.V2016}
	dag := topology.DAG{Name: "dag"}
	var hubs, old []topology.ServerID
	for _, s := range base.Servers {
		s.Version = rapid.SampledFrom(versions).Draw(t, "version")
		if s.Version.New() {
			s.Roles = topology.RoleHub | topology.RoleMailbox
		}
		id := b.Server(s)
		switch {
		case s.Is(topology.RoleHub) && s.Version.New():
			hubs = append(hubs, id)
		case s.Is(topology.RoleHub):
			hubs, old = append(hubs, id), append(old, id)
		}
		if s.Version == topology.V2013 && rapid.Bool().Draw(t, "in the dag") {
			dag.Members = append(dag.Members, id)
			dag.Databases = append(dag.Databases, topology.DAGDatabase{Name: s.Name, Active: rapid.SampledFrom(dag.Members).Draw(t, "active")})
		}
	}
	if len(dag.Members) > 0 {
		b.DAG(dag)
	}
	edge := b.Server(topology.Server{Name: "edge", Site: topology.SiteID(rapid.IntRange(0, len(base.Sites)-1).Draw(t, "edge's site")), Roles: topology.RoleEdge})
	host := b.Remote(topology.Remote{Name: "host"})
	b.Remote(topology.Remote{Name: "internet"})
	spaces := []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 3}, {Type: "SMTP", Space: "x.com", Cost: 9}, {Type: "SMTP", Space: "*.com", Cost: 1}}
	pool := append(slices.Clone(hubs), edge)
	for i := range rapid.IntRange(0, 3).Draw(t, "connectors") {
		c := topology.Connector{
			Name: fmt.Sprint("c", i), AddressSpaces: []topology.AddressSpace{rapid.SampledFrom(spaces).Draw(t, "space")},
			Scoped: rapid.IntRange(0, 4).Draw(t, "scoped") == 0,
		}
		c.Sources = []topology.ServerID{rapid.SampledFrom(pool).Draw(t, "source")}
		if other := rapid.SampledFrom(pool).Draw(t, "another"); c.Sources[0] != edge && other != edge && other != c.Sources[0] {
			c.Sources = append(c.Sources, other)
		}
		if rapid.Bool().Draw(t, "smart host") {
			c.SmartHosts = []topology.RemoteID{host}
		}
		b.Connector(c)
	}
	g := topology.Group{Name: "group", ExpansionServer: topology.None, Members: []topology.Recipient{{Server: topology.None, Domain: "x.com"}, {Server: 0}}}
	if len(hubs) > 0 && rapid.Bool().Draw(t, "expansion server") {
		g.ExpansionServer = rapid.SampledFrom(hubs).Draw(t, "expands")
	}
	b.Group(g)
	if len(old) > 0 {
		rg := b.RoutingGroup(topology.RoutingGroup{Name: "legacy"})
		for i := range rapid.IntRange(0, 2).Draw(t, "rgcs") {
			b.RGC(topology.RGC{
				Name: fmt.Sprint("r", i), From: topology.None, To: rg, Targets: []topology.RemoteID{host}, Cost: int64(rapid.IntRange(1, 2).Draw(t, "rgc cost")),
				Sources: []topology.ServerID{rapid.SampledFrom(old).Draw(t, "rgc source")},
			})
		}
	}
	o, err := b.Build()
	require.NoError(t, err)
	for i := range o.Sites {
		allNew := !slices.ContainsFunc(o.Servers, func(s topology.Server) bool {
			return s.Site == topology.SiteID(i) && !s.Version.New() && !s.Is(topology.RoleEdge)
		})
		o.Sites[i].InboundDisabled = allNew && rapid.IntRange(0, 5).Draw(t, "inbound mail disabled") == 0
	}
	return o
}

// everyDest are destinations of all kinds.
func everyDest(b *Book, o *topology.Organisation) []DestID {
	dests := []DestID{
		b.Dest(Destination{Kind: External, Domain: "x.com"}), b.Dest(Destination{Kind: External, Domain: "y.org"}),
		b.Dest(Destination{Kind: External, Type: "FAX", Domain: "1"}), b.Dest(Destination{Kind: DistributionList}),
	}
	for i := range o.Servers {
		if o.Servers[i].Is(topology.RoleMailbox) {
			dests = append(dests, b.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(i)}))
		}
	}
	if len(o.RoutingGroups) > 0 {
		dests = append(dests, b.Dest(Destination{Kind: Legacy}))
	}
	return dests
}

// A queue that routing makes stands by the view that made it, has candidates, and never leads back to its own server.
func TestWhatIsRoutedIsAliveAndHasCandidates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawWhole(t)
		book := NewBook()
		dests := everyDest(book, o)
		for i := range o.Servers {
			if !o.Servers[i].Transport() {
				continue
			}
			from := topology.ServerID(i)
			table := book.Table(o, o.Servers[i].Site)
			hops := table.Hops(from, dests, 1000, nil)
			for j, d := range dests {
				for _, hop := range []Hop{table.Hop(from, d, 1000), hops[j]} {
					if hop.Outcome != Queued {
						require.Equal(t, NoKey, hop.Key)
						continue
					}
					key := *book.Key(hop.Key)
					require.True(t, table.Alive(from, hop.Key), "%+v of %d", key, from)
					groups := table.Groups(from, hop.Key)
					require.NotEmpty(t, groups, "%+v of %d", key, from)
					for _, g := range groups {
						require.NotContains(t, g.Members, serverTarget(from), "%+v", key)
					}
				}
			}
		}
	})
}

// With everything up, all mail that is routed at all is delivered, mailboxes where their active copy is; and the same question has the same
// answer, in a new book and together with others or alone.
func TestEverythingUpDelivers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawWhole(t)
		book := NewBook()
		dests := everyDest(book, o)
		for i := range o.Servers {
			if !o.Servers[i].Transport() {
				continue
			}
			q := Query{Server: topology.ServerID(i), Size: 1000}
			ways, copies := FollowTogether(book, o, q, dests)
			for _, w := range ways {
				if d := book.Destination(w.Dest); d.Kind == Mailbox {
					// Old hubs on the way to a DAG take the path to the active copy, new ones to the nearest member: they may disagree for ever.
					circles := w.Code == "5.4.6" && o.DAGOf(d.Server) != topology.None
					require.True(t, w.Fate == Delivered || w.Fate == WaitsForRoute || circles, reasons(&w))
					if circles {
						continue
					}
					if w.Fate == Delivered {
						require.Equal(t, Target{TargetStore, int32(o.ActiveCopy(d.Server, d.Database))}, w.To)
					}
				}
				require.NotEqual(t, WaitsInQueue, w.Fate, reasons(&w))
				// Two in a site at most, an Edge, and all of it once more behind an expansion server; a circle makes 40.
				require.LessOrEqual(t, len(w.Servers), 2+4*len(o.Sites), "no circles")
			}
			again := NewBook()
			sameWays, sameCopies := FollowTogether(again, o, q, everyDest(again, o))
			require.Equal(t, ways, sameWays, "routing twice gives the same")
			require.Equal(t, copies, sameCopies)
		}
	})
}

// Other names in the same order change nothing but the names.
func TestOrderPreservingNamesChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawWhole(t)
		r := o.With()
		r.Sites, r.Connectors, r.RGCs = slices.Clone(o.Sites), slices.Clone(o.Connectors), slices.Clone(o.RGCs)
		ranks := nameRanks(o)
		for i := range r.Sites {
			r.Sites[i].Name = fmt.Sprintf("%04d", ranks[i])
		}
		for i := range r.Connectors {
			r.Connectors[i].Name = fmt.Sprintf("connector %d", i) // c0, c1, c2 before
		}
		for i := range r.RGCs {
			r.RGCs[i].Name = fmt.Sprintf("rgc %d", i)
		}
		for i := range o.Servers {
			if !o.Servers[i].Transport() {
				continue
			}
			q := Query{Server: topology.ServerID(i), Size: 1000}
			a, b := NewBook(), NewBook()
			ways, copies := FollowTogether(a, o, q, everyDest(a, o))
			other, otherCopies := FollowTogether(b, r, q, everyDest(b, r))
			require.Equal(t, copies, otherCopies)
			for j := range ways {
				ways[j].NextHop, other[j].NextHop, ways[j].Reasons, other[j].Reasons = "", "", nil, nil
			}
			require.Equal(t, ways, other)
		}
	})
}
