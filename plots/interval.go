package plots

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// minReplications is the smallest number of replications that gives an interval (SA-5).
const minReplications = 5

// hugest is the largest size of a value that a chart shows: beyond, the arithmetic of scales overflows.
const hugest = 1e100

// drawable tells whether a value can be shown.
func drawable(v float64) bool { return math.Abs(v) <= hugest } // false for NaN

// spread is what the replications say about one instant.
type spread struct {
	mean         float64 // NaN without a value
	lo, hi       float64 // 95 % interval of the mean; NaN below minReplications
	least, most  float64 // 5-95 % range of the replications, or smallest and largest below minReplications; NaN below two
	replications int     // drawable values
}

// spreads computes spreads of values; it keeps its scratch space and the quantiles of Student's t between calls.
type spreads struct {
	sorted []float64
	t      []float64 // t[n]: 97.5 % quantile for n values; 0 = not computed yet
}

// of returns the spread of the drawable values.
//
// SA-5: mean ± t(R-1, 0.975)·s/√R, and no interval from fewer than five replications.
// SA-11: apart from it, the 5-95 % range of the replications.
func (c *spreads) of(values []float64) spread {
	c.sorted = c.sorted[:0]
	for _, v := range values {
		if drawable(v) {
			c.sorted = append(c.sorted, v)
		}
	}
	n := len(c.sorted)
	nan := math.NaN()
	r := spread{mean: nan, lo: nan, hi: nan, least: nan, most: nan, replications: n}
	if n == 0 {
		return r
	}
	slices.Sort(c.sorted)
	r.mean = 0
	for _, v := range c.sorted {
		r.mean += v / float64(n)
	}
	if n < 2 {
		return r
	}
	if n < minReplications {
		r.least, r.most = c.sorted[0], c.sorted[n-1]
		return r
	}
	r.least, r.most = quantile(c.sorted, 0.05), quantile(c.sorted, 0.95)
	var squares float64
	for _, v := range c.sorted {
		d := v - r.mean
		squares += float64(d*d) / float64(n-1)
	}
	half := c.student(n) * math.Sqrt(squares/float64(n))
	r.lo, r.hi = r.mean-half, r.mean+half
	if c.sorted[0] >= 0 {
		r.lo = max(r.lo, 0) // what cannot be negative is not drawn below zero
	}
	return r
}

// student returns the 97.5 % quantile of Student's t with n-1 degrees of freedom.
func (c *spreads) student(n int) float64 {
	for len(c.t) <= n {
		c.t = append(c.t, 0)
	}
	if c.t[n] == 0 {
		c.t[n] = distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	}
	return c.t[n]
}

// quantile returns the p-quantile of ascending values, interpolated between neighbours: position (n-1)p counted from 0.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	w := at - float64(i)
	return float64(sorted[i]*(1-w)) + float64(sorted[i+1]*w)
}
