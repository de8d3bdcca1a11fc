package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// timeoutScenario is a hub or an Edge that sends to a hub or an Edge: set-up 10 s and 20 s a message.
func timeoutScenario(load, hub, receive string, toEdge bool) string {
	to := "mailbox:bm"
	if toEdge {
		to = "internet"
	}
	return fmt.Sprintf(`
duration = "1h"
start = "2026-03-02T08:00:00Z"
[model]
version = "2010"
categoriser = "off"
shadow = false
session = { setup = "10s", per_message = "20s" }
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
cost = 10
[[hub]]
name = "a"
site = "A"
%s
[[mailbox]]
name = "am"
site = "A"
[[hub]]
name = "b"
site = "B"
receive = { %s }
[[mailbox]]
name = "bm"
site = "B"
[[edge]]
name = "e"
subscribed_site = "A"
receive = { %s }
[[remote]]
name = "internet"
session = { setup = "0s", per_message = "0s" }
[[load]]
kind = "regular"
from = "mailbox:am"
to = %q
first = "0s"
size = "1KB"
%s
`, hub, map[bool]string{false: receive}[toEdge], map[bool]string{true: receive}[toEdge], to, load)
}

// TestQ4_9_TheReceiversOwnTimeout: a connection ends after the ConnectionTimeout of the server that took it, and a message in transmission with it.
func TestQ4_9_TheReceiversOwnTimeout(t *testing.T) {
	t.Parallel()
	const load = "every = \"1ms\"\ncount = 18" // 10 s and 18 times 20 s: until 08:06:10
	for _, c := range []struct {
		name, receive string
		toEdge        bool
		hop           string
		cut           []string
	}{
		{"a hub has 10 minutes", "", false, "B", nil},
		{"an Edge has 5", "", true, "EdgeSync - A to Internet", []string{"08:05:10"}},
		{"a hub of its own", `connection_timeout = "95s", connection_inactivity_timeout = "30s"`, false, "B", []string{"08:01:45", "08:04:30", "08:07:15", "08:10:00"}}, // four messages each, a minute, 10 s
		{"an Edge of its own", `connection_timeout = "10m"`, true, "EdgeSync - A to Internet", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, timeoutScenario(load, "", c.receive, c.toEdge))
			require.Equal(t, 18.0, w.figure("messages.delivered", "site=all", "total"))
			require.Equal(t, c.cut, w.events("queue.retry", "a", ""))
		})
	}
}

// TestQ4_11_TheReceiversOwnInactivity: a connection at rest ends when nothing has come for the ConnectionInactivityTimeout of the server that took it; the
// message that comes then pays a set-up.
func TestQ4_11_TheReceiversOwnInactivity(t *testing.T) {
	t.Parallel()
	const load = "every = \"270s\"\ncount = 2" // at rest from 08:00:30 on
	for _, c := range []struct {
		name, receive string
		toEdge        bool
		second        float64 // seconds that the second message takes
	}{
		{"a hub waits 5 minutes", "", false, 20},
		{"an Edge waits one", "", true, 30},
		{"a hub of its own", `connection_inactivity_timeout = "239s"`, false, 30},
		{"just long enough", `connection_inactivity_timeout = "241s"`, false, 20},
		{"an Edge of its own", `connection_inactivity_timeout = "4m59s"`, true, 20},
		{"the whole time is over before", `connection_timeout = "230s", connection_inactivity_timeout = "229s"`, false, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, timeoutScenario(load, `idle_hold = "10m"`, c.receive, c.toEdge))
			require.Equal(t, 2.0, w.figure("messages.delivered", "site=all", "total"))
			require.InDelta(t, (30+c.second)/2, w.figure("delivery.delay", "from=all,to=all", "mean"), 0.1)
		})
	}
}
