package world

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// wire is a link without a limit.
func wire(name string, rtt time.Duration, sites ...topology.SiteID) topology.Link {
	return topology.Link{Name: name, Sites: sites, RTT: rtt}
}

// TestF12_LinkCuts holds what a cut means for neighbours, for others, and for pairs with a network of their own.
func TestF12_LinkCuts(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	triangle := []topology.Link{wire("A-B", 10*ms, siteA, siteB), wire("B-C", 10*ms, siteB, siteC), wire("A-C", 50*ms, siteA, siteC)}
	square := []topology.Link{wire("A-B", 10*ms, siteA, siteB), wire("B-C", 10*ms, siteB, siteC), wire("A-D", 15*ms, siteA, siteD), wire("D-C", 15*ms, siteD, siteC)}
	leased := topology.Network{Name: "leased", Sites: [2]topology.SiteID{siteC, siteA}, RTT: 40 * ms}
	for _, c := range []struct {
		name     string
		links    []topology.Link
		networks []topology.Network
		down     []topology.LinkID
		a, b     topology.SiteID
		reached  bool
		rtt      time.Duration
	}{
		{"neighbours use their link, though a chain is faster", triangle, nil, nil, siteA, siteC, true, 50 * ms},
		{"neighbours have no detour", triangle, nil, []topology.LinkID{2}, siteA, siteC, false, 50 * ms}, // the time of the last way
		{"the others of the detour are untouched", triangle, nil, []topology.LinkID{2}, siteA, siteB, true, 10 * ms},
		{"others take the fastest chain", square, nil, nil, siteA, siteC, true, 20 * ms},
		{"others take another chain", square, nil, []topology.LinkID{1}, siteA, siteC, true, 30 * ms},
		{"others are cut with the last chain", square, nil, []topology.LinkID{1, 2}, siteA, siteC, false, 30 * ms},
		{"a network of one's own is used alone", square, []topology.Network{leased}, nil, siteA, siteC, true, 40 * ms},
		{"... and no link fault touches it", square, []topology.Network{leased}, []topology.LinkID{0, 1, 2, 3}, siteC, siteA, true, 40 * ms},
		{"... not even between neighbours", triangle, []topology.Network{leased}, []topology.LinkID{2}, siteA, siteC, true, 40 * ms},
		{"... but it is no part of other ways", triangle[:2], []topology.Network{leased}, []topology.LinkID{1}, siteB, siteC, false, 10 * ms},
		{"a mesh is cut as a whole", []topology.Link{wire("L", 7*ms, siteA, siteB, siteC)}, nil, []topology.LinkID{0}, siteB, siteC, false, 7 * ms},
		{"a pair is cut with any of its parallel links", []topology.Link{wire("x", 9*ms, siteA, siteB), wire("y", 5*ms, siteA, siteB)}, nil, []topology.LinkID{1}, siteA, siteB, false, 5 * ms},
		{"of parallel links the fastest", []topology.Link{wire("x", 9*ms, siteA, siteB), wire("y", 5*ms, siteA, siteB)}, nil, nil, siteA, siteB, true, 5 * ms},
		{"inside a site", triangle, nil, []topology.LinkID{0, 1, 2}, siteB, siteB, true, ms},
		{"no link at all", triangle, nil, nil, siteA, siteD, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 4, c.links, c.networks...)
			for _, l := range c.down {
				b.net.RTT(c.a, c.b) // the way before the cut is known
				b.net.SetLink(0, l, false)
			}
			require.Equal(t, c.reached, b.net.Reachable(c.a, c.b))
			require.Equal(t, c.reached, b.net.Reachable(c.b, c.a))
			require.Equal(t, c.rtt, b.net.RTT(c.a, c.b))
			for _, l := range c.down {
				b.net.SetLink(0, l, true)
			}
			fresh := newBench(t, 4, c.links, c.networks...).net
			for x := range topology.SiteID(4) {
				for y := range topology.SiteID(4) {
					require.Equal(t, way(fresh, x, y), way(b.net, x, y), "mended, all is as before")
					require.Equal(t, fresh.Reachable(x, y), b.net.Reachable(x, y))
				}
			}
		})
	}
}

