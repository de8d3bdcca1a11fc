package sim_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// randomScenario draws a small organisation with its mail, its limits and its misfortunes. Whatever it draws is a legal scenario: every
// law of a run must hold.
type randomScenario struct {
	t          *rapid.T
	b          *topology.Builder
	cfg        *sim.Config
	version    topology.Version
	sites      []topology.SiteID
	servers    []topology.Server
	links      int
	connectors []topology.Connector
	groups     int
	shadow     transport.ShadowProfile // of every server but Edges
	net        transport.SafetyNetProfile
	members    []topology.ServerID // of the availability group
	dcs        int
}

func drawScenario(t *rapid.T) *sim.Config { return drawInto(t, &randomScenario{}) }

// drawInto leaves what was drawn in x.
func drawInto(t *rapid.T, x *randomScenario) *sim.Config {
	x.t = t
	x.version = rapid.SampledFrom([]topology.Version{topology.V2007RTM, topology.V2007, topology.V2010, topology.V2013, topology.V2016}).Draw(t, "version")
	x.b = topology.NewBuilder(x.version)
	x.cfg = &sim.Config{
		Name: "random", Start: time.Date(2026, 3, 2, 22, 30, 0, 0, time.UTC), Seed: rapid.Int64Range(1, 1<<40).Draw(t, "seed"),
		Duration: x.duration("duration", time.Hour, 4*time.Hour),
		Output:   sim.Output{SampleInterval: 10 * time.Minute, Queues: true, Servers: true, Links: true, SitePairs: true},
	}
	if x.flag("warm-up") {
		x.cfg.Warmup = x.duration("warm-up", 0, 30*time.Minute)
	}
	x.drawSites()
	x.drawNets()
	x.drawShadows()
	x.drawServers()
	x.drawOutside()
	x.drawGroups()
	x.drawModel()
	x.drawLoads()
	x.drawFaults()
	x.drawActions()
	org, err := x.b.Build()
	require.NoError(t, err)
	x.cfg.Org = org
	return x.cfg
}

func (x *randomScenario) flag(what string) bool { return rapid.Bool().Draw(x.t, what) }

func (x *randomScenario) some(what string, from, to int) int {
	return rapid.IntRange(from, to).Draw(x.t, what)
}

// oneIn is true one time in n.
func (x *randomScenario) oneIn(n int, what string) bool { return x.some(what, 1, n) == n }

// duration is whole seconds, so that things happen at one instant now and then.
func (x *randomScenario) duration(what string, from, to time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(int64(from/second), int64(to/second)).Draw(x.t, what)) * second
}

func (x *randomScenario) instant(what string) simtime.Time {
	return simtime.Time(x.duration(what, 0, x.cfg.Duration))
}

func (x *randomScenario) bits(what string) int64 {
	return rapid.SampledFrom([]int64{0, 20_000, 300_000, 10_000_000}).Draw(x.t, what)
}

