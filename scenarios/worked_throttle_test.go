package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// behindNAT is W14's organisation: three servers that each send the mail of their own mailboxes to one outside system, 2 s a message and no set-up. keys are of the servers.
func behindNAT(keys, faults string, counts ...int) string {
	text := `
start = 2026-03-02T09:00:00Z
duration = "10m"
seed = 1
[model]
version = "2010"
profile = "reference"
[[remote]]
name = "eop"
rtt = "0s"
session = { setup = "0s", per_message = "2s" }
[output]
sample_interval = "1s"
series = ["queue", "server"]
[defaults.hub]
` + keys + "\n" + faults
	for i, n := range counts {
		text += fmt.Sprintf("[[site]]\nname = \"S%[1]d\"\n[[hub]]\nname = \"e%[1]d\"\nsite = \"S%[1]d\"\n[[mailbox]]\nname = \"e%[1]d\"\nsite = \"S%[1]d\"\n"+
			"[[load]]\nid = \"b%[1]d\"\nkind = \"burst\"\nfrom = \"site:S%[1]d\"\nto = \"internet\"\nat = \"0s\"\ncount = %[2]d\nsize = \"1KB\"\nrecipients = 1\n"+
			"[[connector]]\nname = \"out%[1]d\"\naddress_spaces = [\"SMTP:*;1\"]\nsource_servers = [\"e%[1]d\"]\nsmart_hosts = [\"eop\"]\nscoped = true\n", i+1, n)
	}
	return text
}

func throttle(keys string) string {
	return "[[fault]]\nid = \"eop\"\nkind = \"remote_throttle\"\nduration = \"8h\"\n" + keys + "\n"
}

