package transport_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// backlog is a server whose only next hop does not answer, with n messages in its one queue.
type backlog struct {
	hub   *transport.Hub
	store *transport.Store
	now   simtime.Time
	acts  []transport.Action
	conns []transport.ConnID // connections that transmit
	left  int                // messages that got away
}

func newBacklog(tb testing.TB, n int) *backlog {
	d := alone(tb, topology.V2010, false, 1)
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.run(sec(1)) // the first attempt has failed
	b := &backlog{hub: d.hub, store: d.store, now: sec(1)}
	set := d.store.NewSet([]transport.Recipients{{Dest: d.dest[0], Count: 1}})
	for i := range n - 1 {
		m := b.store.New(transport.Copy{Message: uint64(i + 2), Created: b.now, Size: 10240, Set: b.store.Ref(set)}, transport.Tail{Sender: topology.None})
		b.step(transport.Input{Kind: transport.Submitted, Msg: m})
	}
	return b
}

// step does what a server asks for at once: the categoriser takes no time, and dials succeed.
func (b *backlog) step(in transport.Input) {
	b.acts = b.hub.Step(b.now, in, b.acts[:0])
	b.perform()
}

func (b *backlog) perform() {
	for i := 0; i < len(b.acts); i++ {
		switch a := b.acts[i]; a.Kind {
		case transport.Categorise:
			b.acts = b.hub.Step(b.now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, b.acts)
		case transport.Dial:
			b.acts = b.hub.Step(b.now, transport.Input{Kind: transport.Dialed, Conn: a.Conn}, b.acts)
		case transport.Send:
			b.conns = append(b.conns, a.Conn)
		case transport.Left:
			b.store.Free(a.Msg)
			b.left++
		}
	}
}

// drain lets the next hop answer, and one transmission end at a time, the oldest first, until nothing waits.
func (b *backlog) drain() {
	b.now, _ = b.hub.Deadline()
	b.step(transport.Input{Kind: transport.Timer})
	for b.hub.Due() || len(b.conns) > 0 {
		if b.hub.Due() {
			b.acts, _ = b.hub.Settle(b.now, b.acts[:0])
			b.perform()
			continue
		}
		b.now++
		c := b.conns[0]
		b.conns = b.conns[:copy(b.conns, b.conns[1:])]
		b.step(transport.Input{Kind: transport.Replied, Conn: c})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryOfAWaitingMessage: a message that waits takes at most 96 bytes, apart from its recipients, which all share here.
func TestMemoryOfAWaitingMessage(t *testing.T) { // not parallel: it measures the heap
	for _, n := range []int{300_000, 1_000_000} {
		before := heapBytes()
		b := newBacklog(t, n)
		bytes := float64(heapBytes()-before) / float64(n)
		require.EqualValues(t, n, b.hub.Queue(0).Length)
		t.Logf("%d messages wait: %.1f bytes each", n, bytes)
		require.LessOrEqual(t, bytes, 96.0)
		require.GreaterOrEqual(t, bytes, 48.0, "they are there")
		b.drain()
		require.Equal(t, n, b.left)
	}
}

// BenchmarkMillionWaiting fills one queue with a million messages while its next hop does not answer, and drains it.
func BenchmarkMillionWaiting(b *testing.B) {
	const n = 1_000_000
	b.ReportAllocs()
	perMessage := 0.0
	for b.Loop() {
		before := heapBytes()
		x := newBacklog(b, n)
		perMessage = float64(heapBytes()-before) / n
		x.drain()
		require.Equal(b, n, x.left)
	}
	b.ReportMetric(perMessage, "B/waiting-message")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/message")
}
