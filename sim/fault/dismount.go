package fault

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// store_down (F18): mailbox databases that are dismounted on the server that has them. A copy of the database on another server is another matter: once
// it is active, mail goes there.

// DatabaseCopy is a mailbox database on a server: the one that declares it or, in a group, any that has a copy.
type DatabaseCopy struct {
	Database
	On topology.ServerID
}

// dismount takes the databases of a fault down on the servers that it hit.
func (e *Engine) dismount(i int) {
	if e.dismounted == nil {
		e.dismounted = map[DatabaseCopy]int{}
	}
	for _, h := range e.struck[i].hosts {
		e.countCopies(i, h.Server, 1)
	}
}

// mount ends a fault on the servers where no operator has ended it before.
func (e *Engine) mount(i int) {
	s := &e.struck[i]
	for _, h := range s.hosts {
		if !slices.Contains(s.mended, h.Server) {
			e.countCopies(i, h.Server, -1)
		}
	}
}

// remount is an operator's step: what faults have dismounted on a server is mounted again, and for it they are over.
func (e *Engine) remount(server topology.ServerID) {
	for _, i := range e.active {
		if e.faults[i].Kind == StoreDown && e.mend(i, server) {
			e.countCopies(i, server, -1)
		}
	}
}

// mend notes that an operator has put a fault right on a server; false where it is not hit, or was put right before. The fault is over with its last one.
func (e *Engine) mend(i int, server topology.ServerID) bool {
	s := &e.struck[i]
	if slices.Contains(s.mended, server) || !slices.ContainsFunc(s.hosts, func(h Host) bool { return h.Server == server }) {
		return false
	}
	s.mended = append(s.mended, server)
	if len(s.mended) == len(s.hosts) && s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, e.now)
	}
	return true
}

// countCopies counts the faults that keep each database of a fault down on a server: it is mounted again when the last one ends.
func (e *Engine) countCopies(i int, server topology.ServerID, by int) {
	for _, c := range e.faults[i].Copies {
		if c.On != server {
			continue
		}
		was := e.dismounted[c] > 0
		e.dismounted[c] += by
		if is := e.dismounted[c] > 0; is != was {
			e.effect(Effect{
				Kind: choose(is, DatabaseDismounted, DatabaseMounted), Server: c.Server, Database: c.Index, To: c.On,
				Link: topology.None, SiteA: topology.None, SiteB: topology.None,
			})
		}
	}
}

// copyNames names the databases of a fault on a server.
func (e *Engine) copyNames(f *Fault, server string) string {
	var names []string
	for _, c := range f.Copies {
		if o := e.env.Org; o.Servers[c.On].Name == server {
			names = append(names, o.Servers[c.Server].DatabaseName(c.Index))
		}
	}
	return strings.Join(names, ", ")
}
