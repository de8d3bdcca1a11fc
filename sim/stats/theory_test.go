package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func sampleAround(mean, sd float64, n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + sd*rng.NormFloat64()
	}
	return x
}

func TestPartC_TheoryCheck(t *testing.T) {
	t.Parallel()
	ok, h, msg := TheoryCheck(sampleAround(100, 1, 20, 1), 100, 0, 1e-4)
	require.True(t, ok, msg)
	require.InDelta(t, 4.8975/math.Sqrt(20), h, 0.6, "t(19) * s / sqrt(20) with s near 1")
	require.Contains(t, msg, "smallest visible error")

	t.Run("finds an error of 2h", func(t *testing.T) {
		ok, _, msg := TheoryCheck(sampleAround(103, 1, 20, 2), 100, 0, 1e-4)
		require.False(t, ok)
		require.Contains(t, msg, "disagrees with theory")
	})
	t.Run("allows the stated bias and no more", func(t *testing.T) {
		x := sampleAround(100.05, 0.001, 20, 3)
		ok, _, _ := TheoryCheck(x, 100, 0, 1e-4)
		require.False(t, ok)
		ok, _, msg := TheoryCheck(x, 100, 0.1, 1e-4)
		require.True(t, ok, msg)
	})
	t.Run("does not pass blind", func(t *testing.T) {
		x := sampleAround(100, 3, 20, 4)
		ok, h, msg := TheoryCheck(x, 100, 0, 1e-4)
		require.False(t, ok)
		require.Greater(t, h, 2.0)
		require.Contains(t, msg, "blind")
		ok, _, msg = TheoryCheckWithin(x, 100, 0, 1e-4, BlindnessWide)
		require.True(t, ok, msg)
	})
	t.Run("wants 20 replications", func(t *testing.T) {
		ok, _, msg := TheoryCheck(sampleAround(100, 0.1, 19, 5), 100, 0, 1e-4)
		require.False(t, ok)
		require.Contains(t, msg, "19 replications")
	})
	t.Run("refuses what is no number", func(t *testing.T) {
		x := sampleAround(100, 0.1, 20, 6)
		x[7] = math.NaN()
		ok, _, msg := TheoryCheck(x, 100, 0, 1e-4)
		require.False(t, ok)
		require.Contains(t, msg, "replication 7 is NaN")
	})
}

// 2000 checks of a true hypothesis at alpha = 1 %: the share of alarms lies within binomial bounds (two-sided 1e-4: 5..39).
func TestPartC_FalseAlarmsAreAsStated(t *testing.T) {
	t.Parallel()
	alarms := 0
	for i := range uint64(2000) {
		if ok, _, _ := TheoryCheck(sampleAround(100, 1, 20, 1000+i), 100, 0, 0.01); !ok {
			alarms++
		}
	}
	require.GreaterOrEqual(t, alarms, 5)
	require.LessOrEqual(t, alarms, 39)
}
