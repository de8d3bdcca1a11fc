package scenarios_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/scenarios/expect"
	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// Published limits of performance counters, from scenario text to verdicts.

// counted is an organisation of two sites in which everything is well: 20 messages a minute from A to B, to the outside, and from B to A.
const counted = `
name = "counted"
duration = "1h"
[model]
version = "2010"
categoriser = "off"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
rtt = "10ms"
bandwidth = "100Mbit/s"
[[hub]]
name = "a1"
site = "A"
[[hub]]
name = "b1"
site = "B"
[[mailbox]]
name = "am1"
site = "A"
[[mailbox]]
name = "bm1"
site = "B"
[[connector]]
name = "out"
address_spaces = ["SMTP:cloud.example;1"]
source_servers = ["a1"]
smart_hosts = ["cloud"]
[[remote]]
name = "cloud"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[defaults.load]
kind = "regular"
every = "3s"
until = "1h"
size = "10KB"
[[load]]
id = "a-b"
from = "site:A"
to = "site:B"
[[load]]
id = "b-a"
from = "site:B"
to = "site:A"
[[load]]
id = "out"
from = "site:A"
to = "domain:cloud.example"
[[expect]]
group = "exchange-counters"
`

// judged runs one replication of a scenario and returns its verdicts.
func judged(t *testing.T, text string, set ...string) []result.Verdict {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml", set...)
	require.NoError(t, err)
	f := result.File{Seed: 1, Replications: 1}
	for _, p := range s.Points() {
		cfg, err := s.Config(p)
		require.NoError(t, err)
		m := result.NewMemory(p.Index, 0)
		require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
		point, err := stats.Aggregate([]*result.Summary{&m.Run().Summary})
		require.NoError(t, err)
		f.Points = append(f.Points, point)
	}
	return expect.Judge(&f, s.Expectations())
}

// QX-10: a backlog breaks the limits of its own counters, on its own server, and no others.
func TestQX10_ABacklogFailsItsOwnCounters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, more string
		set        []string
		want       []string // broken limits, and the server shown with each
	}{
		{"all is well", ``, nil, nil},
		{"a site cannot be reached", `
[[fault]]
kind = "link_down"
target = { link = "A-B" }
start = "10m"
duration = "30m"`, nil, []string{"retry-remote a1", "largest-delivery a1"}}, // and b1, which is no worse
		{"a site cannot be reached, for 10 minutes", `
[[fault]]
kind = "link_down"
target = { link = "A-B" }
start = "10m"
duration = "10m"`, nil, []string{"retry-remote a1"}},
		{"a site cannot be reached, for 5 minutes", `
[[fault]]
kind = "link_down"
target = { link = "A-B" }
start = "10m"
duration = "5m"`, nil, nil},
		{"a mailbox server is down", `
[[fault]]
kind = "host_down"
target = { host = "bm1" }
start = "10m"
duration = "30m"`, nil, []string{"retry-mailbox b1", "largest-delivery b1"}},
		{"the outside is slow", ``, []string{"remote.cloud.session.per_message=90s"}, []string{"active-remote a1", "largest-delivery a1"}},
		{"the mailbox stores are slow", `
[model.delivery]
per_message = "90s"`, nil, []string{"active-mailbox a1", "largest-delivery a1"}},
		{"the categoriser is slow", ``, []string{`model.categoriser={ base = "15s" }`}, []string{"submission a1"}},
		{"mail that nobody takes", `
[[load]]
id = "lost"
from = "site:B"
to = "domain:nowhere.example"`, nil, []string{"unreachable b1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			verdicts := judged(t, counted+c.more, c.set...)
			require.Len(t, verdicts, 11)
			for _, v := range verdicts {
				require.Empty(t, v.Warning)
				if v.Verdict != expect.Pass {
					require.Equal(t, expect.Fail, v.Verdict)
					id := result.ParseLabels(v.Entity)
					require.Equal(t, "exchange-counters/"+id.Get("counter"), v.ID)
					got = append(got, id.Get("counter")+" "+id.Get("server"))
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

// A burst of 3500 messages that is worked off in time: with limits of one's own for the queue (QX-10), what is left is the warning of the
// aggregate. A limit of one's own for the aggregate takes the place of the warning as well.
func TestQX10_OwnLimitsAndWarnings(t *testing.T) {
	t.Parallel()
	const burst = `
limits = { active-remote = "<= 3000 msg", largest-delivery = "<= 3000 msg" }
[[load]]
id = "burst"
from = "site:A"
to = "domain:cloud.example"
every = "1ms"
until = "3500ms"
`
	slow := "remote.cloud.session.per_message=3s"
	verdicts := judged(t, counted+burst, slow)
	require.Zero(t, expect.ExitCode(verdicts))
	for _, v := range verdicts {
		require.Equal(t, expect.Pass, v.Verdict, v.Message)
		require.Equal(t, v.ID == "exchange-counters/aggregate-delivery", v.Warning != "", v.Warning)
	}
	// 400 messages a minute: 3119 of 3520 are left at the end of the first.
	require.Regexp(t, `^wanted < 3000 msg, got 31\d\d msg: max of counter\{server=a1,counter=aggregate-delivery\} \(the worst of 2 matches\)$`, verdicts[0].Warning)

	for _, v := range judged(t, counted+burst, slow, `expect[0].limits.aggregate-delivery=<= 3200 msg`) {
		require.Equal(t, expect.Pass, v.Verdict, v.Message)
		require.Empty(t, v.Warning)
	}
	verdicts = judged(t, counted+burst, slow, `expect[0].limits.aggregate-delivery=<= 3000 msg`)
	require.Equal(t, expect.Fail, verdicts[0].Verdict)
	require.Equal(t, 1, expect.ExitCode(verdicts))
}

// A service that does not run shows no counters: no samples are taken, and those after its start begin a new row. A server that is away
// throughout has no counters at all.
func TestCountersOfAServiceThatStops(t *testing.T) {
	t.Parallel()
	stats := func(duration, stop string) map[string][]string {
		w := work(t, counted+`
[[fault]]
kind = "host_down"
mode = "service_stop"
target = { host = "b1" }
`+stop, "duration="+duration)
		got := map[string][]string{}
		for _, m := range w.run.Summary.Metrics {
			if m.Metric == "counter" && m.Labels.Get("counter") == "submission" {
				for _, s := range m.Stats {
					got[m.Labels.Get("server")] = append(got[m.Labels.Get("server")], s.Name)
				}
			}
		}
		return got
	}
	all, none := []string{"mean", "max", "max5m", "last"}, []string{"mean", "max", "last"}
	const gap = "start = \"4m30s\"\nduration = \"5m\"" // samples at 1 to 4 min, and from 10 min on
	require.Equal(t, map[string][]string{"a1": all, "b1": none}, stats("13m", gap))
	require.Equal(t, map[string][]string{"a1": all, "b1": all}, stats("14m", gap))
	require.Equal(t, map[string][]string{"a1": all}, stats("14m", "start = \"0s\"\nduration = \"1h\""))
}
