package world

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// window64 is the TCP window of Windows 2003: at 50 ms it lets 10,485,760 bit/s through.
const (
	window64   = 64 << 10
	windowRate = 8 * window64 * 20
)

// TestQ6_5_Window holds that a connection has no more than its window on the way, and that what it leaves of a link is for the others.
func TestQ6_5_Window(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	far := topology.Link{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: 100 * mega, Down: 100 * mega, RTT: 50 * ms}
	far2 := topology.Link{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: 2 * windowRate, Down: mega, RTT: 25 * ms}
	near2 := topology.Link{Name: "B-C", Sites: []topology.SiteID{siteB, siteC}, RTT: 25 * ms}
	for _, c := range []struct {
		name   string
		window int64
		links  []topology.Link
		play   func(b *bench)
		want   []string
	}{
		{"off", 0, []topology.Link{far}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 100*mega)
		}, []string{"1s 1"}},
		{"one connection", window64, []topology.Link{far}, func(b *bench) {
			b.start(0, 1, siteA, siteB, windowRate)
		}, []string{"1s 1"}},
		{"of a few each has its window", window64, []topology.Link{far}, func(b *bench) {
			b.start(0, 1, siteA, siteB, windowRate)
			b.start(0, 2, siteA, siteB, windowRate)
			b.start(0.5, 3, siteA, siteB, windowRate)
		}, []string{"1s 1", "1s 2", "1.5s 3"}},
		{"many share the link", window64, []topology.Link{far}, func(b *bench) {
			for conn := range uint32(20) { // 5 Mbit/s each, to 1 s; then two of them have their window
				bits := 5.0 * mega
				if conn < 2 {
					bits += windowRate
				}
				b.start(0, conn, siteA, siteB, bits)
			}
			b.until(1)
			require.Len(b.t, b.log, 18)
			b.log = nil
		}, []string{"2s 0", "2s 1"}},
		{"a near one has what a far one leaves", window64, []topology.Link{far2, near2}, func(b *bench) {
			b.start(0, 1, siteA, siteC, windowRate)   // 50 ms: one window; the link has two
			b.start(0, 2, siteA, siteB, windowRate)   // 25 ms: the other
			b.start(1, 3, siteA, siteB, 4*windowRate) // alone: two
		}, []string{"1s 1", "1s 2", "3s 3"}},
		{"a window that is no less than the link makes no difference", 16 << 20, []topology.Link{far}, func(b *bench) {
			b.start(0, 1, siteA, siteB, 100*mega)
			b.start(0, 2, siteA, siteB, 100*mega)
			require.Equal(b.t, noLimit, b.net.classes[b.net.classOfPair(siteA, siteB)].limit, "no class of its own")
		}, []string{"2s 1", "2s 2"}},
		{"links without a limit take time", window64, []topology.Link{near2, {Name: "C-D", Sites: []topology.SiteID{siteC, siteD}, RTT: 75 * ms}}, func(b *bench) {
			require.True(b.t, b.net.Shared(siteB, siteC))
			b.start(0, 1, siteB, siteC, windowRate)
			b.start(0, 2, siteB, siteC, windowRate)
			b.start(0, 3, siteB, siteD, windowRate)
			b.start(1, 4, siteD, siteB, windowRate)
		}, []string{"500ms 1", "500ms 2", "2s 3", "3s 4"}},
		{"without a round-trip time there is no window", window64, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: 100 * mega}}, func(b *bench) {
			require.False(b.t, b.net.Shared(siteB, siteA))
			b.start(0, 1, siteA, siteB, 100*mega)
		}, []string{"1s 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 4, c.links)
			b.net.SetWindow(c.window)
			c.play(b)
			require.Equal(t, c.want, b.until(100).log)
		})
	}
}

// TestQ6_5_WindowOfOutsideLines holds the same for the lines of outside systems.
func TestQ6_5_WindowOfOutsideLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, 2, []topology.Link{wire("A-B", 50*time.Millisecond, siteA, siteB)})
	require.False(t, b.net.Shared(siteA, siteB))
	b.net.SetWindow(window64)
	require.True(t, b.net.Shared(siteA, siteB))
	require.Equal(t, NoLine, b.net.AddLine(0, 0))
	free, narrow := b.net.AddLine(0, 50*time.Millisecond), b.net.AddLine(windowRate/2, 50*time.Millisecond)
	b.net.StartLine(0, free, windowRate, Payload{Conn: 1})
	b.net.StartLine(0, free, windowRate, Payload{Conn: 2})
	b.net.StartLine(0, narrow, windowRate, Payload{Conn: 3})
	require.Equal(t, []string{"1s 1", "1s 2", "2s 3"}, b.until(9).log)
	require.PanicsWithValue(t, "world: SetWindow: bodies or lines are there already", func() { b.net.SetWindow(0) })
}

// TestQ6_5_Alone holds it for bodies that share with nobody.
func TestQ6_5_Alone(t *testing.T) {
	t.Parallel()
	b := newBench(t, 3, []topology.Link{{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Up: 100 * mega, RTT: 50 * time.Millisecond}, wire("B-C", 50*time.Millisecond, siteB, siteC)})
	b.net.SetWindow(window64)
	require.Equal(t, 1.0, b.net.Alone(siteA, siteB, windowRate, 1), "its window")
	require.Equal(t, 1.0, b.net.Alone(siteA, siteB, 5*mega, 20), "a twentieth of the link")
	require.Equal(t, 1.0, b.net.Alone(siteB, siteC, windowRate, 20), "its window on a link without limit")
	require.InEpsilon(t, 1.0, b.net.Alone(siteA, siteA, 8*window64*1000, 1), 1e-15, "inside a site, at 1 ms")
	b = newBench(t, 2, nil)
	b.net.SetWindow(16 << 20)
	require.Equal(t, 1.0, b.net.Alone(siteA, siteA, 1e9, 1), "inside a site, at 1 Gbit/s")
}

// TestQ6_6_SlowStart counts the round trips of a new connection, and of one that has carried something.
func TestQ6_6_SlowStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sent, bytes int64
		want        int
	}{
		{0, 0, 0}, {0, 1, 0}, {0, 14600, 0}, // one window
		{0, 14601, 1}, {0, 43800, 1}, // and two more
		{0, 43801, 2}, {0, 76800, 2}, {0, 102200, 2}, {0, 102201, 3},
		{0, 25 << 20, 10},
		{14600, 14600, 1}, {14600, 29200, 1}, {14600, 29201, 2}, // the second window is twice the first
		{43800, 10, 1}, {43801, 10, 0}, {1 << 30, 14600, 0},
	} {
		require.Equal(t, c.want, SlowStart(c.sent, c.bytes), "%d bytes after %d", c.bytes, c.sent)
	}
	rapid.Check(t, func(rt *rapid.T) {
		bytes := rapid.Int64Range(0, 1<<40).Draw(rt, "bytes")
		want := max(0, math.Ceil(math.Log2(float64(bytes)/14600+1))-1)
		require.InDelta(rt, want, SlowStart(0, bytes), 0, "the formula")
		first := rapid.Int64Range(0, bytes).Draw(rt, "first")
		require.Equal(rt, SlowStart(0, bytes), SlowStart(0, first)+SlowStart(first, bytes-first), "in two parts")
	})
}
