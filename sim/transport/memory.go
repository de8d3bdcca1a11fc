package transport

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// From 2010 SP1 on a queue remembers which targets of its next hop failed, and keeps them out of its rotation until they answer (R-4.7,
// D-12). Queues of earlier versions, and those whose next hop has no group of several targets, have no memory: their order is Order's.
//
// A probe needs no connection of its own here: when one is due, the next attempt of the queue tries the failed target first and goes on
// with the others when it does not answer. So a queue without mail probes nobody, and what a probe waits for a dead target is waited once
// an interval, by one connection.

// remember makes the memory of a queue fit its candidates. It stays when the view changed and they did not; otherwise it begins anew,
// where the plain rotation would go on.
func (h *Hub) remember(q *queue) {
	if !route.Remembers(h.prof.Version) || slices.EqualFunc(q.candidates, q.remembered, sameTargets) {
		return
	}
	q.list++
	q.remembered = q.candidates
	q.memory = q.memory[:0]
	if !slices.ContainsFunc(q.candidates, func(g route.Group) bool { return len(g.Members) > 1 }) {
		return
	}
	q.memory = slices.Grow(q.memory, len(q.candidates))[:len(q.candidates)]
	for g := range q.memory {
		n := len(q.candidates[g].Members)
		q.memory[g].Reset(h.prof.Version, n, (h.tab.Offset(h.id, n)+int(q.turn))%max(n, 1)) // D-11
	}
}

func sameTargets(a, b route.Group) bool {
	return a.Backoff == b.Backoff && slices.Equal(a.Members, b.Members)
}

// forgetFailures is what a stop of the service does to a queue's memory: it is not on disk.
func (h *Hub) forgetFailures(q *queue) {
	if len(q.memory) > 0 {
		q.remembered, q.memory, q.listed = nil, q.memory[:0], false // a next hop without targets has nothing to remember either
	}
}

// nextRemembered finds the next target of an attempt: group by group, in each a failed member whose probe is due, the working ones in
// their order, then the other failed ones (D-12). It is false when there is none. An attempt whose list has changed under it begins the
// new one.
func (h *Hub) nextRemembered(now simtime.Time, k *conn, q *queue) bool {
	begin := k.pos == 0
	if k.list != q.list {
		k.list, k.group, begin = q.list, 0, true
	}
	for ; int(k.group) < len(q.memory); k.group++ {
		group, r := &q.candidates[k.group], &q.memory[k.group]
		var member int
		ok := false
		if begin {
			if k.answered && group.Backoff {
				break // somebody answered, so the mail stays here
			}
			r.Begin(&k.round)
			// With nobody left in the order the attempt tries all of them anyway.
			if r.Working() > 0 {
				if member, ok = r.Probe(time.Duration(now)); ok {
					k.round.Skip(member)
				}
			}
		}
		if !ok {
			member, ok = r.Next(&k.round)
		}
		if ok {
			k.member, k.target = int32(member), group.Members[member]
			return true
		}
		begin = true
	}
	return false
}

// found notes how the target took a connection: one that refuses by a limit or under back pressure works (D-12).
func (h *Hub) found(now simtime.Time, k *conn, code Code) {
	q := &h.queues[k.queue]
	if len(q.memory) == 0 || k.list != q.list {
		return
	}
	r := &q.memory[k.group]
	if code == OK || code == Refused || code == Rejected {
		r.Worked(int(k.member))
	} else {
		r.Failed(time.Duration(now), int(k.member))
	}
}
