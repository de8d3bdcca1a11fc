// Package metrics is how a run measures: gauges integrated over time exactly, histograms of durations, and the laws that the
// figures of every run must satisfy.
//
//	var g metrics.Gauge
//	g.Set(now, 3)            // the value from now on
//	mean := g.Mean(now)      // time average since the last Reset
//
// What flows in: values at instants, from the cores and the world. What flows out: integrals, maxima, quantiles, identities. It
// imports sim/simtime only, and must never import the simulation that it measures.
package metrics

import (
	"math/big"
	"math/bits"

	"mailsim/sim/simtime"
)

// Integral is an exact sum of products of counts and nanoseconds: 128 bits, unsigned. The zero value is 0.
type Integral struct {
	hi, lo uint64
}

// Add adds n*ns; both must be >= 0.
func (s *Integral) Add(n, ns int64) {
	h, l := bits.Mul64(uint64(n), uint64(ns))
	var c uint64
	s.lo, c = bits.Add64(s.lo, l, 0)
	s.hi, _ = bits.Add64(s.hi, h, c)
}

// Plus adds another integral.
func (s *Integral) Plus(o Integral) {
	var c uint64
	s.lo, c = bits.Add64(s.lo, o.lo, 0)
	s.hi, _ = bits.Add64(s.hi, o.hi, c)
}

// Minus returns s - o; o must not be larger.
func (s Integral) Minus(o Integral) Integral {
	lo, b := bits.Sub64(s.lo, o.lo, 0)
	hi, _ := bits.Sub64(s.hi, o.hi, b)
	return Integral{hi, lo}
}

// Seconds returns the integral in count-seconds.
func (s Integral) Seconds() float64 {
	return (float64(s.hi)*0x1p64 + float64(s.lo)) * 1e-9
}

// String writes the exact number of count-nanoseconds in decimal.
func (s Integral) String() string {
	v := new(big.Int).SetUint64(s.hi)
	v.Lsh(v, 64)
	return v.Add(v, new(big.Int).SetUint64(s.lo)).String()
}

// Gauge is a count that changes at instants: its value, exact integral and maximum, over the whole run and since the last
// sample. The zero value is 0 since t0.
type Gauge struct {
	value  int64
	since  simtime.Time // when value was last integrated
	sum    Integral     // since Reset
	max    int64        // since Reset
	base   Integral     // before Reset
	window Integral     // since the last Sample
	peak   int64        // since the last Sample
}

// Add changes the value by d at now.
func (g *Gauge) Add(now simtime.Time, d int64) { g.Set(now, g.value+d) }

// Set changes the value at now. Several changes at one instant leave the maximum as the largest value that stood at any of them.
func (g *Gauge) Set(now simtime.Time, v int64) {
	if now != g.since {
		g.integrate(now)
	}
	g.value = v
	if v > g.peak {
		g.peak = v
	}
}

func (g *Gauge) integrate(now simtime.Time) {
	g.window.Add(g.value, int64(now-g.since))
	g.since = now
}

// Value returns the present value.
func (g *Gauge) Value() int64 { return g.value }

// Sample ends the sampling interval that began at start (the last Sample): mean over it, largest value, present value.
func (g *Gauge) Sample(start, now simtime.Time) (mean, peak, last float64) {
	g.integrate(now)
	if now > start {
		mean = g.window.Seconds() / now.Sub(start).Seconds()
	} else {
		mean = float64(g.value)
	}
	peak = float64(g.peak)
	g.fold()
	return mean, peak, float64(g.value)
}

func (g *Gauge) fold() {
	g.sum.Plus(g.window)
	g.window = Integral{}
	if g.peak > g.max {
		g.max = g.peak
	}
	g.peak = g.value
}

// Reset forgets the integral and the maximum (the end of the warm-up); the value stays.
func (g *Gauge) Reset(now simtime.Time) {
	g.integrate(now)
	g.fold()
	g.base.Plus(g.sum)
	g.sum = Integral{}
	g.max = g.value
}

// Total returns integral and maximum since Reset, up to now.
func (g *Gauge) Total(now simtime.Time) (Integral, int64) {
	g.integrate(now)
	g.fold()
	return g.sum, g.max
}

// Ever returns the integral since t0, whatever was reset.
func (g *Gauge) Ever(now simtime.Time) Integral {
	sum, _ := g.Total(now)
	sum.Plus(g.base)
	return sum
}
