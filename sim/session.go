package sim

import (
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/internal/world"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// noEvent says that a session waits for no event.
const noEvent simtime.Time = -1

// never is simtime.Never.
const never = simtime.Never

// session returns the world's side of a connection.
func (h *host) session(c transport.ConnID) *session {
	for int(c) >= len(h.sessions) {
		h.sessions = append(h.sessions, session{at: noEvent})
	}
	return &h.sessions[c]
}

// dial tries one candidate of a connection attempt. The outcome is decided now, from the state of the world at the start of the
// attempt (docs/rules/faults.md), and comes when the attempt is over.
func (r *run) dial(s int32, h *host, c transport.ConnID) {
	t := r.target(h, c)
	k := h.session(c)
	if k.state != sessionDialing { // the first candidate
		r.attempts(s, h, c)
	}
	gen := k.gen
	*k = session{state: sessionDialing, gen: gen, target: t, holder: noHolder}
	if r.strict() {
		k.domain, k.connector = h.isFor(r, c)
	}
	code, takes := r.tryTarget(h, c, t, k)
	k.code = code
	r.laws.limited = r.laws.limited || limits(code)
	k.at = r.now.Add(takes)
	r.at(k.at, transport.PhaseCompletions, s, evDialed, gen, uint32(c))
}

// tryTarget decides how a dial ends and how long it takes.
func (r *run) tryTarget(h *host, c transport.ConnID, t route.Target, k *session) (transport.Code, time.Duration) {
	if r.names == nil {
		return r.tryAddress(h, c, t, k)
	}
	code, asked := r.askName(h, c)
	if code != transport.OK {
		return code, asked
	}
	code, takes := r.tryAddress(h, c, t, k)
	return code, asked + takes
}

// tryAddress does the same once the target's address is known.
func (r *run) tryAddress(h *host, c transport.ConnID, t route.Target, k *session) (transport.Code, time.Duration) {
	if t.Kind == route.TargetRemote {
		if len(r.lost) > 0 && r.outsideLost(h, c, t) || len(r.storms) > 0 && r.forged(h, c) {
			return transport.Unreachable, r.cfg.Model.FailedConnect
		}
		m := &r.remotes[t.ID]
		if limit := m.spec.MaxConnectionsPerSource; limit > 0 && int(m.open[r.sources[h.id]]) >= limit || r.full(h, k) {
			// QD-4: the remote refuses the one above its limit. The refusal stands in the banner: TCP connect and banner.
			return transport.Refused, 2 * m.spec.RTT
		}
		if code := r.trust(h, c, t); code != transport.OK {
			return code, setUp(&m.spec.Session, m.spec.RTT, h.service)
		}
		r.countOutside(h, k, 1)
		return transport.OK, setUp(r.costOf(h, t), m.spec.RTT, h.service)
	}
	p := &r.hosts[t.ID]
	if code, takes, ok := r.reach(h, p, t.Kind); !ok {
		return code, takes
	}
	if p.draining && t.Kind == route.TargetServer {
		return transport.Reset, 0
	}
	cost := r.costOf(h, t)
	rtt := r.net.RTT(h.site, p.site)
	if h.site == p.site || !r.net.Troubled() || !r.onTrial(h.site, p.site) {
		return r.greet(h, c, t, p, k, cost, rtt)
	}
	k.crossing = r.crossing()
	late, ok := r.connects(k.crossing)
	if !ok {
		return transport.Unreachable, r.cfg.Model.FailedConnect
	}
	code, takes := r.greet(h, c, t, p, k, cost, rtt+r.jitter(k.crossing))
	return code, late + takes
}

// greet decides what a machine of the organisation that has been reached makes of a connection, and how long that takes.
func (r *run) greet(h *host, c transport.ConnID, t route.Target, p *host, k *session, cost *SessionCost, rtt time.Duration) (transport.Code, time.Duration) {
	if t.Kind == route.TargetStore && p.dismounted > 0 && r.storeOff(h, c, p) {
		return transport.Dismounted, setUp(cost, rtt, h.service)
	}
	wait := time.Duration(0)
	if t.Kind == route.TargetServer && p.receiver != nil {
		var code transport.Code
		if code, wait = r.admit(h, p, k); code != transport.OK {
			return code, 2 * rtt // as at an outside system: TCP connect and banner
		}
	}
	takes := wait + setUp(cost, rtt, h.service)
	if code := r.trust(h, c, t); code != transport.OK && t.Kind == route.TargetServer {
		return code, takes
	}
	if t.Kind == route.TargetServer && !h.edge && !p.edge {
		// ExchangeAuth between the hubs of different sites (docs/rules/faults.md).
		if auth := r.handshake(h, p); auth != directory.AuthOK {
			return authCode(auth), takes
		}
		r.tellNotes()
	}
	from := transport.RejectServers
	if h.post != nil { // no Exchange server
		from = transport.RejectOutside
	}
	if t.Kind == route.TargetServer && r.refuses(p, from) { // the answer to MAIL
		return transport.Rejected, takes + rtt
	}
	return transport.OK, takes
}

func (r *run) dialedEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	c := transport.ConnID(keyID(ev.Key))
	k := &h.sessions[c]
	if k.state != sessionDialing || k.at != ev.At || k.gen&genMask != keyGen(ev.Key) {
		return
	}
	k.at = noEvent
	if k.code != transport.OK {
		r.release(h, k)
	} else {
		k.state = sessionUp
		k.until, k.restEnd = never, never
		k.opened = r.now
		if limits := r.timeouts(k.target); limits.ConnectionTimeout > 0 {
			k.until = r.now.Add(limits.ConnectionTimeout)
			if k.timed = r.shared(h, k.target) || k.target.Kind == route.TargetServer && r.copiesElsewhere(k.target.ID); k.timed {
				r.cut(s, k, c, k.until)
			}
		}
	}
	meets := r.shadows != nil && k.code == transport.OK && k.target.Kind == route.TargetServer && h.hub != nil
	target := k.target.ID
	r.step(s, transport.Input{Kind: transport.Dialed, Code: k.code, Conn: c})
	if meets {
		r.contact(target, s)
	}
}

