package route

import (
	"slices"

	"mailsim/topology"
)

// loopLimit is the return to one and the same server that ends a message where the query names none (D-19). Without a limit it ends the
// trace: the message has gone round often enough to see that it never stops.
const loopLimit = 20

// EnvelopeLimit is the number of recipients that one copy of a message holds at most: a message with more is split before it is
// routed.
const EnvelopeLimit = 1000

// Follow traces a message to one recipient from its sender until it is delivered or comes to rest. Every server on the way decides by
// the same functions as in a run, and notes why.
func Follow(b *Book, org *topology.Organisation, q Query) Way {
	ways, _ := FollowTogether(b, org, q, []DestID{q.Dest})
	return ways[0]
}

// FollowTogether traces one message to several recipients (Query.Dest is ignored). It returns a way for each, in order, and the
// copies that are sent between transport servers, in the order of sending: those of one server before those of the servers that
// they reach. A distribution group that is expanded on the way stands for its members, each with the whole way.
func FollowTogether(b *Book, org *topology.Organisation, q Query, dests []DestID) ([]Way, []Copy) {
	f := follower{book: b, org: org, query: q}
	for i, d := range dests {
		r := newRecipient(d)
		r.way.Asked = i
		f.all = append(f.all, r)
	}
	if at := f.submit(); at != topology.None {
		f.parcels = append(f.parcels, parcel{at: at, to: slices.Clone(f.all)})
	}
	for i := 0; i < len(f.parcels); i++ {
		f.step(f.parcels[i])
	}
	ways := make([]Way, len(f.all))
	for i, r := range f.all {
		r.way.Reasons = r.notes.reasons
		ways[i] = r.way
	}
	return ways, f.copies
}

// recipient is the trace of one recipient.
type recipient struct {
	dest  DestID
	way   Way
	site  topology.SiteID // of the server that handled the message last
	notes notes
}

func newRecipient(d DestID) *recipient {
	return &recipient{dest: d, way: Way{Dest: d, Connector: topology.None, RestsAt: topology.None}}
}

// parcel is one copy of the message that has arrived at a server.
type parcel struct {
	at topology.ServerID
	to []*recipient
}

// follower is a trace in progress.
type follower struct {
	book    *Book
	org     *topology.Organisation
	query   Query
	all     []*recipient // in the order of the answer
	parcels []parcel     // in order of arrival
	copies  []Copy
}

// table is what a server knows.
func (f *follower) table(s topology.ServerID) *Table {
	org := f.org
	if f.query.View != nil {
		org = f.query.View(s)
	}
	return f.book.Table(org, org.Servers[s].Site)
}

func (f *follower) reach(from topology.ServerID, to Target) Contact {
	if f.query.Reach == nil {
		return Contact{}
	}
	return f.query.Reach(from, to)
}

func serverTarget(s topology.ServerID) Target { return Target{TargetServer, int32(s)} }

// step lets one server route its copy, and sends what leaves it.
func (f *follower) step(p parcel) {
	t := f.table(p.at)
	var here []*recipient
	for _, r := range p.to {
		if f.arrive(t, p.at, r) {
			here = append(here, f.expand(t, p.at, r)...)
		}
	}
	for len(here) > EnvelopeLimit {
		f.send(t, p.at, here[:EnvelopeLimit])
		here = here[EnvelopeLimit:]
	}
	f.send(t, p.at, here)
}

// expand puts the members of a distribution group in the place of a recipient that this server expands.
func (f *follower) expand(t *Table, at topology.ServerID, r *recipient) []*recipient {
	d := f.book.dests[r.dest]
	if d.Kind != DistributionList || !t.expands(at, d.Group) {
		return []*recipient{r}
	}
	var members []*recipient
	g := &t.view.org.Groups[d.Group]
	for _, m := range g.Members {
		member := *r
		member.dest = f.book.Member(m)
		member.way.Dest = member.dest
		member.way.Servers, member.way.Stops = slices.Clone(r.way.Servers), slices.Clone(r.way.Stops)
		member.notes.reasons = slices.Clone(r.notes.reasons)
		rule := "R-7.1"
		if g.ExpansionServer != topology.None {
			rule = "R-7.2"
		}
		member.notes.add(rule, "group %q is expanded by %q", g.Name, t.view.serverName(at))
		members = append(members, &member)
	}
	i := slices.Index(f.all, r)
	f.all = slices.Replace(f.all, i, i+1, members...)
	return members
}

// arrive notes that a server handles the message for a recipient, and tells whether it goes on from there.
func (f *follower) arrive(t *Table, at topology.ServerID, r *recipient) bool {
	r.notes.at = at
	limit := f.query.LoopLimit
	if limit <= 0 {
		limit = loopLimit
	}
	switch n := r.comesBack(at); {
	case n < limit:
	case f.query.LoopLimit < 0:
		r.notes.add("D-19", "the message came back to %q %d times, and no limit ends it: it goes round in a loop", t.view.serverName(at), n)
		r.rest(WaitsInQueue, at, "Active", "")
		return false
	default:
		r.notes.add("D-19", "the message came back to %q, return number %d: NDR 5.4.6", t.view.serverName(at), n)
		r.rest(Returned, at, "", "5.4.6")
		return false
	}
	if len(r.way.Servers) > 0 && t.site != r.site && t.view.org.Servers[at].Is(topology.RoleHub) {
		r.way.Stops = append(r.way.Stops, t.site)
	}
	r.way.Servers = append(r.way.Servers, at)
	r.site = t.site
	if f.query.Silence != nil {
		if why := f.query.Silence(at); why != "" {
			r.notes.add("Q-3.2", "%q does not learn who the recipient is: %s; it asks again after 30 minutes", t.view.serverName(at), why)
			r.rest(WaitsDirectory, at, "Ready", "")
			return false
		}
	}
	return true
}