func (x *randomScenario) drawSites() {
	for i := range x.some("sites", 1, 4) {
		x.sites = append(x.sites, x.b.Site(topology.Site{Name: string(rune('D' - i)), HubSite: x.oneIn(3, "hub site"), Absent: x.oneIn(8, "absent")}))
	}
	link := func(members ...topology.SiteID) {
		x.b.Link(topology.Link{
			Name: fmt.Sprintf("L%d", x.links), Sites: members, Cost: int64(x.some("cost", 1, 3)), RTT: time.Duration(x.some("rtt", 0, 40)) * time.Millisecond,
			Up: x.bits("up"), Down: x.bits("down"), ReplicationInterval: x.duration("replication", 15*time.Minute, time.Hour), ChangeNotification: x.flag("notify"),
			MaxMessageSize: rapid.SampledFrom([]int64{0, 0, 0, 100_000}).Draw(x.t, "link size"),
		})
		x.links++
	}
	for i := 1; i < len(x.sites); i++ { // a tree, and a few links more
		if !x.oneIn(8, "island") {
			link(x.sites[i], x.sites[x.some("to", 0, i-1)])
		}
	}
	if len(x.sites) > 2 && x.flag("more links") {
		link(x.sites[0], x.sites[len(x.sites)-1])
	}
	if len(x.sites) > 2 && x.oneIn(3, "mesh") {
		link(x.sites[:3]...)
	}
	if len(x.sites) > 1 && x.oneIn(4, "network") {
		x.b.Network(topology.Network{Name: "leased", Sites: [2]topology.SiteID{x.sites[1], x.sites[0]}, RTT: 5 * time.Millisecond, Up: x.bits("up"), Down: x.bits("down")})
	}
	if x.flag("domain controllers") {
		for i, s := range x.sites {
			if i == 0 || x.flag("dc") {
				x.b.DC(topology.DC{Name: fmt.Sprintf("dc%d", i), Site: s, PDCEmulator: i == 0})
				x.dcs++
			}
		}
	}
}

func (x *randomScenario) server(name string, s topology.SiteID, roles topology.Roles) {
	edge := roles == topology.RoleEdge
	version := x.version
	if version == topology.V2010 && x.oneIn(4, "not upgraded") { // its connections wait for replies
		version = topology.V2007
	}
	srv := topology.Server{Name: name, Site: s, Roles: roles, Version: version, DC: topology.None}
	srv.Absent = name != "m0" && x.oneIn(6, "absent")
	if x.dcs > 0 && !edge {
		srv.DC = topology.DCID(x.some("bound to", 0, x.dcs-1))
	}
	if roles&topology.RoleMailbox != 0 {
		srv.Mailboxes = x.some("mailboxes", 1, 5)
		if x.version >= topology.V2013 && x.flag("databases") {
			srv.Databases = []string{name + "-db1", name + "-db2"}
		}
	}
	x.servers = append(x.servers, srv)
	x.b.Server(srv)
	p := transport.DefaultProfile(version, edge)
	for i := range p.Threshold {
		p.Threshold[i] = rapid.SampledFrom([]int{1, 2, 5, 20}).Draw(x.t, "threshold")
	}
	if x.flag("tight limits") {
		p.MaxOutboundConnections, p.MaxPerDomainConnections, p.MaxMailboxDeliveries = x.some("outbound", 1, 6), x.some("per domain", 1, 3), x.some("deliveries", 1, 3)
		p.MaxMailboxSubmissions = x.some("submissions", 0, 2)
	}
	p.MaxMessagesPerConnection = rapid.SampledFrom([]int{0, 1, 3, 20}).Draw(x.t, "messages")
	if x.oneIn(3, "idle hold") {
		p.IdleHold = x.duration("hold", second, 10*time.Minute)
	}
	if x.flag("short ladder") {
		p.GlitchRetryCount, p.TransientRetryCount = x.some("glitches", 0, 3), x.some("transients", 0, 2)
		p.GlitchRetryInterval, p.TransientRetryInterval = x.duration("glitch", second, time.Minute), x.duration("transient", second, 5*time.Minute)
		p.OutboundRetryInterval, p.MailboxRetryInterval = x.duration("outbound retry", second, 10*time.Minute), x.duration("mailbox retry", second, 5*time.Minute)
	}
	if x.flag("short lives") {
		p.Reports.Timeouts = transport.Timeouts{Delay: x.duration("delay notice", second, 30*time.Minute), Expiry: x.duration("expiry", 5*second, time.Hour)}
		p.MaxIdleBeforeResubmit = x.duration("idle before resubmission", second, 30*time.Minute)
	}
	p.CategoriserWorkers = x.some("workers", 1, 3)
	if x.version > topology.V2007RTM && x.oneIn(3, "priority queueing") {
		p.Reports.PriorityQueueing, p.Reports.MaxHighSize = true, 40_000
		for i := range p.Priorities {
			p.Priorities[i] = x.some("connections by priority", 1, 3)
		}
		for i := range p.Reports.ByPriority {
			p.Reports.ByPriority[i] = transport.Timeouts{Delay: x.duration("delay by priority", second, 30*time.Minute), Expiry: x.duration("expiry by priority", 5*second, time.Hour)}
		}
	}
	var receive transport.ReceiveLimits
	if x.oneIn(3, "receive limits") {
		receive = transport.ReceiveLimits{
			MaxConnections: x.some("inbound", 0, 6), MaxPerSource: x.some("inbound per source", 0, 3), PercentPerSource: x.some("inbound percentage", 20, 100),
			ConnectionRate: x.some("connections a minute", 0, 5), MessageRate: x.some("messages a minute", 0, 10),
			MaxSize: rapid.SampledFrom([]int64{0, 0, 60_000}).Draw(x.t, "largest message"),
		}
	}
	shadow, net := x.shadow, x.net
	if version != x.version {
		shadow = transport.ShadowProfile{}
	}
	if edge {
		shadow, net = transport.ShadowProfile{}, transport.SafetyNetProfile{}
	}
	x.cfg.Servers = append(x.cfg.Servers, sim.Server{
		Profile: p, Receive: receive, Pressure: x.pressure(), Shadow: shadow, SafetyNet: net, Duplicates: transport.DuplicateSettings{Disabled: x.oneIn(8, "no detection")},
	})
}

