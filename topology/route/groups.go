package route

import (
	"slices"

	"mailsim/topology"
)

// candidates lists whom a server's connections for a key try, group by group (Table.Groups): hubs of other sites, Edge servers of
// this one, smart hosts, or the one mailbox store. Never nil.
func (t *Table) candidates(from topology.ServerID, k *Key) []Group {
	v := t.view
	l := list{from: from, groups: []Group{}}
	switch k.Type {
	case SmtpRelayToRemoteAdSite, SmtpRelayToMailboxDeliveryGroup:
		l.servers(k.Site, false, v.hubs[k.Site])
		t.backOff(&l, k.Site)
	case SmtpRelayToConnectorSourceServers:
		t.sourceServers(&l, &v.org.Connectors[k.Connector])
	case SmtpRelayWithinAdSite, SmtpRelayWithinAdSiteToEdge:
		// : only servers of this site.
		l.servers(t.site, false, t.sourcesIn(&v.org.Connectors[k.Connector], t.site))
	case MapiDelivery, SmtpDeliveryToMailbox:
		l.add(t.site, false, Target{TargetStore, int32(k.Server)})
	case SmartHostConnectorDelivery:
		if k.Connector == topology.None { // an Edge's way into the organisation
			l.servers(k.Site, false, v.hubs[k.Site])
			break
		}
		var hosts []Target
		for _, r := range v.org.Connectors[k.Connector].SmartHosts {
			hosts = append(hosts, Target{TargetRemote, int32(r)})
		}
		l.add(topology.None, false, hosts...)
	case DnsConnectorDelivery:
		if v.internet != topology.None {
			l.add(topology.None, false, Target{TargetRemote, int32(v.internet)})
		}
	case NonSmtpGatewayDelivery, DeliveryAgent:
		l.add(t.site, false, Target{TargetGateway, int32(from)})
	}
	return l.groups
}

// backOff appends the sites before a next-hop site on the least-cost path to it, one by one, the nearest to it first, down to
// the first site after this one. Sites without hubs are skipped; this site is not in the list. A hub site is never
// skipped forward: what follows it is behind the next hop, not before it. So mail comes to rest in the reachable site nearest
// the next hop, or is relayed on from there when only this site's network was broken.
func (t *Table) backOff(l *list, next topology.SiteID) {
	if !t.paths.reaches(next) || next == t.site {
		return
	}
	for s := t.paths.prev[next]; s != t.site; s = t.paths.prev[s] {
		l.servers(s, true, t.view.hubs[s])
	}
}

// sourceServers appends the source servers of a connector as steps 5 and 6 order them for a sender outside the group.
func (t *Table) sourceServers(l *list, c *topology.Connector) {
	v := t.view
	sites := t.memberSites(c)
	for _, s := range sites { // step 5: the primary site; 6(a): the other member sites, nearest first
		l.servers(s, false, t.sourcesIn(c, s))
	}
	if len(sites) == 0 || sites[0] == t.site {
		return // 6(b): a member in the local site, so nothing more
	}
	primary := sites[0]
	members := t.sourcesIn(c, primary)
	others := slices.DeleteFunc(slices.Clone(v.hubs[primary]), func(s topology.ServerID) bool { return slices.Contains(members, s) })
	l.servers(primary, false, others) // 6(c)
	t.backOff(l, primary)             // 6(d)
}

// memberSites returns the sites with source servers of a connector, the nearest first by cost, hops and name (R-3.27 step 2, D-9).
func (t *Table) memberSites(c *topology.Connector) []topology.SiteID {
	var sites []topology.SiteID
	for _, id := range c.Sources {
		s := &t.view.org.Servers[id]
		if !s.Absent && t.paths.reaches(s.Site) && !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
	}
	slices.SortFunc(sites, func(a, b topology.SiteID) int {
		x, y := t.paths.best[a], t.paths.best[b]
		x.name, y.name = t.view.rank[a], t.view.rank[b]
		order, _ := x.compare(y)
		return order
	})
	return sites
}

// list collects groups of candidates for a sender.
type list struct {
	from   topology.ServerID
	groups []Group
}

// servers appends transport servers, without the sender itself.
func (l *list) servers(site topology.SiteID, backoff bool, ids []topology.ServerID) {
	members := make([]Target, 0, len(ids))
	for _, id := range ids {
		if id != l.from {
			members = append(members, Target{TargetServer, int32(id)})
		}
	}
	l.add(site, backoff, members...)
}

// add appends a group unless it is empty.
func (l *list) add(site topology.SiteID, backoff bool, members ...Target) {
	if len(members) > 0 {
		l.groups = append(l.groups, Group{Site: site, Members: members, Backoff: backoff})
	}
}
