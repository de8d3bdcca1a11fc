package scenarios_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// submitters is an organisation whose mailboxes send 50 messages at 10:01, each of which takes 6 s to fetch.
const submitters = `
start = 2026-03-02T10:00:00Z
duration = "10m"
[model]
version = %q
profile = "reference"
mailbox_submission = "6s"
[output]
sample_interval = "1s"
[[site]]
name = "A"
[[mailbox]]
name = "m"
site = "A"
%s
[[load]]
kind = "burst"
from = "mailbox:m"
to = "mailbox:m"
at = "1m"
count = 50
size = "10KB"
`

const aHub = "[[hub]]\nname = \"h\"\nsite = \"A\"\n"

// TestQ4_6_MailboxSubmissions: a server takes so many messages from mailboxes at one time. The others wait there, in order.
func TestQ4_6_MailboxSubmissions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		version, keys string
		rounds        float64 // of 6 s
		waiting       float64 // after the first second
	}{
		"2007: 30":          {"2007", aHub, 2, 20},
		"2010: 20":          {"2010", aHub, 3, 30},
		"2016: 20":          {"2016", "", 3, 30},
		"the hub's own":     {"2010", aHub + "max_concurrent_mailbox_submissions = 10\n", 5, 40},
		"the mailbox's own": {"2016", "max_concurrent_mailbox_submissions = 25\n", 2, 25},
		"enough for all":    {"2016", "max_concurrent_mailbox_submissions = 50\n", 1, 0},
		"two hubs":          {"2010", aHub + "max_concurrent_mailbox_submissions = 10\n[[hub]]\nname = \"k\"\nsite = \"A\"\nmax_concurrent_mailbox_submissions = 10\n", 3, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, fmt.Sprintf(submitters, c.version, c.keys))
			require.InDelta(t, 50, w.figure("messages.delivered", "site=all", "total"), 0)
			require.InDelta(t, 6*c.rounds, w.figure("delivery.delay", "from=all,to=all", "max"), 0.3)
			for _, s := range w.run.Series {
				if s.Metric != "submission_pending" || s.Labels.Get("site") != "A" {
					continue
				}
				for i, at := range s.Times {
					if w.clock(at) == "10:01:01" {
						require.InDelta(t, c.waiting, s.Last[i], 0)
					}
				}
				require.Zero(t, s.Last[len(s.Last)-1])
			}
		})
	}
}

// TestQ4_6_WaitersOfAServerThatStops: who waits for a turn at a hub that goes down is taken by another one, and by the same one when it is back.
func TestQ4_6_WaitersOfAServerThatStops(t *testing.T) {
	t.Parallel()
	down := func(host string) string {
		return fmt.Sprintf("[[fault]]\nkind = \"host_down\"\nmode = \"service_stop\"\ntarget = { host = %q }\nstart = \"63s\"\nduration = \"2m\"\n", host)
	}
	two := aHub + "[[hub]]\nname = \"k\"\nsite = \"A\"\n"
	for name, c := range map[string]struct {
		version, tables string
		delay           float64 // the largest
	}{
		"the other hub takes all": {"2010", two + down("h"), 3 * 6}, // 20 at k until 10:01:06, which has 5 more to begin; the 25 of h join them
		"nobody else":             {"2010", aHub + down("h"), 180 + 3*6},
		"the machine itself":      {"2016", down("m"), 180 + 3*6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, fmt.Sprintf(submitters, c.version, c.tables))
			require.InDelta(t, 50, w.figure("messages.delivered", "site=all", "total"), 0)
			require.InDelta(t, c.delay, w.figure("delivery.delay", "from=all,to=all", "max"), 0.3, "offers come at whole minutes (D-4)")
		})
	}
}

// TestQ4_6_SubmissionsOfAScenario: as installed by version, and the server's own key.
func TestQ4_6_SubmissionsOfAScenario(t *testing.T) {
	t.Parallel()
	for _, v := range []topology.Version{topology.V2007RTM, topology.V2007, topology.V2010, topology.V2013, topology.V2016, topology.VSE} {
		tables := ""
		if !v.New() {
			tables = aHub
		}
		s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: fmt.Appendf(nil, submitters, v, tables)}}, "x.toml")
		require.NoError(t, err)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		require.Equal(t, 6*time.Second, cfg.Model.Submission)
		for i := range cfg.Servers {
			if cfg.Org.Servers[i].Is(topology.RoleHub) {
				require.Equal(t, transport.DefaultProfile(v, false).MaxMailboxSubmissions, cfg.Servers[i].Profile.MaxMailboxSubmissions)
			}
		}
	}
}
