package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// queues makes a point with the peaks of queues; a name is "server next-hop".
func queues(label string, peaks map[string]float64, order ...string) result.Point {
	p := result.Point{Label: label}
	for _, name := range order {
		server, hop, _ := strings.Cut(name, " ")
		p.Metrics = append(p.Metrics, result.MetricSummary{
			Metric: "queue.length", Labels: map[string]string{"server": server, "next_hop": hop, "delivery_type": "SmartHostConnectorDelivery", "connector": "c-" + hop},
			Stats: map[string]result.Estimate{result.StatMax: stats.Mean(stats.Values(peaks[name]))},
		})
	}
	return p
}

func TestEntitiesAreShort(t *testing.T) {
	t.Parallel()
	f := &result.File{Points: []result.Point{queues("", nil, "e1 cloud", "h1 e1", "h1 B")}}
	all := entitiesOf(f, "queue.length")
	require.Len(t, all, 3)
	for entity, want := range map[string]string{
		all[0].String(): "server=e1",
		all[1].String(): "server=h1,next_hop=e1",
		"server=h*":     "server=h*", // the pattern of a sum
		"":              "",
	} {
		require.Equal(t, want, shortEntity(entity, all))
	}
	sites := []result.Labels{result.ParseLabels("from=all,to=all")}
	require.Equal(t, "from=all,to=all", shortEntity("from=all,to=all", sites), "no server, few labels")
}

func TestVerdictsFitATerminal(t *testing.T) {
	t.Parallel()
	f := &result.File{Points: []result.Point{queues("hosts = 1", nil, "e1 cloud", "h1 e1"), queues("hosts = 2", nil, "e1 cloud", "h1 e1")}}
	one, two := 1.0, 2.0
	v := result.Verdict{ID: "short", Set: "hosts = 1", Metric: "queue.length", Entity: entitiesOf(f, "queue.length")[0].String(), Stat: "max", Must: "<= 3 msg",
		Value: &one, Unit: "msg", Verdict: "pass"}
	w := v
	w.Point, w.Set, w.Value = 1, "hosts = 2", &two
	var b bytes.Buffer
	require.NoError(t, writeVerdicts(&b, f, []result.Verdict{v, w}))
	require.Equal(t, `verdict  expectation  point       figure                       value       95 % interval  must
pass     short        2 settings  max queue.length{server=e1}  1 to 2 msg  -              <= 3 msg

2 verdicts: 2 pass
`, b.String())
	require.Contains(t, v.Entity, "next_hop=cloud", "the verdicts themselves stay whole")

	w.Verdict = "fail"
	b.Reset()
	require.NoError(t, writeVerdicts(&b, f, []result.Verdict{v, w}))
	require.Regexp(t, `(?m)^pass +short +hosts = 1 .*\nfail +short +hosts = 2 `, b.String())
}

func TestLongestQueueIsNamed(t *testing.T) {
	t.Parallel()
	many := []string{"h1 a", "h2 b", "h3 c", "h4 d"}
	for name, c := range map[string]struct {
		points []result.Point
		want   string
	}{
		"one queue":   {[]result.Point{queues("", map[string]float64{"h1 a": 5}, "h1 a")}, ""},
		"one server":  {[]result.Point{queues("", map[string]float64{"h1 a": 5}, "h1 a", "h1 b")}, "Longest queue: on h1 to a.\n"},
		"no queue":    {[]result.Point{queues("", nil, "h1 a", "h2 b")}, ""},
		"one setting": {[]result.Point{queues("", map[string]float64{"h1 a": 5, "h2 b": 6}, "h1 a", "h2 b")}, "Longest queue: on h2 to b.\n"},
		"of equals the first": {[]result.Point{queues("", map[string]float64{"h1 a": 5, "h2 b": 5}, "h1 a", "h2 b")},
			"Longest queue: on h1 to a.\n"},
		"another at some settings": {[]result.Point{
			queues("1", map[string]float64{"h1 a": 5}, many...), queues("2", map[string]float64{"h2 b": 5}, many...), queues("3", map[string]float64{"h2 b": 5}, many...),
		}, "Longest queue: on h2 to b (2 of 3 settings); on h1 to a (1 of 3 settings).\n"},
		"too many": {[]result.Point{
			queues("1", map[string]float64{"h1 a": 5}, many...), queues("2", map[string]float64{"h2 b": 5}, many...),
			queues("3", map[string]float64{"h3 c": 5}, many...), queues("4", map[string]float64{"h4 d": 5}, many...),
		}, "Longest queue: on h1 to a (1 of 4 settings); on h2 to b (1 of 4 settings); on h3 to c (1 of 4 settings); 1 other.\n"},
	} {
		require.Equal(t, c.want, longestQueue(&result.File{Points: c.points}), name)
	}
}
