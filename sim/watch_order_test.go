package sim

import (
	"fmt"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// watchedQueue is a delivery queue after the last step.
type watchedQueue struct {
	transport.QueueInfo
	started, sessions int64               // retries begun, sessions that became ready
	place             map[identity]uint64 // of its copies: the order in which they entered
	sending           map[identity]bool   // of its copies: those in transmission
	entered           uint64
	counted           int          // messages that wait and in transmission: not those put off or suspended
	held              simtime.Time // when it was last seen with something in it
	limited           bool         // an attempt failed while others lived, and it has not had what it wants since
	epoch             uint16       // of the service: its stops
	asked             bool         // an operator asks for a retry, which has not begun
	open              int32        // connections at the end of the instant before

	attempts, failed, ready int // connections in the last step: begun, given up in set-up, that became ready
}

func newWatchedQueue() watchedQueue {
	return watchedQueue{place: map[identity]uint64{}, sending: map[identity]bool{}}
}

// order is with, from outside: of a class the copies that wait stand in the order in which they entered the queue, those that
// were put off or cut off included, and what begins to be transmitted is older than all that wait. Classes stand and leave in their order.
func (w *watch) order(s, i int, q *watchedQueue) error {
	h := w.hosts[s].hub
	p := h.Profile()
	var (
		begun, waiting []identity
		under          [transport.NumPriorities]int32 // in transmission
		putOff         int
	)
	place, sending := make(map[identity]uint64, len(q.place)), map[identity]bool{}
	h.EachQueued(i, func(m transport.MsgID, status transport.Status, deferred bool) {
		id := w.identity(m)
		at, known := q.place[id]
		if !known && deferred {
			at, known = q.placeOfRest(id)
		}
		if !known {
			q.entered++
			at = q.entered
		}
		place[id] = at
		switch {
		case status == transport.StatusActive, status == transport.StatusPendingSuspend, status == transport.StatusPendingRemove:
			sending[id] = true
			under[w.class(p, id)]++
			if !q.sending[id] {
				begun = append(begun, id)
			}
		case status == transport.StatusSuspended: // it is not resubmitted, and keeps its place
		case deferred:
			putOff++
		default:
			waiting = append(waiting, id)
			if q.sending[id] {
				w.seen.Returned++
			}
		}
	})
	err := w.sorted(p, waiting, place)
	if err != nil && putOff == 0 && (w.kind == evTimer || w.kind == evFault || w.kind == evDirectory || w.kind == evPressure) {
		// What was resubmitted and is back already has entered anew, behind what came meanwhile, in the order in which it stood.
		var stayed []identity
		for _, id := range waiting {
			if _, ok := q.place[id]; ok {
				stayed = append(stayed, id)
			}
		}
		err = w.sorted(p, stayed, place)
		for _, id := range waiting {
			q.entered++
			place[id] = q.entered
		}
	}
	if err != nil {
		return err
	}
	// A report on what the reply refused came when the next message had been chosen: nobody waited for a connection on its account.
	late := func(id identity) bool {
		_, known := q.place[id]
		return !known && w.kind == evReplied
	}
	var reports [transport.NumPriorities]int
	for _, id := range waiting {
		if late(id) {
			reports[w.class(p, id)]++
		}
	}
	wanted := w.wanted(s, i, reports)
	for _, id := range begun {
		w.seen.Sent++
		for _, older := range waiting {
			if late(older) {
				continue
			}
			higher, class := w.class(p, older), w.class(p, id)
			if higher == class && place[older] < place[id] {
				return fmt.Errorf("Q-2.3: message %d, number %d, is sent while number %d waits", id.message, place[id], place[older])
			}
			if rank(higher) < rank(class) && int(under[higher]+h.Queue(i).Setting) < wanted[higher] {
				return fmt.Errorf("Q-9.1: message %d is sent while one of a higher class waits, of which %d are sent and %d wanted", id.message, under[higher], wanted[higher])
			}
		}
	}
	q.place, q.sending, q.counted = place, sending, len(waiting)+len(sending)
	return nil
}

// class is the class of a copy, Normal without priority queueing.
func (w *watch) class(p *transport.Profile, id identity) transport.Priority {
	return p.Reports.Class(w.store.Cold[id.handle].Priority, w.store.Hot[id.handle].Size)
}

// rank is the place of a class in the order of delivery.
func rank(p transport.Priority) int {
	return [transport.NumPriorities]int{transport.PriorityHigh: 0, transport.PriorityNormal: 1, transport.PriorityLow: 2}[p]
}

// sorted tells whether copies that wait stand by class, and in each by place.
func (w *watch) sorted(p *transport.Profile, waiting []identity, place map[identity]uint64) error {
	for i := 1; i < len(waiting); i++ {
		a, b := waiting[i-1], waiting[i]
		switch ra, rb := rank(w.class(p, a)), rank(w.class(p, b)); {
		case ra > rb:
			return fmt.Errorf("Q-9.1: message %d waits behind one of a lower class", b.message)
		case ra == rb && place[a] >= place[b]:
			return fmt.Errorf("Q-2.3: message %d entered as number %d and waits behind number %d", b.message, place[b], place[a])
		}
	}
	return nil
}

// placeOfRest is the place of the copy that one was split off which is put off for a part of its recipients.
func (q *watchedQueue) placeOfRest(part identity) (uint64, bool) {
	for id := range q.sending {
		if id.message == part.message && id.since == part.since {
			return q.place[id], true
		}
	}
	return 0, false
}
