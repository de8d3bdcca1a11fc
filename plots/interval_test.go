package plots

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSA5_IntervalOfTheMean(t *testing.T) {
	t.Parallel()
	var calc spreads
	sp := calc.of([]float64{3, 1, 5, 2, 4})
	require.InDelta(t, 3, sp.mean, 1e-12)
	// t(4, 0.975) = 2.776445, s = sqrt(2.5), half = t*s/sqrt(5) = 1.963243.
	require.InDelta(t, 3-1.963243, sp.lo, 1e-6)
	require.InDelta(t, 3+1.963243, sp.hi, 1e-6)

	sp = calc.of([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	// t(9, 0.975) = 2.262157, s = 3.027650, half = 2.165851.
	require.InDelta(t, 4.5-2.165851, sp.lo, 1e-6)

	t.Run("never from fewer than five replications", func(t *testing.T) {
		sp := calc.of([]float64{1, 2, 3, 4})
		require.InDelta(t, 2.5, sp.mean, 1e-12)
		require.True(t, math.IsNaN(sp.lo) && math.IsNaN(sp.hi))
		// A value that a replication lacks does not count.
		sp = calc.of([]float64{1, 2, 3, 4, math.NaN(), math.Inf(1), 1e200})
		require.True(t, math.IsNaN(sp.lo))
		require.Equal(t, 4, sp.replications)
	})
	t.Run("not below zero where no value is", func(t *testing.T) {
		require.Zero(t, calc.of([]float64{0, 0, 0, 0, 10}).lo)
		require.Negative(t, calc.of([]float64{-1, 0, 0, 0, 10}).lo)
	})
}

func TestSA11_BandIsTheRangeOfReplications(t *testing.T) {
	t.Parallel()
	var calc spreads
	sp := calc.of([]float64{5, 4, 3, 2, 1})
	require.InDelta(t, 1.2, sp.least, 1e-12, "5 % of the way from the smallest of five")
	require.InDelta(t, 4.8, sp.most, 1e-12)

	sp = calc.of([]float64{7, 3})
	require.Equal(t, []float64{3, 7}, []float64{sp.least, sp.most}, "two replications: smallest and largest")

	sp = calc.of([]float64{7})
	require.InDelta(t, 7, sp.mean, 0)
	require.True(t, math.IsNaN(sp.least) && math.IsNaN(sp.most), "one replication has no range")

	require.True(t, math.IsNaN(calc.of(nil).mean))
}

func TestSA11_SpreadIsOrdered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-hugest, hugest), 5, 40).Draw(t, "values")
		var calc spreads
		sp := calc.of(values)
		slack := 1e-9 * (math.Abs(slices.Max(values)) + math.Abs(slices.Min(values)))
		require.LessOrEqual(t, sp.lo, sp.mean+slack)
		require.LessOrEqual(t, sp.mean, sp.hi+slack)
		require.LessOrEqual(t, slices.Min(values), sp.least+slack)
		require.LessOrEqual(t, sp.least, sp.most)
		require.LessOrEqual(t, sp.most, slices.Max(values)+slack)
	})
}
