package transport_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

func receiver(t require.TestingT, l transport.ReceiveLimits) *transport.Receiver {
	r, err := transport.NewReceiver(l)
	require.NoError(t, err)
	return r
}

// TestQ5_1_AcceptTest is QG-13: 5000 connections, 20 from one source and 2 % of those that are left.
func TestQ5_1_AcceptTest(t *testing.T) {
	t.Parallel()
	l := transport.ReceiveLimits{MaxConnections: 5000, MaxPerSource: 20, PercentPerSource: 2}
	for _, c := range []struct{ open, limit, gets int }{
		{0, 20, 20}, {4000, 20, 19}, {4200, 16, 15}, {4900, 2, 1}, {4950, 1, 1}, {4951, 0, 0},
	} {
		t.Run(fmt.Sprintf("QG-13 cur=%d", c.open), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.limit, l.PerSource(c.open))
			r := receiver(t, l)
			for i := range c.open { // as many as there are from other sources: no two from one
				code, wait := r.Accept(0, transport.Source(1+i))
				if r.Limits().PerSource(i) > 0 {
					require.Equal(t, transport.OK, code)
					require.Zero(t, wait)
				} else {
					require.Equal(t, transport.Refused, code)
				}
			}
			_, all := r.Open(0)
			require.Equal(t, c.open, all)
			gets := 0
			for {
				if code, _ := r.Accept(0, 0); code != transport.OK {
					require.Equal(t, transport.Refused, code)
					break
				}
				gets++
			}
			require.Equal(t, c.gets, gets)
		})
	}
}

// TestQ5_1_WhatTheLimitsMean: a limit of 0 and a percentage of 100 make no test; the total holds by itself; a close makes room.
func TestQ5_1_WhatTheLimitsMean(t *testing.T) {
	t.Parallel()
	require.Equal(t, math.MaxInt, (&transport.ReceiveLimits{}).PerSource(7))
	require.Equal(t, math.MaxInt, (&transport.ReceiveLimits{MaxConnections: 10, PercentPerSource: 100}).PerSource(9))
	require.Equal(t, math.MaxInt, (&transport.ReceiveLimits{PercentPerSource: 2}).PerSource(9), "no percentage of no limit")
	require.Equal(t, 3, (&transport.ReceiveLimits{MaxPerSource: 3}).PerSource(9))

	r := receiver(t, transport.ReceiveLimits{MaxConnections: 3})
	for range 3 {
		code, _ := r.Accept(0, 0)
		require.Equal(t, transport.OK, code)
	}
	code, _ := r.Accept(0, 1)
	require.Equal(t, transport.Refused, code)
	r.Closed(0)
	code, _ = r.Accept(0, 1)
	require.Equal(t, transport.OK, code)
	own, all := r.Open(1)
	require.Equal(t, 1, own)
	require.Equal(t, 3, all)
	require.Equal(t, transport.ReceiveStats{Accepted: 4, Refused: 1}, *r.Stats())
	r.Reset()
	own, all = r.Open(0)
	require.Zero(t, own)
	require.Zero(t, all)
	require.PanicsWithValue(t, "transport: Receiver.Closed: source 0 has no connection", func() { r.Closed(0) })
}

// TestQ5_3_MessageRate: the limit is by source, over a sliding minute; a message that was refused does not count, and one that is exactly
// a minute old no longer does.
func TestQ5_3_MessageRate(t *testing.T) {
	t.Parallel()
	r := receiver(t, transport.ReceiveLimits{MessageRate: 3})
	require.True(t, r.Message(sec(0), 0))
	require.True(t, r.Message(sec(10), 0))
	require.True(t, r.Message(sec(20), 0))
	require.False(t, r.Message(sec(20), 0))
	require.True(t, r.Message(sec(20), 1), "another source")
	require.False(t, r.Message(sec(60)-1, 0))
	require.True(t, r.Message(sec(60), 0))
	require.False(t, r.Message(sec(60), 0))
	require.True(t, r.Message(sec(70), 0))
	require.EqualValues(t, 3, r.Stats().Limited)
	r.Reset()
	require.True(t, r.Message(sec(70), 0), "a new service remembers nothing")

	free := receiver(t, transport.ReceiveLimits{})
	for range 10_000 {
		require.True(t, free.Message(0, 0))
	}
}

// TestQ5_3_AgainstAList compares the ring with a list of all messages.
func TestQ5_3_AgainstAList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		r := receiver(t, transport.ReceiveLimits{MessageRate: limit})
		taken := map[transport.Source][]simtime.Time{}
		now := simtime.Time(0)
		for range rapid.IntRange(1, 300).Draw(t, "messages") {
			now = now.Add(drawPause(t))
			from := transport.Source(rapid.IntRange(0, 2).Draw(t, "from"))
			n := 0
			for _, at := range taken[from] {
				if now.Sub(at) < time.Minute {
					n++
				}
			}
			got := r.Message(now, from)
			require.Equal(t, n < limit, got, "at %v, %d within a minute", now, n)
			if got {
				taken[from] = append(taken[from], now)
			}
		}
	})
}

