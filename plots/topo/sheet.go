package topo

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"mailsim/plots"
	"mailsim/topology"
)

// sheet is a map that is laid out: where everything goes.
type sheet struct {
	m             *Map
	looks         plots.Looks
	width, height vg.Length
	field         vg.Rectangle // of the sites and all that stands between and beside them
	title         []string
	at            []vg.Point // by site
	hops          []hop
	legend        [][]string // lines, for each way
}

// hop is a line between two sites.
type hop struct {
	from, to topology.SiteID // from < to
	cost     int64
	line     []vg.Point
	lanes    []lane // ways that take it, or would have for the same cost
	cut      bool
}

// lane is one way's use of a hop.
type lane struct {
	way int
	use use
}

// use is what a hop is to a way.
type use uint8

const (
	taken use = iota
	ahead     // on the path, behind the site where the mail rests
	lost      // on a path of the same cost that lost
)

func newSheet(m *Map) *sheet {
	s := &sheet{m: m, looks: plots.HouseLooks()}
	s.width = widthFor(m.Org, 2*(s.looks.Margin+sideRoom))
	inner := s.width - 2*s.looks.Margin
	s.title = plots.Wrap(m.Title, s.looks.Title, inner)
	for _, w := range m.Ways {
		s.legend = append(s.legend, plots.Wrap(w.Label, s.looks.Text, inner-keyWidth))
	}
	var high vg.Length
	s.at, high = lay(m.Org, inner-2*sideRoom)
	foot := s.looks.Margin + s.legendHeight()
	s.field = vg.Rectangle{
		Min: vg.Point{X: s.looks.Margin, Y: foot},
		Max: vg.Point{X: s.width - s.looks.Margin, Y: foot + high + 2*topRoom},
	}
	for i := range s.at {
		s.at[i] = s.at[i].Add(s.field.Min).Add(vg.Point{X: sideRoom, Y: topRoom})
	}
	s.height = s.field.Max.Y + s.line(s.looks.Title)*vg.Length(len(s.title)) + s.looks.Margin
	s.findHops()
	return s
}

// findHops lists the hops of the site graph in order of site ids, with the ways on them.
func (s *sheet) findHops() {
	g := topology.NewGraph(s.m.Org)
	sites := shown(s.m.Org)
	between := located(s.m.Org) // on a circle nobody stands in the way
	for _, a := range sites {
		for _, e := range g.Neighbours(a) {
			if e.To < a {
				continue
			}
			var others []vg.Point
			for _, o := range sites {
				if between && o != a && o != e.To {
					others = append(others, s.at[o])
				}
			}
			h := hop{from: a, to: e.To, cost: e.Cost, line: curve(s.at[a], s.at[e.To], others), cut: joined(s.m.Cut, a, e.To)}
			for i := range s.m.Ways {
				w := &s.m.Ways[i]
				switch n := onPath(w.Path, a, e.To); {
				case n > 0 && w.rests() >= 0 && n >= w.Done:
					h.lanes = append(h.lanes, lane{i, ahead})
				case n > 0:
					h.lanes = append(h.lanes, lane{i, taken})
				case joined(w.Ties, a, e.To):
					h.lanes = append(h.lanes, lane{i, lost})
				}
			}
			s.hops = append(s.hops, h)
		}
	}
}

// joined tells whether a list of hops has one between two sites, in either order.
func joined(hops [][2]topology.SiteID, a, b topology.SiteID) bool {
	return slices.Contains(hops, [2]topology.SiteID{a, b}) || slices.Contains(hops, [2]topology.SiteID{b, a})
}

// onPath returns which hop of a path, from 1, goes from one site to the other, or back; 0 for none.
func onPath(path []topology.SiteID, a, b topology.SiteID) int {
	for i := 1; i < len(path); i++ {
		if path[i-1] == a && path[i] == b || path[i-1] == b && path[i] == a {
			return i
		}
	}
	return 0
}

