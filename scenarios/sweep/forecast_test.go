package sweep

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestForecast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f     Forecast
		want  string
		large bool
	}{
		{Forecast{Runs: 500, Workers: 8, Each: 3 * time.Second, Bytes: 4 << 20}, "500 runs, about 3 min, 2 GB", true},
		{Forecast{Runs: 1, Workers: 8, Each: 400 * time.Millisecond}, "1 run, under 1 s", false},
		{Forecast{Runs: 3, Workers: 2, Each: 4 * time.Second}, "3 runs, about 8 s", false},
		{Forecast{Runs: 10, Workers: 1, Each: 4200 * time.Millisecond, Bytes: 1000}, "10 runs, about 40 s, 9.8 KB", true},
		{Forecast{Runs: 100, Workers: 2, Each: 156 * time.Second}, "100 runs, about 2 h 10 min", true},
		{Forecast{Runs: 2, Workers: 2, Each: 119 * time.Minute}, "2 runs, about 2 h", true},
		{Forecast{Runs: 30, Workers: 1, Each: time.Hour}, "30 runs, about 30 h", true},
		{Forecast{Runs: 300, Workers: 3, Each: time.Hour, Bytes: 1 << 40}, "300 runs, about 4 days, 300 TB", true},
		{Forecast{Runs: 50}, "50 runs", false},
		{Forecast{}, "0 runs", false},
	} {
		require.Equal(t, c.want, c.f.String())
		require.Equal(t, c.large, c.f.Large(), c.want)
	}
}

func TestForecastFromMessages(t *testing.T) {
	t.Parallel()
	f := FromMessages(50, 2, 1e6, 250_000, 0)
	require.Equal(t, 4*time.Second, f.Each)
	require.Equal(t, 100*time.Second, f.Wall())
	require.Equal(t, "50 runs, about 2 min", f.String())
	require.Equal(t, "5 runs", FromMessages(5, 2, 1e6, 0, 0).String(), "without a speed there is no time")
}

func TestForecastSaturates(t *testing.T) {
	t.Parallel()
	f := Forecast{Runs: math.MaxInt32, Each: math.MaxInt64 / 2, Bytes: math.MaxInt64 / 2}
	require.EqualValues(t, math.MaxInt64, f.Wall())
	require.EqualValues(t, math.MaxInt64, f.Size())
	require.NotEmpty(t, f.String())
	require.Positive(t, FromMessages(1, 1, 1e300, 1e-3, 0).Each)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Progress
		want string
	}{
		{Progress{Total: 50}, "0 of 50 runs, 0 %"},
		{Progress{Total: 50, Done: 12, Elapsed: 40 * time.Second}, "12 of 50 runs, 24 %, about 2 min left"},
		{Progress{Total: 3, Done: 2, Elapsed: 400 * time.Millisecond}, "2 of 3 runs, 66 %, under 1 s left"},
		{Progress{Total: 1, Done: 1, Elapsed: time.Hour}, "1 of 1 run, 100 %"},
		{Progress{}, "0 of 0 runs, 100 %"},
	} {
		require.Equal(t, c.want, c.p.String())
	}
	_, ok := Progress{Total: 5, Elapsed: time.Second}.Left()
	require.False(t, ok)
	left, ok := Progress{Total: 4, Done: 1, Elapsed: time.Second}.Left()
	require.True(t, ok)
	require.Equal(t, 3*time.Second, left)
}
