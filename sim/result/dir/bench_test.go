package dir

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkWrite and BenchmarkRead handle the series of 20 replications with 30 queues of 500 samples each: 900,000 rows.
func BenchmarkWrite(b *testing.B) {
	runs, study := large(20, 30, 500)
	folder := filepath.Join(b.TempDir(), "out")
	for b.Loop() {
		write(b, folder, runs, study, "")
	}
	b.ReportMetric(900_000/b.Elapsed().Seconds()*float64(b.N), "rows/s")
}

func BenchmarkRead(b *testing.B) {
	runs, study := large(20, 30, 500)
	folder := b.TempDir()
	write(b, folder, runs, study, "")
	for b.Loop() {
		_, err := Read(folder)
		require.NoError(b, err)
	}
	b.ReportMetric(900_000/b.Elapsed().Seconds()*float64(b.N), "rows/s")
}
