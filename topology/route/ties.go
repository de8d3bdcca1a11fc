package route

import "mailsim/topology"

// Ties returns the hops of the paths from one site to another that cost as much as the least-cost path and lost to it by their hops
// or by a name (R-3.1 steps 2 and 3). Each hop comes once, from the site nearer to the start, in order of site ids; those of the
// least-cost path itself are left out. nil when there is no path, or no tie. It builds the tables of both ends.
func (b *Book) Ties(org *topology.Organisation, from, to topology.SiteID) [][2]topology.SiteID {
	there, back := b.Table(org, from), b.Table(org, to).paths
	if !there.paths.reaches(to) {
		return nil
	}
	chosen := map[[2]topology.SiteID]bool{}
	path := there.paths.to(to)
	for i := 1; i < len(path); i++ {
		chosen[[2]topology.SiteID{path[i-1], path[i]}] = true
	}
	var ties [][2]topology.SiteID
	for i := range org.Sites {
		s := topology.SiteID(i)
		if !there.paths.reaches(s) {
			continue
		}
		for _, e := range there.view.graph.Neighbours(s) {
			// Links cost the same both ways, so what it costs from To to the end is what it costs from the end to To.
			if hop := [2]topology.SiteID{s, e.To}; there.paths.best[s].cost+e.Cost+back.best[e.To].cost == there.paths.best[to].cost && !chosen[hop] {
				ties = append(ties, hop)
			}
		}
	}
	return ties
}