// drawPause draws short pauses, none at all, and whole parts of a minute, so that windows end exactly at events.
func drawPause(t *rapid.T) time.Duration {
	switch rapid.IntRange(0, 3).Draw(t, "kind of pause") {
	case 0:
		return 0
	case 1:
		return time.Duration(rapid.IntRange(1, 4).Draw(t, "pause")) * 15 * time.Second
	default:
		return time.Duration(rapid.IntRange(1, 3_000).Draw(t, "pause")) * time.Millisecond
	}
}

// TestQ5_4_TarpitAndConnectionRate: replies to anonymous senders wait once for each refused recipient; the connection rate holds accepts
// back instead of refusing (Q-5.4a).
func TestQ5_4_TarpitAndConnectionRate(t *testing.T) {
	t.Parallel()
	l := transport.DefaultReceive(topology.V2010, true)
	require.Equal(t, 5*time.Second, l.ReplyDelay(true, 1))
	require.Equal(t, 15*time.Second, l.ReplyDelay(true, 3))
	require.Zero(t, l.ReplyDelay(true, 0))
	require.Zero(t, l.ReplyDelay(false, 3), "only anonymous senders wait")

	r := receiver(t, transport.ReceiveLimits{ConnectionRate: 2, MaxPerSource: 6})
	accept := func(at float64, from transport.Source, code transport.Code, wait time.Duration) {
		t.Helper()
		c, w := r.Accept(sec(at), from)
		require.Equal(t, code, c)
		require.Equal(t, wait, w)
	}
	accept(0, 0, transport.OK, 0)
	accept(10, 0, transport.OK, 0)
	accept(20, 0, transport.OK, 40*time.Second) // at 60: the first is exactly a minute old
	accept(20, 0, transport.OK, 50*time.Second) // at 70
	accept(20, 0, transport.OK, 100*time.Second)
	accept(20, 0, transport.OK, 110*time.Second) // at 130
	accept(20, 0, transport.Refused, 0)          // over the source's limit: takes no place
	accept(119, 1, transport.OK, 61*time.Second) // at 180: after the one of 120 and the one of 130
	accept(400, 1, transport.OK, 0)              // nothing within the minute
	require.Equal(t, transport.ReceiveStats{Accepted: 8, Delayed: 5, Refused: 1}, *r.Stats())
}

// TestQ5_4_ConnectionRateAgainstAList: accepts keep their order, no minute holds more than the limit, and none waits longer than it must.
func TestQ5_4_ConnectionRateAgainstAList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		r := receiver(t, transport.ReceiveLimits{ConnectionRate: limit})
		var accepted []simtime.Time
		now, last := simtime.Time(0), simtime.Time(0)
		// fits tells whether one more at t leaves every minute within the limit, those that are still to come included.
		fits := func(t simtime.Time) bool {
			n := 0
			for _, at := range accepted {
				if t.Sub(at) < time.Minute {
					n++
				}
			}
			return t >= last && n < limit
		}
		for range rapid.IntRange(1, 200).Draw(t, "connections") {
			now = now.Add(drawPause(t))
			want := simtime.Never
			for _, at := range append([]simtime.Time{now}, accepted...) {
				for _, x := range []simtime.Time{at, at.Add(time.Minute)} {
					if x >= now && x < want && fits(x) {
						want = x
					}
				}
			}
			code, wait := r.Accept(now, 0)
			require.Equal(t, transport.OK, code)
			require.Equal(t, want, now.Add(wait))
			last = want
			accepted = append(accepted, want)
		}
		require.True(t, slices.IsSorted(accepted))
	})
}

