package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The worked scenarios of replication and domain controllers: W5 to W8, and what else stops with the directory.

// ref3 is the shipped reference organisation of three sites: ref2 with a second domain controller and hub in A, and a site C without an Edge.
func ref3(start, duration string) string {
	return strings.Replace(fmt.Sprintf(ref2, start, duration, 10, 10), "@faults/ref-2", "@faults/ref-3", 1) + `
[[link]]
name = "B-C"
rtt = "0s"
[[link]]
name = "A-C"
rtt = "0s"
[[mailbox]]
name = "CM1"
mailboxes = 100
`
}

const at0000 = "2026-03-02T00:00:00Z"

// edited is an edit of a connector's cost at AD1, done at a time of day.
func edited(at string, cost int) string {
	return fmt.Sprintf("[[action]]\nat = \"2026-03-02T%sZ\"\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\ncost = %d\ndc = \"AD1\"\nduration = \"0s\"\n", at, cost)
}

// TestV1_ViewTimes is W5: one edit, and when each server acts by it.
func TestV1_ViewTimes(t *testing.T) {
	t.Parallel()
	servers := []string{"A1", "A2", "AE1", "B1", "BE1", "C1"}
	views := func(t *testing.T, text string) map[string][]string {
		w := work(t, newer(ref3Written(at0000, "20h"))+text)
		out := map[string][]string{}
		for _, s := range servers {
			out[s] = w.events("config.view", s, "")
		}
		return out
	}
	t.Run("FW-5", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, map[string][]string{
			"A1": {"09:10:05"}, "A2": {"09:10:21"}, "AE1": {"09:12:00"}, "B1": {"12:00:10"}, "BE1": {"12:03:00"}, "C1": {"12:30:10"},
		}, views(t, edited("09:10:00", 60)))
	})
	t.Run("FW-5 change notification", func(t *testing.T) {
		t.Parallel()
		w := work(t, strings.Replace(newer(ref3Written(at0000, "20h")), "replication_interval = \"180m\"", "change_notification = true", 1)+edited("09:10:00", 60))
		require.Equal(t, []string{"09:10:25"}, w.events("config.view", "B1", ""))
		require.Equal(t, []string{"09:30:10"}, w.events("config.view", "C1", ""))
	})
	t.Run("FW-5 not told", func(t *testing.T) {
		t.Parallel()
		got := views(t, edited("09:10:00", 60)+`
[[action]]
at = "2h59m"
action = "restart_transport"
duration = "60s"
target = { host = "B1" }
[[fault]]
kind = "config_notify_lost"
start = "4h"
end = "19h"
target = { host = "B1" }
`)
		require.Equal(t, []string{"15:00:00"}, got["B1"], "renewals at 09:00 and 15:00")
		require.Equal(t, []string{"12:30:10"}, got["C1"])
		require.Equal(t, []string{"15:00:00"}, got["BE1"], "it sees what B1 sees")
	})
	t.Run("FW-5 second edit", func(t *testing.T) {
		t.Parallel()
		w := work(t, newer(ref3Written(at0000, "20h"))+edited("09:10:00", 60)+edited("11:00:00", 70))
		require.Equal(t, []string{"09:10:05", "11:00:05"}, w.events("config.view", "A1", ""))
		for _, e := range w.run.Events {
			if e.Kind == "config.view" && slices.Contains([]string{"B1", "C1", "BE1"}, e.Server) {
				require.Equal(t, `sees: connector "C-A": cost 70`, e.Text, "nobody else ever sees the first value")
			}
		}
		require.Equal(t, []string{"12:00:10"}, w.events("config.view", "B1", ""))
	})
	t.Run("instant", func(t *testing.T) {
		t.Parallel()
		w := work(t, strings.Replace(newer(ref3Written(at0000, "20h")), "[model]", "[model]\nreplication = \"instant\"", 1)+edited("09:10:00", 60))
		for _, s := range servers {
			require.Equal(t, []string{"09:10:00"}, w.events("config.view", s, ""))
		}
	})
}

// TestV3_LoopIsCured is the cure of W6: with replicate_now at BD1, done at 09:20:00, the loop ends when B1 sees the new cost.
func TestV3_LoopIsCured(t *testing.T) {
	t.Parallel()
	t.Run("FW-6 cure", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(ref2, at0900, "1h", 1, 50) + regular("ai", "site:A", "internet", "30s", "1m", "1h") + regular("bi", "site:B", "internet", "30s", "1m", "1h") +
			edited("09:10:00", 100) + "[[action]]\nat = \"18m\"\naction = \"replicate_now\"\ntarget = { host = \"BD1\" }\n"
		w := work(t, text)
		require.Equal(t, []string{"09:20:10"}, w.events("config.view", "B1", ""))
		// Those of 09:10:30 to 09:18:30 go round 20 times; that of 09:19:30 escapes through BE1 at 09:20:10.
		require.Equal(t, 18.0, w.figure("dsn.count", "kind=ndr", "total"))
		require.Equal(t, 9.0, w.figure("messages.bounced", "site=A", "total"))
		require.Equal(t, 9.0, w.figure("messages.bounced", "site=B", "total"))
	})
}