// drawNets draws whether servers keep what they have delivered, for a shorter time than in life.
func (x *randomScenario) drawNets() {
	if x.oneIn(3, "no safety net") {
		return
	}
	x.net = transport.DefaultSafetyNet(x.version).WithHold(x.duration("hold time", 15*second, 4*time.Hour))
	if x.net.Secondary > 0 {
		x.net.Secondary = x.duration("holders are asked after", second, time.Hour)
	}
	if x.net.MaxBytes > 0 && x.flag("small dumpster") {
		x.net.MaxBytes = 100_000
	}
}

// drawShadows draws whether there are shadow copies, which are sent sooner than in life.
func (x *randomScenario) drawShadows() {
	if x.flag("no shadow copies") {
		return
	}
	x.shadow = transport.DefaultShadow(x.version, false)
	x.shadow.Heartbeat = x.duration("heartbeat", second, 5*time.Minute)
	x.shadow.TakeOver = x.shadow.Heartbeat * time.Duration(x.some("heartbeats missed", 1, 5))
	if x.shadow.CopyLife > 0 && x.flag("short lives of copies") {
		x.shadow.CopyLife = x.duration("life of a copy", time.Minute, time.Hour)
	}
	x.shadow.Reject = x.oneIn(4, "no mail without a copy")
}

// pressure draws a server that is pressed by a few messages: levels of its submission queue, a small drive, version buckets.
func (x *randomScenario) pressure() (p sim.Pressure) {
	if !x.oneIn(3, "back pressure") {
		return p
	}
	p.Settings = transport.DefaultPressure(x.version, transport.Machine{})
	for r := range transport.NumResources {
		rule := &p.Settings.Rules[r]
		if r == transport.SubmissionLength || r == transport.VersionBuckets {
			low := int64(x.some("low", 1, 3))
			medium := low + int64(x.some("medium", 0, 5))
			high := medium + int64(x.some("high", 0, 10))
			rule.Monitored, rule.Levels = true, transport.Levels{LowToMedium: medium, MediumToHigh: high, HighToMedium: medium, MediumToLow: low}
			rule.History = x.some("history", 0, 20)
			if x.flag("all measures") {
				rule.Medium |= transport.PauseResubmission
				rule.High |= transport.StopDelivery | transport.RejectAll
			}
		}
	}
	if x.flag("drive") {
		p.Drive, p.DriveUsed = 2_000_000, int64(x.some("used", 0, 2_000_000))
	}
	p.Buckets = x.flag("buckets")
	return p
}

