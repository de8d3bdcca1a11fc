package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// greylist is the memory of an outside system that puts off what it does not know (F15). It is in two halves: what is asked for moves to the young one, and when
// that is full the old one, of what nobody has asked for since, is forgotten. So it takes a bounded time and a bounded place.
type greylist struct {
	watcher
	times      fault.Greylist
	young, old map[triple]acquaintance
}

// acquaintancesMax is how many triples a half of a greylist's memory holds.
const acquaintancesMax = 1 << 18

// triple is what a greylist knows mail by.
type triple struct {
	block   int32             // of addresses that it comes from
	sender  topology.ServerID // the mailbox server; None: somebody outside
	mailbox int32
	to      route.DestID // whose First is 0
	address int32        // which one there
}

// acquaintance is what a greylist knows of a triple.
type acquaintance struct {
	first simtime.Time // when it was tried for the first time, in this retry window
	taken simtime.Time // when mail of it was taken last; -1: never
}

// takes asks a greylist for one recipient.
func (g *greylist) takes(now simtime.Time, t triple) bool {
	a, known := g.young[t]
	if !known {
		a, known = g.old[t]
	}
	switch {
	case known && a.taken >= 0 && now.Sub(a.taken) <= g.times.Remember:
		a.taken = now
	case known && a.taken < 0 && now.Sub(a.first) <= g.times.RetryWindow:
		if now.Sub(a.first) >= g.times.Delay {
			a.taken = now
		}
	case g.times.Delay == 0:
		a = acquaintance{now, now}
	default:
		a = acquaintance{now, -1}
	}
	if len(g.young) >= acquaintancesMax {
		g.young, g.old = make(map[triple]acquaintance, acquaintancesMax), g.young
	}
	g.young[t] = a
	return a.taken == now
}

// greylisted asks the greylists of a system for the recipients of a message: true when nobody is taken. Some of them who are put off stand in k.putOff then. An E-Post
// server does not send a message for some of its recipients: it is put off as a whole.
func (r *run) greylisted(h *host, k *session, m transport.MsgID) bool {
	var late []transport.Recipients
	n := int32(0)
	t := triple{block: r.blocks[h.id]}
	t.sender, t.mailbox = r.mailbox(m)
	for _, e := range r.store.Entries(r.store.Hot[m].Set) {
		d := r.book.Destination(e.Dest)
		first := d.First
		d.First = 0
		t.to = r.book.Dest(d)
		before := len(late)
		for i := range e.Count {
			if t.address = first + i; r.acquainted(k, t) {
				continue
			}
			n++
			if last := len(late) - 1; last >= before && r.book.Destination(late[last].Dest).First+late[last].Count == t.address {
				late[last].Count++
				continue
			}
			d.First = t.address
			late = append(late, transport.Recipients{Dest: r.book.Dest(d), Count: 1})
		}
		if len(late) > before && d.Kind != route.External && d.Kind != route.Mailbox { // their addresses are not told apart on the way
			n += e.Count - sum(late[before:])
			late = append(late[:before], e)
		}
	}
	if n == 0 || h.hub != nil && n < r.store.Recipients(m) {
		if n > 0 {
			slices.SortFunc(late, func(a, b transport.Recipients) int { return cmp.Compare(a.Dest, b.Dest) })
			k.putOff = r.store.NewSet(late)
		}
		return false
	}
	return true
}

func sum(to []transport.Recipients) int32 {
	n := int32(0)
	for _, e := range to {
		n += e.Count
	}
	return n
}

// acquainted tells whether no greylist of the system puts a recipient off. All of them hear of it.
func (r *run) acquainted(k *session, t triple) bool {
	taken := true
	for i := range r.greylists {
		if g := &r.greylists[i]; g.on > 0 && r.watches(&g.watcher, k) {
			taken = g.takes(r.now, t) && taken
		}
	}
	return taken
}

// openBlocks numbers the blocks of addresses that servers send from.
func (r *run) openBlocks() {
	var blocks []string
	r.blocks = make([]int32, len(r.hosts))
	for i := range r.hosts {
		block, written := blockOf(r.org.Servers[i].PublicAddress)
		if !written {
			r.blocks[i] = -1 - r.sources[i]
			continue
		}
		at := slices.Index(blocks, block)
		if at < 0 {
			at = len(blocks)
			blocks = append(blocks, block)
		}
		r.blocks[i] = int32(at)
	}
}

// blockOf is the first 24 bits of an address of four numbers; false for a text that is none.
func blockOf(address string) (string, bool) {
	numbers := strings.Split(address, ".")
	if len(numbers) != 4 {
		return "", false
	}
	for _, n := range numbers {
		if x, err := strconv.Atoi(n); err != nil || x < 0 || x > 255 {
			return "", false
		}
	}
	return strings.Join(numbers[:3], "."), true
}
