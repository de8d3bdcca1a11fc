package directory

import (
	"fmt"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// server is what one mail server knows.
type server struct {
	dc    topology.DCID // configuration domain controller
	home  topology.DCID // the one that was meant for it: named by the scenario, or the nearest
	state *state
	seq   int64 // number of the reading of its domain controller that it holds
	gone  bool  // not part of the organisation: it sees nothing until it is added

	off      bool         // its machine gives no answer
	offSince simtime.Time // where off

	started simtime.Time // of its transport service; renewals of its tickets count from here
	tickets []ticket     // by receiver; nil until its first session with another site

	island    bool  // nothing has ever joined its site to that of its domain controller
	deaf      bool  // it is not told of changes (F3)
	missed    bool  // its domain controller could not tell it of a change
	despaired uint8 // bits by NoteKind: how it has found that no domain controller answers

	subscription                     // of an Edge
	edges        []topology.ServerID // of a hub: the Edges that it keeps up to date
}

// ViewChange says that a server sees another configuration from now on: a transport server routes by it, a mailbox server submits by it.
type ViewChange struct {
	Server  topology.ServerID
	View    *topology.Organisation // shared by all servers that see the same; the original pointer where nothing differs
	Changes string                 // what changed for this server, in words
}

// bindServers gives every server its domain controller and every Edge its hub.
func (d *Directory) bindServers() {
	d.servers = make([]server, len(d.org.Servers))
	var nearest []topology.DCID // by site, made when a server needs it
	for i := range d.servers {
		o := &d.org.Servers[i]
		s := &d.servers[i]
		*s = server{dc: o.DC, state: d.states.original, gone: o.Absent, subscription: subscription{hub: topology.None}}
		if d.ideal {
			s.dc = 0
			continue
		}
		if s.dc < 0 {
			if nearest == nil {
				nearest = d.nearestDCs()
			}
			s.dc = nearest[o.Site]
		}
		s.home = s.dc
		s.island = !d.network.reachable(o.Site, d.org.DCs[s.dc].Site)
	}
	for i := range d.servers {
		if !d.servers[i].gone {
			d.subscribe(topology.ServerID(i), d.org)
		}
	}
}

// nearestDCs returns for each site the first domain controller of the site, else that of the site at least cost, ties by name; the first
// of all where no link leads to one.
func (d *Directory) nearestDCs() []topology.DCID {
	var origins []topology.SiteID
	for s, dcs := range d.bySite {
		if len(dcs) > 0 {
			origins = append(origins, topology.SiteID(s))
		}
	}
	to := d.network.walk(origins, func(topology.SiteID) bool { return true })
	nearest := make([]topology.DCID, len(d.bySite))
	for s := range nearest {
		if to[s].known {
			nearest[s] = d.bySite[d.network.byName[to[s].origin]][0]
		}
	}
	return nearest
}

// DC returns the domain controller that a server is bound to; None in an ideal directory.
func (d *Directory) DC(s topology.ServerID) topology.DCID {
	if d.ideal {
		return topology.None
	}
	return d.servers[s].dc
}

// MeantDC returns the domain controller that is meant for a server, which it is bound to while nothing fails; None in an ideal directory.
func (d *Directory) MeantDC(s topology.ServerID) topology.DCID {
	if d.ideal {
		return topology.None
	}
	return d.servers[s].home
}

// View returns the organisation as a server sees it.
func (d *Directory) View(s topology.ServerID) *topology.Organisation { return d.servers[s].state.view }

// WouldSee returns the organisation as a server will see it when it next asks the directory (F4).
func (d *Directory) WouldSee(s topology.ServerID) *topology.Organisation {
	if d.Answered(s) {
		return d.View(s)
	}
	if to := d.wanted(s); d.answers(s, to) {
		return d.controllers[to].known.view
	}
	return d.View(s)
}

// Sees says in words how the organisation as a server sees it differs from the original one; "" where it does not.
func (d *Directory) Sees(s topology.ServerID) string {
	return d.states.difference(d.states.original, d.servers[s].state)
}

// Holds returns the configuration that a domain controller holds.
func (d *Directory) Holds(dc topology.DCID) *topology.Organisation {
	return d.controllers[dc].known.view
}

// publish lets the servers of a domain controller see what it held NotifyDelay ago. A server that has read something later in the
// meantime keeps that.
func (d *Directory) publish(e entry, out []ViewChange) []ViewChange {
	for i := range d.servers {
		s := &d.servers[i]
		switch {
		case s.dc != topology.DCID(e.who) || s.fed || s.gone || s.seq >= e.seq || s.deaf:
		case !d.Answered(topology.ServerID(i)):
			s.missed = true
		default:
			s.seq = e.seq
			out = d.see(e.at, topology.ServerID(i), e.state, out)
		}
	}
	return out
}

// ServiceRestarted says that the transport service of a server has started: it reads its domain controller afresh. The other
// rebuilds of its tables, every 6 and every 12 hours, find what it has and are no events (D-13), unless it is not told of changes
// (LoseNotifications).
func (d *Directory) ServiceRestarted(now simtime.Time, s topology.ServerID) {
	if d.servers[s].tickets != nil {
		for to, t := range d.servers[s].tickets {
			if t.expires > 0 {
				d.servers[s].tickets[to] = d.renewed(now, s, topology.ServerID(to), t)
			}
		}
	}
	d.servers[s].started = now
	if !d.servers[s].fed {
		d.agenda.cancel(discover, int32(s))
		d.agenda.cancel(reread, int32(s))
		d.agenda.push(entry{at: now, kind: reread, who: int32(s)})
		d.planDiscovery(now+1, s)
	}
}

// HostRestarted says that the operating system of a server has restarted: its latches are gone (S1-10) and so are its tickets; its
// time service begins anew, and with the services its view is read afresh.
func (d *Directory) HostRestarted(now simtime.Time, s topology.ServerID) {
	d.ClearLatches(s)
	d.servers[s].tickets = nil
	d.restartTime(now, int32(s))
	d.ServiceRestarted(now, s)
}

// reread lets a server read its domain controller afresh, or another one where that does not answer. Where none does it goes on with what
// it knows.
func (d *Directory) reread(now simtime.Time, id topology.ServerID, out []ViewChange) []ViewChange {
	s := &d.servers[id]
	if s.gone {
		return out
	}
	if !d.Answered(id) {
		return d.turn(now, id, out)
	}
	s.missed = false
	c := &d.controllers[s.dc]
	s.seq = c.seq
	return d.see(now, id, c.known, out)
}

// Check returns the first law that was broken.
//
// FI-7: a server sees what a domain controller holds or held, and nothing else: never a mixture, never what an edit that was lost on the way would
// have made of it.
func (d *Directory) Check() error { return d.wrong }

// see gives a server its view and plans the tick that brings it to the Edges of the server.
func (d *Directory) see(now simtime.Time, id topology.ServerID, st *state, out []ViewChange) []ViewChange {
	s := &d.servers[id]
	if s.state == st {
		return out
	}
	if !st.held && st != d.states.original && d.wrong == nil { // FI-7
		d.wrong = fmt.Errorf("at %s: server %s sees a configuration that no domain controller held: %s",
			now, d.org.Servers[id].Name, d.states.difference(d.states.original, st))
	}
	out = append(out, ViewChange{id, st.view, d.states.difference(s.state, st)})
	s.state = st
	for _, e := range s.edges {
		d.planSync(now, e)
	}
	return out
}