func (x *randomScenario) drawServers() {
	for i, s := range x.sites {
		for k := range x.some("hubs", 0, 2) {
			roles := topology.RoleHub
			if x.version >= topology.V2013 || x.flag("both roles") {
				roles |= topology.RoleMailbox
			}
			x.server(fmt.Sprintf("h%d%d", i, k), s, roles)
		}
		if x.version < topology.V2013 && (i == 0 || x.flag("mailbox server")) {
			x.server(fmt.Sprintf("m%d", i), s, topology.RoleMailbox)
		}
	}
	if x.version >= topology.V2013 {
		x.server("m0", x.sites[0], topology.RoleHub|topology.RoleMailbox)
	}
	for k := range x.some("edges", 0, 2) {
		x.server(fmt.Sprintf("e%d", k), x.sites[x.some("subscribed to", 0, len(x.sites)-1)], topology.RoleEdge)
	}
}

func (x *randomScenario) cost(what string) sim.SessionCost {
	dist := func(part string) rng.Dist {
		mean := float64(x.some(what+part, 0, 20)) / 10
		if mean > 0 && x.flag(what+part+" random") {
			d, err := rng.Exponential(mean)
			require.NoError(x.t, err)
			return d
		}
		return rng.Constant(mean)
	}
	return sim.SessionCost{
		Setup: dist(" set-up"), PerMessage: dist(" message"), RoundTrips: float64(x.some(what+" trips", 0, 8)),
		PerMessageRoundTrips: float64(x.some(what+" message trips", 0, 3)), PerRecipientRoundTrips: float64(x.some(what+" recipient trips", 0, 1)),
	}
}

// drawOutside makes the outside systems and the connectors to them.
func (x *randomScenario) drawOutside() {
	remote := func(name string) topology.RemoteID {
		r := sim.Remote{Hosts: 1, RTT: time.Duration(x.some("remote rtt", 0, 90)) * time.Millisecond, Bandwidth: x.bits("access line"), Session: x.cost("remote")}
		if x.flag("remote limits") {
			r.MaxConnectionsPerSource, r.MaxMessagesPerConnection = x.some("per source", 1, 4), x.some("remote messages", 0, 5)
		}
		if x.oneIn(3, "remote time-out") {
			r.ConnectionTimeout = x.duration("remote time-out", 5*second, time.Minute)
			r.UnknownFraction = rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(x.t, "unknown fraction")
		}
		x.cfg.Remotes = append(x.cfg.Remotes, r)
		return x.b.Remote(topology.Remote{Name: name})
	}
	cloud := remote("cloud")
	x.b.SmartHostList([]topology.RemoteID{remote("internet"), cloud})
	var hubs, edges []topology.ServerID
	for i := range x.servers {
		switch s := &x.servers[i]; {
		case s.Is(topology.RoleEdge):
			edges = append(edges, topology.ServerID(i))
		case s.Is(topology.RoleHub):
			hubs = append(hubs, topology.ServerID(i))
		}
	}
	add := func(name, space string, sources []topology.ServerID, smart bool) {
		c := topology.Connector{
			Name: name, AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: space, Cost: int64(x.some("connector cost", 1, 2))}}, Sources: sources,
			Disabled: x.oneIn(6, "disabled"), Absent: x.oneIn(6, "absent"), Scoped: x.oneIn(6, "scoped"), DNS: !smart,
		}
		if smart {
			c.SmartHosts = []topology.RemoteID{cloud}
		}
		if x.oneIn(4, "connector size") {
			c.MaxMessageSize = 30_000
		}
		if x.oneIn(3, "connector limits") {
			c.ConnectionThreshold, c.MaxPerDomainConnections, c.MaxMessagesPerConnection = x.some("c threshold", 1, 5), x.some("c per domain", 1, 3), x.some("c messages", 1, 5)
		}
		x.connectors = append(x.connectors, c)
		x.b.Connector(c)
	}
	if len(edges) > 0 {
		add("by-edge", "*", edges, x.flag("smart host"))
	}
	if len(hubs) > 0 && x.flag("hub connector") {
		add("by-hub", rapid.SampledFrom([]string{"*", "partner.example", "*.example"}).Draw(x.t, "space"), hubs[:x.some("sources", 1, len(hubs))], x.flag("smart host"))
	}
}

