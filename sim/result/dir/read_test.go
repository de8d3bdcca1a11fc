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

// Every file, cut at many lengths, removed, or with one bit turned: an error that names it, never a panic, never other numbers.
func TestReadDamagedFiles(t *testing.T) {
	t.Parallel()
	folder, csv := t.TempDir(), t.TempDir()
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
			for i := range 100 {
				bent := append([]byte(nil), whole...)
				bent[i*(len(bent)-1)/99] ^= 1 << (i % 8)
				require.NoError(t, os.WriteFile(path, bent, 0o666))
				refused("with a bit turned")
				require.ErrorIs(t, ExportCSV(folder, csv), ErrDamaged)
			}
		} else {
			require.NoError(t, os.WriteFile(path, append(append([]byte(nil), whole...), "{}"...), 0o666))
			refused("with more behind it")
		}
		require.NoError(t, os.WriteFile(path, whole, 0o666))
	}
	_, err := Read(folder)
	require.NoError(t, err)

	require.Empty(t, contents(t, csv), "no half file is exported")
}

// A file that is whole but holds something else, as another version of the program might have written it.
func TestReadStrangeTables(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), SeriesFile)
	series, err := createTable[seriesRow](path)
	require.NoError(t, err)
	require.NoError(t, series.add(seriesRow{Metric: "queue.length", Stat: "mean"}))
	require.NoError(t, series.add(seriesRow{Metric: "queue.length", Stat: "last"}))
	require.NoError(t, series.finish())
	rd := newReader()
	require.NoError(t, readTable(path, rd.addSeries))
	require.ErrorIs(t, rd.checkSeries(), ErrDamaged)
	require.ErrorContains(t, rd.checkSeries(), "1 means, 0 maxima and 1 last values")
	require.ErrorIs(t, readTable(path, rd.addHistogram), ErrDamaged)

	series, err = createTable[seriesRow](path)
	require.NoError(t, err)
	require.NoError(t, series.add(seriesRow{Metric: "queue.length", Stat: "least"}))
	require.NoError(t, series.finish())
	require.ErrorContains(t, readTable(path, rd.addSeries), `unknown figure "least"`)

	require.NoError(t, os.WriteFile(path, []byte("PAR1 and nothing else"), 0o666))
	require.ErrorIs(t, readTable(path, rd.addSeries), ErrDamaged)
}
