package topology

import "slices"

// RoutingGroupID numbers the routing groups of Exchange 2003 from 0. None is the one group of all servers of 2007 and 2010.
type RoutingGroupID int32

// RGCID numbers the routing group connectors from 0.
type RGCID int32

// RoutingGroup is a routing group of Exchange 2003 servers, which are outside systems to the model.
type RoutingGroup struct {
	Name       string
	Servers    []RemoteID
	Connectors []ConnectorID // connectors that it hosts; they have no source servers
}

// RGC is a routing group connector, in one direction.
type RGC struct {
	Name           string
	From, To       RoutingGroupID // None = the group of the 2007 and 2010 servers
	Sources        []ServerID     // source servers in list order, where From is None
	Targets        []RemoteID     // target servers in list order
	Cost           int64          // 1 unless said otherwise
	MaxMessageSize int64          // bytes; Unlimited when unset
}

// RoutingGroup adds a routing group.
func (b *Builder) RoutingGroup(g RoutingGroup) RoutingGroupID {
	b.org.RoutingGroups = append(b.org.RoutingGroups, g)
	return RoutingGroupID(len(b.org.RoutingGroups) - 1)
}

// RGC adds a routing group connector. Cost 0 means 1, MaxMessageSize 0 means unlimited.
func (b *Builder) RGC(c RGC) RGCID {
	if c.Cost == 0 {
		c.Cost = 1
	}
	if c.MaxMessageSize == 0 {
		c.MaxMessageSize = Unlimited
	}
	b.org.RGCs = append(b.org.RGCs, c)
	return RGCID(len(b.org.RGCs) - 1)
}

// HostedBy returns the routing group that hosts a connector, or None for a connector of servers of the organisation.
func (o *Organisation) HostedBy(c ConnectorID) RoutingGroupID {
	for i := range o.RoutingGroups {
		if slices.Contains(o.RoutingGroups[i].Connectors, c) {
			return RoutingGroupID(i)
		}
	}
	return None
}

// checkRoutingGroups reports what is wrong with the world of Exchange 2003.
func (o *Organisation) checkRoutingGroups(bad func(string, ...any)) {
	unique(bad, "routing group", len(o.RoutingGroups), func(i int) string { return o.RoutingGroups[i].Name })
	unique(bad, "routing group connector", len(o.RGCs), func(i int) string { return o.RGCs[i].Name })
	for i := range o.RoutingGroups {
		g := &o.RoutingGroups[i]
		for _, c := range g.Connectors {
			switch {
			case c < 0 || int(c) >= len(o.Connectors):
				bad("routing group %q: connector %d is not declared", g.Name, c)
			case len(o.Connectors[c].Sources) > 0:
				bad("routing group %q: connector %q has source servers of its own; it is hosted here or there", g.Name, o.Connectors[c].Name)
			}
		}
		for _, r := range g.Servers {
			if r < 0 || int(r) >= len(o.Remotes) {
				bad("routing group %q: server %d is not declared", g.Name, r)
			}
		}
	}
	for i := range o.RGCs {
		o.checkRGC(bad, &o.RGCs[i])
	}
}

func (o *Organisation) checkRGC(bad func(string, ...any), c *RGC) {
	for _, g := range []RoutingGroupID{c.From, c.To} {
		if g != None && (g < 0 || int(g) >= len(o.RoutingGroups)) {
			bad("routing group connector %q: routing group %d is not declared", c.Name, g)
		}
	}
	if c.From == c.To {
		bad("routing group connector %q: leads from a routing group to itself", c.Name)
	}
	if c.Cost < 1 {
		bad("routing group connector %q: cost must be at least 1, is %d", c.Name, c.Cost)
	}
	if (c.From == None) != (len(c.Sources) > 0) {
		bad("routing group connector %q: name source servers where it starts at servers of 2007 or 2010, and only there", c.Name)
	}
	for _, s := range c.Sources {
		switch {
		case !o.hasServer(s):
			bad("routing group connector %q: source server %d is not declared", c.Name, s)
		case !o.Servers[s].Is(RoleHub):
			bad("routing group connector %q: source %q is no hub", c.Name, o.Servers[s].Name)
		case o.Servers[s].Version.New():
			bad("routing group connector %q: source %q is of version %s; 2010 was the last to know Exchange 2003", c.Name, o.Servers[s].Name, o.Servers[s].Version)
		}
	}
	for _, r := range c.Targets {
		if r < 0 || int(r) >= len(o.Remotes) {
			bad("routing group connector %q: target server %d is not declared", c.Name, r)
		}
	}
}

// checkLinked reports what is wrong with linked connectors.
func (o *Organisation) checkLinked(bad func(string, ...any)) {
	for i := range o.Connectors {
		c := &o.Connectors[i]
		if c.LinkedTo == "" {
			continue
		}
		if len(c.SmartHosts) == 0 {
			bad("connector %q: a linked connector uses smart hosts; name one", c.Name)
		}
		if len(c.AddressSpaces) > 0 {
			bad("connector %q: a linked connector has no address space; remove it", c.Name)
		}
		if c.MaxMessageSize != Unlimited {
			bad("connector %q: a linked connector takes any size; remove the limit", c.Name)
		}
		for j := range i {
			if CompareNames(o.Connectors[j].LinkedTo, c.LinkedTo) == 0 {
				bad("connector %q: receive connector %q is linked to %q already", c.Name, c.LinkedTo, o.Connectors[j].Name)
			}
		}
		for _, s := range c.Sources {
			if o.hasServer(s) && o.Servers[s].Version.New() {
				bad("connector %q: source %q is of version %s, which has no linked connectors", c.Name, o.Servers[s].Name, o.Servers[s].Version)
			}
		}
	}
}
