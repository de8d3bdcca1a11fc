package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// The state without mail is that of a run with its mail, whatever happens in it: views, machines, networks. Authentication is the
// exception that StateAt names: sessions latch pairs.
func TestStateAtIsThatOfARun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawScenario(t)
		at := simtime.Time(rapid.Int64Range(0, int64(cfg.Duration)).Draw(t, "at"))
		if len(cfg.Faults) > 0 && rapid.Bool().Draw(t, "at a fault") {
			at = min(cfg.Faults[0].Start, simtime.Time(cfg.Duration))
		}
		still, err := sim.StateAt(t.Context(), cfg, 1, at)
		require.NoError(t, err)
		moved, err := sim.StateOfRun(t.Context(), cfg, 1, at)
		require.NoError(t, err)
		require.Equal(t, moved.Happened(), still.Happened())
		for i := range cfg.Org.Servers {
			s := topology.ServerID(i)
			require.Equal(t, moved.View(s), still.View(s), cfg.Org.Servers[i].Name)
			require.Equal(t, moved.Condition(s), still.Condition(s), cfg.Org.Servers[i].Name)
			for j := range cfg.Org.Servers {
				to := route.Target{Kind: route.TargetServer, ID: int32(j)}
				for _, pair := range [][2]route.Contact{{moved.Contact(s, to), still.Contact(s, to)}, {moved.Offer(s, to), still.Offer(s, to)}} {
					if pair[0].Result != route.Refused && pair[1].Result != route.Refused {
						require.Equal(t, pair[0], pair[1])
					}
				}
			}
		}
		for a := range topology.SiteID(len(cfg.Org.Sites)) {
			for b := range topology.SiteID(len(cfg.Org.Sites)) {
				require.Equal(t, moved.Reachable(a, b), still.Reachable(a, b))
			}
		}
	})
}

// ailing is three sites in a row, A - B - C, with a hub and a domain controller each and a mailbox server in A, and one fault after
// the other: every instant of this table shows another.
func ailing(t *testing.T) *sim.Config {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	cfg := &sim.Config{
		Name: "ailing", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: 10 * time.Hour, Seed: 1,
		Model: sim.Model{MaxClockSkew: 5 * time.Minute, FailedConnect: 21 * time.Second},
	}
	for i, name := range []string{"A", "B", "C"} {
		s := b.Site(topology.Site{Name: name})
		b.DC(topology.DC{Name: "dc" + name, Site: s, PDCEmulator: i == 0})
		b.Server(topology.Server{Name: "h" + name, Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.DCID(i)})
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: transport.DefaultProfile(topology.V2010, false)})
	}
	b.Server(topology.Server{Name: "mA", Roles: topology.RoleMailbox, Version: topology.V2010, Mailboxes: 1, DC: 0})
	cfg.Servers = append(cfg.Servers, sim.Server{})
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10})
	b.Link(topology.Link{Name: "B-C", Sites: []topology.SiteID{1, 2}, Cost: 10})
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	hour := func(n int) simtime.Time { return simtime.Time(time.Duration(n) * time.Hour) }
	host := func(s topology.ServerID) []fault.Host { return []fault.Host{{Server: s, DC: topology.None}} }
	for i, f := range []fault.Fault{
		{Kind: fault.LinkDown, Links: []topology.LinkID{1}},
		{Kind: fault.HostDown, Hosts: host(1), Mode: fault.Crash},
		{Kind: fault.HostDown, Hosts: host(1), Mode: fault.ServiceStop},
		{Kind: fault.Partition, SideA: []topology.SiteID{0}, SideB: []topology.SiteID{2}, Direction: fault.To},
		{Kind: fault.ClockSkew, Hosts: host(1), Offset: 7 * time.Minute, RestoreStep: true},
		{Kind: fault.HostDown, Hosts: host(3), Mode: fault.Crash},
	} {
		f.ID, f.Start, f.End, f.Probability = fmt.Sprint("f", i), hour(i+1), hour(i+2)-1, 1
		cfg.Faults = append(cfg.Faults, f)
	}
	return cfg
}

