package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF6_OutsideTime: the PDC emulator and an Edge that get no time from outside say so at the eighth poll in vain, event 47, and are out of step like others
// 13 h 39 min 12 s after their last sample. Who follows the PDC emulator goes on following it.
func TestF6_OutsideTime(t *testing.T) {
	t.Parallel()
	run := func(times string, more ...string) *worked {
		text := fmt.Sprintf(ref2, "2026-03-02T00:00:00Z", "48h", 10, 10) + regular("ab", "site:A", "site:B", "0s", "1h", "40h") + `
[[fault]]
id = "wall"
kind = "port_block"
` + times + `
src = { host = ["AD1", "AE1", "B1"] }
dst = { remote = "*" }
ports = 123
proto = "udp"
` + strings.Join(more, "")
		return work(t, text, "output.sample_interval=1h")
	}
	w := run("start = \"0s\"\nend = \"47h\"")
	// Polls of AD1 64, 192, 448, 960, 1984, 3008, 4032 and 5056 s after t0, of AE1 1024, 3072, 7168, 15360, 31744, 64512, 97280 and 130048 s.
	require.Equal(t, []string{"01:24:16"}, w.events("clock.peer", "AD1", "source=W32Time"))
	require.Equal(t, []string{"12:07:28"}, w.events("clock.peer", "AE1", ""), "on the day after: 36 h 7 min 28 s")
	require.Equal(t, []string{"13:39:12"}, w.events("clock.unsynchronised", "AD1", ""))
	require.Equal(t, []string{"13:39:12"}, w.events("clock.unsynchronised", "AE1", ""))
	for _, host := range []string{"A1", "B1", "BD1"} {
		require.Empty(t, w.events("clock.peer", host, ""), "%s asks a domain controller", host)
		require.Empty(t, w.events("clock.unsynchronised", host, ""), "the PDC emulator answers whatever it has")
	}
	for _, e := range w.run.Events {
		if e.Kind == "clock.peer" {
			require.Equal(t, 47, e.ID)
			require.Equal(t, "warning", value(e, "level"))
		}
		if e.Kind == "fault" && e.Time == 0 {
			require.Equal(t, "port 123 from B1, AE1, AD1 to the outside is blocked", e.Text)
		}
	}
	w = run("start = \"10s\"\nend = \"84m\"")
	require.Empty(t, w.events("clock.peer", "AD1", ""), "seven polls in vain")
	w = run("start = \"64s\"\nend = \"5h\"")
	require.Equal(t, []string{"01:24:16"}, w.events("clock.peer", "AD1", ""), "the poll at the instant at which it begins is in vain")
	w = run("start = \"65s\"\nend = \"5h\"")
	require.Equal(t, []string{"01:41:20"}, w.events("clock.peer", "AD1", ""), "the next one, 1024 s later")
	w = run("start = \"65s\"\nend = \"80m\"", "[[fault]]\nkind = \"port_block\"\nstart = \"81m\"\nend = \"40h\"\nsrc = { role = \"dc\" }\ndst = { remote = \"internet\" }\nports = [123]\n")
	require.Equal(t, []string{"03:23:44"}, w.events("clock.peer", "AD1", ""), "each break counts anew: 5056 and seven times 1024 s")
}

// TestF6_DirectoryByTLS: a hub reads the directory on 389 and 3268, or on 636 and 3269; what is blocked of the others harms nobody. A1 turns to BD1 when it next looks
// round.
func TestF6_DirectoryByTLS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tls   bool
		ports string
		hit   bool
	}{
		{false, "[389]", true}, {false, "[3268]", true}, {false, "[636, 3269]", false}, {true, "[636]", true}, {true, "[3269]", true}, {true, "[389, 3268]", false},
		{true, `["600-700"]`, true}, {false, `["600-700"]`, false},
	} {
		t.Run(fmt.Sprint(c.tls, c.ports), func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(walled("2007", block(`host = "A1"`, `host = "AD1"`, c.ports, "")), "[model]", fmt.Sprintf("[model]\ndirectory_tls = %t", c.tls), 1)
			w := work(t, text)
			require.Equal(t, c.hit, len(w.events("directory.controller", "A1", "")) > 0)
			require.Empty(t, w.events("directory.controller", "B1", ""))
			if c.hit {
				require.Equal(t, "10:10:45", w.events("directory.controller", "A1", "")[0], "30 s after the first message that needs an answer")
			}
		})
	}
}
