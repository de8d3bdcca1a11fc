package scenarios

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// loads translates [[load]].
func (c *compiler) loads() {
	var ids []string
	var tables []*loadTable
	for i := range c.doc.Load {
		t := &c.doc.Load[i]
		id := itemName("load", i, t.node)
		if t.has("id") && validName(t.ID) != nil {
			c.errorf(&t.source, "id", "%s", validName(t.ID))
		} else if j := slices.Index(ids, id); j >= 0 {
			c.errorf(&t.source, "id", "%s is used already by #%d; choose another", quote(id), j+1)
		}
		ids = append(ids, id)
		kind := slices.Index([]string{"poisson", "diurnal", "regular", "burst", "replay", "clients"}, t.Kind)
		if kind < 0 {
			continue // reported when the key was read
		}
		s := load.Source{
			ID: id, Kind: load.Kind(kind), Size: t.Size.Dist, Recipients: t.Recipients.Dist, End: simtime.Never, Location: c.t0.Location(),
		}
		s.Priority = map[string]load.Priority{"high": load.High, "low": load.Low}[t.Priority]
		c.loadKeys(t)
		s.From, s.To = c.loadParties(t)
		if t.Kind != "clients" && slices.ContainsFunc(t.From.list, func(p party) bool { return p.kind == "client" }) {
			c.errorf(&t.source, "from", `clients send by a load of kind = "clients"`)
		}
		c.repeats(t, &s)
		s.Via, s.Linked = c.receiveConnector(t)
		switch t.Kind {
		case "poisson", "diurnal":
			c.poisson(t, &s)
		case "regular":
			c.regular(t, &s)
		case "burst":
			c.burst(t, &s)
		case "replay":
			c.replay(t, &s)
		case "clients":
			c.clientLoad(t, &s)
		}
		c.cfg.Loads = append(c.cfg.Loads, s)
		tables = append(tables, t)
	}
	c.loadVolumes(tables, c.cfg.Loads)
}

// loadKeys reports keys that the kind has no use for, and misses those that it needs.
func (c *compiler) loadKeys(t *loadTable) {
	own := map[string][]string{ // required keys first, up to the empty text
		"poisson": {"from", "to", "rate", "", "start", "end", "size", "recipients", "priority", "cc", "receive_connector", "message_id", "date", "resend"},
		"diurnal": {"from", "to", "", "rate", "per_day", "profile", "start", "end", "size", "recipients", "priority", "cc", "receive_connector", "message_id", "date", "resend"},
		"regular": {"from", "to", "", "every", "first", "until", "count", "size", "recipients", "priority", "cc", "receive_connector", "message_id", "date", "resend"},
		"burst":   {"from", "to", "count", "at", "", "over", "size", "recipients", "priority", "cc", "receive_connector", "message_id", "date", "resend"},
		"replay":  {"file", "", "columns", "time_unit", "separator", "mailboxes", "size", "priority", "resend"},
		"clients": {"from", "to", "rate", "", "hours", "submit_to", "start", "end", "size", "recipients", "priority"},
	}[t.Kind]
	required := slices.Index(own, "")
	for i, key := range own {
		if i < required && !t.has(key) {
			for _, f := range fieldsOf(typeOf[loadTable]()) {
				if f.key == key {
					c.errorf(&t.source, key, "required for kind %q; write %s", t.Kind, f.example())
				}
			}
		}
	}
	for _, f := range t.node.fields {
		if !slices.Contains(own, f.key) && f.key != "id" && f.key != "kind" && slices.ContainsFunc(fieldsOf(typeOf[loadTable]()),
			func(x field) bool { return x.key == f.key && !x.later }) {
			c.errorAt(f.keyAt, &t.source, f.key, "not used by kind %q; remove it", t.Kind)
		}
	}
}

// instant turns an instant of a table into virtual time.
func (c *compiler) instant(s *source, key string, i *instant, none simtime.Time) simtime.Time {
	if i == nil {
		return none
	}
	d := i.since(c.t0)
	if d < 0 {
		c.errorf(s, key, "is before the start of the run (%s); write an instant from then on, or a duration since it", c.t0.Format(time.RFC3339))
		return none
	}
	return simtime.Time(d)
}

