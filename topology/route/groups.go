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
	var hosts []Target
	switch k.Type {
	case SmtpRelayToTiRg:
		for _, r := range v.org.RGCs[k.Group].Targets {
			hosts = append(hosts, Target{TargetRemote, int32(r)})
		}
		l.add(topology.None, false, hosts...)
	case SmtpRelayToServers:
		t.members(&l, []topology.ServerID{k.Server})
	case SmtpRelayToDag:
		t.members(&l, v.dagGroup(topology.DAGID(k.Group)).members)
	case SmtpRelayToMailboxDeliveryGroup:
		t.members(&l, v.classGroup(k.Site, k.Group).members)
	case SmtpRelayToRemoteAdSite:
		l.servers(k.Site, false, v.open[k.Site])
		t.backOff(&l, k.Site)
	case SmtpRelayToConnectorSourceServers:
		t.members(&l, v.present(v.org.Connectors[k.Connector].Sources))
	case SmtpRelayWithinAdSite, SmtpRelayWithinAdSiteToEdge:
		// : only servers of this site.
		if k.Server != topology.None { // a single server
			l.servers(t.site, false, []topology.ServerID{k.Server})
			break
		}
		if k.Connector == topology.None && k.Group < 0 {
			l.servers(t.site, false, v.in(v.present(v.org.RGCs[-1-k.Group].Sources), t.site))
			break
		}
		if k.Connector == topology.None {
			l.servers(t.site, false, v.classGroup(t.site, k.Group).members)
			break
		}
		l.servers(t.site, false, t.sourcesIn(&v.org.Connectors[k.Connector], t.site))
	case MapiDelivery, SmtpDeliveryToMailbox:
		l.add(t.site, false, Target{TargetStore, int32(k.Server)})
	case SmartHostConnectorDelivery:
		if k.Connector == topology.None { // an Edge's way into the organisation
			l.servers(k.Site, false, v.open[k.Site])
			break
		}
		for _, r := range v.org.Connectors[k.Connector].SmartHosts {
			hosts = append(hosts, Target{TargetRemote, int32(r)})
		}
		l.add(topology.None, false, hosts...)
	case DnsConnectorDelivery:
		v.exchangers(&l, k.Domain)
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
		l.servers(s, true, t.view.open[s])
	}
}

// members appends the members of a delivery group as steps 5 and 6 order them for a sender outside the group.
func (t *Table) members(l *list, group []topology.ServerID) {
	v := t.view
	sites := t.memberSites(group)
	for _, s := range sites { // step 5: the primary site; 6(a): the other member sites, nearest first
		l.servers(s, false, v.in(group, s))
	}
	if len(sites) == 0 || sites[0] == t.site {
		return // 6(b): a member in the local site, so nothing more
	}
	primary := sites[0]
	others := slices.DeleteFunc(slices.Clone(v.open[primary]), func(s topology.ServerID) bool { return slices.Contains(group, s) })
	l.servers(primary, false, others) // 6(c)
	t.backOff(l, primary)             // 6(d)
}

// memberSites returns the sites with members of a delivery group, the nearest first by cost, hops and name (R-3.27 step 2, D-9).
// Sites that no path leads to, or that take no mail from here, are left out.
func (t *Table) memberSites(group []topology.ServerID) []topology.SiteID {
	var sites []topology.SiteID
	for _, id := range group {
		if s := t.view.org.Servers[id].Site; t.takesMail(s) && !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	slices.SortFunc(sites, t.compareSites)
	return sites
}

// takesMail tells whether mail can be sent from this site to the servers of a site: a chain of links leads there, and inbound mail is not
// disabled there (D-26; what goes from server to server inside a site is not inbound).
func (t *Table) takesMail(s topology.SiteID) bool {
	return t.paths.reaches(s) && (s == t.site || !t.view.org.Sites[s].InboundDisabled)
}

// compareSites orders sites by their distance as destinations: cost, hops, then their own names (D-9).
func (t *Table) compareSites(a, b topology.SiteID) int {
	x, y := t.paths.best[a], t.paths.best[b]
	x.name, y.name = t.view.rank[a], t.view.rank[b]
	order, _ := x.compare(y)
	return order
}

// present returns the servers of a list that are part of the organisation.
func (v *view) present(ids []topology.ServerID) []topology.ServerID {
	return slices.DeleteFunc(slices.Clone(ids), func(id topology.ServerID) bool { return v.org.Servers[id].Absent })
}

// in returns the servers of a list that are in a site.
func (v *view) in(ids []topology.ServerID, site topology.SiteID) []topology.ServerID {
	return slices.DeleteFunc(slices.Clone(ids), func(id topology.ServerID) bool { return v.org.Servers[id].Site != site })
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
