package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// splitPart collects the recipients of one next-hop key while a copy is split.
type splitPart struct {
	hop     route.Hop
	entries []Recipients
	copy    MsgID
}

// accept takes responsibility for a copy and puts it into the submission queue.
func (h *Hub) accept(now simtime.Time, in Input, out []Action) []Action {
	m := in.Msg
	s := h.store
	hot, c := &s.Hot[m], &s.Cold[m]
	hot.Accepted = now // QD-7: each hop restarts the clock
	c.Relayed = in.Kind == Offered
	age := &h.aging[PriorityNormal]
	if h.prof.Reports.PriorityQueueing {
		age = &h.aging[h.class(m)]
	}
	if age.push(s.links, m); age.idle() {
		age.begin(m)
		h.watch(now, h.class(m))
	}
	n := int64(s.sets[hot.Set].total)
	h.held += n
	h.bytes += int64(hot.Size)
	h.stats.Recipients.Add(now, n)
	h.stats.Accepted++
	h.stats.Submission.Inc(now)
	if c.Path == 0 && h.begins != 0 {
		c.Path = h.begins
	} else {
		c.Path = h.visited(c.Path)
	}
	if int(h.working) < h.prof.CategoriserWorkers && h.submission.n == 0 {
		h.working++
		c.spot = spotCategoriser
		return append(out, Action{Kind: Categorise, Msg: m})
	}
	c.spot = spotSubmission
	s.pushBack(&h.submission, m)
	return out
}

// visited adds this server to a path.
func (h *Hub) visited(p PathID) PathID {
	to := h.store.paths.extend(p, h.id)
	if p == 0 {
		h.begins = to
	}
	return to
}

// nextCategorise starts the categoriser on waiting copies while a worker is free (Q-3.1: one message at a time per worker).
func (h *Hub) nextCategorise(out []Action) []Action {
	if h.submission.n > 0 { // seldom, so that the test alone is inlined
		out = h.startCategorisers(out)
	}
	return out
}

func (h *Hub) startCategorisers(out []Action) []Action {
	for h.submission.n > 0 && int(h.working) < h.prof.CategoriserWorkers {
		h.working++
		m := h.store.links.popFront(&h.submission)
		h.store.Cold[m].spot = spotCategoriser
		out = append(out, Action{Kind: Categorise, Msg: m})
	}
	return out
}

// categorised routes a copy by the table of this instant: recipients with one key travel as one copy, others get copies of
// their own.
func (h *Hub) categorised(now simtime.Time, m MsgID, out []Action) []Action {
	h.working--
	h.stats.Submission.Dec(now)
	s := h.store
	// D-19: a copy that comes back for the loop_limit-th time is bounced; one whose path begins here has not been anywhere.
	if limit, p := h.prof.LoopLimit, s.Cold[m].Path; p != h.begins && limit > 0 && int(s.Visits(p)) > limit {
		return h.nextCategorise(h.bounce(now, m, LoopDetected, out))
	}
	if entries := s.sets[s.Hot[m].Set].entries; len(entries) == 1 && entries[0].Count <= route.EnvelopeLimit && int64(s.Hot[m].Size) <= h.least { // most messages
		if hop := h.tab.Hop(h.id, entries[0].Dest, int64(s.Hot[m].Size)); hop.Outcome == route.Queued {
			return h.nextCategorise(h.place(now, m, hop, out))
		}
	}
	out = h.route(now, m, out)
	h.costly = false
	return h.nextCategorise(out)
}

// refused returns a copy whose one recipient, a list, is refused in the categoriser (F20).
func (h *Hub) refused(now simtime.Time, in Input, out []Action) []Action {
	h.working--
	h.stats.Submission.Dec(now)
	return h.nextCategorise(h.bounce(now, in.Msg, in.Code, out))
}

// route finds the next hops of a copy's recipients and puts it, or its parts, into their queues. Distribution groups are expanded first,
// and what is too large for an envelope is split first.
func (h *Hub) route(now simtime.Time, m MsgID, out []Action) []Action {
	rest := true
	if !h.store.Cold[m].Relayed { // at the first server only
		if rest, out = h.checkSize(now, m, out); !rest {
			return out
		}
	}
	first, same, groups := h.decide(m)
	if groups {
		if out = h.expand(now, m, out); h.store.Recipients(m) == 0 { // a group without members
			h.leave(now, m)
			return append(out, Action{Kind: Left, Msg: m})
		}
		if rest, out = h.checkSize(now, m, out); !rest { // and where it becomes known who they are
			return out
		}
		first, same, _ = h.decide(m)
	}
	h.costly = h.costly || h.store.Recipients(m) > costlyRecipients // and stays so for the parts that it is cut into
	switch {
	case h.store.Recipients(m) > route.EnvelopeLimit:
		return h.cut(now, m, out)
	case same:
		return h.place(now, m, first, out)
	}
	return h.bifurcate(now, m, out)
}

