package fault

import (
	"slices"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// A link_down that names ports is a filter on the link: connections between the machines of the two sites that it joins are dropped, on these
// ports alone.
//
// F12: whatever else passes between the two sites goes on, and so does what passes through them to others (decision).

// blockLink filters the ports of a fault between the sites that a line joins. A pair of sites with a network of its own is left alone by faults of site links,
// which are nothing to it.
func (e *Engine) blockLink(i int, l topology.LinkID) {
	f, o := &e.faults[i], e.env.Org
	line := o.Line(l)
	sites := line.Sites
	for k, a := range sites {
		for _, b := range sites[k+1:] {
			if !line.Network && slices.ContainsFunc(o.Networks, func(n topology.Network) bool { return slices.Contains(n.Sites[:], a) && slices.Contains(n.Sites[:], b) }) {
				continue
			}
			x := directory.Block{Fault: i, From: e.hostsOf(a), To: e.hostsOf(b), Both: f.Direction == Both, Ports: f.Filter.Ports, TCP: true, UDP: true, Does: directory.Drop}
			if f.Direction == From {
				x.From, x.To = x.To, x.From
			}
			e.env.Dir.Block(e.now, x)
		}
	}
}

// hostsOf lists the machines of a site.
func (e *Engine) hostsOf(site topology.SiteID) []Host {
	var out []Host
	for s := range e.env.Org.Servers {
		if e.env.Org.Servers[s].Site == site {
			out = append(out, Host{Server: topology.ServerID(s), DC: topology.None})
		}
	}
	for d := range e.env.Org.DCs {
		if e.env.Org.DCs[d].Site == site {
			out = append(out, Host{Server: topology.None, DC: topology.DCID(d)})
		}
	}
	return out
}
