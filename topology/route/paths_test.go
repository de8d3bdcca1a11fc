package route

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/path"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// evenly draws a number from lo to hi. Unlike rapid.IntRange it does not prefer small ones.
func evenly(lo, hi int) *rapid.Generator[int] {
	all := make([]int, 0, hi-lo+1)
	for i := lo; i <= hi; i++ {
		all = append(all, i)
	}
	return rapid.SampledFrom(all)
}

// drawOrganisation makes a small organisation: up to most sites with names that only D-1 orders, links of two to four members, parallel
// links, Exchange costs and size limits, hub flags, sites with one, two or no hubs. It need not be connected.
func drawOrganisation(t *rapid.T, most int, v topology.Version) *topology.Organisation {
	n := evenly(1, most).Draw(t, "sites")
	name := rapid.StringMatching(`[a-cA-C][0-2 ]?[a-b0-1]?`)
	names := rapid.SliceOfNDistinct(name, n, n, strings.ToUpper).Draw(t, "names")
	b := topology.NewBuilder(v)
	for _, s := range names {
		b.Site(topology.Site{Name: s, HubSite: rapid.IntRange(0, 2).Draw(t, "hub site") == 0})
	}
	if n > 1 {
		for i := range evenly(0, 2*n).Draw(t, "links") {
			members := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 2, min(n, rapid.SampledFrom([]int{2, 2, 2, 4}).Draw(t, "members")), rapid.ID[int]).Draw(t, "joins")
			l := topology.Link{Name: fmt.Sprint("L", i), Cost: rapid.Int64Range(1, 3).Draw(t, "cost")}
			if rapid.IntRange(0, 3).Draw(t, "set") == 0 {
				l.ExchangeCost = rapid.Int64Range(1, 4).Draw(t, "exchange cost")
			}
			if rapid.IntRange(0, 3).Draw(t, "limited") == 0 {
				l.MaxMessageSize = rapid.Int64Range(1, 9).Draw(t, "limit") << 20
			}
			for _, m := range members {
				l.Sites = append(l.Sites, topology.SiteID(m))
			}
			b.Link(l)
		}
	}
	for s := range n {
		for h := range rapid.SampledFrom([]int{1, 1, 2, 0}).Draw(t, "hubs") {
			b.Server(topology.Server{Name: fmt.Sprint("h", s, "-", h), Site: topology.SiteID(s), Roles: topology.RoleHub, Version: v})
		}
		b.Server(topology.Server{Name: fmt.Sprint("m", s), Site: topology.SiteID(s), Roles: topology.RoleMailbox, Version: v})
	}
	o, err := b.Build()
	require.NoError(t, err)
	return o
}

// way is a path found by enumeration.
type way struct {
	sites []topology.SiteID
	cost  int64
}

// everyWay enumerates all simple paths between two sites, straight from the links: each pair of members of a link is one hop
// of parallel links the cheapest counts.
func everyWay(o *topology.Organisation, from, to topology.SiteID) []way {
	hop := func(a, b topology.SiteID) (int64, bool) {
		best, found := int64(math.MaxInt64), false
		for i := range o.Links {
			l := &o.Links[i]
			if slices.Contains(l.Sites, a) && slices.Contains(l.Sites, b) {
				best, found = min(best, l.EffectiveCost()), true
			}
		}
		return best, found
	}
	var all []way
	var walk func(w way)
	walk = func(w way) {
		last := w.sites[len(w.sites)-1]
		if last == to {
			all = append(all, way{slices.Clone(w.sites), w.cost})
			return
		}
		for s := range topology.SiteID(len(o.Sites)) {
			if slices.Contains(w.sites, s) {
				continue
			}
			if cost, ok := hop(last, s); ok {
				walk(way{append(w.sites, s), w.cost + cost})
			}
		}
	}
	walk(way{sites: []topology.SiteID{from}})
	return all
}

// leastCostWay applies steps 1 to 3 of to all simple paths, literally.
func leastCostWay(o *topology.Organisation, from, to topology.SiteID) (way, bool) {
	all := everyWay(o, from, to)
	if len(all) == 0 {
		return way{}, false
	}
	keep := func(better func(a, b way) int) {
		best := slices.MinFunc(all, better)
		all = slices.DeleteFunc(all, func(w way) bool { return better(w, best) != 0 })
	}
	keep(func(a, b way) int { return int(a.cost - b.cost) })           // step 1
	keep(func(a, b way) int { return len(a.sites) - len(b.sites) })    // step 2
	for back := 2; back <= len(all[0].sites) && len(all) > 1; back++ { // step 3, from the destination end
		keep(func(a, b way) int {
			x, y := a.sites[len(a.sites)-back], b.sites[len(b.sites)-back]
			return topology.CompareNames(o.Sites[x].Name, o.Sites[y].Name)
		})
	}
	if len(all) != 1 {
		panic("R-3.1 step 4: more than one path is left")
	}
	return all[0], true
}

