package route

import (
	"cmp"
	"slices"
	"strings"

	"mailsim/topology"
)

// legacyWay is the way to a routing group of Exchange 2003, for servers of 2007 and 2010.
type legacyWay struct {
	ok    bool
	first topology.RGCID  // the routing group connector that leaves the organisation
	site  topology.SiteID // where its source servers are
	cost  int64           // of all routing group connectors
	hops  int32           // their number
	limit int64           // the smallest of their size limits, in bytes
}

// legacyTo finds the way to a routing group from this site.
func (t *Table) legacyTo(to topology.RoutingGroupID) legacyWay {
	v := t.view
	rest := v.legacyPaths(to)
	var best legacyWay
	for i := range v.org.RGCs {
		c := &v.org.RGCs[i]
		if c.From != topology.None || c.To == topology.None || !rest[c.To].ok {
			continue
		}
		site, ok := t.homeOf(false, c.Sources)
		if !ok {
			continue
		}
		w := rest[c.To]
		w.first, w.site = topology.RGCID(i), site
		w.cost, w.hops, w.limit = w.cost+c.Cost, w.hops+1, min(w.limit, c.MaxMessageSize)
		if !best.ok || t.compareLegacy(&w, &best) < 0 {
			best = w
		}
	}
	return best
}

// compareLegacy orders ways to one routing group: by the cost of routing group connectors, then of site links to the first of them (R-5.17:
// one after the other, not added), then by D-20: hops, connectors before links, and the first connector's name.
func (t *Table) compareLegacy(a, b *legacyWay) int {
	x, y := t.paths.best[a.site], t.paths.best[b.site]
	return cmp.Or(
		cmp.Compare(a.cost, b.cost),
		cmp.Compare(x.cost, y.cost),
		cmp.Compare(a.hops, b.hops),
		cmp.Compare(x.hops, y.hops),
		topology.CompareNames(t.view.org.RGCs[a.first].Name, t.view.org.RGCs[b.first].Name),
	)
}

// legacyPaths finds the cheapest ways from every routing group to one, by cost and hops. Ways that tie in both are told apart by size
// limit, the larger first.
func (v *view) legacyPaths(to topology.RoutingGroupID) []legacyWay {
	ways := make([]legacyWay, len(v.org.RoutingGroups))
	ways[to] = legacyWay{ok: true, limit: topology.Unlimited}
	for changed := true; changed; {
		changed = false
		for i := range v.org.RGCs {
			c := &v.org.RGCs[i]
			if c.From == topology.None || c.To == topology.None || !ways[c.To].ok {
				continue
			}
			w := ways[c.To]
			w.cost, w.hops, w.limit = w.cost+c.Cost, w.hops+1, min(w.limit, c.MaxMessageSize)
			old := &ways[c.From]
			if !old.ok || cmp.Or(cmp.Compare(w.cost, old.cost), cmp.Compare(w.hops, old.hops), cmp.Compare(old.limit, w.limit)) < 0 {
				*old, changed = w, true
			}
		}
	}
	return ways
}

// legacyBid is the bid of a connector that a routing group hosts. The cost of routing group connectors is added to that of the address
// space, that of site links is compared after it.
func (t *Table) legacyBid(q *question, b bid) (bid, bool) {
	v := t.view
	group := v.org.HostedBy(b.id)
	if group == topology.None || v.org.Servers[q.from].Version.New() || v.org.Servers[q.from].Is(topology.RoleEdge) {
		return b, false
	}
	if b.legacy = t.legacyTo(group); !b.legacy.ok {
		q.why.add("R-5.16", "connector %q: no chain of routing group connectors leads to %q", b.name, v.org.RoutingGroups[group].Name)
		return b, false
	}
	way := t.paths.best[b.legacy.site]
	b.site, b.hops, b.after = b.legacy.site, way.hops, way.cost
	b.cost = b.legacy.cost + v.org.Connectors[b.id].AddressSpaces[b.space].Cost
	return b, true
}

// toLegacyMailbox decides for a mailbox on a server of Exchange 2003.
func (t *Table) toLegacyMailbox(q *question) decision {
	v := t.view
	w := t.legacyTo(q.dest.RoutingGroup)
	if !w.ok || v.org.Servers[q.from].Version.New() {
		q.why.add("R-5.16", "no routing group connector leads to %q: no route", v.org.RoutingGroups[q.dest.RoutingGroup].Name)
		return decision{outcome: NoRoute, final: topology.None, chosen: topology.None}
	}
	return t.toLegacy(q, &w, topology.None, 0)
}

// toLegacy turns the way to a routing group into a queue: in the organisation to the site of the first connector's source servers
// there to one of them, and from it to the targets of the connector.
func (t *Table) toLegacy(q *question, w *legacyWay, chosen topology.ConnectorID, space int64) decision {
	v := t.view
	c := &v.org.RGCs[w.first]
	d := decision{final: w.site, chosen: chosen, space: space + w.cost, legacy: true}
	q.why.add("R-5.16", "through routing group connector %q: routing group connectors cost %d, site links to the first %d",
		c.Name, w.cost, t.paths.best[w.site].cost)
	if v.org.Servers[q.from].Version != topology.V2007RTM && !q.fits(w.limit) { // they count like links
		q.why.add("R-3.24", "%s is more than the smallest limit of the routing group connectors, %s: NDR 5.3.4", sizeName(q.size), sizeName(w.limit))
		d.outcome = TooLarge
		return d
	}
	switch near := v.in(v.present(c.Sources), t.site); {
	case slices.Contains(near, q.from):
		d.final = t.site
		d.key = Key{
			Type: SmtpRelayToTiRg, Domain: v.org.RoutingGroups[c.To].Name,
			Connector: topology.None, Site: topology.None, Server: topology.None, Group: int32(w.first),
		}
	case w.site == t.site:
		names := make([]string, len(near))
		for i, s := range near {
			names[i] = v.serverName(s)
		}
		d.key = Key{
			Type: SmtpRelayWithinAdSite, Domain: strings.Join(names, ","),
			Connector: topology.None, Site: t.site, Server: topology.None, Group: -1 - int32(w.first),
		}
	default:
		return t.relay(q, d, Key{})
	}
	return d
}
