package transport

import (
	"math"
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// expand puts the members of the distribution groups that this server expands in place of the groups. The driver hears of
// both sides of the exchange.
//
// Members are counts of mailboxes, and those of several groups, or of a group and of the message itself, are added up. Only where senders
// may send a message twice (BySenders) do they stand for the mailboxes from number 0 on: who is here by several ways is here once, and
// what other servers expand is left to the mailbox. Where transport alone may, each group's members have numbers of their own: a
// second copy of the message has the same ones, wherever it is expanded, and nobody else has.
//
// Neither the copy's age nor its way changes; the members are on the books from now on.
func (h *Hub) expand(now simtime.Time, m MsgID, out []Action) []Action {
	s := h.store
	entries := s.sets[s.Hot[m].Set].entries
	groups := int32(0)
	h.members, h.ways = h.members[:0], h.ways[:0]
	for i, e := range entries {
		if h.hops[i].Outcome != route.Expand {
			h.members = append(h.members, e)
			continue
		}
		groups += e.Count
		g := &h.tab.View().Groups[h.book.Destination(e.Dest).Group]
		for j := range g.Members {
			to := h.book.Member(g.Members[j])
			if s.Cold[m].Repeats&^Resubmitted == ByTransport {
				to = h.numbered(to, h.book.Destination(e.Dest).Group)
			}
			h.ways = append(h.ways, Recipients{Dest: to, Count: g.Members[j].Mailboxes()})
		}
		h.members = append(h.members, h.merge(h.ways, false)...)
		h.ways = h.ways[:0]
	}
	h.members = h.merge(h.members, s.Cold[m].Repeats&BySenders != 0)
	members := groups - s.sets[s.Hot[m].Set].total
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = s.NewSet(h.members)
	members += s.sets[s.Hot[m].Set].total
	h.held += int64(members) - int64(groups)
	h.stats.Recipients.Set(now, h.held)
	age := int64(now - s.Hot[m].Accepted)
	h.stats.Stays.Add(int64(groups), age)
	h.stats.Before.Add(int64(members), age)
	return append(out, Action{Kind: ExpandedOut, Conn: ConnID(groups), Msg: m}, Action{Kind: ExpandedIn, Conn: ConnID(members), Msg: m})
}

// firstMember is the number of the first member of the first group: a message names fewer mailboxes of a database by themselves.
const firstMember = 1 << 24

// numbered is a member of a group with a number that belongs to the group alone.
func (h *Hub) numbered(to route.DestID, group topology.GroupID) route.DestID {
	d := h.book.Destination(to)
	if d.Kind != route.Mailbox {
		return to
	}
	groups := h.tab.View().Groups
	if len(h.bases) == 0 {
		h.bases = make([]int32, len(groups))
		next := int64(firstMember)
		for i := range groups {
			h.bases[i] = int32(next)
			for j := range groups[i].Members {
				next = min(next+int64(groups[i].Members[j].Mailboxes()), math.MaxInt32/2) // room for the members of the last
			}
		}
	}
	d.First = h.bases[group]
	return h.book.Dest(d)
}

func byDestination(a, b Recipients) int { return int(a.Dest) - int(b.Dest) }

// merge sorts recipients by destination and adds up those of one destination. With once, those in a mailbox database all stand for its
// mailboxes from number 0 on, and the most of them count.
func (h *Hub) merge(list []Recipients, once bool) []Recipients {
	slices.SortFunc(list, byDestination)
	n := 0
	for _, e := range list {
		switch last := max(n-1, 0); {
		case n == 0 || list[last].Dest != e.Dest:
			list[n] = e
			n++
		case once && h.book.Destination(e.Dest).Kind == route.Mailbox:
			list[last].Count = max(list[last].Count, e.Count)
		default:
			list[last].Count += e.Count
		}
	}
	return list[:n]
}

// cut splits a copy with more recipients than an envelope holds into copies that are routed each by itself, in order of
// destinations.
func (h *Hub) cut(now simtime.Time, m MsgID, out []Action) []Action {
	s := h.store
	hot, cold := s.Hot[m], s.Cold[m]
	copies := []MsgID{m}
	envelopes := h.envelopes(s.sets[hot.Set].entries, cold.Repeats != 0)
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

// envelopes deals recipients out to sets of at most route.EnvelopeLimit. For a message that may come twice, a destination that does not
// fit into one says in the next which of its mailboxes are meant: by their numbers mailbox databases tell who has it already.
func (h *Hub) envelopes(entries []Recipients, repeats bool) [][]Recipients {
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
			if d := h.book.Destination(e.Dest); repeats && e.Count > 0 && d.Kind == route.Mailbox {
				d.First += n
				e.Dest = h.book.Dest(d)
			}
		}
	}
	for _, list := range out {
		slices.SortFunc(list, byDestination) // what is numbered anew has a number of its own
	}
	return out
}
