package rng

import (
	"fmt"
	"math"
	"strconv"
)

// Dist is a distribution: a small value without state, to be copied freely. Its numbers are in the unit of its parameters, whichever
// that is (seconds, bytes, messages). The zero value is the constant 0.
//
// Every kind is drawn with one uniform number. All moments and samples are the same bits on every machine.
type Dist struct {
	kind    kind
	a, b, c float64 // parameters: see the kinds
	limit   float64 // of cutLognormal
	table   *table  // of the tabulated kinds; shared by copies and never written
}

type kind uint8

const (
	constant         kind = iota // a: the value
	exponential                  // a: mean
	uniform                      // a, b: from, to
	lognormal                    // a: mu; b: sigma
	cutLognormal                 // a: mu; b: sigma; c: the share of the whole that lies up to the limit
	weibull                      // a: scale; b: shape
	pareto                       // a: least value; b: shape
	erlang                       // a: mean; b: number of stages
	hyperexponential             // a, b: the two means; c: the probability of the first
	tabulated                    // numbers spread log-uniformly between edges
	counts                       // whole numbers from 1
)

// Constant is always v.
func Constant(v float64) Dist { return Dist{kind: constant, a: v} }

// Exponential has this mean, 0 or more.
func Exponential(mean float64) (Dist, error) {
	if err := check("exponential", "mean", mean, mean >= 0, "finite and at least 0"); err != nil {
		return Dist{}, err
	}
	return Dist{kind: exponential, a: mean}, nil
}

// Uniform lies in [from, to).
func Uniform(from, to float64) (Dist, error) {
	if err := check("uniform", "upper end", to, to >= from && !math.IsInf(from, 0), "finite and at least the lower end "+number(from)); err != nil {
		return Dist{}, err
	}
	return Dist{kind: uniform, a: from, b: to}, nil
}

// Weibull has this scale, above 0, and shape, 0.05 or more. A shape below 1 is burstier than exponential, one above 1 more regular.
func Weibull(scale, shape float64) (Dist, error) {
	if err := check("Weibull", "scale", scale, scale > 0, "finite and above 0"); err != nil {
		return Dist{}, err
	}
	if err := check("Weibull", "shape", shape, shape >= 0.05, "finite and at least 0.05"); err != nil {
		return Dist{}, err
	}
	return Dist{kind: weibull, a: scale, b: shape}, nil
}

// WeibullMean is the Weibull distribution of this shape that has this mean.
func WeibullMean(mean, shape float64) (Dist, error) {
	if err := check("Weibull", "mean", mean, mean > 0, "finite and above 0"); err != nil {
		return Dist{}, err
	}
	d, err := Weibull(1, shape)
	if err != nil {
		return Dist{}, err
	}
	d.a = mean / gamma(1+1/shape)
	return d, nil
}

// Pareto exceeds x with probability (least/x)^shape, for x from least on; least is above 0 and shape 0.1 or more. Its mean is infinite
// up to shape 1, its variance up to shape 2.
func Pareto(least, shape float64) (Dist, error) {
	if err := check("Pareto", "least value", least, least > 0, "finite and above 0"); err != nil {
		return Dist{}, err
	}
	if err := check("Pareto", "shape", shape, shape >= 0.1, "finite and at least 0.1"); err != nil {
		return Dist{}, err
	}
	return Dist{kind: pareto, a: least, b: shape}, nil
}

// Erlang is the sum of so many (1 to 100) exponential stages; mean is that of the sum. Its inverse has no formula: a number takes
// about 40 times as long as an exponential one.
func Erlang(mean float64, stages int) (Dist, error) {
	if err := check("Erlang", "mean", mean, mean >= 0, "finite and at least 0"); err != nil {
		return Dist{}, err
	}
	if err := check("Erlang", "number of stages", float64(stages), stages >= 1 && stages <= 100, "between 1 and 100"); err != nil {
		return Dist{}, err
	}
	return Dist{kind: erlang, a: mean, b: float64(stages)}, nil
}

// Hyperexponential is one of two exponential distributions with balanced means (each contributes half of the mean), for a squared
// coefficient of variation cs2 of 1 or more. The one uniform number of a sample first tells which of the two, and what is left of
// it is the number drawn; so larger uniform numbers do not always give larger samples.
func Hyperexponential(mean, cs2 float64) (Dist, error) {
	if err := check("hyperexponential", "mean", mean, mean >= 0, "finite and at least 0"); err != nil {
		return Dist{}, err
	}
	if err := check("hyperexponential", "squared coefficient of variation", cs2, cs2 >= 1, "finite and at least 1"); err != nil {
		return Dist{}, err
	}
	p := (1 + math.Sqrt((cs2-1)/(cs2+1))) / 2
	return Dist{kind: hyperexponential, a: mean / (2 * p), b: mean / (2 * (1 - p)), c: p}, nil
}

