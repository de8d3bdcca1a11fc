package route

import (
	"cmp"
	"math"
	"strings"

	"mailsim/topology"
)

// bid is a connector that could take a recipient, with what judges it by.
type bid struct {
	id       topology.ConnectorID
	site     topology.SiteID // where its source servers are, seen from here
	space    int             // index of its best matching address space
	specific int             // how specific that match is
	cost     int64           // of the path plus that of the address space
	nearness int32           // 0 this server is a source, 1 a server of this site, 2 remote
	hops     int32           // of the path
	after    int64           // compared after cost: site links to the first routing group connector (R-5.16 step 2)
	name     string
	legacy   legacyWay // to a connector hosted by Exchange 2003
	inward   bool      // the inbound connector of an Edge subscription, which has no id
}

// compare orders bids, the better first, and names the rule that decided.
func (a *bid) compare(b *bid) (order int, rule string) {
	if a.specific != b.specific {
		return cmp.Compare(b.specific, a.specific), "R-5.3" // step 3; before cost
	}
	if a.cost != b.cost {
		return cmp.Compare(a.cost, b.cost), "R-5.1 step 4" // before nearness
	}
	if a.after != b.after {
		return cmp.Compare(a.after, b.after), "R-5.16 step 2"
	}
	if a.nearness != b.nearness {
		return cmp.Compare(a.nearness, b.nearness), "R-5.1 step 5" // D-15: nearness, then hops, in every version
	}
	if a.hops != b.hops {
		return cmp.Compare(a.hops, b.hops), "R-5.1 step 5"
	}
	return topology.CompareNames(a.name, b.name), "R-5.1 step 6"
}

// toConnector decides for an external recipient: which connector, and how to get there. The hub of a hub site on the way
// decides again (D-23).
func (t *Table) toConnector(q *question) decision {
	if t.unknown(q) {
		return decision{outcome: NoRecipient, final: topology.None, chosen: topology.None}
	}
	best, tooLarge := t.choose(q)
	switch {
	case best.inward:
		return t.inward(q)
	case best.id != topology.None:
		return t.toward(q, &best)
	case tooLarge: // D-18
		q.why.add("R-5.8", "only the size limit of a connector is in the way: NDR 5.3.4")
		return decision{outcome: TooLarge, final: topology.None, chosen: topology.None}
	case q.dest.Type != smtp: // D-25
		q.why.add("R-5.8", "no connector for %s addresses matches: NDR 5.4.4", q.dest.Type)
		return decision{outcome: NoConnector, final: topology.None, chosen: topology.None}
	}
	q.why.add("R-5.8", "no connector matches %q: Unreachable queue", q.dest.Domain)
	return decision{outcome: NoRoute, final: topology.None, chosen: topology.None}
}

// choose runs for one recipient at one server. The availability of source servers has no say, so mail for the
// nearest Edge site waits for its Edge servers until an administrator disables the connector.
func (t *Table) choose(q *question) (best bid, tooLarge bool) {
	best.id = topology.None
	var losers []bid
	for i := range t.view.org.Connectors {
		c := &t.view.org.Connectors[i]
		b, ok := t.bid(q, topology.ConnectorID(i))
		if !ok {
			continue
		}
		if !q.fits(c.MaxMessageSize) { // step 1, after step 2 so that D-18 can be told
			q.why.add("R-5.1 step 1", "connector %q takes at most %s, and the message has %s", c.Name, sizeName(c.MaxMessageSize), sizeName(q.size))
			tooLarge = true
			continue
		}
		if best.id == topology.None {
			best = b
			continue
		}
		if order, _ := b.compare(&best); order < 0 {
			b, best = best, b
		}
		if q.why != nil {
			losers = append(losers, b)
		}
	}
	if in, ok := t.inboundBid(q); ok {
		if order, _ := in.compare(&best); best.id == topology.None || order < 0 {
			q.why.add("R-5.2", "%q is an accepted domain: the address space %q of connector %q takes it", q.dest.Domain, topology.Accepted, in.name)
			return in, false
		}
	}
	if best.id != topology.None {
		t.explainChoice(q, &best, losers)
	}
	return best, tooLarge
}

