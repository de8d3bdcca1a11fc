package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Changes of the configuration during a run, from scenario text to queues: what is resubmitted, what stays, and who takes the mail.

// twoEdges is G-67: Site3 is nearer to Site1's Edge (110) than to Site2's (120). A load sends from Site1 and Site3 to the internet,
// one message a minute each, at :30.
const twoEdges = `
name = "two-edges"
start = 2026-03-02T09:00:00Z
duration = "2h"
seed = 1
[model]
version = "2010"
profile = "reference"
categoriser = "off"
[[site]]
name = "Site1"
[[site]]
name = "Site2"
[[site]]
name = "Site3"
[defaults.link]
rtt = "0s"
bandwidth = "unlimited"
[[link]]
name = "1-3"
sites = ["Site1", "Site3"]
cost = 10
[[link]]
name = "2-3"
sites = ["Site2", "Site3"]
cost = 20
[[link]]
name = "1-2"
sites = ["Site1", "Site2"]
cost = 15
[[hub]]
name = "h1"
site = "Site1"
[[hub]]
name = "h2"
site = "Site2"
[[hub]]
name = "h3"
site = "Site3"
[[edge]]
name = "Edge1"
subscribed_site = "Site1"
[[edge]]
name = "Edge2"
subscribed_site = "Site2"
[[mailbox]]
name = "m1"
site = "Site1"
[[mailbox]]
name = "m3"
site = "Site3"
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[output]
sample_interval = "1s"
series = ["queue", "server"]
`

// step is an [[action]] that takes no time; more are its further lines.
func step(at, action, target, more string) string {
	return fmt.Sprintf("[[action]]\nat = %q\naction = %q\ntarget = { %s }\nduration = \"0s\"\n%s\n", at, action, target, more)
}

// TestR6_8_EdgeSiteFailsOverByHand is G-68 to G-70 in whole runs: Edge1 is down from 09:00 on, its connector is disabled at 09:30, the
// Edge is back at 10:00, and the connector enabled at 10:30 or not at all.
func TestR6_8_EdgeSiteFailsOverByHand(t *testing.T) {
	t.Parallel()
	text := twoEdges + regular("one", "site:Site1", "internet", "30s", "1m", "2h") + regular("three", "site:Site3", "internet", "30s", "1m", "2h") + `
[[fault]]
kind = "host_down"
start = "0s"
end = "1h"
target = { host = "Edge1" }
`
	off := step("30m", "set_connector", `connector = "EdgeSync - Site1 to Internet"`, "enabled = false")
	on := step("1h30m", "set_connector", `connector = "EdgeSync - Site1 to Internet"`, "enabled = true")
	const out = "EdgeSync - Site1 to Internet"
	count := func(w *worked, server string) float64 { return w.figure("throughput", "server="+server, "count") }

	t.Run("G-68", func(t *testing.T) { // nobody touches the connector
		t.Parallel()
		w := work(t, text)
		require.Equal(t, 60.0, w.length("h1", out, "09:30:00"), "Site1's own mail and Site3's rest in Site1")
		require.NotEmpty(t, w.events("queue.retry", "h1", "queue="+out))
		require.Empty(t, w.events("queue.retry", "h3", ""), "Site3's mail goes on to Site1")
		require.Zero(t, count(w, "Edge2"))
		require.Equal(t, 240.0, count(w, "Edge1"), "all of it once the Edge is back")
	})
	t.Run("G-69", func(t *testing.T) {
		t.Parallel()
		w := work(t, text+off)
		require.Equal(t, 60.0, w.length("h1", out, "09:29:59"))
		require.Zero(t, w.length("h1", out, "09:30:00"), "Site1's queue is resubmitted when the connector is disabled")
		require.Equal(t, 60.0, w.length("h1", "Site2", "09:30:00"), "and goes to Site2")
		require.Equal(t, 240.0, count(w, "Edge2"))
		require.Equal(t, 150.0, count(w, "h1"), "its own 120 and Site3's first 30: the rest of Site3's goes to Site2 directly")
	})
	t.Run("G-70", func(t *testing.T) {
		t.Parallel()
		still := work(t, text+off)
		require.Zero(t, count(still, "Edge1"), "the Edge has been up since 10:00 and gets nothing while its connector is disabled")
		w := work(t, text+off+on)
		require.Equal(t, 180.0, count(w, "Edge2"), "what was sent until 10:30 is not called back")
		require.Equal(t, 60.0, count(w, "Edge1"), "Site1 and Site3 use it again")
		require.Equal(t, []string{"09:30:00", "10:30:00"}, w.events("config.view", "h1", ""))
	})
}