func (x *randomScenario) drawModel() {
	categoriser := func(what string) sim.CategoriserCost {
		if x.flag(what) {
			return sim.CategoriserCost{}
		}
		return sim.CategoriserCost{Base: time.Duration(x.some(what+" base", 0, 3000)) * time.Millisecond, PerRecipient: time.Millisecond, PerKB: 100 * time.Microsecond}
	}
	x.cfg.Model = sim.Model{
		Submitted: categoriser("categoriser"), Relayed: categoriser("relay categoriser"),
		Session: x.cost("session"), ToEdge: x.cost("edge"), Delivery: x.cost("delivery"), FixedRate: x.oneIn(4, "fixed rate"),
		FailedConnect: x.duration("failed connect", 0, 21*second), MaxClockSkew: 5 * time.Minute, NotifyDelay: x.duration("notify delay", 0, 5*second),
		InstantReplication: x.oneIn(4, "instant"),
	}
	if x.oneIn(3, "submissions take time") {
		x.cfg.Model.Submission = x.duration("submission", second, 10*second)
	}
	if x.oneIn(3, "time-outs") {
		x.cfg.Model.ConnectionTimeout, x.cfg.Model.EdgeTimeout = x.duration("time-out", 10*second, 10*time.Minute), x.duration("edge time-out", 10*second, 5*time.Minute)
	}
}

// drawGroups makes distribution groups, databases with copies, and what else says who takes a message.
func (x *randomScenario) drawGroups() {
	var hubs, boxes []topology.ServerID
	var current []topology.ServerID // those that a group takes
	for i := range x.servers {
		s := &x.servers[i]
		if s.Is(topology.RoleMailbox) {
			if boxes = append(boxes, topology.ServerID(i)); s.Version == x.version {
				current = append(current, topology.ServerID(i))
			}
		}
		if s.Is(topology.RoleHub) {
			hubs = append(hubs, topology.ServerID(i))
		}
	}
	for i := range x.some("groups", 0, 2) {
		g := topology.Group{Name: fmt.Sprintf("group%d", i), ExpansionServer: topology.None}
		for range x.some("members", 0, 3) {
			m := topology.Recipient{Server: topology.None, Domain: "partner.example"}
			if len(boxes) > 0 && x.flag("inside") {
				m = topology.Recipient{Server: rapid.SampledFrom(boxes).Draw(x.t, "member"), Count: int32(x.some("mailboxes", 0, 1200))}
			}
			g.Members = append(g.Members, m)
		}
		if len(hubs) > 0 && x.flag("expansion server") {
			g.ExpansionServer = rapid.SampledFrom(hubs).Draw(x.t, "expansion server")
		}
		x.b.Group(g)
		x.groups++
	}
	if len(current) > 1 && x.version >= topology.V2010 && x.flag("dag") {
		d := topology.DAG{Name: "dag", Members: current[:x.some("dag members", 1, len(current))]}
		for _, m := range d.Members {
			if x.flag("copies") {
				d.Databases = append(d.Databases, topology.DAGDatabase{Name: x.servers[m].DatabaseName(0), Active: rapid.SampledFrom(d.Members).Draw(x.t, "active copy"), Copies: d.Members})
			}
		}
		x.members = d.Members
		x.b.DAG(d)
	}
	x.b.SubmissionStaysInSite(x.flag("submission stays"))
}

