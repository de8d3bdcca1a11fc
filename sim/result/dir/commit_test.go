package dir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeFile puts a file into a folder, making subfolders.
func writeFile(t *testing.T, folder, name, data string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	require.NoError(t, os.WriteFile(path, []byte(data), 0o666))
}

func TestNewResultReplacesTheOld(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runs, study := small()
	write(t, folder, runs, study, "old")
	writeFile(t, folder, "charts/queue.svg", "drawn from the old result")
	writeFile(t, folder, "charts/notes.md", "mine")
	writeFile(t, folder, "report.html", "from the old result")
	writeFile(t, folder, "notes.txt", "mine")
	write(t, folder, runs[:1], study, "new")

	files := contents(t, folder)
	require.Equal(t, "new", files[ScenarioFile])
	require.Equal(t, "mine", files["notes.txt"], "what is not the result's own stays")
	require.Equal(t, "mine", files["charts/notes.md"])
	require.NotContains(t, files, "charts/queue.svg")
	require.NotContains(t, files, "report.html")
	require.Len(t, files, 9)
}

func TestAbortLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	runs, study := small()
	t.Run("a new folder is gone", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "out")
		w, err := NewWriter(folder, false)
		require.NoError(t, err)
		require.NoError(t, w.Add(runs[0]))
		w.Abort()
		w.Abort()
		require.NoFileExists(t, folder)
		require.NoDirExists(t, folder)
	})
	t.Run("an old result stays, bit by bit", func(t *testing.T) {
		folder := t.TempDir()
		write(t, folder, runs, study, "old")
		before := contents(t, folder)
		w, err := NewWriter(folder, false)
		require.NoError(t, err)
		require.NoError(t, w.Add(runs[0]))
		got, err := Read(folder)
		require.NoError(t, err, "the old result can be read while the new one is written")
		require.Len(t, got.Series, len(study.Series))
		w.Abort()
		require.Equal(t, before, contents(t, folder))
	})
	t.Run("so it is when Close fails", func(t *testing.T) {
		folder := t.TempDir()
		write(t, folder, runs, study, "old")
		before := contents(t, folder)
		w, err := NewWriter(folder, false)
		require.NoError(t, err)
		bad := study.File
		bad.Axes[0].Values = []any{complex(1, 1)}
		require.ErrorContains(t, w.Close(bad, study.Topology, nil, nil), "complex128")
		require.Equal(t, before, contents(t, folder))
	})
}

// A crash is played at every step of a commit: before the renaming of the staging folder the old result holds, after it the new
// one, for readers and for the next writer.
func TestCrashLeavesOldOrNew(t *testing.T) {
	t.Parallel()
	runs, study := small()
	newStudy := study
	newStudy.File.Seed = 43
	newStudy.Series = study.Series[:1]

	// crash makes a folder with an old result, its report, and a new result that got as far as `moved` files into place.
	crash := func(t *testing.T, moved int) string {
		folder, other := t.TempDir(), t.TempDir()
		write(t, folder, runs, study, "old")
		writeFile(t, folder, "report.html", "old")
		write(t, other, runs[:1], newStudy, "new")
		require.NoError(t, os.Mkdir(filepath.Join(folder, staging), 0o777))
		entries, err := os.ReadDir(other)
		require.NoError(t, err)
		for _, e := range entries {
			require.NoError(t, os.Rename(filepath.Join(other, e.Name()), filepath.Join(folder, staging, e.Name())))
		}
		if moved < 0 {
			return folder
		}
		require.NoError(t, os.Rename(filepath.Join(folder, staging), filepath.Join(folder, committed)))
		for i, e := range entries {
			if i < moved {
				require.NoError(t, os.Rename(filepath.Join(folder, committed, e.Name()), filepath.Join(folder, e.Name())))
			}
		}
		return folder
	}
	for moved := -1; moved <= 7; moved++ {
		folder := crash(t, moved)
		wantSeed, wantSeries, wantScenario := int64(43), 1, "new"
		if moved < 0 {
			wantSeed, wantSeries, wantScenario = 42, len(study.Series), "old"
		}
		check := func() {
			got, err := Read(folder)
			require.NoError(t, err)
			require.Equal(t, wantSeed, got.File.Seed, "%d files moved", moved)
			require.Len(t, got.Series, wantSeries)
			scenario, err := ReadScenario(folder)
			require.NoError(t, err)
			require.Equal(t, wantScenario, string(scenario))
		}
		check()
		w, err := NewWriter(folder, false)
		require.NoError(t, err)
		check()
		w.Abort()
		check()
		files := contents(t, folder)
		for name := range files {
			require.False(t, strings.HasPrefix(name, "."), name)
		}
		_, report := files["report.html"]
		require.Equal(t, moved < 0, report, "a report of the old result does not stand beside the new one")
	}
}

func TestWriterRefusesFoldersOfOthers(t *testing.T) {
	t.Parallel()
	_, study := small()
	t.Run("not empty", func(t *testing.T) {
		folder := t.TempDir()
		writeFile(t, folder, "thesis.tex", "years of work")
		_, err := NewWriter(folder, false)
		require.ErrorIs(t, err, ErrNotResult)
		require.ErrorContains(t, err, "not empty")
		require.Equal(t, map[string]string{"thesis.tex": "years of work"}, contents(t, folder))

		w, err := NewWriter(folder, true)
		require.NoError(t, err)
		require.NoError(t, w.Close(study.File, study.Topology, nil, nil))
		require.Equal(t, "years of work", contents(t, folder)["thesis.tex"], "force adds, it does not delete")
	})
	t.Run("result.json of another program", func(t *testing.T) {
		for _, data := range []string{`{"score": 3}`, `{"format": "xml"}`, "not JSON"} {
			folder := t.TempDir()
			writeFile(t, folder, ResultFile, data)
			_, err := NewWriter(folder, false)
			require.ErrorIs(t, err, ErrNotResult, data)
		}
	})
	t.Run("a file", func(t *testing.T) {
		folder := t.TempDir()
		writeFile(t, folder, "out", "x")
		_, err := NewWriter(filepath.Join(folder, "out"), true)
		require.ErrorContains(t, err, "is a file")
	})
	t.Run("what a crash left of a first run is no obstacle", func(t *testing.T) {
		folder := t.TempDir()
		writeFile(t, folder, staging+"/"+SeriesFile, "half")
		write(t, folder, nil, study, "")
		require.Len(t, contents(t, folder), 7)
	})
	t.Run("a newer result may be replaced", func(t *testing.T) {
		folder := t.TempDir()
		writeFile(t, folder, ResultFile, `{"format": 99, "program": "v9"}`)
		write(t, folder, nil, study, "")
	})
}

func TestSecondWriterTakesOver(t *testing.T) {
	t.Parallel()
	runs, study := small()
	folder := t.TempDir()
	first, err := NewWriter(folder, false)
	require.NoError(t, err)
	second, err := NewWriter(folder, false)
	require.NoError(t, err)
	require.NoError(t, first.Add(runs[0]))
	require.ErrorContains(t, first.Close(study.File, study.Topology, nil, []byte("first")), "another run")
	require.NoError(t, second.Add(runs[0]))
	require.NoError(t, second.Close(study.File, study.Topology, nil, []byte("second")))
	require.Equal(t, "second", contents(t, folder)[ScenarioFile])
}
