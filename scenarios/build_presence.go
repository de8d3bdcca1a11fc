package scenarios

import (
	"cmp"
	"slices"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// presenceStep is a step that makes something part of the organisation, takes it out, or needs it to be there.
type presenceStep struct {
	kind    fault.ActionKind
	objects []int32 // servers, sites or connectors
	to      int32   // move_mailbox: the server that is to be there; None otherwise
	source  *source
	at      Pos
	key     string
	toKey   string

	effect simtime.Time
	maybe  bool // may not be carried out: by chance, or because its fault strikes nobody
}

// notePresence keeps a step for the check of presence, whose times noteTimes adds.
func (c *compiler) notePresence(s *source, kind fault.ActionKind, k *operatorKeys, hosts []fault.Host, objects []int32, prefix string) {
	p := presenceStep{kind: kind, objects: objects, to: topology.None, source: s, at: k.Target.node.at, key: prefix + "target", toKey: prefix + "to"}
	for _, h := range hosts {
		p.objects = append(p.objects, int32(h.Server))
	}
	switch kind {
	case fault.MoveMailbox:
		p.objects = nil
		if id, ok := c.server[k.To]; ok && c.servers[id].Is(topology.RoleMailbox) {
			p.to = int32(id)
		}
	case fault.AddServer, fault.RemoveServer, fault.AddSite, fault.RemoveSite, fault.AddConnector, fault.RemoveConnector:
	default:
		return
	}
	c.presences = append(c.presences, p)
}

// noteTimes adds when the steps noted from number n on have their effect.
func (c *compiler) noteTimes(n int, a *fault.Action, remedy bool) {
	for i := n; i < len(c.presences); i++ {
		c.presences[i].effect = a.At.Add(a.Duration)
		c.presences[i].maybe = remedy || a.Probability < 1 || a.Takes != nil // the order of steps may be another one then
	}
}

// here is whether something is part of the organisation at some instant.
type here uint8

const (
	perhaps here = iota
	present
	absent
)

func isHere(absentNow bool) here {
	if absentNow {
		return absent
	}
	return present
}

// presence follows servers, sites and connectors through the steps in order of time: nothing is added that is there, or removed that is
// not. It warns of what is declared as absent and never added.
func (c *compiler) presence() {
	servers, sites, connectors := make([]here, len(c.servers)), make([]here, len(c.doc.Site)), make([]here, len(c.outputs))
	for i := range servers {
		servers[i] = isHere(c.servers[i].Absent)
	}
	for i := range sites {
		sites[i] = isHere(!c.doc.Site[i].Present)
	}
	for i := range connectors {
		connectors[i] = isHere(c.outputs[i].Absent)
	}
	slices.SortStableFunc(c.presences, func(a, b presenceStep) int { return cmp.Compare(a.effect, b.effect) })
	for i := range c.presences {
		p := &c.presences[i]
		switch p.kind {
		case fault.AddServer, fault.RemoveServer:
			c.comeAndGo(p, servers, "server", p.kind == fault.AddServer, func(i int32) string { return c.servers[i].Name })
		case fault.AddSite, fault.RemoveSite:
			c.comeAndGo(p, sites, "site", p.kind == fault.AddSite, func(i int32) string { return c.doc.Site[i].Name })
		case fault.AddConnector, fault.RemoveConnector:
			c.comeAndGo(p, connectors, "connector", p.kind == fault.AddConnector, func(i int32) string { return c.outputs[i].Name })
		case fault.MoveMailbox:
			if p.to != topology.None && servers[p.to] == absent {
				c.errorAt(p.source.at("to"), p.source, p.toKey, "server %s is not present then; add it before by an action", quote(c.servers[p.to].Name))
			}
		}
	}
	c.neverAdded()
}

// comeAndGo carries out one step.
func (c *compiler) comeAndGo(p *presenceStep, state []here, what string, adds bool, name func(int32) string) {
	for _, i := range p.objects {
		switch {
		case adds && state[i] == present:
			c.errorAt(p.at, p.source, p.key, "%s %s is present already; declare it with present = false, or remove it before by an action", what, quote(name(i)))
		case !adds && state[i] == absent:
			c.errorAt(p.at, p.source, p.key, "%s %s is not present then; add it before by an action", what, quote(name(i)))
		}
		state[i] = isHere(!adds)
		if p.maybe {
			state[i] = perhaps
		}
	}
}

// neverAdded warns of what is declared with present = false and no step adds.
func (c *compiler) neverAdded() {
	added := func(kind fault.ActionKind, object int) bool {
		return slices.ContainsFunc(c.presences, func(p presenceStep) bool { return p.kind == kind && slices.Contains(p.objects, int32(object)) })
	}
	warn := func(s *source, kind fault.ActionKind) {
		c.warnf(s, "present", "nothing adds it, so it takes no part in the run; add an [[action]] with action = %q", kind)
	}
	for i := range c.doc.Site {
		if t := &c.doc.Site[i]; !t.Present && !added(fault.AddSite, i) {
			warn(&t.source, fault.AddSite)
		}
	}
	for i := range c.servers {
		if c.servers[i].Absent && !added(fault.AddServer, i) {
			warn(c.absentTable(topology.ServerID(i)), fault.AddServer)
		}
	}
	for i := range c.doc.Connector {
		if t := &c.doc.Connector[i]; !t.Present && !added(fault.AddConnector, i) {
			warn(&t.source, fault.AddConnector)
		}
	}
}

// absentTable finds the table that says that a server is not present: of a machine with two roles one of the two.
func (c *compiler) absentTable(id topology.ServerID) *source {
	for i := range c.doc.Hub {
		if t := &c.doc.Hub[i]; t.Name == c.servers[id].Name {
			return &t.source
		}
	}
	s, _ := c.host(id)
	return s
}
