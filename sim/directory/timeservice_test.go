package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func sec(n float64) simtime.Time { return simtime.Time(n * float64(time.Second)) }

// F1: how long a drift takes to leave the tolerance, from zero: 300 s by the millionths.
func TestF1_DriftLeavesTolerance(t *testing.T) {
	t.Parallel()
	for ppm, after := range map[float64]time.Duration{20_000: 15_000 * time.Second, -5_000: 60_000 * time.Second, 1_000: 300_000 * time.Second, 100: 3_000_000 * time.Second} {
		w := ref3(t, nil)
		w.dir.DriftClock(0, server(b1), 0, ppm, false)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(simtime.Time(after), a1, b1), "exactly 300 s passes")
		require.Equal(t, directory.AuthSkew, w.dir.Handshake(simtime.Time(after)+sec(1), a1, b1))
		require.Equal(t, simtime.Never, w.dir.Next(), "nothing polls")
	}
}

// F1: with a time service a drift shows between the polls only; what grows to 5 s is watched and then stepped or slewed.
func TestF1_DriftSelfCorrects(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.DriftClock(0, dc(ad1), 0, 1000, true)
	require.Equal(t, sec(64), w.dir.Next())
	w.until(sec(64), nil)
	require.Equal(t, 64*time.Millisecond, w.dir.Offset(sec(64), dc(ad1)), "slewed, from here on")
	require.InDelta(t, 64e6*0.36788+1e6, float64(w.dir.Offset(sec(65), dc(ad1))), 1e4)
	w.until(sec(4000), nil)
	require.Less(t, w.dir.Offset(sec(4000), dc(ad1)), 1100*time.Millisecond, "never more than a poll interval's worth")
	w.dir.EndJump(sec(4000), dc(ad1), 0, false)
	last := w.dir.Offset(sec(4000), dc(ad1))
	require.Equal(t, last, w.dir.Offset(sec(4001), dc(ad1)), "the drift is over")
	w.until(sec(40000), nil)
	require.Zero(t, w.dir.Offset(sec(40000), dc(ad1)))

	// A member that loses 2 % of its ticks is 20 s off at its first poll: a spike.
	w = ref3(t, nil)
	w.dir.DriftClock(0, server(b1), 0, -20_000, true)
	w.until(sec(1024+900), nil)
	require.Equal(t, -38480*time.Millisecond, w.dir.Offset(sec(1924), server(b1)), "slewed after the watch")
	w.dir.EndJump(sec(1925), server(b1), 0, true)
	require.Zero(t, w.dir.Offset(sec(1925), server(b1)), "restore steps to true time")
}

// F1: a correction above the limit is a step, below it a slew that dies away by the update interval. Up to Windows Server 2012 R2 the
// limit is 234 s on members and 0.78 s on domain controllers; from 2016 on it goes by the poll interval, 300 s at most.
func TestF1_StepOrSlew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		version topology.Version
		host    directory.Host
		at      simtime.Time // the correction
		offset  time.Duration
		slews   bool
		tau     time.Duration
	}{
		{"old member", topology.V2013, server(b1), sec(1924), 234 * time.Second, true, 300 * time.Second},
		{"old member", topology.V2013, server(b1), sec(1924), 234*time.Second + 1, false, 0},
		{"old domain controller", topology.V2013, dc(bd1), sec(64), 780 * time.Millisecond, true, time.Second},
		{"old domain controller", topology.V2013, dc(bd1), sec(64), 780*time.Millisecond + 1, false, 0},
		{"new member at 1024 s", topology.V2016, server(b1), sec(1924), 127795200 * time.Microsecond, true, 300 * time.Second},
		{"new member at 1024 s", topology.V2016, server(b1), sec(1924), 127795200*time.Microsecond + 1, false, 0},
		{"new domain controller at 64 s", topology.V2016, dc(bd1), sec(964), 7987200 * time.Microsecond, true, time.Second},
		{"new domain controller at 64 s", topology.V2016, dc(bd1), sec(964), 7987200*time.Microsecond + 1, false, 0},
		{"edge", topology.V2016, server(be1), sec(1024), time.Second, true, time.Hour},
		{"edge", topology.V2016, server(be1), sec(1024), time.Second + 1, false, 0},
	} {
		t.Run(c.name+" "+c.offset.String(), func(t *testing.T) {
			w := ref3(t, func(p *parts) { p.version = c.version })
			w.dir.JumpClock(0, c.host, 0, c.offset, true)
			w.until(c.at-1, nil)
			require.Equal(t, c.offset, w.dir.Offset(c.at-1, c.host))
			w.until(c.at, nil)
			steps := w.dir.ClockSteps(c.host)
			require.Equal(t, directory.ClockStep{At: c.at, Corrected: true}, steps[len(steps)-1])
			if !c.slews {
				require.Zero(t, w.dir.Offset(c.at, c.host))
				return
			}
			require.Equal(t, c.offset, w.dir.Offset(c.at, c.host))
			for n, left := range map[int]float64{1: 0.3678794, 2: 0.1353353, 10: 0.0000454} {
				require.InDelta(t, left*float64(c.offset), float64(w.dir.Offset(c.at.Add(time.Duration(n)*c.tau), c.host)), 1e-6*float64(c.offset))
			}
			require.InDelta(t, 0.6065307*float64(c.offset), float64(w.dir.Offset(c.at.Add(c.tau/2), c.host)), 1e-6*float64(c.offset))
			w.until(c.at.Add(40*c.tau), nil)
			require.Zero(t, w.dir.Offset(c.at.Add(40*c.tau), c.host))
		})
	}
}

