package directory

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Host is a machine with a clock: a server or a domain controller; the other id is topology.None.
type Host struct {
	Server topology.ServerID
	DC     topology.DCID
}

// ClockStep is a change of a clock: from At on it is wrong by Offset, or comes to be so where the time service slews it.
type ClockStep struct {
	At        simtime.Time
	Offset    time.Duration // local time minus true time; + = fast
	Corrected bool          // the time service, an operator or the end of a fault set it; false = a fault made it jump
}

// clock is the clock of one host: how wrong it is, as a function of time, and why.
type clock struct {
	offset time.Duration // at set, without what is slewed away
	set    simtime.Time  // offset and slew count from here
	slew   time.Duration // at set, on top of offset; the time service lets it die away
	ppm    float64       // drift, of all faults in force; + = gains
	faults []clockFault  // in force, in order of their start
	steps  []ClockStep
	own    float64 // drift, while out of step
	adrift bool    // out of step
	timeService
}

// clockFaultKind is what a fault does to a clock.
type clockFaultKind uint8

const (
	jumped clockFaultKind = iota // once; over when the clock is corrected
	drifts                       // all the time
	pushed                       // an outside agent sets the clock wrong again and again
	misled                       // the source that the clock follows is wrong
)

// clockFault is a fault of a clock in force.
type clockFault struct {
	fault       int
	kind        clockFaultKind
	offset      time.Duration
	ppm         float64
	since       simtime.Time
	every       time.Duration // pushed
	selfCorrect bool
}

func (d *Directory) host(h Host) int32 {
	if h.Server >= 0 {
		return int32(h.Server)
	}
	return int32(len(d.servers)) + int32(h.DC)
}

// hostOf is the host of a number.
func (d *Directory) hostOf(i int32) Host {
	if n := int32(len(d.servers)); i >= n {
		return Host{Server: topology.None, DC: topology.DCID(i - n)}
	}
	return Host{Server: topology.ServerID(i), DC: topology.None}
}

// Offset returns by how much a host's clock is wrong at an instant that is not before the last thing the directory was told: local
// time minus true time, + = fast.
func (d *Directory) Offset(now simtime.Time, h Host) time.Duration { return d.offsetAt(now, d.host(h)) }

// ClockSteps returns every change of a host's clock so far, in order of time; drift changes it without a step. The slice is the
// directory's own: read it only.
func (d *Directory) ClockSteps(h Host) []ClockStep { return d.hosts[d.host(h)].steps }

func (d *Directory) offsetAt(now simtime.Time, i int32) time.Duration {
	c := &d.hosts[i]
	o := d.settled(now, i)
	if c.slew != 0 {
		o += decay(c.slew, now.Sub(c.set), c.update)
	}
	return o
}

// settled is the offset of a clock without what its time service is still slewing away.
func (d *Directory) settled(now simtime.Time, i int32) time.Duration {
	c := &d.hosts[i]
	if c.ppm == 0 {
		return c.offset
	}
	return c.offset + time.Duration(float64(float64(now.Sub(c.set))*c.ppm)/1e6)
}

// decay is what is left of an error after a time in which it dies away as exp(-t/tau). It is computed in full here, so that it is the
// same on every machine.
func decay(e, t, tau time.Duration) time.Duration {
	const perTau = 0.36787944117144233
	n := t / tau
	if n >= slewTaus {
		return 0
	}
	f, part := float64(t-n*tau)/float64(tau), 1.0
	for k := 18; k >= 1; k-- { // the series of exp(-f), from its end
		part = 1 - float64(f*part)/float64(k)
	}
	for range n {
		part *= perTau
	}
	return time.Duration(float64(e) * part)
}

// JumpClock lets a host's clock jump by offset because of a fault; errors of several faults add. With selfCorrect false the time
// service does not repair the clock until an operator sets it or the fault is taken back.
func (d *Directory) JumpClock(now simtime.Time, h Host, fault int, offset time.Duration, selfCorrect bool) {
	d.strike(now, h, clockFault{fault: fault, kind: jumped, offset: offset, selfCorrect: selfCorrect})
}

// DriftClock lets a host's clock gain so many millionths (lose, where negative) until the fault is taken back. With selfCorrect the time
// service sets it right at every poll.
func (d *Directory) DriftClock(now simtime.Time, h Host, fault int, ppm float64, selfCorrect bool) {
	d.strike(now, h, clockFault{fault: fault, kind: drifts, ppm: ppm, selfCorrect: selfCorrect})
}

// PushClock lets an outside agent, such as the host of a virtual machine, set a clock wrong by offset now and then every so often, where
// somebody has corrected it in between, until the fault is taken back or its source is mended.
func (d *Directory) PushClock(now simtime.Time, h Host, fault int, offset, every time.Duration, selfCorrect bool) {
	d.strike(now, h, clockFault{fault: fault, kind: pushed, offset: offset, every: every, selfCorrect: selfCorrect})
}

// MisleadClock makes the time source of a host wrong by offset, which the host takes over now, until the fault is taken back or the
// source is mended.
func (d *Directory) MisleadClock(now simtime.Time, h Host, fault int, offset time.Duration, selfCorrect bool) {
	d.strike(now, h, clockFault{fault: fault, kind: misled, offset: offset, selfCorrect: selfCorrect})
}

func (d *Directory) strike(now simtime.Time, h Host, f clockFault) {
	i := d.host(h)
	f.since = now
	old := d.offsetAt(now, i)
	d.hosts[i].faults = append(d.hosts[i].faults, f)
	d.hosts[i].free = d.hosts[i].free || !f.selfCorrect
	d.setClock(now, i, old+f.offset, 0, false)
}

