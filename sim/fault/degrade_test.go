package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// lineOf makes the engine of a run in which faults degrade a link of 10 Mbit/s up and any bandwidth down; a second link is beside it, for faults that say so.
func lineOf(t *testing.T, faults ...fault.Fault) *fault.Engine {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 1, Up: 10e6})
	b.Link(topology.Link{Name: "A-B by radio", Sites: sites, Cost: 2})
	org, err := b.Build()
	require.NoError(t, err)
	for i := range faults {
		f := &faults[i]
		f.ID, f.Probability = string(rune('a'+i)), 1
		if f.Links == nil {
			f.Links = []topology.LinkID{0}
		}
		if f.Kind == fault.ClockSkew {
			f.Kind = fault.LinkDegrade
		}
		if f.End == 0 {
			f.End = simtime.Never
		}
	}
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	return fault.NewEngine(faults, nil, fault.Env{
		Org: org, Dir: directory.New(directory.Config{Org: org, Start: start}), Root: rng.NewRoot(1, 0), Start: start, End: simtime.Time(time.Hour),
	})
}

// conditionAt is the condition of the link after so many seconds, and whether it has been cut since the last look (+1), mended (-1), or neither.
func conditionAt(e *fault.Engine, seconds int, was fault.Condition) (now fault.Condition, cut int) {
	now = was
	for _, x := range e.Fire(simtime.Time(seconds)*simtime.Time(time.Second), nil) {
		switch x.Kind {
		case fault.LinkDegraded:
			now = x.Condition
		case fault.LinkCut:
			cut++
		case fault.LinkMended:
			cut--
		}
	}
	return now, cut
}

// carriage is that of packets that are lost each by itself.
func carriage(latency time.Duration, lost, copies float64, bits int64) fault.Carriage {
	return fault.Carriage{Latency: latency, Lost: lost, Breaks: lost, Copies: copies, Bits: bits}
}

