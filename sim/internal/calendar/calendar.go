// Package calendar is the event list of a simulation: what is to happen, in the order in which it happens.
//
//	var cal calendar.Calendar
//	cal.Push(calendar.Event{At: 3, Key: key})
//	for {
//		e, ok := cal.Pop()
//		if !ok {
//			break
//		}
//		handle(e) // pushes what follows from it, at e.At or later
//	}
//
// What flows in: events, at the instant that is being worked on or later. What flows out: the same events by (At, Key). The order
// does not depend on the order in which they were pushed. The package knows neither servers nor messages and must never import
// anything of this module but sim/simtime; it reads no clock and draws no random number.
//
// # The key
//
// An event is 16 bytes without a pointer: its instant, and a key that is both its rank among the events of one instant and all
// that the handler is told. The driver packs phase, server, kind, generation and id into it, most significant first, so that what
// comes first at one instant is what the rules say, never what was scheduled first.
//
// # Cancelling
//
// Nothing is ever taken out of the middle. Whoever may want to cancel an event keeps a generation number beside the thing the
// event is about, packs it into the key, and raises it to cancel; an event that comes out with an old generation is dropped. A
// cancelled event costs what any other costs, and stays in Len until its time.
//
// # How it works
//
// The calendar is a radix ladder. The earliest events lie sorted in a short array, near. All others lie unsorted in buckets: read
// (At, Key) as a number of sixteen 8-bit digits and compare it with base, the last number that the near array covers; the highest
// digit that differs is the event's level, and its value there is its bucket (place). When near runs dry the first bucket of the
// lowest level that holds anything comes next: a small one is sorted into near, a larger one is dealt out one level down (refill).
// When near grows long because much is pushed into its stretch, its later part goes back to the buckets (split). So an event is
// moved a few times and sorted among a few: amortised constant time, whatever the number pending.
package calendar

import (
	"fmt"

	"mailsim/sim/simtime"
)

// Event is one thing that is to happen.
type Event struct {
	At  simtime.Time // when; not negative
	Key uint64       // rank among the events of one instant, lowest first, and payload
}

// less is the order of the calendar.
func less(a, b Event) bool { return a.At < b.At || a.At == b.At && a.Key < b.Key }

// Calendar holds pending events and hands them out by (At, Key). The zero value is an empty calendar at time 0. It is about 35 KB
// large and must not be copied after the first Push. It is not safe for concurrent use.
//
// Two pending events must not be equal in both At and Key: which of them is which could not be told. This is not checked; such
// events come out next to each other.
//
// Memory: 16 bytes an event at the most there ever were at one time, plus at most a block of 512 bytes for each bucket in use.
// Blocks are reused and a steady load allocates nothing. When a burst has passed and less than an eighth of the blocks is in use,
// the store is rebuilt with twice what is in use, so a burst is not paid for until the end of the run.
type Calendar struct {
	near []Event // sorted, the earliest last, so that both ends of a hold are at the end of the slice
	now  simtime.Time
	base Event // near covers every event up to and including base; all pending events after base lie in the levels
	far  int   // number of events in the levels

	busy   uint16 // bit l is set when levels[l] holds an event
	levels [levels]level
	blocks blocks
}

// Push adds e. It panics if e.At lies before the event that was popped last: the past does not change. An event at that very
// instant is in order whatever its key; it comes out in its place among those that are still pending.
//
// Amortised constant time.
func (c *Calendar) Push(e Event) {
	if e.At < c.now {
		panicPast(e, c.now)
	}
	if less(c.base, e) {
		c.far++
		l, d := placeOf(e, c.base)
		c.add(l, d, e)
		return
	}
	c.near = append(c.near, e)
	insert(c.near)
	if len(c.near) > nearMax {
		c.split()
	}
}

// Pop removes and returns the earliest event; false when there is none. Amortised constant time.
func (c *Calendar) Pop() (Event, bool) {
	if n := len(c.near) - 1; n >= 0 {
		e := c.near[n]
		c.near = c.near[:n]
		c.now = e.At
		return e, true
	}
	return c.popFar()
}

// popFar is Pop when near has run dry.
func (c *Calendar) popFar() (Event, bool) {
	if !c.refill() {
		return Event{}, false
	}
	return c.Pop()
}

// Peek returns the earliest event and leaves it where it is; false when there is none. Events that lie before it may still be
// pushed afterwards. Amortised constant time.
func (c *Calendar) Peek() (Event, bool) {
	if len(c.near) == 0 && !c.refill() {
		return Event{}, false
	}
	return c.near[len(c.near)-1], true
}

// First is Peek for who waits for nothing beyond the end of time: an empty calendar has an event at simtime.Never.
func (c *Calendar) First() Event {
	if len(c.near) > 0 || c.refill() {
		return c.near[len(c.near)-1]
	}
	return Event{At: simtime.Never}
}

// Drop removes e, which Peek or First has just returned. It is Pop for who has looked already.
func (c *Calendar) Drop(e Event) {
	c.near = c.near[:len(c.near)-1]
	c.now = e.At
}

// Len is the number of pending events, cancelled ones included.
func (c *Calendar) Len() int { return len(c.near) + c.far }

// panicPast is kept out of Push so that the check costs it a compare.
//
//go:noinline
func panicPast(e Event, now simtime.Time) {
	panic(fmt.Sprintf("calendar.Push: event at %d ns (key %#x) lies before the event popped last, at %d ns", int64(e.At), e.Key, int64(now)))
}
