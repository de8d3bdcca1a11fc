package world

import (
	"fmt"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Time is simtime.Time, spelt short here.
type Time = simtime.Time

// way returns how traffic from a to b travels at present.
func (n *Network) way(a, b topology.SiteID) *route {
	if !n.rows[a].made {
		n.makeRow(a)
	}
	return &n.rows[a].routes[b]
}

// makeRow finds the ways from a site to all others (docs/design.md): a pair with its own network uses that; an adjacent pair uses its link and
// no detour, the one with the least round-trip time, then the lowest name, of those that are up; any other pair uses the chain of links
// that are up with the least round-trip time, ties by hops and then by the name of the site before the destination, back to the
// source, as breaks them.
func (n *Network) makeRow(a topology.SiteID) {
	w := &n.rows[a]
	if w.routes == nil {
		w.routes = make([]route, n.sites)
	}
	w.steps = n.chains(a, w.steps)
	for i := range w.routes {
		b := topology.SiteID(i)
		r := &w.routes[i]
		old := r.rtt
		*r = route{class: notShared, rtt: old}
		switch own := n.own[n.pair(a, b)]; {
		case a == b:
			r.reachable, r.rtt = true, insideRTT
		case own != 0: // F12: down it cuts its pair, whatever links there are
			if n.linkDown[n.edges[own-1].link] {
				break
			}
			*r = route{reachable: true, direct: true, rtt: n.edges[own-1].rtt, class: notMade, edge: own - 1}
		case n.adjacent[n.pair(a, b)]:
			if e := n.direct(a, b); e >= 0 {
				*r = route{reachable: true, direct: true, rtt: n.edges[e].rtt, class: notMade, edge: e}
			}
		case w.steps[b].known:
			*r = route{reachable: true, rtt: w.steps[b].rtt, class: notMade}
		}
		if n.troubled && r.reachable {
			r.rtt += n.latency(a, b)
		}
	}
	w.made = true
}

// classOfPair returns the class of the bodies from a to b; notShared when they share nothing, or the pair is cut.
func (n *Network) classOfPair(a, b topology.SiteID) int32 {
	r := n.way(a, b)
	if r.class == notMade {
		if r.direct {
			r.class = n.classFor(n.use(nil, &n.edges[r.edge], a), n.limitOf(a, b, r.rtt))
		} else {
			r.class = n.classFor(n.along(n.rows[a].steps, b), n.limitOf(a, b, r.rtt))
		}
	}
	return r.class
}

// direct returns the best link edge between two sites, -1 when there is none or one of them is down: a link that is down cuts the pairs
// that it joins, always (F12), even where another link joins them as well.
func (n *Network) direct(a, b topology.SiteID) int32 {
	best := int32(-1)
	for _, i := range n.at[a] {
		e := &n.edges[i]
		if e.a+e.b-a != b {
			continue
		}
		if n.linkDown[e.link] {
			return -1
		}
		if best < 0 || e.rtt < n.edges[best].rtt ||
			e.rtt == n.edges[best].rtt && topology.NameLess(n.org.Links[e.link].Name, n.org.Links[n.edges[best].link].Name) {
			best = i
		}
	}
	return best
}

type step struct {
	known bool
	done  bool
	hops  int32
	edge  int32
	from  topology.SiteID
	rtt   time.Duration
}

// seen is an entry of the list of sites that Dijkstra has reached.
type seen struct {
	rtt  time.Duration
	hops int32
	site topology.SiteID
}

func (x seen) before(y seen) bool {
	if x.rtt != y.rtt {
		return x.rtt < y.rtt
	}
	return x.hops < y.hops
}

// chains is Dijkstra over the links that are up, by round-trip time, hops, and the name of the site before. It reuses s.
func (n *Network) chains(source topology.SiteID, s []step) []step {
	if s == nil {
		s = make([]step, n.sites)
	}
	clear(s)
	s[source] = step{known: true, from: topology.None}
	heap := append(n.frontier[:0], seen{site: source})
	for len(heap) > 0 {
		u := heap[0].site
		heap = popSeen(heap)
		if s[u].done {
			continue
		}
		s[u].done = true
		for _, i := range n.at[u] {
			e := &n.edges[i]
			if n.linkDown[e.link] {
				continue
			}
			v := e.a + e.b - u
			c := step{known: true, rtt: s[u].rtt + e.rtt, hops: s[u].hops + 1, from: u, edge: i}
			if !s[v].done && n.better(&c, &s[v]) {
				s[v] = c
				heap = pushSeen(heap, seen{c.rtt, c.hops, v})
			}
		}
	}
	n.frontier = heap
	return s
}

func pushSeen(h []seen, x seen) []seen {
	h = append(h, x)
	i := len(h) - 1
	for i > 0 && x.before(h[(i-1)/2]) {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = x
	return h
}

func popSeen(h []seen) []seen {
	x := h[len(h)-1]
	h = h[:len(h)-1]
	if len(h) == 0 {
		return h
	}
	i := 0
	for {
		c := 2*i + 1
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if c >= len(h) || !h[c].before(x) {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = x
	return h
}

func (n *Network) better(c, old *step) bool {
	switch {
	case !old.known || c.rtt != old.rtt:
		return !old.known || c.rtt < old.rtt
	case c.hops != old.hops:
		return c.hops < old.hops
	case c.from != old.from:
		return topology.NameLess(n.org.Sites[c.from].Name, n.org.Sites[old.from].Name)
	default:
		return topology.NameLess(n.org.Links[n.edges[c.edge].link].Name, n.org.Links[n.edges[old.edge].link].Name)
	}
}

// along lists the resources of a chain.
func (n *Network) along(s []step, to topology.SiteID) []int32 {
	var res []int32
	for v := to; s[v].from >= 0; v = s[v].from {
		res = n.use(res, &n.edges[s[v].edge], s[v].from)
	}
	return res
}

// use adds the resource that a body uses on an edge when it leaves from.
func (n *Network) use(res []int32, e *edge, from topology.SiteID) []int32 {
	r := e.up
	if from != e.a {
		r = e.down
	}
	if r >= 0 && !slices.Contains(res, r) {
		res = append(res, r)
	}
	return res
}

// classFor returns the class of bodies that use these resources and get limit bit/s at most; notShared when nothing holds them down.
func (n *Network) classFor(res []int32, limit float64) int32 {
	for _, r := range res {
		if n.resources[r].bits <= limit {
			limit = noLimit // the window is never what holds a body down, so it makes no class of its own
		}
	}
	if len(res) == 0 && limit == noLimit {
		return notShared
	}
	slices.Sort(res)
	key := fmt.Sprint(res, limit)
	if c, ok := n.classOf[key]; ok {
		return c
	}
	n.classes = append(n.classes, class{resources: res, places: make([]int32, len(res)), limit: limit, neck: noNeck, next: simtime.Never, slot: -1})
	c := int32(len(n.classes) - 1)
	n.classOf[key] = c
	return c
}
