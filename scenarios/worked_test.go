package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// The worked scenarios W1, W2, ... of docs/rules/faults.md, run from scenario text to events. Their names here are FW-1, FW-2, ...

// ref2 is the shipped reference organisation of two sites, each with a hub, an edge, a domain controller and mailboxes, under the profile
// "reference": when it starts, how long it runs, and the costs of the two ways out are filled in. It repeats keys that tests give another value.
const ref2 = `
base = "@faults/ref-2"
start = %s
duration = "%s"
seed = 7
[model]
version = "2007"
profile = "reference"
[[link]]
name = "A-B"
rtt = "0s"
replication_interval = "180m"
[[mailbox]]
name = "AM1"
mailboxes = 100
[[mailbox]]
name = "BM1"
mailboxes = 100
[[connector]]
name = "C-A"
address_spaces = ["SMTP:*;%d"]
source_servers = ["AE1"]
dns = true
[[connector]]
name = "C-B"
address_spaces = ["SMTP:*;%d"]
[output]
sample_interval = "1s"
series = ["queue", "server"]
`

// regular is a load of one message every gap from first on.
func regular(id, from, to, first, every, until string) string {
	return fmt.Sprintf("[[load]]\nid = %q\nkind = \"regular\"\nfrom = %q\nto = %q\nfirst = %q\nevery = %q\nuntil = %q\nsize = \"10KB\"\nrecipients = 1\n",
		id, from, to, first, every, until)
}

type worked struct {
	t     *testing.T
	start time.Time
	run   *result.Run
}

// work runs a scenario given as text, with overrides.
func work(t *testing.T, text string, set ...string) *worked {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml", set...)
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	return &worked{t, cfg.Start, m.Run()}
}

// clock writes an instant of the run as the time of day.
func (w *worked) clock(at simtime.Time) string {
	return w.start.Add(time.Duration(at)).UTC().Format("15:04:05")
}

// events lists the instants of the events of a kind on a server; with "queue=B" only those of that queue.
func (w *worked) events(kind, server, field string) []string {
	var out []string
	for _, e := range w.run.Events {
		if e.Kind != kind || e.Server != server {
			continue
		}
		if key, value, ok := strings.Cut(field, "="); ok {
			found := false
			for _, f := range e.Fields {
				found = found || f.Key == key && fmt.Sprint(f.Value) == value
			}
			if !found {
				continue
			}
		}
		out = append(out, w.clock(e.Time))
	}
	return out
}

// length is the length of a queue at a time of day, after all that happens at it.
func (w *worked) length(server, nextHop, at string) float64 {
	w.t.Helper()
	v, found := 0.0, false
	for _, s := range w.run.Series {
		if s.Metric != "queue.length" || s.Labels.Get("server") != server || s.Labels.Get("next_hop") != nextHop {
			continue
		}
		for i, x := range s.Times {
			if w.clock(x) == at {
				v, found = v+s.Last[i], true
			}
		}
	}
	require.True(w.t, found, "no queue %s on %s at %s", nextHop, server, at)
	return v
}

func (w *worked) figure(metric, entity, stat string) float64 {
	w.t.Helper()
	for _, m := range w.run.Summary.Metrics {
		if m.Metric == metric && m.Labels.String() == entity {
			for _, s := range m.Stats {
				if s.Name == stat {
					return s.Value
				}
			}
		}
	}
	require.Failf(w.t, "no such figure", "%s{%s} %s", metric, entity, stat)
	return 0
}

const at0900, at1000, at1400 = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T14:00:00Z"

// skew is W1's story, with its two remedies at the given instants after 10:00.
func skew(offset, setTime, restart string) string {
	return fmt.Sprintf(ref2, at1000, "2h", 10, 10) + regular("ab", "site:A", "site:B", "30s", "30s", "2h") + regular("ba", "site:B", "site:A", "30s", "30s", "2h") +
		regular("aa", "site:A", "site:A", "30s", "30s", "2h") + regular("ai", "site:A", "internet", "30s", "30s", "2h") + fmt.Sprintf(`
[[fault]]
id = "b1-fast-clock"
kind = "clock_skew"
start = "0s"
target = { host = "B1" }
offset = %q
self_correct = false
[[fault.remedy]]
action = "set_time"
after = %q
[[fault.remedy]]
action = "restart_os"
after = %q
`, offset, setTime, restart)
}

