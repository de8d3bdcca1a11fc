package plots

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// chartsOf returns the charts of a study by stem.
func chartsOf(t *testing.T, s *result.Study) map[string]*Figure {
	t.Helper()
	figures, err := Charts(s)
	require.NoError(t, err)
	byStem := map[string]*Figure{}
	for i := range figures {
		require.NotContains(t, byStem, figures[i].Stem)
		byStem[figures[i].Stem] = &figures[i]
	}
	return byStem
}

func TestChartsOfASweep(t *testing.T) {
	t.Parallel()
	s := cook(recipe{[]int64{2, 5, 10, 20, 40}, 5, 1, 48, 5 * time.Minute})
	f := chartsOf(t, s)
	require.Len(t, f, 5)
	require.Equal(t, "Messages queued on all servers", f["queue-all"].Title, "more waits on the hubs")
	require.Contains(t, f["queue"].Caption, "More messages wait on other servers")
	require.Equal(t, "Messages queued on the edges", f["queue"].Title)
	require.Equal(t, "Messages per second through the edges", f["throughput"].Title)
	require.Equal(t, "Open connections of the edges", f["connections"].Title)
	require.Equal(t, "Delivery delay against connection threshold", f["delay"].Title)
	names := []string{"2", "5", "10", "20", "40"}
	for _, stem := range []string{"queue", "throughput", "connections"} {
		require.Equal(t, "mean of 5 replications", f[stem].Key.Line)
		require.Equal(t, "95 % interval of the mean", f[stem].Key.Interval)
		require.Equal(t, []Window{{4800, 6000, "Tokyo-edge2 down"}}, f[stem].Windows)
		require.Equal(t, []Mark{{6000, "service started by hand on Tokyo-edge2"}}, f[stem].Marks)
		var lines []Line
		for _, p := range f[stem].Panels {
			lines = append(lines, p.Lines...)
		}
		require.Len(t, lines, 5, "a line a setting, in one panel or each in its own")
		for i, l := range lines {
			require.Equal(t, names[i], l.Name)
			require.Equal(t, i, l.Style, "the same colours in every chart")
			require.Len(t, l.Y, 48)
			require.Len(t, l.Interval.Lo, 48)
		}
	}
	require.Len(t, f["queue"].Panels, 1)
	require.Equal(t, "Connection threshold", f["queue"].LegendTitle)
	for i, e := range f["queue"].Legend {
		require.Equal(t, names[i], e.Name)
		require.Equal(t, i, e.Style)
	}
	require.Equal(t, "5–95 % range of replications", f["queue"].Key.Range)
	dots := f["delay"].Panels[0].Dots
	require.Equal(t, []float64{2, 5, 10, 20, 40}, dots[0].At)
	require.Equal(t, []int{0, 1, 2, 3, 4}, dots[0].Styles, "the colours of the settings")
	require.Equal(t, "95th percentile", dots[1].Name)
	require.Contains(t, f["delay"].Y.Label, "(log scale)")
	require.Equal(t, Delay, f["delay"].Y.Kind, "in seconds, each tick in its own unit")
	for i := range dots[1].Value {
		require.InEpsilon(t, *s.File.Points[i].Metrics[0].Stats["p95"].Hi, dots[1].Hi[i], 1e-12)
	}
}

