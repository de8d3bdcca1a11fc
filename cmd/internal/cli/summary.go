package cli

import (
	"math"
	"strconv"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// A column of the summary table: one figure of every point of the sweep.
type column struct {
	key    string // in JSON
	title  string
	always bool // shown even when it is 0 everywhere
	figure func(result.Point) result.Estimate
}

// columns lists the figures of the summary, in order.
func columns() []column {
	return []column{
		{"delivered", "delivered", true, total("messages.delivered")},
		{"delay_mean", "mean delay, s", true, ofAll("delivery.delay", result.StatMean)},
		{"delay_p95", "p95 delay, s", true, ofAll("delivery.delay", result.StatP95)},
		{"queue_peak", "longest queue", true, longest()},
		{"connections_peak", "most connections", true, largest("server.connections")},
		{"retries", "retries", false, sum("retries")},
		{"deferred", "deferred", false, sum("deferrals")},
		{"bounced", "bounced", false, total("messages.bounced")},
		{"expired", "expired", false, total("messages.expired")},
		{"duplicate", "duplicate", false, total("messages.duplicate")},
		{"removed", "removed", false, total("messages.removed")},
		{"lost", "lost", true, total("messages.lost")},
		{"held", "held", true, total("messages.held")},
	}
}

// all is the label value of a figure over the whole organisation.
const all = "all"

// ofAll picks the figure that stands for the whole organisation: the one whose labels are all "all".
func ofAll(metric, stat string) func(result.Point) result.Estimate {
	return func(p result.Point) result.Estimate {
		for _, m := range p.Metrics {
			if m.Metric == metric && everyLabel(m, all) {
				return m.Stats[stat]
			}
		}
		return result.Estimate{}
	}
}

func everyLabel(m result.MetricSummary, value string) bool {
	for _, v := range m.Labels {
		if v != value {
			return false
		}
	}
	return true
}

func total(metric string) func(result.Point) result.Estimate { return ofAll(metric, result.StatTotal) }

// sum adds a total up over all entities, in each replication.
func sum(metric string) func(result.Point) result.Estimate {
	return fold(metric, result.StatTotal, func(a, b float64) float64 { return a + b })
}

// largest takes the largest maximum of all entities, in each replication.
func largest(metric string) func(result.Point) result.Estimate {
	return fold(metric, result.StatMax, math.Max)
}

// longest is the longest of all queues, in each replication.
func longest() func(result.Point) result.Estimate {
	return foldWhere(isQueue, result.StatMax, math.Max)
}

// isQueue tells whether a figure is the length of one queue. An E-Post server has two, its folders (EP-4).
func isQueue(m result.MetricSummary) bool {
	class := m.Labels["class"]
	return m.Metric == "queue.length" || m.Metric == "server.queue_length" && (class == "incoming" || class == "holding")
}

// fold joins the values of a figure over all entities, replication by replication, and estimates the mean of what comes out.
func fold(metric, stat string, join func(a, b float64) float64) func(result.Point) result.Estimate {
	return foldWhere(func(m result.MetricSummary) bool { return m.Metric == metric }, stat, join)
}

func foldWhere(is func(result.MetricSummary) bool, stat string, join func(a, b float64) float64) func(result.Point) result.Estimate {
	return func(p result.Point) result.Estimate {
		var values []*float64
		for _, m := range p.Metrics {
			if !is(m) {
				continue
			}
			for r, v := range m.Stats[stat].Values {
				for len(values) <= r {
					values = append(values, nil)
				}
				switch {
				case v == nil:
				case values[r] == nil:
					values[r] = new(*v)
				default:
					values[r] = new(join(*values[r], *v))
				}
			}
		}
		return stats.Mean(values)
	}
}

// shown returns the columns of a study that have something to say.
func shown(f *result.File) []column {
	var out []column
	for _, c := range columns() {
		keep := c.always
		for _, p := range f.Points {
			e := c.figure(p)
			keep = keep || e.Mean != nil && *e.Mean != 0
		}
		if keep {
			out = append(out, c)
		}
	}
	return out
}

// estimate writes a figure with the half-width of its interval: "4.32 ± 0.11"; "-" when no replication has a value.
func estimate(e result.Estimate) string {
	if e.Mean == nil {
		return "-"
	}
	digits := digits(*e.Mean)
	if constant(e.Values) && *e.Mean == math.Trunc(*e.Mean) {
		digits = 0 // a count without chance
	}
	if e.Lo == nil || e.Hi == nil || *e.Hi <= *e.Lo {
		return strconv.FormatFloat(*e.Mean, 'f', digits, 64)
	}
	half := (*e.Hi - *e.Lo) / 2
	for digits < 6 && half*math.Pow10(digits) < 0.95 { // "± 0.0" would be no interval
		digits++
	}
	return strconv.FormatFloat(*e.Mean, 'f', digits, 64) + " ± " + strconv.FormatFloat(half, 'f', digits, 64)
}

// constant tells whether all replications that have a value have the same.
func constant(values []*float64) bool {
	var first *float64
	for _, v := range values {
		switch {
		case v == nil:
		case first == nil:
			first = v
		case *v != *first:
			return false
		}
	}
	return true
}

// digits is how many digits after the point make three in all.
func digits(v float64) int {
	switch v = math.Abs(v); {
	case v >= 100 || v == 0:
		return 0
	case v >= 10:
		return 1
	case v >= 1:
		return 2
	}
	return 3
}
