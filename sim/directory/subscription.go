package directory

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// EdgeSync configuration ticks, counted from 00:00 UTC.
// how often a subscribed Edge gets the configuration.
const (
	edgeTickOld = 60 * time.Minute // 2007 and 2010
	edgeTickNew = 3 * time.Minute  // 2013 and later
)

// lockTimeout is how long the machine of the hub that leads EdgeSync may be silent before another one of the subscription leads.
const lockTimeout = 5 * time.Minute

// subscription is how an Edge learns of changes: by EdgeSync from a hub of its site, never from a domain controller. The zero value
// with hub None is that of a server without one.
type subscription struct {
	fed   bool                // learns by EdgeSync only
	hubs  []topology.ServerID // that take part, in order of declaration; the first leads
	hub   topology.ServerID   // whose view EdgeSync brings; None = nobody is left
	tick  time.Duration
	synch bool // a tick is planned
}

// subscribe makes the subscription of an Edge to its site, with the hubs that the site has now. Without any, and where everybody knows
// everything at once, the Edge reads its domain controller like others.
//
// hubs that are added later take no part.
func (d *Directory) subscribe(edge topology.ServerID, o *topology.Organisation) {
	s := &d.servers[edge]
	s.subscription = subscription{hub: topology.None}
	if d.ideal || d.cfg.Instant || !o.Servers[edge].Is(topology.RoleEdge) {
		return
	}
	for _, h := range o.Hubs(o.Servers[edge].Site) {
		if !d.servers[h].gone {
			s.hubs = append(s.hubs, h)
		}
	}
	if len(s.hubs) > 0 {
		s.fed = true
		d.lead(edge)
	}
}

// lead lets the first hub of a subscription that runs bring its view to the Edge; the first, when none does.
func (d *Directory) lead(edge topology.ServerID) {
	s := &d.servers[edge]
	s.hub = topology.None
	if len(s.hubs) == 0 {
		return
	}
	s.hub, s.tick = s.hubs[0], edgeTickOld
	for _, h := range s.hubs {
		if !d.servers[h].off {
			s.hub = h
			break
		}
	}
	if d.org.Servers[s.hub].Version.New() {
		s.tick = edgeTickNew
	}
	d.servers[s.hub].edges = append(d.servers[s.hub].edges, edge)
}

// release takes an Edge from the hub that leads its EdgeSync.
func (d *Directory) release(edge topology.ServerID) {
	h := &d.servers[d.servers[edge].hub]
	h.edges = slices.DeleteFunc(h.edges, func(e topology.ServerID) bool { return e == edge })
}

// MachineState says that the machine of a server runs from now on, or gives no answer.
//
// EdgeSync does not reach an Edge that is down; once it is back the next tick does, one of the same instant no more (decision). A hub
// that leads and is silent for 5 minutes gives its lease to the first other one of the subscription that runs, which keeps it.
func (d *Directory) MachineState(now simtime.Time, s topology.ServerID, runs bool) {
	x := &d.servers[s]
	if d.ideal || d.cfg.Instant || x.off == !runs {
		return
	}
	x.off = !runs
	if !runs {
		x.offSince = now
		for _, e := range x.edges {
			d.agenda.push(entry{at: now.Add(lockTimeout), kind: leaseOver, who: int32(e)})
		}
		return
	}
	if x.fed && x.hub >= 0 && x.state != d.servers[x.hub].state {
		d.planSync(now+1, s)
	}
	for i := range d.servers {
		e, id := &d.servers[i], topology.ServerID(i)
		switch {
		case !e.fed || e.hub < 0:
		case e.hub == s && e.state != x.state:
			d.planSync(now, id)
		case e.hub != s && slices.Contains(e.hubs, s):
			d.leaseOver(now, id)
		}
	}
}

// leaseOver lets another hub lead where the one that does has been silent for so long.
func (d *Directory) leaseOver(now simtime.Time, edge topology.ServerID) {
	s := &d.servers[edge]
	if s.hub < 0 || !d.servers[s.hub].off || now.Sub(d.servers[s.hub].offSince) < lockTimeout {
		return
	}
	d.release(edge)
	d.lead(edge)
	if s.state != d.servers[s.hub].state {
		d.planSync(now, edge)
	}
}

// planSync plans the tick that brings an Edge what its hub sees.
func (d *Directory) planSync(now simtime.Time, edge topology.ServerID) {
	if x := &d.servers[edge]; !x.synch && x.hub >= 0 {
		x.synch = true
		d.agenda.push(entry{at: nextInstant(now, d.midnight, x.tick), kind: edgeSync, who: int32(edge)})
	}
}

// edgeSync brings an Edge what its hub sees at this tick.
func (d *Directory) edgeSync(now simtime.Time, id topology.ServerID, out []ViewChange) []ViewChange {
	s := &d.servers[id]
	s.synch = false
	if s.hub < 0 || s.gone {
		return out // both left after the tick was planned
	}
	if s.off || d.servers[s.hub].off {
		return out // until both run
	}
	if !d.passes(int32(s.hub), int32(id), EdgeSyncPort) {
		return out // F6: until the filter is gone
	}
	return d.see(now, id, d.servers[s.hub].state, out)
}

// Present tells whether a server is part of the organisation now, whatever anybody has heard of it.
func (d *Directory) Present(s topology.ServerID) bool { return !d.servers[s].gone }

// ServerAdded says that a server which was no part of the organisation works from now on: it reads what its domain controller holds.
// An Edge is subscribed now, and a new subscription begins with the whole configuration (decision). That it was added is an edit like
// any other (ServerPresent), which others see when it reaches them.
func (d *Directory) ServerAdded(now simtime.Time, s topology.ServerID) {
	x := &d.servers[s]
	x.gone = false
	d.subscribe(s, d.controllers[x.dc].known.view)
	d.agenda.push(entry{at: now, kind: reread, who: int32(s)})
}

// ServerRemoved says that a server is no part of the organisation any more: it sees no change, and takes part in no subscription.
func (d *Directory) ServerRemoved(now simtime.Time, s topology.ServerID) {
	isIt := func(x topology.ServerID) bool { return x == s }
	d.servers[s].gone = true
	if d.servers[s].hub >= 0 {
		d.release(s)
		d.servers[s].hub = topology.None
	}
	d.servers[s].edges = nil
	for i := range d.servers {
		e, id := &d.servers[i], topology.ServerID(i)
		e.hubs = slices.DeleteFunc(e.hubs, isIt)
		if e.hub == s {
			d.lead(id)
			d.planSync(now, id)
		}
	}
}
