package fault

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Maintenance with drain (F10). The engine says when a server begins to empty itself and takes it down when the simulation, which has the
// mail, says that it is empty.

// drain lets a server stop accepting mail. One that is down already, or has no transport service, has nothing to pass on: it is taken down
// at once (decision).
func (e *Engine) drain(i int, s topology.ServerID) {
	m := &e.machines[s]
	if m.halted || !m.services.Has(Transport) {
		e.stopFor(&e.faults[i], s)
		return
	}
	m.draining = append(m.draining, i)
	if len(m.draining) == 1 {
		e.effect(Effect{Kind: HostDrains, Server: s, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

// Drained takes a server down that has emptied itself. It appends what happens to out.
func (e *Engine) Drained(now simtime.Time, s topology.ServerID, out []Effect) []Effect {
	e.now = now
	m := &e.machines[s]
	for _, i := range m.draining {
		e.stopFor(&e.faults[i], s)
	}
	if len(m.draining) > 0 {
		m.draining = nil
		e.accepts(s)
	}
	out = append(out, e.out...)
	e.out = e.out[:0]
	return out
}

// keepsUp ends the drain of a server that is not empty when its fault ends: it never went down. It tells whether that was so.
func (e *Engine) keepsUp(i int, s topology.ServerID) bool {
	m := &e.machines[s]
	at := slices.Index(m.draining, i)
	if at < 0 {
		return false
	}
	m.draining = slices.Delete(m.draining, at, at+1)
	if len(m.draining) == 0 {
		e.accepts(s)
	}
	return true
}

func (e *Engine) accepts(s topology.ServerID) {
	e.effect(Effect{Kind: HostAccepts, Server: s, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
}