// line is the height of a line of type.
func (s *sheet) line(style text.Style) vg.Length { return style.Font.Size * s.looks.Leading }

func (s *sheet) draw(c draw.Canvas) {
	c.SetColor(s.looks.Paper)
	c.Fill(c.Rectangle.Path())
	y := s.height - s.looks.Margin
	for _, line := range s.title {
		y -= s.line(s.looks.Title)
		c.FillText(s.looks.Title, vg.Point{X: s.looks.Margin, Y: y + 3}, line)
	}
	for i := range s.hops {
		s.drawHop(&c, &s.hops[i])
	}
	for _, site := range shown(s.m.Org) {
		s.drawSite(&c, s.at[site], s.look(site))
	}
	s.drawRests(&c)
	s.drawLabels(&c)
	s.drawLegend(&c)
}

// drawHop draws a link that no way uses in grey, and otherwise the ways side by side; a cross stands on what is cut.
func (s *sheet) drawHop(c *draw.Canvas, h *hop) {
	switch {
	case len(h.lanes) == 0 && h.cut:
		c.StrokeLines(s.cutStyle(), short(h.line))
	case len(h.lanes) == 0:
		c.StrokeLines(draw.LineStyle{Color: s.looks.Context, Width: s.looks.Data}, short(h.line))
	}
	for i, l := range h.lanes {
		off := (vg.Length(i) - vg.Length(len(h.lanes)-1)/2) * laneGap
		c.StrokeLines(s.laneStyle(l), short(shift(h.line, off)))
	}
	if h.cut {
		s.drawCross(c, h.middle())
	}
}

// middle is where the cross of a hop that is cut stands.
func (h *hop) middle() vg.Point { return h.line[len(h.line)/2] }

// drawCross draws the cross of what is cut, with an edge of paper so that it shows on any line.
func (s *sheet) drawCross(c *draw.Canvas, at vg.Point) {
	crossed(c, draw.LineStyle{Color: s.looks.Paper, Width: 3 * s.looks.Data}, at, crossRadius)
	crossed(c, draw.LineStyle{Color: s.looks.Fault, Width: 1.5 * s.looks.Data}, at, crossRadius)
}

// crossed draws two lines across each other.
func crossed(c *draw.Canvas, style draw.LineStyle, at vg.Point, r vg.Length) {
	c.StrokeLine2(style, at.X-r, at.Y-r, at.X+r, at.Y+r)
	c.StrokeLine2(style, at.X-r, at.Y+r, at.X+r, at.Y-r)
}

// cutStyle is a dashed line in the colour of faults.
func (s *sheet) cutStyle() draw.LineStyle {
	return draw.LineStyle{Color: s.looks.Fault, Width: s.looks.Data, Dashes: []vg.Length{5, 3}}
}

// laneStyle is a broad line for a chosen path, dots for what is left of it and dashes for a path that lost.
func (s *sheet) laneStyle(l lane) draw.LineStyle {
	style := draw.LineStyle{Color: plots.StyleColor(l.way), Width: 2 * s.looks.Data}
	switch l.use {
	case ahead:
		style.Dashes = []vg.Length{2, 3}
	case lost:
		style.Width, style.Dashes = s.looks.Data, []vg.Length{5, 3}
	}
	return style
}

// look is how the sign of a site is drawn.
type look struct{ hubSite, chosen, dead bool }

func (s *sheet) look(site topology.SiteID) look {
	reached := func(w Way) bool {
		path := w.Path
		if w.rests() >= 0 {
			path = path[:w.Done]
		}
		return slices.Contains(path, site)
	}
	return look{
		hubSite: s.m.Org.Sites[site].HubSite,
		chosen:  slices.ContainsFunc(s.m.Ways, reached),
		dead:    slices.Contains(s.m.Dead, site),
	}
}

