package world

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// direct is progressive filling over all bodies under way, from nothing: the rate of each transfer, NaN for ids that are free.
func direct(n *Network) []float64 {
	rates := make([]float64, len(n.transfers))
	for id := range rates {
		rates[id] = math.NaN()
	}
	var waiting []TransferID
	for c := range n.classes {
		for _, x := range n.classes[c].heap {
			waiting = append(waiting, x.id)
		}
	}
	free := make([]float64, len(n.resources))
	for r := range free {
		free[r] = n.resources[r].bits
	}
	for len(waiting) > 0 {
		crossing := make([]int, len(n.resources))
		least := math.Inf(1)
		for _, id := range waiting {
			k := &n.classes[n.transfers[id].class]
			least = min(least, k.limit)
			for _, r := range k.resources {
				crossing[r]++
			}
		}
		for r, bodies := range crossing {
			if bodies > 0 {
				least = min(least, free[r]/float64(bodies))
			}
		}
		full := func(id TransferID) bool {
			k := &n.classes[n.transfers[id].class]
			return k.limit <= least || slices.ContainsFunc(k.resources, func(r int32) bool { return free[r]/float64(crossing[r]) <= least*(1+1e-12) })
		}
		var stopped []TransferID
		waiting = slices.DeleteFunc(waiting, func(id TransferID) bool {
			if full(id) {
				stopped = append(stopped, id)
				return true
			}
			return false
		})
		for _, id := range stopped {
			rates[id] = least
			for _, r := range n.classes[n.transfers[id].class].resources {
				free[r] -= least
			}
		}
	}
	return rates
}

// requireFair holds the shares of a network against the direct way, and its books against themselves.
func requireFair(t require.TestingT, n *Network) {
	hold := func(ok bool, what string, args ...any) {
		if !ok { // asked thousands of times
			require.Fail(t, fmt.Sprintf(what, args...))
		}
	}
	near := func(want, got, epsilon float64) bool { return math.Abs(got-want) <= epsilon*want }
	rates := direct(n)
	necks := make([]int32, len(n.resources))
	for c := range n.classes {
		k := &n.classes[c]
		hold(len(k.heap) == int(k.bodies), "class %d: number of bodies", c)
		for _, x := range k.heap {
			hold(near(rates[x.id], k.rate, 1e-9), "transfer %d of class %d: rate should be %v, is %v", x.id, c, rates[x.id], k.rate)
		}
		switch {
		case k.bodies == 0:
			hold(k.neck == noNeck && k.total == 0, "class %d: has no bodies but a share", c)
			continue
		case k.neck == ownLimit:
			hold(k.rate == k.limit, "class %d: is not at its limit", c)
		default:
			necks[k.neck]++
		}
		hold(near(k.rate*float64(k.bodies), k.total, 1e-12), "class %d: total", c)
	}
	for r := range n.resources {
		x := &n.resources[r]
		hold(necks[r] == x.necks, "resource %d: number of classes of which it is the neck", r)
		sum, fastest := 0.0, 0.0
		for _, u := range x.users {
			k := &n.classes[u.class]
			sum += k.total
			fastest = max(fastest, k.rate)
		}
		hold(sum <= x.bits*(1+1e-12), "resource %d: carries more than it can", r)
		for _, u := range x.users {
			k := &n.classes[u.class]
			hold(k.bodies > 0 && k.resources[u.way] == int32(r), "resource %d: a user that is none", r)
			hold(k.neck != int32(r) || near(x.bits, sum, 1e-12) && near(fastest, k.rate, 1e-12), "resource %d: a neck that is not full, or where somebody is faster", r)
		}
	}
}

