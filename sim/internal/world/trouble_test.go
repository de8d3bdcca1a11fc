package world

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestF13_LossRate is the bit/s of a connection under loss: 1.22 segments of 1460 bytes a round trip, over the root of the loss.
func TestF13_LossRate(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 3.6e6, lossRate(40*time.Millisecond, 0.01), 0.05e6)
	require.InDelta(t, 1.6e6, lossRate(40*time.Millisecond, 0.05), 0.05e6)
	require.InEpsilon(t, 1.22*1460*8/0.04*10, lossRate(40*time.Millisecond, 0.01), 1e-12)
	require.Equal(t, noLimit, lossRate(40*time.Millisecond, 0))
	require.Equal(t, noLimit, lossRate(0, 0.5), "without distance a loss costs no time")
}

// rowOfSites is A-B-C with 40 ms and 60 ms, C joined to D by a network of its own and by a link.
func rowOfSites(t *testing.T) *Network {
	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"A", "B", "C", "D"} {
		b.Site(topology.Site{Name: name})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 1, RTT: 40 * time.Millisecond, Up: 10e6, Down: 10e6})
	b.Link(topology.Link{Name: "B-C", Sites: []topology.SiteID{1, 2}, Cost: 1, RTT: 60 * time.Millisecond, Up: 10e6, Down: 10e6})
	b.Link(topology.Link{Name: "C-D", Sites: []topology.SiteID{2, 3}, Cost: 1, RTT: 20 * time.Millisecond, Up: 10e6, Down: 10e6})
	b.Network(topology.Network{Sites: [2]topology.SiteID{2, 3}, RTT: 5 * time.Millisecond, Up: 10e6, Down: 10e6})
	org, err := b.Build()
	require.NoError(t, err)
	return NewNetwork(org)
}

// TestF13_AlongAWay: a way takes the latencies, losses and trials of all its links; which way it is does not depend on them. Pairs that a degraded link is not
// on the way of do not notice, nor do those with a network of their own.
func TestF13_AlongAWay(t *testing.T) {
	const ms = time.Millisecond
	n := rowOfSites(t)
	require.Equal(t, 100*ms, n.RTT(0, 2))
	slow := Trouble{Ways: [2]Toll{{Latency: 100 * ms, Breaks: 0.01}, {Latency: 30 * ms, Breaks: 0.04}}, Trials: []Trial{{Key: 1, Lost: 0.1}}}
	n.Degrade(0, 1, slow)
	n.Degrade(0, 2, slow)
	n.Degrade(0, 0, Trouble{Ways: [2]Toll{{Latency: 1 * ms, Breaks: 0.02}}, Trials: []Trial{{Key: 2}, {Key: 3}}})
	require.True(t, n.Troubled())
	require.Equal(t, 41*ms, n.RTT(0, 1))
	require.Equal(t, 231*ms, n.RTT(0, 2))
	require.Equal(t, 231*ms, n.RTT(2, 0))
	require.Equal(t, 5*ms, n.RTT(2, 3))
	require.Empty(t, n.Trials(2, 3, nil))
	require.Empty(t, n.Trials(1, 1, nil))
	require.Equal(t, []Trial{{Key: 2}, {Key: 3}, {Key: 1, Lost: 0.1}}, n.Trials(0, 2, nil))
	require.Equal(t, []Trial{{Key: 2}, {Key: 3}, {Key: 1, Lost: 0.1}}, n.Trials(2, 0, nil))
	require.InEpsilon(t, lossRate(231*ms, 1-0.98*0.99), n.classes[n.classOfPair(0, 2)].limit, 1e-12)
	require.InEpsilon(t, lossRate(231*ms, 0.04), n.classes[n.classOfPair(2, 0)].limit, 1e-12)
	require.Equal(t, noLimit, n.classes[n.classOfPair(2, 3)].limit)

	all := make([]Trial, 0, 8)
	require.Zero(t, testing.AllocsPerRun(100, func() { all = n.Trials(2, 0, all[:0]) }), "it is asked for at every session")

	for l := range topology.LinkID(3) {
		n.Degrade(0, l, Trouble{})
	}
	require.False(t, n.Troubled())
	require.Equal(t, 100*ms, n.RTT(0, 2))
	require.Empty(t, n.Trials(0, 2, nil))
}

// TestF13_Utilisation: the share of a link that is in use is that of the bandwidth which is left of it.
func TestF13_Utilisation(t *testing.T) {
	t.Parallel()
	n := rowOfSites(t)
	before := n.Loads(0, nil)[0]
	n.Start(0, 0, 1, 100e6, Payload{})
	sec := func(s int) Time { return Time(s) * Time(time.Second) }
	n.Degrade(sec(2), 0, Trouble{Ways: [2]Toll{{Bits: 1e6}}})
	middle := n.Loads(sec(4), nil)[0]
	require.Equal(t, 22e6, middle.Carried)
	require.Equal(t, 18e6, middle.Lack)
	require.Equal(t, 1.0, middle.Share(&before, 4))
	n.Degrade(sec(6), 0, Trouble{Ways: [2]Toll{{Copies: 1}}})
	after := n.Loads(sec(7), nil)[0]
	require.Equal(t, 29e6, after.Carried)
	require.Equal(t, 1.0, after.Share(&middle, 3))
	require.Equal(t, 0.5, n.Loads(sec(7), nil)[1].Share(&LinkLoad{}, 7)+0.5, "nothing comes back")
	require.Zero(t, after.Share(&after, 0))
}

