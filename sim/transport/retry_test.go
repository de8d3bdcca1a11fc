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

func minutes(m ...float64) []simtime.Time {
	out := make([]simtime.Time, len(m))
	for i, x := range m {
		out[i] = sec(60 * x)
	}
	return out
}

// TestQ7_2_Ladder is QG-16: attempts that fail at once, from t0 = 0.
func TestQ7_2_Ladder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edge bool
		want []simtime.Time
	}{
		{"QG-16 hub", false, minutes(0, 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64)},
		{"QG-16 edge", true, minutes(0, 1, 2, 3, 4, 14, 24, 34, 44, 54, 64, 94, 124)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, c.edge, 1)
			d.up = downUntil(simtime.Never)
			d.submit(0, d.dest[0])
			d.run(c.want[len(c.want)-1])
			require.Equal(t, c.want, d.attempts)
			q := d.hub.Queue(0)
			require.Equal(t, simtime.Time(0), q.FirstTry, "Q-7.1")
			require.Equal(t, int32(len(c.want)-1), q.Retries, "Q-7.3: RetryCount excludes the first failure")
		})
	}
}

// TestQ7_2_Formula holds the closed form of for every retry: 34 + 10 (i-10) minutes on a hub, 64 + 30 (i-10) on an Edge.
func TestQ7_2_Formula(t *testing.T) {
	t.Parallel()
	for edge, f := range map[bool]func(i float64) float64{
		false: func(i float64) float64 { return 34 + 10*(i-10) },
		true:  func(i float64) float64 { return 64 + 30*(i-10) },
	} {
		d := alone(t, topology.V2010, edge, 1)
		d.up, d.null = downUntil(simtime.Never), true
		d.submit(0, d.dest[0])
		d.run(48 * 60 * minute)
		for i := 10; i < len(d.attempts); i++ {
			require.Equal(t, sec(60*f(float64(i))), d.attempts[i])
		}
		if edge {
			require.Len(t, d.attempts[1:], 103, "QG-21: 103 retries before two days are over")
		} else {
			require.Len(t, d.attempts[1:], 294, "QG-21: 294 retries before two days are over")
		}
	}
}

// TestQ7_3_RealQueue is QG-17: each attempt takes 0.18 s and the wait runs from its end.
func TestQ7_3_RealQueue(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2013, false, 1)
	d.fails = 180 * time.Millisecond
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.run(sec(2*3600 - 10*60))
	q := d.hub.Queue(0)
	require.EqualValues(t, 17, q.Retries, "QG-17")
	// The real queue failed first at 22:06:02 and its 17th retry at 23:50:05: 104 min 3 s, to a second.
	require.InDelta(t, (104*60+3)*1e9, float64(q.LastTry-q.FirstTry), 1e9)
	require.Equal(t, q.LastTry+10*minute, q.NextTry)
}

// TestQ7_6_LinkComesBack is QG-18.
func TestQ7_6_LinkComesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		edge      bool
		back      float64
		attempts  []simtime.Time
		delivered float64
	}{
		{"QG-18a", false, 210, minutes(0, 1, 2, 3, 4), 244},
		{"QG-18b", false, 1200, minutes(0, 1, 2, 3, 4, 9, 14, 19, 24), 24*60 + 4},
		{"QG-18c", true, 1200, minutes(0, 1, 2, 3, 4, 14, 24), 24*60 + 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, c.edge, 1)
			d.up = downUntil(sec(c.back))
			d.submit(0, d.dest[0])
			d.run(60 * minute)
			require.Equal(t, c.attempts, d.attempts)
			require.Equal(t, []simtime.Time{sec(c.delivered)}, d.delivered)
			require.Len(t, d.actives, 1, "Q-7.6")
			require.Zero(t, d.hub.Queue(0).Retries, "Q-7.6: RetryCount returns to 0")
		})
	}
}

