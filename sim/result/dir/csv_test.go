package dir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExportCSV(t *testing.T) {
	t.Parallel()
	runs, study := small()
	folder, out := t.TempDir(), filepath.Join(t.TempDir(), "csv")
	write(t, folder, runs[:2], study, "")
	require.NoError(t, ExportCSV(folder, out))
	files := contents(t, out)
	require.Len(t, files, 2)
	require.True(t, strings.HasPrefix(files["series.csv"], `point,replication,time,entity,metric,value,stat
0,0,10,"server=hub1,next_hop=B",queue.length,1.5,mean
0,0,20,"server=hub1,next_hop=B",queue.length,0,mean
0,0,10,"server=hub1,next_hop=B",queue.length,3,max
0,0,20,"server=hub1,next_hop=B",queue.length,4,max
0,0,10,"server=hub1,next_hop=B",queue.length,2,last
0,0,20,"server=hub1,next_hop=B",queue.length,0,last
`), files["series.csv"])
	require.Contains(t, files["series.csv"], "0,1,10.000000001,server=hub1,server.connections,0.3333333333333333,mean\n")
	require.Equal(t, `point,replication,entity,metric,lower,upper,count
0,0,"from=A,to=B",delivery.delay,0,0.000000999,7
0,0,"from=A,to=B",delivery.delay,0.001,0.001000999,1
0,1,"from=A,to=B",delivery.delay,0,0.000000999,7
0,1,"from=A,to=B",delivery.delay,0.001,0.001000999,1
`, files["histograms.csv"])
	require.NoError(t, ExportCSV(folder, folder), "into the result folder itself")

	require.NoError(t, os.Truncate(filepath.Join(folder, SeriesFile), 50))
	other := t.TempDir()
	require.ErrorIs(t, ExportCSV(folder, other), ErrDamaged)
	require.Empty(t, contents(t, other), "no half file is left")
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	for ns, want := range map[int64]string{0: "0", 1: "0.000000001", 1_500_000_000: "1.5", 14_400_000_000_000: "14400", -250_000_000: "-0.25", 1<<63 - 1: "9223372036.854775807"} {
		require.Equal(t, want, seconds(ns))
	}
}
