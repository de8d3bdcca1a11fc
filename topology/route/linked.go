package route

import "mailsim/topology"

// toLinked decides for what was received on the receive connector of a linked connector: it goes to that connector, whoever the
// recipient is. Mail that comes back is received elsewhere and routed normally, which is what ends the loop.
func (t *Table) toLinked(q *question) decision {
	c := &t.view.org.Connectors[q.dest.Connector]
	b := bid{id: q.dest.Connector, name: c.Name, nearness: 2}
	ok := exists(c)
	switch {
	case !ok:
	case t.isSource(c, q.from):
		b.nearness, b.site = 0, t.site
	default:
		b.site, ok = t.home(q, c)
	}
	if !ok {
		q.why.add("R-5.8", "linked connector %q is not there: Unreachable queue", c.Name)
		return decision{outcome: NoRoute, final: topology.None, chosen: topology.None}
	}
	q.why.add("R-5.14", "received on %q, to which connector %q is linked: addresses are not looked at", c.LinkedTo, c.Name)
	return t.toward(q, &b)
}

// Proxies returns the servers through whose front end the connections of a queue go out, in rotation (R-5.12, D-10): those of the site that
// are of 2013 or later, when the queue delivers through a connector with a front-end proxy. nil: connections go out directly, as they
// always do from Edge servers. It panics when from is a server of another site.
func (t *Table) Proxies(from topology.ServerID, k KeyID) []Target {
	t.mustBeHere("Proxies", from)
	v, key := t.view, &t.book.keys[k]
	if key.Type != SmartHostConnectorDelivery && key.Type != DnsConnectorDelivery || key.Connector == topology.None {
		return nil
	}
	s := &v.org.Servers[from]
	if !v.org.Connectors[key.Connector].FrontEndProxy || !s.Version.New() || s.Is(topology.RoleEdge) {
		return nil
	}
	var through []Target
	for _, h := range v.classGroup(t.site, s.Version.Class()).members {
		through = append(through, serverTarget(h))
	}
	return through
}

// spaceCost is the cost of a connector's address space; a linked connector has none.
func spaceCost(c *topology.Connector, space int) int64 {
	if space >= len(c.AddressSpaces) {
		return 0
	}
	return c.AddressSpaces[space].Cost
}
