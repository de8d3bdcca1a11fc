package sim_test

import (
	"strings"
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

// campus is a small organisation for whole runs in which servers are called by their names: site A has the servers whose names begin
// with A, and so on.
type campus struct {
	t       *testing.T
	b       *topology.Builder
	version topology.Version
	cfg     sim.Config
	sites   map[string]topology.SiteID
	servers map[string]topology.ServerID
	nat     map[string]string // public addresses
	links   map[string]topology.LinkID
}

// newCampus joins sites by links of cost 10, given as pairs of names, 100 ms of round trip and unlimited bandwidth.
func newCampus(t *testing.T, v topology.Version, links ...string) *campus {
	c := &campus{
		t: t, b: topology.NewBuilder(v), version: v,
		sites: map[string]topology.SiteID{}, servers: map[string]topology.ServerID{}, links: map[string]topology.LinkID{},
	}
	c.cfg = sim.Config{
		Name: t.Name(), Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1,
		Output: sim.Output{SampleInterval: second, Servers: true, SitePairs: true},
		Model:  sim.Model{FailedConnect: 21 * second},
	}
	for _, l := range links {
		c.links[l] = c.b.Link(topology.Link{Name: l, Sites: []topology.SiteID{c.site(l[:1]), c.site(l[1:])}, Cost: 10, RTT: 100 * time.Millisecond})
	}
	return c
}

func (c *campus) site(name string) topology.SiteID {
	if s, ok := c.sites[name]; ok {
		return s
	}
	c.sites[name] = c.b.Site(topology.Site{Name: name})
	return c.sites[name]
}

// server adds a machine; from 2013 on a mailbox server is a hub as well.
func (c *campus) server(name string, roles topology.Roles, more ...func(*topology.Server)) topology.ServerID {
	s := topology.Server{Name: name, Site: c.site(name[:1]), Roles: roles, Version: c.version, DC: topology.None}
	if roles&topology.RoleMailbox != 0 {
		s.Mailboxes = 1
		if c.version.New() {
			s.Roles |= topology.RoleHub
		}
	}
	s.PublicAddress = c.nat[name]
	for _, f := range more {
		f(&s)
	}
	c.cfg.Servers = append(c.cfg.Servers, sim.Server{Profile: transport.DefaultProfile(c.version, roles&topology.RoleEdge != 0)})
	c.servers[name] = c.b.Server(s)
	return c.servers[name]
}

// mail lets n messages of 1000 bytes go from a mailbox server, or "" for the internet, to the mailbox servers named, a second apart.
func (c *campus) mail(id, from string, at float64, n int64, to ...string) {
	s := load.Source{ID: id, Kind: load.Replay, End: simtime.Never, Size: rng.Constant(1), Recipients: rng.Constant(1)}
	for i := range n {
		m := load.TraceMessage{At: seconds(at + float64(i)), Size: 1000, From: load.Party{Kind: load.PartyInternet, Weight: 1}}
		if from != "" {
			m.From = load.Party{Kind: load.PartyMailbox, Server: c.servers[from], Weight: 1}
		}
		for _, x := range to {
			m.To = append(m.To, load.Party{Kind: load.PartyMailbox, Server: c.servers[x], Weight: 1})
		}
		s.Trace = append(s.Trace, m)
	}
	c.cfg.Loads = append(c.cfg.Loads, s)
}

// burst lets n messages of 1000 bytes go from a mailbox server to one other at an instant.
func (c *campus) burst(id, from string, at float64, n int64, to string) {
	c.cfg.Loads = append(c.cfg.Loads, load.Source{
		ID: id, Kind: load.Burst, Start: seconds(at), End: simtime.Never, Count: n, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: c.servers[from], Weight: 1}},
		To:   []load.Party{{Kind: load.PartyMailbox, Server: c.servers[to], Weight: 1}},
	})
}

func (c *campus) down(server string, mode fault.HostDownMode, from, until float64) {
	c.cfg.Faults = append(c.cfg.Faults, fault.Fault{
		ID: "down-" + strings.ToLower(server), Kind: fault.HostDown, Mode: mode, Probability: 1, Start: seconds(from), End: seconds(until),
		Hosts: []fault.Host{{Server: c.servers[server], DC: topology.None}},
	})
}

