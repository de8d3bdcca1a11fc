package sim

import (
	"fmt"

	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Maintenance that is announced (F10): a server stops accepting mail, passes on what it has, and goes down when it has nothing left.
//
//	up ── drain ──► draining ── its queues are empty, nothing is under way to it ──► down
//	                    └────── the fault ends before that ──► up

// drains makes a server refuse new connections and mail, or accept them again. Connections to it that rest are closed; the others end after
// the message that they carry, so that nobody's message is cut.
func (r *run) drains(s int32, begins bool) {
	h := &r.hosts[s]
	if h.draining == begins {
		return
	}
	h.draining = begins
	if !begins {
		r.draining--
		r.offerPending(s)
		return
	}
	r.draining++
	r.eachSessionTo(s, func(from *host, c transport.ConnID) {
		if from.sessions[c].state == sessionUp && from.sending(c) == 0 {
			r.breakSession(int32(from.id), from, c, transport.Dropped)
		}
	})
	r.lookDrained(s)
}

// eachSessionTo visits the connections to a transport server that are up, or will be.
func (r *run) eachSessionTo(s int32, visit func(from *host, c transport.ConnID)) {
	for i := range r.hosts {
		from := &r.hosts[i]
		for c := range from.sessions {
			k := &from.sessions[c]
			if k.state != sessionFree && k.target.Kind == route.TargetServer && k.target.ID == s && (k.state == sessionUp || k.code == transport.OK) {
				visit(from, transport.ConnID(c))
			}
		}
	}
}

// drainsAt tells whether a connection leads to a server that drains.
func (r *run) drainsAt(t route.Target) bool {
	return r.draining > 0 && t.Kind == route.TargetServer && r.hosts[t.ID].draining
}

// lookDrained asks for a look at a server that drains, now that something of it has ended: at this instant, before other mail moves.
func (r *run) lookDrained(s int32) {
	if h := &r.hosts[s]; h.draining && !h.down && h.hub.Emptied() {
		r.at(r.now, transport.PhaseFaults, s, evDrained, h.epoch, 0)
	}
}

// drainedEvent takes a server down that has passed on all that it had.
func (r *run) drainedEvent(s int32, epoch uint16) {
	h := &r.hosts[s]
	if epoch != h.epoch&genMask || !h.draining || h.down || !h.hub.Emptied() {
		return
	}
	coming := false
	r.eachSessionTo(s, func(*host, transport.ConnID) { coming = true })
	for i := range r.flights {
		coming = coming || r.flights[i].m != 0 && r.flights[i].to == s
	}
	if coming {
		return // their ends bring the next look
	}
	name := r.org.Servers[s].Name
	r.rec.send(r, result.Event{
		Time: r.now, Server: name, Kind: "service", Text: fmt.Sprintf("%s has passed on what it had and goes down.", name),
		Fields: []result.Field{{Key: "service", Value: "MSExchangeTransport"}, {Key: "state", Value: "drained"}},
	})
	r.effects = r.fault.Drained(r.now, topology.ServerID(s), r.effects[:0])
	for i := range r.effects {
		r.apply(&r.effects[i])
	}
	r.shadowContacts()
	r.wakeFault()
	r.wakeDirectory()
}
