package plots

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

func TestOverlap(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	line := func(y ...float64) Line { return Line{Y: y} }
	for _, c := range []struct {
		name  string
		lines []Line
		want  float64
	}{
		{"apart", []Line{line(10, 20, 30), line(50, 60, 100)}, 0},
		{"on each other", []Line{line(10, 20, 100), line(11, 21, 99)}, 1},
		{"half the time", []Line{line(10, 20, 100, 50), line(10, 90, 98, 60)}, 0.5},
		{"one of three apart", []Line{line(100), line(99), line(50)}, 2.0 / 3},
		{"resting at zero hides nothing", []Line{line(0, 0, 1, 100), line(0, 0, 0, 50)}, 0},
		{"gaps do not count", []Line{line(nan, 100), line(100, nan)}, 0},
		{"one line", []Line{line(1, 2)}, 0},
		{"nothing but zeros", []Line{line(0), line(0)}, 0},
		{"no lines", nil, 0},
	} {
		require.InDelta(t, c.want, overlap(c.lines), 1e-12, c.name)
	}
}

// settingsStudy is a sweep with a throughput series of ten samples for each setting and five replications.
func settingsStudy(value func(point, rep, sample int) float64, settings int) *result.Study {
	axis := result.Axis{Path: "edge.*.connection_threshold"}
	s := &result.Study{File: result.File{Scenario: "s", Replications: 5, DurationNS: int64(10 * time.Minute), SampleNS: int64(time.Minute)}}
	for point := range settings {
		axis.Values = append(axis.Values, int64(point))
		s.File.Points = append(s.File.Points, result.Point{Set: map[string]any{axis.Path: int64(point)}})
		for rep := range 5 {
			var mean []float64
			for i := range 10 {
				mean = append(mean, value(point, rep, i))
			}
			s.Series = append(s.Series, seriesOf(point, rep, "throughput", "server=e1", mean...))
		}
	}
	s.File.Axes = []result.Axis{axis}
	s.Topology.Servers = []result.TopologyServer{{Name: "e1", Role: "edge"}}
	return s
}

// Lines that lie on each other get a panel each, with the others in grey behind them.
func TestLinesThatOverlapGetPanels(t *testing.T) {
	t.Parallel()
	f := chartsOf(t, settingsStudy(func(point, rep, i int) float64 { return 100 + float64(i+rep) + float64(point)/10 }, 5))["throughput"]
	require.Len(t, f.Panels, 5)
	require.Empty(t, f.Legend, "titles name the settings")
	for i, p := range f.Panels {
		require.Equal(t, "Connection threshold = "+strconv.Itoa(i), p.Title)
		require.Len(t, p.Lines, 1)
		require.Equal(t, i, p.Lines[0].Style)
		require.NotEmpty(t, p.Lines[0].Range.Lo, "alone, a line has room for both bands")
		require.Len(t, p.Context, 4)
		for _, c := range p.Context {
			require.NotEqual(t, p.Lines[0].Name, c.Name)
			require.Empty(t, c.Interval.Lo)
			require.Empty(t, c.Range.Lo)
		}
	}
	require.Equal(t, "the other settings", f.Key.Context)
	require.Contains(t, f.Subtitle[1], "grey: the other settings")
	require.Contains(t, svgOf(t, f), "stroke:#B4B4B4")
}

// Lines that lie on each other for a part of the time stay together, without their light bands.
func TestLinesThatOverlapSomewhatLoseTheirRanges(t *testing.T) {
	t.Parallel()
	some := func(point, rep, i int) float64 {
		if i < 4 {
			return 100 + float64(rep)/10
		}
		return 20*float64(point+1) + float64(rep)/10
	}
	f := chartsOf(t, settingsStudy(some, 3))["throughput"]
	require.Len(t, f.Panels, 1)
	require.Len(t, f.Legend, 3)
	for _, l := range f.Panels[0].Lines {
		require.NotEmpty(t, l.Interval.Lo)
		require.Empty(t, l.Range.Lo)
	}
	require.Equal(t, Key{Line: "mean of 5 replications", Interval: "95 % interval of the mean"}, f.Key)
	require.Equal(t, "Line: mean of 5 replications · band: 95 % interval of the mean · 1 min averages", f.Subtitle[1])

	apart := chartsOf(t, settingsStudy(func(point, rep, i int) float64 { return 20*float64(point+1) + float64(rep)/10 }, 3))["throughput"]
	require.NotEmpty(t, apart.Panels[0].Lines[0].Range.Lo)
	require.Contains(t, apart.Subtitle[1], "light band")
}

func TestTwoLinesShareAPanel(t *testing.T) {
	t.Parallel()
	f := chartsOf(t, settingsStudy(func(_, rep, i int) float64 { return 100 + float64(rep) }, 2))["throughput"]
	require.Len(t, f.Panels, 1, "a dashed line shows on a whole one")
}

// Long series of rates are drawn as averages, those of queues are not: their peaks matter.
func TestRatesAreAveragedAndQueuesAreNot(t *testing.T) {
	t.Parallel()
	s := cook(recipe{[]int64{2, 40}, 5, 1, 600, 15 * time.Second})
	f := chartsOf(t, s)
	require.Len(t, f["queue"].Panels[0].Lines[0].Y, 600)
	require.Contains(t, f["queue"].Subtitle[1], "15 s averages")
	require.NotContains(t, f["queue"].Caption, "flatten")
	for _, stem := range []string{"throughput", "connections"} {
		require.Len(t, f[stem].Panels[0].Lines[0].Y, 150)
		require.Contains(t, f[stem].Subtitle[1], "1 min averages")
		require.Contains(t, f[stem].Caption, "Averages over 1 min flatten what is shorter.")
	}
}

