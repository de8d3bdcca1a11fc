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
	"mailsim/sim/simtime"
)

// What the worked scenarios W4, W11, W12, W13 and W23 say beside the queue that each is about.

const everywhere = "site=all"

// believe is what everybody believes at an instant of a scenario given as text.
func believe(t *testing.T, text string, at time.Duration) *sim.Beliefs {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	b, err := sim.Explain(t.Context(), cfg, 0, simtime.Time(at))
	require.NoError(t, err)
	return b
}

// TestF1_StepsOfABadSource is W4's clocks: who takes the wrong time over, when, and all of it at once.
func TestF1_StepsOfABadSource(t *testing.T) {
	t.Parallel()
	text := badSource("", "")
	at := func(clock string) time.Duration {
		x, err := time.Parse(time.DateTime, "2026-03-02 "+clock)
		require.NoError(t, err)
		return x.Sub(time.Date(2026, 3, 1, 18, 32, 56, 0, time.UTC)) // t0
	}
	offset := func(host string, when time.Duration) time.Duration {
		b := believe(t, text, when)
		for _, x := range b.Servers {
			if b.State.View(0).Servers[x.Server].Name == host {
				return x.Clock.Offset
			}
		}
		for _, x := range b.Controllers {
			if b.State.View(0).DCs[x.DC].Name == host {
				return x.Clock.Offset
			}
		}
		require.Failf(t, "no host", "%s", host)
		return 0
	}
	for host, steps := range map[string]string{"AD1": "12:00:00", "BD1": "12:25:00", "A1": "12:45:00", "B1": "18:15:00"} {
		t.Run("FW-4 "+host, func(t *testing.T) {
			t.Parallel()
			require.Zero(t, offset(host, at(steps)-1))
			require.Equal(t, 10*time.Minute, offset(host, at(steps)), "stepped, not slewed")
			require.Equal(t, 10*time.Minute, offset(host, at("18:15:00")))
		})
	}
	t.Run("FW-4 agree at last", func(t *testing.T) {
		t.Parallel()
		b := believe(t, text, at("18:15:00"))
		require.Len(t, b.Refusals, 2, "latched, both ways")
		for _, x := range b.Refusals {
			require.Zero(t, x.Spread)
			require.Equal(t, simtime.Time(at("12:00:15")), x.Since)
		}
	})
}

// TestF1_PullOfABadSource is the rest of W4: what was edited before does not cross at 12:00:00, when the clocks of the domain controllers part, and does at 15:00:00; a
// restart of either hub after 18:15 clears both directions.
func TestF1_PullOfABadSource(t *testing.T) {
	t.Parallel()
	edit := "[[action]]\nat = \"2026-03-02T11:29:00Z\"\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\ncost = 11\ndc = \"AD1\"\n"
	for _, hub := range []string{"A1", "B1"} {
		t.Run("FW-4 restart of "+hub, func(t *testing.T) {
			t.Parallel()
			w := work(t, badSource("", edit+restart(hub, "18:40:00")))
			require.Equal(t, []string{"15:00:10"}, w.events("config.view", "B1", ""), "the pull of 12:00:00 failed")
			for _, x := range []string{"A1", "B1"} {
				failed := w.events("auth.failed", x, "")
				require.Less(t, "18:30:00", failed[len(failed)-1], "the latch goes on")
				require.Less(t, failed[len(failed)-1], "18:41:00")
			}
			require.LessOrEqual(t, w.length("A1", "B", "19:00:00"), 1.0)
			require.LessOrEqual(t, w.length("B1", "A", "19:00:00"), 1.0)
		})
	}
}

