package plots

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// peaks returns the highest value of each replication. (SA-11: what is said of a whole curve is said of each replication's, not of
// their mean.)
func (c *curve) peaks() []float64 {
	var tops []float64
	for _, values := range c.reps {
		top := math.NaN()
		for _, v := range values {
			if drawable(v) && !(v <= top) {
				top = v
			}
		}
		tops = append(tops, top)
	}
	return tops
}

// peakNote writes the mean of the peaks of the replications with half of its interval: "peak 89 ± 6"; "" without samples.
func (c *curve) peakNote(calc *spreads) string {
	sp := calc.of(c.peaks())
	if math.IsNaN(sp.mean) {
		return ""
	}
	if math.IsNaN(sp.lo) || sp.hi-sp.mean <= 1e-9*math.Abs(sp.mean) { // all replications have the same, but for rounding
		return "peak " + threeDigits(sp.mean)
	}
	return "peak " + withInterval(sp.mean, sp.hi-sp.mean)
}

// peakMeaning explains what the legend says of peaks.
func peakMeaning(sample time.Duration, replications int) string {
	what := "Peak: the highest value of the line."
	if sample > 0 {
		what = "Peak: the highest " + shortDuration(sample) + " average."
	}
	switch {
	case replications >= minReplications:
		return fmt.Sprintf("%s of each replication, its mean over the %d and half of the 95 %% interval of that mean.", what[:len(what)-1], replications)
	case replications > 1:
		return fmt.Sprintf("%s of each replication, its mean over the %d.", what[:len(what)-1], replications)
	}
	return what
}

// withInterval writes an estimate and half of its interval with as many digits as the interval lets mean something: 472 ± 4,
// 6.67 ± 0.08. With less than 0.001 it is rounded up to that: "± 0.000" would be no interval.
func withInterval(mean, half float64) string {
	if half > 0 {
		half = max(half, 0.001)
	}
	return rounded(mean, half) + " ± " + rounded(half, half)
}

// rounded writes v with the decimals that half its interval has to one digit; with an interval of no width, with three digits.
func rounded(v, half float64) string {
	if !(half > 0) || math.Abs(v) >= 1e6 {
		return threeDigits(v)
	}
	decimals := 0
	for ; half < 0.95 && decimals < 3; decimals++ {
		half *= 10
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// threeDigits writes an estimate without an interval: whole from 100 on, otherwise with up to three digits, of which none is behind
// the third decimal.
func threeDigits(v float64) string {
	size := math.Abs(v)
	switch {
	case size >= 1e6:
		return short(v)
	case size >= 100:
		v = math.Round(v)
	case size >= 10:
		v = math.Round(v*10) / 10
	case size >= 1:
		v = math.Round(v*100) / 100
	default:
		v = math.Round(v*1000) / 1000
	}
	return minus(strconv.FormatFloat(v, 'f', -1, 64))
}
