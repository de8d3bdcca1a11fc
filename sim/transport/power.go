package transport

import (
	"slices"

	"mailsim/sim/simtime"
)

// halt stops the server. Its connections are gone and what they carried is back in the queues; the driver drops the copies it had in
// the categoriser (Interrupted gives them back). With the queue database lost, every copy goes with it.
func (h *Hub) halt(now simtime.Time, why Code, out []Action) []Action {
	if h.halted { // down already; only its disk can still be lost
		if why == QueuesLost {
			out = h.loseAll(now, out)
		}
		return out
	}
	h.halted = true
	h.resolveAll()
	for i := range h.queues {
		q := &h.queues[i]
		for c := 1; c < len(h.conns); c++ {
			if k := &h.conns[c]; k.sends() && k.queue == int32(i) {
				h.interrupt(q, k)
			}
		}
		q.sending, q.setting = 0, 0
		if q.ranks != nil {
			q.ranks.sending, q.ranks.setting = [NumPriorities]int32{}, [NumPriorities]int32{}
		}
		h.restore(q)
	}
	for c := 1; c < len(h.conns); c++ {
		if k := &h.conns[c]; k.state != connFree {
			h.drop(now, ConnID(c))
			out = append(out, Action{Kind: Close, Code: Dropped, Conn: ConnID(c)})
		}
	}
	for i := range h.queues {
		q := &h.queues[i]
		h.setState(now, q, Active)
		h.setRefused(q, false)
		q.limited, q.probe = false, 0
		q.due, q.retries, q.blocked = false, 0, -1
		q.lastError = OK
		h.forgetFailures(q)
	}
	h.due = h.due[:0]
	h.retryAt, h.deferAt, h.idleAt, h.ageAt, h.restAt = simtime.Never, simtime.Never, simtime.Never, simtime.Never, simtime.Never
	h.plan()
	// A start of the service finds no pressure: what was kept by it is not any more.
	if h.measures != 0 {
		h.measures = 0
		h.mind()
		out = h.resubmitStranded(now, out)
	}
	if why == QueuesLost {
		out = h.loseAll(now, out)
	}
	return out
}

// older orders copies by acceptance, then by message and handle.
func (h *Hub) older(a, b MsgID) int {
	x, y := &h.store.Hot[a], &h.store.Hot[b]
	switch {
	case x.Accepted != y.Accepted:
		return int(min(max(x.Accepted-y.Accepted, -1), 1))
	case x.Message != y.Message:
		return 1 - 2*b2i(x.Message < y.Message)
	default:
		return 1 - 2*b2i(a < b)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Interrupted gives back copies whose categorisation the halt cut short: they are categorised anew after the boot, before the
// others. It belongs to the Halt input and comes right before it, with the copies in any order.
func (h *Hub) Interrupted(msgs []MsgID) {
	slices.SortFunc(msgs, h.older)
	for _, m := range slices.Backward(msgs) {
		h.store.Cold[m].spot = spotSubmission
		h.store.links.pushFront(&h.submission, m)
		h.working--
	}
}

func (h *Hub) loseAll(now simtime.Time, out []Action) []Action {
	lose := func(l *list) {
		for l.n > 0 {
			m := h.store.links.popFront(l)
			h.leave(now, m)
			out = append(out, Action{Kind: Lost, Msg: m})
		}
	}
	h.stats.Submission.Set(now, 0)
	h.stats.Unreachable.Set(now, 0)
	h.stats.Poison.Set(now, 0)
	lose(&h.submission)
	lose(&h.unreachable)
	lose(&h.poison)
	for _, m := range h.aside {
		h.leave(now, m)
		out = append(out, Action{Kind: Lost, Msg: m})
	}
	h.aside, h.leaving = h.aside[:0], h.leaving[:0]
	for i := range h.queues {
		n := int64(h.queues[i].length())
		lose(&h.queues[i].waiting)
		for _, d := range h.queues[i].deferred { // suspended: a halt leaves no others
			h.leave(now, d.msg)
			out = append(out, Action{Kind: Lost, Msg: d.msg})
		}
		h.queues[i].deferred = h.queues[i].deferred[:0]
		h.queues[i].returned = nil
		if k := h.queues[i].ranks; k != nil {
			k.emptied()
		}
		h.resized(now, &h.queues[i], -n)
	}
	return out
}

// boot starts the server: ladders begin anew and every queue is tried at once.
func (h *Hub) boot(now simtime.Time, out []Action) []Action {
	if !h.halted {
		return out
	}
	h.halted = false
	out = h.catchUp(now, h.removeLeaving(now, h.exile(now, out)))
	out = h.nextCategorise(out)
	h.markAll()
	return out
}
