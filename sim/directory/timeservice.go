package directory

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

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
	unsyncedAfter = 49152 * time.Second  // without a usable sample
	holdSamples   = 5                    // without spike detection after the start of the service, or after being out of step

	dcUpdate     = time.Second // UpdateInterval: the pace of slewing
	memberUpdate = 300 * time.Second
	aloneUpdate  = 3600 * time.Second
	slewTaus     = 40 // after so many update intervals nothing is left of a slew: exp(-40) of 300 s is a fraction of a nanosecond

	// The largest error that is slewed; a larger one is stepped. Up to Windows Server 2012 R2 one figure each, from 2016 on in
	// proportion to the poll interval: half a tick of 15.6 ms in each 16 updates.
	memberSlews     = 234 * time.Second
	dcSlews         = 780 * time.Millisecond
	aloneSlews      = time.Second // MaxAllowedPhaseOffset of a stand-alone machine
	slewsMost       = 300 * time.Second
	slewsEachSecond = 78000 * 16 * 100 * time.Nanosecond // for each second of the poll interval
)

// trueTime is the source of a clock that follows the world's.
const trueTime = -1

// timeService is the Windows Time service of one host. Between two instants at which it does something it costs nothing.
type timeService struct {
	source  int32 // host that it follows, or trueTime
	free    bool  // no repair: a fault that the time service does not mend is in force
	min     time.Duration
	max     time.Duration
	refuses time.Duration // a larger error is not corrected; 0 = every error is
	update  time.Duration // pace of slewing
	slews   time.Duration // the largest error that is slewed; 0 = by the poll interval

	since simtime.Time // the poll ladder starts here
	watch bool         // a spike was seen
	seen  simtime.Time // ... at this poll
	hold  simtime.Time // no spike is watched at polls up to here
	cut   bool         // the source cannot be reached
	good  simtime.Time // ... since this poll, the last good one
}

// startClocks sets up who follows whom: members follow their domain controller, domain controllers the PDC emulator (the
// first one where none is named), that one the outside world. Edges stand alone. Servers of Exchange 2016 and later run on Windows
// Server 2016 or later, others on older ones; domain controllers are as old as the oldest server (decision).
func (d *Directory) startClocks() {
	d.hosts = make([]clock, len(d.servers)+len(d.org.DCs))
	d.pdc = int32(len(d.servers) + max(0, slices.IndexFunc(d.org.DCs, func(c topology.DC) bool { return c.PDCEmulator })))
	old := slices.ContainsFunc(d.org.Servers, func(s topology.Server) bool { return s.Version < topology.V2016 })
	for i := range d.hosts {
		s := timeService{source: trueTime, min: memberPollMin, max: memberPollMax, update: memberUpdate, hold: -1}
		switch {
		case i >= len(d.servers):
			s.min, s.max, s.refuses, s.update = dcPollMin, dcPollMax, dcRefuses, dcUpdate
			if old {
				s.slews = dcSlews
			}
			if int32(i) != d.pdc {
				s.source = d.pdc
			}
		case d.org.Servers[i].Is(topology.RoleEdge):
			s.refuses, s.update, s.slews = edgeRefuses, aloneUpdate, aloneSlews
		default:
			if d.org.Servers[i].Version < topology.V2016 {
				s.slews = memberSlews
			}
			if !d.ideal {
				s.source = int32(len(d.servers)) + int32(d.servers[i].dc)
			}
		}
		d.hosts[i].timeService = s
	}
}

// siteOf is the site of a host.
func (d *Directory) siteOf(i int32) topology.SiteID {
	if n := int32(len(d.servers)); i >= n {
		return d.org.DCs[i-n].Site
	}
	return d.org.Servers[i].Site
}

// sourceAt is the error of what a host takes for the time.
func (d *Directory) sourceAt(now simtime.Time, i int32) time.Duration {
	c := &d.hosts[i]
	o := c.sum(func(f clockFault) bool { return f.kind == misled })
	if c.source != trueTime {
		o += d.settled(now, c.source)
	}
	return o
}

