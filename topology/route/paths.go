package route

import (
	"math"

	"mailsim/topology"
)

// unreachable is the cost of a site that no chain of links reaches.
const unreachable = math.MaxInt64

// rating is what candidates for a least-cost choice are judged by: total cost, then hops, then name. judges the ways into a
// site by it (the name being that of the site before), R-3.27 step 2 the member sites of a delivery group (D-9: their own names).
type rating struct {
	cost int64
	hops int32
	name int32 // rank of a name (D-1)
}

// compare orders ratings, the better first, and tells which step of decided: 1 cost, 2 hops, 3 name, 0 none.
func (a rating) compare(b rating) (order, step int) {
	switch {
	case a.cost < b.cost:
		return -1, 1
	case a.cost > b.cost:
		return 1, 1
	case a.hops < b.hops:
		return -1, 2
	case a.hops > b.hops:
		return 1, 2
	case a.name < b.name:
		return -1, 3
	case a.name > b.name:
		return 1, 3
	}
	return 0, 0
}

// paths are the least-cost paths from one site to all others, over any number of links: one path for each pair of
// sites, used for all mail. They form a tree, because the tail and the head of a least-cost path are least-cost paths.
type paths struct {
	source topology.SiteID
	best   []rating          // by site: how the best way into it is rated; cost unreachable where there is none
	prev   []topology.SiteID // by site: the site before it; None at the source
	first  []topology.SiteID // by site: the first site after the source on the way to it (R-3.19 step 2); None at the source
	via    []topology.SiteID // by site: the first hub site strictly between source and it; None without one
	limit  []int64           // by site: smallest link limit on the way, in bytes
}

// findPaths runs one Dijkstra from source with the key of, in which names count from the destination end. Costs are
// positive (a published figure that shows a dearer path is wrong, X-11), so every site that can stand before d on a best path to d costs less than d and is settled before it.
func findPaths(v *view, source topology.SiteID) *paths {
	n := len(v.org.Sites)
	p := &paths{
		source: source,
		best:   make([]rating, n),
		prev:   make([]topology.SiteID, n),
		first:  make([]topology.SiteID, n),
		via:    make([]topology.SiteID, n),
		limit:  make([]int64, n),
	}
	for i := range n {
		p.best[i] = rating{cost: unreachable}
		p.prev[i], p.first[i], p.via[i] = topology.None, topology.None, topology.None
	}
	p.best[source] = rating{name: v.rank[source]}
	p.limit[source] = topology.Unlimited

	settled := make([]bool, n)
	var open frontier
	open.push(waypoint{site: source})
	for len(open) > 0 {
		w := open.pop()
		s := w.site
		if settled[s] {
			continue // an entry that a better way has overtaken
		}
		settled[s] = true
		p.extend(v, s)
		for _, e := range v.graph.Neighbours(s) {
			r := rating{cost: p.best[s].cost + e.Cost, hops: p.best[s].hops + 1, name: v.rank[s]}
			if order, step := r.compare(p.best[e.To]); order < 0 {
				p.best[e.To], p.prev[e.To] = r, s
				if step == 1 { // fewer hops or a better name do not change when a site's turn comes
					open.push(waypoint{r.cost, e.To})
				}
			}
		}
	}
	return p
}

// extend completes what is derived for a settled site from the site before it.
func (p *paths) extend(v *view, s topology.SiteID) {
	before := p.prev[s]
	if before == topology.None {
		return
	}
	hop, _ := v.graph.Hop(before, s)
	p.limit[s] = min(p.limit[before], v.org.Links[hop.Link].MaxMessageSize)
	p.first[s] = p.first[before]
	if before == p.source {
		p.first[s] = s
	}
	p.via[s] = p.via[before]
	if p.via[s] == topology.None && before != p.source && v.hubSite[before] {
		p.via[s] = before // neither the source's own flag nor the destination's counts here
	}
}

// reaches tells whether a chain of links leads to a site.
func (p *paths) reaches(s topology.SiteID) bool { return p.best[s].cost != unreachable }

// to returns the least-cost path to a site, source first; nil where there is none.
func (p *paths) to(s topology.SiteID) []topology.SiteID {
	if !p.reaches(s) {
		return nil
	}
	path := make([]topology.SiteID, p.best[s].hops+1)
	for i := len(path) - 1; i >= 0; i-- {
		path[i] = s
		s = p.prev[s]
	}
	return path
}

// waypoint is a site that waits to be settled, with the cost of one way to it.
type waypoint struct {
	cost int64
	site topology.SiteID
}

// frontier is a binary heap of waypoints by cost. Among equal ones any order gives the same tree: whoever can stand before a site
// on a best path costs less than it.
type frontier []waypoint

func (f *frontier) push(w waypoint) {
	h := append(*f, w)
	i := len(h) - 1
	for i > 0 && w.cost < h[(i-1)/2].cost {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = w
	*f = h
}

func (f *frontier) pop() waypoint {
	h := *f
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].cost < h[c].cost {
			c++
		}
		if h[c].cost >= last.cost {
			break
		}
		h[i] = h[c]
		i = c
	}
	if len(h) > 0 {
		h[i] = last
	}
	*f = h
	return top
}
