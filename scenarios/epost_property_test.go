package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/result"
)

// TestEP4_ConservationAcrossServers: between Exchange servers, E-Post servers and the outside, whatever stops and starts, nothing is lost unseen; and the
// same scenario gives the same result. sim.Run itself checks the laws.
func TestEP4_ConservationAcrossServers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString(ref2Short)
		version := rapid.SampledFrom([]string{"2007", "2010"}).Draw(t, "version")
		base := strings.Replace(text.String(), `version = "2010"`, fmt.Sprintf("version = %q", version), 1)
		text.Reset()
		text.WriteString(strings.Replace(base, "name = \"EP1\"\n", fmt.Sprintf("name = \"EP1\"\nincoming = %d\nthreads = %d\nkeep_interval = %v\n",
			rapid.IntRange(0, 20).Draw(t, "incoming"), rapid.IntRange(1, 5).Draw(t, "threads"), rapid.Bool().Draw(t, "keep")), 1))
		party := rapid.SampledFrom([]string{"site:A", "site:B", "mailbox:EP1", "mailbox:EP2", "internet"})
		for i := range rapid.IntRange(1, 5).Draw(t, "loads") {
			from, to := party.Draw(t, "from"), party.Draw(t, "to")
			if from == "internet" && to == "internet" {
				to = "site:A"
			}
			fmt.Fprintf(&text, "[[load]]\nid = \"l%d\"\nkind = \"poisson\"\nrate = \"%d/min\"\nfrom = %q\nto = { %q = 2, \"domain:elsewhere.example\" = 1 }\nrecipients = %d\nsize = \"10KB\"\n",
				i, rapid.IntRange(1, 20).Draw(t, "rate"), from, to, rapid.IntRange(1, 3).Draw(t, "recipients"))
		}
		host := rapid.SampledFrom([]string{"EP1", "EP2", "A1", "B1"})
		for i := range rapid.IntRange(0, 4).Draw(t, "faults") {
			start := rapid.IntRange(0, 50).Draw(t, "start")
			fmt.Fprintf(&text, "[[fault]]\nid = \"f%d\"\nstart = \"%dm\"\nduration = \"%dm\"\n", i, start, rapid.IntRange(1, 30).Draw(t, "duration"))
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				fmt.Fprintf(&text, "kind = \"host_down\"\ntarget = { host = %q }\nqueue_db = %q\n", host.Draw(t, "host"), rapid.SampledFrom([]string{"intact", "lost"}).Draw(t, "db"))
			case 1:
				fmt.Fprintf(&text, "kind = \"host_down\"\nmode = \"service_stop\"\ntarget = { host = \"EP1\" }\nservices = [%q]\n",
					rapid.SampledFrom([]string{"EPSTRS", "EPSTDS", "EPSTPOP3S"}).Draw(t, "service"))
			case 2:
				fmt.Fprintf(&text, "kind = \"link_down\"\ntarget = { link = %q }\n", rapid.SampledFrom([]string{"A-P", "B-P", "A-B"}).Draw(t, "link"))
			case 3:
				fmt.Fprintf(&text, "kind = \"nic_late_bind\"\ntarget = { host = %q }\nprone = true\nrecovery = %q\n", host.Draw(t, "host"),
					rapid.SampledFrom([]string{"none", "restart"}).Draw(t, "recovery"))
			case 4:
				fmt.Fprintf(&text, "kind = \"host_down\"\nmode = \"service_stop\"\ntarget = { host = %q }\n[[fault.remedy]]\naction = \"start_service\"\nafter = \"1m\"\n", host.Draw(t, "host"))
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "actions") {
			fmt.Fprintf(&text, "[[action]]\nat = \"%ds\"\naction = %q\ntarget = { host = %q }\n", rapid.IntRange(0, 3600).Draw(t, "at"),
				rapid.SampledFrom([]string{"restart_os", "restart_transport", "start_service", "retry_queue", "set_delayed_start"}).Draw(t, "action"), host.Draw(t, "host"))
		}
		run := func() *result.Run {
			s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text.String())}}, "w.toml")
			require.NoError(t, err, text.String())
			cfg, err := s.Config(s.Points()[0])
			require.NoError(t, err)
			m := result.NewMemory(0, 0)
			require.NoError(t, sim.Run(t.Context(), cfg, 0, m), text.String())
			return m.Run()
		}
		require.Equal(t, run().Summary.Fingerprint, run().Summary.Fingerprint)
	})
}