// TestF15_RemoteThrottle is W14 as a fault: servers behind one address share what an outside system takes from it.
func TestF15_RemoteThrottle(t *testing.T) {
	t.Parallel()
	const nat = "target = { remote = \"eop\" }\nshared_by = { role = \"hub\" }\n"
	refusals := func(w *worked) float64 {
		n := 0.0
		for _, m := range w.run.Summary.Metrics {
			if m.Metric == "refusals" {
				n += m.Stats[0].Value
			}
		}
		return n
	}
	for _, c := range []struct {
		name, keys, faults string
		counts             []int
		open, done         []float64
		refused            float64 // at least; 0: none
	}{
		{"FW-14 ceiling=20", "max_per_domain_outbound_connections = 20", nat, []int{500, 500, 500}, []float64{17, 17, 16}, []float64{60, 60, 64}, 10},
		{"FW-14 the remedy: ceiling=16", "max_per_domain_outbound_connections = 16", nat, []int{500, 500, 500}, []float64{16, 16, 16}, []float64{64, 64, 64}, 0},
		{"FW-14 ceiling=20 k=20", "max_per_domain_outbound_connections = 20\nmax_messages_per_connection = 20", nat, []int{500, 500, 500}, []float64{17, 17, 16}, []float64{80, 80, 80}, 10},
		{"FW-14 ceiling=16 k=20", "max_per_domain_outbound_connections = 16\nmax_messages_per_connection = 20", nat, []int{500, 500, 500}, []float64{16, 16, 16}, []float64{80, 80, 80}, 0},
		{"FW-14 the system closes after 20", "max_per_domain_outbound_connections = 20", nat + "max_messages_per_connection = 20", []int{500, 500, 500}, []float64{17, 17, 16}, []float64{80, 80, 80}, 10},
		{"FW-14 300 queued open 15", "", nat, []int{300}, []float64{15}, []float64{40}, 0},
		{"FW-14 threshold 5: 20 at 100 queued", "connection_threshold = 5", nat, []int{100}, []float64{20}, []float64{10}, 0},
		{"each has an address of its own", "", "target = { remote = \"eop\" }", []int{500, 500, 500}, []float64{20, 20, 20}, []float64{50, 50, 50}, 0},
		{"public_address tells", "public_address = \"nat\"", "target = { remote = \"e*\" }", []int{500, 500, 500}, []float64{17, 17, 16}, []float64{60, 60, 64}, 10},
		{"two of three share", "", "target = { remote = \"eop\" }\nshared_by = { host = [\"e1\", \"e2\"] }\nmax_connections = 30", []int{500, 500, 500}, []float64{15, 15, 20}, []float64{68, 68, 50}, 10},
		{"a connector", "", "target = { connector = \"out2\" }\nmax_connections = 10", []int{400, 400}, []float64{20, 10}, []float64{40, 80}, 10},
		{"chance is against it", "", nat + "probability = 0", []int{500, 500, 500}, []float64{20, 20, 20}, []float64{50, 50, 50}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, behindNAT(c.keys, throttle(c.faults), c.counts...))
			var open, done []float64
			for i := range c.counts {
				open = append(open, w.connectionsAt(fmt.Sprintf("e%d", i+1), "09:00:01"))
				done = append(done, w.emptyAt(fmt.Sprintf("e%d", i+1)))
			}
			require.Equal(t, c.open, open)
			require.Equal(t, c.done, done)
			if c.refused > 0 {
				require.GreaterOrEqual(t, refusals(w), c.refused, "a 421 for each further try")
			} else {
				require.Zero(t, refusals(w))
			}
			for i := range c.counts {
				require.Empty(t, w.events("queue.retry", fmt.Sprintf("e%d", i+1), ""), "each has a connection: Q-5.2")
			}
		})
	}
	t.Run("FW-14 the remedy while it lasts", func(t *testing.T) {
		t.Parallel()
		lower := func(at string, most int) string {
			return fmt.Sprintf("[[fault.remedy]]\naction = \"set_connector\"\nafter = %q\nduration = \"0s\"\ntarget = { connector = \"out*\" }\nmax_per_domain_outbound_connections = %d\n", at, most)
		}
		w := work(t, behindNAT("max_messages_per_connection = 5", throttle(nat)+lower("31s", 16)+lower("91s", 20), 3000, 3000, 3000))
		at := func(clock string) (open []float64) {
			for i := 1; i <= 3; i++ {
				open = append(open, w.connectionsAt(fmt.Sprintf("e%d", i), clock))
			}
			return open
		}
		require.Equal(t, []float64{17, 17, 16}, at("09:00:30"))
		require.Equal(t, []float64{17, 17, 16}, at("09:00:39"), "what is open stays to its fifth message")
		require.Equal(t, []float64{16, 16, 16}, at("09:00:41"))
		require.Equal(t, []float64{16, 16, 16}, at("09:01:30"))
		require.Equal(t, []float64{17, 17, 16}, at("09:01:32"), "the ceiling is higher again, and nobody waits for a message")
	})
	t.Run("the lower limit of a connection counts", func(t *testing.T) {
		t.Parallel()
		for own, want := range map[int]float64{5: 20, 200: 10} { // messages on a connection that the system takes anyway: connections
			w := work(t, behindNAT("", throttle("target = { remote = \"eop\" }\nmax_messages_per_connection = 10"), 100), fmt.Sprintf("remote.eop.max_messages_per_connection=%d", own))
			n := 0.0
			for _, m := range w.run.Summary.Metrics {
				if m.Metric == "sessions" && m.Labels.Get("server") == "e1" {
					n += m.Stats[0].Value
				}
			}
			require.Equal(t, want, n)
		}
	})
	t.Run("FW-14 in rounds", func(t *testing.T) {
		t.Parallel()
		w := work(t, behindNAT("", throttle(nat+"max_connections = 2"), 100, 100, 100))
		require.Equal(t, []float64{1, 1, 0}, []float64{w.connectionsAt("e1", "09:00:01"), w.connectionsAt("e2", "09:00:01"), w.connectionsAt("e3", "09:00:01")})
		require.Equal(t, []string{"09:00:00"}, w.events("queue.retry", "e3", "")[:1], "who gets none is in Retry (Q-7.1)")
	})
	// Two connections are taken, whatever becomes of those before: with one message on each they are opened 100 times, and lost while they are up or are set up. 100 messages take 100 s, and as
	// long as the outage and what it breaks; with a set-up of 3 s, one at a
	// time while more are refused, 9 are through before it, and a message follows every 3 s from 09:01:36 on.
	const outage = "[[fault]]\nid = \"away\"\nkind = \"remote_down\"\nstart = \"31s\"\nduration = \"50s\"\ntarget = { remote = \"eop\" }\n"
	for _, c := range []struct {
		name, setup, more string
		done              float64
	}{
		{"connections that are used up", "0s", "", 100},
		{"an outage", "0s", outage, 30 + 61 + 70},
		{"an outage while connections are set up", "3s", outage, 96 + 90*3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := behindNAT("connection_threshold = 1", throttle("target = { remote = \"eop\" }\nmax_connections = 2\nmax_messages_per_connection = 1")+c.more, 100)
			w := work(t, text, `remote.eop.session={ setup = "`+c.setup+`", per_message = "2s" }`)
			require.Equal(t, c.done, w.emptyAt("e1"))
			for at := 1; at < int(c.done); at++ {
				require.LessOrEqual(t, w.connectionsAt("e1", fmt.Sprintf("09:%02d:%02d", at/60, at%60)), 2.0)
			}
		})
	}
}