func (c *campus) cut(link string, from, until float64) {
	c.cfg.Faults = append(c.cfg.Faults, fault.Fault{
		ID: "cut-" + strings.ToLower(link), Kind: fault.LinkDown, Probability: 1, Start: seconds(from), End: seconds(until),
		Links: []topology.LinkID{c.links[link]},
	})
}

func (c *campus) run() *result.Run {
	c.t.Helper()
	org, err := c.b.Build()
	require.NoError(c.t, err)
	c.cfg.Org = org
	m := result.NewMemory(0, 0)
	require.NoError(c.t, sim.Run(c.t.Context(), &c.cfg, 0, m))
	return m.Run()
}

// sent is how many copies servers handed on, deliveries into stores included.
func (c *campus) sent(r *result.Run, servers ...string) []int {
	c.t.Helper()
	var out []int
	for _, s := range servers {
		out = append(out, int(stat(c.t, r, "throughput", "server="+s, "count")))
	}
	return out
}

const (
	hubRole  = topology.RoleHub
	boxRole  = topology.RoleMailbox
	edgeRole = topology.RoleEdge
)

// TestR4_13_SendersTakeTurnsEachForItself: the mailbox servers of a site have rotations of their own, which start at different hubs (R-4.3, D-11).
func TestR4_13_SendersTakeTurnsEachForItself(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2007)
	c.server("A1", hubRole)
	c.server("A2", hubRole)
	c.server("A3", hubRole)
	c.server("Am", boxRole)
	c.server("An", boxRole)
	c.mail("m", "Am", 0, 4, "An") // A1 A2 A3 A1
	c.mail("n", "An", 0, 2, "Am") // A2 A3
	require.Equal(t, []int{2, 2, 2}, c.sent(c.run(), "A1", "A2", "A3"))
}

// TestR4_14_OverrideListOnly is G-48: the listed hub alone takes submissions; while it is down nothing is submitted, although M and H3 are up.
func TestR4_14_OverrideListOnly(t *testing.T) {
	t.Parallel()
	t.Run("G-48", func(t *testing.T) {
		c := newCampus(t, topology.V2010)
		h2 := c.server("H2", hubRole)
		c.server("HM", hubRole|boxRole, func(s *topology.Server) { s.SubmissionOverride = []topology.ServerID{h2} })
		c.server("H3", hubRole)
		c.mail("m", "HM", 10, 20, "HM")
		c.down("H2", fault.Crash, 15, 1000)
		r := c.run()
		require.Equal(t, []int{20, 0, 0}, c.sent(r, "H2", "HM", "H3"))
		require.Equal(t, 15.0, level(t, r, "submission_pending", "site=H", 999))
		require.InDelta(t, 1029.0-29, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 30, "offered again every minute")
	})
}

// TestR4_15_DAGMemberTakesItsOwnHubLast is G-49.
func TestR4_15_DAGMemberTakesItsOwnHubLast(t *testing.T) {
	t.Parallel()
	t.Run("G-49", func(t *testing.T) {
		c := newCampus(t, topology.V2010)
		m := c.server("HM", hubRole|boxRole)
		c.server("H2", hubRole)
		c.server("H3", hubRole)
		c.server("HX", boxRole)
		c.b.DAG(topology.DAG{Name: "dag", Members: []topology.ServerID{m}})
		c.mail("both", "HM", 10, 4, "HX")
		c.mail("alone", "HM", 100, 3, "HX")
		c.down("H2", fault.Crash, 50, 1000)
		c.down("H3", fault.Crash, 50, 1000)
		require.Equal(t, []int{2, 2, 3}, c.sent(c.run(), "H2", "H3", "HM"))
	})
}