// drawSite draws a circle, or a square for a hub site; a site that mail gets to is filled, one without a working server crossed out.
func (s *sheet) drawSite(c *draw.Canvas, at vg.Point, l look) {
	var shape vg.Path
	if r := nodeRadius * 1.05; l.hubSite {
		shape.Move(vg.Point{X: at.X - r, Y: at.Y - r})
		shape.Line(vg.Point{X: at.X - r, Y: at.Y + r})
		shape.Line(vg.Point{X: at.X + r, Y: at.Y + r})
		shape.Line(vg.Point{X: at.X + r, Y: at.Y - r})
	} else {
		shape.Move(vg.Point{X: at.X + nodeRadius, Y: at.Y})
		shape.Arc(at, nodeRadius, 0, 2*math.Pi)
	}
	shape.Close()
	fill, line := s.looks.Paper, s.looks.Ink
	if l.chosen {
		fill = s.looks.Ink
	}
	if l.dead {
		fill, line = s.looks.Paper, s.looks.Fault
	}
	c.SetColor(fill)
	c.Fill(shape)
	c.SetColor(line)
	c.SetLineWidth(s.looks.Data)
	c.SetLineDash(nil, 0)
	c.Stroke(shape)
	if l.dead {
		crossed(c, draw.LineStyle{Color: s.looks.Fault, Width: s.looks.Data}, at, nodeRadius+2)
	}
}

// drawRests rings the sites in which mail comes to rest, several ways one around the other.
func (s *sheet) drawRests(c *draw.Canvas) {
	rings := make(map[topology.SiteID]vg.Length)
	for i := range s.m.Ways {
		if site := s.m.Ways[i].rests(); site >= 0 {
			s.drawRing(c, s.at[site], ringRadius+rings[site]*laneGap, i)
			rings[site]++
		}
	}
}

func (s *sheet) drawRing(c *draw.Canvas, at vg.Point, radius vg.Length, way int) {
	var ring vg.Path
	ring.Move(vg.Point{X: at.X + radius, Y: at.Y})
	ring.Arc(at, radius, 0, 2*math.Pi)
	ring.Close()
	c.SetColor(plots.StyleColor(way))
	c.SetLineWidth(s.looks.Data)
	c.SetLineDash(nil, 0)
	c.Stroke(ring)
}

// square is the box around a round sign.
func square(at vg.Point, radius vg.Length) vg.Rectangle {
	r := vg.Point{X: radius, Y: radius}
	return vg.Rectangle{Min: at.Sub(r), Max: at.Add(r)}
}

// drawLabels writes the names of the sites and the costs of the hops where they cover least: names first, as they are longer.
func (s *sheet) drawLabels(c *draw.Canvas) {
	l := labels{field: s.field}
	sites := shown(s.m.Org)
	for _, site := range sites {
		l.taken = append(l.taken, square(s.at[site], nodeRadius))
	}
	for i := range s.hops {
		l.lines = append(l.lines, newCrossing(s.hops[i].line))
		if s.hops[i].cut {
			l.taken = append(l.taken, square(s.hops[i].middle(), crossRadius+1))
		}
	}
	for i := range s.m.Ways {
		if site := s.m.Ways[i].rests(); site >= 0 {
			l.taken = append(l.taken, square(s.at[site], ringRadius))
		}
	}
	for _, site := range sites {
		name := plots.Fit(s.m.Org.Sites[site].Name, s.looks.Text, s.width/4)
		away := nodeRadius + 4
		if slices.ContainsFunc(s.m.Ways, func(w Way) bool { return w.rests() == site }) {
			away = ringRadius + 4
		}
		c.FillText(s.looks.Text, l.place(name, s.looks.Text, around(name, s.looks.Text, s.at[site], away), topology.None), name)
	}
	for i := range s.hops {
		h := &s.hops[i]
		style := s.looks.Small
		if len(h.lanes) == 0 {
			style.Color = s.looks.Faint
		}
		cost := strconv.FormatInt(h.cost, 10)
		at := l.place(cost, style, along(cost, style, h.line), i)
		c.SetColor(s.looks.Paper)
		c.Fill(boxOf(cost, style, at).Path())
		c.FillText(style, at, cost)
	}
}