// TestS1_9_ClockJumpLatchRestart is W1: mail stops, the clock is set right, mail still does not flow, the restart cures.
func TestS1_9_ClockJumpLatchRestart(t *testing.T) {
	t.Parallel()
	t.Run("FW-1", func(t *testing.T) {
		t.Parallel()
		w := work(t, skew("+7m", "44m", "1h10m"))
		failed := []string{"10:00:30", "10:01:30", "10:02:30", "10:03:30", "10:04:30", "10:09:30", "10:14:30", "10:19:30", "10:24:30", "10:29:30", "10:34:30",
			"10:44:30", "10:54:30", "11:04:30"}
		require.Equal(t, failed, w.events("auth.failed", "B1", ""), "one event 1035 on B1 for each failed handshake")
		for _, e := range w.run.Events {
			if e.Kind != "auth.failed" {
				continue
			}
			require.Equal(t, 1035, e.ID)
			require.Equal(t, "UnexpectedExchangeAuthBlob", value(e, "error"))
			require.Equal(t, map[string]string{"B1": "A1", "A1": "B1"}[e.Server], value(e, "from"), "at the receiver: none on A1 for what A1 sends")
			if at := w.clock(e.Time); e.Server == "B1" && at > "10:45:00" {
				require.Equal(t, "latched", value(e, "cause"), "%s: all clocks are right", at)
			}
		}
		require.Equal(t, append(failed, "11:14:30"), w.events("queue.retry", "A1", "queue=B"), "11:14:30 is a connect failure")
		require.Equal(t, []string{"11:24:30"}, w.events("queue.active", "A1", "queue=B"))
		require.Equal(t, 169.0, w.length("A1", "B", "11:24:30"), "169 wait at 11:24:30")
		require.Zero(t, w.length("A1", "B", "11:24:49"))
		require.Positive(t, w.length("A1", "B", "11:24:48"))
		require.Equal(t, 9.0, w.figure("queue.connections", "server=A1,next_hop=B,delivery_type=SmtpRelayToRemoteAdSite,connector=", "max"), "9 connections drain it")
		// The other direction drains when B1's service starts: the restart clears the latches of both directions.
		// 156 came up to 11:18:00. The mailboxes offer the 8 of 11:10:30 to 11:17:30, which B1's restart kept away, at 11:18:30 (D-4).
		require.Equal(t, 148.0, w.length("B1", "A", "11:18:00"))
		require.LessOrEqual(t, w.length("B1", "A", "11:18:20"), 1.0, "the service start attempts at once: K/r = 20 s")
		require.Zero(t, w.figure("dsn.count", "kind=ndr", "total"))
		require.Zero(t, w.figure("dsn.count", "kind=delay", "total"))
		require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total")+w.figure("messages.held", "site=all", "total"))
		for _, e := range w.run.Events {
			if e.Kind == "queue.retry" && e.Server == "A1" {
				want := "454 4.7.0 Temporary authentication failure"
				if w.clock(e.Time) == "11:14:30" {
					want = "421 4.4.1"
				}
				require.Contains(t, e.Text, want, w.clock(e.Time))
			}
		}
		// What is not touched: mail inside a site and to the internet through its own edge.
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=internet", "max"), 10.0)
	})
	t.Run("FW-1 what it leaves alone", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(skew("+7m", "44m", "1h10m"), "[[fault.remedy]]\naction = \"restart_os\"\nafter = \"1h10m\"\n", "", 1) +
			regular("bb", "site:B", "site:B", "30s", "30s", "2h") + regular("bi", "site:B", "internet", "30s", "30s", "2h")
		text = strings.Replace(text, `series = ["queue", "server"]`, `series = ["site_pair"]`, 1)
		figures := func(text string) map[string]float64 {
			w := work(t, text)
			out := map[string]float64{}
			for _, m := range w.run.Summary.Metrics {
				l := m.Labels.String()
				if m.Metric == "delivery.delay" && (l == "from=A,to=A" || l == "from=B,to=B" || l == "from=A,to=internet" || l == "from=B,to=internet") {
					for _, x := range m.Stats {
						out[l+" "+x.Name] = x.Value
					}
				}
			}
			return out
		}
		hit, spared := figures(text), figures(strings.Replace(text, "kind = \"clock_skew\"\n", "kind = \"clock_skew\"\nenabled = false\n", 1))
		require.Contains(t, spared, "from=B,to=B max")
		require.Contains(t, spared, "from=A,to=internet max")
		require.Equal(t, spared, hit, "mail inside a site, and through an Edge of its own, as ever")
	})
	t.Run("FW-1 retry_queue", func(t *testing.T) {
		t.Parallel()
		w := work(t, skew("+7m", "44m", "1h10m")+"[[action]]\nat = \"77m50s\"\naction = \"retry_queue\"\ntarget = { host = \"A1\" }\n")
		require.Equal(t, []string{"11:18:00"}, w.events("queue.active", "A1", "queue=B"), "it would have saved 6 min 30 s")
	})
	t.Run("FW-2", func(t *testing.T) {
		t.Parallel()
		w := work(t, skew("+7m", "44m", "20m"))
		require.Equal(t, []string{"10:24:30", "10:29:30", "10:34:30", "10:44:30", "10:54:30", "11:04:30", "11:14:30", "11:24:30", "11:34:30", "11:44:30", "11:54:30"},
			w.events("queue.retry", "A1", "queue=B")[8:], "the restart came before the clock was right: the latch returns")
		require.NotContains(t, w.events("auth.failed", "B1", ""), "10:24:30", "a connect failure: B1 restarts")
		require.Contains(t, w.events("auth.failed", "B1", ""), "10:29:30")
		require.Empty(t, w.events("queue.active", "A1", "queue=B"))
	})
	t.Run("FW-2 to the end", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(skew("+7m", "44m", "20m"), `duration = "2h"`, `duration = "49h"`, 1)
		w := work(t, strings.Replace(text, `sample_interval = "1s"`, `sample_interval = "1h"`, 1))
		first := map[string]simtime.Time{}
		for _, e := range w.run.Events {
			if kind := value(e, "dsn"); e.Kind == "dsn" && e.Server == "A1" && first[kind] == 0 {
				first[kind] = e.Time
			}
		}
		require.Equal(t, map[string]simtime.Time{"delay": simtime.Time(4*time.Hour + 30*time.Second), "ndr": simtime.Time(48*time.Hour + 30*time.Second)}, first,
			"of the message of 10:00:30, and no report before")
		require.Empty(t, w.events("queue.active", "A1", "queue=B"), "nothing ever drains")
	})
	for offset, failures := range map[string]int{"+300s": 0, "+301s": 14, "-301s": 14, "-300s": 0} {
		t.Run("FW-3 "+offset, func(t *testing.T) {
			t.Parallel()
			require.Len(t, work(t, skew(offset, "44m", "1h10m")).events("auth.failed", "B1", ""), failures)
		})
	}
}

