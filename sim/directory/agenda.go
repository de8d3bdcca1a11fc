package directory

import (
	"cmp"
	"slices"

	"mailsim/sim/simtime"
)

// entryKind says what is due. The order of the kinds is the order at one instant: what arrives is held before somebody pulls
// at that instant, and clocks are right before a pull compares them.
type entryKind uint8

const (
	arrive     entryKind = iota // who = domain controller: what was pulled is now held
	caughtUp                    // who = index of a partner: a pull is through, whatever it brought
	clockPush                   // who = host: an outside agent sets its clock
	clockCheck                  // who = host: the time service looks at its source
	slewed                      // who = host: nothing is left of a slew
	outOfStep                   // who = host: it has had no sample of the time for too long
	peerSilent                  // who = host: its outside source of the time has not answered so often
	cleaned                     // who = index of a partner: an operator has cleaned up after too long a break
	reroute                     // who = index of a partner: another bridgehead may take over
	overdue                     // who = index of a partner: another day without replication is over
	pull                        // who = index of a partner
	pullNow                     // who = destination, from = source: an operator's forced pull
	discover                    // who = server: it looks which domain controllers answer
	reread                      // who = server: it reads its domain controller afresh
	publish                     // who = domain controller: its servers learn
	leaseOver                   // who = Edge: the hub that leads its EdgeSync may have been silent for too long
	edgeSync                    // who = Edge: a tick brings it its hub's view
)

// entry is something that will happen at a known instant.
type entry struct {
	at     simtime.Time
	kind   entryKind
	who    int32
	from   int32
	stamps []stamp // arrive: what was pulled
	state  *state  // publish: what the servers will see
	seq    int64   // publish: number of the reading
}

// agenda holds what is pending, the next first. It is short (what is on its way), so an ordered slice does.
type agenda []entry

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.who, b.who), cmp.Compare(a.from, b.from),
		cmp.Compare(a.seq, b.seq))
}

// push adds e behind its equals.
func (g *agenda) push(e entry) {
	i, _ := slices.BinarySearchFunc(*g, e, func(x, e entry) int {
		if compareEntries(x, e) <= 0 {
			return -1
		}
		return 1
	})
	*g = slices.Insert(*g, i, e)
}

// pop takes the first entry.
func (g *agenda) pop() entry {
	e := (*g)[0]
	*g = slices.Delete(*g, 0, 1)
	return e
}

// cancel removes what is pending of a kind for somebody.
func (g *agenda) cancel(kind entryKind, who int32) {
	*g = slices.DeleteFunc(*g, func(e entry) bool { return e.kind == kind && e.who == who })
}