// TestF15_Surge: a source that suddenly sends much more than the day before is put off by half for six hours.
func TestF15_Surge(t *testing.T) {
	t.Parallel()
	const (
		fault = "[[fault]]\nid = \"con\"\nkind = \"remote_throttle\"\ntarget = { domain = \"contoso.com\" }\nshared_by = { host = \"m*\" }\nduration = \"100h\"\n"
		burst = "[[load]]\nid = \"burst\"\nkind = \"burst\"\nfrom = \"mailbox:m1\"\nto = \"domain:contoso.com\"\nat = %q\ncount = %d\nsize = \"1KB\"\nrecipients = 1\n"
	)
	for _, c := range []struct {
		name, faults, more string
		at                 []string
		messages           float64 // of the penalty
	}{
		// A message a minute: of the burst the 304th is one too many, as 60 + 304 are more than five times a 24th of 1440 + 304. It begins 15 s after the first, on one of 20 connections. Of 97
		// and 360 messages each is put off once on average.
		{"a burst after a day", fault, fmt.Sprintf(burst, "25h30s", 400), []string{"10:00:45"}, 457},
		{"a burst that is small enough", fault, fmt.Sprintf(burst, "25h30s", 290), nil, 0},
		{"a burst before there is a mean", fault, fmt.Sprintf(burst, "4h30s", 400), nil, 0},
		{"all of it", fault + "defer_fraction = 1\npenalty = \"1h\"\n", fmt.Sprintf(burst, "25h30s", 400), []string{"10:00:45"}, -1},
		{"a larger factor", fault + "surge_factor = 20\n", fmt.Sprintf(burst, "25h30s", 400), nil, 0},
		{"before the fault", fault + "start = \"26h1m\"\n", fmt.Sprintf(burst, "25h30s", 400), nil, 0},
		{"to another domain", fault, "[[load]]\nid = \"x\"\nkind = \"burst\"\nfrom = \"mailbox:m1\"\nto = \"domain:fabrikam.com\"\nat = \"25h30s\"\ncount = 400\nsize = \"1KB\"\nrecipients = 1\n", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, greyText("2016", "40h", c.faults+regular("steady", "mailbox:m1", "domain:contoso.com", "0s", "1m", "36h")+c.more), `output.sample_interval="1h"`)
			require.Equal(t, c.at, append(w.events("remote.penalty", "m1", ""), w.events("remote.penalty", "m2", "")...))
			put := 0.0
			for _, m := range w.run.Summary.Metrics {
				if m.Metric == "deferrals" {
					put += m.Stats[0].Value
				}
			}
			switch {
			case c.messages > 0:
				require.InDelta(t, c.messages, put, 150, "five standard deviations")
			case c.messages < 0: // 97 in the first hour, four times each, and 60 more between once and four times
				require.InDelta(t, 97*4+60*2.5, put, 5)
			default:
				require.Zero(t, put)
			}
			require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total"))
			require.Zero(t, w.figure("messages.bounced", "site=all", "total"))
		})
	}
}
