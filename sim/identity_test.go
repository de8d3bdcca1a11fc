package sim_test

import (
	"fmt"
	"os"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestLawsOfRandomRuns runs random organisations with random loads, limits, outages and steps of operators. Every run must keep its
// identities (conservation, Little, utilisation) and the invariants of its cores: Run returns an error when one breaks. Beyond that, the
// same configuration must give the same result to the last bit, and things that change nothing must change nothing.
//
// 100 organisations a part, three runs each.
//
// SA-3: conservation, Little's law and the utilisation law, exactly.
func TestLawsOfRandomRuns(t *testing.T) {
	t.Parallel()
	for part := range 4 {
		t.Run(fmt.Sprintf("part %d", part+1), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, lawsOfARun)
		})
	}
}

// TestQ4_3_NothingIdleInRandomRuns watches every server of random organisations at every instant: conservation and the other laws, all ceilings, idle
// capacity; and after every event that queues are first in, first out and that their attempts stand on the ladder (Q-7.2 to:
// a queue in Retry tries at the instants of its role and version, at a start of the service, by an operator, or once something it lacked is
// there, and at no other time).
//
// 2400 organisations; MAILSIM_LONG=1 takes ten times as many.
func TestQ4_3_NothingIdleInRandomRuns(t *testing.T) {
	t.Parallel()
	parts := 24
	if os.Getenv("MAILSIM_LONG") != "" {
		parts = 240
	}
	var (
		mu   sync.Mutex
		seen sim.Watched
		runs int
	)
	t.Run("organisations", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprintf("part %d", part+1), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) {
					cfg := drawScenario(t)
					w, err := sim.RunWatched(t.Context(), cfg, 0, result.NewMemory(0, 0))
					require.NoError(t, err)
					mu.Lock()
					defer mu.Unlock()
					seen.Add(w)
					runs++
				})
			})
		}
	})
	// The cases are worth their time: what is watched happens often.
	t.Logf("%d runs: %+v", runs, seen)
	each := func(n int, what string, least float64) {
		require.GreaterOrEqual(t, float64(n), least*float64(runs), "%s in %d runs", what, runs)
	}
	each(seen.Sent, "transmissions", 20)
	each(seen.Returned, "copies that came back to their place", 0.3)
	each(seen.Failed, "failed attempts", 5)
	each(seen.Retries, "retries", 5)
	each(seen.Late, "retries after their instant", 0.05)
	each(seen.Manual, "retries by operators", 0.003)
	each(seen.Rests, "connections at rest", 5)
}

func lawsOfARun(t *rapid.T) {
	cfg := drawScenario(t)
	first := runOnce(t, cfg)

	// Messages cannot be delivered before they are created, nor more of them than there are.
	for _, h := range first.Summary.Histograms {
		for i := range h.Counts {
			require.GreaterOrEqual(t, h.Lower[i], int64(0), "a delay of %s", h.Labels)
			require.LessOrEqual(t, h.Lower[i], int64(cfg.Duration), "a delay of %s", h.Labels)
		}
	}
	total := map[string]float64{}
	for _, m := range first.Summary.Metrics {
		if m.Labels.String() == "site=all" && len(m.Stats) > 0 {
			total[m.Metric] = m.Stats[0].Value
		}
	}
	require.Equal(t, total["messages.submitted"]+total["messages.reports"]+total["messages.expanded"]+total["messages.resubmitted"],
		total["messages.delivered"]+total["messages.duplicate"]+total["messages.bounced"]+total["messages.expired"]+total["messages.lost"]+total["messages.removed"]+total["messages.held"])
	if cfg.Warmup == 0 {
		delays := int64(0)
		for _, h := range first.Summary.Histograms {
			if h.Labels.String() == "from=all,to=all" {
				for _, n := range h.Counts {
					delays += n
				}
			}
		}
		delivered := int64(total["messages.delivered"])
		require.LessOrEqual(t, delays, delivered, "every delivery has its delay, but those of reports")
		require.GreaterOrEqual(t, delays, delivered-int64(total["messages.reports"])-int64(max(0, total["messages.resubmitted"]))) // reports, too
	}

	// The same again.
	again := runOnce(t, cfg)
	require.Equal(t, first.Summary.Fingerprint, again.Summary.Fingerprint, "the same configuration ran another way")
	require.True(t, reflect.DeepEqual(first, again), "the same configuration gave another result") // no NaN either

	// How often someone looks, and a fault that never happens, are nothing to the mail. What is drawn is drawn by name, so the fault may
	// stand anywhere.
	other := *cfg
	other.Output = sim.Output{SampleInterval: 7 * second}
	never := fault.Fault{ID: "afault", Kind: fault.HostDown, Start: simtime.Time(cfg.Duration / 3), End: simtime.Time(cfg.Duration / 2)}
	for i := range cfg.Org.Servers {
		never.Hosts = append(never.Hosts, fault.Host{Server: topology.ServerID(i), DC: topology.None})
	}
	other.Faults = append([]fault.Fault{never}, cfg.Faults...)
	looked := runOnce(t, &other)
	require.Equal(t, first.Summary.Fingerprint, looked.Summary.Fingerprint, "looking, or nothing, changed what servers did")
	require.Equal(t, first.Summary.Identities, looked.Summary.Identities)
}

func runOnce(t *rapid.T, cfg *sim.Config) *result.Run {
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	return m.Run()
}