// cut is a link that is down from t0 until an instant.
func cut(link, until string) string {
	return fmt.Sprintf("[[fault]]\nkind = \"link_down\"\nstart = \"0s\"\nend = %q\ntarget = { link = %q }\n", until, link)
}

// partner is a connector of h1 to a smart host that has no connection to spare: its only one carries a message of another connector for
// the whole run. A message a minute goes there.
const partner = `
[[remote]]
name = "full"
rtt = "0s"
max_connections_per_source = 1
session = { setup = "0s", per_message = "10h" }
[[remote]]
name = "relay"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[[connector]]
name = "first"
address_spaces = ["SMTP:first.example;1"]
source_servers = ["h1"]
smart_hosts = ["full"]
[[connector]]
name = "partner"
address_spaces = ["SMTP:partner.example;1"]
source_servers = ["h1"]
smart_hosts = ["full"]
[[load]]
id = "first"
kind = "burst"
from = "site:Site1"
to = "domain:first.example"
at = "1s"
count = 1
size = "1KB"
recipients = 1
`

// TestR6_10_ResubmissionInARun: what the mail that waits for a connector does when the connector changes.
func TestR6_10_ResubmissionInARun(t *testing.T) {
	t.Parallel()
	text := twoEdges + partner + regular("p", "site:Site1", "domain:partner.example", "30s", "1m", "2h")
	waits := func(w *worked, at string) float64 { return w.length("h1", "full", at) - 1 } // but for the one of connector "first"
	run := func(name, steps string, check func(t *testing.T, w *worked)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, text+steps)
			require.Equal(t, 31.0, waits(w, "09:30:59"))
			check(t, w)
		})
	}
	run("another list is used at once", step("31m", "set_smart_hosts", `connector = "partner"`, `smart_hosts = ["relay"]`), func(t *testing.T, w *worked) {
		require.Equal(t, 31.0, waits(w, "09:31:00"), "no resubmission")
		require.Equal(t, []string{"09:34:30"}, w.events("queue.active", "h1", "queue=full"), "the next retry goes to the new host")
		require.Zero(t, waits(w, "09:36:00"))
	})
	run("smart hosts to DNS", step("31m", "set_smart_hosts", `connector = "partner"`, `dns = true`), func(t *testing.T, w *worked) {
		require.Zero(t, waits(w, "09:31:00"))
		require.Equal(t, 31.0, w.length("h1", "partner.example", "09:31:00"))
		require.Zero(t, w.length("h1", "partner.example", "09:32:00"))
	})
	run("connector disabled", step("31m", "set_connector", `connector = "partner"`, `enabled = false`), func(t *testing.T, w *worked) {
		require.Zero(t, waits(w, "09:31:00"))
		require.Equal(t, 31.0, w.length("h1", "EdgeSync - Site1 to Internet", "09:31:00"), "the less specific connector takes it")
	})
	run("connector removed, and added again", step("31m", "remove_connector", `connector = "partner"`, "")+step("1h", "add_connector", `connector = "partner"`, ""),
		func(t *testing.T, w *worked) {
			require.Zero(t, waits(w, "09:31:00"))
			require.Equal(t, 31.0, w.length("h1", "EdgeSync - Site1 to Internet", "09:31:00"))
			require.Equal(t, 60.0, w.figure("throughput", "server=Edge1", "count"), "until 10:00")
			require.Equal(t, 60.0, waits(w, "10:59:59"))
		})
	run("cost changed", step("31m", "set_connector", `connector = "partner"`, `cost = 99`), func(t *testing.T, w *worked) {
		require.Equal(t, 120.0, waits(w, "10:59:59"))
	})
	run("a better connector is added", `
[[connector]]
name = "better"
address_spaces = ["SMTP:partner.example;1"]
source_servers = ["h1"]
smart_hosts = ["relay"]
present = false
`+step("31m", "add_connector", `connector = "better"`, ""), func(t *testing.T, w *worked) {
		require.Equal(t, 31.0, waits(w, "10:59:59"), "what waits for a connector that is still there stays with it")
	})
	run("its server goes and comes", step("31m", "remove_server", `host = "h1"`, "")+step("1h", "add_server", `host = "h1"`, ""), func(t *testing.T, w *worked) {
		require.Equal(t, 31.0, waits(w, "09:59:59"), "it stays on its disk")
		require.Equal(t, []string{"10:00:00"}, w.events("queue.retry", "h1", "queue=full")[10:11], "and is tried when the server starts")
	})
	t.Run("the server that others relay to is removed", func(t *testing.T) {
		t.Parallel()
		w := work(t, text+"[[hub]]\nname = \"h1b\"\nsite = \"Site1\"\n"+`
[[connector]]
name = "exact"
address_spaces = ["SMTP:exact.example;1"]
source_servers = ["h1b"]
smart_hosts = ["relay"]
[[fault]]
kind = "host_down"
start = "0s"
target = { host = "h1b" }
`+regular("x", "site:Site1", "domain:exact.example", "30s", "1m", "2h")+step("31m", "remove_server", `host = "h1b"`, ""))
		require.Equal(t, 31.0, w.length("h1", "h1b", "09:30:59"), "the way to the source server")
		require.Zero(t, w.length("h1", "h1b", "09:31:00"))
		require.Equal(t, 31.0, w.length("h1", "EdgeSync - Site1 to Internet", "09:31:00"), "a connector without a source server is no candidate")
	})
}

