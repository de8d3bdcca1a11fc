package topo

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"mailsim/topology"
)

// update: go test ./plots/topo -update writes the golden pictures anew; look at them.
var update = flag.Bool("update", false, "write the golden pictures anew")

// diamond is four sites in a ring of equal costs, with a hub site and a dear short cut; the places are optional.
func diamond(t *testing.T, located bool) *topology.Organisation {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	for i, name := range []string{"London", "Paris", "Amsterdam", "Frankfurt"} {
		s := topology.Site{Name: name, HubSite: name == "Paris"}
		if located {
			s.Located = true
			s.Latitude = []float64{51.51, 48.86, 52.37, 50.11}[i]
			s.Longitude = []float64{-0.13, 2.35, 4.9, 8.68}[i]
		}
		b.Site(s)
	}
	for i, l := range []struct {
		a, b topology.SiteID
		cost int64
	}{{0, 1, 10}, {0, 2, 10}, {1, 3, 10}, {2, 3, 10}, {0, 3, 50}} {
		b.Link(topology.Link{Name: fmt.Sprint("link ", i), Sites: []topology.SiteID{l.a, l.b}, Cost: l.cost})
	}
	o, err := b.Build()
	require.NoError(t, err)
	return o
}

func diamondMap(t *testing.T, located bool) *Map {
	return &Map{
		Title: "From London to Frankfurt", Org: diamond(t, located),
		Ways: []Way{{
			Label: "London > Amsterdam > Frankfurt (cost 20): Frankfurt",
			Path:  []topology.SiteID{0, 2, 3},
			Ties:  [][2]topology.SiteID{{0, 1}, {1, 3}},
		}},
	}
}

func svg(t *testing.T, m *Map) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.WriteSVG(&b))
	return b.String()
}

// outage is the diamond with Amsterdam dead, the link from Amsterdam to Frankfurt cut, and mail that rests where it began.
func outage(t *testing.T) *Map {
	m := diamondMap(t, true)
	m.Cut, m.Dead = [][2]topology.SiteID{{3, 2}, {0, 3}}, []topology.SiteID{2}
	m.Ways[0].Done = 1
	return m
}

func TestGoldenPictures(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*Map{"circle": diamondMap(t, false), "map": diamondMap(t, true), "outage": outage(t)} {
		got := svg(t, m)
		require.Equal(t, got, svg(t, m), "drawn twice")
		path := filepath.Join("testdata", name+".svg")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, "%s; -update writes it anew", path)
	}
}

// What a map shows: names, costs, the path in a broad line, the ways that lost in dashes, hub sites as squares.
func TestWhatAMapShows(t *testing.T) {
	t.Parallel()
	m := diamondMap(t, false)
	s := newSheet(m)
	require.Len(t, s.hops, 5)
	var lanes []string
	for _, h := range s.hops {
		lanes = append(lanes, fmt.Sprint(h.from, "-", h.to, " ", h.cost, h.lanes))
	}
	require.Equal(t, []string{"0-1 10 [{0 2}]", "0-2 10 [{0 0}]", "0-3 50 []", "1-3 10 [{0 2}]", "2-3 10 [{0 0}]"}, lanes)
	require.NotEmpty(t, s.laneStyle(lane{0, lost}).Dashes)
	require.Empty(t, s.laneStyle(lane{0, taken}).Dashes)
	with := svg(t, m)
	for _, text := range []string{">London<", ">Frankfurt<", ">50<", ">hub site<", ">lost at the same cost<", "<title>From London to Frankfurt</title>"} {
		require.Contains(t, with, text)
	}
	m.Ways = nil
	without := svg(t, m)
	require.NotContains(t, without, "lost at")
	require.NotContains(t, without, "stroke-dasharray:5")
	require.Contains(t, with, "stroke-dasharray:")
}

// What is broken shows: cut hops, dead sites, where the mail rests and what of its way is left.
func TestWhatAnOutageShows(t *testing.T) {
	t.Parallel()
	m := outage(t)
	s := newSheet(m)
	var hops []string
	for _, h := range s.hops {
		hops = append(hops, fmt.Sprint(h.from, "-", h.to, " ", h.lanes, h.cut))
	}
	require.Equal(t, []string{"0-1 [{0 2}] false", "0-2 [{0 1}] false", "0-3 [] true", "1-3 [{0 2}] false", "2-3 [{0 1}] true"}, hops)
	require.Equal(t, topology.SiteID(0), m.Ways[0].rests())
	require.Equal(t, look{chosen: true}, s.look(0), "the mail is here")
	require.Equal(t, look{dead: true}, s.look(2))
	require.Equal(t, look{}, s.look(3), "on the path, and the mail does not get there")
	signs := []string{">cut<", ">no server works<", ">mail rests here<", ">not yet travelled<"}
	picture := svg(t, m)
	for _, sign := range signs {
		require.Contains(t, picture, sign)
	}
	require.Len(t, s.signRows(), 2, "more than fits a line")

	m.Ways[0].Done = 2
	require.Equal(t, topology.SiteID(2), m.Ways[0].rests())
	require.Equal(t, []lane{{0, taken}}, newSheet(m).hops[1].lanes)
	require.Equal(t, []lane{{0, ahead}}, newSheet(m).hops[4].lanes)
	m.Ways[0].Done = 3
	require.Equal(t, topology.SiteID(3), m.Ways[0].rests())
	require.NotContains(t, svg(t, m), "not yet travelled", "it rests in the last site")
	for _, sign := range signs {
		require.NotContains(t, svg(t, diamondMap(t, true)), sign, "nothing is broken")
	}
}

