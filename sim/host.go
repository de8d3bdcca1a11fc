package sim

import (
	"fmt"
	"slices"
	"time"

	"mailsim/sim/internal/world"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// host is a machine in the world: its core, if it runs a transport service, and how it can be reached.
type host struct {
	id       topology.ServerID
	site     topology.SiteID
	edge     bool
	hub      *transport.Hub         // nil: no transport service of Exchange
	post     *post                  // nil: no E-Post server
	view     *topology.Organisation // the configuration as the hub sees it
	sessions []session              // by connection
	epoch    uint16                 // counts halts: categoriser events of an earlier life are void
	timerAt  simtime.Time
	service  *rng.Stream         // session and message costs
	entry    entrance            // where its mailboxes submit
	gate     gate                // what it takes from mailboxes
	receiver *transport.Receiver // nil: takes every connection
	pressure *pressure           // nil: none

	down   bool // the machine or its transport service does not run
	silent bool // down without an answer: an attempt takes the failed-connect time
	deaf   bool // runs, but does not listen (F8)

	draining bool // takes no mail any more, and goes down when it has nothing left (F10)

	unanswered bool     // its domain controller does not answer (F4)
	mute       bool     // its mailboxes cannot hand in mail for want of tickets (F4)
	noMail     bool     // its mailbox store alone is stopped
	agents     *agents  // slow ones; nil: none
	disk       *diskUse // what faults have put on its drives; nil: nothing
	taken      taken    // of a machine with mailboxes
	checks     bool     // an operator lets it look up recipients at RCPT (F22)
	dismounted int      // databases that are dismounted on it (F18)
}

// session is the world's side of a connection.
type session struct {
	state     sessionState
	code      transport.Code // of the dial under way
	gen       uint16
	target    route.Target
	admitted  bool                 // a server counts it among its inbound connections
	answer    transport.Code       // to MAIL, or to RCPT for all recipients, of the message under way: RateLimited over the receiver's rate, Rejected under its back pressure; what objects finds
	taken     bool                 // the receiver has the message under way, and holds back its reply
	copying   bool                 // the body under way is that of the shadow copy
	timed     bool                 // the evCut at until has been asked for
	at        simtime.Time         // instant of the event that is under way; -1 = none
	opened    simtime.Time         // when it was ready
	until     simtime.Time         // when the receiver ends it (Q-4.9d); Never = not
	restEnd   simtime.Time         // when the receiver ends it because nothing comes; Never = not
	cutAt     simtime.Time         // the evCut asked for last
	declined  int32                // recipients of the message under way that an outside system refuses for good
	putOff    transport.SetID      // ... and those that it puts off; 0 = none
	domain    string               // what it is for, and
	connector topology.ConnectorID // ... by which connector, or None; set where an outside system may be strict
	sent      int64                // bytes that it has carried; with slow start only
	carried   int32                // messages taken on this connection
	xfer      world.TransferID
	crossing  uint32                 // its number among the sessions over degraded links; 0 = none
	fixed     time.Duration          // what the message takes after its body is through
	awaits    transport.ShadowCopyID // stands for the wait for the reply; 0 = the receiver has passed the message on
	holder    int32                  // of the shadow copy of the message under way; noHolder = none
	way       way                    // to the target
}

type sessionState uint8

const (
	sessionFree sessionState = iota
	sessionDialing
	sessionUp
)

// remote is an outside system: limits and cost, no queue.
type remote struct {
	spec   *Remote
	line   world.LineID
	open   []int32 // connections by source
	server int32   // the E-Post server that it is; noHolder = none
	lots   uint64  // by which the recipients that it does not know are drawn
}

// site is what a run keeps of a site.
type site struct {
	pending []transport.MsgID // messages that no server could take (D-4), oldest first
	atGate  int               // messages that wait for their turn to be taken
}

// entry is where mail from the internet comes in.
type entry struct {
	servers []int32
	turn    int
	pending []transport.MsgID
}

// build makes the hosts, the outside systems and the sites.
func (r *run) build() error {
	org := r.org
	r.hosts = make([]host, len(org.Servers))
	r.isDue = make([]bool, len(org.Servers))
	r.sites = make([]site, len(org.Sites))
	r.sources = make([]int32, len(org.Servers))
	var addresses []string
	for i := range org.Servers {
		s := &org.Servers[i]
		id := topology.ServerID(i)
		h := &r.hosts[i]
		*h = host{id: id, site: s.Site, edge: s.Is(topology.RoleEdge), timerAt: simtime.Never, down: s.Absent, silent: s.Absent}
		r.sources[i] = sourceOf(s, &addresses)
		if !s.Transport() {
			continue
		}
		h.service = r.root.Stream("service", s.Name)
		view := r.dir.View(id)
		h.view = view
		h.hub = transport.NewHub(id, r.cfg.Servers[i].Profile, r.store, r.book, r.book.Table(view, s.Site), h.limits)
		if limits := r.cfg.Servers[i].Receive; limits != (transport.ReceiveLimits{}) {
			receiver, err := transport.NewReceiver(limits)
			if err != nil {
				return fmt.Errorf("server %s: %w", s.Name, err)
			}
			h.receiver = receiver
		}
		p, err := r.pressureOf(id)
		if err != nil {
			return err
		}
		h.pressure = p
		r.buckets = r.buckets || p != nil && p.spec.Buckets
		if s.Absent {
			r.acts = h.hub.Step(0, transport.Input{Kind: transport.Halt}, r.acts[:0])
		}
		if p != nil {
			r.tell(int32(i), h)
		}
	}
	r.findEntry()
	r.linked = make([]entry, len(org.Connectors))
	for i := range org.Connectors {
		for _, s := range org.Connectors[i].Sources {
			if org.Connectors[i].LinkedTo != "" {
				r.linked[i].servers = append(r.linked[i].servers, int32(s))
			}
		}
	}
	r.remotes = make([]remote, len(org.Remotes))
	for i := range r.remotes {
		spec := &r.cfg.Remotes[i]
		r.remotes[i] = remote{spec: spec, line: r.net.AddLine(spec.Bandwidth, spec.RTT), open: make([]int32, len(addresses)), server: noHolder}
		if spec.UnknownFraction > 0 {
			r.remotes[i].lots = r.root.Stream("unknown recipients", org.Remotes[i].Name).Uint64()
		}
	}
	return r.buildPosts()
}

// limits are those that a connector sets for its queues, as the server sees it.
func (h *host) limits(c topology.ConnectorID) transport.ConnectorLimits {
	k := &h.view.Connectors[c]
	return transport.ConnectorLimits{Threshold: k.ConnectionThreshold, MaxConnections: k.MaxPerDomainConnections, MaxMessages: k.MaxMessagesPerConnection}
}

// findEntry lists the servers that mail from outside comes in at: the Edges that are part of the organisation or, without any, the hubs.
// When others do than before, what waits outside is offered to them.
func (r *run) findEntry() {
	was := r.edges.servers
	r.edges.servers = nil
	for i := range r.hosts {
		if r.hosts[i].edge && r.dir.Present(topology.ServerID(i)) {
			r.edges.servers = append(r.edges.servers, int32(i))
		}
	}
	if len(r.edges.servers) == 0 {
		for i := range r.hosts {
			if r.hosts[i].hub != nil && !r.hosts[i].edge {
				r.edges.servers = append(r.edges.servers, int32(i))
			}
		}
	}
	if !slices.Equal(was, r.edges.servers) {
		r.setEntrances()
	}
	if len(r.edges.pending) > 0 && !slices.Equal(was, r.edges.servers) {
		r.plan(&r.edges.pending, outsideEvery)
		r.rec.pendingOutside(r)
	}
}

// sourceOf numbers the public addresses: servers with one address are one source to the outside.
func sourceOf(s *topology.Server, addresses *[]string) int32 {
	name := "address " + s.PublicAddress
	if s.PublicAddress == "" {
		name = "server " + s.Name
	}
	for i, a := range *addresses {
		if a == name {
			return int32(i)
		}
	}
	*addresses = append(*addresses, name)
	return int32(len(*addresses) - 1)
}

// storeRuns tells whether the mailbox store of a machine works: also when only the transport service of a machine with both roles is
// stopped, and not when only the store is.
//
// On an E-Post server the mailboxes are files, there as long as the machine is.
func (h *host) storeRuns() bool { return !h.noMail && (!h.down || h.hub != nil && !h.silent) }
