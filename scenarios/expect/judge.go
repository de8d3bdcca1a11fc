package expect

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// Judge judges every expectation at every point of the sweep that it applies to: verdicts in the order of the expectations, then of
// the points. An expectation that Check objects to, or that applies to no point, gives one error with Point -1. Rerun is left
// empty; see Reproduce.
func Judge(file *result.File, expectations []Expectation) []result.Verdict {
	verdicts := []result.Verdict{}
	for _, e := range expectations {
		if problems := e.Check(); len(problems) > 0 {
			texts := make([]string, len(problems))
			for i, p := range problems {
				texts[i] = p.Key + ": " + p.Text
			}
			verdicts = append(verdicts, e.error(-1, "", "the expectation is not valid: "+strings.Join(texts, "; ")))
			continue
		}
		applied := false
		for i, p := range file.Points {
			if e.applies(p) {
				applied = true
				verdicts = append(verdicts, e.judge(i, p))
			}
		}
		if !applied {
			verdicts = append(verdicts, e.error(-1, "", fmt.Sprintf("no point of the sweep has %s; its axes are: %s", settings(e.Set), axes(file))))
		}
	}
	return verdicts
}

// error makes the verdict of an expectation that could not be judged.
func (e Expectation) error(point int, set, message string) result.Verdict {
	return result.Verdict{ID: e.ID, Point: point, Set: set, Metric: e.Metric, Entity: e.where(), Stat: e.Stat, Must: e.Must, Verdict: Error, Message: message}
}

// judge judges a valid expectation at one point.
func (e Expectation) judge(index int, p result.Point) result.Verdict {
	metric, _ := result.LookupMetric(e.Metric)
	unit := metric.UnitOf(e.Stat)
	must, _ := ParseMust(e.Must, unit)
	var matches []result.MetricSummary
	for _, m := range p.Metrics {
		if e.matches(m) {
			matches = append(matches, m)
		}
	}
	if len(matches) == 0 {
		return e.error(index, p.Label, fmt.Sprintf("nothing matches %s{%s}", e.Metric, e.where()))
	}
	worst := e.worst(metric, matches, must)
	v := e.error(index, p.Label, "")
	v.Entity, v.Limit, v.Unit, v.Verdict = worst.entity, must.Value, string(unit), worst.verdict
	v.Value, v.Lo, v.Hi = worst.value, worst.lo, worst.hi
	v.Message = worst.message(e, len(matches), unit)
	if e.Warn != "" && v.Verdict == Pass {
		warn, _ := ParseMust(e.Warn, unit)
		if near := e.worst(metric, matches, warn); near.verdict != Pass {
			e.Must = e.Warn
			v.Warning = near.message(e, len(matches), unit)
		}
	}
	return v
}

// worst judges the matches by a limit and returns the one that does worst, or their sum.
func (e Expectation) worst(metric result.MetricInfo, matches []result.MetricSummary, must Must) figure {
	if e.Across == Sum {
		return judgeFigure(e.where(), sum(matches, e.Stat), must)
	}
	var worst figure
	for i, m := range matches {
		f := judgeFigure(entity(metric, m.Labels), m.Stats[e.Stat].Values, must)
		if i == 0 || f.worse(worst, must) {
			worst = f
		}
	}
	return worst
}

// figure is one judged figure: of one entity, or the sum over several.
type figure struct {
	entity    string
	verdict   string
	value     *float64 // what was judged: the mean over replications, or the worst replication
	lo, hi    *float64 // its interval when that was judged
	had, all  int      // replications that have a value, and all
	worstAt   int      // the replication of value when each was judged by itself
	broken    int      // how many replications break the limit
	eachAlone bool     // each replication was judged by itself
}

// judgeFigure judges the values of the replications; nil is a replication without one.
func judgeFigure(entity string, values []*float64, must Must) figure {
	e := stats.Mean(values)
	f := figure{entity: entity, had: e.R, all: len(values)}
	if e.R == 0 {
		f.verdict = Error
		return f
	}
	f.eachAlone = must.exact() || e.Lo == nil || *e.Lo == *e.Hi
	if !f.eachAlone {
		f.value, f.lo, f.hi = e.Mean, e.Lo, e.Hi
		switch lo, hi := must.Holds(*e.Lo), must.Holds(*e.Hi); {
		case lo && hi:
			f.verdict = Pass
		case lo || hi:
			f.verdict = Inconclusive
		default:
			f.verdict = Fail
		}
		return f
	}
	f.verdict = Pass
	for r, v := range values {
		if v == nil {
			continue
		}
		if !must.Holds(*v) {
			f.verdict = Fail
			f.broken++
		}
		if f.value == nil || distance(must, *v) > distance(must, *f.value) {
			f.value, f.worstAt = v, r
		}
	}
	return f
}

