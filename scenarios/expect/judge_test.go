package expect

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

func queue(server string, max ...float64) result.MetricSummary {
	return result.MetricSummary{Metric: "queue.length", Labels: map[string]string{"server": server, "next_hop": "cloud"},
		Stats: map[string]result.Estimate{"max": stats.Mean(stats.Values(max...))}}
}

func file(metrics ...result.MetricSummary) *result.File {
	return &result.File{Seed: 42, Replications: 10, Points: []result.Point{{Metrics: metrics}}}
}

func bounded(must string) Expectation {
	return Expectation{ID: "bounded", Metric: "queue.length", Stat: "max", Must: must}
}

// SA-10: pass, fail, or inconclusive when the interval holds the limit.
func TestJudgeByInterval(t *testing.T) {
	t.Parallel()
	// Mean 3, interval [1.04, 4.96].
	f := file(queue("e1", 1, 2, 3, 4, 5))
	for _, c := range []struct{ must, want string }{
		{"<= 5 msg", Pass}, {"<= 4 msg", Inconclusive}, {"<= 3 msg", Inconclusive}, {"<= 2 msg", Inconclusive}, {"<= 1 msg", Fail},
		{">= 1 msg", Pass}, {">= 2 msg", Inconclusive}, {">= 5 msg", Fail}, {"< 5 msg", Pass}, {"> 5 msg", Fail},
		{"== 3 msg", Fail}, {"!= 3 msg", Fail}, {"!= 6 msg", Pass},
	} {
		v := Judge(f, []Expectation{bounded(c.must)})[0]
		require.Equal(t, c.want, v.Verdict, c.must)
	}
	v := Judge(f, []Expectation{bounded("<= 4 msg")})[0]
	require.InDelta(t, 3, *v.Value, 0)
	require.InDelta(t, 1.036757, *v.Lo, 1e-6)
	require.InDelta(t, 4.963243, *v.Hi, 1e-6)
	require.Equal(t, "wanted <= 4 msg, got 3 msg, 95 % interval [1.03676, 4.96324] over 5 replications: "+
		"max of queue.length{server=e1,next_hop=cloud}; the limit lies inside the interval, more replications can tell", v.Message)
}

func TestJudgeFewReplicationsEachByItself(t *testing.T) {
	t.Parallel()
	f := file(queue("e1", 1, 7, 3, 7))
	require.Equal(t, Pass, Judge(f, []Expectation{bounded("<= 7 msg")})[0].Verdict)
	v := Judge(f, []Expectation{bounded("<= 6 msg")})[0]
	require.Equal(t, result.Verdict{ID: "bounded", Metric: "queue.length", Entity: "server=e1,next_hop=cloud", Stat: "max", Must: "<= 6 msg",
		Limit: 6, Value: v.Value, Unit: "msg", Verdict: Fail,
		Message: "wanted <= 6 msg, got 7 msg in replication 1, the worst of 4; 2 break the limit: max of queue.length{server=e1,next_hop=cloud}"}, v)
	require.InDelta(t, 7, *v.Value, 0)
	require.Nil(t, v.Lo, "four values make no interval")

	v = Judge(f, []Expectation{bounded(">= 2 msg")})[0]
	require.InDelta(t, 1, *v.Value, 0, "the worst is the smallest")
	v = Judge(file(queue("e1", 4)), []Expectation{bounded("== 4 msg")})[0]
	require.Equal(t, Pass, v.Verdict)
	require.Equal(t, "wanted == 4 msg, got 4 msg: max of queue.length{server=e1,next_hop=cloud}", v.Message)
}

func TestJudgeEqualValuesNeedNoInterval(t *testing.T) {
	t.Parallel()
	f := file(queue("e1", 20, 20, 20, 20, 20, 20))
	for must, want := range map[string]string{"<= 20 msg": Pass, "== 20 msg": Pass, "< 20 msg": Fail, ">= 20 msg": Pass, "!= 20 msg": Fail, "== 19 msg": Fail} {
		require.Equal(t, want, Judge(f, []Expectation{bounded(must)})[0].Verdict, must)
	}
	require.Nil(t, Judge(f, []Expectation{bounded("<= 20 msg")})[0].Lo, "an interval of no length says nothing")
}

func TestJudgeAcrossEachShowsTheWorst(t *testing.T) {
	t.Parallel()
	f := file(queue("e1", 3, 3), queue("e2", 9, 5), queue("e3", 8, 9), queue("osa", 99, 99))
	e := bounded("<= 8 msg")
	e.Where = map[string]string{"server": "e*", "next_hop": "cloud"}
	v := Judge(f, []Expectation{e})[0]
	require.Equal(t, Fail, v.Verdict)
	require.Equal(t, "server=e2,next_hop=cloud", v.Entity, "of equals the first")
	require.Contains(t, v.Message, "the worst of 3 matches")
	e.Must = ">= 4 msg"
	require.Equal(t, "server=e1,next_hop=cloud", Judge(f, []Expectation{e})[0].Entity)

	// A failing entity is worse than one with a larger value that is merely inconclusive.
	wide := file(queue("e1", 1, 2, 3, 4, 50), queue("e2", 11, 11, 11, 11, 11))
	require.Equal(t, "server=e2,next_hop=cloud", Judge(wide, []Expectation{bounded("<= 10 msg")})[0].Entity)
}