// The paths of the table equal those of enumerating all simple paths and applying step by step; their costs and hops equal
// the distances of gonum's Dijkstra over the same graph. 3200 organisations.
func TestR3_1_PathsEqualEnumeration(t *testing.T) {
	t.Parallel()
	for i := range 32 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				o := drawOrganisation(t, 9, topology.V2010)
				v := newView(o)
				for from := range topology.SiteID(len(o.Sites)) {
					p := findPaths(v, from)
					distances := path.DijkstraFrom(v.graph.Node(int64(from)), costThenHops{v.graph})
					for to := range topology.SiteID(len(o.Sites)) {
						want, ok := leastCostWay(o, from, to)
						require.Equal(t, ok, p.reaches(to), "route from %d to %d", from, to)
						d := distances.WeightTo(int64(to))
						if !ok {
							require.Nil(t, p.to(to))
							require.True(t, math.IsInf(d, 1))
							continue
						}
						require.Equal(t, want.sites, p.to(to), "path from %d to %d", from, to)
						require.Equal(t, want.cost, p.best[to].cost)
						require.Equal(t, int64(d), p.best[to].cost*hopWeight+int64(p.best[to].hops))
					}
				}
			})
		})
	}
}

// costThenHops weighs the site graph so that a distance orders by cost, then hops.
type costThenHops struct{ *topology.Graph }

const hopWeight = 4096 // more than the hops of any path

func (g costThenHops) Weight(x, y int64) (float64, bool) {
	w, ok := g.Graph.Weight(x, y)
	if ok && x != y {
		w = w*hopWeight + 1
	}
	return w, ok
}

// the comparison starts at the destination, so a path need not be the reverse of the path back (G-04).
func TestR3_2_ThereAndBackMayDiffer(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-Z 10, Z-D 10, A-Y 10, Y-C 10, C-D 10")
	there := n.book.Table(n.org, n.site("A")).paths.to(n.site("D"))
	back := n.book.Table(n.org, n.site("D")).paths.to(n.site("A"))
	slices.Reverse(back)
	require.NotEqual(t, there, back)
}

// heads and tails of least-cost paths are least-cost paths, so relaying on the way cannot oscillate.
func TestR3_3_TailsOfPathsArePaths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 9, topology.V2010)
		v := newView(o)
		for from := range topology.SiteID(len(o.Sites)) {
			p := findPaths(v, from)
			for to := range topology.SiteID(len(o.Sites)) {
				whole := p.to(to)
				for i, s := range whole {
					require.Equal(t, whole[:i+1], p.to(s), "head")
					require.Equal(t, whole[i:], findPaths(v, s).to(to), "tail")
				}
			}
		}
	})
}

// Names decide only by their order: other names in the same order give the same paths.
func TestR3_1_OnlyTheOrderOfNamesCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 8, topology.V2010)
		v := newView(o)
		renamed := *o
		renamed.Sites = slices.Clone(o.Sites)
		for i := range renamed.Sites {
			renamed.Sites[i].Name = fmt.Sprintf("site %04d", v.rank[i])
		}
		w := newView(&renamed)
		for from := range topology.SiteID(len(o.Sites)) {
			require.Equal(t, findPaths(v, from).prev, findPaths(w, from).prev)
		}
	})
}

// one path for all messages. Asking again, and building the tables again, changes nothing.
func TestR3_5_OnePathForAllMail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 8, topology.V2010)
		for from := range topology.SiteID(len(o.Sites)) {
			require.Equal(t, findPaths(newView(o), from), findPaths(newView(o), from))
		}
	})
}

// a site without a hub still adds cost and hops and is named in ties.
func TestR2_10_HublessSitesTakePartInPaths(t *testing.T) {
	t.Parallel()
	net(t, "A-B 10, B-D 10, A-C 10, C-D 10", "no hubs: B").expect("A→D", "path A-B-D, stops D")
	net(t, "A-B 5, B-D 5, A-C 10, C-D 10", "no hubs: B").expect("A→D", "path A-B-D, cost 10")
}

// links chain.
func TestR2_6_LinksAreTransitive(t *testing.T) {
	t.Parallel()
	net(t, "chain A-B-C-D-E-F 7").expect("A→F", "path A-B-C-D-E-F, cost 35, hops 5")
}

// the smallest limit on the path is that of the links which the path uses (D-2 among equal parallel links).
func TestR3_24_SmallestLimitOnThePath(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10 max 9MB, B-C 10 max 3MB, C-D 10 max 5MB, x: A-D 50 max 1MB")
	p := n.book.Table(n.org, n.site("A")).paths
	require.Equal(t, []int64{topology.Unlimited, 9 << 20, 3 << 20, 3 << 20}, p.limit)
	n = net(t, "b: A-B 10 max 1MB, a: A-B 10 max 9MB")
	require.Equal(t, int64(9<<20), n.book.Table(n.org, n.site("A")).paths.limit[1])
}
