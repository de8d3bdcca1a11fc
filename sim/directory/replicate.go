package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// DefaultInterval is how often domain controllers pull over a link that does not say (V3).
const DefaultInterval = 180 * time.Minute

const (
	usualFirst     = 15 * time.Second // V2: to the first partner
	usualNext      = 3 * time.Second  // V2: to each further partner
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

	condition Condition
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

	first     [2]topology.DCID // src and dst of the tree, before another bridgehead took over
	broken    simtime.Time     // since when pulls cannot work; Never = they can
	parted    bool             // after too long a break: no pulls until an operator has cleaned up (V8)
	untrusted bool             // sessions from the sites of dst to those of src fail until a pull works (F3)
}

// Override replaces the replication settings of a link for a while (fault repl_lag).
type Override struct {
	Interval time.Duration     // 0 = keep the link's
	Phase    time.Duration     // < 0 = keep the link's
	Windows  []topology.Window // empty = keep the link's
}

// connect makes the replication partners: every domain controller of a site with every other (V2), and along the tree the first ones of
// the two sites, in both directions. Their schedules give the instants of FW-5, FW-6, FW-7 and FW-12.
//
// It does so once, at the first edit or the first thing that may keep pulls from working, whichever is first: a break counts from its
// beginning, though nothing waits to be pulled (V7, V8).
func (d *Directory) connect(now simtime.Time) {
	if d.partners != nil || d.ideal || d.cfg.Instant {
		return
	}
	add := func(p partner) {
		p.due, p.broken, p.first = simtime.Never, simtime.Never, [2]topology.DCID{p.src, p.dst}
		d.controllers[p.src].out = append(d.controllers[p.src].out, int32(len(d.partners)))
		d.partners = append(d.partners, p)
	}
	for _, dcs := range d.bySite {
		for _, src := range dcs {
			after := d.notifyFirst()
			for _, dst := range dcs {
				if dst != src {
					add(partner{src: src, dst: dst, notify: after})
					after += cmp.Or(d.cfg.NotifyNext, usualNext)
				}
			}
		}
	}
	for _, b := range d.network.tree() {
		x, y := d.bySite[b.a][0], d.bySite[b.b][0]
		add(partner{src: x, dst: y, links: b.links})
		add(partner{src: y, dst: x, links: b.links})
	}
	d.review(now)
}

func (d *Directory) notifyFirst() time.Duration { return cmp.Or(d.cfg.NotifyFirst, usualFirst) }

// Edit writes a change at a domain controller; topology.None means the first one, or the ideal directory.
// V1: the domain controller holds the change at once.
func (d *Directory) Edit(now simtime.Time, dc topology.DCID, c topology.Change) {
	d.write(now, dc, c, d.cfg.Instant)
}

// Announce makes a change known everywhere at once, without replication: what the servers of a group tell each other themselves. Views
// follow as after any change.
func (d *Directory) Announce(now simtime.Time, c topology.Change) { d.write(now, 0, c, true) }

func (d *Directory) write(now simtime.Time, dc topology.DCID, c topology.Change, everywhere bool) {
	dc = max(dc, 0)
	d.connect(now)
	i := d.states.index(c.Attribute())
	held := make([]stamp, i+1)
	held[i] = stamp{version: d.controllers[dc].stamp(i).version + 1, at: now, dc: dc, value: c.Value}
	if !d.ideal {
		held[i].at = now.Add(d.offsetAt(now, d.host(Host{topology.None, dc})))
	}
	if everywhere {
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
		st.held = true
		c.seq++
		delay := d.cfg.NotifyDelay
		if d.ideal || d.cfg.Instant {
			delay = 0
		}
		d.agenda.push(entry{at: now.Add(delay), kind: publish, who: int32(dc), state: st, seq: c.seq})
		d.remind(now, dc)
	}
	for _, i := range c.out {
		if p := &d.partners[i]; p.due == simtime.Never && !p.blocked && !p.parted && d.controllers[p.dst].lacks(c.held) {
			d.plan(i, d.whenLearned(now, p))
		}
	}
}

