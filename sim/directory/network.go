package directory

import (
	"cmp"
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// network is the sites as replication sees them: joined by site links at their AD cost, with what is cut just now.
type network struct {
	org      *topology.Organisation
	hops     [][]hop // by site
	hasDC    []bool  // by site
	rank     []int   // by site: its place among the names (D-1)
	byName   []topology.SiteID
	linkDown []bool      // by line: links, then networks
	override []*Override // by link; nil = its own settings
	cut      [][2]topology.SiteID
}

// hop is a neighbour over one link; of parallel links the cheapest comes first, then the lowest name.
type hop struct {
	to   topology.SiteID
	link topology.LinkID
	cost int64
}

func newNetwork(org *topology.Organisation) network {
	n := network{org: org, hops: make([][]hop, len(org.Sites)), hasDC: make([]bool, len(org.Sites)), linkDown: make([]bool, org.Lines()),
		override: make([]*Override, len(org.Links))}
	for i := range org.DCs {
		n.hasDC[org.DCs[i].Site] = true
	}
	n.rank, n.byName = make([]int, len(org.Sites)), make([]topology.SiteID, len(org.Sites))
	for s := range n.byName {
		n.byName[s] = topology.SiteID(s)
	}
	slices.SortFunc(n.byName, func(a, b topology.SiteID) int { return topology.CompareNames(org.Sites[a].Name, org.Sites[b].Name) })
	for i, s := range n.byName {
		n.rank[s] = i
	}
	for l := range org.Links {
		for _, a := range org.Links[l].Sites {
			for _, b := range org.Links[l].Sites {
				if a != b {
					n.hops[a] = append(n.hops[a], hop{b, topology.LinkID(l), org.Links[l].Cost})
				}
			}
		}
	}
	for _, hops := range n.hops {
		slices.SortFunc(hops, func(x, y hop) int {
			if c := cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(x.cost, y.cost)); c != 0 {
				return c
			}
			return topology.CompareNames(org.Links[x.link].Name, org.Links[y.link].Name) // D-2
		})
	}
	return n
}

// reach is how a site is reached at least cost from the nearest of some sites.
type reach struct {
	known  bool
	done   bool
	cost   int64
	origin int // rank of the site that it is reached from
	hops   int
	before topology.SiteID // the site before it; None at an origin
	link   topology.LinkID // from there
}

// walk finds the least-cost way to every site from the nearest of the origins; of equal ways the one from the origin with the lowest
// name, then the shorter, then the one over the site with the lower name. It goes on through a site only where through says so. It
// takes time in proportion to the sites it reaches times the largest number of them that wait at once.
func (n *network) walk(origins []topology.SiteID, through func(topology.SiteID) bool) []reach {
	to := make([]reach, len(n.org.Sites))
	var open []topology.SiteID
	for _, s := range origins {
		to[s] = reach{known: true, origin: n.rank[s], before: topology.None, link: topology.None}
		open = append(open, s)
	}
	for len(open) > 0 {
		best := 0
		for i, s := range open {
			if n.nearer(to[s], to[open[best]]) {
				best = i
			}
		}
		s := open[best]
		open[best] = open[len(open)-1]
		open = open[:len(open)-1]
		to[s].done = true
		if to[s].before >= 0 && !through(s) {
			continue
		}
		for _, h := range n.hops[s] {
			x := reach{known: true, cost: to[s].cost + h.cost, origin: to[s].origin, hops: to[s].hops + 1, before: s, link: h.link}
			if old := &to[h.to]; !old.known {
				open = append(open, h.to)
				*old = x
			} else if !old.done && n.nearer(x, *old) {
				*old = x
			}
		}
	}
	return to
}

// nearer orders two ways.
func (n *network) nearer(a, b reach) bool {
	rank := func(s topology.SiteID) int {
		if s < 0 {
			return -1
		}
		return n.rank[s]
	}
	return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.origin, b.origin), cmp.Compare(a.hops, b.hops), cmp.Compare(rank(a.before), rank(b.before))) < 0
}

