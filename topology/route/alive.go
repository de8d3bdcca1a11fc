package route

import (
	"slices"

	"mailsim/topology"
)

// Alive tells, of mail that waits to be routed again by the same rules and never by another path, whether the queue of a key at a server is still one that routing by this view could have made, in the narrow sense of
// the rules: false means that its mail must be resubmitted.: the connector was removed or disabled, this server is no longer
// one of its source servers, or the connector changed from smart hosts to DNS; a queue towards source servers of which none but this
// server is left goes the same way. D-21: the next-hop site lost its route or all its
// hubs. A mere change of costs, hub flags or smart-host lists leaves queued mail where it is.
// Disabling the connector of an Edge site is how its mail is moved by hand; what has moved is not recalled when the connector is
// enabled again.
// It panics when from is a server of another site.
func (t *Table) Alive(from topology.ServerID, k KeyID) bool {
	t.mustBeHere("Alive", from)
	v, key := t.view, &t.book.keys[k]
	switch key.Type {
	case SmtpRelayToTiRg:
		return slices.Contains(v.present(v.org.RGCs[key.Group].Sources), from)
	case SmtpRelayToServers:
		x := &v.org.Servers[key.Server]
		return !x.Absent && key.Server != from && t.takesMail(x.Site)
	case SmtpRelayToDag:
		g := v.dagGroup(topology.DAGID(key.Group))
		return !slices.Contains(g.members, from) && len(t.memberSites(g.members)) > 0
	case SmtpRelayToMailboxDeliveryGroup:
		g := v.classGroup(key.Site, key.Group)
		return !slices.Contains(g.members, from) && len(t.memberSites(g.members)) > 0
	case SmtpRelayToRemoteAdSite:
		return key.Site != t.site && t.paths.reaches(key.Site) && len(v.open[key.Site]) > 0
	case MapiDelivery, SmtpDeliveryToMailbox:
		box := &v.org.Servers[key.Server]
		if box.Absent || v.org.Home(key.Server) != key.Server {
			return false
		}
		// In a DAG mail is delivered from any site, but only to the active copy; delivery elsewhere is routed again.
		if dag := v.org.DAGOf(key.Server); dag != topology.None && key.Type == SmtpDeliveryToMailbox {
			return v.org.DAGOf(from) == dag && v.org.IsActive(dag, key.Domain, key.Server)
		}
		return box.Site == t.site && v.org.HasActive(key.Server)
	case SmartHostConnectorDelivery, DnsConnectorDelivery, NonSmtpGatewayDelivery, DeliveryAgent:
		if key.Connector == topology.None {
			_, _, inward := t.inbound(from)
			return key.Site == t.site && len(v.open[key.Site]) > 0 && inward
		}
		c := &v.org.Connectors[key.Connector]
		toHosts := key.Type == SmartHostConnectorDelivery
		return exists(c) && t.isSource(c, from) && (len(c.SmartHosts) > 0) == toHosts
	case SmtpRelayWithinAdSite, SmtpRelayWithinAdSiteToEdge:
		if key.Server != topology.None { // towards an expansion server
			x := &v.org.Servers[key.Server]
			return !x.Absent && key.Server != from && x.Site == t.site
		}
		if key.Connector == topology.None && key.Group < 0 {
			near := v.in(v.present(v.org.RGCs[-1-key.Group].Sources), t.site)
			return len(near) > 1 || len(near) == 1 && near[0] != from
		}
		if key.Connector == topology.None {
			return key.Site == t.site && len(v.classGroup(t.site, key.Group).except(from).members) > 0
		}
		c := &v.org.Connectors[key.Connector]
		return exists(c) && t.anySource(c, func(id topology.ServerID) bool { return id != from && v.places[id].site == t.site })
	case SmtpRelayToConnectorSourceServers:
		c := &v.org.Connectors[key.Connector]
		return exists(c) && t.anySource(c, func(id topology.ServerID) bool { return id != from && t.takesMail(v.places[id].site) })
	}
	return true
}

// exists tells whether routing sees a connector at all.
func exists(c *topology.Connector) bool { return !c.Disabled && !c.Absent }

// anySource tells whether a present source server of a connector satisfies a condition.
func (t *Table) anySource(c *topology.Connector, ok func(topology.ServerID) bool) bool {
	for _, id := range c.Sources {
		if !t.view.org.Servers[id].Absent && ok(id) {
			return true
		}
	}
	return false
}
