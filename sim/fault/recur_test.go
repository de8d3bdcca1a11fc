package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// again lets a fault happen at several instants, numbered from 1.
func again(f fault.Fault, when ...string) fault.Fault {
	for i, w := range when {
		f.Occurs = append(f.Occurs, fault.Occurrence{Number: i + 1, At: at(w)})
	}
	return f
}

// Each occurrence has the length of the fault, its remedies move with it, and events name its number.
func TestOccurrences(t *testing.T) {
	t.Parallel()
	f := down("x", "01:00:00", "01:10:00", b1)
	f.Remedies = []fault.Action{act(fault.RestartTransport, "01:20:00", time.Minute)}
	f = again(f, "01:00:00", "05:00:00")
	f.Occurs[1].Number = 4
	b := newBench(t, []fault.Fault{f}, nil).until(at("23:00:00"))
	require.Equal(t, []string{
		"01:00:00 halted B1 silent", "01:10:00 booted B1", "01:20:00 halted B1", "01:21:00 booted B1",
		"05:00:00 halted B1 silent", "05:10:00 booted B1", "05:20:00 halted B1", "05:21:00 booted B1",
	}, b.log)
	var said []string
	for _, e := range b.events {
		if e.Kind == "fault" {
			said = append(said, fmt.Sprint(clock(e.Time), " ", e.Fields[0].Value, " ", e.Fields[1].Value, " ", e.Fields[3].Value))
		}
	}
	require.Equal(t, []string{"01:00:00 x start 1", "01:10:00 x end 1", "05:00:00 x start 4", "05:10:00 x end 4"}, said)
	var numbers []int
	for _, h := range b.engine.Happened() {
		numbers = append(numbers, h.Occurrence)
	}
	require.Equal(t, []int{1, 0, 4, 0}, numbers, "a remedy has none")
	require.Empty(t, newBench(t, []fault.Fault{{ID: "none", Kind: fault.HostDown, Probability: 1, Hosts: hosts(b1), Recurrence: fault.Recurrence{Occurs: []fault.Occurrence{}}}}, nil).
		until(at("23:00:00")).log, "a schedule of which nothing falls into the run")
	f.Occurs = []fault.Occurrence{{Number: 1, At: at("01:00:00")}, {Number: 2, At: 2 * at("23:59:59")}, {Number: 3, At: 2*at("23:59:59") + 1}}
	require.Len(t, newBench(t, []fault.Fault{f}, nil).engine.Faults(), 2, "the run ends in between")
}

// The targets of a serial fault follow each other, each with its remedies.
func TestSerialTargets(t *testing.T) {
	t.Parallel()
	f := down("x", "01:00:00", "01:10:00", a1)
	f.Hosts, f.Serial, f.Gap, f.Mode = hosts(a1, a2, b1), true, 5*time.Minute, fault.Maintenance
	f.Remedies = []fault.Action{act(fault.RetryQueue, "01:12:00", 0)}
	b := newBench(t, []fault.Fault{f}, nil).until(at("23:00:00"))
	require.Equal(t, []string{
		"01:00:00 halted A1", "01:10:00 booted A1", "01:12:00 retry A1",
		"01:15:00 halted A2", "01:25:00 booted A2", "01:27:00 retry A2",
		"01:30:00 halted B1", "01:40:00 booted B1", "01:42:00 retry B1",
	}, b.log)
	f.Pick = 2
	require.Len(t, newBench(t, []fault.Fault{f}, nil).until(at("23:00:00")).log, 6)
	pairs := latch(at("10:10:00"))
	pairs.Serial = true
	b = newBench(t, []fault.Fault{pairs}, nil)
	require.Equal(t, directory.AuthOK, b.until(at("10:05:00")).dir.Handshake(at("10:05:00"), a2, b1))
	require.Equal(t, directory.AuthLatched, b.dir.Handshake(at("10:05:00"), a1, b1))
	require.Equal(t, directory.AuthOK, b.until(at("10:15:00")).dir.Handshake(at("10:15:00"), a1, b1))
	require.Equal(t, directory.AuthLatched, b.dir.Handshake(at("10:15:00"), a2, b1))
}

// starts lists whom faults hit when, as their events tell.
func (b *bench) starts() []string {
	var out []string
	for _, h := range b.engine.Happened() {
		if !h.Remedy {
			out = append(out, clock(simtime.Time(h.StartNS))+" "+h.ID+" "+h.Target)
		}
	}
	return out
}

