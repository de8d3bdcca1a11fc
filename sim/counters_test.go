package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
)

// counterRows are the rows of the metric counter: "server/counter stat" and the figure.
func counterRows(r *result.Run) map[string]float64 {
	rows := map[string]float64{}
	for _, m := range r.Summary.Metrics {
		if m.Metric == "counter" {
			for _, s := range m.Stats {
				rows[m.Labels.Get("server")+"/"+m.Labels.Get("counter")+" "+s.Name] = s.Value
			}
		}
	}
	return rows
}

// A thousand messages at once, 20 connections of 20 messages (QG-5): 28 of each connection's share are through after a minute, which leaves
// 440; at 84 s 200 are left, which ask for 10 connections, and at 2 min 17 of each are through, which leaves 30.
func TestCountersOfADrain(t *testing.T) {
	t.Parallel()
	drain := func(change func(*sim.Config)) map[string]float64 {
		l := newLab()
		l.burst("b", 0, 1000)
		l.cfg.Duration = 10*60*second + 30*second
		l.cfg.Output.Counters = true
		change(&l.cfg)
		return counterRows(l.run(t))
	}
	rows := drain(func(*sim.Config) {})
	require.Len(t, rows, 11*4)
	for _, c := range []string{"aggregate-delivery", "active-remote", "largest-delivery"} {
		require.Equal(t, 440.0, rows["e1/"+c+" max"], c)
		require.Equal(t, 94.0, rows["e1/"+c+" max5m"], c)
		require.Equal(t, 47.0, rows["e1/"+c+" mean"], c)
		require.Equal(t, 0.0, rows["e1/"+c+" last"], c)
	}
	for _, c := range []string{"active-mailbox", "submission", "active-non-smtp", "retry-mailbox", "retry-non-smtp", "retry-remote", "unreachable", "poison"} {
		require.Contains(t, rows, "e1/"+c+" max")
		require.Zero(t, rows["e1/"+c+" max"], c)
	}

	// The warm-up takes the samples up to its end.
	rows = drain(func(c *sim.Config) { c.Warmup = 60 * second })
	require.Equal(t, 30.0, rows["e1/active-remote max"])
	require.Equal(t, 6.0, rows["e1/active-remote max5m"])
	require.InDelta(t, 30.0/9, rows["e1/active-remote mean"], 1e-12)
	rows = drain(func(c *sim.Config) { c.Warmup = 60*second - 1 })
	require.Equal(t, 440.0, rows["e1/active-remote max"])

	// A figure that there is no sample for is not there.
	rows = drain(func(c *sim.Config) { c.Duration = 4 * 60 * second })
	require.Equal(t, 440.0, rows["e1/active-remote max"])
	require.NotContains(t, rows, "e1/active-remote max5m")
	require.Empty(t, drain(func(c *sim.Config) { c.Duration = 60*second - 1 }))
	require.Empty(t, drain(func(c *sim.Config) { c.Output.Counters = false }))
}

// Looking at the counters changes nothing else: the same trajectory, figures, series and events, in the same order.
func TestCountersLeaveTheRunAsItIs(t *testing.T) {
	t.Parallel()
	run := func(counters bool) *result.Run {
		cfg := tenSites(t, 20_000, true)
		cfg.Duration = 7 * 60 * second
		for i := range cfg.Loads {
			cfg.Loads[i].Rate, cfg.Loads[i].End = 5, seconds(400)
		}
		cfg.Output.Counters = counters
		m := result.NewMemory(0, 0)
		require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
		return m.Run()
	}
	with, without := run(true), run(false)
	rows := counterRows(with)
	require.NotEmpty(t, rows)
	require.Equal(t, without.Summary.Fingerprint, with.Summary.Fingerprint)
	var rest []result.Metric
	for _, m := range with.Summary.Metrics {
		if m.Metric != "counter" {
			rest = append(rest, m)
		}
	}
	with.Summary.Metrics = rest
	require.Greater(t, with.Summary.Events, without.Summary.Events, "the looks themselves")
	with.Summary.Events = without.Summary.Events
	require.Equal(t, without, with)
}
