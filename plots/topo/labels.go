package topo

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// labels finds room for texts: each takes the best of several places, by what it would cover.
type labels struct {
	field vg.Rectangle // nothing may stand out of it
	taken []vg.Rectangle
	lines []crossing
}

// crossing is a line that a text should not stand on: points close to each other, and the box around them.
type crossing struct {
	points []vg.Point
	around vg.Rectangle
}

// newCrossing puts points between those of a line.
func newCrossing(line []vg.Point) crossing {
	c := crossing{around: vg.Rectangle{Min: line[0], Max: line[0]}}
	for i, p := range line {
		c.around.Min = vg.Point{X: min(c.around.Min.X, p.X), Y: min(c.around.Min.Y, p.Y)}
		c.around.Max = vg.Point{X: max(c.around.Max.X, p.X), Y: max(c.around.Max.Y, p.Y)}
		c.points = append(c.points, p)
		const between = 4
		for j := 1; i+1 < len(line) && j < between; j++ {
			c.points = append(c.points, p.Add(line[i+1].Sub(p).Scale(vg.Length(j)/between)))
		}
	}
	return c
}

// apart tells whether two boxes have nothing in common.
func apart(a, b vg.Rectangle) bool {
	return a.Max.X < b.Min.X || b.Max.X < a.Min.X || a.Max.Y < b.Min.Y || b.Max.Y < a.Min.Y
}

// boxOf returns the room that a text takes at a place.
func boxOf(s string, style text.Style, at vg.Point) vg.Rectangle {
	h := style.Font.Size
	return vg.Rectangle{Min: vg.Point{X: at.X - 1, Y: at.Y - h*0.25}, Max: vg.Point{X: at.X + style.Width(s) + 1, Y: at.Y + h*0.85}}
}

// place returns the best of places for a text, the first among equals, and takes its room. It may stand on the line of the index own.
func (l *labels) place(s string, style text.Style, places []vg.Point, own int) vg.Point {
	best, least := places[0], vg.Length(-1)
	for i, p := range places {
		cost := l.covers(boxOf(s, style, p), own) + vg.Length(i)*0.2
		if least < 0 || cost < least {
			best, least = p, cost
		}
	}
	l.taken = append(l.taken, boxOf(s, style, best))
	return best
}

// covers rates a box by what lies below it: the area of other texts and sites, and the lines that cross it, but not
// the line of the index own.
func (l *labels) covers(box vg.Rectangle, own int) vg.Length {
	cost := vg.Length(0)
	inner := overlap(box, l.field)
	cost += 20 * (area(box) - inner)
	for _, t := range l.taken {
		cost += 6 * overlap(box, t)
	}
	for i, line := range l.lines {
		if i == own || apart(box, line.around) {
			continue
		}
		for _, p := range line.points {
			if box.Min.X <= p.X && p.X <= box.Max.X && box.Min.Y <= p.Y && p.Y <= box.Max.Y {
				cost += 8
			}
		}
	}
	return cost
}

func area(r vg.Rectangle) vg.Length { return (r.Max.X - r.Min.X) * (r.Max.Y - r.Min.Y) }

// overlap is the area that two boxes share.
func overlap(a, b vg.Rectangle) vg.Length {
	w := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	h := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// around lists the places for a name beside a site: right, left, above, below, the corners, farther above and below, and between
// the corners and the sides.
func around(s string, style text.Style, site vg.Point, away vg.Length) []vg.Point {
	w, h := style.Width(s), style.Font.Size
	right, left, middle := site.X+away, site.X-away-w, site.X-w/2
	level, above, below := site.Y-h*0.3, site.Y+away, site.Y-away-h*0.7
	return []vg.Point{
		{X: right, Y: level}, {X: left, Y: level}, {X: middle, Y: above}, {X: middle, Y: below},
		{X: right - 2, Y: above - 2}, {X: left + 2, Y: above - 2}, {X: right - 2, Y: below + 2}, {X: left + 2, Y: below + 2},
		{X: middle, Y: above + 1.2*h}, {X: middle, Y: below - 1.2*h},
		{X: right - 1, Y: level + 0.6*h}, {X: left + 1, Y: level + 0.6*h}, {X: right - 1, Y: level - 0.6*h}, {X: left + 1, Y: level - 0.6*h},
		{X: right - 2, Y: below - h}, {X: left + 2, Y: below - h}, {X: right - 2, Y: above + h}, {X: left + 2, Y: above + h},
	}
}

// along lists the places for a figure on a line: in the middle, and then towards its ends.
func along(s string, style text.Style, line []vg.Point) []vg.Point {
	var out []vg.Point
	n := len(line) - 1
	for _, step := range []int{12, 10, 14, 8, 16, 6, 18} { // of 24 steps
		p := line[min(n, n*step/24)]
		out = append(out, vg.Point{X: p.X - style.Width(s)/2, Y: p.Y - style.Font.Size*0.3})
	}
	return out
}
