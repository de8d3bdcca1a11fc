package scenarios

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// agentKeys are the keys of agent_stall (F17).
type agentKeys struct {
	Factor *fraction `toml:"factor" std:"0" example:"0.2" doc:"agent_stall: at which share of its speed the categoriser works meanwhile, from 0 (it stands still) to less than 1." rule:"F17"`
	Agent  string    `toml:"agent" std:"any" enum:"any,malware" doc:"agent_stall: malware: it is the malware engine, which does not load: nothing that is to be scanned gets on, and its server says so. Edges have none." rule:"F17"`
}

// agentStall translates the keys of agent_stall (docs/rules/faults.md, F17).
func (c *compiler) agentStall(t *faultTable, f *fault.Fault) {
	c.malwareEngine(t, f)
	if t.Factor == nil {
		return
	}
	if f.Factor = float64(*t.Factor); f.Factor == 1 {
		c.errorf(&t.source, "factor", "1 means no stall; write less, or remove the fault")
	}
}

// malwareEngine translates agent = "malware": servers without such an engine, Edges, are not hit.
func (c *compiler) malwareEngine(t *faultTable, f *fault.Fault) {
	if t.Agent != "malware" {
		return
	}
	f.Malware = true
	if t.Factor != nil && *t.Factor != 0 {
		c.errorf(&t.source, "factor", `an engine that does not load scans nothing; write 0, or leave agent = "malware" out`)
	}
	any := len(f.Hosts) > 0
	f.Hosts = slices.DeleteFunc(f.Hosts, func(h fault.Host) bool { return c.servers[h.Server].Is(topology.RoleEdge) })
	if any && len(f.Hosts) == 0 {
		c.errorf(&t.source, "agent", "the malware engine is on hubs and mailbox servers, and the target has Edges alone; name another, or leave agent out")
	}
}

// agentOrder warns of an agent that is bypassed and stays in use, as its service is not restarted after it (F17, F021).
func (c *compiler) agentOrder(t *faultTable, f *fault.Fault) {
	if f.Kind != fault.AgentStall {
		return
	}
	bypassed, served := false, false
	for _, a := range f.Remedies {
		if a.Kind != fault.BypassAgent {
			continue
		}
		bypassed = true
		for _, b := range f.Remedies {
			served = served || (b.Kind == fault.RestartTransport || b.Kind == fault.RestartOS) && b.At.Add(b.Duration) >= a.At.Add(a.Duration)
		}
	}
	if bypassed && !served {
		c.warnf(&t.source, "remedy", "bypass_agent is not followed by restart_transport; the agent stays in use")
	}
}
