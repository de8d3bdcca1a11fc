package metrics_test

import (
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/metrics"
)

// TestDelaysAgainstTheLibrary: buckets and quantiles are those of the histogram library, to the last digit, at the edges of buckets too.
func TestDelaysAgainstTheLibrary(t *testing.T) {
	t.Parallel()
	const most = 100 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		var got metrics.Delays
		want := hdrhistogram.New(1, most.Microseconds(), 3)
		for range rapid.IntRange(0, 60).Draw(t, "values") {
			v := time.Duration(rapid.Int64Range(0, 1<<rapid.IntRange(1, 54).Draw(t, "size")).Draw(t, "v"))
			if rapid.Bool().Draw(t, "edge") { // the first or the last microsecond of a width
				v = time.Duration(1<<rapid.IntRange(0, 43).Draw(t, "edge at")-rapid.IntRange(0, 1).Draw(t, "before")) * time.Microsecond
			}
			n := rapid.Int64Range(1, 1000).Draw(t, "n")
			got.Record(v, n)
			require.NoError(t, want.RecordValues(min(v, most).Microseconds(), n))
		}
		for _, p := range []float64{0, 1e-9, 0.01, 0.29, 0.5, 0.57, 0.9, 0.95, 0.99, 0.999, 1, rapid.Float64Range(0, 1).Draw(t, "p")} {
			require.Equal(t, (time.Duration(want.ValueAtQuantile(p*100)) * time.Microsecond).Seconds(), got.Quantile(p), "p = %g", p)
		}
		lower, upper, counts := got.Buckets()
		i := 0
		for _, b := range want.Distribution() {
			if b.Count == 0 {
				continue
			}
			require.Equal(t, []int64{b.From * 1000, b.To*1000 + 999, b.Count}, []int64{lower[i], upper[i], counts[i]})
			i++
		}
		require.Len(t, counts, i)
		require.Len(t, lower, i)
		require.Len(t, upper, i)
	})
}
