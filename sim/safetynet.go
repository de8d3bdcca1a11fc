package sim

import (
	"mailsim/sim/fault"
	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// safetyNets are what the servers keep of the mail that they have passed on: Safety Net from 2013 on, the transport dumpster of
// 2007 and 2010. Who asks for it again is in redelivery.go.
//
// How much it is is counted for all mail, by minutes. The messages themselves are kept of those deliveries only that an action of the run is
// going to ask for: whose databases and times are known from the start. What is kept is not mail any more: it has been delivered, and
// its recipients count anew when it is sent again.
type safetyNets struct {
	servers  []netServer
	windows  []netWindow
	mail     []netMail // by handle, from 1
	free     transport.MsgID
	requests []netRequest
	scratch  []transport.MsgID
	until    simtime.Time // end of the last window
}

// netServer is what one server keeps.
type netServer struct {
	prof   *transport.SafetyNetProfile // nil: nothing
	load   *transport.SafetyNet        // from 2013 on: all that it has passed on, and that others passed on whose copies it held
	nets   []netDatabase               // up to 2010 of every database; from 2013 on of those that are asked for
	at     []int32                     // by destination: its database in nets, from 1; 0 = none
	copies []transport.MsgID           // from 2013 on: copies of messages that others passed on in a window

	bytes, items metrics.Gauge
	inserts      int64
	wakeAt       simtime.Time // the end of a minute that is planned, as back pressure may fall then; Never = none
}

// netDatabase is what a server keeps of the mail that it delivered to one database.
type netDatabase struct {
	of  fault.Database
	net *transport.SafetyNet
}

// netWindow is a time whose deliveries to a database somebody is going to ask for.
type netWindow struct {
	of           fault.Database
	since, until simtime.Time
}

// netMail is a message that may be sent again.
type netMail struct {
	hot     transport.Copy
	cold    transport.Tail
	primary int32        // of a copy that a holder keeps: the server that passed the message on
	at      simtime.Time // when it was delivered, or passed on
	next    transport.MsgID
}

// openNets makes what a run keeps; nothing where no server keeps anything.
func (r *run) openNets() {
	w := &safetyNets{servers: make([]netServer, len(r.hosts)), mail: make([]netMail, 1)}
	for i := range w.servers {
		s, prof := &w.servers[i], &r.cfg.Servers[i].SafetyNet
		if s.wakeAt = simtime.Never; prof.Hold == 0 || r.hosts[i].hub == nil {
			continue
		}
		r.nets = w
		if s.prof = prof; prof.Grain > 0 {
			s.load = transport.NewSafetyNet(*prof)
		}
	}
	if r.nets == nil {
		return
	}
	add := func(a *fault.Action) {
		if a.Kind != fault.ActivateCopy || a.Probability == 0 {
			return
		}
		until := a.At.Add(a.Duration)
		for _, d := range a.Databases {
			w.windows = append(w.windows, netWindow{d, a.Since, until})
			w.until = max(w.until, until)
		}
	}
	actions, faults := r.fault.Actions(), r.fault.Faults()
	for i := range actions {
		add(&actions[i])
	}
	for i := range faults {
		for k := range faults[i].Remedies {
			add(&faults[i].Remedies[k])
		}
	}
}

// asked tells whether what a database gets at an instant is going to be asked for.
func (w *safetyNets) asked(d fault.Database, at simtime.Time) bool {
	for i := range w.windows {
		if x := &w.windows[i]; x.of == d && x.since <= at && at < x.until {
			return true
		}
	}
	return false
}

// passing tells whether there is a window at all at an instant.
func (w *safetyNets) passing(at simtime.Time) bool {
	for i := range w.windows {
		if x := &w.windows[i]; x.since <= at && at < x.until {
			return true
		}
	}
	return false
}

// meant tells whether a message may be sent again, as a recipient is in a database that asks, or in a group, which may have members there.
func (r *run) meant(to route.Destination) bool {
	switch to.Kind {
	case route.DistributionList:
		return true
	case route.Mailbox:
		for i := range r.nets.windows {
			if x := &r.nets.windows[i]; x.of == (fault.Database{Server: to.Server, Index: to.Database}) {
				return true
			}
		}
	}
	return false
}

// passedOn counts a copy that leaves a server from 2013 on: its bytes stay.
func (r *run) passedOn(s int32, size uint32) {
	if x := &r.nets.servers[s]; x.load != nil {
		r.advanceNet(x)
		x.load.Keep(r.now, 0, size)
		x.inserts++
		x.count(r.now, 1, int64(size))
		r.netMoved(s)
	}
}

// intoNets keeps a copy that a server has delivered to the databases of a machine.
func (r *run) intoNets(s int32, m transport.MsgID) {
	w := r.nets
	x := &w.servers[s]
	if x.prof == nil {
		return
	}
	entries := r.store.Entries(r.store.Hot[m].Set)
	for i := range entries {
		d, ok := r.databaseOf(entries[i].Dest)
		if !ok || r.among(entries[:i], d) {
			continue
		}
		asked := w.asked(d, r.now)
		if x.load != nil && !asked {
			continue
		}
		id := transport.MsgID(0)
		if asked {
			id = w.keep(r, netMail{hot: r.store.Hot[m], cold: r.store.Cold[m], at: r.now}, func(to route.Destination) bool {
				return to.Kind == route.Mailbox && d == fault.Database{Server: to.Server, Index: to.Database}
			})
		}
		net := x.netOf(r, d)
		items, bytes := net.Held()
		net.Keep(r.now, id, r.store.Hot[m].Size)
		w.scratch = net.Expire(r.now, w.scratch[:0])
		w.drop(r)
		if x.load == nil {
			x.inserts++
			x.changed(r.now, net, items, bytes)
			r.netMoved(s)
		}
	}
}

// databaseOf is the database of a destination; false when it is none.
func (r *run) databaseOf(id route.DestID) (fault.Database, bool) {
	to := r.book.Destination(id)
	return fault.Database{Server: to.Server, Index: to.Database}, to.Kind == route.Mailbox
}

// among tells whether a database is one of those of some recipients.
func (r *run) among(entries []transport.Recipients, d fault.Database) bool {
	for i := range entries {
		if x, ok := r.databaseOf(entries[i].Dest); ok && x == d {
			return true
		}
	}
	return false
}

// keep adds a message with those of its recipients that are meant; 0 when none is.
func (w *safetyNets) keep(r *run, x netMail, meant func(route.Destination) bool) transport.MsgID {
	r.rec.scratch = r.rec.scratch[:0]
	for _, e := range r.store.Entries(x.hot.Set) {
		if meant(r.book.Destination(e.Dest)) {
			r.rec.scratch = append(r.rec.scratch, e)
		}
	}
	if len(r.rec.scratch) == 0 {
		return 0
	}
	x.hot.Set = r.store.NewSet(r.rec.scratch)
	id := w.free
	if id != 0 {
		w.free = w.mail[id].next
	} else {
		w.mail = append(w.mail, netMail{})
		id = transport.MsgID(len(w.mail) - 1)
	}
	w.mail[id] = x
	return id
}

// drop forgets the messages of scratch.
func (w *safetyNets) drop(r *run) {
	for _, id := range w.scratch {
		r.store.Unref(w.mail[id].hot.Set)
		w.mail[id] = netMail{next: w.free}
		w.free = id
	}
}

// netOf finds what a server keeps of a database, made on demand.
func (x *netServer) netOf(r *run, d fault.Database) *transport.SafetyNet {
	id := int(r.book.Dest(route.Destination{Kind: route.Mailbox, Server: d.Server, Database: d.Index}))
	for id >= len(x.at) {
		x.at = append(x.at, 0)
	}
	if x.at[id] == 0 {
		prof := *x.prof
		prof.Grain = 0
		x.nets = append(x.nets, netDatabase{d, transport.NewSafetyNet(prof)})
		x.at[id] = int32(len(x.nets))
	}
	return x.nets[x.at[id]-1].net
}

// copyToNet is a shadow copy whose primary has passed the message on, when its holder learns that: from 2013 on the holder keeps it as well.
func (r *run) copyToNet(holder int32, c *shadowCopy) {
	x := &r.nets.servers[holder]
	if x.load == nil {
		return
	}
	r.passedOn(holder, c.hot.Size)
	if !r.nets.passing(c.passed) {
		return
	}
	mail := netMail{hot: c.hot, cold: c.cold, at: c.passed, primary: r.shadows.holdings[c.holding].primary}
	if id := r.nets.keep(r, mail, r.meant); id != 0 {
		x.copies = append(x.copies, id)
	}
}

// advanceNet drops what is too old. What is counted by minutes leaves at the end of its own; what is in a dumpster leaves when somebody looks.
func (r *run) advanceNet(x *netServer) {
	if x.load != nil {
		for t := x.load.Next(); t <= r.now; t = x.load.Next() {
			items, bytes := x.load.Held()
			x.load.Expire(t, nil)
			x.changed(t, x.load, items, bytes)
		}
		return
	}
	for i := range x.nets {
		net := x.nets[i].net
		items, bytes := net.Held()
		r.nets.scratch = net.Expire(r.now, r.nets.scratch[:0])
		r.nets.drop(r)
		x.changed(r.now, net, items, bytes)
	}
}

// advanceNets brings the figures of all servers up to date, before somebody reads them.
func (r *run) advanceNets() {
	if r.nets != nil {
		for i := range r.nets.servers {
			r.advanceNet(&r.nets.servers[i])
		}
	}
}

// changed takes over how much a net has grown or shrunk.
func (x *netServer) changed(at simtime.Time, net *transport.SafetyNet, items, bytes int64) {
	n, b := net.Held()
	x.count(at, n-items, b-bytes)
}

func (x *netServer) count(at simtime.Time, items, bytes int64) {
	x.items.Add(at, items)
	x.bytes.Add(at, bytes)
}

// deletes is how many have left.
func (x *netServer) deletes() int64 { return x.inserts - x.items.Value() }

// loseNet is the loss of a server's queue database, in which all of it is.
func (r *run) loseNet(s int32) {
	w := r.nets
	if w == nil {
		return
	}
	x := &w.servers[s]
	w.scratch = append(w.scratch[:0], x.copies...)
	x.copies = x.copies[:0]
	if x.load != nil {
		x.load.Clear(nil)
	}
	for i := range x.nets {
		w.scratch = x.nets[i].net.Clear(w.scratch)
	}
	w.drop(r)
	if x.prof != nil {
		x.items.Set(r.now, 0)
		x.bytes.Set(r.now, 0)
	}
}

// onDisk is what a server's queue database holds beside the mail that the server is to pass on: shadow copies of others' mail, and what has
// been passed on.
func (r *run) onDisk(s topology.ServerID) int64 {
	if r.nets == nil {
		return 0
	}
	r.advanceNet(&r.nets.servers[s])
	n := r.nets.servers[s].bytes.Value()
	if r.shadows != nil {
		n += r.shadows.servers[s].holds
	}
	return n
}

// netMoved tells the meters of a server that its queue database has grown or shrunk, and plans the end of the minute after which it
// shrinks, as far as that can relieve it.
func (r *run) netMoved(s int32) {
	h := &r.hosts[s]
	if h.pressure == nil || h.pressure.spec.Drive == 0 && h.disk == nil {
		return
	}
	r.gauge(s, h) // which drops what is too old
	if x := &r.nets.servers[s]; x.load != nil && h.pressure.above() {
		if t := x.load.Next(); t < x.wakeAt && t <= r.end {
			x.wakeAt = t
			r.at(t, transport.PhaseCompletions, s, evNet, r.serial(), 0)
		}
	}
}

// netEvent is the end of a minute of a server under pressure.
func (r *run) netEvent(s int32) {
	if x := &r.nets.servers[s]; x.wakeAt == r.now {
		x.wakeAt = simtime.Never
		r.advanceNet(x)
		r.netMoved(s)
	}
}
