package directory

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

const (
	patience       = 2 * time.Hour    // V7: from the first pull that failed until another bridgehead is thought of
	consistency    = 15 * time.Minute // V7: how often that is looked at, counted from 00:00 UTC
	usualTombstone = 180 * 24 * time.Hour
	cleaning       = 4 * time.Hour  // V8: what an operator takes
	latency        = 24 * time.Hour // F3: without success for so long domain controllers complain
)

// failure is a fault of replication itself in force.
type failure struct {
	fault int
	links []topology.LinkID
	dcs   []topology.DCID
	blind []topology.DCID // that find no partner: their own pulls fail
}

// FailReplication lets replication fail over links, or from and to domain controllers, or, given both, over the links where one of the domain controllers is
// a bridgehead, until MendReplication with the same fault. With
// breaksAuth sessions between hubs of the sites on both sides fail at once, without a latch, and work again when a pull between
// them has.
//
// F3: the mail inside the sites, and between sites whose views agree, goes on.
//
// FD-3: it breaks authentication by itself when it is asked for; as a consequence of something else replication breaks it only through
// what a domain controller does not know (F5).
func (d *Directory) FailReplication(now simtime.Time, fault int, links []topology.LinkID, dcs []topology.DCID, breaksAuth bool) {
	d.connect(now)
	f := failure{fault: fault, links: links, dcs: dcs}
	d.failures = append(d.failures, f)
	for i := range d.partners {
		if p := &d.partners[i]; breaksAuth && len(p.links) > 0 && !p.untrusted && f.hits(p.src, p.dst, p.links) {
			p.untrusted = true
			d.untrusted++
		}
	}
	d.review(now)
}

// lookups is the number, among those of faults, of what keeps domain controllers from finding names.
const lookups = -1

// FailLookups says which domain controllers cannot find others by name, in place of those before; none = all can. What they would pull fails, what is pulled
// from them does not.
//
// V7: a pull needs the name of its source.
func (d *Directory) FailLookups(now simtime.Time, dcs []topology.DCID) {
	was := slices.IndexFunc(d.failures, func(f failure) bool { return f.fault == lookups })
	if slices.ContainsFunc(dcs, func(x topology.DCID) bool { return was < 0 || !slices.Contains(d.failures[was].blind, x) }) {
		d.connect(now)
	}
	d.failures = slices.DeleteFunc(d.failures, func(f failure) bool { return f.fault == lookups })
	if len(dcs) > 0 {
		d.failures = append(d.failures, failure{fault: lookups, blind: dcs})
	}
	d.review(now)
}

// MendReplication ends what FailReplication began.
func (d *Directory) MendReplication(now simtime.Time, fault int) {
	d.failures = slices.DeleteFunc(d.failures, func(f failure) bool { return f.fault == fault })
	d.review(now)
}

// hits tells whether a failure stops the pulls of dst from src.
func (f *failure) hits(src, dst topology.DCID, links []topology.LinkID) bool {
	if f.blind != nil {
		return slices.Contains(f.blind, dst)
	}
	by := slices.Contains(f.dcs, src) || slices.Contains(f.dcs, dst)
	over := slices.ContainsFunc(f.links, func(l topology.LinkID) bool { return slices.Contains(links, l) })
	return (by || len(f.dcs) == 0) && (over || len(f.links) == 0)
}

func (d *Directory) failed(src, dst topology.DCID, links []topology.LinkID) bool {
	return slices.ContainsFunc(d.failures, func(f failure) bool { return f.hits(src, dst, links) })
}

// works tells whether a pull would succeed.
func (d *Directory) works(now simtime.Time, p *partner) bool {
	return !p.parted && d.worksFor(now, p, p.src, p.dst)
}

// worksFor tells whether two domain controllers could be the bridgeheads of a partner.
func (d *Directory) worksFor(now simtime.Time, p *partner, src, dst topology.DCID) bool {
	return d.canPull(now, src, dst) && !d.failed(src, dst, p.links)
}

// review looks which pulls can work, because something has changed on which they depend. Those that were held up are planned anew, for
// the next instant of their schedule (V7); the bridgeheads of the tree take over again when they can.
func (d *Directory) review(now simtime.Time) {
	for i := range d.partners {
		p := &d.partners[i]
		again := p.blocked || p.untrusted
		if (p.src != p.first[0] || p.dst != p.first[1]) && d.worksFor(now, p, p.first[0], p.first[1]) {
			d.move(int32(i), p.first[0], p.first[1])
			again = true
		}
		d.agenda.cancel(reroute, int32(i))
		switch works := d.worksFor(now, p, p.src, p.dst); {
		case !works:
			d.breaks(now, int32(i))
			d.agenda.cancel(cleaned, int32(i))
			d.planReroute(now, int32(i))
		case p.parted || p.broken != simtime.Never && now.Sub(p.broken) > d.tombstone():
			d.part(now, int32(i))
		default:
			d.heals(int32(i))
		}
		p.blocked = false
		if again {
			d.resume(now, int32(i))
		}
	}
}

func (d *Directory) tombstone() time.Duration {
	if d.cfg.Tombstone > 0 {
		return d.cfg.Tombstone
	}
	return usualTombstone
}

