package directory

import (
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// hears tells whether a host can get time from another: the network leads there, no filter takes port 123 away, and the answer, which a
// domain controller signs with the host's key, is one that the host takes.
//
// F5: a wrong machine secret stops the host's clock from being set.
func (d *Directory) hears(i, source int32) bool {
	if !d.network.reachable(d.siteOf(i), d.siteOf(source)) || !d.passes(i, source, TimePort) {
		return false
	}
	n := int32(len(d.servers))
	return i >= n || source < n || !d.identities() || d.SecretGood(topology.DCID(source-n), topology.ServerID(i))
}

// peerTries is how often a source that was set by hand may fail to answer before the time service says so.
const peerTries = 8

// shutOut tells whether a host cannot get the time from the world outside.
func (d *Directory) shutOut(i int32) bool {
	for k := range d.walls {
		if w := &d.walls[k]; w.Outside && w.stops[TimePort] && w.from[i] && w.Does >= Reject {
			return true
		}
	}
	return false
}

// planSilence computes when a host that follows the world outside has asked it in vain so often that it says so, from an instant on. Others look for their
// source in the domain, and say nothing.
func (d *Directory) planSilence(now simtime.Time, i int32) {
	d.agenda.cancel(peerSilent, i)
	c := &d.hosts[i]
	if c.source != trueTime || !c.cut {
		return
	}
	at := now - 1
	for range peerTries {
		at, _ = c.nextPoll(at + 1)
	}
	d.agenda.push(entry{at: at, kind: peerSilent, who: i})
}

// planStep computes when hosts come to be out of step, because the network has changed, and lets those that are in step again stop
// drifting.
func (d *Directory) planStep(now simtime.Time) {
	for k := range d.hosts {
		i := int32(k)
		d.agenda.cancel(outOfStep, i)
		lost := d.lost(i)
		switch {
		case lost == simtime.Never || now < lost.Add(unsyncedAfter):
			d.follow(now, i)
			if lost != simtime.Never {
				d.agenda.push(entry{at: lost.Add(unsyncedAfter), kind: outOfStep, who: i})
			}
		case !d.hosts[i].adrift: // at this very instant
			d.agenda.push(entry{at: now, kind: outOfStep, who: i})
		}
	}
}

// loseStep is when a host has had no sample for so long that it is out of step: it says so, and its clock goes as its quartz does.
//
// F6: without port 123 that is 13 h 39 min 12 s after the last sample.
func (d *Directory) loseStep(now simtime.Time, i int32) {
	c := &d.hosts[i]
	if c.adrift {
		return
	}
	c.adrift = true
	d.noteAt(now, TimeLost, i)
	if d.cfg.OwnDrift != nil {
		c.own = d.cfg.OwnDrift(d.hostOf(i))
		d.setClock(now, i, d.offsetAt(now, i), 0, false)
	}
}

// follow ends the drift of a host that is in step again. What it has gained or lost stays until its time service sees it.
func (d *Directory) follow(now simtime.Time, i int32) {
	c := &d.hosts[i]
	if !c.adrift {
		return
	}
	c.adrift = false
	if c.own != 0 {
		old := d.offsetAt(now, i)
		c.own = 0
		d.setClock(now, i, old, 0, false)
	}
}
