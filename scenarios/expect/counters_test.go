package expect

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// QX-10: the limits are as published, 250 and 200 in spite of a threshold of 20. The last value that passes and the first that fails, in
// every counter; each of them is in the group once, in the order in which runs report them.
func TestQX10_PublishedLimits(t *testing.T) {
	t.Parallel()
	group := Group(ExchangeCounters)
	var names []string
	for _, c := range result.Counters() {
		names = append(names, c.Name)
	}
	limits := map[string]struct {
		stat string
		most float64
	}{
		"aggregate-delivery": {"max", 5000}, "active-remote": {"max5m", 250}, "active-mailbox": {"max5m", 250}, "submission": {"max5m", 100},
		"active-non-smtp": {"max5m", 250}, "retry-mailbox": {"max5m", 100}, "retry-non-smtp": {"max5m", 100}, "retry-remote": {"max5m", 100},
		"unreachable": {"max", 100}, "largest-delivery": {"max5m", 200}, "poison": {"max", 0},
	}
	var ids []string
	for _, e := range group {
		ids = append(ids, e.ID)
		require.Empty(t, e.Check(), e.ID)
		require.Equal(t, map[string]string{"counter": e.ID}, e.Where)
		l := limits[e.ID]
		require.Equal(t, l.stat, e.Stat, e.ID)
		judge := func(values ...float64) string {
			sample := counter("h1", e.ID, e.Stat, values...)
			return Judge(file(counter("h1", "other", e.Stat, 9000), sample), []Expectation{e})[0].Verdict
		}
		require.Equal(t, Pass, judge(l.most), e.ID)
		require.Equal(t, Fail, judge(l.most+0.2), e.ID)
		if e.ID == "poison" {
			require.Equal(t, Fail, judge(0, 0, 0, 0, 0, 1), "one replication with a poisoned message is one too many")
		}
	}
	require.Equal(t, names, ids)
	require.Len(t, limits, len(ids))
	require.Nil(t, Group("exchange"))
}

func counter(server, name, stat string, values ...float64) result.MetricSummary {
	return result.MetricSummary{Metric: "counter", Labels: map[string]string{"server": server, "counter": name},
		Stats: map[string]result.Estimate{stat: stats.Mean(stats.Values(values...))}}
}

// The aggregate warns from 3000 on and fails above 5000.
func TestWarnings(t *testing.T) {
	t.Parallel()
	e := Group(ExchangeCounters)[0]
	for _, c := range []struct {
		values           []float64
		verdict, warning string
	}{
		{[]float64{2999}, Pass, ""},
		{[]float64{3000}, Pass, "wanted < 3000 msg, got 3000 msg: max of counter{server=h1,counter=aggregate-delivery}"},
		{[]float64{5000}, Pass, "wanted < 3000 msg, got 5000 msg: max of counter{server=h1,counter=aggregate-delivery}"},
		{[]float64{5001}, Fail, ""},
		{[]float64{2990, 2999, 2980, 2995, 3030}, Pass, "wanted < 3000 msg, got 2998.8 msg, 95 % interval [2975.42, 3022.18] over 5 replications: " +
			"max of counter{server=h1,counter=aggregate-delivery}; the limit lies inside the interval, more replications can tell"},
		{[]float64{4990, 4999, 4980, 4995, 5030}, Inconclusive, ""},
	} {
		v := Judge(file(counter("h1", e.ID, "max", c.values...)), []Expectation{e})[0]
		require.Equal(t, c.verdict, v.Verdict, c.values)
		require.Equal(t, c.warning, v.Warning, c.values)
		require.InDelta(t, 5000, v.Limit, 0)
	}
	// Of several matches the worst is told, by each limit; a sum is judged as such.
	two := file(counter("h1", e.ID, "max", 1), counter("h2", e.ID, "max", 2999), counter("h3", e.ID, "max", 4000))
	v := Judge(two, []Expectation{e})[0]
	require.Equal(t, Pass, v.Verdict)
	require.Equal(t, "server=h3,counter=aggregate-delivery", v.Entity)
	require.Contains(t, v.Warning, "got 4000 msg: max of counter{server=h3,counter=aggregate-delivery} (the worst of 3 matches)")
	e.Across, e.Must = Sum, "<= 7000 msg"
	require.Contains(t, Judge(two, []Expectation{e})[0].Warning, "got 7000 msg: sum of max over 3 matches")
	low := Expectation{Metric: "counter", Stat: "max", Must: ">= 1 msg", Warn: "> 1 msg"}
	require.Contains(t, Judge(two, []Expectation{low})[0].Warning, "wanted > 1 msg, got 1 msg")
}

func TestWarningsMustBeTighter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ must, warn, problem string }{
		{"<= 5 msg", "<= 4 msg", ""}, {"<= 5 msg", "< 5 msg", ""}, {">= 5 msg", ">= 6 msg", ""}, {">= 5 msg", "> 5 msg", ""}, {"< 5 msg", "<= 4.9 msg", ""},
		{"<= 5 msg", "", ""},
		{"<= 5 msg", "<= 5 msg", `is no tighter limit than must, "<= 5 msg", so it would never warn`},
		{"< 5 msg", "<= 5 msg", `is no tighter limit than must, "< 5 msg", so it would never warn`},
		{"<= 5 msg", "<= 6 msg", `is no tighter limit than must, "<= 5 msg", so it would never warn`},
		{"<= 5 msg", ">= 4 msg", `is no tighter limit than must, "<= 5 msg", so it would never warn`},
		{">= 5 msg", ">= 4 msg", `is no tighter limit than must, ">= 5 msg", so it would never warn`},
		{"> 5 msg", ">= 5 msg", `is no tighter limit than must, "> 5 msg", so it would never warn`},
		{"== 5 msg", "<= 4 msg", `is no tighter limit than must, "== 5 msg", so it would never warn`},
		{"<= 5 msg", "!= 4 msg", `is no tighter limit than must, "<= 5 msg", so it would never warn`},
		{"<= 5 msg", "<= 4 s", `"s" is the wrong unit; the figure is in msg`},
	} {
		e := bounded(c.must)
		e.Warn = c.warn
		var texts []string
		for _, p := range e.Check() {
			require.Equal(t, "warn", p.Key)
			texts = append(texts, p.Text)
		}
		require.Equal(t, c.problem, strings.Join(texts, "; "), "%s and %s", c.must, c.warn)
	}
}

// What a terminal and a CI see of a pass with a warning: all of it, and no failure.
func TestWarningsAreShown(t *testing.T) {
	t.Parallel()
	p := func(label string, n float64) result.Point {
		return result.Point{Label: label, Set: map[string]any{"n": n}, Metrics: []result.MetricSummary{counter("h1", "aggregate-delivery", "max", n)}}
	}
	f := &result.File{Seed: 1, Replications: 1, Points: []result.Point{p("n = 10.0", 10), p("n = 4000.0", 4000)}}
	v := Judge(f, Group(ExchangeCounters)[:1])
	Reproduce(v, f, "@x")
	require.Equal(t, 0, ExitCode(v), "a warning fails nothing")
	var b bytes.Buffer
	require.NoError(t, WriteText(&b, v))
	golden(t, "warning.txt", b.Bytes())

	b.Reset()
	require.NoError(t, WriteJUnit(&b, []Suite{{Name: "x", File: "x.toml", Verdicts: v, Elapsed: time.Second}}))
	golden(t, "warning.xml", b.Bytes())
	var got junitSuites
	require.NoError(t, xml.Unmarshal(b.Bytes(), &got))
	require.Equal(t, junitCounts{Tests: 2, Time: "1.000"}, got.junitCounts)
}
