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

// TestR4_13_WhoTakesASubmission is G-47 in a run: a mailbox server with a hub of its own offers its mail there; while that service is
// stopped, to the other hubs of its site in turn; while all are, it keeps the mail and offers each message every minute counted from its
// own submission (D-4). A hub of another site never sees any.
func TestR4_13_WhoTakesASubmission(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	near, far := b.Site(topology.Site{Name: "near"}), b.Site(topology.Site{Name: "far"})
	b.Link(topology.Link{Name: "near-far", Sites: []topology.SiteID{near, far}, Cost: 10})
	cfg := sim.Config{
		Name: "submission", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1,
		Output: sim.Output{SampleInterval: second, Servers: true},
	}
	add := func(name string, s topology.SiteID, roles topology.Roles) topology.ServerID {
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: transport.DefaultProfile(topology.V2010, false)})
		return b.Server(topology.Server{Name: name, Site: s, Roles: roles, Version: topology.V2010, DC: topology.None, Mailboxes: 1})
	}
	m := add("M", near, topology.RoleHub|topology.RoleMailbox)
	h2, h3 := add("H2", near, topology.RoleHub), add("H3", near, topology.RoleHub)
	h9 := add("H9", far, topology.RoleHub)
	to := add("X", near, topology.RoleMailbox)
	// A message every 20 s from 10 s on: 10, 30, ..., 590.
	cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Regular, First: seconds(10), Every: 20 * second, End: seconds(600), Count: 1000, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: m, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
	}}
	stop := func(id string, s topology.ServerID, from, until float64) {
		cfg.Faults = append(cfg.Faults, fault.Fault{
			ID: id, Kind: fault.HostDown, Mode: fault.ServiceStop, Probability: 1, Start: seconds(from), End: seconds(until),
			Hosts: []fault.Host{{Server: s, DC: topology.None}},
		})
	}
	stop("own", m, 100, 490)
	stop("second", h2, 300, 600)
	stop("third", h3, 300, 600)
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	mem := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), &cfg, 0, mem))
	r := mem.Run()

	through := func(s topology.ServerID) float64 {
		return stat(t, r, "throughput", "server="+org.Servers[s].Name, "count")
	}
	// M: 10..90 and, from 490 on, 490..590 and all that waited; H2 and H3 in turn: 110..290.
	require.Equal(t, []float64{5 + 6 + 9, 5, 5, 0}, []float64{through(m), through(h2), through(h3), through(h9)})
	// The nine of 310..470 wait. M comes back at 490 and gets each at its own whole minute: 310 at this very instant, 330 at 510, 350 at 530, 370 at 490, ...
	require.Equal(t, 9.0, level(t, r, "submission_pending", "site=near", 489))
	require.Zero(t, level(t, r, "submission_pending", "site=near", 490), "offers are planned")
	require.InDelta(t, 180.0, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 1e-3, "310 and 330 and 350: three minutes")
	mean := (3*180.0 + 3*120 + 3*60) / 30
	require.InDelta(t, mean, stat(t, r, "delivery.delay", "from=all,to=all", "mean"), 1e-3)
}

// TestServiceStopLeavesTheStore: on a machine with both roles a stopped transport service takes no mail of its own accord, but another hub of
// the site still delivers into its mailboxes; a crash of the machine stops both (F11).
func TestServiceStopLeavesTheStore(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fault.HostDownMode]float64{fault.ServiceStop: 10, fault.Crash: 0} {
		b := topology.NewBuilder(topology.V2010)
		s := b.Site(topology.Site{Name: "S"})
		cfg := sim.Config{
			Name: "store", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: 10 * time.Minute, Seed: 1,
			Output: sim.Output{SampleInterval: second, Servers: true},
		}
		add := func(name string) topology.ServerID {
			cfg.Servers = append(cfg.Servers, sim.Server{Profile: transport.DefaultProfile(topology.V2010, false)})
			return b.Server(topology.Server{Name: name, Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 1})
		}
		from, to := add("h1"), add("h2")
		cfg.Loads = []load.Source{{
			ID: "mail", Kind: load.Regular, First: seconds(60), Every: 20 * second, End: seconds(250), Count: 10, Size: rng.Constant(1000), Recipients: rng.Constant(1),
			From: []load.Party{{Kind: load.PartyMailbox, Server: from, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
		}}
		cfg.Faults = []fault.Fault{{
			ID: "stop", Kind: fault.HostDown, Mode: mode, Probability: 1, Start: seconds(30), End: simtime.Never,
			Hosts: []fault.Host{{Server: to, DC: topology.None}},
		}}
		org, err := b.Build()
		require.NoError(t, err)
		cfg.Org = org
		m := result.NewMemory(0, 0)
		require.NoError(t, sim.Run(t.Context(), &cfg, 0, m))
		require.Equal(t, want, stat(t, m.Run(), "messages.delivered", "site=all", "total"), "mode %d", mode)
	}
}
