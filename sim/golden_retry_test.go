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

// cutOff is the bench of the golden cases of retries as whole runs: server "from", a hub of site A or an Edge, sends to hub "to" of site B, which it
// does not reach for a while: the link A-B is down, or the service that the Edge sends to is stopped. A set-up takes 2 s, a message 2 s, a failed
// attempt nothing; all else takes no time.
type cutOff struct {
	cfg  sim.Config
	from topology.ServerID
}

func newCutOff(t *testing.T, edge bool, until float64, change ...func(*transport.Profile)) *cutOff {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	x := &cutOff{cfg: sim.Config{
		Name: "cut off", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: 3 * time.Hour, Seed: 1,
		Remotes: []sim.Remote{{}},
		Model: sim.Model{
			Session: sim.SessionCost{Setup: rng.Constant(2), PerMessage: rng.Constant(2)}, ToEdge: sim.SessionCost{Setup: rng.Constant(2), PerMessage: rng.Constant(2)},
			NotifyDelay: 5 * second, MaxClockSkew: 5 * time.Minute,
		},
		Output: sim.Output{SampleInterval: second, Queues: true, Servers: true},
	}}
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 10})
	b.Remote(topology.Remote{Name: "internet"})
	add := func(name string, site topology.SiteID, roles topology.Roles) topology.ServerID {
		p := transport.DefaultProfile(topology.V2010, roles == topology.RoleEdge)
		x.cfg.Servers = append(x.cfg.Servers, sim.Server{Profile: p})
		return b.Server(topology.Server{Name: name, Site: site, Roles: roles, Version: topology.V2010, DC: topology.None, Mailboxes: 1})
	}
	cut := fault.Fault{ID: "cut", Kind: fault.LinkDown, End: simtime.Never, Probability: 1, Links: []topology.LinkID{0}}
	source := load.Party{Kind: load.PartyInternet, Weight: 1}
	if edge {
		x.from = add("from", sites[1], topology.RoleEdge)
	} else {
		x.from = add("from", sites[0], topology.RoleHub|topology.RoleMailbox)
		source = load.Party{Kind: load.PartyMailbox, Server: x.from, Weight: 1}
	}
	to := add("to", sites[1], topology.RoleHub|topology.RoleMailbox)
	if edge {
		cut = fault.Fault{ID: "cut", Kind: fault.HostDown, Mode: fault.ServiceStop, End: simtime.Never, Probability: 1, Hosts: []fault.Host{{Server: to, DC: topology.None}}}
	}
	if until > 0 {
		cut.End = seconds(until)
	}
	for _, c := range change {
		c(&x.cfg.Servers[x.from].Profile)
	}
	x.cfg.Faults = []fault.Fault{cut}
	x.cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Burst, Count: 1, End: simtime.Never, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{source}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
	}}
	org, err := b.Build()
	require.NoError(t, err)
	x.cfg.Org = org
	return x
}

// run returns the result and the instants of the attempts of the first queue of "from".
func (x *cutOff) run(t *testing.T) (*result.Run, []simtime.Time) {
	t.Helper()
	m := result.NewMemory(0, 0)
	w, err := sim.RunWatched(t.Context(), &x.cfg, 0, m)
	require.NoError(t, err)
	var at []simtime.Time
	for _, a := range w.Began {
		if a.Server == x.from && a.Queue == 0 {
			at = append(at, a.At)
		}
	}
	return m.Run(), at
}

func minutes(m ...float64) []simtime.Time {
	var out []simtime.Time
	for _, x := range m {
		out = append(out, seconds(60*x))
	}
	return out
}

// TestQ7_2_LadderInARun is QG-16 and QG-17 as whole runs.
func TestQ7_2_LadderInARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edge bool
		want []simtime.Time
	}{
		{"QG-16 hub", false, minutes(0, 1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64, 74, 84, 94, 104)},
		{"QG-16 edge", true, minutes(0, 1, 2, 3, 4, 14, 24, 34, 44, 54, 64, 94, 124, 154)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, got := newCutOff(t, c.edge, 0).run(t)
			require.Equal(t, c.want, got[:len(c.want)])
		})
	}
	t.Run("QG-17", func(t *testing.T) {
		t.Parallel()
		x := newCutOff(t, false, 0)
		x.cfg.Model.FailedConnect = 180 * time.Millisecond
		_, got := x.run(t)
		// t0, the end of the first attempt, stands for 22:06:02; retry 17 ends at 23:50:05 and the next comes at 00:00:05.
		first, last := got[0].Add(x.cfg.Model.FailedConnect), got[17].Add(x.cfg.Model.FailedConnect)
		require.InDelta(t, (104*time.Minute + 3*time.Second).Seconds(), last.Sub(first).Seconds(), 1)
		require.Equal(t, last.Add(10*time.Minute), got[18])
	})
}

