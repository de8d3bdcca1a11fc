package world

import (
	"math"
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TransferID names a body under way; 0 is none. Ids are reused.
type TransferID uint32

// Payload is what the caller wants back when a body is through.
type Payload struct {
	Server topology.ServerID
	Conn   uint32
}

type transfer struct {
	class  int32
	slot   int32   // in the class's heap
	finish float64 // work of the class at which it is through
	load   Payload
	next   TransferID
}

// class is the bodies that cross the same links in the same directions: at every instant all of them have the same rate, the least
// share that one of the links gives. So one number says how far they all are: the work, in bits that each body present from
// the start would have sent. A body is through when the work has grown by its size: exact, whatever came and went.
type class struct {
	resources []int
	work      float64      // bits
	rate      float64      // bit/s for each body; 0 = none present
	since     Time         // when work was brought up to date
	next      Time         // next completion
	slot      int32        // in the network's heap, -1 = not there
	busy      bool         // has bodies, and stands among its resources' users
	heap      []TransferID // by finish, then server, then connection
}

// Shared tells whether bodies between two sites share links; others take bits/InsideRate or no time.
func (n *Network) Shared(a, b topology.SiteID) bool { return n.classOfPair(a, b) >= 0 }

// Alone returns how long a body takes that shares with nobody: inside a site at 1 Gbit/s, over unlimited links no time, else at the
// slowest link's bandwidth divided by share (Q-6.7 "fixed": share = the ceiling of connections; 1 = the whole).
func (n *Network) Alone(a, b topology.SiteID, bits float64, share int) (seconds float64) {
	if a == b {
		return bits / insideBits
	}
	c := n.classOfPair(a, b)
	if c < 0 {
		return 0
	}
	least := math.Inf(1)
	for _, r := range n.classes[c].resources {
		least = min(least, n.resources[r].bits)
	}
	return float64(bits*float64(share)) / least
}

// Start begins to move a body from a to b; the pair must be Shared.
func (n *Network) Start(now Time, a, b topology.SiteID, bits float64, load Payload) TransferID {
	return n.begin(now, n.classOfPair(a, b), bits, load)
}

func (n *Network) begin(now Time, c int32, bits float64, load Payload) TransferID {
	k := &n.classes[c]
	n.advance(k, now)
	if len(k.heap) == 0 {
		k.work = 0 // keeps the numbers small, and so exact
	}
	id := n.freeXfer
	if id != 0 {
		n.freeXfer = n.transfers[id].next
	} else {
		n.transfers = append(n.transfers, transfer{})
		id = TransferID(len(n.transfers) - 1)
	}
	n.transfers[id] = transfer{class: c, finish: k.work + bits, load: load}
	n.push(k, id)
	n.share(now, c, 1)
	return id
}

// Cancel takes a body off the network that is not through.
func (n *Network) Cancel(now Time, id TransferID) {
	c := n.transfers[id].class
	n.advance(&n.classes[c], now)
	n.remove(&n.classes[c], int(n.transfers[id].slot))
	n.release(id)
	n.share(now, c, -1)
}

func (n *Network) release(id TransferID) {
	n.transfers[id].next = n.freeXfer
	n.freeXfer = id
}

// Next returns when the next body is through; Never when none is under way.
func (n *Network) Next() Time {
	if len(n.heap) == 0 {
		return simtime.Never
	}
	return n.classes[n.heap[0]].next
}

// Finish appends the payloads of the bodies that are through at now. Their order is fixed but means nothing.
func (n *Network) Finish(now Time, out []Payload) []Payload {
	for len(n.heap) > 0 && n.classes[n.heap[0]].next <= now {
		c := n.heap[0]
		k := &n.classes[c]
		n.advance(k, now)
		done := 0
		// The completion time was rounded to a nanosecond, so the work may stand a hair before or behind the target.
		slack := k.rate * 1e-9
		for len(k.heap) > 0 && n.transfers[k.heap[0]].finish <= k.work+slack {
			id := k.heap[0]
			out = append(out, n.transfers[id].load)
			n.remove(k, 0)
			n.release(id)
			done++
		}
		n.share(now, c, -done)
	}
	return out
}

// share changes the number of bodies of a class and gives every class that meets it on a link its new rate.
func (n *Network) share(now Time, c int32, d int) {
	k := &n.classes[c]
	for _, r := range k.resources {
		n.resources[r].active += d
	}
	if busy := len(k.heap) > 0; busy != k.busy {
		k.busy = busy
		n.enlist(c, busy)
		if !busy {
			n.rerate(now, c)
		}
	}
	if len(k.resources) == 1 && len(n.resources[k.resources[0]].users) == 1 && k.busy {
		n.rerate(now, c)
		return
	}
	for _, r := range k.resources {
		for _, u := range n.resources[r].users {
			n.rerate(now, u)
		}
	}
}

// enlist puts a class on the lists of its resources' users, or takes it off them.
func (n *Network) enlist(c int32, busy bool) {
	for _, r := range n.classes[c].resources {
		x := &n.resources[r]
		if busy {
			x.users = append(x.users, c)
			continue
		}
		i := slices.Index(x.users, c)
		x.users[i] = x.users[len(x.users)-1]
		x.users = x.users[:len(x.users)-1]
	}
}

// rerate sets a class's rate and its next completion.
func (n *Network) rerate(now Time, c int32) {
	k := &n.classes[c]
	if len(k.heap) == 0 {
		n.advance(k, now)
		k.rate, k.next = 0, simtime.Never
		n.unlist(c)
		return
	}
	rate := math.Inf(1)
	for _, r := range k.resources {
		rate = min(rate, n.resources[r].bits/float64(n.resources[r].active))
	}
	n.advance(k, now)
	k.rate = rate
	left := n.transfers[k.heap[0]].finish - k.work
	k.next = now.Add(max(simtime.FromSeconds(max(left, 0)/rate), 0))
	n.list(c)
}

// advance brings a class's work up to now.
func (n *Network) advance(k *class, now Time) {
	if now == k.since {
		return
	}
	if k.rate > 0 {
		w := float64(k.rate * now.Sub(k.since).Seconds())
		k.work += w
		for _, r := range k.resources {
			n.resources[r].carried += float64(w * float64(len(k.heap)))
		}
	}
	k.since = now
}

// Move puts a body on the way that the pair has now, with what is left of it, when the network has changed. It returns its new id. On a
// way without a limit the body is through at now. The body of a pair that is cut stays where it is: the caller cancels it.
func (n *Network) Move(now Time, id TransferID, a, b topology.SiteID) TransferID {
	x := n.transfers[id]
	class := n.classOfPair(a, b)
	if class == x.class || !n.way(a, b).reachable {
		return id
	}
	k := &n.classes[x.class]
	n.advance(k, now)
	if class < 0 {
		n.remove(k, int(x.slot))
		n.transfers[id].finish = k.work
		n.push(k, id)
		n.rerate(now, x.class)
		return id
	}
	left := max(x.finish-k.work, 0)
	n.Cancel(now, id)
	return n.begin(now, class, left, x.load)
}

// LinkLoad is what one direction of a site link has carried.
type LinkLoad struct {
	Link      topology.LinkID
	Direction Direction
	Bits      float64 // capacity, bit/s
	Carried   float64 // bits since t0
}

// Loads appends the load of every limited direction of every site link up to now, in order of declaration. It only looks: how far the
// bodies are is kept in steps from one change to the next, so that a look in between cannot round anything another way.
func (n *Network) Loads(now Time, out []LinkLoad) []LinkLoad {
	for i := range n.resources {
		r := &n.resources[i]
		if r.link < 0 {
			continue
		}
		carried := r.carried
		for _, c := range r.users {
			k := &n.classes[c]
			carried += float64(float64(k.rate*now.Sub(k.since).Seconds()) * float64(len(k.heap)))
		}
		out = append(out, LinkLoad{r.link, r.dir, r.bits, carried})
	}
	return out
}