// F1: a pushed clock is set wrong again at the next instant of the agent after it was corrected, until the source is mended.
func TestF1_Push(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.PushClock(sec(100), server(b1), 0, 7*time.Minute, 10*time.Minute, true)
	require.Equal(t, sec(1024), w.dir.Next(), "the agent changes nothing while the clock is as it wants it")
	w.until(sec(1024+900), nil)
	require.Zero(t, w.dir.Offset(sec(1924), server(b1)))
	w.until(sec(2500-1), nil)
	require.Zero(t, w.dir.Offset(sec(2499), server(b1)))
	w.until(sec(2500), nil)
	require.Equal(t, 7*time.Minute, w.dir.Offset(sec(2500), server(b1)), "100 s and four times 10 min")
	w.dir.SetTime(sec(2500), server(b1), bd1)
	require.Zero(t, w.dir.Offset(sec(2500), server(b1)))
	w.until(sec(3100), nil)
	require.Equal(t, 7*time.Minute, w.dir.Offset(sec(3100), server(b1)))
	w.dir.FixSource(sec(3200), server(b1))
	require.Equal(t, 7*time.Minute, w.dir.Offset(sec(3200), server(b1)), "the clock itself stays")
	w.dir.SetTime(sec(3300), server(b1), bd1)
	require.Equal(t, simtime.Never, w.dir.Next())
}

// F1: a wrong source is followed: by the host at once, by those behind it at their polls, and back when it is mended.
func TestF1_BadSource(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.MisleadClock(0, dc(ad1), 0, 600*time.Second, true)
	require.Equal(t, 600*time.Second, w.dir.Offset(0, dc(ad1)))
	w.until(sec(86400), nil)
	for _, h := range []directory.Host{dc(ad1), dc(bd1), server(b1), server(a1)} {
		require.Equal(t, 600*time.Second, w.dir.Offset(sec(86400), h))
	}
	w.dir.SetTime(sec(86400), dc(ad1), bd1)
	require.Equal(t, 600*time.Second, w.dir.Offset(sec(86400), dc(ad1)), "the others are as wrong")
	w.dir.FixSource(sec(86400), dc(ad1))
	w.until(sec(3*86400), nil)
	for _, h := range []directory.Host{dc(ad1), dc(bd1), server(b1), server(a1)} {
		require.Zero(t, w.dir.Offset(sec(3*86400), h))
	}
	w.dir.MisleadClock(sec(3*86400), dc(ad1), 1, time.Minute, true)
	w.dir.EndJump(sec(3*86400+1), dc(ad1), 1, true)
	require.Zero(t, w.dir.Offset(sec(3*86400+1), dc(ad1)))
}

// F1: a host that cannot reach its source is not corrected; after 49,152 s without a sample it counts as out of step, a domain controller
// then answers nobody, and the first sample afterwards is taken as it comes. The PDC emulator answers always.
func TestF1_CutOff(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.until(sec(2000), nil)
	w.dir.PairState(sec(2000), siteA, siteB, false)
	w.dir.JumpClock(sec(2000), dc(bd1), 0, 10*time.Minute, true)
	w.until(sec(1984+49151), nil)
	require.Equal(t, 10*time.Minute, w.dir.Offset(sec(1984+49151), dc(bd1)), "no sample, no correction")
	require.True(t, w.dir.Synchronised(sec(1984+49151), dc(bd1)), "the last sample was at 1984 s")
	require.False(t, w.dir.Synchronised(sec(1984+49152), dc(bd1)))
	require.True(t, w.dir.Synchronised(sec(1984+49152), server(b1)))
	require.Equal(t, 10*time.Minute, w.dir.Offset(sec(1984+49152), server(b1)), "its members followed it meanwhile")
	w.until(sec(60000), nil)
	w.dir.JumpClock(sec(60000), server(b1), 1, time.Hour, true)
	w.until(sec(130000), nil)
	require.Equal(t, 70*time.Minute, w.dir.Offset(sec(130000), server(b1)), "its domain controller answers nobody now")
	require.False(t, w.dir.Synchronised(sec(1984+2*49152), server(b1)))
	w.dir.SetTime(sec(130000), server(b1), topology.None)
	require.Equal(t, 70*time.Minute, w.dir.Offset(sec(130000), server(b1)), "nor to an operator")
	w.dir.SetTime(sec(130000), server(b1), ad1)
	require.Equal(t, 70*time.Minute, w.dir.Offset(sec(130000), server(b1)), "AD1 cannot be reached")

	w.dir.PairState(sec(130000), siteA, siteB, true)
	require.True(t, w.dir.Synchronised(sec(130000), server(a1)))
	poll := sec(1984 + 1024*126)
	require.Equal(t, poll, w.dir.Next())
	w.until(poll, nil)
	require.Zero(t, w.dir.Offset(poll, dc(bd1)), "no spike is watched")
	w.until(sec(300000), nil)
	require.Zero(t, w.dir.Offset(sec(300000), server(b1)))
}

