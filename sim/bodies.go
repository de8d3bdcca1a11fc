package sim

import (
	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// Message bodies on shared links.

// networkEvent ends the bodies that are through; what is left of their messages follows.
func (r *run) networkEvent(ev calendar.Event) {
	if ev.At != r.netAt {
		return
	}
	r.netAt = simtime.Never
	r.bodies = r.net.Finish(r.now, r.bodies[:0])
	for _, b := range r.bodies {
		if b.Server == topology.None {
			r.bodyLanded(b.Conn)
			continue
		}
		k := &r.hosts[b.Server].sessions[b.Conn]
		k.xfer = 0
		if k.copying {
			k.copying = false
			r.reply(int32(b.Server), k, transport.ConnID(b.Conn), r.now.Add(k.fixed))
		} else {
			r.bodyThrough(int32(b.Server), &r.hosts[b.Server], transport.ConnID(b.Conn), k.fixed)
		}
	}
	r.wakeNetwork()
}

func (r *run) wakeNetwork() {
	if t := r.net.Next(); t < r.netAt {
		r.netAt = t
		r.at(t, transport.PhaseCompletions, -1, evNetwork, r.serial(), 0)
	}
}
