package topo

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"mailsim/topology"
)

// keyWidth is the room for the sample of a line in front of its label.
const keyWidth = vg.Length(34)

// legendHeight is the room that the legend takes: the ways, then rows that explain the signs.
func (s *sheet) legendHeight() vg.Length {
	lines := 1
	for _, l := range s.legend {
		lines += len(l)
	}
	return vg.Length(lines)*s.line(s.looks.Text) + 9 + signRow*vg.Length(len(s.signRows())-1)
}

// drawLegend draws the legend below the sites.
func (s *sheet) drawLegend(c *draw.Canvas) {
	y := s.looks.Margin + s.legendHeight() - 6
	left := s.looks.Margin
	for i, lines := range s.legend {
		y -= s.line(s.looks.Text)
		middle := y + s.looks.Text.Font.Size*0.35
		if len(s.m.Ways[i].Path) > 1 {
			c.StrokeLine2(s.laneStyle(lane{i, taken}), left, middle, left+keyWidth-8, middle)
		}
		for j, line := range lines {
			if j > 0 {
				y -= s.line(s.looks.Text)
			}
			c.FillText(s.looks.Text, vg.Point{X: left + keyWidth, Y: y}, line)
		}
	}
	y -= 3
	for i, row := range s.signRows() {
		if y -= signRow; i == 0 {
			y += signRow - s.line(s.looks.Text)
		}
		at := vg.Point{X: left, Y: y}
		for _, sign := range row {
			if sign.draw != nil {
				sign.draw(c, vg.Point{X: at.X, Y: at.Y + s.looks.Small.Font.Size*0.35})
			}
			at.X += sign.width
			style := s.looks.Small
			style.Color = s.looks.Faint
			c.FillText(style, at, sign.words)
			at.X += style.Width(sign.words) + signGap
		}
	}
}

// Room between two signs of the legend, and from one row of them to the next.
const (
	signGap = vg.Length(16)
	signRow = vg.Length(17)
)

// sign is a drawing and what it means; draw gets the left end of its middle line.
type sign struct {
	draw  func(c *draw.Canvas, at vg.Point)
	width vg.Length
	words string
}

// signRows lists the signs that the map uses, in rows that fit the page; at least one.
func (s *sheet) signRows() [][]sign {
	rows := [][]sign{nil}
	left := s.width - 2*s.looks.Margin
	for _, x := range s.signs() {
		w := x.width + s.looks.Small.Width(x.words) + signGap
		if n := len(rows) - 1; w-signGap > left && len(rows[n]) > 0 {
			rows, left = append(rows, nil), s.width-2*s.looks.Margin
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], x)
		left -= w
	}
	return rows
}

// signs lists the signs that the map uses: lines first, then sites.
func (s *sheet) signs() []sign {
	var out []sign
	stroke := func(style draw.LineStyle, words string) {
		out = append(out, sign{func(c *draw.Canvas, at vg.Point) { c.StrokeLine2(style, at.X, at.Y, at.X+keyWidth-8, at.Y) }, keyWidth, words})
	}
	if i := slices.IndexFunc(s.m.Ways, func(w Way) bool { return len(w.Ties) > 0 }); i >= 0 {
		stroke(s.laneStyle(lane{i, lost}), "lost at the same cost")
	}
	resting := slices.IndexFunc(s.m.Ways, func(w Way) bool { return w.rests() >= 0 })
	if resting >= 0 && slices.ContainsFunc(s.m.Ways, func(w Way) bool { return w.rests() >= 0 && w.Done < len(w.Path) }) {
		stroke(s.laneStyle(lane{resting, ahead}), "not yet travelled")
	}
	if len(s.m.Cut) > 0 {
		out = append(out, sign{func(c *draw.Canvas, at vg.Point) {
			c.StrokeLine2(s.cutStyle(), at.X, at.Y, at.X+keyWidth-8, at.Y)
			s.drawCross(c, vg.Point{X: at.X + (keyWidth-8)/2, Y: at.Y})
		}, keyWidth, "cut"})
	}
	round := func(radius vg.Length, words string, f func(c *draw.Canvas, at vg.Point)) {
		out = append(out, sign{func(c *draw.Canvas, at vg.Point) { f(c, vg.Point{X: at.X + radius, Y: at.Y}) }, 2*radius + 6, words})
	}
	site := func(l look) func(c *draw.Canvas, at vg.Point) {
		return func(c *draw.Canvas, at vg.Point) { s.drawSite(c, at, l) }
	}
	if slices.ContainsFunc(shown(s.m.Org), func(x topology.SiteID) bool { return !s.m.Org.Sites[x].HubSite }) {
		round(nodeRadius, "site", site(look{}))
	}
	if slices.ContainsFunc(shown(s.m.Org), func(x topology.SiteID) bool { return s.m.Org.Sites[x].HubSite }) {
		round(nodeRadius, "hub site", site(look{hubSite: true}))
	}
	if len(s.m.Dead) > 0 {
		round(nodeRadius+2, "no server works", site(look{dead: true}))
	}
	if resting >= 0 {
		round(ringRadius, "mail rests here", func(c *draw.Canvas, at vg.Point) {
			s.drawSite(c, at, look{chosen: true})
			s.drawRing(c, at, ringRadius, resting)
		})
	}
	if len(s.m.Org.Links) > 0 {
		out = append(out, sign{words: "figures: costs of links"})
	}
	return out
}
