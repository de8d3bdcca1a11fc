package world

import (
	"math"
	"time"

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
	class int32
	slot  int32 // in the class's heap
	load  Payload
	next  TransferID // free ids: the next one
}

// class is the bodies that cross the same links in the same directions, under the same TCP window: at every instant all of them have the
// same rate. So one number says how far they all are: the work, in bits that each body present from the start would have sent. A
// body is through when the work has grown by its size: exact, whatever came and went.
//
// The work is kept as a line: what it was at since, and the rate from then on. It is brought forward when the share changes only, so that
// each change rounds it once and a look does not.
type class struct {
	// What filling looks at stands together, in one cache line.
	affected  uint64  // the update of shares that it is part of
	filled    uint64  // the filling in which it got its share
	rate      float64 // bit/s for each body
	total     float64 // bit/s for all of them
	bodies    int32   // that share it; 0 = not among its resources' users
	neck      int32   // what holds the rate down: a resource, ownLimit, or noNeck without bodies
	resources []int32 // links of the way, each once

	limit   float64 // bit/s that a body gets at most; noLimit = all that the links have
	work    float64 // bits, at since
	since   Time
	next    Time       // next completion
	heap    []crossing // by finish, then server, then connection
	slot    int32      // in the network's heap, -1 = not there
	changed bool       // bodies came or went since the shares were settled
	places  []int32    // where it stands among each resource's users
	was     share      // what it had before the update
}

// share is what a class has of the network.
type share struct {
	rate, total float64
	neck        int32
}

const (
	noNeck   int32 = -1 // has no bodies
	ownLimit int32 = -2 // every body has all that its TCP window allows
)

// maxWork is the work, in bits, above which a class counts anew from 0, so that a bit stays far above the last place of a float64.
const maxWork = 1 << 36

// at returns the work at an instant.
func (k *class) at(now Time) float64 {
	if now == k.since {
		return k.work
	}
	return k.work + float64(k.rate*seconds(k.since, now))
}

// seconds returns the time between two instants in seconds, rounded once.
func seconds(from, to Time) float64 { return float64(to-from) / 1e9 }

// due returns when the work reaches finish: the instant rounded to a nanosecond, once.
func (k *class) due(finish float64) Time {
	d := simtime.FromSeconds(max(finish-k.work, 0) / k.rate)
	if d >= simtime.Never.Sub(k.since) {
		return simtime.Never
	}
	return k.since.Add(d)
}

// Shared tells whether bodies between two sites take time that depends on the network: they share links, or a TCP window holds them down.
// Others take what Alone says.
func (n *Network) Shared(a, b topology.SiteID) bool { return n.classOfPair(a, b) >= 0 }

// Way returns what there is to know of a way before a body takes it: the round-trip time (RTT), and whether the body's time depends on the
// network (Shared).
func (n *Network) Way(a, b topology.SiteID) (rtt time.Duration, shared bool) {
	if w := &n.rows[a]; w.made {
		if r := &w.routes[b]; r.class != notMade { // nearly always
			return r.rtt, r.class >= 0
		}
	}
	shared = n.Shared(a, b)
	return n.RTT(a, b), shared
}

// Alone returns how long a body takes that shares with nobody: inside a site at 1 Gbit/s, over unlimited links no time, else at the
// slowest link's bandwidth divided by share (Q-6.7 "fixed": share = the ceiling of connections; 1 = the whole). No body is faster than
// its TCP window.
func (n *Network) Alone(a, b topology.SiteID, bits float64, share int) (seconds float64) {
	if a == b {
		return bits / n.Inside()
	}
	c := n.classOfPair(a, b)
	if c < 0 {
		return 0
	}
	k := &n.classes[c]
	least := math.Inf(1)
	for _, r := range k.resources {
		least = min(least, n.resources[r].bits)
	}
	return max(float64(bits*float64(share))/least, bits/k.limit)
}

// Inside is the bit/s of a body inside a site.
func (n *Network) Inside() float64 { return min(insideBits, n.windowRate(insideRTT)) }

// Start begins to move a body from a to b; the pair must be Shared.
func (n *Network) Start(now Time, a, b topology.SiteID, bits float64, load Payload) TransferID {
	return n.begin(now, n.classOfPair(a, b), bits, load)
}