// TestQ6_7_UpdatesEqualTheWhole lets hundreds of bodies come and go on networks of thirty links, several of them at many instants, with and
// without a TCP window, and compares all rates with those that filling all links from nothing gives. Whoever an update does not affect is
// not even looked at.
func TestQ6_7_UpdatesEqualTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sites := 31
		var net *Network
		switch rapid.SampledFrom([]string{"chain", "star", "mesh"}).Draw(rt, "shape") {
		case "chain":
			net = chainOf(t, sites)
		case "star":
			net = starOf(t, sites)
		default:
			sites = 11
			net = meshOf(t)
		}
		net.SetWindow(rapid.SampledFrom([]int64{0, 4096, 16384}).Draw(rt, "window"))
		for i := range net.resources { // equal ones, so that several links are full at once
			if i%3 == 0 {
				net.resources[i].bits = 12 * mega
			}
		}
		x := rapid.Uint64Range(1, 1<<62).Draw(rt, "bodies")
		draw := func(n int) int {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			return int(x % uint64(n))
		}
		hops := rapid.IntRange(1, sites-1).Draw(rt, "hops")
		most := rapid.IntRange(1, 300).Draw(rt, "most")
		now := Time(0)
		var under []TransferID
		for step := range 25 {
			now += Time(draw(3) * 1_000_000)
			for net.Next() <= now {
				at := net.Next()
				for _, p := range net.Finish(at, nil) {
					under = slices.DeleteFunc(under, func(id TransferID) bool { return uint32(id) == p.Conn })
				}
			}
			before := slices.Clone(net.classes)
			var touched []int32
			changes := draw(8) + 1
			if step == 0 {
				changes = most
			}
			for range changes {
				if len(under) > most || step > 0 && len(under) > 0 && draw(3) == 0 {
					i := draw(len(under))
					touched = append(touched, net.transfers[under[i]].class)
					net.Cancel(now, under[i])
					under = slices.Delete(under, i, i+1)
					continue
				}
				from := draw(sites)
				to := (from + 1 + draw(hops)) % sites
				id := net.Start(now, topology.SiteID(from), topology.SiteID(to), float64(1+draw(5_000_000)), Payload{})
				net.transfers[id].load.Conn = uint32(id)
				under = append(under, id)
				touched = append(touched, net.transfers[id].class)
			}
			net.settle()
			requireFair(rt, net)
			for c := range before {
				if k := &net.classes[c]; k.affected != net.update && !slices.Contains(touched, int32(c)) {
					was := &before[c]
					require.Equal(rt, [4]float64{was.rate, was.total, was.work, was.limit}, [4]float64{k.rate, k.total, k.work, k.limit})
					require.Equal(rt, [2]Time{was.since, was.next}, [2]Time{k.since, k.next})
				}
			}
		}
	})
}

// TestQ6_7_WhoIsAffected shows for whom an update finds new shares: it is everybody whose share changes, and few others.
func TestQ6_7_WhoIsAffected(t *testing.T) {
	t.Parallel()
	type pair struct{ from, to topology.SiteID }
	ab, ac, ad, bc, cd := pair{siteA, siteB}, pair{siteA, siteC}, pair{siteA, siteD}, pair{siteB, siteC}, pair{siteC, siteD}
	row := func(ab, bc, cd int64) []topology.Link {
		return []topology.Link{link("A-B", ab*mega, siteA, siteB), link("B-C", bc*mega, siteB, siteC), link("C-D", cd*mega, siteC, siteD)}
	}
	for _, c := range []struct {
		name  string
		links []topology.Link
		under []pair
		start pair // zero: the first of those under way leaves
		want  []pair
	}{
		{"one that is alone at its neck divides what it had", row(1, 10, 10), []pair{ac, bc}, ac, nil},
		{"... among fewer as well", row(1, 10, 10), []pair{ac, ac, bc}, pair{}, nil},
		{"... unless it becomes slower than another there", row(1, 6, 10), []pair{ac, bc, bc, bc, bc, bc}, bc, []pair{bc, ac}},
		{"... or faster than another elsewhere", row(4, 7, 10), []pair{ac, ac, bc}, pair{}, []pair{ac, bc}},
		{"at one neck all are affected, and who has what they leave", row(2, 10, 10), []pair{ab, ac, bc, cd}, ab, []pair{ab, ac, bc}},
		{"and so on", row(2, 10, 20), []pair{ab, ac, {siteB, siteD}, cd}, ab, []pair{ab, ac, {siteB, siteD}, cd}},
		{"when the last leaves as well", row(2, 10, 10), []pair{ab, ac, bc, cd}, pair{}, []pair{ac, bc}},
		{"on another link nobody is", row(2, 10, 10), []pair{ab, bc, cd}, cd, nil},
		{"a new one takes what is left", row(4, 10, 10), []pair{ac}, bc, []pair{bc}},
		{"a new one that gets less than another has holds it down", row(4, 6, 10), []pair{ac}, bc, []pair{bc, ac}},
		{"... which leaves more to others", row(4, 3, 10), []pair{ac, ab}, bc, []pair{bc, ac, ab}},
		{"... and not to those who are held down elsewhere", row(4, 6, 1), []pair{ac, ad}, bc, []pair{bc, ac}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 4, c.links)
			for i, p := range c.under {
				b.net.Start(0, p.from, p.to, 1e9, Payload{Conn: uint32(i)})
			}
			b.net.Next()
			requireFair(t, b.net)
			if c.start == (pair{}) {
				b.net.Cancel(1, 1)
			} else {
				b.net.Start(1, c.start.from, c.start.to, 1e9, Payload{Conn: 99})
			}
			b.net.Next()
			requireFair(t, b.net)
			var want []int32
			for _, p := range c.want {
				want = append(want, b.net.classOfPair(p.from, p.to))
			}
			require.ElementsMatch(t, want, b.net.affected)
			b.net.Cancel(2, b.net.Start(2, c.under[0].from, c.under[0].to, 1, Payload{Conn: 100}))
			b.net.Next()
			require.Empty(t, b.net.affected, "as many came as left")
			requireFair(t, b.net)
			for b.net.Next() != simtime.Never {
				require.NotEmpty(t, b.net.Finish(b.net.Next(), nil))
				b.net.Next()
				requireFair(t, b.net)
			}
		})
	}
}
