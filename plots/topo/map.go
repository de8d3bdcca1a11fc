// Package topo draws the sites of an organisation, the links between them and the ways that mail takes.
//
//	m := topo.Map{Title: "From A to D", Org: org, Ways: []topo.Way{{Label: "A > B > D (cost 20)", Path: path, Ties: ties}}}
//	err := m.WriteSVG(w)
//
// What flows in: a checked organisation, and ways that somebody else has found. What flows out: a picture in the looks of the charts.
// Where every site has a location the picture is a map (equirectangular), otherwise the sites stand on a circle in the order of their
// declaration. One Map gives the same bytes every time.
//
// It imports topology for what it draws and plots for the looks. It must never import sim or scenarios, and it decides nothing:
// which way is chosen and which one loses is topology/route's to say.
package topo

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg"

	"mailsim/plots"
	"mailsim/topology"
)

// Map is a picture of an organisation as data: what is drawn, not how.
type Map struct {
	Title string
	Org   *topology.Organisation // sites that are absent are left out
	Ways  []Way                  // each in its own colour, side by side where they share a hop; may be empty

	Cut  [][2]topology.SiteID // neighbours between which nothing passes, in either order
	Dead []topology.SiteID    // sites none of whose servers works
}

// Way is what is highlighted on a map.
type Way struct {
	Label string               // in the legend
	Path  []topology.SiteID    // the chosen path, source first; may be empty
	Ties  [][2]topology.SiteID // hops of paths that cost the same and lost, dashed

	// Done is how many sites of Path the mail gets to before it rests in the last of them, ringed; what is left of the path is dotted.
	// 0 = all: it arrives.
	Done int
}

// rests returns where the mail of a way comes to rest; None when it arrives.
func (w *Way) rests() topology.SiteID {
	if w.Done < 1 || w.Done > len(w.Path) {
		return topology.None
	}
	return w.Path[w.Done-1]
}

// WriteSVG writes the map as SVG.
func (m *Map) WriteSVG(w io.Writer) error {
	if err := m.picture().WriteSVG(w); err != nil {
		return fmt.Errorf("map: %w", err)
	}
	return nil
}

// WritePNG writes the map as PNG with 192 dots per inch.
func (m *Map) WritePNG(w io.Writer) error {
	if err := m.picture().WritePNG(w); err != nil {
		return fmt.Errorf("map: %w", err)
	}
	return nil
}

func (m *Map) picture() *plots.Picture {
	s := newSheet(m)
	return &plots.Picture{Title: m.Title, Width: s.width, Height: s.height, Draw: s.draw}
}

// Sizes in points.
const (
	pageWidth  = vg.Length(518) // of a few dozen sites; it grows with their number
	nodeRadius = vg.Length(4.5)
	laneGap    = vg.Length(3.2) // between ways that share a hop

	ringRadius  = nodeRadius + 3.5 // around a site in which mail rests
	crossRadius = vg.Length(3.2)   // on what is cut
	sideRoom    = vg.Length(58)    // for names left and right of the sites
	topRoom     = vg.Length(28)    // and above and below
	circleGap   = vg.Length(26)    // least distance of sites along a circle
)
