package plots

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
)

func TestAverageOver(t *testing.T) {
	t.Parallel()
	s, m, h := time.Second, time.Minute, time.Hour
	for _, c := range []struct {
		name                   string
		sample, duration, want time.Duration
	}{
		{"few samples stay", 15 * s, 30 * m, 15 * s},
		{"150 samples stay", 15 * s, 150 * 15 * s, 15 * s},
		{"the headline study", 15 * s, 150 * m, m},
		{"a day", m, 24 * h, 10 * m},
		{"no round duration holds whole samples", 7 * s, 2 * h, 49 * s},
		{"a round duration that holds whole samples", 40 * s, 6 * h, 160 * s},
		{"unknown samples", 0, h, 0},
	} {
		require.Equal(t, c.want, averageOver(c.sample, c.duration), c.name)
	}
	rapid.Check(t, func(t *rapid.T) {
		sample := time.Duration(rapid.IntRange(1, 3600).Draw(t, "sample")) * s
		duration := time.Duration(rapid.IntRange(1, 1e6).Draw(t, "duration")) * s
		width := averageOver(sample, duration)
		require.Zero(t, width%sample, "bins of whole samples")
		require.LessOrEqual(t, duration, mostPoints*width)
		require.True(t, width == sample || duration > mostPoints/3*width, "not too few points: %v", width)
	})
}

func TestAverageWeighsSamplesByTheirTime(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	sec := func(s ...int) (times []simtime.Time) {
		for _, x := range s {
			times = append(times, simtime.Time(time.Duration(x)*time.Second))
		}
		return times
	}
	c := curve{times: sec(10, 20, 30, 40, 50, 55), reps: [][]float64{
		{1, 3, nan, 5, 6, 9},
		nil,
		{nan, nan, 2, 4, nan, nan},
	}}
	c.average(20 * time.Second)
	require.Equal(t, sec(20, 40, 55), c.times)
	require.Equal(t, []float64{2, 5, 7}, c.reps[0], "the last sample covers half the time of the one before")
	require.Nil(t, c.reps[1])
	require.True(t, math.IsNaN(c.reps[2][0]), "a bin without values is a gap")
	require.InDelta(t, 3, c.reps[2][1], 0)

	same := curve{times: sec(10, 20), reps: [][]float64{{1, 2}}}
	same.average(10 * time.Second)
	require.Equal(t, curve{times: sec(10, 20), reps: [][]float64{{1, 2}}}, same)
}

// Averages of a whole number of bins keep the mean of the curve.
func TestAverageKeepsTheMean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		per, bins := rapid.IntRange(1, 7).Draw(t, "per"), rapid.IntRange(1, 9).Draw(t, "bins")
		values := rapid.SliceOfN(rapid.Float64Range(0, 100), per*bins, per*bins).Draw(t, "values")
		c := curve{reps: [][]float64{values}}
		sum := 0.0
		for i, v := range values {
			c.times = append(c.times, simtime.Time(time.Duration(i+1)*time.Second))
			sum += v
		}
		c.average(time.Duration(per) * time.Second)
		require.Len(t, c.times, bins)
		got := 0.0
		for _, v := range c.reps[0] {
			got += v
		}
		require.InDelta(t, sum/float64(per*bins), got/float64(bins), 1e-9)
	})
}

// SA-5, SA-11: the interval is that of the replications' averages; noise inside a bin is averaged away before the spread is taken.
func TestSA11_IntervalsAreOfAverages(t *testing.T) {
	t.Parallel()
	c := curve{times: []simtime.Time{simtime.Time(time.Second), simtime.Time(2 * time.Second)}}
	for r := range 5 {
		c.reps = append(c.reps, []float64{10 + float64(r), 10 - float64(r)})
	}
	c.average(2 * time.Second)
	l := c.line("", 0, &spreads{})
	require.Equal(t, []float64{10}, l.Y)
	require.Equal(t, Band{Lo: []float64{10}, Hi: []float64{10}}, l.Interval)
}
