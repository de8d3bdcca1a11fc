package expect

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	good := Expectation{Metric: "queue.length", Where: map[string]string{"server": "e*"}, Stat: "max", Must: "<= 2000 msg", Across: Sum}
	require.Empty(t, good.Check())
	good.Across = ""
	require.Empty(t, good.Check())
	for _, m := range result.Metrics() {
		for _, stat := range m.Stats {
			e := Expectation{Metric: m.Name, Stat: stat, Must: "<= 1 " + string(m.UnitOf(stat))}
			if !m.Reported() {
				require.Equal(t, []Problem{{"metric", 0, "metric " + m.Name + " is known, but not reported in this version"}}, e.Check())
				continue
			}
			require.Empty(t, e.Check(), "%s %s", m.Name, stat)
		}
	}
	require.Equal(t, []Problem{
		{"metric", 0, `unknown metric "queue.lenght"`},
		{"must", 3, "a number is missing"},
	}, Expectation{Metric: "queue.lenght", Where: map[string]string{"sever": "*"}, Stat: "max", Must: "<= x"}.Check())
	require.Equal(t, []Problem{
		{"where.alpha", 0, `metric delivery.delay has no label "alpha"; it has from, to`},
		{"where.server", 0, `metric delivery.delay has no label "server"; it has from, to`},
		{"stat", 0, `metric delivery.delay has no figure "total"; it has mean, max, count, p50, p95, p99`},
		{"across", 0, `across must be "each" or "sum", not "all"`},
	}, Expectation{Metric: "delivery.delay", Where: map[string]string{"server": "*", "alpha": "*", "from": "*"}, Stat: "total", Must: "<= 5 msg", Across: "all"}.Check())
	require.Equal(t, []Problem{{"where", 0, "an entity of metric throughput has one label: server, site_pair, connector; give one of them"}},
		Expectation{Metric: "throughput", Where: map[string]string{"server": "*", "connector": "*"}, Stat: "mean", Must: "> 0"}.Check())
	require.Equal(t, []Problem{{"must", 4, `the unit is missing; write "<= 5 msg"`}},
		Expectation{Metric: "delivery.delay", Stat: "count", Must: "<= 5"}.Check(), "the unit of the figure, not of the metric")
	require.Equal(t, []Problem{{"must", 5, `"msg" is the wrong unit; the figure is a duration, such as 250ms, 90s or 1h30m`}},
		Expectation{Metric: "delivery.delay", Stat: "p95", Must: "<= 5 msg"}.Check())
}

func TestGlob(t *testing.T) {
	t.Parallel()
	require.True(t, glob("tyo-edge*", "tyo-edge1"))
	require.False(t, glob("tyo-edge*", "osa-edge1"))
	require.False(t, glob("tyo-edge", "tyo-edge1"))
	require.True(t, glob("*", ""))
	require.False(t, glob("", "x"))
	require.False(t, glob("a?c", "abc"), "* is the only wildcard")
	require.True(t, glob(strings.Repeat("a*", 50)+"b", strings.Repeat("a", 5000)+"b"))
	require.False(t, glob(strings.Repeat("a*", 50)+"b", strings.Repeat("a", 5000)), "without end it would take for ever if it tried all")
	alphabet := rapid.StringOfN(rapid.SampledFrom([]rune("ab*")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		pattern, text := alphabet.Draw(t, "pattern"), alphabet.Draw(t, "text")
		oracle := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
		require.Equal(t, oracle.MatchString(text), glob(pattern, text))
	})
}
