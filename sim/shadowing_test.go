package sim_test

import (
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

// far puts Q into a site of its own, behind a link of 8 Mbit/s and 50 ms, in one availability group with P; a hub A stands alone in a third.
// No work takes time but the network's. Mail of 1,000,000 bytes comes at t0 + 1 s.
func far(from, to topology.ServerID) *couple {
	x := &couple{b: topology.NewBuilder(topology.V2016), t0: clock("00:00:00")}
	x.cfg = sim.Config{
		Name: "far", Start: x.t0, Duration: time.Minute, Seed: 1, Remotes: []sim.Remote{{}}, Model: sim.Model{MaxClockSkew: time.Minute},
		Output: sim.Output{SampleInterval: 10 * second, Servers: true, Links: true},
	}
	for _, name := range []string{"S", "T", "U", "V"} {
		x.sites = append(x.sites, x.b.Site(topology.Site{Name: name}))
	}
	x.p, x.q = x.server("P", 0, topology.V2016), x.server("Q", 1, topology.V2016)
	x.server("A", 2, topology.V2016)
	x.b.DAG(topology.DAG{Name: "dag", Members: []topology.ServerID{x.p, x.q}})
	x.b.Link(topology.Link{Name: "S-T", Sites: x.sites[:2], Cost: 1, RTT: 50 * time.Millisecond, Up: 8_000_000, Down: 8_000_000})
	x.b.Link(topology.Link{Name: "S-U", Sites: []topology.SiteID{x.sites[0], x.sites[2]}, Cost: 1, RTT: 10 * time.Millisecond})
	x.b.Link(topology.Link{Name: "S-V", Sites: []topology.SiteID{x.sites[0], x.sites[3]}, Cost: 1})
	x.b.SubmissionStaysInSite(true)
	x.cfg.Loads = []load.Source{{
		ID: "one", Kind: load.Burst, Start: seconds(1), End: simtime.Never, Count: 1, Size: rng.Constant(1_000_000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: from, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
	}}
	return x
}

func (x *couple) without() *couple {
	for i := range x.cfg.Servers {
		x.cfg.Servers[i].Shadow = transport.ShadowProfile{}
	}
	return x
}

func (x *couple) linkDown(link topology.LinkID, from, to float64) *couple {
	x.cfg.Faults = append(x.cfg.Faults, fault.Fault{
		ID: "cut", Kind: fault.LinkDown, Start: seconds(from), End: seconds(to), Probability: 1, Links: []topology.LinkID{link},
	})
	return x
}

func delay(t *testing.T, r *result.Run) float64 {
	return stat(t, r, "delivery.delay", "from=all,to=all", "max")
}

// TestQ6_4_ACopyCostsTime: the sender waits for two round trips to the holder and for the body to get there.
func TestQ6_4_ACopyCostsTime(t *testing.T) {
	t.Parallel()
	const p, q, a = 0, 1, 2
	for _, c := range []struct {
		name string
		x    func() *couple
		want float64 // seconds more than without shadow copies
	}{
		{"in the site", func() *couple { return newCouple(topology.V2016, "09:01:00").mail("09:02:00", 1, false) }, 0.002 + 8000/1e9},
		{"in another site", func() *couple { return far(p, p) }, 0.1 + 1},
		{"of mail from another server", func() *couple { return far(a, p) }, 0.1 + 1}, // A stands alone
		{"of mail that is submitted to another site", func() *couple { x := far(a, p); x.b.SubmissionStaysInSite(false); return x }, 0.1 + 1},
		{"a link elsewhere is cut meanwhile", func() *couple { return far(p, p).linkDown(2, 1.5, 30) }, 0.1 + 1},
		{"of mail from another server, a link elsewhere is cut meanwhile", func() *couple { return far(a, p).linkDown(2, 1.5, 30) }, 0.1 + 1},
		{"of mail from another server, the link is cut meanwhile", func() *couple { return far(a, p).linkDown(0, 1.5, 30) }, 0.1 + 0.5},
		{"no holder", func() *couple { return far(a, a) }, 0},
		{"of 2010", func() *couple { return newCouple(topology.V2010, "09:01:00").mail("09:02:00", 1, false) }, 0},
		{"two at a time share the link", func() *couple { x := far(p, p); x.cfg.Loads[0].Count = 2; return x }, 0.1 + 2},
		{"the link is cut meanwhile", func() *couple { return far(p, p).linkDown(0, 1.5, 30) }, 0.1 + 0.5}, // taken without a copy
		{"the link is cut before", func() *couple { return far(p, p).linkDown(0, 0.5, 30) }, 0},
		{"a fixed share of the link", func() *couple { x := far(p, p); x.cfg.Model.FixedRate = true; return x }, 0.1 + 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, c.want, delay(t, c.x().run(t))-delay(t, c.x().without().run(t)), 1e-9)
		})
	}
}

// TestQ11_6_CopiesCrossTheLink: the bytes of a copy in another site are on the link; whether anybody keeps the copy changes nothing.
func TestQ11_6_CopiesCrossTheLink(t *testing.T) {
	t.Parallel()
	const up = "link=S-T,direction=up"
	r := far(0, 0).run(t)
	require.InDelta(t, 1.0/60, stat(t, r, "link.utilisation", up, "mean"), 1e-9, "one second of a minute")
	require.Zero(t, stat(t, far(0, 0).without().run(t), "link.utilisation", up, "mean"))
	kept := far(0, 0).crash(0, "00:00:50", "", false).run(t)
	require.InDelta(t, 1.0/60, stat(t, kept, "link.utilisation", up, "mean"), 1e-9)
	require.InDelta(t, delay(t, r), delay(t, kept), 1e-12)
}

