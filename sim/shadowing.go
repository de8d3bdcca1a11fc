package sim

import (
	"time"

	"mailsim/sim/internal/world"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// From 2013 on a server makes a copy of a message on another before it says that it has taken it. That is one more transmission,
// for which the sender waits. In 2010 making a copy costs nothing: the previous hop keeps what it has.
//
// Where documents are silent: a server that does not answer is passed over without time, and counts as an attempt. A copy whose holder goes
// away while it is made is not made elsewhere. The copy begins when the body is through; on a way without shared links the fixed time
// of the message is taken before both.

// shadowRoundTrips are the round trips that a copy takes on a session that is there already.
const shadowRoundTrips = 2

// noHolder says that there is no shadow copy of a message.
const noHolder int32 = -1

// makesCopies tells whether a server makes shadow copies of what it takes.
func (r *run) makesCopies(s int32) bool {
	return r.shadows != nil && r.shadows.servers[s].prof.Mode == transport.BeforeReply
}

// copiesElsewhere tells whether the copies of a server can cross links, so that nobody knows beforehand when its reply comes.
func (r *run) copiesElsewhere(s int32) bool {
	return r.makesCopies(s) && len(r.shadows.servers[s].may.Remote) > 0
}

// findHolder picks the server for the shadow copy of a primary's next message.
func (r *run) findHolder(primary int32) int32 {
	s := &r.shadows.servers[primary]
	turn := s.turn
	s.turn++
	for attempt := 0; ; attempt++ {
		t, ok := s.prof.Target(s.may, turn, attempt)
		if !ok {
			if !s.alone {
				s.alone = true
				r.rec.withoutShadow(r, primary)
			}
			return noHolder
		}
		if r.canHold(primary, int32(t)) && !r.refuses(&r.hosts[t], transport.RefuseShadow) {
			s.alone = false
			return int32(t)
		}
	}
}

// canHold tells whether a server can take a shadow copy of another's message: it does unless it is under back pressure. A copy that it has
// begun to take it takes to its end.
func (r *run) canHold(primary, holder int32) bool {
	return r.makesCopies(holder) && !r.hosts[holder].draining && r.answers(&r.hosts[primary], &r.hosts[holder])
}

// copyTime is what a shadow copy takes but for what its body takes on shared links; through is false when the body is to cross some.
func (r *run) copyTime(primary, holder int32, bits float64) (fixed time.Duration, through bool) {
	p, h := &r.hosts[primary], &r.hosts[holder]
	fixed = trips(shadowRoundTrips, r.net.RTT(p.site, h.site))
	if r.shared(p, route.Target{Kind: route.TargetServer, ID: holder}) {
		return fixed, false
	}
	share := 1
	if r.cfg.Model.FixedRate {
		share = p.hub.Profile().MaxPerDomainConnections
	}
	return fixed + simtime.Span(r.net.Alone(p.site, h.site, bits, share)), true
}

// bodyThrough goes on with a message in a session: the receiver makes its shadow copy, then it answers, a fixed time after that.
func (r *run) bodyThrough(s int32, h *host, c transport.ConnID, fixed time.Duration) {
	k := &h.sessions[c]
	to := k.target.ID
	k.holder, k.copying = noHolder, false
	if k.target.Kind == route.TargetServer && r.makesCopies(to) {
		if k.holder = r.findHolder(to); k.holder != noHolder {
			bits := 8 * float64(r.store.Hot[h.sending(c)].Size)
			takes, through := r.copyTime(to, k.holder, bits)
			if fixed += takes; !through {
				k.fixed, k.at, k.copying = fixed, noEvent, true
				k.xfer = r.net.Start(r.now, r.hosts[to].site, r.hosts[k.holder].site, bits, world.Payload{Server: h.id, Conn: uint32(c)})
				r.wakeNetwork()
				return
			}
		}
	}
	r.reply(s, k, c, r.now.Add(fixed))
}

// accept hands a message to a server: with its shadow copy if there is one to be had. It is false when the server refuses it for want of
// one (RejectMessageOnShadowFailure).
func (r *run) accept(to, holder int32, kind transport.InputKind, m transport.MsgID) bool {
	if r.makesCopies(to) {
		if holder != noHolder && !r.canHold(to, holder) {
			holder = noHolder
		}
		if holder == noHolder && r.shadows.servers[to].prof.Reject {
			return false
		}
	}
	if kind == transport.Submitted && len(r.storms) > 0 {
		r.sendAgain(m, to)
	}
	if holder != noHolder {
		r.keepShadow(to, holder, m)
	}
	r.step(to, transport.Input{Kind: kind, Msg: m})
	return true
}

// holderFor is the holder of the message that a session hands over: who has made a copy or, between servers of 2010, the one that
// passes it on.
func (r *run) holderFor(h *host, k *session) int32 {
	if r.shadows.servers[h.id].prof.Mode == transport.PreviousHop && r.shadows.servers[k.target.ID].prof.Mode == transport.PreviousHop {
		return int32(h.id)
	}
	return k.holder
}

// takeSubmitted lets a server take a message that a mailbox or a sender outside has handed to it: at once or, when it makes shadow copies,
// as soon as that is done. Until then the message is with its sender.
func (r *run) takeSubmitted(m transport.MsgID, from *host, to int32) {
	if !r.makesCopies(to) {
		if len(r.storms) > 0 {
			r.sendAgain(m, to)
		}
		r.step(to, transport.Input{Kind: transport.Submitted, Msg: m})
		return
	}
	sender, o := noSender, offer{to: to, from: from}
	if from != nil {
		sender = int32(from.id)
	}
	if !r.begins(m, o) {
		return
	}
	i := r.newFlight(m, sender, to)
	r.enters(i, o)
	r.flights[i].sent = true
	r.copyFlight(i)
}

// copyFlight makes the shadow copy of a message that is through to its server.
func (r *run) copyFlight(i uint32) {
	f := &r.flights[i]
	f.copied = true
	if f.holder = r.findHolder(f.to); f.holder == noHolder {
		r.landFlight(i)
		return
	}
	bits := 8 * float64(r.store.Hot[f.m].Size)
	takes, through := r.copyTime(f.to, f.holder, bits)
	switch {
	case !through:
		f.fixed, f.copying = takes, true
		f.xfer = r.net.Start(r.now, r.hosts[f.to].site, r.hosts[f.holder].site, bits, world.Payload{Server: topology.None, Conn: i})
		r.wakeNetwork()
	case takes > 0:
		r.flyUntil(i, r.now.Add(takes))
	default:
		r.landFlight(i)
	}
}

// landFlight hands the message of a flight over.
func (r *run) landFlight(i uint32) {
	f := &r.flights[i]
	m, to, holder := f.m, f.to, f.holder
	r.land(i)
	if !r.accept(to, holder, transport.Submitted, m) {
		r.pend(m)
	}
}

// cutCopies ends the shadow copies under way whose holder has gone away: the messages are taken without.
func (r *run) cutCopies() {
	if r.shadows == nil {
		return
	}
	for s := range r.hosts {
		h := &r.hosts[s]
		for c := range h.sessions {
			if k := &h.sessions[c]; k.state == sessionUp && k.copying && k.xfer != 0 && !r.canHold(k.target.ID, k.holder) {
				r.net.Cancel(r.now, k.xfer)
				k.xfer, k.copying, k.holder = 0, false, noHolder
				r.reply(int32(s), k, transport.ConnID(c), r.now.Add(k.fixed))
			}
		}
	}
	for i := range r.flights {
		if f := &r.flights[i]; f.m != 0 && f.copying && f.xfer != 0 && !r.canHold(f.to, f.holder) {
			r.net.Cancel(r.now, f.xfer)
			f.xfer, f.copying, f.holder = 0, false, noHolder
			r.flyUntil(uint32(i), r.now.Add(f.fixed))
		}
	}
	r.wakeNetwork()
}

// withoutShadow tells once that a server finds no holder for its copies; again only after it found one.
func (c *recorder) withoutShadow(r *run, s int32) {
	c.send(r, result.Event{Time: r.now, Server: r.org.Servers[s].Name, Kind: "shadow.failed", Text: transport.ShadowFailed + ": " + transport.NoShadowServers})
}
