package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDrainTimeCountsFromBeforeTheFault: h1 holds ten messages when it crashes at 10:10 and loses them; when it is back at 10:12 there are four at
// h2. That is less than before, so nothing is to drain. The sample of 10:10 itself, which knows nothing of the ten, is not before.
func TestDrainTimeCountsFromBeforeTheFault(t *testing.T) {
	t.Parallel()
	w := work(t, `
start = 2026-03-02T10:00:00Z
duration = "20m"
[model]
version = "2007"
profile = "reference"
[[site]]
name = "A"
[[site]]
name = "B"
[[site]]
name = "C"
[[link]]
name = "ac"
sites = ["A", "C"]
rtt = "0s"
[[link]]
name = "bc"
sites = ["B", "C"]
rtt = "0s"
[[hub]]
name = "h1"
site = "A"
[[hub]]
name = "h2"
site = "B"
[[hub]]
name = "h3"
site = "C"
[[mailbox]]
name = "a"
site = "A"
[[mailbox]]
name = "b"
site = "B"
[[mailbox]]
name = "c"
site = "C"
[defaults.load]
to = "mailbox:c"
kind = "burst"
size = "1KB"
[[load]]
from = "mailbox:a"
at = "5m"
count = 10
[[load]]
from = "mailbox:b"
at = "11m"
count = 4
[[fault]]
id = "no-way"
kind = "link_down"
target = { link = ["ac", "bc"] }
start = "1m"
[[fault]]
id = "crash"
kind = "host_down"
target = { host = "h1" }
queue_db = "lost"
start = "10m"
duration = "2m"
[output]
sample_interval = "1m"
`)
	require.Equal(t, 10.0, w.figure("messages.lost", "site=all", "total"))
	require.Equal(t, 4.0, w.figure("messages.held", "site=all", "total"))
	require.Zero(t, w.figure("drain.time", "fault=crash", "last"))
}
