package scenarios

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// changes translates a step that edits connectors, links or sites.
func (c *compiler) changes(s *source, kind fault.ActionKind, k *operatorKeys, prefix, user string) []topology.Change {
	key := editedBy(kind)
	if k.Target == nil || k.Target.node == nil {
		if !s.has("target") {
			c.errorAt(s.node.at, s, prefix+"target", "required for %s; write target = { %s = \"NAME\" }", user, key)
		}
		return nil
	}
	var out []topology.Change
	var objects []int32
	set := func(kind topology.ChangeKind, value int64) {
		for _, o := range objects {
			out = append(out, topology.Change{Kind: kind, Object: o, Value: value})
		}
	}
	switch key {
	case "connector":
		objects = c.objects(s, k.Target, key, k.Target.Connector, c.connectors.names, nil, prefix, user)
	case "link":
		objects = c.objects(s, k.Target, key, k.Target.Link, c.links.names, c.labels.links, prefix, user)
	case "site":
		objects = c.objects(s, k.Target, key, k.Target.Site, c.sites.names, c.labels.sites, prefix, user)
	}
	switch kind {
	case fault.SetConnector:
		if k.Enabled == nil && k.Cost == nil && !s.has("enabled") && !s.has("cost") && !s.has("max_per_domain_outbound_connections") {
			c.errorAt(s.node.at, s, prefix+"enabled", "required for %s; write enabled = false, or cost", user)
		}
		if k.Ceiling != nil {
			set(topology.ConnectorCeiling, *k.Ceiling)
		}
		if k.Enabled != nil {
			set(topology.ConnectorEnabled, toInt(*k.Enabled))
		}
		if k.Cost != nil {
			if *k.Cost > 100 {
				c.errorAt(s.at("cost"), s, prefix+"cost", "the cost of an address space must be 1 to 100, is %d", *k.Cost)
			}
			set(topology.ConnectorCost, *k.Cost)
		}
	case fault.SetLinkCost:
		if k.Cost == nil && k.Exchange == nil && !s.has("cost") && !s.has("exchange_cost") {
			c.errorAt(s.node.at, s, prefix+"cost", "required for %s; write cost = 10, or exchange_cost", user)
		}
		if k.Cost != nil {
			set(topology.LinkCost, *k.Cost)
		}
		if k.Exchange != nil {
			set(topology.LinkExchangeCost, *k.Exchange)
		}
	case fault.SetHubSite:
		if k.HubSite == nil && !s.has("hub_site") {
			c.errorAt(s.node.at, s, prefix+"hub_site", "required for %s; write hub_site = true", user)
		}
		if k.HubSite != nil {
			set(topology.HubSite, toInt(*k.HubSite))
		}
	case fault.SetSmartHosts:
		if list, ok := c.smartHosts(s, k, objects, prefix, user); ok {
			set(topology.SmartHosts, list)
		}
	case fault.AddConnector, fault.RemoveConnector:
		set(topology.ConnectorPresent, toInt(kind == fault.AddConnector))
		c.notePresence(s, kind, k, nil, objects, prefix)
	case fault.AddSite, fault.RemoveSite:
		set(topology.SitePresent, toInt(kind == fault.AddSite))
		c.notePresence(s, kind, k, nil, objects, prefix)
	}
	return out
}

// editedBy is the selector key of what an action edits.
func editedBy(kind fault.ActionKind) string {
	switch a := kind.Accepts(); {
	case a&fault.TargetLink != 0:
		return "link"
	case a&fault.TargetSite != 0:
		return "site"
	}
	return "connector"
}

