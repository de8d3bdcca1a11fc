package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

const (
	// requestTimeout is how long a request waits for a domain controller that gives no answer (F4).
	requestTimeout = 30 * time.Second
	// rediscovery is how often a server looks anew which domain controllers answer, counted from the start of its service.
	rediscovery = 15 * time.Minute
)

// answers tells whether a domain controller answers a server: it runs, the network leads there, and no filter stops the ports of its
// directory and global catalog (F6).
func (d *Directory) answers(s topology.ServerID, dc topology.DCID) bool {
	return d.controllers[dc].condition.Answers() && d.network.reachable(d.org.Servers[s].Site, d.org.DCs[dc].Site) &&
		d.passes(int32(s), d.dcHost(dc), LDAP) && d.passes(int32(s), d.dcHost(dc), GlobalCatalog)
}

// wanted is the domain controller that a server would read if it looked for one now: its own while that answers and is of its site, or is
// the one that was meant for it; else the one that was meant for it, the first other of its site, the nearest of another. It is the
// present one when none answers.
//
// F4: a server fails over inside its site first, then out of it by the cost of links, ties by the name of the site. It comes back into its
// site, but stays with what it found there.
func (d *Directory) wanted(s topology.ServerID) topology.DCID {
	x := &d.servers[s]
	site := d.org.Servers[s].Site
	if d.ideal || d.silent == 0 && len(d.walls) == 0 && x.dc == x.home && d.org.DCs[x.dc].Site == site { // as ever: nobody to ask
		return x.dc
	}
	if (x.dc == x.home || d.org.DCs[x.dc].Site == site) && d.answers(s, x.dc) {
		return x.dc
	}
	if d.answers(s, x.home) {
		return x.home
	}
	for _, dc := range d.bySite[site] {
		if d.answers(s, dc) {
			return dc
		}
	}
	return d.nearest(s)
}

// nearest is the nearest domain controller of another site that answers a server; its present one when none does.
func (d *Directory) nearest(s topology.ServerID) topology.DCID {
	to := d.network.walk([]topology.SiteID{d.org.Servers[s].Site}, func(topology.SiteID) bool { return true })
	best := topology.DCID(topology.None)
	nearer := func(a, b topology.DCID) bool {
		x, y := d.org.DCs[a].Site, d.org.DCs[b].Site
		if to[x].known != to[y].known {
			return to[x].known // no link leads to the other, only a network
		}
		return cmp.Or(cmp.Compare(to[x].cost, to[y].cost), cmp.Compare(d.network.rank[x], d.network.rank[y])) < 0
	}
	for i := range d.org.DCs {
		if dc := topology.DCID(i); d.answers(s, dc) && (best < 0 || nearer(dc, best)) {
			best = dc
		}
	}
	if best < 0 {
		return d.servers[s].dc
	}
	return best
}

// needsNone tells whether a server works without a domain controller: an Edge has what it needs on its own disk. A server of a site that
// nothing joins to one is taken to have its own way of knowing, as scenarios leave such things out (decision).
func (d *Directory) needsNone(s topology.ServerID) bool {
	return d.ideal || d.servers[s].fed || d.servers[s].island || d.org.Servers[s].Is(topology.RoleEdge)
}

// InReach tells whether a server finds a domain controller that answers, or needs none.
func (d *Directory) InReach(s topology.ServerID) bool {
	return d.needsNone(s) || d.answers(s, d.wanted(s))
}

// Answered tells whether the domain controller that a server is bound to answers it.
func (d *Directory) Answered(s topology.ServerID) bool {
	return d.needsNone(s) || d.answers(s, d.servers[s].dc)
}

// Patience is how long a server waits for the answer to a request that it makes now: nothing while its domain controller answers.
//
// F4: each request to one that gives no answer takes 30 s; TimedOut says what becomes of it then.
func (d *Directory) Patience(s topology.ServerID) time.Duration {
	if d.Answered(s) {
		return 0
	}
	return requestTimeout
}