func (x *randomScenario) party(what string, to bool) load.Party {
	if to && x.groups > 0 && x.oneIn(3, what+" group") {
		return load.Party{Kind: load.PartyGroup, Group: topology.GroupID(x.some("group", 0, x.groups-1)), Weight: 1}
	}
	switch x.some(what, 0, 3) {
	case 0:
		return load.Party{Kind: load.PartyAnySite, Weight: 1}
	case 1:
		p := load.Party{Kind: load.PartyInternet, Weight: 2}
		if to {
			p.Domain = rapid.SampledFrom([]string{"", "partner.example", "other.org"}).Draw(x.t, what+" domain")
		}
		return p
	default:
		return load.Party{Kind: load.PartyMailbox, Server: rapid.SampledFrom(x.mailboxServers()).Draw(x.t, what+" mailbox"), Weight: 1}
	}
}

func (x *randomScenario) drawLoads() {
	for i := range x.some("loads", 1, 3) {
		l := load.Source{
			ID: fmt.Sprintf("load%d", i), End: simtime.Never, Recipients: rng.Constant(float64(x.some("recipients", 1, 4))),
			Size:     rng.Constant(float64(rapid.SampledFrom([]int{1, 2000, 50_000, 400_000}).Draw(x.t, "size"))),
			Priority: load.Priority(x.some("priority", 0, 2)),
			From:     []load.Party{x.party("from", false)}, To: []load.Party{x.party("to", true), x.party("to", true)},
		}
		switch x.some("kind", 0, 2) {
		case 0:
			l.Kind, l.Rate = load.Poisson, float64(x.some("per hour", 1, 100))/3600
		case 1:
			l.Kind, l.Start, l.Count = load.Burst, x.instant("burst"), int64(x.some("count", 1, 60))
			if x.flag("spread") {
				l.Over = x.duration("over", 0, 10*time.Minute)
			}
		default:
			l.Kind, l.First, l.Every, l.Count = load.Regular, x.instant("first"), x.duration("every", second, 10*time.Minute), int64(x.some("count", 1, 60))
		}
		x.drawRepeats(&l)
		x.cfg.Loads = append(x.cfg.Loads, l)
	}
}

// drawRepeats lets a source send what mailboxes may have already.
func (x *randomScenario) drawRepeats(l *load.Source) {
	if x.oneIn(3, "again") {
		l.Resend = load.Resend{After: x.duration("again after", second, 2*time.Hour), Times: x.some("times", 1, 3), NewDate: x.oneIn(4, "new date")}
	}
	if x.oneIn(4, "message id") {
		l.MessageID = uint64(x.some("id", 1, 2))
		if l.Dated = x.flag("dated"); l.Dated {
			l.Date = x.instant("date") - simtime.Time(time.Hour)
		}
	}
	for range x.some("cc", 0, 2) {
		if p := x.party("cc", true); p.Kind != load.PartyAnySite {
			l.Cc = append(l.Cc, p)
		}
	}
}

func (x *randomScenario) anyServer(what string) fault.Host {
	return fault.Host{Server: topology.ServerID(x.some(what, 0, len(x.servers)-1)), DC: topology.None}
}

