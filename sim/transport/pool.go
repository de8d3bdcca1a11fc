package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

type connState uint8

const (
	connFree connState = iota
	connDialing
	connResting // ready, with nothing to carry (hold.go)
	connSending
	// It sends, and an operator has decided meanwhile what becomes of the message if that fails (suspend.go).
	connSuspends
	connRemoves
	connWithdraws // as connRemoves, and the sender is told
)

// sends tells whether a message is in transmission.
func (k *conn) sends() bool { return k.state >= connSending }

// conn is one outbound connection, from the first dial to its close.
type conn struct {
	state    connState
	answered bool     // a candidate answered but refused: no back-off
	class    Priority // the class that it was opened for, or that it sends for
	queue    int32
	pos      int32 // candidate being tried, or taken
	group    int32 // group of the candidate being tried
	turn     uint32
	sent     int32
	msg      MsgID
	entry    uint64 // entry number of msg in its queue
	opened   simtime.Time
	target   route.Target
	next     ConnID

	// At rest only (hold.go).
	until        simtime.Time // the hold is over
	older, newer ConnID       // those of its queue that have rested longer and less long

	// With memory of failures only (memory.go).
	member int32  // index of the candidate in its group
	list   uint32 // the queue's memory that member and round are of
	round  route.Round
}

// Target returns what a connection is being dialled or open to: a server of another site or of the way to a connector, an outside
// system, or a mailbox store.
func (h *Hub) Target(c ConnID) route.Target { return h.conns[c].target }

// ConnQueue returns the queue of a connection.
func (h *Hub) ConnQueue(c ConnID) int { return int(h.conns[c].queue) }

// evaluate opens at most one connection for a queue.
func (h *Hub) evaluate(now simtime.Time, i int32, out []Action) (bool, []Action) {
	q := &h.queues[i]
	if h.halted || q.waiting.n == 0 || q.special && h.stands(q) {
		return false, out
	}
	full := int(h.open) >= h.prof.MaxOutboundConnections
	if h.resting > 0 {
		if out = h.resume(now, q, out); q.waiting.n == 0 {
			return false, out
		}
	} else if full {
		return false, out
	}
	switch q.state {
	case Active:
		if q.limited && q.setting > 0 {
			return false, out // one attempt at a time while the next hop refuses; its end makes the queue due again
		}
		room, failed := q.room(), q.blocked == now
		if q.special {
			room = h.room(q)
		}
		if room && failed && q.open == 0 { // its last connection closed at the instant of a failed attempt
			return false, h.enterRetry(now, i, q.lastError, out)
		}
		h.setRefused(q, room && failed)
		if !room || failed {
			return false, out
		}
		if h.stranded(q) {
			return false, h.rerouteAtAttempt(now, q, out)
		}
	case retryDue:
		if h.stranded(q) {
			return false, h.rerouteAtAttempt(now, q, out)
		}
		if q.ranks != nil && h.prober(q) == noClass {
			return false, out // attempts of before the failure are under way for all that a class may have
		}
		q.state = probing // QD-6: exactly one connection
		q.stats.Retries++
		q.retries++
	default:
		return false, out
	}
	if full {
		if h.resting == 0 { // its own were the last
			return false, out
		}
		out = h.makeRoom(now, out)
	}
	return true, h.openConn(now, i, out)
}

// openConn starts one connection attempt: the next turn of the rotation.
func (h *Hub) openConn(now simtime.Time, i int32, out []Action) []Action {
	q := &h.queues[i]
	if !q.listed {
		q.candidates = h.tab.Groups(h.id, q.key)
		q.listed = true
		h.remember(q)
	}
	c := h.freeConn
	if c != 0 {
		h.freeConn = h.conns[c].next
	} else {
		h.conns = append(h.conns, conn{})
		c = ConnID(len(h.conns) - 1)
	}
	h.conns[c] = conn{state: connDialing, queue: i, pos: -1, turn: q.turn, opened: now, list: q.list, round: h.conns[c].round}
	if q.state == probing {
		q.probe = c
	}
	if q.special {
		h.dials(q, c)
	}
	q.turn++
	q.open++
	q.setting++
	h.open++
	q.stats.Connections.Set(now, int64(q.open))
	h.stats.Connections.Set(now, int64(h.open))
	return h.nextCandidate(now, c, Unreachable, out)
}

// nextCandidate dials the next target of an attempt's list, or ends the attempt (R-3.15 step 3, Q-4.8).
func (h *Hub) nextCandidate(now simtime.Time, c ConnID, why Code, out []Action) []Action {
	k := &h.conns[c]
	q := &h.queues[k.queue]
	k.pos++
	if len(q.memory) > 0 {
		if h.nextRemembered(now, k, q) {
			return append(out, Action{Kind: Dial, Conn: c})
		}
		return h.attemptFailed(now, c, why, out)
	}
	at := int(k.pos)
	for g := range q.candidates {
		group := &q.candidates[g]
		n := len(group.Members)
		if at >= n {
			at -= n
			continue
		}
		if k.answered && int32(g) != k.group && group.Backoff {
			break // somebody answered, so the mail stays here
		}
		k.group = int32(g)
		turn := int(k.turn) + h.tab.Offset(h.id, n)
		k.target = group.Members[(turn+at)%n]
		return append(out, Action{Kind: Dial, Conn: c})
	}
	return h.attemptFailed(now, c, why, out)
}

