package directory

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// DefaultInterval is how often domain controllers pull over a link that does not say (V3).
const DefaultInterval = 180 * time.Minute

const (
	notifyFirst    = 15 * time.Second // V2: to the first partner
	notifyNext     = 3 * time.Second  // V2: to each further partner
	transferInside = time.Second      // tau_intra
	transferLink   = 5 * time.Second  // tau_link
	insideInterval = 60 * time.Minute // schedule inside a site, for notifications that failed (decision)
)

// controller is what one domain controller holds.
type controller struct {
	held  []stamp // by attribute number; shorter = the rest is original
	known *state  // held, interned
	seq   int64   // number of the last thing it learned
	out   []int32 // partners that pull from it
}

func (c *controller) stamp(i int) stamp {
	if i < len(c.held) {
		return c.held[i]
	}
	return stamp{}
}

// merge takes what is newer of other and tells whether there was anything.
func (c *controller) merge(other []stamp) bool {
	changed := false
	for i, s := range other {
		if !s.newer(c.stamp(i)) {
			continue
		}
		for len(c.held) <= i {
			c.held = append(c.held, stamp{})
		}
		c.held[i], changed = s, true
	}
	return changed
}

// lacks tells whether other holds something newer.
func (c *controller) lacks(other []stamp) bool {
	for i, s := range other {
		if s.newer(c.stamp(i)) {
			return true
		}
	}
	return false
}

// partner is one direction of replication: dst pulls from src.
type partner struct {
	src, dst topology.DCID
	links    []topology.LinkID // between their sites; none inside a site
	notify   time.Duration     // inside a site: from learning to the notification
	due      simtime.Time      // of the pull that is planned; Never = none
	blocked  bool              // the last pull failed and nothing has changed since
}

// Override replaces the replication settings of a link for a while (fault repl_lag).
type Override struct {
	Interval time.Duration // 0 = keep the link's
	Phase    time.Duration // < 0 = keep the link's
}

// connect makes the replication partners: every domain controller of a site with every other (V2), and along the tree the first ones of
// the two sites, in both directions. Their schedules give the instants of FW-5, FW-6, FW-7 and FW-12.
func (d *Directory) connect() {
	if d.partners != nil || d.ideal || d.cfg.Instant {
		return
	}
	add := func(p partner) {
		p.due = simtime.Never
		d.controllers[p.src].out = append(d.controllers[p.src].out, int32(len(d.partners)))
		d.partners = append(d.partners, p)
	}
	for _, dcs := range d.bySite {
		for _, src := range dcs {
			after := notifyFirst
			for _, dst := range dcs {
				if dst != src {
					add(partner{src: src, dst: dst, notify: after})
					after += notifyNext
				}
			}
		}
	}
	for _, b := range d.network.tree() {
		x, y := d.bySite[b.a][0], d.bySite[b.b][0]
		add(partner{src: x, dst: y, links: b.links})
		add(partner{src: y, dst: x, links: b.links})
	}
}

// Edit writes a change at a domain controller; topology.None means the first one, or the ideal directory.
// V1: the domain controller holds the change at once.
func (d *Directory) Edit(now simtime.Time, dc topology.DCID, c topology.Change) {
	dc = max(dc, 0)
	d.connect()
	i := d.states.index(c.Attribute())
	held := make([]stamp, i+1)
	held[i] = stamp{version: d.controllers[dc].stamp(i).version + 1, at: now, dc: dc, value: c.Value}
	if !d.ideal {
		held[i].at = now.Add(d.offsetAt(now, d.host(Host{topology.None, dc})))
	}
	if d.cfg.Instant {
		for k := range d.controllers {
			d.learn(now, topology.DCID(k), held)
		}
		return
	}
	d.learn(now, dc, held)
}

// learn lets a domain controller hold what is new in stamps, tell its servers, and be pulled from.
func (d *Directory) learn(now simtime.Time, dc topology.DCID, stamps []stamp) {
	c := &d.controllers[dc]
	known := d.identities()
	if known {
		d.renewTickets(now) // by what was known
	}
	if !c.merge(stamps) {
		return
	}
	if known {
		d.networkChanged(now)
	}
	if st := d.states.state(c.held); st != c.known {
		c.known = st
		c.seq++
		delay := d.cfg.NotifyDelay
		if d.ideal || d.cfg.Instant {
			delay = 0
		}
		d.agenda.push(entry{at: now.Add(delay), kind: publish, who: int32(dc), state: st, seq: c.seq})
	}
	for _, i := range c.out {
		if p := &d.partners[i]; p.due == simtime.Never && !p.blocked && d.controllers[p.dst].lacks(c.held) {
			d.plan(i, d.whenLearned(now, p))
		}
	}
}

func (d *Directory) plan(i int32, at simtime.Time) {
	d.partners[i].due = at
	d.agenda.push(entry{at: at, kind: pull, who: i})
}

// whenLearned is when a partner pulls what its source learned now.
// V2: inside a site after a notification. The timer runs from the first change that the partner lacks; a later one joins it.
// V5: the same over a link with change notification.
func (d *Directory) whenLearned(now simtime.Time, p *partner) simtime.Time {
	if len(p.links) == 0 {
		return now.Add(p.notify)
	}
	if d.notifies(p) {
		return now.Add(notifyFirst)
	}
	return d.onSchedule(now, p)
}

// notifies tells whether every link on the way announces changes. A link whose settings are overridden goes by its schedule
// (decision).
func (d *Directory) notifies(p *partner) bool {
	for _, l := range p.links {
		if !d.org.Links[l].ChangeNotification || d.network.override[l] != nil {
			return false
		}
	}
	return true
}

