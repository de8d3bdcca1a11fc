package world

import "mailsim/topology"

// LinkLoad is what one direction of a site link has carried.
type LinkLoad struct {
	Link      topology.LinkID
	Direction Direction
	Bits      float64 // capacity, bit/s, while the link is not degraded
	Carried   float64 // bits since t0
	Lack      float64 // bits since t0 that it could not have carried because it was degraded
}

// Loads appends the load of every limited direction of every site link up to now, in order of declaration. It only looks: how far the
// bodies are is kept in steps from one change to the next, so that a look in between cannot round anything another way.
func (n *Network) Loads(now Time, out []LinkLoad) []LinkLoad {
	if now != n.changedAt {
		n.settle() // as of the instant of the change, as the next start or finish would
	}
	for i := range n.resources {
		r := &n.resources[i]
		if r.link < 0 {
			continue
		}
		carried := r.carried
		for _, u := range r.users {
			k := &n.classes[u.class]
			carried += float64(k.total * seconds(k.since, now))
		}
		out = append(out, LinkLoad{r.link, r.dir, r.own, carried, r.lackAt(now)})
	}
	return out
}

// Share is the share of its capacity that a direction has carried since an earlier look, so many seconds before; 0 where no time has passed.
func (l *LinkLoad) Share(before *LinkLoad, seconds float64) float64 {
	could := float64(l.Bits*seconds) - (l.Lack - before.Lack)
	if could <= 0 {
		return 0
	}
	return (l.Carried - before.Carried) / could
}
