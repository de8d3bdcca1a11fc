package world

import (
	"time"

	"mailsim/topology"
)

// edge is a direct network connection between two sites: a pair of a site link, or a [[network]].
type edge struct {
	a, b     topology.SiteID // a < b
	link     topology.LinkID // the line: a site link, or a [[network]] (topology.Line)
	rtt      time.Duration
	up, down int32 // resources: a to b, b to a; -1 = unlimited
}

// resource is one direction of a link, shared by the bodies that cross it.
type resource struct {
	bits    float64         // bit/s
	carried float64         // bits since t0, up to the last change of each of its users
	link    topology.LinkID // None where it is no site link's
	dir     Direction
	users   []user // classes with bodies that cross it
	necks   int32  // how many of them it is the neck of

	touched uint64  // the update of shares that it is part of
	free    float64 // bit/s for the bodies that are still being raised
	waiting int32   // their number
	fastest float64 // bit/s of the fastest body that the update leaves alone
	filled  uint64  // the filling in which it became a neck
	rate    float64 // bit/s that it gave then

	own   float64 // bit/s that it has by itself; bits is less while the link is degraded
	lack  float64 // bits that it offered less than that up to since
	since Time    // last change of bits
}

// level is the rate at which the bodies that are still being raised fill the link.
func (r *resource) level() float64 { return max(r.free, 0) / float64(r.waiting) }

// Direction is one of the two ways over a link.
type Direction uint8

// The directions: from the lower site id to the higher, and back.
const (
	Up Direction = iota
	Down
)

// route is how traffic from one site to another travels at present.
type route struct {
	reachable bool
	direct    bool // over one edge and no chain
	rtt       time.Duration
	class     int32 // of shared bodies; notShared, notMade = made when first asked for
	edge      int32 // direct: the edge
}

const (
	notShared int32 = -1
	notMade   int32 = -2
)

// row is the ways from one site, made when first asked for: of a thousand sites a run may use a few pairs.
type row struct {
	made   bool
	routes []route // by destination; kept from before the network changed while made is false
	steps  []step  // the chains
}

// insideRTT is the round-trip time inside a site (docs/design.md: 1 ms, 1 Gbit/s, never shared).
const (
	insideRTT  = time.Millisecond
	insideBits = 1e9
)

// Network is the network between the sites of an organisation. It is not safe for concurrent use.
type Network struct {
	org       *topology.Organisation
	sites     int
	edges     []edge
	resources []resource
	linkDown  []bool    // by line
	pairCut   []bool    // by site pair, directed
	adjacent  []bool    // a site link joins the pair
	own       []int32   // edge of the pair's own [[network]] + 1
	at        [][]int32 // edges of links by site
	rows      []row     // by source
	frontier  []seen    // scratch
	classes   []class
	classOf   map[string]int32 // by resources; only used when a way is made
	heap      []int32          // classes with bodies, by the time of the next completion
	transfers []transfer
	freeXfer  TransferID
	window    float64 // bits of a connection's TCP window; 0 = no limit

	lines    [][2]int32 // by line: its resources, -1 = unlimited
	trouble  []Trouble  // by line; nil = none was ever degraded
	spare    [][2]int32 // by line: resources + 1 for what degradation limits of the unlimited
	troubled bool       // some line is degraded
	onWay    []leg      // scratch

	changed   []int32 // classes of which bodies came or went at changedAt, not settled yet
	changedAt Time
	update    uint64  // number of the update of shares
	filling   uint64  // number of the filling
	affected  []int32 // scratch of an update: classes
	left      []int32 // scratch of an update: classes of which the last body left
	touched   []int32 // scratch of an update: resources of both
	levels    levels  // scratch of a filling
}

// NewNetwork makes the network of an organisation, everything up.
func NewNetwork(org *topology.Organisation) *Network {
	n := &Network{org: org, sites: len(org.Sites), linkDown: make([]bool, org.Lines()), classOf: map[string]int32{}}
	n.pairCut = make([]bool, n.sites*n.sites)
	n.adjacent = make([]bool, n.sites*n.sites)
	n.own = make([]int32, n.sites*n.sites)
	n.at = make([][]int32, n.sites)
	n.rows = make([]row, n.sites)
	n.transfers = make([]transfer, 1)
	for i := range org.Links {
		l := &org.Links[i]
		up, down := n.resource(l.Up, topology.LinkID(i), Up), n.resource(l.Down, topology.LinkID(i), Down)
		n.lines = append(n.lines, [2]int32{up, down})
		for j, a := range l.Sites {
			for _, b := range l.Sites[j+1:] { // a link is a full mesh
				n.edges = append(n.edges, edge{a: min(a, b), b: max(a, b), link: topology.LinkID(i), rtt: l.RTT, up: up, down: down})
				n.at[a], n.at[b] = append(n.at[a], int32(len(n.edges)-1)), append(n.at[b], int32(len(n.edges)-1))
				n.adjacent[n.pair(a, b)], n.adjacent[n.pair(b, a)] = true, true
			}
		}
	}
	for i := range org.Networks {
		w := &org.Networks[i]
		a, b := min(w.Sites[0], w.Sites[1]), max(w.Sites[0], w.Sites[1])
		up, down := n.resource(w.Up, topology.None, Up), n.resource(w.Down, topology.None, Down)
		e := edge{a: a, b: b, link: org.NetworkLine(i), rtt: w.RTT, up: up, down: down}
		n.lines = append(n.lines, [2]int32{up, down})
		n.edges = append(n.edges, e)
		n.own[n.pair(a, b)], n.own[n.pair(b, a)] = int32(len(n.edges)), int32(len(n.edges))
	}
	return n
}

func (n *Network) resource(bits int64, link topology.LinkID, d Direction) int32 {
	if bits <= 0 {
		return -1
	}
	n.resources = append(n.resources, resource{bits: float64(bits), own: float64(bits), link: link, dir: d})
	return int32(len(n.resources) - 1)
}

func (n *Network) pair(a, b topology.SiteID) int { return int(a)*n.sites + int(b) }

// RTT returns the round-trip time between two sites on the way that traffic takes at present; of an unreachable pair, that of the
// last way it was asked for, 0 when there was none.
func (n *Network) RTT(a, b topology.SiteID) time.Duration { return n.way(a, b).rtt }

// Reachable tells whether a packet of a gets to b and an answer back (a TCP connection needs both ways: F12).
func (n *Network) Reachable(a, b topology.SiteID) bool {
	return n.way(a, b).reachable && !n.pairCut[n.pair(a, b)] && !n.pairCut[n.pair(b, a)]
}

// SetLink cuts or mends a line: a site link, or a network of a pair's own (topology.Line). Bodies under way stay on the way that they took: at the same instant the caller cancels those of
// pairs that are now unreachable and moves the others (Move).
func (n *Network) SetLink(_ Time, l topology.LinkID, up bool) {
	n.linkDown[l] = !up
	for i := range n.rows {
		n.rows[i].made = false
	}
}

// SetPair cuts or mends one direction between two sites.
func (n *Network) SetPair(a, b topology.SiteID, up bool) { n.pairCut[n.pair(a, b)] = !up }

// LinkDown tells whether a line is cut.
func (n *Network) LinkDown(l topology.LinkID) bool { return n.linkDown[l] }

// PairCut tells whether the direction from one site to another is cut by itself, whatever the links do.
func (n *Network) PairCut(a, b topology.SiteID) bool { return n.pairCut[n.pair(a, b)] }