// TestV3_LoopFromAStaleView is W6: two sites each take the other for the exit until the slower view arrives.
func TestV3_LoopFromAStaleView(t *testing.T) {
	t.Parallel()
	t.Run("FW-6", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(ref2, at0900, "3h20m", 1, 50) + regular("ai", "site:A", "internet", "30s", "1m", "3h5m") + regular("bi", "site:B", "internet", "30s", "1m", "3h5m") + `
[[action]]
at = "9m"
action = "set_connector"
target = { connector = "C-A" }
cost = 100
dc = "AD1"
duration = "1m"
`
		w := work(t, text)
		require.Equal(t, 338.0, w.figure("dsn.count", "kind=ndr", "total"), "169 from each site")
		for _, site := range []string{"A", "B"} {
			require.Equal(t, 169.0, w.figure("messages.bounced", "site="+site, "total"))
		}
		var first, last string
		for _, e := range w.run.Events {
			if e.Kind == "dsn" {
				if first == "" {
					first = w.clock(e.Time)
				}
				last = w.clock(e.Time)
			}
		}
		require.Equal(t, "09:11:50", first, "09:10:30 and 20 rounds of 4 s")
		require.Equal(t, "11:59:50", last)
		require.Zero(t, w.figure("messages.held", "site=all", "total"))
		// Each of the 338 crosses the link 40 times: 13 520 transfers. The rest: 338 reports into mailboxes; before the edit 10 of A and 10 of B
		// by A1, those of B with a hop more: 30; after 12:00:10 5 of A, with a hop more, and 5 of B by B1: 15; the two of 11:59:30: 43.
		require.Equal(t, 13520.0+338+30+15+43, w.figure("throughput", "server=A1", "count")+w.figure("throughput", "server=B1", "count"))
	})
}