// TestR3_32_SubmittedStraightToTheRecipient: from 2013 on a message goes from the mailbox server to the nearest delivery group of its recipients,
// over the network and without a stop at home; a switch keeps it in the sender's site.
func TestR3_32_SubmittedStraightToTheRecipient(t *testing.T) {
	t.Parallel()
	bench := func(t *testing.T) *campus {
		c := newCampus(t, topology.V2016, "AB", "BC")
		c.server("A1", boxRole)
		c.server("B1", boxRole)
		c.server("C1", boxRole)
		c.server("C2", boxRole)
		c.cfg.Model.Session = sim.SessionCost{Setup: rng.Constant(1), RoundTrips: 8, PerMessageRoundTrips: 2}
		return c
	}
	delay := func(t *testing.T, r *result.Run) float64 {
		return stat(t, r, "delivery.delay", "from=all,to=all", "max")
	}

	t.Run("one recipient", func(t *testing.T) {
		c := bench(t)
		c.mail("m", "A1", 0, 4, "C1")
		r := c.run()
		require.Equal(t, []int{0, 0, 2, 2}, c.sent(r, "A1", "B1", "C1", "C2"), "both servers of C belong to the delivery group, in turn")
		require.InDelta(t, 1+10*0.2, delay(t, r), 1e-4, "set-up 1 s and ten round trips of 200 ms")
	})
	t.Run("the nearest group takes all", func(t *testing.T) {
		c := bench(t)
		c.mail("m", "A1", 0, 1, "C1", "B1")
		require.Equal(t, []int{0, 2, 1, 0}, c.sent(c.run(), "A1", "B1", "C1", "C2"))
	})
	t.Run("X-4: stays in the site", func(t *testing.T) {
		c := bench(t)
		c.b.SubmissionStaysInSite(true)
		c.mail("m", "A1", 0, 2, "C1")
		require.Equal(t, []int{2, 0, 2, 0}, c.sent(c.run(), "A1", "B1", "C1", "C2"), "one connection of A1's queue carries both")
	})
	t.Run("the home site is the way out", func(t *testing.T) {
		c := bench(t)
		c.down("C1", fault.Crash, 0, 600)
		c.down("C2", fault.Crash, 0, 600)
		c.mail("m", "A1", 10, 1, "C1")
		r := c.run()
		require.Equal(t, 1, c.sent(r, "A1")[0])
		require.Equal(t, 1, c.sent(r, "B1")[0], "the queue at home backs off (R-3.27)")
		require.Zero(t, stat(t, r, "messages.held", "site=all", "total"))
	})
	t.Run("the next in turn after a silent one", func(t *testing.T) {
		c := bench(t)
		c.down("C1", fault.Crash, 0, 3600)
		c.mail("m", "A1", 10, 1, "C2")
		require.InDelta(t, 21+3, delay(t, c.run()), 1e-4, "the vain attempt takes its time")
	})
	t.Run("a server that dies while mail is on its way to it", func(t *testing.T) {
		c := bench(t)
		c.down("C1", fault.Crash, 1, 3600)
		c.mail("m", "A1", 0, 1, "C2")
		r := c.run()
		require.Equal(t, []int{0, 0, 0, 1}, c.sent(r, "A1", "B1", "C1", "C2"), "offered anew at that instant")
		require.InDelta(t, 1+3, delay(t, r), 1e-4)
	})
	t.Run("a way that breaks", func(t *testing.T) {
		c := bench(t)
		c.cut("BC", 1, 300) // the session to C is being set up
		c.mail("m", "A1", 0, 1, "C1")
		r := c.run()
		require.Equal(t, 1, c.sent(r, "A1")[0], "offered anew at once, and taken at home")
		require.Zero(t, stat(t, r, "messages.held", "site=all", "total"))
	})
	t.Run("a sender that crashes", func(t *testing.T) {
		c := bench(t)
		c.down("A1", fault.Crash, 1, 601)
		c.mail("m", "A1", 0, 1, "C1")
		r := c.run()
		require.Equal(t, 1.0, level(t, r, "submission_pending", "site=A", 300), "back in its store")
		require.InDelta(t, 660+3, delay(t, r), 1e-4)
	})
	t.Run("all that could take it are down", func(t *testing.T) {
		c := bench(t)
		for _, s := range []string{"C1", "C2"} {
			c.down(s, fault.Crash, 0, 90)
		}
		c.down("A1", fault.ServiceStop, 0, 600) // its store still submits
		c.mail("m", "A1", 10, 1, "C1")
		r := c.run()
		require.Equal(t, 1.0, level(t, r, "submission_pending", "site=A", 80))
		require.InDelta(t, 120+3, delay(t, r), 1e-4, "a server of C is back at 90: offered at the next whole minute")
	})
}

