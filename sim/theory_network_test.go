package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/stats"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestSB8_Tandem is SB-8: mail from outside crosses an Edge, a hub, the hub of another site and a mailbox store, over one connection each, whose
// message times are exponential and drawn anew at every hop. What leaves a hop is Poisson again (Burke), so each is an M/M/1 of its own: at 0.8
// messages a second the stays are 5, 5 and 1/(mu - 0.8) s. At 0.5 the same holds and is seen sooner.
func TestSB8_Tandem(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		name   string
		lambda float64
		last   float64 // rate of the store
		window float64
		long   bool
	}{
		{"0.5 into 1, 1, 1.25", 0.5, 1.25, 20000, false}, {"0.8 into 1, 1, 1.25", 0.8, 1.25, 150000, true}, {"0.8 into 1, 1, 2", 0.8, 2, 150000, true},
	} {
		if c.long && !long() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := chainOfServers(t, c.lambda, 1/c.last)
			cfg.Seed, cfg.Warmup = 800+int64(i), 500*time.Second
			cfg.Duration = cfg.Warmup + time.Duration(c.window*1e9)
			cfg.Output = sim.Output{SampleInterval: cfg.Duration, Queues: true, Servers: true}
			var whole []float64
			at := map[string][]float64{}
			for rep := range 30 {
				m := result.NewMemory(0, rep)
				require.NoError(t, sim.Run(t.Context(), cfg, rep, m))
				whole = append(whole, figure(t, m.Run(), "delivery.delay", "from=all,to=all", "mean"))
				for _, s := range []string{"e", "hA", "hB"} {
					at[s] = append(at[s], figure(t, m.Run(), "queue.length", "server="+s+",", "mean"))
				}
			}
			first, last := 1/(1-c.lambda), 1/(c.last-c.lambda)
			agree(t, "stay", whole, 2*first+last, 0)
			roughly := func(s string, exact float64) { // each hop alone is within 4 %
				ok, _, msg := stats.TheoryCheckWithin(at[s], exact, 0, theoryAlpha, 0.04)
				require.True(t, ok, "%s: %s", s, msg)
			}
			roughly("e", c.lambda*first)
			roughly("hA", c.lambda*first)
			roughly("hB", c.lambda*last)
		})
	}
}

// chainOfServers is an Edge of site A, a hub there, and a hub with mailboxes in B, with one connection from each to the next and one into the store.
func chainOfServers(t *testing.T, rate, delivery float64) *sim.Config {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	cfg := &sim.Config{
		Name: "tandem", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		Model: sim.Model{
			Session: sim.SessionCost{PerMessage: exponential(t, 1)}, ToEdge: sim.SessionCost{PerMessage: exponential(t, 1)}, Delivery: sim.SessionCost{PerMessage: exponential(t, delivery)},
		},
	}
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 10})
	add := func(s topology.Server, edge bool) topology.ServerID {
		s.Version, s.DC = topology.V2010, topology.None
		p := transport.DefaultProfile(topology.V2010, edge)
		p.MaxPerDomainConnections, p.MaxMailboxDeliveries, p.MaxMessagesPerConnection = 1, 1, 0
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: p})
		return b.Server(s)
	}
	add(topology.Server{Name: "e", Site: sites[0], Roles: topology.RoleEdge}, true)
	add(topology.Server{Name: "hA", Site: sites[0], Roles: topology.RoleHub}, false)
	to := add(topology.Server{Name: "hB", Site: sites[1], Roles: topology.RoleHub | topology.RoleMailbox, Mailboxes: 1}, false)
	cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Poisson, Rate: rate, End: simtime.Never, Size: rng.Constant(1), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: to, Weight: 1}},
	}}
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	return cfg
}

// TestSB6_RoundRobin is SB-6's round robin: mail from outside that k Edges take in turn comes to each as an Erlang-k stream and waits less than it
// would after a random choice (at rho 0.6: 0.98 and 0.73 s in place of 1.5). SB-7: Kingman's bound lambda (Var A + Var S) / (2 (1 - rho)) holds.
func TestSB6_RoundRobin(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		edges     int
		rho, wait float64
		window    float64
		long      bool
	}{
		{2, 0.6, 0.983499, 34000, false}, {3, 0.6, 0.813396, 29000, false}, {4, 0.6, 0.728989, 22000, false},
		{2, 0.8, 2.843980, 200000, true}, {3, 0.8, 2.459423, 200000, true}, {4, 0.8, 2.267384, 100000, true},
	} {
		if c.long && !long() {
			continue
		}
		t.Run(fmt.Sprintf("k=%d rho=%g", c.edges, c.rho), func(t *testing.T) {
			t.Parallel()
			st := station{seed: 620 + int64(i), rate: c.rho * float64(c.edges), service: exponential(t, 1), ceiling: 1, threshold: 20, warmup: 500, window: c.window, edges: c.edges}
			s := st.replicate(t, 20)
			agree(t, "W", s.stay, 1+c.wait, 0)
			bound := c.rho * (1/(c.rho*c.rho*float64(c.edges)) + 1) / (2 * (1 - c.rho))
			require.Less(t, c.wait, bound)
			kingman(t, s.stay, 1, bound)
		})
	}
}