// SA-11: what is said of a whole curve is said of each replication's maximum, with its interval.
func TestSA11_PeaksInTheLegend(t *testing.T) {
	t.Parallel()
	s := settingsStudy(func(point, rep, i int) float64 {
		if i == rep { // each replication peaks at another time, so the peak of the mean curve is far lower
			return float64(100*(point+1) + 10*rep)
		}
		return 0
	}, 2)
	for i := range s.Series {
		s.Series[i].Metric, s.Series[i].Labels = "server.queue_length", result.ParseLabels("server=e1,class=all,state=all")
	}
	f := chartsOf(t, s)["queue"]
	require.Equal(t, "peak 120 ± 20", f.Legend[0].Note, "t(4) = 2.776 times 15.811 over the root of 5 is 19.6")
	require.Equal(t, "peak 220 ± 20", f.Legend[1].Note)
	require.Equal(t, "Peak: the highest 1 min average of each replication, its mean over the 5 and half of the 95 % interval of that mean.", f.Caption)
	require.Contains(t, svgOf(t, f), "(peak 120 ± 20)")
}

func TestNumbersWithTheirIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mean, half float64
		want       string
	}{
		{471.7, 3.55, "472 ± 4"},
		{6.671, 0.081, "6.67 ± 0.08"},
		{11.52, 0.13, "11.5 ± 0.1"},
		{46224, 176.4, "46224 ± 176"},
		{12.04, 0.96, "12 ± 1"},
		{40, 0, "40 ± 0"},
		{0.0142, 0.0002, "0.014 ± 0.001"},
		{-3.2, 1.1, "−3 ± 1"},
	} {
		require.Equal(t, c.want, withInterval(c.mean, c.half))
	}
	for v, want := range map[float64]string{3610.816: "3611", 29.12: "29.1", 9.999: "10", 1.234: "1.23", 0.0494: "0.049", 0: "0"} {
		require.Equal(t, want, threeDigits(v))
	}
}

// A result that holds the series of queues only still has its charts of queues and connections.
func TestQueuesStandInForTheirServers(t *testing.T) {
	t.Parallel()
	s := &result.Study{
		File: result.File{Scenario: "s", Replications: 1, DurationNS: int64(2 * time.Minute), Points: []result.Point{{}}},
		Series: []result.PointSeries{
			seriesOf(0, 0, "queue.length", "server=a,next_hop=x,delivery_type=y,connector=", 1, 2),
			seriesOf(0, 0, "queue.length", "server=a,next_hop=z,delivery_type=y,connector=", 10, 20),
			seriesOf(0, 0, "queue.length", "server=b,next_hop=x,delivery_type=y,connector=", 5, 6),
			seriesOf(0, 0, "queue.connections", "server=b,next_hop=x,delivery_type=y,connector=", 3, 4),
		},
	}
	f := chartsOf(t, s)
	require.Equal(t, "Messages queued on each server", f["queue"].Title)
	require.Equal(t, []float64{11, 22}, f["queue"].Panels[0].Lines[0].Y)
	require.Equal(t, []float64{5, 6}, f["queue"].Panels[0].Lines[1].Y)
	require.Equal(t, "Open connections of b", f["connections"].Title)
	require.Contains(t, f["throughput"].Panels[0].Note, "were not recorded")
	_, height := f["throughput"].size()
	require.Equal(t, emptyHeight, height, "a chart without data takes little room")
}

func TestSettingNames(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"edge.*.connection_threshold":        "Connection threshold",
		"defaults.edge.connection_threshold": "Connection threshold",
		"fault.lag.enabled":                  "lag: enabled",
		"edge.e2.connection_threshold":       "e2: connection threshold",
		"edge.e*.connection_threshold":       "Connection threshold",
		"load[0].rate":                       "Rate",
		"seed":                               "Seed",
		"x.":                                 "x.",
	} {
		require.Equal(t, want, settingName(path), path)
	}
	style := typeStyle(textSize, ink)
	cut := fitSetting("max per domain outbound connections = 25", style, 90)
	require.Regexp(t, `^max per .*… = 25$`, cut, "the value is never cut")
	require.LessOrEqual(t, style.Width(cut), 90.0+1e-9)
}

// An interval that goes on beyond a logarithmic axis has no end there.
func TestIntervalsBeyondTheAxisHaveNoEnd(t *testing.T) {
	t.Parallel()
	ends := func(lo float64) int {
		f := Figure{
			X:      Axis{Kind: Names, Names: []string{"a"}},
			Y:      Axis{Log: true, Min: 1, Max: 1000},
			Panels: []Panel{{Dots: []Dots{{At: []float64{0}, Value: []float64{50}, Lo: []float64{lo}, Hi: []float64{60}, Styles: []int{0}}}}},
		}
		return strings.Count(svgOf(t, &f), "stroke:#0072B2")
	}
	require.Equal(t, 3, ends(40), "a bar with two ends")
	require.Equal(t, 2, ends(-10), "a bar with one end")
}

// A number and its interval stand on one line where that is wide enough, and are not cut where it is not.
func TestNumbersStayOnOneLine(t *testing.T) {
	t.Parallel()
	style := HouseLooks().Text
	width := style.Width("tyo-hub1 (peak 0.111 ±")
	require.Equal(t, []string{"tyo-hub1 (peak", "0.111 ± 0.003)"}, wrap("tyo-hub1 (peak 0.111 ± 0.003)", style, width))
	require.Equal(t, []string{"the middle 95 %", "of all"}, wrap("the middle 95 % of all", style, style.Width("the middle 95 %")))
	require.Equal(t, []string{"0.111 ±", "0.003)"}, wrap("0.111 ± 0.003)", style, style.Width("0.111 ±")))
}
