// Package simtime is the one time type of a simulation: a 64-bit count of nanoseconds of virtual time since t0, the start of
// the scenario.
//
// It holds no clock. Whoever needs "now" is told it. What flows in: nothing; what flows out: Time. It imports the standard
// library only and must never call time.Now.
package simtime

import (
	"math"
	"time"
)

// Time is an instant of virtual time: nanoseconds since the scenario's t0. The zero value is t0 itself. Negative times do not
// occur in a run.
type Time int64

// Never is later than every instant of a run: the deadline of something that waits for no timer.
const Never Time = math.MaxInt64

// Add returns the instant d after t; Never stays Never, and so is what lies beyond it.
func (t Time) Add(d time.Duration) Time {
	if t == Never || d > 0 && t > Never-Time(d) {
		return Never
	}
	return t + Time(d)
}

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Seconds returns t in seconds since t0.
func (t Time) Seconds() float64 { return time.Duration(t).Seconds() }

// String writes t as a Go duration since t0 ("1h2m3s"), and Never as "never".
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	return time.Duration(t).String()
}

// FromSeconds rounds s seconds to the nearest nanosecond: the one place where a computed time becomes an instant
// (docs/design.md: times are rounded once, where they arise). It saturates at Never.
func FromSeconds(s float64) time.Duration {
	ns := math.RoundToEven(float64(s * 1e9))
	if ns >= float64(math.MaxInt64) {
		return time.Duration(math.MaxInt64)
	}
	return time.Duration(ns)
}

// Longest is the most that a step of a run lasts: some 36 years, so that several in a row are a duration still.
const Longest time.Duration = 1 << 60

// Span is FromSeconds for how long a step lasts: at most Longest.
func Span(s float64) time.Duration { return min(FromSeconds(s), Longest) }
