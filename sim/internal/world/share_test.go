package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// TestQ6_7_SharedEqually works small cases by hand: the bodies under way on a link share it equally but for those that another link holds
// down more, and a body is through to the nanosecond when its last bit is, whatever came and went meanwhile.
func TestQ6_7_SharedEqually(t *testing.T) {
	t.Parallel()
	one := []topology.Link{link("A-B", mega, siteA, siteB)}
	for _, c := range []struct {
		name  string
		sites int
		links []topology.Link
		play  func(b *bench)
		want  []string
	}{
		{"alone", 2, one, func(b *bench) {
			b.start(1, 1, siteA, siteB, 3*mega)
		}, []string{"4s 1"}},
		{"two at once take twice as long", 2, one, func(b *bench) {
			b.start(0, 2, siteA, siteB, mega)
			b.start(0, 1, siteA, siteB, mega)
		}, []string{"2s 1", "2s 2"}},
		{"one joins", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, 10*mega)
			b.start(5, 2, siteA, siteB, mega) // 5 Mbit of the first are left: at half speed, 4 when the second is through
		}, []string{"7s 2", "11s 1"}},
		{"one leaves", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega)
			b.start(0, 2, siteA, siteB, mega)
			gone := b.start(0, 3, siteA, siteB, mega)
			b.cancel(1, gone) // 2/3 Mbit of each are left, at half speed
		}, []string{"2.333333333s 1", "2.333333333s 2"}},
		{"three unequal", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega)
			b.start(0, 2, siteA, siteB, 2*mega)
			b.start(0, 3, siteA, siteB, 3*mega)
		}, []string{"3s 1", "5s 2", "6s 3"}},
		{"sevenths of a second round once", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, 1000)
			for conn := range uint32(6) {
				b.start(0, conn+2, siteA, siteB, mega)
			}
			for i := range b.net.transfers[1:] { // the six large ones leave at 1 s
				if i > 0 {
					b.cancel(1, TransferID(i+1))
				}
			}
		}, []string{"7ms 1"}},
		{"the last alone again", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, 0.5*mega)
			b.start(2, 2, siteA, siteB, mega)
		}, []string{"500ms 1", "3s 2"}},
		{"directions are apart", 2, one, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega)
			b.start(0, 2, siteB, siteA, mega)
		}, []string{"1s 1", "1s 2"}},
		{"directions of their own speed", 2, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteB, siteA}, Up: mega, Down: 4 * mega}}, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega) // up is from the lower site id, however the link names its sites
			b.start(0, 2, siteB, siteA, mega)
		}, []string{"250ms 2", "1s 1"}},
		{"a direction without limit", 2, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: mega}}, func(b *bench) {
			require.True(b.t, b.net.Shared(siteA, siteB))
			require.False(b.t, b.net.Shared(siteB, siteA))
			b.start(0, 1, siteA, siteB, mega)
		}, []string{"1s 1"}},
		{"what one cannot use the others have", 3, []topology.Link{link("A-B", mega, siteA, siteB), link("B-C", 10*mega, siteB, siteC)}, func(b *bench) {
			b.start(0, 1, siteA, siteC, mega)    // half of A-B
			b.start(0, 2, siteA, siteB, mega)    // half of A-B
			b.start(0, 3, siteB, siteC, 20*mega) // the other 9.5 of B-C, to 2 s; then all of it
		}, []string{"2s 1", "2s 2", "2.1s 3"}},
		{"three links in a row", 4, []topology.Link{link("A-B", 6*mega, siteA, siteB), link("B-C", 4*mega, siteB, siteC), link("C-D", 3*mega, siteC, siteD)}, func(b *bench) {
			b.start(0, 1, siteA, siteD, 6*mega) // alone: 3 Mbit/s
			b.start(1, 2, siteB, siteC, 4*mega) // from now on 2 each on B-C: 3 Mbit of the first are left
			b.start(2, 3, siteA, siteB, 6*mega) // 4 on A-B; the first is through at 2.5 s, and the third has 4 Mbit left for all of A-B
		}, []string{"2.5s 1", "2.75s 2", "3.166666667s 3"}},
		{"a long one and a short one on each of its links", 4, []topology.Link{link("A-B", 12*mega, siteA, siteB), link("B-C", 2*mega, siteB, siteC), link("C-D", 8*mega, siteC, siteD)}, func(b *bench) {
			b.start(0, 1, siteA, siteD, 3*mega)  // 1 Mbit/s: half of B-C
			b.start(0, 2, siteA, siteB, 11*mega) // 11
			b.start(0, 3, siteC, siteD, 14*mega) // 7
			b.start(0, 4, siteB, siteC, 2*mega)  // 1, to 2 s; then the first has 2 and is through at 2.5 s
		}, []string{"1s 2", "2s 3", "2s 4", "2.5s 1"}},
		{"a neck moves along the way", 4, []topology.Link{link("A-B", 6*mega, siteA, siteB), link("B-C", 6*mega, siteB, siteC), link("C-D", 6*mega, siteC, siteD)}, func(b *bench) {
			b.start(0, 1, siteA, siteD, 11*mega) // 6
			b.start(1, 2, siteB, siteC, 6*mega)  // 3 each; A-B and C-D have 3 to give that nobody wants
			b.start(2, 3, siteC, siteD, 4*mega)  // C-D is full as well: 3 each
			b.start(2, 4, siteC, siteD, 4*mega)  // 2 each on C-D; the second has the other 4 of B-C, and is through at 2.75 s
			// At 2.75 s 0.5 Mbit of the first is left, 2.5 of the others: at 2 each until 3 s, then 3 each.
		}, []string{"2.75s 2", "3s 1", "3.666666667s 3", "3.666666667s 4"}},
		{"one leaves a full link, and a faster one is held there", 3, []topology.Link{link("A-B", 2*mega, siteA, siteB), link("B-C", 3*mega, siteB, siteC)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega) // 1
			b.start(0, 2, siteA, siteC, 4*mega)
			b.start(0, 3, siteB, siteC, 8*mega) // 2, until 1 s; then 1.5
			// Of the second 3 Mbit are left at 1 s and through at 3 s; of the third 6, 3 at 3 s.
		}, []string{"1s 1", "3s 2", "4s 3"}},
		{"directions of a row", 3, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: mega, Down: 3 * mega}, {Name: "B-C", Sites: []topology.SiteID{siteB, siteC}, Up: 4 * mega, Down: 2 * mega}}, func(b *bench) {
			b.start(0, 1, siteA, siteC, mega)   // 1: A-B up
			b.start(0, 2, siteC, siteA, 2*mega) // 1: half of B-C down
			b.start(0, 3, siteC, siteB, mega)   // 1
			b.start(0, 4, siteB, siteA, 3*mega) // 2: what the second leaves of A-B down
			// At 1 s B-C down has 2 for the second, so that A-B down is its neck: 1 Mbit is left of either, at 1.5 each.
		}, []string{"1s 1", "1s 3", "1.666666667s 2", "1.666666667s 4"}},
		{"unlimited links on the way", 4, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}}, link("B-C", mega, siteB, siteC), {Name: "C-D", Sites: []topology.SiteID{siteC, siteD}}}, func(b *bench) {
			require.False(b.t, b.net.Shared(siteA, siteB))
			b.start(0, 1, siteA, siteD, mega)
			b.start(0, 2, siteB, siteC, mega)
		}, []string{"2s 1", "2s 2"}},
		{"all at one instant", 3, []topology.Link{link("A-B", 2*mega, siteA, siteB), link("B-C", 4*mega, siteB, siteC)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega)
			b.start(0, 2, siteA, siteC, mega)
			b.start(0, 3, siteB, siteC, 3*mega) // 3: all are through at 1 s, when others begin
			b.start(1, 4, siteA, siteB, mega)
			gone := b.start(1, 5, siteA, siteC, mega)
			b.start(1, 6, siteB, siteC, 4*mega)
			b.cancel(1, gone)
		}, []string{"1s 1", "1s 2", "1s 3", "1.5s 4", "2s 6"}},
		{"through at one nanosecond because another left", 2, []topology.Link{link("A-B", 1_000_000_000, siteA, siteB)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 1000)
			b.start(0, 2, siteA, siteB, 1000.4) // alone from 2000 ns on: 0.4 ns more
		}, []string{"2µs 1", "2µs 2"}},
		{"a nanosecond later is later", 2, []topology.Link{link("A-B", 1_000_000_000, siteA, siteB)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 1000)
			b.start(0, 2, siteA, siteB, 1000.6)
		}, []string{"2µs 1", "2.001µs 2"}},
		{"... even when it was less than one, before another left", 2, []topology.Link{link("A-B", 1_000_000_000, siteA, siteB)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 1000)
			b.start(0, 2, siteA, siteB, 1000.3) // 0.9 ns more among three; 0.6 among two
			b.start(0, 3, siteA, siteB, 1000.3)
		}, []string{"3µs 1", "3.001µs 2", "3.001µs 3"}},
		{"halves of a nanosecond go to the even one", 2, []topology.Link{link("A-B", 1_000_000_000, siteA, siteB)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 2.5)
			b.start(1, 2, siteA, siteB, 3.5)
		}, []string{"2ns 1", "1.000000004s 2"}},
		{"a mesh is one link", 3, []topology.Link{link("L", 3*mega, siteA, siteB, siteC)}, func(b *bench) {
			b.start(0, 1, siteA, siteB, mega)
			b.start(0, 2, siteA, siteC, mega)
			b.start(0, 3, siteB, siteC, mega)
			b.start(0, 4, siteC, siteA, 3*mega) // the other direction
		}, []string{"1s 1", "1s 2", "1s 3", "1s 4"}},
		{"a body of nothing", 2, one, func(b *bench) {
			b.start(2, 1, siteA, siteB, 0)
		}, []string{"2s 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.sites, c.links)
			c.play(b)
			require.Equal(t, c.want, b.until(100).log)
		})
	}
}