// One of several targets is drawn for each occurrence, each as likely as the others, and a target that is not hit changes nothing by
// being there.
func TestPick(t *testing.T) {
	t.Parallel()
	struck := func(rep, pick int, h ...topology.ServerID) []string {
		b := newBench(t, nil, nil)
		f := down("x", "01:00:00", "01:10:00", a1)
		f.Hosts, f.Pick = hosts(h...), pick
		b.engine = fault.NewEngine([]fault.Fault{again(f, "01:00:00", "02:00:00")}, nil, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(7, rep), End: at("23:00:00")})
		return b.until(at("23:00:00")).starts()
	}
	count, differ := map[string]int{}, 0
	for rep := range 300 {
		got := struck(rep, 1, a1, a2, b1)
		require.Len(t, got, 2)
		first, second := got[0][len("01:00:00 x "):], got[1][len("01:00:00 x "):]
		count[first]++
		if first != second {
			differ++
		}
		if first != "A2" && second != "A2" {
			require.Equal(t, got, struck(rep, 1, a1, b1), "without A2, which was not hit")
		}
		require.Equal(t, got, struck(rep, 1, b1, a1, a2), "in another order")
		both := struck(rep, 2, a1, a2, b1)
		require.Contains(t, both[0], first, "one more is hit, too")
		require.Contains(t, []string{"01:00:00 x A1, A2", "01:00:00 x A1, B1", "01:00:00 x A2, B1"}, both[0], "in the order of the tables")
	}
	for _, h := range []string{"A1", "A2", "B1"} {
		require.InDelta(t, 100, count[h], 33, "four standard deviations")
	}
	require.InDelta(t, 200, differ, 33)
	require.Equal(t, []string{"01:00:00 x A1, A2", "02:00:00 x A1, A2"}, struck(1, 5, a1, a2), "no more than there are")
}

// Failures and repairs follow each other by the times that are drawn, for each target by itself.
func TestRandomProcess(t *testing.T) {
	t.Parallel()
	f := down("x", "00:00:00", "00:10:00", a1)
	f.Hosts, f.Start, f.Gap = hosts(a1, b1), at("00:30:00"), 5*time.Minute
	f.Random = &fault.Process{Up: rng.Constant(6 * 3600), Down: rng.Constant(1800), Ends: true}
	f.Remedies = []fault.Action{act(fault.RetryQueue, "01:10:00", 0)}
	b := newBench(t, []fault.Fault{f}, nil).until(at("20:00:00"))
	require.Equal(t, []string{"06:30:00 halted A1 silent", "07:00:00 booted A1", "07:10:00 retry A1", "13:05:00 halted A1 silent", "13:35:00 booted A1", "13:45:00 retry A1",
		"19:40:00 halted A1 silent"}, b.of("A1"))
	require.Len(t, b.of("B1"), 7)
	var order []topology.ServerID
	for _, o := range b.engine.Faults() {
		order = append(order, o.Hosts[0].Server)
	}
	require.Equal(t, []topology.ServerID{a1, b1, a1, b1, a1, b1}, order[:6], "by number, then by target")

	f.Random.Ends, f.Gap, f.Remedies = false, 0, nil
	b = newBench(t, []fault.Fault{f}, nil).until(at("20:00:00"))
	require.Equal(t, []string{"06:30:00 halted A1 silent"}, b.of("A1"), "down for good")
	require.Len(t, b.starts(), 6, "it fails again and again all the same")

	f.Random = &fault.Process{Up: rng.Constant(3 * 3600), Down: rng.Constant(60), Ends: true, Relapse: 1}
	b = newBench(t, []fault.Fault{f}, nil).until(at("20:00:00"))
	var a []time.Duration
	for _, h := range b.engine.Happened() {
		if h.Target == "A1" {
			a = append(a, time.Duration(h.StartNS))
		}
	}
	require.Equal(t, 3*time.Hour+30*time.Minute, a[0], "nothing has been repaired yet")
	for i := range a[1:] {
		gap := a[i+1] - a[i] - time.Minute
		require.True(t, gap >= time.Hour && gap < 2*time.Hour, "%s after the repair", gap)
	}
	require.Greater(t, len(a), 7)
}