func (d *Directory) plan(i int32, at simtime.Time) {
	d.partners[i].due = at
	if at == simtime.Never {
		return // never open
	}
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
		return now.Add(d.notifyFirst())
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

// pull carries out a planned pull. It brings everything that the source holds now (V3).
func (d *Directory) pull(now simtime.Time, i int32) {
	p := &d.partners[i]
	p.due = simtime.Never
	if !d.works(now, p) {
		if p.broken == simtime.Never { // a clock that drifts has left the tolerance
			d.breaks(now, i)
			d.planReroute(now, i)
		}
		if s, t := d.host(Host{topology.None, p.src}), d.host(Host{topology.None, p.dst}); d.changing(s) || d.changing(t) {
			d.plan(i, d.onSchedule(now+1, p)) // the clocks change by themselves
			return
		}
		p.blocked = true // V7: again at the next instant of the schedule; until something changes each would fail
		return
	}
	d.heals(i)
	at := now.Add(d.transfer(p.src, p.dst))
	if p.untrusted {
		d.agenda.push(entry{at: at, kind: caughtUp, who: i})
	}
	d.fetch(at, p.src, p.dst)
}

// transfer is how long a pull takes.
func (d *Directory) transfer(src, dst topology.DCID) time.Duration {
	if d.org.DCs[src].Site == d.org.DCs[dst].Site {
		return transferInside
	}
	return transferLink
}

// fetch lets dst hold at the instant at what src holds now, unless it is nothing new.
func (d *Directory) fetch(at simtime.Time, src, dst topology.DCID) {
	if s := &d.controllers[src]; d.controllers[dst].lacks(s.held) {
		d.agenda.push(entry{at: at, kind: arrive, who: int32(dst), from: int32(src), stamps: slices.Clone(s.held)})
	}
}

// arrived lets a domain controller hold what was pulled. One that has stopped meanwhile, or whose source has, gets nothing.
func (d *Directory) arrived(e entry) {
	src, dst := topology.DCID(e.from), topology.DCID(e.who)
	if !d.controllers[src].condition.Answers() || !d.controllers[dst].condition.Answers() {
		for i := range d.partners {
			if p := &d.partners[i]; p.src == src && p.dst == dst && p.due == simtime.Never {
				p.blocked = true
			}
		}
		return
	}
	d.learn(e.at, dst, e.stamps)
}

// canPull tells whether two domain controllers can replicate but for failures of replication itself.
// V7: not when one of them does not answer, their sites cannot talk, their clocks differ by more than the tolerance, or a filter stops
// its ports (F6).
func (d *Directory) canPull(now simtime.Time, src, dst topology.DCID) bool {
	a, b := d.offsetAt(now, d.host(Host{topology.None, src})), d.offsetAt(now, d.host(Host{topology.None, dst}))
	return (a-b).Abs() <= d.cfg.MaxClockSkew && d.network.reachable(d.org.DCs[src].Site, d.org.DCs[dst].Site) &&
		d.controllers[src].condition.Answers() && d.controllers[dst].condition.Answers() && d.passes(d.dcHost(dst), d.dcHost(src), RPC)
}

// changing tells whether a clock changes without anybody setting it.
func (d *Directory) changing(i int32) bool { return d.hosts[i].ppm != 0 || d.hosts[i].slew != 0 }

// ReplicateNow forces one pull by dst from src; with src topology.None from every partner of dst. A pull that cannot work is lost.
// V6: it happens now and brings what the source holds; the link, the ports of replication and Kerberos must work.
func (d *Directory) ReplicateNow(now simtime.Time, dst, src topology.DCID) {
	d.connect(now)
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
	if !d.passes(d.dcHost(dst), d.dcHost(src), KerberosPort) {
		return
	}
	i := slices.IndexFunc(d.partners, func(p partner) bool { return p.src == src && p.dst == dst })
	if i < 0 {
		if !d.canPull(now, src, dst) || d.failed(src, dst, nil) {
			return
		}
	} else if p := &d.partners[i]; !d.works(now, p) {
		return
	} else if p.untrusted {
		d.agenda.push(entry{at: now.Add(d.transfer(src, dst)), kind: caughtUp, who: int32(i)})
	}
	d.fetch(now.Add(d.transfer(src, dst)), src, dst)
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
