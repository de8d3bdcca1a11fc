package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// What the worked scenarios W2, W5, W7, W16 and W17 say of things that no queue shows: warnings, what domain controllers hold, how long a change can take, and what
// goes on beside.

// TestF021_WorkedRemedyOrder: W2 is warned of before it runs, W1 is not.
func TestF021_WorkedRemedyOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, restart string
		warnings      int
	}{{"FW-1", "1h10m", 0}, {"FW-2", "20m", 1}} {
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(skew("+7m", "44m", c.restart))}}, "w.toml")
		require.NoError(t, err)
		require.Len(t, s.Warnings(), c.warnings, c.name)
		for _, w := range s.Warnings() {
			require.Contains(t, w.Text, "restart_os", c.name)
			require.Contains(t, w.Text, "set_time", c.name)
		}
	}
}

// TestV1_WhatControllersHold is W5's other half: when each domain controller holds the edit of 09:10:00.
func TestV1_WhatControllersHold(t *testing.T) {
	t.Parallel()
	version := func(t *testing.T, text, dc string, at time.Duration) int {
		b := believe(t, text, at)
		for _, x := range b.Controllers {
			if b.State.View(0).DCs[x.DC].Name == dc {
				return x.Version
			}
		}
		require.Failf(t, "no domain controller", "%s", dc)
		return 0
	}
	const interval = "replication_interval = \"180m\""
	for _, c := range []struct {
		name, text string
		holds      map[string]string
	}{
		{"FW-5", ref3(at0000, "20h"), map[string]string{"AD1": "09:10:00", "AD2": "09:10:16", "BD1": "12:00:05", "CD1": "12:30:05"}},
		{"FW-5 change notification", strings.Replace(ref3Written(at0000, "20h"), interval, "change_notification = true", 1),
			map[string]string{"AD1": "09:10:00", "AD2": "09:10:16", "BD1": "09:10:20", "CD1": "09:30:05"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := c.text + edited("09:10:00", 60)
			for dc, clock := range c.holds {
				when, err := time.Parse(time.TimeOnly, clock)
				require.NoError(t, err)
				at := when.Sub(when.Truncate(24 * time.Hour))
				require.Equal(t, 0, version(t, text, dc, at-1), "%s just before %s", dc, clock)
				require.Equal(t, 1, version(t, text, dc, at), "%s at %s", dc, clock)
			}
		})
	}
}

// TestV4_ChainOfLinks is W7's second half: over links of 4 h, 3 h and 24 h an edit is known at the far end after 31 h at most, and 20 s of transfers and notice, whenever the
// links replicate; and it takes as long where each link has replicated just before what it is to carry was there.
func TestV4_ChainOfLinks(t *testing.T) {
	t.Parallel()
	const most, taus = 31 * time.Hour, 3*5*time.Second + 5*time.Second
	// The edit is done at 00:00:01 of the first day. Phases in hours.
	delay := func(t *testing.T, first, second, third int) time.Duration {
		text := "start = 2026-03-02T00:00:00Z\nduration = \"40h\"\n[model]\nversion = \"2007\"\nprofile = \"reference\"\n"
		for i := range 4 {
			text += fmt.Sprintf("[[site]]\nname = \"S%[1]d\"\n[[dc]]\nname = \"D%[1]d\"\nsite = \"S%[1]d\"\n[[hub]]\nname = \"H%[1]d\"\nsite = \"S%[1]d\"\n", i)
		}
		for i, link := range [][2]int{{4, first}, {3, second}, {24, third}} {
			text += fmt.Sprintf("[[link]]\nname = \"L%d\"\nsites = [\"S%d\", \"S%d\"]\ncost = 10\nrtt = \"0s\"\nreplication_interval = \"%dh\"\nreplication_phase = \"%dh\"\n", i, i, i+1, link[0], link[1])
		}
		w := work(t, text+`
[[connector]]
name = "C-A"
address_spaces = ["SMTP:*;10"]
source_servers = ["H0"]
dns = true
[[action]]
at = "1s"
action = "set_connector"
target = { connector = "C-A" }
cost = 60
dc = "D0"
duration = "0s"
`)
		seen := w.when("config.view", "H3")
		require.Len(t, seen, 1)
		return seen[0] - time.Second
	}
	t.Run("FW-7 the longest", func(t *testing.T) {
		t.Parallel()
		// Pulls at 04:00:00, 07:00:00 and 07:00:00 of the next day: the last two miss by 5 s what has just come.
		require.Equal(t, most-time.Second+10*time.Second, delay(t, 0, 1, 7))
	})
	t.Run("FW-7 never more", func(t *testing.T) {
		t.Parallel()
		longest := time.Duration(0)
		for first := range 4 {
			for second := range 3 {
				for third := range 24 {
					longest = max(longest, delay(t, first, second, third))
				}
			}
		}
		require.LessOrEqual(t, longest, most+taus)
		require.Greater(t, longest, most-time.Second)
	})
}