// onSchedule is the first instant, from now on, of the partner's schedule.
// V3: instants congruent to the phase modulo the interval, counted from 00:00 UTC. Over several links (V4) the longest interval
// counts, with its phase (decision).
func (d *Directory) onSchedule(now simtime.Time, p *partner) simtime.Time {
	interval, phase := insideInterval, time.Duration(0)
	for i, l := range p.links {
		of, ph := d.settings(l)
		if i == 0 || of > interval {
			interval, phase = of, ph
		}
	}
	return nextInstant(now, d.midnight.Add(phase), interval)
}

// settings are the replication interval and phase of a link that hold now.
func (d *Directory) settings(l topology.LinkID) (interval, phase time.Duration) {
	link := &d.org.Links[l]
	interval, phase = link.ReplicationInterval, link.ReplicationPhase
	if o := d.network.override[l]; o != nil {
		if o.Interval > 0 {
			interval = o.Interval
		}
		if o.Phase >= 0 {
			phase = o.Phase
		}
	}
	if interval <= 0 {
		interval = DefaultInterval
	}
	return interval, phase
}

// nextInstant is the first instant not before now that is congruent to base modulo interval.
func nextInstant(now, base simtime.Time, interval time.Duration) simtime.Time {
	r := (now - base) % simtime.Time(interval)
	if r < 0 {
		r += simtime.Time(interval)
	}
	if r == 0 {
		return now
	}
	return now + simtime.Time(interval) - r
}

// pull carries out a planned pull. It brings everything that the source holds now (V3).
func (d *Directory) pull(now simtime.Time, i int32) {
	p := &d.partners[i]
	p.due = simtime.Never
	if !d.canPull(now, p.src, p.dst) {
		if s, t := d.host(Host{topology.None, p.src}), d.host(Host{topology.None, p.dst}); d.changing(s) || d.changing(t) {
			d.plan(i, d.onSchedule(now+1, p)) // the clocks change by themselves
			return
		}
		p.blocked = true // V7: again at the next instant of the schedule; until something changes each would fail
		return
	}
	tau := transferLink
	if len(p.links) == 0 {
		tau = transferInside
	}
	d.fetch(now.Add(tau), p.src, p.dst)
}

// fetch lets dst hold at the instant at what src holds now, unless it is nothing new.
func (d *Directory) fetch(at simtime.Time, src, dst topology.DCID) {
	if s := &d.controllers[src]; d.controllers[dst].lacks(s.held) {
		d.agenda.push(entry{at: at, kind: arrive, who: int32(dst), from: int32(src), stamps: slices.Clone(s.held)})
	}
}

// canPull tells whether replication between two domain controllers works.
// V7: not when their sites cannot talk, nor when their clocks differ by more than the tolerance, nor when a filter stops its ports (F6).
func (d *Directory) canPull(now simtime.Time, src, dst topology.DCID) bool {
	a, b := d.offsetAt(now, d.host(Host{topology.None, src})), d.offsetAt(now, d.host(Host{topology.None, dst}))
	return (a-b).Abs() <= d.cfg.MaxClockSkew && d.network.reachable(d.org.DCs[src].Site, d.org.DCs[dst].Site) &&
		d.passes(d.dcHost(dst), d.dcHost(src), RPC)
}

// changing tells whether a clock changes without anybody setting it.
func (d *Directory) changing(i int32) bool { return d.hosts[i].ppm != 0 || d.hosts[i].slew != 0 }

// retryPulls plans the pulls that failed anew, because something changed that may let them succeed.
func (d *Directory) retryPulls(now simtime.Time) {
	for i := range d.partners {
		if p := &d.partners[i]; p.blocked {
			p.blocked = false
			if d.controllers[p.dst].lacks(d.controllers[p.src].held) {
				d.plan(int32(i), d.onSchedule(now, p)) // V7
			}
		}
	}
}

// ReplicateNow forces one pull by dst from src; with src topology.None from every partner of dst. A pull that cannot work is lost.
// V6: it happens now and brings what the source holds; the link, the ports of replication and Kerberos must work.
func (d *Directory) ReplicateNow(now simtime.Time, dst, src topology.DCID) {
	d.connect()
	if d.ideal || d.cfg.Instant || dst < 0 || dst == src {
		return
	}
	if src >= 0 {
		d.agenda.push(entry{at: now, kind: pullNow, who: int32(dst), from: int32(src)})
		return
	}
	for i := range d.partners {
		if p := &d.partners[i]; p.dst == dst {
			d.agenda.push(entry{at: now, kind: pullNow, who: int32(dst), from: int32(p.src)})
		}
	}
}

func (d *Directory) pullNow(now simtime.Time, src, dst topology.DCID) {
	if !d.canPull(now, src, dst) || !d.passes(d.dcHost(dst), d.dcHost(src), KerberosPort) {
		return
	}
	tau := transferLink
	if d.org.DCs[src].Site == d.org.DCs[dst].Site {
		tau = transferInside
	}
	d.fetch(now.Add(tau), src, dst)
}

// SetReplication overrides the replication settings of a link from now on; nil restores its own. What is on its way goes by the
// new schedule.
// F3: replication lag.
func (d *Directory) SetReplication(now simtime.Time, link topology.LinkID, o *Override) {
	d.network.override[link] = o
	for i := range d.partners {
		if p := &d.partners[i]; p.due != simtime.Never && slices.Contains(p.links, link) {
			d.agenda.cancel(pull, int32(i))
			d.plan(int32(i), d.whenLearned(now, p))
		}
	}
}
