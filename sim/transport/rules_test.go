package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// quiet is a bench that holds nothing by itself, with one message per connection threshold of 20.
func quiet(t *testing.T) *bench {
	x := newBench(t, transport.DefaultProfile(topology.V2010, false))
	x.watch, x.check = nil, nil
	return x
}

// The destinations of a bench.
const (
	toA = iota
	toC
	toQ0
	toQ1
	toNowhere
)

func (x *bench) to(i ...int) []route.DestID {
	var out []route.DestID
	for _, d := range i {
		out = append(out, x.dests[d])
	}
	return out
}

// queueOf returns the queue whose next hop has a name.
func (x *bench) queueOf(domain string) transport.QueueInfo {
	for i := range x.hub.Queues() {
		if q := x.hub.Queue(i); x.book.Key(q.Key).Domain == domain {
			return q
		}
	}
	require.Failf(x.t, "no such queue", "%s", domain)
	return transport.QueueInfo{}
}

// TestQ2_1_OneCopyForEveryKey: recipients with one key travel as one copy; other keys get copies with the same message integer.
func TestQ2_1_OneCopyForEveryKey(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	d := x.book.Dest(route.Destination{Kind: route.Mailbox, Server: 5, Database: 0})
	require.Equal(t, x.dests[toC], d)
	x.submit(0, x.to(toA, toC, toQ0, toQ1, toNowhere)...)
	x.submit(0, x.to(toQ0)...)
	x.run(sec(0))
	require.Equal(t, 6, x.store.Live(), "five copies of the first message, one of the second")
	for _, domain := range []string{"mA", "C", "r1"} {
		require.EqualValues(t, 1, x.queueOf(domain).Length)
	}
	x.run(sec(100))
	counts := map[uint64]int{}
	for _, m := range x.order {
		counts[m]++
	}
	require.Equal(t, map[uint64]int{1: 4, 2: 1}, counts)
	_, _, unreachable, _ := x.hub.Held()
	require.EqualValues(t, 1, unreachable)
}

// TestQ2_3_FirstInFirstOut: order is by entry into the queue, not by submission.
func TestQ2_3_FirstInFirstOut(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.think = func(m uint64) time.Duration { return []time.Duration{0, 3, 1, 2, 9}[m] * time.Millisecond }
	for range 4 {
		x.submit(0, x.to(toQ1)...)
	}
	x.run(sec(100))
	require.Equal(t, []uint64{2, 3, 1, 4}, x.order)
}

// TestQ2_4_ActiveWhileAConnectionLives: a refusal beside a live connection leaves the queue Active (Q-5.2: a failed attempt, tried again
// at the queue's next evaluation).
func TestQ2_4_ActiveWhileAConnectionLives(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 2
	live := 0
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if live++; live > 1 && now < sec(7) {
			return transport.Refused
		}
		return transport.OK
	}
	for range 8 {
		d.submit(0, d.dest[0])
	}
	d.run(sec(3))
	q := d.hub.Queue(0)
	require.Equal(t, transport.Active, q.State)
	require.EqualValues(t, 1, q.Open)
	require.Equal(t, transport.Refused, q.LastError)
	require.Empty(t, d.retries)
	d.run(sec(60))
	// 4 are wanted; the second failed at 0, which ended that instant's attempts. Evaluated again when the first is ready (2) and at its
	// replies (4, 6); at 8 the remote takes one more, and while that is being set up no other is tried. At 10 two live connections suffice.
	require.Equal(t, []simtime.Time{0, 0, sec(2), sec(4), sec(6), sec(8)}, d.attempts, "Q-5.2")
	require.Len(t, d.delivered, 8)
}

