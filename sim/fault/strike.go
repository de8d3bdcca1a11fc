package fault

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// startFault draws whom a fault hits and lets it take hold.
func (e *Engine) startFault(i int) {
	f, s := &e.faults[i], &e.struck[i]
	draw := func(target string) bool {
		return e.happens(f.Probability, "fault.probability", f.stream(), strconv.Itoa(s.number), target)
	}
	for _, h := range f.Hosts {
		if draw(e.hostName(h)) {
			s.hosts = append(s.hosts, h)
		}
	}
	for _, l := range f.Links {
		if draw(e.env.Org.Line(l).Name) {
			s.links = append(s.links, l)
		}
	}
	for _, o := range f.Outside {
		if draw(e.outsideName(o)) {
			s.outside = append(s.outside, o)
		}
	}
	for _, c := range f.Clients {
		if draw(e.env.Clients[c]) {
			s.clients = append(s.clients, c)
		}
	}
	s.sides = f.Kind.Whole() && draw("")
	e.drawPairs(s, draw)
	if !s.any() {
		return
	}
	e.active = append(e.active, i)
	if f.Kind != NICLateBind {
		s.entry = e.record(happening{fault: i, kind: f.Kind.String(), label: e.label(i), target: e.targets(i), start: e.now, end: never})
	}
	e.reportFault(i, "start")
	switch f.Kind {
	case ClockSkew, AgentStall, LinkDegrade:
		e.setLevel(i, f.levelAt(e.now))
		if f.Malware {
			for _, h := range s.hosts {
				if !e.machines[h.Server].halted {
					e.loadEngine(h.Server)
				}
			}
		}
	case DiskPressure: // also at nothing: it is what is in use from then on
		s.level = f.levelAt(e.now)
		e.fillDisk(i)
	case MailStorm, DuplicateStorm, Backscatter: // also at nothing: the message that is replied to comes first
		s.level = f.levelAt(e.now)
		e.blow(i)
	case AuthLatch: // F2
		for _, p := range s.pairs {
			e.env.Dir.LatchPair(e.now, p[0], p[1])
		}
	case ReplLag:
		for _, l := range s.links {
			e.lags[l] = append(e.lags[l], i)
			e.slow(l)
		}
	case NICLateBind:
		for _, h := range s.hosts {
			e.arm(h.Server, i)
		}
	case HostDown: // F10, F11: what it holds stays on its disk, unless the queue database is lost
		for _, h := range s.hosts {
			if f.Drain {
				e.drain(i, h.Server)
			} else {
				e.stopFor(f, h.Server)
			}
		}
	case LinkDown:
		for _, l := range s.links {
			if f.Filter.Ports != nil {
				e.blockLink(i, l)
			} else {
				e.cutLink(l, 1)
			}
		}
	case Partition:
		e.cutSides(f, 1)
	case DCDown: // F4
		e.stopControllers(i)
	case ReplFail: // F3
		e.failReplication(i)
	case ConfigNotifyLost:
		for _, h := range s.hosts {
			e.loseNotifications(h.Server, 1)
		}
	case SPNMissing, SPNDuplicate, MachineSecret: // F5
		for _, h := range s.hosts {
			e.spoilIdentity(i, h.Server)
		}
	case PortBlock: // F6
		e.blockPorts(i)
	case CertExpiry: // F7
		for _, h := range s.hosts {
			e.armCertificate(i, h.Server)
		}
	case PoisonMessage:
		e.bringPoison(i)
	case RemoteDown: // F15
		e.loseOutside(i, 1)
	case RemoteThrottle, RemoteGreylist: // F15
		e.tighten(i, true)
	case DNSFail: // F14
		e.failNames(i, true)
	case StoreDown: // F18
		e.dismount(i)
	case ClientUpdate: // F9
		e.toClients(ClientsUpdated, i, s.clients)
	}
}

// drawPairs draws which pairs of hubs a fault latches. Its hosts, to which a remedy without a target is done, are the receivers.
func (e *Engine) drawPairs(s *strike, draw func(string) bool) {
	for _, p := range s.among {
		h := Host{Server: p[1], DC: topology.None}
		if !draw(e.pairName(p)) {
			continue
		}
		s.pairs = append(s.pairs, p)
		if !slices.Contains(s.hosts, h) {
			s.hosts = append(s.hosts, h)
		}
	}
}