// TestR3_31_FrontEnd: mail from outside to an organisation of 2013 without an Edge comes in at the front ends in turn, which hand it to the
// delivery group of the recipient.
func TestR3_31_FrontEnd(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2013, "AB")
	c.server("A1", boxRole)
	c.server("B1", boxRole)
	c.server("B2", boxRole)
	c.mail("in", "", 0, 6, "B1")
	require.Equal(t, []int{0, 3, 3}, c.sent(c.run(), "A1", "B1", "B2"))
}

// TestR5_14_LinkedConnectorInARun: mail that comes in on a receive connector with a linked connector goes to that connector's smart host, whoever it
// is for, through its source servers in turn; other mail is routed by its address.
func TestR5_14_LinkedConnectorInARun(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2010)
	a1, a2 := c.server("A1", hubRole), c.server("A2", hubRole)
	c.server("Am", boxRole)
	scanner := c.b.Remote(topology.Remote{Name: "scanner"})
	c.cfg.Remotes = []sim.Remote{{Hosts: 1}}
	link := c.b.Connector(topology.Connector{Name: "to-scanner", Sources: []topology.ServerID{a1, a2}, SmartHosts: []topology.RemoteID{scanner}, LinkedTo: "from-mx"})
	c.mail("plain", "", 0, 2, "Am")
	c.cfg.Loads = append(c.cfg.Loads, load.Source{
		ID: "scanned", Kind: load.Burst, Start: seconds(100), End: simtime.Never, Count: 4, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: c.servers["Am"], Weight: 1}},
		Linked: true, Via: link,
	})
	r := c.run()
	require.Equal(t, 4.0, stat(t, r, "throughput", "site_pair=internet>internet", "count"))
	require.Equal(t, 2.0, stat(t, r, "throughput", "site_pair=internet>A", "count"))
	require.Equal(t, []int{3, 3}, c.sent(r, "A1", "A2"))
}

// TestR7_5_MailForAGroupExpiresToo: a message that waits for a dead expansion server is reported as late after four hours and returned after two
// days, like any other. The sender gets both reports, and nobody of the group gets anything.
func TestR7_5_MailForAGroupExpiresToo(t *testing.T) {
	t.Parallel()
	c := newCampus(t, topology.V2010, "AB")
	c.server("A1", hubRole)
	c.server("Am", boxRole)
	b1 := c.server("B1", hubRole)
	c.server("B2", hubRole)
	bm := c.server("Bm", boxRole)
	c.b.Group(topology.Group{Name: "team", Members: []topology.Recipient{{Server: bm, Count: 30}, {Server: c.servers["Am"]}}, ExpansionServer: b1})
	c.cfg.Duration = 72 * time.Hour
	c.cfg.Output.SampleInterval = time.Hour
	c.cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Regular, First: seconds(60), Every: second, End: simtime.Never, Count: 1, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: c.servers["Am"], Weight: 1}}, To: []load.Party{{Kind: load.PartyGroup, Group: 0, Weight: 1}},
	}}
	c.down("B1", fault.Crash, 0, 72*3600)
	r := c.run()
	require.Equal(t, 1.0, stat(t, r, "messages.expired", "site=all", "total"), "R-7.4: it waited on B2")
	require.Equal(t, 2.0, stat(t, r, "messages.reports", "site=B", "total"))
	require.Equal(t, 2.0, stat(t, r, "throughput", "site_pair=B>A", "count"), "both reports reach the sender")
	require.Equal(t, 2.0, stat(t, r, "messages.delivered", "site=all", "total"))
	var told []time.Duration
	for _, e := range r.Events {
		if e.Kind == "dsn" {
			require.Equal(t, "B2", e.Server)
			told = append(told, time.Duration(e.Time).Round(time.Second))
		}
	}
	accepted := 60*second + 21*second // after a vain attempt at B1
	for _, m := range r.Summary.Metrics {
		require.NotEqual(t, "delivery.delay", m.Metric, "delays are those of the senders' mail, and none of it arrived")
	}
	require.Equal(t, []time.Duration{4*time.Hour + accepted, 48*time.Hour + accepted}, told)
}
