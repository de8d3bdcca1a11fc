package topo

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"mailsim/topology"
)

// shown returns the sites that are drawn, in order of declaration.
func shown(o *topology.Organisation) []topology.SiteID {
	var out []topology.SiteID
	for i := range o.Sites {
		if !o.Sites[i].Absent {
			out = append(out, topology.SiteID(i))
		}
	}
	return out
}

// lay places sites in a field of a width, and returns their places by site id (from 0,0 at the lower left) and the height it takes.
func lay(o *topology.Organisation, width vg.Length) (at []vg.Point, height vg.Length) {
	if located(o) {
		return layMap(o, shown(o), width)
	}
	return layCircle(o, shown(o), width)
}

// located tells whether every site that is drawn has a place on the map.
func located(o *topology.Organisation) bool {
	return !slices.ContainsFunc(shown(o), func(s topology.SiteID) bool { return !o.Sites[s].Located })
}

// widthFor returns the width of the page for an organisation: a map grows with the square root of the number of sites, a circle
// with their number.
func widthFor(o *topology.Organisation, edge vg.Length) vg.Length {
	n := float64(len(shown(o)))
	if located(o) {
		return pageWidth * vg.Length(math.Sqrt(max(1, n/40)))
	}
	return max(pageWidth, circleGap*vg.Length(n/math.Pi)+edge)
}

// layCircle puts sites on a circle, clockwise from the left.
func layCircle(o *topology.Organisation, sites []topology.SiteID, width vg.Length) ([]vg.Point, vg.Length) {
	at := make([]vg.Point, len(o.Sites))
	radius := max(90, width*0.3, circleGap*vg.Length(len(sites))/(2*math.Pi))
	if len(sites) < 3 {
		radius = 110
	}
	height := 2 * radius
	if len(sites) < 3 { // in a row
		height = 60
	}
	for i, s := range sites {
		turn := math.Pi - 2*math.Pi*float64(i)/float64(len(sites))
		at[s] = vg.Point{X: width/2 + radius*vg.Length(math.Cos(turn)), Y: height/2 + radius*vg.Length(math.Sin(turn))}
	}
	if len(sites) == 1 {
		at[sites[0]] = vg.Point{X: width / 2, Y: height / 2}
	}
	return at, height
}

// layMap puts sites where they are: an equirectangular map whose scale is right at its middle latitude. Sites too near to each other
// are moved apart.
func layMap(o *topology.Organisation, sites []topology.SiteID, width vg.Length) ([]vg.Point, vg.Length) {
	at := make([]vg.Point, len(o.Sites))
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, s := range sites {
		x := &o.Sites[s]
		west, east = min(west, x.Longitude), max(east, x.Longitude)
		south, north = min(south, x.Latitude), max(north, x.Latitude)
	}
	shrink := math.Cos((south + north) / 2 * math.Pi / 180)
	wide, high := max((east-west)*shrink, 1e-6), max(north-south, 1e-6)
	height := min(max(width*vg.Length(high/wide), width*0.3), width*0.8)
	scale := min(float64(width)/wide, float64(height)/high)
	for _, s := range sites {
		x := &o.Sites[s]
		at[s] = vg.Point{
			X: width/2 + vg.Length((x.Longitude-(west+east)/2)*shrink*scale),
			Y: height/2 + vg.Length((x.Latitude-(south+north)/2)*scale),
		}
	}
	spread(at, sites, vg.Rectangle{Max: vg.Point{X: width, Y: height}})
	return at, height
}

// spread moves sites apart until they keep a distance, but not out of the field; it gives up after some rounds, for there may be no room.
func spread(at []vg.Point, sites []topology.SiteID, field vg.Rectangle) {
	const rounds = 60
	apart := min(30, math.Sqrt(float64(field.Max.X*field.Max.Y)/float64(len(sites)))/2)
	for range rounds {
		moved := false
		for i, a := range sites {
			for j, b := range sites[:i] {
				dx, dy := float64(at[a].X-at[b].X), float64(at[a].Y-at[b].Y)
				d := math.Hypot(dx, dy)
				if d >= apart-0.01 {
					continue
				}
				moved = true
				if d < 1e-6 { // in one place: every pair goes its own way
					turn := float64(i*7 + j*3)
					dx, dy, d = math.Cos(turn), math.Sin(turn), 1
				}
				by := (apart - min(d, apart)) / 2
				if d == 1 {
					by = apart / 2
				}
				step := vg.Point{X: vg.Length(dx / d * by), Y: vg.Length(dy / d * by)}
				at[a], at[b] = inside(field, at[a].Add(step)), inside(field, at[b].Sub(step))
			}
		}
		if !moved {
			return
		}
	}
}

// inside returns the point of a field that is nearest to p.
func inside(field vg.Rectangle, p vg.Point) vg.Point {
	return vg.Point{X: min(max(p.X, field.Min.X), field.Max.X), Y: min(max(p.Y, field.Min.Y), field.Max.Y)}
}

// curve is the line of a hop, as points; straight where it can be, bent around sites that stand in its way.
func curve(from, to vg.Point, others []vg.Point) []vg.Point {
	var line []vg.Point
	for _, bend := range []vg.Length{0, 0.08, -0.08, 0.16, -0.16, 0.26, -0.26} {
		line = bent(from, to, bend)
		if clear(line, others) {
			return line
		}
	}
	return bent(from, to, 0.16)
}

// bent returns a parabola whose middle lies off the straight line by a share of its length.
func bent(from, to vg.Point, bend vg.Length) []vg.Point {
	const steps = 24
	d := to.Sub(from)
	off := vg.Point{X: -d.Y * bend, Y: d.X * bend}
	var line []vg.Point
	for i := range steps + 1 {
		t := vg.Length(i) / steps
		line = append(line, from.Add(d.Scale(t)).Add(off.Scale(4*t*(1-t))))
	}
	return line
}

// short leaves the ends of a straight line and all points of a bent one.
func short(line []vg.Point) []vg.Point {
	first, last := line[0], line[len(line)-1]
	if distance(line[len(line)/2], first.Add(last).Scale(0.5)) < 0.01 {
		return []vg.Point{first, last}
	}
	return line
}

// clear tells whether a line stays away from points.
func clear(line, points []vg.Point) bool {
	for _, p := range points {
		for _, q := range line {
			if distance(p, q) < 2.4*nodeRadius {
				return false
			}
		}
	}
	return true
}

func distance(p, q vg.Point) vg.Length {
	return vg.Length(math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)))
}

// shift moves a line sideways, to its left.
func shift(line []vg.Point, by vg.Length) []vg.Point {
	if by == 0 {
		return line
	}
	out := make([]vg.Point, len(line))
	for i := range line {
		d := line[min(i+1, len(line)-1)].Sub(line[max(i-1, 0)])
		length := max(distance(d, vg.Point{}), 1e-9)
		out[i] = line[i].Add(vg.Point{X: -d.Y / length * by, Y: d.X / length * by})
	}
	return out
}