func (n *Network) begin(now Time, c int32, bits float64, load Payload) TransferID {
	n.arrive(now)
	k := &n.classes[c]
	work := k.at(now)
	if empty := len(k.heap) == 0; empty || work > maxWork { // keeps the numbers small, and so exact
		n.advance(k, now, k.rate, k.total)
		if empty {
			k.work = 0
		}
		work = k.work
	}
	id := n.freeXfer
	if id != 0 {
		n.freeXfer = n.transfers[id].next
	} else {
		n.transfers = append(n.transfers, transfer{})
		id = TransferID(len(n.transfers) - 1)
	}
	n.transfers[id] = transfer{class: c, load: load}
	n.push(k, crossing{work + bits, id})
	n.change(c)
	return id
}

// Cancel takes a body off the network that is not through.
func (n *Network) Cancel(now Time, id TransferID) {
	n.arrive(now)
	c := n.transfers[id].class
	n.remove(&n.classes[c], int(n.transfers[id].slot))
	n.release(id)
	n.change(c)
}

func (n *Network) release(id TransferID) {
	n.transfers[id].next = n.freeXfer
	n.freeXfer = id
}

// Next returns when the next body is through; Never when none is under way. The bodies that came and went at one instant are cheapest when
// Next is asked for once, after the last of them.
func (n *Network) Next() Time {
	n.settle()
	if len(n.heap) == 0 {
		return simtime.Never
	}
	return n.classes[n.heap[0]].next
}

// Finish appends the payloads of the bodies that are through at now. A body leaves at the instant at which its last bit has crossed,
// rounded to the nearest nanosecond, and frees its share then. Next may be now once more: for those that are through at the same nanosecond
// because these left. The order of the payloads is fixed but means nothing.
func (n *Network) Finish(now Time, out []Payload) []Payload {
	n.settle()
	n.changedAt = now
	for len(n.heap) > 0 && n.classes[n.heap[0]].next <= now {
		c := n.heap[0]
		k := &n.classes[c]
		soon := k.at(now) + float64(k.rate*1e-9) // who has more to go is not through at now, however that rounds
		for through := true; through; {
			id := k.heap[0].id
			out = append(out, n.transfers[id].load)
			n.remove(k, 0)
			n.release(id)
			through = len(k.heap) > 0 && k.heap[0].finish <= soon && k.due(k.heap[0].finish) <= now
		}
		n.change(c)
		k.next = simtime.Never // until shares are settled
		if len(n.heap) > 1 {
			n.listDown(0)
		}
	}
	return out
}

// Move puts a body on the way that the pair has now, with what is left of it, when the network has changed. It returns its new id. On a
// way without a limit the body is through at now. The body of a pair that is cut stays where it is: the caller cancels it.
func (n *Network) Move(now Time, id TransferID, a, b topology.SiteID) TransferID {
	x := n.transfers[id]
	class := n.classOfPair(a, b)
	if class == x.class || !n.way(a, b).reachable {
		return id
	}
	n.arrive(now)
	k := &n.classes[x.class]
	work := k.at(now)
	left := max(k.heap[x.slot].finish-work, 0)
	if class < 0 {
		n.remove(k, int(x.slot))
		n.push(k, crossing{work, id})
		n.change(x.class)
		return id
	}
	n.Cancel(now, id)
	return n.begin(now, class, left, x.load)
}

// arrive begins work at an instant: shares that changed at an earlier one are settled as of then.
func (n *Network) arrive(now Time) {
	if now != n.changedAt {
		n.settle()
		n.changedAt = now
	}
}

// change notes that bodies of a class came or went.
func (n *Network) change(c int32) {
	if k := &n.classes[c]; !k.changed {
		k.changed = true
		n.changed = append(n.changed, c)
	}
}

// advance brings a class's work, and what its links carried, up to now, at the share that it had.
func (n *Network) advance(k *class, now Time, rate, total float64) {
	if now == k.since {
		return
	}
	passed := seconds(k.since, now)
	k.work += float64(rate * passed)
	for _, r := range k.resources {
		n.resources[r].carried += float64(total * passed)
	}
	k.since = now
	if k.work > maxWork {
		// Exact: what is above maxWork is a multiple of its last place, and the differences are smaller.
		for i := range k.heap {
			k.heap[i].finish -= k.work
		}
		k.work = 0
	}
}
