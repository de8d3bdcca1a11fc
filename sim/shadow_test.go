package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// couple is a site with two mailbox servers P and Q that hold each other's shadow copies, and a way out of both. P's categoriser takes a
// minute and nothing else takes time, so what comes in the minute before a crash is on P then. t0 stands on an odd minute, and so
// do the heartbeats.
type couple struct {
	cfg   sim.Config
	b     *topology.Builder
	t0    time.Time
	p, q  topology.ServerID
	sites []topology.SiteID
}

// clock is a time of the day of the tests.
func clock(at string) time.Time {
	t, err := time.Parse(time.DateTime, "2026-03-02 "+at)
	if err != nil {
		panic(err)
	}
	return t
}

func newCouple(v topology.Version, t0 string) *couple {
	x := &couple{b: topology.NewBuilder(v), t0: clock(t0)}
	x.cfg = sim.Config{
		Name: "couple", Start: x.t0, Duration: 10 * time.Hour, Seed: 1, Remotes: []sim.Remote{{}},
		Model:  sim.Model{Submitted: sim.CategoriserCost{Base: time.Minute}, MaxClockSkew: 5 * time.Minute},
		Output: sim.Output{SampleInterval: time.Minute, Servers: true, Links: true},
	}
	x.sites = []topology.SiteID{x.b.Site(topology.Site{Name: "S"})}
	x.p, x.q = x.server("P", 0, v), x.server("Q", 0, v)
	x.b.Remote(topology.Remote{Name: "internet"})
	x.b.Connector(topology.Connector{
		Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: []topology.ServerID{x.p, x.q}, DNS: true,
	})
	return x
}

func (x *couple) server(name string, site int, v topology.Version) topology.ServerID {
	p := transport.DefaultProfile(v, false)
	p.CategoriserWorkers = 1000
	p.Reports.DelayInternal = false
	x.cfg.Servers = append(x.cfg.Servers, sim.Server{Profile: p, Shadow: transport.DefaultShadow(v, false)})
	return x.b.Server(topology.Server{
		Name: name, Site: x.sites[site], Roles: topology.RoleHub | topology.RoleMailbox, Version: v, DC: topology.None, Mailboxes: 1,
	})
}

func (x *couple) at(at string) simtime.Time {
	return simtime.Time(clock(at).Sub(x.t0))
}

// mail lets P's mailboxes send n messages at an instant, half of them over P and half over Q (2007: all over P): into the organisation to Q's mailbox, or out
// of it.
func (x *couple) mail(at string, n int64, out bool) *couple {
	to := load.Party{Kind: load.PartyMailbox, Server: x.q, Weight: 1}
	if out {
		to = load.Party{Kind: load.PartyInternet, Domain: "example.net", Weight: 1}
	}
	x.cfg.Loads = append(x.cfg.Loads, load.Source{
		ID: fmt.Sprintf("load%d", len(x.cfg.Loads)), Kind: load.Burst, Start: x.at(at), End: simtime.Never, Count: n, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: x.p, Weight: 1}}, To: []load.Party{to},
	})
	return x
}

// crash takes a server down; back "" means for good.
func (x *couple) crash(s topology.ServerID, down, back string, lost bool) *couple {
	f := fault.Fault{
		ID: fmt.Sprintf("crash%d", len(x.cfg.Faults)), Kind: fault.HostDown, Start: x.at(down), End: simtime.Never, Probability: 1, Mode: fault.Crash, QueueLost: lost,
		Hosts: []fault.Host{{Server: s, DC: topology.None}},
	}
	if back != "" {
		f.End = x.at(back)
	}
	x.cfg.Faults = append(x.cfg.Faults, f)
	return x
}

// deaf lets a server restart and go on without listening, for good.
func (x *couple) deaf(s topology.ServerID, from string) *couple {
	x.crash(s, from, "", false)
	f := &x.cfg.Faults[len(x.cfg.Faults)-1]
	f.Kind, f.Prone, f.TeamUp, f.DAD, f.StartOffset = fault.NICLateBind, 1, rng.Constant(9), rng.Constant(3), rng.Constant(1)
	return x
}