// TestQ7_9_MailboxQueue is QG-18d: a mailbox queue retries every five minutes, without stages.
func TestQ7_9_MailboxQueue(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	s := b.Site(topology.Site{Name: "S"})
	id := b.Server(topology.Server{Name: "h", Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	mbx := b.Server(topology.Server{Name: "m", Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, DC: topology.None})
	org, err := b.Build()
	require.NoError(t, err)
	d := newDriver(t, org, id, transport.DefaultProfile(topology.V2010, false))
	d.up = downUntil(sec(1000))
	d.submit(0, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: mbx}))
	d.run(60 * minute)
	require.Equal(t, minutes(0, 5, 10, 15, 20), d.attempts, "QG-18d")
	require.Equal(t, []simtime.Time{sec(1204)}, d.delivered)
}

// TestQ7_11_Recovery is QG-19: the link is down for 20 minutes, a message comes every second for 40; a retry probes with one connection (QD-6). Tolerance of the sheet: 4 s.
func TestQ7_11_Recovery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		n, cap   int
		below45  float64
		below20  float64 // 0: later than the end of the arrivals
		exactly1 bool
	}{
		{"QG-19 N=20 ceiling 20", 20, 20, 26*60 + 50, 0, true},
		{"QG-19 N=20 ceiling 40", 20, 40, 25*60 + 26, 0, true},
		{"QG-19 N=5 ceiling 20", 5, 20, 26*60 + 48, 26*60 + 50, true},
		{"QG-19 N=5 ceiling 40", 5, 40, 25*60 + 20, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := alone(t, topology.V2010, false, 1)
			p := d.hub.Profile()
			p.Threshold[route.ClassSmtpConnector], p.MaxPerDomainConnections = c.n, c.cap
			d.up = downUntil(sec(1200))
			for i := range 2401 {
				d.submit(sec(float64(i)), d.dest[0])
			}
			d.run(sec(1440))
			require.EqualValues(t, 1441, d.hub.Queue(0).Length)
			require.EqualValues(t, 1, d.hub.Queue(0).Open, "Q-7.6: one probe")
			var below45, below20 simtime.Time
			var peak int32
			d.check = func() {
				n := d.hub.Queue(0).Length
				peak = max(peak, n)
				if below45 == 0 && n <= 45 {
					below45 = d.now
				}
				if below20 == 0 && n <= 20 {
					below20 = d.now
				}
			}
			d.run(sec(4000))
			require.Equal(t, sec(1444), d.delivered[0])
			require.EqualValues(t, 1445, peak)
			require.InDelta(t, c.below45, below45.Seconds(), 4)
			switch {
			case c.below20 > 0:
				require.InDelta(t, c.below20, below20.Seconds(), 4)
			case c.n == 20:
				require.GreaterOrEqual(t, below20.Seconds(), 40*60+14.0-4, "after arrivals stop")
			}
			require.Len(t, d.delivered, 2401)
		})
	}
}

// TestQ7_1_Flapping is QG-20: the link takes no new connections in 0..500 s and 560..2000 s.
func TestQ7_1_Flapping(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if now < sec(500) || now >= sec(560) && now < sec(2000) {
			return transport.Unreachable
		}
		return transport.OK
	}
	for i := range 241 {
		d.submit(sec(10*float64(i)), d.dest[0])
	}
	d.run(sec(4000))
	failed := map[simtime.Time]bool{}
	for _, x := range d.retries {
		failed[x] = true
	}
	for _, s := range []float64{0, 60, 120, 180, 240, 590, 650, 710, 770, 830, 1130, 1430, 1730} {
		require.True(t, failed[sec(s)], "QG-20: a failed attempt at %g s; there are %v", s, d.retries)
	}
	require.Len(t, d.retries, 13)
	require.Equal(t, []simtime.Time{sec(542), sec(2032)}, d.actives, "attempts at 540 and 2030 work, after 2 s of set-up")
	require.Equal(t, sec(544), d.delivered[0])
	require.Len(t, d.delivered, 241)
}

// TestQ7_7_StageSkipped: a count of 0 skips its stage.
func TestQ7_7_StageSkipped(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.hub.Profile().GlitchRetryCount = 0
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.run(50 * minute)
	require.Equal(t, minutes(0, 5, 10, 15, 20, 25, 30, 40, 50), d.attempts)
}

