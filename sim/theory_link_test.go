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

// TestSB5_SharedLink is SB-5's M/G/1-PS: when all bodies under way share a link equally, a message that needs x s alone stays
// x/(1-rho) on average, whatever the distribution of sizes, and rho/(1-rho) messages are under way. Hubs at A send over the link A-B, to B
// and through it to C, on as many connections as they have messages. Messages for C are larger, and cross a second link as well, which is
// fast enough to be felt by nobody: they share the first with those for B all the same.
//
// Smallest visible errors: 4 % of each figure at most.
func TestSB5_SharedLink(t *testing.T) {
	t.Parallel()
	const (
		bits  = 1_000_000 // bit/s of the link: 125,000 bytes a second
		small = 0.5       // s that a message for B needs alone, on average
		large = 2         // s for C
	)
	dist := func(d rng.Dist, err error) rng.Dist {
		t.Helper()
		require.NoError(t, err)
		return d
	}
	for i, c := range []struct {
		name   string
		size   func(seconds float64) rng.Dist
		rho    float64
		window float64
		long   bool
	}{
		{"constant rho=0.5", func(s float64) rng.Dist { return rng.Constant(s * bits / 8) }, 0.5, 60000, false},
		{"exponential rho=0.5", func(s float64) rng.Dist { return dist(rng.Exponential(s * bits / 8)) }, 0.5, 150000, false},
		{"lognormal sigma=1 rho=0.5", func(s float64) rng.Dist { return dist(rng.LognormalMean(s*bits/8, 1)) }, 0.5, 500000, true},
		{"constant rho=0.8", func(s float64) rng.Dist { return rng.Constant(s * bits / 8) }, 0.8, 600000, true},
		{"exponential rho=0.8", func(s float64) rng.Dist { return dist(rng.Exponential(s * bits / 8)) }, 0.8, 600000, true},
	} {
		if c.long && !long() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := sharedLink(t, bits)
			cfg.Seed = 540 + int64(i)
			cfg.Warmup, cfg.Duration = 1000*time.Second, time.Duration(c.window*1e9)
			cfg.Output.SampleInterval = cfg.Duration
			for j, x := range []float64{small, large} { // each half of the load
				cfg.Loads[j].Rate, cfg.Loads[j].Size = c.rho/2/x, c.size(x)
			}
			var under, toB, toC, busy []float64
			for rep := range 20 {
				m := result.NewMemory(0, rep)
				require.NoError(t, sim.Run(t.Context(), cfg, rep, m))
				r := m.Run()
				under = append(under, figure(t, r, "server.connections", "server=hA", "mean"))
				toB = append(toB, figure(t, r, "delivery.delay", "from=all,to=B", "mean"))
				toC = append(toC, figure(t, r, "delivery.delay", "from=all,to=C", "mean"))
				busy = append(busy, figure(t, r, "link.utilisation", "link=A-B,direction=up", "mean"))
			}
			agree(t, "messages under way", under, c.rho/(1-c.rho), 0)
			agree(t, "stay of messages for B", toB, small/(1-c.rho), 0)
			agree(t, "stay of messages for C", toC, large/(1-c.rho), 0)
			agree(t, "utilisation", busy, c.rho, 0)
		})
	}
}

// sharedLink is three sites in a row, A-B limited and B-C a thousand times faster; a hub at A with mail for B and C. Nothing but bodies
// takes time.
func sharedLink(t *testing.T, bits int64) *sim.Config {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	cfg := &sim.Config{
		Name: "shared-link", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Output: sim.Output{Servers: true, Links: true},
	}
	var hubs []topology.ServerID
	for _, name := range []string{"A", "B", "C"} {
		s := b.Site(topology.Site{Name: name})
		hubs = append(hubs, b.Server(topology.Server{Name: "h" + name, Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 1}))
		p := transport.DefaultProfile(topology.V2010, false)
		for i := range p.Threshold {
			p.Threshold[i] = 1
		}
		p.MaxOutboundConnections, p.MaxPerDomainConnections, p.MaxMessagesPerConnection = 1<<20, 1<<20, 1
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: p})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10, Up: bits, Down: bits})
	b.Link(topology.Link{Name: "B-C", Sites: []topology.SiteID{1, 2}, Cost: 10, Up: 1000 * bits, Down: 1000 * bits})
	for _, to := range hubs[1:] {
		cfg.Loads = append(cfg.Loads, load.Source{
			ID: "to-" + string(rune('A'+to)), Kind: load.Poisson, End: simtime.Never, Recipients: rng.Constant(1),
			From: []load.Party{{Kind: load.PartyMailbox, Server: hubs[0], Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
		})
	}
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	return cfg
}

// TestQ6_7_BrokenTransferFreesTheLink lets one of two bodies break: its receiver goes down silently half-way, and the other has the link
// for itself from then on. Each would need 1 s alone; both share until 1 s, and the other is through at 1.5 s.
func TestQ6_7_BrokenTransferFreesTheLink(t *testing.T) {
	t.Parallel()
	const bits = 1_000_000
	cfg := sharedLink(t, bits)
	cfg.Duration, cfg.Output.SampleInterval = 3*time.Second, time.Second
	for i := range cfg.Loads { // one message to B, one through B to C
		cfg.Loads[i].Kind, cfg.Loads[i].Count, cfg.Loads[i].Size = load.Burst, 1, rng.Constant(bits/8)
	}
	hC := fault.Host{Server: 2, DC: topology.None}
	cfg.Faults = []fault.Fault{{ID: "down", Kind: fault.HostDown, Start: simtime.Time(time.Second), End: simtime.Never, Probability: 1, Hosts: []fault.Host{hC}}}
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	r := m.Run()
	require.Equal(t, 1.0, figure(t, r, "messages.delivered", "site=all", "total"))
	require.Equal(t, 1.501, figure(t, r, "delivery.delay", "from=all,to=all", "max"), "1 ms more to the store of its site, at 1 Gbit/s")
	require.InDelta(t, 1.5/3, figure(t, r, "link.utilisation", "link=A-B,direction=up", "mean"), 1e-12, "1.5 Mbit were carried in 3 s")
}
