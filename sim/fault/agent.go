package fault

import (
	"slices"
	"strconv"

	"mailsim/topology"
)

// agent_stall (F17): an agent in the categoriser of a server, a virus scanner or a transport rule, gets on slowly or not at all.

// tellAgents reports how fast the agents of a server work, where that has changed: as a share of their speed, 0 to 1. The factors of several faults multiply.
func (e *Engine) tellAgents(server topology.ServerID) {
	speed := 1.0
	for i := range e.faults {
		f, s := &e.faults[i], &e.struck[i]
		hit := f.Kind == AgentStall && slices.Contains(e.active, i) && slices.ContainsFunc(s.hosts, func(h Host) bool { return h.Server == server })
		if hit && !slices.Contains(s.mended, server) {
			share := f.Factor
			if s.level < tenths {
				share = 1 - float64((1-f.Factor)*float64(s.level))/tenths
			}
			speed *= share
		}
	}
	m := &e.machines[server]
	if speed != m.agents {
		m.agents = speed
		e.effect(Effect{Kind: AgentsSlowed, Server: server, Speed: speed, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

// useBypass is when the transport service of a server starts: agents that an operator has bypassed are not loaded any more. The faults of this instant are over
// for it; later ones are about other agents (decision).
func (e *Engine) useBypass(server topology.ServerID) {
	m := &e.machines[server]
	if !m.bypassed {
		return
	}
	m.bypassed = false
	for _, i := range e.active {
		if e.faults[i].Kind == AgentStall {
			e.mend(i, server)
		}
	}
	e.tellAgents(server)
}

// stallText says how slow a fault makes agents.
func (f *Fault) stallText() string {
	if f.Factor == 0 {
		return "stall"
	}
	return "work at " + strconv.FormatFloat(f.Factor, 'f', -1, 64) + " of their speed"
}
