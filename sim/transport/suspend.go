package transport

import (
	"slices"

	"mailsim/sim/simtime"
)

// Single messages that an operator suspends. One that waits leaves the waiting list of its queue and keeps its place in it; it is in the queue, counts
// for no connection, is not resubmitted, expires as any other and takes its old place when it is resumed. Of one in
// transmission the operator's wish is noted at its connection: it comes true if the transmission fails, and is forgotten when the message is
// through.
//
// What the categoriser has, or will have, is not suspended, and poison is anyway.

// leaving is a message whose removal waits for the start of the service: it was in transmission, and a stop of the service cut that.
type leaving struct {
	msg MsgID
	why Code // Withdrawn: its sender is told
}

// shows is the state of the message that a connection sends.
func (k *conn) shows() Status {
	switch k.state {
	case connSuspends:
		return StatusPendingSuspend
	case connRemoves, connWithdraws:
		return StatusPendingRemove
	}
	return StatusActive
}

// carrier is the connection that sends a copy of a queue. There must be one.
func (h *Hub) carrier(i int32, m MsgID) *conn {
	c := slices.IndexFunc(h.conns, func(k conn) bool { return k.sends() && k.queue == i && k.msg == m })
	return &h.conns[c]
}

// suspendMessage keeps a message from leaving the server.
func (h *Hub) suspendMessage(m MsgID) {
	i := h.store.Cold[m].spot
	switch i {
	case spotSubmission, spotCategoriser, spotPoison:
		return
	case spotUnreachable:
		if !slices.Contains(h.aside, m) {
			h.takeUnreachable(m)
			h.aside = append(h.aside, m)
		}
		return
	}
	q := &h.queues[i]
	switch at := slices.IndexFunc(q.deferred, func(d deferral) bool { return d.msg == m }); {
	case at >= 0:
		d := q.deferred[at]
		q.deferred = slices.Delete(q.deferred, at, at+1)
		h.suspendAt(q, d)
	case h.store.links.in(&q.waiting, m):
		d := deferral{msg: m, entry: h.placeOf(q, m)}
		h.takeOut(q, m)
		h.suspendAt(q, d)
	default:
		if k := h.carrier(i, m); k.state == connSending {
			k.state = connSuspends
		}
	}
}

func (h *Hub) suspendAt(q *queue, d deferral) {
	d.until = simtime.Never
	q.deferred = append(q.deferred, d)
}

// resumeMessage ends the suspension of a message. It waits in its old place again, whatever it was put off for before; in the Unreachable queue, whose mail
// has been resubmitted meanwhile, it goes to the categoriser as that has.
func (h *Hub) resumeMessage(now simtime.Time, m MsgID, out []Action) []Action {
	i := h.store.Cold[m].spot
	switch i {
	case spotSubmission, spotCategoriser:
		return out
	case spotPoison:
		return h.release(now, m, out)
	case spotUnreachable:
		if !slices.Contains(h.aside, m) {
			return out
		}
		h.takeUnreachable(m)
		if h.kept || h.measures.Has(PauseResubmission) {
			h.store.links.pushBack(&h.unreachable, m)
			h.rerouted = true
			return out
		}
		h.stats.Unreachable.Add(now, -1)
		return h.toCategoriser(now, m, out)
	}
	q := &h.queues[i]
	at := slices.IndexFunc(q.deferred, func(d deferral) bool { return d.msg == m })
	switch {
	case at < 0:
		if !h.store.links.in(&q.waiting, m) {
			if k := h.carrier(i, m); k.state == connSuspends {
				k.state = connSending
			}
		}
	case q.deferred[at].suspended():
		d := q.deferred[at]
		q.deferred = slices.Delete(q.deferred, at, at+1)
		h.putBack(q, d)
		if h.halted {
			return out
		}
		h.gained(i)
		return h.resubmitStranded(now, out) // its next hop may be gone from the view
	}
	return out
}

// toCategoriser puts a copy that stands nowhere at the end of the submission queue.
func (h *Hub) toCategoriser(now simtime.Time, m MsgID, out []Action) []Action {
	h.store.Cold[m].spot = spotSubmission
	h.store.links.pushBack(&h.submission, m)
	h.stats.Submission.Add(now, 1)
	if h.halted {
		return out
	}
	return h.nextCategorise(out)
}

// takeUnreachable takes a copy out of the Unreachable queue, suspended or not.
func (h *Hub) takeUnreachable(m MsgID) {
	if i := slices.Index(h.aside, m); i >= 0 {
		h.aside = slices.Delete(h.aside, i, i+1)
		return
	}
	h.store.links.take(&h.unreachable, m)
}

// decided does what an operator decided about a message while it was in transmission: that has failed. A message that came to its end meanwhile is given up
// rather than suspended.
func (h *Hub) decided(now simtime.Time, q *queue, s connState, d deferral, out []Action) []Action {
	if s == connSuspends && !h.old(now, d.msg) {
		h.suspendAt(q, d)
		return out
	}
	h.resized(now, q, -1)
	q.emptied = now
	switch s {
	case connSuspends:
		return h.bounce(now, d.msg, Expired, out)
	case connWithdraws:
		return h.discard(now, d.msg, Withdrawn, out)
	}
	return h.discard(now, d.msg, OK, out)
}

// interrupt takes back what a connection sends, as the service stops: into its place, or where an operator wants it. Nobody can be told of a removal before
// the service starts.
func (h *Hub) interrupt(q *queue, k *conn) {
	d := deferral{msg: k.msg, entry: k.entry}
	switch k.state {
	case connSending:
		q.deferred = slices.Insert(q.deferred, 0, d)
		return
	case connRemoves:
		h.leaving = append(h.leaving, leaving{d.msg, OK})
	case connWithdraws:
		h.leaving = append(h.leaving, leaving{d.msg, Withdrawn})
	}
	h.suspendAt(q, d)
}

// removeLeaving removes what the stop of the service kept from being removed.
func (h *Hub) removeLeaving(now simtime.Time, out []Action) []Action {
	list := h.leaving
	h.leaving = nil
	for _, l := range list {
		out = h.remove(now, l.msg, l.why, out)
	}
	return out
}

// placeOf is the entry number of a copy that waits. Numbers are given when copies leave in their turn, so those before it get theirs now.
func (h *Hub) placeOf(q *queue, m MsgID) uint64 {
	at, numbers := q.waiting.head, &q.returned
	if q.ranks != nil {
		class := h.rank(q, m)
		at, numbers = h.first(q, class), &q.ranks.returned[class]
	}
	for i := 0; ; i++ {
		if i == len(*numbers) {
			*numbers = append(*numbers, q.taken)
			q.taken++
		}
		if at == m {
			return (*numbers)[i]
		}
		at = h.store.links[at].next
	}
}
