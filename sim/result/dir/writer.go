package dir

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"

	"mailsim/sim/result"
)

// Writer writes a result folder. It keeps no more than a few thousand rows in memory, whatever the size of the sweep. It is used by
// one goroutine.
type Writer struct {
	folder     string
	made       bool // the folder did not exist before
	staged     os.FileInfo
	series     *table[seriesRow]
	histograms *table[histogramRow]
	events     *eventLog
	snapshots  map[string]string // digests of the files of snapshots, by name
	last       [2]int            // point and replication of the last run
	err        error             // the first error: nothing is committed after it
	done       bool
}

// NewWriter begins a result in folder, which is made if it does not exist. A folder that holds something else than a result is
// refused unless force is set; even then nothing in it is touched that is not a result's own. The old result stays in force until
// Close. Two writers at once on one folder end with an error for the first.
func NewWriter(folder string, force bool) (*Writer, error) {
	made, err := prepare(folder, force)
	if err != nil {
		return nil, err
	}
	w := &Writer{folder: folder, made: made, last: [2]int{-1, -1}, snapshots: map[string]string{}}
	if err := w.open(); err != nil {
		w.Abort()
		return nil, fmt.Errorf("begin result in %q: %w", folder, err)
	}
	return w, nil
}

func (w *Writer) open() error {
	stage := filepath.Join(w.folder, staging)
	if err := os.RemoveAll(stage); err != nil { // what a crash left behind
		return err
	}
	if err := os.Mkdir(stage, 0o777); err != nil {
		return err
	}
	var err error
	if w.staged, err = os.Stat(stage); err != nil {
		return err
	}
	if w.series, err = createTable[seriesRow](filepath.Join(stage, SeriesFile)); err != nil {
		return err
	}
	if w.histograms, err = createTable[histogramRow](filepath.Join(stage, HistogramsFile)); err != nil {
		return err
	}
	w.events, err = createEventLog(filepath.Join(stage, EventsFile))
	return err
}

// Add writes the events, series and histograms of one replication. Replications come in ascending order of (point, replication);
// gaps are allowed. Series without samples are not kept. After an error the result cannot be committed any more.
func (w *Writer) Add(run *result.Run) error {
	if w.done {
		panic("dir.Writer.Add after Close or Abort")
	}
	if w.err == nil {
		if err := w.add(run); err != nil {
			w.err = fmt.Errorf("write result %q: point %d, replication %d: %w", w.folder, run.Point, run.Replication, err)
		}
	}
	return w.err
}

func (w *Writer) add(run *result.Run) error {
	next := [2]int{run.Point, run.Replication}
	if next[0] < w.last[0] || next[0] == w.last[0] && next[1] <= w.last[1] {
		return fmt.Errorf("it comes after point %d, replication %d: replications must come in order", w.last[0], w.last[1])
	}
	w.last = next
	for _, e := range run.Events {
		if err := w.events.add(run.Point, run.Replication, e); err != nil {
			return err
		}
	}
	for _, s := range run.Series {
		if err := addSeries(w.series, run.Point, run.Replication, s); err != nil {
			return err
		}
	}
	for i := range run.Snapshots {
		if err := w.addSnapshot(run.Point, run.Replication, &run.Snapshots[i]); err != nil {
			return fmt.Errorf("snapshot at %s: %w", run.Snapshots[i].Time, err)
		}
	}
	for _, h := range run.Summary.Histograms {
		if err := addHistogram(w.histograms, run.Point, run.Replication, h); err != nil {
			return err
		}
	}
	return nil
}

// Close writes the head of the study and makes the result that of the folder, in place of an old one. file.Format and file.Files are set here.
// On an error the folder is as it was before NewWriter, unless the error says that the new result is there but could not be
// moved into place; the next reader or writer of the folder takes it from there.
func (w *Writer) Close(file result.File, topology result.Topology, verdicts []result.Verdict, scenarioTOML []byte) error {
	if w.done {
		panic("dir.Writer.Close after Close or Abort")
	}
	defer w.Abort()
	if w.err != nil {
		return w.err
	}
	file.Format = result.FormatVersion
	if err := w.finish(file, topology, verdicts, scenarioTOML); err != nil {
		return fmt.Errorf("write result %q: %w", w.folder, err)
	}
	if err := commit(w.folder, w.staged); err != nil {
		return fmt.Errorf("write result %q: %w", w.folder, err)
	}
	w.made = false
	return nil
}

// finish closes the streams and writes the small files, everything synced.
func (w *Writer) finish(file result.File, topology result.Topology, verdicts []result.Verdict, scenarioTOML []byte) error {
	series, histograms, events := w.series, w.histograms, w.events
	w.series, w.histograms, w.events = nil, nil, nil
	if err := errors.Join(series.finish(), histograms.finish(), events.finish()); err != nil {
		return err
	}
	file.Axes, file.Points = list(file.Axes), list(file.Points)
	topology = result.Topology{Sites: list(topology.Sites), Links: list(topology.Links), Servers: list(topology.Servers),
		Connectors: list(topology.Connectors), Faults: list(topology.Faults), FaultsVary: topology.FaultsVary}
	topologyJSON, err := encode(TopologyFile, topology)
	if err != nil {
		return err
	}
	verdictsJSON, err := encode(VerdictsFile, list(verdicts))
	if err != nil {
		return err
	}
	file.Files = map[string]string{
		SeriesFile: digest(series.sum), HistogramsFile: digest(histograms.sum), EventsFile: digest(events.sum),
	}
	maps.Copy(file.Files, w.snapshots)
	for _, f := range []struct {
		name string
		data []byte
	}{{TopologyFile, topologyJSON}, {VerdictsFile, verdictsJSON}, {ScenarioFile, scenarioTOML}} {
		sum := sha256.New()
		sum.Write(f.data)
		file.Files[f.name] = digest(sum)
		if err := w.write(f.name, f.data); err != nil {
			return err
		}
	}
	resultJSON, err := encode(ResultFile, file)
	if err != nil {
		return err
	}
	return w.write(ResultFile, resultJSON)
}

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// Abort drops the result: the folder is as it was before NewWriter, and a folder that NewWriter made is gone. After Close it does
// nothing, so that it can be deferred.
func (w *Writer) Abort() {
	if w.done {
		return
	}
	w.done = true
	if w.series != nil {
		w.series.file.Close()
	}
	if w.histograms != nil {
		w.histograms.file.Close()
	}
	if w.events != nil {
		w.events.file.Close()
	}
	stage := filepath.Join(w.folder, staging)
	if now, err := os.Stat(stage); err == nil && w.staged != nil && os.SameFile(w.staged, now) {
		_ = os.RemoveAll(stage) // what cannot be removed now, the next writer removes
	}
	if w.made {
		_ = os.Remove(w.folder) // fails, as it should, when something else has come to it
	}
}

// list makes a nil slice an empty one, which JSON writes as [] and not as null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// encode writes JSON that people can read and tools can compare: indented, numbers in the shortest form that reads back the same.
func encode(name string, v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b.Bytes(), nil
}

// write writes a small file of the result, synced.
func (w *Writer) write(name string, data []byte) error {
	f, err := os.Create(filepath.Join(w.folder, staging, name))
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
