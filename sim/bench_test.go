package sim_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// tenSites is the organisation of the yardstick "mail network": ten sites in a ring with chords, three hubs each, every hub with mailboxes of
// its own; transfers exponential with mean 50 ms, deliveries exponential with mean 20 ms, 13,500 messages a second between sites.
func tenSites(tb testing.TB, messages int, categorise bool) *sim.Config {
	tb.Helper()
	return tenSitesWith(tb, messages, categorise, false)
}

// tenSitesWith is tenSites with a directory that is not ideal: a domain controller in every site, whose clocks count at every handshake.
func tenSitesWith(tb testing.TB, messages int, categorise, controllers bool) *sim.Config {
	tb.Helper()
	b := topology.NewBuilder(topology.V2010)
	transfer, err := rng.Exponential(0.050)
	require.NoError(tb, err)
	delivery, err := rng.Exponential(0.020)
	require.NoError(tb, err)
	cfg := &sim.Config{
		Name: "ten-sites", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Seed: 1,
		Duration: simtime.FromSeconds(float64(messages)/13500 + 5),
		Model: sim.Model{
			Session: sim.SessionCost{PerMessage: transfer}, Delivery: sim.SessionCost{PerMessage: delivery},
			NotifyDelay: 5 * time.Second, MaxClockSkew: 5 * time.Minute,
		},
		Output: sim.Output{SampleInterval: time.Second, Servers: true},
	}
	if categorise {
		cfg.Model.Submitted = sim.CategoriserCost{Base: 40 * time.Millisecond, PerRecipient: time.Millisecond, PerKB: 100 * time.Microsecond}
		cfg.Model.Relayed = cfg.Model.Submitted
	}
	sites := make([]topology.SiteID, 10)
	for i := range sites {
		sites[i] = b.Site(topology.Site{Name: fmt.Sprintf("S%d", i)})
	}
	for _, l := range [][3]int{{0, 1, 10}, {1, 2, 20}, {2, 3, 15}, {3, 4, 10}, {4, 5, 25}, {5, 6, 10}, {6, 7, 30}, {7, 8, 10}, {8, 9, 15}, {9, 0, 20},
		{0, 5, 30}, {1, 6, 25}, {2, 8, 40}, {3, 7, 20}, {4, 9, 35}} {
		b.Link(topology.Link{Name: fmt.Sprintf("L%d-%d", l[0], l[1]), Sites: []topology.SiteID{sites[l[0]], sites[l[1]]}, Cost: int64(l[2])})
	}
	for i, s := range sites {
		dc := topology.DCID(topology.None)
		if controllers {
			dc = b.DC(topology.DC{Name: fmt.Sprintf("dc%d", i), Site: s, PDCEmulator: i == 0})
		}
		for j := range 3 {
			b.Server(topology.Server{Name: fmt.Sprintf("h%d-%d", i, j), Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: dc, Mailboxes: 1})
			p := transport.DefaultProfile(topology.V2010, false)
			p.CategoriserWorkers = 64 // 900 messages a second and hub take 37 of the default's 41 ms
			cfg.Servers = append(cfg.Servers, sim.Server{Profile: p})
		}
	}
	for i, s := range sites {
		var to []load.Party
		for j, d := range sites {
			if j != i {
				to = append(to, load.Party{Kind: load.PartySite, Site: d, Weight: 1})
			}
		}
		cfg.Loads = append(cfg.Loads, load.Source{
			ID: fmt.Sprintf("from-%d", i), Kind: load.Poisson, Rate: 1350, End: simtime.Time(simtime.FromSeconds(float64(messages) / 13500)),
			From: []load.Party{{Kind: load.PartySite, Site: s, Weight: 1}}, To: to, Size: rng.Constant(10240), Recipients: rng.Constant(1),
		})
	}
	cfg.Org, err = b.Build()
	require.NoError(tb, err)
	return cfg
}

// BenchmarkRunTenSites runs one million messages through ten sites with everything a run does: real cores, laws, series. Its figure to
// watch is ns/message as a ratio to the yardsticks of docs/performance.md, measured in the same minutes.
func BenchmarkRunTenSites(b *testing.B) {
	for _, c := range []struct {
		name                    string
		categorise, controllers bool
	}{{"default", true, false}, {"categoriser=off", false, false}, {"directory", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			cfg := tenSitesWith(b, 1_000_000, c.categorise, c.controllers)
			b.ReportAllocs()
			var messages, events int64
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			cpu := cpuTime()
			for b.Loop() {
				m := result.NewMemory(0, 0)
				require.NoError(b, sim.Run(b.Context(), cfg, 0, m))
				messages += m.Run().Summary.Messages
				events += m.Run().Summary.Events
			}
			b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(messages), "cpu-ns/message")
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(events)/float64(messages), "events/message")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(messages), "allocs/message")
		})
	}
}

// TestNoAllocationPerMessage holds docs/design.md: what a run allocates does not grow with the messages that pass.
func TestNoAllocationPerMessage(t *testing.T) {
	measure := func(messages int) (allocs uint64, n int64) {
		cfg := tenSites(t, messages, true)
		cfg.Output.SampleInterval = time.Hour
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m := result.NewMemory(0, 0)
		require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs, m.Run().Summary.Messages
	}
	a, n := measure(50_000)
	b, k := measure(200_000)
	perMessage := (float64(b) - float64(a)) / float64(k-n)
	require.Less(t, perMessage, 0.01, "%d allocations for %d messages, %d for %d", a, n, b, k)
}

// TestDirectoryCostsNoEvents holds that clocks and replication are computed, not scheduled: while nothing is wrong and nothing changes, a run with
// domain controllers whose clocks count at every session has the events of the run without, and allocates no more for a message.
func TestDirectoryCostsNoEvents(t *testing.T) {
	run := func(messages int, controllers bool) (events, n int64, allocs uint64) {
		cfg := tenSitesWith(t, messages, true, controllers)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m := result.NewMemory(0, 0)
		require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
		runtime.ReadMemStats(&after)
		s := m.Run().Summary
		return s.Events, s.Messages, after.Mallocs - before.Mallocs
	}
	events, n, _ := run(50_000, false)
	same, k, few := run(50_000, true)
	require.Equal(t, n, k)
	require.Equal(t, events, same)
	_, more, many := run(100_000, true)
	require.Less(t, (float64(many)-float64(few))/float64(more-k), 0.01, "%d allocations for %d messages, %d for %d", few, k, many, more)
}
