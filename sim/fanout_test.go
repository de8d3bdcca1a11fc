package sim_test

import (
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

// TestR3_19_FanOutInARun counts the transmissions of one message to several sites: a copy is split as late as possible in 2007 and 2010, and at
// once from 2013 on. Every site has one machine with all its roles; links are given as pairs of site names.
func TestR3_19_FanOutInARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		version topology.Version
		links   []string
		to      string         // sites of the recipients, one each
		sent    map[string]int // copies that a site's server handed to the next hop, deliveries into its own store included
	}{
		{"G-31", topology.V2010, []string{"12", "23", "24"}, "34", map[string]int{"1": 1, "2": 2, "3": 1, "4": 1}},
		{"G-32", topology.V2007, []string{"AB", "BD", "BE"}, "DEE", map[string]int{"A": 1, "B": 2, "D": 1, "E": 1}},
		{"G-33", topology.V2010, []string{"AB", "AC"}, "BC", map[string]int{"A": 2, "B": 1, "C": 1}},
		{"G-34", topology.V2010, []string{"AB", "BC", "CD", "CE", "BF"}, "DEF", map[string]int{"A": 1, "B": 2, "C": 2, "D": 1, "E": 1, "F": 1}},
		{"G-36", topology.V2010, []string{"AB", "BC"}, "BC", map[string]int{"A": 1, "B": 2, "C": 1}},
		{"G-38", topology.V2013, []string{"AB", "BC", "CD", "CE", "BF"}, "DEF", map[string]int{"A": 3, "B": 0, "C": 0, "D": 1, "E": 1, "F": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := topology.NewBuilder(c.version)
			b.SubmissionStaysInSite(true) // the case begins at a hub of the sender's site
			cfg := sim.Config{
				Name: c.name, Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Minute, Seed: 1,
				Output: sim.Output{SampleInterval: second, Servers: true},
			}
			sites, servers := map[byte]topology.SiteID{}, map[byte]topology.ServerID{}
			site := func(n byte) topology.SiteID {
				if s, ok := sites[n]; ok {
					return s
				}
				sites[n] = b.Site(topology.Site{Name: string(n)})
				servers[n] = b.Server(topology.Server{
					Name: "h" + string(n), Site: sites[n], Roles: topology.RoleHub | topology.RoleMailbox, Version: c.version, DC: topology.None, Mailboxes: 1,
				})
				cfg.Servers = append(cfg.Servers, sim.Server{Profile: transport.DefaultProfile(c.version, false)})
				return sites[n]
			}
			for _, l := range c.links {
				b.Link(topology.Link{Name: l, Sites: []topology.SiteID{site(l[0]), site(l[1])}, Cost: 10})
			}
			m := load.TraceMessage{From: load.Party{Kind: load.PartyMailbox, Server: servers[c.links[0][0]], Weight: 1}, Size: 1000}
			for i := range c.to {
				m.To = append(m.To, load.Party{Kind: load.PartyMailbox, Server: servers[c.to[i]], Weight: 1})
			}
			cfg.Loads = []load.Source{{ID: "one", Kind: load.Replay, End: simtime.Never, Size: rng.Constant(1), Recipients: rng.Constant(1), Trace: []load.TraceMessage{m}}}
			org, err := b.Build()
			require.NoError(t, err)
			cfg.Org = org
			mem := result.NewMemory(0, 0)
			require.NoError(t, sim.Run(t.Context(), &cfg, 0, mem))
			for n, want := range c.sent {
				require.EqualValues(t, want, stat(t, mem.Run(), "throughput", "server=h"+n, "count"), "copies that %s sent on", n)
			}
			require.EqualValues(t, len(c.to), stat(t, mem.Run(), "messages.delivered", "site=all", "total"))
		})
	}
}
