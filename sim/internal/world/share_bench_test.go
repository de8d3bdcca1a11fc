package world

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// crowd keeps so many bodies under way: whenever one is through another begins, from a pair and of a size drawn by a small generator of
// its own.
type crowd struct {
	net   *Network
	now   Time
	pairs [][2]topology.SiteID
	out   []Payload
	x     uint64
}

func newCrowd(tb testing.TB, net *Network, pairs [][2]topology.SiteID, bodies int) *crowd {
	c := &crowd{net: net, pairs: pairs, x: 1}
	for _, p := range pairs {
		require.True(tb, net.Shared(p[0], p[1])) // makes the way
	}
	for i := range bodies {
		c.begin(uint32(i))
	}
	return c
}

func (c *crowd) draw() uint64 {
	c.x ^= c.x << 13
	c.x ^= c.x >> 7
	c.x ^= c.x << 17
	return c.x
}

func (c *crowd) begin(conn uint32) {
	p := c.pairs[c.draw()%uint64(len(c.pairs))]
	c.net.Start(c.now, p[0], p[1], float64(10_000+c.draw()%2_000_000), Payload{Conn: conn})
	c.net.Next()
}

// turn ends what is through next and begins as many.
func (c *crowd) turn() int {
	c.now = c.net.Next()
	c.out = c.net.Finish(c.now, c.out[:0])
	c.net.Next() // a run asks after every change
	for _, p := range c.out {
		c.begin(p.Conn)
	}
	return len(c.out)
}

// chainOf is so many sites in a row; every other link is slower the other way.
func chainOf(tb testing.TB, sites int) *Network {
	tb.Helper()
	b := topology.NewBuilder(topology.V2010)
	for i := range sites {
		b.Site(topology.Site{Name: fmt.Sprintf("S%02d", i)})
	}
	for i := range sites - 1 {
		bits := int64(10+i*7%13) * mega
		b.Link(topology.Link{Name: fmt.Sprintf("L%02d", i), Sites: []topology.SiteID{topology.SiteID(i), topology.SiteID(i + 1)}, Cost: 1,
			RTT: 10 * time.Millisecond, Up: bits, Down: bits / int64(1+i%2)})
	}
	org, err := b.Build()
	require.NoError(tb, err)
	return NewNetwork(org)
}

// meshOf is eleven sites joined by thirty links.
func meshOf(tb testing.TB) *Network {
	tb.Helper()
	b := topology.NewBuilder(topology.V2010)
	const sites = 11
	for i := range sites {
		b.Site(topology.Site{Name: fmt.Sprintf("S%02d", i)})
	}
	for i := range 30 {
		from := i % sites
		to := (from + 1 + i/sites) % sites
		bits := int64(10+i*7%13) * mega
		b.Link(topology.Link{Name: fmt.Sprintf("L%02d", i), Sites: []topology.SiteID{topology.SiteID(from), topology.SiteID(to)}, Cost: 1,
			RTT: time.Duration(5+i%4) * time.Millisecond, Up: bits, Down: bits})
	}
	org, err := b.Build()
	require.NoError(tb, err)
	return NewNetwork(org)
}

// starOf is so many sites around one.
func starOf(tb testing.TB, sites int) *Network {
	tb.Helper()
	b := topology.NewBuilder(topology.V2010)
	for i := range sites {
		b.Site(topology.Site{Name: fmt.Sprintf("S%02d", i)})
	}
	for i := range sites - 1 {
		bits := int64(10+i*7%13) * mega
		b.Link(topology.Link{Name: fmt.Sprintf("L%02d", i), Sites: []topology.SiteID{0, topology.SiteID(i + 1)}, Cost: 1, RTT: 10 * time.Millisecond, Up: bits, Down: bits})
	}
	org, err := b.Build()
	require.NoError(tb, err)
	return NewNetwork(org)
}

// everyPair lists the ordered pairs of sites.
func everyPair(sites int) [][2]topology.SiteID {
	var out [][2]topology.SiteID
	for a := range topology.SiteID(sites) {
		for b := range topology.SiteID(sites) {
			if a != b {
				out = append(out, [2]topology.SiteID{a, b})
			}
		}
	}
	return out
}

// someCrowds are the yardsticks of shared links, with one body, and with 500: on one link; over thirty links in a row from everywhere to
// everywhere, so that all depend on all; over thirty links of a mesh; over the thirty links of a star.
func someCrowds(tb testing.TB) []struct {
	name string
	make func() *crowd
} {
	const bodies = 500
	return []struct {
		name string
		make func() *crowd
	}{
		{"one-body", func() *crowd { return newCrowd(tb, chainOf(tb, 2), everyPair(2)[:1], 1) }},
		{"one-link", func() *crowd { return newCrowd(tb, chainOf(tb, 2), everyPair(2)[:1], bodies) }},
		{"chain-30", func() *crowd { return newCrowd(tb, chainOf(tb, 31), everyPair(31), bodies) }},
		{"neighbours-30", func() *crowd {
			var pairs [][2]topology.SiteID
			for i := range topology.SiteID(30) {
				pairs = append(pairs, [2]topology.SiteID{i, i + 1})
			}
			return newCrowd(tb, chainOf(tb, 31), pairs, bodies)
		}},
		{"mesh-30", func() *crowd { return newCrowd(tb, meshOf(tb), everyPair(11), bodies) }},
		{"star-30", func() *crowd { return newCrowd(tb, starOf(tb, 31), everyPair(31), bodies) }},
	}
}

// BenchmarkShared measures what one body costs that comes and goes while 499 others are under way.
func BenchmarkShared(b *testing.B) {
	for _, c := range someCrowds(b) {
		b.Run(c.name, func(b *testing.B) {
			crowd := c.make()
			for range 5000 {
				crowd.turn()
			}
			b.ReportAllocs()
			bodies := 0
			for b.Loop() {
				bodies += crowd.turn()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(bodies), "ns/body")
		})
	}
}