// TestV3_WindowOfALink is W7's first half: an edit every ten minutes, and the pulls that a window leaves.
func TestV3_WindowOfALink(t *testing.T) {
	t.Parallel()
	t.Run("FW-7", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(fmt.Sprintf(ref2, at0000, "12h", 10, 10), "replication_interval = \"180m\"", "replication_interval = \"30m\"\nreplication_window = \"02:00-04:00\"", 1)
		for i := range 60 {
			text += edited(fmt.Sprintf("%02d:%02d:00", i/6, i%6*10+5), 20+i)
		}
		require.Equal(t, []string{"02:00:10", "02:30:10", "03:00:10", "03:30:10"}, work(t, text).events("config.view", "B1", ""))
	})
	t.Run("FW-7 by a fault", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(fmt.Sprintf(ref2, at0000, "12h", 10, 10), "replication_interval = \"180m\"", "replication_interval = \"30m\"", 1)
		for i := range 60 {
			text += edited(fmt.Sprintf("%02d:%02d:00", i/6, i%6*10+5), 20+i)
		}
		w := work(t, text+"[[fault]]\nkind = \"repl_lag\"\nstart = \"1h45m\"\nend = \"9h15m\"\ntarget = { link = \"A-B\" }\nwindow = [\"Mon 02:00-04:00\", \"Tue-Sun 00:00-24:00\"]\n")
		require.Equal(t, []string{"00:30:10", "01:00:10", "01:30:10", "02:00:10", "02:30:10", "03:00:10", "03:30:10", "09:30:10", "10:00:10"}, w.events("config.view", "B1", ""))
	})
}

// TestF3_ReplicationWarnings: what the event logs of domain controllers show of a link that carries no replication for two days.
func TestF3_ReplicationWarnings(t *testing.T) {
	t.Parallel()
	w := work(t, strings.Replace(strings.Replace(fmt.Sprintf(ref2, at0000, "72h", 10, 10), `sample_interval = "1s"`, `sample_interval = "1h"`, 1), "[model]", "[model]\ntombstone_lifetime = \"47h\"", 1)+`
[[fault]]
kind = "repl_fail"
start = "1h"
duration = "48h"
target = { link = "A-B" }
`)
	for at, from := range map[string]string{"AD1": "BD1", "BD1": "AD1"} {
		var got []string
		for _, e := range w.run.Events {
			if e.Kind == "directory.replication" && e.Server == at {
				require.Equal(t, "NTDS Replication", value(e, "source"))
				require.Equal(t, from, value(e, "from"))
				got = append(got, fmt.Sprint(time.Duration(e.Time), " ", e.ID, " ", value(e, "level")))
			}
		}
		require.Equal(t, []string{"25h0m0s 1864 warning", "49h0m0s 2042 error"}, got, "at 49h the fault ends first")
	}
}

// TestF4_ViewGoesBackwardsScenario is W8: A1 acts by an edit, loses its domain controller, and takes the edit back.
func TestF4_ViewGoesBackwardsScenario(t *testing.T) {
	t.Parallel()
	t.Run("FW-8", func(t *testing.T) {
		t.Parallel()
		// The only Edge of A is down, so that its mail for outside waits: a message a minute from 09:00:30 on, for A1 and A2 by turns.
		w := work(t, ref3(at0900, "2h")+regular("ai", "site:A", "internet", "30s", "1m", "1h30m")+`
[[fault]]
id = "edge"
kind = "host_down"
target = { host = "AE1" }
start = "0s"
end = "110m"
[[fault]]
id = "ad1"
kind = "dc_down"
target = { host = "AD1" }
start = "10m8s"
end = "1h"
[[action]]
at = "9m"
action = "set_connector"
target = { connector = "C-A" }
enabled = false
dc = "AD1"
duration = "1m"
`)
		require.Equal(t, []string{"09:10:05", "09:11:00", "10:00:21"}, w.events("config.view", "A1", ""), "the message of 09:10:30 waits 30 s for AD1")
		require.Equal(t, []string{"10:00:21"}, w.events("config.view", "A2", ""), "AD2 hears of it at 10:00:16")
		require.Equal(t, []string{"09:11:00"}, w.events("directory.controller", "A1", "dc=AD2"))
		require.Equal(t, 5.0, w.length("A1", "C-A", "09:10:04"))
		require.Zero(t, w.length("A1", "C-A", "09:10:05"), "resubmitted to B")
		require.Equal(t, 5.0, w.length("A1", "B", "09:10:05"))
		require.Equal(t, 25.0, w.length("A1", "C-A", "10:00:20"), "new mail goes back to AE1's queue: 09:10:30 to 09:58:30")
		require.Zero(t, w.length("A1", "C-A", "10:00:21"))
		require.Equal(t, 30.0, w.length("A2", "C-A", "10:00:20"), "09:01:30 to 09:59:30")
		require.Zero(t, w.length("A2", "C-A", "10:00:21"))
		require.Equal(t, 90.0, w.figure("throughput", "server=BE1", "count"), "all of it leaves by B")
	})
}

