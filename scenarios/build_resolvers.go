package scenarios

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// resolverKeys are the resolvers that machines ask for names (F14).
type resolverKeys struct {
	DNSServers []string `toml:"dns_servers" list:"or-one" std:"those of the site, else one without a name" example:"[\"r1\", \"r2\"]" doc:"The resolvers that it asks for outside names, by names of your own and in this order. Of a site: those of the machines and clients in it that have none of their own. dns_fail lets some of them fail, or all." rule:"F14"`
}

// resolvers gives machines the resolvers that they ask: their own, else those of their site (an Edge: of the site that it is subscribed to).
func (c *compiler) resolvers() {
	own := map[string][]string{} // by host; looked up only
	var sites [][]string
	for i := range c.doc.Site {
		sites = append(sites, c.resolverList(&c.doc.Site[i].source, &c.doc.Site[i].resolverKeys))
	}
	for i := range c.doc.DC {
		own[c.doc.DC[i].Name] = c.resolverList(&c.doc.DC[i].source, &c.doc.DC[i].resolverKeys)
	}
	for i := range c.doc.Edge {
		own[c.doc.Edge[i].Name] = c.resolverList(&c.doc.Edge[i].source, &c.doc.Edge[i].resolverKeys)
	}
	for i := range c.doc.EPost {
		own[c.doc.EPost[i].Name] = c.resolverList(&c.doc.EPost[i].source, &c.doc.EPost[i].resolverKeys)
	}
	for i := range c.doc.Mailbox {
		t := &c.doc.Mailbox[i]
		list := c.resolverList(&t.source, &t.resolverKeys)
		if id, ok := c.server[t.Name]; ok && t.node.get("dns_servers") != nil && !c.servers[id].Version.New() {
			c.errorf(&t.source, "dns_servers", "before 2013 a mailbox server delivers to no outside domain; write it in the [[hub]]")
		}
		own[t.Name] = list
	}
	for i := range c.doc.Hub {
		own[c.doc.Hub[i].Name] = c.resolverList(&c.doc.Hub[i].source, &c.doc.Hub[i].resolverKeys)
	}
	of := func(name string, site topology.SiteID) []string {
		if list := own[name]; len(list) > 0 || site < 0 || int(site) >= len(sites) {
			return list
		}
		return sites[site]
	}
	for i := range c.servers {
		c.cfg.Servers[i].Resolvers = of(c.servers[i].Name, c.servers[i].Site)
	}
	for i := range c.dcs {
		list := of(c.dcs[i].Name, c.dcs[i].Site)
		if list != nil && c.cfg.DCResolvers == nil {
			c.cfg.DCResolvers = make([][]string, len(c.dcs))
		}
		if list != nil {
			c.cfg.DCResolvers[i] = list
		}
	}
}

// resolverList reads the resolvers of a table.
func (c *compiler) resolverList(s *source, k *resolverKeys) []string {
	if n := s.node.get("dns_servers"); n != nil && n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(s, "dns_servers", `is empty; write for example dns_servers = ["r1", "r2"], or leave it out`)
	}
	var out []string
	for i, x := range k.DNSServers {
		if err := validName(x); err != nil {
			c.errorAt(s.item("dns_servers", i), s, "dns_servers", "%s", err)
			continue
		}
		if slices.Contains(out, x) {
			c.errorAt(s.item("dns_servers", i), s, "dns_servers", "%s stands twice; remove one", quote(x))
			continue
		}
		out = append(out, x)
	}
	return out
}

// resolversOf are the resolvers of a host; none = one without a name.
func (c *compiler) resolversOf(h fault.Host) []string {
	switch {
	case h.Server >= 0:
		return c.cfg.Servers[h.Server].Resolvers
	case int(h.DC) < len(c.cfg.DCResolvers):
		return c.cfg.DCResolvers[h.DC]
	}
	return nil
}

// failingResolvers translates servers of dns_fail: which of the resolvers that its hosts ask fail.
func (c *compiler) failingResolvers(t *faultTable, f *fault.Fault) {
	if !t.has("servers") || len(f.Hosts) == 0 {
		return // the latter is reported
	}
	if n := t.node.get("servers"); n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(&t.source, "servers", `is empty; write for example servers = ["r1"], or leave it out for all`)
	}
	var known []string
	for _, h := range f.Hosts {
		for _, r := range c.resolversOf(h) {
			if !slices.Contains(known, r) {
				known = append(known, r)
			}
		}
	}
	for i, pattern := range t.Servers {
		at := t.item("servers", i)
		switch {
		case len(known) == 0:
			c.errorAt(at, &t.source, "servers", "the hosts name no resolvers; write dns_servers = [%s] in their tables or their site's, or leave servers out", quote(pattern))
		case !slices.ContainsFunc(known, func(r string) bool { return glob(pattern, r) }): // F011
			c.errorAt(at, &t.source, "servers", "%s matches no resolver of the hosts; %s", quote(pattern), suggest(pattern, known, "resolver"))
		}
	}
	for _, r := range known {
		if slices.ContainsFunc(t.Servers, func(p string) bool { return glob(p, r) }) {
			f.Names.Servers = append(f.Names.Servers, r)
		}
	}
}
