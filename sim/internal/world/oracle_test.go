package world

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// oracle is max-min sharing done slowly in exact fractions: every body for itself, everything filled anew at every event.
type oracle struct {
	now    Time
	bits   []*big.Rat // by resource
	bodies []*oracleBody
	gone   []*big.Rat // by resource: bits carried
}

type oracleBody struct {
	id       TransferID
	conn     uint32
	from, to topology.SiteID
	links    []int32  // resources that it crosses
	limit    *big.Rat // bit/s; nil = none
	left     *big.Rat // bits
	rate     *big.Rat // bit/s; nil while it is being found
}

func rat(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

func newOracle(n *Network) *oracle {
	o := &oracle{}
	for i := range n.resources {
		o.bits = append(o.bits, new(big.Rat).SetFloat64(n.resources[i].bits))
		o.gone = append(o.gone, new(big.Rat))
	}
	return o
}

// way asks the network which resources a pair's bodies cross, and works out what a window of so many bytes lets through.
func (o *oracle) way(n *Network, x *oracleBody, window int64) {
	x.links, x.limit = nil, nil
	if c := n.classOfPair(x.from, x.to); c >= 0 {
		x.links = n.classes[c].resources
	}
	if rtt := n.RTT(x.from, x.to); window > 0 && rtt > 0 {
		x.limit = new(big.Rat).Quo(rat(8*window*1e9), rat(int64(rtt)))
	}
}

// fill raises the rates of all bodies together, and stops those that come to their limit or to a full link.
func (o *oracle) fill() {
	for _, x := range o.bodies {
		x.rate = nil
	}
	for waiting := len(o.bodies); waiting > 0; {
		level := make([]*big.Rat, len(o.bits)) // by resource: at which rate it is full
		var least *big.Rat
		lower := func(r *big.Rat) {
			if r != nil && (least == nil || r.Cmp(least) < 0) {
				least = r
			}
		}
		for l := range o.bits {
			left, n := new(big.Rat).Set(o.bits[l]), int64(0)
			for _, x := range o.bodies {
				switch {
				case !slices.Contains(x.links, int32(l)):
				case x.rate == nil:
					n++
				default:
					left.Sub(left, x.rate)
				}
			}
			if n > 0 {
				level[l] = left.Quo(left, rat(n))
				lower(level[l])
			}
		}
		for _, x := range o.bodies {
			if x.rate == nil {
				lower(x.limit)
			}
		}
		for _, x := range o.bodies {
			full := x.limit != nil && x.limit.Cmp(least) == 0
			for _, l := range x.links {
				full = full || x.rate == nil && level[l].Cmp(least) == 0
			}
			if x.rate == nil && full {
				x.rate = least
				waiting--
			}
		}
	}
}

func (o *oracle) advance(now Time) {
	o.fill()
	seconds := big.NewRat(int64(now-o.now), 1e9)
	for _, x := range o.bodies {
		moved := new(big.Rat).Mul(x.rate, seconds)
		x.left.Sub(x.left, moved)
		for _, l := range x.links {
			o.gone[l].Add(o.gone[l], moved)
		}
	}
	o.now = now
}

// wait is how long a body needs yet at its rate, in ns, not rounded.
func (x *oracleBody) wait() float64 {
	t := new(big.Rat).Quo(x.left, x.rate)
	ns, _ := t.Mul(t, rat(1e9)).Float64()
	return ns
}

// next is how long the next body needs yet, in ns; false when there is none.
func (o *oracle) next() (ns float64, ok bool) {
	o.fill()
	for i, x := range o.bodies {
		if w := x.wait(); i == 0 || w < ns {
			ns = w
		}
	}
	return ns, len(o.bodies) > 0
}

// hair is what the exact instant of a body may be off half a nanosecond, as the network works with floating-point numbers.
const hair = 0.5 + 1e-4

// duel lets a network and the oracle play the same.
type duel struct {
	t   *rapid.T
	net *Network
	o   *oracle
	now Time
}

// until compares every completion up to an instant: it is at the nanosecond that is nearest to the exact instant, and nobody else would be
// through by then.
func (d *duel) until(end Time) {
	for d.net.Next() <= end {
		next := d.net.Next()
		ns, ok := d.o.next()
		require.True(d.t, ok, "a body is through that the oracle does not know")
		require.InDelta(d.t, 0, float64(next-d.o.now)-ns, hair, "next completion, ns")
		d.o.advance(next)
		done := d.net.Finish(next, nil)
		require.NotEmpty(d.t, done)
		for _, p := range done {
			i := slices.IndexFunc(d.o.bodies, func(x *oracleBody) bool { return x.conn == p.Conn })
			require.InDelta(d.t, 0, d.o.bodies[i].wait(), hair, "what is left of a body that is through, ns")
			d.o.bodies[i].conn = 0
		}
		for _, x := range d.o.bodies {
			require.True(d.t, x.conn == 0 || x.wait() > 1-hair, "another is through, and was left")
		}
		d.o.bodies = slices.DeleteFunc(d.o.bodies, func(x *oracleBody) bool { return x.conn == 0 })
		d.now = next
	}
	if ns, ok := d.o.next(); ok && end != simtime.Never {
		require.Greater(d.t, ns-float64(end-d.o.now), -hair, "the oracle's next body should be through by now")
	}
	if end != simtime.Never {
		d.now = end
		d.o.advance(end)
	}
	d.compare()
}

// compare holds rates, and what links have carried, against the oracle.
func (d *duel) compare() {
	d.net.settle()
	d.o.fill()
	for _, x := range d.o.bodies {
		want, _ := x.rate.Float64()
		k := &d.net.classes[d.net.transfers[x.id].class]
		require.InEpsilon(d.t, want, k.rate, 1e-12, "rate of body %d", x.conn)
	}
	loads := d.net.Loads(d.now, nil)
	for l, i := 0, 0; l < len(d.o.bits); l++ {
		if d.net.resources[l].link < 0 {
			continue
		}
		want, _ := d.o.gone[l].Float64()
		require.InDelta(d.t, want, loads[i].Carried, 1e-12*want+1e-5, "carried by resource %d", l)
		i++
	}
}

// drawNetwork draws up to six sites in a row or a ring, with chords; one direction of a link in ten has no limit.
func drawNetwork(rt *rapid.T, window int64) *Network {
	b := topology.NewBuilder(topology.V2010)
	sites := rapid.IntRange(2, 6).Draw(rt, "sites")
	for i := range sites {
		b.Site(topology.Site{Name: "ABCDEF"[i : i+1]})
	}
	bits := func(label string) int64 {
		if rapid.IntRange(0, 9).Draw(rt, "unlimited") == 9 {
			return 0
		}
		return rapid.Int64Range(1, 5000).Draw(rt, label) * 1000
	}
	for i := range sites - 1 + rapid.IntRange(0, sites-1).Draw(rt, "chords") {
		from, to := i, i+1
		if i >= sites-1 {
			from = rapid.IntRange(0, sites-1).Draw(rt, "from")
			to = (from + rapid.IntRange(1, sites-1).Draw(rt, "to")) % sites
		}
		b.Link(topology.Link{Name: fmt.Sprintf("L%d", i), Sites: []topology.SiteID{topology.SiteID(from), topology.SiteID(to)}, Cost: 1,
			RTT: time.Duration(rapid.IntRange(1, 40).Draw(rt, "rtt")) * time.Millisecond, Up: bits("up"), Down: bits("down")})
	}
	org, err := b.Build()
	require.NoError(rt, err)
	n := NewNetwork(org)
	n.SetWindow(window)
	return n
}

// TestQ6_7_AgainstExactFractions lets bodies come, go, and change their way on random small networks, with and without a TCP window,
// and compares with exact fractions: all rates at every change, every completion, and what the links carried.
func TestQ6_7_AgainstExactFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		window := rapid.SampledFrom([]int64{0, 0, 1000, 8192, 65536}).Draw(rt, "window")
		net := drawNetwork(rt, window)
		d := &duel{t: rt, net: net, o: newOracle(net)}
		sites, links := len(net.org.Sites), len(net.org.Links)
		conn := uint32(0)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if rapid.IntRange(0, 2).Draw(rt, "gap") > 0 { // a third of the steps come at the same instant
				d.until(d.now + Time(rapid.Int64Range(1, 500_000_000).Draw(rt, "ns")))
			}
			switch what := rapid.IntRange(0, 9).Draw(rt, "what"); {
			case what < 2 && len(d.o.bodies) > 0:
				i := rapid.IntRange(0, len(d.o.bodies)-1).Draw(rt, "which")
				net.Cancel(d.now, d.o.bodies[i].id)
				d.o.bodies = slices.Delete(d.o.bodies, i, i+1)
			case what < 3:
				net.SetLink(d.now, topology.LinkID(rapid.IntRange(0, links-1).Draw(rt, "link")), rapid.Bool().Draw(rt, "up"))
				d.o.bodies = slices.DeleteFunc(d.o.bodies, func(x *oracleBody) bool {
					if !net.Reachable(x.from, x.to) {
						net.Cancel(d.now, x.id)
						return true
					}
					x.id = net.Move(d.now, x.id, x.from, x.to)
					if !net.Shared(x.from, x.to) {
						x.left.SetInt64(0)
						return false
					}
					d.o.way(net, x, window)
					return false
				})
			default:
				from := rapid.IntRange(0, sites-1).Draw(rt, "from")
				to := (from + rapid.IntRange(1, sites-1).Draw(rt, "to")) % sites
				conn++
				x := &oracleBody{conn: conn, from: topology.SiteID(from), to: topology.SiteID(to), left: rat(rapid.Int64Range(0, 2_000_000).Draw(rt, "bits"))}
				if !net.Shared(x.from, x.to) {
					continue
				}
				d.o.way(net, x, window)
				bits, _ := x.left.Float64()
				x.id = net.Start(d.now, x.from, x.to, bits, Payload{Conn: conn})
				d.o.bodies = append(d.o.bodies, x)
			}
			if rapid.Bool().Draw(rt, "look") {
				d.compare()
			}
		}
		d.until(simtime.Never - 1)
		require.Empty(rt, d.o.bodies, "all are through in the end")
		require.Equal(rt, simtime.Never, net.Next())
	})
}
