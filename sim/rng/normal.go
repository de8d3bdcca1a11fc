package rng

import "math"

// The coefficients of M. J. Wichura's algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477: numerators and denominators of
// three rational functions, highest power first. They are never written.
var (
	normalCentre = [2][8]float64{
		{2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
			13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080},
		{5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
			5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1},
	}
	normalTail = [2][8]float64{
		{7.74545014278341407640e-4, .0227238449892691845833, .241780725177450611770, 1.27045825245236838258,
			3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734},
		{1.05075007164441684324e-9, 5.47593808499534494600e-4, .0151986665636164571966, .148103976427480074590,
			.689767334985100004550, 1.67638483018380384940, 2.05319162663775882187, 1},
	}
	normalFarTail = [2][8]float64{
		{2.01033439929228813265e-7, 2.71155556874348757815e-5, .00124266094738807843860, .0265321895265761230930,
			.296560571828504891230, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720},
		{2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
			.0148753612908506148525, .136929880922735805310, .599832206555887937690, 1},
	}
)

// NormalQuantile is the inverse of the standard normal distribution function: the value that a standard normal variable stays below
// with probability p. -Inf at 0, +Inf at 1. The same bits on every machine, to within 1e-15 of the exact value (relative).
func NormalQuantile(p float64) float64 {
	q := p - 0.5
	if q >= -0.425 && q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return q * rational(&normalCentre, r)
	}
	if p <= 0 || p >= 1 {
		return math.Copysign(math.Inf(1), q)
	}
	r := math.Sqrt(-Log(min(p, 1-p)))
	z := 0.0
	if r <= 5 {
		z = rational(&normalTail, r-1.6)
	} else {
		z = rational(&normalFarTail, r-5)
	}
	return math.Copysign(z, q)
}

// rational is the quotient of two polynomials in r.
func rational(c *[2][8]float64, r float64) float64 {
	a, b := c[0][0], c[1][0]
	for i := 1; i < 8; i++ {
		a = float64(a*r) + c[0][i]
		b = float64(b*r) + c[1][i]
	}
	return a / b
}

// normalCDF is the probability that a standard normal variable stays below z: found by bisection on NormalQuantile, so that the
// two belong together to the last bit on every machine. Slow: for constructors and moments.
func normalCDF(z float64) float64 {
	lo, hi := 0.0, 1.0
	for {
		p := lo + (hi-lo)/2
		if p <= lo || p >= hi {
			return p
		}
		if NormalQuantile(p) < z {
			lo = p
		} else {
			hi = p
		}
	}
}
