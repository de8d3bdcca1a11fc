package route

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// Differences is what Compare finds between two organisations, the first of which is called before and the second after. Names are
// spelled as the organisation that has them spells them; where both do, as the first.
type Differences struct {
	Sites      []Lone   // in one organisation only
	Servers    []Lone   // in one only, or in different sites
	Connectors []Lone   // in one only
	Changes    []Change // by sending site, then by destination
}

// None tells whether nothing differs.
func (d *Differences) None() bool {
	return len(d.Sites)+len(d.Servers)+len(d.Connectors)+len(d.Changes) == 0
}

// Lone is a site, server or connector without a counterpart. Before and After say where it is, "" where it does not exist: the site of a
// server, otherwise the name of the thing itself.
type Lone struct {
	Name, Before, After string
}

// Change says that all the senders route mail for all the recipients in another way.
type Change struct {
	From       string   // the sending site
	To         string   // the site of the mailboxes, or an address space such as "SMTP:*.contoso.com"
	Space      bool     // To is an address space
	Senders    []string // transport servers of From; "old / new" when the site has none in common, nil when only the path was compared
	Recipients []string // mailbox servers of To, or "server/database" for one with several databases; nil for an address space

	Before, After Route
}

// Route is what a transport server decides for a recipient.
type Route struct {
	Outcome      string   // "queued", "unreachable", "ndr 5.3.4", "ndr 5.4.4", "ndr 5.1.1", "no server" in the site; "" when only the path was compared
	Path         []string // least-cost path, source first; nil without a route
	Cost         int64    // of Path
	TotalCost    int64    // with the cost of the connector's address space
	NextHop      string   // "" when it is put into no queue
	DeliveryType string   // of that queue, as the server's version writes it
	Connector    string   // "" for a mailbox
	Reasons      []Reason // those that do not stand in the other route; At is an id of the route's own organisation

	kind DeliveryType
}

// Compare finds what differs in the routing of a message of size bytes between two organisations that need not be related: sites,
// servers, connectors and databases with the same name, case aside, are the same. Looked at are all pairs of sites that are in both,
// the pair of a site and itself included, and from every site each address space of the connectors of either. The space "*" stands
// for every address that no other space matches, and SMTP:* is looked at even where no connector has it.
//
// What is compared is the decision of each transport server that both have in the sending site, for each mailbox database that both
// have in the other. Where they have none in common, the first present one of each side stands for it; where one side has no
// mailboxes there, or neither has a transport server here, the path alone is compared. What a server on the way decides differently
// is told at its own site. How a mailbox server submits, distribution groups, linked connectors and Exchange 2003 are not looked at.
//
// The cost is two decisions for each pair of a sender and a recipient: 2 s for all pairs of 1,000 sites. The organisations stay as
// they are, and the same organisations give the same answer.
func Compare(before, after *topology.Organisation, size int64) Differences {
	c := comparison{before: side{NewBook(), before, size}, after: side{NewBook(), after, size}}
	c.findSites()
	c.findServers()
	c.findConnectors()
	spaces := c.spaces()
	to := make([][]subject, len(c.sites))
	for i, s := range c.sites {
		to[i] = c.recipients(s)
	}
	for _, from := range c.sites {
		senders := c.senders(from)
		for i, s := range c.sites {
			if len(to[i]) == 0 || len(senders) == 0 {
				c.comparePaths(from, s)
			}
			c.compare(Change{From: from.name, To: s.name}, from, senders, to[i])
		}
		for _, s := range spaces {
			c.compare(Change{From: from.name, To: s.name, Space: true}, from, senders, []subject{s})
		}
	}
	return c.found
}

// comparison is a Compare in progress.
type comparison struct {
	before, after side
	sites         []couple
	found         Differences
}

// couple is a site or server of both organisations. An id may be None for a server that a site lacks.
type couple struct {
	name          string
	before, after int32
}

// subject is a recipient in both organisations.
type subject struct {
	name          string
	before, after Destination
}

// compare adds what differs for mail from a site to recipients. like has what the changes have in common.
func (c *comparison) compare(like Change, from couple, senders []couple, to []subject) {
	start := len(c.found.Changes)
	for _, r := range to {
		first := len(c.found.Changes)
		for _, s := range senders {
			old := c.before.route(from.before, s.before, r.before, nil)
			now := c.after.route(from.after, s.after, r.after, nil)
			if old.same(&now) {
				continue
			}
			own := c.found.Changes[first:] // of this recipient
			i := slices.IndexFunc(own, func(x Change) bool { return x.Before.same(&old) && x.After.same(&now) })
			if i >= 0 {
				own[i].Senders = append(own[i].Senders, s.name)
				continue
			}
			var oldWhy, newWhy notes
			c.before.route(from.before, s.before, r.before, &oldWhy)
			c.after.route(from.after, s.after, r.after, &newWhy)
			x := like
			x.Senders, x.Before, x.After = []string{s.name}, old, now
			x.explain(oldWhy.reasons, newWhy.reasons)
			if !like.Space {
				x.Recipients = []string{r.name}
			}
			c.found.Changes = append(c.found.Changes, x)
		}
		c.merge(start, first)
	}
}