// breaks notes that the pulls of a partner cannot work from now on.
func (d *Directory) breaks(now simtime.Time, i int32) {
	if p := &d.partners[i]; p.broken == simtime.Never {
		p.broken = now
		d.agenda.push(entry{at: now.Add(latency), kind: overdue, who: i})
	}
}

// heals notes that they can, or that nobody waits for them any more.
func (d *Directory) heals(i int32) {
	if p := &d.partners[i]; p.broken != simtime.Never {
		p.broken = simtime.Never
		d.agenda.cancel(overdue, i)
	}
}

// overdue lets a domain controller complain, once a day, that it has had nothing from a partner for so long, counted from what caused it
// (decision).
//
// F3: nothing of it shows at mail servers.
func (d *Directory) overdue(now simtime.Time, i int32) {
	p := &d.partners[i]
	d.agenda.push(entry{at: now.Add(latency), kind: overdue, who: i})
	if d.controllers[p.dst].condition.Answers() {
		d.note(Note{At: now, Kind: Overdue, Host: Host{Server: topology.None, DC: p.dst}, About: topology.None, DC: p.src})
	}
}

// resume plans the next pull of a partner that has a reason for one and none planned.
func (d *Directory) resume(now simtime.Time, i int32) {
	p := &d.partners[i]
	if p.due == simtime.Never && !p.parted && (p.untrusted || d.controllers[p.dst].lacks(d.controllers[p.src].held)) {
		d.plan(i, d.onSchedule(now, p))
	}
}

// part keeps two domain controllers that were out of touch for too long from replicating until an operator has cleaned up, which begins
// when they could (decision).
//
// V8: what one of them has deleted meanwhile the other would bring back.
func (d *Directory) part(now simtime.Time, i int32) {
	p := &d.partners[i]
	if !p.parted {
		d.note(Note{At: now, Kind: Parted, Host: Host{Server: topology.None, DC: p.dst}, About: topology.None, DC: p.src})
	}
	d.heals(i)
	p.parted, p.due = true, simtime.Never
	d.agenda.cancel(pull, i)
	d.agenda.cancel(cleaned, i)
	d.agenda.push(entry{at: now.Add(cleaning), kind: cleaned, who: i})
}

// cleanUp is when an operator has cleaned up.
func (d *Directory) cleanUp(now simtime.Time, i int32) {
	d.partners[i].parted = false
	d.resume(now, i)
}

// catchUp is when a pull is through after a failure that broke authentication.
func (d *Directory) catchUp(i int32) {
	if p := &d.partners[i]; p.untrusted {
		p.untrusted = false
		d.untrusted--
	}
}

// estranged tells whether sessions between two hubs fail because their sites do not replicate (F3).
func (d *Directory) estranged(from, to topology.ServerID) bool {
	if d.untrusted == 0 {
		return false
	}
	a, b := d.org.DCs[d.servers[from].dc].Site, d.org.DCs[d.servers[to].dc].Site
	return slices.ContainsFunc(d.partners, func(p partner) bool {
		return p.untrusted && d.org.DCs[p.dst].Site == a && d.org.DCs[p.src].Site == b
	})
}

// planReroute plans when another bridgehead will take over from one that fails.
//
// V7: two hours after the first pull that failed, at the next look, where there is another one that would work.
func (d *Directory) planReroute(now simtime.Time, i int32) {
	p := &d.partners[i]
	if len(p.links) == 0 {
		return
	}
	if _, _, ok := d.stand(now, p); !ok {
		return
	}
	failed := d.onSchedule(p.broken, p)
	if failed == simtime.Never {
		return
	}
	d.agenda.push(entry{at: nextInstant(max(now, failed.Add(patience)), d.midnight, consistency), kind: reroute, who: i})
}

// stand finds bridgeheads of the two sites of a partner that could replicate, in order of declaration.
func (d *Directory) stand(now simtime.Time, p *partner) (src, dst topology.DCID, ok bool) {
	for _, src := range d.bySite[d.org.DCs[p.src].Site] {
		for _, dst := range d.bySite[d.org.DCs[p.dst].Site] {
			if d.worksFor(now, p, src, dst) {
				return src, dst, true
			}
		}
	}
	return 0, 0, false
}

// reroute lets another bridgehead take over.
func (d *Directory) reroute(now simtime.Time, i int32) {
	p := &d.partners[i]
	src, dst, ok := d.stand(now, p)
	if p.broken == simtime.Never || !ok {
		return
	}
	d.move(i, src, dst)
	d.heals(i)
	p.blocked = false
	d.resume(now, i)
}

// move gives a partner other bridgeheads. A pull that is planned goes by them.
func (d *Directory) move(i int32, src, dst topology.DCID) {
	p := &d.partners[i]
	old, next := &d.controllers[p.src], &d.controllers[src]
	old.out = slices.DeleteFunc(old.out, func(k int32) bool { return k == i })
	p.src, p.dst = src, dst
	at, _ := slices.BinarySearch(next.out, i)
	next.out = slices.Insert(next.out, at, i)
}
