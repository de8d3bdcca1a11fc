package sim

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// The receiving side of the servers: each takes or refuses the connections of the others by its limits (Q-5.1 to Q-5.4a). A source is a
// public address, as for outside systems. What mailboxes of another site submit (flight.go) meets no limit.

// admit asks a server to take a connection: the code, and how long the accept waits. The session counts until released.
func (r *run) admit(h, p *host, k *session) (transport.Code, time.Duration) {
	if p.receiver == nil {
		return transport.OK, 0
	}
	code, wait := p.receiver.Accept(r.now, r.sourceNumber(h))
	k.admitted = code == transport.OK
	return code, wait
}

// release ends the connection for the server that took it.
func (r *run) release(h *host, k *session) {
	if k.admitted {
		k.admitted = false
		r.hosts[k.target.ID].receiver.Closed(r.sourceNumber(h))
	}
}

// takesMessage asks the server that admitted the session for one more message of this source.
func (r *run) takesMessage(h *host, t route.Target) bool {
	return r.hosts[t.ID].receiver.Message(r.now, r.sourceNumber(h))
}

// mostRecipients is for how many of a message's recipients a server takes it in one transaction; 0 = for all.
func (r *run) mostRecipients(s int32, m transport.MsgID) int32 {
	receiver := r.hosts[s].receiver
	if receiver == nil {
		return 0
	}
	n := r.store.Recipients(m)
	if most := receiver.Limits().Taken(n); most < n {
		return most
	}
	return 0
}

// refuseSize tells whether a server refuses a message of a sender outside for its size. It is at an end then: whoever sent it makes the report.
func (r *run) refuseSize(m transport.MsgID, to int32) bool {
	p := r.hosts[to].receiver
	if p == nil || p.Limits().TakesSize(int64(r.store.Hot[m].Size)) {
		return false
	}
	p.RefusedSize()
	r.rec.bounced(r, m, transport.OverSize)
	r.store.Free(m)
	return true
}

// handPart hands a message over for its first recipients: the server says 452 to the others.
func (r *run) handPart(h *host, k *session, m transport.MsgID, most int32) transport.Code {
	to := k.target.ID
	taken := r.store.Head(r.book, m, most)
	switch {
	case r.shadows == nil:
		r.step(to, transport.Input{Kind: transport.Offered, Msg: taken})
	case !r.accept(to, r.holderFor(h, k), transport.Offered, taken):
		r.store.Free(taken)
		return transport.NotShadowed
	}
	return transport.TookPart
}

// envelopesFor cuts a message from outside into those that its sender brings to a server: one for each transaction.
func (r *run) envelopesFor(s int32, m transport.MsgID) []transport.MsgID {
	var out []transport.MsgID
	for most := r.mostRecipients(s, m); most > 0; most = r.mostRecipients(s, m) {
		out = append(out, r.store.Head(r.book, m, most))
		r.store.DropHead(r.book, m, most)
	}
	return append(out, m)
}

func (r *run) sourceNumber(h *host) transport.Source { return transport.Source(r.sources[h.id]) }