// TestQ3_1_OneMessageAWorker: each worker of the categoriser has one message at a time, in order of the submission queue.
func TestQ3_1_OneMessageAWorker(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.hub.Profile().CategoriserWorkers = 2
	x.think = func(uint64) time.Duration { return time.Second }
	var begun []uint64
	var when []simtime.Time
	x.watch = func(a transport.Action) {
		if a.Kind == transport.Categorise {
			begun, when = append(begun, x.store.Hot[a.Msg].Message), append(when, x.now)
		}
	}
	for range 5 {
		x.submit(0, x.to(toQ1)...)
	}
	x.run(sec(1.5))
	require.EqualValues(t, 3, x.hub.Stats().Submission.Value())
	x.run(sec(100))
	require.Equal(t, []uint64{1, 2, 3, 4, 5}, begun)
	require.Equal(t, []simtime.Time{0, 0, sec(1), sec(1), sec(2)}, when)
}

// TestQ4_0_WhatConnectionsGoTo: hubs of other sites, smart hosts, and the stores of the own site.
func TestQ4_0_WhatConnectionsGoTo(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.submit(0, x.to(toA, toC, toQ1)...)
	x.run(sec(100))
	require.ElementsMatch(t, []route.Target{{Kind: route.TargetStore, ID: 1}, {Kind: route.TargetServer, ID: 4}, {Kind: route.TargetRemote, ID: 1}}, x.tried)
}

// TestQ4_4_DefaultThreshold is 20; 5 for connectors of the Subscription Edition (QX-17), whose other defaults of QX-1 differ too.
func TestQ4_4_DefaultThreshold(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		p := transport.DefaultProfile(v, false)
		want, perDomain, retry := 20, 20, 15*time.Minute
		if v == topology.VSE {
			want, perDomain, retry = 5, 40, 5*time.Minute
		}
		require.Equal(t, [route.NumClasses]int{want, 20, 20, 20}, p.Threshold, "QX-17: %s", v)
		require.Equal(t, perDomain, p.MaxPerDomainConnections, "QX-1: %s", v)
		require.Equal(t, retry, p.MessageRetryInterval, "QX-1: %s", v)
		require.Equal(t, 1000, p.MaxOutboundConnections)
		require.Equal(t, 20, p.MaxMessagesPerConnection)
	}
}

// TestQD1_ThresholdByClass: each class of queues has its own threshold.
func TestQD1_ThresholdByClass(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.hub.Profile().Threshold = [route.NumClasses]int{4, 2, 1, 20}
	for range 4 {
		x.submit(0, x.to(toA, toC, toQ1)...)
	}
	x.run(0)
	require.EqualValues(t, 4, x.queueOf("mA").Open)
	require.EqualValues(t, 2, x.queueOf("C").Open)
	require.EqualValues(t, 1, x.queueOf("r1").Open)
}

// TestQ4_6_CeilingOfAQueue counts by queue: two queues to one next hop have a ceiling each (QX-2). A connector's own limits win.
func TestQ4_6_CeilingOfAQueue(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 2)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 1
	d.hub.Profile().MaxPerDomainConnections = 3
	for i := range 20 {
		d.submit(0, d.dest[i%2])
	}
	d.run(0)
	require.EqualValues(t, 3, d.hub.Queue(0).Open)
	require.EqualValues(t, 3, d.hub.Queue(1).Open)

	s := &script{servers: 1, serverCap: 9, queues: []queueSpec{{1, 2, 1, []int{0}}, {1, 5, 1, []int{0}}}, remotes: []remoteSpec{{setUp: 1, each: 1}}}
	for i := range 20 {
		s.arrivals = append(s.arrivals, arrivalSpec{0, 0, i % 2})
	}
	g := newStage(s)
	newHubs(t, g)
	g.run(t)
	dials := 0
	for _, line := range g.trace {
		if line[:4] == "   0" {
			dials++
		}
	}
	require.Equal(t, 2+5, dials)
}

