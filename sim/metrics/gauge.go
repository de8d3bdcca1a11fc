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
//
// A change by d at t adds d*t to the moment; the integral up to now is value*now - moment. So a change by one takes an addition and asks for no
// earlier instant.
type Gauge struct {
	value  int64
	peak   int64    // since the last Sample
	moment Integral // modulo 2^128; at a Sample it is value*now
	sum    Integral // since Reset, up to the last Sample
	max    int64    // since Reset
	base   Integral // before Reset
}

// Add changes the value by d at now.
func (g *Gauge) Add(now simtime.Time, d int64) {
	g.moment.shift(now, d)
	g.value += d
	if g.value > g.peak {
		g.peak = g.value
	}
}

// Set changes the value at now. Several changes at one instant leave the maximum as the largest value that stood at any of them.
func (g *Gauge) Set(now simtime.Time, v int64) { g.Add(now, v-g.value) }

// Inc is Add of 1.
func (g *Gauge) Inc(now simtime.Time) {
	var c uint64
	g.moment.lo, c = bits.Add64(g.moment.lo, uint64(now), 0)
	g.moment.hi += c
	if g.value++; g.value > g.peak {
		g.peak = g.value
	}
}

// Dec is Add of -1.
func (g *Gauge) Dec(now simtime.Time) {
	var b uint64
	g.moment.lo, b = bits.Sub64(g.moment.lo, uint64(now), 0)
	g.moment.hi -= b
	g.value--
}

// shift adds d*now; d may be negative.
func (s *Integral) shift(now simtime.Time, d int64) {
	h, l := bits.Mul64(uint64(d), uint64(now))
	h -= uint64(now) & uint64(d>>63) // what uint64 added to a negative d
	var c uint64
	s.lo, c = bits.Add64(s.lo, l, 0)
	s.hi, _ = bits.Add64(s.hi, h, c)
}

// Value returns the present value.
func (g *Gauge) Value() int64 { return g.value }

// Sample ends the sampling interval that began at start (the last Sample): mean over it, largest value, present value.
func (g *Gauge) Sample(start, now simtime.Time) (mean, peak, last float64) {
	peak = float64(g.peak)
	window := g.fold(now)
	if now > start {
		mean = window.Seconds() / now.Sub(start).Seconds()
	} else {
		mean = float64(g.value)
	}
	return mean, peak, float64(g.value)
}

// fold ends a sampling interval and returns its integral.
func (g *Gauge) fold(now simtime.Time) Integral {
	var all Integral
	all.shift(now, g.value)
	window := all.Minus(g.moment)
	g.moment = all
	g.sum.Plus(window)
	if g.peak > g.max {
		g.max = g.peak
	}
	g.peak = g.value
	return window
}

// Reset forgets the integral and the maximum (the end of the warm-up); the value stays.
func (g *Gauge) Reset(now simtime.Time) {
	g.fold(now)
	g.base.Plus(g.sum)
	g.sum = Integral{}
	g.max = g.value
}

// Total returns integral and maximum since Reset, up to now.
func (g *Gauge) Total(now simtime.Time) (Integral, int64) {
	g.fold(now)
	return g.sum, g.max
}

// Ever returns the integral since t0, whatever was reset.
func (g *Gauge) Ever(now simtime.Time) Integral {
	sum, _ := g.Total(now)
	sum.Plus(g.base)
	return sum
}