// TestS2_6_HowTheSecondEdgeServes is W11 hour by hour: AE2 carries everything while AE1 is down, and half of it from then on.
func TestS2_6_HowTheSecondEdgeServes(t *testing.T) {
	t.Parallel()
	story := func(hours, keys string) *worked {
		text := fmt.Sprintf(ref2, at1400, hours, 10, 10) + regular("ai", "site:A", "internet", "15s", "15s", hours) + "[[fault]]\nkind = \"host_down\"\nstart = \"0s\"\n" +
			"duration = \"1h\"\ntarget = { host = \"AE1\" }\n"
		text = strings.Replace(text, `source_servers = ["AE1"]`, `source_servers = ["AE1", "AE2"]`, 1)
		text = strings.Replace(text, "[[mailbox]]\nname = \"AM1\"", "[[edge]]\nname = \"AE2\"\nsubscribed_site = \"A\"\n[[mailbox]]\nname = \"AM1\"", 1)
		return work(t, strings.Replace(text, `profile = "reference"`, "profile = \"reference\"\nfailed_connect = \"21s\""+keys, 1))
	}
	t.Run("FW-11 the hour of the crash", func(t *testing.T) {
		t.Parallel()
		w := story("1h", "")
		require.Empty(t, w.events("queue.retry", "A1", ""))
		require.Zero(t, w.figure("throughput", "server=AE1", "count"))
		require.InDelta(t, 239, w.figure("throughput", "server=AE2", "count"), 2, "all but what is still waiting")
		// Connections alternate: one that picks AE2 takes its mail at once, one that picks AE1 loses 21 s, once, and goes to AE2. A message waits for one connection at most.
		require.InDelta(t, 21+2*2, w.figure("delivery.delay", "from=all,to=internet", "max"), 2)
		require.Less(t, w.figure("delivery.delay", "from=all,to=internet", "p50"), 21.0)
		require.LessOrEqual(t, w.figure("server.queue_length", "server=A1,class=all,state=all", "max"), 3.0)
	})
	t.Run("FW-11 the hour after", func(t *testing.T) {
		t.Parallel()
		first, both := story("1h", ""), story("2h", "")
		one := both.figure("throughput", "server=AE1", "count") - first.figure("throughput", "server=AE1", "count")
		two := both.figure("throughput", "server=AE2", "count") - first.figure("throughput", "server=AE2", "count")
		require.InDelta(t, 120, one, 2, "half")
		require.InDelta(t, 120, two, 2, "and half")
	})
}

// TestS2_7_WithoutAnOperator is W12's other end: nobody disables the connector, and the mail of the only Edge waits for good.
func TestS2_7_WithoutAnOperator(t *testing.T) {
	t.Parallel()
	t.Run("FW-12 without the operator", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(ref2, at1400, "49h", 10, 10) + regular("ai", "site:A", "internet", "15s", "15s", "2m") + regular("bi", "site:B", "internet", "1h", "1h", "40h") + `
[[fault]]
kind = "host_down"
start = "0s"
target = { host = "AE1" }
`
		w := work(t, text, "output.sample_interval=1m")
		var delays, ndrs []simtime.Time
		for _, e := range w.run.Events {
			switch {
			case e.Kind != "dsn" || e.Server != "A1":
			case strings.Contains(fmt.Sprint(e.Fields), "delay"):
				delays = append(delays, e.Time)
			default:
				ndrs = append(ndrs, e.Time)
			}
		}
		const hour = simtime.Time(time.Hour)
		require.Equal(t, "18:00:15", w.clock(delays[0]))
		require.Equal(t, 4*hour+15e9, delays[0])
		require.Equal(t, 48*hour+15e9, ndrs[0], "two days after 14:00:15")
		require.Len(t, ndrs, 8)
		require.Equal(t, 40.0, w.figure("throughput", "server=BE1", "count")-w.figure("throughput", "server=AE1", "count"), "B has its own way")
	})
	t.Run("FW-12 what B sees", func(t *testing.T) {
		t.Parallel()
		// With the operator's two steps, until after 18:00:10, and without: B's mail takes its own Edge, and takes as long.
		story := func(steps string) *worked {
			return work(t, fmt.Sprintf(ref2, at1400, "5h", 10, 10)+regular("bi", "site:B", "internet", "15s", "15s", "5h")+
				"[[fault]]\nkind = \"host_down\"\nstart = \"0s\"\nend = \"2h\"\ntarget = { host = \"AE1\" }\n"+steps)
		}
		step := func(at, enabled string) string {
			return fmt.Sprintf("[[action]]\nat = %q\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\nenabled = %s\ndc = \"AD1\"\nduration = \"1m\"\n", at, enabled)
		}
		with, without := story(step("29m", "false")+step("2h4m", "true")), story("")
		// B1 learns at 15:00:10 that C-A is disabled, at 18:00:10 that it is enabled: the two states were never those of one pull.
		require.Equal(t, []string{"15:00:10", "18:00:10"}, with.events("config.view", "B1", ""))
		for _, w := range []*worked{with, without} {
			require.Empty(t, w.events("queue.retry", "B1", ""))
			require.Zero(t, w.figure("throughput", "server=A1", "count"))
		}
		for _, stat := range []string{"mean", "max"} {
			require.Equal(t, without.figure("delivery.delay", "from=all,to=internet", stat), with.figure("delivery.delay", "from=all,to=internet", stat))
		}
		require.Equal(t, without.figure("throughput", "server=BE1", "count"), with.figure("throughput", "server=BE1", "count"))
	})
}

