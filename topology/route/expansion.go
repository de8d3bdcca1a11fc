package route

import "mailsim/topology"

// toGroupMembers decides for a distribution group: who expands it. Until then it is one recipient, even for members in the local
// site.
func (t *Table) toGroupMembers(q *question) decision {
	v := t.view
	g := &v.org.Groups[q.dest.Group]
	d := decision{outcome: Expand, final: t.site, chosen: topology.None}
	if t.expands(q.from, q.dest.Group) {
		return d
	}
	if v.org.Servers[q.from].Is(topology.RoleEdge) {
		return t.inward(q)
	}
	x := &v.org.Servers[g.ExpansionServer]
	d.final, d.outcome = x.Site, Queued
	if x.Absent { // D-22
		q.why.add("D-22", "expansion server %q of group %q is not part of the organisation: Unreachable queue", x.Name, g.Name)
		d.outcome, d.final = NoRoute, topology.None
		return d
	}
	q.why.add("R-7.2", "group %q is expanded by %q alone: the message goes there unexpanded", g.Name, x.Name)
	isNew := v.org.Servers[q.from].Version.New()
	group := Key{
		Type: SmtpRelayToServers, Domain: x.Name,
		Connector: topology.None, Site: topology.None, Server: g.ExpansionServer,
	}
	switch {
	case x.Site != t.site:
		return t.relay(q, d, group)
	case isNew:
		d.key = group
	default:
		d.key = Key{
			Type: SmtpRelayWithinAdSite, Domain: x.Name,
			Connector: topology.None, Site: t.site, Server: g.ExpansionServer,
		}
	}
	return d
}

// expands tells whether a server expands a group: the named server, or without one the first hub that handles the message. An Edge
// expands nothing.
func (t *Table) expands(s topology.ServerID, g topology.GroupID) bool {
	x := t.view.org.Groups[g].ExpansionServer
	return x == s || x == topology.None && t.view.org.Servers[s].Is(topology.RoleHub)
}

// Member returns the number of a distribution group's member as a destination.
func (b *Book) Member(m topology.Recipient) DestID {
	if m.Server != topology.None {
		return b.Dest(Destination{Kind: Mailbox, Server: m.Server, Database: m.Database})
	}
	return b.Dest(Destination{Kind: External, Type: m.Type, Domain: m.Domain})
}
