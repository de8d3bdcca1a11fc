package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func latch(end simtime.Time, remedies ...fault.Action) fault.Fault {
	return fault.Fault{ID: "latch", Kind: fault.AuthLatch, Start: at("10:00:00"), End: end, Probability: 1,
		From: []topology.ServerID{a1, a2}, To: []topology.ServerID{b1}, Remedies: remedies}
}

// F2: the chosen pairs are latched with true clocks, one way only, until a restart of either end; a remedy without a target restarts the
// receivers. The other hub of the site is free with it.
func TestF2_AuthLatch(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{latch(simtime.Never, act(fault.RestartOS, "11:00:00", 8*time.Minute))}, nil)
	require.Equal(t, []string{"latched", "down", "ok"}, b.attempts("10:00:00", "11:00:00", "11:08:00"))
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("11:08:00"), a2, b1))
	happened := b.engine.Happened()
	require.Equal(t, "authentication to B1 latched", happened[0].Label)
	require.EqualValues(t, at("11:08:00"), *happened[0].EndNS, "over when the last pair is free")
	require.Equal(t, "sessions to B1 fail to authenticate from now on", b.events[0].Text)

	b = newBench(t, []fault.Fault{latch(simtime.Never)}, []fault.Action{act(fault.RestartOS, "11:00:00", 8*time.Minute, hosts(a1)...)}).until(at("12:00:00"))
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("12:00:00"), a1, b1))
	require.Equal(t, directory.AuthLatched, b.dir.Handshake(at("12:00:00"), a2, b1), "the sender's restart frees its own pairs")
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("12:00:00"), b1, a2), "the other direction never minded")
	require.Nil(t, b.engine.Happened()[0].EndNS)

	f := latch(simtime.Never)
	f.From = append(f.From, b1)
	require.Len(t, newBench(t, []fault.Fault{f}, nil).until(at("10:00:00")).dir.Latches(), 2, "no hub has a session with itself")

	b = newBench(t, []fault.Fault{latch(at("12:00:00"))}, nil).until(at("12:00:00"))
	require.Empty(t, b.dir.Latches(), "the end takes back what no restart has cleared")
	require.EqualValues(t, at("12:00:00"), *b.engine.Happened()[0].EndNS)
}

// FD-2: a restart of the service clears latches with the chance that the model gives, drawn at each.
func TestFD2_ServiceRestartClears(t *testing.T) {
	t.Parallel()
	for chance, want := range map[float64]directory.Auth{0: directory.AuthLatched, 1: directory.AuthOK} {
		org := organisation(t)
		dir := directory.New(directory.Config{Org: org, Start: t0, MaxClockSkew: 5 * time.Minute})
		e := fault.NewEngine([]fault.Fault{latch(simtime.Never)}, []fault.Action{act(fault.RestartTransport, "11:00:00", time.Minute, hosts(a1)...)},
			fault.Env{Org: org, Dir: dir, Root: rng.NewRoot(1, 0), Start: t0, End: at("23:00:00"), ServiceRestartClears: chance})
		e.Fire(at("12:00:00"), nil)
		require.Equal(t, want, dir.Handshake(at("12:00:00"), a1, b1))
		require.Equal(t, directory.AuthLatched, dir.Handshake(at("12:00:00"), a2, b1))
	}
	cleared := 0
	for seed := range int64(400) {
		org := organisation(t)
		dir := directory.New(directory.Config{Org: org, Start: t0, MaxClockSkew: 5 * time.Minute})
		e := fault.NewEngine([]fault.Fault{latch(simtime.Never)}, []fault.Action{act(fault.RestartTransport, "11:00:00", time.Minute, hosts(b1)...)},
			fault.Env{Org: org, Dir: dir, Root: rng.NewRoot(seed, 0), Start: t0, End: at("23:00:00"), ServiceRestartClears: 0.25})
		e.Fire(at("12:00:00"), nil)
		require.Equal(t, len(dir.Latches()) == 0, e.Happened()[0].EndNS != nil)
		if len(dir.Latches()) == 0 {
			cleared++
		}
	}
	require.InDelta(t, 100, cleared, 35, "four standard deviations")
}

