package transport

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// A receiver takes only so many recipients in one transaction; to the others it says 452, and the sender sends the message for them in a further transaction
// (RFC 5321, 4.5.3.1.10), on the same connection while that carries more messages.

// Head adds a copy like m for its first n recipients in order of destinations; m must have more.
func (s *Store) Head(book *route.Book, m MsgID, n int32) MsgID {
	head, _ := s.cutAfter(book, m, n)
	c := s.Hot[m]
	c.Set = s.NewSet(head)
	return s.New(c, s.Cold[m])
}

// DropHead takes the first n recipients off a copy: those for whom Head made a copy.
func (s *Store) DropHead(book *route.Book, m MsgID, n int32) {
	_, rest := s.cutAfter(book, m, n)
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = s.NewSet(rest)
}

// Retain leaves a copy for some of its recipients only: at least one, ascending by destination.
func (s *Store) Retain(m MsgID, to []Recipients) {
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = s.NewSet(to)
}

// cutAfter cuts the recipients of a copy after the first n. For a message that may come twice the rest of a destination says which of its mailboxes are meant
// as between envelopes.
func (s *Store) cutAfter(book *route.Book, m MsgID, n int32) (head, rest []Recipients) {
	for _, e := range s.Entries(s.Hot[m].Set) {
		taken := min(e.Count, n)
		n -= taken
		if taken > 0 {
			head = append(head, Recipients{Dest: e.Dest, Count: taken})
		}
		if e.Count -= taken; e.Count == 0 {
			continue
		}
		if d := book.Destination(e.Dest); taken > 0 && s.Cold[m].Repeats != 0 && d.Kind == route.Mailbox {
			d.First += taken
			e.Dest = book.Dest(d)
		}
		rest = append(rest, e)
	}
	slices.SortFunc(rest, byDestination)
	return head, rest
}

// without returns the recipients of a set that are not among those of another, which are some of them. Where a part of a destination is meant, its First says which.
func (s *Store) without(book *route.Book, some, all SetID) []Recipients {
	var rest []Recipients
	out := s.Entries(some)
	for _, e := range s.Entries(all) {
		d := book.Destination(e.Dest)
		for from, to := d.First, d.First+e.Count; from < to; {
			next, n := to, int32(0)
			for _, x := range out {
				y := book.Destination(x.Dest)
				first := y.First
				if y.First = d.First; y == d && first >= from && first < next {
					next, n = first, x.Count
				}
			}
			if next > from {
				part := d
				part.First = from
				rest = append(rest, Recipients{Dest: book.Dest(part), Count: next - from})
			}
			from = next + n
		}
	}
	slices.SortFunc(rest, byDestination)
	return rest
}

// unsent deals with a message that the other side did not take, or only for its first recipients.
func (h *Hub) unsent(now simtime.Time, in Input, q *queue, m MsgID, out []Action) []Action {
	k := &h.conns[in.Conn]
	if in.Code == TookPart {
		n := int64(in.Msg)
		h.held -= n
		h.stats.Recipients.Set(now, h.held)
		h.stats.Stays.Add(n, int64(now-h.store.Hot[m].Accepted))
		h.stats.Transferred++
		h.store.DropHead(h.book, m, int32(in.Msg))
	}
	switch {
	case k.state != connSending:
		return h.decided(now, q, k.state, deferral{msg: m, entry: k.entry}, out)
	case in.Code == UserUnknown, in.Code == OverSize:
		h.shrank(now, q)
		return h.bounce(now, m, in.Code, out)
	case h.old(now, m): // its end came while it was in transmission
		h.shrank(now, q)
		return h.bounce(now, m, Expired, out)
	case in.Code == TookPart:
		h.putBack(q, deferral{msg: m, entry: k.entry})
	default:
		h.putOffFor(now, k, q, m, in.Code)
	}
	return out
}

// putOffFor lets a copy wait that came with a connection, or was split off what did.
func (h *Hub) putOffFor(now simtime.Time, k *conn, q *queue, m MsgID, why Code) {
	h.setBack(now, m, why, k.target)
	h.putOff(now, q, deferral{m, k.entry, now.Add(h.prof.MessageRetryInterval)})
}

// postponed takes the recipients off the message in transmission that the other side put off: they wait as a copy of their own, in the place that the message has in its
// queue, while the transmission goes on for the others. What an operator wants of the message, and its end, concern both.
func (h *Hub) postponed(now simtime.Time, in Input, out []Action) []Action {
	k := &h.conns[in.Conn]
	q := &h.queues[k.queue]
	s, m := h.store, k.msg
	c := s.Hot[m]
	c.Set = SetID(in.Msg)
	late := h.twin(m, c, s.Cold[m])
	s.Retain(m, s.without(h.book, c.Set, s.Hot[m].Set))
	h.grew(now, q)
	switch {
	case k.state != connSending:
		return h.decided(now, q, k.state, deferral{msg: late, entry: k.entry}, out)
	case h.old(now, late):
		h.shrank(now, q)
		return h.bounce(now, late, Expired, out)
	}
	h.putOffFor(now, k, q, late, in.Code)
	return out
}

// declined takes the recipients off the message in transmission that the other side refused for good: they leave as a copy of their own, with a report to the
// sender. The transmission goes on for the others. Who breaks off a message before its reply never says this.
func (h *Hub) declined(now simtime.Time, in Input, out []Action) []Action {
	m := h.conns[in.Conn].msg
	s := h.store
	head, rest := s.cutAfter(h.book, m, s.Recipients(m)-int32(in.Msg))
	c := s.Hot[m]
	c.Set = s.NewSet(rest)
	refused := h.twin(m, c, s.Cold[m])
	s.Retain(m, head)
	return h.bounce(now, refused, UserUnknown, out)
}
