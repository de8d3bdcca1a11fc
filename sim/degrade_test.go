package sim_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// degraded lets the first link fare worse for the whole run; change says more.
func degraded(d fault.Degradation, change ...func(*fault.Fault)) func(*sim.Config) {
	return func(c *sim.Config) {
		f := fault.Fault{ID: "line-" + string(rune('a'+len(c.Faults))), Kind: fault.LinkDegrade, End: simtime.Never, Probability: 1, Links: []topology.LinkID{0}, Degrade: d}
		for _, x := range change {
			x(&f)
		}
		c.Faults = append(c.Faults, f)
	}
}

func from(start, end float64) func(*fault.Fault) {
	return func(f *fault.Fault) { f.Start, f.End = seconds(start), seconds(end) }
}

func way(d fault.Direction) func(*fault.Fault) { return func(f *fault.Fault) { f.Direction = d } }

// lossy is the bit/s of a connection at a round-trip time, in seconds, and a loss: 1.22 segments of 1460 bytes a round trip, over the root of the loss.
func lossy(rtt, p float64) float64 { return 1.22 * 1460 * 8 / (rtt * math.Sqrt(p)) }

// TestF13_SessionTime is the time of a session over a degraded link, worked by hand: 8 round trips and 2 for each message of 76,800 bytes.
func TestF13_SessionTime(t *testing.T) {
	t.Parallel()
	const ms, body = time.Millisecond, 76800 * 8
	for _, c := range []struct {
		name      string
		bandwidth int64 // of the link, whose round-trip time is 40 ms
		faults    []func(*sim.Config)
		rtt, bits float64
	}{
		{"latency counts both ways", 100e6, []func(*sim.Config){degraded(fault.Degradation{Latency: 100 * ms})}, 0.240, 100e6},
		{"or one way", 100e6, []func(*sim.Config){degraded(fault.Degradation{Latency: 100 * ms}, way(fault.From))}, 0.140, 100e6},
		{"latency adds", 100e6, []func(*sim.Config){degraded(fault.Degradation{Latency: 100 * ms}), degraded(fault.Degradation{Latency: 30 * ms}, way(fault.To))}, 0.270, 100e6},
		{"bandwidth", 100e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 64e3})}, 0.040, 64e3},
		{"the link is narrower", 1e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 2e6})}, 0.040, 1e6},
		{"the least bandwidth counts", 100e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 2e6}), degraded(fault.Degradation{Bandwidth: 1e6})}, 0.040, 1e6},
		{"of a link without limit", 0, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 2e6})}, 0.040, 2e6},
		{"bandwidth back to A alone", 100e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 64e3}, way(fault.From))}, 0.040, 100e6},
		{"bandwidth to B alone", 100e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 64e3}, way(fault.To))}, 0.040, 64e3},
		{"loss", 100e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01})}, 0.040, lossy(0.040, 0.01)},
		{"loss, a link without limit", 0, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01})}, 0.040, lossy(0.040, 0.01)},
		{"loss, a link that is narrower", 1e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01})}, 0.040, 1e6},
		{"losses join", 100e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01}), degraded(fault.Degradation{Loss: 0.02})}, 0.040, lossy(0.040, 1-0.99*0.98)},
		{"acknowledgements may be lost", 100e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01}, way(fault.From))}, 0.040, 100e6},
		{"loss and latency", 100e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01, Latency: 30 * ms})}, 0.100, lossy(0.100, 0.01)},
		{"what is corrupt is lost", 100e6, []func(*sim.Config){degraded(fault.Degradation{Corrupt: 0.01})}, 0.040, lossy(0.040, 0.01)},
		{"loss and corruption", 100e6, []func(*sim.Config){degraded(fault.Degradation{Loss: 0.01, Corrupt: 0.02})}, 0.040, lossy(0.040, 1-0.99*0.98)},
		{"a burst slows down once", 100e6, []func(*sim.Config){degraded(fault.Degradation{BurstRate: 0.001, BurstSize: 10})}, 0.040, lossy(0.040, 0.001/(0.01+0.999))},
		{"what comes twice takes its place twice", 1e6, []func(*sim.Config){degraded(fault.Degradation{Duplicate: 0.25})}, 0.040, 0.8e6},
		{"copies are copied", 1e6, []func(*sim.Config){degraded(fault.Degradation{Duplicate: 0.25}), degraded(fault.Degradation{Duplicate: 0.6})}, 0.040, 0.5e6},
		{"copies of what is left", 100e6, []func(*sim.Config){degraded(fault.Degradation{Duplicate: 0.25, Bandwidth: 1e6})}, 0.040, 0.8e6},
		{"fixed shares", 100e6, []func(*sim.Config){degraded(fault.Degradation{Bandwidth: 1e6}), func(c *sim.Config) { c.Model.FixedRate = true }}, 0.040, 1e6 / 20},
		{"a TCP window", 100e6, []func(*sim.Config){degraded(fault.Degradation{Latency: 30 * ms}), func(c *sim.Config) { c.Model.TCPWindow = 65536 }}, 0.100, 65536 * 8 / 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int64{1, 10} {
				want := 8*c.rtt + float64(n)*(2*c.rtt+body/c.bits)
				require.InDelta(t, want, sessionTime(t, "exchange-auth", 40*ms, c.bandwidth, n, 1, c.faults...), 2e-8*float64(n))
			}
		})
	}
}

