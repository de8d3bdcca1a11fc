package topo

import (
	"image/color"
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
}

// lane is one way's use of a hop.
type lane struct {
	way  int
	lost bool
}

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
			h := hop{from: a, to: e.To, cost: e.Cost, line: curve(s.at[a], s.at[e.To], others)}
			for i := range s.m.Ways {
				switch w := &s.m.Ways[i]; {
				case onPath(w.Path, a, e.To):
					h.lanes = append(h.lanes, lane{way: i})
				case slices.Contains(w.Ties, [2]topology.SiteID{a, e.To}) || slices.Contains(w.Ties, [2]topology.SiteID{e.To, a}):
					h.lanes = append(h.lanes, lane{way: i, lost: true})
				}
			}
			s.hops = append(s.hops, h)
		}
	}
}

// onPath tells whether a path goes from one site to the other, or back.
func onPath(path []topology.SiteID, a, b topology.SiteID) bool {
	for i := 1; i < len(path); i++ {
		if path[i-1] == a && path[i] == b || path[i-1] == b && path[i] == a {
			return true
		}
	}
	return false
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
		s.drawSite(&c, s.at[site], s.m.Org.Sites[site].HubSite, s.onAnyPath(site))
	}
	s.drawLabels(&c)
	s.drawLegend(&c)
}

// drawHop draws a link that no way uses in grey, and otherwise the ways side by side.
func (s *sheet) drawHop(c *draw.Canvas, h *hop) {
	if len(h.lanes) == 0 {
		c.StrokeLines(draw.LineStyle{Color: s.looks.Context, Width: s.looks.Data}, short(h.line))
	}
	for i, l := range h.lanes {
		off := (vg.Length(i) - vg.Length(len(h.lanes)-1)/2) * laneGap
		c.StrokeLines(s.laneStyle(l), short(shift(h.line, off)))
	}
}

// laneStyle is a broad line for a chosen path and a dashed one for a path that lost.
func (s *sheet) laneStyle(l lane) draw.LineStyle {
	style := draw.LineStyle{Color: plots.StyleColor(l.way), Width: 2 * s.looks.Data}
	if l.lost {
		style.Width, style.Dashes = s.looks.Data, []vg.Length{5, 3}
	}
	return style
}

func (s *sheet) onAnyPath(site topology.SiteID) bool {
	return slices.ContainsFunc(s.m.Ways, func(w Way) bool { return slices.Contains(w.Path, site) })
}

// drawSite draws a circle, or a square for a hub site; a site on a chosen path is filled.
func (s *sheet) drawSite(c *draw.Canvas, at vg.Point, hubSite, chosen bool) {
	var shape vg.Path
	if r := nodeRadius * 1.05; hubSite {
		shape.Move(vg.Point{X: at.X - r, Y: at.Y - r})
		shape.Line(vg.Point{X: at.X - r, Y: at.Y + r})
		shape.Line(vg.Point{X: at.X + r, Y: at.Y + r})
		shape.Line(vg.Point{X: at.X + r, Y: at.Y - r})
	} else {
		shape.Move(vg.Point{X: at.X + nodeRadius, Y: at.Y})
		shape.Arc(at, nodeRadius, 0, 2*math.Pi)
	}
	shape.Close()
	var fill color.Color = s.looks.Paper
	if chosen {
		fill = s.looks.Ink
	}
	c.SetColor(fill)
	c.Fill(shape)
	c.SetColor(s.looks.Ink)
	c.SetLineWidth(s.looks.Data)
	c.SetLineDash(nil, 0)
	c.Stroke(shape)
}

// drawLabels writes the names of the sites and the costs of the hops where they cover least: names first, as they are longer.
func (s *sheet) drawLabels(c *draw.Canvas) {
	l := labels{field: s.field}
	sites := shown(s.m.Org)
	for _, site := range sites {
		r := vg.Point{X: nodeRadius, Y: nodeRadius}
		l.taken = append(l.taken, vg.Rectangle{Min: s.at[site].Sub(r), Max: s.at[site].Add(r)})
	}
	for i := range s.hops {
		l.lines = append(l.lines, newCrossing(s.hops[i].line))
	}
	for _, site := range sites {
		name := plots.Fit(s.m.Org.Sites[site].Name, s.looks.Text, s.width/4)
		c.FillText(s.looks.Text, l.place(name, s.looks.Text, around(name, s.looks.Text, s.at[site], nodeRadius+4), topology.None), name)
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
