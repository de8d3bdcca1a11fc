package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// greyText is two mailbox servers that each send by DNS from addresses of one block, to domains of one outside system; each has one mailbox. A message takes a second from the
// instant of its attempt on.
func greyText(version, duration, faults string) string {
	return fmt.Sprintf(`
start = 2026-03-02T09:00:00Z
duration = %q
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
name = "m1"
site = "A"
public_address = "203.0.113.7"
[[mailbox]]
name = "m2"
site = "A"
public_address = "203.0.113.8"
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["m1", "m2"]
dns = true
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
`, duration, version) + faults
}

func greylist(keys string) string {
	return "[[fault]]\nid = \"grey\"\nkind = \"remote_greylist\"\ntarget = { domain = \"contoso.com\" }\nduration = \"2000h\"\n" + keys + "\n"
}

// letter is one message of so many recipients at an instant after 09:00:00.
func letter(id, from, to, at string, recipients int) string {
	return fmt.Sprintf("[[load]]\nid = %q\nkind = \"burst\"\nfrom = \"mailbox:%s\"\nto = \"domain:%s\"\nat = %q\ncount = 1\nsize = \"1KB\"\nrecipients = %d\n", id, from, to, at, recipients)
}

// TestF15_RemoteGreylist is W15: what an outside system does not know is put off, and taken when it is tried again.
func TestF15_RemoteGreylist(t *testing.T) {
	t.Parallel()
	const con, fab = "contoso.com", "fabrikam.com"
	// Either server may take what a mailbox submits.
	deferrals := func(w *worked, domain string) float64 {
		n := 0.0
		for _, m := range w.run.Summary.Metrics {
			if m.Metric == "deferrals" && m.Labels.Get("next_hop") == domain {
				n += m.Stats[0].Value
			}
		}
		return n
	}
	both := func(w *worked, kind, field string) []string {
		return append(w.events(kind, "m1", field), w.events(kind, "m2", field)...)
	}
	delays := func(w *worked) [2]float64 {
		return [2]float64{w.figure("delivery.delay", "from=all,to=all", "mean"), w.figure("delivery.delay", "from=all,to=all", "max")}
	}
	t.Run("FW-15", func(t *testing.T) {
		t.Parallel()
		w := work(t, greyText("2016", "4h", greylist("")+
			letter("first", "m1", con, "1h", 1)+letter("again", "m1", con, "1h20m", 1)+letter("other-sender", "m2", con, "1h30m", 1)+
			letter("other-domain", "m1", fab, "1h", 1)+letter("other-domain-2", "m2", fab, "1h30m", 1)))
		at := func(domain, clock string) float64 {
			return w.length("m1", domain, clock) + w.length("m2", domain, clock)
		}
		require.Equal(t, 1.0, at(con, "10:00:00"), "4xx")
		require.Equal(t, 1.0, at(con, "10:05:00"), "not after 300 s: the wait of a message is 15 min")
		require.Equal(t, 1.0, at(con, "10:15:00"), "tried again, and taken a second later")
		require.Zero(t, at(con, "10:15:01"))
		require.Zero(t, at(con, "10:20:01"), "the next of this sender is taken at once")
		require.Equal(t, 1.0, at(con, "10:44:59"), "another sender waits 15 minutes again")
		require.Zero(t, at(con, "10:45:01"))
		require.Zero(t, at(fab, "10:00:01"), "other mail is not put off")
		require.Zero(t, at(fab, "10:30:01"))
		require.ElementsMatch(t, []string{"10:00:00", "10:30:00"}, both(w, "queue.deferred", "queue="+con))
		require.Empty(t, both(w, "queue.retry", ""), "the queues stay Active")
		require.Equal(t, 2.0, deferrals(w, con))
		require.Zero(t, deferrals(w, fab))
		require.Equal(t, [2]float64{(901 + 1 + 901 + 1 + 1) / 5.0, 901}, delays(w))
		require.Equal(t, 5.0, w.figure("messages.delivered", "site=all", "total"))
	})
	t.Run("what is put off counts for no limit of a connection", func(t *testing.T) {
		t.Parallel()
		some := func(id, from string, count int) string {
			return strings.Replace(letter(id, from, con, "1h", 1), "count = 1\n", fmt.Sprintf("count = %d\n", count), 1)
		}
		// The sender on m1 is known by 10:00:00. Each server sends a message of the other sender then, which is put off, and two of his on the same connection.
		w := work(t, greyText("2016", "2h", greylist("")+letter("a", "m1", con, "0s", 1)+some("b", "m2", 2)+some("c", "m1", 4)), "remote.internet.max_messages_per_connection=2")
		sessions := w.figure("sessions", "server=m1,next_hop="+con, "total") + w.figure("sessions", "server=m2,next_hop="+con, "total")
		require.Equal(t, 1+1+2+2.0, sessions, "at 09:00:00, 09:15:00, 10:00:00 and 10:15:00")
		require.Equal(t, 7.0, w.figure("messages.delivered", "site=all", "total"))
	})
	for _, c := range []struct {
		name, version, keys, mail string
		hours                     int
		deferrals, delivered      float64
		mean, longest             float64 // seconds
	}{
		{"se tries after five minutes", "se", "", letter("x", "m1", con, "1h", 1), 2, 1, 1, 301, 301},
		{"five minutes are enough to the second, and not less", "se", `delay = "300001ms"`, letter("x", "m1", con, "1h", 1), 2, 2, 1, 601, 601},
		{"a longer delay takes more tries", "2016", `delay = "20m"`, letter("x", "m1", con, "1h", 1), 2, 2, 1, 1801, 1801},
		{"no delay", "2016", `delay = "0s"`, letter("x", "m1", con, "1h", 1), 2, 0, 1, 1, 1},
		{"the retry comes when it has been forgotten", "2016", "delay = \"1s\"\nretry_window = \"14m\"", letter("x", "m1", con, "1h", 1), 2, 5, 0, 0, 0},
		{"... and just before", "2016", "delay = \"1s\"\nretry_window = \"15m\"", letter("x", "m1", con, "1h", 1), 2, 1, 1, 901, 901},
		// Taken at 10:15:00, and known for an hour from then on, to the second.
		{"remembered", "2016", `remember = "1h"`, letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "2h15m", 1), 4, 1, 2, 451, 901},
		{"forgotten", "2016", `remember = "1h"`, letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "2h15m1s", 1), 4, 2, 2, 901, 901},
		{"known for an hour after the last", "2016", `remember = "1h"`, letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "2h10m", 1) + letter("z", "m1", con, "3h10m", 1), 5, 1, 3, (901 + 1 + 1) / 3.0, 901},
		{"35 days", "2016", "", letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "841h15m", 1), 843, 1, 2, 451, 901},
		{"35 days and a second", "2016", "", letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "841h15m1s", 1), 843, 2, 2, 901, 901},
		// The first address is known when the second message comes for three, the other two are not, and are put off with the reply to the message.
		{"two of three recipients", "2016", "", letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "2h", 3), 4, 2, 4, (901 + 1 + 902 + 902) / 4.0, 902},
		// The two are told apart from the first to the end, whom a longer delay would let pass.
		{"two of three, for longer", "2016", `delay = "20m"`, letter("x", "m1", con, "1h", 1) + letter("y", "m1", con, "2h", 3), 4, 4, 4, (1801 + 1 + 1802 + 1802) / 4.0, 1802},
		{"five, then three, then five", "2016", "", letter("x", "m1", con, "1h", 5) + letter("y", "m1", con, "2h", 3) + letter("z", "m1", con, "3h", 5), 5, 1, 13, (5*901 + 8*1) / 13.0, 901},
		{"it is over", "2016", "end = \"1h10m\"\n", letter("x", "m1", con, "1h", 1) + letter("y", "m2", con, "1h11m", 1), 4, 1, 2, 451, 901},
		{"chance is against it", "2016", "probability = 0", letter("x", "m1", con, "1h", 1), 2, 0, 1, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fault := greylist(c.keys)
			if c.keys == "end = \"1h10m\"\n" {
				fault = "[[fault]]\nid = \"grey\"\nkind = \"remote_greylist\"\ntarget = { domain = \"contoso.com\" }\n" + c.keys
			}
			w := work(t, greyText(c.version, fmt.Sprintf("%dh", c.hours), fault+c.mail), "output.sample_interval=\"1h\"")
			require.Equal(t, c.deferrals, deferrals(w, con))
			require.Equal(t, c.delivered, w.figure("messages.delivered", "site=all", "total"))
			if c.delivered > 0 {
				require.Equal(t, [2]float64{c.mean, c.longest}, delays(w))
			}
			require.Empty(t, both(w, "queue.retry", ""))
		})
	}
}

