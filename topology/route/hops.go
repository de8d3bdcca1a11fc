package route

import "mailsim/topology"

// fan is the scratch space of Hops, by first site after the sender's; an entry counts only when its round is the present one.
type fan struct {
	round   int64
	bundles []bundle
}

// bundle is what one message has for final sites behind one first site (R-3.19 step 2).
type bundle struct {
	round   int64
	only    topology.SiteID // the final site, as long as there is one
	last    topology.SiteID // the last site that their paths have in common: the end of C in step 4
	several bool            // more than one final site
	key     KeyID           // of the one copy; NoKey = split now
}

// Hops decides for the recipients of one message that are routed together at the transport server from: it appends to out, for each
// recipient in turn, the hop it takes. Recipients with the same key travel as one copy.
//
// In 2007 and 2010 a message is split as late as possible (R-3.19; nothing switches that off, R-3.21): recipients whose paths begin with
// the same site go as one copy to the first hub site that their paths share, or else to the last shared site with a hub. From 2013
// on only recipients with the same next hop share a copy. A single recipient takes the hop of Hop.
//
// Nothing is allocated but what out needs, and what the first decision for a destination takes. It panics when from is a server of
// another site.
func (t *Table) Hops(from topology.ServerID, dests []DestID, size int64, out []Hop) []Hop {
	v := t.view
	start := len(out)
	for _, d := range dests {
		out = append(out, t.Hop(from, d, size))
	}
	if len(dests) < 2 || v.org.Servers[from].Version.New() || v.org.Servers[from].Is(topology.RoleEdge) {
		return out // what is in one AD-site group has one key already
	}
	if v.fan.bundles == nil {
		v.fan.bundles = make([]bundle, len(v.org.Sites))
	}
	v.fan.round++
	for i, d := range dests {
		if out[start+i].Outcome != Queued {
			continue
		}
		final := t.lookUp(from, d, size).final
		if final == t.site {
			continue // step 1: handled locally
		}
		b := &v.fan.bundles[t.paths.first[final]]
		if b.round != v.fan.round {
			*b = bundle{round: v.fan.round, only: final, last: final}
			continue
		}
		if final != b.only {
			b.several = true
			b.last = t.paths.common(b.last, final)
		}
		b.key = NoKey
	}
	for i, d := range dests {
		if out[start+i].Outcome != Queued {
			continue
		}
		final := t.lookUp(from, d, size).final
		if final == t.site {
			continue
		}
		b := &v.fan.bundles[t.paths.first[final]]
		if !b.several {
			continue // step 3
		}
		if b.key == NoKey {
			if b.key = t.forkKey(b.last); b.key == NoKey {
				b.several = false // step 4: no site of C has a hub, so each goes its own way from here
				continue
			}
		}
		out[start+i].Key = b.key
	}
	return out
}

// forkKey is the queue in which recipients travel whose paths part behind a site (R-3.19 step 4): for the first hub site up to there, or
// else for the last site with a hub (D-7: a next hop like any other, with back-off before it). NoKey when there is neither.
func (t *Table) forkKey(last topology.SiteID) KeyID {
	fork := t.fork(last)
	if fork == topology.None {
		return NoKey
	}
	if t.forks == nil {
		t.forks = make([]KeyID, len(t.view.org.Sites))
	}
	if t.forks[fork] == 0 {
		t.forks[fork] = 1 + t.book.keyID(adSite(t.view, fork))
	}
	return t.forks[fork] - 1
}

// fork is the site of forkKey.
func (t *Table) fork(last topology.SiteID) topology.SiteID {
	if hub := t.paths.via[last]; hub != topology.None {
		return hub
	}
	// A final site may itself be the fork, hub site or not (R-3.20, D-6).
	for s := last; s != t.site; s = t.paths.prev[s] {
		if len(t.view.open[s]) > 0 {
			return s
		}
	}
	return topology.None
}

// common returns the last site that the paths to two sites have in common.
func (p *paths) common(a, b topology.SiteID) topology.SiteID {
	for a != b {
		if p.best[a].hops >= p.best[b].hops {
			a = p.prev[a]
		} else {
			b = p.prev[b]
		}
	}
	return a
}