// distance grows as a value gets worse for the limit: it orders values, its size means nothing.
func distance(must Must, v float64) float64 {
	switch must.Op {
	case AtMost, Below:
		return v - must.Value
	case AtLeast, Above:
		return must.Value - v
	case Equal:
		return math.Abs(v - must.Value)
	default: // NotEqual: only the value itself is bad
		return -math.Abs(v - must.Value)
	}
}

// worse tells whether f is a worse result than g: by verdict, then by how far it is on the wrong side. Of equals the first stays.
func (f figure) worse(g figure, must Must) bool {
	order := [...]string{Pass, Inconclusive, Fail, Error}
	a, b := slices.Index(order[:], f.verdict), slices.Index(order[:], g.verdict)
	if a != b || f.verdict == Error {
		return a > b
	}
	return distance(must, *f.value) > distance(must, *g.value)
}

// sum adds the figures up in each replication, in the order of the matches. A match without a value adds nothing; a replication in
// which no match has one has none.
func sum(matches []result.MetricSummary, stat string) []*float64 {
	var total []*float64
	for _, m := range matches {
		for r, v := range m.Stats[stat].Values {
			for len(total) <= r {
				total = append(total, nil)
			}
			if v == nil {
				continue
			}
			if total[r] == nil {
				total[r] = new(float64)
			}
			*total[r] += *v
		}
	}
	return total
}

// message says what was wanted, what came, and of how much it is made.
func (f figure) message(e Expectation, matches int, unit result.Unit) string {
	name := fmt.Sprintf("%s of %s{%s}", e.Stat, e.Metric, f.entity)
	if e.Across == Sum {
		name = fmt.Sprintf("sum of %s over %d matches of %s{%s}", e.Stat, matches, e.Metric, f.entity)
	} else if matches > 1 {
		name = fmt.Sprintf("%s (the worst of %d matches)", name, matches)
	}
	if f.verdict == Error {
		return name + " has no value in any replication, so there is nothing to judge"
	}
	var got string
	switch {
	case !f.eachAlone:
		got = fmt.Sprintf("%s, 95 %% interval [%s, %s] over %d replications", quantity(*f.value, unit), format(*f.lo), format(*f.hi), f.had)
	case f.had == 1:
		got = quantity(*f.value, unit)
	default:
		got = fmt.Sprintf("%s in replication %d, the worst of %d", quantity(*f.value, unit), f.worstAt, f.had)
		if f.broken > 0 {
			got += fmt.Sprintf("; %d break the limit", f.broken)
		}
	}
	if f.had < f.all {
		got += fmt.Sprintf(" (no value in %d of %d replications)", f.all-f.had, f.all)
	}
	text := fmt.Sprintf("wanted %s, got %s: %s", strings.TrimSpace(e.Must), got, name)
	if f.verdict == Inconclusive {
		text += "; the limit lies inside the interval, more replications can tell"
	}
	return text
}

// entity writes the labels of a match in the order of the metric's table.
func entity(metric result.MetricInfo, labels map[string]string) string {
	var l result.Labels
	for _, key := range metric.Labels {
		if v, ok := labels[key]; ok {
			l = append(l, result.Label{Key: key, Value: v})
		}
	}
	return l.String()
}

// where writes the globs of an expectation in the order of the metric's table, as far as that knows them.
func (e Expectation) where() string {
	parts := make([]string, 0, len(e.Where))
	metric, _ := result.LookupMetric(e.Metric)
	for _, key := range slices.SortedFunc(maps.Keys(e.Where), func(a, b string) int {
		return cmp.Or(slices.Index(metric.Labels, a)-slices.Index(metric.Labels, b), strings.Compare(a, b))
	}) {
		parts = append(parts, key+"="+e.Where[key])
	}
	return strings.Join(parts, ",")
}

func settings(set map[string]any) string {
	parts := make([]string, 0, len(set))
	for _, path := range slices.Sorted(maps.Keys(set)) {
		parts = append(parts, path+" = "+result.FormatValue(set[path]))
	}
	return strings.Join(parts, ", ")
}

func axes(file *result.File) string {
	if len(file.Axes) == 0 {
		return "none"
	}
	parts := make([]string, len(file.Axes))
	for i, a := range file.Axes {
		values := make([]string, len(a.Values))
		for j, v := range a.Values {
			values[j] = result.FormatValue(v)
		}
		parts[i] = fmt.Sprintf("%s = [%s]", a.Path, strings.Join(values, ", "))
	}
	return strings.Join(parts, ", ")
}

// format writes a figure with six digits, whole numbers in full.
func format(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

func quantity(v float64, unit result.Unit) string { return format(v) + " " + string(unit) }