func TestChartsWithoutASweep(t *testing.T) {
	t.Parallel()
	t.Run("few servers: a line each", func(t *testing.T) {
		t.Parallel()
		f := chartsOf(t, cook(recipe{nil, 1, 1, 48, 5 * time.Minute}))
		require.Equal(t, "Messages queued on each server", f["queue"].Title)
		require.Equal(t, []Entry{{Name: "Tokyo-hub1", Style: 0}, {Name: "Tokyo-edge1", Style: 1}, {Name: "Tokyo-edge2", Style: 2}}, f["throughput"].Legend)
		require.Empty(t, f["queue"].Panels[0].Lines[0].Interval.Lo, "one replication has no interval")
		require.Contains(t, f["queue"].Subtitle[1], "One replication, so no interval")
		require.Equal(t, "Delivery delay", f["delay"].Title)
	})
	t.Run("many servers: a panel a site", func(t *testing.T) {
		t.Parallel()
		f := chartsOf(t, cook(recipe{nil, 5, 11, 48, 5 * time.Minute}))
		require.Equal(t, "Messages queued at each site", f["queue"].Title)
		require.Len(t, f["queue"].Panels, 11)
		require.Equal(t, "Tokyo", f["queue"].Panels[0].Title)
		require.Empty(t, f["queue"].Legend)
		require.Equal(t, "Delivery delay by receiving site", f["delay"].Title)
		require.Len(t, f["delay"].Y.Names, 12, "eleven sites and all mail")
		require.Equal(t, "all mail", f["delay"].Y.Names[0], "at the bottom")
	})
	t.Run("more sites than panels: the busiest", func(t *testing.T) {
		t.Parallel()
		f := chartsOf(t, cook(recipe{nil, 5, 40, 48, 5 * time.Minute}))
		require.Len(t, f["queue"].Panels, maxPanels)
		require.Contains(t, f["queue"].Caption, "16 of 40 sites are shown: those with the highest peaks.")
		require.Len(t, f["delay"].Y.Names, 2*maxPanels)
	})
}

func TestChartsBySiteOfASweep(t *testing.T) {
	t.Parallel()
	f := chartsOf(t, cook(recipe{[]int64{5, 10}, 3, 11, 48, 5 * time.Minute}))
	sites := f["queue-sites"]
	require.NotNil(t, sites)
	require.Len(t, sites.Panels, 11)
	require.Len(t, sites.Panels[3].Lines, 2)
	require.Equal(t, "Messages queued on all servers", f["queue"].Title, "the sweep changes edges, and there are none")
	require.Contains(t, sites.Subtitle[1], "an interval of the mean needs 5")
	require.Empty(t, sites.Panels[0].Lines[0].Interval.Lo)
	require.NotEmpty(t, sites.Panels[0].Lines[0].Range.Lo)

	few := chartsOf(t, cook(recipe{[]int64{5, 10}, 3, 3, 48, 5 * time.Minute}))
	require.NotContains(t, few, "queue-sites")
}

// seriesOf makes a series with a sample a minute.
func seriesOf(point, rep int, metric string, labels string, mean ...float64) result.PointSeries {
	var times []simtime.Time
	for i := range mean {
		times = append(times, simtime.Time(time.Duration(i+1)*time.Minute))
	}
	return result.PointSeries{Point: point, Replication: rep, Series: result.Series{
		Metric: metric, Labels: result.ParseLabels(labels), Times: times, Mean: mean,
	}}
}

