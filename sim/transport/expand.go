package transport

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// expand puts the members of the distribution groups that this server expands in place of the groups. Copies of a
// message that is for a member by several ways are not told apart here: members are counts of mailboxes. The driver hears of both sides
// of the exchange.
//
// Neither the copy's age nor its way changes; the members are on the books from now on.
func (h *Hub) expand(now simtime.Time, m MsgID, out []Action) []Action {
	s := h.store
	entries := s.sets[s.Hot[m].Set].entries
	groups, members := int32(0), int32(0)
	h.members = h.members[:0]
	for i, e := range entries {
		if h.hops[i].Outcome != route.Expand {
			h.members = append(h.members, e)
			continue
		}
		groups += e.Count
		g := &h.tab.View().Groups[h.book.Destination(e.Dest).Group]
		for j := range g.Members {
			n := g.Members[j].Mailboxes()
			h.members = append(h.members, Recipients{Dest: h.book.Member(g.Members[j]), Count: n})
			members += n
		}
	}
	h.members = together(h.members)
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = s.NewSet(h.members)
	h.held += int64(members) - int64(groups)
	h.stats.Recipients.Set(now, h.held)
	age := int64(now - s.Hot[m].Accepted)
	h.stats.Stays.Add(int64(groups), age)
	h.stats.Before.Add(int64(members), age)
	return append(out, Action{Kind: ExpandedOut, Conn: ConnID(groups), Msg: m}, Action{Kind: ExpandedIn, Conn: ConnID(members), Msg: m})
}

// together sorts recipients by destination and adds up those of one destination.
func together(list []Recipients) []Recipients {
	slices.SortFunc(list, func(a, b Recipients) int { return int(a.Dest) - int(b.Dest) })
	n := 0
	for _, e := range list {
		if n > 0 && list[n-1].Dest == e.Dest {
			list[n-1].Count += e.Count
			continue
		}
		list[n] = e
		n++
	}
	return list[:n]
}

// cut splits a copy with more recipients than an envelope holds into copies that are routed each by itself, in order of
// destinations.
func (h *Hub) cut(now simtime.Time, m MsgID, out []Action) []Action {
	s := h.store
	hot, cold := s.Hot[m], s.Cold[m]
	copies := []MsgID{m}
	envelopes := envelopes(s.sets[hot.Set].entries)
	for _, e := range envelopes[1:] {
		t := hot
		t.Set = s.NewSet(e)
		copies = append(copies, h.twin(m, t, cold))
	}
	s.Unref(hot.Set)
	s.Hot[m].Set = s.NewSet(envelopes[0])
	for _, c := range copies {
		out = h.route(now, c, out)
	}
	return out
}

// envelopes deals recipients out to sets of at most route.EnvelopeLimit.
func envelopes(entries []Recipients) [][]Recipients {
	var out [][]Recipients
	room := int32(0)
	for _, e := range entries {
		for e.Count > 0 {
			if room == 0 {
				out, room = append(out, nil), route.EnvelopeLimit
			}
			n := min(e.Count, room)
			last := len(out) - 1
			out[last] = append(out[last], Recipients{Dest: e.Dest, Count: n})
			e.Count -= n
			room -= n
		}
	}
	return out
}
