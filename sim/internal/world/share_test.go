package world

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// TestQ6_7_SharedEqually works small cases by hand: the bodies under way on a link share it equally, and a body is through to the
// nanosecond when its last bit is, whatever came and went meanwhile.
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
		{"over several links the least share counts", 3, []topology.Link{link("A-B", mega, siteA, siteB), link("B-C", 10*mega, siteB, siteC)}, func(b *bench) {
			b.start(0, 1, siteA, siteC, mega)    // half of A-B, though half of B-C is more
			b.start(0, 2, siteA, siteB, mega)    // half of A-B
			b.start(0, 3, siteB, siteC, 20*mega) // half of B-C, 5 Mbit/s, to 2 s; then all of it
		}, []string{"2s 1", "2s 2", "3s 3"}},
		{"three links in a row", 4, []topology.Link{link("A-B", 6*mega, siteA, siteB), link("B-C", 4*mega, siteB, siteC), link("C-D", 3*mega, siteC, siteD)}, func(b *bench) {
			b.start(0, 1, siteA, siteD, 6*mega) // alone: 3 Mbit/s
			b.start(1, 2, siteB, siteC, 4*mega) // from now on 2 each on B-C: 3 Mbit of the first are left
			b.start(2, 3, siteA, siteB, 6*mega) // 3 on A-B, no matter to the first, which is through at 2.5 s
		}, []string{"2.5s 1", "2.75s 2", "3.25s 3"}},
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

// TestQ6_7_AccessLines is the line of an outside system: a link of its own, shared by everyone who sends there.
func TestQ6_7_AccessLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, []topology.Link{link("A-B", mega, siteA, siteB)})
	require.Equal(t, NoLine, b.net.AddLine(0))
	one, two := b.net.AddLine(mega), b.net.AddLine(mega)
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

// TestNoAllocation holds docs/design.md for bodies that come and go.
func TestNoAllocation(t *testing.T) {
	b := newBench(t, 4, []topology.Link{link("A-B", mega, siteA, siteB), link("B-C", 10*mega, siteB, siteC), link("C-D", 3*mega, siteC, siteD)})
	out := make([]Payload, 0, 64)
	loads := make([]LinkLoad, 0, 16)
	var ids [16]TransferID
	round := func() {
		for i := range ids {
			ids[i] = b.net.Start(b.now, siteA, siteB+topology.SiteID(i%3), float64(1000*(i+1)), Payload{Conn: uint32(i)})
		}
		for i := 0; i < len(ids); i += 4 {
			b.net.Cancel(b.now, ids[i])
		}
		for b.net.Next() != Time(1<<63-1) {
			b.now = b.net.Next()
			out = b.net.Finish(b.now, out[:0])
			loads = b.net.Loads(b.now, loads[:0])
		}
	}
	round()
	require.Zero(t, testing.AllocsPerRun(100, round))
}
