package sim

import "mailsim/sim/transport"

// A server takes so many messages from mailboxes at one time, and no more: until 2010 the hub that takes them, from 2013 on the machine of
// the mailboxes, which hands them to a hub. The others wait in their mailboxes for their turn, in order.
//
// One that takes no time is over at once and waits for nobody: the hub of the site, without a shadow copy and without mailbox_submission of the model.

// gate is the submissions of one server.
type gate struct {
	open    int
	waiting []waiter // from first on
	first   int
	told    bool // its waiters have their turn at this instant
	letting bool // they have it now
}

// waiter is a message that has its server and waits for its turn. That still holds when its turn comes, unless the server takes it no more: it does not take the next
// turn of the rotation, too.
type waiter struct {
	m transport.MsgID
	o offer
}

// noGate is of flights that count for no server: mail from outside.
const noGate int32 = -1

// gateOf is the server whose submissions a message counts among.
func (r *run) gateOf(o offer) int32 {
	switch {
	case o.from == nil || o.from.post != nil:
		return noGate
	case r.org.Servers[o.from.id].Version.New():
		return int32(o.from.id)
	}
	return o.to
}

// begins tells whether a submission that takes time may begin now; if not it waits for its turn.
func (r *run) begins(m transport.MsgID, o offer) bool {
	i := r.gateOf(o)
	if i == noGate {
		return true
	}
	g := &r.hosts[i].gate
	most := r.hosts[i].hub.Profile().MaxMailboxSubmissions
	if most == 0 || g.open < most && (g.first == len(g.waiting) || g.letting) {
		return true
	}
	g.waiting = append(g.waiting, waiter{m, o})
	r.atGate(o, 1)
	return false
}

// enters counts a flight that begins.
func (r *run) enters(i uint32, o offer) {
	f := &r.flights[i]
	if f.gate = r.gateOf(o); f.gate != noGate {
		r.hosts[f.gate].gate.open++
	}
}

// leaves counts a flight that ends, and gives the next one its turn.
func (r *run) leaves(s int32) {
	if s == noGate {
		return
	}
	g := &r.hosts[s].gate
	g.open--
	if g.first < len(g.waiting) && !g.told {
		g.told = true
		r.at(r.now, transport.PhaseArrivals, s, evPending, 0, 0)
	}
}

// letBegin is the turn of those that wait at a server.
func (r *run) letBegin(s int32) {
	g := &r.hosts[s].gate
	g.told, g.letting = false, true
	for g.first < len(g.waiting) && g.open < r.hosts[s].hub.Profile().MaxMailboxSubmissions {
		x := g.next()
		r.atGate(x.o, -1)
		x.o.wait = 0
		h, to := x.o.from, &r.hosts[x.o.to]
		if h.storeRuns() && !h.mute && !r.senderOff(h, x.m) && r.takes(h, to, &x.o.wait) && !r.refuses(to, transport.RejectSubmission) {
			r.bring(x.m, x.o)
		} else {
			r.submit(x.m)
		}
	}
	g.letting = false
}

// next takes out who waits first.
func (g *gate) next() waiter {
	x := g.waiting[g.first]
	if g.first++; 2*g.first >= len(g.waiting) {
		g.waiting = g.waiting[:copy(g.waiting, g.waiting[g.first:])]
		g.first = 0
	}
	return x
}

// atGate counts the messages of a site that wait for their turn.
func (r *run) atGate(o offer, d int) {
	r.sites[o.from.site].atGate += d
	r.rec.pendingChanged(r, int(o.from.site))
}
