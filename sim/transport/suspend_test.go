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

// handles notes the copy of every message, and takes removed ones off the books.
func (d *driver) handles() map[uint64]transport.MsgID {
	all := map[uint64]transport.MsgID{}
	d.watch = func(a transport.Action) {
		switch a.Kind {
		case transport.Categorise:
			all[d.store.Hot[a.Msg].Message] = a.Msg
		case transport.Removed:
			d.removed = append(d.removed, d.store.Hot[a.Msg].Message)
			d.gone[2] += int64(d.store.Recipients(a.Msg))
			d.store.Free(a.Msg)
		}
	}
	return all
}

func (d *driver) operate(s float64, kind transport.InputKind, m uint64, all map[uint64]transport.MsgID) {
	d.at(sec(s), transport.PhaseFaults, func() { d.step(transport.Input{Kind: kind, Msg: all[m]}) })
}

// TestQ2_5_SuspendedMessages: they stay in their queue, count for no connection, and take their old places when they are resumed.
func TestQ2_5_SuspendedMessages(t *testing.T) {
	t.Parallel()
	d := alone(t, 0, false, 1)
	d.up = downUntil(sec(30))
	all := d.handles()
	for range 45 {
		d.submit(0, d.dest[0])
	}
	for m := range uint64(25) { // 2, 4, ... 50, as far as there are
		d.operate(10, transport.SuspendMessage, min(2*(m+1), 44), all)
	}
	d.run(sec(20))
	l := d.hub.Look(0, d.now)
	require.EqualValues(t, 45, l.Length)
	require.Zero(t, l.Deferred, "put off is something else")
	require.Equal(t, "2 Suspended", d.seen(0)[23])
	d.operate(40, transport.ResumeMessage, 44, all)
	d.operate(40, transport.ResumeMessage, 4, all)
	d.operate(40, transport.ResumeMessage, 4, all) // it waits already
	d.run(sec(61))
	require.EqualValues(t, 1, d.hub.Queue(0).Open)
	d.run(sec(62)) // the retry at 60 s is ready: 25 messages count, those that 2 connections carry
	require.EqualValues(t, 2, d.hub.Queue(0).Open, "45 would ask for 3")
	d.run(sec(200))
	require.Equal(t, []uint64{1, 3, 4, 5, 7}, sorted(d.order[:5]), "4 took its old place")
	require.Len(t, d.order, 25)
	require.EqualValues(t, 44, d.order[23], "the second connection has the last: message 45 is on the first")
	l = d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusReady, l.Status)
	require.EqualValues(t, 20, l.Length)
	require.False(t, l.Removed)

	d.operate(300, transport.ResumeMessage, 10, all)
	d.run(sec(304))
	require.Equal(t, sec(304), d.delivered[25], "a queue at rest opens a connection for it")
	d.run(clock(3, 1, 0))
	require.Len(t, d.bounced, 19, "Q-8.2: a suspended message expires as any other")
	require.Zero(t, d.store.Live())
}

func sorted(v []uint64) []uint64 {
	out := append([]uint64(nil), v...)
	for i := range out {
		for j := i; j > 0 && out[j-1] > out[j]; j-- {
			out[j-1], out[j] = out[j], out[j-1]
		}
	}
	return out
}

