package plots

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mailsim/sim/result"
)

// timeChart describes one of the standard charts over time.
type timeChart struct {
	stem   string
	metric string
	queues bool   // the metric has a class and a state; peaks matter, so its samples are not averaged
	parts  string // metric of the queues, which add up to that of their server, for a result that has only these; "" = none
	unit   string // label of the vertical axis
	on     string // title for a selection of servers; %s is "the edges"
	each   string // title for a line or panel a server
	at     string // title for a panel a site

	whole      string // metric with site=all to draw where servers would be added up, since a sum counts a message at every hop; "" = none
	wholeTitle string
	wholeUnit  string
}

// timeCharts returns the standard charts over time.
func timeCharts() []timeChart {
	return []timeChart{
		queueChart(),
		{
			stem: "throughput", metric: "throughput", unit: "Messages per second",
			on: "Messages per second through %s", each: "Messages per second through each server", at: "Messages per second through the servers of each site",
			whole: "delivery.rate", wholeTitle: "Deliveries per second", wholeUnit: "Deliveries per second, one for each recipient",
		},
		{
			stem: "connections", metric: "server.connections", parts: "queue.connections", unit: "Open connections",
			on: "Open connections of %s", each: "Open connections of each server", at: "Open connections of the servers of each site",
		},
	}
}

// queueChart describes the chart of queue lengths.
func queueChart() timeChart {
	return timeChart{
		stem: "queue", metric: "server.queue_length", queues: true, parts: "queue.length", unit: "Messages queued",
		on: "Messages queued on %s", each: "Messages queued on each server", at: "Messages queued at each site",
	}
}

// takes tells whether a series belongs to the chart. Of queues it takes what waits for delivery: the total over the delivery
// queues, and the unreachable queue, which that total leaves out; not the submission queue.
func (c *timeChart) takes(p *result.PointSeries) bool {
	if p.Metric != c.metric || p.Labels.Get("server") == "" {
		return false
	}
	switch {
	case c.metric == c.parts:
		return true
	case c.queues:
		class := p.Labels.Get("class")
		return (class == "all" || class == "unreachable") && p.Labels.Get("state") == "all"
	}
	return len(p.Labels) == 1
}

// averages is the width of the averages that the chart draws: of queues the samples as they are.
func (c *timeChart) averages(s *result.Study) time.Duration {
	if c.queues {
		return time.Duration(s.File.SampleNS)
	}
	return averageOver(time.Duration(s.File.SampleNS), time.Duration(s.File.DurationNS))
}

// figure draws the chart: with a sweep a line a setting, without a line a server or a panel a site.
func (c *timeChart) figure(s *result.Study) (Figure, error) {
	servers := serversWith(s, c.takes)
	if len(servers) == 0 && c.parts != "" {
		ofQueues := *c
		ofQueues.metric = c.parts
		c, servers = &ofQueues, serversWith(s, ofQueues.takes)
	}
	sites, _ := sitesOf(s, servers)
	grouped := !isSweep(s) && len(servers) > maxLines && len(sites) > 1 // a panel a site
	adds := len(servers) == 0 || grouped && len(sites) < len(servers) ||
		isSweep(s) && len(servers) > 1 && sweptServers(s, servers).servers == nil
	switch {
	case adds && slices.ContainsFunc(s.Series, func(p result.PointSeries) bool { return c.takesWhole(&p) }):
		return c.ofWhole(s)
	case len(servers) == 0:
		return c.empty(s), nil
	case isSweep(s):
		return c.bySetting(s, sweptServers(s, servers))
	case grouped:
		return c.bySite(s, servers)
	}
	return c.byServer(s, servers)
}

// takesWhole tells whether a series is that of the whole organisation which stands for a sum of servers.
func (c *timeChart) takesWhole(p *result.PointSeries) bool {
	return c.whole != "" && p.Metric == c.whole && p.Labels.Get("site") == anywhere
}

// ofWhole draws the whole organisation, a line or a panel for each point of the sweep.
func (c *timeChart) ofWhole(s *result.Study) (Figure, error) {
	all, err := curves(s, 1, func(p *result.PointSeries) (int, bool) { return 0, c.takesWhole(p) })
	if err != nil {
		return Figure{}, err
	}
	f := overTime(s, c.stem, c.wholeTitle, c.wholeUnit)
	c.laySettings(s, &f, all[0])
	return f, nil
}

