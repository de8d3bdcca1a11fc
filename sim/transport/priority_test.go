package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// ranked makes a driver of one server with priority queueing and a queue for each of the domains.
func ranked(t testing.TB, edge bool, domains int) *driver {
	d := alone(t, topology.V2010, edge, domains)
	d.hub.Profile().Reports.PriorityQueueing = true
	return d
}

// post lets a message of a priority and size come at t; its number is the next one.
func (d *driver) post(t simtime.Time, p transport.Priority, size uint32, dest route.DestID) {
	d.at(t, transport.PhaseArrivals, func() {
		d.next++
		m := d.store.New(transport.Copy{
			Message: d.next, Accepted: d.now, Created: d.now, Size: size, Set: d.store.NewSet([]transport.Recipients{{Dest: dest, Count: 1}}),
		}, transport.Tail{Sender: topology.None, Priority: p})
		d.arrived[0]++
		d.arrived[1]++
		d.step(transport.Input{Kind: transport.Submitted, Msg: m})
	})
}

// TestQ9_1_TimesByPriority is QG-22 on a server whose next hop is down for good: when it tells the sender of the delay, and when it gives up.
func TestQ9_1_TimesByPriority(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		on            bool
		priority      transport.Priority
		size          uint32
		delay, expiry simtime.Time
	}{
		{"QG-22 high 100 KB", true, transport.PriorityHigh, 100 << 10, clock(1, 8, 30), clock(1, 16, 0)},
		{"QG-22 high 300 KB", true, transport.PriorityHigh, 300 << 10, clock(1, 12, 0), clock(3, 8, 0)},
		{"QG-22 low", true, transport.PriorityLow, 100 << 10, clock(1, 16, 0), clock(3, 8, 0)},
		{"high, off", false, transport.PriorityHigh, 100 << 10, clock(1, 12, 0), clock(3, 8, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := ranked(t, false, 1)
			d.hub.Profile().Reports.PriorityQueueing = c.on
			d.up = downUntil(simtime.Never)
			d.post(clock(1, 8, 0), c.priority, c.size, d.dest[0])
			d.run(clock(3, 9, 0))
			require.Equal(t, []report{{c.delay, transport.Delayed, 1}, {c.expiry, transport.Expired, 1}}, d.reports)
		})
	}
}

// TestQ9_1_ConnectionsByPriority: 100 of each class, one connection for 20 of them: five each where the ceilings (3, 15, 2) allow it.
func TestQ9_1_ConnectionsByPriority(t *testing.T) {
	t.Parallel()
	d := ranked(t, false, 1)
	for _, p := range []transport.Priority{transport.PriorityLow, transport.PriorityNormal, transport.PriorityHigh} {
		for range 100 {
			d.post(0, p, 1000, d.dest[0])
		}
	}
	d.run(sec(1))
	open, _ := d.hub.Classes(0)
	require.Equal(t, [transport.NumPriorities]int32{transport.PriorityHigh: 3, transport.PriorityNormal: 5, transport.PriorityLow: 2}, open)
	d.run(sec(1000))
	require.Len(t, d.order, 300)
}

// TestQ9_1_AFreeConnectionServesHighFirst: one connection, for the queue may have no more: high, then normal, then low.
func TestQ9_1_AFreeConnectionServesHighFirst(t *testing.T) {
	t.Parallel()
	d := ranked(t, false, 1)
	d.hub.Profile().MaxPerDomainConnections = 1
	for _, p := range []transport.Priority{transport.PriorityLow, transport.PriorityNormal, transport.PriorityHigh, transport.PriorityLow, transport.PriorityHigh} {
		d.post(0, p, 1000, d.dest[0])
	}
	d.post(sec(5), transport.PriorityHigh, 1000, d.dest[0]) // while the second is sent
	d.run(sec(100))
	require.Equal(t, []uint64{3, 5, 6, 2, 1, 4}, d.order)
}

