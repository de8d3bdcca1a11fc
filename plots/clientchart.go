package plots

import (
	"slices"

	"mailsim/sim/result"
)

// clientChart describes a chart of mail clients over time.
type clientChart struct {
	stem, title, unit string
	metric, label     string // the series, and what its lines are named by
	legend, noun      string
	perMinute         bool // a rate a second, drawn a minute
	troubleOnly       bool // drawn only where it is not 0 throughout
}

func submissionsChart() clientChart {
	return clientChart{stem: "clients", title: "Messages that clients hand in", unit: "Messages per minute", metric: "client.submissions", label: "server",
		legend: "Server", noun: "servers", perMinute: true}
}

func draftsChart() clientChart {
	return clientChart{stem: "drafts", title: "Messages that clients could not hand in and keep", unit: "Drafts", metric: "client.drafts", label: "client",
		legend: "Clients", noun: "clients", troubleOnly: true}
}

func brokenChart() clientChart {
	return clientChart{stem: "broken", title: "Mail clients that an update keeps from sending", unit: "Clients", metric: "client.broken", label: "client",
		legend: "Clients", noun: "clients", troubleOnly: true}
}

// figure draws a line a server or population, of a study without a sweep; it tells whether there is anything to draw.
func (x clientChart) figure(s *result.Study) (Figure, bool, error) {
	var names []string
	trouble := false
	for i := range s.Series {
		p := &s.Series[i]
		if p.Metric != x.metric {
			continue
		}
		trouble = trouble || slices.ContainsFunc(p.Max, func(v float64) bool { return v > 0 })
		if name := p.Labels.Get(x.label); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 || x.troubleOnly && !trouble {
		return Figure{}, false, nil
	}
	all, err := curves(s, len(names), func(p *result.PointSeries) (int, bool) {
		return slices.Index(names, p.Labels.Get(x.label)), p.Metric == x.metric
	})
	if err != nil {
		return Figure{}, false, err
	}
	var row []curve
	for _, points := range all {
		c := points[0]
		if x.perMinute {
			c.reps = minutes(c.reps)
		}
		row = append(row, c)
	}
	c := timeChart{queues: !x.perMinute} // levels are drawn as they are, rates as averages
	f := overTime(s, x.stem, x.title, x.unit)
	f.layLines(&c, s, row, names, layout{legend: x.legend, others: "the other " + x.noun, many: x.noun})
	return f, true, nil
}

// minutes makes rates a second rates a minute.
func minutes(reps [][]float64) [][]float64 {
	out := make([][]float64, len(reps))
	for r, rep := range reps {
		for _, v := range rep {
			out[r] = append(out[r], 60*v)
		}
	}
	return out
}