// empty is the chart of a study that lacks the series.
func (c *timeChart) empty(s *result.Study) Figure {
	f := overTime(s, c.stem, fmt.Sprintf(c.on, "all servers"), c.unit)
	f.Panels = []Panel{{Note: "The series of the servers were not recorded. To draw this chart, add \"server\" to output.series of the scenario and run it again."}}
	return f
}

// bySetting draws the total of some servers, a line or a panel for each point of the sweep.
func (c *timeChart) bySetting(s *result.Study, of selection) (Figure, error) {
	all, err := curves(s, 1, func(p *result.PointSeries) (int, bool) {
		return 0, c.takes(p) && of.has(p.Labels.Get("server"))
	})
	if err != nil {
		return Figure{}, err
	}
	f := overTime(s, c.stem, fmt.Sprintf(c.on, of.noun), c.unit)
	if c.whole != "" && len(of.servers) > 1 {
		f.note("A message counts at each of these servers that it passes.")
	}
	c.laySettings(s, &f, all[0])
	return f, nil
}

// laySettings puts a curve for each point of the sweep into a figure.
func (c *timeChart) laySettings(s *result.Study, f *Figure, row []curve) {
	title, names := pointNames(s)
	if !isSweep(s) {
		names = []string{"all"}
	}
	f.layLines(c, s, row, names, layout{legend: title, panel: panelPrefix(s), others: "the other settings", many: "settings"})
}

// byServer draws a line or a panel for each server of a study without a sweep.
func (c *timeChart) byServer(s *result.Study, servers []string) (Figure, error) {
	all, err := curves(s, len(servers), func(p *result.PointSeries) (int, bool) {
		return slices.Index(servers, p.Labels.Get("server")), c.takes(p)
	})
	if err != nil {
		return Figure{}, err
	}
	var row []curve
	for _, points := range all {
		row = append(row, points[0])
	}
	title := c.each
	if len(servers) == 1 {
		title = fmt.Sprintf(c.on, servers[0])
	}
	f := overTime(s, c.stem, title, c.unit)
	f.layLines(c, s, row, servers, layout{legend: "Server", others: "the other servers", many: "servers"})
	return f, nil
}

// bySite draws a panel a site with the total of its servers, in each a line a setting.
func (c *timeChart) bySite(s *result.Study, servers []string) (Figure, error) {
	sites, siteOf := sitesOf(s, servers)
	all, err := curves(s, len(sites), func(p *result.PointSeries) (int, bool) {
		return siteOf[p.Labels.Get("server")], c.takes(p)
	})
	if err != nil {
		return Figure{}, err
	}
	f := overTime(s, c.stem, c.at, c.unit)
	title, names := pointNames(s)
	for i, site := range sites {
		f.Panels = append(f.Panels, Panel{Title: site, Lines: c.linesOf(s, all[i], names)})
	}
	if isSweep(s) {
		f.legend(title, names)
	}
	f.notePeaks(c, s, func(site, point int) *curve { return &all[site][point] })
	f.limitPanels("sites")
	f.declutter()
	f.finishTime(s, c.averages(s))
	return f, nil
}

// siteFigure is the chart of queues by site of a sweep, and the number of its sites.
func siteFigure(s *result.Study) (Figure, int, error) {
	c := queueChart()
	c.stem = "queue-sites"
	servers := serversWith(s, c.takes)
	sites, _ := sitesOf(s, servers)
	if len(sites) < manySites {
		return Figure{}, len(sites), nil
	}
	f, err := c.bySite(s, servers)
	return f, len(sites), err
}

// legend fills the legend with names in the fixed order of styles.
func (f *Figure) legend(title string, names []string) {
	f.LegendTitle = title
	for i, name := range names {
		f.Legend = append(f.Legend, Entry{Name: name, Style: i})
	}
}

// limitPanels keeps the panels with the highest lines where there are too many, and says so.
func (f *Figure) limitPanels(what string) {
	if len(f.Panels) <= maxPanels {
		return
	}
	order := make([]int, len(f.Panels))
	peaks := make([]float64, len(f.Panels))
	for i, p := range f.Panels {
		order[i] = i
		for j := range p.Lines {
			peaks[i] = max(peaks[i], p.Lines[j].peak())
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case peaks[a] > peaks[b]:
			return -1
		case peaks[a] < peaks[b]:
			return 1
		}
		return 0
	})
	keep := order[:maxPanels]
	slices.Sort(keep)
	f.note(fmt.Sprintf("%d of %d %s are shown: those with the highest peaks.", maxPanels, len(f.Panels), what))
	var kept []Panel
	for _, i := range keep {
		kept = append(kept, f.Panels[i])
	}
	f.Panels = kept
}

