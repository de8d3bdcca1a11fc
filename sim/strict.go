package sim

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Outside systems that are strict with those who send to them (F15): throttle.go counts, greylist.go remembers. What they know begins at t0, or with the fault, and stays from
// one occurrence of a fault to the next. A domain, and a connector, are those of a queue, as for systems that give no answer (outside.go).

// watcher is what one fault lets one outside system watch.
type watcher struct {
	fault   string // its id
	outside fault.Outside
	on      int // occurrences that are in force
}

// openStrict makes what the faults of the scenario may need.
func (r *run) openStrict() {
	sources := int(slices.Max(append(slices.Clone(r.sources), 0))) + 1
	for i := range r.cfg.Faults {
		f := &r.cfg.Faults[i]
		for _, o := range f.Outside {
			w := watcher{fault: f.ID, outside: o}
			switch f.Kind {
			case fault.RemoteThrottle:
				t := throttle{watcher: w, limits: &f.Throttle, addresses: make([]address, sources+1), lots: r.root.Stream("throttle", f.ID, r.outsideName(o)).Uint64()}
				for _, s := range f.Throttle.SharedBy {
					for len(t.together) < len(r.hosts) {
						t.together = append(t.together, false)
					}
					t.together[s] = true
				}
				r.throttles = append(r.throttles, t)
			case fault.RemoteGreylist:
				r.greylists = append(r.greylists, greylist{watcher: w, times: f.Greylist, young: map[triple]acquaintance{}})
			}
		}
	}
	if len(r.greylists) > 0 {
		r.mailboxLots = r.root.Stream("sender mailboxes").Uint64()
		r.openBlocks()
	}
}

// strict tells whether some outside system is, or may become, strict.
func (r *run) strict() bool { return len(r.throttles)+len(r.greylists) > 0 }

func (r *run) outsideName(o fault.Outside) string {
	switch {
	case o.Remote >= 0:
		return r.org.Remotes[o.Remote].Name
	case o.Domain != "":
		return o.Domain
	}
	return r.org.Connectors[o.Connector].Name
}

// tighten lets a fault take hold of an outside system, or let go.
func (r *run) tighten(e *fault.Effect) {
	by := 1
	if e.Kind == fault.OutsideRelents {
		by = -1
	}
	id := r.fault.Faults()[e.Fault].ID
	for i := range r.throttles {
		r.throttles[i].turn(id, e.Outside, by)
	}
	for i := range r.greylists {
		r.greylists[i].turn(id, e.Outside, by)
	}
}

func (w *watcher) turn(id string, o fault.Outside, by int) {
	if w.fault == id && w.outside == o {
		w.on += by
	}
}

// watches tells whether the session is one that a strict system looks at.
func (r *run) watches(w *watcher, k *session) bool {
	if w.outside.Remote >= 0 {
		return k.target.Kind == route.TargetRemote && int32(w.outside.Remote) == k.target.ID
	}
	if k.target.Kind != route.TargetRemote {
		return false
	}
	if w.outside.Domain == "" {
		return k.connector == w.outside.Connector
	}
	return strings.EqualFold(k.domain, w.outside.Domain)
}

// isFor is what a connection is for: the domain and the connector of its queue. E-Post has neither queues nor connectors; it is the domain of the message.
func (h *host) isFor(r *run, c transport.ConnID) (string, topology.ConnectorID) {
	if h.hub == nil {
		domain, _ := h.post.core.Asks(c)
		return domain, topology.None
	}
	key := r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key)
	return key.Domain, key.Connector
}

// objects asks an outside system for its answers to MAIL and RCPT; true when no body is sent, for want of a recipient who is taken. Those that are put off are tried
// again, and those that it does not know are not asked for before that.
func (r *run) objects(h *host, k *session, m transport.MsgID) bool {
	if r.surges(h, k, m) {
		k.answer = transport.Surged
		return true
	}
	if len(r.greylists) > 0 && r.greylisted(h, k, m) {
		k.answer = transport.Greylisted
		return true
	}
	return h.hub != nil && r.remotes[k.target.ID].spec.UnknownFraction > 0 && r.declines(k, m)
}

// objected lets a server hear what objects found, with the reply: of the recipients that are put off, then of those that are refused for good. It returns what becomes of
// the message, for those that are left: OK when there are some and its body is through.
func (r *run) objected(s int32, h *host, c transport.ConnID, k *session, m transport.MsgID) transport.Code {
	answer := k.answer
	switch {
	case h.hub == nil:
	case answer == transport.Surged:
		r.rec.putOff(r, s, h.hub.ConnQueue(c), transport.Surged)
	case answer == transport.Greylisted, k.putOff != 0:
		r.rec.putOff(r, s, h.hub.ConnQueue(c), transport.Greylisted)
	}
	if set := k.putOff; set != 0 {
		k.putOff = 0
		r.stepOn(s, h, transport.Input{Kind: transport.Postponed, Code: transport.Greylisted, Conn: c, Msg: transport.MsgID(set)})
	}
	n := k.declined
	k.declined = 0
	switch {
	case answer != transport.OK:
		k.answer = transport.OK
		k.carried-- // no message was sent
	case n > 0:
		r.stepOn(s, h, transport.Input{Kind: transport.Declined, Conn: c, Msg: transport.MsgID(n)})
	}
	return answer
}

// mailbox is one of the addresses that a message may be from: the scenario counts the mailboxes of a server, and does not say which of them sends (F15).
func (r *run) mailbox(m transport.MsgID) (sender topology.ServerID, mailbox int32) {
	if r.store.Cold[m].Null {
		return nobody, 0
	}
	sender = r.store.Cold[m].Sender
	if sender == topology.None {
		return sender, 0
	}
	if n := r.org.Servers[sender].Mailboxes; n > 1 {
		mailbox = int32(lot(r.mailboxLots, r.store.Hot[m].Message, 0) * float64(n))
	}
	return sender, mailbox
}

// nobody sends delivery reports.
const nobody topology.ServerID = -2
