package fault_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// A restart that does not always take the same takes 8 minutes in the middle, 3 at least and 30 at most, with sigma 0.3: of 2000 the mean of the
// logarithms lies within four standard errors (a false alarm in 16,000), and so does their spread.
func TestS1_11_SpreadOfARestart(t *testing.T) {
	t.Parallel()
	spread, err := fault.UsualSpread(8 * time.Minute)
	require.NoError(t, err)
	require.InDelta(t, float64(8*time.Minute), float64(spread.Middle()), 1e3)
	require.Equal(t, []time.Duration{3 * time.Minute, 30 * time.Minute}, []time.Duration{spread.Least, spread.Most})
	const n = 2000
	f := fault.Fault{ID: "again", Kind: fault.ConfigNotifyLost, Start: 0, End: 1, Probability: 1, Hosts: []fault.Host{{Server: b1, DC: topology.None}},
		Remedies: []fault.Action{{Kind: fault.RestartOS, At: 0, Duration: 8 * time.Minute, Takes: &spread, Probability: 1}}}
	for i := range n {
		f.Occurs = append(f.Occurs, fault.Occurrence{Number: i + 1, At: simtime.Time(i)})
	}
	b := newBench(t, []fault.Fault{f}, nil)
	var logs []float64
	for _, o := range b.engine.Faults() {
		took := o.Remedies[0].Duration
		require.True(t, 3*time.Minute <= took && took <= 30*time.Minute, took)
		require.Equal(t, o.Start, o.Remedies[0].At)
		logs = append(logs, math.Log(took.Minutes()))
	}
	require.Len(t, logs, n)
	mean, square := 0.0, 0.0
	for _, x := range logs {
		mean += x / n
		square += x * x / n
	}
	require.InDelta(t, math.Log(8), mean, 4*0.3/math.Sqrt(n))
	require.InDelta(t, 0.3, math.Sqrt(square-mean*mean), 4*0.3/math.Sqrt(2*n))
	require.Greater(t, len(slices.Compact(slices.Sorted(slices.Values(logs)))), n-5, "each draws its own")
}

// Both ends of what is drawn are cut, and nothing is shorter than nothing or longer than a year.
func TestSpreadIsCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value       float64
		least, most time.Duration
		want        time.Duration
	}{
		{60, 0, 0, time.Minute}, {60, 2 * time.Minute, 0, 2 * time.Minute}, {600, 0, time.Minute, time.Minute}, {-5, 0, 0, 0}, {1e30, 0, 0, 365 * 24 * time.Hour},
	} {
		s := fault.Spread{Dist: rng.Constant(c.value), Least: c.least, Most: c.most}
		require.Equal(t, c.want, s.Middle())
	}
}

// A remedy that waits for the one before moves with it; one that counts from the start of the fault does not.
func TestChainedRemediesMove(t *testing.T) {
	t.Parallel()
	fixed := func(d time.Duration) *fault.Spread { return &fault.Spread{Dist: rng.Constant(d.Seconds())} }
	const m = simtime.Time(time.Minute)
	restart := func(at simtime.Time, takes, wait *fault.Spread, chained bool) fault.Action {
		return fault.Action{Kind: fault.RestartOS, At: at, Duration: 8 * time.Minute, Takes: takes, Wait: wait, Chained: chained, Probability: 1}
	}
	f := fault.Fault{ID: "x", Kind: fault.ConfigNotifyLost, Start: 10 * m, End: simtime.Never, Probability: 1, Hosts: []fault.Host{{Server: b1, DC: topology.None}},
		Remedies: []fault.Action{
			restart(20*m, fixed(5*time.Minute), nil, false),      // 20 to 25, not 28
			restart(30*m, nil, nil, true),                        // 2 after: 27 to 35
			restart(40*m, nil, nil, false),                       // 40 to 48
			restart(49*m, nil, fixed(3*time.Minute), true),       // 3 after: 51 to 59
			restart(58*m, fixed(time.Minute), nil, true),         // 1 after: 60 to 61
			restart(70*m, nil, fixed(70*time.Minute), false),     // 70 after the start: 80 to 88
			restart(79*m, fixed(0), fixed(30*time.Second), true), // 88:30
			restart(88*m, fixed(2*time.Minute), fixed(0), true),  // 88:30 to 90:30
		}}
	b := newBench(t, []fault.Fault{f}, nil)
	var got []time.Duration
	for _, r := range b.engine.Faults()[0].Remedies {
		got = append(got, time.Duration(r.At), time.Duration(r.At.Add(r.Duration)))
	}
	const minute = time.Minute
	require.Equal(t, []time.Duration{20 * minute, 25 * minute, 27 * minute, 35 * minute, 40 * minute, 48 * minute, 51 * minute, 59 * minute, 60 * minute, 61 * minute,
		80 * minute, 88 * minute, 88*minute + 30*time.Second, 88*minute + 30*time.Second, 88*minute + 30*time.Second, 90*minute + 30*time.Second}, got)
}
