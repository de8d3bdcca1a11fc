package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"mailsim/sim/result"
)

const (
	delayMetric = "delivery.delay" // seconds
	anywhere    = "all"            // label of mail from, or to, any site
)

// delayFigure draws the mean and the 95th percentile of the delivery delay with their intervals: against the swept setting or,
// without a sweep, by site.
func delayFigure(s *result.Study) Figure {
	if isSweep(s) && len(s.File.Axes) > 0 {
		return delayBySetting(s)
	}
	return delayBySite(s)
}

// delayBySetting has the swept setting along the horizontal axis. With several settings it is the first numeric one, and each
// combination of the others has a panel.
func delayBySetting(s *result.Study) Figure {
	axis := delayAxis(s.File.Axes)
	f := Figure{Stem: "delay", Title: "Delivery delay against " + strings.ToLower(settingName(axis.Path)), Subtitle: []string{scenarioLine(s)}}
	f.X = Axis{Kind: Names, Label: settingAxis(axis)}
	places := make([]float64, len(axis.Values))
	_, numeric := unitOf(axis)
	for i, v := range axis.Values {
		f.X.Names = append(f.X.Names, settingValue(v))
		places[i], _, _ = measured(v)
	}
	if numeric {
		f.X = numericAxis(f.X.Label, places)
	} else {
		for i := range places {
			places[i] = float64(i)
		}
	}

	var groups []string
	for i, p := range s.File.Points {
		place := slices.IndexFunc(axis.Values, func(v any) bool { return settingValue(v) == settingValue(p.Set[axis.Path]) })
		metric := findDelay(&p, anywhere, anywhere)
		if place < 0 || metric == nil {
			continue
		}
		group := otherSettings(s, &p, axis.Path)
		at := slices.Index(groups, group)
		if at < 0 {
			at = len(groups)
			groups = append(groups, group)
			f.Panels = append(f.Panels, Panel{Title: group, Dots: delayDots(numeric)})
		}
		addDelay(f.Panels[at].Dots, metric, places[place], i)
	}
	if others := otherNames(s, axis.Path); others != "" {
		f.note("Panels: " + others + ".")
	}
	if len(f.Panels) > maxPanels {
		f.note(fmt.Sprintf("%d of %d combinations of settings are shown.", maxPanels, len(f.Panels)))
		f.Panels = f.Panels[:maxPanels]
	}
	f.finishDelay(s, &f.Y)
	return f
}

// delayBySite has a row for each site that mail went to (or, lacking those figures, came from).
func delayBySite(s *result.Study) Figure {
	f := Figure{Stem: "delay", Title: "Delivery delay by receiving site", Subtitle: []string{scenarioLine(s)}}
	point := &s.File.Points[0]
	rows := delaysTo(point)
	if len(rows) == 0 {
		f.Title, rows = "Delivery delay by sending site", delaysFrom(point)
	}
	bySites(s, rows)
	if all := findDelay(point, anywhere, anywhere); all != nil {
		rows = append(rows, delayRow{"all mail", all})
	}
	if len(rows) == 1 {
		f.Title = "Delivery delay"
	}
	if len(rows) > 2*maxPanels {
		kept := worstRows(rows, 2*maxPanels)
		f.note(fmt.Sprintf("%d of %d sites are shown: those with the longest 95th percentile.", len(kept)-1, len(rows)-1))
		rows = kept
	}
	f.Y = Axis{Kind: Names}
	if len(rows) > 0 {
		f.Panels = []Panel{{Dots: delayDots(false)}}
	}
	for i, row := range rows {
		f.Y.Names = append(f.Y.Names, row.name)
		addDelay(f.Panels[0].Dots, row.metric, float64(len(rows)-1-i), 0)
	}
	slices.Reverse(f.Y.Names) // positions count from the bottom
	for _, p := range f.Panels {
		for i := range p.Dots {
			p.Dots[i].Horizontal = true
		}
	}
	f.finishDelay(s, &f.X)
	return f
}

// delayRow is the delay of the mail of one site.
type delayRow struct {
	name   string
	metric *result.MetricSummary
}

// delaysTo returns the delays of mail from anywhere to each site.
func delaysTo(p *result.Point) []delayRow {
	return delayRows(p, func(l map[string]string) (string, bool) { return l["to"], l["from"] == anywhere })
}

