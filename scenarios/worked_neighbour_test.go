package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF1_OneOfTwoHubs is W25: of two hubs of a site one has a wrong clock. 120 messages an hour go from A to B, which AM1 hands to its two hubs in
// turn, and 60 from B to A.
func TestF1_OneOfTwoHubs(t *testing.T) {
	t.Parallel()
	t.Run("FW-25", func(t *testing.T) {
		t.Parallel()
		text := ref3(at1000, "3h") +
			regular("ab", "site:A", "site:B", "15s", "30s", "3h") + regular("ba", "site:B", "site:A", "20s", "1m", "3h") + regular("aa", "site:A", "site:A", "5s", "1m", "3h") + `
[[fault]]
id = "a1-fast"
kind = "clock_skew"
target = { host = "A1" }
start = "0s"
offset = "+7m"
self_correct = false
`
		w := work(t, text)
		grows := w.length("A1", "B", "12:00:00") - w.length("A1", "B", "11:00:00")
		require.InDelta(t, 60, grows, 3, "A1's queue to B grows by 60 an hour")
		require.LessOrEqual(t, w.figure("queue.length", "server=A2,next_hop=B,delivery_type=SmtpRelayToRemoteAdSite,connector=", "max"), 1.0, "its neighbour's does not")
		require.Empty(t, w.events("queue.retry", "A2", ""))
		require.LessOrEqual(t, w.figure("queue.length", "server=B1,next_hop=A,delivery_type=SmtpRelayToRemoteAdSite,connector=", "max"), 1.0, "towards A nothing waits")
		require.Empty(t, w.events("queue.retry", "B1", ""))
		atA1 := len(w.events("auth.failed", "A1", ""))
		require.InDelta(t, 90, atA1, 5, "about half of 180 sessions try A1 first, and succeed on A2")
		require.Equal(t, len(w.events("queue.retry", "A1", "queue=B")), len(w.events("auth.failed", "B1", "")), "B1 logs A1's own attempts")
		require.InDelta(t, 180, w.figure("messages.held", "site=A", "total"), 3, "half of 360: half of the users of A complain")
		require.Zero(t, w.figure("messages.held", "site=B", "total"))
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=A", "max"), 10.0, "all users of B are content: what they send arrives")
	})
}