// bid tells whether a connector is a candidate (R-5.1 step 2), and what it has to offer.
func (t *Table) bid(q *question, id topology.ConnectorID) (bid, bool) {
	c := &t.view.org.Connectors[id]
	b := bid{id: id, name: c.Name, nearness: 2}
	b.space, b.specific = bestSpace(c, &q.dest)
	if b.specific == 0 || c.Absent {
		return b, false
	}
	if c.Disabled {
		q.why.add("R-5.7", "connector %q is disabled", c.Name)
		return b, false
	}
	if len(c.Sources) == 0 {
		return t.legacyBid(q, b)
	}
	if t.isSource(c, q.from) {
		b.nearness, b.site = 0, t.site
	} else {
		if t.view.org.Servers[q.from].Is(topology.RoleEdge) {
			return b, false // an Edge knows the connectors that it is a source of
		}
		var ok bool
		if b.site, ok = t.home(q, c); !ok {
			q.why.add("R-2.11", "connector %q: no route to any of its source servers", c.Name)
			return b, false
		}
		if c.Scoped && b.site != t.site { // D-17: a source server in this site would have made this the connector's site
			q.why.add("R-5.6", "connector %q is scoped to the sites of its source servers", c.Name)
			return b, false
		}
		if b.site == t.site {
			b.nearness = 1
		}
	}
	way := t.paths.best[b.site]
	b.hops = way.hops
	b.cost = way.cost + c.AddressSpaces[b.space].Cost
	return b, true
}

// isSource tells whether a server is a source server of a connector.
func (t *Table) isSource(c *topology.Connector, s topology.ServerID) bool {
	for _, id := range c.Sources {
		if id == s {
			return true
		}
	}
	return false
}

// home returns the site that mail for a connector goes to; source servers may be in several. In 2007 and 2010 it is the site of least cost, of equal ones
// that of the source server named first; from 2013 on the primary site of, by cost, hops and name. A site with source
// servers that is this one costs nothing and wins.
func (t *Table) home(q *question, c *topology.Connector) (topology.SiteID, bool) {
	return t.homeOf(t.view.org.Servers[q.from].Version.New(), c.Sources)
}

// homeOf is home for any list of servers.
func (t *Table) homeOf(isNew bool, sources []topology.ServerID) (topology.SiteID, bool) {
	home, best := topology.SiteID(topology.None), rating{cost: unreachable}
	for _, id := range sources {
		s := &t.view.org.Servers[id]
		if s.Absent || !t.takesMail(s.Site) || len(t.view.hubs[s.Site]) == 0 || s.Site == home {
			continue
		}
		r := t.paths.best[s.Site]
		r.name = t.view.rank[s.Site] // D-9: the end sites' own names
		order, step := r.compare(best)
		if order < 0 && (isNew || step == 1) {
			home, best = s.Site, r
		}
	}
	return home, home != topology.None
}

// bestSpace returns the most specific address space of a connector that matches, of equally specific ones the cheapest,
// and how specific it is: 0 when none matches.
func bestSpace(c *topology.Connector, d *Destination) (space, specific int) {
	for i := range c.AddressSpaces {
		a := &c.AddressSpaces[i]
		n := match(a, d)
		if n > specific || n == specific && n > 0 && a.Cost < c.AddressSpaces[space].Cost {
			space, specific = i, n
		}
	}
	return space, specific
}

// match tells how specific an address space matches a recipient: 0 not at all, 1 for "*", more for a longer suffix, most for the
// very domain. "--" never matches an external recipient.
func match(a *topology.AddressSpace, d *Destination) int {
	const exact = math.MaxInt
	kind := a.Type
	if kind == "" {
		kind = smtp
	}
	if !strings.EqualFold(kind, d.Type) {
		return 0
	}
	if a.Space == "*" {
		return 1
	}
	if strings.EqualFold(a.Space, d.Domain) {
		return exact
	}
	if d.Type != smtp { // D-16
		return 0
	}
	suffix, wild := strings.CutPrefix(strings.ToLower(a.Space), "*.")
	if wild && (d.Domain == suffix || strings.HasSuffix(d.Domain, "."+suffix)) {
		return 1 + len(suffix)
	}
	return 0
}

