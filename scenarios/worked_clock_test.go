package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The worked scenarios of clocks and authentication beyond W1 to W3, which stand in worked_test.go.

// TestFD1_WindowsModel is the second half of W3: with kerberos_model = "windows" a clock 7 minutes fast on A1 harms what A1 receives, and
// nothing that it sends.
func TestFD1_WindowsModel(t *testing.T) {
	t.Parallel()
	t.Run("FW-3 windows", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(skew("+7m", "44m", "1h10m"), `target = { host = "B1" }`, `target = { host = "A1" }`, 1)
		w := work(t, strings.Replace(text, "[model]", "[model]\nkerberos_model = \"windows\"", 1))
		require.Empty(t, w.events("auth.failed", "B1", ""), "A to B")
		require.NotEmpty(t, w.events("auth.failed", "A1", ""), "B to A")
		require.Equal(t, w.events("auth.failed", "A1", ""), w.events("queue.retry", "B1", "queue=A")[:len(w.events("auth.failed", "A1", ""))])
	})
}

// badSource is W4: AD1 takes a wrong time from outside at 12:00:00. The starts of the services are chosen so that BD1 polls at 12:10, A1
// at 12:30 and B1 at 18:00. Mail goes from 11:50 on, a message every 30 s each way.
func badSource(model, restarts string) string {
	return strings.Replace(fmt.Sprintf(ref2, "2026-03-01T18:32:56Z", "25h", 10, 10), "[model]", "[model]\n"+model, 1) +
		regular("ab", "site:A", "site:B", "17h17m19s", "30s", "24h30m") + regular("ba", "site:B", "site:A", "17h17m19s", "30s", "24h30m") +
		regular("ai", "site:A", "internet", "17h17m19s", "5m", "24h30m") + `
[[fault]]
id = "bad-source"
kind = "clock_skew"
mode = "ntp_bad"
start = "2026-03-02T12:00:00Z"
target = { host = "AD1" }
offset = "+10m"
[[action]]
at = "0s"
action = "restart_os"
duration = "112s"
target = { host = "A1" }
[[action]]
at = "2026-03-02T00:03:48Z"
action = "restart_os"
duration = "60s"
target = { host = "B1" }
` + restarts
}

func restart(host, at string) string {
	return fmt.Sprintf("[[action]]\nat = \"2026-03-02T%sZ\"\naction = \"restart_os\"\nduration = \"60s\"\ntarget = { host = %q }\n", at, host)
}

// TestF1_BadUpstreamTime is W4, from scenario text to events.
func TestF1_BadUpstreamTime(t *testing.T) {
	t.Parallel()
	t.Run("FW-4 strict", func(t *testing.T) {
		t.Parallel()
		w := work(t, badSource("", restart("A1", "13:00:00")+restart("A1", "18:40:00")))
		for _, hub := range []string{"A1", "B1"} {
			failed := w.events("auth.failed", hub, "")
			require.Equal(t, "12:00:15", failed[0], "from the first session on")
			require.Contains(t, strings.Join(failed, " "), " 13:0", "the restart before 18:15 does not last")
			require.Less(t, "18:15:00", failed[len(failed)-1], "latched, though all clocks agree")
			require.Less(t, failed[len(failed)-1], "18:41:00", "one restart of either hub clears both directions")
		}
		require.LessOrEqual(t, w.length("A1", "B", "19:00:00"), 1.0)
		require.LessOrEqual(t, w.length("B1", "A", "19:00:00"), 1.0)
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=internet", "max"), 90.0, "mail to the internet waits for restarts only")
	})
	t.Run("FW-4 windows", func(t *testing.T) {
		t.Parallel()
		w := work(t, badSource(`kerberos_model = "windows"`, ""))
		require.Equal(t, "12:00:15", w.events("auth.failed", "B1", "")[0])
		failed := w.events("auth.failed", "A1", "")
		require.Equal(t, "12:25:15", failed[0], "B to A: the clock of A1 against BD1, which has stepped")
		require.Less(t, "18:15:00", failed[len(failed)-1], "also dead after 12:45, until a restart")
		require.Equal(t, []string{"skew", "latched"}, []string{causeOf(w, "A1", failed[0]), causeOf(w, "A1", failed[1])})
	})
}

func causeOf(w *worked, server, at string) string {
	for _, e := range w.run.Events {
		if e.Kind == "auth.failed" && e.Server == server && w.clock(e.Time) == at {
			for _, f := range e.Fields {
				if f.Key == "cause" {
					return fmt.Sprint(f.Value)
				}
			}
		}
	}
	return ""
}

// TestS1_6_NoTicket: what keeps a hub from getting tickets is felt when those that it has expire, at the sender, and ends with its cause.
func TestS1_6_NoTicket(t *testing.T) {
	t.Parallel()
	t.Run("FW-21", func(t *testing.T) {
		t.Parallel()
		text := strings.Replace(fmt.Sprintf(ref2, "2026-03-02T04:00:00Z", "12h", 10, 10), "[model]", "[model]\nticket_renewal = \"11h\"", 1)
		// The key service of AD1 stops at 06:00. A1 takes its first ticket at 04:00:00. The mailboxes of A prove themselves to BD1, so that they
		// can send.
		text = strings.Replace(text, "name = \"AM1\"\n", "name = \"AM1\"\ndc = \"BD1\"\n", 1)
		text += regular("ab", "site:A", "site:B", "0s", "1m", "12h") + regular("ba", "site:B", "site:A", "0s", "1m", "12h") + `
[[fault]]
kind = "dc_down"
mode = "kdc_only"
start = "2h"
end = "11h"
target = { host = "AD1" }
`
		w := work(t, text)
		failed := w.events("auth.no_ticket", "A1", "")
		require.Equal(t, "14:00:00", failed[0])
		require.Equal(t, failed, w.events("queue.retry", "A1", "queue=B"), "one event 2017 at the sender a failure")
		require.Less(t, failed[len(failed)-1], "15:00:00")
		require.Empty(t, w.events("auth.failed", "B1", ""), "and none at the receiver")
		require.Empty(t, w.events("auth.no_ticket", "B1", ""), "B1 asks BD1")
		require.LessOrEqual(t, w.length("A1", "B", "15:30:30"), 1.0, "no restart is needed")
	})
}

// TestF2_AuthLatchScenario: one direction stops with true clocks until a restart.
func TestF2_AuthLatchScenario(t *testing.T) {
	t.Parallel()
	w := work(t, fmt.Sprintf(ref2, at1000, "2h", 10, 10)+regular("ab", "site:A", "site:B", "30s", "30s", "2h")+regular("ba", "site:B", "site:A", "30s", "30s", "2h")+`
[[fault]]
kind = "auth_latch"
start = "10m"
from = { host = "A1" }
to = { site = "B" }
[[fault.remedy]]
action = "restart_os"
after = "1h"
`)
	failed := w.events("auth.failed", "B1", "")
	require.Equal(t, "10:10:00", failed[0])
	require.Less(t, failed[len(failed)-1], "11:10:00")
	require.Empty(t, w.events("auth.failed", "A1", ""), "one way only")
	require.NotEmpty(t, w.events("queue.active", "A1", "queue=B"))
	require.LessOrEqual(t, w.length("A1", "B", "11:59:15"), 1.0)
}
