package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The bounds that SA-12 states for the number of intervals that cover the truth are the binomial ones: outside lies at most 1e-4.
func TestSA12_FalseAlarmOfTheCoverageBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n      int
		p      float64
		lo, hi int
	}{{1000, 0.95, 921, 975}, {2000, 0.95, 1860, 1936}, {400, 0.90, 335, 381}} {
		alarm := binomialCDF(c.lo-1, c.n, c.p) + 1 - binomialCDF(c.hi, c.n, c.p)
		require.LessOrEqual(t, alarm, 1e-4, "%d..%d of %d", c.lo, c.hi, c.n)
		tighter := binomialCDF(c.lo, c.n, c.p) + 1 - binomialCDF(c.hi-1, c.n, c.p)
		require.Greater(t, tighter, 1e-4, "%d..%d of %d are wider than needed", c.lo, c.hi, c.n)
	}
}

// ar1 returns the average of n values of x_t = phi x_{t-1} + e_t started in its stationary distribution, and the sum of squares.
func ar1(rng *rand.Rand, phi float64, n int) (mean, squares float64) {
	x := rng.NormFloat64() / math.Sqrt(1-phi*phi)
	for range n {
		mean += x
		squares += x * x
		x = phi*x + rng.NormFloat64()
	}
	return mean / float64(n), squares
}

// Intervals of the mean of AR(1) series, whose observations depend on each other, cover the true mean 0 as often as they promise.
func TestSA12_CoverageOnAR1(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		phi       float64
		intervals int
		coverage  float64
		lo, hi    int
	}{
		{"phi 0.5, 1000 at 95 %", 0.5, 1000, 0.95, 921, 975},
		{"phi 0.9, 2000 at 95 %", 0.9, 2000, 0.95, 1860, 1936},
		{"phi 0.9, 400 at 90 %", 0.9, 400, 0.90, 335, 381},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(12, uint64(c.intervals)))
			hits := 0
			for range c.intervals {
				x := make([]float64, 10)
				for r := range x {
					x[r], _ = ar1(rng, c.phi, 100)
				}
				if lo, hi, ok := Interval(x, c.coverage); ok && lo <= 0 && 0 <= hi {
					hits++
				}
			}
			require.GreaterOrEqual(t, hits, c.lo)
			require.LessOrEqual(t, hits, c.hi)
		})
	}
}

// The AR(1) generator of these tests has the moments that SA-12 states: variance 1/(1-phi^2), asymptotic variance 1/(1-phi)^2.
func TestSA12_MomentsOfAR1(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ phi, variance, asymptotic float64 }{{0.5, 1.333333, 4}, {0.9, 5.263158, 100}} {
		const series, length = 2000, 2000
		rng := rand.New(rand.NewPCG(34, uint64(10*c.phi)))
		var variances, spread []float64
		for range series {
			mean, squares := ar1(rng, c.phi, length)
			variances = append(variances, squares/length)
			spread = append(spread, mean*mean*length)
		}
		ok, _, msg := TheoryCheckWithin(variances, c.variance, 0, 1e-4, 0.02)
		require.True(t, ok, msg)
		// The squared means of a finite series estimate the asymptotic variance with a bias of order 1/length, and spread widely:
		// relative standard deviation sqrt(2), so the half-width over 2000 series is 12 %.
		ok, _, msg = TheoryCheckWithin(spread, c.asymptotic, 0.001*c.asymptotic, 1e-4, 0.15)
		require.True(t, ok, msg)
	}
}

// The waiting times of M/M/1 at rho 0.8 (Lindley's recursion), first messages removed, through replications and interval: mean wait
// 4 (SB-1). 400 intervals at 90 %.
//
// SA-1: a steady state, so the start-up is cut.
func TestSA12_CoverageOnMM1(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(56, 78))
	const rho, cut, kept = 0.8, 1500, 6000
	hits := 0
	for range 400 {
		x := make([]float64, 10)
		for r := range x {
			wait, sum := 0.0, 0.0
			for i := range cut + kept {
				if i >= cut {
					sum += wait
				}
				wait = max(0, wait+rng.ExpFloat64()-rng.ExpFloat64()/rho)
			}
			x[r] = sum / kept
		}
		if lo, hi, ok := Interval(x, 0.90); ok && lo <= 4 && 4 <= hi {
			hits++
		}
	}
	require.GreaterOrEqual(t, hits, 335)
	require.LessOrEqual(t, hits, 381)
}

// Identical values on both sides differ by exactly nothing, in every replication and in the interval.
func TestSA12_IdenticalConfigurationsDifferByZero(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	d := make([]float64, 10)
	for r := range d {
		y := rng.ExpFloat64()
		d[r] = y - y
	}
	lo, hi, ok := Interval(d, 0.95)
	require.True(t, ok)
	require.Zero(t, lo)
	require.Zero(t, hi)
}
