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

// Figures of the Windows Time service, as its documentation gives them.
const (
	memberPollMin = 1024 * time.Second
	memberPollMax = 32768 * time.Second
	dcPollMin     = 64 * time.Second
	dcPollMax     = 1024 * time.Second
	spike         = 5 * time.Second      // LargePhaseOffset
	spikeWatch    = 900 * time.Second    // SpikeWatchPeriod
	dcRefuses     = 172800 * time.Second // MaxPosPhaseCorrection and MaxNegPhaseCorrection of a domain controller
	edgeRefuses   = 54000 * time.Second  // the same of a stand-alone machine
)

// trueTime is the source of a clock that follows the world's.
const trueTime = -1

// ClockStep is a change of a clock: from At on it is wrong by Offset.
type ClockStep struct {
	At        simtime.Time
	Offset    time.Duration // local time minus true time; + = fast
	Corrected bool          // the time service, an operator or the end of a fault set it; false = a fault made it jump
}

// clock is the clock of one host and what its time service is about to do.
type clock struct {
	offset time.Duration
	jumps  []jump
	steps  []ClockStep

	source  int32 // host that it follows, or trueTime
	free    bool  // no repair: a jump that the time service does not mend is in force
	min     time.Duration
	max     time.Duration
	refuses time.Duration // a larger error is not corrected; 0 = every error is
	since   simtime.Time  // the poll ladder starts here
	watch   bool          // a spike was seen
	seen    simtime.Time  // ... at this poll
}

// jump is a clock fault in force.
type jump struct {
	fault       int
	offset      time.Duration
	selfCorrect bool
}

func (d *Directory) host(h Host) int32 {
	if h.Server >= 0 {
		return int32(h.Server)
	}
	return int32(len(d.servers)) + int32(h.DC)
}

// startClocks sets up who follows whom: members follow their domain controller, domain controllers the PDC emulator (the
// first one where none is named), that one the outside world. Edges stand alone.
func (d *Directory) startClocks() {
	d.hosts = make([]clock, len(d.servers)+len(d.org.DCs))
	pdc := slices.IndexFunc(d.org.DCs, func(c topology.DC) bool { return c.PDCEmulator })
	pdc = max(pdc, 0)
	for i := range d.hosts {
		c := &d.hosts[i]
		*c = clock{source: trueTime, min: memberPollMin, max: memberPollMax}
		switch dc := i - len(d.servers); {
		case dc >= 0:
			c.min, c.max, c.refuses = dcPollMin, dcPollMax, dcRefuses
			if dc != pdc {
				c.source = int32(len(d.servers) + pdc)
			}
		case d.org.Servers[i].Is(topology.RoleEdge):
			c.refuses = edgeRefuses
		case !d.ideal:
			c.source = int32(len(d.servers)) + int32(d.servers[i].dc)
		}
	}
}

// Offset returns by how much a host's clock is wrong: local time minus true time, + = fast.
func (d *Directory) Offset(h Host) time.Duration { return d.hosts[d.host(h)].offset }

// ClockSteps returns every change of a host's clock so far, in order of time. The slice is the directory's own: read it only.
func (d *Directory) ClockSteps(h Host) []ClockStep { return d.hosts[d.host(h)].steps }

// JumpClock lets a host's clock jump by offset because of a fault; errors of several faults add. With selfCorrect false the time
// service does not repair the clock until an operator sets it or the fault is taken back.
func (d *Directory) JumpClock(now simtime.Time, h Host, fault int, offset time.Duration, selfCorrect bool) {
	i := d.host(h)
	c := &d.hosts[i]
	c.jumps = append(c.jumps, jump{fault, offset, selfCorrect})
	c.free = c.free || !selfCorrect
	d.setOffset(now, i, c.offset+offset, false)
}

