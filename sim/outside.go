package sim

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// Outside systems and domains that give no answer (F15). A domain is that of a queue: mail that goes to a smart host does not notice.

// loseOutside lets an outside system, or the hosts of a domain, be gone, or be back.
func (r *run) loseOutside(e *fault.Effect) {
	if e.Kind == fault.OutsideBack {
		r.lost = slices.DeleteFunc(r.lost, func(o fault.Outside) bool { return o == e.Outside })
		return
	}
	r.lost = append(r.lost, e.Outside)
	r.breakWhere(func(h *host, c transport.ConnID, t route.Target) bool {
		return t.Kind == route.TargetRemote && r.outsideLost(h, c, t)
	})
}

// outsideLost tells whether an outside system gives no answer to the queue of a connection.
func (r *run) outsideLost(h *host, c transport.ConnID, t route.Target) bool {
	domain := ""
	if h.hub != nil {
		domain = r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key).Domain
	} else {
		domain, _ = h.post.core.Asks(c) // E-Post has no queues: the domain of the message
	}
	return slices.ContainsFunc(r.lost, func(o fault.Outside) bool {
		return o.Remote >= 0 && int32(o.Remote) == t.ID || o.Remote < 0 && strings.EqualFold(o.Domain, domain)
	})
}