// send begins a transmission: the body crosses the network, then the fixed work and the round trips of the message follow (Q-6.1; the
// order of the parts is ours, the sum is the sheet's).
func (r *run) send(s int32, h *host, c transport.ConnID, m transport.MsgID) {
	k := &h.sessions[c]
	w := &k.way
	if w.network != r.network {
		r.lookUp(h, k)
		if w.shared && !k.timed && k.until != never { // its bodies took no time when it was opened
			k.timed = true
			r.cut(s, k, c, k.until)
		}
	}
	fixed := w.trips
	if w.cost.PerRecipientRoundTrips != 0 {
		fixed = trips(r.messageTrips(w.cost, m), w.rtt)
	}
	fixed += simtime.Span(h.service.Draw(&w.cost.PerMessage))
	k.restEnd = never
	if w.answers { // the answer to MAIL: when it is no, the body is not sent
		fixed += r.answerMail(h, &r.hosts[k.target.ID], k, int64(r.store.Hot[m].Size))
		if k.answer != transport.OK {
			r.reply(s, k, c, r.now.Add(w.rtt))
			return
		}
	}
	if w.choosy && r.objects(h, k, m) {
		r.reply(s, k, c, r.now.Add(w.rtt)) // the answer to RCPT: the body is not sent
		return
	}
	if r.buckets {
		r.underway(h, k, int64(r.store.Hot[m].Size))
	}
	size := int64(r.store.Hot[m].Size)
	if w.slow {
		fixed += trips(float64(world.SlowStart(k.sent, size)), w.rtt)
		k.sent += size
	}
	bits := 8 * float64(size)
	if w.shared {
		k.fixed = fixed
		k.at = noEvent
		load := world.Payload{Server: h.id, Conn: uint32(c)}
		if k.target.Kind == route.TargetRemote {
			k.xfer = r.net.StartLine(r.now, r.remotes[k.target.ID].line, bits, load)
		} else {
			k.xfer = r.net.Start(r.now, h.site, r.hosts[k.target.ID].site, bits, load)
		}
		r.wakeNetwork()
		return
	}
	if w.inside > 0 {
		fixed += simtime.Span(bits / w.inside)
	} else if w.fixed {
		fixed += r.aloneTime(h, r.hosts[k.target.ID].site, bits)
	}
	if r.shadows != nil {
		r.bodyThrough(s, h, c, fixed)
		return
	}
	r.reply(s, k, c, r.now.Add(fixed))
}