func TestContactAtEachFault(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	const hA, hB, hC, mA = 0, 1, 2, 3
	fails := func(r route.ContactResult, cause string) route.Contact { return route.Contact{Result: r, Cause: cause} }
	ok := route.Contact{}
	server := func(s int32) route.Target { return route.Target{Kind: route.TargetServer, ID: s} }
	for _, c := range []struct {
		at   time.Duration
		from topology.ServerID
		to   route.Target
		want route.Contact
	}{
		{0, hA, server(hC), ok},
		{time.Hour - 1, hA, server(hC), ok},
		{time.Hour, hA, server(hB), ok}, // the instant itself counts
		{time.Hour, hB, server(hC), fails(route.NoAnswer, "link B-C is down")},
		{time.Hour, hA, server(hC), fails(route.NoAnswer, "no chain of working links leads from A to C")},
		{time.Hour, hA, route.Target{Kind: route.TargetRemote}, ok},
		{2 * time.Hour, hA, server(hB), fails(route.NoAnswer, "down")},
		{2 * time.Hour, hB, server(hB), fails(route.NoAnswer, "down")},
		{2 * time.Hour, hB, route.Target{Kind: route.TargetRemote}, fails(route.NoAnswer, "down")},
		{3 * time.Hour, hA, server(hB), fails(route.NoAnswer, "transport service stopped")},
		{4 * time.Hour, hA, server(hC), fails(route.NoAnswer, "A and C are cut off from each other")},
		{4 * time.Hour, hC, server(hA), fails(route.NoAnswer, "C and A are cut off from each other")}, // an answer needs both ways (F12)
		{5 * time.Hour, hA, server(hB), fails(route.Refused, "authentication fails: clocks are 7m0s apart")},
		{5 * time.Hour, hA, server(hC), ok},
		{5 * time.Hour, mA, server(hA), ok},
		{6 * time.Hour, hA, server(hB), ok}, // set right, and nobody has asked meanwhile
		{6 * time.Hour, mA, server(hA), fails(route.NoAnswer, "down")},
		{6 * time.Hour, hA, route.Target{Kind: route.TargetStore, ID: mA}, fails(route.NoAnswer, "down")},
		{7 * time.Hour, mA, server(hA), ok},
		{7 * time.Hour, hA, route.Target{Kind: route.TargetStore, ID: mA}, ok},
	} {
		s, err := sim.StateAt(t.Context(), cfg, 0, simtime.Time(c.at))
		require.NoError(t, err)
		ask := s.Contact
		if c.from == mA {
			ask = s.Offer
		}
		require.Equal(t, c.want, ask(c.from, c.to), "at %s from %d to %v", c.at, c.from, c.to)
		require.Equal(t, c.want, ask(c.from, c.to), "asking changes nothing")
	}
}

func TestStateAtItsBounds(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	for at, good := range map[simtime.Time]bool{-1: false, 0: true, simtime.Time(cfg.Duration): true, simtime.Time(cfg.Duration) + 1: false} {
		s, err := sim.StateAt(t.Context(), cfg, 0, at)
		require.Equal(t, good, err == nil, "%d: %v", at, err)
		require.Equal(t, good, s != nil)
	}
}

// What a late binder does in its own good time is seen too: a machine that starts before its address is there sends and does not listen.
func TestF8_StateAtKnowsListeners(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	cfg.Faults = []fault.Fault{{
		ID: "late", Kind: fault.NICLateBind, Start: simtime.Time(time.Minute), End: simtime.Never, Probability: 1, Prone: 1, FixSuccess: 1,
		Hosts: []fault.Host{{Server: 1, DC: topology.None}}, TeamUp: rng.Constant(9), StartOffset: rng.Constant(5),
	}}
	condition := func(at time.Duration) sim.Condition {
		s, err := sim.StateAt(t.Context(), cfg, 0, simtime.Time(at))
		require.NoError(t, err)
		return s.Condition(1)
	}
	require.Equal(t, sim.Works, condition(0))
	require.Equal(t, sim.Silent, condition(2*time.Minute))
	require.Equal(t, sim.NoListener, condition(time.Hour))
	s, err := sim.StateAt(t.Context(), cfg, 0, simtime.Time(time.Hour))
	require.NoError(t, err)
	require.Equal(t, route.Contact{Result: route.NoAnswer, Cause: "not listening"}, s.Contact(0, route.Target{Kind: route.TargetServer, ID: 1}))
	require.Equal(t, route.Contact{}, s.Contact(1, route.Target{Kind: route.TargetServer, ID: 0}), "it sends")
	require.Equal(t, route.Contact{}, s.Offer(1, route.Target{Kind: route.TargetServer, ID: 1}), "mail of its own mailboxes needs no port")
}

// Mail of mailboxes that have been moved is followed from the server that they are on, as a run submits it there.
func TestD21_RouteFromMovedMailboxes(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	cfg.Faults = nil
	b := topology.NewBuilder(topology.V2010)
	for i, name := range []string{"A", "B"} {
		s := b.Site(topology.Site{Name: name})
		b.Server(topology.Server{Name: "h" + name, Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
		b.Server(topology.Server{Name: "m" + name, Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, Mailboxes: 1, DC: topology.None})
		cfg.Servers[2*i], cfg.Servers[2*i+1] = sim.Server{Profile: transport.DefaultProfile(topology.V2010, false)}, sim.Server{}
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10})
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	const hA, mA, hB, mB = 0, 1, 2, 3
	cfg.Actions = []fault.Action{{
		Kind: fault.MoveMailbox, At: simtime.Time(time.Hour), Probability: 1, DC: topology.None, Source: topology.None,
		Hosts: []fault.Host{{Server: mA, DC: topology.None}}, To: mB,
	}}
	follow := func(at time.Duration) route.Way {
		s, err := sim.StateAt(t.Context(), cfg, 0, simtime.Time(at))
		require.NoError(t, err)
		book := route.NewBook()
		q := route.Query{Server: mA, Submit: true, Size: 1, Dest: book.Dest(route.Destination{Kind: route.Mailbox, Server: mB}), Home: s.Home, View: s.View}
		return route.Follow(book, org, q)
	}
	require.Equal(t, []topology.ServerID{hA, hB}, follow(time.Hour-1).Servers)
	moved := follow(time.Hour)
	require.Equal(t, []topology.ServerID{hB}, moved.Servers)
	require.Equal(t, "D-21", moved.Reasons[0].Rule)
}
