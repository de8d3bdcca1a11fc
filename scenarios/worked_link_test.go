package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF12_PortsOfALink: a link that drops some ports, against one that drops all. The first attempt after 10:10 fails, and the ladder follows.
func TestF12_PortsOfALink(t *testing.T) {
	t.Parallel()
	down := func(keys string) string {
		return "[[fault]]\nid = \"line\"\nkind = \"link_down\"\nstart = \"10m\"\nend = \"70m\"\ntarget = { link = \"A-B\" }\n" + keys + "\n"
	}
	for name, c := range map[string]struct {
		keys string
		a, b int // failed attempts
	}{
		"all":                {"", 13, 13},
		"25":                 {"ports = [25]", 13, 13},
		"25, one way":        {"ports = [25]\ndirection = \"to\"", 13, 0},
		"25, the other way":  {"ports = [25]\ndirection = \"from\"", 0, 13},
		"tickets are cached": {"ports = [88, 135, 123]", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, walled("2007", down(c.keys)))
			require.Len(t, w.events("queue.retry", "A1", ""), c.a)
			require.Len(t, w.events("queue.retry", "B1", ""), c.b)
			require.Empty(t, w.events("queue.retry", "AE1", ""), "mail to the internet does not notice")
			require.Equal(t, w.figure("messages.submitted", "site=all", "total"), w.figure("messages.delivered", "site=all", "total")+w.figure("messages.held", "site=all", "total"))
			require.Zero(t, w.figure("messages.bounced", "site=all", "total"))
		})
	}
	// Edits cross a link that drops SMTP alone, and not one that drops replication: the pull of 12:00 is within the run, the fault within the pull.
	edit := "[[action]]\nat = \"5m\"\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\ncost = 5\ndc = \"AD1\"\nduration = \"1m\"\n"
	for keys, seen := range map[string]int{"ports = [25]": 1, "ports = [135]": 0, "": 0} {
		text := down(keys + "\n[[fault.remedy]]\naction = \"replicate_now\"\nafter = \"20m\"\ntarget = { host = \"BD1\" }")
		require.Len(t, work(t, walled("2007", edit+text)).before("config.view", "B1", "11:00:00"), seen, keys)
	}
}

// before lists the instants of the events of a kind on a server before an instant.
func (w *worked) before(kind, server, at string) []string {
	var out []string
	for _, x := range w.events(kind, server, "") {
		if x < at {
			out = append(out, x)
		}
	}
	return out
}
