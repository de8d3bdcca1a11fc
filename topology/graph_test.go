package topology

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/topo"
	"pgregory.net/rapid"
)

// sites builds an organisation of sites named A, B, C, … joined by links.
func sites(t testing.TB, n int, links ...Link) *Graph {
	b := NewBuilder(V2010)
	for i := range n {
		b.Site(Site{Name: string(rune('A' + i))})
	}
	for _, l := range links {
		b.Link(l)
	}
	o, err := b.Build()
	require.NoError(t, err)
	return NewGraph(o)
}

func TestR2_5_MeshIsOneHopAtTheLinksCost(t *testing.T) {
	t.Parallel()
	g := sites(t, 4, Link{Name: "all", Sites: []SiteID{0, 1, 2, 3}, Cost: 100})
	for a := range SiteID(4) {
		require.Len(t, g.Neighbours(a), 3)
		for _, e := range g.Neighbours(a) {
			require.Equal(t, int64(100), e.Cost)
			require.NotEqual(t, a, e.To)
		}
	}
}

func TestR2_7_ExchangeCostReplacesTheADCost(t *testing.T) {
	t.Parallel()
	for _, exchange := range []int64{5, 500} { // lower or higher, never added
		g := sites(t, 2, Link{Name: "L", Sites: []SiteID{0, 1}, Cost: 100, ExchangeCost: exchange})
		e, ok := g.Hop(0, 1)
		require.True(t, ok)
		require.Equal(t, exchange, e.Cost)
	}
}

func TestR2_8_CheaperOfParallelLinks(t *testing.T) {
	t.Parallel()
	g := sites(t, 2, // G-08
		Link{Name: "L1", Sites: []SiteID{0, 1}, Cost: 100},
		Link{Name: "L2", Sites: []SiteID{0, 1}, Cost: 50},
		Link{Name: "L3", Sites: []SiteID{0, 1}, Cost: 10, ExchangeCost: 60},
	)
	require.Equal(t, []Edge{{To: 1, Link: 1, Cost: 50}}, g.Neighbours(0))
	require.Equal(t, []Edge{{To: 0, Link: 1, Cost: 50}}, g.Neighbours(1))
}

func TestD2_EqualParallelLinksByName(t *testing.T) {
	t.Parallel()
	g := sites(t, 2,
		Link{Name: "c", Sites: []SiteID{0, 1}, Cost: 50},
		Link{Name: "B", Sites: []SiteID{1, 0}, Cost: 50},
		Link{Name: "b2", Sites: []SiteID{0, 1}, Cost: 50},
	)
	e, _ := g.Hop(0, 1)
	require.Equal(t, LinkID(1), e.Link)
	e, _ = g.Hop(1, 0)
	require.Equal(t, LinkID(1), e.Link)
}

func TestD1_NameOrder(t *testing.T) {
	t.Parallel()
	want := []string{"A", "a b", "b", "C", "Site", "Site 2", "Site 3", "Site10", "Site2", "site20", "Zürich", "Ä"}
	for i := range want {
		for j := range want {
			require.Equal(t, i < j, NameLess(want[i], want[j]), "%q < %q", want[i], want[j])
		}
	}
	require.Zero(t, CompareNames("tokyo", "TOKYO"))
}

func TestGraphIsAnOrderedGonumGraph(t *testing.T) {
	t.Parallel()
	g := sites(t, 5,
		Link{Name: "D-A", Sites: []SiteID{3, 0}, Cost: 7},
		Link{Name: "C-A", Sites: []SiteID{2, 0}, Cost: 8},
		Link{Name: "B-A", Sites: []SiteID{1, 0}, Cost: 9},
	)
	require.Equal(t, []int64{0, 1, 2, 3, 4}, ids(g.Nodes()))
	require.Equal(t, []int64{1, 2, 3}, ids(g.From(0)))
	require.Empty(t, ids(g.From(4)))
	require.Empty(t, ids(g.From(17)))
	require.Nil(t, g.Node(5))
	require.Nil(t, g.Node(-1))
	require.True(t, g.HasEdgeBetween(3, 0))
	require.False(t, g.HasEdgeBetween(3, 1))
	require.False(t, g.HasEdgeBetween(17, 1))
	require.Nil(t, g.Edge(1, 2))
	require.Equal(t, 7.0, g.WeightedEdge(0, 3).Weight())
	require.Equal(t, int64(3), g.Edge(0, 3).To().ID())
	require.Equal(t, int64(3), g.Edge(0, 3).ReversedEdge().From().ID())

	w, ok := g.Weight(0, 2)
	require.True(t, ok)
	require.Equal(t, 8.0, w)
	w, ok = g.Weight(2, 2)
	require.True(t, ok)
	require.Zero(t, w)
	w, ok = g.Weight(1, 2)
	require.False(t, ok)
	require.True(t, math.IsInf(w, 1))
	require.Len(t, topo.ConnectedComponents(g), 2)
}

func ids(nodes graph.Nodes) []int64 {
	var out []int64
	for nodes.Next() {
		out = append(out, nodes.Node().ID())
	}
	return out
}

// Whatever the links, the graph is symmetric, its neighbours are in order, and each hop is the best of the links that join the pair.
func TestGraphProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "sites")
		b := NewBuilder(V2010)
		for i := range n {
			b.Site(Site{Name: string(rune('A' + i))})
		}
		if n > 1 {
			for i := range rapid.IntRange(0, 8).Draw(t, "links") {
				members := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 2, min(n, 4), rapid.ID[int]).Draw(t, "members")
				l := Link{Name: string(rune('z' - i)), Cost: rapid.Int64Range(1, 3).Draw(t, "cost")}
				for _, m := range members {
					l.Sites = append(l.Sites, SiteID(m))
				}
				b.Link(l)
			}
		}
		o, err := b.Build()
		require.NoError(t, err)
		g := NewGraph(o)
		for a := range SiteID(n) {
			require.True(t, slices.IsSortedFunc(g.Neighbours(a), func(x, y Edge) int { return int(x.To) - int(y.To) }))
			for c := range SiteID(n) {
				hop, ok := g.Hop(a, c)
				back, okBack := g.Hop(c, a)
				require.Equal(t, ok, okBack)
				require.Equal(t, hop.Link, back.Link)
				best := LinkID(None)
				for i := range o.Links {
					l := &o.Links[i]
					if a == c || !slices.Contains(l.Sites, a) || !slices.Contains(l.Sites, c) {
						continue
					}
					if best == None || l.Cost < o.Links[best].Cost || l.Cost == o.Links[best].Cost && NameLess(l.Name, o.Links[best].Name) {
						best = LinkID(i)
					}
				}
				require.Equal(t, best != None, ok)
				if ok {
					require.Equal(t, best, hop.Link)
				}
			}
		}
	})
}