// TestQ2_5_PendingStates: what an operator wants of a message in transmission comes true when that fails, in whichever way, and is forgotten when it
// works.
func TestQ2_5_PendingStates(t *testing.T) {
	t.Parallel()
	const inTransmission = 3.0 // set-up to 2 s, taken at 4 s
	fails := map[string]func(*driver){
		"works": func(*driver) {},
		"put off": func(d *driver) {
			d.answer = func(m uint64) transport.Code { return either(m == 1, transport.Deferred4xx, transport.OK) }
		},
		"breaks": func(d *driver) { d.refuse = func(now simtime.Time) bool { return now == sec(4) } },
		"stop": func(d *driver) {
			d.at(sec(3.5), transport.PhaseFaults, func() { d.halt(transport.OK) })
			d.at(sec(3.75), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
		},
	}
	for how, fail := range fails {
		for _, c := range []struct {
			do    transport.Input
			shows string
			left  string // in the queue after a failure
			tells int
		}{
			{transport.Input{Kind: transport.SuspendMessage}, "1 PendingSuspend", "[1 Suspended]", 0},
			{transport.Input{Kind: transport.Remove}, "1 PendingRemove", "[]", 0},
			{transport.Input{Kind: transport.Remove, Code: transport.Withdrawn}, "1 PendingRemove", "[]", 1},
		} {
			t.Run(fmt.Sprint(how, " ", c.shows, " ", c.tells), func(t *testing.T) {
				d := alone(t, topology.V2016, false, 1)
				all := d.handles()
				fail(d)
				d.submit(0, d.dest[0])
				d.submit(0, d.dest[0])
				d.at(sec(inTransmission), transport.PhaseFaults, func() {
					c.do.Msg = all[1]
					d.step(c.do)
					require.Equal(t, c.shows, d.seen(0)[0])
				})
				d.run(clock(1, 0, 30)) // long after all retries and waits
				if how == "works" {
					require.Equal(t, []uint64{1, 2}, d.order)
					require.Empty(t, d.seen(0))
					require.Empty(t, d.removed)
					require.Empty(t, d.reports)
					return
				}
				require.Equal(t, c.left, fmt.Sprint(d.seen(0)))
				require.Contains(t, d.order, uint64(2))
				require.Len(t, d.reports, c.tells)
				require.Equal(t, c.do.Kind == transport.Remove, len(d.removed) == 1)
				if c.do.Kind == transport.SuspendMessage {
					d.step(transport.Input{Kind: transport.ResumeMessage, Msg: all[1]})
					d.refuse, d.answer = nil, nil
					d.run(clock(1, 0, 31))
					require.Equal(t, []uint64{2, 1}, d.order)
				}
				require.Zero(t, d.store.Live())
			})
		}
	}

	// The last word counts, and a removal is not taken back.
	for name, c := range map[string]struct {
		do   []transport.InputKind
		left string
	}{
		"suspended, then resumed": {[]transport.InputKind{transport.SuspendMessage, transport.ResumeMessage}, "[1 Retry deferred]"},
		"suspended, then removed": {[]transport.InputKind{transport.SuspendMessage, transport.Remove}, "[]"},
		"removed, then resumed":   {[]transport.InputKind{transport.Remove, transport.SuspendMessage, transport.ResumeMessage}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			d := alone(t, topology.V2016, false, 1)
			all := d.handles()
			d.answer = func(uint64) transport.Code { return transport.Deferred4xx }
			d.submit(0, d.dest[0])
			for _, k := range c.do {
				d.operate(inTransmission, k, 1, all)
			}
			d.run(sec(10))
			require.Equal(t, c.left, fmt.Sprint(d.seen(0)))
		})
	}
}

