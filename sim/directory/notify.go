package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

const usualReload = 12 * time.Hour

// LoseNotifications says that a server is not told of changes from now on, or is again. Without being told it reads the configuration when
// its service starts, when its tickets are renewed, and at each reload. What it has missed by the end of that it hears with the next
// change, or then.
//
// F3: nothing else shows.
func (d *Directory) LoseNotifications(now simtime.Time, s topology.ServerID, lost bool) {
	x := &d.servers[s]
	x.deaf = lost && !d.ideal
	if x.deaf && !x.fed && x.seq < d.controllers[x.dc].seq { // it was about to be told
		d.planReload(now, s)
	}
}

// remind plans when the servers of a domain controller that are not told will find what it has learned.
func (d *Directory) remind(now simtime.Time, dc topology.DCID) {
	for i := range d.servers {
		if x := &d.servers[i]; x.deaf && x.dc == dc && !x.fed && !x.gone {
			d.planReload(now, topology.ServerID(i))
		}
	}
}

func (d *Directory) planReload(now simtime.Time, s topology.ServerID) {
	started := d.servers[s].started
	e := entry{at: min(nextInstant(now, started, d.renewal()), nextInstant(now, started, cmp.Or(d.cfg.Reload, usualReload))), kind: reread, who: int32(s)}
	if !slices.ContainsFunc(d.agenda, func(x entry) bool { return compareEntries(x, e) == 0 }) {
		d.agenda.push(e)
	}
}