// TestF13_WhileItLasts: bodies under way have their new share at once, round trips count from the next message on.
func TestF13_WhileItLasts(t *testing.T) {
	t.Parallel()
	large := func(c *sim.Config) { c.Loads[0].Size = rng.Constant(1_250_000) } // 10 Mbit
	half := fault.Degradation{Bandwidth: 500e3}
	for _, c := range []struct {
		name      string
		bandwidth int64
		fault     func(*sim.Config)
		want      float64
	}{
		{"from 2 s to 5 s", 1e6, degraded(half, from(2, 5)), 11.5},
		{"growing over 10 s", 1e6, degraded(half, func(f *fault.Fault) { f.RampUp = 10 * second }), 14.5}, // 7.75 Mbit in ten steps from 1 to 0.55 Mbit/s
		{"dying away over 10 s", 1e6, degraded(half, from(0, 10), func(f *fault.Fault) { f.RampDown = 10 * second }), 12.75},
		{"of a link without limit, to its end", 0, degraded(half, from(0, 5)), 5},
		{"of a link without limit, growing", 0, degraded(half, func(f *fault.Fault) { f.RampUp = 10 * second }), 0}, // before the first step
		{"two overlap", 1e6, func(c *sim.Config) {
			degraded(half, from(1, 4))(c)
			degraded(fault.Degradation{Bandwidth: 250e3}, from(3, 5))(c)
		}, 12.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, c.want, sessionTime(t, "smtp-plain", 0, c.bandwidth, 1, 1, large, c.fault), 1e-8)
		})
	}
	t.Run("round trips", func(t *testing.T) {
		t.Parallel()
		// Set-up takes 0.8 s and a message 0.2 s; the one that begins at 1.0 s takes 0.6 s, and the next one, at 1.6 s, 0.2 s again.
		got := sessionTime(t, "exchange-auth", 100*time.Millisecond, 0, 4, 1, degraded(fault.Degradation{Latency: 100 * time.Millisecond}, from(0.9, 1.5)))
		require.InDelta(t, 0.8+3*0.2+0.6, got, 1e-9)
	})
}

// TestF13_Jitter: a session has one jitter for all its round trips, up to both ways' worth of it.
func TestF13_Jitter(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	jitter := degraded(fault.Degradation{Latency: 100 * ms, Jitter: 50 * ms})
	one := sessionTime(t, "exchange-auth", 40*ms, 0, 1, 1, jitter) / 10
	require.Greater(t, one, 0.140)
	require.Less(t, one, 0.340)
	require.NotEqual(t, 0.240, one)
	require.InDelta(t, 28*one, sessionTime(t, "exchange-auth", 40*ms, 0, 10, 1, jitter), 1e-8)
	other := sessionTime(t, "exchange-auth", 40*ms, 0, 1, 1, jitter, func(c *sim.Config) { c.Faults[0].ID = "other" }) / 10
	require.NotEqual(t, one, other, "its numbers are the fault's")
	same := sessionTime(t, "exchange-auth", 40*ms, 0, 1, 1, jitter, func(c *sim.Config) { c.Faults[0].ID, c.Faults[0].Recurrence.Stream = "other", "line-a" }) / 10
	require.Equal(t, one, same)
	// Set-up takes 8 s, and messages 2 s each until the fault begins.
	late := degraded(fault.Degradation{Latency: 100 * ms, Jitter: 50 * ms}, from(9, 3599))
	older := func(messages int64) float64 {
		return sessionTime(t, "exchange-auth", time.Second, 0, messages, 1, late)
	}
	require.InDelta(t, older(9)-older(8), older(10)-older(9), 1e-8, "one draw for all that is left of a session that is older than the fault")
	require.NotEqual(t, 2*1.2, older(9)-older(8))
}

