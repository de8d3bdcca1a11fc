// Package stats turns the figures of independent replications into estimates that a simulation expert accepts: a mean with a
// Student t interval, a quantile with an interval from order statistics, a proportion with Wilson's interval.
//
//	e := stats.Mean(stats.Values(41.2, 39.8, 40.1, 40.6, 38.9)) // one value a replication, in replication order
//	fmt.Println(*e.Mean, *e.Lo, *e.Hi)                          // with its 95 % interval
//	point, err := stats.Aggregate(summaries)                    // the same for every figure of a sweep point
//	ok, h, msg := stats.TheoryCheck(values, exact, bias, alpha) // does the simulator agree with theory?
//
// What flows in: the values of replications (package result). What flows out: result.Estimate, result.Point, and plain bounds.
// It never imports sim, scenarios or plots, draws no random number and reads no clock. Sums run in replication order, so the
// same values give the same bits every time.
//
// An interval is never made from within one run: successive messages are not independent (SA-5). The rules are named SA-1 to SA-12
// and part C throughout; docs/rules states them.
package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"mailsim/sim/result"
)

// MinReplications is the least number of replications from which an interval is made (SA-5): with fewer, none is better than a
// wrong one.
const MinReplications = 5

// Method names the way in which Mean makes its interval, as result.Estimate.Method carries it.
const Method = "student-t 95 % over replications"

// TQuantile returns the p quantile of Student's t distribution with df degrees of freedom (df > 0, 0 < p < 1).
func TQuantile(df, p float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p)
}

// Values makes the argument of Mean from numbers that every replication has.
func Values(x ...float64) []*float64 {
	out := make([]*float64, len(x))
	for i := range x {
		out[i] = &x[i]
	}
	return out
}

// Mean estimates a figure from one value a replication, in replication order; nil stands for a replication that has none (the
// mean delay of no messages). Values that are there are taken as the sample: R counts them. With none of them Mean is null,
// with fewer than MinReplications the interval is (SA-5). The result shares values with the caller.
//
// It panics on NaN and infinities: they are no figures, and whoever made them must find out where.
func Mean(values []*float64) result.Estimate {
	var x []float64
	for i, v := range values {
		if v == nil {
			continue
		}
		if math.IsNaN(*v) || math.IsInf(*v, 0) {
			panic(fmt.Sprintf("stats.Mean: value %d is %v", i, *v))
		}
		x = append(x, *v)
	}
	e := result.Estimate{R: len(x), Values: values}
	if len(x) == 0 {
		return e
	}
	mean, _ := moments(x)
	e.Mean = &mean
	if lo, hi, ok := Interval(x, 0.95); ok {
		e.Lo, e.Hi, e.Method = &lo, &hi, Method
	}
	return e
}

// Interval returns the Student t interval of the mean of independent values with the wanted coverage (0.95 for 95 %):
// mean +- t(R-1, 1-alpha/2) * s / sqrt(R) (SA-5). It returns ok = false for fewer than MinReplications values. Values that are all
// equal give the interval of length 0.
func Interval(x []float64, coverage float64) (lo, hi float64, ok bool) {
	if len(x) < MinReplications {
		return 0, 0, false
	}
	mean, s := moments(x)
	h := halfWidth(len(x), s, 1-coverage)
	return mean - h, mean + h, true
}

// halfWidth is t(n-1, 1-alpha/2) * s / sqrt(n).
func halfWidth(n int, s, alpha float64) float64 {
	if s == 0 {
		return 0
	}
	return TQuantile(float64(n-1), 1-alpha/2) * s / math.Sqrt(float64(n))
}

// moments returns mean and sample standard deviation of at least one value, summed in the order given, in two passes. Products are
// not left to fuse (docs/design.md). Equal values have exactly that mean and deviation 0.
func moments(x []float64) (mean, s float64) {
	equal := true
	sum := 0.0
	for _, v := range x {
		sum += v
		equal = equal && v == x[0]
	}
	if equal {
		return x[0], 0
	}
	n := float64(len(x))
	mean = sum / n
	squares := 0.0
	for _, v := range x {
		d := v - mean
		squares += float64(d * d)
	}
	return mean, math.Sqrt(squares / (n - 1))
}
