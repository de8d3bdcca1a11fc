package scenarios

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// acceptedTables translates [[accepted_domain]].
func (c *compiler) acceptedTables() {
	types := []string{"authoritative", "internal_relay", "external_relay"}
	for i := range c.doc.Accepted {
		t := &c.doc.Accepted[i]
		d := topology.AcceptedDomain{Domain: strings.ToLower(t.Domain), Type: topology.AcceptedType(max(0, slices.Index(types, t.Type)))}
		switch {
		case !t.has("domain") || t.Domain == "" && t.node.get("domain").value != "": // missing or no text, and reported
		case !validDomain(d.Domain):
			c.errorf(&t.source, "domain", `%s is not a domain; write for example "example.com"`, quote(t.Domain))
		case slices.ContainsFunc(c.accepted, func(x topology.AcceptedDomain) bool { return x.Domain == d.Domain }):
			c.errorf(&t.source, "domain", "%s stands in another [[accepted_domain]] already; remove one", quote(t.Domain))
		default:
			c.accepted = append(c.accepted, d)
			c.org.AcceptedDomain(d)
		}
	}
}

// validDomain tells whether a text is the name of a domain in small letters, without a pattern.
func validDomain(domain string) bool {
	return validSpace(topology.AddressSpace{Type: "SMTP", Space: domain}) && domain != "--" && !strings.HasPrefix(domain, "*")
}

// memberKind says what an entry of a group's members is.
type memberKind uint8

const (
	siteMember    memberKind = iota // all mailboxes of a site
	boxMember                       // one mailbox
	outsideMember                   // one address outside
	groupMember                     // the members of another group
)

// member is an entry of a group's members.
type member struct {
	kind     memberKind
	site     topology.SiteID
	server   topology.ServerID
	database int32
	text     string // the address; of a domain without a name before it, domain:NAME
	group    int
}

// groupTables translates [[group]]. Groups in groups are replaced by their members here, once for the run; a group that one server alone
// may expand cannot be.
func (c *compiler) groupTables() {
	own := make([][]member, len(c.doc.Group))
	for i := range c.doc.Group {
		c.claim(&c.groups, &c.doc.Group[i].source, c.doc.Group[i].Name)
	}
	for i := range c.doc.Group {
		own[i] = c.groupMembers(&c.doc.Group[i])
	}
	f := flattener{c: c, own: own, flat: make([][]member, len(own)), state: make([]uint8, len(own))}
	for i := range c.doc.Group {
		t := &c.doc.Group[i]
		g := topology.Group{Name: t.Name, Members: c.mailboxesOf(f.members(i)), ExpansionServer: topology.None}
		if t.has("expansion_server") {
			g.ExpansionServer = c.hostNamed(t.at("expansion_server"), &t.source, "expansion_server", t.ExpansionServer, hubs())
		}
		c.org.Group(g)
	}
}

// groupMembers reads the entries of a group, each once.
func (c *compiler) groupMembers(t *groupTable) []member {
	if t.has("members") && len(t.Members) == 0 {
		c.errorf(&t.source, "members", `is empty; write for example members = ["site:Tokyo"]`)
	}
	seen := make(map[string]bool, len(t.Members))
	var out []member
	for i, text := range t.Members {
		if text == "" && !t.empty("members", t.item("members", i)) {
			continue // no text, and reported
		}
		if seen[text] && text != "" {
			c.errorAt(t.item("members", i), &t.source, "members", "%s stands twice; remove one", quote(text))
			continue
		}
		seen[text] = true
		out = append(out, c.member(t, t.item("members", i), text)...)
	}
	return out
}

