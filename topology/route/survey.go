package route

import (
	"cmp"
	"slices"

	"mailsim/topology"
)

// Survey is what an administrator would want to know of all least-cost paths of an organisation together. Only paths between sites
// with hubs count: no other mail is routed.
type Survey struct {
	Ambiguous []Ambiguity // in order of From, then To
	Crossing  []int       // by site: ordered pairs of other sites whose mail must stop at this hub site
}

// Ambiguity is a pair of sites with several paths of equal cost and equally many hops, of which names chose one (R-3.1 step 3),
// where another choice would treat mail otherwise.
type Ambiguity struct {
	From, To topology.SiteID
	HubSites bool // mail would stop at other hub sites
	Limits   bool // the smallest size limit of the links would be another
}

// NewSurvey goes over the paths between all pairs of sites: O(V·E·log V), nothing when there are no hub sites and no limits of links.
func NewSurvey(org *topology.Organisation) Survey {
	s := Survey{Crossing: make([]int, len(org.Sites))}
	v := newView(org)
	limited := slices.ContainsFunc(org.Links, func(l topology.Link) bool { return l.MaxMessageSize < topology.Unlimited })
	if !limited && !slices.Contains(v.hubSite, true) {
		return s
	}
	for from := range org.Sites {
		if len(v.hubs[from]) == 0 {
			continue
		}
		p := findPaths(v, topology.SiteID(from))
		choices := p.choices(v)
		for to := range org.Sites {
			if to == from || len(v.open[to]) == 0 || !p.reaches(topology.SiteID(to)) {
				continue
			}
			for at := p.prev[to]; at != p.source; at = p.prev[at] {
				if v.hubSite[at] {
					s.Crossing[at]++
				}
			}
			c := choices[to]
			a := Ambiguity{p.source, topology.SiteID(to), c.mixed, c.low != c.high && org.Version != topology.V2007RTM}
			if a.HubSites || a.Limits {
				s.Ambiguous = append(s.Ambiguous, a)
			}
		}
	}
	return s
}

// choice is how the paths to a site differ that are equal by cost and hops.
type choice struct {
	stop      topology.SiteID // the last hub site behind the source up to and including this one, on the path that is taken; or None
	mixed     bool            // not all paths stop at the same hub sites before this one
	low, high int64           // the smallest size limit, on the path where it is least and the one where it is greatest
}

// choices compares, for each site that is reached, all paths that are equal to the best one by cost and hops. Such paths to a site
// are such paths to the sites before it, one hop longer, so the sites are taken in order of cost and each asks those before it.
func (p *paths) choices(v *view) []choice {
	order := make([]topology.SiteID, 0, len(p.best))
	for s := range p.best {
		if p.reaches(topology.SiteID(s)) {
			order = append(order, topology.SiteID(s))
		}
	}
	slices.SortStableFunc(order, func(a, b topology.SiteID) int { return cmp.Compare(p.best[a].cost, p.best[b].cost) })
	out := make([]choice, len(p.best))
	out[p.source] = choice{stop: topology.None, low: topology.Unlimited, high: topology.Unlimited}
	for _, s := range order[1:] { // the source costs nothing and comes first
		taken := out[p.prev[s]].stop
		c := choice{stop: taken, low: topology.Unlimited}
		for _, e := range v.graph.Neighbours(s) {
			if !p.reaches(e.To) || p.best[e.To].cost+e.Cost != p.best[s].cost || p.best[e.To].hops+1 != p.best[s].hops {
				continue
			}
			before, limit := out[e.To], v.org.Links[e.Link].MaxMessageSize
			c.mixed = c.mixed || before.mixed || before.stop != taken
			c.low = min(c.low, before.low, limit)
			c.high = max(c.high, min(before.high, limit))
		}
		if v.hubSite[s] {
			c.stop = s
		}
		out[s] = c
	}
	return out
}