// TestQ9_1_AClassLendsOnce: 20 of each class want one connection each, and no more are ever open: a free one goes to a class that lacks the one it
// wants, not to any above it.
func TestQ9_1_AClassLendsOnce(t *testing.T) {
	t.Parallel()
	d := ranked(t, false, 1)
	for range 20 {
		for _, p := range []transport.Priority{transport.PriorityLow, transport.PriorityNormal, transport.PriorityHigh} {
			d.post(0, p, 1000, d.dest[0])
		}
	}
	most := int32(0)
	d.check = func() {
		if d.hub.Queues() > 0 {
			most = max(most, d.hub.Queue(0).Open)
		}
	}
	d.run(sec(1000))
	require.Len(t, d.order, 60)
	require.EqualValues(t, 3, most)
	require.Equal(t, []uint64{3, 2, 1, 6, 5, 4}, d.order[:6], "side by side")
}

// TestQ9_1_OneClassIsAQueue: where all mail is of one class, whose ceiling is that of the queue, priority queueing changes nothing.
func TestQ9_1_OneClassIsAQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
		ceiling, limit, threshold, hold := n("ceiling", 1, 6), n("messages", 0, 5), n("threshold", 1, 4), n("hold", 0, 5)
		class := transport.Priority(n("class", 0, 2))
		from, until := n("down from", 0, 20), n("down until", 0, 100)
		bursts := make([][2]int, n("bursts", 1, 8))
		for i := range bursts {
			bursts[i] = [2]int{n("at", 0, 40), n("burst", 1, 12)}
		}
		told := func(on bool) (order []uint64, most []int32) {
			d := ranked(t, false, 1)
			p := d.hub.Profile()
			p.Reports.PriorityQueueing = on
			p.MaxPerDomainConnections, p.MaxMessagesPerConnection = ceiling, limit
			p.Threshold = [route.NumClasses]int{threshold, threshold, threshold, threshold}
			p.Priorities = transport.PriorityConnections{ceiling, ceiling, ceiling}
			p.IdleHold = time.Duration(hold) * time.Second
			d.up = func(now simtime.Time, _ route.Target) transport.Code {
				if now >= sec(float64(from)) && now < sec(float64(until)) {
					return transport.Unreachable
				}
				return transport.OK
			}
			for _, b := range bursts {
				for range b[1] {
					d.post(sec(float64(b[0])), class, 1000, d.dest[0])
				}
			}
			d.check = func() {
				if d.hub.Queues() > 0 {
					if now := d.hub.Queue(0).Open; len(most) == 0 || most[len(most)-1] != now {
						most = append(most, now)
					}
				}
			}
			d.run(sec(4000))
			return d.order, most
		}
		order, most := told(false)
		ranked, classes := told(true)
		require.Equal(r, order, ranked)
		require.Equal(r, most, classes)
	})
}

// TestQ9_2_TheCategoriserKnowsNoPriority: mail goes through it in the order of its coming.
func TestQ9_2_TheCategoriserKnowsNoPriority(t *testing.T) {
	t.Parallel()
	d := ranked(t, false, 1)
	d.hub.Profile().CategoriserWorkers = 1
	d.think = func(uint64) time.Duration { return time.Second }
	var order []uint64
	d.placed = func(m uint64) { order = append(order, m) }
	for _, p := range []transport.Priority{transport.PriorityLow, transport.PriorityNormal, transport.PriorityHigh} {
		d.post(0, p, 1000, d.dest[0])
	}
	d.run(sec(100))
	require.Equal(t, []uint64{1, 2, 3}, order)
}

// TestQ9_1_WhateverHappens draws mail of all priorities, ceilings, outages, breaks and halts. Every copy that is sent is the oldest of its class
// that has not been sent before, no class before it lacks a connection that it wants, a class that has what it wants gains none from another, and
// nothing is lost. Without misfortune no class waits for a connection that it may open.
func TestQ9_1_WhateverHappens(t *testing.T) {
	t.Parallel()
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) { whateverHappens(t, r) })
		})
	}
}

