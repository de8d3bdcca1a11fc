package transport

import (
	"cmp"
	"slices"

	"mailsim/sim/simtime"
)

// deferral is a copy outside the waiting list of its queue, with its place there: put off by the other side until an instant, suspended
// by an operator, or on its way back.
type deferral struct {
	msg   MsgID
	entry uint64
	until simtime.Time // Never = suspended
}

func (d *deferral) suspended() bool { return d.until == simtime.Never }

// putOffs is how many copies of a queue are put off; the others of its deferred ones, behind them, are suspended.
func (q *queue) putOffs() int {
	n, _ := slices.BinarySearchFunc(q.deferred, simtime.Never, func(d deferral, t simtime.Time) int { return cmp.Compare(d.until, t) })
	return n
}

// takeFirst takes the oldest waiting copy of a queue. Its entry number is its place: copies leave in the order in which they entered
// so numbers are given when they leave for the first time.
func (h *Hub) takeFirst(q *queue) (MsgID, uint64) {
	entry := q.taken
	if len(q.returned) > 0 {
		entry, q.returned = q.returned[0], q.returned[1:]
	} else {
		q.taken++
	}
	return h.store.popFront(&q.waiting), entry
}

// putBack returns copies to their places in the waiting list: before all that never left it.
func (h *Hub) putBack(q *queue, back ...deferral) {
	if q.ranks != nil {
		h.putBackRanked(q, back)
		return
	}
	for _, e := range q.returned {
		back = append(back, deferral{msg: h.store.popFront(&q.waiting), entry: e})
	}
	slices.SortFunc(back, func(a, b deferral) int { return cmp.Compare(a.entry, b.entry) })
	q.returned = make([]uint64, len(back))
	for i, d := range slices.Backward(back) {
		h.store.pushFront(&q.waiting, d.msg)
		q.returned[i] = d.entry
	}
}

// putOff defers one copy for the profile's MessageRetryInterval: its queue stays Active and does not count it.
func (h *Hub) putOff(now simtime.Time, q *queue, d deferral) {
	// One interval for all, so the list stays in order of its instants.
	q.deferred = slices.Insert(q.deferred, q.putOffs(), d)
	q.stats.PutOff++
	h.deferAt = min(h.deferAt, d.until)
	h.plan()
}

// undefer returns the copies whose wait is over to their queues and finds when the next ones come.
func (h *Hub) undefer(now simtime.Time) {
	h.deferAt = simtime.Never
	if len(h.unsolved) > 0 {
		h.deferAt = h.unsolved[0].until
	}
	for i := range h.queues {
		q := &h.queues[i]
		n := 0
		for n < len(q.deferred) && q.deferred[n].until <= now {
			n++
		}
		if n > 0 {
			h.putBack(q, q.deferred[:n:n]...) // clipped: putBack appends
			q.deferred = slices.Delete(q.deferred, 0, n)
			h.gained(int32(i))
		}
		if len(q.deferred) > 0 {
			h.deferAt = min(h.deferAt, q.deferred[0].until)
		}
	}
	h.plan()
}

// restore returns every copy of a queue that is put off to its place at once. Suspended ones stay.
func (h *Hub) restore(q *queue) {
	if n := q.putOffs(); n > 0 {
		h.putBack(q, q.deferred[:n:n]...)
		q.deferred = slices.Delete(q.deferred, 0, n)
	}
}

// gained makes a queue due when a copy that joined it gives it something to do.
func (h *Hub) gained(i int32) {
	if h.queues[i].gained() {
		h.mark(i)
	}
}

// forget lets a queue in Retry begin anew that has been empty for the profile's QueueMaxIdleTime: the server has removed it by then, so
// its retry stage is gone. Before that the stage waits for mail to come. Empty it has been since its last message was taken out or its last
// connection ended.
func (h *Hub) forget(now simtime.Time, q *queue) {
	if q.open > 0 || q.length() > 0 || now.Sub(max(q.closed, q.emptied)) < h.prof.QueueMaxIdleTime {
		return
	}
	h.setState(now, q, Active)
	q.retries = 0
}
