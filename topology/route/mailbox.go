package route

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// toMailbox decides for a recipient whose mailbox is in the organisation.
func (t *Table) toMailbox(q *question) decision {
	v := t.view
	server := v.store(&q.dest)
	box, from := &v.org.Servers[server], &v.org.Servers[q.from]
	d := decision{final: box.Site, chosen: topology.None}
	group := v.groupOf(server, from.Version)
	switch {
	case box.Absent:
		q.why.add("R-2.11", "mailbox server %q is not part of the organisation: no route", box.Name)
		d.outcome = NoRoute
		return d
	case !slices.Contains(group.members, q.from):
		return t.toGroup(q, d, &group)
	}
	name := v.org.Servers[q.dest.Server].DatabaseName(q.dest.Database)
	switch {
	case from.Version.New():
		q.why.add("R-3.26", "%q belongs to the delivery group of the mailbox: delivered into database %q on %q", from.Name, name, box.Name)
		if server != q.dest.Server {
			q.why.add("R-3.28", "the active copy of database %q is on %q, in site %q", name, box.Name, v.siteName(box.Site))
		}
		d.final = t.site // step 1: nothing is left to be routed, wherever in the group the active copy is
		d.key = Key{
			Type: SmtpDeliveryToMailbox, Domain: name,
			Connector: topology.None, Site: topology.None, Server: server,
		}
	case server == q.from && v.org.DAGOf(server) != topology.None && len(group.members) > 1:
		q.why.add("R-4.15", "%q is a member of a DAG and holds the active copy itself: another hub of the site delivers", from.Name)
		d.key = v.within(group.except(q.from))
	default:
		q.why.add("R-3.26", "the mailbox is in site %q: delivered into the store of %q", v.siteName(t.site), box.Name)
		d.key = Key{
			Type: MapiDelivery, Domain: box.Name,
			Connector: topology.None, Site: topology.None, Server: server,
		}
	}
	return d
}

// toGroup decides for a delivery group that the sender is no member of.
func (t *Table) toGroup(q *question, d decision, g *deliveryGroup) decision {
	v := t.view
	box, from := &v.org.Servers[v.store(&q.dest)], &v.org.Servers[q.from]
	sites := t.memberSites(g.members)
	switch {
	case !from.Version.New() && t.hasMemberHere(g, v.store(&q.dest)):
		q.why.add("R-3.30", "members of the mailbox's DAG are in this site: handed to a hub of their class")
		d.final = t.site
		d.key = v.within(v.classGroup(t.site, box.Version.Class()))
		return d
	case !from.Version.New() && box.Site != t.site: // any hub of the site takes it (R-3.29: also for a member of a DAG)
		if len(g.members) == 0 && len(v.hubs[box.Site]) > 0 {
			return t.noneOfClass(q, d, box)
		}
		return t.relay(q, d, Key{})
	case len(g.members) == 0 && len(v.hubs[box.Site]) > 0:
		return t.noneOfClass(q, d, box)
	case !from.Version.New():
		q.why.add("R-3.30", "hubs of version %s do not deliver to mailboxes on %q: handed to a hub of its class", from.Version, box.Name)
		d.key = v.within(*g)
		return d
	case len(sites) == 0:
		return t.relay(q, d, g.key) // there is no route: relay says why
	}
	d.final = sites[0] // step 2
	if g.dag != topology.None {
		q.why.add("R-3.28", "the mailbox is in DAG %q: mail enters it through its nearest site, %q", v.org.DAGs[g.dag].Name, v.siteName(d.final))
		t.explainSites(q, "R-3.27 step 2", d.final, sites)
	}
	if d.final == t.site {
		q.why.add("R-3.27", "members of the delivery group are in this site: relayed to one of them")
		d.key = g.key
		return d
	}
	return t.relay(q, d, g.key)
}

// hasMemberHere tells whether an old sender finds a member of a new version's DAG in its own site, with the active copy elsewhere: that
// member can finish the delivery, so the mail does not travel on.
func (t *Table) hasMemberHere(g *deliveryGroup, box topology.ServerID) bool {
	v := t.view
	if v.org.Servers[box].Site == t.site || g.dag != topology.None || !v.org.Servers[box].Version.New() {
		return false
	}
	dag := v.org.DAGOf(box)
	return dag != topology.None && len(v.in(v.dagGroup(dag).members, t.site)) > 0
}

// noneOfClass decides for a mailbox in a site where no hub may deliver to it.
func (t *Table) noneOfClass(q *question, d decision, box *topology.Server) decision {
	q.why.add("R-3.30", "no hub of site %q delivers to mailboxes of version %s: no route", t.view.siteName(box.Site), box.Version)
	d.outcome = NoRoute
	return d
}

// store returns the server into whose store a mailbox recipient's mail goes: that of the active copy of its database.
func (v *view) store(d *Destination) topology.ServerID {
	return v.org.ActiveCopy(v.org.Home(d.Server), d.Database)
}

// deliveryGroup is the set of servers that can finish the delivery to a mailbox, and the key of the queue towards it for senders
// outside.
type deliveryGroup struct {
	dag     topology.DAGID // None for the hubs of one class in one site
	site    topology.SiteID
	class   int32
	members []topology.ServerID
	key     Key
}

// groupOf returns the delivery group of the mailboxes of a server as a sender of a version sees it: a DAG counts only from 2013 on
//
func (v *view) groupOf(server topology.ServerID, sender topology.Version) deliveryGroup {
	box := &v.org.Servers[server]
	if dag := v.org.DAGOf(server); dag != topology.None && box.Version.New() && sender.New() {
		return v.dagGroup(dag)
	}
	return v.classGroup(box.Site, box.Version.Class())
}

// dagGroup is a routable DAG: its transport servers in any site.
func (v *view) dagGroup(dag topology.DAGID) deliveryGroup {
	g := deliveryGroup{dag: dag, site: topology.None}
	for _, m := range v.org.DAGs[dag].Members {
		if s := &v.org.Servers[m]; s.Is(topology.RoleHub) && !s.Absent {
			g.members = append(g.members, m)
		}
	}
	g.key = Key{
		Type: SmtpRelayToDag, Domain: v.org.DAGs[dag].Name,
		Connector: topology.None, Site: topology.None, Server: topology.None, Group: int32(dag),
	}
	return g
}

// classGroup is a mailbox delivery group: the hubs of one class in a site.
func (v *view) classGroup(site topology.SiteID, class int32) deliveryGroup {
	g := deliveryGroup{dag: topology.None, site: site, class: class}
	for _, h := range v.hubs[site] {
		if v.org.Servers[h].Version.Class() == class {
			g.members = append(g.members, h)
		}
	}
	g.key = Key{
		Type: SmtpRelayToMailboxDeliveryGroup, Domain: groupName(v.siteName(site), class),
		Connector: topology.None, Site: site, Server: topology.None, Group: class,
	}
	return g
}

// except returns the group without one server.
func (g deliveryGroup) except(s topology.ServerID) deliveryGroup {
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(m topology.ServerID) bool { return m == s })
	return g
}

// within is the queue of 2007 and 2010 towards hubs of the own site that can deliver to a mailbox.
func (v *view) within(g deliveryGroup) Key {
	names := make([]string, len(g.members))
	for i, m := range g.members {
		names[i] = v.serverName(m)
	}
	return Key{
		Type: SmtpRelayWithinAdSite, Domain: strings.Join(names, ","),
		Connector: topology.None, Site: g.site, Server: topology.None, Group: g.class,
	}
}
