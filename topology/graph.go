package topology

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
)

// Edge is one hop of the site graph as seen from one end: the link that mail towards To uses, and its effective cost.
type Edge struct {
	To   SiteID
	Link LinkID
	Cost int64
}

// Graph is the site graph of an organisation: sites are nodes, and two sites are joined when a link has both as members
// a link with many members is a full mesh). It is a gonum graph (graph.WeightedUndirected, graph.Weighted), so gonum's
// components, distances and centralities work on it; nodes and neighbours always come in order of site id, unlike those of
// gonum's own graphs. Never take a gonum *path* as a result: among equal ones gonum chooses at random. Least-cost paths are
// topology/route's.
//
// A Graph is immutable and safe for concurrent use.
type Graph struct {
	org *Organisation
	adj [][]Edge // by site, in order of To
}

var _ graph.WeightedUndirected = (*Graph)(nil)

// NewGraph builds the site graph of o, in time proportional to the pairs that links join, times the logarithm of a site's
// neighbours. Only site links count, whatever their replication schedules. Of parallel links it keeps the one with the lower effective cost, then the lower name (D-2).
func NewGraph(o *Organisation) *Graph {
	g := &Graph{org: o, adj: make([][]Edge, len(o.Sites))}
	for l := range o.Links {
		for _, a := range o.Links[l].Sites {
			for _, b := range o.Links[l].Sites {
				if a != b && !o.Sites[a].Absent && !o.Sites[b].Absent {
					g.adj[a] = append(g.adj[a], Edge{To: b, Link: LinkID(l), Cost: o.Links[l].EffectiveCost()})
				}
			}
		}
	}
	for s, edges := range g.adj {
		slices.SortFunc(edges, func(x, y Edge) int {
			if x.To != y.To {
				return int(x.To) - int(y.To)
			}
			return g.compareParallel(x, y)
		})
		g.adj[s] = slices.CompactFunc(edges, func(x, y Edge) bool { return x.To == y.To })
	}
	return g
}

// compareParallel orders links that join the same pair of sites: by effective cost, D-2 by name.
func (g *Graph) compareParallel(x, y Edge) int {
	switch {
	case x.Cost < y.Cost:
		return -1
	case x.Cost > y.Cost:
		return 1
	}
	return CompareNames(g.org.Links[x.Link].Name, g.org.Links[y.Link].Name)
}

// Neighbours returns the hops from a site in order of site id. The slice is the graph's own: read it only.
func (g *Graph) Neighbours(s SiteID) []Edge { return g.adj[s] }

// Hop returns the hop from a to b, if a link joins them.
func (g *Graph) Hop(a, b SiteID) (Edge, bool) {
	if a < 0 || int(a) >= len(g.adj) {
		return Edge{}, false
	}
	i, ok := slices.BinarySearchFunc(g.adj[a], b, func(e Edge, b SiteID) int { return int(e.To) - int(b) })
	if !ok {
		return Edge{}, false
	}
	return g.adj[a][i], true
}

// siteNode is a site as gonum sees it.
type siteNode int64

func (n siteNode) ID() int64 { return int64(n) }

// siteEdge is a hop as gonum sees it.
type siteEdge struct {
	from, to siteNode
	cost     float64
}

func (e siteEdge) From() graph.Node         { return e.from }
func (e siteEdge) To() graph.Node           { return e.to }
func (e siteEdge) ReversedEdge() graph.Edge { return siteEdge{e.to, e.from, e.cost} }
func (e siteEdge) Weight() float64          { return e.cost }

// Node returns the node of a site id, or nil where there is no such site.
func (g *Graph) Node(id int64) graph.Node {
	if id < 0 || id >= int64(len(g.adj)) {
		return nil
	}
	return siteNode(id)
}

// Nodes iterates over all sites in order of id.
func (g *Graph) Nodes() graph.Nodes {
	nodes := make([]graph.Node, len(g.adj))
	for i := range nodes {
		nodes[i] = siteNode(i)
	}
	return iterator.NewOrderedNodes(nodes)
}

// From iterates over the neighbours of a site in order of id.
func (g *Graph) From(id int64) graph.Nodes {
	if g.Node(id) == nil {
		return graph.Empty
	}
	nodes := make([]graph.Node, len(g.adj[id]))
	for i, e := range g.adj[id] {
		nodes[i] = siteNode(e.To)
	}
	return iterator.NewOrderedNodes(nodes)
}

// HasEdgeBetween tells whether a link joins two sites.
func (g *Graph) HasEdgeBetween(x, y int64) bool {
	_, ok := g.Hop(SiteID(x), SiteID(y))
	return ok
}

// Edge returns the hop between two sites, or nil.
func (g *Graph) Edge(u, v int64) graph.Edge { return g.EdgeBetween(u, v) }

// EdgeBetween returns the hop between two sites, or nil.
func (g *Graph) EdgeBetween(x, y int64) graph.Edge {
	if e := g.WeightedEdgeBetween(x, y); e != nil {
		return e
	}
	return nil
}

// WeightedEdge returns the hop between two sites with its effective cost, or nil.
func (g *Graph) WeightedEdge(u, v int64) graph.WeightedEdge { return g.WeightedEdgeBetween(u, v) }

// WeightedEdgeBetween returns the hop between two sites with its effective cost, or nil.
func (g *Graph) WeightedEdgeBetween(x, y int64) graph.WeightedEdge {
	e, ok := g.Hop(SiteID(x), SiteID(y))
	if !ok {
		return nil
	}
	return siteEdge{siteNode(x), siteNode(y), float64(e.Cost)}
}

// Weight returns the effective cost between two sites: 0 for a site and itself, +Inf and false where no link joins them. Costs
// are integers far below 2^53, so they are exact.
func (g *Graph) Weight(x, y int64) (float64, bool) {
	if x == y {
		return 0, true
	}
	e, ok := g.Hop(SiteID(x), SiteID(y))
	if !ok {
		return math.Inf(1), false
	}
	return float64(e.Cost), true
}
