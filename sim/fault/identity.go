package fault

import (
	"slices"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// Identity is what the kinds spn_missing, spn_duplicate and machine_secret do to the names and secrets of their hosts (F5).
type Identity struct {
	DC           topology.DCID        // at which it is written; None = the first of the host's site, else the one that the host is bound to
	WrongAccount float64              // spn_duplicate: chance, 0..1, that a ticket is sealed for the wrong account
	Secret       directory.SecretLoss // machine_secret
}

// identityAt is the domain controller at which something about a server's identity is written.
func (e *Engine) identityAt(dc topology.DCID, s topology.ServerID) topology.DCID {
	if dc >= 0 {
		return dc
	}
	site := e.env.Org.Servers[s].Site
	for i := range e.env.Org.DCs {
		if dc := topology.DCID(i); e.env.Org.DCs[i].Site == site && e.env.Dir.Condition(dc).Answers() {
			return dc
		}
	}
	return e.env.Dir.DC(s)
}

// spoilIdentity lets a fault take hold of the name or the secret of a host.
//
// F5: it is so at one domain controller at once, and at the others when replication brings it.
func (e *Engine) spoilIdentity(i int, s topology.ServerID) {
	f := &e.faults[i]
	dc := e.identityAt(f.Identity.DC, s)
	switch f.Kind {
	case SPNMissing:
		e.env.Dir.SetSPN(e.now, dc, s, directory.SPNMissing, 0)
	case SPNDuplicate:
		e.env.Dir.SetSPN(e.now, dc, s, directory.SPNDuplicate, f.Identity.WrongAccount)
	case MachineSecret:
		e.env.Dir.BreakSecret(e.now, dc, s, f.Identity.Secret)
		if x := e.struck[i].entry; f.Identity.Secret == directory.SecretRollover {
			e.happened[x].end = min(e.happened[x].end, e.now) // it is over as soon as it is made
		}
	}
}

// mendIdentity takes back what a fault did to a host, unless an operator has; another fault that is still in force takes hold again. The end
// of an ordinary change of password is nothing.
func (e *Engine) mendIdentity(i int, s topology.ServerID) {
	f := &e.faults[i]
	if e.struck[i].mends(s) || f.Kind == MachineSecret && f.Identity.Secret == directory.SecretRollover {
		return
	}
	e.struck[i].mended = append(e.struck[i].mended, s)
	e.env.Dir.FixIdentity(e.now, e.identityAt(f.Identity.DC, s), s)
	for k := range e.faults {
		if k != i && e.holdsIdentity(k, s) {
			e.spoilIdentity(k, s)
		}
	}
}

// holdsIdentity tells whether a fault is in force on the identity of a host.
func (e *Engine) holdsIdentity(i int, s topology.ServerID) bool {
	x := &e.struck[i]
	return e.faults[i].Kind.identity() && x.entry >= 0 && e.now < e.faults[i].End && !x.mends(s) &&
		slices.Contains(x.hosts, Host{Server: s, DC: topology.None})
}

// mends tells whether what a fault did to a host has been put right.
func (s *strike) mends(h topology.ServerID) bool { return slices.Contains(s.mended, h) }

// fixIdentity is the remedy fix_spn on one host: what the faults in force did to its name and its secret is put right at one domain controller.
func (e *Engine) fixIdentity(t *task, s topology.ServerID) {
	e.env.Dir.FixIdentity(e.now, e.identityAt(t.DC, s), s)
	for i := range e.faults {
		if e.holdsIdentity(i, s) {
			e.struck[i].mended = append(e.struck[i].mended, s)
			e.endWhenMended(i)
		}
	}
}

// endWhenMended notes that a fault is over when the last of its hosts has been put right.
func (e *Engine) endWhenMended(i int) {
	x := &e.struck[i]
	if !slices.ContainsFunc(x.hosts, func(h Host) bool { return h.Server >= 0 && !x.mends(h.Server) }) {
		e.happened[x.entry].end = min(e.happened[x.entry].end, e.now)
	}
}

// identity tells whether a kind is one of F5.
func (k Kind) identity() bool { return k == SPNMissing || k == SPNDuplicate || k == MachineSecret }