// troubleDrawn draws how a link fares: a figure for each way, nothing of each in half of the cases.
func troubleDrawn(rt *rapid.T) Trouble {
	var x Trouble
	for d := range x.Ways {
		toll := &x.Ways[d]
		if rapid.Bool().Draw(rt, "narrow") {
			toll.Bits = rapid.Int64Range(1, 5000).Draw(rt, "left") * 1000
		}
		if rapid.Bool().Draw(rt, "copies") {
			toll.Copies = float64(rapid.IntRange(0, 8).Draw(rt, "eighths")) / 8
		}
		if rapid.Bool().Draw(rt, "far") {
			toll.Latency = time.Duration(rapid.IntRange(0, 100).Draw(rt, "latency")) * time.Millisecond
		}
		if rapid.Bool().Draw(rt, "lossy") {
			toll.Breaks = rapid.Float64Range(0.0001, 1).Draw(rt, "breaks")
		}
	}
	return x
}

// TestF13_AgainstExactFractions lets links fare worse and better while bodies are under way, and compares rates, completions and what links carried with exact
// fractions.
func TestF13_AgainstExactFractions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		net := drawNetwork(rt, 0)
		d := &duel{t: rt, net: net, o: newOracle(net)}
		sites, links := len(net.org.Sites), len(net.org.Links)
		trouble := make([]Trouble, links)
		ways := func(x *oracleBody) {
			d.o.way(net, x, 0)
			breaks, rtt := 0.0, net.RTT(x.from, x.to)
			for _, leg := range net.legs(x.from, x.to) {
				breaks = 1 - (1-breaks)*(1-trouble[leg.link].Ways[leg.dir].Breaks)
			}
			if breaks > 0 {
				x.limit = new(big.Rat).SetFloat64(lossRate(rtt, breaks))
			}
		}
		conn := uint32(0)
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if rapid.IntRange(0, 2).Draw(rt, "gap") > 0 {
				d.until(d.now + Time(rapid.Int64Range(1, 500_000_000).Draw(rt, "ns")))
			}
			if rapid.IntRange(0, 2).Draw(rt, "what") == 0 {
				l := rapid.IntRange(0, links-1).Draw(rt, "link")
				if trouble[l] = (Trouble{}); rapid.Bool().Draw(rt, "worse") {
					trouble[l] = troubleDrawn(rt)
				}
				net.Degrade(d.now, topology.LinkID(l), trouble[l])
				for i := range net.resources {
					bits := new(big.Rat).SetFloat64(net.resources[i].bits)
					if i < len(d.o.bits) {
						d.o.bits[i] = bits
					} else {
						d.o.bits, d.o.gone = append(d.o.bits, bits), append(d.o.gone, new(big.Rat))
					}
				}
				for _, x := range d.o.bodies {
					x.id = net.Move(d.now, x.id, x.from, x.to)
					if !net.Shared(x.from, x.to) {
						x.left.SetInt64(0)
						continue
					}
					ways(x)
				}
			} else {
				from := rapid.IntRange(0, sites-1).Draw(rt, "from")
				to := (from + rapid.IntRange(1, sites-1).Draw(rt, "to")) % sites
				conn++
				x := &oracleBody{conn: conn, from: topology.SiteID(from), to: topology.SiteID(to), left: rat(rapid.Int64Range(0, 2_000_000).Draw(rt, "bits"))}
				if !net.Shared(x.from, x.to) {
					continue
				}
				ways(x)
				bits, _ := x.left.Float64()
				x.id = net.Start(d.now, x.from, x.to, bits, Payload{Conn: conn})
				d.o.bodies = append(d.o.bodies, x)
			}
			if rapid.Bool().Draw(rt, "look") {
				d.compare()
			}
		}
		d.until(simtime.Never - 1)
		require.Empty(rt, d.o.bodies)
		for l := range trouble { // as before
			net.Degrade(d.now, topology.LinkID(l), Trouble{})
		}
		require.True(rt, slices.Equal(net.lines, net.linesNow()), "links that are no longer degraded have their own bandwidth")
	})
}

// linesNow lists the resources that the edges of each link use, each with its own bandwidth.
func (n *Network) linesNow() [][2]int32 {
	out := make([][2]int32, len(n.org.Links))
	for i := range n.edges {
		e := &n.edges[i]
		out[e.link] = [2]int32{e.up, e.down}
		for _, r := range out[e.link] {
			if r >= 0 && n.resources[r].bits != n.resources[r].own {
				out[e.link] = [2]int32{-2, -2}
			}
		}
	}
	return out
}
