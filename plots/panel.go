package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// backdrop draws what lies behind the data of a panel: grid lines at the labelled ticks, shaded fault windows and marks.
type backdrop struct {
	figure *Figure
	gridX  bool        // vertical grid lines: the values run along X
	x, y   []plot.Tick // labelled ticks
}

// Plot implements plot.Plotter.
func (b *backdrop) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	grid := draw.LineStyle{Color: gridShade.color(), Width: thinWidth}
	if b.gridX {
		for _, t := range b.x {
			if t.Value == p.X.Min {
				continue // the axis stands there
			}
			c.StrokeLine2(grid, tx(t.Value), c.Min.Y, tx(t.Value), c.Max.Y)
		}
	} else {
		for _, t := range b.y {
			if t.Value == p.Y.Min {
				continue
			}
			c.StrokeLine2(grid, c.Min.X, ty(t.Value), c.Max.X, ty(t.Value))
		}
	}
	for _, w := range b.figure.Windows {
		from, to := max(tx(w.From), c.Min.X), min(tx(w.To), c.Max.X)
		if to-from < 1 {
			to = from + 1 // an instant is still seen
		}
		c.SetColor(faultShade.color())
		c.Fill(vg.Rectangle{Min: vg.Point{X: from, Y: c.Min.Y}, Max: vg.Point{X: to, Y: c.Max.Y}}.Path())
	}
	for _, m := range b.figure.Marks {
		if x := tx(m.At); c.ContainsX(x) {
			c.StrokeLine2(draw.LineStyle{Color: ink.color(), Width: thinWidth, Dashes: []vg.Length{2, 2}}, x, c.Min.Y, x, c.Max.Y)
		}
	}
}

// stepBand fills the area between two stepped lines.
type stepBand struct {
	line *Line
	band Band
	fill color.Color
}

// Plot implements plot.Plotter.
func (b *stepBand) Plot(c draw.Canvas, p *plot.Plot) {
	l := b.line
	tx, ty := p.Transforms(&c)
	lows := outline(l.Start, l.X, b.band.Lo, thin(l.X, b.band.Lo, p.X.Min, p.X.Max, columns(&c)))
	highs := outline(l.Start, l.X, b.band.Hi, thin(l.X, b.band.Hi, p.X.Min, p.X.Max, columns(&c)))
	for i := range min(len(lows), len(highs)) {
		var path vg.Path
		for j, q := range lows[i] {
			pt := vg.Point{X: tx(q.X), Y: ty(q.Y)}
			if j == 0 {
				path.Move(pt)
				continue
			}
			path.Line(pt)
		}
		for j := len(highs[i]) - 1; j >= 0; j-- {
			path.Line(vg.Point{X: tx(highs[i][j].X), Y: ty(highs[i][j].Y)})
		}
		path.Close()
		c.SetColor(b.fill)
		c.Fill(path)
	}
}

// columns is the number of columns that a series is thinned to: one a pixel of a screen, 96 of which make an inch.
func columns(c *draw.Canvas) int {
	return max(1, int(math.Ceil(float64((c.Max.X-c.Min.X)/vg.Inch*96))))
}

// restlessOpacity is that of a line which goes up and down with almost every sample: it is stroked thin and pale, since at full width
// its strokes would join into a block.
const restlessOpacity = 0xa0

// restless tells whether the strokes of a line of a width would join: they are many, close to each other and high.
func restless(l *Line, keep []int, c *draw.Canvas, p *plot.Plot, width vg.Length) bool {
	const many, high, close = 40, 5, 1.5 // the last two in widths of the line
	at := turns(l.Y, keep)
	if len(at) < many {
		return false
	}
	tx, ty := p.Transforms(c)
	var climbed vg.Length
	for i := 1; i < len(at); i++ {
		climbed += vg.Length(math.Abs(float64(ty(l.Y[at[i]]) - ty(l.Y[at[i-1]]))))
	}
	strokes := vg.Length(len(at) - 1)
	return climbed > high*width*strokes && tx(l.X[at[len(at)-1]])-tx(l.X[at[0]]) < close*width*strokes
}

// stepLine strokes a stepped line.
type stepLine struct {
	line  *Line
	style draw.LineStyle
}

// Plot implements plot.Plotter.
func (s *stepLine) Plot(c draw.Canvas, p *plot.Plot) {
	l := s.line
	keep := thin(l.X, l.Y, p.X.Min, p.X.Max, columns(&c))
	style := s.style
	if restless(l, keep, &c, p, style.Width) {
		style.Width = min(style.Width, thinWidth)
		if col, ok := style.Color.(color.NRGBA); ok {
			style.Color = fade(col, restlessOpacity)
		}
	}
	for _, piece := range outline(l.Start, l.X, l.Y, keep) {
		points := make(plotter.XYs, len(piece))
		for i, q := range piece {
			points[i] = plotter.XY(q)
		}
		line := plotter.Line{XYs: points, LineStyle: style}
		line.Plot(c, p)
	}
}

// dotRow draws dots with their intervals.
type dotRow struct{ dots *Dots }

// Plot implements plot.Plotter.
func (r dotRow) Plot(c draw.Canvas, p *plot.Plot) {
	d := r.dots
	tx, ty := p.Transforms(&c)
	place := func(at, value float64) vg.Point {
		if d.Horizontal {
			return vg.Point{X: tx(within(value, p.X)), Y: ty(at)}
		}
		return vg.Point{X: tx(at), Y: ty(within(value, p.Y))}
	}
	if d.Joined {
		style := draw.LineStyle{Color: axisShade.color(), Width: 1}
		if d.Hollow {
			style.Dashes = []vg.Length{4, 2}
		}
		var points []vg.Point
		for i, v := range d.Value {
			if !math.IsNaN(v) {
				points = append(points, place(d.At[i], v))
			}
		}
		c.StrokeLines(style, points)
	}
	for i, v := range d.Value {
		if math.IsNaN(v) {
			continue
		}
		if lo, hi := d.Lo[i], d.Hi[i]; !math.IsNaN(lo) && !math.IsNaN(hi) {
			axis := p.Y
			if d.Horizontal {
				axis = p.X
			}
			from, to := place(d.At[i], lo), place(d.At[i], hi)
			bar := draw.LineStyle{Color: styleColor(d.Styles[i]), Width: 1}
			c.StrokeLine2(bar, from.X, from.Y, to.X, to.Y)
			if within(lo, axis) == lo {
				d.cap(&c, bar, from)
			}
			if within(hi, axis) == hi {
				d.cap(&c, bar, to)
			}
		}
		drawDot(&c, styleColor(d.Styles[i]), d.Hollow, place(d.At[i], v))
	}
}

// cap draws the end of an interval; one that goes on beyond the axis has none.
func (d *Dots) cap(c *draw.Canvas, bar draw.LineStyle, at vg.Point) {
	if d.Horizontal {
		c.StrokeLine2(bar, at.X, at.Y-2.5, at.X, at.Y+2.5)
		return
	}
	c.StrokeLine2(bar, at.X-2.5, at.Y, at.X+2.5, at.Y)
}

// drawDot draws a disc, or a ring filled with paper.
func drawDot(c *draw.Canvas, col color.Color, hollow bool, at vg.Point) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: col, Radius: dotRadius, Shape: draw.CircleGlyph{}}, at)
	if hollow {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper.color(), Radius: dotRadius - 1.1, Shape: draw.CircleGlyph{}}, at)
	}
}

// within clamps a value to an axis: an interval that reaches below a logarithmic axis is drawn to its end.
func within(v float64, a plot.Axis) float64 { return min(max(v, a.Min), a.Max) }