// A cost moves along its line to where it covers no other line, and a name to the side where nothing is.
func TestLabelsKeepOffLines(t *testing.T) {
	t.Parallel()
	style := newSheet(diamondMap(t, false)).looks.Small
	level, upright := bent(vg.Point{X: -100}, vg.Point{X: 100}, 0), bent(vg.Point{Y: -100}, vg.Point{Y: 100}, 0)
	field := vg.Rectangle{Min: vg.Point{X: -200, Y: -200}, Max: vg.Point{X: 200, Y: 200}}
	l := labels{field: field, lines: []crossing{newCrossing(level), newCrossing(upright)}}
	at := l.place("10", style, along("10", style, level), 0)
	require.Less(t, at.X+style.Width("10"), vg.Length(0))
	alone := labels{field: field, lines: []crossing{newCrossing(level)}}
	require.InDelta(t, 0, float64(alone.place("10", style, along("10", style, level), 0).X+style.Width("10")/2), 1e-9)

	one := labels{field: field, lines: []crossing{newCrossing(bent(vg.Point{}, vg.Point{X: 100}, 0))}}
	require.Less(t, one.place("Site", style, around("Site", style, vg.Point{}, 8), topology.None).X, vg.Length(0))
	require.Greater(t, one.place("Site", style, around("Site", style, vg.Point{}, 8), topology.None).Y, vg.Length(5), "the left is taken now")
}

// Two ways over one hop are drawn side by side.
func TestWaysShareAHop(t *testing.T) {
	t.Parallel()
	m := diamondMap(t, false)
	m.Ways = append(m.Ways, Way{Label: "b", Path: []topology.SiteID{0, 2}})
	s := newSheet(m)
	require.Equal(t, []lane{{0, taken}, {1, taken}}, s.hops[1].lanes)
	line := []vg.Point{{X: 0}, {X: 10}, {X: 20}}
	require.Equal(t, []vg.Point{{X: 0, Y: 2}, {X: 10, Y: 2}, {X: 20, Y: 2}}, shift(line, 2))
}

// Layout: north is up and east is right, sites in one place come apart, a hop does not run through a third site.
func TestLayout(t *testing.T) {
	t.Parallel()
	at, _ := lay(diamond(t, true), 400)
	require.Less(t, at[0].X, at[1].X)
	require.Less(t, at[1].X, at[2].X)
	require.Greater(t, at[2].Y, at[1].Y)

	circle, height := lay(diamond(t, false), 400)
	for _, p := range circle {
		require.InDelta(t, 120, float64(distance(p, vg.Point{X: 200, Y: height / 2})), 1e-9)
	}
	require.InDelta(t, 80, float64(circle[0].X), 1e-9)
	require.Greater(t, circle[1].Y, circle[3].Y, "clockwise from the left")

	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"A", "B", "C"} {
		b.Site(topology.Site{Name: name, Located: true, Latitude: 10, Longitude: 20})
	}
	o, err := b.Build()
	require.NoError(t, err)
	near, _ := lay(o, 400)
	for i := range near {
		for j := range i {
			require.Greater(t, float64(distance(near[i], near[j])), 20.0)
		}
	}
	between := []vg.Point{{X: 50}}
	require.False(t, clear(bent(vg.Point{}, vg.Point{X: 100}, 0), between))
	require.True(t, clear(curve(vg.Point{}, vg.Point{X: 100}, between), between))
}

// Organisations of any size give well-formed pictures in which every site stands on the page.
func TestAllSizes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 30, 150} {
		b := topology.NewBuilder(topology.V2010)
		for i := range n {
			b.Site(topology.Site{Name: fmt.Sprintf("Site <%d> & more", i), Absent: i == 2})
			if i > 0 {
				b.Link(topology.Link{Name: fmt.Sprint(i), Sites: []topology.SiteID{topology.SiteID(i), topology.SiteID(i / 3)}, Cost: 1})
			}
		}
		o, err := b.Build()
		require.NoError(t, err)
		m := &Map{Title: "All", Org: o}
		s := newSheet(m)
		for _, site := range shown(o) {
			require.Equal(t, s.at[site], inside(s.field, s.at[site]))
		}
		picture := svg(t, m)
		d := xml.NewDecoder(strings.NewReader(picture))
		for err == nil {
			_, err = d.Token()
		}
		require.ErrorIs(t, err, io.EOF)
		require.Contains(t, picture, "&lt;0&gt;")
		require.NotContains(t, picture, "&lt;2&gt;", "a site that is absent is not drawn")
	}
}