// TestQ11_2_TheHolderIsLostMeanwhile: a copy whose holder died before it was there is none.
func TestQ11_2_TheHolderIsLostMeanwhile(t *testing.T) {
	t.Parallel()
	story := func() *couple {
		x := far(0, 0)
		x.cfg.Model.FixedRate, x.cfg.Model.Submitted.Base = true, time.Minute // the copy takes 20 s
		return x.crash(0, "00:00:30", "", true)
	}
	require.Equal(t, [4]float64{0, 0, 1, 0}, counts(t, story().run(t)), "the holder has it")
	require.Equal(t, [4]float64{0, 1, 0, 0}, counts(t, story().crash(1, "00:00:10", "", false).run(t)))
}

// TestQ11_2_NoHolder: a server alone in its site takes mail without a copy and says so once, or refuses it if so set.
func TestQ11_2_NoHolder(t *testing.T) {
	t.Parallel()
	told := func(r *result.Run) (out []string) {
		for _, e := range r.Events {
			if e.Kind == "shadow.failed" {
				out = append(out, e.Time.String()+" "+e.Server+" "+e.Text)
			}
		}
		return out
	}
	alone := func() *couple { x := far(2, 2); x.cfg.Loads[0].Count = 5; return x }
	r := alone().run(t)
	require.Equal(t, []string{"1s A HAREDIRECTFAIL: No suitable shadow servers"}, told(r))
	require.Equal(t, [4]float64{5, 0, 0, 0}, counts(t, r))
	x := alone()
	x.cfg.Servers[2].Shadow.Reject = true
	require.Equal(t, [4]float64{0, 0, 5, 0}, counts(t, x.run(t)), "the mailboxes keep it")

	// From another server: put off, until the holder is there again and the sender tries again after 15 minutes.
	x = far(2, 0).linkDown(0, 0.5, 30)
	x.cfg.Servers[0].Shadow.Reject = true
	x.cfg.Duration = time.Hour
	require.InDelta(t, x.cfg.Servers[2].Profile.MessageRetryInterval.Seconds()+1.1, delay(t, x.run(t))-delay(t, far(2, 0).without().run(t)), 0.05)

	// A mailbox offers its mail again at whole minutes.
	x = far(0, 0).linkDown(0, 0.5, 30)
	x.cfg.Servers[0].Shadow.Reject = true
	x.cfg.Duration = time.Hour
	require.InDelta(t, 60+1.1, delay(t, x.run(t)), 0.05)
}

// TestQ11_2_ATimeOutCutsTheCopy: a sender whose message waits for its copy is cut like any other by the receiver's connection time-out (Q-4.9d).
func TestQ11_2_ATimeOutCutsTheCopy(t *testing.T) {
	t.Parallel()
	x := far(2, 0)
	x.cfg.Model.ConnectionTimeout = 500 * time.Millisecond
	r := x.run(t)
	require.Equal(t, [4]float64{0, 0, 1, 0}, counts(t, r), "a copy takes 1.1 s")
	var cut []string
	for _, e := range r.Events {
		if e.Kind == "queue.retry" {
			cut = append(cut, e.Time.String()+" "+e.Server)
		}
	}
	require.Equal(t, "1.5s A", cut[0], "not when the copy is through")
	x = far(2, 0)
	x.cfg.Model.ConnectionTimeout = 2 * time.Second
	require.Equal(t, [4]float64{1, 0, 0, 0}, counts(t, x.run(t)))
}

// TestQ11_1_ThePreviousHopKeepsAMessage: in 2010 the server that passed a message on sends it again when the next one is back without it, at
// the next quarter of an hour.
func TestQ11_1_ThePreviousHopKeepsAMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		v      topology.Version
		back   string
		lost   bool
		want   []string
		counts [4]float64
	}{
		{"new database", topology.V2010, "10:05:00", true, []string{"10:15:00 A 4"}, [4]float64{4, 0, 0, 0}},
		{"old database", topology.V2010, "10:05:00", false, nil, [4]float64{4, 0, 0, 0}},
		{"never back", topology.V2010, "", true, []string{"12:59:30 A 4"}, [4]float64{0, 0, 4, 0}},
		{"2007", topology.V2007, "10:05:00", true, nil, [4]float64{0, 4, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newCouple(c.v, "09:00:00")
			x.sites = append(x.sites, x.b.Site(topology.Site{Name: "A"}))
			from := x.server("A", 1, c.v)
			x.b.Link(topology.Link{Name: "S-A", Sites: x.sites, Cost: 1})
			x.cfg.Model.Submitted, x.cfg.Model.Relayed = sim.CategoriserCost{}, sim.CategoriserCost{Base: time.Minute}
			x.mail("09:59:30", 4, false).mail("09:57:30", 5, false)
			for i := range x.cfg.Loads {
				x.cfg.Loads[i].From[0].Server, x.cfg.Loads[i].To[0].Server = from, x.p
			}
			x.crash(x.q, "08:00:00", "", false) // all go to P
			x.cfg.Faults[0].Start = 0
			x.crash(x.p, "10:00:00", c.back, c.lost)
			r := x.run(t)
			require.Equal(t, c.want, x.takenOver(r))
			c.counts[0] += 5 // P passed those on in time, and A learned it by its session of 09:59:30
			require.Equal(t, c.counts, counts(t, r), "delivered, lost, held, sent though not lost")
		})
	}
}
