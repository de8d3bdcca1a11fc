package transport

import (
	"slices"

	"mailsim/sim/simtime"
)

// What an operator does to queues and messages, apart from retries and resubmissions (retry.go); and the poison queue, whose mail waits for him.

// crashCount is how often a message stopped the service while it was handled.
type crashCount struct {
	message uint64
	copy    MsgID
	n       int
	limit   int // it is poison at so many; 0 = never
}

// suspend lets nothing leave a queue but what is in transmission; new mail may enter. The Unreachable queue is not resubmitted while it is
// suspended.
func (h *Hub) suspend(which MsgID) {
	if which == UnreachableMail {
		h.kept = true
		return
	}
	for i := range h.queues {
		if which == AllQueues || MsgID(i) == which {
			h.queues[i].suspended = true
		}
	}
	h.mind()
}

// unsuspend ends a suspension. What fell due meanwhile happens at once: connections, the retry, a resubmission because of a new view.
func (h *Hub) unsuspend(now simtime.Time, which MsgID, out []Action) []Action {
	if which == UnreachableMail {
		h.kept = false
		return h.resubmitStranded(now, out)
	}
	for i := range h.queues {
		if q := &h.queues[i]; (which == AllQueues || MsgID(i) == which) && q.suspended {
			q.suspended = false
			if q.waiting.n > 0 && !h.halted {
				h.mark(int32(i))
			}
		}
	}
	h.mind()
	return h.resubmitStranded(now, out)
}

// remove takes a message off the server, with a report to its sender or without one. It does not reach into the submission queue. One in
// transmission is removed when that fails.
func (h *Hub) remove(now simtime.Time, m MsgID, why Code, out []Action) []Action {
	switch i := h.store.Cold[m].spot; i {
	case spotSubmission, spotCategoriser:
		return out
	case spotUnreachable:
		h.takeUnreachable(m)
		h.stats.Unreachable.Add(now, -1)
	case spotPoison:
		h.store.links.take(&h.poison, m)
		h.stats.Poison.Dec(now)
	default:
		q := &h.queues[i]
		if !h.takeOut(q, m) {
			if k := h.carrier(i, m); why == Withdrawn {
				k.state = connWithdraws
			} else {
				k.state = connRemoves
			}
			return out
		}
		h.shrank(now, q)
		q.emptied = now
	}
	return h.discard(now, m, why, out)
}

// discard ends a message that an operator removed, and that stands nowhere any more.
func (h *Hub) discard(now simtime.Time, m MsgID, why Code, out []Action) []Action {
	h.leaving = slices.DeleteFunc(h.leaving, func(l leaving) bool { return l.msg == m })
	if why == Withdrawn {
		out = h.report(now, m, NonDelivery, Withdrawn, out)
	}
	h.leave(now, m)
	return append(out, Action{Kind: Removed, Code: why, Msg: m})
}

// crashed counts a message that stopped the service while it was handled. limit is how often it may; 0 = as often as the profile's
// PoisonThreshold says.
func (h *Hub) crashed(m MsgID, limit int) {
	if limit == 0 {
		limit = h.prof.PoisonThreshold
	}
	number := h.store.Hot[m].Message
	i := slices.IndexFunc(h.crashes, func(c crashCount) bool { return c.message == number })
	if i < 0 {
		i = len(h.crashes)
		h.crashes = append(h.crashes, crashCount{message: number})
	}
	c := &h.crashes[i]
	c.copy, c.limit = m, limit
	c.n++
}

// exile moves the messages that stopped the service too often to the poison queue: when it starts, before anything is handled.
func (h *Hub) exile(now simtime.Time, out []Action) []Action {
	kept := h.crashes[:0]
	for _, c := range h.crashes {
		m := c.copy
		if h.store.Hot[m].Message != c.message || h.store.Hot[m].Set == 0 { // it went with the queue database, or was removed
			continue
		}
		if c.limit == 0 || c.n < c.limit {
			kept = append(kept, c)
			continue
		}
		switch at := h.store.Cold[m].spot; at {
		case spotSubmission:
			h.store.links.take(&h.submission, m)
			h.stats.Submission.Add(now, -1)
		default: // it was being sent, and came back to its queue
			if at < 0 || !h.takeOut(&h.queues[at], m) {
				continue
			}
			h.resized(now, &h.queues[at], -1)
			h.queues[at].emptied = now
		}
		h.store.Cold[m].spot = spotPoison
		h.store.links.pushBack(&h.poison, m)
		h.stats.Poison.Add(now, 1)
		out = append(out, Action{Kind: Poisoned, Msg: m})
	}
	h.crashes = kept
	return out
}

// release sends a poison message through the categoriser once more; its crashes are counted anew.
func (h *Hub) release(now simtime.Time, m MsgID, out []Action) []Action {
	if h.store.Cold[m].spot != spotPoison {
		return out
	}
	h.store.links.take(&h.poison, m)
	h.stats.Poison.Add(now, -1)
	return h.toCategoriser(now, m, out)
}

// EachPoison visits the copies of the poison queue, in their order.
func (h *Hub) EachPoison(f func(MsgID)) { h.each(&h.poison, f) }
