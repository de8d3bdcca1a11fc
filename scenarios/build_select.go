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
	host     fault.Host
	name     string
	site     string
	roles    fault.Target
	labels   []string
	services fault.Services
}

func (c *compiler) candidates() []candidate {
	var out []candidate
	for i := range c.servers {
		s := &c.servers[i]
		out = append(out, candidate{
			fault.Host{Server: topology.ServerID(i), DC: topology.None}, s.Name, c.siteName(s.Site), fault.Role(s.Roles),
			c.labels.ofHost(s.Name, s.Site), c.servicesOn(topology.ServerID(i)),
		})
	}
	for i, d := range c.dcs {
		out = append(out, candidate{fault.Host{Server: topology.None, DC: topology.DCID(i)}, d.Name, c.siteName(d.Site), fault.TargetDC, c.labels.ofHost(d.Name, d.Site), 0})
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
	good := c.onlyKeysAt(s, key, t, append([]string{"host", "site", "role", "service", "label"}, more...), user)
	all := c.candidates()
	good = c.checkSites(s, key+".site", t.Site) && good
	good = c.checkServices(s, key, t.Service) && good
	if t.Label != nil {
		var labels [][]string
		for _, x := range all {
			labels = append(labels, x.labels)
		}
		good = c.checkCarried(s, key, t.Label, labels) && good
	}
	if t.Role != nil {
		for i, r := range t.Role.list {
			if _, ok := hostRoles()[r]; !ok {
				c.errorAt(t.Role.at[i], s, key+".role", "%s is no role; %s", quote(r), suggest(r, []string{"hub", "edge", "mailbox", "epost", "dc", "client"}, "role"))
				good = false
			}
		}
	}
	if t.Host == nil && t.Site == nil && t.Role == nil && t.Service == nil && t.Label == nil {
		if good {
			c.errorAt(t.node.at, s, key, "required; name at least one host, site or role")
		}
		return nil
	}
	role := func(x candidate) bool {
		return t.Role == nil || slices.ContainsFunc(t.Role.list, func(r string) bool { return x.roles&hostRoles()[r] != 0 })
	}
	for _, x := range []*names{t.Host, t.Site, t.Role, t.Service, t.Label} {
		good = good && (x == nil || len(x.list) > 0)
	}
	if t.Host != nil {
		for i, pattern := range t.Host.list {
			good = c.checkHost(s, key, t, pattern, t.Host.at[i], all, accepts, user) && good
		}
	}
	var out []fault.Host
	named := t.Service.servicesNamed()
	for _, x := range all {
		picked := x.name != "" && t.Host.match(x.name) && t.Site.match(x.site) && role(x) && t.Label.carried(x.labels) && (t.Service == nil || x.services&named != 0)
		if picked && x.roles&accepts != 0 {
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

// selectSites resolves a selector to sites: by name, by label, or both.
func (c *compiler) selectSites(s *source, key string, t *selector) []topology.SiteID {
	if t.Site == nil && t.Label == nil || !c.checkSites(s, key+".site", t.Site) || !c.checkCarried(s, key, t.Label, c.labels.sites) {
		return nil
	}
	var out []topology.SiteID
	for i := range c.doc.Site {
		if t.Site.match(c.doc.Site[i].Name) && t.Label.carried(c.labels.sites[i]) {
			out = append(out, topology.SiteID(i))
		}
	}
	return out
}