// TestD21_CostsLeaveQueuedMail: Site3 cannot reach Site1, so its mail for Site1's Edge waits. Other costs and hub flags change the way of
// what comes after, not of what waits; when Site1 loses its only hub, or is taken away, what waits goes the new way.
func TestD21_CostsLeaveQueuedMail(t *testing.T) {
	t.Parallel()
	text := twoEdges + cut("1-3", "1h30m") + regular("three", "site:Site3", "internet", "30s", "1m", "2h")
	for name, c := range map[string]struct {
		step   string
		stay   float64 // at 09:31:00, and until 10:30
		second float64 // by Edge2
	}{
		"link cost":        {step("31m", "set_link_cost", `link = "1-3"`, "cost = 25"), 31, 89}, // 125 and 120
		"exchange cost":    {step("31m", "set_link_cost", `link = "1-3"`, "exchange_cost = 25"), 31, 89},
		"other path":       {step("31m", "set_link_cost", `link = "1-3"`, "cost = 50"), 31, 120}, // over Site2, so the next retry backs off to it
		"hub flag":         {step("31m", "set_hub_site", `site = "Site1"`, "hub_site = true"), 31, 0},
		"connector cost":   {step("31m", "set_connector", `connector = "EdgeSync - Site2 to Internet"`, "cost = 1"), 31, 120}, // Site1's hub chooses again
		"all hubs lost":    {step("31m", "remove_server", `host = "h1"`, ""), 0, 120},
		"site lost":        {step("31m", "remove_site", `site = "Site1"`, ""), 0, 120},
		"connector lost":   {step("31m", "remove_connector", `connector = "EdgeSync - Site1 to Internet"`, ""), 31, 120}, // the next hop is a site
		"one of two hubs":  {"[[hub]]\nname = \"h1b\"\nsite = \"Site1\"\n" + step("31m", "remove_server", `host = "h1"`, ""), 31, 0},
		"nothing happened": {"", 31, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, text+c.step)
			require.Equal(t, 31.0, w.length("h3", "Site1", "09:30:59"))
			require.Equal(t, c.stay, w.length("h3", "Site1", "09:31:00"))
			require.Equal(t, c.second, w.figure("throughput", "server=Edge2", "count"))
			require.Equal(t, 120.0, w.figure("messages.delivered", "site=all", "total"), "what stayed is sent when the link works again")
		})
	}
}
