package plots

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// page is a figure being drawn: the body that is left shrinks as the parts around it are placed.
type page struct {
	f    *Figure
	c    draw.Canvas
	body draw.Canvas
	x, y axisTicks
	cols int
	rows int

	column column // legend and key
}

// panelGap is the room between the columns of small multiples: the labels at their corners reach into it.
const panelGap = vg.Length(22)

// size returns the width and height of a figure.
func (f *Figure) size() (w, h vg.Length) {
	_, rows := grid(len(f.Panels))
	h = pageHeight
	if !f.hasData() {
		return pageWidth, emptyHeight
	}
	w = pageWidth
	if rows > 1 {
		h = max(h, vg.Length(rows)*110+110)
	}
	if len(f.Panels) > 9 {
		w, h = pageWide, vg.Length(rows)*100+110 // in the format of a slide
	}
	if n := len(f.Y.Names); n > 0 {
		h = max(2.5*vg.Inch, vg.Length(n)*18+115) // the legend beside a row or two, and a caption below, want as much
	}
	return w, h
}

// grid returns the columns and rows for a number of panels.
func grid(panels int) (cols, rows int) {
	switch {
	case panels <= 3:
		cols = max(panels, 1)
	case panels == 4:
		cols = 2
	case panels <= 9:
		cols = 3
	case panels > 12 && panels <= 15:
		cols = 5
	default:
		cols = 4
	}
	return cols, (max(panels, 1) + cols - 1) / cols
}

// draw draws the figure over the whole canvas.
func (f *Figure) draw(c draw.Canvas) {
	c.SetColor(paper.color())
	c.Fill(c.Rectangle.Path())
	p := &page{f: f, c: c, body: draw.Crop(c, margin, -margin, margin, -margin)}
	p.cols, p.rows = grid(len(f.Panels))
	p.header()
	p.footer()
	if !p.f.hasData() {
		p.note()
		return
	}
	p.side()
	p.axes()
	p.panels()
}

// hasData tells whether there is a panel with data.
func (f *Figure) hasData() bool {
	for _, panel := range f.Panels {
		if panel.Note == "" {
			return true
		}
	}
	return false
}

// header writes title and subtitle.
func (p *page) header() {
	title := bold(typeStyle(titleSize, ink))
	for _, line := range wrap(p.f.Title, title, width(&p.body)) {
		p.fromTop(title, line)
	}
	p.body.Max.Y -= 2
	subtitle := typeStyle(textSize, faint)
	for _, text := range p.f.Subtitle {
		for _, line := range firstLines(wrap(text, subtitle, width(&p.body)), 2) {
			p.fromTop(subtitle, line)
		}
	}
	p.body.Max.Y -= 8
}

// firstLines keeps the first most lines; an ellipsis stands for the others.
func firstLines(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	lines = lines[:most]
	lines[most-1] += " …"
	return lines
}

// fromTop writes a line at the top of the body and takes its height off.
func (p *page) fromTop(style text.Style, line string) {
	p.body.Max.Y -= style.Font.Size * leading
	p.c.FillText(style, vg.Point{X: p.body.Min.X, Y: p.body.Max.Y + style.Font.Size*(leading-1)}, line)
}

// footer writes the caption.
func (p *page) footer() {
	style := typeStyle(textSize, faint)
	lines := wrap(p.caption(), style, width(&p.body))
	for i := len(lines) - 1; i >= 0; i-- {
		p.c.FillText(style, vg.Point{X: p.body.Min.X, Y: p.body.Min.Y + 2}, lines[i])
		p.body.Min.Y += style.Font.Size * leading
	}
	if len(lines) > 0 {
		p.body.Min.Y += 4
	}
}

