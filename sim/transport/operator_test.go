package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// crash stops the service because of the message that it handles, and starts it again after a minute.
func (d *driver) crash(m transport.MsgID) {
	d.halt(transport.OK)
	d.step(transport.Input{Kind: transport.Crashed, Msg: m})
	d.at(d.now.Add(time.Minute), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
}

// poisoned runs a server with three messages, the second of which stops the service while it is categorised, until it is poison.
func poisoned(t *testing.T) (d *driver, bad transport.MsgID) {
	d = alone(t, 0, false, 1)
	d.hub.Profile().CategoriserWorkers = 1
	d.think = func(m uint64) time.Duration {
		if m == 2 {
			return time.Hour
		}
		return time.Second
	}
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Categorise && d.store.Hot[a.Msg].Message == 2 {
			bad = a.Msg
			d.at(d.now.Add(5*time.Second), transport.PhaseFaults, func() { d.crash(a.Msg) })
		}
	}
	for range 3 {
		d.submit(0, d.dest[0])
	}
	d.run(sec(1000))
	return d, bad
}

// TestQ2_2_PoisonAtTheSecondCrash: the other mail is delayed by the restarts alone; poison waits for the operator, longer than any mail lives.
func TestQ2_2_PoisonAtTheSecondCrash(t *testing.T) {
	t.Parallel()
	d, bad := poisoned(t)
	require.Equal(t, []uint64{1, 3}, d.order)
	// Message 1 by 1 s; the second stops the service 5 s later, and 5 s after its start at 66 s.
	require.Equal(t, sec(131+1+4), d.delivered[1], "after the second start: categorised in a second, set-up and transmission")
	_, _, _, poison := d.hub.Held()
	require.Equal(t, int64(1), poison)
	require.Equal(t, int64(1), d.hub.Stats().Poison.Value())
	require.Equal(t, int64(1), d.hub.Counters().Poison)
	require.Equal(t, int64(0), d.hub.Stats().Submission.Value())
	d.run(clock(30, 0, 0))
	_, _, _, poison = d.hub.Held()
	require.Equal(t, int64(1), poison, "Q-8.2: it never expires")
	require.Empty(t, d.bounced)
	require.Equal(t, []transport.MsgID{bad}, poisonOf(d))
}

func poisonOf(d *driver) (out []transport.MsgID) {
	d.hub.EachPoison(func(m transport.MsgID) { out = append(out, m) })
	return out
}

// TestQ8_5_PoisonThatIsResumed goes through the categoriser again, and its crashes are counted anew.
func TestQ8_5_PoisonThatIsResumed(t *testing.T) {
	t.Parallel()
	d, bad := poisoned(t)
	d.watch, d.think = nil, func(uint64) time.Duration { return time.Second }
	d.at(sec(1100), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Release, Msg: bad}) })
	d.run(sec(2000))
	require.Equal(t, []uint64{1, 3, 2}, d.order)
	require.Equal(t, sec(1100+1+4), d.delivered[2])
	require.Empty(t, poisonOf(d))
}

// TestQ8_8_RemovedByAnOperator: with a report and without, out of a queue in Retry, out of the poison queue; not while it is sent, nor out of the
// submission queue.
func TestQ8_8_RemovedByAnOperator(t *testing.T) {
	t.Parallel()
	for _, why := range []transport.Code{transport.OK, transport.Withdrawn} {
		d := alone(t, 0, false, 1)
		d.up = downUntil(minute)
		removed := 0
		var first transport.MsgID
		d.watch = func(a transport.Action) {
			if a.Kind == transport.Removed {
				removed++
				d.gone[2] += int64(d.store.Recipients(a.Msg))
				d.store.Free(a.Msg)
			}
			if a.Kind == transport.Categorise && first == 0 {
				first = a.Msg
			}
		}
		for range 3 {
			d.submit(0, d.dest[0])
		}
		d.at(sec(30), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Remove, Code: why, Msg: first}) })
		d.run(sec(30))
		require.Equal(t, 1, removed)
		reports := 0
		if why == transport.Withdrawn {
			reports = 1
			require.Equal(t, []report{{sec(30), transport.Withdrawn, 1}}, d.reports)
		}
		d.run(sec(63)) // the next is in transmission
		d.at(sec(63), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Remove, Msg: first + 1}) })
		d.run(sec(1000))
		require.Equal(t, 1, removed)
		require.Len(t, d.order, 2+reports)
	}
	d, bad := poisoned(t)
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Removed {
			d.store.Free(a.Msg)
		}
	}
	d.step(transport.Input{Kind: transport.Remove, Msg: bad})
	require.Empty(t, poisonOf(d))

	d = alone(t, 0, false, 1)
	d.think = func(uint64) time.Duration { return time.Hour }
	d.submit(0, d.dest[0])
	d.run(sec(1))
	d.step(transport.Input{Kind: transport.Remove, Msg: 1})
	require.Equal(t, int64(1), d.hub.Stats().Submission.Value())
}

