package fault

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

const never = simtime.Never

// ServicesUp is when the last automatic service of a machine is up, counted from the start of the service manager, where the scenario says
// nothing else; the delayed start counts from there (F8).
const ServicesUp = 30 * time.Second

// delayedWait is the wait of the service manager before delayed starts, where no fault says another.
const delayedWait = 120 * time.Second

// outage is one reason for a machine to be down.
type outage struct {
	silent bool // no answer at all, else a reset
	os     bool // the operating system starts anew when it ends
	lost   bool // the queue database is destroyed
}

// machine is a server as faults see it: why it is down, and how its listening service starts.
//
//	up ── outage ──► down ── last outage ends ──► (waiting for its address) ──► up
//	                                               listener: not yet ──► listening, or given up ──► started by hand ──► listening
type machine struct {
	absent bool // no part of the organisation: one outage, until it is added
	down   int  // outages
	silent int  // ... that give no answer
	os     int  // ... after which the operating system starts anew
	blind  bool // its service does not start for want of a domain controller (F4)
	// refused: its store does not run, because of the clocks at its last start (F1). A machine without transport service is down then.
	refused bool
	deaf    int // faults that keep it from being told of changes

	agents   float64 // share of their speed at which its agents work, as last reported
	bypassed bool    // an operator has bypassed them, from the next start on

	services    Services      // that it runs
	servicesUp  time.Duration // from the start of the service manager until the last automatic service is up
	single      bool
	interrupted [NumServices]int // by service: faults that stop it alone

	boot      int          // starts of the operating system so far
	starts    int          // starts of the transport service so far
	address   simtime.Time // when the address is there, after the last boot
	begins    simtime.Time // when a transport service that is late starts
	racing    Services     // the listeners whose start was a race at the last boot
	gives     simtime.Time // when the listener gives up; Never = it does not
	listens   simtime.Time // when the listener runs; Never = not without help
	halted    bool         // as last reported
	quiet     bool         // as last reported: Silent
	listening bool         // as last reported

	draining []int // faults for which it empties itself before it goes down

	armed  []int       // late-bind faults in force
	fix    LateBindFix // set by an operator, from the next boot on
	strike int         // of happened: the late bind that goes on; -1 = none
	by     int         // the fault that struck
}

// MachineInfo is what the scenario says of the services of a machine.
type MachineInfo struct {
	Services   Services      // that it runs; 0 = those of its roles
	ServicesUp time.Duration // from the start of the service manager until the last automatic service is up; 0 = ServicesUp
	Single     bool          // one network card, whose address is there before any service starts: never prone
}

// newMachine makes a machine that runs, or one that is switched off until it is added.
func newMachine(info MachineInfo, roles topology.Roles, absent bool) machine {
	m := machine{agents: 1, gives: never, listening: true, strike: -1, by: -1, absent: absent, services: info.Services, servicesUp: cmp.Or(info.ServicesUp, ServicesUp), single: info.Single}
	if m.services == 0 {
		m.services = ServicesOf(roles)
	}
	if absent {
		m.down, m.silent, m.os, m.halted, m.quiet = 1, 1, 1, true, true
	}
	return m
}

// stop adds an outage.
func (e *Engine) stop(s topology.ServerID, o outage) {
	if s < 0 {
		return
	}
	m := &e.machines[s]
	m.down++
	m.silent += one(o.silent)
	m.os += one(o.os)
	e.settle(s, o.lost)
}

// start takes an outage away; the machine runs again when it was the last.
func (e *Engine) start(s topology.ServerID, o outage) {
	if s < 0 {
		return
	}
	m := &e.machines[s]
	m.down--
	m.silent -= one(o.silent)
	m.os -= one(o.os)
	if o.os {
		e.env.Dir.HostRestarted(e.now, s) // S1-10: the restart of an operating system clears its latches
		e.endLatches()
		if m.os == 0 {
			e.bootOS(s)
		}
	}
	if o.os && m.os == 0 || m.services.main().Has(Store) {
		e.startStore(s)
	}
	if m.down == 0 {
		e.startService(s)
	}
	e.settle(s, false)
}

// maybeClear draws whether a start of the transport service clears the server's latches, all of them or none.
//
// FD-2: it does not, unless the model says otherwise.
func (e *Engine) maybeClear(s topology.ServerID) {
	m := &e.machines[s]
	m.starts++
	if e.happens(e.env.ServiceRestartClears, "service_restart_clears", e.env.Org.Servers[s].Name, strconv.Itoa(m.starts)) {
		e.env.Dir.ClearLatches(s)
		e.endLatches()
	}
}