func (x *randomScenario) drawFaults() {
	for i := range x.some("faults", 0, 4) {
		f := fault.Fault{ID: fmt.Sprintf("fault%d", i), Start: x.instant("start"), End: simtime.Never, Probability: rapid.SampledFrom([]float64{1, 1, 1, 0.5, 0}).Draw(x.t, "probability")}
		if !x.oneIn(4, "for good") {
			f.End = f.Start.Add(x.duration("lasts", second, time.Hour))
		}
		switch kind := fault.Kind(x.some("fault", 0, int(fault.Backscatter))); {
		case x.drawIdentity(&f, kind):
		case x.drawController(&f, kind):
		case x.drawTrouble(&f, kind):
		case kind == fault.ClockSkew:
			f.Kind, f.Hosts, f.Offset = kind, []fault.Host{x.anyServer("host")}, x.duration("offset", -10*time.Minute, 10*time.Minute)
			f.SelfCorrect, f.RestoreStep = x.flag("self-correct"), x.flag("step back")
			if x.dcs > 0 && x.flag("dc clock") {
				f.Hosts = []fault.Host{{Server: topology.None, DC: topology.DCID(x.some("dc", 0, x.dcs-1))}}
			}
		case kind == fault.NICLateBind:
			f.Kind, f.Hosts, f.Prone, f.FixSuccess = kind, []fault.Host{x.anyServer("host")}, 1, 1
			f.TeamUp, f.DAD, f.StartOffset = rng.Constant(9), rng.Constant(3), rng.Constant(float64(x.some("offset", 1, 20)))
			f.Recovery, f.RecoveryDelay = x.flag("recovery"), time.Minute
			f.DelayedStartDelay = 2 * time.Minute
		case kind == fault.LinkDown && x.links > 0:
			f.Kind, f.Links = kind, []topology.LinkID{topology.LinkID(x.some("link", 0, x.links-1))}
		case kind == fault.ReplLag && x.links > 0:
			f.Kind, f.Links = kind, []topology.LinkID{topology.LinkID(x.some("link", 0, x.links-1))}
			f.Interval, f.Phase = x.duration("lag", 15*time.Minute, 2*time.Hour), -1
		case kind == fault.Partition && len(x.sites) > 1:
			k := x.some("side", 1, len(x.sites)-1)
			f.Kind, f.SideA, f.SideB, f.Direction = kind, x.sites[:k], x.sites[k:], fault.Direction(x.some("direction", 0, 2))
		default:
			f.Kind, f.Hosts, f.Mode = fault.HostDown, []fault.Host{x.anyServer("host")}, fault.HostDownMode(x.some("mode", 0, 2))
			f.QueueLost = f.Mode == fault.Crash && x.flag("queue lost")
		}
		if len(f.Hosts) > 0 && x.flag("remedy") {
			kind := rapid.SampledFrom([]fault.ActionKind{fault.SetTime, fault.ResyncTime, fault.RestartOS, fault.RestartTransport, fault.StartService, fault.SetDelayedStart}).Draw(x.t, "remedy kind")
			if f.Hosts[0].Server >= 0 || kind <= fault.ResyncTime || kind == fault.RestartOS {
				f.Remedies = append(f.Remedies, fault.Action{
					Kind: kind, Fault: f.ID, At: f.Start.Add(x.duration("after", 0, 30*time.Minute)), Duration: x.duration("takes", 0, 10*time.Minute), Probability: 1,
					DC: topology.None, Source: topology.None,
				})
			}
		}
		x.cfg.Faults = append(x.cfg.Faults, f)
	}
}

// queueName names the queues that an operator means: all, those to a system outside, those to a site.
func (x *randomScenario) queueName() string {
	return rapid.SampledFrom([]string{"", "", "cloud", "by-edge", "D", "C"}).Draw(x.t, "queue")
}

// drawActivation lets a copy of a database become active without its last minutes, and more or less be asked for than it lacks.
func (x *randomScenario) drawActivation(a *fault.Action) {
	box := rapid.SampledFrom(x.mailboxServers()).Draw(x.t, "database of")
	a.Kind, a.To, a.Databases = fault.ActivateCopy, topology.None, []fault.Database{{Server: box, Index: int32(x.some("database", 0, max(0, len(x.servers[box].Databases)-1)))}}
	if len(x.members) > 0 && x.flag("another copy") {
		a.To = rapid.SampledFrom(x.members).Draw(x.t, "copy on")
	}
	a.Missing = x.duration("missing", 0, time.Hour)
	a.Since = a.At.Add(a.Duration - x.duration("asked for", 0, time.Hour))
}