// A random process keeps to its run, and never fails twice at a time; other faults and other targets change nothing.
func TestRandomProcessProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		seconds := func(what string) rng.Dist {
			d, err := rng.WeibullMean(float64(rapid.IntRange(300, 20_000).Draw(r, what)), rapid.Float64Range(0.3, 3).Draw(r, what+" shape"))
			require.NoError(r, err)
			return d
		}
		f := down("x", "00:00:00", "00:10:00", a1)
		f.Hosts = hosts(a1, b1)
		f.Random = &fault.Process{Up: seconds("up"), Down: seconds("down"), Ends: rapid.Bool().Draw(r, "ends"), Relapse: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(r, "relapse")}
		f.Gap = time.Duration(rapid.IntRange(0, 100).Draw(r, "gap")) * time.Second
		onA1 := func(faults ...fault.Fault) (out []fault.Fault) {
			for _, o := range newBench(t, faults, nil).engine.Faults() {
				if o.ID == "x" && o.Hosts[0].Server == a1 {
					out = append(out, o)
				}
			}
			return out
		}
		got := onA1(f)
		for i, o := range got {
			require.Len(r, o.Hosts, 1)
			require.LessOrEqual(r, o.Start, at("23:59:59")+at("23:59:59"))
			require.Greater(r, o.End, o.Start)
			if i > 0 && got[i-1].End != simtime.Never {
				require.GreaterOrEqual(r, o.Start.Sub(got[i-1].End), f.Gap+time.Second)
			}
		}
		alone := f
		alone.Hosts = hosts(a1)
		require.Equal(r, len(got), len(onA1(alone, down("y", "00:00:00", "01:00:00", b1))))
		for i, o := range onA1(alone, down("w", "00:00:00", "01:00:00", b1)) {
			require.Equal(r, got[i].Start, o.Start)
			require.Equal(r, got[i].End, o.End)
		}
	})
}

// Two faults of one stream draw the same; of two streams they do not.
func TestSeedStream(t *testing.T) {
	t.Parallel()
	same, differ := 0, 0
	for rep := range 100 {
		b := newBench(t, nil, nil)
		f := down("x", "01:00:00", "01:10:00", a1)
		f.Hosts, f.Probability = hosts(a1, a2, b1), 0.5
		g, h := f, f
		g.ID, g.Stream, h.ID = "y", "x", "z"
		b.engine = fault.NewEngine([]fault.Fault{f, g, h}, nil, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(7, rep), End: at("23:00:00")})
		b.until(at("23:00:00"))
		of := map[string]string{}
		for _, x := range b.engine.Happened() {
			of[x.ID] = x.Target
		}
		require.Equal(t, of["x"], of["y"])
		if of["x"] == of["z"] {
			same++
		} else {
			differ++
		}
	}
	require.InDelta(t, 12.5, float64(same), 14, "one of eight sets; four standard deviations")
	require.Positive(t, differ)
}

// Each occurrence draws anew whether it happens, and so do its remedies.
func TestOccurrencesDraw(t *testing.T) {
	t.Parallel()
	f := down("x", "00:00:00", "00:00:10", a1)
	f.Probability = 0.5
	f.Remedies = []fault.Action{act(fault.RetryQueue, "00:00:20", 0)}
	f.Remedies[0].Probability = 0.5
	for i := range 400 {
		f.Occurs = append(f.Occurs, fault.Occurrence{Number: i + 1, At: simtime.Time(i) * simtime.Time(time.Minute)})
	}
	b := newBench(t, []fault.Fault{f}, nil).until(at("23:00:00"))
	faults := len(b.starts())
	require.InDelta(t, 200, faults, 40, "four standard deviations")
	require.InDelta(t, float64(faults)/2, float64(len(b.engine.Happened())-faults), 30)
}

// What a latch of two faults holds is free when the last of them ends.
func TestOverlappingLatches(t *testing.T) {
	t.Parallel()
	first, second := latch(at("12:00:00")), latch(at("13:00:00"))
	second.ID, second.From = "second", []topology.ServerID{a1}
	for _, faults := range [][]fault.Fault{{first, second}, {again(first, "10:00:00", "11:00:00")}} {
		b := newBench(t, faults, nil).until(at("12:30:00"))
		require.Equal(t, directory.AuthLatched, b.dir.Handshake(at("12:30:00"), a1, b1))
		require.Empty(t, b.until(at("13:00:00")).dir.Latches())
	}
}