// TestF16_WhereMailGoesInstead is what W16 says of a site with another server: those who are refused at High use that one.
func TestF16_WhereMailGoesInstead(t *testing.T) {
	t.Parallel()
	fault := fullDrive("logs", "fill_rate = \"10GB\"\nduration = \"165m\"")
	alone := work(t, filling(queueDrive, fault))
	for _, e := range alone.run.Events {
		if e.Kind == "queue.retry" && e.Server == "P" {
			require.Contains(t, e.Text, "452 4.3.1 Insufficient system resources")
		}
	}
	require.NotEmpty(t, alone.events("queue.retry", "P", ""))
	t.Run("FW-16 the other server", func(t *testing.T) {
		t.Parallel()
		w := work(t, filling(queueDrive, fault)+"[[mailbox]]\nname = \"N\"\nsite = \"A\"\n")
		require.Equal(t, []string{"09:00:00 15004 Medium", "10:30:00 15004 High", "10:30:00 15006 High"}, w.pressures("M")[:3])
		require.Empty(t, w.events("queue.retry", "P", ""))
		require.LessOrEqual(t, w.figure("server.queue_length", "server=P,class=all,state=all", "max"), 1.0)
		require.Less(t, w.figure("delivery.delay", "from=all,to=all", "max"), 10.0, "N takes what the mailboxes of M send, too")
	})
}

// TestF17_RemoteHubsWait is what W17 says of others: the queue of another site's server towards the one that stands still grows once that one refuses everybody, and for
// that and no other reason.
func TestF17_RemoteHubsWait(t *testing.T) {
	t.Parallel()
	const far = `
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
cost = 10
rtt = "0s"
[[mailbox]]
name = "P"
site = "B"
`
	t.Run("FW-17 remote hubs", func(t *testing.T) {
		t.Parallel()
		w := work(t, stalled("duration = \"1h\"\n", regular("in", "mailbox:M", "mailbox:M", "0s", "100ms", "24m59900ms")+regular("far", "mailbox:P", "mailbox:M", "30s", "1m", "80m"))+far)
		rise := w.events("pressure", "M", "")
		require.Less(t, "09:24:50", rise[1], "High, a few messages sooner than without those of P")
		refused := w.events("queue.retry", "P", "")
		require.NotEmpty(t, refused)
		require.GreaterOrEqual(t, refused[0], rise[1], "not before")
		require.Less(t, refused[0], "09:27:00")
		for _, e := range w.run.Events {
			if e.Kind == "queue.retry" {
				require.Contains(t, e.Text, "452 4.3.1", "4xx, and not authentication")
			}
		}
		require.Empty(t, w.events("auth.failed", "M", ""))
		require.InDelta(t, 30, w.level("server.queue_length", "server=P,class=all,state=all", "09:59:00"), 7, "one a minute")
		require.Zero(t, w.figure("messages.held", all, "total"))
	})
	t.Run("FW-17 nobody is refused", func(t *testing.T) {
		t.Parallel()
		// Without the meter of the submission queue 10 a second come in all the time, and 15,000 drain by 40 a second: 375 s.
		w := work(t, stalled("duration = \"25m\"\n", regular("in", "site:A", "site:A", "0s", "100ms", "50m")), "model.submission_meter=false")
		require.Empty(t, w.events("pressure", "M", ""))
		require.InDelta(t, 15000, w.level("server.submission", "server=M", "09:25:00"), 1)
		require.InDelta(t, 15000-40*60, w.level("server.submission", "server=M", "09:26:00"), 50)
		require.Greater(t, w.level("server.submission", "server=M", "09:31:13"), 2.0)
		require.LessOrEqual(t, w.level("server.submission", "server=M", "09:31:15"), 1.0)
	})
}
