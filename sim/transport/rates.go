package transport

import (
	"time"

	"mailsim/sim/simtime"
)

// Rates are what comes into and leaves a queue, in messages a second over the last minute, as an operator sees them. The zero
// value has seen nothing. It takes 520 bytes. Adding and reading cost at most 61 steps and allocate nothing. Times never go back.
type Rates struct {
	in, out perSecond
}

// Came counts a message that enters the queue.
func (r *Rates) Came(now simtime.Time) { r.in.add(now) }

// Went counts a message that leaves it.
func (r *Rates) Went(now simtime.Time) { r.out.add(now) }

// At returns the rates over the minute that ends at now, and the velocity: what goes less what comes. It is positive while the queue drains
// and 0 when nothing moves.
func (r *Rates) At(now simtime.Time) (incoming, outgoing, velocity float64) {
	incoming, outgoing = r.in.rate(now), r.out.rate(now)
	return incoming, outgoing, outgoing - incoming
}

// rateWindow is the number of seconds that a rate is averaged over.
const rateWindow = 60

// perSecond counts events by second: bin k holds those after k-1 seconds and up to k seconds. The minute that ends at a whole second is
// 60 of them, counted exactly, and what is exactly a minute old is outside. Within a second the oldest of 61 bins counts with the share of
// it that the minute still covers.
type perSecond struct {
	bins [rateWindow + 1]int32
	last int64 // the newest bin
	sum  int64 // of all bins
}

// add counts one event.
func (p *perSecond) add(now simtime.Time) {
	p.advance(now)
	p.bins[p.last%int64(len(p.bins))]++
	p.sum++
}

// rate returns the events a second.
func (p *perSecond) rate(now simtime.Time) float64 {
	p.advance(now)
	if p.sum == 0 {
		return 0
	}
	oldest := p.bins[(p.last+1)%int64(len(p.bins))]
	covered := simtime.Time(p.last)*simtime.Time(time.Second) - now // of the oldest second
	partly := float64(float64(oldest) * covered.Seconds())
	return (float64(p.sum-int64(oldest)) + partly) / rateWindow
}

// advance makes the bin of now the newest.
func (p *perSecond) advance(now simtime.Time) {
	bin := (int64(now) + int64(time.Second) - 1) / int64(time.Second)
	if bin-p.last >= int64(len(p.bins)) {
		*p = perSecond{last: bin}
	}
	for p.last < bin {
		p.last++
		x := &p.bins[p.last%int64(len(p.bins))]
		p.sum -= int64(*x)
		*x = 0
	}
}
