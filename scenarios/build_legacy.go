package scenarios

import (
	"slices"

	"mailsim/topology"
)

// The world of Exchange 2003, as far as 2007 and 2010 know it.

// routingGroupNames makes the routing groups known, for the connectors that they host.
func (c *compiler) routingGroupNames() {
	for i := range c.doc.RoutingGroup {
		t := &c.doc.RoutingGroup[i]
		c.claim(&c.legacy, &t.source, t.Name)
		c.onlyOld(&t.source)
	}
}

// onlyOld reports a table that needs servers of 2007 or 2010 in an organisation without any.
func (c *compiler) onlyOld(s *source) {
	old := func(s topology.Server) bool { return !s.Version.New() }
	if c.version.New() && !slices.ContainsFunc(c.servers, old) {
		c.errorf(s, "name", "2010 was the last version to know Exchange 2003, and every server is newer; remove the table")
	}
}

// routingGroupTables translates [[routing_group]], with the connectors that name it.
func (c *compiler) routingGroupTables() {
	for i := range c.doc.RoutingGroup {
		t := &c.doc.RoutingGroup[i]
		g := topology.RoutingGroup{Name: t.Name, Servers: c.remoteList(&t.source, "servers", t.Servers)}
		for j := range c.doc.Connector {
			if c.legacy.find(c.doc.Connector[j].RoutingGroup) == i {
				g.Connectors = append(g.Connectors, topology.ConnectorID(j))
			}
		}
		c.routingGroups = append(c.routingGroups, g)
		c.org.RoutingGroup(g)
	}
}

// remoteList resolves names of outside systems.
func (c *compiler) remoteList(s *source, key string, list []string) []topology.RemoteID {
	var out []topology.RemoteID
	for i, name := range list {
		id := c.lookup(&c.remotes, s.item(key, i), s, key, name)
		switch {
		case id < 0:
		case slices.Contains(out, topology.RemoteID(id)):
			c.errorAt(s.item(key, i), s, key, "%s stands twice; remove one", quote(name))
		default:
			out = append(out, topology.RemoteID(id))
		}
	}
	return out
}

// rgcTables translates [[rgc]].
func (c *compiler) rgcTables() {
	names := newRegistry("rgc")
	for i := range c.doc.RGC {
		t := &c.doc.RGC[i]
		c.claim(&names, &t.source, t.Name)
		c.onlyOld(&t.source)
		k := topology.RGC{Name: t.Name, From: topology.None, Cost: t.Cost}
		k.To = topology.RoutingGroupID(c.lookup(&c.legacy, t.at("to"), &t.source, "to", t.To))
		c.rgcSources(t, &k)
		c.rgcTargets(t, &k)
		if t.MaxMessageSize != nil {
			k.MaxMessageSize = int64(*t.MaxMessageSize)
			if c.version == topology.V2007RTM {
				c.warnf(&t.source, "max_message_size", "2007rtm has no size limit on routing group connectors; it is ignored (R-3.24)")
			}
		}
		c.org.RGC(k)
	}
}

// rgcSources finds where a connector begins: at servers of 2007 or 2010, or in a routing group.
func (c *compiler) rgcSources(t *rgcTable, k *topology.RGC) {
	switch {
	case t.has("from") && t.has("source_servers"):
		c.errorf(&t.source, "from", "given together with source_servers; give one of them")
	case t.has("from"):
		k.From = topology.RoutingGroupID(c.lookup(&c.legacy, t.at("from"), &t.source, "from", t.From))
		if t.From == t.To && k.From >= 0 {
			c.errorf(&t.source, "to", "is the routing group that it leads from; name another")
		}
	case len(t.SourceServers) == 0:
		c.errorf(&t.source, "source_servers", `required; name hubs, or write from = "NAME" where it leads from a [[routing_group]]`)
	}
	for i, id := range c.hostList(&t.source, "source_servers", t.SourceServers, hubs()) {
		switch {
		case id == topology.None:
		case c.servers[id].Version.New():
			c.errorAt(t.item("source_servers", i), &t.source, "source_servers", "%s is of version %s; 2010 was the last to know Exchange 2003: name a hub of 2007 or 2010",
				quote(t.SourceServers[i]), c.servers[id].Version)
		default:
			k.Sources = append(k.Sources, id)
		}
	}
}

// rgcTargets finds the servers that a connector hands mail to: servers of its routing group, all of them when none is named.
func (c *compiler) rgcTargets(t *rgcTable, k *topology.RGC) {
	k.Targets = c.remoteList(&t.source, "target_servers", t.TargetServers)
	if k.To < 0 {
		return // missing, and reported
	}
	members := c.routingGroups[k.To].Servers
	if len(t.TargetServers) == 0 {
		if k.Targets = members; len(members) == 0 && !c.doc.RoutingGroup[k.To].has("servers") {
			c.errorf(&t.source, "to", "routing group %s has no servers; write servers = [...] there", quote(t.To))
		}
		return
	}
	var known []string
	for _, m := range members {
		known = append(known, c.remotes.names[m])
	}
	for i, name := range t.TargetServers {
		if c.remotes.find(name) >= 0 && !slices.Contains(known, name) {
			c.errorAt(t.item("target_servers", i), &t.source, "target_servers", "%s is no server of routing group %s; %s",
				quote(name), quote(t.To), suggest(name, known, "server of it"))
		}
	}
}
