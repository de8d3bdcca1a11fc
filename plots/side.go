package plots

import (
	"image/color"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	sampleWidth = vg.Length(20) // of a line sample in the legend
	sideMost    = vg.Length(118)
	sideGap     = vg.Length(14)
	sideLead    = vg.Length(2.5) // between entries
	sideHead    = vg.Length(8)   // above a heading
	sideSpare   = vg.Length(70)  // of the body's height, for labels of faults and of the axis
)

// sideEntry is one entry of the column beside the panels.
type sideEntry struct {
	text   string
	head   bool // a heading
	sample func(c *draw.Canvas, at vg.Rectangle)
}

// column is the legend and the key, laid out.
type column struct {
	entries []sideEntry
	lines   [][]string // of each entry
	width   vg.Length
	height  vg.Length
	inside  bool // drawn in the room that the last row of small multiples leaves
}

// side lays out legend and key: in the empty cells of the last row of small multiples where they fit, otherwise in a column on the
// right that it takes off the body. Where there is no room for both, the legend goes first: the subtitle explains the bands, too.
func (p *page) side() {
	legend, dots, key := p.legendEntries(), p.dotEntries(), p.keyEntries()
	key = append(key, dots...)
	entries := append(legend[:len(legend):len(legend)], key...)
	if len(entries) == 0 {
		return
	}
	if empty := p.cols*p.rows - len(p.f.Panels); empty > 0 {
		cell := width(&p.body) / vg.Length(p.cols)
		row := (p.body.Max.Y - p.body.Min.Y) / vg.Length(p.rows)
		for _, some := range [][]sideEntry{entries, legend} {
			p.column = layColumn(some, min(sideMost, vg.Length(empty)*cell-panelGap))
			if p.column.inside = len(some) > 0 && p.column.height <= row; p.column.inside {
				return
			}
		}
	}
	if p.rows > 1 || p.cols > 2 && len(dots) == 0 {
		entries = legend // the panels need the width
		if len(entries) == 0 {
			p.column = column{}
			return
		}
	}
	p.column = layColumn(entries, sideMost)
	if p.column.height > p.body.Max.Y-p.body.Min.Y-sideSpare && len(legend) > 0 {
		p.column = layColumn(legend, sideMost)
	}
	p.body.Max.X -= p.column.width + sideGap
}

// layColumn breaks entries into lines of at most most.
func layColumn(entries []sideEntry, most vg.Length) column {
	col := column{entries: entries}
	for _, e := range entries {
		indent, style := e.look()
		lines := wrap(e.text, style, most-indent)
		if e.head {
			lines = firstLines(lines, 4)
		} else {
			lines = firstLines(lines, 2)
		}
		for _, line := range lines {
			col.width = max(col.width, indent+style.Width(line))
		}
		col.lines = append(col.lines, lines)
		col.height += vg.Length(len(lines))*textSize*leading + sideLead
		if e.head {
			col.height += sideHead
		}
	}
	return col
}

// look returns how far the text of an entry is indented, and its style.
func (e *sideEntry) look() (vg.Length, text.Style) {
	if e.head {
		return 0, bold(typeStyle(textSize, ink))
	}
	return sampleWidth + 5, typeStyle(textSize, ink)
}

// drawSide draws legend and key with their upper left corner at x, y.
func (p *page) drawSide(x, y vg.Length) {
	const line = textSize * leading
	for i, e := range p.column.entries {
		indent, style := e.look()
		if e.head && i > 0 {
			y -= sideHead
		}
		if !e.head {
			middle := y - line + textSize*0.33 // of small letters
			e.sample(&p.c, vg.Rectangle{Min: vg.Point{X: x, Y: middle - 4}, Max: vg.Point{X: x + sampleWidth, Y: middle + 4}})
		}
		for _, t := range p.column.lines[i] {
			y -= line
			p.c.FillText(style, vg.Point{X: x + indent, Y: y}, t)
		}
		y -= sideLead
	}
}

// legendEntries lists the lines.
func (p *page) legendEntries() []sideEntry {
	if len(p.f.Legend) == 0 {
		return nil
	}
	entries := []sideEntry{{text: p.f.LegendTitle, head: true}}
	for _, e := range p.f.Legend {
		name := e.Name
		if e.Note != "" {
			name += " (" + e.Note + ")"
		}
		entries = append(entries, sideEntry{text: name, sample: func(c *draw.Canvas, at vg.Rectangle) {
			strokeSample(c, at, styleLine(e.Style))
		}})
	}
	return entries
}