// TestF13_TimeOutOnALinkThatWasFree: a connection that was opened when bodies took no time has its time-out all the same (Q-4.9d).
func TestF13_TimeOutOnALinkThatWasFree(t *testing.T) {
	t.Parallel()
	// 5 s a message: the second body begins at 5 s, and would take 614 s.
	got := sessionTime(t, "smtp-plain", 0, 0, 2, 1, degraded(fault.Degradation{Bandwidth: 1000}, from(2, 3599)), func(c *sim.Config) {
		c.Model.Session.PerMessage = rng.Constant(5)
		c.Model.ConnectionTimeout = 600 * second
		c.Duration = 605 * second
	})
	require.InDelta(t, 600, got, 1e-9)
}

// TestF13_FromAMailbox: what a mailbox hands to a server of another site crosses the link in a session of its own.
func TestF13_FromAMailbox(t *testing.T) {
	t.Parallel()
	bench := func(n int64, d fault.Degradation, direction fault.Direction) (*campus, *result.Run) {
		c := newCampus(t, topology.V2016, "AB", "BC")
		c.server("A1", boxRole)
		c.server("B1", boxRole)
		c.server("C1", boxRole)
		c.cfg.Model.Session = sim.SessionCost{Setup: rng.Constant(1), RoundTrips: 8, PerMessageRoundTrips: 2}
		c.cfg.Model.FailedConnect = 21 * second
		degraded(d, func(f *fault.Fault) { f.Links, f.Direction = []topology.LinkID{1}, direction })(&c.cfg)
		c.mail("m", "A1", 0, n, "C1")
		return c, c.run()
	}
	delay := func(r *result.Run, name string) float64 { return stat(t, r, "delivery.delay", "from=all,to=all", name) }
	t.Run("latency", func(t *testing.T) {
		_, r := bench(1, fault.Degradation{Latency: 100 * time.Millisecond}, fault.Both)
		require.InDelta(t, 1+10*0.4, delay(r, "max"), 1e-4)
	})
	t.Run("jitter", func(t *testing.T) {
		_, r := bench(400, fault.Degradation{Latency: 100 * time.Millisecond, Jitter: 100 * time.Millisecond}, fault.Both)
		require.InDelta(t, 1+10*0.6, delay(r, "max"), 0.1)
		require.InDelta(t, 1+10*0.4, delay(r, "mean"), 0.3)
	})
	t.Run("some loss", func(t *testing.T) {
		// Of five SYNs one gets no answer: 0.16 of the messages wait 3 s and 0.032 wait 9 s; three are handed over at A1, 21 s later.
		_, r := bench(400, fault.Degradation{Loss: 0.2}, fault.From)
		require.InDelta(t, 1+10*0.2+0.16*3+0.032*9+0.008*25, delay(r, "mean"), 0.5, "five standard deviations")
	})
	t.Run("loss", func(t *testing.T) {
		// Half of the SYNs get no answer: of 400 messages an eighth waits 9 s, and an eighth is not handed over there: after 21 s A1 takes it.
		c, r := bench(400, fault.Degradation{Loss: 0.5}, fault.From)
		require.InDelta(t, 50, c.sent(r, "A1")[0], 25)
		require.Greater(t, delay(r, "max"), 10.0)
		require.Equal(t, 400.0, stat(t, r, "messages.delivered", "site=all", "total"))
	})
}
