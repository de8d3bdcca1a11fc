package fault

import (
	"slices"
	"strconv"

	"mailsim/topology"
)

// beginTask is when the operator starts: restarts take the machine down, everything else happens at the end.
func (e *Engine) beginTask(k int, it item) {
	t := &e.tasks[k]
	t.hosts = t.Hosts
	if t.fault >= 0 {
		s := &e.struck[t.fault]
		if !s.any() {
			return // nobody mends what is not broken
		}
		if len(t.Clients) == 0 && t.Kind.Accepts()&TargetClient != 0 {
			t.Clients = s.clients
		}
		if len(t.hosts) == 0 && t.Kind.Accepts()&anyHost != 0 {
			t.hosts = s.hosts
		}
	}
	if !e.happens(t.Probability, "remedy.probability", e.drawnAs(t)...) {
		return
	}
	for _, h := range t.hosts {
		if o, ok := t.outage(); ok {
			if t.Kind == RestartOS {
				e.restartController(h.DC)
			}
			e.stop(h.Server, o)
		}
	}
	it.at, it.step = e.now.Add(t.Duration), taskDone
	e.plan(it)
}

// drawnAs names the random stream of a remedy or action.
func (e *Engine) drawnAs(t *task) []string {
	order := strconv.Itoa(int(t.order))
	if t.fault < 0 {
		return []string{t.name, order}
	}
	s := &e.struck[t.fault]
	return []string{e.faults[t.fault].stream(), order, strconv.Itoa(s.number), s.target}
}

// outage is what a restart does to a machine while it lasts.
func (t *task) outage() (outage, bool) {
	switch t.Kind {
	case RestartOS:
		return outage{silent: true, os: true}, true
	case RestartTransport:
		return outage{}, true
	}
	return outage{}, false
}

// finishTask is when the remedy has its effect.
func (e *Engine) finishTask(k int) {
	t := &e.tasks[k]
	if !e.writable(t) {
		e.reportFailure(t)
		return
	}
	e.recordTask(t)
	if e.onQueues(t) && !e.findQueues(t) {
		return
	}
	e.reportTask(t)
	for _, h := range t.hosts {
		e.treat(t, h)
	}
	for _, c := range t.Changes {
		e.edit(t, c)
	}
	switch t.Kind {
	case ReplicateNow:
		e.replicate(t)
	case UnblockPort:
		e.unblock(t)
	case RestartClient, RebootClient:
		e.restartClients(t)
	case DeleteList:
		e.deleteList(t)
	case ActivateCopy:
		for _, d := range t.Databases {
			e.activate(t, d)
		}
	}
}

// treat carries out a remedy on one host.
func (e *Engine) treat(t *task, h Host) {
	if o, ok := t.outage(); ok {
		if t.Kind == RestartOS {
			e.restartedController(h.DC)
		}
		e.start(h.Server, o)
		return
	}
	switch t.Kind {
	case SetTime: // S1-12: the time is copied, right or wrong
		e.env.Dir.SetTime(e.now, h, e.timeFrom(t.DC, h))
		return
	case FixTimeSource:
		e.env.Dir.FixSource(e.now, h)
		e.fixSource(h)
		return
	case ResyncTime:
		e.env.Dir.SetTime(e.now, h, topology.None)
		return
	}
	if h.Server < 0 {
		return
	}
	m := &e.machines[h.Server]
	switch t.Kind {
	case StartService:
		e.startStopped(h.Server)
		e.startService(h.Server)
		if m.refused {
			e.startStore(h.Server)
		}
		e.settle(h.Server, false)
	case SetDelayedStart:
		m.fix = DelayedStart // S0-10: from the next boot on
	case SetDependency:
		m.fix = Dependency
	case FixSPN:
		e.fixIdentity(t, h.Server)
	case RenewCert:
		e.renewCertificates(h.Server)
	case FreeDisk:
		e.freeDisk(t, h.Server)
	case BypassAgent:
		m.bypassed = true
	case RejectAtRCPT:
		e.checkRecipients(h.Server)
	case RemountStore:
		e.remount(h.Server)
	case AddServer:
		e.addServer(t, h.Server)
	case RemoveServer:
		e.removeServer(t, h.Server)
	case MoveMailbox:
		e.moveMailboxes(t, h.Server)
	case RemoveMessage, SuspendMessage, ResumeMessage, DeletePoison, ResumePoison:
		if !m.halted { // who does not answer cannot be told
			e.toMessages(t, h.Server)
		}
	case RetryQueue, ResubmitQueue, SuspendQueue, ResumeQueue:
		if !m.halted {
			kind := map[ActionKind]EffectKind{RetryQueue: QueuesRetry, ResubmitQueue: QueuesResubmit, SuspendQueue: QueuesSuspend, ResumeQueue: QueuesResume}[t.Kind]
			e.effect(Effect{Kind: kind, Server: h.Server, Queue: t.Queue, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
		}
	}
}

// fixSource notes which clock faults have lost what makes them wrong from outside.
func (e *Engine) fixSource(h Host) {
	for _, i := range e.active {
		f, s := &e.faults[i], &e.struck[i]
		if f.Kind == ClockSkew && (f.ClockMode == ClockPush || f.ClockMode == ClockNTP) && slices.Contains(s.hosts, h) {
			s.fixed = min(s.fixed, e.now)
			s.righted = append(s.righted, h)
		}
	}
}

// timeFrom is the domain controller whose time an operator copies: the one named, else the one that the server is bound to; a domain
// controller copies that of its own time source.
func (e *Engine) timeFrom(dc topology.DCID, h Host) topology.DCID {
	if dc >= 0 || h.Server < 0 {
		return dc
	}
	return e.env.Dir.DC(h.Server)
}

// replicate forces pulls at the domain controllers that an operator names; for a server, at the one that it is bound to. A remedy that
// names none is about the links of its fault: the domain controllers of their sites pull.
func (e *Engine) replicate(t *task) {
	for _, dc := range e.pullers(t) {
		e.env.Dir.ReplicateNow(e.now, dc, t.Source)
	}
}

// pullers are the domain controllers that a replicate_now is about.
func (e *Engine) pullers(t *task) []topology.DCID {
	o := e.env.Org
	var dcs []topology.DCID
	for _, h := range t.hosts {
		dc := h.DC
		if h.Server >= 0 {
			dc = e.env.Dir.DC(h.Server)
		}
		if dc >= 0 && !slices.Contains(dcs, dc) {
			dcs = append(dcs, dc)
		}
	}
	if len(dcs) == 0 && t.DC >= 0 {
		dcs = append(dcs, t.DC)
	}
	if len(dcs) == 0 && t.fault >= 0 {
		for i := range o.DCs {
			if slices.ContainsFunc(e.struck[t.fault].links, func(l topology.LinkID) bool { return slices.Contains(o.Line(l).Sites, o.DCs[i].Site) }) {
				dcs = append(dcs, topology.DCID(i))
			}
		}
	}
	return dcs
}
