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

// lab is the bench of docs/rules/queueing.md's golden cases: edges that send to one outside system, with the sheet's constants
// (threshold 20, ceilings 20 and 1000, 20 messages a connection, set-up 2 s, 2 s a message), to be changed by the test.
type lab struct {
	cfg    sim.Config
	b      *topology.Builder
	site   topology.SiteID
	remote topology.RemoteID

	dns     bool     // connectors to-a, to-b, ... to the domains a.example, ... by DNS in place of to-cloud
	domains []string // a, b, ...
	servers []topology.Server
	nat     string // public address of every edge
	spread  bool   // edge i becomes a hub that gets the mail of load i alone
}

const second = time.Second

func seconds(s float64) simtime.Time { return simtime.Time(simtime.FromSeconds(s)) }

// newLab makes a lab with one edge "e1"; its connector sends everything to the remote "cloud".
func newLab() *lab {
	l := &lab{b: topology.NewBuilder(topology.V2010)}
	l.site = l.b.Site(topology.Site{Name: "S"})
	l.remote = l.b.Remote(topology.Remote{Name: "cloud"})
	l.b.Remote(topology.Remote{Name: "internet"})
	l.cfg = sim.Config{
		Name: "lab", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1,
		Remotes: []sim.Remote{
			{Hosts: 1, Session: sim.SessionCost{Setup: rng.Constant(2), PerMessage: rng.Constant(2)}},
			{Hosts: 1, Session: sim.SessionCost{Setup: rng.Constant(2), PerMessage: rng.Constant(2)}},
		},
		Model:  sim.Model{NotifyDelay: 5 * second, MaxClockSkew: 5 * time.Minute},
		Output: sim.Output{SampleInterval: second, Queues: true, Servers: true, Links: true},
	}
	l.edge("e1")
	return l
}

func (l *lab) edge(name string) topology.ServerID {
	l.servers = append(l.servers, topology.Server{Name: name, Site: l.site, Roles: topology.RoleEdge, Version: topology.V2010, DC: topology.None})
	l.cfg.Servers = append(l.cfg.Servers, sim.Server{Profile: transport.DefaultProfile(topology.V2010, true)})
	return topology.ServerID(len(l.servers) - 1)
}

func (l *lab) profile(s topology.ServerID) *transport.Profile { return &l.cfg.Servers[s].Profile }

// burst lets n messages come from outside at t.
func (l *lab) burst(id string, t float64, n int64) {
	l.cfg.Loads = append(l.cfg.Loads, load.Source{
		ID: id, Kind: load.Burst, Start: seconds(t), End: simtime.Never, Count: n, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyInternet, Domain: "cloud.example", Weight: 1}},
	})
}

// every lets messages come from outside at t, t+gap, ... before end.
func (l *lab) every(id string, t, gap, end float64) {
	l.cfg.Loads = append(l.cfg.Loads, load.Source{
		ID: id, Kind: load.Regular, First: seconds(t), Every: simtime.FromSeconds(gap), End: seconds(end), Count: 1 << 40, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyInternet, Domain: "cloud.example", Weight: 1}},
	})
}

func (l *lab) run(t *testing.T) *result.Run {
	t.Helper()
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), l.built(t), 0, m))
	return m.Run()
}

// built makes the configuration, once.
func (l *lab) built(t *testing.T) *sim.Config {
	t.Helper()
	var sources []topology.ServerID
	for i := range l.servers {
		l.servers[i].PublicAddress = l.nat
		if l.spread { // a hub in a site of its own that is itself a source of the connector, fed by its own mailboxes
			s := &l.servers[i]
			s.Roles, s.Mailboxes = topology.RoleHub|topology.RoleMailbox, 1
			s.Site = l.b.Site(topology.Site{Name: "S-" + s.Name})
			l.cfg.Loads[i].From = []load.Party{{Kind: load.PartyMailbox, Server: topology.ServerID(i), Weight: 1}}
		}
		sources = append(sources, l.b.Server(l.servers[i]))
	}
	if !l.dns {
		l.b.Connector(topology.Connector{
			Name: "to-cloud", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: sources, SmartHosts: []topology.RemoteID{l.remote},
		})
	}
	for _, d := range l.domains {
		l.b.Connector(topology.Connector{
			Name: "to-" + d, AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: d + ".example", Cost: 1}}, Sources: sources, DNS: true,
		})
	}
	org, err := l.b.Build()
	require.NoError(t, err)
	l.cfg.Org = org
	return &l.cfg
}

// stat returns one figure of a run.
func stat(t *testing.T, r *result.Run, metric, entity, name string) float64 {
	t.Helper()
	var have []string
	for _, m := range r.Summary.Metrics {
		if m.Metric == metric {
			have = append(have, m.Labels.String())
			if m.Labels.String() == entity {
				for _, s := range m.Stats {
					if s.Name == name {
						return s.Value
					}
				}
			}
		}
	}
	require.Failf(t, "no such figure", "%s{%s} %s; there are %q", metric, entity, name, have)
	return 0
}

// level returns the value of a series at t (the last sample not after it).
func level(t *testing.T, r *result.Run, metric, entity string, at float64) float64 {
	t.Helper()
	for _, s := range r.Series {
		if s.Metric == metric && s.Labels.String() == entity {
			v := 0.0
			for i, x := range s.Times {
				if x <= seconds(at) {
					v = s.Last[i]
				}
			}
			return v
		}
	}
	require.Failf(t, "no such series", "%s{%s}", metric, entity)
	return 0
}
