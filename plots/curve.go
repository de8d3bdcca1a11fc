package plots

import (
	"fmt"
	"math"
	"slices"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// curve is one quantity at one sweep point on a grid of times that all curves of a chart share.
type curve struct {
	times []simtime.Time
	reps  [][]float64 // a value a time for each replication; NaN = no sample
}

// curves adds up the series of a study in groups: the result is indexed by group and sweep point. pick returns the group of a
// series and whether it takes part; groups are counted from 0. A curve without samples has no replications. The time averages of
// series add up exactly, so it is these that are summed: the largest values of several servers need not fall together.
func curves(s *result.Study, groups int, pick func(*result.PointSeries) (int, bool)) ([][]curve, error) {
	type member struct {
		series *result.PointSeries
		group  int
	}
	var members []member
	var grid []simtime.Time
	replications := max(s.File.Replications, 1)
	for i := range s.Series {
		p := &s.Series[i]
		group, ok := pick(p)
		if !ok {
			continue
		}
		if err := checkSeries(s, p); err != nil {
			return nil, err
		}
		members = append(members, member{p, group})
		if !slices.Equal(grid, p.Times) {
			grid = union(grid, p.Times)
		}
	}
	all := make([][]curve, groups)
	for g := range all {
		all[g] = make([]curve, len(s.File.Points))
	}
	for _, m := range members {
		c := &all[m.group][m.series.Point]
		if c.reps == nil {
			c.times, c.reps = grid, make([][]float64, replications)
		}
		c.add(m.series)
	}
	return all, nil
}

// checkSeries says what keeps a series from being drawn.
func checkSeries(s *result.Study, p *result.PointSeries) error {
	name := fmt.Sprintf("series %s{%s} of point %d, replication %d", p.Metric, p.Labels, p.Point, p.Replication)
	switch {
	case p.Point < 0 || p.Point >= len(s.File.Points):
		return fmt.Errorf("%s: the study has %d sweep points; the result is damaged, run the scenario again", name, len(s.File.Points))
	case p.Replication < 0 || p.Replication >= max(s.File.Replications, 1):
		return fmt.Errorf("%s: the study has %d replications; the result is damaged, run the scenario again", name, s.File.Replications)
	case len(p.Mean) != len(p.Times):
		return fmt.Errorf("%s: %d times but %d means; the result is damaged, run the scenario again", name, len(p.Times), len(p.Mean))
	case !slices.IsSorted(p.Times):
		return fmt.Errorf("%s: times are not ascending; the result is damaged, run the scenario again", name)
	}
	return nil
}

// add adds a series to its replication. The times of the series are a part of the grid.
func (c *curve) add(p *result.PointSeries) {
	values := c.reps[p.Replication]
	if values == nil {
		values = make([]float64, len(c.times))
		for i := range values {
			values[i] = math.NaN()
		}
		c.reps[p.Replication] = values
	}
	at := 0
	for i, t := range p.Times {
		for c.times[at] != t {
			at++
		}
		if v := p.Mean[i]; !drawable(v) {
			continue
		} else if math.IsNaN(values[at]) {
			values[at] = v
		} else {
			values[at] += v
		}
	}
}

// union merges two ascending lists of times.
func union(a, b []simtime.Time) []simtime.Time {
	merged := make([]simtime.Time, 0, max(len(a), len(b)))
	merged = append(append(merged, a...), b...)
	slices.Sort(merged)
	return slices.Compact(merged)
}

// line turns a curve into a line with its bands (SA-11: pointwise mean over the replications).
func (c *curve) line(name string, style int, calc *spreads) Line {
	l := Line{Name: name, Style: style}
	values := make([]float64, len(c.reps))
	interval, wide := false, false
	for i, t := range c.times {
		for r, rep := range c.reps {
			values[r] = math.NaN()
			if rep != nil {
				values[r] = rep[i]
			}
		}
		sp := calc.of(values)
		interval = interval || !math.IsNaN(sp.lo)
		wide = wide || !math.IsNaN(sp.least)
		l.X, l.Y = append(l.X, t.Seconds()), append(l.Y, sp.mean)
		l.Interval.Lo, l.Interval.Hi = append(l.Interval.Lo, sp.lo), append(l.Interval.Hi, sp.hi)
		l.Range.Lo, l.Range.Hi = append(l.Range.Lo, sp.least), append(l.Range.Hi, sp.most)
	}
	if !interval {
		l.Interval = Band{}
	}
	if !wide {
		l.Range = Band{}
	}
	return l
}

// peak returns the largest mean of a line, and -Inf when it has none.
func (l *Line) peak() float64 {
	top := math.Inf(-1)
	for _, v := range l.Y {
		if v > top {
			top = v
		}
	}
	return top
}