// Sample is the inverse of the distribution function: the number at u in [0, 1). It grows with u, but for Hyperexponential.
// Exponential samples are exact to 1e-15 (relative). What u outside that range gives is not defined.
func (d Dist) Sample(u float64) float64 {
	switch d.kind {
	case constant:
		return d.a
	case exponential:
		return -d.a * Log(1-u) // 1-u is exact for the multiples of 2^-53
	case uniform:
		return d.a + float64(u*(d.b-d.a))
	case lognormal:
		return Exp(d.a + float64(d.b*NormalQuantile(u)))
	case cutLognormal:
		return min(Exp(d.a+float64(d.b*NormalQuantile(u*d.c))), d.limit)
	case weibull:
		return d.a * power(-Log(1-u), 1/d.b)
	case pareto:
		return d.a * Exp(-Log(1-u)/d.b)
	case erlang:
		return d.a / d.b * erlangQuantile(u, int(d.b))
	case hyperexponential:
		if u < d.c {
			return -d.a * Log(1-u/d.c)
		}
		return -d.b * Log(1-min((u-d.c)/(1-d.c), 1-0x1p-53))
	case tabulated:
		return d.table.number(u)
	default:
		return d.table.count(u)
	}
}

// Fixed tells whether d is a constant, and which: whoever samples it often need not draw.
func (d *Dist) Fixed() (value float64, ok bool) { return d.a, d.kind == constant }

// Mean is the expected value; +Inf where there is none.
func (d Dist) Mean() float64 {
	m, _ := d.moments()
	return m
}

// Variance is +Inf where there is none.
func (d Dist) Variance() float64 {
	_, v := d.moments()
	return v
}

// CS2 is the squared coefficient of variation: variance / mean^2; 0 when the mean is 0. The mean wait behind one connection goes with
// (1+CS2)/2.
func (d Dist) CS2() float64 {
	m, v := d.moments()
	if m == 0 || math.IsInf(v, 1) {
		return v
	}
	return v / (m * m)
}

// moments returns mean and variance.
func (d Dist) moments() (mean, variance float64) {
	switch d.kind {
	case constant:
		return d.a, 0
	case exponential:
		return d.a, d.a * d.a
	case uniform:
		w := d.b - d.a
		return d.a + w/2, w * w / 12
	case lognormal:
		return lognormalMoments(d.a, d.b)
	case cutLognormal:
		return cutLognormalMoments(d.a, d.b, d.c)
	case weibull:
		g := gamma(1 + 1/d.b)
		return d.a * g, d.a * d.a * (gamma(1+2/d.b) - float64(g*g))
	case pareto:
		return paretoMoments(d.a, d.b)
	case erlang:
		return d.a, d.a * d.a / d.b
	case hyperexponential:
		mean = float64(d.c*d.a) + float64((1-d.c)*d.b)
		return mean, 2*(float64(d.c*d.a*d.a)+float64((1-d.c)*d.b*d.b)) - float64(mean*mean)
	default:
		return d.table.mean, d.table.variance
	}
}

// paretoMoments returns mean and variance of a Pareto distribution.
func paretoMoments(least, shape float64) (mean, variance float64) {
	mean, variance = math.Inf(1), math.Inf(1)
	if shape > 1 {
		mean = shape * least / (shape - 1)
	}
	if shape > 2 {
		variance = mean * mean / (shape * (shape - 2))
	}
	return mean, variance
}

// String names the distribution and its parameters, as "lognormal(mu 9.33, sigma 2, up to 10485760)".
func (d Dist) String() string {
	switch d.kind {
	case constant:
		return number(d.a)
	case exponential:
		return "exponential(mean " + number(d.a) + ")"
	case uniform:
		return "uniform(" + number(d.a) + " to " + number(d.b) + ")"
	case lognormal:
		return "lognormal(mu " + number(d.a) + ", sigma " + number(d.b) + ")"
	case cutLognormal:
		return "lognormal(mu " + number(d.a) + ", sigma " + number(d.b) + ", up to " + number(d.limit) + ")"
	case weibull:
		return "Weibull(scale " + number(d.a) + ", shape " + number(d.b) + ")"
	case pareto:
		return "Pareto(from " + number(d.a) + ", shape " + number(d.b) + ")"
	case erlang:
		return "Erlang(mean " + number(d.a) + ", stages " + number(d.b) + ")"
	case hyperexponential:
		return "hyperexponential(mean " + number(d.Mean()) + ", cs2 " + number(d.CS2()) + ")"
	default:
		return "table(mean " + number(d.Mean()) + ", cs2 " + number(d.CS2()) + ")"
	}
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// check reports a parameter that is not finite or not ok.
func check(dist, parameter string, v float64, ok bool, must string) error {
	if ok && !math.IsInf(v, 0) {
		return nil
	}
	return fmt.Errorf("%s distribution: %s must be %s, is %s", dist, parameter, must, strconv.FormatFloat(v, 'g', -1, 64))
}
