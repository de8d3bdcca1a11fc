package load

import (
	"errors"
	"fmt"
	"math"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Hours is when the machines of people are on: stretches of every week by the clock of a place. The zero value is always.
type Hours struct {
	Week     []topology.Window // counted from Monday 00:00 by the clock of Location, not in UTC; none = always
	Location *time.Location    // nil = that of t0
}

// Next returns the stretch that an instant lies in or, when the machines are off, the one that comes next: from is then after at. Before
// t0 times are negative. start is t0. Without hours the machines have been on since before everything, and stay so.
func (h Hours) Next(start time.Time, at simtime.Time) (from, to simtime.Time) {
	if len(h.Week) == 0 {
		return math.MinInt64, simtime.Never
	}
	loc := h.Location
	if loc == nil {
		loc = start.Location()
	}
	l := start.Add(time.Duration(at)).In(loc)
	monday := l.Day() - (int(l.Weekday())+6)%7
	from, to = simtime.Never, simtime.Never
	for week := -1; week <= 1; week++ {
		for _, w := range h.Week {
			begin := clock(start, l, monday+7*week, w.From, loc)
			end := clock(start, l, monday+7*week, w.To, loc)
			if end > at && begin < end && begin < from {
				from, to = begin, end
			}
		}
	}
	return from, to
}

// clock is the instant at which a clock shows so much since the beginning of a day. It is counted in hours on the dial: a day on which the clocks are set
// has its working hours where the others have them.
func clock(start, month time.Time, day int, since time.Duration, loc *time.Location) simtime.Time {
	return simtime.Time(time.Date(month.Year(), month.Month(), day, 0, int(since/time.Minute), 0, int(since%time.Minute), loc).Sub(start))
}

// within is how much of the time between two instants the machines are on.
func (h Hours) within(start time.Time, from, to simtime.Time) time.Duration {
	var sum time.Duration
	for from < to {
		begin, end := h.Next(start, from)
		begin = max(begin, from)
		sum += max(0, min(end, to).Sub(begin))
		from = end
	}
	return sum
}

// working makes the arrivals of clients: a Poisson process whose time stands still while the machines are off.
type working struct {
	hours    Hours
	start    time.Time
	from, to simtime.Time // the stretch under way
}

func (w *working) open(at simtime.Time) { w.from, w.to = w.hours.Next(w.start, at) }

// next is the instant so much working time after another one; false when that is not before the end.
func (w *working) next(at simtime.Time, gap time.Duration, end simtime.Time) (simtime.Time, bool) {
	for {
		at = max(at, w.from)
		switch left := w.to.Sub(at); {
		case at >= end:
			return at, false
		case gap < left:
			if gap >= end.Sub(at) {
				return at, false
			}
			return at.Add(gap), true
		default:
			gap -= left
			at = w.to
			w.open(at)
		}
	}
}

// clients is how many clients a source has; 0 when it is of another kind.
func (s *Source) clients() float64 {
	if s.Kind != Clients {
		return 0
	}
	return float64(s.Count)
}

func (s *Source) checkClients() error {
	var errs []error
	if !(s.Rate >= 0) || math.IsInf(s.Rate, 1) {
		errs = append(errs, fmt.Errorf("rate must be at least 0 messages per second and finite, is %v", s.Rate))
	}
	if s.Count < 1 || s.Count > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("there must be 1 to %d clients, there are %d", math.MaxInt32, s.Count))
	}
	if s.Linked || len(s.Cc) > 0 || s.MessageID != 0 || s.Resend.Times > 0 {
		errs = append(errs, errors.New("mail of clients takes no receive connector, no further recipients, and ids of its own"))
	}
	return errors.Join(errs...)
}