// note adds a sentence to the caption.
func (f *Figure) note(sentence string) {
	if f.Caption != "" {
		f.Caption += " "
	}
	f.Caption += sentence
}

// overTime starts a figure with a time axis, the faults and the remedies.
func overTime(s *result.Study, stem, title, unit string) Figure {
	f := Figure{Stem: stem, Title: title}
	end := s.File.End().Seconds()
	t0, err := time.Parse(time.RFC3339Nano, s.File.Start)
	if err != nil {
		t0 = time.Time{}
	}
	f.X = Axis{Kind: Clock, Max: end, T0: t0}
	f.Y = Axis{Label: unit}
	f.Subtitle = []string{scenarioLine(s)}
	for _, fault := range s.Topology.Faults {
		from := float64(fault.StartNS) / float64(time.Second)
		label := fault.Label
		if label == "" {
			label = strings.TrimSpace(fault.Kind + " " + fault.Target)
		}
		label = strings.Replace(label, fault.Kind, strings.ReplaceAll(fault.Kind, "_", " "), 1)
		if from > end || fault.Point > 0 {
			continue
		}
		if fault.Remedy {
			f.Marks = append(f.Marks, Mark{from, label})
			continue
		}
		to := end
		if fault.EndNS != nil {
			to = min(end, float64(*fault.EndNS)/float64(time.Second))
		}
		f.Windows = append(f.Windows, Window{from, to, label})
	}
	if s.Topology.FaultsVary || slices.ContainsFunc(s.File.Axes, func(a result.Axis) bool {
		return strings.HasPrefix(a.Path, "fault.") || strings.HasPrefix(a.Path, "action.")
	}) {
		f.note("Faults and remedies are shown as they happened in the first replication of the first setting.")
	}
	if s.File.WarmupNS > 0 && s.File.WarmupNS < s.File.DurationNS {
		f.Marks = append(f.Marks, Mark{float64(s.File.WarmupNS) / float64(time.Second), "end of warm-up"})
	}
	return f
}

// finishTime completes the texts once the lines, which are averages over the given time, are known.
func (f *Figure) finishTime(s *result.Study, averages time.Duration) {
	var interval, wide, some, context bool
	for _, p := range f.Panels {
		context = context || len(p.Context) > 0
		for _, l := range p.Lines {
			some = true
			interval = interval || len(l.Interval.Lo) > 0
			wide = wide || len(l.Range.Lo) > 0
			if n := len(l.X); n > 0 {
				f.X.Max = max(f.X.Max, l.X[n-1])
			}
		}
	}
	if !some {
		f.Panels = []Panel{{Note: "The series of this study have no samples."}}
		return
	}
	r := s.File.Replications
	f.Key.Line = fmt.Sprintf("mean of %d replications", r)
	switch {
	case interval:
		f.Key.Interval = "95 % interval of the mean"
		if wide {
			f.Key.Range = "5–95 % range of replications"
		}
	case wide:
		f.Key.Range = "smallest to largest replication"
	case r <= 1:
		f.Key.Line = "one replication"
	}
	how := f.Key.sentence()
	if context {
		how += " · grey: " + f.Key.Context
	} else {
		f.Key.Context = ""
	}
	if averages > time.Duration(s.File.SampleNS) {
		f.note("Averages over " + shortDuration(averages) + " flatten what is shorter.")
	}
	if averages > 0 {
		how += " · " + shortDuration(averages) + " averages"
	}
	f.Subtitle = append(f.Subtitle, how)
}

// scenarioLine names the scenario and says what it is about.
func scenarioLine(s *result.Study) string {
	if s.File.Description == "" {
		return s.File.Scenario
	}
	return s.File.Scenario + ": " + s.File.Description
}

// sentence says in words what line and bands are.
func (k *Key) sentence() string {
	switch {
	case k.Interval != "" && k.Range == "":
		return fmt.Sprintf("Line: %s · band: %s", k.Line, k.Interval)
	case k.Interval != "":
		return fmt.Sprintf("Line: %s · dark band: %s · light band: %s", k.Line, k.Interval, k.Range)
	case k.Range != "":
		return fmt.Sprintf("Line: %s · band: %s (an interval of the mean needs %d)", k.Line, k.Range, minReplications)
	case k.Line == "one replication":
		return fmt.Sprintf("One replication, so no interval (that needs %d)", minReplications)
	}
	return "Line: " + k.Line + " with samples here, too few for an interval"
}