// EndJump ends a fault of a host's clock. With restore the clock steps back to true time, plus what other faults in force add;
// without it the clock stays as it is.
func (d *Directory) EndJump(now simtime.Time, h Host, fault int, restore bool) {
	i := d.host(h)
	c := &d.hosts[i]
	c.jumps = slices.DeleteFunc(c.jumps, func(j jump) bool { return j.fault == fault })
	if !restore {
		return
	}
	offset, free := time.Duration(0), false
	for _, j := range c.jumps {
		offset += j.offset
		free = free || !j.selfCorrect
	}
	c.free = free
	d.setOffset(now, i, offset, true)
}

// SetTime sets a host's clock from a domain controller, right or wrong (S1-12); with topology.None from its own time source
// (resync_time). The latches that the wrong clock left stay.
func (d *Directory) SetTime(now simtime.Time, h Host, from topology.DCID) {
	i := d.host(h)
	c := &d.hosts[i]
	src := c.source
	if from >= 0 {
		src = int32(len(d.servers)) + int32(from)
	}
	if src == i {
		return // a domain controller cannot set itself right
	}
	c.jumps, c.free = nil, false
	d.setOffset(now, i, d.offsetOf(src), true)
}

func (d *Directory) offsetOf(source int32) time.Duration {
	if source == trueTime {
		return 0
	}
	return d.hosts[source].offset
}

// setOffset changes a clock, and what the time services that see it will do.
func (d *Directory) setOffset(now simtime.Time, i int32, offset time.Duration, corrected bool) {
	c := &d.hosts[i]
	if c.offset != offset {
		if c.offset == 0 {
			d.off++
		} else if offset == 0 {
			d.off--
		}
		c.offset = offset
		c.steps = append(c.steps, ClockStep{now, offset, corrected})
		for k := range d.hosts {
			if d.hosts[k].source == i {
				d.planCheck(now, int32(k))
			}
		}
		d.retryPulls(now)
	}
	d.planCheck(now, i)
}

// planCheck computes when the time service of a host will next do something about its clock; between, polls change nothing.
//
// A clock that is off is seen at the next poll. Polls come after 1024 s, then after twice as long each time up to 32768 s (domain
// controllers: 64 s to 1024 s), counted from the start of the service or the last spike. An error of 5 s or more is watched for
// 900 s and then stepped; a smaller one is mended at the poll. During the watch the service polls at the shortest interval, and a
// clock that has come back ends the watch at such a poll.
//
// F1: so a clock that jumped comes right by itself after 15 minutes to 9 h 21 min 8 s.
func (d *Directory) planCheck(now simtime.Time, i int32) {
	d.agenda.cancel(clockCheck, i)
	c := &d.hosts[i]
	wrong := (c.offset - d.offsetOf(c.source)).Abs()
	var at simtime.Time
	switch {
	case d.ideal || c.free || (c.refuses > 0 && wrong > c.refuses):
		c.watch = false
		return
	case c.watch && wrong >= spike:
		at = c.seen.Add(spikeWatch)
	case c.watch:
		at = min(nextInstant(now, c.seen, c.min), c.seen.Add(spikeWatch))
	case wrong != 0:
		at = c.nextPoll(now)
	default:
		return
	}
	d.agenda.push(entry{at: max(at, now), kind: clockCheck, who: i})
}

// nextPoll is the first poll of the ladder that is not before now.
func (c *clock) nextPoll(now simtime.Time) simtime.Time {
	at, wait := c.since, c.min
	for {
		at = at.Add(wait)
		if at >= now {
			return at
		}
		if wait == c.max {
			return nextInstant(now, at, c.max)
		}
		wait = min(2*wait, c.max)
	}
}

// checkClock is what the time service does at an instant that planCheck computed.
func (d *Directory) checkClock(now simtime.Time, i int32) {
	c := &d.hosts[i]
	source := d.offsetOf(c.source)
	large := (c.offset - source).Abs() >= spike
	if large && !c.watch {
		c.watch, c.seen = true, now
		d.planCheck(now, i)
		return
	}
	if c.watch {
		c.watch, c.since = false, now
	}
	c.jumps = nil
	d.setOffset(now, i, source, true)
}