// member reads one entry; "site:*" is all sites with mailboxes. It returns nothing for one that it reports.
func (c *compiler) member(t *groupTable, at Pos, text string) []member {
	const key = "members"
	kind, name, colon := strings.Cut(text, ":")
	local, domain, address := strings.Cut(text, "@")
	bad := func(format string, args ...any) []member {
		c.errorAt(at, &t.source, key, format, args...)
		return nil
	}
	switch {
	case text == "" || colon && name == "":
		return bad(`%s names nothing; write "site:NAME", "mailbox:NAME", "group:NAME", "domain:NAME" or "anna@example.com"`, quote(text))
	case kind == "site" && name == "*":
		var all []member
		for i := range c.doc.Site {
			if c.hasMailboxes(topology.SiteID(i)) {
				all = append(all, member{kind: siteMember, site: topology.SiteID(i)})
			}
		}
		if all == nil {
			return bad("there is no [[mailbox]] with mailboxes; declare one")
		}
		return all
	case kind == "site" && colon:
		if id, ok := c.siteWithMailboxes(&t.source, key, at, name); ok {
			return []member{{kind: siteMember, site: id}}
		}
		return nil
	case kind == "mailbox" && colon:
		return c.boxNamed(t, at, name)
	case kind == "group" && colon:
		if id := c.lookup(&c.groups, at, &t.source, key, name); id >= 0 {
			return []member{{kind: groupMember, group: id}}
		}
		return nil
	case kind == "domain" && colon:
		local, domain, address = "domain:", name, true
	case !address || local == "" || colon:
		return bad("%s is no member; %s", quote(text), c.memberAdvice(text, kind, name, colon))
	}
	lower := strings.ToLower(domain)
	if !validDomain(lower) {
		return bad(`%s is not a domain; write for example "anna@example.com"`, quote(domain))
	}
	for _, a := range c.accepted {
		if a.Domain == lower && a.Type == topology.Authoritative {
			return bad(`%s is inside: domain %s is an authoritative [[accepted_domain]]; write "mailbox:NAME"`, quote(text), quote(domain))
		}
	}
	if local == "domain:" {
		return []member{{kind: outsideMember, text: local + lower}}
	}
	return []member{{kind: outsideMember, text: strings.ToLower(local) + "@" + lower}}
}

// memberAdvice says what a text that is no member may have been meant for.
func (c *compiler) memberAdvice(text, kind, name string, colon bool) string {
	kinds := []string{"site", "mailbox", "group", "domain"}
	if near := nearest(kind, kinds); colon && near != "" {
		return "did you mean " + quote(near+":"+name) + "?"
	}
	switch {
	case c.sites.find(text) >= 0:
		return "did you mean " + quote("site:"+text) + "?"
	case slices.Contains(c.hostsOf(mailboxServers()), text):
		return "did you mean " + quote("mailbox:"+text) + "?"
	case c.groups.find(text) >= 0:
		return "did you mean " + quote("group:"+text) + "?"
	}
	return `write "site:NAME", "site:*", "mailbox:NAME", "group:NAME", "domain:NAME" or "anna@example.com"`
}

// boxNamed resolves NAME, a mailbox in the first database of a server, or NAME/DATABASE. The names of servers may hold strokes, too.
func (c *compiler) boxNamed(t *groupTable, at Pos, name string) []member {
	host, database := name, ""
	if cut := strings.LastIndexByte(name, '/'); cut >= 0 && !slices.Contains(c.hostsOf(mailboxServers()), name) {
		host, database = name[:cut], name[cut+1:]
	}
	id, ok := c.mailboxServer(&t.source, "members", at, host, mailboxServers())
	if !ok {
		return nil
	}
	m := member{kind: boxMember, server: id}
	if host == name {
		return []member{m}
	}
	s := &c.servers[id]
	var known []string
	for i := range int32(max(1, len(s.Databases))) {
		known = append(known, s.DatabaseName(i))
		if strings.EqualFold(s.DatabaseName(i), database) {
			m.database = i
			return []member{m}
		}
	}
	c.errorAt(at, &t.source, "members", "%s has no database %s; %s", quote(host), quote(database), suggest(database, known, "database"))
	return nil
}
