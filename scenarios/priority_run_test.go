package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// classScenario is a hub with keys of its own whose mail of three priorities goes to a site behind a link that an outage may cut.
func classScenario(keys, outage string, count int, size string) string {
	text := fmt.Sprintf(`
duration = "6h"
start = "2026-03-02T08:00:00Z"
[model]
version = "2010"
categoriser = "off"
session = { setup = "1s", per_message = "100s" }
[output]
series = ["queue"]
sample_interval = "10s"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
cost = 10
[[hub]]
name = "a"
site = "A"
%s
[[mailbox]]
name = "am"
site = "A"
[[hub]]
name = "b"
site = "B"
[[mailbox]]
name = "bm"
site = "B"
%s
`, keys, outage)
	for _, priority := range []string{"high", "normal", "low"} {
		text += fmt.Sprintf("[[load]]\nid = %q\nkind = \"burst\"\nfrom = \"mailbox:am\"\nto = \"mailbox:bm\"\nat = \"0s\"\ncount = %d\nsize = %q\npriority = %q\n", priority, count, size, priority)
	}
	return text
}

const linkDown = "[[fault]]\nkind = \"link_down\"\nstart = \"0s\"\ntarget = { link = \"A-B\" }"

// TestQ9_1_TimesOfAScenario: the sender is told of a delay, and gets his message back, at the times that the server has for its class.
func TestQ9_1_TimesOfAScenario(t *testing.T) {
	t.Parallel()
	const times = `
high_priority_delay_notification_timeout = "10m"
high_priority_message_expiration_timeout = "1h"
normal_priority_delay_notification_timeout = "20m"
normal_priority_message_expiration_timeout = "2h"
low_priority_delay_notification_timeout = "40m"
low_priority_message_expiration_timeout = "4h"
`
	for _, c := range []struct {
		name, keys, size string
		delays, ndrs     []string
	}{
		{"as installed", "priority_queueing = true", "100KB", []string{"08:30:00", "12:00:00"}, nil},
		{"its own times", "priority_queueing = true" + times, "100KB",
			[]string{"08:10:00", "08:20:00", "08:40:00"}, []string{"09:00:00", "10:00:00", "12:00:00"}},
		{"high above 250 KB is normal", "priority_queueing = true" + times, "300KB",
			[]string{"08:20:00", "08:20:00", "08:40:00"}, []string{"10:00:00", "10:00:00", "12:00:00"}},
		{"high up to its own size", "priority_queueing = true\nmax_high_priority_message_size = \"300KB\"" + times, "300KB",
			[]string{"08:10:00", "08:20:00", "08:40:00"}, []string{"09:00:00", "10:00:00", "12:00:00"}},
		{"off", times, "100KB", []string{"12:00:00", "12:00:00", "12:00:00"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, classScenario(c.keys, linkDown, 1, c.size))
			require.Equal(t, c.delays, w.events("dsn", "a", "dsn=delay"))
			require.Equal(t, c.ndrs, w.events("dsn", "a", "dsn=ndr"))
		})
	}
}

// TestQ9_1_ConnectionsOfAScenario: how many connections a queue has that has plenty of mail of all classes.
func TestQ9_1_ConnectionsOfAScenario(t *testing.T) {
	t.Parallel()
	ceilings := func(high, normal, low int) string {
		return fmt.Sprintf("max_per_domain_high_priority_connections = %d\nmax_per_domain_normal_priority_connections = %d\nmax_per_domain_low_priority_connections = %d\n", high, normal, low)
	}
	for keys, want := range map[string]float64{
		"priority_queueing = true":                                          3 + 15 + 2,
		"priority_queueing = true\n" + ceilings(1, 2, 4):                    7,
		"priority_queueing = true\n" + ceilings(3, 4, 1):                    8,
		"priority_queueing = true\n" + ceilings(20, 20, 20):                 20, // all that the queue may have
		ceilings(1, 2, 4):                                                   20, // without priority queueing they have no effect
		"max_per_domain_outbound_connections = 9\npriority_queueing = true": 9,
	} {
		w := work(t, classScenario(keys, "", 400, "1KB"))
		require.Equal(t, want, w.connections("a", "B", "08:00:30"), keys)
	}
}

// TestQ9_1_KeysOfAScenario: what is wrong with the settings of the classes, or of no use.
func TestQ9_1_KeysOfAScenario(t *testing.T) {
	t.Parallel()
	load := func(keys string) (string, error) {
		s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(classScenario(keys, "", 1, "1KB"))}}, "x.toml")
		if err != nil {
			return "", err
		}
		var found []string
		for _, w := range s.Warnings() {
			found = append(found, w.String())
		}
		return strings.Join(found, "\n"), nil
	}
	warnings, err := load("low_priority_message_expiration_timeout = \"1d\"")
	require.NoError(t, err)
	require.Contains(t, warnings, `low_priority_message_expiration_timeout: without priority queueing all mail is treated alike, and it has no effect; add priority_queueing = true or remove it`)
	warnings, err = load("priority_queueing = true\nmax_per_domain_low_priority_connections = 7")
	require.NoError(t, err)
	require.Contains(t, warnings, `max_per_domain_low_priority_connections: the classes of a queue may have 25 connections together, and the queue 20; `)
	warnings, err = load("priority_queueing = true\nmax_per_domain_low_priority_connections = 7\nmax_per_domain_outbound_connections = 25")
	require.NoError(t, err)
	require.NotContains(t, warnings, "connections together")
	_, err = load("priority_queueing = true\nhigh_priority_delay_notification_timeout = \"8h\"")
	require.ErrorContains(t, err, `high_priority_delay_notification_timeout: mail of high priority is given up after 8h, and its sender told of a delay after 8h; `)
	for _, key := range []string{"max_per_domain_high_priority_connections = 0", "low_priority_delay_notification_timeout = \"31d\"", "normal_priority_message_expiration_timeout = \"4s\""} {
		_, err = load("priority_queueing = true\n" + key)
		require.Error(t, err, key)
	}
}

// connections is how many connections a queue has at a time of day.
func (w *worked) connections(server, nextHop, at string) float64 {
	w.t.Helper()
	v := 0.0
	for _, s := range w.run.Series {
		if s.Metric != "queue.connections" || s.Labels.Get("server") != server || s.Labels.Get("next_hop") != nextHop {
			continue
		}
		for i, x := range s.Times {
			if w.clock(x) <= at {
				v = s.Last[i]
			}
		}
	}
	return v
}