// TestQ7_5_RefusalGoesToRetryToo: a refusal at set-up counts like an unreachable host (QD-5), and the next candidates are tried.
func TestQ7_5_RefusalGoesToRetryToo(t *testing.T) {
	t.Parallel()
	for _, code := range []transport.Code{transport.Refused, transport.Reset, transport.AuthFailed, transport.Unreachable} {
		d := alone(t, topology.V2010, false, 1)
		d.up = func(simtime.Time, route.Target) transport.Code { return code }
		d.submit(0, d.dest[0])
		d.run(2 * minute)
		require.Equal(t, minutes(0, 1, 2), d.attempts)
		require.Equal(t, code, d.hub.Queue(0).LastError)
	}
}

// TestQ7_8_ManualRetry: an operator's retry is an immediate attempt; on failure the wait of the stage begins anew.
func TestQ7_8_ManualRetry(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.at(sec(90), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.RetryQueue, Msg: transport.AllQueues}) })
	d.run(4 * minute)
	require.Equal(t, []simtime.Time{0, sec(60), sec(90), sec(150), sec(210)}, d.attempts)
}

// TestQ7_12_BreakWhileSending: the message returns to the head; the queue's last connection breaking is a failed attempt, another is not.
func TestQ7_12_BreakWhileSending(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 1
	d.submit(0, d.dest[0])
	d.submit(0, d.dest[0])
	breaks := 2
	d.refuse = func(simtime.Time) bool { breaks--; return breaks >= 0 }
	d.run(5 * minute)
	// Both connections break at 4 s: the first is not the last live one, the second is.
	require.Equal(t, []simtime.Time{sec(4)}, d.retries)
	require.Equal(t, []uint64{1, 2}, d.order, "oldest first")
	require.Equal(t, sec(64), d.attempts[2], "t0 is the break")
}

// TestQ7_1_BusyQueueGoesToRetry: attempts that hang keep nobody out of Retry, and those that fail late do not send a queue back into it.
// Ten messages a second for a next hop that does not answer from 100 s to 1000 s, 21 s an attempt.
func TestQ7_1_BusyQueueGoesToRetry(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.setUp, d.each, d.fails = 500*time.Millisecond, 300*time.Millisecond, 21*time.Second
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if now >= sec(100) && now < sec(1000) {
			return transport.Unreachable
		}
		return transport.OK
	}
	for i := range 15000 {
		d.submit(sec(float64(i)/10), d.dest[0])
	}
	d.run(sec(4000))
	// Connections that were up at 100 s live on until they close; the first attempt after that fails 21 s later.
	require.NotEmpty(t, d.retries)
	require.InDelta(t, 121, d.retries[0].Seconds(), 30)
	for i, after := range []float64{60, 60, 60, 60, 300} { // each failed retry takes 21 s
		require.InDelta(t, after+21, (d.retries[i+1] - d.retries[i]).Seconds(), 1e-6, "retry %d", i+1)
	}
	require.Less(t, d.retries[len(d.retries)-1], sec(1021), "no failure of an old attempt puts the queue back into Retry")
	require.Len(t, d.actives, 1)
	require.Len(t, d.delivered, 15000)
}

// TestQ5_2_OneAttemptAtATimeWhileRefused: a next hop that takes one connection, and tells so after 100 ms, is not asked by twenty at a time.
func TestQ5_2_OneAttemptAtATimeWhileRefused(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.fails = 100 * time.Millisecond
	taken := 0
	d.up = func(simtime.Time, route.Target) transport.Code {
		if taken++; taken > 1 {
			return transport.Refused
		}
		return transport.OK
	}
	for range 400 {
		d.submit(0, d.dest[0])
	}
	d.run(sec(1)) // all twenty are asked for at one instant; nineteen are refused at 0.1 s
	require.Len(t, d.attempts, 20)
	setting := int32(0)
	d.check = func() { setting = max(setting, d.hub.Queue(0).Setting) }
	d.run(sec(40))
	require.EqualValues(t, 1, setting)
	require.LessOrEqual(t, len(d.attempts), 20+20+1, "an attempt for each reply")
	require.InDelta(t, len(d.attempts)-1, d.hub.QueueStats(0).Refused, 1)
}
