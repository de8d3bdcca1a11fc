package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF5_SpreadsByReplication: the name of B1 is removed at BD1 at 06:10. A1's domain controller hears of it at 09:00:05, so that the renewal of
// 10:00 fails and the ticket of 04:00 is used up at 14:00; a fix at BD1 reaches AD1 at 15:00:05, one at AD1 works at once.
func TestF5_SpreadsByReplication(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ at, fixAt, first, back string }{
		{"BD1", "AD1", "14:00:00", "14:44:00"},
		{"BD1", "BD1", "14:00:00", "15:04:00"},
		{"AD1", "AD1", "14:00:00", "14:44:00"},
	} {
		w := work(t, hourly("14h", fmt.Sprintf(`
[[fault]]
kind = "spn_missing"
start = "130m"
target = { host = "B1" }
at_dc = %q
  [[fault.remedy]]
  action = "fix_spn" # 14:31 to 14:36
  after = "8h21m"
  dc = %q
`, c.at, c.fixAt)))
		got := w.symptoms()
		require.Equal(t, []string{c.first, c.back}, []string{got.first, got.back}, "at %s, mended at %s", c.at, c.fixAt)
		require.Zero(t, got.blob+got.illegal)
	}
	// A hub that is restarted has no tickets left, and feels it at once.
	w := work(t, hourly("12h", `
[[fault]]
kind = "spn_missing"
start = "2h"
target = { host = "B1" }
at_dc = "AD1"
[[action]]
at = "3h"
action = "restart_os"
target = { host = "A1" }
`))
	require.Equal(t, "07:08:00", w.symptoms().first)
	require.Empty(t, w.symptoms().back)
}

// TestF5_HalfOfTheTickets: with a chance of a half every other new ticket is sealed for the wrong account, and the domain controller complains
// of each; an attempt that fails asks anew.
func TestF5_HalfOfTheTickets(t *testing.T) {
	t.Parallel()
	text := strings.Replace(hourly("40h", `
[[fault]]
kind = "spn_duplicate"
start = "1h"
target = { host = "B1" }
at_dc = "AD1"
`), "[model]", "[model]\nticket_lifetime = \"10m\"", 1)
	w := work(t, text)
	asked, refused := len(w.events("auth.kdc", "AD1", "source=KDC")), len(w.events("auth.failed", "B1", "error=IllegalMessage"))
	require.Greater(t, asked, 150)
	require.InDelta(t, 0.5, float64(refused)/float64(asked), 0.15, "%d of %d", refused, asked)
	require.Equal(t, refused, len(w.events("auth.kerberos", "A1", "")))
	require.Empty(t, w.events("queue.retry", "B1", ""), "tickets for A1 are fine")
}

// TestF5_MachineSecret: what each way to lose a secret breaks, from A to B, back, and for the clock of B1.
func TestF5_MachineSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, keys string
		ab, ba     string // first failure of A to B (1035 IllegalMessage at B1) and of B to A (2017 at B1)
		clock      string // when B1 says that it is out of step
	}{
		// Written at BD1 at 06:00, at AD1 from 06:00:05 on: A1's renewal at 10:00 brings a ticket that B1 cannot open. B1's own logon fails at once,
		// but its ticket of 04:00 lasts until 14:00. Its last sample of the time is that of the poll at 05:59:28.
		{"reset", `variant = "reset"`, "10:00:00", "14:00:00", "19:38:40"},
		// Everywhere at once, and tickets that are in use as well.
		{"snapshot", `variant = "snapshot"`, "06:00:00", "14:00:00", "19:38:40"},
		{"rollover", `variant = "rollover"`, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, hourly("20h", "[[fault]]\nkind = \"machine_secret\"\nstart = \"2h\"\ntarget = { host = \"B1\" }\n"+c.keys+"\n"))
			first := func(kind, server, field string) string {
				if all := w.events(kind, server, field); len(all) > 0 {
					return all[0]
				}
				return ""
			}
			require.Equal(t, c.ab, first("auth.failed", "B1", "error=IllegalMessage"))
			require.Equal(t, c.ba, first("auth.no_ticket", "B1", "cause=wrong secret"))
			require.Equal(t, c.clock, first("clock.unsynchronised", "B1", ""))
			require.Equal(t, c.ab, first("queue.retry", "A1", ""))
			require.Equal(t, c.ba, first("queue.retry", "B1", ""))
			require.Empty(t, w.events("auth.failed", "A1", ""))
			require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=internet", "max"), 10.0, "beyond the two nobody notices")
		})
	}
	t.Run("two changes within one replication interval", func(t *testing.T) {
		t.Parallel()
		text := hourly("12h", "")
		for _, at := range []string{"2h10m", "2h30m"} {
			text += "[[fault]]\nkind = \"machine_secret\"\nvariant = \"rollover\"\nstart = \"" + at + "\"\ntarget = { host = \"B1\" }\n"
		}
		w := work(t, strings.Replace(text, "[model]", "[model]\nticket_lifetime = \"10m\"", 1))
		failed := w.events("auth.failed", "B1", "error=IllegalMessage")
		require.Equal(t, "06:30:00", failed[0], "AD1 still seals with the key before the last but one")
		require.Less(t, failed[len(failed)-1], "09:00:05")
		require.NotEmpty(t, w.events("queue.active", "A1", "queue=B"), "and ends by itself when AD1 has heard of it")
	})
	t.Run("fixed", func(t *testing.T) {
		t.Parallel()
		w := work(t, hourly("20h", `
[[fault]]
kind = "machine_secret"
start = "2h"
target = { host = "B1" }
variant = "snapshot"
  [[fault.remedy]]
  action = "fix_spn" # 06:31 to 06:36; without dc at BD1
  after = "31m"
  [[fault.remedy]]
  action = "fix_spn" # AD1 would have heard of it at 09:00:05
  after = "1h31m"
  dc = "AD1"
`))
		require.Equal(t, "07:44:00", w.symptoms().back, "the first attempt after 07:36")
		require.Empty(t, w.events("clock.unsynchronised", "B1", ""))
		require.Empty(t, w.events("queue.retry", "B1", ""), "B1 never lost its ticket")
	})
}
