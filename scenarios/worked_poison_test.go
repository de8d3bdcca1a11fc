package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
)

// poison is W19's story: mail inside site A every second, and from 10:00:00 on a message that hub A1 does not survive.
func poison(keys string) string {
	return fmt.Sprintf(ref2, at0900, "4h", 10, 10) + regular("aa", "site:A", "site:A", "59m", "1s", "1h10m") + regular("bb", "site:B", "site:B", "59m", "1s", "1h10m") + `
[[fault]]
id = "bad-message"
kind = "poison_message"
start = "1h"
target = { host = "A1" }
` + keys
}

// TestF19_PoisonMessage is W19: two crashes, then the poison queue.
func TestF19_PoisonMessage(t *testing.T) {
	t.Parallel()
	t.Run("FW-19", func(t *testing.T) {
		t.Parallel()
		w := work(t, poison(""))
		require.Equal(t, []string{"10:00:00", "10:01:05"}, w.events("poison.count", "A1", ""), "10002 twice")
		require.Equal(t, []string{"10:02:05"}, w.events("poison.queue", "A1", ""), "10001 once: at the start after the second crash")
		for _, e := range w.run.Events {
			switch e.Kind {
			case "poison.count":
				require.Equal(t, 10002, e.ID)
			case "poison.queue":
				require.Equal(t, 10001, e.ID)
			}
		}
		const all = "site=all"
		sent := w.figure("messages.submitted", all, "total")
		require.Equal(t, sent-1, w.figure("messages.delivered", all, "total"), "nothing is lost")
		require.Equal(t, 1.0, w.figure("messages.held", all, "total"), "poison waits")
		require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=A", "max"), 125.0+2)
		require.Greater(t, w.figure("delivery.delay", "from=all,to=A", "max"), 115.0)
		require.Less(t, w.figure("delivery.delay", "from=all,to=B", "max"), 1.0, "other servers do not notice")
		require.Equal(t, []string{"10:00:00"}, w.events("fault", "A1", "state=start"))
		for _, f := range w.run.Summary.Faults {
			require.Equal(t, "10:02:05", w.clock(simtime.Time(*f.EndNS)), "the fault is over with the poison queue")
		}
	})
	// What stays, goes or comes back; all with the identities of a run, which fail it otherwise.
	for _, c := range []struct {
		name, keys             string
		counts, moved          []string
		held, delivered, extra float64
	}{
		{"three crashes", "threshold = 3", []string{"10:00:00", "10:01:05", "10:02:10"}, []string{"10:03:10"}, 1, -1, 0},
		{"at once", "threshold = 1", []string{"10:00:00"}, []string{"10:01:00"}, 1, -1, 0},
		{"two messages", "count = 2", []string{"10:00:00", "10:01:05", "10:02:10", "10:03:15"}, []string{"10:02:05", "10:04:15"}, 2, -2, 0},
		{"deleted, with a report", "[[fault.remedy]]\naction = \"delete_poison\"\nafter = \"30m\"", []string{"10:00:00", "10:01:05"}, []string{"10:02:05"}, 0, 0, 1},
		{"deleted in silence", "[[fault.remedy]]\naction = \"delete_poison\"\nafter = \"30m\"\nwith_ndr = false", []string{"10:00:00", "10:01:05"}, []string{"10:02:05"}, 0, -1, 0},
		{"resumed", "[[fault.remedy]]\naction = \"resume_poison\"\nafter = \"30m\"", []string{"10:00:00", "10:01:05"}, []string{"10:02:05"}, 0, 0, 0},
		{"deleted too early", "[[fault.remedy]]\naction = \"delete_poison\"\nafter = \"30s\"\nduration = \"0s\"", []string{"10:00:00", "10:01:05"}, []string{"10:02:05"}, 1, -1, 0},
		{"the cause ends", "duration = \"62s\"", []string{"10:00:00"}, nil, 0, 0, 0},
		{"the server was down", "[[fault]]\nid = \"down\"\nkind = \"host_down\"\nstart = \"55m\"\nduration = \"10m\"\ntarget = { host = \"A1\" }",
			[]string{"10:05:00", "10:06:05"}, []string{"10:07:05"}, 1, -1, 0},
		{"the queue database is lost", "[[fault]]\nid = \"down\"\nkind = \"host_down\"\nqueue_db = \"lost\"\nstart = \"60m30s\"\nduration = \"10m\"\ntarget = { host = \"A1\" }",
			[]string{"10:00:00"}, nil, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, poison(c.keys))
			require.Equal(t, c.counts, w.events("poison.count", "A1", ""))
			require.Equal(t, c.moved, w.events("poison.queue", "A1", ""))
			const all = "site=all"
			require.Equal(t, c.held, w.figure("messages.held", all, "total"))
			if lost := w.figure("messages.lost", all, "total"); c.name == "the queue database is lost" {
				require.Positive(t, lost)
			} else {
				require.Zero(t, lost)
				require.Equal(t, w.figure("messages.submitted", all, "total")+c.delivered, w.figure("messages.delivered", all, "total"), "what was removed is reported in its place")
			}
			require.Equal(t, c.extra, w.figure("messages.reports", all, "total"))
		})
	}
}