// The order of the tables changes nothing of faults that come again, at random or to a schedule, either.
func TestRecurrenceIgnoresTableOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var faults []fault.Fault
		for i := range rapid.IntRange(2, 5).Draw(r, "faults") {
			f := down(string(rune('a'+i)), "01:00:00", "01:10:00", a1)
			f.Hosts, f.Pick, f.Serial = hosts(a1, a2, b1), rapid.IntRange(0, 2).Draw(r, "pick"), rapid.Bool().Draw(r, "serial")
			f.Probability = rapid.SampledFrom([]float64{0.3, 1}).Draw(r, "p")
			f.Stream = rapid.SampledFrom([]string{"", "weather"}).Draw(r, "stream")
			if rapid.Bool().Draw(r, "random") {
				f.Serial = false
				f.Random = &fault.Process{Up: rng.Constant(float64(rapid.IntRange(100, 10000).Draw(r, "up"))), Down: rng.Constant(600), Ends: true, Relapse: 0.5}
			} else {
				f = again(f, "01:00:00", "02:00:00")
			}
			faults = append(faults, f)
		}
		straight := newBench(t, faults, nil).until(at("23:00:00"))
		mixed := newBench(t, rapid.Permutation(faults).Draw(r, "order"), nil).until(at("23:00:00"))
		require.Equal(r, straight.log, mixed.log)
		require.Equal(r, straight.events, mixed.events)
		require.Equal(r, straight.engine.Happened(), mixed.engine.Happened())
	})
}

// Published figures, and what the laws make of them: the means are those of the distributions.
func TestProfiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		profile, kind string
		mtbf, mttr    time.Duration
		relapse       float64
		shape, sigma  float64 // 0: the law is exponential
	}{
		{"nt-1999", "host_down", 306 * time.Hour, 2 * time.Hour, 0.6, 0.75, 1},
		{"modern", "host_down", 4380 * time.Hour, 40 * time.Minute, 0.1, 0.75, 1},
		{"nt-1999", "dc_down", 306 * time.Hour, 2 * time.Hour, 0.6, 0.75, 1},
		{"nt-1999", "link_down", 13900 * time.Hour, 198 * time.Minute, 0, 0, 0.8},
		{"modern", "link_down", 13900 * time.Hour, 4 * time.Hour, 0, 0, 0.8},
		{"nt-1999", "clock_skew", 8760 * time.Hour, 0, 0, 0, 0},
		{"modern", "clock_skew", 17520 * time.Hour, 0, 0, 0, 0},
		{"nt-1999", "store_down", 4380 * time.Hour, 40 * time.Minute, 0, 0, 0},
		{"modern", "store_down", 8760 * time.Hour, 10 * time.Minute, 0, 0, 0},
		{"nt-1999", "agent_stall", 8760 * time.Hour, 3 * time.Hour, 0, 0, 1},
		{"nt-1999", "disk_pressure", 8760 * time.Hour, 0, 0, 0, 0},
		{"modern", "dc_down", 4380 * time.Hour, 40 * time.Minute, 0.1, 0.75, 1},
		{"modern", "agent_stall", 8760 * time.Hour, 3 * time.Hour, 0, 0, 1},
		{"modern", "disk_pressure", 8760 * time.Hour, 0, 0, 0, 0},
	} {
		x, ok := fault.ProfileOf(c.profile, c.kind)
		require.True(t, ok)
		require.Equal(t, []any{c.mtbf, c.mttr, c.relapse}, []any{x.MTBF, x.MTTR, x.Relapse}, "%s %s", c.profile, c.kind)
		up, down := fault.Exponential, fault.Exponential
		if c.shape > 0 {
			up = fault.Weibull
		}
		if c.sigma > 0 {
			down = fault.Lognormal
		}
		require.Equal(t, []any{up, c.shape, down, c.sigma}, []any{x.Up, x.UpShape, x.Down, x.DownSigma}, "%s %s", c.profile, c.kind)
		p, err := x.Process()
		require.NoError(t, err)
		require.Equal(t, c.mttr > 0, p.Ends)
		require.InEpsilon(t, c.mtbf.Seconds(), p.Up.Mean(), 1e-9)
		if p.Ends {
			require.InEpsilon(t, c.mttr.Seconds(), p.Down.Mean(), 1e-9)
		}
	}
	_, ok := fault.ProfileOf("modern", "partition")
	require.False(t, ok)
	_, ok = fault.ProfileOf("moden", "host_down")
	require.False(t, ok)
	require.Equal(t, []string{"nt-1999", "modern"}, fault.Profiles())
	for i, name := range fault.Laws() {
		p, err := fault.Figures{MTBF: time.Hour, MTTR: time.Minute, Up: fault.Law(i), Down: fault.Law(i)}.Process()
		require.NoError(t, err, name)
		require.InEpsilon(t, 3600, p.Up.Mean(), 1e-9, name)
	}
}