// TestF12_PartitionCutsPairs holds that a partition cuts pairs whatever links are up, and that one direction is enough for a connection.
func TestF12_PartitionCutsPairs(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3, []topology.Link{wire("A-B", 1, siteA, siteB), wire("B-C", 1, siteB, siteC)})
	b.net.SetPair(siteA, siteB, false)
	require.False(t, b.net.Reachable(siteA, siteB))
	require.False(t, b.net.Reachable(siteB, siteA), "the answer does not come back")
	require.True(t, b.net.Reachable(siteA, siteC), "only the pair itself is cut")
	b.net.SetPair(siteB, siteA, false)
	b.net.SetPair(siteA, siteB, true)
	require.False(t, b.net.Reachable(siteA, siteB))
	b.net.SetPair(siteB, siteA, true)
	require.True(t, b.net.Reachable(siteA, siteB))
	b.net.SetPair(siteA, siteC, false)
	b.net.SetLink(0, 0, false)
	b.net.SetLink(0, 0, true)
	require.False(t, b.net.Reachable(siteC, siteA), "links do not mend a partition")
}

// TestR3_1_TiesBetweenChains breaks ties between chains of one round-trip time: fewer hops, then the name of the site before the
// destination, and so back to the source; of parallel links the lower name. What a body occupies shows which chain it took.
func TestR3_1_TiesBetweenChains(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	limited := func(name string, rtt time.Duration, sites ...topology.SiteID) topology.Link {
		return topology.Link{Name: name, Sites: sites, RTT: rtt, Up: mega, Down: mega}
	}
	const siteE = siteD + 1
	for _, c := range []struct {
		name  string
		links []topology.Link
		a, b  topology.SiteID
		way   []topology.LinkID
	}{
		{"fewer hops", []topology.Link{limited("1", ms, siteA, siteB), limited("2", ms, siteB, siteC), limited("3", 2*ms, siteC, siteE),
			limited("4", 2*ms, siteA, siteD), limited("5", 2*ms, siteD, siteE)}, siteA, siteE, []topology.LinkID{3, 4}},
		{"lower name before the destination", []topology.Link{limited("1", ms, siteA, siteC), limited("2", ms, siteC, siteD), limited("3", ms, siteA, siteB),
			limited("4", ms, siteB, siteD)}, siteA, siteD, []topology.LinkID{2, 3}},
		{"lower name before the destination, from the other end", []topology.Link{limited("1", ms, siteA, siteC), limited("2", ms, siteC, siteD), limited("3", ms, siteA, siteB),
			limited("4", ms, siteB, siteD)}, siteD, siteA, []topology.LinkID{2, 3}},
		{"of parallel links the lower name", []topology.Link{limited("y", ms, siteA, siteB), limited("x", ms, siteA, siteB), limited("z", ms, siteB, siteC)},
			siteA, siteC, []topology.LinkID{1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 5, c.links)
			require.Equal(t, c.way, way(b.net, c.a, c.b))
		})
	}
}

// way lists the limited links that a body from a to b occupies.
func way(n *Network, a, b topology.SiteID) []topology.LinkID {
	var out []topology.LinkID
	if c := n.classOfPair(a, b); c >= 0 {
		for _, r := range n.classes[c].resources {
			out = append(out, n.resources[r].link)
		}
	}
	slices.Sort(out)
	return out
}