func TestQueueAddsUpTheSweptServersDeliveryQueues(t *testing.T) {
	t.Parallel()
	axis := result.Axis{Path: "edge.e*.connection_threshold", Values: []any{int64(5), int64(10)}}
	s := &result.Study{
		File: result.File{Scenario: "s", Replications: 2, DurationNS: int64(3 * time.Minute), Axes: []result.Axis{axis}, Points: []result.Point{
			{Set: map[string]any{axis.Path: int64(5)}}, {Set: map[string]any{axis.Path: int64(10)}},
		}},
		Topology: result.Topology{Servers: []result.TopologyServer{
			{Name: "h1", Role: "hub"}, {Name: "e1", Role: "edge"}, {Name: "e2", Role: "edge"}, {Name: "x1", Role: "edge"},
		}},
		Series: []result.PointSeries{
			seriesOf(0, 0, "server.queue_length", "server=e1,class=all,state=all", 1, 2, 3),
			seriesOf(0, 0, "server.queue_length", "server=e2,class=all,state=all", 10, 20, 30),
			seriesOf(0, 0, "server.queue_length", "server=e2,class=unreachable,state=all", 100, 200, 300),
			seriesOf(0, 1, "server.queue_length", "server=e1,class=all,state=all", 3, 4, math.NaN()),
			seriesOf(1, 0, "server.queue_length", "server=e1,class=all,state=all", 7, 8),
			// None of these counts.
			seriesOf(0, 0, "server.queue_length", "server=e1,class=smtp_connector,state=all", 1e6, 1e6, 1e6),
			seriesOf(0, 0, "server.queue_length", "server=e1,class=all,state=retry", 1e6, 1e6, 1e6),
			seriesOf(0, 0, "server.queue_length", "server=h1,class=all,state=all", 1e6, 1e6, 1e6),
			seriesOf(0, 0, "server.queue_length", "server=x1,class=all,state=all", 1e6, 1e6, 1e6),
			seriesOf(0, 0, "queue.length", "server=e1,next_hop=x,delivery_type=y,connector=z", 1e6, 1e6, 1e6),
		},
	}
	f := chartsOf(t, s)["queue"]
	require.Equal(t, "Messages queued on the servers e*", f.Title)
	require.Len(t, f.Panels[0].Lines, 2)
	first, second := f.Panels[0].Lines[0], f.Panels[0].Lines[1]
	require.Equal(t, []float64{60, 120, 180}, first.X)
	require.Equal(t, []float64{(111 + 3) / 2.0, (222 + 4) / 2.0, 333}, first.Y, "servers and classes are added up, then replications averaged")
	require.Equal(t, []float64{3, 4}, first.Range.Lo[:2])
	require.Equal(t, []float64{111, 222}, first.Range.Hi[:2])
	require.Equal(t, []float64{7, 8}, second.Y[:2])
	require.True(t, math.IsNaN(second.Y[2]), "a series that ends early leaves a gap")
}

func TestFaultLabels(t *testing.T) {
	t.Parallel()
	end := int64(3 * time.Minute)
	s := &result.Study{File: result.File{DurationNS: int64(2 * time.Minute), WarmupNS: int64(time.Minute)}}
	s.Topology.Faults = []result.TopologyFault{
		{Kind: "set_time", Label: "set_time a_b", Remedy: true, StartNS: 1e9, EndNS: &end},
		{Kind: "link_down", Target: "A_B", StartNS: 2e9, EndNS: &end},
		{Kind: "host_down", Label: "e2 down", StartNS: 3e9},
		{Kind: "host_down", Label: "after the end", StartNS: end},
	}
	f := overTime(s, "queue", "", "")
	require.Equal(t, []Mark{{1, "set time a_b"}, {60, "end of warm-up"}}, f.Marks)
	require.Equal(t, []Window{{2, 120, "link down A_B"}, {3, 120, "e2 down"}}, f.Windows, "one that lasts ends with the run")
}

func TestSweptServers(t *testing.T) {
	t.Parallel()
	servers := []result.TopologyServer{{Name: "h1", Role: "hub"}, {Name: "h2", Role: "hub"}, {Name: "e1", Role: "edge"}, {Name: "e2", Role: "edge"}, {Name: "e3", Role: "edge"}}
	data := []string{"h1", "h2", "e1", "e2"}
	for _, c := range []struct {
		paths   []string
		noun    string
		servers []string
	}{
		{[]string{"edge.*.connection_threshold"}, "the edges", []string{"e1", "e2"}},
		{[]string{"defaults.edge.connection_threshold"}, "the edges", []string{"e1", "e2"}},
		{[]string{"edge.e2.connection_threshold"}, "e2", []string{"e2"}},
		{[]string{"edge.e?.receive.tarpit"}, "all servers", nil},
		{[]string{"hub.*.x", "edge.*.x"}, "the hubs and the edges", []string{"h1", "h2", "e1", "e2"}},
		{[]string{"edge.e3.x"}, "all servers", nil},
		{[]string{"mailbox.*.x"}, "all servers", nil},
		{[]string{"load[0].rate"}, "all servers", nil},
		{[]string{"edge.[.x"}, "all servers", nil},
		{nil, "all servers", nil},
	} {
		s := &result.Study{Topology: result.Topology{Servers: servers}}
		for _, p := range c.paths {
			s.File.Axes = append(s.File.Axes, result.Axis{Path: p})
		}
		got := sweptServers(s, data)
		require.Equal(t, c.noun, got.noun, "%v", c.paths)
		require.Equal(t, c.servers, got.servers, "%v", c.paths)
	}
}