func (c *compiler) poisson(t *loadTable, s *load.Source) {
	s.Start = c.instant(&t.source, "start", t.Start, 0)
	s.End = c.instant(&t.source, "end", t.End, simtime.Never)
	if s.End <= s.Start {
		c.errorf(&t.source, "end", "%s is not after start %s", duration(s.End), duration(s.Start))
	}
	c.late(t, "start", s.Start)
	if t.Rate != nil {
		s.Rate = float64(*t.Rate)
	}
	if t.Kind == "poisson" {
		return
	}
	s.Profile = "day.office"
	if t.Profile != "" {
		s.Profile = t.Profile
	}
	switch {
	case t.Rate == nil && t.PerDay == nil && !t.has("rate") && !t.has("per_day"):
		c.errorf(&t.source, "rate", "required for kind %q; write rate = \"2/s\", the mean over a day, or per_day = 12000", t.Kind)
	case t.has("rate") && t.has("per_day"):
		c.errorf(&t.source, "per_day", "given together with rate; give one of them")
	case t.PerDay != nil:
		s.Rate = float64(*t.PerDay) / 86400
	}
	s.Location = c.clock(s.From)
}

// late warns of mail that comes too late to be sent.
func (c *compiler) late(t *loadTable, key string, at simtime.Time) {
	if time.Duration(at) >= c.horizon() && c.horizon() > 0 && t.has(key) {
		c.warnf(&t.source, key, "%s is after the simulation end %s; no mail is sent", duration(at), duration(c.horizon()))
	}
}

// clock is the time zone that a daily profile goes by: that of the senders' site where there is one, else that of t0.
func (c *compiler) clock(from []load.Party) *time.Location {
	if len(from) != 1 || from[0].Kind == load.PartyAnySite || from[0].Kind == load.PartyInternet {
		return c.t0.Location()
	}
	site := from[0].Site
	if from[0].Kind == load.PartyMailbox {
		site = c.servers[from[0].Server].Site
	}
	if loc, err := time.LoadLocation(c.doc.Site[site].TimeZone); err == nil && c.doc.Site[site].TimeZone != "" {
		return loc
	}
	return c.t0.Location()
}

func (c *compiler) regular(t *loadTable, s *load.Source) {
	s.First = c.instant(&t.source, "first", t.First, 0)
	if t.Until != nil {
		s.End = c.instant(&t.source, "until", t.Until, simtime.Never)
		if s.End < s.First {
			c.errorf(&t.source, "until", "%s is before first, %s", duration(s.End), duration(s.First))
		}
		s.End = s.End.Add(1) // until includes its instant, End does not
	}
	if t.Count != nil {
		s.Count = *t.Count
	}
	if t.Every != nil {
		s.Every = time.Duration(*t.Every)
	} else if s.Count != 1 && !t.has("every") {
		c.errorf(&t.source, "every", "required for kind %q; write every = \"30s\"", t.Kind)
	}
	c.late(t, "first", s.First)
}

func (c *compiler) burst(t *loadTable, s *load.Source) {
	s.Start = c.instant(&t.source, "at", t.At, 0)
	if t.Count != nil {
		s.Count = *t.Count
	}
	if t.Over != nil {
		s.Over = time.Duration(*t.Over)
	}
	c.late(t, "at", s.Start)
}

// loadParties resolves who sends and who receives.
func (c *compiler) loadParties(t *loadTable) (from, to []load.Party) {
	for _, p := range t.From.list {
		switch p.kind {
		case "domain":
			c.errorAt(p.at, &t.source, "from", `a sender outside is "internet"; domains are for recipients`)
			continue
		case "client":
			continue
		case "group":
			c.errorAt(p.at, &t.source, "from", `a group receives mail and sends none; write "site:NAME", "mailbox:NAME" or "internet"`)
			continue
		}
		if x, ok := c.party(t, "from", p); ok {
			from = append(from, x)
		}
	}
	for _, p := range t.To.list {
		if x, ok := c.party(t, "to", p); ok {
			to = append(to, x)
			c.warnNoWayOut(t, "to", p, x)
		}
	}
	return from, to
}

// warnNoWayOut warns of a recipient outside that nothing leads to.
func (c *compiler) warnNoWayOut(t *loadTable, key string, p party, x load.Party) {
	if x.Kind == load.PartyInternet && len(c.outputs) == 0 && !c.fromElsewhere(t) {
		c.rep.warnf(p.at, "%s: %s: there is no connector, so mail to the outside cannot be routed; declare a [[connector]] or an [[edge]]", t.subject, key)
	}
}