// TestQ2_5_SuspendedQueue: new mail enters, what is in transmission goes on, nothing else leaves until it is resumed; a retry that falls due
// meanwhile is made up for.
func TestQ2_5_SuspendedQueue(t *testing.T) {
	t.Parallel()
	d := alone(t, 0, false, 2)
	for range 40 {
		d.submit(0, d.dest[0])
	}
	at := func(s float64, kind transport.InputKind, q transport.MsgID) {
		d.at(sec(s), transport.PhaseFaults, func() { d.step(transport.Input{Kind: kind, Msg: q}) })
	}
	at(5, transport.Suspend, 0) // the first two were there at 4 s
	d.submit(sec(6), d.dest[0])
	d.submit(sec(6), d.dest[1]) // another queue is not concerned
	d.run(sec(100))
	require.Len(t, d.order, 5, "two at 4 s, two that were in transmission, one of the other queue")
	look := d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusSuspended, look.Status)
	require.Equal(t, int32(37), look.Length)
	require.Zero(t, look.Open)
	at(200, transport.Resume, transport.AllQueues)
	d.run(sec(1000))
	require.Len(t, d.order, 42)
	require.Equal(t, sec(204), d.delivered[5])

	d = alone(t, 0, false, 1)
	d.up = downUntil(sec(30))
	d.submit(0, d.dest[0])
	d.at(sec(10), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Suspend, Msg: transport.AllQueues}) })
	d.at(sec(100), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Resume, Msg: transport.AllQueues}) })
	d.run(sec(200))
	require.Equal(t, []simtime.Time{sec(104)}, d.delivered, "its retry was due at 60 s")
}

// TestQ8_7_SuspendedUnreachable: the Unreachable queue is not resubmitted while it is suspended, neither by a new view nor by an operator, and makes
// up for the view when it is resumed. Nor is a suspended queue whose next hop is gone.
func TestQ8_7_SuspendedUnreachable(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.up = func(_ simtime.Time, to route.Target) transport.Code {
		return map[bool]transport.Code{true: transport.Unreachable}[to.ID == 1 && to.Kind == route.TargetRemote]
	}
	enable := func(value int64, connectors ...int32) {
		for _, c := range connectors {
			x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: c, Value: value})
		}
		x.reroute(x.org)
	}
	x.submit(0, x.to(toQ1)...)
	x.at(sec(10), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Suspend, Msg: transport.AllQueues}) })
	x.at(sec(20), transport.PhaseDirectory, func() { enable(0, 1, 2) }) // no connector is left
	x.submit(sec(30), x.to(toQ1)...)
	x.run(sec(40))
	require.EqualValues(t, 1, x.queueOf("r1").Length, "it stays")
	require.EqualValues(t, 1, x.hub.Stats().Unreachable.Value())
	x.step(transport.Input{Kind: transport.Suspend, Msg: transport.UnreachableMail})
	x.at(sec(50), transport.PhaseDirectory, func() { enable(1, 2) })
	x.at(sec(60), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues}) })
	x.run(sec(70))
	require.EqualValues(t, 1, x.hub.Stats().Unreachable.Value())
	require.EqualValues(t, 1, x.queueOf("r1").Length)
	x.at(sec(80), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Resume, Msg: transport.UnreachableMail}) })
	x.run(sec(90))
	require.Equal(t, []uint64{2}, x.order)
	x.at(sec(100), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Resume, Msg: transport.AllQueues}) })
	x.run(sec(110))
	require.Equal(t, []uint64{2, 1}, x.order)
}

// TestQ10_5_WhatACorePauses: without delivery nothing is sent, and what is in transmission goes on; without resubmission mail stays where a new view
// or its age would take it from. Both are made up for.
func TestQ10_5_WhatACorePauses(t *testing.T) {
	t.Parallel()
	d := alone(t, 0, false, 1)
	press := func(s float64, do transport.Measures) {
		d.at(sec(s), transport.PhaseTimers, func() { d.step(transport.Input{Kind: transport.Press, Msg: transport.MsgID(do)}) })
	}
	for range 10 {
		d.submit(0, d.dest[0])
	}
	press(5, transport.StopDelivery)
	press(100, 0)
	d.run(sec(99))
	require.Equal(t, []simtime.Time{sec(4), sec(6)}, d.delivered)
	d.run(sec(1000))
	require.Len(t, d.delivered, 10)
	require.Equal(t, sec(104), d.delivered[2])

	d = alone(t, 0, false, 1)
	d.up = downUntil(simtime.Never)
	d.hub.Profile().MaxIdleBeforeResubmit = 10 * time.Minute
	var again []simtime.Time
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Categorise {
			again = append(again, d.now)
		}
	}
	d.submit(0, d.dest[0])
	press(900, transport.PauseResubmission)
	press(3000, 0)
	d.run(sec(3100))
	require.Equal(t, []simtime.Time{0, sec(600), sec(3000)}, again, "those of 1200 s to 2400 s are made up for once, with that of 3000 s")
}