// F1: a restart begins the ladder of polls anew, and its first five samples are taken as they come.
func TestF1_RestartedService(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.HostRestarted(sec(100), b1)
	w.dir.JumpClock(sec(200), server(b1), 0, 7*time.Minute, true)
	w.until(sec(1124), nil)
	require.Zero(t, w.dir.Offset(sec(1124), server(b1)), "the first sample")
	w.until(sec(100+31744), nil)
	w.dir.JumpClock(sec(100+31744)+1, server(b1), 1, 7*time.Minute, true)
	w.until(sec(100+64512), nil)
	require.Equal(t, 7*time.Minute, w.dir.Offset(sec(100+64512), server(b1)), "the sixth is watched")
	w.until(sec(100+64512+900), nil)
	require.Zero(t, w.dir.Offset(sec(100+64512+900), server(b1)))
}

// F1: whatever happens to clocks, once it has stopped and the network is whole they all come right, and then nothing is pending.
func TestF1_ClocksComeRight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, func(p *parts) {
			p.version = rapid.SampledFrom([]topology.Version{topology.V2007, topology.V2016}).Draw(r, "version")
		})
		hosts := []directory.Host{server(a1), server(a2), server(ae1), server(b1), server(c1), dc(ad1), dc(ad2), dc(bd1), dc(cd1)}
		now := simtime.Time(0)
		n := rapid.IntRange(1, 12).Draw(r, "steps")
		for k := range n {
			now += sec(float64(rapid.IntRange(0, 40_000).Draw(r, "wait")))
			w.until(now, nil)
			h := rapid.SampledFrom(hosts).Draw(r, "host")
			by := time.Duration(rapid.IntRange(-2000, 2000).Draw(r, "by")) * time.Second
			switch rapid.IntRange(0, 6).Draw(r, "what") {
			case 0:
				w.dir.JumpClock(now, h, k, by, true)
			case 1:
				w.dir.DriftClock(now, h, k, by.Seconds()*10, true)
			case 2:
				w.dir.PushClock(now, h, k, by, 10*time.Minute, true)
			case 3:
				w.dir.MisleadClock(now, h, k, by, true)
			case 4:
				w.dir.PairState(now, siteA, siteB, false)
			case 5:
				w.dir.HostRestarted(now, b1)
			case 6:
				w.dir.SetTime(now, h, topology.None)
			}
			for _, x := range hosts {
				require.Less(r, w.dir.Offset(now, x).Abs(), 48*time.Hour)
			}
		}
		for k := range n {
			for _, h := range hosts {
				w.dir.EndJump(now, h, k, false)
			}
		}
		w.dir.PairState(now, siteA, siteB, true)
		w.until(now+sec(20*86400), nil)
		for _, h := range hosts {
			require.Zero(r, w.dir.Offset(now+sec(20*86400), h))
			require.True(r, w.dir.Synchronised(now+sec(20*86400), h))
		}
		require.Equal(r, simtime.Never, w.dir.Next())
	})
}

