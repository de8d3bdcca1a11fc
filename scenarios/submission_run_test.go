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
		"whoever takes it":  {"2016", "max_concurrent_mailbox_submissions = 10\n[[mailbox]]\nname = \"n\"\nsite = \"A\"\n", 5, 40},
		"two hubs":          {"2010", aHub + "max_concurrent_mailbox_submissions = 10\n[[hub]]\nname = \"k\"\nsite = \"A\"\nmax_concurrent_mailbox_submissions = 10\n", 3, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, fmt.Sprintf(submitters, c.version, c.keys))
			require.InDelta(t, 50, w.figure("messages.delivered", "site=all", "total"), 0)
			require.InDelta(t, 6*c.rounds, w.figure("delivery.delay", "from=all,to=all", "max"), 0.3)
			waiting := 0.0 // there is no series where nothing ever waits
			for _, s := range w.run.Series {
				if s.Metric != "submission_pending" || s.Labels.Get("site") != "A" {
					continue
				}
				for i, at := range s.Times {
					if w.clock(at) == "10:01:01" {
						waiting = s.Last[i]
					}
				}
				require.Zero(t, s.Last[len(s.Last)-1])
			}
			require.InDelta(t, c.waiting, waiting, 0)
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

// TestQ4_6_NobodyPushesIn: a message that comes at the instant at which there is room waits behind the others.
func TestQ4_6_NobodyPushesIn(t *testing.T) {
	t.Parallel()
	late := aHub + "max_concurrent_mailbox_submissions = 10\n[[load]]\nkind = \"burst\"\nfrom = \"mailbox:m\"\nto = \"mailbox:m\"\nat = \"66s\"\ncount = 1\nsize = \"10KB\"\n"
	w := work(t, fmt.Sprintf(submitters, "2010", late))
	require.InDelta(t, (10*(6+12+18+24+30)+30)/51.0, w.figure("delivery.delay", "from=all,to=all", "mean"), 0.1)
}

// TestQ4_6_WaitersWhoseTurnIsNone: who cannot be taken when the turn comes stays in the mailbox, and is offered again like others (D-4).
func TestQ4_6_WaitersWhoseTurnIsNone(t *testing.T) {
	t.Parallel()
	const dc = "[[dc]]\nname = \"d\"\nsite = \"A\"\n"
	fault := func(kind, keys string) string {
		return fmt.Sprintf("max_concurrent_mailbox_submissions = 10\n%s[[fault]]\nkind = %q\n%s\nstart = \"63s\"\nduration = \"2m\"\n", dc, kind, keys)
	}
	for name, c := range map[string]struct {
		tables string
		left   float64 // rounds of 6 s that are left when the fault is over at 10:03:03, the next offers a minute later
	}{
		"the database is dismounted": {aHub + fault("store_down", `target = { host = "m" }`), 5}, // what is being fetched stays, too
		"the machine is down":        {aHub + fault("host_down", `target = { host = "m" }`), 5},
		"no tickets":                 {aHub + fault("dc_down", "mode = \"kdc_only\"\ntarget = { host = \"d\" }"), 4},
		"back pressure":              {aHub + "queue_drive = { size = \"500GB\" }\n" + fault("disk_pressure", "used_to = 0.995\ntarget = { host = \"h\" }"), 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, fmt.Sprintf(submitters, "2010", c.tables))
			require.InDelta(t, 50, w.figure("messages.delivered", "site=all", "total"), 0)
			require.InDelta(t, 180+6*c.left, w.figure("delivery.delay", "from=all,to=all", "max"), 0.3)
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