func TestJudgeAcrossSum(t *testing.T) {
	t.Parallel()
	a, b := queue("e1", 1, 2, 3), queue("e2", 10, 20, 30)
	b.Stats["max"].Values[1] = nil
	e := bounded("<= 11 msg")
	e.Across, e.Where = Sum, map[string]string{"server": "e*"}
	v := Judge(file(a, b), []Expectation{e})[0]
	require.Equal(t, Fail, v.Verdict)
	require.InDelta(t, 33, *v.Value, 0)
	require.Equal(t, "server=e*", v.Entity)
	require.Equal(t, "wanted <= 11 msg, got 33 msg in replication 2, the worst of 3; 1 break the limit: sum of max over 2 matches of queue.length{server=e*}", v.Message)
	e.Must = "<= 33 msg"
	require.Equal(t, Pass, Judge(file(a, b), []Expectation{e})[0].Verdict)
	require.InDelta(t, 1, *a.Stats["max"].Values[0], 0, "the result is not changed")
}

func TestJudgeMissingValues(t *testing.T) {
	t.Parallel()
	some := queue("e1", 1, 2, 3)
	some.Stats["max"].Values[0] = nil
	v := Judge(file(some), []Expectation{bounded("<= 3 msg")})[0]
	require.Equal(t, Pass, v.Verdict)
	require.Contains(t, v.Message, "(no value in 1 of 3 replications)")

	none := queue("e2", 1, 2, 3)
	none.Stats["max"] = stats.Mean(make([]*float64, 3))
	v = Judge(file(some, none), []Expectation{bounded("<= 3 msg")})[0]
	require.Equal(t, Error, v.Verdict, "an entity without values is not good")
	require.Equal(t, "server=e2,next_hop=cloud", v.Entity)
	require.Contains(t, v.Message, "no value in any replication")
	require.Nil(t, v.Value)
	delete(none.Stats, "max")
	require.Equal(t, Error, Judge(file(none), []Expectation{bounded("<= 3 msg")})[0].Verdict)
}

func TestJudgeWhatCannotBeJudged(t *testing.T) {
	t.Parallel()
	f := file(queue("e1", 1))
	e := bounded("<= 3 msg")
	e.Where = map[string]string{"server": "hub*"}
	v := Judge(f, []Expectation{e})[0]
	require.Equal(t, Error, v.Verdict)
	require.Equal(t, "nothing matches queue.length{server=hub*}", v.Message)

	e.Where = map[string]string{"sever": "hub*"}
	v = Judge(f, []Expectation{e})[0]
	require.Equal(t, Error, v.Verdict)
	require.Equal(t, -1, v.Point)
	require.Contains(t, v.Message, `where.sever: metric queue.length has no label "sever"`)

	e = bounded("<= 3 msg")
	e.Set = map[string]any{"x": int64(1)}
	v = Judge(f, []Expectation{e})[0]
	require.Equal(t, Error, v.Verdict)
	require.Equal(t, "no point of the sweep has x = 1; its axes are: none", v.Message)
	require.Empty(t, Judge(f, nil))
}

func TestJudgePointsOfASweep(t *testing.T) {
	t.Parallel()
	f := &result.File{Axes: []result.Axis{{Path: "t", Values: []any{int64(2), int64(5)}}}, Points: []result.Point{
		{Set: map[string]any{"t": int64(2)}, Label: "t = 2", Metrics: []result.MetricSummary{queue("e1", 10)}},
		{Set: map[string]any{"t": int64(5)}, Label: "t = 5", Metrics: []result.MetricSummary{queue("e1", 20)}},
	}}
	a, b, c := bounded("<= 15 msg"), bounded("<= 25 msg"), bounded("<= 15 msg")
	b.ID, b.Set = "only 5", map[string]any{"t": 5.0}
	c.ID, c.Set = "no such", map[string]any{"t": int64(7)}
	var got []string
	for _, v := range Judge(f, []Expectation{a, b, c}) {
		got = append(got, v.ID+" ["+v.Set+"] "+v.Verdict)
	}
	require.Equal(t, []string{"bounded [t = 2] pass", "bounded [t = 5] fail", "only 5 [t = 5] pass", "no such [] error"}, got)
	require.Contains(t, Judge(f, []Expectation{c})[0].Message, "its axes are: t = [2, 5]")
}

// A looser limit never has a worse verdict, and a limit and its opposite never pass both.
func TestJudgeIsMonotone(t *testing.T) {
	t.Parallel()
	order := map[string]int{Pass: 0, Inconclusive: 1, Fail: 2}
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 10), 1, 12).Draw(t, "values")
		low := rapid.Float64Range(0, 10).Draw(t, "limit")
		high := low + rapid.Float64Range(0, 5).Draw(t, "more")
		judge := func(op Op, limit float64) string {
			return judgeFigure("", stats.Values(values...), Must{op, limit}).verdict
		}
		require.LessOrEqual(t, order[judge(AtMost, high)], order[judge(AtMost, low)])
		require.LessOrEqual(t, order[judge(AtLeast, low)], order[judge(AtLeast, high)])
		require.LessOrEqual(t, order[judge(AtMost, low)], order[judge(Below, low)])
		require.False(t, judge(AtMost, low) == Pass && judge(Above, low) == Pass)
		require.False(t, judge(Equal, low) == Pass && judge(NotEqual, low) == Pass)
	})
}
