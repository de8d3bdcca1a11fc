package plots

import (
	"slices"

	"mailsim/sim/result"
)

// linkFigure draws the utilisation of each link of a study without a sweep, a panel a link with a line a direction, and tells
// whether the study has such series.
func linkFigure(s *result.Study) (Figure, bool, error) {
	var links, directions []string
	for i := range s.Series {
		p := &s.Series[i]
		if !ofLink(p) {
			continue
		}
		if name := p.Labels.Get("link"); !slices.Contains(links, name) {
			links = append(links, name)
		}
		if name := p.Labels.Get("direction"); !slices.Contains(directions, name) {
			directions = append(directions, name)
		}
	}
	if len(links) == 0 {
		return Figure{}, false, nil
	}
	c := timeChart{} // links, like rates, are drawn as averages
	all, err := curves(s, len(links)*len(directions), func(p *result.PointSeries) (int, bool) {
		link, direction := slices.Index(links, p.Labels.Get("link")), slices.Index(directions, p.Labels.Get("direction"))
		return link*len(directions) + direction, ofLink(p)
	})
	if err != nil {
		return Figure{}, false, err
	}
	f := overTime(s, "links", "Utilisation of each link", "Utilisation (% of bandwidth)")
	peak := 0.0
	for i, link := range links {
		var row []curve
		for j := range directions {
			row = append(row, all[i*len(directions)+j][0])
		}
		lines := c.linesOf(s, row, directions)
		for j := range lines {
			lines[j].percent()
			peak = max(peak, lines[j].peak())
		}
		f.Panels = append(f.Panels, Panel{Title: link, Lines: lines})
	}
	if peak > 50 {
		f.Y.Max = 100 // the limit is worth seeing when it is near
	}
	if len(directions) > 1 {
		f.legend("Direction", directions)
		f.note("Up is from the site that stands first in the scenario.")
	}
	f.limitPanels("links")
	f.declutter()
	f.finishTime(s, c.averages(s))
	return f, true, nil
}

// ofLink tells whether a series is the utilisation of a link.
func ofLink(p *result.PointSeries) bool {
	return p.Metric == "link.utilisation" && p.Labels.Get("link") != ""
}

// percent turns a line of fractions into one of percent; no link carries more than its bandwidth, so bands end at 100.
func (l *Line) percent() {
	for _, values := range [][]float64{l.Y, l.Interval.Lo, l.Interval.Hi, l.Range.Lo, l.Range.Hi} {
		for i, v := range values {
			values[i] = min(v*100, 100)
		}
	}
}
