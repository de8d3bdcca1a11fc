package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestF1_StoreDoesNotStart: a mailbox server that is restarted while its clock and that of its domain controller disagree does not come back: its mail waits on the
// hub, its mailboxes send nothing. It comes back when its store is started once more with the clocks right, and not before.
func TestF1_StoreDoesNotStart(t *testing.T) {
	t.Parallel()
	const all = "site=all"
	// A clock is wrong from 10:05 on for an hour or so; the rest of A goes on. A message to and from A every 30 s.
	story := func(t *testing.T, text, wrong, lasts, steps string) *worked {
		text += regular("ba", "site:B", "site:A", "30s", "30s", "3h") + regular("ab", "site:A", "site:B", "30s", "30s", "3h") + `
[[fault]]
id = "dc-clock"
kind = "clock_skew"
start = "5m"
duration = "` + lasts + `"
self_correct = false
restore = "step"
target = { host = "` + wrong + `" }
offset = "+301s"
`
		return work(t, strings.Replace(text, "[model]", "[model]\nkerberos_model = \"windows\"", 1)+steps)
	}
	step := func(at, action, host string) string {
		return fmt.Sprintf("[[action]]\nat = %q\naction = %q\ntarget = { host = %q }\nduration = \"2m\"\n", at, action, host)
	}
	alone := fmt.Sprintf(ref2Written, at1000, "3h", 10, 10)
	for _, c := range []struct {
		name, steps string
		refused     []string
		back        string // when A1 passes mail to AM1 again, by its ladder of 5 minutes
	}{
		{"started by hand", step("30m", "restart_os", "AM1") + step("70m", "start_service", "AM1"), []string{"10:32:00"}, "11:15:02"},
		{"started too early", step("30m", "restart_os", "AM1") + step("50m", "start_service", "AM1") + step("90m", "restart_os", "AM1"), []string{"10:32:00", "10:52:00"}, "11:35:02"},
		{"another crash", step("30m", "restart_os", "AM1") + "[[fault]]\nkind = \"host_down\"\nstart = \"55m\"\nduration = \"10m\"\ntarget = { host = \"AM1\" }\n", []string{"10:32:00"}, "11:05:02"},
		{"the clocks agree", step("2m", "restart_os", "AM1") + step("61m", "restart_os", "AM1"), nil, "11:06:02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := story(t, alone, "AM1", "55m", c.steps)
			require.Equal(t, c.refused, w.events("store.refused", "AM1", ""))
			active := w.events("queue.active", "A1", "queue=AM1")
			require.NotEmpty(t, active)
			require.Equal(t, c.back, active[len(active)-1])
			require.Equal(t, 718.0, w.figure("messages.delivered", all, "total")+w.figure("messages.held", all, "total"))
			if c.refused != nil {
				for _, e := range w.run.Events {
					if e.Kind == "store.refused" {
						require.Equal(t, 5003, e.ID)
						require.Contains(t, fmt.Sprint(e.Fields), "{source MSExchangeIS} {level error}")
					}
				}
				require.Greater(t, w.length("A1", "AM1", "10:54:00"), 40.0)
			}
		})
	}
	t.Run("the domain controller is wrong", func(t *testing.T) {
		t.Parallel()
		w := story(t, alone, "AD1", "11m", step("8m", "restart_os", "AM1")+step("20m", "start_service", "AM1")) // before AM1 has asked it for the time
		require.Equal(t, []string{"10:10:00"}, w.events("store.refused", "AM1", ""))
		require.LessOrEqual(t, w.length("A1", "AM1", "10:29:00"), 1.0)
	})
	t.Run("a hub on the same machine", func(t *testing.T) {
		t.Parallel()
		text := strings.ReplaceAll(alone, "AM1", "A1")
		w := story(t, text, "A1", "55m", step("30m", "restart_os", "A1")+step("70m", "restart_os", "A1"))
		require.Equal(t, []string{"10:32:00"}, w.events("store.refused", "A1", ""))
		require.Contains(t, fmt.Sprint(w.events("service", "A1", "service=MSExchangeIS")), "10:32:00 11:12:00")
		require.NotEmpty(t, w.run.Summary.Faults)
	})
}