func either[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// A message whose end comes while it is in transmission, and whose transmission fails, is given up rather than suspended; a removal is carried out.
func TestPendingAndExpired(t *testing.T) {
	t.Parallel()
	for _, kind := range []transport.InputKind{transport.SuspendMessage, transport.Remove} {
		d := alone(t, topology.V2016, false, 1)
		d.hub.Profile().Reports.Expiry = 5 * time.Second
		d.each = 20 * time.Second
		d.answer = func(uint64) transport.Code { return transport.Deferred4xx }
		all := d.handles()
		d.null = true
		d.submit(0, d.dest[0])
		d.operate(3, kind, 1, all)
		d.run(sec(60))
		require.Equal(t, kind == transport.SuspendMessage, len(d.bounced) == 1)
		require.Equal(t, kind == transport.Remove, len(d.removed) == 1)
		require.Zero(t, d.store.Live())
	}
}

// TestQ8_7_SuspendedMessagesStay: no resubmission takes a suspended message, neither out of a queue in Retry nor out of the Unreachable queue; what it missed
// is made up for when it is resumed.
func TestQ8_7_SuspendedMessagesStay(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.up = func(_ simtime.Time, to route.Target) transport.Code {
		return map[bool]transport.Code{true: transport.Unreachable}[to.ID == 1 && to.Kind == route.TargetRemote]
	}
	all := x.handles()
	enable := func(value int64, connectors ...int32) {
		for _, c := range connectors {
			x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: c, Value: value})
		}
		x.reroute(x.org)
	}
	x.submit(0, x.to(toQ1)...)
	x.submit(0, x.to(toQ1)...)
	x.operate(10, transport.SuspendMessage, 1, all)
	x.at(sec(12), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues}) })
	x.run(sec(13))
	require.EqualValues(t, 2, x.queueOf("r1").Length)
	x.at(sec(20), transport.PhaseDirectory, func() { enable(0, 1, 2) }) // no connector is left
	x.submit(sec(30), x.to(toQ1)...)
	x.operate(35, transport.SuspendMessage, 3, all)
	x.run(sec(40))
	require.EqualValues(t, 1, x.queueOf("r1").Length, "the other one was resubmitted, as its connector is gone")
	require.Equal(t, []string{"2 Ready", "3 Suspended"}, stranded(x.driver))
	require.EqualValues(t, 2, x.hub.Stats().Unreachable.Value())
	x.at(sec(50), transport.PhaseDirectory, func() { enable(1, 2) })
	x.run(sec(70))
	require.Equal(t, []uint64{2}, x.order)
	require.Equal(t, []string{"3 Suspended"}, stranded(x.driver))
	_, _, unreachable, _ := x.hub.Held()
	require.EqualValues(t, 1, unreachable)
	x.operate(80, transport.ResumeMessage, 3, all)
	x.operate(80, transport.ResumeMessage, 1, all)
	x.run(sec(100))
	require.Equal(t, []uint64{1, 2, 3}, sorted(x.order))
	require.Zero(t, x.store.Live())
}

func stranded(d *driver) (out []string) {
	d.hub.EachUnreachable(func(m transport.MsgID, s transport.Status) {
		out = append(out, fmt.Sprint(d.store.Hot[m].Message, " ", s))
	})
	return out
}

// TestQ8_7_ResumedIntoASuspendedQueue: in a suspended Unreachable queue a message that is resumed waits with the others, and a lost queue database takes
// suspended messages with it.
func TestQ8_7_ResumedIntoASuspendedQueue(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	all := x.handles()
	x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 1}).With(topology.Change{Kind: topology.ConnectorEnabled, Object: 2})
	x.reroute(x.org)
	for range 3 {
		x.submit(0, x.to(toQ1)...)
	}
	for m := range uint64(3) {
		x.operate(1, transport.SuspendMessage, m+1, all)
	}
	x.at(sec(2), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Suspend, Msg: transport.UnreachableMail}) })
	x.operate(3, transport.ResumeMessage, 2, all)
	x.operate(4, transport.Remove, 3, all)
	x.run(sec(5))
	require.Equal(t, []string{"2 Ready", "1 Suspended"}, stranded(x.driver))
	require.Equal(t, []uint64{3}, x.removed)
	again := 0
	watched := x.watch
	x.watch = func(a transport.Action) {
		again += map[bool]int{true: 1}[a.Kind == transport.Categorise]
		watched(a)
	}
	x.step(transport.Input{Kind: transport.Resume, Msg: transport.UnreachableMail})
	require.Equal(t, 1, again, "what it missed is made up for")
	x.halt(transport.QueuesLost)
	require.Equal(t, 2, x.lost)
	require.Zero(t, x.store.Live())
	require.Zero(t, x.hub.Stats().Unreachable.Value())
}

// TestQ7_10_BesideASuspendedMessage: a message that is put off comes back in its time beside one that is suspended.
func TestQ7_10_BesideASuspendedMessage(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2016, false, 1)
	all := d.handles()
	d.answer = func(m uint64) transport.Code { return either(d.now < sec(60), transport.RateLimited, transport.OK) }
	d.submit(0, d.dest[0]) // put off at 4 s
	d.operate(10, transport.SuspendMessage, 1, all)
	d.submit(sec(20), d.dest[0]) // put off at 24 s
	d.run(sec(30))
	require.EqualValues(t, 1, d.hub.Queue(0).Deferred)
	d.run(clock(1, 1, 0))
	require.Equal(t, []uint64{2}, d.order)
	require.Equal(t, []string{"1 Suspended"}, d.seen(0))
}

