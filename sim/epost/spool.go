package epost

import (
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// fifo is a queue of pairs that can be put back at its front.
type fifo struct {
	items []item
	head  int
}

func (q *fifo) len() int { return len(q.items) - q.head }

func (q *fifo) push(it item) { q.items = append(q.items, it) }

func (q *fifo) pushFront(it item) {
	if q.head == 0 {
		const room = 64
		q.items = append(make([]item, room, room+len(q.items)), q.items...)
		q.head = room
	}
	q.head--
	q.items[q.head] = it
}

func (q *fifo) pop() item {
	it := q.items[q.head]
	q.head++
	switch {
	case q.head == len(q.items):
		q.items, q.head = q.items[:0], 0
	case q.head > 1024 && q.head > len(q.items)/2: // so that a spool that is never empty does not grow for ever
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	return it
}

// parked is a pair in holding.
type parked struct {
	item
	at     simtime.Time
	serial uint64 // of those due at one instant the one that failed first comes first
}

func (a *parked) before(b *parked) bool { return a.at < b.at || a.at == b.at && a.serial < b.serial }

// heap is a binary heap by instant and serial.
type heap struct{ items []parked }

func (h *heap) len() int { return len(h.items) }

func (h *heap) first() *parked { return &h.items[0] }

func (h *heap) push(p parked) {
	h.items = append(h.items, p)
	for i := len(h.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.items[i].before(&h.items[up]) {
			return
		}
		h.items[i], h.items[up] = h.items[up], h.items[i]
		i = up
	}
}

func (h *heap) pop() parked {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	for i := 0; ; {
		least := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < last && h.items[k].before(&h.items[least]) {
				least = k
			}
		}
		if least == i {
			return top
		}
		h.items[i], h.items[least] = h.items[least], h.items[i]
		i = least
	}
}

// Pair is a message with its envelope in the mail work folder, as an operator finds it.
type Pair struct {
	Msg   transport.MsgID
	Tries int          // failed attempts; 0: it lies in incoming, else in holding
	Next  simtime.Time // when it is tried again; Never = as soon as a thread is free
	Works bool         // a thread works on it
}

// Each calls f for every pair: those at work by thread, those that are ready in their order, those that wait for a retry in no order.
func (s *Server) Each(f func(Pair)) {
	for i := range s.threads {
		if t := &s.threads[i]; t.busy {
			f(Pair{Msg: t.msg, Tries: int(t.tries), Next: simtime.Never, Works: true})
		}
	}
	for _, it := range s.ready.items[s.ready.head:] {
		f(Pair{Msg: it.msg, Tries: int(it.tries), Next: simtime.Never})
	}
	for i := range s.holding.items {
		f(Pair{Msg: s.holding.items[i].msg, Tries: int(s.holding.items[i].tries), Next: s.holding.items[i].at})
	}
}