// endLatches notes which faults are over because the last of their pairs has lost its latch.
func (e *Engine) endLatches() {
	for _, i := range e.active {
		s := &e.struck[i]
		if e.faults[i].Kind == AuthLatch && s.entry >= 0 && !slices.ContainsFunc(s.pairs, func(p [2]topology.ServerID) bool { return e.env.Dir.Latched(p[0], p[1]) }) {
			e.happened[s.entry].end = min(e.happened[s.entry].end, e.now)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// settle reports a machine's state where it has changed. A machine without its address gives no answer.
func (e *Engine) settle(s topology.ServerID, lost bool) {
	m := &e.machines[s]
	waiting := m.address > e.now || m.begins > e.now
	e.look(s, m.halted && m.down == 0 && !waiting && m.services&epostServices == 0) // E-Post reads no directory
	halted, quiet := m.down > 0 || waiting || m.blind || m.refused && !m.services.Has(Transport), m.silent > 0 || m.address > e.now
	x := Effect{Server: s, Silent: quiet, Lost: lost, Link: topology.None, SiteA: topology.None, SiteB: topology.None}
	switch {
	case halted && !m.halted:
		x.Kind = HostHalted
		e.effect(x)
	case halted && (quiet != m.quiet || lost):
		x.Kind = HostChanged
		e.effect(x)
	case !halted && m.halted:
		e.listen(s, m.listening && m.listens <= e.now) // before it boots, so that nobody finds it listening at this instant
		x.Kind, x.Silent = HostBooted, false
		e.effect(x)
		e.env.Dir.ServiceRestarted(e.now, s)
		e.useCertificates(s)
		e.useBypass(s)
		e.loadEngine(s)
		e.maybeClear(s)
	}
	m.halted, m.quiet = halted, halted && quiet
	if !halted {
		e.listen(s, m.listens <= e.now)
	}
}

// look tells whether the service of a machine, where it is about to start, has to wait for a domain controller.
// F4: a hub that starts while none answers does not get as far as transport; it tries again and again, and finds the first that does.
func (e *Engine) look(s topology.ServerID, starting bool) {
	m := &e.machines[s]
	was := m.blind
	if m.blind = starting && !e.env.Dir.InReach(s); m.blind && !was {
		e.env.Dir.Despairs(e.now, s)
	}
}

// listen reports whether a machine that is up accepts connections.
func (e *Engine) listen(s topology.ServerID, listening bool) {
	m := &e.machines[s]
	if listening == m.listening {
		return
	}
	m.listening = listening
	kind := ListenerDown
	if listening {
		kind = ListenerUp
	}
	e.effect(Effect{Kind: kind, Server: s, Services: m.racing, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
}

// bootOS starts the operating system: the service manager starts now, and the race between the address and the listener is run.
//
// F8: on a machine that is prone (S0-6), whose address comes later than the start of the listening service, that service ends and
// stays down until somebody or something starts it (FW-9), while what it has to send goes out (S0-9). Delayed start (S0-7) and a
// dependency (S0-8) avoid it. A transport service of Exchange as a whole waits for the directory and starts late, unless the fault is aimed
// at its listener.
func (e *Engine) bootOS(s topology.ServerID) {
	m := &e.machines[s]
	m.boot++
	m.address, m.begins, m.listens, m.gives = e.now, e.now, e.now, never
	e.endStrike(s)
	if len(m.armed) == 0 {
		if m.fix == DelayedStart && m.services.Listeners() != 0 { // S0-7: the price of the cure, at healthy boots as well
			e.race(s, m.services.Listeners())
			m.listens = e.now.Add(m.servicesUp + delayedWait)
			e.plan(item{at: m.listens, rank: int32(len(e.faults)), step: listenStart, target: s})
		}
		return
	}
	first := slices.Min(m.armed) // one race a boot: that of the first fault by id
	f := &e.faults[first]
	racing := m.services.Listeners()
	if f.Services != 0 {
		racing &= f.Services
	}
	e.race(s, racing)
	host, boot := e.env.Org.Servers[s].Name, strconv.Itoa(m.boot)
	seconds := func(what string, d rng.Dist) time.Duration {
		return max(0, simtime.Span(e.env.Root.Stream("nic_late_bind."+what, f.stream(), boot, host).Sample(d)))
	}
	start := e.now.Add(seconds("start_offset", f.StartOffset))
	if !m.single && e.happens(f.Prone, "nic_late_bind.prone", host) {
		m.address = e.now.Add(seconds("team_up", f.TeamUp) + seconds("dad", f.DAD))
	}
	fix := m.fix
	if fix == NoFix {
		fix = f.Fix
	}
	if fix != NoFix && !e.happens(f.FixSuccess, "nic_late_bind.fix", f.stream(), e.number(first), host) {
		fix = NoFix
	}
	switch fix {
	case DelayedStart:
		start = e.now.Add(m.servicesUp + f.DelayedStartDelay)
	case Dependency:
		start = max(start, m.address)
	}
	m.listens = start
	switch late := m.address > start; {
	case racing == 0: // nothing that listens
		m.listens = e.now
	case late && f.Late > 0 && racing.Has(Transport):
		m.by, m.begins = slices.Min(m.armed), m.address.Add(f.Late)
		m.listens = m.begins
		e.planBoot(s, transportLate, start)
	case late:
		m.gives, m.listens = start, never
		if f.Recovery {
			m.listens = start.Add(recoveryTime(m.address.Sub(start), f.RecoveryDelay))
		}
		m.by = first
	}
	e.planBoot(s, addressUp, m.address)
	e.planBoot(s, listenGiven, m.gives)
	e.planBoot(s, listenStart, m.listens)
}

// race says which listeners of a machine are started by the boot that begins. The boot before may have been about others.
func (e *Engine) race(s topology.ServerID, set Services) {
	m := &e.machines[s]
	if set != m.racing {
		e.listen(s, true)
		m.racing = set
	}
}

// recoveryTime is when a service that is restarted every delay after it gives up finds its address: the first restart not before it.
func recoveryTime(missing, delay time.Duration) time.Duration {
	if delay <= 0 {
		return missing
	}
	return (missing + delay - 1) / delay * delay
}

func (e *Engine) planBoot(s topology.ServerID, what step, at simtime.Time) {
	e.plan(item{at: at, rank: int32(slices.Min(e.machines[s].armed)), step: what, target: s})
}

// startService starts the transport service of a machine that has booted: by hand, or because its last outage is over. Where the
// address is there, a service that had given up listens again (S0-3).
func (e *Engine) startService(s topology.ServerID) {
	m := &e.machines[s]
	if m.address <= e.now && m.begins > e.now && m.down == 0 {
		m.begins, m.listens = e.now, e.now
		e.endStrike(s)
	}
	if m.gives > e.now || m.address > e.now || m.down > 0 {
		return // the race of the boot is still on
	}
	if m.gives != never {
		m.gives, m.listens = never, e.now
		e.endStrike(s)
	}
}

// machineStep carries out what a boot planned. What an earlier boot planned finds other instants in the machine and does nothing.
func (e *Engine) machineStep(it item) {
	s := it.target
	m := &e.machines[s]
	if it.step == rebooted {
		e.start(s, outage{silent: true, os: true})
		return
	}
	switch it.step {
	case listenGiven:
		if m.gives != e.now || m.down > 0 {
			return
		}
		e.strikeLate(s, "the listening services of "+e.env.Org.Servers[s].Name+" ended: they started before its address was there")
		for _, x := range m.racing.List() {
			e.serviceFailed(s, x)
		}
	case transportLate:
		if m.begins <= e.now || m.down > 0 {
			return
		}
		e.strikeLate(s, "the transport service of "+e.env.Org.Servers[s].Name+" waits: the directory cannot be reached without an address")
		e.discoveryFailed(s)
	case listenStart:
		if m.listens == e.now {
			m.gives = never
			e.endStrike(s)
		}
	}
	e.settle(s, false)
}

// strikeLate notes that a boot has brought a late bind on.
func (e *Engine) strikeLate(s topology.ServerID, text string) {
	m, host := &e.machines[s], e.env.Org.Servers[s].Name
	m.strike = e.record(happening{fault: m.by, kind: NICLateBind.String(), label: "late address on " + host, target: host, start: e.now, end: never})
	e.emit("fault", host, text, e.faultFields(m.by, "start")...)
}

// endStrike notes that a listener that had given up runs again, or that its machine starts anew.
func (e *Engine) endStrike(s topology.ServerID) {
	m := &e.machines[s]
	if m.strike < 0 {
		return
	}
	host := e.env.Org.Servers[s].Name
	e.happened[m.strike].end = e.now
	e.emit("fault", host, "the listening services of "+host+" are over their late bind",
		e.faultFields(m.by, "end")...)
	if m.down == 0 && m.listens == e.now {
		for _, x := range m.racing.List() {
			e.serviceState(s, x, "running")
		}
	}
	m.strike = -1
}

// arm makes a late-bind fault strike at every boot of a machine from now on. A fault that begins after t0 begins with a boot: the
// machine goes down for the time of a restart, unless it is restarting already. One that stands from t0 on waits for the first boot
// (decision).
func (e *Engine) arm(s topology.ServerID, fault int) {
	m := &e.machines[s]
	m.armed = append(m.armed, fault)
	if e.now == 0 || m.os > 0 {
		return
	}
	e.stop(s, outage{silent: true, os: true})
	e.plan(item{at: e.now.Add(RestartOS.DefaultDuration()), rank: int32(fault), step: rebooted, target: s})
}

// disarm ends a late-bind fault: boots are harmless again, and a listener that it keeps down is started (decision).
func (e *Engine) disarm(s topology.ServerID, fault int) {
	m := &e.machines[s]
	m.armed = slices.DeleteFunc(m.armed, func(i int) bool { return i == fault })
	if m.by == fault && m.down == 0 {
		e.startService(s)
		e.settle(s, false)
	}
}
