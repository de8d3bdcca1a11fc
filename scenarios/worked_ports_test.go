package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
)

// block is a port_block of ref2 from 10:10 to 11:10, with direction = "to".
func block(src, dst, ports, more string) string {
	return fmt.Sprintf("[[fault]]\nid = \"wall\"\nkind = \"port_block\"\nstart = \"10m\"\nend = \"70m\"\ndirection = \"to\"\nsrc = { %s }\ndst = { %s }\nports = %s\n%s\n", src, dst, ports, more)
}

// walled is ref2 from 10:00 to 12:00 with mail A to B, B to A and A to the internet each 30 s.
func walled(version, faults string) string {
	text := strings.Replace(fmt.Sprintf(ref2Written, at1000, "2h", 10, 10), `version = "2007"`, "version = \""+version+"\"", 1)
	if version == "2016" {
		text = strings.NewReplacer("[[hub]]", "[[mailbox]]", "name = \"A1\"\nsite = \"A\"", "name = \"A1\"\nsite = \"A\"\nmailboxes = 50", "name = \"B1\"\nsite = \"B\"",
			"name = \"B1\"\nsite = \"B\"\nmailboxes = 50").Replace(text)
	}
	return text + regular("ab", "site:A", "site:B", "15s", "30s", "2h") + regular("ba", "site:B", "site:A", "15s", "30s", "2h") +
		regular("ai", "site:A", "internet", "15s", "30s", "2h") + faults
}

// TestF6_Ports goes through the table of ports: what each breaks, and what goes on.
func TestF6_Ports(t *testing.T) {
	t.Parallel()
	ladder := []string{"10:10:15", "10:11:15", "10:12:15", "10:13:15", "10:14:15", "10:19:15", "10:24:15", "10:29:15", "10:34:15", "10:39:15", "10:44:15", "10:54:15", "11:04:15"}
	for _, c := range []struct {
		name, text string
		retries    map[string]int // by server; the others have none
	}{
		{"25 between hubs", walled("2007", block(`host = "A1"`, `host = "B1"`, "[25]", "")), map[string]int{"A1": 13}},
		{"25 both ways", walled("2007", strings.Replace(block(`host = "A1"`, `host = "B1"`, "[25]", ""), `"to"`, `"both"`, 1)), map[string]int{"A1": 13, "B1": 13}},
		{"25 the other way", walled("2007", strings.Replace(block(`host = "A1"`, `host = "B1"`, "[25]", ""), `"to"`, `"from"`, 1)), map[string]int{"B1": 13}},
		{"25 to the Edge", walled("2007", block(`site = "A"`, `role = "edge"`, "25", "")), map[string]int{"A1": 13}},
		{"25 by UDP", walled("2007", block(`host = "A1"`, `host = "B1"`, "[25]", `proto = "udp"`)), nil},
		{"a range", walled("2007", block(`host = "A1"`, `host = "B1"`, `["1-1023"]`, "")), map[string]int{"A1": 13}},
		{"2525 in 2007", walled("2007", block(`host = "A1"`, `host = "B1"`, `["2500-2600"]`, "")), nil},
		{"tickets are cached", walled("2007", block(`host = ["A1", "B1"]`, `role = "dc"`, "[88]", "")), nil},
		{"time, replication, EdgeSync", walled("2007", block(`site = ["A", "B"]`, `role = ["dc", "edge"]`, `[123, 135, "49152-65535"]`, "")), nil},
		{"verbs", walled("2007", block(`host = "A1"`, `host = "B1"`, "[25]", `action = "strip_esmtp"`)), map[string]int{"A1": 13}},
		{"verbs to an Edge", walled("2007", block(`host = "A1"`, `role = "edge"`, "[25]", `action = "strip_esmtp"`)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, c.text)
			for _, server := range []string{"A1", "B1", "AE1", "BE1"} {
				retries := w.events("queue.retry", server, "")
				require.Len(t, retries, c.retries[server], "%s: %v", server, retries)
				if len(retries) == len(ladder) {
					require.Equal(t, ladder, retries, server)
				}
			}
			require.Zero(t, w.figure("messages.bounced", "site=all", "total"))
		})
	}
}