// decide asks the table for the hops of a copy's recipients, by the view of this instant: h.hops, whether they are all the same, and
// whether there are groups to be expanded here.
func (h *Hub) decide(m MsgID) (first route.Hop, same, groups bool) {
	s := h.store
	entries := s.sets[s.Hot[m].Set].entries
	size := int64(s.Hot[m].Size)
	if len(entries) == 1 {
		first = h.tab.Hop(h.id, entries[0].Dest, size)
		if groups = first.Outcome == route.Expand; groups {
			h.hops = append(h.hops[:0], first)
		}
		return first, true, groups
	}
	// how the recipients of one message travel together is decided for all of them at once.
	h.dests = h.dests[:0]
	for i := range entries {
		h.dests = append(h.dests, entries[i].Dest)
	}
	h.hops = h.tab.Hops(h.id, h.dests, size, h.hops[:0])
	first, same = h.hops[0], true
	for _, hop := range h.hops {
		same = same && hop == first
		groups = groups || hop.Outcome == route.Expand
	}
	return first, same, groups
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
	// All copies are there before the first is placed: a copy may leave at once, and the others are split off it.
	for i := range parts {
		parts[i].copy = m
		if i > 0 {
			t := hot
			t.Set = s.NewSet(parts[i].entries)
			parts[i].copy = h.twin(m, t, cold)
		}
	}
	s.Unref(hot.Set)
	s.Hot[m].Set = s.NewSet(parts[0].entries)
	for i := range parts {
		out = h.place(now, parts[i].copy, parts[i].hop, out)
	}
	return out
}

// place puts a categorised copy where its routing says.
func (h *Hub) place(now simtime.Time, m MsgID, hop route.Hop, out []Action) []Action {
	if (h.ageAt <= now || h.passed) && (hop.Outcome == route.Queued || hop.Outcome == route.NoRoute) && h.old(now, m) {
		return h.bounce(now, m, Expired, out) // it came to its end on the way through the categoriser
	}
	switch hop.Outcome {
	case route.Queued:
		i := h.known(hop.Key)
		if i < 0 {
			i = h.newQueue(hop.Key)
		}
		q := &h.queues[i]
		if q.state != Active {
			if q.waiting.n == 0 {
				h.forget(now, q)
			}
			if q.state != Active && q.idleAt == simtime.Never {
				h.planIdle(now, q)
			}
		}
		h.store.Cold[m].spot = i
		if q.ranks != nil {
			h.enter(q, m)
		} else {
			h.store.links.pushBack(&q.waiting, m) // : a queue in Retry takes mail, which waits for the same timer
		}
		h.grew(now, q)
		if q.gained() {
			h.mark(i)
		}
		return out
	case route.NoRoute: // no report; waits for a change of configuration
		h.store.Cold[m].spot = spotUnreachable
		h.store.links.pushBack(&h.unreachable, m)
		h.stats.Unreachable.Inc(now)
		if h.unreachable.n == 1 {
			out = append(out, Action{Kind: Unroutable, Msg: m})
		}
		return out
	case route.TooLarge:
		return h.bounce(now, m, TooLarge, out)
	case route.NoRecipient: // D-27
		return h.bounce(now, m, NoRecipient, out)
	case route.Expand:
		panic("transport: Hub.place: a member of a distribution group that is a group itself")
	default:
		return h.bounce(now, m, NoConnector, out)
	}
}

// bounce gives a copy up and tells its sender; the driver accounts for it and frees it.
func (h *Hub) bounce(now simtime.Time, m MsgID, why Code, out []Action) []Action {
	out = h.report(now, m, NonDelivery, why, out)
	h.leave(now, m)
	h.stats.Bounced++
	return append(out, Action{Kind: Bounced, Code: why, Msg: m})
}

// leave takes a copy off the server's books.
func (h *Hub) leave(now simtime.Time, m MsgID) {
	hot := &h.store.Hot[m]
	n := int64(h.store.Total(hot.Set))
	age := &h.aging[PriorityNormal]
	if h.prof.Reports.PriorityQueueing {
		age = &h.aging[h.class(m)]
	}
	age.remove(h.store.links, m)
	h.held -= n
	h.bytes -= int64(hot.Size)
	if h.held == 0 {
		h.ageAt = simtime.Never // nobody is left to grow old
	}
	h.stats.Recipients.Add(now, -n)
	h.stats.Stays.Add(n, int64(now-hot.Accepted))
}

// Reroute gives the hub a new view: the only way one reaches it. Copies in the Unreachable queue (Q-8.5c) and in queues whose key is
// no longer alive (R-6.10, D-21) go back to the categoriser, once nothing keeps them; other queues stay as they are.
func (h *Hub) Reroute(now simtime.Time, tab *route.Table, out []Action) []Action {
	h.tab = tab
	h.least = h.leastSize()
	for i := range h.queues {
		q := &h.queues[i]
		q.listed = false
		was := q.ceiling
		if h.limit(q); q.ceiling != was {
			q.kept = q.open
		}
		if q.ceiling > was && q.waiting.n > 0 {
			h.mark(int32(i))
		}
	}
	h.rerouted = true
	return h.resubmitStranded(now, out)
}

// takeBackUnreachable moves the copies of the Unreachable queue to the submission queue, in order.
func (h *Hub) takeBackUnreachable(now simtime.Time) {
	if n := h.unreachable.n; n > 0 {
		h.toSubmission(&h.unreachable)
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
	h.toSubmission(&q.waiting) // in order of delivery; the categoriser knows no priority
	if q.ranks != nil {
		q.ranks.emptied()
	}
	h.resized(now, q, -int64(n))
	h.stats.Submission.Add(now, int64(n))
}

// toSubmission moves all copies of a list to the end of the submission queue.
func (h *Hub) toSubmission(from *list) {
	for from.n > 0 {
		m := h.store.links.popFront(from)
		h.store.Cold[m].spot = spotSubmission
		h.store.links.pushBack(&h.submission, m)
	}
}
