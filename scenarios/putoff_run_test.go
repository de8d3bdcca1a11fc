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

// TestQ7_10_OnePutOffAtRCPT is QG-23 with the answer to RCPT: of three messages that wait at 10:00:00 for an outside system that greylists, one is from a sender whom it does not know.
func TestQ7_10_OnePutOffAtRCPT(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"2016": "10:15:01", "se": "10:05:01"} {
		t.Run("QG-23 RCPT "+version, func(t *testing.T) {
			t.Parallel()
			burst := func(id, from, at string, n int) string {
				return fmt.Sprintf("[[load]]\nid = %q\nkind = \"burst\"\nfrom = %q\nto = \"domain:contoso.com\"\nat = %q\ncount = %d\nsize = \"1KB\"\nrecipients = 1\n", id, from, at, n)
			}
			w := work(t, fmt.Sprintf(`
duration = "2h"
start = "2026-03-02T09:00:00Z"
[model]
version = %q
categoriser = "off"
shadow = false
[output]
sample_interval = "1s"
series = ["queue"]
[[site]]
name = "A"
[[mailbox]]
name = "e"
site = "A"
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["e"]
smart_hosts = ["cloud"]
[[remote]]
name = "cloud"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[[fault]]
id = "grey"
kind = "remote_greylist"
target = { remote = "cloud" }
duration = "2h"
`, version)+burst("known", "mailbox:e", "1m", 1)+burst("new", "internet", "1h", 1)+burst("two", "mailbox:e", "1h", 2))
			require.Equal(t, 3.0, w.length("e", "cloud", "10:00:00"))
			require.Equal(t, 2.0, w.length("e", "cloud", "10:00:01"), "the first of the two that are known is through")
			require.Equal(t, 1.0, w.length("e", "cloud", "10:00:02"), "and the second, on the same connection")
			for at, n := 3, 1.0; at < 20*60; at++ {
				clock := fmt.Sprintf("10:%02d:%02d", at/60, at%60)
				if clock == want {
					n = 0
				}
				require.Equal(t, n, w.length("e", "cloud", clock), clock)
			}
			require.Empty(t, w.events("queue.retry", "e", ""), "never in Retry")
			require.Equal(t, 2.0, w.figure("deferrals", "server=e,next_hop=cloud", "total"), "the first of all, and this one")
			require.Equal(t, 4.0, w.figure("sessions", "server=e,next_hop=cloud", "total"), "one for each message that was put off, and for its retry")
			require.Equal(t, 4.0, w.figure("messages.delivered", "site=all", "total"))
		})
	}
}
