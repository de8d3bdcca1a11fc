package fault

import "mailsim/topology"

// NamesMode is how DNS fails (F14).
type NamesMode uint8

// The modes of dns_fail. Of several that are in force the first of this order counts (decision).
const (
	NamesTimeOut  NamesMode = iota // nobody answers: a query takes its whole time and fails
	NamesServFail                  // the answer is that the query failed: at once
	NamesWrong                     // the answer is, wrongly, that the domain does not exist
)

// Names are the settings of dns_fail.
type Names struct {
	Mode    NamesMode
	Domains []string // whose queries fail: names, or *.name for all below one; nil = all
}

// failNames lets the queries of the hosts of a fault fail, or work again. What the simulation remembers stays good. Domain controllers ask for each other's
// names, which are in no outside domain; they remember none (V7).
func (e *Engine) failNames(i int, fails bool) {
	var dcs []topology.DCID
	for _, h := range e.struck[i].hosts {
		if h.Server < 0 {
			dcs = append(dcs, h.DC)
			continue
		}
		e.effect(Effect{Kind: choose(fails, NamesFail, NamesWork), Server: h.Server, Fault: i, Names: e.faults[i].Names, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
	switch {
	case dcs == nil || e.faults[i].Names.Domains != nil:
	case fails:
		e.env.Dir.FailLookups(e.now, i, dcs)
	default:
		e.env.Dir.MendReplication(e.now, i)
	}
}

// namesText says how queries fail.
func (n *Names) namesText() string {
	return [...]string{NamesTimeOut: "does not answer", NamesServFail: "fails", NamesWrong: "denies domains"}[n.Mode]
}
