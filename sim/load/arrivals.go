package load

import (
	"fmt"
	"math"
	"math/bits"
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// horizon is the end of all runs: 146 years after t0, so that no sum of two instants overflows.
const horizon simtime.Time = 1 << 62

// arrivals makes the arrival times of a source that is no replay. Random kinds take one uniform a message.
type arrivals struct {
	kind   Kind
	end    simtime.Time // exclusive
	stream *rng.Stream  // Poisson, Diurnal, Clients
	at     simtime.Time // the last arrival; at first, where the process starts
	rate   float64      // Poisson: per second
	day    *diurnal     // Diurnal
	from   simtime.Time // Burst, Regular: the first message
	step   time.Duration
	count  int64 // Burst, Regular
	made   int64
	work   working // Clients
}

// newArrivals takes a checked source. end is that of the run.
func newArrivals(s *Source, shares hours, root rng.Root, start time.Time, end simtime.Time) arrivals {
	a := arrivals{kind: s.Kind, end: min(s.End, end, horizon), at: s.Start, rate: s.Rate}
	switch s.Kind {
	case Poisson:
		a.stream = root.Stream("arrivals", s.ID)
	case Diurnal:
		a.stream = root.Stream("arrivals", s.ID)
		a.day = newDiurnal(s.Rate, shares, start, clockOf(s, start), s.Start)
	case Clients:
		a.stream, a.rate = root.Stream("arrivals", s.ID), float64(s.Rate*s.clients())
		a.work = working{hours: s.Hours, start: start}
		a.work.open(s.Start)
	case Regular:
		a.from, a.step, a.count = s.First, s.Every, s.Count
		if a.count == 0 {
			a.count = math.MaxInt64
		}
	case Burst:
		a.from, a.step, a.count = s.Start, s.Over, s.Count
	}
	return a
}

func clockOf(s *Source, start time.Time) *time.Location {
	if s.Location != nil {
		return s.Location
	}
	return start.Location()
}

// next returns the next arrival; false, for good, when there is none before the end.
func (a *arrivals) next() (simtime.Time, bool) {
	var ok bool
	switch {
	case a.rate == 0 && (a.kind == Poisson || a.kind == Diurnal || a.kind == Clients): // never
	case a.kind == Poisson:
		// Each gap is rounded to a nanosecond once, and whole nanoseconds are added up.
		gap := simtime.FromSeconds(a.stream.Exp(1) / a.rate)
		if ok = gap < a.end.Sub(a.at); ok {
			a.at = a.at.Add(gap)
		}
	case a.kind == Diurnal:
		a.at, ok = a.day.next(a.stream.Exp(1), a.end)
	case a.kind == Clients:
		a.at, ok = a.work.next(a.at, simtime.FromSeconds(a.stream.Exp(1)/a.rate), a.end)
	case a.kind == Regular:
		a.at, ok = a.regular()
	case a.kind == Burst:
		a.at, ok = a.burst()
	}
	if !ok {
		a.end = 0 // also ends a process that would come back to life
	}
	return a.at, ok
}

func (a *arrivals) regular() (simtime.Time, bool) {
	at := a.from
	if a.made > 0 {
		if a.step >= a.end.Sub(a.at) {
			return simtime.Never, false
		}
		at = a.at.Add(a.step)
	}
	if a.made >= a.count || at >= a.end {
		return simtime.Never, false
	}
	a.made++
	return at, true
}

func (a *arrivals) burst() (simtime.Time, bool) {
	if a.made >= a.count {
		return simtime.Never, false
	}
	hi, lo := bits.Mul64(uint64(a.step), uint64(a.made))
	after, _ := bits.Div64(hi, lo, uint64(a.count)) // made < count, so the quotient is below step
	at := a.from.Add(time.Duration(after))
	a.made++
	return at, at < a.end
}

// Expected is the mean number of messages that the source makes in a run from t0 = start to end: exact for random kinds as well,
// so that a forecast or a control variate can use it. Messages that are sent again count each time.
func (s *Source) Expected(start time.Time, end simtime.Time) (float64, error) {
	n, err := s.expected(start, end)
	for k := 1; err == nil && k <= s.Resend.Times && s.Resend.After < end.Sub(0); k++ {
		end = end.Add(-s.Resend.After)
		var again float64
		again, err = s.expected(start, end)
		n += again
	}
	return n, err
}

// expected is the mean number of messages that are sent for the first time before end.
func (s *Source) expected(start time.Time, end simtime.Time) (float64, error) {
	shares, err := s.check()
	if err != nil {
		return 0, fmt.Errorf("load %q: %w", s.ID, err)
	}
	to := min(s.End, end, horizon)
	switch s.Kind {
	case Poisson:
		return float64(s.Rate * max(0, to.Sub(s.Start)).Seconds()), nil
	case Diurnal:
		return newDiurnal(s.Rate, shares, start, clockOf(s, start), s.Start).expected(s.Start, to), nil
	case Clients:
		return float64(float64(s.Rate*s.clients()) * s.Hours.within(start, s.Start, to).Seconds()), nil
	case Replay:
		n := 0
		for i := range s.Trace {
			if at := s.Trace[i].At; at >= s.Start && at < to {
				n++
			}
		}
		return float64(n), nil
	case Regular:
		n := int64(0)
		if window := to.Sub(s.First); window > 0 {
			n = 1
			if s.Every > 0 {
				n = int64((window-1)/s.Every) + 1
			}
		}
		if s.Count > 0 {
			n = min(n, s.Count)
		}
		return float64(n), nil
	}
	a, n := newArrivals(s, shares, rng.Root{}, start, end), 0 // a burst: nothing random
	for {
		if _, ok := a.next(); !ok {
			return float64(n), nil
		}
		n++
	}
}
