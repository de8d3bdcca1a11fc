package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ2_5_AQueueThatIsNotThere: an operator who names a queue is told when the server has none of that name, and what he did names the queue. One that
// is there before its first message is a name that nobody has yet.
func TestQ2_5_AQueueThatIsNotThere(t *testing.T) {
	t.Parallel()
	const text = `
start = 2026-03-02T10:00:00Z
duration = "1h"
[model]
version = "2010"
profile = "reference"
[[site]]
name = "A"
[[hub]]
name = "h"
site = "A"
[[hub]]
name = "k"
site = "A"
[[mailbox]]
name = "m"
site = "A"
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["h"]
smart_hosts = ["internet"]
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[[load]]
kind = "burst"
from = "site:A"
to = "internet"
at = "10m"
count = 1
size = "10KB"
[[action]]
at = "5m"
action = "suspend_queue"
duration = "0s"
target = { host = "h", queue = "out" }
[[action]]
at = "20m"
action = "suspend_queue"
duration = "0s"
target = { host = "h", queue = "out" }
[[action]]
at = "21m"
action = "resume_queue"
duration = "0s"
target = { host = "h", queue = "Unreachable" }
[[action]]
at = "22m"
action = "resume_queue"
duration = "0s"
target = { host = "h" }
[[action]]
at = "23m"
action = "retry_queue"
duration = "0s"
target = { host = "k", queue = "out" }
`
	w := work(t, text)
	var told []string
	for _, e := range w.run.Events {
		if e.Kind == "remedy" {
			failed := ""
			for _, f := range e.Fields {
				if f.Key == "failed" {
					failed = "! "
				}
			}
			told = append(told, w.clock(e.Time)+" "+e.Server+" "+failed+e.Text)
		}
	}
	require.Equal(t, []string{
		"10:05:00 h ! operator: suspend_queue out on h failed: h has no queue of this name",
		"10:20:00 h operator: suspend_queue out on h done",
		"10:21:00 h operator: resume_queue Unreachable on h done",
		"10:22:00 h operator: resume_queue h done",
		"10:23:00 k ! operator: retry_queue out on k failed: k has no queue of this name",
	}, told)
}
