package sim

import (
	"time"

	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// When a receiver ends a connection by itself: it has been there for long enough, or nothing has come for long enough.

// timeout is the receiver's ConnectionTimeout (Q-4.9d); 0 = none.
func (r *run) timeout(t route.Target) time.Duration {
	switch {
	case t.Kind == route.TargetRemote:
		return r.remotes[t.ID].spec.ConnectionTimeout
	case t.Kind == route.TargetStore, t.Kind == route.TargetGateway:
		return 0
	case r.hosts[t.ID].edge:
		return r.cfg.Model.EdgeTimeout
	default:
		return r.cfg.Model.ConnectionTimeout
	}
}

// cut asks for the event at which the receiver ends a connection.
func (r *run) cut(s int32, k *session, c transport.ConnID, t simtime.Time) {
	k.cutAt = t
	r.at(t, transport.PhaseCompletions, s, evCut, k.gen, uint32(c))
}

// rested notes that a connection has nothing to carry and stays open. A receiver does not keep it for ever: it ends it when nothing
// has come for its ConnectionInactivityTimeout, or at its ConnectionTimeout.
func (r *run) rested(s int32, h *host, c transport.ConnID) {
	k := &h.sessions[c]
	k.restEnd = min(k.until, r.now.Add(r.inactivity(k.target)))
	if k.restEnd != never && k.restEnd != k.cutAt {
		r.cut(s, k, c, k.restEnd)
	}
}

// inactivity is the receiver's ConnectionInactivityTimeout. What outside systems do is not known: they wait for the sender.
func (r *run) inactivity(t route.Target) time.Duration {
	limit := time.Duration(0)
	if t.Kind == route.TargetServer {
		if limit = r.cfg.Model.Inactivity; r.hosts[t.ID].edge {
			limit = r.cfg.Model.EdgeInactivity
		}
	}
	if limit == 0 {
		return never.Sub(r.now)
	}
	return limit
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
	r.breakSession(s, h, c, transport.Dropped)
}
