package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
)

// TestQ2_7_Age: a digest shows the state of a whole minute by the clock on the wall that is at least one minute old, and less than two.
func TestQ2_7_Age(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 2, 10, 0, 0, 0, time.FixedZone("IST", 5*3600+1800))
	at := func(start time.Time, t time.Duration) time.Duration {
		return time.Duration(digestTime(start, simtime.Time(t)))
	}
	for _, c := range []struct{ into, t, want time.Duration }{
		{0, 10 * time.Minute, 9 * time.Minute},
		{0, 10*time.Minute + 59*time.Second, 9 * time.Minute},
		{0, 11*time.Minute - 1, 9 * time.Minute},
		{0, 11 * time.Minute, 10 * time.Minute},
		{20 * time.Second, 10 * time.Minute, 9*time.Minute - 20*time.Second},
		{20 * time.Second, 10*time.Minute + 40*time.Second, 9*time.Minute + 40*time.Second},
		{0, time.Minute, 0},
	} {
		require.Equal(t, c.want, at(day.Add(c.into), c.t), c)
	}
	require.Negative(t, at(day, time.Minute-1), "nothing is old enough")
	rapid.Check(t, func(t *rapid.T) {
		start := day.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "start")))
		x := time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "at"))
		state := at(start, x)
		require.True(t, start.Add(state).Equal(start.Add(state).Truncate(time.Minute)))
		require.GreaterOrEqual(t, x-state, time.Minute)
		require.Less(t, x-state, 2*time.Minute)
	})
}
