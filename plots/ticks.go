package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/plot"
)

const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
)

// timeStep is a distance between ticks and how many of them go to a labelled one.
type timeStep struct {
	tick  float64 // seconds
	every int
}

// label returns the distance between labels in seconds.
func (s timeStep) label() float64 { return s.tick * float64(s.every) }

// chooseTimeStep returns the finest of the steps 1, 5, 10, 30 s, 1, 5, 10, 30 min, 1, 6, 24 h that gives at most most labels
// between two times, in seconds since a midnight. Where it gives fewer than least, only every second, third, fourth, ... tick of
// the next finer step is labelled. Beyond days, only some of the midnights are.
func chooseTimeStep(from, to float64, least, most int) timeStep {
	steps := []float64{1, 5, 10, 30, minute, 5 * minute, 10 * minute, 30 * minute, hour, 6 * hour, day}
	labels := func(step float64) float64 { return math.Floor(to/step+1e-9) - math.Ceil(from/step-1e-9) + 1 }
	for i, step := range steps {
		if labels(step) > float64(most) {
			continue
		}
		if labels(step) < float64(least) && i > 0 {
			for _, every := range []int{2, 3, 4, 6, 12} {
				finer := timeStep{steps[i-1], every}
				if finer.label() < step && labels(finer.label()) <= float64(most) {
					return finer
				}
			}
		}
		return timeStep{step, 1}
	}
	step := timeStep{day, 2}
	for labels(step.label()) > float64(most) {
		if step.every++; step.every > 14 {
			step = timeStep{step.tick * 14, 1}
		}
	}
	return step
}

// timeTicks returns the ticks between two instants in seconds since t0, and what the labels mean. Ticks stand on round clock
// times, or on round times since t0 when t0 is unknown (zero).
func timeTicks(a *Axis, least, most int) (ticks []plot.Tick, meaning string) {
	var midnight float64 // seconds from t0 to the midnight before it
	if !a.T0.IsZero() {
		y, m, d := a.T0.Date()
		midnight = time.Date(y, m, d, 0, 0, 0, 0, a.T0.Location()).Sub(a.T0).Seconds()
	}
	step := chooseTimeStep(a.Min-midnight, a.Max-midnight, least, most)
	first := math.Ceil((a.Min-midnight)/step.tick - 1e-9)
	for n := first; ; n++ {
		at := midnight + n*step.tick
		if at > a.Max+1e-9*(a.Max-a.Min) || len(ticks) > 1000 {
			break
		}
		tick := plot.Tick{Value: at}
		if math.Mod(n, float64(step.every)) == 0 {
			tick.Label = timeLabel(a, at, step.label())
		}
		ticks = append(ticks, tick)
	}
	return ticks, timeMeaning(a, step.label())
}

// days tells whether an axis with clock times shows more than one day and a night.
func days(a *Axis) bool { return a.Max-a.Min > 36*hour }