// TestQ5_1_AgainstCounts: whatever comes and goes, what is open is what was accepted and not closed, and the test of is taken
// literally.
func TestQ5_1_AgainstCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := transport.ReceiveLimits{
			MaxConnections: rapid.IntRange(0, 60).Draw(t, "most"), MaxPerSource: rapid.IntRange(0, 20).Draw(t, "from one"),
			PercentPerSource: rapid.SampledFrom([]int{0, 1, 2, 10, 33, 50, 99, 100}).Draw(t, "percent"),
		}
		r := receiver(t, l)
		open := make([]int, 5)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			from := rapid.IntRange(0, 4).Draw(t, "from")
			total := 0
			for _, n := range open {
				total += n
			}
			if open[from] > 0 && rapid.IntRange(0, 2).Draw(t, "close") == 0 {
				r.Closed(transport.Source(from))
				open[from]--
				continue
			}
			ok := l.MaxConnections == 0 || total < l.MaxConnections
			if l.MaxPerSource > 0 {
				ok = ok && open[from] < l.MaxPerSource
			}
			if l.MaxConnections > 0 && l.PercentPerSource%100 != 0 {
				// Whole numbers: own < floor(x/100) is own + 1 <= x/100.
				ok = ok && 100*(open[from]+1) <= l.PercentPerSource*(l.MaxConnections-total)
			}
			code, wait := r.Accept(0, transport.Source(from))
			require.Zero(t, wait)
			require.Equal(t, ok, code == transport.OK, "%d from it, %d open, %+v", open[from], total, l)
			if ok {
				open[from]++
			}
			own, all := r.Open(transport.Source(from))
			require.Equal(t, open[from], own)
			sum := 0
			for _, n := range open {
				sum += n
			}
			require.Equal(t, sum, all)
		}
	})
}

// TestReceiveDefaults: hubs let one source do what it likes, Edges do not.
func TestReceiveDefaults(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		hub, edge := transport.DefaultReceive(v, false), transport.DefaultReceive(v, true)
		require.NoError(t, hub.Check())
		require.NoError(t, edge.Check())
		require.Equal(t, transport.ReceiveLimits{
			MaxConnections: 5000, PercentPerSource: 100, ConnectionRate: 1200,
			ConnectionTimeout: 10 * time.Minute, InactivityTimeout: 5 * time.Minute, Tarpit: 5 * time.Second, MaxRecipients: 5000, MaxSize: 36 << 20,
		}, hub)
		require.Equal(t, transport.ReceiveLimits{
			MaxConnections: 5000, MaxPerSource: 20, PercentPerSource: 2, ConnectionRate: 1200, MessageRate: 600,
			ConnectionTimeout: 5 * time.Minute, InactivityTimeout: time.Minute, Tarpit: 5 * time.Second, MaxRecipients: 200, MaxSize: 36 << 20,
		}, edge)
		require.Equal(t, math.MaxInt, hub.PerSource(4999), "Q-5.8")
	}
	edge := transport.DefaultReceive(topology.V2016, true)
	require.Equal(t, sec(160), edge.CutAt(sec(0), sec(100)), "silence")
	require.Equal(t, sec(300), edge.CutAt(sec(0), sec(290)), "Q-4.9 d")
	require.Equal(t, simtime.Never, (&transport.ReceiveLimits{}).CutAt(0, 0))
	require.EqualValues(t, 200, edge.Taken(201))
	require.EqualValues(t, 200, edge.Taken(200))
	require.EqualValues(t, 201, (&transport.ReceiveLimits{}).Taken(201))
}

func TestReceiveLimitsThatAreWrong(t *testing.T) {
	t.Parallel()
	_, err := transport.NewReceiver(transport.ReceiveLimits{
		MaxConnections: -1, MaxPerSource: -2, PercentPerSource: 101, MessageRate: -3, ConnectionRate: -4, MaxRecipients: -5, MaxSize: -6, Tarpit: -1,
		ConnectionTimeout: time.Minute, InactivityTimeout: time.Minute,
	})
	require.EqualError(t, err, `receive: MaxConnections is -1; write 0 (no limit) or more
receive: MaxPerSource is -2; write 0 (no limit) or more
receive: ConnectionRate is -4; write 0 (no limit) or more
receive: MessageRate is -3; write 0 (no limit) or more
receive: MaxRecipients is -5; write 0 (no limit) or more
receive: MaxSize is -6; write 0 (no limit) or more
receive: PercentPerSource is 101; write 1 to 99, or 100 for no such limit
receive: a duration is negative (ConnectionTimeout 1m0s, InactivityTimeout 1m0s, Tarpit -1ns); write 0 (none) or more
receive: InactivityTimeout 1m0s is not below ConnectionTimeout 1m0s; write a shorter one`)
}

// TestReceiverAllocatesNothing: once its windows have grown.
func TestReceiverAllocatesNothing(t *testing.T) {
	r := receiver(t, transport.ReceiveLimits{MaxConnections: 5000, MaxPerSource: 20, PercentPerSource: 2, ConnectionRate: 300, MessageRate: 100})
	now := simtime.Time(0)
	i := 0
	cycle := func() {
		i++
		now = now.Add(150 * time.Millisecond)
		from := transport.Source(i % 7)
		if code, _ := r.Accept(now, from); code == transport.OK {
			r.Message(now, from)
			r.Closed(from)
		}
	}
	for range 2000 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(2000, cycle))
	require.Positive(t, r.Stats().Delayed)
}
