// Package dir is the result folder on disk: it writes what the runs of a study report, reads it back, and exports it as CSV. It is
// the only package that links the Parquet library.
//
//	w, err := dir.NewWriter("out", false) // refuses a folder that holds something else
//	defer w.Abort()                       // without Close the folder is as it was
//	for run := range runs {               // in (point, replication) order
//		err = w.Add(run)                  // streams series, histograms and events; keeps nothing
//	}
//	err = w.Close(file, topology, verdicts, scenarioTOML)
//	study, err := dir.Read("out")
//
// What flows in: result.Run values and the head of the study, from the caller. What flows out: a folder of documented files
// (docs: result.json, scenario.toml, topology.json, series.parquet, histograms.parquet, events.jsonl, verdicts.json, and snapshots/ when
// runs took any), or a
// result.Study. It must never import sim, scenarios or plots.
//
// # The folder as a unit
//
// A crash at any instant leaves the whole old result or the whole new one. The writer works in the subfolder ".staging"; Close
// syncs everything and renames it to ".committed", which is the one atomic step; then it moves the files into place and removes
// the subfolder. A reader that finds ".committed" prefers the files in there, and the next writer finishes the move first. The
// folder itself is never renamed (it may be a mount point, a link, or somebody's working directory), and files that are not the
// result's own are left alone.
//
// result.json carries the SHA-256 of every other file. The bytes depend on nothing but what was written: no times, no versions of libraries, no order of maps.
package dir

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"mailsim/sim/result"
)

// The files of a result folder that this package writes (docs/design.md).
const (
	ResultFile     = "result.json"
	ScenarioFile   = "scenario.toml"
	TopologyFile   = "topology.json"
	SeriesFile     = "series.parquet"
	HistogramsFile = "histograms.parquet"
	EventsFile     = "events.jsonl"
	VerdictsFile   = "verdicts.json"
)

const (
	staging   = ".staging"   // a result that is being written
	committed = ".committed" // a whole result that is being moved into place
)

// ErrNotResult is what a folder is that holds no result.
var ErrNotResult = errors.New("is not a result folder")

// ErrNewer is a result of a newer program, with a format that this one does not know.
var ErrNewer = errors.New("was written by a newer mailsim")

// ErrDamaged is a result of which a file is missing, cut short or not what it should be.
var ErrDamaged = errors.New("is damaged")

// locate returns where a file of the result in folder is: a result that was committed but not yet moved counts.
func locate(folder, name string) string {
	pending := filepath.Join(folder, committed, name)
	if _, err := os.Stat(pending); err == nil {
		return pending
	}
	return filepath.Join(folder, name)
}

// head is what must be known of result.json before anything else is read.
type head struct {
	Format  int               `json:"format"`
	Program string            `json:"program"`
	Files   map[string]string `json:"files"`
}

// readHead tells whether folder holds a result, and one that this program can read.
func readHead(folder string) (head, error) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return head{}, fmt.Errorf("result %q: there is no such folder: %w", folder, ErrNotResult)
	case err != nil:
		return head{}, fmt.Errorf("result %q: %w", folder, err)
	case !info.IsDir():
		return head{}, fmt.Errorf("result %q: %w: this is a file, give the folder that holds %s", folder, ErrNotResult, ResultFile)
	}
	data, err := os.ReadFile(locate(folder, ResultFile))
	if errors.Is(err, fs.ErrNotExist) {
		return head{}, fmt.Errorf("result %q: it holds no %s: %w", folder, ResultFile, ErrNotResult)
	} else if err != nil {
		return head{}, fmt.Errorf("result %q: %w", folder, err)
	}
	var h head
	if err := json.Unmarshal(data, &h); err != nil {
		return head{}, fmt.Errorf("result %q: %s: %w: %w; run the scenario again", folder, ResultFile, ErrDamaged, err)
	}
	switch {
	case h.Format < 1:
		return head{}, fmt.Errorf("result %q: its %s has no format version: %w", folder, ResultFile, ErrNotResult)
	case h.Format > result.FormatVersion:
		return head{}, fmt.Errorf("result %q: format %d, this program reads up to %d: %w (%s); use that version to read it",
			folder, h.Format, result.FormatVersion, ErrNewer, h.Program)
	}
	return h, nil
}

// whole checks that a file is the one that was written, by its SHA-256 in result.json. The Parquet library trusts what it reads, so
// nothing else may reach it; the text files need no such care, and people may want to edit them.
func (h head) whole(folder, name string) (err error) {
	f, err := os.Open(locate(folder, name))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != h.Files[name] {
		return fmt.Errorf("%w: it is not the file that was written with %s", ErrDamaged, ResultFile)
	}
	return nil
}