// The availability of a server that fails at random is that of its figures: 306 h of work to 2 h of failure are 99.35 %.
func TestRandomAvailability(t *testing.T) {
	t.Parallel()
	x, _ := fault.ProfileOf("nt-1999", "host_down")
	x.Relapse = 0
	p, err := x.Process()
	require.NoError(t, err)
	f := down("x", "00:00:00", "00:10:00", a1)
	f.Random = p
	b := newBench(t, nil, nil)
	const years = 200
	end := simtime.Time(years * 8760 * time.Hour)
	e := fault.NewEngine([]fault.Fault{f}, nil, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(1, 0), End: end})
	down := time.Duration(0)
	for _, o := range e.Faults() {
		down += min(o.End, end).Sub(o.Start)
	}
	n := len(e.Faults())
	require.InEpsilon(t, years*8760/308, n, 0.08, "a false alarm once in ten thousand")
	require.InDelta(t, 0.0065, down.Seconds()/time.Duration(end).Seconds(), 0.0009)
}

// offsets reads the clock of B1 at instants.
func (b *bench) offsets(when ...string) []time.Duration {
	var out []time.Duration
	for _, w := range when {
		out = append(out, b.until(at(w)).dir.Offset(at(w), hosts(b1)[0]))
	}
	return out
}

// An intensity that ramps is that of the straight line after each tenth of the ramp.
func TestF1_Ramps(t *testing.T) {
	t.Parallel()
	minutes := func(m ...float64) []time.Duration {
		var out []time.Duration
		for _, x := range m {
			out = append(out, time.Duration(x*float64(time.Minute)))
		}
		return out
	}
	slow := func(edit func(*fault.Fault), remedies ...fault.Action) *bench {
		f := fastClock(10*time.Minute, remedies...)
		f.RampUp, f.PushEvery = 20*time.Minute, time.Hour
		if edit != nil {
			edit(&f)
		}
		return newBench(t, []fault.Fault{f}, nil)
	}
	b := slow(nil)
	require.Equal(t, minutes(0, 0, 1, 1, 2, 9, 10, 10), b.offsets("10:00:00", "10:01:59", "10:02:00", "10:03:59", "10:04:00", "10:19:59", "10:20:00", "12:00:00"))
	require.Equal(t, "the clock of B1 jumps by +10m, growing over 20m", b.events[0].Text)
	ended := func(f *fault.Fault) { f.RampDown, f.End = 10*time.Minute, at("12:00:00") }
	require.Equal(t, minutes(10, 10, 9, 5, 1, 0, 0), slow(ended).offsets("10:20:00", "11:50:59", "11:51:00", "11:55:00", "11:59:00", "12:00:00", "13:00:00"))
	require.Equal(t, minutes(10, 0, 0, 0), slow(ended, act(fault.SetTime, "10:59:00", time.Minute)).offsets("10:30:00", "11:00:00", "11:55:00", "12:00:00"), "a clock that was set does not become slow")
	require.Equal(t, minutes(5), slow(nil, act(fault.SetTime, "10:09:00", 2*time.Minute)).offsets("10:20:00"), "what grows goes on growing")
	both := func(f *fault.Fault) { f.RampDown, f.End, f.RampUp = 20*time.Minute, at("10:20:00"), 20*time.Minute }
	require.Equal(t, minutes(0, 4, 5, 4, 0), slow(both).offsets("10:00:00", "10:08:00", "10:10:00", "10:12:00", "10:20:00"), "the lower of the two lines")
	short := func(f *fault.Fault) { f.Start, f.RampDown, f.End = at("00:00:00"), 20*time.Minute, at("00:10:00") } // as one at random may be
	require.Equal(t, minutes(0, 1, 2, 1, 0, 0), slow(short).offsets("00:00:00", "00:02:00", "00:04:00", "00:08:00", "00:10:00", "01:00:00"), "nothing changes before it begins")

	push := func(f *fault.Fault) { f.ClockMode = fault.ClockPush; f.PushEvery = 10 * time.Minute }
	require.Equal(t, minutes(3, 3), slow(push, act(fault.FixTimeSource, "10:07:00", 0)).offsets("10:06:00", "10:30:00"), "a source that is mended pushes no further")
	bad := func(f *fault.Fault) { f.ClockMode = fault.ClockNTP }
	require.Equal(t, minutes(3, 10), slow(bad).offsets("10:06:00", "10:30:00"))
	drift := func(f *fault.Fault) {
		f.ClockMode, f.DriftPPM, f.SelfCorrect, f.End = fault.ClockDrift, 50_000, false, at("11:20:00")
	}
	for i, got := range slow(drift).offsets("10:02:00", "10:04:00", "10:20:00", "11:20:00", "12:00:00") {
		require.InDelta(t, []float64{0, 0.6, 27, 207, 207}[i], got.Seconds(), 1e-6, "0, 1, 2, ... tenths of the drift, two minutes each, then all of it for an hour")
	}
}

