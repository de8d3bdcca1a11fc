package route

import (
	"time"

	"mailsim/topology"
)

// Order returns the i-th candidate, from 0, that a sender's turn-th connection, from 0, tries out of a group's base order:
// the first connection goes through 1,2,3, the second through 2,3,1. offset is where the sender starts (D-11, Table.Offset). The
// turn is counted by the sender, for each next hop, in every case where several servers stand behind a hop. The base must not be empty and no argument negative.
func Order(base []Target, offset, turn, i int) Target {
	return base[(offset+turn+i)%len(base)]
}

// Offset returns where the rotations of a server start in a list of n candidates (D-11): its index among the hubs of its site, or
// among the servers of its own role there, modulo n. 0 for an empty list.
func (t *Table) Offset(from topology.ServerID, n int) int {
	if n == 0 {
		return 0
	}
	return int(t.view.places[from].turn) % n
}

// Rotation is what a sender remembers of one group of candidates: whose turn it is and, from 2010 on, who failed (R-4.7, D-12). Members
// are their indices in Group.Members.
//
//	var c route.Round                       // one for each connection
//	rot.Begin(&c)
//	for i, ok := rot.Next(&c); ok; i, ok = rot.Next(&c) {
//		if connects(group.Members[i]) {
//			rot.Worked(i)
//			break
//		}
//		rot.Failed(now, i)
//	}
//
// Without memory (2007, 2010 RTM) the order advances by one for each connection whatever happened, as Order says, so the neighbour of
// a dead server gets a double share. With memory a member goes to the end of the order when a connection takes it, and out of it when
// it fails; the others share evenly. Failed members are probed apart from mail (Probe), and join again at the end when they answer.
//
// Times are durations since any fixed instant. After Reset nothing is allocated. The zero Rotation has no members.
type Rotation struct {
	remembers bool
	offset    int
	turn      int
	order     []int32 // members that work, the next one first; only with memory
	health    []health
}

// health is what is known of one member.
type health struct {
	failed bool
	probes int // made since it failed
	probe  time.Duration
}

// Round is one connection's way through the candidates. Others may be under way at the same time. A Round can be used again by Begin,
// which allocates nothing for groups of up to 64 members, or no larger ones than before.
type Round struct {
	turn  int
	tried int      // without memory: how many
	few   uint64   // with memory: which of the first 64 members
	more  []uint64 // ... and of the others
}

// Skip notes that the connection has tried a member that Next did not name: by a probe.
func (c *Round) Skip(member int) {
	if member < 64 {
		c.few |= 1 << member
		return
	}
	c.more[member/64-1] |= 1 << (member % 64)
}

func (c *Round) has(member int) bool {
	if member < 64 {
		return c.few>>member&1 == 1
	}
	return c.more[member/64-1]>>(member%64)&1 == 1
}

// Remembers tells whether servers of a version keep a failed server out of their rotations: 2010 and later, but not its first
// release.
func Remembers(v topology.Version) bool { return v >= topology.V2010 }

// Reset makes a rotation over n members for a sender of a version that starts at offset (D-11, Table.Offset). It forgets everything.
func (r *Rotation) Reset(v topology.Version, n, offset int) {
	order, known := r.order[:0], r.health[:0]
	*r = Rotation{remembers: Remembers(v), offset: offset}
	for i := range n {
		known = append(known, health{})
		order = append(order, int32((offset+i)%n))
	}
	r.order, r.health = order, known
}

// Len is the number of members.
func (r *Rotation) Len() int { return len(r.health) }

// Working is the number of members that are in the order: all of them without memory.
func (r *Rotation) Working() int { return len(r.order) }

// Begin starts a connection.
func (r *Rotation) Begin(c *Round) {
	n := len(r.health)
	*c = Round{turn: r.turn, more: c.more[:0]}
	for i := 64; i < n; i += 64 {
		c.more = append(c.more, 0)
	}
	if n > 0 {
		r.turn = (r.turn + 1) % n
	}
}

// Next returns the member that a connection tries next, and false when it has tried all. With memory these are the working members in
// their order, then those that have failed, in base order: a group is given up only when all of it has failed. None comes twice,
// whatever other connections find out meanwhile.
func (r *Rotation) Next(c *Round) (member int, ok bool) {
	n := len(r.health)
	if !r.remembers {
		if c.tried == n {
			return 0, false
		}
		c.tried++
		return (r.offset + c.turn + c.tried - 1) % n, true
	}
	for at, m := range r.order {
		if !c.has(int(m)) {
			copy(r.order[at:], r.order[at+1:])
			r.order[len(r.order)-1] = m
			c.Skip(int(m))
			return int(m), true
		}
	}
	for i := range r.health {
		if r.health[i].failed && !c.has(i) {
			c.Skip(i)
			return i, true
		}
	}
	return 0, false
}

// Failed notes that a member did not answer a connection or a probe.
func (r *Rotation) Failed(now time.Duration, member int) {
	if !r.remembers {
		return
	}
	h := &r.health[member]
	if h.failed {
		return
	}
	h.failed, h.probes, h.probe = true, 0, now+probeInterval(0)
	for i, m := range r.order {
		if int(m) == member {
			r.order = append(r.order[:i], r.order[i+1:]...)
			break
		}
	}
}

// Worked notes that a member answered: one that had failed joins the order again, at the end.
func (r *Rotation) Worked(member int) {
	if h := &r.health[member]; h.failed {
		h.failed = false
		r.order = append(r.order, int32(member))
	}
}

// Probe returns a failed member whose probe is due, the first in base order, and takes the probe as made: report its result by Worked or
// Failed.
func (r *Rotation) Probe(now time.Duration) (member int, ok bool) {
	for i := range r.health {
		if h := &r.health[i]; h.failed && h.probe <= now {
			h.probes++
			h.probe = now + probeInterval(h.probes)
			return i, true
		}
	}
	return 0, false
}

// NextProbe returns when the next probe is due, and false when nobody is to be probed.
func (r *Rotation) NextProbe() (at time.Duration, ok bool) {
	for i := range r.health {
		if h := &r.health[i]; h.failed && (!ok || h.probe < at) {
			at, ok = h.probe, true
		}
	}
	return at, ok
}

// probeInterval is the time before the next probe of a member that has been probed n times since it failed (D-12): the retry
// intervals of connections.
func probeInterval(n int) time.Duration {
	switch {
	case n < 4:
		return time.Minute
	case n < 10:
		return 5 * time.Minute
	}
	return 10 * time.Minute
}