// list sends the messages of the first load to a list of two: Q's mailbox has them at once, the way out takes an hour.
func (x *couple) list() *couple {
	members := []topology.Recipient{{Server: x.q, Count: 1}, {Server: topology.None, Domain: "example.net"}}
	x.cfg.Loads[0].To = []load.Party{{Kind: load.PartyGroup, Group: x.b.Group(topology.Group{Name: "list", ExpansionServer: topology.None, Members: members}), Weight: 1}}
	x.cfg.Remotes[0].Session.PerMessage = rng.Constant(3600)
	for i := range x.cfg.Servers {
		for k := range x.cfg.Servers[i].Profile.Threshold {
			x.cfg.Servers[i].Profile.Threshold[k] = 1
		}
	}
	return x
}

func (x *couple) run(t *testing.T) *result.Run {
	t.Helper()
	if x.cfg.Org == nil {
		org, err := x.b.Build()
		require.NoError(t, err)
		x.cfg.Org = org
	}
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), &x.cfg, 0, m))
	return m.Run()
}

// takenOver lists when copies were sent in place of their primary, and how many.
func (x *couple) takenOver(r *result.Run) []string {
	var out []string
	for _, e := range r.Events {
		if e.Kind == "shadow.resubmitted" {
			out = append(out, fmt.Sprintf("%s %s %v", x.t0.Add(time.Duration(e.Time)).Format("15:04:05.999"), e.Server, e.Fields[1].Value))
		}
	}
	return out
}

// counts are messages delivered, lost, held, and sent though they were not lost.
func counts(t *testing.T, r *result.Run) [4]float64 {
	c := [4]float64{stat(t, r, "messages.delivered", "site=all", "total"), stat(t, r, "messages.lost", "site=all", "total"), stat(t, r, "messages.held", "site=all", "total")}
	for _, m := range r.Summary.Metrics {
		if m.Metric == "messages.resubmitted" && m.Labels.String() == "site=all" {
			c[3] = m.Stats[0].Value
		}
	}
	return c
}

// TestQ11_4_ARunLosesAPrimary is QG-31 as a whole run: mail is on its way on P when it dies at 10:00:00.
func TestQ11_4_ARunLosesAPrimary(t *testing.T) {
	t.Parallel()
	story := func() *couple { return newCouple(topology.V2016, "09:01:00").mail("09:59:30", 14, true) }
	for _, c := range []struct {
		name   string
		x      *couple
		want   []string
		counts [4]float64
		last   string // delivery
	}{
		{"QG-31 never back", story().crash(0, "10:00:00", "", false), []string{"12:59:00 Q 7"}, [4]float64{14, 0, 7, 7}, "12:59:00"},
		{"QG-31 never back, disk destroyed", story().crash(0, "10:00:00", "", true), []string{"12:59:00 Q 7"}, [4]float64{14, 0, 0, 0}, "12:59:00"},
		{"QG-31 new database", story().crash(0, "10:00:00", "10:30:00", true), []string{"10:31:00 Q 7"}, [4]float64{14, 0, 0, 0}, "10:31:00"},
		{"QG-31 old database, too late", story().crash(0, "10:00:00", "14:00:00", false), []string{"12:59:00 Q 7"}, [4]float64{21, 0, 0, 7}, "14:01:00"},
		{"old database in time", story().crash(0, "10:00:00", "10:30:00", false), nil, [4]float64{14, 0, 0, 0}, "10:31:00"},
		{
			"both are lost", story().crash(0, "10:00:00", "10:30:00", true).crash(1, "10:10:00", "10:20:00", true), nil,
			[4]float64{7, 7, 0, 0}, "",
		},
		{
			"the holder's disk is destroyed first", story().crash(1, "09:59:40", "09:59:41", true).crash(0, "10:00:00", "10:30:00", true), nil,
			[4]float64{0, 14, 0, 0}, "",
		},
		{
			"the holder was down, too", story().crash(0, "10:00:00", "", true).crash(1, "10:10:00", "12:00:00", false), []string{"15:00:00 Q 7"},
			[4]float64{14, 0, 0, 0}, "15:00:00",
		},
		{
			"the holder was down when the time was up", story().crash(0, "10:00:00", "", true).crash(1, "10:10:00", "13:30:00", false), []string{"16:30:00 Q 7"},
			[4]float64{14, 0, 0, 0}, "16:30:00",
		},
		{
			"the disk is destroyed after the take-over", story().crash(0, "10:00:00", "", false).crash(0, "13:30:00", "", true), []string{"12:59:00 Q 7"},
			[4]float64{14, 0, 0, 0}, "12:59:00",
		},
		{"a primary that sends but does not listen", story().deaf(0, "09:30:00"), []string{"12:59:00 Q 7"}, [4]float64{21, 0, 0, 7}, "12:59:00"},
		{
			"one of two parts was passed on", story().list().crash(0, "10:01:00", "10:30:00", true), []string{"10:31:00 Q 7"},
			[4]float64{28, 0, 0, 0}, "11:31:00", // 7 lists are sent again in place of 7 of their members; the other members have them
		},
		{
			"copies of mail that was passed on unknown to the holder", newCouple(topology.V2016, "09:01:00").mail("09:57:30", 4, true).mail("09:58:30", 6, true).crash(0, "10:00:00", "", false),
			[]string{"12:59:00 Q 3"}, [4]float64{13, 0, 0, 3}, "12:59:00",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.x.run(t)
			require.Equal(t, c.want, c.x.takenOver(r))
			require.Equal(t, c.counts, counts(t, r), "delivered, lost, held, sent though not lost")
			if c.last != "" {
				require.InDelta(t, c.x.at(c.last).Sub(c.x.cfg.Loads[len(c.x.cfg.Loads)-1].Start).Seconds(), stat(t, r, "delivery.delay", "from=all,to=all", "max"), 0.003)
			}
		})
	}
}

