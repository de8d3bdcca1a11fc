package plots

import (
	"slices"

	"mailsim/sim/result"
)

// linkFigure draws the utilisation of each link of a study without a sweep, a panel a link with a line a direction, and tells
// whether the study has such series and anything has crossed one.
func linkFigure(s *result.Study) (Figure, bool, error) {
	var links, directions []string
	for i := range s.Series {
		p := &s.Series[i]
		if !ofLink(p) {
			continue
		}
		if name := p.Labels.Get("link"); !slices.Contains(links, name) {
			links = append(links, name)
		}
		if name := p.Labels.Get("direction"); !slices.Contains(directions, name) {
			directions = append(directions, name)
		}
	}
	if len(links) == 0 {
		return Figure{}, false, nil
	}
	c := timeChart{} // links, like rates, are drawn as averages
	all, err := curves(s, len(links)*len(directions), func(p *result.PointSeries) (int, bool) {
		link, direction := slices.Index(links, p.Labels.Get("link")), slices.Index(directions, p.Labels.Get("direction"))
		return link*len(directions) + direction, ofLink(p)
	})
	if err != nil {
		return Figure{}, false, err
	}
	f := overTime(s, "links", "Utilisation of each link", "Utilisation (% of bandwidth)")
	peak := 0.0
	for i, link := range links {
		var row []curve
		for j := range directions {
			row = append(row, all[i*len(directions)+j][0])
		}
		lines := c.linesOf(s, row, directions)
		for j := range lines {
			lines[j].percent()
			peak = max(peak, lines[j].peak())
		}
		f.Panels = append(f.Panels, Panel{Title: link, Lines: lines})
	}
	if peak == 0 {
		return Figure{}, false, nil
	}
	if peak > 50 {
		f.Y.Max = 100 // the limit is worth seeing when it is near
	}
	if len(links) == 1 { // above a single panel stand what breaks and when
		f.Title, f.Panels[0].Title = "Utilisation of link "+links[0], ""
	}
	f.nameDirections(s, links, directions)
	f.limitPanels("links")
	f.declutter()
	f.finishTime(s, c.averages(s))
	return f, true, nil
}

// nameDirections says which way up and down are: in the legend where there is one link, otherwise above each panel. Up is from the
// site that the scenario declares first. A link of more than two sites, or one that the topology lacks, keeps the bare words.
func (f *Figure) nameDirections(s *result.Study, links, directions []string) {
	bare := false
	names := slices.Clone(directions)
	for i, link := range links {
		first, second, ok := endsOf(s, link)
		switch {
		case !ok:
			bare = true
		case len(links) == 1:
			for j, d := range directions {
				names[j] = first + " → " + second
				if d == "down" {
					names[j] = second + " → " + first
				}
			}
		default:
			f.Panels[i].Remark = "up: " + first + " → " + second
		}
	}
	if len(directions) > 1 || len(links) == 1 {
		f.legend("Direction", names)
	}
	if bare {
		f.note("Up is from the site that stands first in the scenario, down is towards it.")
	} else if len(links) > 1 {
		f.note("Down is the other way.")
	}
}

// endsOf returns the two sites of a link in the order in which the scenario declares them.
func endsOf(s *result.Study, link string) (first, second string, ok bool) {
	at := slices.IndexFunc(s.Topology.Links, func(l result.TopologyLink) bool { return l.Name == link })
	if at < 0 || len(s.Topology.Links[at].Sites) != 2 {
		return "", "", false
	}
	rank := func(site string) int {
		return slices.IndexFunc(s.Topology.Sites, func(t result.TopologySite) bool { return t.Name == site })
	}
	first, second = s.Topology.Links[at].Sites[0], s.Topology.Links[at].Sites[1]
	if rank(first) > rank(second) {
		first, second = second, first
	}
	return first, second, rank(first) >= 0
}

// ofLink tells whether a series is the utilisation of a link.
func ofLink(p *result.PointSeries) bool {
	return p.Metric == "link.utilisation" && p.Labels.Get("link") != ""
}

// percent turns a line of fractions into one of percent; no link carries more than its bandwidth, so bands end at 100.
func (l *Line) percent() {
	for _, values := range [][]float64{l.Y, l.Interval.Lo, l.Interval.Hi, l.Range.Lo, l.Range.Hi} {
		for i, v := range values {
			values[i] = min(v*100, 100)
		}
	}
}