// TestQ4_9_WhenAConnectionCloses: (a) after so many messages, (b) when nothing waits, (c) when it fails, (d) when the receiver ends it;
// never because the wanted number fell.
func TestQ4_9_WhenAConnectionCloses(t *testing.T) {
	t.Parallel()
	sessions := func(d *driver) int64 { return d.hub.QueueStats(0).Sessions }
	t.Run("not when fewer are wanted", func(t *testing.T) {
		t.Parallel()
		d := alone(t, topology.V2010, false, 1)
		for range 40 {
			d.submit(0, d.dest[0])
		}
		d.run(sec(41))
		require.EqualValues(t, 2, d.hub.Queue(0).Open, "two messages are left, for which one connection would do")
		d.run(sec(42))
		require.Equal(t, sec(42), d.delivered[39])
		require.EqualValues(t, 2, sessions(d))
	})
	for _, c := range []struct {
		name     string
		k        int
		answer   transport.Code
		sessions int64
	}{
		{"a: three messages a connection", 3, transport.OK, 4}, {"a: no limit", 0, transport.OK, 1},
		{"b: nothing waits", 20, transport.OK, 1}, {"d: the receiver wants no more", 20, transport.OKLast, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, false, 1)
			d.hub.Profile().MaxMessagesPerConnection = c.k
			d.answer = func(uint64) transport.Code { return c.answer }
			for range 10 {
				d.submit(0, d.dest[0])
			}
			d.run(sec(1000))
			require.Equal(t, c.sessions, sessions(d))
			require.Len(t, d.delivered, 10)
			require.Zero(t, d.hub.Queue(0).Open)
		})
	}
	t.Run("c: it breaks", func(t *testing.T) {
		t.Parallel()
		d := alone(t, topology.V2010, false, 1)
		d.submit(0, d.dest[0])
		broken := false
		d.refuse = func(simtime.Time) bool { b := !broken; broken = true; return b }
		d.run(sec(1000))
		require.EqualValues(t, 2, sessions(d))
		require.Equal(t, []simtime.Time{sec(4)}, d.retries)
	})
}

// TestQ4_11_NoIdleHold (QD-2): a connection closes at once when nothing waits, also one that becomes ready too late.
func TestQ4_11_NoIdleHold(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.submit(0, d.dest[0])
	d.submit(sec(4.5), d.dest[0])
	d.run(sec(4))
	require.Zero(t, d.hub.Queue(0).Open)
	d.run(sec(100))
	require.Equal(t, []simtime.Time{0, sec(4.5)}, d.attempts, "a new session, half a second after the first")

	// Threshold 1, two messages; the second connection takes 9 s to set up, and the first has sent both by then.
	d = alone(t, topology.V2010, false, 1)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 1
	d.up = func(simtime.Time, route.Target) transport.Code {
		if len(d.tried) > 1 {
			d.setUp = 9 * time.Second
		}
		return transport.OK
	}
	d.submit(0, d.dest[0])
	d.submit(0, d.dest[0])
	d.run(sec(8))
	require.EqualValues(t, 1, d.hub.Queue(0).Open)
	d.run(sec(9))
	require.Zero(t, d.hub.Queue(0).Open)
	require.Equal(t, []simtime.Time{sec(4), sec(6)}, d.delivered)
}

// TestQ4_12_AnAttemptWithoutCandidates fails at once; that frees a connection of the server, so a queue that was refused tries again at
// the same instant.
func TestQ4_12_AnAttemptWithoutCandidates(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 2)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 1
	d.submit(0, d.dest[0])
	d.submit(0, d.dest[1])
	d.run(sec(50)) // both queues exist
	d.hub.ForgetCandidates(1)
	d.attempts, d.tried = nil, nil
	d.each = 10 * time.Second
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if now < sec(105) && len(d.tried) > 1 {
			return transport.Refused
		}
		return transport.OK
	}
	for range 3 {
		d.submit(sec(100), d.dest[0])
	}
	d.submit(sec(105), d.dest[1])
	d.run(sec(106))
	require.Equal(t, []simtime.Time{sec(105)}, d.retries)
	require.Equal(t, []simtime.Time{sec(100), sec(100), sec(102), sec(105)}, d.attempts)
	d.run(sec(119))
	require.Len(t, d.delivered, 2+3)
}

// TestQ4_15_SmallThresholdsOpenMoreSessions for the same burst.
func TestQ4_15_SmallThresholdsOpenMoreSessions(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int64{20: 2, 10: 4, 5: 8, 2: 20} {
		d := alone(t, topology.V2010, false, 1)
		d.hub.Profile().Threshold[route.ClassSmtpConnector] = n
		for range 40 {
			d.submit(0, d.dest[0])
		}
		d.run(sec(100))
		require.Equal(t, want, d.hub.QueueStats(0).Sessions, "threshold %d", n)
		require.Len(t, d.delivered, 40)
	}
}