// TestQ12_11_MailboxesHaveItOnce is the other half of QG-31 and FW-23: what is sent twice inside the organisation a mailbox has once.
func TestQ12_11_MailboxesHaveItOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		x          *couple
		counts     [4]float64
		duplicates float64
	}{
		"QG-31 old database, too late": {
			newCouple(topology.V2016, "09:01:00").mail("09:59:30", 14, false).crash(0, "10:00:00", "14:00:00", false), [4]float64{14, 0, 0, 7}, 7,
		},
		"FW-23 c": {
			newCouple(topology.V2013, "12:01:00").mail("12:59:30", 600, false).crash(0, "13:00:00", "17:00:00", false), [4]float64{600, 0, 0, 300}, 300,
		},
		"passed on before the crash, unknown to the holder": {
			newCouple(topology.V2016, "09:01:00").mail("09:57:30", 4, false).mail("09:58:30", 6, false).crash(0, "10:00:00", "", false), [4]float64{10, 0, 0, 3}, 3,
		},
		"lost by the primary": {
			newCouple(topology.V2016, "09:01:00").mail("09:59:30", 14, false).crash(0, "10:00:00", "10:30:00", true), [4]float64{14, 0, 0, 0}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.x.run(t)
			require.Equal(t, c.counts, counts(t, r), "delivered, lost, held, sent though not lost")
			require.Equal(t, c.duplicates, stat(t, r, "messages.duplicate", "site=all", "total"))
		})
	}
}

// TestQ11_4_ARunLosesAHubWithMail is FW-23: 300 messages queued, 13:00 crash.
func TestQ11_4_ARunLosesAHubWithMail(t *testing.T) {
	t.Parallel()
	story := func() *couple { return newCouple(topology.V2013, "12:01:00").mail("12:59:30", 600, true) }
	for name, c := range map[string]struct {
		x      *couple
		want   []string
		counts [4]float64
	}{
		"FW-23 a":      {story().crash(0, "13:00:00", "13:20:00", true), []string{"13:21:00 Q 300"}, [4]float64{600, 0, 0, 0}},
		"FW-23 b":      {story().crash(0, "13:00:00", "", true), []string{"15:59:00 Q 300"}, [4]float64{600, 0, 0, 0}},
		"FW-23 c":      {story().crash(0, "13:00:00", "17:00:00", false), []string{"15:59:00 Q 300"}, [4]float64{900, 0, 0, 300}},
		"FW-23 a 2007": {newCouple(topology.V2007, "12:01:00").mail("12:59:30", 300, true).crash(0, "13:00:00", "13:20:00", true), nil, [4]float64{0, 300, 0, 0}},
		"FW-23 c 2007": {newCouple(topology.V2007, "12:01:00").mail("12:59:30", 300, true).crash(0, "13:00:00", "17:00:00", false), nil, [4]float64{300, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.x.run(t)
			require.Equal(t, c.want, c.x.takenOver(r))
			require.Equal(t, c.counts, counts(t, r), "delivered, lost, held, sent though not lost")
		})
	}
}
