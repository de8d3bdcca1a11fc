package sim

import (
	"fmt"

	"mailsim/sim/fault"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// A copy of a mailbox database that becomes active may lack the last minutes. It is then asked for again what was delivered to the database
// in that time: at the servers that delivered it and, when one of them does not answer for 12 hours, at the holders of the shadow copies of
// what that one passed on.
//
// Who delivered knows to which database. A holder knows the message as it was before groups were expanded, so it sends it to those in the
// database and to the groups, anew; everybody else in them gets it a second time, and mailboxes know it.

// netRequest is a server that is asked for what a database lacks.
type netRequest struct {
	of           fault.Database
	since, until simtime.Time
	asked        simtime.Time
	by           topology.ServerID // where the database is active: who asks
	server       int32
	primary      int32 // asked for its copies of what this server passed on; noHolder = for what it delivered itself
	answered     bool
}

// activated is a copy of a database that becomes active without its last minutes.
func (r *run) activated(e *fault.Effect) {
	d := fault.Database{Server: e.Server, Index: e.Database}
	lacks := r.now.Add(-e.Missing)
	if id := r.book.Dest(route.Destination{Kind: route.Mailbox, Server: d.Server, Database: d.Index}); e.Missing > 0 && int(id) < len(r.duplicates.databases) {
		if known := r.duplicates.databases[id]; known != nil {
			known.Lose(lacks)
		}
	}
	r.rec.activated(r, e)
	if r.nets == nil || e.Since >= r.now {
		return
	}
	w := r.nets
	for s := range w.servers {
		x := &w.servers[s]
		for i := range x.nets {
			if x.nets[i].of == d {
				r.askNet(netRequest{of: d, since: e.Since, until: r.now, asked: r.now, by: e.To, server: int32(s), primary: noHolder})
			}
		}
	}
}

// askNet adds a request. It is answered as soon as the server knows where the database is now (answerRequests), or later.
func (r *run) askNet(q netRequest) {
	w := r.nets
	w.requests = append(w.requests, q)
	if wait := w.servers[q.server].prof.Secondary; wait > 0 && q.primary == noHolder {
		if last := q.asked.Add(wait); last <= r.end {
			r.at(last, transport.PhaseTimers, -1, evRequest, r.serial(), uint32(len(w.requests)-1))
		}
	}
}

// answerRequests lets the servers answer that can, when faults, remedies or views of an instant have changed something.
func (r *run) answerRequests() {
	if r.nets == nil {
		return
	}
	for i := range r.nets.requests {
		r.answer(i)
	}
}

// answer lets a server send again what it is asked for, if it can be asked. While back pressure keeps it from it, it cannot.
func (r *run) answer(i int) {
	w := r.nets
	q := &w.requests[i]
	if q.answered || !r.asks(q) {
		return
	}
	if q.primary == noHolder {
		if _, byHolders := w.servers[q.server].prof.AnswerAt(q.asked, r.now); byHolders {
			return // requestEvent sees to it
		}
	}
	q.answered = true
	r.resend(*q)
}

// asks tells whether a request comes through.
func (r *run) asks(q *netRequest) bool {
	by, to := &r.hosts[q.by], &r.hosts[q.server]
	if to.hub.Halted() || !by.storeRuns() || r.refuses(to, transport.PauseResubmission) {
		return false
	}
	if r.dir.View(to.id).ActiveCopy(q.of.Server, q.of.Index) != q.by {
		return false // it would send it where the database was
	}
	return by == to || r.answers(by, to)
}

// requestEvent is the end of the wait for a server: the holders of its copies are asked in its place.
func (r *run) requestEvent(ev calendar.Event) {
	w := r.nets
	i := keyID(ev.Key)
	if w.requests[i].answered {
		return
	}
	w.requests[i].answered = true
	q := w.requests[i]
	first := len(w.requests)
	for s := range w.servers {
		for _, id := range w.servers[s].copies {
			if x := &w.mail[id]; x.primary == q.server && q.since <= x.at && x.at < q.until {
				h := q
				h.server, h.primary, h.answered = int32(s), q.server, false
				r.askNet(h)
				break
			}
		}
	}
	for k := first; k < len(w.requests); k++ {
		r.answer(k)
	}
}

// resend puts what is asked for into the server's submission queue: the recipients of the database that asks.
func (r *run) resend(q netRequest) {
	w := r.nets
	x := &w.servers[q.server]
	var from []transport.MsgID
	r.advanceNet(x)
	if q.primary == noHolder {
		net := x.netOf(r, q.of)
		w.scratch = net.Expire(r.now, w.scratch[:0])
		w.drop(r)
		from = net.Messages(q.since, q.until, nil)
	} else {
		for _, id := range x.copies {
			if m := &w.mail[id]; m.primary == q.primary && q.since <= m.at && m.at < q.until && m.at.Add(x.prof.Hold) > r.now {
				from = append(from, id)
			}
		}
	}
	var sent []transport.MsgID
	for _, id := range from {
		hot, cold := w.mail[id].hot, w.mail[id].cold
		r.rec.scratch = r.rec.scratch[:0]
		for _, e := range r.store.Entries(hot.Set) {
			if to := r.book.Destination(e.Dest); to.Kind == route.DistributionList || q.of == (fault.Database{Server: to.Server, Index: to.Database}) {
				r.rec.scratch = append(r.rec.scratch, e)
			}
		}
		if len(r.rec.scratch) == 0 {
			continue
		}
		hot.Set = r.store.NewSet(r.rec.scratch)
		cold.Repeats |= transport.ByTransport | transport.Resubmitted
		m := r.store.New(hot, cold)
		r.rec.resubmitted(r, m)
		sent = append(sent, m)
	}
	if len(sent) == 0 {
		return
	}
	r.rec.resent(r, &q, len(sent))
	for _, m := range sent {
		r.step(q.server, transport.Input{Kind: transport.Offered, Msg: m})
	}
}

// activated writes down that a copy of a database is active now.
func (c *recorder) activated(r *run, e *fault.Effect) {
	db, to := r.org.Servers[e.Server].DatabaseName(e.Database), r.org.Servers[e.To].Name
	text := fmt.Sprintf("database %s is active on %s", db, to)
	if e.Missing > 0 {
		text += fmt.Sprintf(", without what was delivered in the last %v", e.Missing)
	}
	c.send(r, result.Event{
		Time: r.now, Server: to, Kind: "database.activated", Text: text,
		Fields: []result.Field{{Key: "database", Value: db}, {Key: "missing", Value: e.Missing.String()}},
	})
}

// resent writes down that a server sends what it kept.
func (c *recorder) resent(r *run, q *netRequest, messages int) {
	db := r.org.Servers[q.of.Server].DatabaseName(q.of.Index)
	text := "sends again from Safety Net what it delivered to database " + db
	fields := []result.Field{{Key: "database", Value: db}, {Key: "messages", Value: int64(messages)}}
	switch {
	case q.primary != noHolder:
		of := r.org.Servers[q.primary].Name
		text = "sends again from Safety Net its copies of what " + of + " passed on, for database " + db
		fields = append(fields, result.Field{Key: "primary", Value: of})
	case r.nets.servers[q.server].load == nil:
		text = "sends again from the transport dumpster what it delivered to database " + db
	}
	c.send(r, result.Event{Time: r.now, Server: r.org.Servers[q.server].Name, Kind: "safety_net.resubmitted", Text: text, Fields: fields})
}