// F1: the modes of a wrong clock, from the fault's start to its end in charts.
func TestF1_Modes(t *testing.T) {
	t.Parallel()
	skewed := func(mode fault.ClockMode, edit func(*fault.Fault), remedies ...fault.Action) *bench {
		f := fastClock(7*time.Minute, remedies...)
		f.ClockMode, f.SelfCorrect, f.PushEvery = mode, true, 10*time.Minute
		if edit != nil {
			edit(&f)
		}
		return newBench(t, []fault.Fault{f}, nil)
	}
	off := func(b *bench, when string) time.Duration { return b.until(at(when)).dir.Offset(at(when), hosts(b1)[0]) }
	texts := func(b *bench) []any {
		h := b.engine.Happened()[0]
		return []any{b.events[0].Text, h.Label}
	}
	t.Run("drift", func(t *testing.T) {
		b := skewed(fault.ClockDrift, func(f *fault.Fault) {
			f.DriftPPM, f.Offset, f.SelfCorrect, f.End = 20_000, 0, false, at("15:00:00")
		})
		require.Equal(t, 72*time.Second, off(b, "11:00:00"))
		require.Equal(t, []string{"ok", "skew"}, b.attempts("14:10:00", "14:10:01"), "300 s after 15 000 s")
		require.Equal(t, 360*time.Second, off(b, "16:00:00"), "the drift ends, the error stays")
		require.Equal(t, []any{"the clock of B1 drifts by +20000 ppm", "clock of B1 drifts +20000 ppm"}, texts(b))
		require.EqualValues(t, at("15:00:00"), *b.engine.Happened()[0].EndNS)
	})
	t.Run("push", func(t *testing.T) {
		b := skewed(fault.ClockPush, nil, act(fault.SetTime, "10:44:00", time.Minute), act(fault.FixTimeSource, "11:00:00", 10*time.Minute), act(fault.SetTime, "11:30:00", time.Minute))
		require.Equal(t, []any{0 * time.Second, 7 * time.Minute, 7 * time.Minute, 0 * time.Second},
			[]any{off(b, "10:45:00"), off(b, "10:50:00"), off(b, "11:15:00"), off(b, "12:00:00")})
		require.Equal(t, []any{"the clock of B1 is pushed to +7m every 10m", "clock of B1 pushed +7m"}, texts(b))
		require.EqualValues(t, at("11:31:00"), *b.engine.Happened()[0].EndNS, "set after the source was mended")
		require.Equal(t, "fix time source on B1", b.engine.Happened()[2].Label)
	})
	t.Run("push, mended while the clock is right", func(t *testing.T) {
		b := skewed(fault.ClockPush, nil, act(fault.SetTime, "10:44:00", time.Minute), act(fault.FixTimeSource, "10:36:00", 10*time.Minute))
		require.Zero(t, off(b, "12:00:00"))
		require.EqualValues(t, at("10:46:00"), *b.engine.Happened()[0].EndNS)
		require.Nil(t, skewed(fault.ClockPush, nil, act(fault.FixTimeSource, "11:00:00", 0, hosts(a1)...), act(fault.SetTime, "11:01:00", 0)).until(at("23:00:00")).engine.Happened()[0].EndNS,
			"the source of another host")
		require.Nil(t, skewed(fault.ClockPush, nil).until(at("23:00:00")).engine.Happened()[0].EndNS)
	})
	t.Run("ntp_bad", func(t *testing.T) {
		b := skewed(fault.ClockNTP, func(f *fault.Fault) { f.Hosts = []fault.Host{{Server: topology.None, DC: ad1}} }, act(fault.FixTimeSource, "20:00:00", 10*time.Minute))
		require.Equal(t, 7*time.Minute, off(b, "18:10:12"), "the poll of 17:55:12, and 900 s")
		require.Equal(t, []any{"AD1 takes over a wrong time, +7m, from its source", "time source of AD1 +7m"}, texts(b))
		b.until(at("21:00:00"))
		end := simtime.Time(*b.engine.Happened()[0].EndNS)
		require.Greater(t, end, at("20:10:00")+simtime.Time(15*time.Minute))
		require.LessOrEqual(t, end, at("20:10:00")+simtime.Time(1924*time.Second))
	})
}

// F2: whether a pair is struck is drawn for each pair.
func TestF2_Probability(t *testing.T) {
	t.Parallel()
	struck := map[int]int{}
	for seed := range int64(200) {
		f := latch(simtime.Never)
		f.Probability = 0.5
		org := organisation(t)
		dir := directory.New(directory.Config{Org: org, Start: t0, MaxClockSkew: 5 * time.Minute})
		fault.NewEngine([]fault.Fault{f}, nil, fault.Env{Org: org, Dir: dir, Root: rng.NewRoot(seed, 0), Start: t0, End: at("23:00:00"),
			Emit: func(result.Event) error { return nil }}).Fire(at("10:00:00"), nil)
		struck[len(dir.Latches())]++
	}
	require.InDelta(t, 100, struck[1], 30)
	require.Equal(t, 200, struck[0]+struck[1]+struck[2])
}
