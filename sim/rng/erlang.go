package rng

import "math"

// erlangQuantile is the inverse of the distribution function of a sum of k exponential numbers of mean 1, by Newton's method; good to
// about 1e-13 (relative).
func erlangQuantile(u float64, k int) float64 {
	if u <= 0 {
		return 0
	}
	x := erlangStart(u, float64(k))
	for range 100 {
		below, above, density := erlangCDF(x, k)
		step := (below - u) / density
		if u > 0.5 {
			step = ((1 - u) - above) / density
		}
		next := min(max(x-step, x/2), 2*x)
		if math.Abs(next-x) <= 1e-14*x {
			return next
		}
		x = next
	}
	return x
}

// erlangStart is a first guess: Wilson and Hilferty's, or for a small u the leading term of the distribution function.
func erlangStart(u, k float64) float64 {
	t := 1 / (9 * k)
	if r := 1 - t + float64(NormalQuantile(u)*math.Sqrt(t)); r > 0.3 {
		return k * r * r * r
	}
	return Exp((Log(u) + Log(gamma(k+1))) / k)
}

// erlangCDF returns the probabilities of a sum below and above x, the smaller one without cancellation, and the density.
func erlangCDF(x float64, k int) (below, above, density float64) {
	density = Exp(float64(float64(k-1)*Log(x)) - x - Log(gamma(float64(k))))
	if x < float64(k) {
		term := density * x / float64(k)
		for i := k + 1; term > below*1e-17; i++ {
			below += term
			term *= x / float64(i)
		}
		return below, 1 - below, density
	}
	term := density
	for i := k - 1; i >= 0; i-- {
		above += term
		term *= float64(i) / x
	}
	return 1 - above, above, density
}
