package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
)

// TestF15_RemoteDown: an outside system, or the hosts of one domain, give no answer: the queues that go there wait, others and mail from outside do not notice.
func TestF15_RemoteDown(t *testing.T) {
	t.Parallel()
	text := func(faults string) string {
		return fmt.Sprintf(ref2, at0900, "3h", 10, 10) + regular("con", "site:A", "domain:contoso.com", "30s", "1m", "2h") +
			regular("fab", "site:A", "domain:fabrikam.com", "30s", "1m", "2h") + regular("ab", "site:A", "site:B", "30s", "1m", "2h") + regular("in", "internet", "site:A", "30s", "1m", "2h") + faults
	}
	down := func(id, target, keys string) string {
		return fmt.Sprintf("[[fault]]\nid = %q\nkind = \"remote_down\"\ntarget = { %s }\n%s\n", id, target, keys)
	}
	const hour = "start = \"1h\"\nduration = \"40m\""
	for _, c := range []struct {
		name, faults string
		contoso      float64 // the longest that the queue of the Edge is
		fabrikam     float64
		faultsOver   string
	}{
		// At AE1 three seconds after the start: a second in the categoriser of the hub and one on each connection. Attempts at 10:00:33 or so and after 1, 2, 3, 4, 14, 24 and 34
		// minutes fail, that 44 minutes later works: 45 messages.
		{"a domain", down("x", `domain = "Contoso.com"`, hour), 45, 1, "10:40:00"},
		{"the internet", down("x", `remote = "internet"`, hour), 45, 45, "10:40:00"},
		{"both", down("x", `domain = "contoso.com"`, hour) + down("y", `remote = "inter*"`, "start = \"70m\"\nduration = \"10m\""), 45, -1, "10:40:00"},
		{"two of one domain", down("x", `domain = "contoso.com"`, hour) + down("y", `domain = ["contoso.com", "x.org"]`, "start = \"70m\"\nduration = \"10m\""), 45, 1, "10:40:00"},
		{"another one", down("x", `domain = "x.org"`, hour), 1, 1, "10:40:00"},
		{"chance is against it", down("x", `domain = "contoso.com"`, "probability = 0\n"+hour), 1, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, text(c.faults))
			longest := map[string]float64{}
			for _, s := range w.run.Series {
				if s.Metric == "queue.length" && s.Labels.Get("server") == "AE1" {
					for _, v := range s.Max {
						longest[s.Labels.Get("next_hop")] = max(longest[s.Labels.Get("next_hop")], v)
					}
				}
			}
			require.Equal(t, c.contoso, longest["contoso.com"])
			if c.fabrikam > 0 {
				require.Equal(t, c.fabrikam, longest["fabrikam.com"])
			} else {
				require.Greater(t, longest["fabrikam.com"], 9.0)
				require.Less(t, longest["fabrikam.com"], 25.0)
			}
			require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=A", "max"), 10.0, "mail from outside comes")
			require.LessOrEqual(t, w.figure("delivery.delay", "from=all,to=B", "max"), 10.0)
			const all = "site=all"
			require.Equal(t, w.figure("messages.submitted", all, "total"), w.figure("messages.delivered", all, "total"))
			if c.faultsOver != "" {
				require.Equal(t, c.faultsOver, w.clock(simtime.Time(*w.run.Summary.Faults[0].EndNS)))
			}
		})
	}
}
