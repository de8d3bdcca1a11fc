package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Wilson returns Wilson's score interval for a proportion of which `events` of n independent trials were seen (SA-8). Unlike
// p +- z*sqrt(pq/n) it holds near 0 and 1. It panics unless 0 <= events <= n and n >= 1.
func Wilson(events, n int, coverage float64) (lo, hi float64) {
	if n < 1 || events < 0 || events > n {
		panic(fmt.Sprintf("stats.Wilson: %d events in %d trials", events, n))
	}
	z := distuv.UnitNormal.Quantile(1 - (1-coverage)/2)
	p, m, zz := float64(events)/float64(n), float64(n), float64(z*z)
	centre := (p + zz/(2*m)) / (1 + zz/m)
	half := z / (1 + zz/m) * math.Sqrt(float64(p*(1-p))/m+zz/(4*m*m))
	lo, hi = max(0, centre-half), min(1, centre+half)
	// At the ends the bound is exactly 0 or 1; rounding must not say otherwise.
	if events == 0 {
		lo = 0
	}
	if events == n {
		hi = 1
	}
	return lo, hi
}

// NoEventBound returns the one-sided upper bound for the probability of something that was not seen in n trials (SA-8):
// 1 - (1-coverage)^(1/n). Not seen is not never: 0 of 20 leaves 13.9 % open. It panics unless n >= 1.
func NoEventBound(n int, coverage float64) float64 {
	if n < 1 {
		panic(fmt.Sprintf("stats.NoEventBound: %d trials", n))
	}
	return 1 - math.Pow(1-coverage, 1/float64(n))
}