// fromElsewhere tells whether no mail of a load comes from Exchange mailboxes: E-Post servers, and senders outside, find the servers of E-Post
// and of the outside themselves.
func (c *compiler) fromElsewhere(t *loadTable) bool {
	return len(c.doc.EPost) > 0 && len(t.From.list) > 0 && !slices.ContainsFunc(t.From.list, func(p party) bool {
		if i := c.clients.find(p.name); p.kind == "client" && i >= 0 {
			home := c.cfg.Clients[i].Home
			return home == topology.None || !c.servers[home].Is(topology.RoleEPost)
		}
		id, ok := c.server[p.name]
		return p.kind != "internet" && (p.kind != "mailbox" || !ok || !c.servers[id].Is(topology.RoleEPost))
	})
}

func (c *compiler) party(t *loadTable, key string, p party) (load.Party, bool) {
	out := load.Party{Site: topology.None, Server: topology.None, Weight: p.weight}
	switch {
	case p.kind == "internet":
		out.Kind = load.PartyInternet
	case p.kind == "client":
		c.errorAt(p.at, &t.source, key, `clients send mail, and their mailboxes receive it; write "mailbox:NAME" or "site:NAME"`)
		return out, false
	case p.kind == "domain":
		out.Kind, out.Domain = load.PartyInternet, strings.ToLower(p.name)
		if !validSpace(topology.AddressSpace{Type: "SMTP", Space: out.Domain}) || strings.HasPrefix(out.Domain, "*") {
			c.errorAt(p.at, &t.source, key, `%s is not a domain; write for example "domain:example.com"`, quote(p.name))
			return out, false
		}
	case p.kind == "group":
		out.Kind = load.PartyGroup
		id := c.lookup(&c.groups, p.at, &t.source, key, p.name)
		if id < 0 {
			return out, false
		}
		out.Group = topology.GroupID(id)
	case p.kind == "mailbox":
		out.Kind = load.PartyMailbox
		id, ok := c.mailboxServer(&t.source, key, p.at, p.name, mailboxHolders())
		if !ok {
			return out, false
		}
		if domains := c.servers[id].Domains; key != "from" && len(domains) > 0 { // for others its mailboxes are addresses outside
			out.Kind, out.Domain = load.PartyInternet, domains[0]
			break
		}
		out.Server = id
	case p.name == "*":
		out.Kind = load.PartyAnySite
		if !c.hasMailboxes(topology.None) {
			c.errorAt(p.at, &t.source, key, "there is no [[mailbox]] with mailboxes; declare one")
			return out, false
		}
	default:
		out.Kind = load.PartySite
		id, ok := c.siteWithMailboxes(&t.source, key, p.at, p.name)
		if !ok {
			return out, false
		}
		out.Site = id
	}
	return out, true
}

// mailboxServer resolves the name of a mailbox server.
func (c *compiler) mailboxServer(s *source, key string, at Pos, name string, kind hostKind) (topology.ServerID, bool) {
	id, ok := c.server[name]
	if !ok || !kind.is(&c.servers[id]) {
		c.errorAt(at, s, key, "no mailbox server is called %s; %s", quote(name), suggest(name, c.hostsOf(kind), kind.noun))
		return topology.None, false
	}
	return id, true
}

// siteWithMailboxes resolves the name of a site that stands for its mailboxes.
func (c *compiler) siteWithMailboxes(s *source, key string, at Pos, name string) (topology.SiteID, bool) {
	id := topology.SiteID(c.lookup(&c.sites, at, s, key, name))
	if id == topology.None {
		return id, false
	}
	for i := range c.servers {
		if x := &c.servers[i]; x.Site == id && x.Absent && x.Mailboxes > 0 && !c.hasMailboxes(id) {
			c.errorAt(at, s, key, "site %s has no mailboxes at the start of the run; name a server that is added later: \"mailbox:%s\"", quote(name), x.Name)
			return id, false
		}
	}
	if !c.hasMailboxes(id) {
		c.errorAt(at, s, key, "site %s has no [[mailbox]] with mailboxes; declare one, or name another site", quote(name))
		return id, false
	}
	return id, true
}

// hasMailboxes tells whether a site has mailboxes, or any has (None). Servers that are not present have none yet.
func (c *compiler) hasMailboxes(site topology.SiteID) bool {
	return slices.ContainsFunc(c.servers, func(s topology.Server) bool {
		return c.counts(&s) && (site == topology.None || s.Site == site)
	})
}
