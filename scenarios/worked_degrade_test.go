package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slow is W26's organisation: the reference organisation of two sites, from 08:00:00 on, with mail from A to B.
func slow(duration, fault string, mail ...string) string {
	return fmt.Sprintf(ref2, "2026-03-02T08:00:00Z", duration, 10, 10) + strings.Join(mail, "") + fault
}

// degraded is a link_degrade of the reference organisation's link.
func degraded(keys string) string {
	return "[[fault]]\nid = \"line\"\nkind = \"link_degrade\"\ntarget = { link = \"A-B\" }\n" + keys + "\n"
}

// batch is so many messages from A to B at once.
func batch(id, at, size string, count int) string {
	return fmt.Sprintf("[[load]]\nid = %q\nkind = \"burst\"\nat = %q\ncount = %d\nsize = %q\nfrom = \"site:A\"\nto = \"site:B\"\n", id, at, count, size)
}

// when lists the instants of the events of a kind on a server since the start of the run.
func (w *worked) when(kind, server string) []time.Duration {
	var out []time.Duration
	for _, e := range w.run.Events {
		if e.Kind == kind && e.Server == server {
			out = append(out, time.Duration(e.Time))
		}
	}
	return out
}

// TestF13_SlowLink is W26: over 64 kbit/s 600 s are not enough for a message of 5 MB.
func TestF13_SlowLink(t *testing.T) {
	t.Parallel()
	const narrow, large, all = `bandwidth = "64kbit/s"`, "5242880B", "site=all"
	for name, text := range map[string]string{
		"FW-26":                    slow("50h", degraded(narrow), batch("large", "0s", large, 1)),
		"FW-26 the link is narrow": slow("50h", degraded(`latency = "0s"`), batch("large", "0s", large, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var set []string
			if name != "FW-26" {
				set = []string{`link[0].bandwidth="64kbit/s"`}
			}
			w := work(t, text, set...)
			var want []time.Duration
			for k := range time.Duration(262) {
				want = append(want, k*660*time.Second+600*time.Second)
			}
			require.Equal(t, want, w.when("queue.retry", "A1"), "600 s after every connect, a minute before the next one")
			require.Equal(t, 47*time.Hour+51*time.Minute, want[261]-600*time.Second)
			require.Equal(t, []time.Duration{4 * time.Hour, 48*time.Hour + time.Minute}, w.when("dsn", "A1"), "the delay, the end")
			require.Equal(t, 1.0, w.figure("messages.expired", all, "total"))
			require.Equal(t, 2.0, w.figure("messages.delivered", all, "total"), "the two reports")
		})
	}
	t.Run("FW-26 4.5 MB pass", func(t *testing.T) {
		t.Parallel()
		w := work(t, slow("1h", degraded(narrow), batch("large", "0s", "4718592B", 1)))
		require.Empty(t, w.when("queue.retry", "A1"))
		require.InDelta(t, 4718592*8/64e3+2, w.figure("delivery.delay", "from=all,to=all", "max"), 0.1, "590 s, a second of work on the way, and one in the categoriser of B1")
	})
	t.Run("FW-26 it has ten minutes", func(t *testing.T) {
		t.Parallel()
		// 599 s of body and one second of work end with the ten minutes: what finishes at that instant is through. A byte more is 125 µs more.
		for size, cut := range map[int]int{599 * 8000: 0, 599*8000 + 1: 1} {
			w := work(t, slow("11m", degraded(narrow), batch("large", "0s", fmt.Sprint(size, "B"), 1)))
			require.Len(t, w.when("queue.retry", "A1"), cut, size)
		}
	})
	t.Run("FW-26 small mail behind it", func(t *testing.T) {
		t.Parallel()
		// 25 small messages at 08:01:00 call for a second connection, which carries them all in 31 s at half of the bandwidth.
		w := work(t, slow("30m", degraded(narrow), batch("large", "0s", large, 1), batch("small", "1m", "1000B", 25)))
		require.Equal(t, 26.0, w.length("A1", "B", "08:01:00"))
		require.Equal(t, 2.0, w.length("A1", "B", "08:01:30"))
		require.Equal(t, 1.0, w.length("A1", "B", "08:01:32"))
		require.Equal(t, []time.Duration{10 * time.Minute, 21 * time.Minute}, w.when("queue.retry", "A1"))
	})
	t.Run("FW-26 behind other live connections", func(t *testing.T) {
		t.Parallel()
		// 40 messages of 09 s each keep other connections alive at 08:10:00: the large one waits in the active queue, and is taken again as the oldest, by a
		// connection that was opened at 08:09:50.
		w := work(t, slow("30m", degraded(narrow), batch("large", "0s", large, 1), batch("small", "9m50s", "20000B", 40)))
		require.Equal(t, 19*time.Minute+50*time.Second, w.when("queue.retry", "A1")[0])
		require.Equal(t, 40.0, w.figure("messages.delivered", all, "total"))
	})
}
