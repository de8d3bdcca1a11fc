// Package plots draws the charts of a study: it turns results into Figure values, which are plain data, and writes a Figure as
// SVG or PNG with gonum/plot.
//
//	paths, err := plots.WriteAll(dir, study) // dir/charts/queue.svg, queue.png, throughput.svg, ...
//
//	figures, err := plots.Charts(study)      // or: look at them, change them, write them elsewhere
//	err = figures[0].WriteSVG(w)
//
// What flows in: a result.Study, that is a result folder in memory. What flows out: pictures. The package reads results only and
// must never import sim, scenarios or sim/result/dir: whatever is drawn can be drawn again from the folder alone.
//
// One study gives the same bytes every time. A setting of the sweep has the same colour in every chart of a study.
package plots

import (
	"time"
)

// Figure is one chart as data: what is drawn, not how. The zero value is an empty chart with a title of "".
type Figure struct {
	Stem     string   // file name without extension: "queue"
	Title    string   // says what is shown
	Subtitle []string // lines below the title: the scenario; replications and what line and bands mean
	Caption  string   // remarks below the chart; "" = none

	X, Y    Axis     // shared by all panels
	Windows []Window // faults, shaded behind the data of every panel
	Marks   []Mark   // remedies and the end of the warm-up, thin vertical lines in every panel

	LegendTitle string
	Legend      []Entry // drawn outside the data; empty = no legend
	Key         Key     // what line and bands mean, drawn below the legend
	Panels      []Panel // one, or small multiples; never empty in a figure of Charts
}

// Panel is one set of axes of a figure.
type Panel struct {
	Title   string // "" where the figure has one panel
	Remark  string // a figure of the line, at the right end of the title; "" = none
	Note    string // text in place of data: why the panel is empty
	Context []Line // behind the lines, thin and grey, without bands: those of the other panels, to compare with
	Lines   []Line
	Dots    []Dots
}

// Line is a quantity over time. Y[i] holds from X[i-1] (the first: from Start) to X[i], so it is drawn in steps. A NaN in Y is a
// gap.
type Line struct {
	Name     string
	Style    int       // index into the fixed order of colours and dashes, from 0
	Start    float64   // in the unit of X
	X, Y     []float64 // one length; X ascending
	Interval Band      // 95 % interval of the mean (SA-5)
	Range    Band      // range of the replications (SA-11)
}

// Band is a lower and an upper bound for each Y of its line; empty slices mean that there is no band, NaN that there is none
// at that place.
type Band struct {
	Lo, Hi []float64
}

// Dots are single figures, each with its interval along the axis of values.
type Dots struct {
	Name       string
	Hollow     bool // drawn as rings on a dashed line instead of discs on a solid one
	Joined     bool // neighbours are joined by a line
	Horizontal bool // values run along X, positions along Y: At are Y positions
	At         []float64
	Value      []float64 // NaN: no figure here
	Lo, Hi     []float64 // 95 % interval of Value; NaN where there is none
	Styles     []int     // colour of each dot
}

// Entry is a line of the legend.
type Entry struct {
	Name  string
	Style int
	Note  string // behind the name, in brackets: a figure of the line; "" = none
}

// Key explains the parts of a line with bands; a part that is "" does not occur in the figure.
type Key struct {
	Line, Interval, Range, Context string
}

// AxisKind says what the numbers along an axis are.
type AxisKind int

// The kinds of axes.
const (
	Number AxisKind = iota // a quantity
	Clock                  // seconds since t0, labelled as clock time, or as time since t0 where Axis.T0 is zero
	Names                  // positions 0, 1, 2, ... of Axis.Names
	Delay                  // a duration in seconds on a logarithmic axis, labelled 0.1 s, 1 s, 1 min, 1 h
)

// Axis is the range of an axis and how it is labelled.
type Axis struct {
	Label    string // with the unit
	Kind     AxisKind
	Min, Max float64   // Min >= Max: a range is chosen
	Log      bool      // logarithmic; Min must be above 0
	T0       time.Time // Clock: the instant of x = 0
	At       []float64 // Number: label these values and no others; nil = round values are chosen
	Names    []string  // Names: one a position
}

// Window is a time in which a fault lasted, in seconds since t0.
type Window struct {
	From, To float64
	Label    string
}

// Mark is an instant, in seconds since t0.
type Mark struct {
	At    float64
	Label string
}