func whateverHappens(t *testing.T, r *rapid.T) {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
	d := ranked(t, false, n("queues", 1, 2))
	p := d.hub.Profile()
	p.MaxOutboundConnections, p.MaxPerDomainConnections, p.MaxMessagesPerConnection = n("server ceiling", 1, 8), n("ceiling", 1, 6), n("messages", 0, 3)
	p.Threshold = [route.NumClasses]int{n("threshold", 1, 3), 2, 2, 2}
	p.Priorities = transport.PriorityConnections{n("normal", 1, 3), n("high", 1, 2), n("low", 1, 2)}
	p.IdleHold = time.Duration(n("hold", 0, 5)) * time.Second
	calm := n("calm", 0, 2) == 0
	if !calm {
		p.MessageRetryInterval = 4 * time.Second
		d.fails = time.Duration(n("failing", 0, 2)) * time.Second
		from := n("down from", 0, 20)
		until := from + n("down for", 0, 100)
		d.up = func(now simtime.Time, _ route.Target) transport.Code {
			if now >= sec(float64(from)) && now < sec(float64(until)) {
				return transport.Unreachable
			}
			return transport.OK
		}
		put := map[uint64]bool{}
		for range n("put off", 0, 5) {
			put[uint64(n("message", 1, 40))] = true
		}
		d.answer = func(m uint64) transport.Code {
			if put[m] {
				delete(put, m)
				return transport.Deferred4xx
			}
			return transport.OK
		}
		breaks := n("break", 0, 60)
		d.refuse = func(now simtime.Time) bool { return now == sec(float64(breaks)) }
		if n("halt", 0, 2) == 0 {
			at := n("halt at", 0, 40)
			d.at(sec(float64(at)), transport.PhaseFaults, func() { d.halt(transport.OK) })
			d.at(sec(float64(at+n("off for", 0, 10))), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
		}
	}
	count := 0
	for range n("bursts", 1, 8) {
		at, class, dest := sec(float64(n("at", 0, 40))), transport.Priority(n("class", 0, 2)), d.dest[n("queue", 0, len(d.dest)-1)]
		for range n("burst", 1, 8) {
			d.post(at, class, 1000, dest)
			count++
		}
	}
	first := map[[2]int]uint64{} // by queue and class: the last copy that was sent for the first time
	sent := map[uint64]bool{}
	own := map[transport.ConnID]transport.Priority{}
	var kept, taken [2][transport.NumPriorities]int32 // connections that begin to send in one step, by queue and class: of the class, and of another
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Dial {
			own[a.Conn] = d.hub.ConnClass(a.Conn)
		}
		if a.Kind != transport.Send {
			return
		}
		q, class, m := d.hub.ConnQueue(a.Conn), d.store.Cold[a.Msg].Priority, d.store.Hot[a.Msg].Message
		open, wanted := d.hub.Classes(q)
		waiting := d.hub.Ranked(q)
		require.Equal(r, class, d.hub.ConnClass(a.Conn))
		require.LessOrEqual(r, int(open[class]), p.Priorities[class])
		if own[a.Conn] == class {
			kept[q][class]++
		} else {
			taken[q][class]++
		}
		own[a.Conn] = class
		for _, before := range []transport.Priority{transport.PriorityHigh, transport.PriorityNormal, transport.PriorityLow} {
			if before == class {
				break
			}
			require.True(r, waiting[before] == 0 || open[before] >= wanted[before], "class %d waits with %d and has %d connections of %d while class %d is sent", before, waiting[before], open[before], wanted[before], class)
		}
		if k := [2]int{q, int(class)}; !sent[m] {
			require.Greater(r, m, first[k], "first in, first out")
			first[k] = m
		}
		sent[m] = true
	}
	d.check = func() {
		for i := range d.hub.Queues() {
			q := d.hub.Queue(i)
			open, wanted := d.hub.Classes(i)
			for c := range open {
				require.True(r, taken[i][c] == 0 || open[c]-kept[i][c] <= wanted[c], "class %d has %d connections and wants %d, and takes %d of another", c, open[c], wanted[c], taken[i][c])
				kept[i][c], taken[i][c] = 0, 0
				if calm && !d.hub.Due() && int(q.Open) < p.MaxPerDomainConnections && d.hub.Stats().Connections.Value() < int64(p.MaxOutboundConnections) {
					require.GreaterOrEqual(r, open[c], wanted[c], "class %d", c)
				}
			}
		}
	}
	d.run(sec(4000))
	require.Len(r, d.order, count)
	require.Zero(r, d.hub.Stats().QueuedAll.Value())
}
