package dir

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

func rowGroups(t *testing.T, path string) (rows []int64) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	file, err := parquet.OpenFile(f, info.Size())
	require.NoError(t, err)
	for _, g := range file.RowGroups() {
		rows = append(rows, g.NumRows())
	}
	return rows
}

func TestWriterRefusesBadRuns(t *testing.T) {
	t.Parallel()
	series := func(edit func(*result.Series)) *result.Run {
		s := result.Series{Metric: "queue.length", Labels: result.Labels{{Key: "server", Value: "a"}},
			Times: []simtime.Time{1e9}, Mean: []float64{1}, Max: []float64{1}, Last: []float64{1}}
		edit(&s)
		return &result.Run{Series: []result.Series{s}}
	}
	event := func(f ...result.Field) *result.Run {
		return &result.Run{Events: []result.Event{{Kind: "dsn", Fields: f}}}
	}
	for _, c := range []struct {
		name string
		run  *result.Run
		want string
	}{
		{"NaN", series(func(s *result.Series) { s.Mean[0] = math.NaN() }), `series queue.length of "server=a": mean at 1s is NaN`},
		{"infinity", series(func(s *result.Series) { s.Last[0] = math.Inf(1) }), "last at 1s is +Inf"},
		{"lengths", series(func(s *result.Series) { s.Max = nil }), "1 times, 1 means, 0 maxima and 1 last values"},
		{"label", series(func(s *result.Series) { s.Labels[0].Value = "a,b" }), "must not contain"},
		{"histogram", &result.Run{Summary: result.Summary{Histograms: []result.Histogram{{Metric: "h", Counts: []int64{1}}}}}, "0 lower bounds"},
		{"field type", event(result.Field{Key: "n", Value: 1}), `field "n" is a int`},
		{"field that every event has", event(result.Field{Key: "time", Value: "x"}), `key "time" twice`},
		{"field twice", event(result.Field{Key: "n", Value: "x"}, result.Field{Key: "n", Value: "y"}), `key "n" twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "out")
			w, err := NewWriter(folder, false)
			require.NoError(t, err)
			err = w.Add(c.run)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "point 0, replication 0")
			require.Equal(t, err, w.Add(&result.Run{Replication: 1}), "the first error stays")
			require.Equal(t, err, w.Close(result.File{}, result.Topology{}, nil, nil))
			require.NoDirExists(t, folder)
			require.Panics(t, func() { _ = w.Add(c.run) })
		})
	}
}

func TestWriterWantsOrder(t *testing.T) {
	t.Parallel()
	for _, order := range [][][2]int{{{0, 1}, {0, 0}}, {{1, 0}, {0, 5}}, {{0, 0}, {0, 0}}} {
		w, err := NewWriter(filepath.Join(t.TempDir(), "out"), false)
		require.NoError(t, err)
		require.NoError(t, w.Add(&result.Run{Point: order[0][0], Replication: order[0][1]}))
		require.ErrorContains(t, w.Add(&result.Run{Point: order[1][0], Replication: order[1][1]}), "must come in order")
		w.Abort()
	}
}

func TestEventsAreJSONLines(t *testing.T) {
	t.Parallel()
	runs, study := small()
	runs[0].Events = append(runs[0].Events, result.Event{Time: simtime.Never, Kind: "x", Text: "two\nlines \u2028", Fields: []result.Field{{Key: "v", Value: math.NaN()}}})
	folder := t.TempDir()
	write(t, folder, runs, study, "")
	lines := strings.Split(strings.TrimSuffix(contents(t, folder)[EventsFile], "\n"), "\n")
	require.Len(t, lines, 9)
	require.Equal(t, `{"time":"1m30s","point":0,"replication":0,"server":"hub1","kind":"queue.retry","id":1035,`+
		`"text":"queue \"B\" <waits> & retries","queue":"B","retry":2,"share":0.1,"up":false}`, lines[0])
	require.Equal(t, `{"time":"1h2m3s","point":0,"replication":0,"server":"","kind":"fault","id":null,"text":"edge lost"}`, lines[1])
	require.Contains(t, lines[2], `"v":null`)
	for _, line := range lines {
		require.True(t, json.Valid([]byte(line)), line)
	}
}

// What a run holds does not stay in memory: row groups reach the disk before the study ends.
func TestWriterKeepsNoRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w, err := NewWriter(folder, false)
	require.NoError(t, err)
	defer w.Abort()
	runs, _ := large(1, 20, 500)
	for rep := range 10 {
		runs[0].Replication = rep
		require.NoError(t, w.Add(runs[0]))
		require.LessOrEqual(t, len(w.series.buffer), 1024)
	}
	info, err := os.Stat(filepath.Join(folder, staging, SeriesFile))
	require.NoError(t, err)
	require.Positive(t, info.Size(), "row groups go to disk while the study runs")
}