// reply lets the answer to a transmission come at t, unless the receiver closes the connection before (Q-4.9d).
func (r *run) reply(s int32, k *session, c transport.ConnID, t simtime.Time) {
	if t > k.until {
		r.cut(s, k, c, max(k.until, r.now))
		k.at = noEvent
		return
	}
	k.at = t
	r.cal.Push(calendar.Event{At: t, Key: key(transport.PhaseCompletions, s, evReplied, k.gen, uint32(c))})
}

// repliedEvent hands a message over: the receiver takes it and the sender hears of it at one instant, so that no message is ever with
// nobody or with both.
func (r *run) repliedEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	c := transport.ConnID(keyID(ev.Key))
	k := &h.sessions[c]
	if k.state != sessionUp || k.at != ev.At || k.gen&genMask != keyGen(ev.Key) {
		return
	}
	k.at = noEvent
	m := h.sending(c)
	if k.taken {
		k.carried++
		r.acknowledged(k, m)
		r.replied(s, h, c, transport.OK, 0)
		return
	}
	k.carried++
	code, part := transport.OK, int32(0)
	if r.buckets && k.answer == transport.OK {
		r.underway(h, k, -int64(r.store.Hot[m].Size))
	}
	switch k.target.Kind {
	case route.TargetServer:
		if k.answer == transport.Rejected {
			r.breakSession(s, h, c, transport.Rejected)
			return
		}
		if k.answer != transport.OK {
			k.answer, code = transport.OK, k.answer
			switch {
			case code == transport.OverSize:
				k.carried-- // no message was sent
			case h.hub != nil:
				r.rec.putOff(r, s, h.hub.ConnQueue(c), code)
			}
			break
		}
		most := int32(0)
		if k.admitted && h.hub != nil {
			most = r.mostRecipients(k.target.ID, m)
		}
		if most > 0 {
			code, part = r.handPart(h, k, m, most), most
			break
		}
		taken := r.store.Again(m)
		if r.delaysAck(h, k.target.ID) {
			k.carried-- // it counts with its reply
			r.await(s, c, taken)
			r.accept(k.target.ID, noHolder, transport.Offered, taken)
			r.holdReply(s, c)
			return
		}
		if r.shadows == nil {
			r.step(k.target.ID, transport.Input{Kind: transport.Offered, Msg: taken})
		} else if !r.accept(k.target.ID, r.holderFor(h, k), transport.Offered, taken) {
			r.store.Free(taken)
			code = transport.NotShadowed
		}
	case route.TargetStore:
		if h.post != nil { // its mailboxes are files
			r.rec.delivered(r, m, int32(h.site), 0)
			break
		}
		if r.hosts[k.target.ID].dismounted > 0 && r.recipientsOff(m, k.target.ID) {
			code = transport.Dismounted
			break
		}
		r.intoStore(s, m, k.target.ID)
	case route.TargetGateway: // into the drop directory or the agent
		r.rec.delivered(r, m, outside, 0)
	case route.TargetRemote:
		if k.way.choosy {
			if code = r.objected(s, h, c, k, m); code != transport.OK {
				break
			}
		}
		r.rec.delivered(r, m, outside, 0)
		if limit := r.mostOn(k); limit > 0 && int(k.carried) >= limit {
			code = transport.OKLast
		}
	}
	r.replied(s, h, c, code, part)
}

// replied tells a core of the reply to a message; part is how many of its recipients were taken, where not all of them were. It is the last
// message of a connection whose time is over.
func (r *run) replied(s int32, h *host, c transport.ConnID, code transport.Code, part int32) {
	if code == transport.OK && (r.now >= h.sessions[c].until || r.drainsAt(h.sessions[c].target)) {
		code = transport.OKLast
	}
	r.laws.limited = r.laws.limited || code > transport.OKLast
	r.stepOn(s, h, transport.Input{Kind: transport.Replied, Code: code, Conn: c, Msg: transport.MsgID(part)})
}

// siteOf returns the site of a target inside the organisation.
func (r *run) siteOf(t route.Target) (topology.SiteID, bool) {
	if t.Kind == route.TargetRemote {
		return topology.None, false
	}
	return r.hosts[t.ID].site, true
}