// links lists the links on the way to a site.
func links(to []reach, s topology.SiteID) []topology.LinkID {
	var way []topology.LinkID
	for ; to[s].before >= 0; s = to[s].before {
		way = append(way, to[s].link)
	}
	return way
}

// branch is an edge of the replication tree: two sites with domain controllers and the links between them.
type branch struct {
	a, b  topology.SiteID
	cost  int64
	links []topology.LinkID
}

// tree returns the least-cost spanning tree (of each connected part) of the sites with domain controllers; a path may cross sites
// without any. Equal costs are decided by the names of the ends (D-1).
// V4: replication between sites goes along this tree, hop by hop.
func (n *network) tree() []branch {
	var all []branch
	for s := range n.org.Sites {
		if !n.hasDC[s] {
			continue
		}
		to := n.walk([]topology.SiteID{topology.SiteID(s)}, func(x topology.SiteID) bool { return !n.hasDC[x] })
		for x := range to {
			if to[x].known && n.hasDC[x] && n.rank[s] < n.rank[x] {
				all = append(all, branch{topology.SiteID(s), topology.SiteID(x), to[x].cost, links(to, topology.SiteID(x))})
			}
		}
	}
	slices.SortFunc(all, func(x, y branch) int {
		return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(n.rank[x.a], n.rank[y.a]), cmp.Compare(n.rank[x.b], n.rank[y.b]))
	})
	root := make([]topology.SiteID, len(n.org.Sites))
	for s := range root {
		root[s] = topology.SiteID(s)
	}
	find := func(s topology.SiteID) topology.SiteID {
		for root[s] != s {
			s = root[s]
		}
		return s
	}
	var tree []branch
	for _, x := range all {
		if a, b := find(x.a), find(x.b); a != b {
			root[a] = b
			tree = append(tree, x)
		}
	}
	return tree
}

// reachable tells whether two sites can talk, by the rule of link cuts: a link that is down cuts the neighbours that it joins
// always and without a detour, others only when no chain of links that work joins them; a pair with a network of its own needs that and no link; a
// partition cuts pairs directly, and one direction is enough (F12).
func (n *network) reachable(a, b topology.SiteID) bool {
	if a == b {
		return true
	}
	if slices.Contains(n.cut, [2]topology.SiteID{a, b}) || slices.Contains(n.cut, [2]topology.SiteID{b, a}) {
		return false
	}
	for i := range n.org.Networks {
		if s := n.org.Networks[i].Sites; s == [2]topology.SiteID{a, b} || s == [2]topology.SiteID{b, a} {
			return !n.linkDown[n.org.NetworkLine(i)]
		}
	}
	adjacent := false
	for _, h := range n.hops[a] {
		if h.to == b && n.linkDown[h.link] {
			return false // always, whatever other link joins the two
		}
		adjacent = adjacent || h.to == b
	}
	if adjacent {
		return true
	}
	seen := make([]bool, len(n.org.Sites))
	seen[a] = true
	for todo := []topology.SiteID{a}; len(todo) > 0; todo = todo[1:] {
		for _, h := range n.hops[todo[0]] {
			if !n.linkDown[h.link] && !seen[h.to] {
				if h.to == b {
					return true
				}
				seen[h.to] = true
				todo = append(todo, h.to)
			}
		}
	}
	return false
}

// LinkState says that a line, a site link or a network of a pair's own (topology.Line), broke or works again. Pulls that it held up are tried at the next instant of their schedule
// (V7).
func (d *Directory) LinkState(now simtime.Time, link topology.LinkID, up bool) {
	d.renewTickets(now)
	d.network.linkDown[link] = !up
	d.networkChanged(now)
	d.connect(now)
	d.review(now)
}

// PairState says that traffic from site a to site b was cut, or passes again.
func (d *Directory) PairState(now simtime.Time, a, b topology.SiteID, up bool) {
	d.renewTickets(now)
	p := [2]topology.SiteID{a, b}
	d.network.cut = slices.DeleteFunc(d.network.cut, func(x [2]topology.SiteID) bool { return x == p })
	if !up {
		d.network.cut = append(d.network.cut, p)
	}
	d.networkChanged(now)
	d.connect(now)
	d.review(now)
}