// FW-4 with the polls that it gives computed from the starts of the services: domain controllers at t0, A1 and B1 when they were
// restarted. Nobody but the PDC emulator is told anything.
func TestFW4_ByItself(t *testing.T) {
	t.Parallel()
	const midnight = 5*time.Hour + 27*time.Minute + 4*time.Second // from t0, 18:32:56 of the day before
	day := func(s string) simtime.Time { return at(s).Add(midnight) }
	for _, windows := range []bool{false, true} {
		w := ref3(t, func(p *parts) {
			p.config.Start = t0.Add(-midnight)
			p.config.Kerberos.ReceiverOnly = windows
		})
		w.dir.HostRestarted(sec(112), a1)
		w.dir.HostRestarted(day("00:04:48"), b1)
		w.until(day("11:59:59"), nil)
		w.dir.MisleadClock(day("12:00:00"), dc(ad1), 0, 600*time.Second, true)
		var spans [2][]string // when each direction would fail for its clocks
		now := day("12:00:00")
		for ; now <= day("19:00:00"); now += sec(1) {
			w.until(now, nil)
			for i, p := range [2][2]topology.ServerID{{a1, b1}, {b1, a1}} {
				auth, _ := w.dir.WouldAuthenticate(now, p[0], p[1])
				if n := len(spans[i]); (auth != directory.AuthOK) != (n%2 == 1) {
					spans[i] = append(spans[i], clock(now.Add(-midnight)))
				}
			}
		}
		step := func(h directory.Host) directory.ClockStep { return w.dir.ClockSteps(h)[0] }
		for when, h := range map[string]directory.Host{"12:00:00": dc(ad1), "12:25:00": dc(bd1), "12:45:00": server(a1), "18:15:00": server(b1)} {
			require.Len(t, w.dir.ClockSteps(h), 1)
			require.Equal(t, directory.ClockStep{At: day(when), Offset: 600 * time.Second, Corrected: when != "12:00:00"}, step(h), when)
		}
		require.Equal(t, []string{"12:00:00", "18:15:00"}, spans[0])
		if windows {
			require.Equal(t, []string{"12:25:00", "12:45:00"}, spans[1])
		} else {
			require.Equal(t, spans[0], spans[1])
		}
	}
}

// F1: what is over is over: a jump that was corrected comes back with nothing, a slew that was begun anew is not cut short, and a push
// that has ended leaves the clock to its time service.
func TestF1_NothingComesBack(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(0, server(b1), 7, 7*time.Minute, true)
	w.until(sec(1924), nil)
	w.dir.JumpClock(sec(2000), server(b1), 8, time.Minute, true)
	w.dir.EndJump(sec(2001), server(b1), 8, true)
	require.Zero(t, w.dir.Offset(sec(2001), server(b1)))

	w = ref3(t, nil)
	w.dir.JumpClock(0, server(be1), 0, 900*time.Millisecond, true)
	w.until(sec(100_000), nil)
	w.dir.JumpClock(sec(100_000), server(be1), 1, 900*time.Millisecond, true)
	w.until(sec(1024+40*3600), nil)
	require.InDelta(t, 0.9e9*0.01561, float64(w.dir.Offset(sec(1024+40*3600), server(be1))), 0.9e6, "from the poll of 130,048 s")

	w = ref3(t, nil)
	w.dir.PushClock(0, server(b1), 0, time.Hour, time.Minute, false)
	require.Equal(t, simtime.Never, w.dir.Next())
	w.dir.EndJump(1, server(b1), 0, false)
	require.Equal(t, sec(1024), w.dir.Next())
}

// F1: who follows a clock that drifts polls for it, and a broken link keeps the samples away.
func TestF1_Followers(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.DriftClock(0, dc(ad1), 0, 1000, false)
	w.until(sec(80_000), nil)
	require.InDelta(t, 80e9, float64(w.dir.Offset(sec(80_000), dc(bd1))), 1.1e9)
	w.dir.LinkState(sec(80_000), linkAB, false)
	last := w.dir.Offset(sec(80_000), dc(bd1))
	w.until(sec(100_000), nil)
	require.InDelta(t, float64(last), float64(w.dir.Offset(sec(100_000), dc(bd1))), 1e9)

	// Right, but cut off for long: the first five samples afterwards are taken as they come.
	w = ref3(t, nil)
	w.dir.LinkState(sec(2000), linkAB, false)
	w.dir.LinkState(sec(60_000), linkAB, true)
	w.dir.JumpClock(sec(60_001), dc(bd1), 0, 10*time.Minute, true)
	poll := sec(1984 + 57*1024)
	w.until(poll, nil)
	require.Zero(t, w.dir.Offset(poll, dc(bd1)))
}

// V7: a pull that fails for a clock that moves by itself is tried at every instant of its schedule.
func TestV7_DriftingClock(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(0, dc(bd1), 0, -10*time.Minute, false)
	w.dir.DriftClock(0, dc(bd1), 1, 20_000, false)
	w.dir.JumpClock(0, server(b1), 2, time.Second, false) // so that no time service sets a clock meanwhile
	w.dir.Edit(at("01:00:00"), ad1, disable(connA))
	seen := map[string][]string{}
	w.until(at("09:00:00"), seen)
	require.Equal(t, []string{"06:00:05"}, seen["BD1"], "384 s off at 03:00, 168 s at 06:00")
}
