// Package expect judges results: "the longest queue of every edge stays at or under 2000 messages" becomes pass, fail,
// inconclusive or error, for each point of a sweep.
//
//	e := expect.Expectation{ID: "backlog-bounded", Metric: "queue.length", Where: map[string]string{"server": "tyo-edge*"}, Stat: "max", Must: "<= 2000 msg"}
//	problems := e.Check()                                  // before the run: nothing wrong with the wording?
//	verdicts := expect.Judge(&file, []expect.Expectation{e})
//	err := expect.WriteText(os.Stdout, verdicts)
//	os.Exit(expect.ExitCode(verdicts))
//
// What flows in: expectations from the scenario, and result.File. What flows out: result.Verdict, a table, JUnit XML. It must
// never import sim or plots and knows no TOML: a Problem names the key and the offset in its value, and the loader turns that
// into a position in the file.
//
// # How a figure is judged
//
// The figure (max, mean, p95, ...) is formed in each replication; the replications are then judged together (docs/design.md,
// SA-5, SA-10 and SA-11):
//
//   - with 5 replications or more that differ, by the 95 % interval of their mean: pass if the whole interval keeps the limit, fail
//     if the whole interval breaks it, otherwise inconclusive: more replications would tell;
//   - with fewer, or when all are equal, each by itself: pass if all keep the limit, fail if one breaks it. Four values make no
//     interval, and a run without chance needs none;
//   - == and != always each by itself: they are for counts that must be exact.
//
// With across = "each" (the default) every entity that matches must keep the limit, and the verdict shows the one that does worst.
// With across = "sum" the figures of all matches are added up in each replication, then judged; the sum of maxima is an upper
// bound of the maximum of the sum, as the maxima need not fall together. An expectation that matches nothing, or of which a
// match has no value in any replication (the mean delay of no mail), is an error: a check that checks nothing must not be green.
//
// An expectation may have a tighter limit, Warn. A figure that passes Must but would not pass Warn is a pass with a warning: the
// verdict says so in words, and nothing that counts verdicts (exit code, failures of JUnit) changes. A warning is for people to read.
package expect

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mailsim/sim/result"
)

// The two ways of judging several matches.
const (
	Each = "each" // every match must keep the limit
	Sum  = "sum"  // the sum over the matches must keep it
)

// The verdicts, from the best to the worst.
const (
	Pass         = "pass"
	Inconclusive = "inconclusive"
	Fail         = "fail"
	Error        = "error"
)

// Expectation is one [[expect]] of a scenario.
type Expectation struct {
	ID     string
	Metric string            // a name of result.Metrics
	Where  map[string]string // globs by label; * is the only wildcard; nil matches every entity
	Stat   string            // a figure of the metric
	Must   string            // "<= 2000 msg": see ParseMust
	Warn   string            // a tighter limit of the same kind: what keeps Must but not this passes with a warning; "" is none
	Across string            // Each or Sum; "" is Each
	Set    map[string]any    // judge only sweep points with these settings; nil is every point
}

// Problem is something wrong with an expectation that no result can mend.
type Problem struct {
	Key    string // the key of the scenario at fault: "metric", "where", "where.LABEL", "stat", "must", "warn", "across"
	Offset int    // in bytes, into the value of the key
	Text   string
}

// Check finds what is wrong with the wording: a metric, label, figure or way across that is unknown, and a limit that does not parse
// or lacks the unit of the figure. Problems come in the order of the fields of Expectation. Whether sweep paths and the objects
// that labels name exist, and which names are near to known ones, is for the caller to say.
func (e Expectation) Check() []Problem {
	var problems []Problem
	add := func(key, format string, args ...any) {
		problems = append(problems, Problem{Key: key, Text: fmt.Sprintf(format, args...)})
	}
	metric, known := result.LookupMetric(e.Metric)
	if !known {
		add("metric", "unknown metric %q", e.Metric)
	} else if !metric.Reported() {
		add("metric", "metric %s is known, but not reported in this version", e.Metric)
	}
	for _, label := range slices.Sorted(maps.Keys(e.Where)) {
		if known && !metric.HasLabel(label) {
			add("where."+label, "metric %s has no label %q; it has %s", e.Metric, label, strings.Join(metric.Labels, ", "))
		}
	}
	if known && metric.OneOf && len(e.Where) > 1 {
		add("where", "an entity of metric %s has one label: %s; give one of them", e.Metric, strings.Join(metric.Labels, ", "))
	}
	unit := result.Unit("")
	if known && !metric.HasStat(e.Stat) {
		add("stat", "metric %s has no figure %q; it has %s", e.Metric, e.Stat, strings.Join(metric.Stats, ", "))
	} else if known {
		unit = metric.UnitOf(e.Stat)
	}
	must, err := ParseMust(e.Must, unit)
	var mistake *MustError
	if errors.As(err, &mistake) {
		problems = append(problems, Problem{Key: "must", Offset: mistake.Offset, Text: mistake.Text})
	}
	if e.Warn != "" {
		if warn, wrong := ParseMust(e.Warn, unit); errors.As(wrong, &mistake) {
			problems = append(problems, Problem{Key: "warn", Offset: mistake.Offset, Text: mistake.Text})
		} else if err == nil && !warn.tighter(must) {
			add("warn", "is no tighter limit than must, %q, so it would never warn", strings.TrimSpace(e.Must))
		}
	}
	if e.Across != "" && e.Across != Each && e.Across != Sum {
		add("across", "across must be %q or %q, not %q", Each, Sum, e.Across)
	}
	return problems
}

// matches tells whether an entity is meant. A label that the entity does not have matches nothing, not even *.
func (e Expectation) matches(m result.MetricSummary) bool {
	if m.Metric != e.Metric {
		return false
	}
	for key, pattern := range e.Where {
		value, ok := m.Labels[key]
		if !ok || !glob(pattern, value) {
			return false
		}
	}
	return true
}

// applies tells whether a point of the sweep is meant. Numbers are equal if their values are: 5 selects the point 5.0.
func (e Expectation) applies(p result.Point) bool {
	for path, want := range e.Set {
		got, ok := p.Set[path]
		if !ok || number(got) != number(want) {
			return false
		}
	}
	return true
}

func number(v any) any {
	if n, ok := v.(int64); ok && int64(float64(n)) == n {
		return float64(n)
	}
	return v
}

// glob matches a text against a pattern in which * stands for any text, the empty one included. It never backtracks further than to
// the last *: the time is at most len(pattern) * len(text).
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