// note writes why there is nothing to see.
func (p *page) note() {
	p.c.StrokeLines(draw.LineStyle{Color: gridShade.color(), Width: thinWidth}, append(corners(p.body), p.body.Min))
	style := typeStyle(textSize, faint)
	var notes []string
	for _, panel := range p.f.Panels {
		notes = append(notes, panel.Note)
	}
	lines := wrap(strings.Join(notes, " "), style, width(&p.body)*0.8)
	y := p.body.Center().Y + style.Font.Size*leading*vg.Length(len(lines))/2
	style.XAlign = draw.XCenter
	for _, line := range lines {
		y -= style.Font.Size * leading
		p.c.FillText(style, vg.Point{X: p.body.Center().X, Y: y}, line)
	}
}

// corners returns the corners of a canvas from the lower left, clockwise.
func corners(c draw.Canvas) []vg.Point {
	return []vg.Point{c.Min, {X: c.Min.X, Y: c.Max.Y}, c.Max, {X: c.Max.X, Y: c.Min.Y}}
}

// axes chooses the ticks and writes the labels of the axes, once for all panels.
func (p *page) axes() {
	pad := vg.Length(0)
	if p.cols > 1 {
		pad = panelGap
	}
	room := (width(&p.body)-40)/vg.Length(p.cols) - pad
	xLabels, yLabels := max(2, min(8, int(room/(typeStyle(tickSize, ink).Width("00:00")+8)))), 5
	if p.rows > 1 {
		yLabels = 3
	}
	least, most := p.f.dataRange()
	if p.f.horizontal() {
		p.x, p.y = ticksOf(&p.f.X, least, most, xLabels), ticksOf(&p.f.Y, 0, 0, yLabels)
	} else {
		p.x, p.y = ticksOf(&p.f.X, 0, 0, xLabels), ticksOf(&p.f.Y, least, most, yLabels)
	}
	ticks := typeStyle(tickSize, ink)
	for i, t := range p.y.ticks {
		p.y.ticks[i].Label = fit(t.Label, ticks, 120)
	}
	p.x.spaceLabels(&p.f.X, ticks, room)
	style := typeStyle(textSize, ink)
	line := style.Font.Size * leading
	if p.y.label != "" {
		p.body.Min.X += line + 2
	}
	if p.x.label != "" {
		p.body.Min.Y += line + 2
	}
}

// panels draws the panels with their titles, the labels of faults and those of the axes.
func (p *page) panels() {
	titled := vg.Length(0)
	for _, panel := range p.f.Panels {
		if panel.Title != "" {
			titled = textSize*leading + 2
		}
	}
	plots := make([][]*plot.Plot, p.rows)
	for row := range plots {
		plots[row] = make([]*plot.Plot, p.cols)
		for col := range plots[row] {
			if i := row*p.cols + col; i < len(p.f.Panels) {
				plots[row][col] = p.plot(&p.f.Panels[i], col == 0, i+p.cols >= len(p.f.Panels))
			}
		}
	}
	tiles := draw.Tiles{Cols: p.cols, Rows: p.rows, PadX: panelGap, PadY: 6 + titled, PadTop: titled}
	first := plots[0][0].DataCanvas(plot.Align(plots, tiles, p.body)[0][0])
	stacked := p.stacked(width(&first))
	if stacked {
		titled += tickSize * leading
		tiles.PadY, tiles.PadTop = 6+titled, titled
	}
	var flags []callout
	if len(p.f.Panels) == 1 {
		flags = p.flags(&first)
		style := typeStyle(tickSize, faultInk)
		if rows := layFlags(flags, style, p.c.Max.X-margin-first.Min.X); rows > 0 {
			tiles.PadTop += vg.Length(rows)*tickSize*leading + flagUp
		}
	}
	cells := plot.Align(plots, tiles, p.body)
	var around, last vg.Rectangle
	for row := range plots {
		for col, drawn := range plots[row] {
			if drawn == nil {
				continue
			}
			cell := cells[row][col]
			data := drawn.DataCanvas(cell)
			drawn.Draw(cell)
			around.Max.X = max(around.Max.X, data.Max.X)
			if row == 0 && col == 0 {
				around.Min.X, around.Max.Y = data.Min.X, data.Max.Y
				p.drawFlags(flags, &data)
			}
			around.Min.Y = data.Min.Y
			last = data.Rectangle
			p.panelTitle(&p.f.Panels[row*p.cols+col], &data, stacked)
		}
	}
	p.axisLabels(around)
	if p.column.inside {
		p.drawSide(last.Max.X+tiles.PadX, last.Max.Y+titled)
		return
	}
	p.drawSide(p.body.Max.X+sideGap, around.Max.Y)
}