// bundled are the recipients of one copy that leaves a server.
type bundled struct {
	key Key
	to  []*recipient
}

// send decides for recipients that are routed together, and makes one connection attempt for each next hop.
func (f *follower) send(t *Table, at topology.ServerID, to []*recipient) {
	var copies []bundled
	for i, key := range f.decide(t, at, to) {
		if key.Type == Undefined {
			continue
		}
		j := 0
		for j < len(copies) && copies[j].key != key {
			j++
		}
		if j == len(copies) {
			copies = append(copies, bundled{key: key})
		}
		copies[j].to = append(copies[j].to, to[i])
	}
	for _, c := range copies {
		f.connect(t, at, c)
	}
}

// decide returns the key of each recipient's next hop; none, of type Undefined, where the message ends.
func (f *follower) decide(t *Table, at topology.ServerID, to []*recipient) []Key {
	keys := make([]Key, len(to))
	for i, r := range to {
		question := question{
			from: at, dest: f.book.dests[r.dest], size: f.query.Size,
			holds: span{-1, topology.Unlimited}, why: &r.notes,
		}
		d := t.decide(&question)
		if len(r.way.Servers) == 1 {
			r.describe(t, at, &d)
		}
		switch d.outcome {
		case Queued:
			keys[i] = d.key
		case NoRoute:
			r.rest(WaitsForRoute, at, "Ready", "")
		case TooLarge:
			r.rest(Returned, at, "", "5.3.4")
		case NoConnector:
			r.rest(Returned, at, "", "5.4.4")
		case NoRecipient:
			r.rest(Returned, at, "", "5.1.1")
		}
	}
	if len(to) > 1 {
		f.together(t, at, to, keys)
	}
	return keys
}

// together puts the keys of delayed fan-out in place of those that recipients would have alone.
func (f *follower) together(t *Table, at topology.ServerID, to []*recipient, keys []Key) {
	for i, hop := range t.Hops(at, destsOf(to), f.query.Size, nil) {
		if keys[i].Type == Undefined || f.book.keys[hop.Key] == keys[i] {
			continue
		}
		keys[i] = f.book.keys[hop.Key]
		r := to[i]
		r.notes.add("R-3.19", "shares its path up to %q with other recipients: one copy goes there and is split later", keys[i].Domain)
		if len(r.way.Servers) == 1 {
			r.way.NextHop = keys[i].Domain
		}
	}
}

// connect makes one connection attempt for a copy, the first of a sender that has made none before. It goes through all candidates, the
// sites of the back-off included (D-5).
func (f *follower) connect(t *Table, at topology.ServerID, c bundled) {
	if f.nameless(at, c) {
		return
	}
	attempt := f.try(t, at, t.candidates(at, &c.key))
	if !attempt.ok && c.key.Type == SmtpRelayWithinAdSiteToEdge && attempt.rule == "R-3.15" {
		attempt.rule, attempt.text = "R-6.7", attempt.text+"; no Edge of another site takes over"
	}
	for _, r := range c.to {
		r.notes.at = at
		if attempt.rule != "" {
			r.notes.add(attempt.rule, "%s", attempt.text)
		}
		if len(r.way.Servers) == 1 {
			r.way.Candidates = attempt.tried
		}
		switch {
		case !attempt.ok:
			r.rest(WaitsInQueue, at, "Retry", "")
			r.way.Queue = c.key.Domain
		case attempt.to.Kind != TargetServer:
			r.way.Fate, r.way.To = Delivered, attempt.to
		}
	}
	if !attempt.ok || attempt.to.Kind != TargetServer {
		return
	}
	next := topology.ServerID(attempt.to.ID)
	f.parcels = append(f.parcels, parcel{at: next, to: c.to})
	sent := Copy{From: at, To: next, Recipients: destsOf(c.to)}
	for _, r := range c.to {
		sent.Asked = append(sent.Asked, r.way.Asked)
	}
	f.copies = append(f.copies, sent)
}

func destsOf(to []*recipient) []DestID {
	dests := make([]DestID, len(to))
	for i, r := range to {
		dests[i] = r.dest
	}
	return dests
}

// describe fills in what the first server decided.
func (r *recipient) describe(t *Table, at topology.ServerID, d *decision) {
	w := &r.way
	w.Connector = d.chosen
	if d.final != topology.None && t.paths.reaches(d.final) {
		w.Path = t.paths.to(d.final)
		w.Cost = t.paths.best[d.final].cost
		w.TotalCost = w.Cost + d.space
		if d.legacy { // routing group connectors and site links are not added
			w.TotalCost = d.space
		}
	}
	if d.outcome == Queued {
		w.NextHop = d.key.Domain
		w.DeliveryType = d.key.Type.Name(t.view.org.Servers[at].Version)
	}
}

func (r *recipient) rest(fate Fate, at topology.ServerID, status, code string) {
	r.way.Fate, r.way.RestsAt, r.way.Status, r.way.Code = fate, at, status, code
}

// comesBack counts how often a server has handled the message before, which is the number of the return that it makes now.
func (r *recipient) comesBack(s topology.ServerID) int {
	n := 0
	for _, v := range r.way.Servers {
		if v == s {
			n++
		}
	}
	return n
}
