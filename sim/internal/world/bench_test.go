package world

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

const mega = 1_000_000

// Sites of the benches.
const (
	siteA, siteB, siteC, siteD topology.SiteID = 0, 1, 2, 3
)

// bench is a network under test and what came off it.
type bench struct {
	t   testing.TB
	net *Network
	now Time
	log []string // "2s 1": at 2 s the body of connection 1 was through
}

// newBench makes the sites A, B, ... with these links.
func newBench(t testing.TB, sites int, links []topology.Link, networks ...topology.Network) *bench {
	t.Helper()
	return newNamedBench(t, "ABCDEFGHIJ"[:sites], links, networks...)
}

// newNamedBench makes sites named by the letters of names.
func newNamedBench(t testing.TB, names string, links []topology.Link, networks ...topology.Network) *bench {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	for i := range names {
		b.Site(topology.Site{Name: names[i : i+1]})
	}
	for _, l := range links {
		if l.Cost == 0 {
			l.Cost = 1
		}
		b.Link(l)
	}
	for _, w := range networks {
		b.Network(w)
	}
	org, err := b.Build()
	require.NoError(t, err)
	return &bench{t: t, net: NewNetwork(org)}
}

// link joins sites at so many bit/s in both directions.
func link(name string, bits int64, sites ...topology.SiteID) topology.Link {
	return topology.Link{Name: name, Sites: sites, Up: bits, Down: bits, RTT: 10 * time.Millisecond}
}

func at(seconds float64) Time { return Time(simtime.FromSeconds(seconds)) }

// until takes what is through up to an instant off the network.
func (b *bench) until(seconds float64) *bench {
	end := at(seconds)
	for b.net.Next() <= end {
		b.now = b.net.Next()
		done := b.net.Finish(b.now, nil)
		require.NotEmpty(b.t, done, "nothing was through at %s", b.now)
		slices.SortFunc(done, func(x, y Payload) int { return cmp.Compare(x.Conn, y.Conn) }) // of one instant, in an order that means nothing
		for _, p := range done {
			b.log = append(b.log, fmt.Sprintf("%s %d", b.now, p.Conn))
		}
	}
	b.now = end
	return b
}

// start begins the body of a connection at an instant.
func (b *bench) start(seconds float64, conn uint32, from, to topology.SiteID, bits float64) TransferID {
	b.until(seconds)
	return b.net.Start(b.now, from, to, bits, Payload{Conn: conn})
}

func (b *bench) cancel(seconds float64, id TransferID) {
	b.until(seconds)
	b.net.Cancel(b.now, id)
}

// carried is what a link has carried up to now in a direction.
func (b *bench) carried(link topology.LinkID, d Direction) float64 {
	for _, l := range b.net.Loads(b.now, nil) {
		if l.Link == link && l.Direction == d {
			return l.Carried
		}
	}
	require.Fail(b.t, "no such load")
	return 0
}
