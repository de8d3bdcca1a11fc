package sim

import (
	"mailsim/sim/fault"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// apply lets one effect of a fault or remedy happen to the world.
func (r *run) apply(e *fault.Effect) {
	switch e.Kind {
	case fault.HostHalted, fault.HostChanged:
		r.haltHost(int32(e.Server), e.Silent, e.Lost)
	case fault.HostBooted:
		r.bootHost(int32(e.Server))
	case fault.NamesFail, fault.NamesWork:
		r.setNames(e)
	case fault.HostDrains, fault.HostAccepts:
		r.drains(int32(e.Server), e.Kind == fault.HostDrains)
	case fault.ListenerDown, fault.ListenerUp, fault.ServicesStopped, fault.ServicesStarted:
		r.applyServices(e)
	case fault.LinkDegraded:
		r.degrade(e)
	case fault.LinkCut, fault.LinkMended:
		r.net.SetLink(r.now, e.Link, e.Kind == fault.LinkMended)
		r.networkChanged()
	case fault.PairCut, fault.PairMended:
		r.net.SetPair(e.SiteA, e.SiteB, e.Kind == fault.PairMended)
		r.networkChanged()
	case fault.ControllersChanged: // watchDirectory has looked
	case fault.CertificateSet:
		r.setCertificate(e.Server, e.StartTLS, e.At)
	case fault.OutsideLost, fault.OutsideBack:
		r.loseOutside(e)
	case fault.OutsideTightens, fault.OutsideRelents:
		r.tighten(e)
	case fault.DiskFills, fault.DiskReleased, fault.DiskFreed:
		r.diskEffect(e)
	case fault.StormBlows, fault.StormOver, fault.ListDeleted, fault.RecipientsChecked:
		r.stormEffect(e)
	case fault.AgentsSlowed:
		r.slowAgents(int32(e.Server), e.Speed)
	case fault.DatabaseDismounted, fault.DatabaseMounted:
		r.mount(e)
	case fault.CopyActivated:
		r.activated(e)
	case fault.MailboxesMoved:
		r.moveMailboxes(e.Server, e.To)
	case fault.MessagesRemove, fault.MessagesSuspend, fault.MessagesResume:
		r.operate(e)
	case fault.ClientsUpdated, fault.ClientsMended, fault.ClientsRestarted:
		r.applyToClients(e)
	case fault.PoisonMail:
		r.bringPoison(e)
	case fault.PoisonCured:
		r.curePoison(e.Fault)
	case fault.QueuesRetry, fault.QueuesResubmit, fault.QueuesSuspend, fault.QueuesResume:
		if e.Kind == fault.QueuesRetry {
			r.laws.ladders[e.Server].asked = r.now
		}
		if r.hosts[e.Server].post != nil { // the forced retry of E-Post
			r.step(int32(e.Server), transport.Input{Kind: transport.RetryQueue})
			return
		}
		if r.hosts[e.Server].hub == nil {
			return
		}
		var kind transport.InputKind
		switch e.Kind {
		case fault.QueuesRetry:
			kind = transport.RetryQueue
		case fault.QueuesResubmit:
			kind = transport.Resubmit
		case fault.QueuesSuspend:
			kind = transport.Suspend
		case fault.QueuesResume:
			kind = transport.Resume
		}
		if e.Queue == fault.UnreachableQueue && kind != transport.RetryQueue { // it makes no attempts
			r.step(int32(e.Server), transport.Input{Kind: kind, Msg: transport.UnreachableMail})
		}
		for _, q := range r.queueNamed(int32(e.Server), e.Queue) {
			r.step(int32(e.Server), transport.Input{Kind: kind, Msg: q})
		}
	}
}

// hasQueue tells whether a server has a queue for a next hop or connector of that name. E-Post servers have one, and no name for it.
func (r *run) hasQueue(s topology.ServerID, queue string) bool {
	h := &r.hosts[s]
	return h.post != nil || h.hub != nil && len(r.queueNamed(int32(s), queue)) > 0
}

// applyServices lets services of a machine stop or start that the rest of it does without.
func (r *run) applyServices(e *fault.Effect) {
	h := &r.hosts[e.Server]
	if h.post != nil {
		switch p := h.post; e.Kind {
		case fault.ListenerDown:
			p.deaf |= e.Services
		case fault.ListenerUp:
			p.deaf &^= e.Services
		case fault.ServicesStopped:
			p.stopped |= e.Services
		case fault.ServicesStarted:
			p.stopped &^= e.Services
		}
		r.onDuty(int32(e.Server))
		return
	}
	switch e.Kind {
	case fault.ListenerDown:
		h.deaf = true
		r.breakAll(func(_ *host, t route.Target) bool { return t.Kind == route.TargetServer && toServer(t, e.Server) })
	case fault.ListenerUp:
		h.deaf = false
		r.offerPending(int32(e.Server))
	case fault.ServicesStopped: // the store of a machine that has a transport service, too
		h.noMail = true
		r.breakAll(func(_ *host, t route.Target) bool { return t.Kind == route.TargetStore && toServer(t, e.Server) })
		r.turnBack(func(f *flight) bool { return f.from == int32(e.Server) })
	case fault.ServicesStarted:
		h.noMail = false
		r.offerSite(int(h.site))
	}
}

// haltHost stops a machine or its transport service. Connections to it break, its own are gone; what it held stays on its disk, unless
// the queue database is lost.
func (r *run) haltHost(s int32, silent, lost bool) {
	h := &r.hosts[s]
	h.down, h.silent = true, silent
	r.dir.MachineState(r.now, h.id, !silent)
	if h.post != nil { // first, so that what it delivers to itself does not count as failed
		r.haltPost(s, lost)
	}
	r.breakAll(func(_ *host, t route.Target) bool {
		return toServer(t, h.id) && !(t.Kind == route.TargetStore && h.storeRuns())
	})
	if h.receiver != nil {
		h.receiver.Reset()
	}
	r.turnBack(func(f *flight) bool { return f.to == s || f.from == s && !h.storeRuns() })
	r.cutCopies()
	if h.hub == nil {
		return
	}
	if !h.hub.Halted() {
		h.epoch++
		h.hub.Interrupted(r.categorising(h.id))
		h.agents.halted()
		h.timerAt = never
		if h.pressure != nil {
			h.pressure.at = never
		}
	}
	code := transport.OK
	if lost {
		code = transport.QueuesLost
		r.loseShadows(s)
		r.loseNet(s)
	}
	r.step(s, transport.Input{Kind: transport.Halt, Code: code})
}

// bootHost starts a machine's transport service: ladders begin anew, every queue is tried at once (docs/rules/faults.md), and mailboxes
// offer what waited for it (D-4).
func (r *run) bootHost(s int32) {
	h := &r.hosts[s]
	h.down, h.silent = false, false
	r.dir.MachineState(r.now, h.id, true)
	if h.post != nil {
		r.onDuty(s)
		return
	}
	if h.hub != nil {
		if h.hub.Halted() {
			r.relieve(h)
		}
		r.step(s, transport.Input{Kind: transport.Boot})
		if h.pressure != nil {
			r.tell(s, h)
		}
	}
	if len(r.poison) > 0 {
		r.submitPoison(s)
	}
	r.offerPending(s)
}

// moveMailboxes lets what the mailboxes declared on a server send come from another one. Mail for them follows the directory.
func (r *run) moveMailboxes(of, to topology.ServerID) {
	if r.homes == nil {
		r.homes = make([]topology.ServerID, len(r.hosts))
		for i := range r.homes {
			r.homes[i] = topology.ServerID(i)
		}
	}
	r.homes[of] = to
}

// home is the machine that the mailboxes declared on a server are on now.
func (r *run) home(s topology.ServerID) topology.ServerID {
	if r.homes == nil || s == topology.None {
		return s
	}
	return r.homes[s]
}

// networkChanged breaks the connections whose ends no longer reach each other and moves the bodies that go another way now.
func (r *run) networkChanged() {
	r.network++
	r.breakAll(func(h *host, t route.Target) bool {
		site, inside := r.siteOf(t)
		return inside && site != h.site && !r.net.Reachable(h.site, site)
	})
	r.moveSessions()
	r.turnBack(func(f *flight) bool {
		return f.from != noSender && !r.net.Reachable(r.hosts[f.from].site, r.hosts[f.to].site)
	})
	r.cutCopies()
	r.moveFlights()
	r.offerEverywhere()
	if r.shadows != nil && len(r.edges.pending) > 0 { // refused for want of a shadow copy
		r.plan(&r.edges.pending, outsideEvery)
		r.rec.pendingOutside(r)
	}
	r.wakeNetwork()
}

// moveSessions puts the bodies of sessions on the ways that they go now.
func (r *run) moveSessions() {
	for s := range r.hosts {
		h := &r.hosts[s]
		for c := range h.sessions {
			k := &h.sessions[c]
			site, inside := r.siteOf(k.target)
			switch {
			case !inside || k.state != sessionUp || k.xfer == 0:
			case k.copying:
				k.xfer = r.net.Move(r.now, k.xfer, site, r.hosts[k.holder].site)
			default:
				k.xfer = r.net.Move(r.now, k.xfer, h.site, site)
			}
		}
	}
}

// moveFlights does the same for messages on their way to a server of another site.
func (r *run) moveFlights() {
	for i := range r.flights {
		switch f := &r.flights[i]; {
		case f.xfer == 0:
		case f.copying:
			f.xfer = r.net.Move(r.now, f.xfer, r.hosts[f.to].site, r.hosts[f.holder].site)
		default:
			f.xfer = r.net.Move(r.now, f.xfer, r.hosts[f.from].site, r.hosts[f.to].site)
		}
	}
}
