package fault

import (
	"slices"

	"mailsim/topology"
)

// Faults of the world outside (F15): outside systems, or the hosts of single domains, that give no answer. Those that are strict: strict.go.

// Outside is an outside system as a whole, what stands behind a domain, or what a connector sends to.
type Outside struct {
	Remote    topology.RemoteID    // None: a domain or a connector
	Domain    string               // in small letters; "": none
	Connector topology.ConnectorID // where Remote is None and Domain "" only
}

// outsideName names one for events and random streams.
func (e *Engine) outsideName(o Outside) string {
	if o.Remote >= 0 {
		return e.env.Org.Remotes[o.Remote].Name
	}
	if o.Domain == "" {
		return e.env.Org.Connectors[o.Connector].Name
	}
	return o.Domain
}

// outsideNames names those that a fault hit.
func (e *Engine) outsideNames(s *strike) []string {
	var names []string
	for _, o := range s.outside {
		names = append(names, e.outsideName(o))
	}
	return names
}

// loseOutside counts the faults that keep each outside system of a fault from answering: it answers again when the last one ends.
func (e *Engine) loseOutside(i, by int) {
	if e.lost == nil {
		e.lost = map[Outside]int{}
	}
	for _, o := range slices.Clone(e.struck[i].outside) {
		was := e.lost[o] > 0
		e.lost[o] += by
		if is := e.lost[o] > 0; is != was {
			e.effect(Effect{
				Kind: choose(is, OutsideLost, OutsideBack), Outside: o, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None,
			})
		}
	}
}
