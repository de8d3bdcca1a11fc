package stats

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSA8_WilsonInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		events, n int
		lo, hi    float64
	}{
		{0, 10, 0, 0.277533}, {5, 10, 0.236593, 0.763407}, {10, 10, 0.722467, 1}, {1, 100, 0.001767, 0.054486},
	} {
		lo, hi := Wilson(c.events, c.n, 0.95)
		require.InDelta(t, c.lo, lo, 1e-6, "%d of %d", c.events, c.n)
		require.InDelta(t, c.hi, hi, 1e-6, "%d of %d", c.events, c.n)
	}
	require.Panics(t, func() { Wilson(1, 0, 0.95) })
	require.Panics(t, func() { Wilson(3, 2, 0.95) })
	require.Panics(t, func() { Wilson(-1, 2, 0.95) })
}

func TestSA8_NoEventsIsNotNever(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 0.139, NoEventBound(20, 0.95), 5e-4)
	require.InDelta(t, 0.095, NoEventBound(30, 0.95), 5e-4)
	require.InDelta(t, 0.030, NoEventBound(100, 0.95), 5e-4)
	require.Panics(t, func() { NoEventBound(0, 0.95) })
}

func TestWilsonProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		events := rapid.IntRange(0, n).Draw(t, "events")
		lo, hi := Wilson(events, n, 0.95)
		p := float64(events) / float64(n)
		require.True(t, 0 <= lo && lo <= p+1e-12 && p <= hi+1e-12 && hi <= 1, "%g %g %g", lo, p, hi)
		other, otherHi := Wilson(n-events, n, 0.95)
		require.InDelta(t, 1-hi, other, 1e-12)
		require.InDelta(t, 1-lo, otherHi, 1e-12)
	})
}