// endFault takes back what startFault did.
func (e *Engine) endFault(i int) {
	f, s := &e.faults[i], &e.struck[i]
	if !s.any() {
		return
	}
	e.active = slices.DeleteFunc(e.active, func(k int) bool { return k == i })
	if s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, e.now) // a latch may have been cleared before
	}
	switch f.Kind {
	case AuthLatch: // the end takes back what no restart has cleared (decision), and no other fault holds
		for _, p := range s.pairs {
			if !slices.ContainsFunc(e.active, func(k int) bool { return slices.Contains(e.struck[k].pairs, p) }) {
				e.env.Dir.UnlatchPair(p[0], p[1])
			}
		}
	case ClockSkew:
		for _, h := range s.hosts {
			e.env.Dir.EndJump(e.now, h, i, f.RestoreStep)
		}
	case ReplLag:
		for _, l := range s.links {
			e.lags[l] = slices.DeleteFunc(e.lags[l], func(k int) bool { return k == i })
			e.slow(l)
		}
	case NICLateBind:
		for _, h := range s.hosts {
			e.disarm(h.Server, i)
		}
	case HostDown:
		for _, h := range s.hosts {
			if !e.keepsUp(i, h.Server) && !slices.Contains(s.begun, h.Server) {
				e.startFor(f, h.Server)
			}
		}
	case LinkDown:
		if f.Filter.Ports != nil {
			e.env.Dir.Unblock(e.now, i)
			break
		}
		for _, l := range s.links {
			e.cutLink(l, -1)
		}
	case LinkDegrade:
		for _, l := range s.links {
			e.degrade(l)
		}
	case Partition:
		e.cutSides(f, -1)
	case DCDown:
		e.freeControllers(i)
	case ReplFail:
		e.env.Dir.MendReplication(e.now, i)
	case ConfigNotifyLost:
		for _, h := range s.hosts {
			e.loseNotifications(h.Server, -1)
		}
	case SPNMissing, SPNDuplicate, MachineSecret:
		for _, h := range s.hosts {
			e.mendIdentity(i, h.Server)
		}
	case PortBlock:
		e.env.Dir.Unblock(e.now, i)
	case CertExpiry:
		e.dropCertificates(func(c *certificate) bool { return c.fault == i })
	case RemoteDown:
		e.loseOutside(i, -1)
	case RemoteThrottle, RemoteGreylist:
		e.tighten(i, false)
	case StoreDown:
		e.mount(i)
	case DiskPressure:
		for _, h := range s.hosts {
			if !slices.Contains(s.mended, h.Server) {
				e.releaseDisk(i, h.Server)
			}
		}
	case AgentStall:
		for _, h := range s.hosts {
			e.tellAgents(h.Server)
		}
	case MailStorm, DuplicateStorm, Backscatter:
		e.effect(stormEffect(StormOver, i))
	case ClientUpdate:
		e.toClients(ClientsMended, i, s.clients)
	case DNSFail:
		e.failNames(i, false)
	case PoisonMessage:
		e.effect(Effect{Kind: PoisonCured, Fault: i, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
	e.reportFault(i, "end") // of what is so now: another fault may hold it still
}

// cutLink counts the faults that hold a link down: it works again when the last one ends.
// F12: the directory's traffic stops with the mail.
func (e *Engine) cutLink(l topology.LinkID, by int) {
	was := e.links[l] > 0
	e.links[l] += by
	if is := e.links[l] > 0; is != was {
		e.effect(Effect{Kind: choose(is, LinkCut, LinkMended), Link: l, Server: topology.None, SiteA: topology.None, SiteB: topology.None})
		e.env.Dir.LinkState(e.now, l, !is)
	}
}

// cutSides counts the faults that cut each directed pair of sites.
func (e *Engine) cutSides(f *Fault, by int) {
	for _, a := range f.SideA {
		for _, b := range f.SideB {
			if f.Direction != From {
				e.cutPair(a, b, by)
			}
			if f.Direction != To {
				e.cutPair(b, a, by)
			}
		}
	}
}

func (e *Engine) cutPair(a, b topology.SiteID, by int) {
	p := [2]topology.SiteID{a, b}
	was := e.pairs[p] > 0
	e.pairs[p] += by
	if is := e.pairs[p] > 0; is != was {
		e.effect(Effect{Kind: choose(is, PairCut, PairMended), SiteA: a, SiteB: b, Link: topology.None, Server: topology.None})
		e.env.Dir.PairState(e.now, a, b, !is)
	}
}

func choose(yes bool, a, b EffectKind) EffectKind {
	if yes {
		return a
	}
	return b
}

// slow sets the replication of a link by the faults that are in force: of several the one with the longest interval, then the latest
// phase (decision).
//
// F3: lag overrides the settings of a link while it lasts; nothing else shows.
func (e *Engine) slow(l topology.LinkID) {
	var o *directory.Override
	for _, i := range e.lags[l] {
		x := directory.Override{Interval: e.faults[i].Interval, Phase: e.faults[i].Phase, Windows: e.faults[i].Windows}
		if o == nil || cmp.Or(cmp.Compare(e.interval(l, x), e.interval(l, *o)), cmp.Compare(x.Phase, o.Phase)) > 0 {
			o = &x
		}
	}
	e.env.Dir.SetReplication(e.now, l, o)
}

func (e *Engine) interval(l topology.LinkID, o directory.Override) time.Duration {
	return cmp.Or(o.Interval, e.env.Org.Links[l].ReplicationInterval, directory.DefaultInterval)
}
