package transport

import (
	"cmp"
	"fmt"
	"slices"
)

// ranks are what a queue knows of the classes of its copies under priority queueing; without it a queue has none. The queue's waiting list
// then stands in order of delivery: high, normal, low, each first in, first out.
//
// A connection belongs to a class: while it is set up to the one that wanted it, while it sends to that of its copy. One that is free goes to the
// first class in order that has less than it wants, or else stays with its own. So a copy of high priority waits for no connection of its own, a
// class has no more connections at a time than its ceiling, and what it lends to a higher one it opens once, not with every message.
type ranks struct {
	last     [NumPriorities]MsgID    // the last copy of the class in the waiting list; 0 = none waits
	waiting  [NumPriorities]int32    // copies
	sending  [NumPriorities]int32    // copies
	setting  [NumPriorities]int32    // connections in set-up
	returned [NumPriorities][]uint64 // as in queue, by class

	shares bool  // the classes are those of demotion.go, without ceilings of their own
	run    int32 // ordinary copies served while a demoted one waits
}

// noClass says that a connection has nothing to do.
const noClass = NumPriorities

// behind returns the copy behind which the copies of a class begin; 0 = they are the first.
func (k *ranks) behind(class Priority) MsgID {
	at := MsgID(0)
	for _, p := range priorityOrder() {
		if p == class {
			break
		}
		if k.last[p] != 0 {
			at = k.last[p]
		}
	}
	return at
}

// first returns the first copy of a class in the waiting list, which must have one.
func (h *Hub) first(q *queue, class Priority) MsgID {
	if at := q.ranks.behind(class); at != 0 {
		return h.store.links[at].next
	}
	return q.waiting.head
}

// enter adds a copy to the end of its class.
func (h *Hub) enter(q *queue, m MsgID) {
	if q.ranks.shares {
		h.judge(m)
	}
	k, class := q.ranks, h.rank(q, m)
	at := k.last[class]
	if at == 0 {
		at = k.behind(class)
	}
	h.store.links.insert(&q.waiting, at, m)
	k.last[class] = m
	k.waiting[class]++
}

// exit takes a copy out of the waiting list, from wherever it stands.
func (h *Hub) exit(q *queue, m MsgID, class Priority) {
	k := q.ranks
	k.waiting[class]--
	if k.last[class] == m {
		k.last[class] = h.store.links[m].prev
		if k.waiting[class] == 0 {
			k.last[class] = 0
		}
	}
	h.store.links.take(&q.waiting, m)
}

// takeRanked takes the oldest waiting copy of a class, with its entry number: of one class copies leave in the order in which they entered.
func (h *Hub) takeRanked(q *queue, class Priority) (MsgID, uint64) {
	k := q.ranks
	entry := q.taken
	if r := k.returned[class]; len(r) > 0 {
		entry, k.returned[class] = r[0], r[1:]
	} else {
		q.taken++
	}
	m := h.first(q, class)
	h.exit(q, m, class)
	return m, entry
}

// transmitNext sends the next copy of a special queue on a free connection.
func (h *Hub) transmitNext(c ConnID, out []Action) []Action {
	k := &h.conns[c]
	q := &h.queues[k.queue]
	if q.ranks == nil {
		k.msg, k.entry = h.takeFirst(q)
	} else {
		k.class = h.server(q, k.class)
		q.ranks.sending[k.class]++
		k.msg, k.entry = h.takeRanked(q, k.class)
		q.ranks.shared(k.class)
	}
	k.sent++
	q.sending++
	return append(out, Action{Kind: Send, Conn: c, Msg: k.msg})
}

// served ends a transmission of a special queue, dials begins a connection of one and dialled ends its set-up: for its class.
func (q *queue) served(c *conn) {
	if q.ranks != nil {
		q.ranks.sending[c.class]--
	}
}

func (h *Hub) dials(q *queue, c ConnID) {
	if q.ranks == nil {
		return
	}
	class := h.opener(q)
	if class == noClass { // a retry needs a message, not room by the threshold
		class = h.prober(q)
	}
	h.conns[c].class = class
	q.ranks.setting[class]++
}

func (q *queue) dialled(c *conn) {
	if q.ranks != nil {
		q.ranks.setting[c.class]--
	}
}

// putBackRanked returns copies to their places, each in its class: before all that never left it.
func (h *Hub) putBackRanked(q *queue, back []deferral) {
	k := q.ranks
	for _, class := range priorityOrder() {
		var list []deferral
		for _, d := range back {
			if h.rank(q, d.msg) == class {
				list = append(list, d)
			}
		}
		if len(list) == 0 {
			continue
		}
		for _, e := range k.returned[class] {
			m := h.first(q, class)
			h.exit(q, m, class)
			list = append(list, deferral{msg: m, entry: e})
		}
		slices.SortFunc(list, func(a, b deferral) int { return cmp.Compare(a.entry, b.entry) })
		k.returned[class] = make([]uint64, len(list))
		at := k.behind(class)
		for i, d := range list {
			h.store.links.insert(&q.waiting, at, d.msg)
			at = d.msg
			k.returned[class][i] = d.entry
		}
		if k.waiting[class] == 0 {
			k.last[class] = at
		}
		k.waiting[class] += int32(len(list))
	}
}

