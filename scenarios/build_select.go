package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// Selectors: keys AND, values of one key OR (docs/scenario-reference.md). A pattern has * for any letters.

// glob matches a name against a pattern in which * stands for any text.
func glob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(name, p)
		if i < 0 {
			return false
		}
		name = name[i+len(p):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

func (x *names) match(name string) bool {
	return x == nil || slices.ContainsFunc(x.list, func(p string) bool { return glob(p, name) })
}

// candidate is a host that a selector may pick.
type candidate struct {
	host  fault.Host
	name  string
	site  string
	roles fault.Target
}

func (c *compiler) candidates() []candidate {
	var out []candidate
	for i := range c.servers {
		s := &c.servers[i]
		out = append(out, candidate{
			fault.Host{Server: topology.ServerID(i), DC: topology.None}, s.Name, c.siteName(s.Site), fault.Role(s.Roles),
		})
	}
	for i, d := range c.dcs {
		out = append(out, candidate{fault.Host{Server: topology.None, DC: topology.DCID(i)}, d.Name, c.siteName(d.Site), fault.TargetDC})
	}
	return out
}

func (c *compiler) siteName(s topology.SiteID) string {
	if s < 0 || int(s) >= len(c.doc.Site) {
		return ""
	}
	return c.doc.Site[s].Name
}

// hostRoles are the roles as selectors write them.
func hostRoles() map[string]fault.Target {
	return map[string]fault.Target{
		"hub": fault.TargetHub, "edge": fault.TargetEdge, "mailbox": fault.TargetMailbox, "epost": fault.TargetEPost, "dc": fault.TargetDC,
		"client": fault.TargetClient,
	}
}

// rolesText writes what a kind accepts. Of E-Post speaks who has it.
func (c *compiler) rolesText(t fault.Target) string {
	var out []string
	for _, r := range []string{"hub", "edge", "mailbox", "epost", "dc", "client"} {
		if r == "epost" && len(c.doc.EPost) == 0 {
			continue
		}
		if t&hostRoles()[r] != 0 {
			out = append(out, r)
		}
	}
	return strings.Join(out, ", ")
}

// onlyKeys reports selector keys that have no use here.
func (c *compiler) onlyKeys(s *source, t *selector, legal []string, user string) bool {
	return c.onlyKeysAt(s, "target", t, legal, user)
}

func (c *compiler) onlyKeysAt(s *source, key string, t *selector, legal []string, user string) bool {
	good := true
	for _, f := range t.node.fields {
		known := slices.ContainsFunc(fieldsOf(typeOf[selector]()), func(x field) bool { return x.key == f.key && !x.later })
		if known && !slices.Contains(legal, f.key) {
			c.errorAt(f.keyAt, s, key+"."+f.key, "not used by %s; select by %s", user, strings.Join(legal, ", "))
			good = false
		}
	}
	return good
}

// selectHosts resolves a selector to hosts. user is who asks, for messages: kind "host_down".
func (c *compiler) selectHosts(s *source, t *selector, accepts fault.Target, user string, more ...string) []fault.Host {
	return c.selectHostsAt(s, "target", t, accepts, user, more...)
}

// selectHostsAt does the same for a selector under another key than target.
func (c *compiler) selectHostsAt(s *source, key string, t *selector, accepts fault.Target, user string, more ...string) []fault.Host {
	good := c.onlyKeysAt(s, key, t, append([]string{"host", "site", "role"}, more...), user)
	all := c.candidates()
	good = c.checkSites(s, key+".site", t.Site) && good
	if t.Role != nil {
		for i, r := range t.Role.list {
			if _, ok := hostRoles()[r]; !ok {
				c.errorAt(t.Role.at[i], s, key+".role", "%s is no role; %s", quote(r), suggest(r, []string{"hub", "edge", "mailbox", "epost", "dc", "client"}, "role"))
				good = false
			}
		}
	}
	if t.Host == nil && t.Site == nil && t.Role == nil {
		if good {
			c.errorAt(t.node.at, s, key, "required; name at least one host, site or role")
		}
		return nil
	}
	role := func(x candidate) bool {
		return t.Role == nil || slices.ContainsFunc(t.Role.list, func(r string) bool { return x.roles&hostRoles()[r] != 0 })
	}
	for _, x := range []*names{t.Host, t.Site, t.Role} {
		good = good && (x == nil || len(x.list) > 0)
	}
	if t.Host != nil {
		for i, pattern := range t.Host.list {
			good = c.checkHost(s, key, t, pattern, t.Host.at[i], all, accepts, user) && good
		}
	}
	var out []fault.Host
	for _, x := range all {
		if x.name != "" && t.Host.match(x.name) && t.Site.match(x.site) && role(x) && x.roles&accepts != 0 {
			out = append(out, x.host)
		}
	}
	if len(out) == 0 && good {
		c.errorAt(t.node.at, s, key, "matches no host that %s can hit (%s)", user, c.rolesText(accepts))
	}
	return out
}

// checkHost reports a host name that matches nothing (F011) or something of the wrong role (F012).
func (c *compiler) checkHost(s *source, key string, t *selector, pattern string, at Pos, all []candidate, accepts fault.Target, user string) bool {
	var known, here []string
	found := false
	for _, x := range all {
		if x.name == "" {
			continue
		}
		known = append(known, x.name)
		if t.Site.match(x.site) {
			here = append(here, x.name)
			found = found || glob(pattern, x.name)
		}
		if x.name == pattern && x.roles&accepts == 0 {
			role := "dc"
			if x.host.Server >= 0 {
				role = roleNames(&c.servers[x.host.Server])
			}
			c.errorAt(at, s, key, "host %s has role %s; %s needs %s", quote(pattern), role, user, c.rolesText(accepts))
			return false
		}
	}
	switch {
	case found:
		return true
	case c.clients.find(pattern) >= 0: // F012
		c.errorAt(at, s, key, "host %s has role client; %s needs %s", quote(pattern), user, c.rolesText(accepts))
	case t.Site != nil && len(t.Site.list) == 1 && len(here) > 0:
		c.errorAt(at, s, key+".host", "%s matches no host; hosts in site %s: %s", quote(pattern), quote(t.Site.list[0]), list(here))
	default:
		c.errorAt(at, s, key+".host", "%s matches no host; %s", quote(pattern), suggest(pattern, known, "host"))
	}
	return false
}

// checkSites reports site names that match nothing.
func (c *compiler) checkSites(s *source, key string, x *names) bool {
	if x == nil {
		return true
	}
	good := true
	for i, pattern := range x.list {
		if !slices.ContainsFunc(c.sites.known(), func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(x.at[i], s, key, "%s matches no site; %s", quote(pattern), suggest(pattern, c.sites.known(), "site"))
			good = false
		}
	}
	return good
}

// selectSites resolves names and patterns of sites.
func (c *compiler) selectSites(s *source, key string, x *names) []topology.SiteID {
	if x == nil || !c.checkSites(s, key+".site", x) {
		return nil
	}
	var out []topology.SiteID
	for i := range c.doc.Site {
		if x.match(c.doc.Site[i].Name) {
			out = append(out, topology.SiteID(i))
		}
	}
	return out
}

// selectLinks resolves a selector to links: by name (F024), by a site that they join, or both.
func (c *compiler) selectLinks(s *source, t *selector) []topology.LinkID {
	good := c.onlyKeys(s, t, []string{"link", "site"}, "faults of links")
	good = c.checkSites(s, "target.site", t.Site) && good
	if t.Link != nil {
		for i, pattern := range t.Link.list {
			if !slices.ContainsFunc(c.links.known(), func(n string) bool { return glob(pattern, n) }) {
				c.errorAt(t.Link.at[i], s, "target.link", "no site link %s; links: %s", quote(pattern), list(c.links.known()))
				good = false
			}
		}
	}
	if t.Link == nil && t.Site == nil {
		if good {
			c.errorAt(t.node.at, s, "target", "required; name at least one link or site")
		}
		return nil
	}
	var out []topology.LinkID
	for i := range c.linkValues {
		l := &c.linkValues[i]
		joins := t.Site == nil || slices.ContainsFunc(l.Sites, func(id topology.SiteID) bool { return t.Site.match(c.siteName(id)) })
		if t.Link.match(l.Name) && joins {
			out = append(out, topology.LinkID(i))
		}
	}
	if len(out) == 0 && good {
		c.errorAt(t.node.at, s, "target", "matches no link")
	}
	return out
}