// merge lets changes of the latest recipient, those from first on, join earlier ones from start on that hold for the same senders.
func (c *comparison) merge(start, first int) {
	kept := c.found.Changes[:first]
	for _, x := range c.found.Changes[first:] {
		i := slices.IndexFunc(kept[start:], func(k Change) bool {
			return k.Before.same(&x.Before) && k.After.same(&x.After) && slices.Equal(k.Senders, x.Senders)
		})
		if i >= 0 {
			kept[start+i].Recipients = append(kept[start+i].Recipients, x.Recipients...)
		} else {
			kept = append(kept, x)
		}
	}
	c.found.Changes = kept
}

// comparePaths adds a change of the path between two sites.
func (c *comparison) comparePaths(from, to couple) {
	var oldWhy, newWhy notes
	old, now := c.before.path(from.before, to.before, nil), c.after.path(from.after, to.after, nil)
	if old.same(&now) {
		return
	}
	c.before.path(from.before, to.before, &oldWhy)
	c.after.path(from.after, to.after, &newWhy)
	x := Change{From: from.name, To: to.name, Before: old, After: now}
	x.explain(oldWhy.reasons, newWhy.reasons)
	c.found.Changes = append(c.found.Changes, x)
}

// explain keeps of the reasons of either side those that the other has not.
func (x *Change) explain(before, after []Reason) {
	without := func(all, others []Reason) []Reason {
		return slices.DeleteFunc(slices.Clone(all), func(r Reason) bool {
			return slices.ContainsFunc(others, func(o Reason) bool { return o.Rule == r.Rule && strings.EqualFold(o.Text, r.Text) })
		})
	}
	x.Before.Reasons, x.After.Reasons = without(before, after), without(after, before)
}

// same tells whether two routes are the same but for the spelling of names and the reasons. A delivery type that another version writes differently
// is the same.
func (r *Route) same(o *Route) bool {
	return r.Outcome == o.Outcome && r.Cost == o.Cost && r.TotalCost == o.TotalCost && r.kind == o.kind &&
		strings.EqualFold(r.NextHop, o.NextHop) && strings.EqualFold(r.Connector, o.Connector) &&
		slices.EqualFunc(r.Path, o.Path, strings.EqualFold)
}

// side is one of the organisations.
type side struct {
	book *Book
	org  *topology.Organisation
	size int64
}

// route asks a server of a site for its decision about a recipient.
func (s *side) route(site, server int32, d Destination, why *notes) Route {
	if server == topology.None {
		why.add("R-2.11", "site %q has no transport server", s.org.Sites[site].Name)
		return Route{Outcome: "no server"}
	}
	at := topology.ServerID(server)
	t := s.book.Table(s.org, topology.SiteID(site))
	q := question{from: at, dest: s.book.Destination(s.book.Dest(d)), size: s.size, holds: span{-1, topology.Unlimited}, why: why}
	decided := t.decide(&q)
	var r recipient
	r.describe(t, at, &decided)
	out := Route{
		Outcome: decided.outcome.word(), Path: s.names(r.way.Path), Cost: r.way.Cost, TotalCost: r.way.TotalCost,
		NextHop: r.way.NextHop, DeliveryType: r.way.DeliveryType, kind: decided.key.Type,
	}
	if decided.chosen != topology.None {
		out.Connector = s.org.Connectors[decided.chosen].Name
	}
	return out
}

// path is the route between two sites as far as nobody need send or receive.
func (s *side) path(from, to int32, why *notes) Route {
	t := s.book.Table(s.org, topology.SiteID(from))
	site := topology.SiteID(to)
	if !t.paths.reaches(site) {
		why.add("R-2.11", "no chain of site links leads from %q to %q: no route", s.org.Sites[from].Name, s.org.Sites[to].Name)
		return Route{}
	}
	t.explainPath(why, site)
	cost := t.paths.best[site].cost
	return Route{Path: s.names(t.paths.to(site)), Cost: cost, TotalCost: cost}
}

func (s *side) names(path []topology.SiteID) []string {
	var out []string
	for _, id := range path {
		out = append(out, s.org.Sites[id].Name)
	}
	return out
}

// word is how a Route writes an outcome.
func (o Outcome) word() string {
	switch o {
	case NoRoute:
		return "unreachable"
	case TooLarge:
		return "ndr 5.3.4"
	case NoConnector:
		return "ndr 5.4.4"
	case NoRecipient:
		return "ndr 5.1.1"
	}
	return "queued"
}
