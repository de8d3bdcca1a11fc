package plots

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// axisTicks are the ticks of an axis with the range that they need.
type axisTicks struct {
	ticks  []plot.Tick
	lo, hi float64
	label  string
}

// labelled returns the ticks that have a label.
func (a *axisTicks) labelled() []plot.Tick {
	var major []plot.Tick
	for _, t := range a.ticks {
		if t.Label != "" {
			major = append(major, t)
		}
	}
	return major
}

// bare returns the ticks without their labels, for the inner panels of small multiples.
func (a *axisTicks) bare() []plot.Tick {
	ticks := make([]plot.Tick, len(a.ticks))
	for i, t := range a.ticks {
		ticks[i] = plot.Tick{Value: t.Value}
	}
	return ticks
}

// ticksOf chooses ticks for an axis whose data reach from least to most; labels is how many have room.
func ticksOf(a *Axis, least, most float64, labels int) axisTicks {
	t := axisTicks{label: a.Label}
	switch {
	case a.Kind == Clock:
		axis := *a
		if !(axis.Max > axis.Min) {
			axis.Max = axis.Min + 1
		}
		var meaning string
		t.ticks, meaning = timeTicks(&axis, max(3, labels/2), labels)
		t.lo, t.hi = axis.Min, axis.Max
		if t.label == "" {
			t.label = meaning
		}
	case a.Kind == Names:
		for i, name := range a.Names {
			t.ticks = append(t.ticks, plot.Tick{Value: float64(i), Label: clean(name)})
		}
		t.lo, t.hi = -0.5, max(0.5, float64(len(a.Names))-0.5)
	case a.At != nil:
		for _, v := range a.At {
			t.ticks = append(t.ticks, plot.Tick{Value: v, Label: short(v)})
		}
		t.lo, t.hi = a.Min, a.Max
		if !(t.hi > t.lo) {
			t.lo, t.hi = t.lo-1, t.hi+1
		}
	case a.Kind == Delay:
		t.ticks, t.lo, t.hi = delayTicks(a.Min, a.Max)
	case a.Log:
		t.ticks, t.lo, t.hi = logTicks(a.Min, a.Max)
	case a.Max > a.Min:
		t.ticks, t.lo, t.hi = valueTicks(a.Min, a.Max, labels)
	default:
		t.ticks, t.lo, t.hi = valueTicks(min(least, 0), most+0.02*math.Abs(most), labels) // a little room above the data
	}
	return t
}

// spaceLabels takes labels off ticks that would touch the one before, and cuts names to their share of the length of the axis.
func (a *axisTicks) spaceLabels(axis *Axis, style text.Style, length vg.Length) {
	if axis.Kind == Names {
		for i, t := range a.ticks {
			a.ticks[i].Label = fit(t.Label, style, length/vg.Length(len(a.ticks))-4)
		}
		return
	}
	var scale plot.Normalizer = plot.LinearScale{}
	if axis.Log {
		scale = plot.LogScale{}
	}
	slices.SortStableFunc(a.ticks, func(t, u plot.Tick) int { return cmp.Compare(t.Value, u.Value) })
	end := vg.Length(math.Inf(-1))
	for i, t := range a.ticks {
		if t.Label == "" {
			continue
		}
		half := style.Width(t.Label) / 2
		middle := length * vg.Length(scale.Normalize(a.lo, a.hi, t.Value))
		if middle-half < end+4 {
			a.ticks[i].Label = ""
			continue
		}
		end = middle + half
	}
}

// dataRange returns the least and the largest value of all panels, bands and intervals included; 0 and 0 without any.
func (f *Figure) dataRange() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	see := func(values []float64) {
		for _, v := range values {
			if drawable(v) {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	for _, p := range f.Panels {
		for _, l := range p.Lines {
			see(l.Y)
			see(l.Interval.Lo)
			see(l.Interval.Hi)
			see(l.Range.Lo)
			see(l.Range.Hi)
		}
		for _, d := range p.Dots {
			see(d.Value)
			see(d.Lo)
			see(d.Hi)
		}
	}
	if least > most {
		return 0, 0
	}
	return least, most
}

// horizontal tells whether the values of the figure run along X.
func (f *Figure) horizontal() bool {
	for _, p := range f.Panels {
		for _, d := range p.Dots {
			if d.Horizontal {
				return true
			}
		}
	}
	return false
}