// TestQ7_6_LinkComesBackInARun is QG-18 as a whole run: when the mail is through.
func TestQ7_6_LinkComesBackInARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		edge      bool
		back      float64
		attempts  []simtime.Time
		delivered float64
	}{
		{"QG-18a", false, 210, minutes(0, 1, 2, 3, 4), 244},
		{"QG-18b", false, 1200, minutes(0, 1, 2, 3, 4, 9, 14, 19, 24), 24*60 + 4},
		{"QG-18c", true, 1200, minutes(0, 1, 2, 3, 4, 14, 24), 24*60 + 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newCutOff(t, c.edge, c.back)
			r, got := x.run(t)
			require.Equal(t, c.attempts, got)
			require.InDelta(t, c.delivered, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 0.001, "less than 1 ms for the store")
		})
	}
	t.Run("QG-18d", func(t *testing.T) {
		t.Parallel()
		x := newCutOff(t, true, 0) // the store of "to" stands alone, behind a hub
		b := topology.NewBuilder(topology.V2010)
		s := b.Site(topology.Site{Name: "A"})
		hub := b.Server(topology.Server{Name: "hub", Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
		store := b.Server(topology.Server{Name: "store", Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 1})
		org, err := b.Build()
		require.NoError(t, err)
		x.cfg.Org, x.cfg.Remotes, x.from = org, nil, hub
		x.cfg.Servers = []sim.Server{{Profile: transport.DefaultProfile(topology.V2010, false)}, {}}
		x.cfg.Model.Delivery = x.cfg.Model.Session
		x.cfg.Faults[0].Hosts[0].Server, x.cfg.Faults[0].End = store, seconds(1000)
		x.cfg.Loads[0].To[0].Server = store
		r, got := x.run(t)
		require.Equal(t, minutes(0, 5, 10, 15, 20), got)
		require.InDelta(t, 1204.0, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 0.001)
	})
}

// TestQ7_11_RecoveryInARun is QG-19 as a whole run.
func TestQ7_11_RecoveryInARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, ceiling int
		below45    float64
	}{{20, 20, 26*60 + 50}, {20, 40, 25*60 + 26}, {5, 20, 26*60 + 48}, {5, 40, 25*60 + 20}} {
		t.Run(fmt.Sprintf("QG-19 N=%d ceiling %d", c.n, c.ceiling), func(t *testing.T) {
			t.Parallel()
			x := newCutOff(t, false, 1200, func(p *transport.Profile) {
				for i := range p.Threshold {
					p.Threshold[i] = c.n
				}
				p.MaxPerDomainConnections = c.ceiling
			})
			l := &x.cfg.Loads[0]
			l.Kind, l.Every, l.Count = load.Regular, second, 2401
			m := result.NewMemory(0, 0)
			require.NoError(t, sim.Run(t.Context(), &x.cfg, 0, m)) // a watch of 1445 messages would take seconds
			r := m.Run()
			const q = "server=from,next_hop=B,delivery_type=SmtpRelayToRemoteAdSite,connector="
			require.Zero(t, level(t, r, "queue.connections", q, 1439))
			require.Equal(t, 1441.0, level(t, r, "queue.length", q, 1440))
			require.Equal(t, 1.0, level(t, r, "queue.connections", q, 1440), "one probe")
			require.Equal(t, 1445.0, stat(t, r, "queue.length", q, "max"))
			require.Equal(t, 1444.0, level(t, r, "queue.length", q, 1443))
			var length []float64 // at every second
			for _, s := range r.Series {
				if s.Metric == "queue.length" && s.Labels.String() == q {
					length = s.Last
				}
			}
			first := func(most float64) float64 { // when the queue is first so short after the outage
				for i := 1440; ; i++ {
					if length[i] <= most {
						return float64(i + 1)
					}
				}
			}
			require.InDelta(t, c.below45, first(45), 4)
			switch {
			case c.n == 20:
				require.GreaterOrEqual(t, first(20), 40*60+14.0-4, "after arrivals stop")
			case c.ceiling == 20:
				require.InDelta(t, 26*60+50, first(20), 4)
			}
			require.Equal(t, 2401.0, stat(t, r, "messages.delivered", "site=all", "total"))
		})
	}
}

// TestQ8_1_TwoDaysInARun is QG-21 and QG-22 as whole runs: a message at 08:00 for a site that is cut off for good. The sender, whose mailbox is on
// the server that waits, hears of the delay and of the end.
func TestQ8_1_TwoDaysInARun(t *testing.T) {
	t.Parallel()
	hour := func(h float64) simtime.Time { return seconds(3600 * h) } // from 08:00
	for _, c := range []struct {
		name          string
		on            bool // priority queueing
		priority      load.Priority
		size          float64
		delay, expiry float64 // hours
		within        map[float64]int
		retries       int
		last          float64
	}{
		{"QG-21", false, load.Normal, 100 << 10, 4, 48, map[float64]int{4: 30, 8: 54, 12: 78}, 294, 47.9},
		{"QG-22 high 100 KB", true, load.High, 100 << 10, 0.5, 8, nil, 54, 7.9},
		{"QG-22 high 300 KB", true, load.High, 300 << 10, 4, 48, nil, 294, 47.9},
		{"QG-22 low", true, load.Low, 100 << 10, 8, 48, nil, 294, 47.9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newCutOff(t, false, 0, func(p *transport.Profile) { p.Reports.PriorityQueueing = c.on })
			x.cfg.Duration, x.cfg.Output.SampleInterval = 49*time.Hour, time.Minute
			x.cfg.Loads[0].Priority, x.cfg.Loads[0].Size = c.priority, rng.Constant(c.size)
			r, got := x.run(t)
			got = got[1:]
			for until, n := range c.within {
				have := 0
				for _, at := range got {
					if at <= hour(until) {
						have++
					}
				}
				require.Equal(t, n, have, "retries in the first %g h", until)
			}
			require.Len(t, got, c.retries)
			require.Equal(t, hour(c.last), got[len(got)-1])
			reports := map[string][]simtime.Time{}
			for _, e := range r.Events {
				if e.Kind == "dsn" {
					reports[e.Fields[0].Value.(string)] = append(reports[e.Fields[0].Value.(string)], e.Time)
				}
			}
			require.Equal(t, map[string][]simtime.Time{"delay": {hour(c.delay)}, "ndr": {hour(c.expiry)}}, reports)
			require.Equal(t, 2.0, stat(t, r, "messages.delivered", "site=all", "total"), "both reports reach the sender")
			require.Equal(t, 1.0, stat(t, r, "messages.expired", "site=all", "total"))
		})
	}
}
