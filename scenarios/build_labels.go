package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// labelKeys are the labels by which selectors may pick what a table declares.
type labelKeys struct {
	Labels []string `toml:"labels" list:"or-one" example:"[\"rack-1\", \"old\"]" doc:"Words by which selectors pick it: target = { label = \"old\" }. Those of a site are also those of the machines and clients in it."`
}

// labelBook is who carries which labels.
//
// Decision: a machine and a population of clients carry their own labels and those of their site, as site = "NAME" picks what stands there; a link and a network carry
// their own alone, because they belong to no one site.
type labelBook struct {
	hosts    map[string][]string // by name: servers, domain controllers and clients; looked up only
	sites    [][]string          // by number
	links    [][]string
	networks [][]string
}

// readLabels collects the labels of all tables.
func (c *compiler) readLabels() {
	b := &c.labels
	b.hosts = map[string][]string{}
	host := func(s *source, name string, k *labelKeys) {
		b.hosts[name] = append(b.hosts[name], c.labelList(s, k)...) // a hub and a mailbox server of one name are one machine
	}
	for i := range c.doc.Site {
		b.sites = append(b.sites, c.labelList(&c.doc.Site[i].source, &c.doc.Site[i].labelKeys))
	}
	for i := range c.doc.Link {
		b.links = append(b.links, c.labelList(&c.doc.Link[i].source, &c.doc.Link[i].labelKeys))
	}
	for i := range c.doc.Network {
		b.networks = append(b.networks, c.labelList(&c.doc.Network[i].source, &c.doc.Network[i].labelKeys))
	}
	for i := range c.doc.DC {
		host(&c.doc.DC[i].source, c.doc.DC[i].Name, &c.doc.DC[i].labelKeys)
	}
	for i := range c.doc.Hub {
		host(&c.doc.Hub[i].source, c.doc.Hub[i].Name, &c.doc.Hub[i].labelKeys)
	}
	for i := range c.doc.Edge {
		host(&c.doc.Edge[i].source, c.doc.Edge[i].Name, &c.doc.Edge[i].labelKeys)
	}
	for i := range c.doc.Mailbox {
		host(&c.doc.Mailbox[i].source, c.doc.Mailbox[i].Name, &c.doc.Mailbox[i].labelKeys)
	}
	for i := range c.doc.EPost {
		host(&c.doc.EPost[i].source, c.doc.EPost[i].Name, &c.doc.EPost[i].labelKeys)
	}
	for i := range c.doc.Client {
		host(&c.doc.Client[i].source, c.doc.Client[i].Name, &c.doc.Client[i].labelKeys)
	}
}

// labelList reads the labels of a table; they are written as names are.
func (c *compiler) labelList(s *source, k *labelKeys) []string {
	if n := s.node.get("labels"); n != nil && n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(s, "labels", `is empty; write for example labels = ["rack-1"], or leave it out`)
	}
	var out []string
	for i, x := range k.Labels {
		if err := validName(x); err != nil {
			c.errorAt(s.item("labels", i), s, "labels", "%s", err)
			continue
		}
		if slices.Contains(out, x) {
			c.errorAt(s.item("labels", i), s, "labels", "%s stands twice; remove one", quote(x))
			continue
		}
		out = append(out, x)
	}
	return out
}

// ofHost lists the labels of a machine or a population of clients in a site.
func (b *labelBook) ofHost(name string, site topology.SiteID) []string {
	own := b.hosts[name]
	if site < 0 || int(site) >= len(b.sites) {
		return own
	}
	return slices.Concat(own, b.sites[site])
}

// carried tells whether one of some labels is picked; no key picks all.
func (x *names) carried(labels []string) bool {
	return x == nil || slices.ContainsFunc(labels, x.match)
}

// checkCarried reports labels that nothing carries of what could be picked (F011). all are the labels of each of these.
func (c *compiler) checkCarried(s *source, key string, x *names, all [][]string) bool {
	var known []string
	for _, labels := range all {
		for _, l := range labels {
			if !slices.Contains(known, l) {
				known = append(known, l)
			}
		}
	}
	slices.Sort(known)
	if x != nil && len(known) == 0 {
		for i, pattern := range x.list {
			c.errorAt(x.at[i], s, key+".label", "%s labels nothing that could be hit; write labels = [%s] in its table", quote(pattern), quote(strings.ReplaceAll(pattern, "*", "")))
		}
		return false
	}
	good := true
	for i, pattern := range x.texts() {
		if !slices.ContainsFunc(known, func(l string) bool { return glob(pattern, l) }) {
			c.errorAt(x.at[i], s, key+".label", "%s is no label of what could be hit; %s", quote(pattern), suggest(pattern, known, "label"))
			good = false
		}
	}
	return good
}

// servicesOn are the services of a machine; a domain controller has none that a scenario can name.
func (c *compiler) servicesOn(id topology.ServerID) fault.Services {
	if id < 0 {
		return 0
	}
	for i := range c.cfg.EPosts {
		if own := c.cfg.EPosts[i].Services.Services; c.cfg.EPosts[i].Server == id && own != 0 {
			return own
		}
	}
	return fault.ServicesOf(c.servers[id].Roles)
}

// servicesNamed are the services that a selector picks.
func (x *names) servicesNamed() fault.Services {
	var out fault.Services
	for _, name := range fault.ServiceNames() {
		if s, ok := fault.ParseService(name); ok && x != nil && x.match(name) {
			out |= fault.Set(s)
		}
	}
	return out
}

// checkServices reports names of services that are none (F011).
func (c *compiler) checkServices(s *source, key string, x *names) bool {
	good := true
	for i, pattern := range x.texts() {
		if !slices.ContainsFunc(fault.ServiceNames(), func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(x.at[i], s, key+".service", "%s is no service; %s", quote(pattern), suggest(pattern, fault.ServiceNames(), "service"))
			good = false
		}
	}
	return good
}
