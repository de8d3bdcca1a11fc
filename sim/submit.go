package sim

import (
	"math"
	"time"

	"mailsim/sim/internal/calendar"
	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

const (
	// offerEvery is how often a mailbox store offers a message that no server took (D-4).
	offerEvery = time.Minute
	// outsideEvery is how often an outside system tries again when no server of the organisation answers. The sheets leave it to the
	// sender; 15 min is what FW-9 takes.
	outsideEvery = 15 * time.Minute
)

// feed is one source of load and its next message.
type feed struct {
	gen      *load.Generator
	next     load.Message
	priority transport.Priority
	clients  *population // of mail clients; nil for other mail
	server   uint8       // which of theirs it is for
}

func (r *run) openLoads() error {
	r.loads = make([]feed, len(r.cfg.Loads))
	for i := range r.cfg.Loads {
		g, err := load.NewGenerator(i, &r.cfg.Loads[i], r.org, r.book, r.root, r.cfg.Start, r.end)
		if err != nil {
			return err
		}
		r.loads[i].gen = g
		r.loads[i].priority = [...]transport.Priority{load.Normal: transport.PriorityNormal, load.High: transport.PriorityHigh, load.Low: transport.PriorityLow}[r.cfg.Loads[i].Priority]
		r.loads[i].ofClients(r, &r.cfg.Loads[i])
		r.scheduleArrival(i)
	}
	return nil
}

func (r *run) scheduleArrival(i int) {
	f := &r.loads[i]
	if f.gen.Fill(&f.next) && f.next.At <= r.end {
		r.cal.Push(calendar.Event{At: f.next.At, Key: key(transport.PhaseArrivals, -1, evArrival, 0, uint32(i))})
	}
}

// arrival brings the next message of a source. It is with the organisation from now on, even if no server can take it yet.
func (r *run) arrival(i int) {
	f := &r.loads[i]
	m := &f.next
	if f.clients != nil {
		r.compose(f)
		r.scheduleArrival(i)
		return
	}
	r.messages++
	id := r.store.New(transport.Copy{
		Message: r.messages, Accepted: r.now, Created: r.now, Size: uint32(min(m.Size, math.MaxUint32)), Set: r.setOf(m.Recipients),
	}, transport.Tail{Sender: r.home(m.From), Priority: f.priority, Repeats: r.repeats(m)})
	if m.Identity.ID != 0 {
		r.identify(r.messages, m.Identity)
	}
	r.rec.submitted(r, id)
	r.scheduleArrival(i)
	r.submit(id)
}

// setOf makes the recipient set of a message. A single recipient's set is kept for the run.
func (r *run) setOf(to []load.Recipient) transport.SetID {
	if len(to) == 1 && to[0].Count == 1 {
		d := int(to[0].Dest)
		for d >= len(r.oneTo) {
			r.oneTo = append(r.oneTo, 0)
		}
		if r.oneTo[d] == 0 {
			r.oneTo[d] = r.store.NewSet([]transport.Recipients{{Dest: to[0].Dest, Count: 1}})
		}
		return r.store.Ref(r.oneTo[d])
	}
	r.rec.scratch = r.rec.scratch[:0]
	for _, x := range to {
		r.rec.scratch = append(r.rec.scratch, transport.Recipients{Dest: x.Dest, Count: x.Count})
	}
	return r.store.NewSet(r.rec.scratch)
}

// submit offers a message to the transport servers that its sender may use. One of the same site has it at this instant; to one of another
// site it travels first. When none takes it, it stays with its sender (D-4).
func (r *run) submit(m transport.MsgID) {
	if from := r.store.Cold[m].Sender; from != topology.None {
		if h := &r.hosts[from]; r.ownHub(h) && r.cfg.Model.Submission == 0 {
			r.takeSubmitted(m, h, int32(from))
			return
		}
	}
	o, ok := r.entryServer(m)
	switch {
	case !ok:
		r.pend(m)
	case r.store.Cold[m].Sender == topology.None && r.refuseSize(m, o.to):
	case r.store.Cold[m].Sender == topology.None && !r.refuseUnknown(m, &o):
	case r.store.Cold[m].Sender == topology.None && r.mostRecipients(o.to, m) > 0:
		for _, part := range r.envelopesFor(o.to, m) {
			r.bring(part, o)
		}
	default:
		r.bring(m, o)
	}
}

// bring hands a message to the server that takes it, or sends it on its way there.
func (r *run) bring(m transport.MsgID, o offer) {
	switch {
	case o.from != nil && (o.wait > 0 || o.from.site != r.hosts[o.to].site || r.cfg.Model.Submission > 0 && o.from.post == nil):
		r.depart(m, o)
	case o.wait > 0:
		r.hold(m, o)
	default:
		r.takeSubmitted(m, o.from, o.to)
	}
}

// pend keeps a message with its sender until a server comes back.
func (r *run) pend(m transport.MsgID) {
	if from := r.store.Cold[m].Sender; from != topology.None {
		s := r.hosts[from].site
		r.sites[s].pending = append(r.sites[s].pending, m)
		r.rec.pendingChanged(r, int(s))
	} else {
		r.edges.pending = append(r.edges.pending, m)
		r.rec.pendingOutside(r)
	}
}

// offerPending plans the next offer of every pending message of a server's site, now that the server takes mail again; from 2013 on other
// sites submit to it as well. Offers come at whole minutes since each message's own submission; they are computed, not polled
// (docs/design.md).
func (r *run) offerPending(s int32) {
	h := &r.hosts[s]
	r.clientsAgain()
	if h.hub == nil || !h.edge {
		r.offerSite(int(h.site))
		if h.hub != nil && r.org.Servers[s].Version.New() {
			r.offerEverywhere()
		}
	}
	if h.hub != nil || h.post != nil {
		r.plan(&r.edges.pending, outsideEvery)
		r.rec.pendingOutside(r)
	}
}

// offerAgain plans the next offer of what waits with a machine that sees another configuration now: it may see a server that takes it.
func (r *run) offerAgain(h *host) {
	if len(r.sites[h.site].pending) > 0 {
		r.offerSite(int(h.site))
	}
	if len(r.edges.pending) > 0 {
		r.plan(&r.edges.pending, outsideEvery)
		r.rec.pendingOutside(r)
	}
}

// offerEverywhere plans the next offer of every pending message of a site, when a way to other sites may have opened.
func (r *run) offerEverywhere() {
	r.clientsAgain()
	for s := range r.sites {
		if len(r.sites[s].pending) > 0 {
			r.offerSite(s)
		}
	}
}

func (r *run) offerSite(s int) {
	r.plan(&r.sites[s].pending, offerEvery)
	r.rec.pendingChanged(r, s)
}

func (r *run) plan(pending *[]transport.MsgID, every time.Duration) {
	for _, m := range *pending {
		since := r.now.Sub(r.store.Hot[m].Created)
		n := (since + every - 1) / every
		r.at(r.store.Hot[m].Created.Add(n*every), transport.PhaseArrivals, -1, evPending, 0, uint32(m))
	}
	*pending = (*pending)[:0]
}

// fireFaults lets the fault engine act and applies what happens to hosts and networks.
func (r *run) fireFaults() {
	r.faultAt = simtime.Never
	r.effects = r.fault.Fire(r.now, r.effects[:0])
	r.laws.touched = r.laws.touched || len(r.effects) > 0 || r.fault.Begun()
	r.findEntry()
	r.watchDirectory()
	for i := range r.effects {
		r.apply(&r.effects[i])
	}
	r.shadowContacts()
	r.clientsAcross()
	r.tellNotes()
	r.answerRequests()
	if err := r.fault.Err(); err != nil && r.rec.err == nil {
		r.rec.err = err
	}
	r.wakeFault()
	r.wakeDirectory()
}

func (r *run) wakeFault() {
	if t := r.fault.Next(); t < r.faultAt && t <= r.end {
		r.faultAt = t
		r.at(t, transport.PhaseFaults, -1, evFault, r.serial(), 0)
	}
}

func (r *run) wakeDirectory() {
	if t := r.dir.Next(); t < r.dirAt && t <= r.end {
		r.dirAt = t
		r.at(t, transport.PhaseDirectory, -1, evDirectory, r.serial(), 0)
	}
}

// serial tells apart the world's events of one kind and instant.
func (r *run) serial() uint16 { r.serials++; return r.serials }

// advanceDirectory gives the servers whose view changes now their new tables.
func (r *run) advanceDirectory() {
	r.dirAt = simtime.Never
	r.views = r.dir.Advance(r.now, r.views[:0])
	if r.unanswered > 0 || r.dir.Noted() {
		r.watchDirectory()
	}
	r.showViews()
	r.tellNotes()
	r.answerRequests()
	r.wakeDirectory()
}

func (r *run) queueNamed(s int32, name string) []transport.MsgID {
	if name == "" {
		return []transport.MsgID{transport.AllQueues}
	}
	var out []transport.MsgID
	h := r.hosts[s].hub
	for i := range h.Queues() {
		k := r.book.Key(h.Queue(i).Key)
		if k.Domain == name || k.Connector >= 0 && r.org.Connectors[k.Connector].Name == name {
			out = append(out, transport.MsgID(i))
		}
	}
	return out
}

// toServer says whether a target is a given machine.
func toServer(t route.Target, s topology.ServerID) bool {
	return t.Kind != route.TargetRemote && topology.ServerID(t.ID) == s
}
