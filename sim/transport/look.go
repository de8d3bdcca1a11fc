package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Status is the state of a queue or of a message as the queue viewer writes it.
type Status uint8

// The states. Queues have the first five; messages have all but Connecting.
const (
	StatusReady      Status = iota // nothing under way: a queue that is empty, or that may open no connection for what it holds
	StatusConnecting               // the first connection of an idle queue, or a retry, is being set up
	StatusActive                   // in transmission
	StatusRetry                    // the last attempt failed, or the other side put the message off
	StatusSuspended                // by an administrator
	// In transmission, and an administrator wants it suspended or removed: it is if the transmission fails.
	StatusPendingSuspend
	StatusPendingRemove
)

// String returns the name that operators know.
func (s Status) String() string {
	return [...]string{"Ready", "Connecting", "Active", "Retry", "Suspended", "PendingSuspend", "PendingRemove"}[s]
}

// QueueLook is what an operator sees of a delivery queue beyond QueueInfo, at the end of an instant.
type QueueLook struct {
	QueueInfo
	Status   Status
	Removed  bool // empty and idle for QueueMaxIdleTime: the server has removed it
	Failed   bool // the last attempt failed, at FailedAt: LastError and Target are of it
	FailedAt simtime.Time
	// Counts since t0: copies that the other side took, by which rates are worked out.
	Sent int64
	// Sizes by priority, deferred copies included.
	ByPriority, DeferredByPriority [NumPriorities]int32
}

// Look describes a delivery queue as an operator sees it. It goes through the queue's copies, changes nothing and is meant for few calls
// a run.
func (h *Hub) Look(i int, now simtime.Time) QueueLook {
	q := &h.queues[i]
	l := QueueLook{QueueInfo: h.Queue(i), Status: q.status(), Sent: q.stats.Sent}
	l.FailedAt = max(q.blocked, q.lastRetry)
	l.Failed = q.lastError != OK && (q.state != Active || l.FailedAt >= q.ready) // attempts follow what becomes ready at an instant
	if q.state == probing {                                                      // the one under way has not failed
		l.Retries--
	}
	l.Removed = q.open == 0 && q.length() == 0 && now.Sub(max(q.closed, q.emptied)) >= h.prof.QueueMaxIdleTime
	h.EachQueued(i, func(m MsgID, s Status, deferred bool) {
		p := h.store.Cold[m].Priority
		l.ByPriority[p]++
		if deferred {
			l.DeferredByPriority[p]++
		}
	})
	return l
}

// status is the state that the queue viewer shows.
func (q *queue) status() Status {
	switch {
	case q.suspended:
		return StatusSuspended
	case q.state == probing:
		return StatusConnecting
	case q.state != Active:
		return StatusRetry
	case q.sending > 0: // whatever further connections meet
		return StatusActive
	case q.setting > 0:
		return StatusConnecting
	}
	return StatusReady
}

// EachQueued visits the copies of a delivery queue: those in transmission by connection, those that wait in their order, those that are put
// off or suspended one by one.
func (h *Hub) EachQueued(i int, f func(m MsgID, s Status, deferred bool)) {
	q := &h.queues[i]
	if q.sending > 0 {
		for c := range h.conns {
			if k := &h.conns[c]; k.sends() && k.queue == int32(i) {
				f(k.msg, k.shows(), false)
			}
		}
	}
	s := StatusReady
	if q.state != Active {
		s = StatusRetry
	}
	for m := q.waiting.head; m != 0; m = h.store.links[m].next {
		f(m, s, false)
	}
	for _, d := range q.deferred {
		if d.suspended() {
			f(d.msg, StatusSuspended, false)
		} else {
			f(d.msg, StatusRetry, true)
		}
	}
}

// EachSubmitted visits the copies that wait for the categoriser, in their order, and behind them those that are put off until the directory answers.
// Those in its work are the driver's to know.
func (h *Hub) EachSubmitted(f func(m MsgID, deferred bool)) {
	h.each(&h.submission, func(m MsgID) { f(m, false) })
	for _, d := range h.unsolved {
		f(d.msg, true)
	}
}

// UnreachableSuspended tells whether the Unreachable queue is suspended.
func (h *Hub) UnreachableSuspended() bool { return h.kept }

// EachUnreachable visits the copies of the Unreachable queue, in their order, and those behind them that an operator suspended.
func (h *Hub) EachUnreachable(f func(MsgID, Status)) {
	h.each(&h.unreachable, func(m MsgID) { f(m, StatusReady) })
	for _, m := range h.aside {
		f(m, StatusSuspended)
	}
}

func (h *Hub) each(l *list, f func(MsgID)) {
	for m := l.head; m != 0; m = h.store.links[m].next {
		f(m)
	}
}

// ExpiresAt is when a copy is given up if it still waits on this server.
func (h *Hub) ExpiresAt(m MsgID) simtime.Time {
	return h.prof.Reports.Of(h.class(m)).ExpiresAt(h.store.Hot[m].Accepted)
}

// noTarget is the target of an attempt without candidates.
func noTarget() route.Target { return route.Target{ID: topology.None} }
