package load

import (
	"math"
	"time"

	"mailsim/sim/simtime"
)

// diurnal is a Poisson process whose rate follows the local clock: at the centre of each clock hour a given rate, straight lines
// between. Arrival times are exact, by inversion of the cumulative rate: a unit exponential is spent along a curve that is quadratic
// between two centres, so an arrival costs one uniform and one square root and nothing is thinned out (SA-2, SB-11).
//
// The rate is a function of the wall clock. On a day on which the clock jumps, the hour left out brings no mail and the hour
// repeated brings it twice.
type diurnal struct {
	rate hours // messages per second at i:30 local time
	loc  *time.Location
	t0   time.Time

	// The present piece: the rate is r0 + slope*x, x seconds after from, up to to.
	from, to  simtime.Time
	r0, slope float64
	mass      float64      // expected messages of the whole piece
	spent     float64      // of them, those up to the last arrival
	at        simtime.Time // the last arrival
}

// newDiurnal starts the process at an instant. mean is the mean rate of a day, in messages per second.
func newDiurnal(mean float64, shares hours, t0 time.Time, loc *time.Location, from simtime.Time) *diurnal {
	d := &diurnal{rate: centres(shares), loc: loc, t0: t0, at: from}
	for i := range d.rate {
		d.rate[i] = float64(float64(24*mean) * d.rate[i])
	}
	d.piece(from)
	return d
}

// piece enters the piece of the curve that begins, or goes on, at an instant.
func (d *diurnal) piece(from simtime.Time) {
	local := d.t0.Add(time.Duration(from)).In(d.loc)
	h, m, s := local.Clock()
	clock := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second +
		time.Duration(local.Nanosecond())
	since := (clock + 23*time.Hour + 30*time.Minute) % (24 * time.Hour) // since 0:30
	i, in := int(since/time.Hour), since%time.Hour
	length := time.Hour - in
	if _, change := local.ZoneBounds(); !change.IsZero() {
		length = min(length, change.Sub(local))
	}
	perSecond := (d.rate[(i+1)%24] - d.rate[i]) / 3600
	d.from, d.to = from, from.Add(length)
	d.r0 = d.rate[i] + float64(perSecond*in.Seconds())
	d.slope = perSecond
	x := length.Seconds()
	d.mass = float64((d.r0 + float64(perSecond*x)/2) * x)
	d.spent = 0
}

// next spends a unit exponential (or whatever is given) from the last arrival on and returns the instant at which it is used up;
// false when that is at end or later.
func (d *diurnal) next(spend float64, end simtime.Time) (simtime.Time, bool) {
	for d.spent+spend > d.mass {
		if d.to >= end {
			return simtime.Never, false
		}
		spend -= d.mass - d.spent
		d.piece(d.to)
	}
	d.spent += spend
	// The root of r0*x + slope*x*x/2 = spent, written so that it has no cancellation and holds for slope 0.
	x := 0.0
	if d.spent > 0 {
		x = 2 * d.spent / (d.r0 + math.Sqrt(max(0, float64(d.r0*d.r0)+float64(2*d.slope*d.spent))))
	}
	// Rounding must not carry an arrival out of its piece, nor before the one that it follows.
	d.at = max(d.at, min(d.from.Add(simtime.FromSeconds(x)), d.to))
	return d.at, d.at < end
}

// expected is the expected number of messages in [from, to).
func (d diurnal) expected(from, to simtime.Time) float64 {
	sum := 0.0
	for at := from; at < to; at = d.to {
		d.piece(at)
		x := min(d.to, to).Sub(at).Seconds()
		sum += float64((d.r0 + float64(d.slope*x)/2) * x)
	}
	return sum
}