// smartHosts reads what a step sets as the smart hosts of connectors: the value of the change. The loader keeps one list for equal ones.
func (c *compiler) smartHosts(s *source, k *operatorKeys, connectors []int32, prefix, user string) (int64, bool) {
	key := prefix + "smart_hosts"
	for _, o := range connectors {
		if x := &c.outputs[o]; x.Kind != topology.SendConnector || len(x.Sources) == 0 {
			c.errorAt(k.Target.node.at, s, prefix+"target", "connector %s does not deliver by SMTP from servers of the organisation, and has no smart hosts; name another", quote(x.Name))
		}
	}
	switch dns := k.DNS != nil && *k.DNS; {
	case len(k.SmartHosts) > 0 && dns:
		c.errorAt(s.at("dns"), s, prefix+"dns", "given together with smart_hosts; give one of them")
		return 0, false
	case len(k.SmartHosts) == 0 && k.DNS != nil && !dns:
		c.errorAt(s.at("dns"), s, prefix+"dns", "false without smart_hosts: the connector delivers nowhere; give smart_hosts or dns = true")
		return 0, false
	case dns:
		for _, o := range connectors {
			if x := &c.outputs[o]; x.LinkedTo != "" {
				c.errorAt(s.at("dns"), s, prefix+"dns", "connector %s is linked, and a linked connector uses smart hosts; write smart_hosts", quote(x.Name))
			}
		}
		return topology.None, true
	case len(k.SmartHosts) == 0:
		if !s.has("smart_hosts") && !s.has("dns") {
			c.errorAt(s.node.at, s, key, `required for %s; write smart_hosts = ["NAME"], or dns = true`, user)
		} else if s.has("smart_hosts") && s.node.get("smart_hosts").kind == arrayNode && len(s.node.get("smart_hosts").items) == 0 {
			c.errorAt(s.at("smart_hosts"), s, key, "is empty; name at least one [[remote]], or write dns = true")
		}
		return 0, false
	}
	var list []topology.RemoteID
	for i, name := range k.SmartHosts {
		id := c.lookup(&c.remotes, s.item("smart_hosts", i), s, key, name)
		if id >= 0 && slices.Contains(list, topology.RemoteID(id)) {
			c.errorAt(s.item("smart_hosts", i), s, key, "%s stands twice; remove one", quote(name))
		} else if id >= 0 {
			list = append(list, topology.RemoteID(id))
		}
	}
	if len(list) < len(k.SmartHosts) {
		return 0, false
	}
	if i := slices.IndexFunc(c.hostLists, func(x []topology.RemoteID) bool { return slices.Equal(x, list) }); i >= 0 {
		return int64(i), true
	}
	c.hostLists = append(c.hostLists, list)
	return c.org.SmartHostList(list), true
}

// changesToDNS tells whether some step makes a connector deliver by DNS: the outside must be there for it.
func (c *compiler) changesToDNS() bool {
	dns := func(k *operatorKeys) bool {
		return k.Action == fault.SetSmartHosts.String() && k.DNS != nil && *k.DNS
	}
	return slices.ContainsFunc(c.doc.Action, func(a actionTable) bool { return dns(&a.operatorKeys) }) ||
		slices.ContainsFunc(c.doc.Fault, func(f faultTable) bool {
			return slices.ContainsFunc(f.Remedy, func(r remedyTable) bool { return dns(&r.operatorKeys) })
		})
}

// newHome reads where a step moves mailboxes.
func (c *compiler) newHome(s *source, k *operatorKeys, prefix string) topology.ServerID {
	if k.To == "" {
		if !s.has("to") || s.node.get("to").value == "" {
			c.errorAt(s.at("to"), s, prefix+"to", "required for action %s; name a mailbox server", quote(k.Action))
		}
		return topology.None
	}
	id, ok := c.server[k.To]
	switch {
	case !ok:
		var known []string
		for i := range c.servers {
			if c.servers[i].Is(topology.RoleMailbox) {
				known = append(known, c.servers[i].Name)
			}
		}
		c.errorAt(s.at("to"), s, prefix+"to", "no mailbox server is called %s; %s", quote(k.To), suggest(k.To, known, "mailbox server"))
		return topology.None
	case !c.servers[id].Is(topology.RoleMailbox):
		c.errorAt(s.at("to"), s, prefix+"to", "%s has role %s; name a mailbox server", quote(k.To), roleNames(&c.servers[id]))
		return topology.None
	}
	return id
}

func toInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// objects resolves the names and patterns of a selector's one key to numbers, and labels where such objects have any (labels, by number; nil = no).
func (c *compiler) objects(s *source, t *selector, key string, x *names, all []string, labels [][]string, prefix, user string) []int32 {
	legal := []string{key}
	if labels != nil {
		legal = append(legal, "label")
	}
	if !c.onlyKeys(s, t, legal, user) || !c.checkCarried(s, prefix+"target", t.Label, labels) {
		return nil
	}
	if x == nil && t.Label == nil {
		if len(t.node.fields) == 0 {
			c.errorAt(t.node.at, s, prefix+"target", "required for %s; write target = { %s = \"NAME\" }", user, key)
		}
		return nil
	}
	good := true
	for i, pattern := range x.texts() {
		if !slices.ContainsFunc(all, func(name string) bool { return glob(pattern, name) }) {
			c.errorAt(x.at[i], s, prefix+"target."+key, "%s matches no %s; %s", quote(pattern), key, suggest(pattern, all, key))
			good = false
		}
	}
	if x == nil { // by label alone: in the order of the tables
		x = &names{list: []string{"*"}}
	}
	var out []int32
	for _, pattern := range x.list {
		for j, name := range all {
			if name != "" && glob(pattern, name) && !slices.Contains(out, int32(j)) && (t.Label == nil || t.Label.carried(labels[j])) {
				out = append(out, int32(j))
			}
		}
	}
	if len(out) == 0 && good && t.Label != nil {
		c.errorAt(t.node.at, s, prefix+"target", "matches no %s", key)
	}
	return out
}