// TestS2_6_OneOfTwoEdges is W11: 2007, one of two edges crashes; every connection that picks it loses 21 s once.
func TestS2_6_OneOfTwoEdges(t *testing.T) {
	t.Parallel()
	t.Run("FW-11", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(ref2, at1400, "2h", 10, 10) + regular("ai", "site:A", "internet", "15s", "15s", "2h") + `
[[fault]]
kind = "host_down"
start = "0s"
duration = "1h"
target = { host = "AE1" }
`
		text = strings.Replace(text, `source_servers = ["AE1"]`, `source_servers = ["AE1", "AE2"]`, 1)
		text = strings.Replace(text, "[[mailbox]]\nname = \"AM1\"", "[[edge]]\nname = \"AE2\"\nsubscribed_site = \"A\"\n[[mailbox]]\nname = \"AM1\"", 1)
		text = strings.Replace(text, `profile = "reference"`, "profile = \"reference\"\nfailed_connect = \"21s\"", 1)
		w := work(t, text)
		require.Empty(t, w.events("queue.retry", "A1", ""), "no Retry while one edge is up")
		require.LessOrEqual(t, w.figure("server.queue_length", "server=A1,class=all,state=all", "max"), 3.0)
		one, two := w.figure("throughput", "server=AE1", "count"), w.figure("throughput", "server=AE2", "count")
		require.InDelta(t, 240, two-one, 2, "the first hour all on AE2, then half and half")
		require.InDelta(t, 479, one+two, 1)
	})
}

// TestS2_7_OnlyEdgeManualFailover is W12.
func TestS2_7_OnlyEdgeManualFailover(t *testing.T) {
	t.Parallel()
	t.Run("FW-12", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(ref2, at1400, "3h", 10, 10) + regular("ai", "site:A", "internet", "15s", "15s", "3h") + `
[[fault]]
id = "ae1"
kind = "host_down"
start = "0s"
end = "2h"
target = { host = "AE1" }
[[action]]
at = "29m"
action = "set_connector"
target = { connector = "C-A" }
enabled = false
dc = "AD1"
duration = "1m"
[[action]]
at = "2h4m"
action = "set_connector"
target = { connector = "C-A" }
enabled = true
dc = "AD1"
duration = "1m"
`
		w := work(t, text)
		require.Equal(t, []string{"14:00:15", "14:01:15", "14:02:15", "14:03:15", "14:04:15", "14:09:15", "14:14:15", "14:19:15", "14:24:15", "14:29:15"}, w.events("queue.retry", "A1", ""))
		require.Equal(t, 120.0, w.length("A1", "C-A", "14:30:04"))
		require.Zero(t, w.length("A1", "C-A", "14:30:05"), "resubmitted at A1's view time")
		require.Equal(t, 120.0, w.length("A1", "B", "14:30:05"))
		require.Equal(t, 6.0, w.figure("server.connections", "server=A1", "max"))
		require.LessOrEqual(t, w.length("A1", "B", "14:30:35"), 1.0)
		require.Equal(t, 500.0, w.figure("throughput", "server=BE1", "count"), "by BE1: the messages of 14:00:15 to 16:05:00")
		require.Equal(t, 719.0, w.figure("throughput", "server=A1", "count"), "local again: A1 hands the other 219, of 16:05:15 to 16:59:45, to AE1 itself")
		require.Equal(t, 219.0, w.figure("throughput", "server=AE1", "count"), "which sends them on: it was down at every tick of EdgeSync, and has not heard that C-A was ever disabled (R-6.5)")
		require.Empty(t, w.events("config.view", "AE1", ""))
		require.Equal(t, 719.0, w.figure("messages.delivered", "site=all", "total"))
		require.Equal(t, []string{"14:30:05", "16:05:05"}, w.events("config.view", "A1", ""))

		w = work(t, strings.Replace(text, "[model]", "[model]\nresubmit_at = \"next_attempt\"", 1))
		require.Equal(t, 120.0, w.length("A1", "C-A", "14:34:14"), "nothing was added since A1's view time")
		require.Zero(t, w.length("A1", "C-A", "14:34:15"), "in place of the attempt of this instant")
		require.Equal(t, 120.0, w.length("A1", "B", "14:34:15")-1, "and the message of this instant")
		require.Equal(t, []string{"14:24:15", "14:29:15"}, w.events("queue.retry", "A1", "")[8:])
		require.Equal(t, 500.0, w.figure("throughput", "server=BE1", "count"), "the same mail, later")
	})
}

