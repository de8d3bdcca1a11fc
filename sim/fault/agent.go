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

// loadEngine is when the malware engine of a server is to load: with the transport service, or as the fault begins that keeps it from it.
//
// F17: events 5300 and 1106; whatever is scanned waits.
func (e *Engine) loadEngine(server topology.ServerID) {
	fails := slices.ContainsFunc(e.active, func(i int) bool {
		f, s := &e.faults[i], &e.struck[i]
		return f.Malware && slices.ContainsFunc(s.hosts, func(h Host) bool { return h.Server == server }) && !slices.Contains(s.mended, server)
	})
	if !fails {
		return
	}
	const process, update = 5300, 1106
	name := e.env.Org.Servers[server].Name
	e.emitID("agent.engine", process, name, "The anti-malware filtering process failed to load its engine: a signature version cannot be converted.")
	e.emitID("agent.engine", update, name, "The anti-malware filtering process failed initialisation.")
}

// stallText says how slow a fault makes agents.
func (f *Fault) stallText() string {
	if f.Malware {
		return "wait for the malware engine, which does not load"
	}
	if f.Factor == 0 {
		return "stall"
	}
	return "work at " + strconv.FormatFloat(f.Factor, 'f', -1, 64) + " of their speed"
}