// toward turns the chosen connector into a queue.
func (t *Table) toward(q *question, b *bid) decision {
	v := t.view
	c := &v.org.Connectors[b.id]
	if len(c.Sources) == 0 {
		return t.toLegacy(q, &b.legacy, b.id, c.AddressSpaces[b.space].Cost)
	}
	d := decision{final: b.site, chosen: b.id, space: spaceCost(c, b.space)}
	edge := t.edgeHosted(c)
	isNew := v.org.Servers[q.from].Version.New()
	switch {
	case b.nearness == 0:
		q.why.add("R-4.4", "%q is itself a source server of %q", v.serverName(q.from), c.Name)
		d.key = t.deliver(c, b, &q.dest)
	case b.site == t.site && edge:
		q.why.add("R-6.3", "%q is hosted on Edge servers of this site: relayed to one of them", c.Name)
		d.key = Key{
			Type: SmtpRelayWithinAdSiteToEdge, Domain: c.Name,
			Connector: b.id, Site: t.site, Server: topology.None,
		}
	case b.site == t.site && !isNew:
		q.why.add("R-4.5", "source servers of %q are in this site: relayed to one of them", c.Name)
		d.key = Key{
			Type: SmtpRelayWithinAdSite, Domain: t.sourceNames(c),
			Connector: b.id, Site: t.site, Server: topology.None,
		}
	default:
		group := adSite(v, b.site) // an Edge of another site is reached through the hubs of that site
		if edge {
			q.why.add("R-6.3", "%q is hosted on Edge servers of site %q: a hub there takes the mail to them", c.Name, v.siteName(b.site))
		} else {
			group = Key{
				Type: SmtpRelayToConnectorSourceServers, Domain: c.Name,
				Connector: b.id, Site: topology.None, Server: topology.None,
			}
		}
		if b.site != t.site {
			return t.relay(q, d, group)
		}
		q.why.add("R-4.5", "source servers of %q are in this site: relayed to one of them", c.Name)
		d.key = group
	}
	return d
}

// deliver is the queue in which a source server delivers through its connector.
func (t *Table) deliver(c *topology.Connector, b *bid, dest *Destination) Key {
	k := Key{Connector: b.id, Site: topology.None, Server: topology.None}
	switch {
	case c.Kind == topology.ForeignConnector:
		k.Type, k.Domain = NonSmtpGatewayDelivery, dest.Type+":"+c.AddressSpaces[b.space].Space
	case c.Kind == topology.DeliveryAgentConnector:
		k.Type, k.Domain = DeliveryAgent, dest.Type+":"+c.AddressSpaces[b.space].Space
	case len(c.SmartHosts) > 0: // one queue for the connector, named by its list
		k.Type, k.Domain = SmartHostConnectorDelivery, t.smartHostList(c)
	default: // one queue for each domain
		k.Type, k.Domain = DnsConnectorDelivery, dest.Domain
	}
	return k
}

func (t *Table) smartHostList(c *topology.Connector) string {
	names := make([]string, len(c.SmartHosts))
	for i, r := range c.SmartHosts {
		names[i] = t.view.org.Remotes[r].Name
	}
	return strings.Join(names, ",")
}

// edgeHosted tells whether a connector's source servers are Edge servers. An organisation never mixes them with hubs.
func (t *Table) edgeHosted(c *topology.Connector) bool {
	return t.view.org.Servers[c.Sources[0]].Is(topology.RoleEdge)
}

// sourcesIn returns the source servers of a connector in a site, in list order.
func (t *Table) sourcesIn(c *topology.Connector, site topology.SiteID) []topology.ServerID {
	var in []topology.ServerID
	for _, id := range c.Sources {
		if s := &t.view.org.Servers[id]; s.Site == site && !s.Absent {
			in = append(in, id)
		}
	}
	return in
}

// sourceNames lists the source servers of a connector in this site, as the queue to them is named.
func (t *Table) sourceNames(c *topology.Connector) string {
	var names []string
	for _, id := range t.sourcesIn(c, t.site) {
		names = append(names, t.view.serverName(id))
	}
	return strings.Join(names, ",")
}
