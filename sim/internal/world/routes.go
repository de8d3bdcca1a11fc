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

// reroute finds the way of every pair of sites (DESIGN 4.2): a pair with its own network uses that; an adjacent pair uses its link and
// no detour, the one with the least round-trip time, then the lowest name, of those that are up; any other pair uses the chain of links
// that are up with the least round-trip time, ties by hops and then by the name of the site before the destination, back to the
// source, as breaks them.
func (n *Network) reroute() {
	old := n.routes
	n.routes = make([]route, n.sites*n.sites)
	for a := range n.sites {
		chain := n.chains(topology.SiteID(a))
		for b := range n.sites {
			p := a*n.sites + b
			r := &n.routes[p]
			r.class = -1
			switch {
			case a == b:
				*r = route{reachable: true, rtt: insideRTT, class: -1}
			case n.own[p] != 0:
				e := &n.edges[n.own[p]-1]
				*r = route{reachable: true, rtt: e.rtt, class: n.classFor(n.use(nil, e, topology.SiteID(a)))}
			case n.adjacent[p]:
				if e := n.direct(topology.SiteID(a), topology.SiteID(b)); e != nil {
					*r = route{reachable: true, rtt: e.rtt, class: n.classFor(n.use(nil, e, topology.SiteID(a)))}
				}
			case chain[b].known:
				*r = route{reachable: true, rtt: chain[b].rtt, class: n.classFor(n.along(chain, topology.SiteID(b)))}
			}
			if !r.reachable && old != nil {
				r.rtt = old[p].rtt
			}
		}
	}
}

// direct returns the best link that is up between two sites, nil when none is.
func (n *Network) direct(a, b topology.SiteID) *edge {
	var best *edge
	for i := range n.edges {
		e := &n.edges[i]
		if e.a != min(a, b) || e.b != max(a, b) || e.link < 0 || n.linkDown[e.link] {
			continue
		}
		if best == nil || e.rtt < best.rtt || e.rtt == best.rtt && topology.NameLess(n.org.Links[e.link].Name, n.org.Links[best.link].Name) {
			best = e
		}
	}
	return best
}

type step struct {
	known bool
	done  bool
	rtt   time.Duration
	hops  int
	from  topology.SiteID
	edge  *edge
}

// chains is Dijkstra over the links that are up, by round-trip time, hops, and the name of the site before.
func (n *Network) chains(source topology.SiteID) []step {
	s := make([]step, n.sites)
	s[source].known = true
	s[source].from = topology.None
	for {
		u := topology.SiteID(topology.None)
		for i := range s {
			if s[i].known && !s[i].done && (u < 0 || s[i].rtt < s[u].rtt || s[i].rtt == s[u].rtt && s[i].hops < s[u].hops) {
				u = topology.SiteID(i)
			}
		}
		if u < 0 {
			return s
		}
		s[u].done = true
		for i := range n.edges {
			e := &n.edges[i]
			if e.link < 0 || n.linkDown[e.link] || (e.a != u && e.b != u) {
				continue
			}
			v := e.a + e.b - u
			c := step{known: true, rtt: s[u].rtt + e.rtt, hops: s[u].hops + 1, from: u, edge: e}
			if !s[v].done && n.better(&c, &s[v]) {
				s[v] = c
			}
		}
	}
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
		return topology.NameLess(n.org.Links[c.edge.link].Name, n.org.Links[old.edge.link].Name)
	}
}

// along lists the resources of a chain.
func (n *Network) along(s []step, to topology.SiteID) []int {
	var res []int
	for v := to; s[v].from >= 0; v = s[v].from {
		res = n.use(res, s[v].edge, s[v].from)
	}
	return res
}

// use adds the resource that a body uses on an edge when it leaves from.
func (n *Network) use(res []int, e *edge, from topology.SiteID) []int {
	r := e.up
	if from != e.a {
		r = e.down
	}
	if r >= 0 && !slices.Contains(res, r) {
		res = append(res, r)
	}
	return res
}

// classFor returns the class of bodies that use these resources; -1 when there is none to share.
func (n *Network) classFor(res []int) int32 {
	if len(res) == 0 {
		return -1
	}
	slices.Sort(res)
	key := fmt.Sprint(res)
	if c, ok := n.classOf[key]; ok {
		return c
	}
	n.classes = append(n.classes, class{resources: res, next: simtime.Never, slot: -1})
	c := int32(len(n.classes) - 1)
	n.classOf[key] = c
	for _, r := range res {
		n.resources[r].users = append(n.resources[r].users, c)
	}
	return c
}
