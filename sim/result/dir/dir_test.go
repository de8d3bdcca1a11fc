package dir

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func ptr[T any](v T) *T { return &v }

// small is a study with something of everything: two points, two replications, a queue that only one replication has.
func small() (runs []*result.Run, study result.Study) {
	second := simtime.Time(time.Second)
	for point := range 2 {
		for rep := range 2 {
			m := result.NewMemory(point, rep)
			_ = m.Event(result.Event{Time: 90 * second, Server: "hub1", Kind: "queue.retry", ID: 1035, Text: `queue "B" <waits> & retries`,
				Fields: []result.Field{{Key: "queue", Value: "B"}, {Key: "retry", Value: int64(2)}, {Key: "share", Value: 0.1}, {Key: "up", Value: false}}})
			_ = m.Event(result.Event{Time: 3723 * second, Kind: "fault", Text: "edge lost"})
			_ = m.Series(result.Series{Metric: "queue.length", Labels: result.Labels{{Key: "server", Value: "hub1"}, {Key: "next_hop", Value: "B"}},
				Times: []simtime.Time{10 * second, 20 * second}, Mean: []float64{1.5, float64(point)}, Max: []float64{3, 4}, Last: []float64{2, float64(rep)}})
			if rep == 1 {
				_ = m.Series(result.Series{Metric: "server.connections", Labels: result.Labels{{Key: "server", Value: "hub1"}},
					Times: []simtime.Time{10*second + 1}, Mean: []float64{1.0 / 3}, Max: []float64{1e300}, Last: []float64{5e-324}})
			}
			_ = m.End(result.Summary{Histograms: []result.Histogram{{Metric: "delivery.delay", Labels: result.Labels{{Key: "from", Value: "A"}, {Key: "to", Value: "B"}},
				Lower: []int64{0, 1_000_000}, Upper: []int64{999, 1_000_999}, Counts: []int64{7, 1}}}})
			runs = append(runs, m.Run())
		}
	}
	study.File = result.File{
		Format: result.FormatVersion, Program: "v1", Scenario: "small", Hash: "00ff", Start: "2026-03-02T08:00:00+09:00",
		DurationNS: 14_400_000_000_000, SampleNS: 10_000_000_000, Seed: 42, Replications: 2, IdentitiesHold: true,
		Axes: []result.Axis{{Path: "edge.*.connection_threshold", Values: []any{int64(2), 5.0}}},
		Points: []result.Point{
			{Set: map[string]any{"edge.*.connection_threshold": int64(2)}, Label: "connection_threshold = 2", Fingerprints: []string{"0000000000000001", "0000000000000002"},
				Metrics: []result.MetricSummary{{Metric: "delivery.delay", Labels: map[string]string{"from": "A", "to": "B"}, Stats: map[string]result.Estimate{
					"mean": {Mean: ptr(0.1), R: 2, Values: []*float64{ptr(0.1), ptr(0.1)}},
					"p95":  {R: 0, Values: []*float64{nil, nil}}}}},
				Identities: []result.IdentitySummary{{Name: "conservation", Checked: 2, Held: 2, Example: "10 = 10"}}, Messages: 20},
			{Set: map[string]any{"edge.*.connection_threshold": 5.0}, Label: "connection_threshold = 5.0",
				Metrics: []result.MetricSummary{}, Identities: []result.IdentitySummary{}, Fingerprints: []string{}},
		},
	}
	study.Topology = result.Topology{
		Sites:      []result.TopologySite{{Name: "A", Latitude: ptr(35.68), Longitude: ptr(139.69)}, {Name: "B", HubSite: true}},
		Links:      []result.TopologyLink{{Name: "A-B", Sites: []string{"A", "B"}, Cost: 10}},
		Servers:    []result.TopologyServer{{Name: "hub1", Site: "A", Role: "hub"}},
		Connectors: []result.TopologyConnector{},
		Faults:     []result.TopologyFault{{ID: "f1", Kind: "host_down", Label: "edge lost", Target: "e1", StartNS: 1, EndNS: ptr(int64(2))}},
	}
	study.Verdicts = []result.Verdict{{ID: "bounded", Set: "connection_threshold = 2", Metric: "queue.length", Entity: "server=hub1", Stat: "max",
		Must: "<= 2000 msg", Limit: 2000, Value: ptr(4.0), Unit: "msg", Verdict: "pass"}}
	for _, r := range runs {
		for _, s := range r.Series {
			study.Series = append(study.Series, result.PointSeries{Point: r.Point, Replication: r.Replication, Series: s})
		}
		for _, h := range r.Summary.Histograms {
			study.Histograms = append(study.Histograms, result.PointHistogram{Point: r.Point, Replication: r.Replication, Histogram: h})
		}
	}
	return runs, study
}

func write(t require.TestingT, folder string, runs []*result.Run, s result.Study, scenario string) {
	w, err := NewWriter(folder, false)
	require.NoError(t, err)
	for _, r := range runs {
		require.NoError(t, w.Add(r))
	}
	require.NoError(t, w.Close(s.File, s.Topology, s.Verdicts, []byte(scenario)))
}

// contents returns every file under a folder, by its slash-separated name.
func contents(t require.TestingT, folder string) map[string]string {
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
			out[name] = string(data)
			return err
		}
		return err
	}))
	return out
}

