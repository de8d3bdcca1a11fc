package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ2_1_FiguresOfEveryQueueOnce: queues that look alike are told apart, or reported as one; each figure stands in a result once.
func TestQ2_1_FiguresOfEveryQueueOnce(t *testing.T) {
	t.Parallel()
	const base = `
start = 2026-01-05T00:00:00Z
duration = "20m"
[model]
version = "%s"
[[site]]
name = "A"
[[dc]]
name = "d"
site = "A"
[[mailbox]]
name = "M0"
site = "A"
%s
[[mailbox]]
name = "M1"
site = "A"
%s
[[load]]
id = "l"
kind = "regular"
from = "site:A"
to = "%s"
every = "1s"
until = "19m"
size = "10KB"
%s
`
	const group = `
[[group]]
name = "all"
members = ["site:A"]
expansion_server = "M1"
`
	const dag = `
[[dag]]
name = "g"
members = ["M0", "M1"]
databases = [{ name = "x", active = "M0", copies = ["M0", "M1"] }]
[[action]]
at = "10m"
action = "activate_copy"
target = { database = "x" }
`
	const move = `
[[action]]
at = "10m"
action = "move_mailbox"
target = { host = "M0" }
to = "M1"
`
	none, xy, yx, xz := "", `databases = ["x", "y"]`, `databases = ["y", "x"]`, `databases = ["x", "z"]`
	for name, c := range map[string]struct {
		first, second, to, more string
		queues                  []string // into stores, from M0
	}{
		"one name on two servers":              {xy, xz, "site:A", "", []string{"x on M0", "y", "x on M1", "z"}},
		"mailboxes that move":                  {none, none, "site:A", move, []string{"M0", "M1", "M0 on M1"}},
		"mailboxes that move to the same name": {yx, xz, "site:A", move, []string{"x on M0", "y", "x on M1", "z", "y on M1"}},
		"copies of one database":               {xy, `databases = ["z"]`, "site:A", dag, []string{"x", "y", "x on M1", "z"}},
		"a copy that two members declare":      {yx, xz, "site:A", dag, []string{"x", "y", "x on M1", "z"}},
		"a relay to a server and its store":    {none, none, "group:all", group, []string{"M0", "M1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := c.more
			if c.to != "site:A" { // and mail to the members themselves, so that M0 has both kinds of queue for M1
				mail += "[[load]]\nid = \"direct\"\nkind = \"regular\"\nfrom = \"site:A\"\nto = \"site:A\"\nevery = \"1s\"\nuntil = \"19m\"\nsize = \"10KB\"\n"
			}
			w := work(t, fmt.Sprintf(base, "2013", c.first, c.second, c.to, mail))
			seen := map[string]bool{}
			var queues []string
			sessions := 0.0
			for _, m := range w.run.Summary.Metrics {
				key := m.Metric + "{" + m.Labels.String() + "}"
				require.False(t, seen[key], "%s twice", key)
				seen[key] = true
				if m.Metric == "queue.length" && m.Labels[0].Value == "M0" && m.Labels[2].Value == "SmtpDeliveryToMailbox" {
					queues = append(queues, m.Labels[1].Value)
				}
				if m.Metric == "sessions" && m.Labels[0].Value == "M0" && m.Labels[1].Value == "M1" {
					sessions += m.Stats[0].Value
				}
			}
			require.ElementsMatch(t, c.queues, queues)
			if c.to != "site:A" {
				relay := w.figure("queue.length", "server=M0,next_hop=M1,delivery_type=SmtpRelayToServers,connector=", "max")
				require.Positive(t, relay)
				require.Greater(t, sessions, 1.0)
			}
		})
	}
}
