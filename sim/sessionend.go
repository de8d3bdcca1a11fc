package sim

import (
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// How sessions end: closed by the core, broken, or cut off from their other end.

// breakSession ends a connection that is up; the core takes its message back.
func (r *run) breakSession(s int32, h *host, c transport.ConnID, why transport.Code) {
	r.closeSession(h, c)
	r.step(s, transport.Input{Kind: transport.Broken, Code: why, Conn: c})
}

// closeSession frees the world's side of a connection: what it had under way is void.
func (r *run) closeSession(h *host, c transport.ConnID) {
	if int(c) >= len(h.sessions) {
		return // never dialled: the next hop had no candidate
	}
	k := &h.sessions[c]
	if k.state == sessionFree {
		return
	}
	if k.xfer != 0 {
		r.net.Cancel(r.now, k.xfer)
		k.xfer = 0
		r.wakeNetwork()
	}
	if r.buckets && k.state == sessionUp && k.answer == transport.OK && !k.taken {
		if m := h.sending(c); m != 0 {
			r.underway(h, k, -int64(r.store.Hot[m].Size))
		}
	}
	if k.taken {
		r.unawait(k, shadowSent)
	}
	if k.admitted {
		r.release(h, k)
	}
	if k.target.Kind == route.TargetRemote && (k.state == sessionUp || k.code == transport.OK) {
		r.countOutside(h, k, -1)
	}
	if k.putOff != 0 {
		r.store.Unref(k.putOff)
		k.putOff = 0
	}
	up := k.state == sessionUp
	k.state = sessionFree
	k.gen++
	k.at = noEvent
	if up && r.drainsAt(k.target) {
		r.lookDrained(k.target.ID)
	}
}

// breakAll breaks the connections for which gone says so, by server and connection, and lets the dials that hang end as unreachable.
func (r *run) breakAll(gone func(h *host, t route.Target) bool) {
	r.breakWhere(func(h *host, _ transport.ConnID, t route.Target) bool { return gone(h, t) })
}

// breakWhere does the same where it matters for which queue a connection is.
func (r *run) breakWhere(gone func(h *host, c transport.ConnID, t route.Target) bool) {
	for s := range r.hosts {
		h := &r.hosts[s]
		for c := range h.sessions {
			k := &h.sessions[c]
			if k.state == sessionFree || !gone(h, transport.ConnID(c), k.target) {
				continue
			}
			if k.state == sessionDialing {
				if k.code == transport.OK || k.code.Answered() && k.code != transport.Refused {
					r.release(h, k)
					if k.target.Kind == route.TargetRemote && k.code == transport.OK {
						r.countOutside(h, k, -1)
					}
					k.code = transport.Unreachable
					k.gen++
					k.at = r.now.Add(r.cfg.Model.FailedConnect)
					r.at(k.at, transport.PhaseCompletions, int32(s), evDialed, k.gen, uint32(c))
				}
				continue
			}
			r.breakSession(int32(s), h, transport.ConnID(c), transport.Dropped)
		}
	}
}
