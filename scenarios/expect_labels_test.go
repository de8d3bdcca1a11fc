package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Labels that something of the scenario has, or that only a run makes up, are none to complain of.
func TestLabelsThatCanMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ metric, where, stat string }{
		{"queue.length", `{ server = "a*", next_hop = "anything", delivery_type = "*", connector = "out" }`, "max"},
		{"queue.length", `{ connector = "" }`, "max"}, // queues that are not a connector's
		{"server.connections", `{ server = "ae1" }`, "max"},
		{"messages.held", `{ site = "internet" }`, "total"},
		{"messages.held", `{ site = "a*" }`, "total"},
		{"submission_pending", `{ site = "internet" }`, "max"},
		{"delivery.delay", `{ from = "internet", to = "B" }`, "max"},
		{"delivery.delay", `{ from = "A", to = "all" }`, "max"},
		{"delivery.copies", `{ to = "internet" }`, "total"},
		{"throughput", `{ site_pair = "A>*" }`, "mean"},
		{"throughput", `{ site_pair = "*" }`, "mean"},
		{"link.utilisation", `{ link = "B-C", direction = "up" }`, "max"},
		{"drain.time", `{ fault = "link_down-1" }`, "max"},
	} {
		require.Empty(t, warningsOf(t, `
[[fault]]
kind = "link_down"
target = { link = "A-B" }
start = "1h"
duration = "1h"
[output]
series = ["server", "site_pair"]
[[expect]]
metric = "`+c.metric+`"
where = `+c.where+`
stat = "`+c.stat+`"
must = ">= 0"
`), c.where)
	}
}