// TestR3_13_HubSiteBehindABrokenLink is W13, the seed's figure.
func TestR3_13_HubSiteBehindABrokenLink(t *testing.T) {
	t.Parallel()
	const square = `
name = "w13"
start = 2026-03-02T09:00:00Z
duration = "2h30m"
seed = 1
[model]
version = "2007"
profile = "reference"
[[site]]
name = "Site 1"
[[site]]
name = "Site 2"
hub_site = %v
[[site]]
name = "Site 3"
[[site]]
name = "Site 4"
[defaults.link]
cost = 10
rtt = "0s"
bandwidth = "unlimited"
[[link]]
name = "1-2"
sites = ["Site 1", "Site 2"]
[[link]]
name = "2-4"
sites = ["Site 2", "Site 4"]
[[link]]
name = "1-3"
sites = ["Site 1", "Site 3"]
[[link]]
name = "3-4"
sites = ["Site 3", "Site 4"]
[[hub]]
name = "h1"
site = "Site 1"
[[hub]]
name = "h2"
site = "Site 2"
[[hub]]
name = "h3"
site = "Site 3"
[[hub]]
name = "h4"
site = "Site 4"
[[mailbox]]
name = "m1"
site = "Site 1"
mailboxes = 10
[[mailbox]]
name = "m2"
site = "Site 2"
mailboxes = 10
[[mailbox]]
name = "m4"
site = "Site 4"
mailboxes = 10
[[fault]]
kind = "link_down"
start = "0s"
end = "2h"
target = { link = "1-2" }
[output]
sample_interval = "1s"
series = ["queue", "server"]
`
	t.Run("FW-13 hub site", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(square, true)+regular("m", "site:Site 1", "site:Site 4", "1m", "1m", "2h30m"))
		retries := w.events("queue.retry", "h1", "")
		require.Equal(t, []string{"09:01:00", "09:02:00", "09:03:00", "09:04:00", "09:05:00", "09:10:00", "09:15:00", "09:20:00", "09:25:00", "09:30:00", "09:35:00",
			"09:45:00", "09:55:00", "10:05:00", "10:15:00", "10:25:00", "10:35:00", "10:45:00", "10:55:00"}, retries)
		require.Equal(t, []string{"11:05:00"}, w.events("queue.active", "h1", ""))
		require.Equal(t, 125.0, w.length("h1", "Site 2", "11:05:00"))
		require.LessOrEqual(t, w.length("h1", "Site 2", "11:05:19"), 1.0, "7 connections, 18 messages each at most")
		require.Equal(t, 149.0, w.figure("throughput", "server=h2", "count"), "all of them by Site 2: 125 that waited, 24 later")
		require.Equal(t, 149.0, w.figure("messages.delivered", "site=all", "total"))
		require.Zero(t, w.figure("throughput", "server=h3", "count"), "the equal path is not used")
	})
	t.Run("FW-13 not a hub site", func(t *testing.T) {
		t.Parallel()
		w := work(t, fmt.Sprintf(square, false)+regular("m", "site:Site 1", "site:Site 4", "1m", "1m", "2h30m")+regular("n", "site:Site 1", "site:Site 2", "1m", "1m", "2h30m"))
		require.LessOrEqual(t, w.figure("queue.length", "server=h1,next_hop=Site 4,delivery_type=SmtpRelayToRemoteAdSite,connector=", "max"), 1.0, "direct relay is unaffected")
		require.Equal(t, []string{"11:05:00"}, w.events("queue.active", "h1", "queue=Site 2"), "no detour between neighbours")
		require.Equal(t, 125.0, w.length("h1", "Site 2", "11:05:00"), "as above")
		require.Empty(t, w.events("queue.retry", "h1", "queue=Site 4"))
		require.Zero(t, w.figure("throughput", "server=h3", "count"), "nothing is relayed")
	})
}