// TestF12_AgainstEveryChain compares ways with a search through every chain of links, on random organisations with random cuts.
func TestF12_AgainstEveryChain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sites := rapid.IntRange(2, 6).Draw(rt, "sites")
		names := string(rapid.Permutation([]byte("ABCDEF")[:sites]).Draw(rt, "names"))
		var links []topology.Link
		for i := range rapid.IntRange(1, 9).Draw(rt, "links") {
			var members []topology.SiteID
			for s := range sites {
				if rapid.IntRange(0, 2).Draw(rt, "member") == 0 {
					members = append(members, topology.SiteID(s))
				}
			}
			if len(members) > 1 {
				l := wire(fmt.Sprintf("%c%d", 'z'-i, i), time.Duration(rapid.IntRange(0, 3).Draw(rt, "rtt"))*time.Millisecond, members...)
				l.Up, l.Down = mega, mega
				links = append(links, l)
			}
		}
		b := newNamedBench(t, names, links)
		for range rapid.IntRange(0, 3).Draw(rt, "cuts") {
			if len(links) > 0 {
				b.net.SetLink(0, topology.LinkID(rapid.IntRange(0, len(links)-1).Draw(rt, "cut")), rapid.Bool().Draw(rt, "up"))
			}
		}
		for x := range sites {
			for y := range sites {
				if x == y {
					continue
				}
				from, to := topology.SiteID(x), topology.SiteID(y)
				best := everyChain(links, b.net.linkDown, names, from, to)
				require.Equal(rt, best != nil, b.net.Reachable(from, to), "%d to %d", x, y)
				if best == nil {
					continue
				}
				require.Equal(rt, best.rtt, b.net.RTT(from, to), "%d to %d", x, y)
				used := slices.Clone(best.links)
				slices.Sort(used)
				got := slices.Compact(way(b.net, from, to)) // a mesh link may be crossed in both directions
				require.Equal(rt, slices.Compact(used), got, "%d to %d", x, y)
			}
		}
	})
}

// chain is a way through sites, from the source to the destination.
type chain struct {
	sites []topology.SiteID
	links []topology.LinkID
	rtt   time.Duration
}

// everyChain tries all chains from a to b and returns the one that the rule prefers; nil when the pair is cut.
func everyChain(links []topology.Link, down []bool, names string, a, b topology.SiteID) *chain {
	joins := func(l int, x, y topology.SiteID) bool {
		return slices.Contains(links[l].Sites, x) && slices.Contains(links[l].Sites, y)
	}
	var best *chain
	adjacent := false
	for l := range links {
		adjacent = adjacent || joins(l, a, b)
		if joins(l, a, b) && down[l] {
			return nil // always, whatever else joins the two
		}
	}
	var walk func(c chain)
	walk = func(c chain) {
		last := c.sites[len(c.sites)-1]
		if last == b {
			if best == nil || prefer(links, names, &c, best) < 0 {
				best = &chain{slices.Clone(c.sites), slices.Clone(c.links), c.rtt}
			}
			return
		}
		if adjacent && len(c.sites) > 1 {
			return
		}
		for s := range topology.SiteID(len(names)) {
			if slices.Contains(c.sites, s) {
				continue
			}
			for l := range links {
				if joins(l, last, s) && !down[l] {
					walk(chain{append(slices.Clip(c.sites), s), append(slices.Clip(c.links), topology.LinkID(l)), c.rtt + links[l].RTT})
				}
			}
		}
	}
	walk(chain{sites: []topology.SiteID{a}})
	return best
}

// prefer compares two chains between the same sites: round-trip time, hops, names from the destination back to the source, links.
func prefer(links []topology.Link, names string, x, y *chain) int {
	if c := cmp.Or(cmp.Compare(x.rtt, y.rtt), cmp.Compare(len(x.sites), len(y.sites))); c != 0 {
		return c
	}
	for i := len(x.sites) - 1; i > 0; i-- {
		if c := cmp.Compare(names[x.sites[i-1]], names[y.sites[i-1]]); c != 0 {
			return c
		}
		if c := cmp.Compare(links[x.links[i-1]].Name, links[y.links[i-1]].Name); c != 0 {
			return c
		}
	}
	return 0
}