// axisLabels writes the labels of the axes centred along the panels.
func (p *page) axisLabels(around vg.Rectangle) {
	style := typeStyle(textSize, ink)
	style.XAlign = draw.XCenter
	if p.x.label != "" {
		y := p.body.Min.Y - textSize*leading
		p.c.FillText(style, vg.Point{X: (around.Min.X + around.Max.X) / 2, Y: y}, p.x.label)
	}
	if p.y.label != "" {
		style.Rotation = math.Pi / 2
		x := p.body.Min.X - 5
		p.c.FillText(style, vg.Point{X: x, Y: (around.Min.Y + around.Max.Y) / 2}, p.y.label)
	}
}

// plot makes the gonum plot of a panel; only those on the left have labels on their vertical axis, only the lowest ones on their
// horizontal.
func (p *page) plot(panel *Panel, left, bottom bool) *plot.Plot {
	g := plot.New()
	g.BackgroundColor = nil
	styleAxis(&g.X, &p.x, p.f.X.Log, bottom)
	styleAxis(&g.Y, &p.y, p.f.Y.Log, left)
	g.X.Tick.Label.XAlign, g.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	g.Y.Tick.Label.XAlign, g.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	g.Add(&backdrop{figure: p.f, gridX: p.f.horizontal(), x: p.x.labelled(), y: p.y.labelled()})
	for i := range panel.Context {
		grey := draw.LineStyle{Color: contextShade.color(), Width: contextWidth}
		g.Add(&stepLine{&panel.Context[i], grey})
	}
	for i := range panel.Lines {
		l := &panel.Lines[i]
		if len(l.Range.Lo) > 0 {
			g.Add(&stepBand{l, l.Range, fade(styleColor(l.Style), rangeOpacity)})
		}
	}
	for i := range panel.Lines {
		l := &panel.Lines[i]
		if len(l.Interval.Lo) > 0 {
			g.Add(&stepBand{l, l.Interval, fade(styleColor(l.Style), intervalOpacity)})
		}
	}
	thickness := dataWidth
	if p.cols > 2 {
		thickness = 1
	}
	for i := range panel.Lines {
		style := styleLine(panel.Lines[i].Style)
		style.Width = thickness
		if len(panel.Lines) == 1 {
			style.Dashes = nil // dashes tell lines of one panel apart; alone, a whole line is easier to read
		}
		g.Add(&stepLine{&panel.Lines[i], style})
	}
	for i := range panel.Dots {
		g.Add(dotRow{&panel.Dots[i]})
	}
	return g
}

// styleAxis sets range, ticks and looks of an axis.
func styleAxis(a *plot.Axis, t *axisTicks, logarithmic, labels bool) {
	a.Min, a.Max = t.lo, t.hi
	if logarithmic {
		a.Scale = plot.LogScale{}
	}
	a.Padding = 0
	a.Color, a.Width = axisShade.color(), thinWidth
	a.Tick.Label = typeStyle(tickSize, ink)
	a.Tick.Color, a.Tick.Width, a.Tick.Length = axisShade.color(), 0.5, 3
	a.Tick.Marker = plot.ConstantTicks(t.ticks)
	if !labels {
		a.Tick.Marker = plot.ConstantTicks(t.bare())
	}
}

// width returns the width of a canvas.
func width(c *draw.Canvas) vg.Length { return c.Max.X - c.Min.X }
