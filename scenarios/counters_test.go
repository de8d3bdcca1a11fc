package scenarios

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// withOrg loads a scenario that builds on the small organisation.
func withOrg(t *testing.T, src string) *Scenario {
	t.Helper()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("base = \"org.toml\"\n" + src)}, "org.toml": {Data: org}}, "x.toml")
	require.NoError(t, err)
	return s
}

// A group is as many expectations as it has counters: the published limits (QX-10), or one's own.
func TestGroupOfCounters(t *testing.T) {
	t.Parallel()
	s := withOrg(t, `
[[expect]]
group = "exchange-counters"
[[expect]]
metric = "counter"
where = { server = "a1", counter = "retry-*" }
stat = "last"
must = "== 0 msg"
[[expect]]
id = "edge"
group = "exchange-counters"
where = { server = "a*" }
except = ["poison", "aggregate-delivery", "retry-mailbox", "retry-non-smtp", "active-non-smtp", "active-mailbox", "retry-remote", "unreachable"]
limits = { active-remote = "<= 1000 msg", submission = "< 5 msg" }
set = { "load.mail.rate" = "2/s" }
[sweep]
"load.mail.rate" = ["1/s", "2/s"]
`)
	all := s.Expectations()
	require.Len(t, all, 11+1+3)
	for i, e := range expect.Group(expect.ExchangeCounters) {
		e.ID = "exchange-counters/" + e.ID
		require.Equal(t, e, all[i])
	}
	require.Equal(t, "expect-2", all[11].ID)
	edge := func(counter, stat, must string) expectation {
		return expectation{ID: "edge/" + counter, Metric: "counter", Where: map[string]string{"server": "a*", "counter": counter},
			Stat: stat, Must: must, Across: expect.Each, Set: map[string]any{"load.mail.rate": "2/s"}}
	}
	require.Equal(t, []expectation{
		edge("active-remote", "max5m", "<= 1000 msg"), edge("submission", "max5m", "< 5 msg"), edge("largest-delivery", "max5m", "<= 200 msg"),
	}, all[12:])
	for _, e := range all {
		require.Empty(t, e.Check())
	}
	requireSameAgain(t, s)
	cfg, err := s.Config(s.Points()[1])
	require.NoError(t, err)
	require.True(t, cfg.Output.Counters)
}

// Counters are sampled when somebody asks for them, and only then.
func TestCountersAreSampledWhenAskedFor(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"": false,
		"[[expect]]\nmetric = \"queue.length\"\nstat = \"max\"\nmust = \"<= 5 msg\"\n": false,
		"[output]\ncounters = false\n":                                            false,
		"[output]\ncounters = true\n":                                             true,
		"[[expect]]\nmetric = \"counter\"\nstat = \"max\"\nmust = \"<= 5 msg\"\n": true,
		"[[expect]]\ngroup = \"exchange-counters\"\n":                             true,
		"[output]\ncounters = false\n[[expect]]\ngroup = \"exchange-counters\"\n": true,
	} {
		require.Equal(t, want, configOf(t, src).Output.Counters, src)
	}
	s, err := Load(nil, "@threshold")
	require.NoError(t, err)
	require.False(t, firstConfig(t, s).Output.Counters)
}

// The names of counters stand in three places: the results, the group, and the key except.
func TestNamesOfCountersAgree(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range result.Counters() {
		names = append(names, c.Name)
	}
	i := slices.IndexFunc(fieldsOf(typeOf[expectTable]()), func(f field) bool { return f.key == "except" })
	require.Equal(t, strings.Join(names, ","), fieldsOf(typeOf[expectTable]())[i].tag.Get("enum"))
	i = slices.IndexFunc(fieldsOf(typeOf[expectTable]()), func(f field) bool { return f.key == "group" })
	require.NotEmpty(t, expect.Group(fieldsOf(typeOf[expectTable]())[i].tag.Get("enum")))
}