// TestF6_SessionsGoOn: a block is felt by new connections only. 60 messages that take a minute on one connection are through before it ends.
func TestF6_SessionsGoOn(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf(ref2, at1000, "1h", 10, 10) + "[[load]]\nid = \"burst\"\nkind = \"burst\"\nfrom = \"site:A\"\nto = \"site:B\"\nat = \"0s\"\ncount = 15\nsize = \"1KB\"\nrecipients = 1\n" +
		regular("late", "site:A", "site:B", "10m", "1h", "1h") + `
[[fault]]
kind = "port_block"
start = "5s"
src = { host = "A1" }
dst = { host = "B1" }
ports = [25]
  [[fault.remedy]]
  action = "unblock_port" # 10:10:05 to 10:40:05
  after = "10m"
`
	w := work(t, text)
	require.Equal(t, "10:10:00", w.events("queue.retry", "A1", "")[0], "the 15 messages of the open connection are through by then")
	require.Equal(t, []string{"10:44:00"}, w.events("queue.active", "A1", ""), "the first attempt after 30 minutes of work on the filter")
	require.Equal(t, 16.0, w.figure("messages.delivered", "site=all", "total"))
}

// TestF6_HowLongAnAttemptTakes: 21 s where the filter drops, nothing where it rejects.
func TestF6_HowLongAnAttemptTakes(t *testing.T) {
	t.Parallel()
	for action, first := range map[string]string{"drop": "10:10:36", "reject": "10:10:15"} {
		text := strings.Replace(walled("2007", block(`host = "A1"`, `host = "B1"`, "[25]", "action = \""+action+"\"")), "[model]", "[model]\nfailed_connect = \"21s\"", 1)
		require.Equal(t, first, work(t, text).events("queue.retry", "A1", "")[0], action)
	}
}

// TestF6_LaterPort: servers of 2013 and later talk to each other on port 2525, and to Edges on 25.
func TestF6_LaterPort(t *testing.T) {
	t.Parallel()
	for ports, from := range map[string][]string{"[2525]": {"A1"}, "[25]": nil} {
		w := work(t, walled("2016", block(`host = ["A1", "AM1"]`, `host = ["B1", "BM1"]`, ports, "")))
		var got []string
		for _, server := range []string{"A1", "B1"} {
			if len(w.events("queue.retry", server, "")) > 0 {
				got = append(got, server)
			}
		}
		require.Equal(t, from, got, ports)
	}
}

// TestF6_Replication: without port 135, or without all dynamic ports, the edit of 10:30 that B1 would know at 12:00:10 stays unknown until the
// pull after the block. EdgeSync is the same for the Edge: its tick of 11:00.
func TestF6_Replication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ports string
		b1    []string
		ae1   []string
	}{
		"mapper":          {"[135]", []string{"15:00:10"}, []string{"11:00:00"}},
		"dynamic ports":   {`["49152-65535"]`, []string{"15:00:10"}, []string{"14:00:00"}}, // EdgeSync's among them
		"some of them":    {`["49152-50000"]`, []string{"12:00:10"}, []string{"11:00:00"}},
		"EdgeSync":        {"[50636]", []string{"12:00:10"}, []string{"14:00:00"}},
		"tickets of both": {"[88]", []string{"12:00:10"}, []string{"11:00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := fmt.Sprintf(ref2, at1000, "6h", 10, 10) + regular("ab", "site:A", "site:B", "15s", "1h", "6h") + fmt.Sprintf(`
[[fault]]
kind = "port_block"
start = "10m"
end = "3h10m"
src = { role = ["dc", "hub"] }
dst = { role = ["dc", "edge"] }
ports = %s
[[action]]
at = "29m"
action = "set_connector"
target = { connector = "C-A" }
cost = 20
dc = "AD1"
`, c.ports)
			w := work(t, text)
			require.Equal(t, []string{"10:30:05"}, w.events("config.view", "A1", ""))
			require.Equal(t, c.b1, w.events("config.view", "B1", ""))
			require.Equal(t, c.ae1, w.events("config.view", "AE1", ""))
		})
	}
}

// TestF6_TimeIsLost: without port 123 from t0 on a host is out of step 49,152 s after its last sample, says so once, and drifts by itself
// from then on; what it has gained is stepped or slewed away after the block.
func TestF6_TimeIsLost(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf(ref2, "2026-03-02T00:00:00Z", "40h", 10, 10) + regular("ab", "site:A", "site:B", "0s", "1h", "40h") + `
[[fault]]
kind = "port_block"
start = "0s"
end = "30h"
src = { host = "A1" }
dst = { role = "dc" }
ports = [123]
proto = "udp"
`
	w := work(t, text, "output.sample_interval=1h")
	require.Equal(t, []string{"13:39:12"}, w.events("clock.unsynchronised", "A1", "source=W32Time"), "13 h 39 min 12 s")
	for _, e := range w.run.Events {
		if e.Kind == "clock.unsynchronised" {
			require.Equal(t, 36, e.ID)
			require.Equal(t, simtime.Time(49152e9), e.Time)
			require.Equal(t, "warning", value(e, "level"))
		}
	}
	require.Empty(t, w.events("queue.retry", "A1", ""), "a drift of a quartz breaks nothing for months")
}