// TestF13_Conditions is how a link is under one fault or several, at their intensity.
func TestF13_Conditions(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	bad := fault.Degradation{Latency: 100 * ms, Jitter: 20 * ms, Loss: 0.1, Corrupt: 0.2, Duplicate: 0.5, Bandwidth: 2e6}
	for _, c := range []struct {
		name     string
		faults   []fault.Fault
		at       int
		up, down fault.Carriage
	}{
		{"both ways", []fault.Fault{{Degrade: bad}}, 0, carriage(100*ms, 0.28, 0.5, 2e6), carriage(100*ms, 0.28, 0.5, 2e6)},
		{"up", []fault.Fault{{Degrade: bad, Direction: fault.To}}, 0, carriage(100*ms, 0.28, 0.5, 2e6), fault.Carriage{}},
		{"down", []fault.Fault{{Degrade: bad, Direction: fault.From}}, 0, fault.Carriage{}, carriage(100*ms, 0.28, 0.5, 2e6)},
		{"before a ramp", []fault.Fault{{Degrade: bad, RampUp: 100 * time.Second}}, 9, fault.Carriage{}, fault.Carriage{}},
		{"a tenth of it", []fault.Fault{{Degrade: bad, RampUp: 100 * time.Second}}, 10, fault.Carriage{10 * ms, 0.0298, 0.0298, 0.05, 9.2e6}, carriage(10*ms, 0.0298, 0.05, 20e6)},
		{"half of it", []fault.Fault{{Degrade: bad, RampUp: 100 * time.Second}}, 59, carriage(50*ms, 0.145, 0.25, 6e6), carriage(50*ms, 0.145, 0.25, 4e6)},
		{"dying away", []fault.Fault{{Degrade: bad, End: simtime.Time(200 * time.Second), RampDown: 100 * time.Second}}, 150, carriage(50*ms, 0.145, 0.25, 6e6), carriage(50*ms, 0.145, 0.25, 4e6)},
		{"over", []fault.Fault{{Degrade: bad, End: simtime.Time(200 * time.Second)}}, 200, fault.Carriage{}, fault.Carriage{}},
		{"a link that is narrower", []fault.Fault{{Degrade: fault.Degradation{Bandwidth: 10e6}}}, 0, fault.Carriage{}, fault.Carriage{Bits: 10e6}},
		{"two", []fault.Fault{{Degrade: bad}, {Degrade: fault.Degradation{Latency: ms, Loss: 0.5, Duplicate: 1, Bandwidth: 1e6}, Direction: fault.From}}, 0,
			carriage(100*ms, 0.28, 0.5, 2e6), carriage(101*ms, 0.64, 2, 1e6)},
		{"the second is over", []fault.Fault{{Degrade: bad}, {Degrade: bad, End: simtime.Time(time.Second)}}, 1, carriage(100*ms, 0.28, 0.5, 2e6), carriage(100*ms, 0.28, 0.5, 2e6)},
		// After a burst of 4 packets a next one begins with each packet by chance 0.1: 9 packets pass in the mean.
		{"bursts", []fault.Fault{{Degrade: fault.Degradation{BurstRate: 0.1, BurstSize: 4}}}, 0, fault.Carriage{Lost: 4.0 / 13, Breaks: 1.0 / 13}, fault.Carriage{Lost: 4.0 / 13, Breaks: 1.0 / 13}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, cut := conditionAt(lineOf(t, c.faults...), c.at, fault.Condition{})
			require.Zero(t, cut)
			for d, want := range []fault.Carriage{c.up, c.down} {
				require.InDelta(t, want.Lost, got.Ways[d].Lost, 1e-15)
				require.InDelta(t, want.Breaks, got.Ways[d].Breaks, 1e-15)
				require.InDelta(t, want.Copies, got.Ways[d].Copies, 1e-15)
				require.Equal(t, want.Latency, got.Ways[d].Latency)
				require.Equal(t, want.Bits, got.Ways[d].Bits)
			}
		})
	}
	t.Run("what a session stands", func(t *testing.T) {
		t.Parallel()
		got, _ := conditionAt(lineOf(t, fault.Fault{Degrade: bad}, fault.Fault{Degrade: fault.Degradation{Bandwidth: 1e6}}, fault.Fault{Degrade: bad, Direction: fault.To}), 0, fault.Condition{})
		require.Len(t, got.Trials, 2, "one a fault, none of the one that leaves nothing to chance")
		require.Equal(t, 40*ms, got.Trials[0].Jitter)
		require.InDelta(t, 1-0.72*0.72, got.Trials[0].Lost, 1e-15)
		require.Equal(t, 20*ms, got.Trials[1].Jitter)
		require.InDelta(t, 0.28, got.Trials[1].Lost, 1e-15)
		require.NotEqual(t, got.Trials[0].Key, got.Trials[1].Key)
	})
}

// TestF13_AllIsLost: a link that loses everything one way is down, and counts among what holds it down.
func TestF13_AllIsLost(t *testing.T) {
	t.Parallel()
	sec := func(s int) simtime.Time { return simtime.Time(s) * simtime.Time(time.Second) }
	e := lineOf(t,
		fault.Fault{Degrade: fault.Degradation{Loss: 1}, Direction: fault.To, Start: sec(10), End: sec(30)},
		fault.Fault{Kind: fault.LinkDown, Start: sec(20), End: sec(40)},
		fault.Fault{Degrade: fault.Degradation{BurstRate: 1, BurstSize: 2}, Start: sec(50), End: sec(160), RampUp: 100 * time.Second},
		fault.Fault{Degrade: fault.Degradation{Loss: 1}, Direction: fault.From, Start: sec(170), End: sec(180)},
	)
	var cuts []int
	var c fault.Condition
	for _, s := range []int{9, 10, 20, 30, 40, 149, 150, 160, 170, 180} {
		var cut int
		c, cut = conditionAt(e, s, c)
		cuts = append(cuts, cut)
	}
	require.Equal(t, []int{0, 1, 0, 0, -1, 0, 1, -1, 1, -1}, cuts)
	require.Zero(t, c.Ways)
}

// TestF13_EachLinkByItself: what chance does on one link of a fault says nothing about the other.
func TestF13_EachLinkByItself(t *testing.T) {
	t.Parallel()
	keys := map[uint64]bool{}
	for _, x := range lineOf(t, fault.Fault{Degrade: fault.Degradation{Loss: 0.5}, Links: []topology.LinkID{0, 1}}).Fire(0, nil) {
		if x.Kind == fault.LinkDegraded {
			keys[x.Condition.Trials[0].Key] = true
		}
	}
	require.Len(t, keys, 2)
}
