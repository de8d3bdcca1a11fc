package world

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// oracle is processor sharing done slowly in exact fractions: every body for itself, everything recomputed at every event.
type oracle struct {
	now    Time
	bits   []int64 // by link and direction: 2*link + direction; 0 = unlimited
	bodies []*oracleBody
	gone   []*big.Rat // by link and direction: bits carried
}

type oracleBody struct {
	id    TransferID
	conn  uint32
	links []int // that it occupies
	left  *big.Rat
}

func newOracle(links []topology.Link) *oracle {
	o := &oracle{}
	for _, l := range links {
		o.bits = append(o.bits, l.Up, l.Down)
		o.gone = append(o.gone, new(big.Rat), new(big.Rat))
	}
	return o
}

// rate is the least share that one of a body's links gives, in bit/s.
func (o *oracle) rate(x *oracleBody) *big.Rat {
	var least *big.Rat
	for _, l := range x.links {
		n := int64(0)
		for _, y := range o.bodies {
			for _, k := range y.links {
				if k == l {
					n++
				}
			}
		}
		if share := big.NewRat(o.bits[l], n); least == nil || share.Cmp(least) < 0 {
			least = share
		}
	}
	return least
}

func (o *oracle) advance(now Time) {
	seconds := big.NewRat(int64(now-o.now), 1e9)
	moved := make([]*big.Rat, len(o.bodies))
	for i, x := range o.bodies {
		moved[i] = new(big.Rat).Mul(o.rate(x), seconds)
	}
	for i, x := range o.bodies {
		x.left.Sub(x.left, moved[i])
		for _, l := range x.links {
			o.gone[l].Add(o.gone[l], moved[i])
		}
	}
	o.now = now
}

// next is when the next body is through, in nanoseconds, not rounded.
func (o *oracle) next() *big.Rat {
	var first *big.Rat
	for _, x := range o.bodies {
		t := new(big.Rat).Quo(x.left, o.rate(x))
		t.Mul(t, big.NewRat(1e9, 1))
		if first == nil || t.Cmp(first) < 0 {
			first = t
		}
	}
	if first == nil {
		return nil
	}
	return first.Add(first, new(big.Rat).SetInt64(int64(o.now)))
}

func (o *oracle) remove(i int) { o.bodies = append(o.bodies[:i], o.bodies[i+1:]...) }

// TestQ6_7_AgainstExactFractions lets random bodies come and go on random small networks, and compares every completion with exact
// fractions: it must be due at that very nanosecond, give or take one for rounding, and what links carried must agree to a millionth of
// a bit a second.
func TestQ6_7_AgainstExactFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		sites := rapid.IntRange(2, 4).Draw(rt, "sites")
		var links []topology.Link
		for s := range sites - 1 { // a row, so that there is one way for every pair
			l := topology.Link{Name: fmt.Sprintf("L%d", s), Sites: []topology.SiteID{topology.SiteID(s), topology.SiteID(s + 1)}, RTT: time.Millisecond}
			l.Up, l.Down = rapid.Int64Range(1, 5000).Draw(rt, "up")*1000, rapid.Int64Range(1, 5000).Draw(rt, "down")*1000
			links = append(links, l)
		}
		b := newBench(t, sites, links)
		o := newOracle(links)
		through := func(end Time) {
			for b.net.Next() <= end {
				next := b.net.Next()
				due := o.next()
				require.NotNil(rt, due, "a body is through that the oracle does not know")
				late, _ := new(big.Rat).Sub(new(big.Rat).SetInt64(int64(next)), due).Float64()
				require.InDelta(rt, 0, late, 1.001, "next completion, ns")
				o.advance(next)
				done := b.net.Finish(next, nil)
				require.NotEmpty(rt, done)
				for _, p := range done {
					i := 0
					for o.bodies[i].conn != p.Conn {
						i++
					}
					left, _ := new(big.Rat).Quo(o.bodies[i].left, o.rate(o.bodies[i])).Float64()
					require.InDelta(rt, 0, left*1e9, 2, "what is left of a body that is through, ns")
					o.remove(i)
				}
			}
			if due := o.next(); due != nil {
				early, _ := new(big.Rat).Sub(new(big.Rat).SetInt64(int64(end)), due).Float64()
				require.Less(rt, early, 1.001, "the oracle's next body should be through by now")
			}
			b.now = end
			o.advance(end)
		}
		conn := uint32(0)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if gap := rapid.IntRange(0, 2).Draw(rt, "gap"); gap > 0 { // a third of the steps come at the same instant
				through(b.now + Time(rapid.Int64Range(1, 500_000_000).Draw(rt, "ns")))
			}
			if len(o.bodies) > 0 && rapid.IntRange(0, 3).Draw(rt, "what") == 0 {
				i := rapid.IntRange(0, len(o.bodies)-1).Draw(rt, "which")
				b.net.Cancel(b.now, o.bodies[i].id)
				o.remove(i)
				continue
			}
			from := rapid.IntRange(0, sites-1).Draw(rt, "from")
			to := (from + rapid.IntRange(1, sites-1).Draw(rt, "to")) % sites
			bits := rapid.Int64Range(0, 2_000_000).Draw(rt, "bits")
			conn++
			x := &oracleBody{conn: conn, left: new(big.Rat).SetInt64(bits)}
			for s := min(from, to); s < max(from, to); s++ {
				if from < to {
					x.links = append(x.links, 2*s)
				} else {
					x.links = append(x.links, 2*s+1)
				}
			}
			x.id = b.net.Start(b.now, topology.SiteID(from), topology.SiteID(to), float64(bits), Payload{Conn: conn})
			o.bodies = append(o.bodies, x)
			for i, l := range b.net.Loads(b.now, nil) {
				want, _ := o.gone[i].Float64()
				require.InDelta(rt, want, l.Carried, 1e-6*(1+b.now.Seconds()), "carried by %d", i)
			}
		}
		through(b.now + Time(simtime.FromSeconds(1e6)))
		require.Empty(rt, o.bodies, "all are through in the end")
		require.Equal(rt, simtime.Never, b.net.Next())
	})
}
