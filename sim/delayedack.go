package sim

import (
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// A server of 2010 has no copy of a message but with the server that it came from. From one that keeps none, it therefore holds back its reply until it
// has passed the message on, or for 30 s. As long the sender's connection is taken, and the message is with both: what the receiver
// has counts as sent a second time, and what the sender has is counted off when the reply comes. Should the connection break
// before, the sender sends it again.
//
// Where documents are silent: servers from 2010 on take part in shadow redundancy as senders, Edges too, so it is those of 2007 that wait.
// A connection that is about to be closed for its age hears before that (Q-4.9d). Senders outside have no connections in a run.

// delaysAck tells whether a server holds back its replies to another one.
func (r *run) delaysAck(from *host, to int32) bool {
	if r.shadows == nil {
		return false
	}
	p := r.shadows.servers[to].prof
	return p.Mode == transport.PreviousHop && p.MaxAckDelay > 0 && r.org.Servers[from.id].Version < topology.V2010RTM
}

// await notes who waits for the reply to a message that the other side is about to take.
func (r *run) await(s int32, c transport.ConnID, taken transport.MsgID) {
	k := &r.hosts[s].sessions[c]
	id := r.newShadow()
	k.taken, k.awaits = true, id
	r.shadows.copies[id] = shadowCopy{state: shadowAwaited, sender: s, conn: c}
	r.store.Shadow(taken, id)
	r.rec.resubmitted(r, taken)
}

// holdReply lets the reply to a message that has been taken come at the latest when the receiver waits no longer, unless it has come
// already.
func (r *run) holdReply(s int32, c transport.ConnID) {
	k := &r.hosts[s].sessions[c]
	if k.awaits != 0 {
		p := r.shadows.servers[k.target.ID].prof
		r.reply(s, k, c, min(p.AcknowledgeAt(r.now, simtime.Never, false), k.until))
	}
}

// passedInTime lets the reply come as the message has been passed on.
func (r *run) passedInTime(id transport.ShadowCopyID) {
	x := r.shadows.copies[id]
	r.freeShadow(id)
	k := &r.hosts[x.sender].sessions[x.conn]
	k.awaits = 0
	r.reply(x.sender, k, x.conn, r.now)
}

// acknowledged is when the reply comes: the sender drops its message, and what the receiver still has nobody else has.
func (r *run) acknowledged(k *session, m transport.MsgID) {
	r.rec.replaced(r, m)
	r.unawait(k, shadowGone)
}

// unawait ends the wait for a reply.
func (r *run) unawait(k *session, as shadowState) {
	if k.awaits != 0 {
		r.shadows.copies[k.awaits].state = as
	}
	k.taken, k.awaits = false, 0
}

// replaced counts off a copy in whose place another has been counted.
func (c *recorder) replaced(r *run, m transport.MsgID) {
	c.flow[c.origin(r, m)].replaced += c.gone(r, m)
}