func (x *randomScenario) drawActions() {
	if len(x.cfg.Faults) > 0 && x.oneIn(4, "impatience") { // an operator who retries everything while something is wrong
		a := fault.Action{Kind: fault.RetryQueue, At: x.cfg.Faults[0].Start.Add(x.duration("until he does", 0, 20*time.Minute)), Probability: 1, DC: topology.None, Source: topology.None}
		for i := range x.servers {
			a.Hosts = append(a.Hosts, fault.Host{Server: topology.ServerID(i), DC: topology.None})
		}
		x.cfg.Actions = append(x.cfg.Actions, a)
	}
	for range x.some("actions on messages", 0, 4) / 2 { // of the mail that a server has then
		x.cfg.Actions = append(x.cfg.Actions, fault.Action{
			Kind:  rapid.SampledFrom([]fault.ActionKind{fault.SuspendMessage, fault.SuspendMessage, fault.ResumeMessage, fault.RemoveMessage}).Draw(x.t, "action on messages"),
			Hosts: []fault.Host{x.anyServer("host")}, At: x.instant("at"), Probability: 1, DC: topology.None, Source: topology.None,
		})
	}
	for range x.some("actions", 0, 3) {
		a := fault.Action{At: x.instant("at"), Duration: x.duration("action takes", 0, 2*time.Minute), Probability: 1, DC: topology.None, Source: topology.None}
		if x.dcs > 0 && x.flag("at a dc") {
			a.DC = topology.DCID(x.some("action dc", 0, x.dcs-1))
		}
		switch x.some("action", 0, 12) {
		case 12:
			if len(x.connectors) == 0 {
				continue
			}
			a.Kind = fault.SetConnector
			a.Changes = []topology.Change{{Kind: topology.ConnectorCeiling, Object: int32(x.some("connector", 0, len(x.connectors)-1)), Value: int64(x.some("ceiling", 1, 4))}}
		case 0:
			if len(x.connectors) == 0 {
				continue
			}
			a.Kind = fault.SetConnector
			a.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: int32(x.some("connector", 0, len(x.connectors)-1)), Value: int64(x.some("enabled", 0, 1))}}
		case 1:
			if x.links == 0 {
				continue
			}
			a.Kind = fault.SetLinkCost
			a.Changes = []topology.Change{{Kind: topology.LinkExchangeCost, Object: int32(x.some("link", 0, x.links-1)), Value: int64(x.some("new cost", 1, 4))}}
		case 2:
			a.Kind = fault.SetHubSite
			a.Changes = []topology.Change{{Kind: topology.HubSite, Object: int32(x.some("site", 0, len(x.sites)-1)), Value: int64(x.some("hub site", 0, 1))}}
		case 3:
			a.Kind, a.Hosts, a.Queue = fault.RetryQueue, []fault.Host{x.anyServer("host")}, x.queueName()
		case 4:
			a.Kind, a.Hosts, a.Queue = rapid.SampledFrom([]fault.ActionKind{fault.ResubmitQueue, fault.SuspendQueue, fault.ResumeQueue}).Draw(x.t, "queue action"), []fault.Host{x.anyServer("host")}, x.queueName()
		case 5:
			if x.dcs == 0 {
				continue
			}
			a.Kind, a.Hosts = fault.ReplicateNow, []fault.Host{{Server: topology.None, DC: topology.DCID(x.some("dc", 0, x.dcs-1))}}
		case 9, 10:
			x.drawActivation(&a)
		case 6, 7, 8:
			if !x.drawChange(&a) {
				continue
			}
		default:
			a.Kind, a.Hosts = rapid.SampledFrom([]fault.ActionKind{fault.RestartOS, fault.RestartTransport}).Draw(x.t, "restart"), []fault.Host{x.anyServer("host")}
		}
		x.cfg.Actions = append(x.cfg.Actions, a)
	}
}
