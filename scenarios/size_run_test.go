package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ5_4_LargestMessage: a server refuses what is larger than it takes, at MAIL and for good. A hub returns the message to its sender, and sends the next
// one on the same connection; of mail from outside there is no report here, as the sender's own system makes it.
func TestQ5_4_LargestMessage(t *testing.T) {
	t.Parallel()
	const text = `
start = 2026-03-02T10:00:00Z
duration = "2h"
[model]
version = "2010"
profile = "reference"
max_send_size = "50MB"
max_receive_size = "50MB"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
rtt = "100ms"
bandwidth = "unlimited"
[[hub]]
name = "a1"
site = "A"
[[hub]]
name = "b1"
site = "B"
receive = { max_message_size = "5MB" }
[[mailbox]]
name = "ma"
site = "A"
[[mailbox]]
name = "mb"
site = "B"
[[edge]]
name = "e"
subscribed_site = "B"
receive = { max_message_size = "1MB" }
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["e"]
smart_hosts = ["internet"]
[[remote]]
name = "internet"
rtt = "0s"
`
	burst := func(from, at, size string) string {
		return fmt.Sprintf("[[load]]\nkind = \"burst\"\nfrom = %q\nto = \"site:B\"\nat = %q\ncount = 1\nsize = %q\n", from, at, size)
	}
	for name, c := range map[string]struct {
		load                        string
		delivered, bounced, reports float64
		texts                       []string
	}{
		"just that size":     {burst("site:A", "10m", "5MB"), 1, 0, 0, nil},
		"one byte more":      {burst("site:A", "10m", "5242881B"), 1, 1, 1, []string{"552 5.3.4 Message size exceeds fixed maximum message size"}}, // the report is delivered
		"others get through": {burst("site:A", "10m", "6MB") + burst("site:A", "10m", "4MB") + burst("site:A", "10m", "6MB"), 3, 2, 2, []string{"552 5.3.4 Message size exceeds fixed maximum message size", "552 5.3.4 Message size exceeds fixed maximum message size"}},
		"inside the site":    {burst("site:B", "10m", "6MB"), 1, 0, 0, nil},
		"from outside":       {burst("internet", "10m", "2MB"), 0, 1, 0, nil},
		"small from outside": {burst("internet", "10m", "1MB"), 1, 0, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, text+c.load)
			var texts []string
			for _, e := range w.run.Events {
				if e.Kind == "dsn" {
					require.Equal(t, "a1", e.Server)
					texts = append(texts, e.Text)
				}
			}
			require.Equal(t, c.texts, texts)
			require.Equal(t, []float64{c.delivered, c.bounced, c.reports}, []float64{
				w.figure("messages.delivered", "site=all", "total"), w.figure("messages.bounced", "site=all", "total"), w.figure("messages.reports", "site=all", "total"),
			})
			if name == "others get through" {
				require.InDelta(t, 1, w.figure("sessions", "server=a1,next_hop=B", "total"), 0)
				require.InDelta(t, 0, w.figure("deferrals", "server=a1,next_hop=B", "total"), 0)
			}
		})
	}
}
