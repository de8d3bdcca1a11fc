package fault

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// ControllerStart is how long the operating system of a domain controller takes to start (F4): the default of restart_os for one, and
// the part of an outage before its end in which the domain controller starts.
const ControllerStart = 5 * time.Minute

// DCDownMode says what a domain controller stops doing (F4).
type DCDownMode uint8

// The modes of dc_down.
const (
	DCCrash       DCDownMode = iota // no answer: requests to it time out
	DCMaintenance                   // it stops in good order, so that its servers turn to another one at once
	DCWithoutKDC                    // only its key service stops
)

// String says what stops.
func (m DCDownMode) String() string {
	return [...]string{DCCrash: "crash", DCMaintenance: "maintenance", DCWithoutKDC: "KDC stopped"}[m]
}

// Controllers is what the kinds dc_down and repl_fail do to domain controllers and to replication.
type Controllers struct {
	Mode       DCDownMode // dc_down
	BreaksAuth bool       // repl_fail: sessions between the sites fail at once (breaks_auth = "immediate")
	// Bridgeheads are the domain controllers that fail on the links of a repl_fail, which others of their sites may replace; nil = whoever it is.
	Bridgeheads []topology.DCID
}

// controller is a domain controller as faults see it.
//
//	up ── crash, maintenance ──► down ── the last minutes, or a restart ──► starting ──► up
type controller struct {
	down     int // outages
	starting int // of them, those that are about to end
	restarts int // under way
	mute     int // outages of its key service alone
}

// setController reports the state of a domain controller where it has changed.
func (e *Engine) setController(dc topology.DCID, announced bool) {
	c := &e.controllers[dc]
	is := directory.Serving
	switch {
	case c.restarts > 0, c.down > 0 && c.down == c.starting:
		is = directory.Starting
	case c.down > 0:
		is = directory.Stopped
	case c.mute > 0:
		is = directory.WithoutKDC
	}
	if is == e.env.Dir.Condition(dc) {
		return
	}
	e.env.Dir.SetCondition(e.now, dc, is, announced)
	e.effect(Effect{Kind: ControllersChanged, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
}

// stopControllers lets a fault take hold of its domain controllers. Before its end they start.
func (e *Engine) stopControllers(i int) {
	f, s := &e.faults[i], &e.struck[i]
	for _, h := range s.hosts {
		s.held = append(s.held, h.DC)
		c := &e.controllers[h.DC]
		if f.Controllers.Mode == DCWithoutKDC {
			c.mute++
		} else {
			c.down++
		}
		e.setController(h.DC, f.Controllers.Mode == DCMaintenance)
	}
	if f.Controllers.Mode != DCWithoutKDC && f.End != never {
		e.plan(item{at: max(e.now, f.End.Add(-ControllerStart)), rank: int32(i), step: controllersStart, index: int32(i)})
	}
}

// bootControllers is when the domain controllers of a fault that is about to end begin to start.
func (e *Engine) bootControllers(i int) {
	s := &e.struck[i]
	s.booting = true
	for _, dc := range s.held {
		e.controllers[dc].starting++
		e.setController(dc, false)
	}
}

// releaseController lets one domain controller of a fault go. The fault is over with the last of them.
func (e *Engine) releaseController(i int, dc topology.DCID) {
	f, s := &e.faults[i], &e.struck[i]
	if !slices.Contains(s.held, dc) {
		return
	}
	s.held = slices.DeleteFunc(s.held, func(x topology.DCID) bool { return x == dc })
	c := &e.controllers[dc]
	if f.Controllers.Mode == DCWithoutKDC {
		c.mute--
	} else {
		c.down--
		c.starting -= one(s.booting)
	}
	if len(s.held) == 0 && s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, e.now)
	}
}

// freeControllers ends a fault of domain controllers.
func (e *Engine) freeControllers(i int) {
	for _, dc := range slices.Clone(e.struck[i].held) {
		e.releaseController(i, dc)
		e.setController(dc, false)
	}
}

// restartController begins the restart of a domain controller: it stops in good order, unless it is down already.
func (e *Engine) restartController(dc topology.DCID) {
	if dc < 0 {
		return
	}
	e.controllers[dc].restarts++
	e.setController(dc, true)
}

// restartedController is when a domain controller has restarted: whatever a fault has stopped on it runs again.
// F4: the remedy of all modes.
func (e *Engine) restartedController(dc topology.DCID) {
	if dc < 0 {
		return
	}
	e.controllers[dc].restarts--
	for i := range e.faults {
		if e.faults[i].Kind == DCDown {
			e.releaseController(i, dc)
		}
	}
	e.setController(dc, false)
}

// wakeBlind starts the services that wait for a domain controller, where one is in reach after everything else of an instant.
func (e *Engine) wakeBlind() {
	for s := range e.machines {
		if e.machines[s].blind {
			e.settle(topology.ServerID(s), false)
		}
	}
}

// loseNotifications counts the faults that keep a server from being told of changes (F3).
func (e *Engine) loseNotifications(s topology.ServerID, by int) {
	m := &e.machines[s]
	m.deaf += by
	e.env.Dir.LoseNotifications(e.now, s, m.deaf > 0)
}

// failReplication lets a repl_fail take hold.
func (e *Engine) failReplication(i int) {
	s := &e.struck[i]
	dcs := slices.Clone(e.faults[i].Controllers.Bridgeheads)
	for _, h := range s.hosts {
		dcs = append(dcs, h.DC)
	}
	e.env.Dir.FailReplication(e.now, i, s.links, dcs, e.faults[i].Controllers.BreaksAuth)
}

// bridgeheads names the domain controllers that a repl_fail is about on its links.
func (e *Engine) bridgeheads(f *Fault) string {
	var names []string
	for _, dc := range f.Controllers.Bridgeheads {
		names = append(names, e.env.Org.DCs[dc].Name)
	}
	if names == nil {
		return ""
	}
	return ", by " + strings.Join(names, ", ")
}

// writable tells whether an operator can write at the domain controller that a step needs: the one that is named must answer. One that
// is not named is chosen among those that do (editAt). Of those that are to pull at once, one must answer (V6: else the pull is lost).
func (e *Engine) writable(t *task) bool {
	dcs := len(e.env.Org.DCs)
	if t.Kind == ReplicateNow {
		all := e.pullers(t)
		return len(all) == 0 || slices.ContainsFunc(all, func(dc topology.DCID) bool { return e.env.Dir.Condition(dc).Answers() })
	}
	if !t.Kind.Edits() || dcs == 0 {
		return true
	}
	for dc := range dcs {
		if (t.DC < 0 || t.DC == topology.DCID(dc)) && e.env.Dir.Condition(topology.DCID(dc)).Answers() {
			return true
		}
	}
	return false
}