// TestQ5_6_EopLimitBehindOneNat is W14: three edges behind one address, 500 messages each, 0.5 messages a second and connection.
func TestQ5_6_EopLimitBehindOneNat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ceiling, k int
		open       float64
		done       [3]float64
	}{
		{20, 0, 50, [3]float64{60, 60, 64}},
		{16, 0, 48, [3]float64{64, 64, 64}},
		{20, 20, 50, [3]float64{80, 80, 80}},
		{16, 20, 48, [3]float64{80, 80, 80}},
	} {
		t.Run(fmt.Sprintf("FW-14 ceiling=%d k=%d", c.ceiling, c.k), func(t *testing.T) {
			t.Parallel()
			text := `
name = "w14"
start = 2026-03-02T09:00:00Z
duration = "10m"
seed = 1
[model]
version = "2010"
profile = "reference"
[[remote]]
name = "eop"
rtt = "0s"
session = { setup = "0s", per_message = "2s" }
max_connections_per_source = 50
[output]
sample_interval = "1s"
series = ["queue", "server"]
[defaults.hub]
public_address = "nat"
` + fmt.Sprintf("max_per_domain_outbound_connections = %d\n", c.ceiling)
			if c.k > 0 {
				text += fmt.Sprintf("max_messages_per_connection = %d\n", c.k)
			}
			for i := 1; i <= 3; i++ {
				// A hub that is a source of the connector sends by itself; its mailboxes make its backlog.
				text += fmt.Sprintf("[[site]]\nname = \"S%[1]d\"\n[[hub]]\nname = \"e%[1]d\"\nsite = \"S%[1]d\"\n[[mailbox]]\nname = \"e%[1]d\"\nsite = \"S%[1]d\"\nmailboxes = 1\n"+
					"[[load]]\nid = \"b%[1]d\"\nkind = \"burst\"\nfrom = \"site:S%[1]d\"\nto = \"internet\"\nat = \"0s\"\ncount = 500\nsize = \"1KB\"\nrecipients = 1\n"+
					"[[connector]]\nname = \"out%[1]d\"\naddress_spaces = [\"SMTP:*;1\"]\nsource_servers = [\"e%[1]d\"]\nsmart_hosts = [\"eop\"]\nscoped = true\n", i)
			}
			w := work(t, text)
			var open float64
			for i := 1; i <= 3; i++ {
				open += w.connectionsAt(fmt.Sprintf("e%d", i), "09:00:01")
				require.Equal(t, c.done[i-1], w.emptyAt(fmt.Sprintf("e%d", i)), "edge %d", i)
			}
			require.Equal(t, c.open, open)
		})
	}
}

func (w *worked) connectionsAt(server, at string) float64 {
	w.t.Helper()
	for _, s := range w.run.Series {
		if s.Metric == "server.connections" && s.Labels.Get("server") == server {
			for i, x := range s.Times {
				if w.clock(x) == at {
					return s.Last[i]
				}
			}
		}
	}
	require.Failf(w.t, "no series", "%s at %s", server, at)
	return 0
}

// emptyAt is the first whole second after which a server's delivery queues are empty.
func (w *worked) emptyAt(server string) float64 {
	for _, s := range w.run.Series {
		if s.Metric == "server.queue_length" && s.Labels.String() == "server="+server+",class=all,state=all" {
			for i, v := range s.Last {
				if v == 0 {
					return s.Times[i].Seconds()
				}
			}
		}
	}
	return -1
}