// keyEntries explains line and bands, in the colour of the data where there is only one.
func (p *page) keyEntries() []sideEntry {
	k := p.f.Key
	if k.Interval == "" && k.Range == "" && k.Context == "" {
		return nil
	}
	key := keyShade.color()
	if style, one := p.f.oneStyle(); one {
		key = styleColor(style)
	}
	head := "Line and bands"
	switch {
	case k.Context != "":
		head = "In each panel"
	case k.Interval == "" || k.Range == "":
		head = "Line and band"
	}
	entries := []sideEntry{
		{text: head, head: true},
		{text: k.Line, sample: func(c *draw.Canvas, at vg.Rectangle) {
			strokeSample(c, at, draw.LineStyle{Color: key, Width: dataWidth})
		}},
	}
	if k.Interval != "" {
		entries = append(entries, sideEntry{text: k.Interval, sample: func(c *draw.Canvas, at vg.Rectangle) {
			if k.Range != "" {
				fillSample(c, at, fade(key, rangeOpacity)) // the dark band lies on the light one
			}
			fillSample(c, at, fade(key, intervalOpacity))
		}})
	}
	if k.Range != "" {
		entries = append(entries, sideEntry{text: k.Range, sample: func(c *draw.Canvas, at vg.Rectangle) {
			fillSample(c, at, fade(key, rangeOpacity))
		}})
	}
	if k.Context != "" {
		entries = append(entries, sideEntry{text: k.Context, sample: func(c *draw.Canvas, at vg.Rectangle) {
			strokeSample(c, at, draw.LineStyle{Color: contextShade.color(), Width: contextWidth})
		}})
	}
	return entries
}

// oneStyle returns the style of the lines of a figure without a legend in which they all have the same.
func (f *Figure) oneStyle() (int, bool) {
	style, some := 0, false
	for _, p := range f.Panels {
		for _, l := range p.Lines {
			if some && l.Style != style {
				return 0, false
			}
			style, some = l.Style, true
		}
	}
	return style, some && len(f.Legend) == 0
}

// dotEntries explains discs, rings and their bars.
func (p *page) dotEntries() []sideEntry {
	if len(p.f.Panels) == 0 || len(p.f.Panels[0].Dots) == 0 {
		return nil
	}
	entries := []sideEntry{{text: "Delay", head: true}}
	for _, d := range p.f.Panels[0].Dots {
		entries = append(entries, sideEntry{text: d.Name, sample: func(c *draw.Canvas, at vg.Rectangle) {
			if d.Joined {
				style := draw.LineStyle{Color: axisShade.color(), Width: 1}
				if d.Hollow {
					style.Dashes = []vg.Length{4, 2}
				}
				strokeSample(c, at, style)
			}
			drawDot(c, keyShade.color(), d.Hollow, vg.Point{X: (at.Min.X + at.Max.X) / 2, Y: (at.Min.Y + at.Max.Y) / 2})
		}})
	}
	for _, d := range p.f.Panels[0].Dots {
		if !allNaN(d.Lo) {
			return append(entries, sideEntry{text: "95 % interval", sample: func(c *draw.Canvas, at vg.Rectangle) {
				bar := draw.LineStyle{Color: keyShade.color(), Width: 1}
				x := (at.Min.X + at.Max.X) / 2
				c.StrokeLine2(bar, x, at.Min.Y, x, at.Max.Y)
				c.StrokeLine2(bar, x-2.5, at.Min.Y, x+2.5, at.Min.Y)
				c.StrokeLine2(bar, x-2.5, at.Max.Y, x+2.5, at.Max.Y)
			}})
		}
	}
	return entries
}

// allNaN tells whether there is no number among values.
func allNaN(values []float64) bool {
	for _, v := range values {
		if v == v {
			return false
		}
	}
	return true
}

// strokeSample draws the sample of a line through the middle of a rectangle.
func strokeSample(c *draw.Canvas, at vg.Rectangle, style draw.LineStyle) {
	y := (at.Min.Y + at.Max.Y) / 2
	c.StrokeLine2(style, at.Min.X, y, at.Max.X, y)
}

// fillSample fills a rectangle.
func fillSample(c *draw.Canvas, at vg.Rectangle, fill color.Color) {
	c.SetColor(fill)
	c.Fill(at.Path())
}