// TestNobodyNeedsToAsk lets bodies come and go at several instants and asks for completions and loads at the end only: each change counts
// from its own instant.
func TestNobodyNeedsToAsk(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, []topology.Link{link("A-B", 2*mega, siteA, siteB)})
	b.net.Start(0, siteA, siteB, 10*mega, Payload{Conn: 1})
	gone := b.net.Start(at(1), siteA, siteB, 10*mega, Payload{Conn: 2})
	b.net.Cancel(at(2), gone)
	b.now = at(3) // 2 + 1 + 1 + 2 Mbit
	require.InDelta(t, 6*mega, b.carried(0, Up), 1e-6)
	require.Equal(t, []string{"5.5s 1"}, b.until(9).log)
	b.net.Start(at(9), siteA, siteB, 2*mega, Payload{Conn: 3})
	b.now = at(9.5) // one second's worth begun half a second ago
	require.InDelta(t, 12*mega, b.carried(0, Up), 1e-6)
}

// TestQ6_7_AccessLines is the line of an outside system: a link of its own, shared by everyone who sends there.
func TestQ6_7_AccessLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, []topology.Link{link("A-B", mega, siteA, siteB)})
	require.Equal(t, NoLine, b.net.AddLine(0, 0))
	one, two := b.net.AddLine(mega, 0), b.net.AddLine(mega, 0)
	require.NotEqual(t, one, two)
	b.net.StartLine(0, one, mega, Payload{Conn: 1})
	b.net.StartLine(0, one, mega, Payload{Conn: 2})
	b.net.StartLine(0, two, mega, Payload{Conn: 3})
	b.start(0, 4, siteA, siteB, mega)
	require.Equal(t, []string{"1s 3", "1s 4", "2s 1", "2s 2"}, b.until(100).log)
	require.Len(t, b.net.Loads(b.now, nil), 2, "access lines are no site links")
}

