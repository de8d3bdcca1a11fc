package sim

import (
	"time"

	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// When a receiver ends a connection by itself: it has been there for long enough, or nothing has come for long enough.

// timeouts are the receiver's ConnectionTimeout and ConnectionInactivityTimeout towards a target: the server's own (Q-4.9d, Q-4.11) or, where it has none of
// its own, the model's. What outside systems do about silence is not known: they wait for the sender. Nothing ends a delivery into a store.
func (r *run) timeouts(t route.Target) transport.ReceiveLimits {
	switch t.Kind {
	case route.TargetRemote:
		return transport.ReceiveLimits{ConnectionTimeout: r.remotes[t.ID].spec.ConnectionTimeout}
	case route.TargetServer:
		if r.hosts[t.ID].post != nil {
			return transport.ReceiveLimits{InactivityTimeout: postSilence}
		}
		l := transport.ReceiveLimits{ConnectionTimeout: r.cfg.Model.ConnectionTimeout, InactivityTimeout: r.cfg.Model.Inactivity}
		if r.hosts[t.ID].edge {
			l.ConnectionTimeout, l.InactivityTimeout = r.cfg.Model.EdgeTimeout, r.cfg.Model.EdgeInactivity
		}
		own := &r.cfg.Servers[t.ID].Receive
		if own.ConnectionTimeout > 0 {
			l.ConnectionTimeout = own.ConnectionTimeout
		}
		if own.InactivityTimeout > 0 {
			l.InactivityTimeout = own.InactivityTimeout
		}
		return l
	}
	return transport.ReceiveLimits{}
}

// EP-5: postSilence is how long an E-Post server keeps a connection on which nothing comes. It ends none for its length.
const postSilence = 20 * time.Minute

// cut asks for the event at which the receiver ends a connection.
func (r *run) cut(s int32, k *session, c transport.ConnID, t simtime.Time) {
	k.cutAt = t
	r.at(t, transport.PhaseCompletions, s, evCut, k.gen, uint32(c))
}

// rested notes that a connection has nothing to carry and stays open. A receiver does not keep it for ever: it ends it when nothing
// has come for its ConnectionInactivityTimeout, or at its ConnectionTimeout.
func (r *run) rested(s int32, h *host, c transport.ConnID) {
	k := &h.sessions[c]
	limits := r.timeouts(k.target)
	k.restEnd = limits.CutAt(k.opened, r.now)
	if r.drainsAt(k.target) {
		k.restEnd = r.now
	}
	if k.restEnd != never && k.restEnd != k.cutAt {
		r.cut(s, k, c, k.restEnd)
	}
}

// cutEvent is the receiver's ConnectionTimeout: a message in transmission is cut (Q-4.9d, Q-7.12). A connection at rest ends as well, when
// nothing has come for too long.
func (r *run) cutEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	c := transport.ConnID(keyID(ev.Key))
	k := &h.sessions[c]
	if k.state != sessionUp || k.gen&genMask != keyGen(ev.Key) || min(k.until, k.restEnd) > ev.At {
		return
	}
	r.laws.limited = true
	r.breakSession(s, h, c, transport.Dropped)
}