// TestQ11_4_AHubIsLostFromText is W23 from scenario text: 300 of 600 messages are on P when it crashes at 13:00:00.
func TestQ11_4_AHubIsLostFromText(t *testing.T) {
	t.Parallel()
	story := func(t *testing.T, version, to, crash string) *worked {
		count := 600
		if version == "2007" {
			count = 300 // all over P
		}
		return work(t, fmt.Sprintf(`
start = 2026-03-02T12:01:00Z
duration = "10h"
[model]
version = %q
categoriser = { base = "60s", per_recipient = "0s", per_kb = "0s", workers = 1000 }
[[site]]
name = "S"
%s
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "0s" }
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["P", "Q"]
dns = true
[[load]]
id = "burst"
kind = "burst"
from = "mailbox:P"
to = %q
at = "58m30s"
count = %d
size = "1000B"
recipients = 1
[[fault]]
kind = "host_down"
start = "59m"
target = { host = "P" }
%s
`, version, map[bool]string{
			true:  "[[hub]]\nname = \"P\"\nsite = \"S\"\n[[hub]]\nname = \"Q\"\nsite = \"S\"\n[[mailbox]]\nname = \"P\"\nsite = \"S\"\nmailboxes = 1\n[[mailbox]]\nname = \"Q\"\nsite = \"S\"\nmailboxes = 1",
			false: "[[mailbox]]\nname = \"P\"\nsite = \"S\"\nmailboxes = 1\n[[mailbox]]\nname = \"Q\"\nsite = \"S\"\nmailboxes = 1",
		}[version == "2007"], to, count, crash))
	}
	const soon, never, late = "end = \"79m\"\nqueue_db = \"lost\"", "queue_db = \"lost\"", "end = \"299m\""
	for _, c := range []struct {
		name, version, to, crash          string
		taken                             []string // when Q sends what it has copies of
		delivered, lost, twice, duplicate float64
	}{
		{"FW-23 a", "2013", "internet", soon, []string{"13:21:00"}, 600, 0, 0, 0},
		{"FW-23 b", "2013", "internet", never, []string{"15:59:00"}, 600, 0, 0, 0},
		{"FW-23 c", "2013", "internet", late, []string{"15:59:00"}, 900, 0, 300, 0},
		{"FW-23 c inside", "2013", "mailbox:Q", late, []string{"15:59:00"}, 600, 0, 300, 300},
		{"FW-23 a 2007", "2007", "internet", soon, nil, 0, 300, 0, 0},
		{"FW-23 c 2007", "2007", "internet", late, nil, 300, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := story(t, c.version, c.to, c.crash)
			require.Equal(t, c.taken, w.events("shadow.resubmitted", "Q", ""))
			reports := 0.0 // P tells of what it had for four hours as it starts; they are mail, too
			if c.crash == late {
				reports = w.figure("dsn.count", "kind=delay", "total")
				require.Equal(t, 300.0, reports)
			}
			require.Equal(t, c.delivered, w.figure("messages.delivered", everywhere, "total")-reports)
			require.Equal(t, c.lost, w.figure("messages.lost", everywhere, "total"))
			if c.twice > 0 {
				require.Equal(t, c.twice, w.figure("messages.resubmitted", everywhere, "total"))
			}
			if c.duplicate > 0 {
				require.Equal(t, c.duplicate, w.figure("messages.duplicate", everywhere, "total"))
			}
			if c.name == "FW-23 c 2007" {
				require.InDelta(t, 4*3600+30+60, w.figure("delivery.delay", "from=all,to=all", "max"), 1, "sent when the service is back at 17:00, a minute in the categoriser")
			}
		})
	}
}