// timeLabel writes the instant at, in seconds since t0.
func timeLabel(a *Axis, at, step float64) string {
	if a.T0.IsZero() {
		return elapsedLabel(a, at, step)
	}
	t := a.T0.Add(time.Duration(math.Round(at * 1e9)))
	switch {
	case step >= day:
		return t.Format("2 Jan")
	case days(a) && t.Hour() == 0 && t.Minute() == 0:
		return t.Format("2 Jan")
	case step < minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// elapsedLabel writes a time since t0.
func elapsedLabel(a *Axis, at, step float64) string {
	s := int64(math.Round(at))
	switch {
	case step >= day:
		return strconv.FormatFloat(at/day, 'f', -1, 64)
	case step < minute && a.Max < hour:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case step < minute:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/3600, s/60%60)
}

// timeMeaning is the label of a time axis.
func timeMeaning(a *Axis, step float64) string {
	if a.T0.IsZero() {
		switch {
		case step >= day:
			return "Time since the start (days)"
		case step < minute && a.Max < hour:
			return "Time since the start (m:ss)"
		case step < minute:
			return "Time since the start (h:mm:ss)"
		}
		return "Time since the start (h:mm)"
	}
	zone := "UTC" + a.T0.Format("-07:00")
	if _, offset := a.T0.Zone(); offset == 0 {
		zone = "UTC"
	}
	if days(a) || step >= day {
		return "Date and time (" + a.T0.Format("2006") + ", " + zone + ")"
	}
	return "Time of day (" + a.T0.Format("2 January 2006") + ", " + zone + ")"
}

// valueTicks returns ticks at round values and the range from the first to the last of them, which holds least and most. At most
// about want steps are used.
func valueTicks(least, most float64, want int) (ticks []plot.Tick, lo, hi float64) {
	if !(most > least) {
		most = least + max(1, math.Abs(least)/10)
	}
	step := niceStep((most/2 - least/2) / float64(want) * 2)
	first, last := math.Floor(least/step+1e-9), math.Ceil(most/step-1e-9)
	if !(last > first) || math.IsInf(step, 0) || last-first > 100 || last*step-first*step < step {
		// So huge or so close to each other that floating point has no round values between them.
		return []plot.Tick{{Value: least, Label: short(least)}, {Value: most, Label: short(most)}}, least, most
	}
	for n := first; n <= last; n++ {
		ticks = append(ticks, plot.Tick{Value: n * step, Label: valueLabel(n*step, step, max(math.Abs(first), math.Abs(last))*step)})
	}
	return ticks, first * step, last * step
}

// niceStep rounds up to 1, 2, 2.5 or 5 times a power of ten.
func niceStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if step <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logTicks returns ticks at 1, 2 and 5 times powers of ten and the range from the first to the last of them, which holds least and
// most. All have labels over up to three powers of ten; beyond, only powers of ten have, and not all of these over very many.
func logTicks(least, most float64) (ticks []plot.Tick, lo, hi float64) {
	lowest, highest := math.Floor(math.Log10(least)+1e-9), math.Ceil(math.Log10(most)-1e-9)
	var values []float64
	for e := lowest; e <= highest; e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			if len(values) > 0 && values[len(values)-1] >= most*(1-1e-9) {
				break
			}
			if v <= least*(1+1e-9) {
				values = values[:0] // the range begins at the last of these
			}
			values = append(values, v)
		}
	}
	if len(values) == 1 {
		values = append(values, values[0]*10)
	}
	lo, hi = values[0], values[len(values)-1]
	decades := math.Log10(hi / lo)
	every := math.Ceil(decades / 8)
	for _, v := range values {
		tick := plot.Tick{Value: v}
		e := math.Log10(v)
		power := math.Abs(e-math.Round(e)) < 1e-6
		if decades <= 3 || power && math.Mod(math.Round(e), every) == 0 {
			tick.Label = short(v)
		}
		ticks = append(ticks, tick)
	}
	return ticks, lo, hi
}

// valueLabel writes a value on an axis with steps of step and values up to top: 7500, 12k, 1.5M.
func valueLabel(v, step, top float64) string {
	unit, name := valueUnit(top)
	if name == "e" {
		return short(v)
	}
	digits := 0
	for s := step / unit; digits < 9 && math.Abs(s-math.Round(s)) > 1e-6*s; digits++ {
		s *= 10
	}
	s := strconv.FormatFloat(v/unit, 'f', digits, 64)
	if v == 0 {
		return "0"
	}
	return minus(s) + name
}

// valueUnit returns the unit for values up to top: thousands from 10,000 on.
func valueUnit(top float64) (unit float64, name string) {
	switch {
	case top < 1e4:
		return 1, ""
	case top < 1e6:
		return 1e3, "k"
	case top < 1e9:
		return 1e6, "M"
	case top < 1e12:
		return 1e9, "G"
	}
	return 1, "e"
}

// short writes a value by itself with up to three digits.
func short(v float64) string {
	unit, name := valueUnit(math.Abs(v))
	if name == "e" {
		return minus(strings.Replace(strconv.FormatFloat(v, 'g', 3, 64), "e+", "e", 1))
	}
	s := strconv.FormatFloat(v/unit, 'g', 3, 64)
	if !strings.ContainsRune(s, 'e') || math.Abs(v) >= 1 {
		s = strconv.FormatFloat(math.Round(v/unit*1000)/1000, 'f', -1, 64)
	}
	return minus(s) + name
}

// minus writes negative numbers with a true minus sign.
func minus(s string) string {
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		return "−" + rest
	}
	return s
}

// shortDuration writes a duration with its units and without its zero parts: 30 s, 10 min, 1 h 30 min.
func shortDuration(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	var parts []string
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "min"}} {
		if n := d / unit.length; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.length
		}
	}
	if d > 0 {
		parts = append(parts, strconv.FormatFloat(d.Seconds(), 'g', 4, 64)+" s")
	}
	return strings.Join(parts, " ")
}
