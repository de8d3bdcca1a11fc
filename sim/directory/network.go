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
	hops     [][]hop     // by site
	hasDC    []bool      // by site
	linkDown []bool      // by link
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
	n := network{org: org, hops: make([][]hop, len(org.Sites)), hasDC: make([]bool, len(org.Sites)), linkDown: make([]bool, len(org.Links)),
		override: make([]*Override, len(org.Links))}
	for i := range org.DCs {
		n.hasDC[org.DCs[i].Site] = true
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
			return cmp.Or(cmp.Compare(x.to, y.to), cmp.Compare(x.cost, y.cost),
				topology.CompareNames(org.Links[x.link].Name, org.Links[y.link].Name)) // D-2
		})
	}
	return n
}

// reach is how a site is reached at least cost.
type reach struct {
	site  topology.SiteID
	cost  int64
	links []topology.LinkID
}

// nearest lists the sites that can be reached from a site, the nearest first, ties by name. The walk goes on through a site only
// where through says so. Time grows with the square of the sites it visits.
func (n *network) nearest(from topology.SiteID, through func(topology.SiteID) bool) []reach {
	name := func(s topology.SiteID) string { return n.org.Sites[s].Name }
	var done, open []reach
	open = append(open, reach{site: from})
	for len(open) > 0 {
		best := 0
		for i := range open {
			a, b := &open[i], &open[best]
			if cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(len(a.links), len(b.links)), topology.CompareNames(name(a.site), name(b.site))) < 0 {
				best = i
			}
		}
		r := open[best]
		open = slices.Delete(open, best, best+1)
		if slices.ContainsFunc(done, func(x reach) bool { return x.site == r.site }) {
			continue
		}
		done = append(done, r)
		if r.site != from && !through(r.site) {
			continue
		}
		for _, h := range n.hops[r.site] {
			open = append(open, reach{h.to, r.cost + h.cost, append(slices.Clone(r.links), h.link)})
		}
	}
	return done[1:]
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
		for _, r := range n.nearest(topology.SiteID(s), func(x topology.SiteID) bool { return !n.hasDC[x] }) {
			if n.hasDC[r.site] && topology.NameLess(n.org.Sites[s].Name, n.org.Sites[r.site].Name) {
				all = append(all, branch{topology.SiteID(s), r.site, r.cost, r.links})
			}
		}
	}
	name := func(s topology.SiteID) string { return n.org.Sites[s].Name }
	slices.SortFunc(all, func(x, y branch) int {
		return cmp.Or(cmp.Compare(x.cost, y.cost), topology.CompareNames(name(x.a), name(y.a)), topology.CompareNames(name(x.b), name(y.b)))
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
// without a detour, others only when no chain of links that work joins them; a pair with a network of its own needs no link; a
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
			return true
		}
	}
	adjacent := false
	for _, h := range n.hops[a] {
		if h.to == b && !n.linkDown[h.link] {
			return true
		}
		adjacent = adjacent || h.to == b
	}
	if adjacent {
		return false
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

// LinkState says that a site link broke or works again. Pulls that it held up are tried at the next instant of their schedule
// (V7).
func (d *Directory) LinkState(now simtime.Time, link topology.LinkID, up bool) {
	d.network.linkDown[link] = !up
	d.retryPulls(now)
}

// PairState says that traffic from site a to site b was cut, or passes again.
func (d *Directory) PairState(now simtime.Time, a, b topology.SiteID, up bool) {
	p := [2]topology.SiteID{a, b}
	d.network.cut = slices.DeleteFunc(d.network.cut, func(x [2]topology.SiteID) bool { return x == p })
	if !up {
		d.network.cut = append(d.network.cut, p)
	}
	d.retryPulls(now)
}