// TestQ7_10_WhyPutOff: a message remembers how often, when and by whom it was put off, while it waits and afterwards; another in its place does not.
func TestQ7_10_WhyPutOff(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2016, false, 1)
	all := d.handles()
	times := 0
	d.answer = func(uint64) transport.Code {
		if times++; times <= 2 {
			return transport.RateLimited
		}
		return transport.OK
	}
	d.submit(0, d.dest[0])
	d.run(sec(5))
	b, ok := d.hub.Setback(all[1])
	require.True(t, ok)
	require.EqualValues(t, 1, b.Times)
	require.Equal(t, transport.RateLimited, b.Why)
	require.Equal(t, sec(4), b.At)
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 0}, b.Target)
	d.run(sec(906)) // tried again at 15 min 4 s: in transmission
	require.Equal(t, []string{"1 Active"}, d.seen(0))
	b, _ = d.hub.Setback(all[1])
	require.EqualValues(t, 1, b.Times)
	d.run(sec(930))
	b, _ = d.hub.Setback(all[1])
	require.EqualValues(t, 2, b.Times)
	d.run(clock(1, 1, 0))
	require.Len(t, d.order, 1)
	d.submit(clock(1, 1, 0), d.dest[0])
	d.run(sec(3601))
	require.Equal(t, all[1], all[2], "the handle is used again")
	_, ok = d.hub.Setback(all[2])
	require.False(t, ok)
}

// TestQ7_10_AMessageThatComesAgain: who was put off and is through knows nothing of it when it comes to this server again, with its number and in the same place: in a
// loop, or sent in place of a lost server.
func TestQ7_10_AMessageThatComesAgain(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2016, false, 1)
	all := d.handles()
	times := 0
	d.answer = func(uint64) transport.Code {
		if times++; times == 1 {
			return transport.RateLimited
		}
		return transport.OK
	}
	d.submit(0, d.dest[0])
	d.run(clock(1, 1, 0))
	first := all[1]
	require.Len(t, d.order, 1)
	d.at(clock(1, 2, 0), transport.PhaseFaults, func() { d.next = 0 })
	d.up = downUntil(clock(1, 4, 0))
	d.submit(clock(1, 2, 0)+1, d.dest[0])
	d.run(clock(1, 3, 0))
	require.Equal(t, first, all[1], "the handle is used again")
	require.EqualValues(t, 1, d.store.Hot[first].Message)
	_, ok := d.hub.Setback(first)
	require.False(t, ok)
}

// TestQ8_8_RemovalsGoWithTheDatabase: a message that an operator removes in transmission is removed at the start after a stop of the service; when the queue database
// goes with the stop, or while the service is down, there is nothing to remove, and what comes later in its place stays.
func TestQ8_8_RemovalsGoWithTheDatabase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop, down transport.Code
		removed    []uint64
		lost       int
	}{
		"the database is kept":          {transport.OK, transport.OK, []uint64{1}, 0},
		"lost with the stop":            {transport.QueuesLost, transport.OK, nil, 1},
		"lost while it is down":         {transport.OK, transport.QueuesLost, nil, 1},
		"destroyed twice, nothing more": {transport.QueuesLost, transport.QueuesLost, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2016, false, 1)
			all := d.handles()
			d.submit(0, d.dest[0])
			d.operate(3, transport.Remove, 1, all)
			d.at(sec(3.5), transport.PhaseFaults, func() { d.halt(c.stop) })
			d.at(sec(10), transport.PhaseFaults, func() {
				if c.down == transport.QueuesLost {
					d.halt(c.down)
				}
			})
			d.at(sec(20), transport.PhaseFaults, func() {
				// The handle has another message when the service starts: one that is on another server.
				if c.lost > 0 {
					other := d.store.New(transport.Copy{Message: 99, Set: d.store.NewSet([]transport.Recipients{{Dest: d.dest[0], Count: 1}})}, transport.Tail{Sender: topology.None})
					require.Equal(t, all[1], other)
				}
				d.step(transport.Input{Kind: transport.Boot})
			})
			d.run(sec(60))
			require.Equal(t, c.removed, d.removed)
			require.Equal(t, c.lost, d.lost)
			require.Empty(t, d.order)
			require.Equal(t, c.lost, d.store.Live(), "the other one")
		})
	}
}