// TestQ6_7_CarriedBits accounts for what a link carried: the bodies that are through, and what crossed of those that were cut or are under
// way.
func TestQ6_7_CarriedBits(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3, []topology.Link{link("A-B", mega, siteA, siteB), link("B-C", 10*mega, siteB, siteC)})
	b.start(0, 1, siteA, siteB, mega)
	cut := b.start(0, 2, siteA, siteC, 3*mega)
	b.until(1)
	require.InDelta(t, mega, b.carried(0, Up), 1e-6)
	require.InDelta(t, mega/2, b.carried(1, Up), 1e-6)
	b.until(3) // the first was through at 2 s; 1 Mbit of the second is left
	require.Equal(t, []string{"2s 1"}, b.log)
	require.InDelta(t, 3*mega, b.carried(0, Up), 1e-6)
	b.cancel(3, cut)
	b.until(5)
	require.InDelta(t, 3*mega, b.carried(0, Up), 1e-6)
	require.InDelta(t, 2*mega, b.carried(1, Up), 1e-6)
	require.Zero(t, b.carried(0, Down))
	require.Zero(t, b.carried(1, Down))
}

// TestLoadsOnlyLooks holds a law of runs: how often someone samples changes nothing. Bodies of 1/3 bit at awkward instants are through at
// the same nanosecond with and without looks in between.
func TestLoadsOnlyLooks(t *testing.T) {
	t.Parallel()
	play := func(looks int) []string {
		b := newBench(t, 3, []topology.Link{link("A-B", 999_983, siteA, siteB), link("B-C", 1_299_709, siteB, siteC)})
		for i := range 2000 {
			s := float64(i) * 0.0173
			for k := range looks {
				b.until(s - 0.0173*float64(looks-k)/float64(looks+1))
				b.net.Loads(b.now, nil)
			}
			b.start(s, uint32(i), siteA, siteB+topology.SiteID(i%2), 1e10/3+float64(i*i%7919))
		}
		return b.until(1e9).log
	}
	want, got := play(0), play(7)
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i], got[i], "body %d to be through", i)
	}
}