func TestWriteAndReadBack(t *testing.T) {
	t.Parallel()
	runs, want := small()
	folder := filepath.Join(t.TempDir(), "new", "out")
	write(t, folder, runs, want, "name = \"small\"\n")
	got, err := Read(folder)
	require.NoError(t, err)
	require.Len(t, got.File.Files, 6)
	got.File.Files = nil
	require.Equal(t, want, *got)
	scenario, err := ReadScenario(folder)
	require.NoError(t, err)
	require.Equal(t, "name = \"small\"\n", string(scenario))

	files := contents(t, folder)
	require.Len(t, files, 7, "nothing but the documented files is left")
	for name, data := range files {
		if strings.HasSuffix(name, ".parquet") {
			continue
		}
		golden := filepath.Join("testdata", "small", name)
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o777))
			require.NoError(t, os.WriteFile(golden, []byte(data), 0o666))
		}
		wanted, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(wanted), data, name)
	}
}

func TestTwoWritesGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	runs, study := large(3, 40, 700)
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	write(t, a, runs, study, "x")
	write(t, b, runs, study, "x")
	require.Equal(t, contents(t, a), contents(t, b))
}

// large makes replications of many series, each with samples that differ.
func large(replications, series, samples int) (runs []*result.Run, study result.Study) {
	for rep := range replications {
		run := &result.Run{Replication: rep}
		for q := range series {
			s := result.Series{Metric: "queue.length", Labels: result.Labels{{Key: "server", Value: fmt.Sprintf("hub%d", q)}}}
			for i := range samples {
				v := float64((i*7919+q*104729+rep)%1000) / 8
				s.Times = append(s.Times, simtime.Time(i+1)*simtime.Time(10*time.Second))
				s.Mean, s.Max, s.Last = append(s.Mean, v), append(s.Max, v+1), append(s.Last, v/2)
			}
			run.Series = append(run.Series, s)
			study.Series = append(study.Series, result.PointSeries{Replication: rep, Series: s})
		}
		runs = append(runs, run)
	}
	study.File.Replications = replications
	return runs, study
}

func TestRowsStreamInGroups(t *testing.T) {
	t.Parallel()
	runs, want := large(2, 30, 1200) // 216,000 rows: four row groups
	folder := t.TempDir()
	write(t, folder, runs, want, "")
	got, err := Read(folder)
	require.NoError(t, err)
	require.Equal(t, want.Series, got.Series)

	groups := rowGroups(t, filepath.Join(folder, SeriesFile))
	require.Len(t, groups, 4)
	for _, rows := range groups {
		require.LessOrEqual(t, rows, int64(rowGroup))
	}
}

// Series and histograms of any shape come back as they were. The tables are used without the folder around them: a hundred folders,
// synced to disk, would take long.
func TestRoundTripProperty(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	name := rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9 .*-]{0,6}`)
	finite := rapid.Float64Range(-1e308, 1e308)
	rapid.Check(t, func(t *rapid.T) {
		seriesPath, histogramPath := filepath.Join(root, SeriesFile), filepath.Join(root, HistogramsFile)
		seriesTable, err := createTable[seriesRow](seriesPath)
		require.NoError(t, err)
		histogramTable, err := createTable[histogramRow](histogramPath)
		require.NoError(t, err)
		var series []result.PointSeries
		var histograms []result.PointHistogram
		replications := rapid.IntRange(1, 3).Draw(t, "replications")
		for i := range rapid.IntRange(0, 5).Draw(t, "runs") {
			point, rep := i/replications, i%replications
			for q := range rapid.IntRange(0, 3).Draw(t, "series") {
				s := result.Series{Metric: "m", Labels: result.Labels{{Key: "q", Value: fmt.Sprint(q)}, {Key: name.Draw(t, "k"), Value: name.Draw(t, "v")}}}
				for range rapid.IntRange(1, 5).Draw(t, "samples") {
					s.Times = append(s.Times, simtime.Time(rapid.Int64Range(0, 1<<60).Draw(t, "t")))
					s.Mean, s.Max, s.Last = append(s.Mean, finite.Draw(t, "v")), append(s.Max, finite.Draw(t, "v")), append(s.Last, finite.Draw(t, "v"))
				}
				require.NoError(t, addSeries(seriesTable, point, rep, s))
				series = append(series, result.PointSeries{Point: point, Replication: rep, Series: s})
				h := result.Histogram{Metric: "h", Labels: result.Labels{{Key: "q", Value: fmt.Sprint(q)}},
					Lower: []int64{rapid.Int64().Draw(t, "l")}, Upper: []int64{rapid.Int64().Draw(t, "u")}, Counts: []int64{rapid.Int64().Draw(t, "c")}}
				require.NoError(t, addHistogram(histogramTable, point, rep, h))
				histograms = append(histograms, result.PointHistogram{Point: point, Replication: rep, Histogram: h})
			}
		}
		require.NoError(t, errors.Join(seriesTable.flush(), seriesTable.writer.Close(), seriesTable.file.Close()))
		require.NoError(t, errors.Join(histogramTable.flush(), histogramTable.writer.Close(), histogramTable.file.Close()))

		rd := newReader()
		require.NoError(t, readTable(seriesPath, rd.addSeries))
		require.NoError(t, rd.checkSeries())
		require.NoError(t, readTable(histogramPath, rd.addHistogram))
		require.Equal(t, series, rd.series)
		require.Equal(t, histograms, rd.histograms)
	})
}
