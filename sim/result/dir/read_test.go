package dir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	writeFile(t, root, "file", "x")
	writeFile(t, root, "empty/readme", "x")
	writeFile(t, root, "other/"+ResultFile, `{"score": 3}`)
	writeFile(t, root, "newer/"+ResultFile, `{"format": 2, "program": "v7.1"}`)
	writeFile(t, root, "cut/"+ResultFile, `{"format": 1, "prog`)
	for _, c := range []struct {
		folder string
		is     error
		text   string
	}{
		{"nowhere", ErrNotResult, "no such folder"},
		{"file", ErrNotResult, "give the folder"},
		{"empty", ErrNotResult, "holds no result.json"},
		{"other", ErrNotResult, "no format version"},
		{"newer", ErrNewer, "(v7.1); use that version"},
		{"cut", ErrDamaged, "run the scenario again"},
	} {
		t.Run(c.folder, func(t *testing.T) {
			_, err := Read(filepath.Join(root, c.folder))
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.text)
			require.ErrorContains(t, err, c.folder)
			require.ErrorIs(t, ExportCSV(filepath.Join(root, c.folder), t.TempDir()), c.is)
			_, err = ReadScenario(filepath.Join(root, c.folder))
			require.ErrorIs(t, err, c.is)
		})
	}
}

// Every file, cut at many lengths, removed, or with one bit turned: an error that names it, or what was written, never a panic.
func TestReadDamagedFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runs, study := small()
	write(t, folder, runs, study, "x")
	for _, name := range []string{ResultFile, TopologyFile, VerdictsFile, SeriesFile, HistogramsFile} {
		path := filepath.Join(folder, name)
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		refused := func(why string) {
			_, err := Read(folder)
			require.Error(t, err, "%s %s", name, why)
			require.ErrorContains(t, err, name, why)
			if name != ResultFile {
				require.ErrorIs(t, err, ErrDamaged, why)
			}
		}
		require.NoError(t, os.Remove(path))
		refused("removed")
		for i := range 20 {
			require.NoError(t, os.WriteFile(path, whole[:i*(len(whole)-2)/20], 0o666))
			refused("cut")
		}
		if strings.HasSuffix(name, ".parquet") {
			for i := range 150 {
				bent := append([]byte(nil), whole...)
				bent[i*(len(bent)-1)/149] ^= 1 << (i % 8)
				require.NoError(t, os.WriteFile(path, bent, 0o666))
				_, _ = Read(folder) // some bits change values and nothing else
			}
		} else {
			require.NoError(t, os.WriteFile(path, append(append([]byte(nil), whole...), "{}"...), 0o666))
			refused("with more behind it")
		}
		require.NoError(t, os.WriteFile(path, whole, 0o666))
	}
	_, err := Read(folder)
	require.NoError(t, err)

	t.Run("a series without its maxima", func(t *testing.T) {
		table, err := createTable[seriesRow](filepath.Join(folder, SeriesFile))
		require.NoError(t, err)
		require.NoError(t, table.add(seriesRow{Metric: "queue.length", Stat: "mean"}))
		require.NoError(t, table.add(seriesRow{Metric: "queue.length", Stat: "last"}))
		require.NoError(t, table.finish())
		_, err = Read(folder)
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, "1 means, 0 maxima")
	})
	t.Run("a table of something else", func(t *testing.T) {
		table, err := createTable[histogramRow](filepath.Join(folder, SeriesFile))
		require.NoError(t, err)
		require.NoError(t, table.finish())
		_, err = Read(folder)
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, `no column "t_ns"`)
	})
}
