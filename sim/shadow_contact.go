package sim

import (
	"mailsim/sim/internal/calendar"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// wakeHolding has a holder look at the copies of one primary at the next instant at which something is due.
func (r *run) wakeHolding(i int32) {
	x := &r.shadows.holdings[i]
	// What came to its end while the holder was down is dropped when it is back.
	if t := max(x.queue.Deadline(), r.now); t < x.wakeAt && t <= r.end {
		x.wakeAt = t
		r.at(t, transport.PhaseTimers, x.holder, evShadow, r.serial(), uint32(i))
	}
}

// shadowEvent is a heartbeat with something to learn, or the end of the wait for one.
func (r *run) shadowEvent(ev calendar.Event) {
	i := int32(keyID(ev.Key))
	x := &r.shadows.holdings[i]
	if x.wakeAt != ev.At {
		return
	}
	x.wakeAt = simtime.Never
	if x.asleep {
		return // Restart sees to it
	}
	r.mindHolder(x)
	if x.queue.Deadline() <= r.now {
		x.queue.Fire(r.now)
		r.afterContact(i)
	}
	r.wakeHolding(i)
}

// mindHolder tells what a holder has whether back pressure keeps it from sending copies now: that may begin without an event.
func (r *run) mindHolder(x *holding) {
	x.queue.Pause(r.now, r.refuses(&r.hosts[x.holder], transport.PauseResubmission))
}

// resumeCopies lets a holder send copies that back pressure kept with it.
func (r *run) resumeCopies(holder int32) {
	if r.shadows == nil {
		return
	}
	for i := range r.shadows.holdings {
		if x := &r.shadows.holdings[i]; x.holder == holder && !x.asleep {
			r.mindHolder(x)
			r.wakeHolding(int32(i))
		}
	}
}

// contact is a session that a holder has opened to a primary: as good as a heartbeat.
func (r *run) contact(primary, holder int32) {
	for _, i := range r.shadows.servers[primary].holders {
		if x := &r.shadows.holdings[i]; x.holder == holder {
			r.mindHolder(x)
			x.queue.Session(r.now)
			r.afterContact(i)
			r.wakeHolding(i)
		}
	}
}

// afterContact does what a holder's queue says: it sends copies in place of their primary, and drops others. A copy that it sends goes through its
// categoriser like mail from another server, and has no shadow copy of its own.
func (r *run) afterContact(i int32) {
	w := r.shadows
	q, holder := w.holdings[i].queue, w.holdings[i].holder
	w.sent = w.sent[:0]
	for id := q.TakeResubmitted(); id != 0; id = q.TakeResubmitted() {
		w.sent = append(w.sent, transport.ShadowCopyID(id))
	}
	for id := q.TakeDiscarded(); id != 0; id = q.TakeDiscarded() {
		if r.nets != nil {
			r.copyToNet(holder, &w.copies[id])
		}
		r.settleShadow(transport.ShadowCopyID(id), shadowGone)
	}
	for id := q.TakeExpired(r.now); id != 0; id = q.TakeExpired(r.now) {
		r.settleShadow(transport.ShadowCopyID(id), shadowGone)
	}
	if len(w.sent) == 0 {
		return
	}
	r.rec.tookOver(r, holder, w.holdings[i].primary, len(w.sent))
	for _, id := range w.sent {
		x := &w.copies[id]
		r.store.Ref(x.hot.Set)
		m := r.store.New(x.hot, x.cold)
		r.rec.resubmitted(r, m)
		r.settleShadow(id, shadowSent)
		r.step(holder, transport.Input{Kind: transport.Offered, Msg: m})
	}
}

// shadowContacts tells every holder what has become of its primaries after faults and remedies of this instant. A heartbeat needs a network
// and a service that listens; authentication is taken to succeed.
func (r *run) shadowContacts() {
	w := r.shadows
	if w == nil {
		return
	}
	for i := range w.holdings {
		x := &w.holdings[i]
		h, p := &r.hosts[x.holder], &r.hosts[x.primary]
		database := w.servers[x.primary].database
		up := !h.down && r.answers(h, p)
		if h.down {
			x.asleep = true
		} else if x.asleep {
			x.asleep = false
			x.queue.Restart(r.now)
		}
		switch {
		case x.up && !up:
			x.queue.Cut(r.now)
		case up && (!x.up || x.database != database):
			x.queue.Mended(r.now, database)
			x.database = database
		}
		x.up = up
		if !x.asleep {
			r.mindHolder(x)
			r.wakeHolding(int32(i))
		}
	}
}

// answers tells whether a server of the organisation takes a session of another.
func (r *run) answers(h, p *host) bool {
	_, _, ok := r.reach(h, p, route.TargetServer)
	return ok
}
