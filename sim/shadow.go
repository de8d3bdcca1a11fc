package sim

import (
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// shadows are the copies that servers keep of each other's mail. The server that is to pass a message on is its primary,
// the one with the copy its holder. What making the copies costs is in shadowing.go, when holders ask
// after them in shadow_contact.go; here is what becomes of them.
//
// A copy that nobody can come to need is not kept, only paid for: those of primaries that no fault and no action of the run touches, and all
// that are made after the last of them begins (or ends, where it lets a server go on). So memory and time go with what can happen, not with the mail.
//
// A shadow copy is not counted as mail: its recipients are with the primary. When the primary's queue database is destroyed they wait with
// the holder, and are still held. When the holder sends the copy, its recipients begin anew; what the primary had not passed on is
// counted off against them, and the rest are duplicates that the take-over made.
type shadows struct {
	servers  []shadowServer // by server
	holdings []holding
	copies   []shadowCopy // by transport.ShadowCopyID, from 1
	free     transport.ShadowCopyID
	until    simtime.Time             // mail that comes later meets no fault any more
	keeping  bool                     // the copies of some server are kept, as it may be lost
	all      bool                     // all copies are kept: somebody looks at them, or at what they take of a drive
	sent     []transport.ShadowCopyID // scratch
}

// shadowServer is a server as a primary.
type shadowServer struct {
	prof     *transport.ShadowProfile
	may      transport.ShadowServers // who can hold its copies, from 2013 on
	turn     uint32                  // messages so far
	database uint64                  // counts the queue databases that it has had
	kept     bool                    // its copies are kept, not only paid for
	alone    bool                    // the last message found no holder
	holders  []int32                 // its holdings
	holds    int64                   // as a holder: bytes of the copies that it has
}

// holding is what one server keeps of another's mail.
type holding struct {
	primary, holder int32
	queue           *transport.ShadowQueue
	up              bool   // the primary answers
	asleep          bool   // the holder is down
	database        uint64 // that the holder knows of
	wakeAt          simtime.Time
	gone            int64 // copies that it has no longer
}

// shadowCopy is one message as its primary took it.
type shadowCopy struct {
	hot       transport.Copy
	cold      transport.Tail
	holding   int32
	state     shadowState
	id        transport.ShadowID
	passed    simtime.Time // when the primary had passed it on
	destroyed int64        // recipients that the primary held and lost: the copy alone has them
	sender    int32        // shadowAwaited: who waits
	conn      transport.ConnID
	next      transport.ShadowCopyID
}

type shadowState uint8

const (
	shadowHeld    shadowState = iota
	shadowSent                // the holder has sent it in place of the primary
	shadowGone                // dropped, or lost with its holder
	shadowAwaited             // no copy: the sender has the message itself and waits for the reply (delayedack.go)
)

// openShadows makes what a run keeps of shadow redundancy; nothing where no server has it.
func (r *run) openShadows() {
	if !shadowed(r.cfg.Servers) {
		return
	}
	w := &shadows{servers: make([]shadowServer, len(r.hosts)), copies: make([]shadowCopy, 1), all: r.nets != nil || len(r.cfg.Snapshots) > 0}
	r.shadows = w
	for i := range w.servers {
		s := &w.servers[i]
		s.prof = &r.cfg.Servers[i].Shadow
		if s.prof.Mode == transport.BeforeReply {
			s.may = transport.ShadowServersOf(r.org, topology.ServerID(i))
		}
	}
	touch := func(hosts []fault.Host, at simtime.Time) {
		w.until = max(w.until, at)
		for _, h := range hosts {
			if h.Server != topology.None {
				w.servers[h.Server].kept, w.keeping = true, true
			}
		}
	}
	faults := r.fault.Faults()
	for i := range faults {
		f := &faults[i]
		switch {
		case f.Probability == 0, f.Kind == fault.ClockSkew && len(f.Remedies) == 0, f.Kind == fault.ReplLag:
		case f.Kind == fault.HostDown:
			touch(f.Hosts, f.Start)
		case len(f.Hosts) > 0: // a server that sends and does not listen: its later mail is concerned, too
			touch(f.Hosts, f.End)
		default: // a network that is cut for long cuts off primaries that live
			w.until = max(w.until, f.Start)
			for k := range w.servers {
				w.servers[k].kept, w.keeping = true, true
			}
		}
		for k := range f.Remedies {
			touch(f.Remedies[k].Hosts, f.Remedies[k].At.Add(f.Remedies[k].Duration))
		}
	}
	actions := r.fault.Actions()
	for i := range actions {
		if a := &actions[i]; a.Probability > 0 && mayStop(a.Kind) {
			touch(a.Hosts, a.At.Add(a.Duration))
		}
	}
}

// mayStop tells whether an action can stop a server. What it does not know may.
func mayStop(kind fault.ActionKind) bool {
	switch kind {
	case fault.SetTime, fault.ResyncTime, fault.ReplicateNow, fault.SetConnector, fault.SetLinkCost, fault.SetHubSite, fault.SetSmartHosts,
		fault.RetryQueue, fault.ResubmitQueue, fault.SuspendQueue, fault.ResumeQueue, fault.MoveMailbox, fault.ActivateCopy:
		return false
	}
	return true
}

// repeats says how a mailbox may be sent a new message twice. A take-over may send mailboxes what they have: what a primary has
// passed on before its holder learned it, and what it passes on when it is back. Which messages these are shows later than their first
// delivery, so all are meant that come before the last fault.
func (r *run) repeats(m *load.Message) transport.Repeats {
	var how transport.Repeats
	if m.Identity.ID != 0 {
		how = transport.BySenders
	}
	if w := r.shadows; w != nil && w.keeping && r.now <= w.until {
		how |= transport.ByTransport
	}
	if w := r.nets; w != nil && len(w.windows) > 0 && r.now <= w.until {
		for _, to := range m.Recipients {
			if r.meant(r.book.Destination(to.Dest)) {
				how |= transport.ByTransport
			}
		}
	}
	return how
}

func shadowed(servers []Server) bool {
	for i := range servers {
		if servers[i].Shadow.Mode != transport.NoShadow {
			return true
		}
	}
	return false
}

// keepShadow keeps a copy of a message that a primary is about to take.
func (r *run) keepShadow(primary, holder int32, m transport.MsgID) {
	w := r.shadows
	if (!w.servers[primary].kept || r.now > w.until) && !w.all {
		return
	}
	i := r.holdingOf(primary, holder)
	id := r.newShadow()
	r.store.Shadow(m, id)
	r.store.Ref(r.store.Hot[m].Set)
	x := &w.copies[id]
	*x = shadowCopy{hot: r.store.Hot[m], cold: r.store.Cold[m], holding: i}
	x.id = w.holdings[i].queue.Hold(r.now, transport.MsgID(id))
	r.holdMore(holder, int64(x.hot.Size))
	r.wakeHolding(i)
}

// newShadow takes a number that is free.
func (r *run) newShadow() transport.ShadowCopyID {
	w := r.shadows
	id := w.free
	if id != 0 {
		w.free = w.copies[id].next
	} else {
		w.copies = append(w.copies, shadowCopy{})
		id = transport.ShadowCopyID(len(w.copies) - 1)
	}
	return id
}

// holdMore counts the bytes of the copies that a holder has.
func (r *run) holdMore(holder int32, bytes int64) {
	r.shadows.servers[holder].holds += bytes
	if r.nets != nil {
		r.netMoved(holder)
	}
}

// holdingOf finds what a holder keeps of a primary's mail, made on demand.
func (r *run) holdingOf(primary, holder int32) int32 {
	w := r.shadows
	s := &w.servers[primary]
	for _, i := range s.holders {
		if w.holdings[i].holder == holder {
			return i
		}
	}
	i := int32(len(w.holdings))
	s.holders = append(s.holders, i)
	// Heartbeats of all servers stand at whole intervals since t0.
	q := transport.NewShadowQueue(w.servers[holder].prof, 0, r.now, s.database)
	up := r.answers(&r.hosts[holder], &r.hosts[primary])
	if !up { // it does not listen, and takes the mail of its own mailboxes
		q.Cut(r.now)
	}
	w.holdings = append(w.holdings, holding{primary: primary, holder: holder, queue: q, up: up, database: s.database, wakeAt: simtime.Never})
	return i
}

// leavesPrimary says that a copy leaves the server that it is on: taken by the next, bounced or expired. With the last part of a message
// the shadow copy is no longer needed; its holder learns that in time.
func (r *run) leavesPrimary(m transport.MsgID) {
	id, left := r.store.Unshadow(m)
	if id == 0 || left > 0 {
		return
	}
	x := &r.shadows.copies[id]
	switch x.state {
	case shadowAwaited:
		r.passedInTime(id)
		return
	case shadowSent, shadowGone:
		r.freeShadow(id)
		return
	}
	x.passed = r.now
	r.shadows.holdings[x.holding].queue.Discard(r.now, x.id)
	r.wakeHolding(x.holding)
}

// destroyedOnPrimary accounts for a copy that was lost with its server's queue database: it is not lost when there is a shadow copy.
func (r *run) destroyedOnPrimary(m transport.MsgID) {
	id, left := r.store.Unshadow(m)
	if id == 0 {
		r.rec.lost(r, m)
		return
	}
	x := &r.shadows.copies[id]
	f := &r.rec.flow[r.rec.origin(r, m)]
	n := r.rec.gone(r, m)
	switch x.state {
	case shadowHeld:
		x.destroyed += n
		f.waiting += n
	case shadowSent, shadowAwaited:
		f.replaced += n
	case shadowGone:
		f.lost += n
	}
	if left == 0 && x.state != shadowHeld {
		r.freeShadow(id)
	}
}

// freeShadow lets the number of a shadow copy be used again, when neither its holder nor its primary have anything of the message.
func (r *run) freeShadow(id transport.ShadowCopyID) {
	r.shadows.copies[id].next = r.shadows.free
	r.shadows.free = id
}

// settleShadow ends a shadow copy: its holder sent it, or has it no longer.
func (r *run) settleShadow(id transport.ShadowCopyID, how shadowState) {
	x := &r.shadows.copies[id]
	x.state = how
	r.shadows.holdings[x.holding].gone++
	r.store.Unref(x.hot.Set)
	r.holdMore(r.shadows.holdings[x.holding].holder, -int64(x.hot.Size))
	if x.destroyed > 0 {
		f := &r.rec.flow[r.rec.slot(r.homeSite(x.cold.Sender))]
		f.waiting -= x.destroyed
		if how == shadowSent {
			f.replaced += x.destroyed
		} else {
			f.lost += x.destroyed
		}
	}
	if r.store.ShadowParts(id) == 0 {
		r.freeShadow(id)
	}
}

func (r *run) homeSite(sender topology.ServerID) int32 {
	if sender == topology.None {
		return outside
	}
	return int32(r.hosts[sender].site)
}

// loseShadows is the loss of a server's queue database: its mail is another one's from now on, and the copies that it held are gone.
func (r *run) loseShadows(s int32) {
	w := r.shadows
	if w == nil {
		return
	}
	w.servers[s].database++
	for i := range w.holdings {
		if x := &w.holdings[i]; x.holder == s {
			for id := x.queue.TakeLost(); id != 0; id = x.queue.TakeLost() {
				r.settleShadow(transport.ShadowCopyID(id), shadowGone)
			}
		}
	}
}

// resubmitted counts a shadow copy that its holder sends: its recipients are there once more.
func (c *recorder) resubmitted(r *run, m transport.MsgID) {
	n := int64(r.store.Recipients(m))
	c.flow[c.origin(r, m)].resubmitted += n
	c.before.Add(n, int64(r.now-r.store.Hot[m].Created))
	c.inside.Add(r.now, n)
}

func (c *recorder) tookOver(r *run, holder, primary int32, messages int) {
	of := r.org.Servers[primary].Name
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[holder].Name, Kind: "shadow.resubmitted", Text: "sends its shadow copies of the mail of " + of,
		Fields: []result.Field{{Key: "primary", Value: of}, {Key: "messages", Value: int64(messages)}},
	})
}