// EndJump ends a fault of a host's clock. With restore the clock steps back to true time, plus what other faults in force add;
// without it the clock stays as it is, and what only a jump or a drift has spoilt stays without repair where it was so (decision).
func (d *Directory) EndJump(now simtime.Time, h Host, fault int, restore bool) {
	i := d.host(h)
	c := &d.hosts[i]
	old := d.offsetAt(now, i)
	ours := func(f clockFault) bool { return f.fault == fault }
	source := slices.ContainsFunc(c.faults, func(f clockFault) bool { return ours(f) && f.ofSource() })
	c.faults = slices.DeleteFunc(c.faults, ours)
	if restore || source {
		c.free = c.spoilt()
	}
	if restore {
		d.setClock(now, i, c.sum(func(clockFault) bool { return true }), 0, true)
		return
	}
	d.setClock(now, i, old, 0, false)
}

// FixSource mends what makes a host's clock wrong from outside: an agent that pushes it, a wrong source. The clock itself stays as it
// is; its time service, or an operator, can set it right from now on.
func (d *Directory) FixSource(now simtime.Time, h Host) {
	i := d.host(h)
	c := &d.hosts[i]
	old := d.offsetAt(now, i)
	c.faults = slices.DeleteFunc(c.faults, clockFault.ofSource)
	c.free = c.spoilt()
	d.setClock(now, i, old, 0, false)
}

// Skews tells whether a fault still makes a host's clock wrong: a jump does until somebody has set the clock.
func (d *Directory) Skews(h Host, fault int) bool {
	return slices.ContainsFunc(d.hosts[d.host(h)].faults, func(f clockFault) bool { return f.fault == fault })
}

// ofSource tells whether a fault comes from outside, so that mending the source ends it.
func (f clockFault) ofSource() bool { return f.kind == pushed || f.kind == misled }

// spoilt tells whether a fault in force keeps the time service from mending the clock.
func (c *clock) spoilt() bool {
	return slices.ContainsFunc(c.faults, func(f clockFault) bool { return !f.selfCorrect })
}

func (c *clock) sum(of func(clockFault) bool) time.Duration {
	total := time.Duration(0)
	for _, f := range c.faults {
		if of(f) {
			total += f.offset
		}
	}
	return total
}

// SetTime sets a host's clock from a domain controller, right or wrong (S1-12); with topology.None from its own time source
// (resync_time). Nothing happens where that cannot be reached. The latches that the wrong clock left stay.
func (d *Directory) SetTime(now simtime.Time, h Host, from topology.DCID) {
	i := d.host(h)
	c := &d.hosts[i]
	switch {
	case from < 0 && d.usable(now, i):
		c.corrected()
		d.setClock(now, i, d.sourceAt(now, i), 0, true)
	case from >= 0:
		src := d.host(Host{topology.None, from})
		if src == i || d.asleep(i) || d.asleep(src) || !d.network.reachable(d.siteOf(i), d.siteOf(src)) {
			return // a domain controller cannot set itself right
		}
		c.corrected()
		d.setClock(now, i, d.offsetAt(now, src), 0, true)
	}
}

// corrected forgets the jumps: the clock is set.
func (c *clock) corrected() {
	c.faults = slices.DeleteFunc(c.faults, func(f clockFault) bool { return f.kind == jumped })
	c.free = c.spoilt()
}

// setClock changes a clock, and what the time services that see it will do. slew is what the clock is wrong by on top for a while.
func (d *Directory) setClock(now simtime.Time, i int32, offset, slew time.Duration, corrected bool) {
	c := &d.hosts[i]
	if int(i) >= len(d.servers) {
		d.renewTickets(now)
	}
	was, ppm := d.offsetAt(now, i), c.ppm
	if c.wrong() {
		d.off--
	}
	c.offset, c.slew, c.set, c.ppm = offset, slew, now, c.own
	for _, f := range c.faults {
		c.ppm += f.ppm
	}
	if c.wrong() {
		d.off++
	}
	d.agenda.cancel(slewed, i)
	if slew != 0 {
		d.agenda.push(entry{at: now.Add(slewTaus * c.update), kind: slewed, who: i})
	}
	if was != offset {
		c.steps = append(c.steps, ClockStep{now, offset, corrected})
	}
	if was != offset || c.ppm != ppm {
		for k := range d.hosts {
			if d.hosts[k].source == i {
				d.planCheck(now, int32(k))
			}
		}
		if int(i) >= len(d.servers) {
			d.connect(now)
		}
		d.review(now)
	}
	d.planCheck(now, i)
	d.planPush(now, i)
}

// wrong tells whether a clock is not true, or does not stay so.
func (c *clock) wrong() bool { return c.offset != 0 || c.slew != 0 || c.ppm != 0 }

// planPush computes when an outside agent next finds a clock that is not as it wants it.
func (d *Directory) planPush(now simtime.Time, i int32) {
	d.agenda.cancel(clockPush, i)
	c := &d.hosts[i]
	at := simtime.Never
	for _, f := range c.faults {
		if f.kind == pushed {
			at = min(at, nextInstant(now+1, f.since, f.every))
		}
	}
	if at != simtime.Never && c.offset != c.pushedTo() {
		d.agenda.push(entry{at: at, kind: clockPush, who: i})
	}
}

// pushedTo is the error that the agents in force push a clock to: errors of several add.
func (c *clock) pushedTo() time.Duration {
	return c.sum(func(f clockFault) bool { return f.kind == pushed })
}

// push is the agent at work.
func (d *Directory) pushClock(now simtime.Time, i int32) {
	d.setClock(now, i, d.hosts[i].pushedTo(), 0, false)
}