// TestQ4_16_Drain: q0 = c*k*rounds messages on c connections take rounds * (set-up + k messages).
func TestQ4_16_Drain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ n, ceiling, k, rounds int }{{1, 3, 4, 1}, {1, 3, 4, 5}, {4, 7, 2, 3}, {20, 20, 20, 2}} {
		d := alone(t, topology.V2010, false, 1)
		p := d.hub.Profile()
		p.Threshold[route.ClassSmtpConnector], p.MaxPerDomainConnections, p.MaxMessagesPerConnection = c.n, c.ceiling, c.k
		q0 := c.ceiling * c.k * c.rounds
		if want := (q0/c.rounds + c.n - 1) / c.n; want < c.ceiling { // the last round must still ask for all
			continue
		}
		for range q0 {
			d.submit(0, d.dest[0])
		}
		d.run(sec(1e6))
		require.Equal(t, sec(float64(c.rounds*(2+2*c.k))), d.delivered[q0-1], "%+v", c)
		require.EqualValues(t, c.ceiling, d.peak)
	}
}

// TestQ4_17_VeryLightLoad: every message has a connection of its own and pays the whole set-up.
func TestQ4_17_VeryLightLoad(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	for i := range 50 {
		d.submit(sec(5*float64(i)), d.dest[0])
	}
	d.run(sec(1000))
	require.EqualValues(t, 50, d.hub.QueueStats(0).Sessions)
	for i, t1 := range d.delivered {
		require.Equal(t, sec(5*float64(i)+4), t1)
	}
}

// TestQ7_1_LastConnectionClosesAsAnAttemptFails: then the queue has no live connection, and the failed attempt counts.
func TestQ7_1_LastConnectionClosesAsAnAttemptFails(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	p := d.hub.Profile()
	p.Threshold[route.ClassSmtpConnector], p.MaxMessagesPerConnection = 1, 1
	d.fails = 4 * time.Second
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if now == 0 && len(d.tried) > 1 {
			return transport.Refused
		}
		return transport.OK
	}
	d.submit(0, d.dest[0])
	d.submit(0, d.dest[0])
	d.run(sec(100))
	require.Equal(t, []simtime.Time{sec(4)}, d.retries)
	require.Equal(t, []simtime.Time{0, 0, sec(64)}, d.attempts)
	require.Equal(t, []simtime.Time{sec(4), sec(68)}, d.delivered)
}

// TestQ7_4_WaitRunsFromTheEnd of the failed attempt.
func TestQ7_4_WaitRunsFromTheEnd(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.fails = 21 * time.Second
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.run(sec(250))
	require.Equal(t, []simtime.Time{0, sec(81), sec(162), sec(243)}, d.attempts)
}

// TestQ7_10_OneMessagePutOff is QG-23: of three messages one gets 4xx on a live connection.
func TestQ7_10_OneMessagePutOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version topology.Version
		wait    float64
	}{{topology.V2016, 15}, {topology.VSE, 5}} {
		t.Run("QG-23 "+c.version.String(), func(t *testing.T) {
			t.Parallel()
			d := alone(t, c.version, false, 1)
			once := true
			d.answer = func(m uint64) transport.Code {
				if m == 2 && once {
					once = false
					return transport.Deferred4xx
				}
				return transport.OK
			}
			for range 3 {
				d.submit(0, d.dest[0])
			}
			d.run(sec(30))
			require.Equal(t, []uint64{1, 3}, d.order)
			q := d.hub.Queue(0)
			require.Equal(t, transport.Active, q.State)
			require.EqualValues(t, 1, q.Length)
			require.EqualValues(t, 1, q.Deferred)
			require.EqualValues(t, 1, d.hub.QueueStats(0).Sessions, "the connection went on")
			require.Zero(t, q.Open, "Q-4.2: a deferred message asks for no connection")
			d.run(60 * minute)
			require.Equal(t, []simtime.Time{0, sec(6 + 60*c.wait)}, d.attempts, "put off at 6 s")
			require.Equal(t, []uint64{1, 3, 2}, d.order)
			require.Empty(t, d.retries, "never in Retry")
		})
	}
}

