package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

// hourly is the organisation of W21: a message a minute each way and to the internet, from t0 = 04:00:00 on. Both hubs take their first
// ticket then, and try to renew it at 10:00:00 and every six hours.
func hourly(duration, faults string) string {
	text := strings.Replace(fmt.Sprintf(ref2, "2026-03-02T04:00:00Z", duration, 10, 10), `sample_interval = "1s"`, `sample_interval = "1h"`, 1)
	for _, l := range [][2]string{{"site:A", "site:B"}, {"site:B", "site:A"}, {"site:A", "site:A"}, {"site:B", "site:B"}, {"site:A", "internet"}} {
		text += regular(strings.NewReplacer("site:", "", "internet", "i").Replace(l[0]+l[1]), l[0], l[1], "0s", "1m", duration)
	}
	return text + faults
}

// symptoms is what an operator reads of a failure between A1 and B1.
type symptoms struct {
	first     string // when A1's queue to B first goes to Retry
	blob      int    // events 1035 at the receiver B1 with a clock-like error
	illegal   int    // ... with a key-like error
	kerberos4 int    // at A1
	ticket    int    // events 2017 at A1
	lastError string
	back      string // when the queue leaves Retry; "" = never
}

func (w *worked) symptoms() symptoms {
	x := symptoms{}
	for _, e := range w.run.Events {
		switch {
		case e.Kind == "queue.retry" && e.Server == "A1" && value(e, "queue") == "B":
			if x.first == "" {
				x.first = w.clock(e.Time)
			}
			_, text, _ := strings.Cut(e.Text, `responded with: "`)
			x.lastError, _, _ = strings.Cut(text, `."`)
		case e.Kind == "queue.active" && e.Server == "A1":
			x.back = w.clock(e.Time)
		case e.ID == 1035 && e.Server == "B1" && value(e, "error") == "UnexpectedExchangeAuthBlob":
			x.blob++
		case e.ID == 1035 && e.Server == "B1" && value(e, "error") == "IllegalMessage":
			x.illegal++
		case e.ID == 4 && e.Server == "A1":
			x.kerberos4++
		case e.ID == 2017 && e.Server == "A1":
			x.ticket++
		}
	}
	return x
}

func value(e result.Event, key string) string {
	for _, f := range e.Fields {
		if f.Key == key {
			return fmt.Sprint(f.Value)
		}
	}
	return ""
}

// TestF5_WhichCause is W21: the same queue on A1, with what tells the causes apart.
func TestF5_WhichCause(t *testing.T) {
	t.Parallel()
	const authentication, verbs = "454 4.7.0 Temporary authentication failure", "451 5.7.3 Cannot achieve Exchange Server authentication"
	for _, c := range []struct {
		name, faults string
		want         symptoms // of blob, illegal, kerberos4 and ticket only whether there are any
		others       string   // what else fails: a server of which a queue goes to Retry
	}{
		{"FW-21 skew", `
[[fault]]
kind = "clock_skew"
start = "2h"
target = { host = "B1" }
offset = "+10m"
`, symptoms{first: "06:00:00", blob: 1, lastError: authentication}, "B1"},
		{"FW-21 skew, restarted", `
[[fault]]
kind = "clock_skew"
start = "2h"
target = { host = "B1" }
offset = "+10m"
  [[fault.remedy]]
  action = "set_time"
  after = "30m"
  [[fault.remedy]]
  action = "restart_os" # 06:31 to 06:39
  after_action = "0s"
`, symptoms{first: "06:00:00", blob: 1, lastError: "421 4.4.1 Connection timed out", back: "06:44:00"}, "B1"},
		{"FW-21 duplicate SPN", `
[[fault]]
kind = "spn_duplicate"
start = "2h"
target = { host = "B1" }
at_dc = "AD1"
wrong_account = 1
  [[fault.remedy]]
  action = "fix_spn" # 11:01 to 11:06
  after = "5h1m"
  dc = "AD1"
`, symptoms{first: "10:00:00", illegal: 1, kerberos4: 1, lastError: authentication, back: "11:14:00"}, ""},
		{"FW-21 missing SPN", `
[[fault]]
kind = "spn_missing"
start = "2h"
target = { host = "B1" }
  [[fault.remedy]]
  action = "fix_spn" # 14:31 to 14:36
  after = "8h31m"
  dc = "AD1"
`, symptoms{first: "14:00:00", ticket: 1, lastError: authentication, back: "14:44:00"}, ""},
		{"FW-21 port 88", `
[[fault]]
kind = "port_block"
start = "2h"
src = { host = "A1" }
dst = { role = "dc" }
ports = [88]
  [[fault.remedy]]
  action = "unblock_port" # 14:31 to 15:01
  after = "8h31m"
`, symptoms{first: "14:00:00", ticket: 1, lastError: authentication, back: "15:04:00"}, ""},
		{"FW-21 X-EXPS stripped", `
[[fault]]
kind = "port_block"
start = "2h"
end = "3h"
src = { host = "A1" }
dst = { host = "B1" }
direction = "to"
action = "strip_esmtp"
`, symptoms{first: "06:00:00", lastError: verbs, back: "07:04:00"}, ""},
		{"FW-21 port 25", `
[[fault]]
kind = "port_block"
start = "2h"
end = "3h"
src = { host = "A1" }
dst = { host = "B1" }
direction = "to"
ports = [25]
`, symptoms{first: "06:00:00", lastError: "421 4.4.1 Connection timed out", back: "07:04:00"}, ""},
		{"FW-21 port 25 refused", `
[[fault]]
kind = "port_block"
start = "2h"
end = "3h"
src = { host = "A1" }
dst = { host = "B1" }
direction = "to"
ports = [25]
action = "reject"
`, symptoms{first: "06:00:00", lastError: "421 4.4.1 Connection refused", back: "07:04:00"}, ""},
		{"FW-21 host", `
[[fault]]
kind = "host_down"
start = "2h"
end = "3h"
target = { host = "B1" }
`, symptoms{first: "06:00:00", lastError: "421 4.4.1 Connection timed out", back: "07:04:00"}, "B1"},
		{"FW-21 link", `
[[fault]]
kind = "link_down"
start = "2h"
end = "3h"
target = { link = "A-B" }
`, symptoms{first: "06:00:00", lastError: "421 4.4.1 Connection timed out", back: "07:04:00"}, "B1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, hourly("12h", c.faults))
			got := w.symptoms()
			tries := len(w.events("queue.retry", "A1", "queue=B"))
			for _, n := range []*int{&got.blob, &got.illegal, &got.kerberos4, &got.ticket} {
				if *n > 0 {
					if got.back == "" || !strings.Contains(c.faults, "restart_os") { // whose own outage is another failure
						require.Equal(t, tries, *n, "one event for each failed attempt")
					}
					*n = 1
				}
			}
			require.Equal(t, c.want, got)
			for _, server := range []string{"A1", "B1", "AE1", "BE1"} {
				for _, at := range w.events("queue.retry", server, "") {
					require.Contains(t, []string{"A1", c.others}, server, "%s has a queue in Retry at %s", server, at)
				}
			}
			require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=internet", "max"), 10.0, "mail to the internet does not notice")
		})
	}
}