// Events of operators name who acts, and for which occurrence.
func TestActors(t *testing.T) {
	t.Parallel()
	f := again(down("x", "01:00:00", "01:10:00", b1), "01:00:00", "02:00:00")
	f.Remedies = []fault.Action{act(fault.RetryQueue, "01:20:00", 0)}
	shift := act(fault.RetryQueue, "03:00:00", 0, hosts(a1)...)
	shift.Actor = "night shift"
	b := newBench(t, []fault.Fault{f}, []fault.Action{shift}).until(at("23:00:00"))
	var said []string
	for _, e := range b.events {
		if e.Kind == "remedy" {
			said = append(said, fmt.Sprint(clock(e.Time), " ", e.Text, " ", e.Fields[2:]))
		}
	}
	require.Equal(t, []string{"01:20:00 operator: retry_queue B1 done [{occurrence 1}]", "02:20:00 operator: retry_queue B1 done [{occurrence 2}]",
		"03:00:00 night shift: retry_queue A1 done []"}, said)
}

// A remedy that makes a copy of a database active lacks the time before its own effect, at each occurrence.
func TestOccurrencesOfActivatedCopies(t *testing.T) {
	t.Parallel()
	f := again(down("x", "01:00:00", "01:10:00", b1), "01:00:00", "09:00:00")
	copied := act(fault.ActivateCopy, "01:20:00", time.Minute)
	copied.Missing, copied.Since = 5*time.Hour, 0
	named := copied
	named.Since = at("00:30:00")
	f.Remedies = []fault.Action{copied, named}
	got := newBench(t, []fault.Fault{f}, nil).engine.Faults()
	require.Equal(t, []simtime.Time{0, at("00:30:00")}, []simtime.Time{got[0].Remedies[0].Since, got[0].Remedies[1].Since})
	require.Equal(t, []simtime.Time{at("04:21:00"), at("08:30:00")}, []simtime.Time{got[1].Remedies[0].Since, got[1].Remedies[1].Since})
}

// A certificate that runs out when its fault begins does so at each occurrence; one with a date of its own keeps that.
func TestOccurrencesOfCertificates(t *testing.T) {
	t.Parallel()
	f := again(fault.Fault{ID: "x", Kind: fault.CertExpiry, Start: at("01:00:00"), End: at("02:00:00"), Probability: 1, Hosts: hosts(ae1),
		Cert: fault.Certificate{NotAfter: at("01:00:00")}}, "01:00:00", "05:00:00")
	g := f
	g.ID, g.Cert.NotAfter = "y", at("12:00:00")
	var ends []string
	for _, o := range newBench(t, []fault.Fault{f, g}, nil).engine.Faults() {
		ends = append(ends, o.ID+" "+clock(o.Cert.NotAfter))
	}
	require.Equal(t, []string{"x 01:00:00", "x 05:00:00", "y 12:00:00", "y 12:00:00"}, ends)
}
