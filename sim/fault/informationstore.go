package fault

import (
	"mailsim/topology"
)

// The store of a mailbox server looks at its clock when it starts. A restart before the clocks are right can so make things worse than they were.

// startStore lets the store of a machine start: with its operating system, or by itself. It stays down where its clock and that of its domain controller are
// too far apart for authentication, until it is started once more and they agree.
//
// F1: event 5003; nothing else starts it by itself.
func (e *Engine) startStore(s topology.ServerID) {
	m := &e.machines[s]
	if !m.services.Has(Store) || m.os > 0 || m.down > 0 && !m.services.Has(Transport) {
		return
	}
	was := m.refused
	m.refused = e.env.Dir.ApartFromDC(e.now, s)
	if m.refused {
		const skewed = 5003
		e.emitID("store.refused", skewed, e.env.Org.Servers[s].Name, "The Information Store does not start: the clocks of this server and of its domain controller are too far apart. "+
			"Once they agree it may require a restart.", field("service", Store.String()))
	}
	if m.services.Has(Transport) && m.refused != was {
		e.interrupt(s, Set(Store), one(m.refused)-one(was))
	}
}