// takeOutRanked removes a copy that waits; false when it does not.
func (h *Hub) takeOutRanked(q *queue, m MsgID) bool {
	if !h.store.links.in(&q.waiting, m) {
		return false
	}
	k, class := q.ranks, h.rank(q, m)
	at := h.first(q, class)
	for i := range k.returned[class] {
		if at == m {
			k.returned[class] = slices.Delete(k.returned[class], i, i+1)
			break
		}
		at = h.store.links[at].next
	}
	h.exit(q, m, class)
	return true
}

// emptied forgets the waiting copies, which are gone.
func (k *ranks) emptied() {
	k.last, k.waiting, k.returned = [NumPriorities]MsgID{}, [NumPriorities]int32{}, [NumPriorities][]uint64{}
}

// open returns the connections of each class.
func (k *ranks) open() (n [NumPriorities]int32) {
	for p := range n {
		n[p] = k.setting[p] + k.sending[p]
	}
	return n
}

// wanted is by class: what the copies of each want, those in transmission included.
func (h *Hub) wanted(q *queue) [NumPriorities]int32 {
	var counts [NumPriorities]int32
	for p := range counts {
		counts[p] = q.ranks.waiting[p] + q.ranks.sending[p]
	}
	return h.prof.Priorities.wantByClass(counts, q.threshold, q.ceiling)
}

// opener returns the class for which a queue may open a connection, the first in order of delivery; noClass when none may.
func (h *Hub) opener(q *queue) Priority {
	if q.open >= q.ceiling {
		return noClass
	}
	if q.ranks.shares {
		if q.room() {
			return q.ranks.nextShare()
		}
		return noClass
	}
	open, wanted := q.ranks.open(), h.wanted(q)
	for _, p := range priorityOrder() {
		if open[p] < wanted[p] {
			return p
		}
	}
	return noClass
}

// room is that of a queue with or without classes.
func (h *Hub) room(q *queue) bool {
	if q.ranks != nil {
		return h.opener(q) != noClass
	}
	return q.room()
}

// server returns the class whose oldest copy a free connection takes, which served the class own; noClass when there is none. with
// and: a class takes a connection that it wants from whoever has it, and one that has what it wants keeps the others until nothing of it waits.
func (h *Hub) server(q *queue, own Priority) Priority {
	k := q.ranks
	if k.shares {
		return k.nextShare()
	}
	open, wanted := k.open(), h.wanted(q)
	for _, p := range priorityOrder() {
		if k.waiting[p] > 0 && open[p] < wanted[p] {
			return p
		}
	}
	if k.waiting[own] > 0 && open[own] < int32(h.prof.Priorities[own]) {
		return own
	}
	return noClass
}

// prober returns the class for which a retry is made, the first that has a copy waiting and is below its ceiling; noClass when there is none.
func (h *Hub) prober(q *queue) Priority {
	k := q.ranks
	if k.shares {
		return k.nextShare()
	}
	for _, p := range priorityOrder() {
		if k.waiting[p] > 0 && k.setting[p]+k.sending[p] < int32(h.prof.Priorities[p]) {
			return p
		}
	}
	return noClass
}

// refrains tells whether a special queue has nothing that a free connection of it may take now.
//
//go:noinline
func (h *Hub) refrains(q *queue, c *conn) bool {
	return h.stands(q) || q.ranks != nil && h.server(q, c.class) == noClass
}

// checkRanks returns the first broken invariant of a queue's classes.
func (h *Hub) checkRanks(q *queue) error {
	k := q.ranks
	var waiting, sending, setting int32
	for _, p := range priorityOrder() {
		waiting, sending, setting = waiting+k.waiting[p], sending+k.sending[p], setting+k.setting[p]
		switch open := k.setting[p] + k.sending[p]; {
		case k.waiting[p] < 0 || k.sending[p] < 0 || k.setting[p] < 0:
			return fmt.Errorf("class %d: negative count", p)
		case !k.shares && open > int32(h.prof.Priorities[p]):
			return fmt.Errorf("class %d: %d connections, ceiling %d", p, open, h.prof.Priorities[p])
		case (k.last[p] == 0) != (k.waiting[p] == 0) || len(k.returned[p]) > int(k.waiting[p]):
			return fmt.Errorf("class %d: %d copies wait, %d came back, the last is %d", p, k.waiting[p], len(k.returned[p]), k.last[p])
		}
	}
	if waiting != q.waiting.n || sending != q.sending || setting != q.setting {
		return fmt.Errorf("%d copies wait, %d are sent, %d connections are set up; by class %d, %d, %d", q.waiting.n, q.sending, q.setting, waiting, sending, setting)
	}
	return nil
}