// TimedOut says that a request of a server has waited in vain: it turns to another domain controller that answers, and appends its new
// view where that is another one. Answered tells whether it has found one; when not, nobody answers it anywhere.
//
// F4: a dead domain controller is replaced at the next use.
func (d *Directory) TimedOut(now simtime.Time, s topology.ServerID, out []ViewChange) []ViewChange {
	if d.Answered(s) {
		return out
	}
	if out = d.turn(now, s, out); !d.Answered(s) {
		d.despair(now, s, NobodyInTime)
	}
	return out
}

// SubmitsMail tells whether the mailboxes of a server can hand mail to hubs. They prove themselves with tickets of the server's domain
// controller; that they get none is felt at once (decision). When no domain controller answers at all, what they hand in waits for the
// categoriser instead.
//
// F4: with its key service stopped, the mailboxes of its site cannot send; who hands in mail by SMTP does not notice.
func (d *Directory) SubmitsMail(s topology.ServerID) bool {
	if d.ideal {
		return true
	}
	return d.controllers[d.servers[s].dc].condition != WithoutKDC
}

// discover is when a server looks which domain controllers answer.
func (d *Directory) discover(now simtime.Time, s topology.ServerID, out []ViewChange) []ViewChange {
	x := &d.servers[s]
	if x.gone || d.needsNone(s) {
		return out
	}
	if out = d.turn(now, s, out); !d.Answered(s) {
		d.despair(now, s, NobodyFound)
	}
	d.planDiscovery(now+1, s)
	return out
}

// turn binds a server to the domain controller that it wants, and lets it read there: a view may go backwards (FW-8).
func (d *Directory) turn(now simtime.Time, s topology.ServerID, out []ViewChange) []ViewChange {
	x := &d.servers[s]
	to := d.wanted(s)
	if to == x.dc || !d.answers(s, to) {
		return out
	}
	d.renewTickets(now)
	x.dc, x.despaired = to, 0
	kind := Rebound
	if d.org.DCs[to].Site != d.org.Servers[s].Site {
		kind = OutOfSite
	}
	d.note(Note{At: now, Kind: kind, Host: Host{s, topology.None}, About: topology.None, DC: to})
	d.followTime(now, s)
	return d.reread(now, s, out)
}

// despair notes that a server finds nobody: each way of finding out once, until it finds one again.
func (d *Directory) despair(now simtime.Time, s topology.ServerID, how NoteKind) {
	if x := &d.servers[s]; x.despaired&(1<<how) == 0 {
		x.despaired |= 1 << how
		d.note(Note{At: now, Kind: how, Host: Host{s, topology.None}, About: topology.None, DC: topology.None})
	}
}

// Despairs says that a service of a server does not start because no domain controller is in reach.
func (d *Directory) Despairs(now simtime.Time, s topology.ServerID) {
	d.servers[s].despaired = 0 // what it found before it stopped is forgotten
	d.despair(now, s, NobodyFound)
}

// planDiscovery plans when a server will next look for domain controllers with any consequence: it moves, or finds for the first time
// that there is none.
func (d *Directory) planDiscovery(from simtime.Time, s topology.ServerID) {
	x := &d.servers[s]
	if x.gone || d.needsNone(s) {
		return
	}
	if to := d.wanted(s); to == x.dc && (d.answers(s, to) || x.despaired&(1<<NobodyFound) != 0) {
		return
	}
	d.agenda.push(entry{at: nextInstant(from, x.started, rediscovery), kind: discover, who: int32(s)})
}

// reviewServers looks, after a change of domain controllers or networks, what servers will find. Those whose domain controller answers
// them again hear what they have missed.
func (d *Directory) reviewServers(now simtime.Time) {
	d.agenda = slices.DeleteFunc(d.agenda, func(e entry) bool { return e.kind == discover && e.at > now })
	for i := range d.servers {
		s := topology.ServerID(i)
		x := &d.servers[i]
		if x.fed || x.gone {
			continue
		}
		d.planDiscovery(now, s)
		if d.answers(s, x.dc) {
			x.despaired = 0
			if c := &d.controllers[x.dc]; x.missed && !x.deaf && x.seq < c.seq {
				d.agenda.push(entry{at: now.Add(d.cfg.NotifyDelay), kind: reread, who: int32(i)})
			}
			x.missed = false
		}
	}
}