// delaysFrom returns the delays of mail from each site to anywhere.
func delaysFrom(p *result.Point) []delayRow {
	return delayRows(p, func(l map[string]string) (string, bool) { return l["from"], l["to"] == anywhere })
}

// bySites orders rows as the topology does; what is no site comes last.
func bySites(s *result.Study, rows []delayRow) {
	rank := map[string]int{}
	for i, site := range s.Topology.Sites {
		rank[site.Name] = i - len(s.Topology.Sites)
	}
	slices.SortStableFunc(rows, func(a, b delayRow) int { return rank[a.name] - rank[b.name] })
}

// delayRows returns the delays that pick names, in the order of the result.
func delayRows(p *result.Point, pick func(map[string]string) (string, bool)) []delayRow {
	var rows []delayRow
	for i := range p.Metrics {
		m := &p.Metrics[i]
		if m.Metric != delayMetric {
			continue
		}
		if name, ok := pick(m.Labels); ok && name != anywhere && name != "" && m.Stats["mean"].Mean != nil {
			rows = append(rows, delayRow{name, m})
		}
	}
	return rows
}

// worstRows keeps the n rows with the longest 95th percentile in their order, and the last row, which is all mail.
func worstRows(rows []delayRow, n int) []delayRow {
	last := len(rows) - 1
	order := make([]int, last)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := estimate(rows[a].metric, "p95"), estimate(rows[b].metric, "p95")
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	keep := append(order[:n-1:n-1], last)
	slices.Sort(keep)
	kept := make([]delayRow, 0, n)
	for _, i := range keep {
		kept = append(kept, rows[i])
	}
	return kept
}

// estimate returns the mean of a figure, 0 when there is none.
func estimate(m *result.MetricSummary, stat string) float64 {
	if v := m.Stats[stat].Mean; v != nil {
		return *v
	}
	return 0
}

// findDelay returns the delays from one site to another, nil when the point has none.
func findDelay(p *result.Point, from, to string) *result.MetricSummary {
	for i := range p.Metrics {
		if m := &p.Metrics[i]; m.Metric == delayMetric && m.Labels["from"] == from && m.Labels["to"] == to {
			return m
		}
	}
	return nil
}

// delayDots makes the two rows of dots of a delay chart.
func delayDots(joined bool) []Dots {
	return []Dots{{Name: "mean", Joined: joined}, {Name: "95th percentile", Joined: joined, Hollow: true}}
}

// addDelay adds the mean and the 95th percentile of m at a place.
func addDelay(dots []Dots, m *result.MetricSummary, at float64, style int) {
	for i, stat := range []string{"mean", "p95"} {
		e := m.Stats[stat]
		d := &dots[i]
		d.At, d.Styles = append(d.At, at), append(d.Styles, style)
		d.Value = append(d.Value, orNaN(e.Mean))
		d.Lo, d.Hi = append(d.Lo, orNaN(e.Lo)), append(d.Hi, orNaN(e.Hi))
	}
}

// orNaN returns *v, or NaN for nil and for what cannot be drawn.
func orNaN(v *float64) float64 {
	if v == nil || !drawable(*v) {
		return math.NaN()
	}
	return *v
}

// otherSettings names the settings of a point but one: "edges = 2, rate = 40/s".
func otherSettings(s *result.Study, p *result.Point, but string) string {
	var parts []string
	for _, a := range s.File.Axes {
		if a.Path != but {
			parts = append(parts, strings.ToLower(settingName(a.Path))+" = "+settingValue(p.Set[a.Path]))
		}
	}
	return strings.Join(parts, ", ")
}

// otherNames names the swept settings but one: "edges, rate".
func otherNames(s *result.Study, but string) string {
	var names []string
	for _, a := range s.File.Axes {
		if a.Path != but {
			names = append(names, strings.ToLower(settingName(a.Path)))
		}
	}
	return strings.Join(names, ", ")
}

// delayAxis returns the axis to draw along: the first with several values, numeric ones before others.
func delayAxis(axes []result.Axis) result.Axis {
	numeric := func(a result.Axis) bool {
		_, ok := unitOf(a)
		return ok && len(a.Values) > 1
	}
	if i := slices.IndexFunc(axes, numeric); i >= 0 {
		return axes[i]
	}
	if i := slices.IndexFunc(axes, func(a result.Axis) bool { return len(a.Values) > 1 }); i >= 0 {
		return axes[i]
	}
	return axes[0]
}

