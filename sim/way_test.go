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

// TestASessionGoesTheWayThatIsLeft: two sites that no link joins keep their session when a link of their way is cut and another chain is up. The
// message under way takes what it would have taken; the next ones take the round trips of the other chain.
func TestASessionGoesTheWayThatIsLeft(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	var sites []topology.SiteID
	for _, name := range []string{"A", "B", "C", "D"} {
		sites = append(sites, b.Site(topology.Site{Name: name}))
	}
	var cut topology.LinkID
	for _, l := range []struct {
		name     string
		from, to int
		rtt      time.Duration
	}{{"A-B", 0, 1, 100 * time.Millisecond}, {"B-D", 1, 3, 100 * time.Millisecond}, {"A-C", 0, 2, 400 * time.Millisecond}, {"C-D", 2, 3, 400 * time.Millisecond}} {
		id := b.Link(topology.Link{Name: l.name, Sites: []topology.SiteID{sites[l.from], sites[l.to]}, Cost: 1, RTT: l.rtt})
		if l.name == "A-B" {
			cut = id
		}
	}
	cfg := sim.Config{
		Name: "way", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1,
		Model:  sim.Model{Session: sim.SessionCost{PerMessageRoundTrips: 10}, NotifyDelay: 5 * second, MaxClockSkew: 5 * time.Minute},
		Output: sim.Output{SampleInterval: second, Servers: true},
	}
	var servers []topology.ServerID
	for _, i := range []int{0, 3} {
		servers = append(servers, b.Server(topology.Server{
			Name: "h" + string("A--D"[i]), Site: sites[i], Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 10,
		}))
		p := transport.DefaultProfile(topology.V2010, false)
		p.IdleHold = 0
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: p})
	}
	cfg.Loads = []load.Source{{
		ID: "b", Kind: load.Burst, End: simtime.Never, Count: 4, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: servers[0], Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: servers[1], Weight: 1}},
	}}
	cfg.Faults = []fault.Fault{{ID: "cut", Kind: fault.LinkDown, Probability: 1, Start: seconds(3), End: simtime.Never, Links: []topology.LinkID{cut}}}
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), &cfg, 0, m))
	require.Equal(t, 1.0, stat(t, m.Run(), "sessions", "server=hA,next_hop=D", "total"))
	require.InDelta(t, 2+2+8+8, stat(t, m.Run(), "server.connections", "server=hA", "mean")*cfg.Duration.Seconds(), 1e-6)
}
