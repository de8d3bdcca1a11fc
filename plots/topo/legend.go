package topo

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// keyWidth is the room for the sample of a line in front of its label.
const keyWidth = vg.Length(34)

// legendHeight is the room that the legend takes: the ways, then one line that explains the signs.
func (s *sheet) legendHeight() vg.Length {
	lines := 1
	for _, l := range s.legend {
		lines += len(l)
	}
	return vg.Length(lines)*s.line(s.looks.Text) + 9
}

// drawLegend draws the legend below the sites.
func (s *sheet) drawLegend(c *draw.Canvas) {
	y := s.looks.Margin + s.legendHeight() - 6
	left := s.looks.Margin
	for i, lines := range s.legend {
		y -= s.line(s.looks.Text)
		middle := y + s.looks.Text.Font.Size*0.35
		if len(s.m.Ways[i].Path) > 1 {
			c.StrokeLine2(s.laneStyle(lane{way: i}), left, middle, left+keyWidth-8, middle)
		}
		for j, line := range lines {
			if j > 0 {
				y -= s.line(s.looks.Text)
			}
			c.FillText(s.looks.Text, vg.Point{X: left + keyWidth, Y: y}, line)
		}
	}
	y -= s.line(s.looks.Text) + 3
	s.drawSigns(c, vg.Point{X: left, Y: y})
}

// drawSigns explains, in one line, the signs that the map uses.
func (s *sheet) drawSigns(c *draw.Canvas, at vg.Point) {
	style := s.looks.Small
	style.Color = s.looks.Faint
	middle := at.Y + style.Font.Size*0.35
	say := func(words string) {
		c.FillText(style, at, words)
		at.X += style.Width(words) + 16
	}
	var hubSites, others, lost bool
	for _, site := range shown(s.m.Org) {
		hubSites = hubSites || s.m.Org.Sites[site].HubSite
		others = others || !s.m.Org.Sites[site].HubSite
	}
	way := 0
	for i := range s.m.Ways {
		if len(s.m.Ways[i].Ties) > 0 && !lost {
			lost, way = true, i
		}
	}
	if lost {
		c.StrokeLine2(s.laneStyle(lane{way, true}), at.X, middle, at.X+keyWidth-8, middle)
		at.X += keyWidth
		say("lost at the same cost")
	}
	for _, sign := range []struct {
		used, hubSite bool
		words         string
	}{{others, false, "site"}, {hubSites, true, "hub site"}} {
		if sign.used {
			s.drawSite(c, vg.Point{X: at.X + nodeRadius, Y: middle}, sign.hubSite, false)
			at.X += 2*nodeRadius + 6
			say(sign.words)
		}
	}
	if len(s.hops) > 0 {
		say("figures: costs of links")
	}
}
