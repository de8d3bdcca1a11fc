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

// TestSB10_OutageAsFluid is SB-10: messages come at equal distances, their link is down for D, and it carries C a second before and after. No
// random number is involved: the run must give the very delays that a list of messages worked by hand gives, to a nanosecond, and these
// must be the fluid's figures to one message.
func TestSB10_OutageAsFluid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		gap, work   time.Duration // between arrivals; of one message on a connection
		connections int
		outage      time.Duration

		under                             float64 // messages that a fluid does not have: those under way at once
		backlog, drain, delayed, integral float64 // the fluid's
	}{
		{"10/s, 15/s, 1 h", 100 * time.Millisecond, 200 * time.Millisecond, 3, time.Hour, 3, 36000, 7200, 108000, 194400000},
		{"2/s, 2.5/s, 30 min", 500 * time.Millisecond, 400 * time.Millisecond, 1, 30 * time.Minute, 0, 3600, 7200, 18000, 16200000},
		{"5/s, 20/s, 10 min", 200 * time.Millisecond, 50 * time.Millisecond, 1, 10 * time.Minute, 0, 3000, 200, 4000, 1200000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const (
				before = 10 * time.Minute
				local  = 8 * time.Nanosecond // a byte to the store of the same site, at 1 Gbit/s
			)
			end := before + c.outage + time.Duration(c.drain*1e9) + 10*time.Minute
			r := outage(t, c.gap, c.work, c.connections, before, c.outage, end)

			// By hand: messages in order, each on the connection that is free first; one under way when the link breaks goes again.
			up := before + c.outage
			free := make([]time.Duration, c.connections)
			var n, delayed int64
			var longest, excess time.Duration
			var sum, integral float64
			normal := up
			for at := time.Duration(0); at < end; at += c.gap {
				k := 0
				for i := range free {
					if free[i] < free[k] {
						k = i
					}
				}
				start := max(at, free[k])
				if start+c.work >= before && start < up {
					start = up
				}
				free[k] = start + c.work
				if free[k]+local > end {
					break
				}
				stay := free[k] - at + local
				n++
				sum += stay.Seconds()
				longest = max(longest, stay)
				excess = max(excess, stay-c.work-local)
				if stay > c.work+local {
					delayed++
					integral += (stay - c.work - local).Seconds()
					normal = free[k]
				}
			}
			require.InDelta(t, sum/float64(n), figure(t, r, "delivery.delay", "from=all,to=all", "mean"), 1e-9, "mean delay")
			require.InDelta(t, longest.Seconds(), figure(t, r, "delivery.delay", "from=all,to=all", "max"), 1e-9, "longest delay")
			require.Equal(t, float64(n), figure(t, r, "delivery.delay", "from=all,to=all", "count"), "messages delivered")

			backlog := figure(t, r, "queue.length", "server=hA", "max")
			require.InDelta(t, c.backlog, backlog, 1+c.under, "backlog at the repair")
			require.InDelta(t, c.outage.Seconds(), excess.Seconds(), max(c.gap, c.work).Seconds()+1e-9, "longest delay is the outage")
			// The last of the backlog leaves at most one step of the drain after the fluid's last drop.
			step := 1 / (float64(c.connections)/c.work.Seconds() - 1/c.gap.Seconds())
			require.InDelta(t, c.drain, (normal - up).Seconds(), step+c.work.Seconds(), "drain")
			require.InDelta(t, c.delayed, float64(delayed), step/c.gap.Seconds()+1, "delayed messages")
			require.InDelta(t, 1, integral/c.integral, 2*(1+c.under)/c.backlog, "integral of the queue")
			require.InDelta(t, c.drain, figure(t, r, "drain.time", "fault=cut", "mean"), step+2, "drain time that the run reports")
		})
	}
}

// outage runs a hub at A with mail for B over so many connections; the link between them is down for a while. Nothing but the work of a
// message takes time, and a queue in Retry tries every second.
func outage(t *testing.T, gap, work time.Duration, connections int, before, down, end time.Duration) *result.Run {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	cfg := &sim.Config{
		Name: "outage", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: end, Seed: 1000,
		Model:  sim.Model{Session: sim.SessionCost{PerMessage: rng.Constant(work.Seconds())}},
		Output: sim.Output{SampleInterval: time.Second, Servers: true},
		Faults: []fault.Fault{{
			ID: "cut", Kind: fault.LinkDown, Start: simtime.Time(before), End: simtime.Time(before + down), Probability: 1, Links: []topology.LinkID{0},
		}},
	}
	var hubs []topology.ServerID
	for _, name := range []string{"A", "B"} {
		s := b.Site(topology.Site{Name: name})
		hubs = append(hubs, b.Server(topology.Server{Name: "h" + name, Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 1}))
		p := transport.DefaultProfile(topology.V2010, false)
		for i := range p.Threshold {
			p.Threshold[i] = 1
		}
		p.MaxPerDomainConnections, p.MaxMessagesPerConnection = connections, 0
		p.GlitchRetryCount, p.TransientRetryCount, p.OutboundRetryInterval = 0, 0, time.Second
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: p})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10})
	cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Regular, Every: gap, End: simtime.Never, Size: rng.Constant(1), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: hubs[0], Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: hubs[1], Weight: 1}},
	}}
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	return m.Run()
}

// TestSB10_RateOfAConnection is SB-10's rate of one connection that is set up for s and then carries N messages of x each, N/(s + N x) a second
// (Q-4.10, Q-4.13's m): a queue that is never empty, drained over a single connection at a time.
func TestSB10_RateOfAConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n              int
		setup, message float64
		rate           float64
	}{
		{20, 0.5, 0.05, 13.333333}, {50, 0.5, 0.05, 16.666667}, {1, 0.5, 0.05, 1.818182}, {20, 0.5, 0.2, 4.444444},
	} {
		st := station{seed: 1010, burst: int64(100 * c.n), service: rng.Constant(c.message), setup: rng.Constant(c.setup), ceiling: 1, threshold: 20, perConnection: c.n, window: 3600}
		s := st.replicate(t, 1)
		// 100 sessions, of which the last message ends the last.
		require.InDelta(t, float64(100*c.n)/c.rate, s.longest[0], 1e-6*s.longest[0], "N = %d", c.n)
		require.InDelta(t, 100*(c.setup+float64(c.n)*c.message), s.longest[0], 1e-6, "N = %d", c.n)
	}
}