// TestQ8_3_EachHopRestartsTheClock (QD-7) but keeps when the sender submitted the message.
func TestQ8_3_EachHopRestartsTheClock(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.at(sec(50), transport.PhaseCompletions, func() {
		set := x.store.NewSet([]transport.Recipients{{Dest: x.dests[toQ1], Count: 1}})
		m := x.store.New(transport.Copy{Message: 1, Created: sec(10), Accepted: sec(20), Size: 1, Set: set}, transport.Tail{})
		x.step(transport.Input{Kind: transport.Offered, Msg: m})
		require.Equal(t, sec(50), x.store.Hot[m].Accepted)
		require.Equal(t, sec(10), x.store.Hot[m].Created)
	})
	x.run(sec(51))
	require.Equal(t, time.Second, x.hub.QueueAge(0, x.now))
}

// TestQ8_5_WhatComesBack: a view without the connector takes its mail to the next best; the Unreachable queue is tried with every view (c);
// an operator resubmits queues in Retry.
func TestQ8_5_WhatComesBack(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.up = func(_ simtime.Time, to route.Target) transport.Code {
		if to.ID == 1 && to.Kind == route.TargetRemote {
			return transport.Unreachable
		}
		return transport.OK
	}
	off := func(c topology.ConnectorID) {
		x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: int32(c)})
	}
	for range 3 {
		x.submit(0, x.to(toQ1)...)
	}
	x.at(sec(30), transport.PhaseDirectory, func() { off(1); x.reroute(x.org) })
	x.run(sec(29))
	require.EqualValues(t, 3, x.queueOf("r1").Length)
	x.run(sec(60))
	require.Zero(t, x.queueOf("r1").Length, "R-6.10: its connector is disabled")
	require.Equal(t, []uint64{1, 2, 3}, x.order, "by k1b to r0, in order")

	x.submit(sec(70), x.to(toQ1)...)
	x.submit(sec(71), x.to(toQ1)...)
	x.at(sec(65), transport.PhaseDirectory, func() { off(2); x.reroute(x.org) })
	x.run(sec(80))
	_, _, unreachable, _ := x.hub.Held()
	require.EqualValues(t, 2, unreachable, "no connector left")
	tried := 0
	x.watch = func(a transport.Action) { tried += map[transport.ActionKind]int{transport.Categorise: 1}[a.Kind] }
	x.step(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues})
	require.Equal(t, 2, tried, "the Unreachable queue goes through the categoriser, and back")
	require.EqualValues(t, 2, x.hub.Stats().Unreachable.Value())
	x.at(sec(90), transport.PhaseDirectory, func() {
		x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 2, Value: 1})
		x.reroute(x.org)
	})
	x.run(sec(100))
	require.Equal(t, []uint64{1, 2, 3, 4, 5}, x.order, "Q-8.5 c")
}

// TestD21_ANewViewLeavesLiveQueuesAlone is D-21: costs change, mail stays where it is.
func TestD21_ANewViewLeavesLiveQueuesAlone(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	x.up = downUntil(sec(100))
	x.submit(0, x.to(toQ1, toC)...)
	x.at(sec(10), transport.PhaseDirectory, func() {
		x.reroute(x.org.With(topology.Change{Kind: topology.ConnectorCost, Object: 2, Value: 1}, topology.Change{Kind: topology.HubSite, Object: 1, Value: 1}))
	})
	x.run(sec(20))
	require.EqualValues(t, 1, x.queueOf("r1").Length)
	require.EqualValues(t, 1, x.queueOf("C").Length)
	require.Equal(t, 2, x.hub.Queues())
}

