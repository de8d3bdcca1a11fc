package sim_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/stats"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// The comparisons with queueing theory run the whole simulator on models whose answer is known exactly (docs/rules/statistics.md,
// part B) and judge it by the pass rule of part C: at least 20 independent replications, with seeds of their own for each row; the
// half-width h at 99.99 % may be at most 2 % of the exact value; the mean may be off by h and a stated bias at most. Each comparison
// raises a false alarm with probability 1e-4 for every new set of random streams, and none while the streams stay as they are. The
// smallest error that it sees for certain, 2h + bias, is logged beside each row.
//
// Environment variable: MAILSIM_LONG=1 runs the long campaign, with more rows and narrower intervals.

// theoryAlpha is the false-alarm probability of one comparison.
const theoryAlpha = 1e-4

// station is a model of one waiting line: messages from outside come to an edge and leave it over connections to one outside system.
type station struct {
	seed          int64
	rate          float64  // Poisson arrivals a second
	every         float64  // s between arrivals, in place of rate
	burst         int64    // messages at t0, in place of both
	service       rng.Dist // s a message
	setup         rng.Dist // s a connection
	ceiling       int      // connections
	threshold     int      // messages of the queue for each connection
	perConnection int      // messages a connection carries at most; 0 = no limit
	warmup        float64  // s
	window        float64  // s after it
	edges         int      // that take the mail in turn; 0 = one
}

// exponential is the exponential distribution of this mean, in seconds.
func exponential(t *testing.T, mean float64) rng.Dist {
	t.Helper()
	d, err := rng.Exponential(mean)
	require.NoError(t, err)
	return d
}

func (st *station) config(t *testing.T) *sim.Config {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	site := b.Site(topology.Site{Name: "S"})
	cloud := b.Remote(topology.Remote{Name: "cloud"})
	var edges []topology.ServerID
	for i := range max(st.edges, 1) {
		edges = append(edges, b.Server(topology.Server{Name: fmt.Sprintf("e%d", i+1), Site: site, Roles: topology.RoleEdge, Version: topology.V2010, DC: topology.None}))
	}
	b.Connector(topology.Connector{
		Name: "to-cloud", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}},
		Sources: edges, SmartHosts: []topology.RemoteID{cloud},
	})
	org, err := b.Build()
	require.NoError(t, err)
	p := transport.DefaultProfile(topology.V2010, true)
	p.MaxPerDomainConnections, p.MaxMessagesPerConnection = st.ceiling, st.perConnection
	for i := range p.Threshold {
		p.Threshold[i] = st.threshold
	}
	source := load.Source{
		ID: "arrivals", Kind: load.Poisson, Rate: st.rate, End: simtime.Never, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyInternet, Domain: "cloud.example", Weight: 1}},
	}
	switch {
	case st.burst > 0:
		source.Kind, source.Count = load.Burst, st.burst
	case st.every > 0:
		source.Kind, source.Every = load.Regular, time.Duration(st.every*1e9)
	}
	whole := time.Duration((st.warmup + st.window) * 1e9)
	return &sim.Config{
		Name: "station", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: whole, Warmup: time.Duration(st.warmup * 1e9), Seed: st.seed,
		Org: org, Servers: slices.Repeat([]sim.Server{{Profile: p}}, len(edges)),
		Remotes: []sim.Remote{{Hosts: 1, Session: sim.SessionCost{Setup: st.setup, PerMessage: st.service}}},
		Loads:   []load.Source{source},
		Output:  sim.Output{SampleInterval: whole},
	}
}

// sample is the figures of the replications of a station.
type sample struct {
	length      []float64 // time average of the messages waiting and in transfer (L)
	stay        []float64 // mean stay of the delivered (W), s
	p95         []float64 // of the stays, s; to three digits
	longest     []float64 // s
	connections []float64 // time average
}

func (st *station) replicate(t *testing.T, replications int) sample {
	t.Helper()
	cfg := st.config(t)
	var out sample
	for rep := range replications {
		m := result.NewMemory(0, rep)
		require.NoError(t, sim.Run(t.Context(), cfg, rep, m))
		r := m.Run()
		out.length = append(out.length, figure(t, r, "queue.length", "server=e1", "mean"))
		out.stay = append(out.stay, figure(t, r, "delivery.delay", "from=all,to=all", "mean"))
		out.p95 = append(out.p95, figure(t, r, "delivery.delay", "from=all,to=all", "p95"))
		out.longest = append(out.longest, figure(t, r, "delivery.delay", "from=all,to=all", "max"))
		out.connections = append(out.connections, figure(t, r, "server.connections", "server=e1", "mean"))
	}
	return out
}

// figure returns one figure of the first entity whose name starts so.
func figure(t *testing.T, r *result.Run, metric, entity, stat string) float64 {
	t.Helper()
	for _, m := range r.Summary.Metrics {
		if m.Metric == metric && strings.HasPrefix(m.Labels.String(), entity) {
			for _, s := range m.Stats {
				if s.Name == stat {
					return s.Value
				}
			}
		}
	}
	require.Failf(t, "no such figure", "%s{%s} %s", metric, entity, stat)
	return 0
}

// agree judges the averages of a figure against its exact value by part C and logs what the comparison could see.
func agree(t *testing.T, what string, values []float64, exact, bias float64) (visible float64) {
	t.Helper()
	ok, h, msg := stats.TheoryCheck(values, exact, bias, theoryAlpha)
	require.True(t, ok, "%s: %s", what, msg)
	t.Logf("%s: %s", what, msg)
	return 2*h + bias
}

// long tells whether the long campaign was asked for.
func long() bool { return os.Getenv("MAILSIM_LONG") != "" }

// needLong skips a comparison that is too long for every day.
func needLong(t *testing.T) {
	t.Helper()
	if !long() {
		t.Skip("set MAILSIM_LONG=1 to run the long campaign")
	}
}
