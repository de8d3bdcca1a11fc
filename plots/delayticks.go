package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// delayTick is a place on a logarithmic axis of delays.
type delayTick struct {
	seconds float64
	label   string
	round   bool // labelled over any range; the others only where there is room
}

// roundDelays lists the durations that a logarithmic axis marks, ascending.
func roundDelays() []delayTick {
	var all []delayTick
	for _, unit := range []struct {
		name    string
		seconds float64
		values  []float64
	}{
		{"ms", 1e-3, []float64{1, 2, 5, 10, 20, 50}},
		{"s", 1, []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 20}},
		{"min", minute, []float64{1, 2, 5, 10, 20}},
		{"h", hour, []float64{1, 2, 5, 10}},
		{"days", day, []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000}},
	} {
		for _, v := range unit.values {
			name := unit.name
			if v == 1 && name == "days" {
				name = "day"
			}
			e := math.Log10(v)
			all = append(all, delayTick{v * unit.seconds, strconv.FormatFloat(v, 'f', -1, 64) + " " + name, math.Abs(e-math.Round(e)) < 1e-9})
		}
	}
	return all
}

// delayTicks returns ticks at round durations, each labelled in its own unit, and the range from the first to the last of them, which
// holds least and most. What lies beyond all of them, under a millisecond or over decades, gets plain powers of ten.
func delayTicks(least, most float64) (ticks []plot.Tick, lo, hi float64) {
	all := roundDelays()
	if least < all[0].seconds || most > all[len(all)-1].seconds {
		ticks, lo, hi = logTicks(least, most)
		for i := range ticks {
			if ticks[i].Label != "" {
				ticks[i].Label += " s"
			}
		}
		return ticks, lo, hi
	}
	from, to := 0, len(all)-1
	for from+1 < len(all) && all[from+1].seconds <= least*(1+1e-9) {
		from++
	}
	for to > from+1 && all[to-1].seconds >= most*(1-1e-9) {
		to--
	}
	lo, hi = all[from].seconds, all[to].seconds
	for _, d := range all[from : to+1] {
		t := plot.Tick{Value: d.seconds}
		if d.round || hi < 1000*lo {
			t.Label = d.label
		}
		ticks = append(ticks, t)
	}
	return ticks, lo, hi
}
