package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Quantile returns the sample p quantile of sorted values (0 < p < 1, at least one value): the smallest value that at least the
// share p of the values does not exceed, which is always one of the values.
func Quantile(sorted []float64, p float64) float64 {
	// A product such as 0.95*100 may come out a hair above the integer it means; 1e-9 of a rank is no rank.
	rank := int(math.Ceil(p*float64(len(sorted)) - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// QuantileInterval returns the distribution-free interval of the p quantile from one independent sample, for example one value
// a replication (SA-6). ok = false means that the sample is too small for a finite bound on both sides: "not estimable", for which
// the maximum is no substitute. The sample is not changed.
func QuantileInterval(sample []float64, p, coverage float64) (lo, hi float64, ok bool) {
	l, u, ok := OrderIndices(len(sample), p, coverage)
	if !ok {
		return 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(sample))
	return sorted[l-1], sorted[u-1], true
}

// OrderIndices returns the ranks, counted from 1, of the order statistics that enclose the p quantile of n independent values
// with at least the wanted coverage (SA-6). Each side misses with at most (1-coverage)/2: l is the largest rank with
// P(fewer than l values below the quantile) within it, u the smallest rank with P(at least u values below) within it. ok = false
// when either does not exist.
func OrderIndices(n int, p, coverage float64) (l, u int, ok bool) {
	tail := (1 - coverage) / 2
	for l < n && binomialCDF(l, n, p) <= tail {
		l++
	}
	u = l
	for u <= n && 1-binomialCDF(u-1, n, p) > tail {
		u++
	}
	return l, u, l >= 1 && u <= n
}

// binomialCDF is P(at most k successes in n trials of probability p), by the regularised incomplete beta function.
func binomialCDF(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	default:
		return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
	}
}
