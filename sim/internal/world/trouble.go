package world

import (
	"math"
	"slices"
	"time"

	"mailsim/topology"
)

// Trouble is how a line, a site link or a network of a pair's own, fares worse than by itself (F13). The zero value is no trouble.
type Trouble struct {
	Ways   [2]Toll // by Direction
	Trials []Trial // that every session over the link stands, in their order
}

// Toll is what packets meet in one direction of a link.
type Toll struct {
	Latency time.Duration // that each takes longer
	Breaks  float64       // 0 to 1: share of the packets with which a loss begins; TCP slows down once for each
	Copies  float64       // of each packet on the link beside itself, 0 or more
	Bits    int64         // bandwidth at most, bit/s; 0 = the link's own
}

// Trial is what one cause of trouble does to the sessions over a link, each by itself. The network draws nothing: it hands the trials of a
// way out (Trials).
type Trial struct {
	Key    uint64        // tells the random numbers of this cause from others
	Jitter time.Duration // a round trip takes up to so much more or less
	Lost   float64       // 0 to 1: chance that a packet does not get across, or its answer not back
}

// segmentBits is what a TCP segment carries: 1460 bytes.
const segmentBits = 8 * 1460

// lossRate is the most that a body gets on a way on which losses begin with a share of the packets, bit/s.
//
// F13: 1.22 * MSS / (rtt * sqrt(p)).
func lossRate(rtt time.Duration, breaks float64) float64 {
	if breaks == 0 || rtt <= 0 {
		return noLimit
	}
	return 1.22 * segmentBits / (rtt.Seconds() * math.Sqrt(breaks))
}

// Degrade lets a link fare worse, in place of how it fared before. Bodies have their new shares from now on. Ways stay the same, but not
// what there is to know of them: at the same instant the caller moves the bodies under way (Move).
func (n *Network) Degrade(now Time, l topology.LinkID, t Trouble) {
	n.arrive(now)
	n.settle()
	if n.trouble == nil {
		n.trouble = make([]Trouble, n.org.Lines())
		n.spare = make([][2]int32, n.org.Lines()) // 0 = none
	}
	n.trouble[l] = t
	n.troubled = slices.ContainsFunc(n.trouble, func(t Trouble) bool { return t.Ways != [2]Toll{} || len(t.Trials) > 0 })
	for d, toll := range t.Ways {
		n.narrow(now, l, Direction(d), toll)
	}
	for i := range n.rows {
		n.rows[i].made = false
	}
	n.shareAnew(now)
}

// narrow gives a direction of a link the bandwidth that is left of it. One without a limit of its own gets a resource while it has one.
func (n *Network) narrow(now Time, l topology.LinkID, d Direction, t Toll) {
	line := n.org.Line(l)
	own := [2]int64{line.Up, line.Down}[d]
	bits := float64(own)
	if t.Bits > 0 && (own <= 0 || t.Bits < own) {
		bits = float64(t.Bits)
	}
	id := n.lines[l][d]
	if own <= 0 {
		if id = -1; t.Bits > 0 {
			if n.spare[l][d] == 0 {
				n.spare[l][d] = n.resource(t.Bits, topology.None, d) + 1
			}
			id = n.spare[l][d] - 1
		}
		for i := range n.edges {
			switch e := &n.edges[i]; {
			case e.link != l:
			case d == Up:
				e.up = id
			default:
				e.down = id
			}
		}
	}
	if id < 0 {
		return
	}
	r := &n.resources[id]
	r.lack = r.lackAt(now)
	r.since, r.bits = now, bits/(1+t.Copies)
}

// lackAt is what a resource has offered less than its own bandwidth up to an instant, in bits.
func (r *resource) lackAt(now Time) float64 {
	return r.lack + float64((r.own-r.bits)*seconds(r.since, now))
}

// shareAnew shares all that there is among all bodies, whatever they had.
func (n *Network) shareAnew(now Time) {
	n.update++
	n.affected, n.touched, n.left = n.affected[:0], n.touched[:0], n.left[:0]
	for c := range n.classes {
		if n.classes[c].bodies > 0 {
			n.affect(int32(c))
		}
	}
	if len(n.affected) == 0 {
		return
	}
	for _, c := range n.affected {
		n.touchAll(c)
	}
	n.fill()
	for _, c := range n.affected {
		n.commit(c, now)
	}
}

// Troubled tells whether any link is degraded.
func (n *Network) Troubled() bool { return n.troubled }

// leg is a link on a way, and the direction in which the way crosses it.
type leg struct {
	link topology.LinkID
	dir  Direction
}

// legs lists the lines on the way from a to b, the last first. The way must have been made. The list is valid until the next
// call.
func (n *Network) legs(a, b topology.SiteID) []leg {
	r := &n.rows[a].routes[b]
	out := n.onWay[:0]
	switch {
	case a == b || !r.reachable:
	case r.direct:
		out = n.edges[r.edge].leg(a, out)
	default:
		s := n.rows[a].steps
		for v := b; s[v].from >= 0; v = s[v].from {
			out = n.edges[s[v].edge].leg(s[v].from, out)
		}
	}
	n.onWay = out
	return out
}

// leg appends the line that an edge is of, as it is crossed from a site.
func (e *edge) leg(from topology.SiteID, out []leg) []leg {
	if from == e.a {
		return append(out, leg{e.link, Up})
	}
	return append(out, leg{e.link, Down})
}

// latency is how much longer a round trip takes on the way from a to b.
func (n *Network) latency(a, b topology.SiteID) time.Duration {
	var sum time.Duration
	for _, x := range n.legs(a, b) {
		sum += n.trouble[x.link].Ways[Up].Latency + n.trouble[x.link].Ways[Down].Latency
	}
	return sum
}

// limitOf is the most that a body gets on the way from a to b, whoever else is there.
func (n *Network) limitOf(a, b topology.SiteID, rtt time.Duration) float64 {
	limit := n.windowRate(rtt)
	if !n.troubled {
		return limit
	}
	breaks := 0.0
	for _, x := range n.legs(a, b) {
		breaks = Either(breaks, n.trouble[x.link].Ways[x.dir].Breaks)
	}
	return min(limit, lossRate(rtt, breaks))
}

// Either is the chance that one of two things comes to pass that do not depend on each other: 1-(1-a)(1-b).
func Either(a, b float64) float64 { return a + b - float64(a*b) }

// Trials appends what a session between two sites has to stand, link by link from the lower link on.
func (n *Network) Trials(a, b topology.SiteID, out []Trial) []Trial {
	if !n.troubled || !n.way(a, b).reachable {
		return out
	}
	legs := n.legs(a, b)
	slices.SortFunc(legs, func(x, y leg) int { return int(x.link - y.link) })
	for _, x := range legs {
		out = append(out, n.trouble[x.link].Trials...)
	}
	return out
}
