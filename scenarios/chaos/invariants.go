package chaos

import (
	"fmt"
	"strings"
	"time"

	"mailsim/topology"
)

// Invariant is what every organisation is to keep under any plan when nobody says what is expected of it.
type Invariant struct {
	ID   string // of the [[expect]] table
	keys [][2]string
}

// Settle is how long after the last repair an organisation has for going back to work: an hour, which is longer than the longest
// interval of the ladders by which servers try again (30 min, Edges of 2007) and a restart of a machine (8 min) together; and the longest
// interval of replication, for domain controllers that were down when an operator had them replicate.
func Settle(org *topology.Organisation) time.Duration {
	settle := time.Hour
	if len(replicated(org)) == 0 {
		return settle
	}
	longest := time.Duration(0)
	for i := range org.Links {
		interval := org.Links[i].ReplicationInterval
		if interval == 0 {
			interval = 3 * time.Hour // the default of site links
		}
		longest = max(longest, interval)
	}
	return settle + longest
}

// Invariants lists what is expected where a scenario has no [[expect]]: no mail is lost, and once the last fault is repaired the queues
// drain within their ladders: at the end of the run no queue waits for a retry, no message is older in its queue than the longest of
// the intervals, every message has found a server that takes it, and all that was accepted is delivered or reported. That all mail is
// accounted for at all is a law of every run, and needs no words here.
//
// Not each fits every scenario: mail that is submitted in the last minute is under way at the end whatever happens. Those that a run
// without any fault does not keep are to be left out.
func Invariants() []Invariant {
	const each, all, last, none = "", "{ site = \"all\" }", "last", "== 0 msg"
	row := func(id, metric, where, stat, must string) Invariant {
		x := Invariant{ID: id, keys: [][2]string{{"metric", metric}}}
		if where != each {
			x.keys = append(x.keys, [2]string{"where", where})
		}
		x.keys = append(x.keys, [2]string{"stat", stat}, [2]string{"must", must})
		return x
	}
	return []Invariant{
		row("chaos-nothing-lost", "messages.lost", all, "total", none),
		row("chaos-nothing-held", "messages.held", all, "total", none),
		row("chaos-no-retry", "server.queue_length", "{ class = \"all\", state = \"retry\" }", last, none),
		row("chaos-no-old-mail", "queue.age", each, last, "<= 30m"),
		row("chaos-no-waiting-sender", "submission_pending", each, last, none),
	}
}

// TOML writes invariants as [[expect]] tables.
func TOML(list []Invariant) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "\n[[expect]]\nid = %s\n", text(x.ID))
		for _, k := range x.keys {
			value := k[1]
			if k[0] != "where" {
				value = text(value)
			}
			fmt.Fprintf(&b, "%s = %s\n", k[0], value)
		}
	}
	return b.String()
}