// kingman holds the bound SB-7 for stays whose service takes so long on average.
func kingman(t *testing.T, stay []float64, service, bound float64) {
	t.Helper()
	sum := 0.0
	for _, w := range stay {
		sum += w
	}
	require.LessOrEqual(t, sum/float64(len(stay))-service, bound, "SB-7: Kingman's bound of the wait")
}

// TestSB7_KingmansBound is SB-7: the wait at a single connection is below lambda (Var A + Var S) / (2 (1 - rho)) whatever the distributions. Erlang-2
// arrivals are those of one of two Edges in turn.
func TestSB7_KingmansBound(t *testing.T) {
	t.Parallel()
	dist := func(d rng.Dist, err error) rng.Dist {
		t.Helper()
		require.NoError(t, err)
		return d
	}
	for i, c := range []struct {
		name    string
		edges   int
		rho     float64
		service rng.Dist
		ca2     float64
		cs2     float64
		bound   float64
	}{
		{"ca2=0.5 cs2=0.5", 2, 0.8, dist(rng.Erlang(1, 2)), 0.5, 0.5, 2.562500},
		{"ca2=1 cs2=0.25", 1, 0.9, dist(rng.Erlang(1, 4)), 1, 0.25, 6.680556},
		{"ca2=0.5 cs2=4", 2, 0.7, dist(rng.Hyperexponential(1, 4)), 0.5, 4, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bound := c.rho * (c.ca2/(c.rho*c.rho) + c.cs2) / (2 * (1 - c.rho))
			if c.bound > 0 {
				require.InDelta(t, c.bound, bound, 1e-6)
			}
			st := station{seed: 710 + int64(i), rate: c.rho * float64(c.edges), service: c.service, ceiling: 1, threshold: 20, warmup: 500, window: 40000, edges: c.edges}
			s := st.replicate(t, 20)
			kingman(t, s.stay, 1, bound)
			// A bound that nothing comes near shows little: heavy traffic comes within three tenths of it.
			mean := 0.0
			for _, w := range s.stay {
				mean += (w - 1) / 20
			}
			require.Greater(t, mean, 0.7*bound)
		})
	}
}

// TestSB9_Breakdowns is SB-9's M/M/1 that breaks down: the way to the next hop is cut after exponential times, whether mail is under way or not, and
// mended after others; an operator retries at that instant. A message that was cut begins anew, which with exponential times is to go on.
func TestSB9_Breakdowns(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		lambda, f, r float64
		l            float64
		window       float64
		replications int
		long         bool
	}{
		{0.4, 0.1, 1, 0.850649, 24000, 20, false}, // lambda ((f+r)^2 + f mu) / ((f+r) (mu r - lambda (f+r)))
		{0.6, 0.1, 1, 2.101604, 120000, 20, true},
		{0.5, 0.01, 0.1, 2.232323, 150000, 40, true},
	} {
		if c.long && !long() {
			continue
		}
		t.Run(fmt.Sprintf("lambda=%g f=%g r=%g", c.lambda, c.f, c.r), func(t *testing.T) {
			t.Parallel()
			var length []float64
			for rep := range c.replications {
				cfg := chainOfServers(t, c.lambda, 1)
				cfg.Seed, cfg.Warmup = 900+int64(i), 1000*time.Second
				cfg.Duration = cfg.Warmup + time.Duration(c.window*1e9)
				cfg.Output = sim.Output{SampleInterval: cfg.Duration, Queues: true}
				const hA = topology.ServerID(1)
				cfg.Servers[hA].Profile.GlitchRetryInterval, cfg.Servers[hA].Profile.GlitchRetryCount = 12*time.Hour, 15
				cfg.Model.ToEdge, cfg.Model.Delivery = sim.SessionCost{}, sim.SessionCost{}
				up, down := exponential(t, 1/c.f), exponential(t, 1/c.r)
				draws := rng.NewRoot(cfg.Seed, rep).Stream("breakdowns", "")
				for at := simtime.Time(0); ; {
					at = at.Add(simtime.FromSeconds(draws.Sample(up)))
					end := at.Add(simtime.FromSeconds(draws.Sample(down)))
					if end >= simtime.Time(cfg.Duration) {
						break
					}
					n := len(cfg.Faults)
					cfg.Faults = append(cfg.Faults, fault.Fault{ID: fmt.Sprintf("cut%07d", n), Kind: fault.LinkDown, Start: at, End: end, Probability: 1, Links: []topology.LinkID{0}})
					cfg.Actions = append(cfg.Actions, fault.Action{
						Kind: fault.RetryQueue, At: end, Probability: 1, DC: topology.None, Source: topology.None, Hosts: []fault.Host{{Server: hA, DC: topology.None}},
					})
					at = end
				}
				m := result.NewMemory(0, rep)
				require.NoError(t, sim.Run(t.Context(), cfg, rep, m))
				length = append(length, figure(t, m.Run(), "queue.length", "server=hA,", "mean"))
			}
			// What an outage leaves lasts: the half-width may be 5 % in place of part C's 2 %.
			ok, _, msg := stats.TheoryCheckWithin(length, c.l, 0, theoryAlpha, stats.BlindnessWide)
			require.True(t, ok, "L: %s", msg)
			t.Logf("L: %s", msg)
		})
	}
}