func TestDelayUnitsAndScales(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		factor float64
		unit   string
	}{{0.001, "(ms)"}, {1, "(s)"}, {60, "(min)"}, {3600, "(h)"}, {86400, "(days)"}} {
		s := cook(recipe{[]int64{5, 6}, 5, 1, 4, time.Minute})
		for i := range s.File.Points {
			for stat, e := range s.File.Points[i].Metrics[0].Stats {
				mean, lo, hi := *e.Mean*c.factor, *e.Lo*c.factor, *e.Hi*c.factor
				s.File.Points[i].Metrics[0].Stats[stat] = result.Estimate{Mean: &mean, Lo: &lo, Hi: &hi}
			}
		}
		f := chartsOf(t, s)["delay"]
		require.Contains(t, f.Y.Label, c.unit)
		e := s.File.Points[1].Metrics[0].Stats["p95"]
		seconds := map[string]float64{"(ms)": 0.001, "(s)": 1, "(min)": 60, "(h)": 3600, "(days)": 86400}[c.unit]
		require.InEpsilon(t, *e.Mean, f.Panels[0].Dots[1].Value[1]*seconds, 1e-12)
		require.InEpsilon(t, *e.Lo, f.Panels[0].Dots[1].Lo[1]*seconds, 1e-12)
		require.False(t, f.X.Log)
	}
	f := chartsOf(t, cook(recipe{[]int64{1, 10, 400}, 5, 1, 4, time.Minute}))["delay"]
	require.True(t, f.X.Log && f.Y.Log, "wide ranges are logarithmic, and say so")
	require.Contains(t, f.X.Label, "log scale")
	require.Contains(t, f.Y.Label, "log scale")
}

func TestDelaysOfZeroAreDrawn(t *testing.T) {
	t.Parallel()
	all := variants()
	f := chartsOf(t, all[slices.IndexFunc(all, func(v variant) bool { return v.name == "nothing but zeros" })].study)["delay"]
	require.Empty(t, f.Panels[0].Note)
	require.Equal(t, []float64{0, 0, 0}, f.Panels[0].Dots[0].Value)
	require.False(t, f.Y.Log)
}

func TestDelayWithTwoAxesHasAPanelForEachOther(t *testing.T) {
	t.Parallel()
	all := variants()
	s := all[slices.IndexFunc(all, func(v variant) bool { return v.name == "two axes" })].study
	f := chartsOf(t, s)["delay"]
	require.Len(t, f.Panels, 2)
	require.Equal(t, "kind = poisson", f.Panels[0].Title)
	require.Equal(t, []float64{5, 10}, f.Panels[0].Dots[0].At)
	require.Equal(t, []float64{5}, f.Panels[1].Dots[0].At)
	require.Equal(t, []int{2}, f.Panels[1].Dots[0].Styles)
}