// TestQ8_6_TheStageGoesOn (QD-8): a resubmission makes no extra attempt and does not begin the ladder anew, unless the queue stayed empty
// for three minutes and is gone.
func TestQ8_6_TheStageGoesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		back     time.Duration // time in the categoriser
		attempts []simtime.Time
	}{
		{"back at once", 0, minutes(0, 1, 2, 3, 4, 9, 14)},
		{"back after the retry was due: it is made up for", 90 * time.Second, minutes(0, 1, 2, 4.25, 5.25, 10.25)},
		{"back after the queue is gone", 4 * time.Minute, minutes(0, 1, 2, 6.75, 7.75, 8.75, 9.75, 10.75)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, false, 1)
			d.up = downUntil(simtime.Never)
			d.submit(0, d.dest[0])
			d.at(sec(165), transport.PhaseFaults, func() {
				d.think = func(uint64) time.Duration { return c.back }
				d.step(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues})
			})
			d.run(c.attempts[len(c.attempts)-1])
			require.Equal(t, c.attempts, d.attempts)
		})
	}
}

// TestQ8_6_TheStageOfAnEmptyQueue: the last message of a queue expires as the connection breaks that carries it. The queue is in Retry and empty, and
// is there for three minutes: mail that comes meanwhile waits for its timer, or makes up for the retry that fell due.
func TestQ8_6_TheStageOfAnEmptyQueue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		next, tried float64 // s
	}{
		{"before the retry", 3620, 3672}, {"after the retry was due", 3700, 3700}, {"after the queue is gone", 3792, 3792},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, false, 1)
			d.null, d.each = true, 10*time.Second
			d.hub.Profile().Reports.Expiry = 12 * time.Second // at the instant of the break
			d.refuse = func(now simtime.Time) bool { return now == sec(3612) }
			d.submit(sec(3600), d.dest[0])
			d.run(sec(3612))
			require.Equal(t, []transport.Code{transport.Expired}, d.bounced)
			require.Equal(t, transport.Retry, d.hub.Queue(0).State)
			d.hub.Profile().Reports.Expiry = time.Hour
			d.submit(sec(c.next), d.dest[0])
			d.run(sec(4000))
			require.Equal(t, []simtime.Time{sec(3600), sec(c.tried)}, d.attempts)
		})
	}
}

// TestR3_15_BackOffInsideOneAttempt (D-5): every hub of the next-hop site, then those of the site before it, in one attempt.: not
// when one of them answered.
func TestR3_15_BackOffInsideOneAttempt(t *testing.T) {
	t.Parallel()
	c1 := route.Target{Kind: route.TargetServer, ID: 4}
	for _, c := range []struct {
		name  string
		code  transport.Code
		tried int
		left  bool
	}{
		{"R-3.15 no answer", transport.Unreachable, 2, true}, {"R-3.15 nobody listens", transport.Reset, 2, true},
		{"R-3.17 refused", transport.Refused, 1, false}, {"R-3.17 not authenticated", transport.AuthFailed, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := quiet(t)
			x.up = func(_ simtime.Time, to route.Target) transport.Code {
				if to == c1 {
					return c.code
				}
				return transport.OK
			}
			x.submit(0, x.to(toC)...)
			x.run(sec(10))
			require.Len(t, x.tried, c.tried)
			require.Equal(t, c1, x.tried[0])
			require.Equal(t, c.left, len(x.delivered) == 1)
			require.Equal(t, !c.left, len(x.retries) == 1)
			if c.left {
				require.Contains(t, []int32{2, 3}, x.tried[1].ID, "a hub of site B")
			}
		})
	}
}

// TestR3_17_OtherHubsOfTheSiteAreTried after one that answered but refused, also in a site of the back-off.
func TestR3_17_OtherHubsOfTheSiteAreTried(t *testing.T) {
	t.Parallel()
	x := quiet(t)
	refused := map[int32]transport.Code{4: transport.Unreachable}
	x.up = func(_ simtime.Time, to route.Target) transport.Code {
		if code, ok := refused[to.ID]; ok {
			return code
		}
		if len(x.tried) == 2 { // the first of site B
			return transport.Refused
		}
		return transport.OK
	}
	x.submit(0, x.to(toC)...)
	x.run(sec(10))
	require.Len(t, x.tried, 3)
	require.NotEqual(t, x.tried[1], x.tried[2])
	require.Len(t, x.delivered, 1)
}