// A message is from one of the mailboxes of its server, each as likely: of 200, a hundred messages bring in about 79, and of a thousand messages later about 394 are from these.
func TestF15_GreylistedMailboxes(t *testing.T) {
	t.Parallel()
	text := greyText("2016", "4h", greylist("")+letter("few", "m1", "contoso.com", "1h", 1)+letter("many", "m1", "contoso.com", "2h", 1))
	w := work(t, text, "output.sample_interval=\"1h\"", "mailbox.m1.mailboxes=200", "load.few.count=100", "load.many.count=1000")
	put := 0.0
	for _, m := range w.run.Summary.Metrics {
		if m.Metric == "deferrals" {
			put += m.Stats[0].Value
		}
	}
	require.InDelta(t, 100+1000-394, put, 130, "five standard deviations: 20 for which are drawn, 16 for which of them")
	require.Equal(t, 1100.0, w.figure("messages.delivered", "site=all", "total"))
}

// An E-Post server tries again after 2 and after 6 minutes, and sends a message for all or for nobody; its connections count like those of others.
func TestF15_StrictWithEPost(t *testing.T) {
	t.Parallel()
	text := func(faults string) string {
		return "base = \"@faults/ref-e\"\nduration = \"1h\"\n[[epost]]\nname = \"EP1\"\nmailboxes = 1\n" + faults
	}
	t.Run("greylist", func(t *testing.T) {
		t.Parallel()
		w := work(t, text(greylist("")+letter("one", "EP1", "contoso.com", "1m", 1)+letter("three", "EP1", "contoso.com", "20m", 3)+letter("other", "EP1", "fabrikam.com", "20m", 1)))
		require.Equal(t, 5.0, w.figure("messages.delivered", "site=all", "total"))
		require.InDelta(t, (4*361+1)/5.0, w.figure("delivery.delay", "from=all,to=all", "mean"), 2, "the first, and three of whom only one was known")
		require.InDelta(t, 361, w.figure("delivery.delay", "from=all,to=all", "max"), 2)
	})
	t.Run("throttle", func(t *testing.T) {
		t.Parallel()
		fault := "[[fault]]\nid = \"strict\"\nkind = \"remote_throttle\"\ntarget = { domain = \"contoso.com\" }\nmax_connections = 5\nduration = \"1h\"\n"
		many := func(faults string) *worked {
			return work(t, text(faults+letter("x", "EP1", "contoso.com", "1m", 1)), "load.x.count=20")
		}
		longest := func(w *worked) float64 { return w.figure("delivery.delay", "from=all,to=all", "max") }
		require.Less(t, longest(many("")), 5.0, "30 threads")
		w := many(fault)
		require.Equal(t, 20.0, w.figure("messages.delivered", "site=all", "total"))
		require.InDelta(t, 721, longest(w), 5, "five at once, five after 2 and after 6 minutes, and the last after 12")
	})
}
