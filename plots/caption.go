package plots

import (
	"fmt"
	"strings"
	"time"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// caption is the figure's caption; small multiples, which have no room for labels above their panels, list faults and remedies.
func (p *page) caption() string {
	parts := []string{p.f.Caption}
	if len(p.f.Panels) > 1 {
		const most = 6
		var windows, marks []string
		for _, w := range p.f.Windows {
			windows = append(windows, fmt.Sprintf("%s %s–%s", w.Label, p.instant(w.From), p.instant(w.To)))
		}
		for _, m := range p.f.Marks {
			marks = append(marks, fmt.Sprintf("%s %s", m.Label, p.instant(m.At)))
		}
		parts = append(parts, list("Shaded: ", windows, most), list("Dashed lines: ", marks, most))
	}
	return strings.Join(parts, " ")
}

// instant writes a time of the time axis.
func (p *page) instant(at float64) string {
	step := minute
	if at != float64(int64(at/minute))*minute {
		step = 1
	}
	if d := p.f.X; days(&d) && !d.T0.IsZero() {
		return d.T0.Add(time.Duration(at * 1e9)).Format("2 Jan 15:04")
	}
	return timeLabel(&p.f.X, at, step)
}

// list writes items as a sentence, the first most of them.
func list(before string, items []string, most int) string {
	if len(items) == 0 {
		return ""
	}
	after := "."
	if more := len(items) - most; more > 0 {
		items, after = items[:most], fmt.Sprintf(" and %d more.", more)
	}
	return before + strings.Join(items, "; ") + after
}

// titleStyle and remarkStyle are the styles of what stands above small multiples.
func titleStyle() text.Style  { return bold(typeStyle(textSize, ink)) }
func remarkStyle() text.Style { return typeStyle(tickSize, faint) }

// stacked tells whether the remarks of panels of a width need a line of their own, as one of them has no room beside its title.
func (p *page) stacked(width vg.Length) bool {
	for _, panel := range p.f.Panels {
		if panel.Remark != "" && titleStyle().Width(clean(panel.Title))+remarkStyle().Width(clean(panel.Remark))+6 > width {
			return true
		}
	}
	return false
}

// panelTitle writes title and remark above a panel: the remark at the right end of the title's line, or below the title.
func (p *page) panelTitle(panel *Panel, data *draw.Canvas, stacked bool) {
	title, remark := titleStyle(), remarkStyle()
	at := vg.Point{X: data.Min.X, Y: data.Max.Y + 4}
	switch {
	case panel.Remark == "":
	case stacked:
		p.c.FillText(remark, at, fit(panel.Remark, remark, width(data)+6))
		at.Y += tickSize * leading
	default:
		remark.XAlign = draw.XRight
		p.c.FillText(remark, vg.Point{X: data.Max.X, Y: at.Y}, panel.Remark)
	}
	if panel.Title != "" {
		p.c.FillText(title, at, fitSetting(panel.Title, title, width(data)+6))
	}
}