// TestF12_BodiesGoAnotherWay moves bodies when the network has changed: with what is left, at the share of the new way.
func TestF12_BodiesGoAnotherWay(t *testing.T) {
	t.Parallel()
	square := []topology.Link{
		{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: 2 * mega, RTT: time.Millisecond},
		{Name: "B-C", Sites: []topology.SiteID{siteB, siteC}, Up: 2 * mega, RTT: time.Millisecond},
		{Name: "A-D", Sites: []topology.SiteID{siteA, siteD}, Up: mega, RTT: 5 * time.Millisecond},
		{Name: "C-D", Sites: []topology.SiteID{siteC, siteD}, Down: mega, RTT: 5 * time.Millisecond}, // D to C is down: from the higher id
	}
	t.Run("to a slower way and back", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, 4, square)
		id := b.start(0, 1, siteA, siteC, 4*mega)
		require.Equal(t, id, b.net.Move(0, id, siteA, siteC), "nothing changed")
		b.until(1) // 2 Mbit are left
		b.net.SetLink(b.now, 1, false)
		id = b.net.Move(b.now, id, siteA, siteC)
		b.until(2) // 1 Mbit is left
		b.net.SetLink(b.now, 1, true)
		b.net.Move(b.now, id, siteA, siteC)
		b.until(9)
		require.Equal(t, []string{"2.5s 1"}, b.log)
		require.InDelta(t, 3*mega, b.carried(0, Up), 1e-6)
		require.InDelta(t, mega, b.carried(2, Up), 1e-6)
		require.InDelta(t, mega, b.carried(3, Down), 1e-6)
	})
	t.Run("to a way without limit", func(t *testing.T) {
		t.Parallel()
		links := []topology.Link{square[0], square[1], square[2], square[3]}
		links[2].Up, links[3].Down = 0, 0
		b := newBench(t, 4, links)
		id := b.start(0, 1, siteA, siteC, 4*mega)
		b.start(0, 2, siteA, siteC, 4*mega)
		b.until(1)
		b.net.SetLink(b.now, 1, false)
		b.net.Move(b.now, id, siteA, siteC)
		b.until(9) // the other stayed: it has its link for itself
		require.Equal(t, []string{"1s 1", "2.5s 2"}, b.log)
		require.InDelta(t, 5*mega, b.carried(0, Up), 1e-6)
	})
	t.Run("of a pair that is cut", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, 2, []topology.Link{link("A-B", mega, siteA, siteB)})
		id := b.start(0, 1, siteA, siteB, mega)
		b.until(0.5)
		b.net.SetLink(b.now, 0, false)
		require.Equal(t, id, b.net.Move(b.now, id, siteA, siteB))
		b.net.Cancel(b.now, id)
		b.until(9)
		require.Empty(t, b.log)
		require.InDelta(t, mega/2, b.carried(0, Up), 1e-6)
	})
}

// TestQ6_7_Fixed is the time that a body takes by itself.
func TestQ6_7_Fixed(t *testing.T) {
	t.Parallel()
	b := newBench(t, 4, []topology.Link{link("A-B", mega, siteA, siteB), link("B-C", 10*mega, siteB, siteC), {Name: "C-D", Sites: []topology.SiteID{siteC, siteD}}})
	require.Equal(t, 1.0, b.net.Alone(siteA, siteC, mega, 1), "the slowest link of the way")
	require.Equal(t, 20.0, b.net.Alone(siteA, siteB, mega, 20), "its twentieth")
	require.Equal(t, 0.001, b.net.Alone(siteA, siteA, mega, 20), "inside a site 1 Gbit/s, never shared")
	require.Zero(t, b.net.Alone(siteC, siteD, mega, 1), "unlimited")
	require.False(t, b.net.Shared(siteA, siteA))
}

// TestLongRunsStayExact has a link busy for 20 days without a pause: more bits than a float64 counts one by one. A body of 7 bits that
// shares it then takes 1.4 ns all the same, and the large one is delayed by just these 7 bits.
func TestLongRunsStayExact(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, []topology.Link{link("A-B", 10_000*mega, siteA, siteB)})
	b.start(0, 1, siteA, siteB, 2e16+4) // 4 bits are 0.4 ns
	b.start(20*86400, 2, siteA, siteB, 7)
	require.Equal(t, []string{"480h0m0.000000001s 2", "555h33m20.000000001s 1"}, b.until(3e6).log)
}

// TestNoAllocation holds docs/design.md for bodies that come and go, whatever they share.
func TestNoAllocation(t *testing.T) {
	loads := make([]LinkLoad, 0, 64)
	for _, c := range someCrowds(t) {
		crowd := c.make()
		for range 3000 {
			crowd.turn()
		}
		require.Zero(t, testing.AllocsPerRun(300, func() {
			crowd.turn()
			crowd.net.Cancel(crowd.now, 1)
			crowd.begin(0)
			loads = crowd.net.Loads(crowd.now, loads[:0])
		}), c.name)
	}
}
