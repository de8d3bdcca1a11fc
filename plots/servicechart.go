package plots

import (
	"slices"
	"strings"

	"mailsim/sim/result"
)

// serviceFigure draws which services run, a panel a service, of a study without a sweep in which one of them did not run at some time; it
// tells whether the study is one.
func serviceFigure(s *result.Study) (Figure, bool, error) {
	var services, servers []string
	stopped := false
	for i := range s.Series {
		p := &s.Series[i]
		if p.Metric != "service.up" {
			continue
		}
		stopped = stopped || slices.ContainsFunc(p.Mean, func(v float64) bool { return v < 1 })
		if server := p.Labels.Get("server"); !slices.Contains(servers, server) {
			servers = append(servers, server)
		}
		if name := serviceName(p); !slices.Contains(services, name) {
			services = append(services, name)
		}
	}
	if !stopped {
		return Figure{}, false, nil
	}
	all, err := curves(s, len(services), func(p *result.PointSeries) (int, bool) {
		return slices.Index(services, serviceName(p)), p.Metric == "service.up"
	})
	if err != nil {
		return Figure{}, false, err
	}
	c := timeChart{queues: true} // samples as they are: a short stop is to be seen
	title := "Services that run"
	if len(servers) == 1 {
		title += " on " + servers[0]
	}
	f := overTime(s, "services", title, "Running (% of the time)")
	for i, name := range services {
		lines := c.linesOf(s, []curve{all[i][0]}, []string{name})
		for j := range lines {
			lines[j].percent()
		}
		if len(servers) == 1 {
			name = strings.TrimPrefix(name, servers[0]+" ")
		}
		f.Panels = append(f.Panels, Panel{Title: name, Lines: lines})
	}
	if len(services) == 1 {
		f.Title, f.Panels[0].Title = "How much of the time "+f.Panels[0].Title+" runs on "+servers[0], ""
	}
	f.Y.Max = 100
	f.limitPanels("services")
	f.declutter()
	f.finishTime(s, c.averages(s))
	return f, true, nil
}

// serviceName is the service of a series with the server in front of it.
func serviceName(p *result.PointSeries) string {
	return p.Labels.Get("server") + " " + p.Labels.Get("service")
}

// waitingFigure draws the mail that no server could take, a line a site of the senders, of a study without a sweep; it tells whether the study has
// any. A replication in which nothing waited has no such series.
func waitingFigure(s *result.Study) (Figure, bool, error) {
	const metric = "submission_pending"
	var sites []string
	for i := range s.Series {
		if p := &s.Series[i]; p.Metric == metric && !slices.Contains(sites, p.Labels.Get("site")) {
			sites = append(sites, p.Labels.Get("site"))
		}
	}
	if len(sites) == 0 {
		return Figure{}, false, nil
	}
	all, err := curves(s, len(sites), func(p *result.PointSeries) (int, bool) {
		return slices.Index(sites, p.Labels.Get("site")), p.Metric == metric
	})
	if err != nil {
		return Figure{}, false, err
	}
	var row []curve
	for _, points := range all {
		for r, rep := range points[0].reps {
			if rep == nil {
				points[0].reps[r] = make([]float64, len(points[0].times))
			}
		}
		row = append(row, points[0])
	}
	c := timeChart{queues: true}
	title := "Messages that wait with their senders"
	if len(sites) == 1 && sites[0] == "internet" {
		title = "Messages that wait with senders outside"
	} else if len(sites) == 1 {
		title = "Messages that wait with their senders in " + sites[0]
	}
	f := overTime(s, "waiting", title, "Messages that no server takes")
	f.layLines(&c, s, row, sites, layout{legend: "Site of the sender", others: "the other sites", many: "sites"})
	return f, true, nil
}