// dialed takes the result of a dial.
func (h *Hub) dialed(now simtime.Time, in Input, out []Action) []Action {
	k := &h.conns[in.Conn]
	if in.Code == NoName || in.Code == NoSuchDomain {
		return h.nameless(now, in.Conn, in.Code, out)
	}
	h.found(now, k, in.Code)
	if in.Code != OK {
		k.answered = k.answered || in.Code.Answered()
		return h.nextCandidate(now, in.Conn, in.Code, out)
	}
	i := k.queue
	q := &h.queues[i]
	q.setting--
	if q.limited && !h.room(q) { // it has what it wants, this connection included
		q.limited = false
	}
	if q.special {
		q.dialled(k)
	}
	q.ready = now
	q.stats.Sessions++
	if q.state != Active {
		h.setState(now, q, Active)
		q.retries = 0
		q.probe = 0
		out = append(out, Action{Kind: QueueActive, Conn: in.Conn, Msg: MsgID(i)})
	}
	h.mark(i)
	if q.waiting.n == 0 || q.special && h.refrains(q, k) { // QD-2: nothing waits any more
		return h.rest(now, in.Conn, out)
	}
	return h.transmit(k, q, in.Conn, out)
}

// transmit sends the oldest waiting copy of its queue on a connection.
func (h *Hub) transmit(k *conn, q *queue, c ConnID, out []Action) []Action {
	k.state = connSending
	if q.special {
		return h.transmitNext(c, out)
	}
	k.msg, k.entry = h.takeFirst(q)
	k.sent++
	q.sending++
	return append(out, Action{Kind: Send, Conn: c, Msg: k.msg})
}

// replied ends a transmission: the other side took the copy, or put it off.
func (h *Hub) replied(now simtime.Time, in Input, out []Action) []Action {
	k := &h.conns[in.Conn]
	q := &h.queues[k.queue]
	m := k.msg
	q.sending--
	if q.special {
		q.served(k)
	}
	k.msg = 0
	if in.Code <= OKLast {
		q.stats.Sent++
		h.shrank(now, q)
		h.stats.Transferred++
		h.leave(now, m)
		out = append(out, Action{Kind: Left, Conn: in.Conn, Msg: m})
	} else {
		out = h.unsent(now, in, q, m, out)
	}
	// not because the wanted number fell, but (a) after so many messages (Q-4.10; OKLast: the receiver's own limit, or d, its
	// time-out) and (b) when nothing waits.
	if in.Code == OKLast || (q.perConn > 0 && k.sent >= q.perConn) {
		return h.closeConn(now, in.Conn, out)
	}
	if q.waiting.n == 0 || q.special && h.refrains(q, k) {
		return h.rest(now, in.Conn, out)
	}
	if q.refused || q.special { // a connection may go to another class
		h.mark(k.queue) // tried again at the queue's next event
	}
	return h.transmit(k, q, in.Conn, out)
}

// closeConn gives a connection up that is not transmitting.
func (h *Hub) closeConn(now simtime.Time, c ConnID, out []Action) []Action {
	h.drop(now, c)
	return append(out, Action{Kind: Close, Conn: c})
}

// drop frees a connection's slot and makes due whoever may use the room.
func (h *Hub) drop(now simtime.Time, c ConnID) {
	k := &h.conns[c]
	q := &h.queues[k.queue]
	if k.state == connResting {
		h.unrest(c)
	}
	full := int(h.open) == h.prof.MaxOutboundConnections
	q.open--
	h.open--
	q.closed = now
	q.stats.Connections.Set(now, int64(q.open))
	h.stats.Connections.Set(now, int64(h.open))
	h.stats.Sessions.Add(1, int64(now-k.opened))
	if q.waiting.n > 0 {
		h.mark(k.queue)
	}
	if full {
		h.markAll() // any of them may use the room
	} else if h.refusing > 0 {
		h.markRefused()
	}
	k.msg = 0
	k.state = connFree
	k.next = h.freeConn
	h.freeConn = c
}

// broken takes the loss of a connection that was ready. One that was refused at MAIL failed at this target alone: the attempt that
// follows tries the others of the next hop, and decides whether the queue goes to Retry.
func (h *Hub) broken(now simtime.Time, in Input, out []Action) []Action {
	k := &h.conns[in.Conn]
	i := k.queue
	q := &h.queues[i]
	if k.state == connResting { // no attempt failed and no message was cut
		h.drop(now, in.Conn)
		return out
	}
	q.sending--
	if q.special {
		q.served(k)
	}
	back, was := deferral{msg: k.msg, entry: k.entry}, k.state
	m := k.msg
	expired := h.old(now, m)
	if was == connSending && !expired {
		h.putBack(q, back)
	}
	h.drop(now, in.Conn)
	switch {
	case was != connSending:
		out = h.decided(now, q, was, back, out)
	case expired: // its end came while it was in transmission
		h.resized(now, q, -1)
		out = h.bounce(now, m, Expired, out)
	}
	if in.Code == Rejected {
		q.lastError = Rejected
		return out
	}
	if q.open == 0 {
		q.lastTarget = k.target
		return h.enterRetry(now, i, in.Code, out)
	}
	return out
}

// Sending returns the copy in transmission on a connection; 0 when there is none.
func (h *Hub) Sending(c ConnID) MsgID { return h.conns[c].msg }