// TestF19_NeverExpires: poison waits for the administrator for longer than mail lives. One that is resumed so late has come to its end: a resubmission starts no
// clock anew.
func TestF19_NeverExpires(t *testing.T) {
	t.Parallel()
	const all = "site=all"
	long := []string{`duration="120h"`, `output.sample_interval="10m"`}
	w := work(t, poison(""), long...)
	require.Equal(t, 1.0, w.figure("messages.held", all, "total"))
	require.Zero(t, w.figure("messages.expired", all, "total"))
	require.Equal(t, 1.0, w.figure("messages.reports", all, "total"), "Q-8.1: the sender hears of the delay")
	w = work(t, poison("")+"[[action]]\nat = \"100h\"\naction = \"resume_poison\"\ntarget = { host = \"A1\" }\n", long...)
	require.Zero(t, w.figure("messages.held", all, "total"))
	require.Equal(t, 1.0, w.figure("messages.expired", all, "total"))
	require.Equal(t, 2.0, w.figure("messages.reports", all, "total"))
}

// TestQ8_8_MessagesOfARun: operators suspend, resume and remove single messages from scenario text, by queue, number and sender.
func TestQ8_8_MessagesOfARun(t *testing.T) {
	t.Parallel()
	base := fmt.Sprintf(ref2, at0900, "3h", 10, 10) + regular("ab", "site:A", "site:B", "70s", "1m", "20m") + regular("ba", "site:B", "site:A", "90s", "1m", "20m") +
		regular("out", "site:A", "internet", "100s", "1m", "20m") + `
[[fault]]
id = "cut"
kind = "link_down"
start = "0s"
duration = "1h"
target = { link = "A-B" }
`
	step := func(at, action, keys string) string {
		return fmt.Sprintf("[[action]]\nat = %q\naction = %q\n%s\n", at, action, keys)
	}
	const toB = `target = { host = "A1", queue = "B" }`
	for _, c := range []struct {
		name, steps                   string
		delivered, held, reports, off float64
	}{
		{"nothing is done", "", 0, 0, 0, 0},
		{"suspended for good", step("30m", "suspend_message", toB), -19, 19, 0, 0},
		{"suspended and resumed", step("30m", "suspend_message", toB) + step("2h", "resume_message", toB), 0, 0, 0, 0},
		{"removed in silence", step("30m", "remove_message", toB+"\nwith_ndr = false"), -19, 0, 0, 19},
		{"removed, the senders are told", step("30m", "remove_message", toB), -19 + 19, 0, 19, 19},
		{"two by their numbers", step("30m", "remove_message", toB+"\nmessage = [\"1\", \"<4@AM1>\"]\nwith_ndr = false"), -2, 0, 0, 2},
		{"by sender: the others come from B", step("30m", "remove_message", "target = { site = \"B\" }\nfrom_address = \"mailbox:BM1\"\nwith_ndr = false"), -19, 0, 0, 19},
		{"by sender: nobody", step("30m", "remove_message", toB+"\nfrom_address = \"mailbox:BM1\""), 0, 0, 0, 0},
		{"another queue", step("30m", "remove_message", "target = { host = \"A1\", queue = \"C-A\" }"), 0, 0, 0, 0},
		{"what comes later is free", step("5m", "suspend_message", toB+"\nduration = \"0s\""), -4, 4, 0, 0},
		{"poison and unreachable queues are empty", step("30m", "remove_message", `target = { host = "A1", queue = "Poison" }`) + step("30m", "remove_message", `target = { host = "A1", queue = "Unreachable" }`), 0, 0, 0, 0},
		{"as a remedy", "[[fault.remedy]]\naction = \"suspend_message\"\nafter = \"30m\"\n" + toB + "\n[[fault.remedy]]\naction = \"resume_message\"\nafter = \"90m\"\n" + toB, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, base+c.steps)
			const all = "site=all"
			require.Equal(t, 19.0*3, w.figure("messages.submitted", all, "total"))
			require.Equal(t, 19.0*3+c.delivered, w.figure("messages.delivered", all, "total"))
			require.Equal(t, c.held, w.figure("messages.held", all, "total"))
			require.Equal(t, c.reports, w.figure("messages.reports", all, "total"))
			if c.off > 0 {
				require.Equal(t, c.off, w.figure("messages.removed", all, "total"))
			}
			for _, id := range w.run.Summary.Identities {
				if id.Name == "conservation" && c.off > 0 {
					require.Contains(t, id.Note, fmt.Sprintf("%g removed by operators", c.off))
				}
			}
		})
	}
}

// TestF19_ForTheSite: the message of the fault is for a mailbox of the hub's own site; when the fault is over it gets there.
func TestF19_ForTheSite(t *testing.T) {
	t.Parallel()
	for site, host := range map[string]string{"A": "A1", "B": "B1"} {
		w := work(t, fmt.Sprintf(ref2, at0900, "1h", 10, 10)+"[[fault]]\nkind = \"poison_message\"\ntarget = { host = \""+host+"\" }\nstart = \"10m\"\nduration = \"30s\"\n")
		require.Equal(t, 1.0, w.figure("delivery.delay", "from=all,to="+site, "count"))
		require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
	}
}
