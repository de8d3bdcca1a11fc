package transport

import "mailsim/sim/simtime"

// Idle hold (Q-4.11, QD-2): with a hold in the profile a connection that has nothing to carry any more rests for so long and takes the next
// message of its queue without a new set-up. Without one, as installed, it closes at once.
//
// A connection at rest counts for every ceiling, as its session is there. It takes mail before its queue opens another, and of several the one
// that was used last does, so that those too many for the load come to their end. Where the ceiling of the server leaves no room for
// another queue, the connection that has rested longest makes room. Documents are silent on all three.

// rests are the connections of a queue that rest, linked through them by the time they began.
type rests struct {
	oldest, newest ConnID // 0 = none
	n              int32
}

// rest keeps a connection that has nothing to carry, or closes it.
func (h *Hub) rest(now simtime.Time, c ConnID, out []Action) []Action {
	k := &h.conns[c]
	q := &h.queues[k.queue]
	if q.hold == 0 || q.special && h.stands(q) {
		return h.closeConn(now, c, out)
	}
	k.state, k.msg = connResting, 0
	k.until = now.Add(q.hold)
	k.older, k.newer = q.resting.newest, 0
	if k.older != 0 {
		h.conns[k.older].newer = c
	} else {
		q.resting.oldest = c
	}
	q.resting.newest = c
	q.resting.n++
	h.resting++
	h.restAt = min(h.restAt, k.until)
	h.plan()
	if int(h.open) >= h.prof.MaxOutboundConnections {
		h.markAll() // it may have to make room for another queue
	}
	return append(out, Action{Kind: Rest, Conn: c})
}

// unrest takes a connection out of those that rest.
func (h *Hub) unrest(c ConnID) {
	k := &h.conns[c]
	q := &h.queues[k.queue]
	if k.older != 0 {
		h.conns[k.older].newer = k.newer
	} else {
		q.resting.oldest = k.newer
	}
	if k.newer != 0 {
		h.conns[k.newer].older = k.older
	} else {
		q.resting.newest = k.older
	}
	q.resting.n--
	h.resting--
}

// resume gives the waiting mail of a queue to the connections that rest.
func (h *Hub) resume(now simtime.Time, q *queue, out []Action) []Action {
	for c := q.resting.newest; c != 0 && q.waiting.n > 0; {
		k := &h.conns[c]
		older := k.older
		if !q.special || !h.refrains(q, k) {
			h.unrest(c)
			out = h.transmit(k, q, c, out)
		}
		c = older
	}
	return out
}

// makeRoom closes the connection of the server that has rested longest; of those that began at one instant, that of the first queue. One
// must rest.
func (h *Hub) makeRoom(now simtime.Time, out []Action) []Action {
	longest := ConnID(0)
	for i := range h.queues {
		if c := h.queues[i].resting.oldest; c != 0 && (longest == 0 || h.conns[c].until < h.conns[longest].until) {
			longest = c
		}
	}
	return h.closeConn(now, longest, out)
}

// endRests closes the connections whose hold is over, and finds when the next one is.
func (h *Hub) endRests(now simtime.Time, out []Action) []Action {
	h.restAt = simtime.Never
	for i := range h.queues {
		for c := h.queues[i].resting.oldest; c != 0; c = h.queues[i].resting.oldest {
			if t := h.conns[c].until; t > now {
				h.restAt = min(h.restAt, t)
				break
			}
			out = h.closeConn(now, c, out)
		}
	}
	h.plan()
	return out
}

// plan finds when the next of the clocks runs out that few servers have running.
func (h *Hub) plan() { h.rareAt = min(h.deferAt, h.idleAt, h.restAt) }
