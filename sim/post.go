package sim

import (
	"fmt"

	"mailsim/sim/epost"
	"mailsim/sim/fault"
	"mailsim/sim/metrics"
	"mailsim/sim/rng"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// EP-4: E-Post servers in a run. For the Exchange organisation each is an outside system of its name, which may stand at a site; mail that is sent
// to that system goes to the server. Its mailboxes' clients and senders outside talk to EPSTRS themselves.

// EPost is the settings of one E-Post server.
type EPost struct {
	Server  topology.ServerID // the machine, of role RoleEPost
	Remote  topology.RemoteID // what the Exchange organisation knows it as
	Profile epost.Profile
	// SmartHost takes all mail of the server that is not for its own mailboxes; None = whom DNS names.
	SmartHost topology.RemoteID
	// PerMessage is what a delivery thread takes for a message, all in all, in seconds; the zero value = what sessions cost.
	PerMessage rng.Dist
	Rated      bool              // PerMessage counts
	Services   fault.MachineInfo // what runs on the machine
	Incoming   int               // messages of its clients to the internet that lie in incoming at t0
	Size       uint32            // ... of so many bytes each
}

// post is an E-Post server in the world.
type post struct {
	core    *epost.Server
	spec    *EPost
	cost    SessionCost
	deaf    fault.Services // ended for want of an address
	stopped fault.Services // stopped one by one
	running fault.Services
	up      [fault.NumServices]metrics.Gauge
	refused int64 // messages that clients could not hand over
}

// buildPost makes the E-Post servers of a run.
func (r *run) buildPosts() error {
	for i := range r.cfg.EPosts {
		spec := &r.cfg.EPosts[i]
		h := &r.hosts[spec.Server]
		core, err := epost.New(epost.Config{ID: spec.Server, Profile: spec.Profile, Org: r.org, Store: r.store, Book: r.book, SmartHost: spec.SmartHost})
		if err != nil {
			return err
		}
		h.service = r.root.Stream("service", r.org.Servers[spec.Server].Name)
		h.post = &post{core: core, spec: spec, cost: SessionCost{PerMessage: spec.PerMessage}}
		r.posts = append(r.posts, int32(spec.Server))
		r.remotes[spec.Remote].server = int32(spec.Server)
		p := h.post
		p.running = p.services()
		for _, x := range p.running.List() {
			p.up[x].Set(0, 1)
		}
		h.deaf = !p.running.Has(fault.EPSTRS)
		if !p.running.Has(fault.EPSTDS) {
			core.Step(0, transport.Input{Kind: transport.Halt}, nil)
		}
	}
	r.setEntrances()
	return nil
}

// services are those that run on the machine when all is well.
func (p *post) services() fault.Services {
	if all := p.spec.Services.Services; all != 0 {
		return all
	}
	return fault.ServicesOf(topology.RoleEPost)
}

// setEntrances tells the E-Post servers which servers of the Exchange organisation take mail from outside.
func (r *run) setEntrances() {
	if len(r.posts) == 0 {
		return
	}
	var targets []route.Target
	for _, s := range r.edges.servers {
		targets = append(targets, route.Target{Kind: route.TargetServer, ID: s})
	}
	for _, s := range r.posts {
		r.hosts[s].post.core.SetEntrance(targets)
	}
}

// machines is what the scenario says of the services of machines.
func (cfg *Config) machines() []fault.MachineInfo {
	out := make([]fault.MachineInfo, len(cfg.Org.Servers))
	for i := range cfg.EPosts {
		out[cfg.EPosts[i].Server] = cfg.EPosts[i].Services
	}
	return out
}

// fillSpools puts into the folders what lies there at t0.
func (r *run) fillSpools() {
	for _, s := range r.posts {
		spec := r.hosts[s].post.spec
		for range spec.Incoming {
			r.messages++
			set := r.store.NewSet([]transport.Recipients{{Dest: r.book.Dest(route.Destination{Kind: route.External, Domain: route.OutsideDomain}), Count: 1}})
			m := r.store.New(transport.Copy{Message: r.messages, Size: max(spec.Size, 1), Set: set}, transport.Tail{Sender: spec.Server})
			r.rec.submitted(r, m)
			r.step(s, transport.Input{Kind: transport.Submitted, Msg: m})
		}
	}
}

// target is whom a connection of a machine is to talk to.
func (r *run) target(h *host, c transport.ConnID) route.Target {
	if h.post != nil {
		return r.actual(h.post.core.Target(c))
	}
	return r.actual(h.hub.Target(c))
}

// actual is who answers for a target: an outside system that is an E-Post server of the scenario is that machine.
func (r *run) actual(t route.Target) route.Target {
	if t.Kind == route.TargetRemote && int(t.ID) < len(r.remotes) && r.remotes[t.ID].server >= 0 {
		return route.Target{Kind: route.TargetServer, ID: r.remotes[t.ID].server}
	}
	return t
}

// sending is the message that a connection of a machine carries; 0 = none.
func (h *host) sending(c transport.ConnID) transport.MsgID {
	if h.post != nil {
		return h.post.core.Sending(c)
	}
	return h.hub.Sending(c)
}

// most is how many connections a machine has to one place at most.
func (h *host) most() int {
	if h.post != nil {
		return h.post.spec.Profile.Threads
	}
	return h.hub.Profile().MaxPerDomainConnections
}

// stepPost tells the core of an E-Post server what happened and does what it says.
func (r *run) stepPost(s int32, h *host, in transport.Input) {
	r.acts = h.post.core.Step(r.now, in, r.acts[:0])
	r.performPost(s, h)
}

// settlePost lets one thread begin; more tells whether another one could.
func (r *run) settlePost(s int32, h *host) (more bool) {
	r.acts, more = h.post.core.Settle(r.now, r.acts[:0])
	r.performPost(s, h)
	return more
}

// performPost does what the core of an E-Post server said.
func (r *run) performPost(s int32, h *host) {
	for i := 0; i < len(r.acts); i++ {
		a := r.acts[i]
		r.mix(uint64(a.Kind)<<56 | uint64(a.Code)<<48 ^ uint64(a.Conn)<<28 ^ uint64(a.Msg))
		switch a.Kind {
		case transport.Dial:
			r.dial(s, h, a.Conn)
		case transport.Send:
			r.send(s, h, a.Conn, a.Msg)
		case transport.Close:
			r.closeSession(h, a.Conn)
		case transport.Left:
			r.store.Free(a.Msg)
		case transport.Bounced:
			r.rec.bounced(r, a.Msg, a.Code)
			r.store.Free(a.Msg)
		case transport.Lost:
			r.rec.lost(r, a.Msg)
			r.store.Free(a.Msg)
		case transport.Created:
			r.rec.report(r, s, a.Msg, transport.MsgID(a.Conn), a.Code)
		case transport.QueueRetry:
			r.rec.parked(r, s, a.Code)
		}
	}
	if h.post.core.Due() {
		r.markDue(s)
	}
	if t, phase := h.post.core.Deadline(); t < h.timerAt {
		h.timerAt = t
		r.at(t, phase, s, evTimer, r.serial(), 0)
	}
}

// haltPost stops everything on an E-Post server.
func (r *run) haltPost(s int32, lost bool) {
	h := &r.hosts[s]
	r.onDuty(s)
	if lost {
		r.step(s, transport.Input{Kind: transport.Halt, Code: transport.QueuesLost})
	}
	h.timerAt = never
}

// onDuty works out which services of an E-Post server run now, and lets those begin and end for which that is new.
//
// S0-2: EPSTRS, EPSTPOP3S and EPSTIMAP4S end without an address. S0-9: EPSTDS does not care.
func (r *run) onDuty(s int32) {
	h := &r.hosts[s]
	p := h.post
	now := p.services() &^ p.deaf &^ p.stopped
	if h.down {
		now = 0
	}
	changed := now ^ p.running
	p.running = now
	for _, x := range changed.List() {
		p.up[x].Set(r.now, int64(b2i(now.Has(x))))
	}
	h.deaf = !now.Has(fault.EPSTRS)
	if changed.Has(fault.EPSTRS) && h.deaf {
		r.breakAll(func(_ *host, t route.Target) bool { return t.Kind == route.TargetServer && toServer(t, h.id) })
	}
	if changed.Has(fault.EPSTDS) {
		kind := transport.Halt
		if now.Has(fault.EPSTDS) {
			kind = transport.Boot
		}
		h.timerAt = never
		r.step(s, transport.Input{Kind: kind})
	}
	if changed.Has(fault.EPSTRS) && !h.deaf {
		r.offerPending(s)
	}
}

// postOf is the E-Post server that has the mailboxes of a message's first recipient; false when none has.
func (r *run) postOf(m transport.MsgID) (int32, bool) {
	if len(r.posts) == 0 {
		return 0, false
	}
	d := r.store.Entries(r.store.Hot[m].Set)[0].Dest
	for int(d) >= len(r.holders) {
		r.holders = append(r.holders, r.holderOf(r.book.Destination(route.DestID(len(r.holders)))))
	}
	return r.holders[d], r.holders[d] >= 0
}

// holderOf is the E-Post server with the mailboxes of a destination; noHolder for others.
func (r *run) holderOf(d route.Destination) int32 {
	for _, s := range r.posts {
		for _, domain := range r.org.Servers[s].Domains {
			if d.Kind == route.External && d.Domain == domain {
				return s
			}
		}
	}
	return noHolder
}

// toPost offers a message to EPSTRS of an E-Post server: by a client of its mailboxes, or by a sender outside.
func (r *run) toPost(m transport.MsgID, s int32, client bool) (offer, bool) {
	h := &r.hosts[s]
	if !h.deaf && !h.down {
		return offer{to: s}, true
	}
	if client && r.store.Hot[m].Created == r.now {
		h.post.refused++
	}
	return offer{}, false
}

// cannotConnect is the code that mail clients show when nobody listens where they connect to.
const cannotConnect = "0x800CCC0E"

// spooled counts the recipients of what lies in the folders of all E-Post servers.
func (r *run) spooled() (n int64) {
	for _, s := range r.posts {
		r.hosts[s].post.core.Each(func(p epost.Pair) { n += int64(r.store.Recipients(p.Msg)) })
	}
	return n
}

// checkPosts returns the first broken invariant of an E-Post server.
func (r *run) checkPosts() error {
	for _, s := range r.posts {
		if err := r.hosts[s].post.core.Check(); err != nil {
			return fmt.Errorf("%w: %w", ErrInvariant, err)
		}
	}
	return nil
}
