package plots

import (
	"math"
	"time"

	"mailsim/sim/simtime"
)

// mostPoints is how many points of a rate are drawn over the width of a chart: with more, a line is noise.
const mostPoints = 150

// averageOver returns the width of the averages to draw of a series of samples of the given width: that of the samples where they are
// few enough, otherwise the shortest round duration, or else the smallest number of samples, that leaves at most mostPoints. Averages
// flatten what is shorter than they are: rates are drawn like that, queue lengths, whose peaks matter, are not.
func averageOver(sample, duration time.Duration) time.Duration {
	if sample <= 0 || duration <= mostPoints*sample {
		return sample
	}
	s, m, h := time.Second, time.Minute, time.Hour
	for _, width := range []time.Duration{
		s, 2 * s, 5 * s, 10 * s, 15 * s, 20 * s, 30 * s, m, 2 * m, 5 * m, 10 * m, 15 * m, 20 * m, 30 * m, h, 2 * h, 3 * h, 6 * h, 12 * h, 24 * h,
	} {
		if width%sample == 0 && duration <= mostPoints*width && duration >= mostPoints/2*width {
			return width
		}
	}
	samples := (duration + sample - 1) / sample
	return (samples + mostPoints - 1) / mostPoints * sample
}

// average replaces the samples of each replication by averages over bins of a width, each sample weighted with the time that it
// covers. The bins begin at t0; a sample belongs to the bin in which it ends. So the spread over the replications is that of their
// averages, not an average of spreads.
func (c *curve) average(width time.Duration) {
	if width <= 0 || len(c.times) == 0 {
		return
	}
	bin := func(t simtime.Time) int64 { return (int64(t) + int64(width) - 1) / int64(width) }
	var ends []int // index after the last sample of each bin
	for i := range c.times {
		if i+1 == len(c.times) || bin(c.times[i+1]) != bin(c.times[i]) {
			ends = append(ends, i+1)
		}
	}
	if len(ends) == len(c.times) {
		return
	}
	times := make([]simtime.Time, len(ends))
	for k, end := range ends {
		times[k] = c.times[end-1]
	}
	reps := make([][]float64, len(c.reps))
	for r, values := range c.reps {
		if values == nil {
			continue
		}
		reps[r] = make([]float64, len(ends))
		start := 0
		for k, end := range ends {
			reps[r][k] = c.mean(values, start, end)
			start = end
		}
	}
	c.times, c.reps = times, reps
}

// mean is the time-weighted mean of values[start:end]; NaN where there is none.
func (c *curve) mean(values []float64, start, end int) float64 {
	var sum, weight float64
	for i := start; i < end; i++ {
		if math.IsNaN(values[i]) {
			continue
		}
		from := simtime.Time(0)
		if i > 0 {
			from = c.times[i-1]
		}
		w := c.times[i].Seconds() - from.Seconds()
		if end == start+1 {
			return values[i]
		}
		sum, weight = sum+float64(w*values[i]), weight+w
	}
	return sum / weight // 0/0 is NaN
}