// numericAxis labels exactly the swept values; over a wide range it is logarithmic, so that doublings are equally far apart.
func numericAxis(label string, values []float64) Axis {
	a := Axis{Label: label, At: values, Min: slices.Min(values), Max: slices.Max(values)}
	if a.Min > 0 && a.Max/a.Min >= 8 {
		a.Log = true
		a.Label += ", log scale"
		pad := math.Pow(a.Max/a.Min, 0.05)
		a.Min, a.Max = a.Min/pad, a.Max*pad
		return a
	}
	pad := 0.05 * (a.Max - a.Min)
	a.Min, a.Max = a.Min-pad, a.Max+pad
	return a
}

// finishDelay chooses the unit and the scale of the axis of delays and writes the texts.
func (f *Figure) finishDelay(s *result.Study, delays *Axis) {
	least, most := math.Inf(1), 0.0
	interval, some := false, false
	for _, p := range f.Panels {
		for _, d := range p.Dots {
			for i, v := range d.Value {
				some = some || !math.IsNaN(v)
				if v > 0 {
					least, most = min(least, v), max(most, v)
				}
				if hi := d.Hi[i]; !math.IsNaN(hi) {
					interval, most = true, max(most, hi)
				}
			}
		}
	}
	if !some {
		f.Panels = []Panel{{Note: "This result has no delivery delays: no message was delivered after the warm-up."}}
		f.Y = Axis{}
		return
	}
	logarithmic := most > 60*least
	unit, seconds := delayUnit(most)
	if logarithmic {
		unit, seconds = "s", 1 // no one unit suits both ends: each tick has its own
	}
	for _, p := range f.Panels {
		for _, d := range p.Dots {
			for _, values := range [][]float64{d.Value, d.Lo, d.Hi} {
				for i := range values {
					values[i] /= seconds
				}
			}
		}
	}
	delays.Label = "Delay from submission to delivery (" + unit + ")"
	if logarithmic {
		delays.Kind, delays.Log = Delay, true
		delays.Label = "Delay from submission to delivery (log scale)"
		delays.Min, delays.Max = least, most
	}
	how := fmt.Sprintf("One replication, so no interval (that needs %d)", minReplications)
	switch {
	case interval:
		how = fmt.Sprintf("Dots: mean over %d replications of each one's figure · bars: 95 %% interval of that mean", s.File.Replications)
	case s.File.Replications >= minReplications:
		how = fmt.Sprintf("Dots: mean over %d replications, too few of which have the figure for an interval", s.File.Replications)
	case s.File.Replications > 1:
		how = fmt.Sprintf("Dots: mean over %d replications, too few for an interval (that needs %d)", s.File.Replications, minReplications)
	}
	if s.File.WarmupNS > 0 {
		how += " · after the warm-up"
	}
	f.Subtitle = append(f.Subtitle, how)
	f.noteWidest(unit)
	f.noteTails()
}

// noteTails explains means above the 95th percentile, which look like a mistake.
func (f *Figure) noteTails() {
	for _, p := range f.Panels {
		for i, mean := range p.Dots[0].Value {
			if mean > p.Dots[1].Value[i] {
				f.note("Where the mean is above the 95th percentile, the few messages that waited longest outweigh all others.")
				return
			}
		}
	}
}

// noteWidest says how wide the widest interval of each row of dots is: one that is narrower than its dot cannot be seen.
func (f *Figure) noteWidest(unit string) {
	var parts []string
	for row := range f.Panels[0].Dots {
		widest := math.NaN()
		for _, p := range f.Panels {
			d := &p.Dots[row]
			for i := range d.Value {
				if half := (d.Hi[i] - d.Lo[i]) / 2; half >= 0 && !(half <= widest) {
					widest = half
				}
			}
		}
		if !math.IsNaN(widest) {
			parts = append(parts, "± "+rounded(widest, widest)+" "+unit+" of the "+f.Panels[0].Dots[row].Name)
		}
	}
	if len(parts) > 0 {
		f.note("The widest intervals are " + strings.Join(parts, " and ") + "; those narrower than their dots are hidden by them.")
	}
}

// delayUnit chooses the unit for delays up to most seconds, and its length in seconds.
func delayUnit(most float64) (string, float64) {
	switch {
	case most > 0 && most < 1:
		return "ms", 1e-3
	case most < 300:
		return "s", 1
	case most < 5*3600:
		return "min", 60
	case most < 5*86400:
		return "h", 3600
	}
	return "days", 86400
}