// TestR4_2_EachConnectionStartsOneFurther in the list of targets, and a failure inside an attempt goes to the next.
func TestR4_2_EachConnectionStartsOneFurther(t *testing.T) {
	t.Parallel()
	s := &script{servers: 2, serverCap: 9, queues: []queueSpec{{1, 9, 1, []int{0, 1, 2}}}, remotes: []remoteSpec{{setUp: 1, each: 9}, {setUp: 1, each: 9, downUntil: 100}, {setUp: 1, each: 9}}}
	for i := range 8 {
		s.arrivals = append(s.arrivals, arrivalSpec{0, i / 4, 0})
	}
	g := newStage(s)
	newHubs(t, g)
	g.run(t)
	tried := map[int][]int{} // by connection
	var order [2][]int       // connections in order, by server
	for _, line := range g.trace {
		var now, server, queue, conn, remote int
		if n, _ := fmt.Sscanf(line, "%d s%d q%d dial c%d r%d", &now, &server, &queue, &conn, &remote); n == 5 {
			if tried[conn] == nil {
				order[server] = append(order[server], conn)
			}
			tried[conn] = append(tried[conn], remote)
		}
	}
	// r1 does not answer: a connection that begins there goes on to r2. The second hub of the site begins one further (D-11).
	for server, want := range [2][][]int{{{0}, {1, 2}, {2}, {0}}, {{1, 2}, {2}, {0}, {1, 2}}} {
		var got [][]int
		for _, c := range order[server] {
			got = append(got, tried[c])
		}
		require.Equal(t, want, got)
	}
}

// TestD19_BouncedAtTheLoopLimit: a copy that comes back to the server for the 20th time gets a report there.
func TestD19_BouncedAtTheLoopLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 3, 20} {
		x := quiet(t)
		x.hub.Profile().LoopLimit = limit
		var path transport.PathID
		x.watch = func(a transport.Action) {
			if a.Kind == transport.Left { // the copy goes round another server and comes back
				path = x.store.Cold[a.Msg].Path
			}
		}
		rounds := 0
		for ; len(x.bounced) == 0 && rounds < 50; rounds++ {
			x.at(x.now.Add(time.Minute), transport.PhaseArrivals, func() {
				set := x.store.NewSet([]transport.Recipients{{Dest: x.dests[toQ1], Count: 1}})
				x.step(transport.Input{Kind: transport.Offered, Msg: x.store.New(transport.Copy{Message: 1, Set: set}, transport.Tail{Path: path})})
			})
			x.run(x.now.Add(2 * time.Minute))
		}
		if limit == 0 {
			require.Equal(t, 50, rounds, "0: no limit")
			continue
		}
		require.Equal(t, []transport.Code{transport.LoopDetected}, x.bounced)
		require.Equal(t, limit+1, rounds, "it came once and returned %d times", limit)
	}
}

// TestR3_24_WhatRoutingRefusesIsBounced: a message above a link's limit, and an address that no connector takes (D-25); the other
// recipients of the message go on.
func TestR3_24_WhatRoutingRefusesIsBounced(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 10, MaxMessageSize: 999})
	var servers []topology.ServerID
	for i, s := range sites {
		servers = append(servers, b.Server(topology.Server{
			Name: fmt.Sprintf("h%d", i), Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None,
		}))
	}
	org, err := b.Build()
	require.NoError(t, err)
	d := newDriver(t, org, servers[0], transport.DefaultProfile(topology.V2010, false))
	here := d.book.Dest(route.Destination{Kind: route.Mailbox, Server: servers[0]})
	there := d.book.Dest(route.Destination{Kind: route.Mailbox, Server: servers[1]})
	fax := d.book.Dest(route.Destination{Kind: route.External, Type: "FAX", Domain: "x"})
	d.submit(0, here, there, fax)
	d.run(sec(10))
	require.Equal(t, []transport.Code{transport.TooLarge, transport.NoConnector}, d.bounced)
	require.Len(t, d.delivered, 1)
	require.EqualValues(t, 2, d.hub.Stats().Bounced)
}
