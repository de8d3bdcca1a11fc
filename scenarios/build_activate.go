package scenarios

import (
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// activate_copy and what servers keep for it: Safety Net, and the transport dumpster before 2013.

// safetyNet is what a server keeps of what it has passed on: as installed. An Edge keeps nothing.
func (c *compiler) safetyNet(s *topology.Server, k *transportKeys) transport.SafetyNetProfile {
	if !s.Transport() || s.Is(topology.RoleEdge) {
		return transport.SafetyNetProfile{}
	}
	p := transport.DefaultSafetyNet(s.Version)
	if k.SafetyNetHoldTime != nil {
		p = p.WithHold(time.Duration(*k.SafetyNetHoldTime))
	}
	if size := c.doc.Model.MaxDumpsterSize; size != nil && p.MaxBytes > 0 {
		p.MaxBytes = int64(*size)
	}
	return p
}

// safetyNets lets servers keep nothing where nobody would see it. Nothing else changes by it, so this is no matter of truth but of time.
func (c *compiler) safetyNets() {
	shows := !c.reference && (slices.ContainsFunc(c.cfg.Actions, activates) ||
		slices.ContainsFunc(c.cfg.Faults, func(f fault.Fault) bool { return slices.ContainsFunc(f.Remedies, activates) }))
	for i := range c.cfg.Servers {
		shows = shows || !c.reference && c.cfg.Servers[i].Pressure.Drive > 0
	}
	if on := c.doc.Model.SafetyNet; on != nil {
		shows = *on
	}
	for i := range c.cfg.Servers {
		if !shows {
			c.cfg.Servers[i].SafetyNet = transport.SafetyNetProfile{}
		}
	}
}

func activates(a fault.Action) bool { return a.Kind == fault.ActivateCopy }

// activation reads whose copy becomes active, and where.
func (c *compiler) activation(s *source, k *operatorKeys, a *fault.Action, prefix, user string) {
	a.To, a.Missing = topology.None, time.Duration(k.Missing)
	t := k.Target
	if t == nil || t.node == nil {
		c.errorAt(s.node.at, s, prefix+"target", "required for %s; write target = { database = \"NAME\" }", user)
		return
	}
	if !c.onlyKeys(s, t, []string{"database", "host"}, user) {
		return
	}
	if t.Database == nil && t.Host == nil {
		c.errorAt(t.node.at, s, prefix+"target", "required; name a database, or a host for all of its databases")
		return
	}
	var known []string
	for i := range c.servers {
		x := &c.servers[i]
		if !x.Is(topology.RoleMailbox) || !t.Host.match(x.Name) {
			continue
		}
		for j := range max(1, len(x.Databases)) {
			known = append(known, x.DatabaseName(int32(j)))
			if t.Database.match(x.DatabaseName(int32(j))) {
				a.Databases = append(a.Databases, fault.Database{Server: topology.ServerID(i), Index: int32(j)})
			}
		}
	}
	if len(a.Databases) == 0 {
		what, name := "host", ""
		at := t.node.at
		if t.Host != nil && len(t.Host.list) > 0 {
			name, at = t.Host.list[0], t.Host.at[0]
		}
		if len(known) > 0 || t.Host == nil {
			if what = "database"; t.Database != nil && len(t.Database.list) > 0 {
				name, at = t.Database.list[0], t.Database.at[0]
			}
		} else {
			known = nil
			for i := range c.servers {
				if c.servers[i].Is(topology.RoleMailbox) {
					known = append(known, c.servers[i].Name)
				}
			}
		}
		c.errorAt(at, s, prefix+"target."+what, "no mailbox %s is called %s; %s", map[string]string{"host": "server", "database": "database"}[what], quote(name), suggest(name, known, what))
		return
	}
	for i, d := range a.Databases {
		to, ok := c.copyOf(s, k, d, prefix)
		if !ok {
			return
		}
		if i > 0 && to != a.To {
			c.errorAt(t.node.at, s, prefix+"to", "the databases have their copies on different servers; name one, or write an action for each")
			return
		}
		a.To = to
	}
}

// copyOf finds where a copy of a database becomes active: where the step says or, if it says nothing, at the first other one. None: the
// database has no copies.
func (c *compiler) copyOf(s *source, k *operatorKeys, d fault.Database, prefix string) (topology.ServerID, bool) {
	name := c.servers[d.Server].DatabaseName(d.Index)
	list := c.groupListing(d)
	if k.To == "" {
		if list != nil {
			for _, x := range list.Copies {
				if x != list.Active {
					return x, true
				}
			}
		}
		return topology.None, true
	}
	if list == nil {
		c.errorAt(s.at("to"), s, prefix+"to", "database %s has no copies; list it in databases of a [[dag]], or leave to out: then it comes up where it was", quote(name))
		return topology.None, false
	}
	var known []string
	for _, x := range append([]topology.ServerID{list.Active}, list.Copies...) {
		if c.servers[x].Name == k.To {
			return x, true
		}
		if !slices.Contains(known, c.servers[x].Name) {
			known = append(known, c.servers[x].Name)
		}
	}
	c.errorAt(s.at("to"), s, prefix+"to", "%s has no copy of database %s; %s", quote(k.To), quote(name), suggest(k.To, known, "member"))
	return topology.None, false
}

// askedSince reads from when on servers are asked for what they delivered, once it is known when the copy is active.
func (c *compiler) askedSince(s *source, k *operatorKeys, a *fault.Action, prefix string) {
	if a.Kind != fault.ActivateCopy {
		return
	}
	active := a.At.Add(a.Duration)
	a.Since = max(0, active.Add(-a.Missing))
	if k.Since == nil {
		return
	}
	lacks := a.Since
	a.Since = c.instant(s, prefix+"since", k.Since, lacks)
	switch {
	case a.Since > active:
		c.errorAt(s.at("since"), s, prefix+"since", "%s is after the copy is active, at %s; write an earlier instant", a.Since, active)
	case a.Since > lacks:
		c.warnf(s, "since", "the copy lacks what was delivered from %s on, and servers are asked from %s on: what came between stays lost", lacks, a.Since)
	}
}
