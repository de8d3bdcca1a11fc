package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// splitPart collects the recipients of one next-hop key while a copy is split.
type splitPart struct {
	hop     route.Hop
	entries []Recipients
}

// accept takes responsibility for a copy and puts it into the submission queue.
func (h *Hub) accept(now simtime.Time, in Input, out []Action) []Action {
	m := in.Msg
	s := h.store
	s.Hot[m].Accepted = now // QD-7: each hop restarts the clock
	c := &s.Cold[m]
	c.Relayed = in.Kind == Offered
	c.Path = s.paths.extend(c.Path, h.id)
	n := int64(s.sets[s.Hot[m].Set].total)
	h.held += n
	h.stats.Recipients.Set(now, h.held)
	h.stats.Accepted++
	h.stats.Submission.Add(now, 1)
	if int(h.working) < h.prof.CategoriserWorkers && h.submission.n == 0 {
		h.working++
		return append(out, Action{Kind: Categorise, Msg: m})
	}
	s.pushBack(&h.submission, m)
	return out
}

// nextCategorise starts the categoriser on waiting copies while a worker is free (Q-3.1: one message at a time per worker).
func (h *Hub) nextCategorise(out []Action) []Action {
	for h.submission.n > 0 && int(h.working) < h.prof.CategoriserWorkers {
		h.working++
		out = append(out, Action{Kind: Categorise, Msg: h.store.popFront(&h.submission)})
	}
	return out
}

// categorised routes a copy by the table of this instant: recipients with one key travel as one copy, others get copies of
// their own.
func (h *Hub) categorised(now simtime.Time, m MsgID, out []Action) []Action {
	h.working--
	h.stats.Submission.Add(now, -1)
	s := h.store
	// D-19: a copy that comes back for the loop_limit-th time is bounced.
	if limit := h.prof.LoopLimit; limit > 0 && int(s.Visits(s.Cold[m].Path)) > limit {
		return h.nextCategorise(h.bounce(now, m, LoopDetected, out))
	}
	entries := s.sets[s.Hot[m].Set].entries
	size := int64(s.Hot[m].Size)
	first, same := route.Hop{}, true
	if len(entries) == 1 {
		first = h.tab.Hop(h.id, entries[0].Dest, size)
	} else {
		// how the recipients of one message travel together is decided for all of them at once.
		h.dests = h.dests[:0]
		for i := range entries {
			h.dests = append(h.dests, entries[i].Dest)
		}
		h.hops = h.tab.Hops(h.id, h.dests, size, h.hops[:0])
		first = h.hops[0]
		for _, hop := range h.hops[1:] {
			same = same && hop == first
		}
	}
	if same {
		out = h.place(now, m, first, out)
	} else {
		out = h.bifurcate(now, m, out)
	}
	return h.nextCategorise(out)
}

// bifurcate splits a copy by the next hops that h.hops says for its recipients, in order of the first recipient of each.
func (h *Hub) bifurcate(now simtime.Time, m MsgID, out []Action) []Action {
	s := h.store
	hot, cold := s.Hot[m], s.Cold[m]
	parts := h.split[:0]
	for r, e := range s.sets[hot.Set].entries {
		hop := h.hops[r]
		i := 0
		for i < len(parts) && parts[i].hop != hop {
			i++
		}
		if i == len(parts) {
			if i < cap(parts) {
				parts = parts[:i+1]
			} else {
				parts = append(parts, splitPart{})
			}
			parts[i].hop, parts[i].entries = hop, parts[i].entries[:0]
		}
		parts[i].entries = append(parts[i].entries, e)
	}
	h.split = parts
	for i := range parts {
		c := m
		if i > 0 {
			t := hot
			t.Set = s.NewSet(parts[i].entries)
			c = s.New(t, cold)
		} else {
			s.Unref(hot.Set)
			s.Hot[m].Set = s.NewSet(parts[0].entries)
		}
		out = h.place(now, c, parts[i].hop, out)
	}
	return out
}

// place puts a categorised copy where its routing says.
func (h *Hub) place(now simtime.Time, m MsgID, hop route.Hop, out []Action) []Action {
	switch hop.Outcome {
	case route.Queued:
		i := h.queueFor(hop.Key)
		q := &h.queues[i]
		if q.state != Active {
			h.forget(now, q)
		}
		h.store.pushBack(&q.waiting, m) // : a queue in Retry takes mail, which waits for the same timer
		h.resized(now, q, 1)
		h.gained(i)
		return out
	case route.NoRoute: // no report; waits for a change of configuration
		h.store.pushBack(&h.unreachable, m)
		h.stats.Unreachable.Add(now, 1)
		if h.unreachable.n == 1 {
			out = append(out, Action{Kind: Unroutable, Msg: m})
		}
		return out
	case route.TooLarge:
		return h.bounce(now, m, TooLarge, out)
	case route.NoRecipient: // D-27
		return h.bounce(now, m, NoRecipient, out)
	case route.Expand:
		// Distribution groups reach the core only when the driver can make their members' copies; until then no scenario has one.
		panic("transport: Hub.place: a distribution group, which nobody expands")
	default:
		return h.bounce(now, m, NoConnector, out)
	}
}

// bounce gives a copy up; the driver accounts for it and frees it.
func (h *Hub) bounce(now simtime.Time, m MsgID, why Code, out []Action) []Action {
	h.leave(now, m)
	h.stats.Bounced++
	return append(out, Action{Kind: Bounced, Code: why, Msg: m})
}

// leave takes a copy off the server's books.
func (h *Hub) leave(now simtime.Time, m MsgID) {
	n := int64(h.store.Recipients(m))
	h.held -= n
	h.stats.Recipients.Set(now, h.held)
	h.stats.Stays.Add(n, int64(now-h.store.Hot[m].Accepted))
}

// Reroute gives the hub a new view: the only way one reaches it. Copies in the Unreachable queue (Q-8.5c) and in queues whose key is
// no longer alive (R-6.10, D-21) go back to the categoriser; other queues stay as they are.
func (h *Hub) Reroute(now simtime.Time, tab *route.Table, out []Action) []Action {
	h.tab = tab
	for i := range h.queues {
		q := &h.queues[i]
		q.listed = false
		if !tab.Alive(h.id, q.key) {
			h.takeBack(now, q)
		}
	}
	h.takeBackUnreachable(now)
	if h.halted {
		return out
	}
	return h.nextCategorise(out)
}

// takeBackUnreachable moves the copies of the Unreachable queue to the submission queue, in order.
func (h *Hub) takeBackUnreachable(now simtime.Time) {
	if n := h.unreachable.n; n > 0 {
		h.appendAll(&h.submission, &h.unreachable)
		h.stats.Unreachable.Add(now, -int64(n))
		h.stats.Submission.Add(now, int64(n))
	}
}

// takeBack moves the copies of a queue to the submission queue, in order, deferred ones too. Copies in transmission go on. The
// retry stage stays as it is (Q-8.6, QD-8).
func (h *Hub) takeBack(now simtime.Time, q *queue) {
	h.restore(q)
	n := q.waiting.n
	if n == 0 {
		return
	}
	q.returned = nil
	q.emptied = now
	h.appendAll(&h.submission, &q.waiting)
	h.resized(now, q, -int64(n))
	h.stats.Submission.Add(now, int64(n))
}

func (h *Hub) appendAll(to, from *list) {
	for from.n > 0 {
		h.store.pushBack(to, h.store.popFront(from))
	}
}