// TestF4_NoDirectory: no domain controller answers from 10:20 to 11:20. The categorisers put mail off, what is queued goes on with the
// tickets that hubs have, mail from outside is taken, and a hub that restarts does not come up.
func TestF4_NoDirectory(t *testing.T) {
	t.Parallel()
	w := work(t, fmt.Sprintf(ref2, "2026-03-02T09:45:00Z", "3h", 10, 10)+
		regular("ab", "site:A", "site:B", "5m", "30s", "2h")+regular("ia", "internet", "site:A", "5m15s", "60s", "2h")+`
[[fault]]
id = "link"
kind = "link_down"
target = { link = "A-B" }
start = "15m"
end = "46m"
[[fault]]
id = "dcs"
kind = "dc_down"
target = { role = "dc" }
start = "35m"
end = "95m"
[[action]]
at = "2026-03-02T10:40:00Z"
action = "restart_transport"
target = { host = "B1" }
`)
	require.Equal(t, 40.0, w.length("A1", "B", "10:20:00"), "of 10:00:00 to 10:19:30")
	require.Equal(t, 40.0, w.length("A1", "B", "10:33:59"), "nothing joins them")
	require.Equal(t, []string{"10:34:00"}, w.events("queue.active", "A1", "queue=B"))
	require.Zero(t, w.length("A1", "B", "10:35:00"), "they leave, with the ticket of 09:50:00")
	require.Empty(t, w.events("auth.no_ticket", "A1", ""))
	// A1 keeps what comes from its mailboxes, 120 messages from 10:20:00 on, half of the 60 from outside, by way of AE1, and 10 of those that came
	// by BE1 before, which B1 had queued for it while the link was down.
	require.Equal(t, 160.0, w.figure("server.submission", "server=A1", "max"))
	require.Equal(t, []string{"10:20:30", "10:30:00"}, w.events("directory.controller", "A1", ""), "2102 with the first request, 2114 when it looks round")
	require.Equal(t, []string{"10:21:46", "10:30:00", "10:41:30"}, w.events("directory.controller", "B1", ""),
		"2102 30 s after BE1 brings the message of 10:21:15; 2114, and again as its service starts")
	require.Zero(t, w.figure("dsn.count", "kind=ndr", "total"))
	require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"))
	require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=all", "max"), 5705.0,
		"that of 10:00:15 waits behind BE1 for the link, is asked about at 10:34:15, 11:04:45 and 11:35:15, and goes on then")
}

// TestF4_KDCOnlyScenario: the key service of A's domain controller stops. The mailboxes of A cannot send, mail from outside and from B
// arrives, and what A1 relays to B goes on with the ticket that it has.
func TestF4_KDCOnlyScenario(t *testing.T) {
	t.Parallel()
	w := work(t, fmt.Sprintf(ref2, at1000, "3h", 10, 10)+
		regular("ab", "site:A", "site:B", "0s", "30s", "2h30m")+regular("aa", "site:A", "site:A", "10s", "30s", "2h30m")+
		regular("ba", "site:B", "site:A", "0s", "30s", "2h30m")+regular("ia", "internet", "site:A", "5s", "60s", "2h30m")+`
[[fault]]
kind = "dc_down"
mode = "kdc_only"
target = { host = "AD1" }
start = "30m"
end = "90m"
`)
	require.Equal(t, 240.0, w.figure("submission_pending", "site=A", "max"), "an hour of mail, two messages every 30 s")
	require.Empty(t, w.events("queue.retry", "A1", ""))
	require.Empty(t, w.events("queue.retry", "B1", ""))
	require.Empty(t, w.events("directory.controller", "A1", ""))
	require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"))
	require.LessOrEqual(t, w.figure("delivery.delay", "from=internet,to=all", "max"), 10.0)
}
