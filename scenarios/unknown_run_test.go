package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// pickyScenario is a hub that sends count messages of so many recipients to a system that does not know all of them: set-up 10 s, 20 s a message.
func pickyScenario(remote string, count, recipients int) string {
	return fmt.Sprintf(`
duration = "3h"
start = "2026-03-02T10:00:00Z"
[model]
version = "2010"
categoriser = "off"
[[site]]
name = "A"
[[hub]]
name = "a"
site = "A"
[[mailbox]]
name = "m"
site = "A"
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["a"]
smart_hosts = ["cloud"]
[[remote]]
name = "cloud"
rtt = "1s"
session = { setup = "10s", per_message = "20s" }
%s
[[load]]
kind = "burst"
from = "mailbox:m"
to = "domain:x.example"
at = "0s"
count = %d
size = "1KB"
recipients = %d
`, remote, count, recipients)
}

// TestQ7_10_UnknownRecipients: a 5xx is an end for the recipients that it is said to. Their sender hears of it from the server that sent the message, the
// others get it, the connection goes on, and the queue is never in Retry.
func TestQ7_10_UnknownRecipients(t *testing.T) {
	t.Parallel()
	figures := func(w *worked) (outside, bounced, ndrs float64) {
		reports := w.figure("messages.reports", "site=all", "total")
		require.Equal(t, w.figure("dsn.count", "kind=ndr", "total"), reports, "each reaches the sender")
		return w.figure("messages.delivered", "site=all", "total") - reports, w.figure("messages.bounced", "site=all", "total"), reports
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		outside, bounced, ndrs := figures(work(t, pickyScenario("", 10, 4)))
		require.Equal(t, []float64{40, 0, 0}, []float64{outside, bounced, ndrs})
	})
	t.Run("all: no body is sent", func(t *testing.T) {
		t.Parallel()
		w := work(t, pickyScenario("unknown_fraction = 1.0", 3, 4))
		outside, bounced, ndrs := figures(w)
		require.Equal(t, []float64{0, 12, 3}, []float64{outside, bounced, ndrs})
		require.Equal(t, []string{"10:00:11", "10:00:12", "10:00:13"}, w.events("dsn", "a", "dsn=ndr"), "a set-up and a round trip each, on one connection")
		require.Equal(t, 1.0, w.figure("sessions", "server=a,next_hop=cloud", "total"))
	})
	t.Run("some of each message", func(t *testing.T) {
		t.Parallel()
		w := work(t, pickyScenario("unknown_fraction = 0.5", 20, 40))
		outside, bounced, ndrs := figures(w)
		require.Equal(t, 800.0, outside+bounced)
		require.InDelta(t, 400, bounced, 70, "five standard deviations")
		require.Equal(t, 20.0, ndrs, "one report a message")
		require.Empty(t, w.events("queue.retry", "a", ""))
		require.Equal(t, "10:00:30", w.events("dsn", "a", "dsn=ndr")[0], "with the reply to the message")
	})
	t.Run("a part of many", func(t *testing.T) {
		t.Parallel()
		w := work(t, pickyScenario("unknown_fraction = 0.1", 1000, 1))
		outside, bounced, ndrs := figures(w)
		require.Equal(t, 1000.0, outside+bounced)
		require.Equal(t, bounced, ndrs)
		require.InDelta(t, 100, bounced, 48, "five standard deviations")
	})
	t.Run("the same when it is sent again", func(t *testing.T) {
		t.Parallel()
		_, once, _ := figures(work(t, pickyScenario("unknown_fraction = 0.5", 7, 40)))
		w := work(t, pickyScenario("unknown_fraction = 0.5\nconnection_timeout = \"55s\"", 7, 40))
		outside, again, _ := figures(w)
		require.NotEmpty(t, w.events("queue.retry", "a", ""), "messages are cut")
		require.Equal(t, []float64{once, 280 - once}, []float64{again, outside})
	})
}

// TestF15_GreylistedRecipients: recipients who are put off and recipients who are refused for good, of the same messages. Each is refused or taken once, whenever he is asked for.
func TestF15_GreylistedRecipients(t *testing.T) {
	t.Parallel()
	grey := "[[fault]]\nid = \"grey\"\nkind = \"remote_greylist\"\ntarget = { remote = \"cloud\" }\nstart = \"10s\"\nduration = \"3h\"\n"
	later := "[[load]]\nid = \"later\"\nkind = \"burst\"\nfrom = \"mailbox:m\"\nto = \"domain:x.example\"\nat = \"1h\"\ncount = 20\nsize = \"1KB\"\nrecipients = 60\n"
	for _, c := range []struct {
		name, remote string
		bounced, off float64
		putOff       float64 // messages: the first 20 as wholes, then 20 recipients of those that come within 300 s of the first of them
	}{
		{"all known", "", 0, 0.5, 20 + 15},
		{"half are unknown", "unknown_fraction = 0.5", 1000, 110, 20 + 15}, // 2000 draws
		{"nobody is known", "unknown_fraction = 1.0", 2000, 0.5, 20 + 20},  // no body is sent
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, pickyScenario(c.remote, 20, 40)+later+grey)
			reports := w.figure("messages.reports", "site=all", "total")
			bounced, delivered := w.figure("messages.bounced", "site=all", "total"), w.figure("messages.delivered", "site=all", "total")-reports
			require.Equal(t, 2000.0, bounced+delivered)
			require.InDelta(t, c.bounced, bounced, c.off)
			require.Equal(t, c.putOff, w.figure("deferrals", "server=a,next_hop=cloud", "total"))
			require.Empty(t, w.events("queue.retry", "a", ""))
			require.Zero(t, w.figure("messages.held", "site=all", "total"))
		})
	}
	// Cut again and again, a message is put off for the same recipients and refused for the same.
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		w := work(t, pickyScenario("unknown_fraction = 0.5\nconnection_timeout = \"55s\"", 7, 40)+later+grey)
		reports := w.figure("messages.reports", "site=all", "total")
		require.Equal(t, 7*40+20*60.0, w.figure("messages.bounced", "site=all", "total")+w.figure("messages.delivered", "site=all", "total")-reports)
		require.NotEmpty(t, w.events("queue.retry", "a", ""), "messages are cut")
	})
}
