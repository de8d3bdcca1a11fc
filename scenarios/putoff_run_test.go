package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ7_10_OnePutOffInARun is QG-23 as a whole run: a server that takes two messages a minute puts off one of three from an Edge, and the other two are delivered on
// the connection. The queue is never in Retry.
func TestQ7_10_OnePutOffInARun(t *testing.T) {
	t.Parallel()
	for version, wait := range map[string]float64{"2016": 15 * 60, "se": 5 * 60} {
		t.Run("QG-23 "+version, func(t *testing.T) {
			t.Parallel()
			w := work(t, fmt.Sprintf(`
duration = "1h"
start = "2026-03-02T10:00:00Z"
[model]
version = %q
categoriser = "off"
shadow = false
session = { setup = "2s", per_message = "2s" }
[output]
sample_interval = "10s"
[[site]]
name = "A"
[[edge]]
name = "e"
subscribed_site = "A"
[[mailbox]]
name = "b"
site = "A"
receive = { message_rate_limit = 2 }
[[load]]
kind = "burst"
from = "internet"
to = "mailbox:b"
at = "0s"
count = 3
size = "1KB"
`, version))
			require.Equal(t, 3.0, w.figure("messages.delivered", "site=all", "total"))
			require.Equal(t, 1.0, w.figure("deferrals", "server=e,next_hop=--", "total"))
			require.Equal(t, 1.0, w.length("e", "--", "10:00:20"), "two are through")
			require.InDelta(t, 6+wait+4, w.figure("delivery.delay", "from=all,to=all", "max"), 0.2, "put off at 6 s, then a connection of its own")
			require.InDelta(t, (4+6+6+wait+4)/3, w.figure("delivery.delay", "from=all,to=all", "mean"), 0.2)
			require.Empty(t, w.events("queue.retry", "e", ""))
		})
	}
}