// TestOperatorsAnyOrder: whatever an operator does to messages and queues of a server whose next hops fail, put off and break, and which stops and starts,
// every message is delivered, bounced, removed or lost in the end, and none twice.
func TestOperatorsAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		x := alone(t, topology.V2016, false, 3)
		x.hub.Profile().Reports.PriorityQueueing = rapid.Bool().Draw(rt, "priorities")
		all := x.handles()
		x.think = func(uint64) time.Duration { return time.Second }
		up := rapid.SliceOfN(rapid.Bool(), 12, 12).Draw(rt, "up")
		x.up = func(now simtime.Time, _ route.Target) transport.Code {
			return either(now > clock(1, 2, 0) || up[int(now/sec(50))%12], transport.OK, transport.Unreachable)
		}
		put := rapid.SliceOfN(rapid.IntRange(0, 3), 7, 7).Draw(rt, "put off")
		x.answer = func(m uint64) transport.Code {
			return either(put[m%7] == 0 && x.now < clock(1, 2, 0), transport.RateLimited, transport.OK)
		}
		broken := rapid.SliceOfN(rapid.IntRange(0, 4), 9, 9).Draw(rt, "broken")
		x.refuse = func(now simtime.Time) bool { return now < clock(1, 2, 0) && broken[int(now/sec(1))%9] == 0 }
		n := rapid.IntRange(1, 60).Draw(rt, "messages")
		for i := range n {
			x.submit(sec(float64(rapid.IntRange(0, 300).Draw(rt, "at"))), x.dest[i%len(x.dest)])
		}
		stopped := false
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			kind := rapid.SampledFrom([]transport.InputKind{transport.SuspendMessage, transport.SuspendMessage, transport.ResumeMessage, transport.Remove, transport.Suspend, transport.Resume,
				transport.Resubmit, transport.RetryQueue, transport.Halt, transport.Boot}).Draw(rt, "do")
			at, m := rapid.IntRange(0, 600).Draw(rt, "when"), uint64(rapid.IntRange(1, n).Draw(rt, "message"))
			why := rapid.SampledFrom([]transport.Code{transport.OK, transport.Withdrawn}).Draw(rt, "why")
			x.at(sec(float64(at)), transport.PhaseFaults, func() {
				switch kind {
				case transport.Halt:
					if !stopped {
						x.halt(transport.OK)
					}
					stopped = true
					return
				case transport.Boot:
					stopped = false
					x.step(transport.Input{Kind: kind})
					return
				case transport.SuspendMessage, transport.ResumeMessage, transport.Remove:
					h, seen := all[m]
					if !seen || x.store.Hot[h].Message != m || x.store.Hot[h].Set == 0 || stopped {
						return
					}
					x.step(transport.Input{Kind: kind, Msg: h, Code: either(kind == transport.Remove, why, transport.OK)})
				default:
					x.step(transport.Input{Kind: kind, Msg: transport.AllQueues})
				}
			})
		}
		x.run(sec(700))
		x.step(transport.Input{Kind: transport.Boot})
		x.step(transport.Input{Kind: transport.Resume, Msg: transport.AllQueues})
		for m := range uint64(n) {
			if h := all[m+1]; x.store.Hot[h].Message == m+1 && x.store.Hot[h].Set != 0 {
				x.step(transport.Input{Kind: transport.ResumeMessage, Msg: h})
			}
		}
		x.run(clock(10, 0, 0))
		require.Zero(rt, x.store.Live())
		seen := map[uint64]bool{}
		for _, m := range append(x.order, x.removed...) {
			require.False(rt, seen[m], "message %d twice", m)
			seen[m] = true
		}
		for m := range uint64(n) {
			require.True(rt, seen[m+1], "message %d", m+1)
		}
	})
}
