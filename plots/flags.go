package plots

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	flagRows = 5            // rows of labels above a panel
	flagGap  = vg.Length(6) // between labels of one row
	flagUp   = vg.Length(3) // from the panel to the lowest row
)

// callout is the label of a fault or remedy above a panel: its text begins at At, and a thin line leads down from it.
type callout struct {
	at     vg.Length // where the fault begins, measured from the left end of the panel
	text   string
	remedy bool

	left, right vg.Length // extent of the text
	row         int       // from 0, upwards; -1 = no room
}

// layFlags gives each flag a place such that no texts overlap and no leading line crosses a text, as far as there are rows. Texts
// begin at their line or, where that leaves no room, end at it. They reach from 0 to limit. It returns the number of rows used.
func layFlags(flags []callout, style text.Style, limit vg.Length) int {
	rows := 0
	for i := len(flags) - 1; i >= 0; i-- { // from the right: a text is above the flags that rise beneath it
		f := &flags[i]
		f.text = fit(f.text, style, limit)
		width := style.Width(f.text)
		f.row = -1
		for _, left := range []vg.Length{min(f.at+2, limit-width), f.at - 2 - width} {
			if f.row >= 0 || left < 0 {
				continue
			}
			f.left, f.right = left, left+width
			for row := 0; row < flagRows && f.row < 0; row++ {
				if f.fits(flags[i+1:], row) {
					f.row = row
				}
			}
		}
		rows = max(rows, f.row+1)
	}
	return rows
}

// fits tells whether a flag can stand in a row beside those already placed.
func (f *callout) fits(placed []callout, row int) bool {
	for _, g := range placed {
		if g.row < 0 {
			continue
		}
		apart := f.right+flagGap <= g.left || g.right+flagGap <= f.left
		crossed := g.at >= f.left-2 && g.at <= f.right+2 // the other's line, when it rises through this row
		crosses := f.at >= g.left-2 && f.at <= g.right+2 // this one's line, when the other text is below
		switch {
		case row == g.row && !apart,
			row < g.row && crossed && g.row > row,
			row > g.row && crosses:
			return false
		}
	}
	return true
}

// flags returns the labels of a figure's faults and marks for a panel, ordered by instant.
func (p *page) flags(data *draw.Canvas) []callout {
	var flags []callout
	add := func(at float64, text string, remedy bool) {
		share := (at - p.x.lo) / (p.x.hi - p.x.lo)
		if share < 0 || share > 1 || text == "" {
			return
		}
		f := callout{at: width(data) * vg.Length(share), text: text, remedy: remedy}
		if !slices.ContainsFunc(flags, func(g callout) bool { return g.at == f.at && g.text == f.text }) {
			flags = append(flags, f)
		}
	}
	for _, w := range p.f.Windows {
		add(max(w.From, p.x.lo), w.Label, false)
	}
	for _, m := range p.f.Marks {
		add(m.At, m.Label, true)
	}
	slices.SortStableFunc(flags, func(a, b callout) int { return cmp.Compare(a.at, b.at) })
	return flags
}

// drawFlags writes the labels above a panel. Faults for which there is no room keep their shade only; how many they are stands
// below the panel.
func (p *page) drawFlags(flags []callout, data *draw.Canvas) {
	left := 0
	for _, f := range flags {
		if f.row < 0 {
			left++
			continue
		}
		style := typeStyle(tickSize, faultInk)
		if f.remedy {
			style = typeStyle(tickSize, ink)
		}
		y := data.Max.Y + flagUp + vg.Length(f.row)*tickSize*leading
		x := data.Min.X + f.at
		top := y + tickSize
		if f.left < f.at && f.at < f.right {
			top = y - 1 // the text was moved over its line
		}
		p.c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: thinWidth}, x, data.Max.Y, x, top)
		p.c.FillText(style, vg.Point{X: data.Min.X + f.left, Y: y}, f.text)
	}
	if left > 0 {
		style := typeStyle(tickSize, faultInk)
		style.XAlign = draw.XRight
		p.c.FillText(style, vg.Point{X: p.c.Max.X - margin, Y: p.body.Min.Y - textSize*leading}, fmt.Sprintf("Faults or marks without a label: %d", left))
	}
}