func TestLinksHaveALineADirectionInPercent(t *testing.T) {
	t.Parallel()
	s := &result.Study{
		File: result.File{Scenario: "s", Replications: 1, DurationNS: int64(2 * time.Minute), Points: []result.Point{{}}},
		Series: []result.PointSeries{
			seriesOf(0, 0, "link.utilisation", "link=A-B,direction=up", 0.25, 1),
			seriesOf(0, 0, "link.utilisation", "link=A-B,direction=down", 0, 0.5),
			seriesOf(0, 0, "link.utilisation", "link=B-C,direction=up", 0.1, 1.0000001),
		},
	}
	f := chartsOf(t, s)["links"]
	require.NotNil(t, f)
	require.Len(t, f.Panels, 2)
	require.Equal(t, "A-B", f.Panels[0].Title)
	require.Equal(t, []float64{25, 100}, f.Panels[0].Lines[0].Y)
	require.Equal(t, []float64{0, 50}, f.Panels[0].Lines[1].Y)
	require.Equal(t, []float64{10, 100}, f.Panels[1].Lines[0].Y)
	require.Equal(t, []Entry{{Name: "up", Style: 0}, {Name: "down", Style: 1}}, f.Legend)
	require.InDelta(t, 100, f.Y.Max, 0)
	require.Contains(t, f.Caption, "Up is from the site that stands first in the scenario")

	s.Topology = result.Topology{
		Sites: []result.TopologySite{{Name: "A"}, {Name: "B"}, {Name: "C"}},
		Links: []result.TopologyLink{{Name: "A-B", Sites: []string{"B", "A"}}, {Name: "B-C", Sites: []string{"B", "C"}}},
	}
	f = chartsOf(t, s)["links"]
	require.Equal(t, "up: A → B", f.Panels[0].Remark, "from the site that the scenario declares first, whatever the link says")
	require.Equal(t, "up: B → C", f.Panels[1].Remark)
	require.NotContains(t, f.Caption, "Up is from")
	s.Topology.Links[1].Sites = []string{"A", "B", "C"}
	f = chartsOf(t, s)["links"]
	require.Empty(t, f.Panels[1].Remark)
	require.Contains(t, f.Caption, "Up is from")
	s.Series = s.Series[:2]
	f = chartsOf(t, s)["links"]
	require.Equal(t, []Entry{{Name: "A → B", Style: 0}, {Name: "B → A", Style: 1}}, f.Legend, "one link needs no words")
	require.Equal(t, "Utilisation of link A-B", f.Title)
	require.Empty(t, f.Panels[0].Title, "labels of faults stand above a single panel")

	for i := range s.Series {
		clear(s.Series[i].Mean)
	}
	require.NotContains(t, chartsOf(t, s), "links", "nothing has crossed it")
	s.Series = nil
	require.NotContains(t, chartsOf(t, s), "links")
}

func TestEmptyStudiesExplainThemselves(t *testing.T) {
	t.Parallel()
	s := cook(recipe{[]int64{5, 10}, 5, 1, 4, time.Minute})
	s.Series = nil
	s.File.Points[0].Metrics, s.File.Points[1].Metrics = nil, nil
	f := chartsOf(t, s)
	require.Contains(t, f["queue"].Panels[0].Note, "were not recorded")
	require.Contains(t, f["throughput"].Panels[0].Note, "output.series")
	require.Contains(t, f["delay"].Panels[0].Note, "no delivery delays")
}

func TestChartsRefuseDamagedStudies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*result.Study)
		want   string
	}{
		"no points":                 {func(s *result.Study) { s.File.Points = nil }, "no sweep points"},
		"a point too many":          {func(s *result.Study) { s.Series[0].Point = 2 }, "the study has 2 sweep points"},
		"a point below zero":        {func(s *result.Study) { s.Series[0].Point = -1 }, "of point -1"},
		"a replication too many":    {func(s *result.Study) { s.Series[0].Replication = 5 }, "the study has 5 replications"},
		"fewer means than times":    {func(s *result.Study) { s.Series[0].Mean = s.Series[0].Mean[:1] }, "4 times but 1 means"},
		"times that are not sorted": {func(s *result.Study) { s.Series[0].Times = []simtime.Time{3, 2, 1, 0} }, "not ascending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cook(recipe{[]int64{5, 10}, 5, 4, 4, time.Minute})
			c.change(s)
			_, err := Charts(s)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := Charts(nil)
	require.Error(t, err)
}
