package plots

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

// edgeSweep makes a study of two settings of an edge behind a hub, with queues of three minutes.
func edgeSweep(path string, hub, edge []float64) *result.Study {
	s := &result.Study{
		File: result.File{Scenario: "s", Replications: 1, DurationNS: int64(3 * time.Minute), Axes: []result.Axis{{Path: path, Values: []any{"1/s", "6/s"}}}},
		Topology: result.Topology{
			Sites:   []result.TopologySite{{Name: "A"}},
			Servers: []result.TopologyServer{{Name: "h1", Site: "A", Role: "hub"}, {Name: "e1", Site: "A", Role: "edge"}},
		},
	}
	for point := range 2 {
		s.File.Points = append(s.File.Points, result.Point{Set: map[string]any{path: s.File.Axes[0].Values[point]}})
		s.Series = append(s.Series,
			seriesOf(point, 0, "server.queue_length", "server=h1,class=all,state=all", hub...),
			seriesOf(point, 0, "server.queue_length", "server=e1,class=all,state=all", edge...),
			seriesOf(point, 0, "throughput", "server=h1", 6, 6, 6),
			seriesOf(point, 0, "throughput", "server=e1", 6, 6, 6),
			seriesOf(point, 0, "delivery.rate", "site=all", 5, 5, 5),
		)
	}
	return s
}

func TestABacklogOnOtherServersHasAChart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hub, edge []float64
		more      bool
	}{
		"it waits on the hub":                     {[]float64{0, 500, 0}, []float64{0, 20, 0}, true},
		"a quarter more":                          {[]float64{0, 25, 0}, []float64{0, 100, 0}, true},
		"less than a quarter more":                {[]float64{0, 24, 0}, []float64{0, 100, 0}, false},
		"the hub's peak does not add to the edge": {[]float64{90, 0, 0}, []float64{0, 100, 0}, false},
		"a handful":                               {[]float64{0, 8, 0}, []float64{0, 1, 0}, false},
		"nothing on the edge":                     {[]float64{0, 10, 0}, []float64{0, 0, 0}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := chartsOf(t, edgeSweep("edge.*.connection_threshold", c.hub, c.edge))
			if !c.more {
				require.NotContains(t, f, "queue-all")
				require.NotContains(t, f["queue"].Caption, "queue-all")
				return
			}
			require.Contains(t, f["queue"].Caption, "queue-all")
			require.Equal(t, "Messages queued on all servers", f["queue-all"].Title)
			require.InDelta(t, c.hub[1]+c.edge[1], f["queue-all"].Panels[0].Lines[0].Y[1], 1e-9)
			require.Equal(t, f["queue"].Legend[1].Style, f["queue-all"].Legend[1].Style, "the same colours")
		})
	}
	require.NotContains(t, chartsOf(t, edgeSweep("load.out.rate", []float64{0, 500, 0}, []float64{0, 20, 0})), "queue-all", "queue shows all")
}

// A message that passes a hub and an edge is one delivery, not two.
func TestThroughputIsNotAddedUpOverHops(t *testing.T) {
	t.Parallel()
	queue := []float64{0, 0, 0}
	s := edgeSweep("load.out.rate", queue, queue)
	f := chartsOf(t, s)["throughput"]
	require.Equal(t, "Deliveries per second", f.Title)
	require.Equal(t, []float64{5, 5, 5}, f.Panels[0].Lines[0].Y)
	require.Len(t, f.Legend, 2)

	f = chartsOf(t, edgeSweep("edge.*.connection_threshold", queue, queue))["throughput"]
	require.Equal(t, "Messages per second through e1", f.Title, "a sweep about servers shows these")
	require.Equal(t, []float64{6, 6, 6}, f.Panels[0].Lines[0].Y)

	s.File.Axes, s.File.Points = nil, s.File.Points[:1]
	s.Series = slices.DeleteFunc(s.Series, func(p result.PointSeries) bool { return p.Point > 0 })
	require.Equal(t, "Messages per second through each server", chartsOf(t, s)["throughput"].Title, "nothing is added up")
	for i := range 6 {
		name := fmt.Sprintf("h%d", i+2)
		s.Topology.Servers = append(s.Topology.Servers, result.TopologyServer{Name: name, Site: "B", Role: "hub"})
		s.Series = append(s.Series, seriesOf(0, 0, "throughput", "server="+name, 1, 1, 1))
	}
	f = chartsOf(t, s)["throughput"]
	require.Equal(t, "Deliveries per second", f.Title)
	require.Empty(t, f.Legend)
}

func TestUnitsOfSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path   string
		values []any
		label  string
	}{
		{"load.out.rate", []any{"1/s", "6/s"}, "out: rate (load.out.rate, in 1/s)"},
		{"hub.*.retry.glitch_interval", []any{"30s", "60s"}, "Glitch interval (hub.*.retry.glitch_interval, in s)"},
		{"link.w.bandwidth", []any{"2 Mbit/s", "10Mbit/s"}, "w: bandwidth (link.w.bandwidth, in Mbit/s)"},
		{"load.out.size", []any{"500KB", "1MB"}, "out: size (load.out.size)"},
		{"a.*.b", []any{"1h30m", "2h"}, "B (a.*.b)"},
		{"a.*.b", []any{int64(1), 2.5}, "B (a.*.b)"},
		{"a.*.b", []any{"both", "to"}, "B (a.*.b)"},
		{"edge.*.connection_threshold", []any{int64(1)}, "Connection threshold (messages queued per connection)"},
	} {
		require.Equal(t, c.label, settingAxis(result.Axis{Path: c.path, Values: c.values}))
	}
	x := chartsOf(t, edgeSweep("load.out.rate", []float64{1}, []float64{1}))["delay"]
	require.NotNil(t, x)
	v, unit, ok := measured("2.5 Mbit/s")
	require.True(t, ok)
	require.Equal(t, "Mbit/s", unit)
	require.InDelta(t, 2.5, v, 0)
}

func TestDelayTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, most float64
		labels      []string
	}{
		{0.05, 700, []string{"0.1 s", "1 s", "10 s", "1 min", "10 min"}},
		{1, 100, []string{"1 s", "2 s", "5 s", "10 s", "20 s", "1 min", "2 min"}},
		{0.001, 90000, []string{"1 ms", "10 ms", "0.1 s", "1 s", "10 s", "1 min", "10 min", "1 h", "10 h", "1 day"}},
		{1e-9, 1, nil},
	} {
		ticks, lo, hi := delayTicks(c.least, c.most)
		require.LessOrEqual(t, lo, c.least*(1+1e-9))
		require.GreaterOrEqual(t, hi, c.most*(1-1e-9))
		var labels []string
		for i, tick := range ticks {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
			if i > 0 {
				require.Greater(t, tick.Value, ticks[i-1].Value)
			}
		}
		if c.labels != nil {
			require.Equal(t, c.labels, labels)
		}
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	y := []float64{0, 1, 1, 0, math.NaN(), 2, 3, 3, 1}
	require.Equal(t, []int{2, 3, 7}, turns(y, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}))
	require.Empty(t, turns([]float64{1, 1, 2, 3}, []int{0, 1, 2, 3}))
}
