package simtime_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
)

func TestTimeArithmetic(t *testing.T) {
	t.Parallel()
	at := simtime.Time(0).Add(90 * time.Second)
	require.Equal(t, "1m30s", at.String())
	require.InDelta(t, 90.0, at.Seconds(), 0)
	require.Equal(t, time.Minute, at.Sub(simtime.Time(30*time.Second)))
	require.Equal(t, simtime.Never, simtime.Never.Add(time.Hour), "nothing is later than never")
	require.Equal(t, "never", simtime.Never.String())
	require.Equal(t, simtime.Never, at.Add(1<<63-1), "nor later than what comes never")
	require.Equal(t, simtime.Time(0), at.Add(-90*time.Second))
}

func TestFromSecondsRoundsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    float64
		want time.Duration
	}{
		{0, 0}, {1e-9, 1}, {1.4e-9, 1}, {2.5e-9, 2}, {3.5e-9, 4}, {2, 2 * time.Second},
		{math.Inf(1), math.MaxInt64}, {1e300, math.MaxInt64},
	} {
		require.Equal(t, c.want, simtime.FromSeconds(c.s), "%g s", c.s)
	}
}
