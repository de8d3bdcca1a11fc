package transport

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// class is the priority by which a copy is treated.
func (h *Hub) class(m MsgID) Priority {
	if !h.prof.Reports.PriorityQueueing {
		return PriorityNormal
	}
	return h.prof.Reports.Class(h.store.Cold[m].Priority, h.store.Hot[m].Size)
}

// watch notes when the clock of a copy runs out that the server has just accepted, as the first of its class.
func (h *Hub) watch(now simtime.Time, class Priority) {
	t := h.prof.Reports.Of(class)
	h.ageAt = min(h.ageAt, now.Add(t.Delay), now.Add(t.Expiry))
}

// twin adds a copy that is split off another and as old as it.
func (h *Hub) twin(of MsgID, c Copy, t Tail) MsgID {
	m := h.store.New(c, t)
	h.bytes += int64(c.Size)
	h.aging[h.class(of)].split(h.store.links, of, m)
	h.store.shareShadow(of, m)
	return m
}

// old tells whether a copy has been on the server for its expiry time.
func (h *Hub) old(now simtime.Time, m MsgID) bool {
	life := h.prof.Reports.Expiry
	if h.prof.Reports.PriorityQueueing {
		life = h.prof.Reports.Of(h.class(m)).Expiry
	}
	return now.Sub(h.store.Hot[m].Accepted) >= life
}

// age reports the copies that are late by now and gives up those that have come to their end, and finds when the next ones do.
func (h *Hub) age(now simtime.Time, out []Action) []Action {
	h.ageAt = simtime.Never
	for class := range h.aging {
		l, t := &h.aging[class], h.prof.Reports.Of(Priority(class))
		for m := l.takeDelay(h.store, now, t.Delay); m != 0; m = l.takeDelay(h.store, now, t.Delay) {
			out = h.report(now, m, DelayReport, Delayed, out)
		}
		for m := l.takeExpiry(h.store, now, t.Expiry); m != 0; m = l.takeExpiry(h.store, now, t.Expiry) {
			out = h.expire(now, m, out)
		}
		h.ageAt = min(h.ageAt, l.nextDelay(h.store, t.Delay), l.nextExpiry(h.store, t.Expiry))
	}
	return out
}

// expire gives up a copy that waits, whatever for: a distribution group whose expansion server does not answer is no exception. One that is in transmission or in the categoriser goes on, and is looked at again when it comes back to a queue.
func (h *Hub) expire(now simtime.Time, m MsgID, out []Action) []Action {
	switch i := h.store.Cold[m].spot; i {
	case spotSubmission, spotCategoriser, spotPoison:
		h.passed = true
		return out
	case spotUnreachable:
		h.takeUnreachable(m)
		h.stats.Unreachable.Add(now, -1)
	default:
		q := &h.queues[i]
		if !h.takeOut(q, m) {
			return out
		}
		h.shrank(now, q)
		q.emptied = now
	}
	return h.bounce(now, m, Expired, out)
}

// takeOut removes a copy from a queue, wherever it waits there; false when it is in transmission.
func (h *Hub) takeOut(q *queue, m MsgID) bool {
	if q.ranks != nil && h.takeOutRanked(q, m) {
		return true
	}
	if h.store.links.in(&q.waiting, m) {
		if place, ok := h.among(q, m); ok {
			q.returned = slices.Delete(q.returned, place, place+1)
		}
		h.store.links.take(&q.waiting, m)
		return true
	}
	i := slices.IndexFunc(q.deferred, func(d deferral) bool { return d.msg == m })
	if i >= 0 {
		q.deferred = slices.Delete(q.deferred, i, i+1)
	}
	return i >= 0
}

// among finds a copy among those at the head of a waiting list that had left it and came back.
func (h *Hub) among(q *queue, m MsgID) (int, bool) {
	at := q.waiting.head
	for i := range q.returned {
		if at == m {
			return i, true
		}
		at = h.store.links[at].next
	}
	return 0, false
}

// catchUp gives up what came to its end while the service was stopped, and starts the clocks again.
func (h *Hub) catchUp(now simtime.Time, out []Action) []Action {
	out = h.age(now, out)
	// What was in transmission when the service stopped may have been passed over.
	for i := range h.queues {
		for m := h.queues[i].waiting.head; m != 0; {
			next := h.store.links[m].next
			if h.old(now, m) {
				out = h.expire(now, m, out)
			}
			m = next
		}
		for _, d := range slices.Clone(h.queues[i].deferred) {
			if h.old(now, d.msg) {
				out = h.expire(now, d.msg, out)
			}
		}
	}
	return out
}

// report makes a report on a copy to its sender, as a message of this server that has no sender itself. It is submitted here.
func (h *Hub) report(now simtime.Time, of MsgID, kind ReportKind, why Code, out []Action) []Action {
	s := h.store
	sender := s.Cold[of].Sender
	r := &h.prof.Reports
	to, outside := ReportTo(h.tab.View(), sender)
	if d := h.book.Destination(s.sets[s.Hot[of].Set].entries[0].Dest); d.Kind == route.Nowhere { // F22: the sender is forged, and who is told has sent nothing
		to = route.Destination{Kind: route.External, Domain: d.Domain}
	}
	if !r.Wanted(kind, ReportOrigin{NullSender: s.Cold[of].Null, Resubmitted: s.Cold[of].Repeats&Resubmitted != 0, Outside: outside}) {
		return out
	}
	h.reports++
	m := s.New(Copy{
		Message: ReportNumber(h.id, h.reports), Accepted: now, Created: now, Size: r.Size(kind, s.Hot[of].Size),
		Set: s.NewSet([]Recipients{{Dest: h.book.Dest(to), Count: 1}}),
	}, Tail{Sender: h.id, Null: true})
	out = append(out, Action{Kind: Created, Code: why, Conn: ConnID(of), Msg: m})
	return h.accept(now, Input{Kind: Submitted, Msg: m}, out)
}

// ReportTo returns where a report to the sender of a message goes, and whether that is outside the organisation. The mailboxes of an E-Post
// server are: they have addresses in its domain.
func ReportTo(org *topology.Organisation, sender topology.ServerID) (to route.Destination, outside bool) {
	if sender == topology.None {
		return route.Destination{Kind: route.External, Domain: route.OutsideDomain}, true
	}
	if d := org.Servers[sender].Domains; len(d) > 0 {
		return route.Destination{Kind: route.External, Domain: d[0]}, true
	}
	return route.Destination{Kind: route.Mailbox, Server: sender}, false
}

// ReportNumber is the message integer of a server's n-th report: apart from those of submitted messages, and of other servers' reports.
func ReportNumber(s topology.ServerID, n uint64) uint64 { return 1<<63 | uint64(s)<<40 | n }

// Report tells whether a copy is that of a delivery report.
func (c *Copy) Report() bool { return c.Message>>63 == 1 }