// moving tells whether the error of a host against its source changes by itself.
func (d *Directory) moving(i int32) bool {
	for ; i != trueTime; i = d.hosts[i].source {
		if d.hosts[i].ppm != 0 {
			return true
		}
	}
	return false
}

// usable tells whether a host gets a sample from its source: it can reach it, and the source is in step itself. The PDC emulator
// answers whatever it has.
func (d *Directory) usable(now simtime.Time, i int32) bool {
	c := &d.hosts[i]
	return !d.asleep(i) && !c.cut && (c.source == trueTime || c.source == d.pdc || !d.unsynced(now, c.source))
}

// unsynced tells whether a host has had no usable sample for so long that it no longer counts as synchronised.
func (d *Directory) unsynced(now simtime.Time, i int32) bool {
	lost := d.lost(i)
	return lost != simtime.Never && now >= lost.Add(unsyncedAfter)
}

// lost is when a host had its last usable sample before its source failed; Never while it has not. A host behind one that is cut off
// loses its source when that one is out of step.
func (d *Directory) lost(i int32) simtime.Time {
	c := &d.hosts[i]
	switch {
	case c.cut:
		return c.good
	case c.source == trueTime, c.source == d.pdc:
		return simtime.Never
	}
	if lost := d.lost(c.source); lost != simtime.Never {
		return lost.Add(unsyncedAfter)
	}
	return simtime.Never
}

// Synchronised tells whether the time service of a host is in step with its source: it has had a usable sample in the last 49,152 s. What
// the source shows may be wrong.
func (d *Directory) Synchronised(now simtime.Time, h Host) bool { return !d.unsynced(now, d.host(h)) }

// asleep tells whether a host is a domain controller on which nothing runs.
func (d *Directory) asleep(i int32) bool {
	n := int32(len(d.servers))
	return i >= n && !d.ideal && !d.controllers[i-n].condition.Answers()
}

// cutOff tells whether a host cannot get the time from its source now: the network does not lead there, or one of them does not run.
func (d *Directory) cutOff(i int32) bool {
	source := d.hosts[i].source
	if source == trueTime {
		return d.shutOut(i)
	}
	return d.asleep(i) || d.asleep(source) || !d.hears(i, source)
}

// followTime lets the time service of a server follow the domain controller that the server has turned to.
func (d *Directory) followTime(now simtime.Time, s topology.ServerID) {
	c := &d.hosts[s]
	if c.source == trueTime {
		return
	}
	was, unsynced := c.cut, d.unsynced(now, int32(s))
	c.source = d.host(Host{topology.None, d.servers[s].dc})
	switch c.cut = d.cutOff(int32(s)); {
	case c.cut && !was:
		c.good = c.lastPoll(now)
	case !c.cut && unsynced:
		c.holdSpikes(now)
	}
	d.planCheck(now, int32(s))
	if c.cut != was {
		d.planStep(now)
	}
}

// networkChanged looks who has lost its time source, or found it again, and which domain controllers servers find.
//
// F1: a host that was out of step takes the first five samples as they come.
func (d *Directory) networkChanged(now simtime.Time) {
	if d.ideal {
		return
	}
	defer d.reviewServers(now)
	changed := false
	for k := range d.hosts {
		i, c := int32(k), &d.hosts[k]
		cut := d.cutOff(i)
		switch {
		case cut == c.cut:
			continue
		case cut:
			if !d.unsynced(now, i) {
				c.good = c.lastPoll(now)
			}
		case d.unsynced(now, i):
			c.holdSpikes(now)
		}
		c.cut = cut
		d.planSilence(now, i)
		d.planCheck(now, i)
		changed = true
	}
	if changed {
		d.planStep(now)
	}
}

// holdSpikes turns spike detection off for the next samples.
func (s *timeService) holdSpikes(now simtime.Time) {
	s.watch = false
	s.hold = now - 1
	for range holdSamples {
		s.hold, _ = s.nextPoll(s.hold + 1)
	}
}

// restartTime starts the time service of a host anew, with its operating system: the ladder of polls begins again.
func (d *Directory) restartTime(now simtime.Time, i int32) {
	c := &d.hosts[i]
	c.since = now
	c.holdSpikes(now)
	d.planSilence(now+1, i)
	d.planCheck(now+1, i)
}

