package plots

import (
	"strings"

	"mailsim/sim/result"
)

// layout is how lines that may share a panel are named.
type layout struct {
	legend string // heading of the legend, and of the names in the titles of panels
	panel  string // before the name of a line in the title of its panel
	others string // what the grey lines of a panel are
	many   string // what there may be too many of
}

// linesOf turns the curves of a chart into lines, styled in their order; a curve without samples gives none.
func (c *timeChart) linesOf(s *result.Study, row []curve, names []string) []Line {
	var calc spreads
	var lines []Line
	for i := range row {
		if len(row[i].times) > 0 {
			row[i].average(c.averages(s))
			lines = append(lines, row[i].line(names[i], i, &calc))
		}
	}
	return lines
}

// layLines puts curves as lines into one panel with a legend or, where they are too many or lie on each other for most of the time,
// gives each a panel of its own with the others in grey behind it.
func (f *Figure) layLines(c *timeChart, s *result.Study, row []curve, names []string, l layout) {
	lines := c.linesOf(s, row, names)
	if share := overlap(lines); len(lines) <= 2 || len(lines) <= maxLines && share < unreadable { // a dashed line shows on a whole one
		if share >= crowded {
			dropRanges(lines)
		}
		f.Panels = []Panel{{Lines: lines}}
		if len(lines) > 1 {
			f.LegendTitle = l.legend
			for i := range lines {
				f.Legend = append(f.Legend, Entry{Name: lines[i].Name, Style: lines[i].Style})
			}
		}
	} else {
		f.spread(lines, l)
	}
	if c.queues {
		f.notePeaks(c, s, func(_, line int) *curve { return &row[line] })
	}
	f.limitPanels(l.many)
	f.finishTime(s, c.averages(s))
}

// notePeaks writes the peak of each line beside its name, in the legend of one panel or above each of several: a scale on which the
// highest line fits leaves small ones hard to read. of returns the curve of a panel and a style.
func (f *Figure) notePeaks(c *timeChart, s *result.Study, of func(panel, style int) *curve) {
	var calc spreads
	noted := false
	if len(f.Panels) == 1 {
		for i := range f.Legend {
			f.Legend[i].Note = of(0, f.Legend[i].Style).peakNote(&calc)
			noted = true
		}
	}
	for i := range f.Panels {
		if p := &f.Panels[i]; len(f.Panels) > 1 && len(p.Lines) == 1 {
			p.Remark = of(i, p.Lines[0].Style).peakNote(&calc)
			noted = true
		}
	}
	if noted {
		f.note(peakMeaning(c.averages(s), s.File.Replications))
	}
}

// spread gives each line a panel.
func (f *Figure) spread(lines []Line, l layout) {
	for i := range lines {
		p := Panel{Title: l.panel + lines[i].Name, Lines: lines[i : i+1 : i+1]}
		for j := range lines {
			if j != i {
				p.Context = append(p.Context, Line{Name: lines[j].Name, Style: lines[j].Style, Start: lines[j].Start, X: lines[j].X, Y: lines[j].Y})
			}
		}
		f.Panels = append(f.Panels, p)
	}
	f.Key.Context = l.others
	if strings.Contains(l.legend, ",") {
		f.note("Panels: " + strings.ToLower(l.legend[:1]) + l.legend[1:] + ".")
	}
}

// declutter leaves out the light bands of panels with several lines where these lie on each other.
func (f *Figure) declutter() {
	share, panels := 0.0, 0
	for _, p := range f.Panels {
		if len(p.Lines) > 1 {
			share, panels = share+overlap(p.Lines), panels+1
		}
	}
	if panels == 0 || share/float64(panels) < crowded {
		return
	}
	for _, p := range f.Panels {
		dropRanges(p.Lines)
	}
}
