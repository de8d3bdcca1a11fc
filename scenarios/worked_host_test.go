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

// patchedEdges is W11's organisation: site A has two Edges, AE1 and AE2, and a hundred messages for the internet lie with them at 14:00:00.
func patchedEdges(keys string) string {
	text := fmt.Sprintf(ref2, at1400, "1h", 10, 10) + regular("ai", "site:A", "internet", "15s", "15s", "40m") + `
[[load]]
id = "before"
kind = "burst"
from = "site:A"
to = "internet"
at = "9m50s"
count = 100
size = "10KB"
recipients = 1
[[fault]]
id = "patches"
kind = "host_down"
start = "10m"
end = "30m"
target = { host = "AE1" }
` + keys
	text = strings.Replace(text, `source_servers = ["AE1"]`, `source_servers = ["AE1", "AE2"]`, 1)
	return strings.Replace(text, "[[mailbox]]\nname = \"AM1\"", "[[edge]]\nname = \"AE2\"\nsubscribed_site = \"A\"\n[[mailbox]]\nname = \"AM1\"", 1)
}

// TestF10_MaintenanceDrains: an Edge that is drained passes on what it has and goes down then; nothing is lost, tried again or late. The
// same maintenance without drain leaves mail on it.
func TestF10_MaintenanceDrains(t *testing.T) {
	t.Parallel()
	const all = "site=all"
	undisturbed := work(t, strings.Replace(patchedEdges(""), `target = { host = "AE1" }`, "target = { host = \"AE1\" }\nprobability = 0", 1))
	drained := work(t, patchedEdges("mode = \"maintenance\"\ndrain = true\n"))
	sent := undisturbed.figure("messages.submitted", all, "total")
	for _, w := range []*worked{undisturbed, drained} {
		require.Equal(t, sent, w.figure("messages.delivered", all, "total"))
		for _, server := range []string{"A1", "AE1", "AE2"} {
			require.Empty(t, w.events("queue.retry", server, ""))
		}
	}
	require.Positive(t, drained.queued("AE1", "14:10:00"))
	down := drained.events("service", "AE1", "state=drained")
	require.Len(t, down, 1)
	at, err := time.Parse(time.TimeOnly, down[0])
	require.NoError(t, err)
	require.Zero(t, drained.queued("AE1", at.Add(time.Second).Format(time.TimeOnly)), "it goes down when it is empty")
	require.Greater(t, down[0], "14:10:00")
	require.Less(t, down[0], "14:11:00")
	require.Less(t, drained.figure("delivery.delay", "from=all,to=internet", "max"), 60.0, "one Edge does the work of two, 20 messages a connection; nothing waits for the other")

	abrupt := work(t, patchedEdges("mode = \"maintenance\"\n"))
	require.Equal(t, sent, abrupt.figure("messages.delivered", all, "total"))
	require.Greater(t, abrupt.figure("delivery.delay", "from=all,to=internet", "max"), 1190.0, "what it had waits for 20 minutes")
	require.Empty(t, abrupt.events("service", "AE1", "state=drained"))
}

// TestF10_DrainThatDoesNotEnd: a server that cannot pass on what it has stays up, refuses mail meanwhile and takes it again when the
// maintenance ends.
func TestF10_DrainThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf(ref2, at0900, "1h", 10, 10) + regular("ab", "site:A", "site:B", "30s", "1m", "40m") + regular("aa", "site:A", "site:A", "35s", "1m", "40m") + `
[[fault]]
id = "patches"
kind = "host_down"
mode = "maintenance"
drain = true
start = "10m"
end = "20m"
target = { host = "A1" }
[[fault]]
id = "cut"
kind = "link_down"
start = "5m"
end = "30m"
target = { link = "A-B" }
`
	w := work(t, text)
	require.Empty(t, w.events("service", "A1", "state=drained"))
	require.Equal(t, 5.0, w.length("A1", "B", "09:19:59"), "those of 09:05:30 to 09:09:30; the others wait in outboxes")
	require.Equal(t, 16.0, w.length("A1", "B", "09:20:30"), "with the ten of 09:10:30 to 09:19:30, offered at the first whole minute of each, and that of 09:20:30")
	require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"))
}

// queued is how many messages are in the delivery queues of a server.
func (w *worked) queued(server, at string) float64 {
	w.t.Helper()
	for _, s := range w.run.Series {
		if s.Metric != "server.queue_length" || s.Labels.String() != "server="+server+",class=all,state=all" {
			continue
		}
		for i, x := range s.Times {
			if w.clock(x) == at {
				return s.Last[i]
			}
		}
	}
	require.Failf(w.t, "no series", "%s at %s", server, at)
	return 0
}

// TestF10_DrainNeedsMaintenance: only what is announced can be drained.
func TestF10_DrainNeedsMaintenance(t *testing.T) {
	t.Parallel()
	refused := func(keys string) string {
		_, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte("base = \"@faults/ref-e\"\n[[fault]]\nkind = \"host_down\"\nduration = \"1m\"\ndrain = true\n" + keys)}}, "w.toml")
		require.Error(t, err)
		return err.Error()
	}
	require.Contains(t, refused(`target = { host = "EP1" }`), `w.toml:5:1: [[fault]] #1 (id "host_down-1"): drain: is for mode "maintenance"; what crashes or is stopped passes nothing on`)
	require.Contains(t, refused("mode = \"maintenance\"\ntarget = { host = \"EP1\" }"), `drain: host "EP1" is an E-Post server, which cannot be drained`)
}

// F11: the store of a machine with both roles stops, and its transport service goes on: what the service has for that store waits for it.
func TestF11_StoreOfAHubStops(t *testing.T) {
	t.Parallel()
	w := work(t, `
base = "@faults/ref-2"
duration = "1h"
[[mailbox]]
name = "A1"
site = "A"
mailboxes = 10
`+regular("ba", "site:B", "mailbox:A1", "30s", "1m", "50m")+`
[[fault]]
kind = "host_down"
mode = "service_stop"
services = ["MSExchangeIS"]
target = { host = "A1" }
start = "10m"
duration = "20m"
`)
	require.Equal(t, []string{"10:10:32", "10:15:32", "10:20:32", "10:25:32"}, w.events("queue.retry", "A1", "queue=A1"))
	require.Equal(t, []string{"10:30:32"}, w.events("queue.active", "A1", "queue=A1"))
	require.Equal(t, 21.0, w.figure("server.queue_length", "server=A1,class=mailbox,state=all", "max"), "the messages of 10:10:30 to 10:30:30")
	require.Equal(t, 50.0, w.figure("messages.delivered", "site=all", "total"))
}