// planCheck computes when, from an instant on, the time service of a host will next do something about its clock; between, polls
// change nothing.
//
// A clock that is off is seen at the next poll. Polls come after 1024 s, then after twice as long each time up to 32768 s (domain
// controllers: 64 s to 1024 s), counted from the start of the service or the last spike. An error of 5 s or more is watched for
// 900 s and then corrected; a smaller one is at the poll. During the watch the service polls at the shortest interval, and a
// clock that has come back ends the watch at such a poll.
//
// F1: so a clock that jumped comes right by itself after 15 minutes to 9 h 21 min 8 s.
func (d *Directory) planCheck(from simtime.Time, i int32) {
	d.agenda.cancel(clockCheck, i)
	c := &d.hosts[i]
	if d.ideal || c.free {
		c.watch = false
		return
	}
	wrong, moving := (d.settled(from, i) - d.sourceAt(from, i)).Abs(), d.moving(i)
	var at simtime.Time
	switch {
	case c.refuses > 0 && wrong > c.refuses && !moving:
		c.watch = false
		return
	case c.watch && wrong >= spike && !moving:
		at = c.seen.Add(spikeWatch)
	case c.watch:
		at = min(nextInstant(from, c.seen, c.min), c.seen.Add(spikeWatch))
	case wrong != 0 || moving:
		at, _ = c.nextPoll(from)
	default:
		return
	}
	d.agenda.push(entry{at: max(at, from), kind: clockCheck, who: i})
}

// nextPoll is the first poll of the ladder that is not before an instant, and the wait before it.
func (s *timeService) nextPoll(now simtime.Time) (at simtime.Time, wait time.Duration) {
	at, wait = s.since, s.min
	for {
		at = at.Add(wait)
		if at >= now {
			return at, wait
		}
		if wait == s.max {
			return nextInstant(now, at, s.max), wait
		}
		wait = min(2*wait, s.max)
	}
}

// lastPoll is the last poll of the ladder that is not after an instant; its beginning where there was none.
func (s *timeService) lastPoll(now simtime.Time) simtime.Time {
	at, wait := s.nextPoll(now)
	if at == now {
		return at
	}
	if at.Add(-wait) < s.since {
		return s.since
	}
	return at.Add(-wait)
}

// checkClock is what the time service does at an instant that planCheck computed.
func (d *Directory) checkClock(now simtime.Time, i int32) {
	c := &d.hosts[i]
	source := d.sourceAt(now, i)
	wrong := (d.settled(now, i) - source).Abs()
	large := wrong >= spike && now > c.hold
	switch {
	case !d.usable(now, i):
		c.watch = false
		if d.unsynced(now, i) {
			c.holdSpikes(now + 1)
		}
	case c.refuses > 0 && wrong > c.refuses:
		c.watch = false
	case large && !c.watch:
		c.watch, c.seen = true, now
	case large && now < c.seen.Add(spikeWatch): // still watching
	default:
		_, poll := c.nextPoll(now)
		if c.watch {
			c.watch, c.since, poll = false, now, c.min
		}
		c.corrected()
		d.correct(now, i, source, wrong, poll)
	}
	d.planCheck(now+1, i)
}

// correct brings a clock to what its source shows: at once, or by and by.
//
// F1: what can break authentication is stepped, never slewed.
func (d *Directory) correct(now simtime.Time, i int32, source, wrong, poll time.Duration) {
	c := &d.hosts[i]
	limit := c.slews
	if limit == 0 {
		limit = min(slewsEachSecond*(poll/time.Second), slewsMost)
	}
	slew := time.Duration(0)
	if wrong <= limit {
		slew = d.offsetAt(now, i) - source
	}
	d.setClock(now, i, source, slew, true)
}

// endSlew is when nothing is left of a slew.
func (d *Directory) endSlew(i int32) {
	c := &d.hosts[i]
	if c.wrong() {
		d.off--
	}
	c.slew = 0
	if c.wrong() {
		d.off++
	}
}
