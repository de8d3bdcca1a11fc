package sim

import (
	"fmt"
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Mail that the transport service does not survive (F19), and what operators do to single messages.

const (
	// poisonDelay is how long after a start the service gets to a message that stopped it before (FW-19).
	poisonDelay = 5 * time.Second
	poisonSize  = 10 << 10 // bytes of such a message
)

// poisonMail is a message that stops the service of a server.
type poisonMail struct {
	message   uint64
	fault     int
	server    int32
	threshold int
	count     int    // crashes so far
	epoch     uint16 // life of the service in which it came
	waits     bool   // for the server to be up; it is no message yet
}

// bringPoison lets a fault's messages come to a server: at once, or when its service starts.
func (r *run) bringPoison(e *fault.Effect) {
	for range e.Count {
		r.poison = append(r.poison, poisonMail{fault: e.Fault, server: int32(e.Server), threshold: e.Threshold, waits: true})
	}
	if !r.hosts[e.Server].down {
		r.submitPoison(int32(e.Server))
	}
}

// submitPoison lets the messages come in that waited for a server: from outside, for a mailbox of its site or, where there is none, of the organisation; without
// any mailboxes for the outside.
func (r *run) submitPoison(s int32) {
	for i := range r.poison {
		p := &r.poison[i]
		if p.server != s || !p.waits {
			continue
		}
		r.messages++
		p.message, p.waits, p.epoch = r.messages, false, r.hosts[s].epoch
		to := []transport.Recipients{{Dest: r.book.Dest(r.poisonTo(s)), Count: 1}}
		m := r.store.New(transport.Copy{Message: r.messages, Accepted: r.now, Created: r.now, Size: poisonSize, Set: r.store.NewSet(to)}, transport.Tail{Sender: topology.None})
		r.rec.submitted(r, m)
		r.step(s, transport.Input{Kind: transport.Submitted, Msg: m})
	}
}

func (r *run) poisonTo(s int32) route.Destination {
	best := topology.ServerID(topology.None)
	for i := range r.org.Servers {
		x := &r.org.Servers[i]
		if !x.Is(topology.RoleMailbox) || x.Absent {
			continue
		}
		if x.Site == r.hosts[s].site {
			return route.Destination{Kind: route.Mailbox, Server: topology.ServerID(i)}
		}
		if best == topology.None {
			best = topology.ServerID(i)
		}
	}
	if best == topology.None {
		return route.Destination{Kind: route.External, Type: "SMTP", Domain: route.OutsideDomain}
	}
	return route.Destination{Kind: route.Mailbox, Server: best}
}

// handlesPoison tells whether the categoriser of a server takes up a message that it does not survive: its first end comes at once, later ones come some time
// after the start.
func (r *run) handlesPoison(s int32, h *host, m transport.MsgID) bool {
	p := r.poisonOf(m)
	if p == nil {
		return false
	}
	wait := time.Duration(0)
	if p.epoch != h.epoch { // it is read from the queue database
		wait = poisonDelay
	}
	r.at(r.now.Add(wait), transport.PhaseFaults, s, evPoison, h.epoch, uint32(m))
	return true
}

func (r *run) poisonOf(m transport.MsgID) *poisonMail {
	number := r.store.Hot[m].Message
	i := slices.IndexFunc(r.poison, func(p poisonMail) bool { return p.message == number && !p.waits })
	if i < 0 {
		return nil
	}
	return &r.poison[i]
}

// poisonEvent stops the service because of the message that it handles; one that has been made harmless goes its way.
func (r *run) poisonEvent(s int32, epoch uint16, m transport.MsgID) {
	h := &r.hosts[s]
	if epoch != h.epoch&genMask {
		return // the service has stopped for another reason since
	}
	p := r.poisonOf(m)
	if p == nil {
		r.step(s, transport.Input{Kind: transport.Categorised, Msg: m})
		return
	}
	p.count++
	count, threshold := p.count, p.threshold
	r.effects = r.fault.Crash(r.now, p.fault, topology.ServerID(s), r.effects[:0])
	for i := range r.effects {
		r.apply(&r.effects[i])
	}
	r.step(s, transport.Input{Kind: transport.Crashed, Conn: transport.ConnID(threshold), Msg: m})
	number := int64(r.store.Hot[m].Message)
	r.rec.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "poison.count", ID: 10002,
		Text:   fmt.Sprintf("The transport service stopped while it handled message %d. Its poison count is %d.", number, count),
		Fields: []result.Field{{Key: "message", Value: number}, {Key: "count", Value: int64(count)}},
	})
	r.wakeFault()
	r.wakeDirectory()
}

// poisoned notes that a message went to the poison queue.
func (r *run) poisoned(s int32, m transport.MsgID) {
	number := int64(r.store.Hot[m].Message)
	r.rec.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "poison.queue", ID: 10001,
		Text:   fmt.Sprintf("Message %d stopped the transport service too often and was moved to the poison queue.", number),
		Fields: []result.Field{{Key: "message", Value: number}},
	})
	r.poisonEnds(m)
}

// poisonEnds notes that a message stops no service any more: it is in the poison queue, or went with the queue database.
func (r *run) poisonEnds(m transport.MsgID) {
	if p := r.poisonOf(m); p != nil {
		r.harmless(p)
	}
}

// harmless takes a message off the list of those that stop services.
func (r *run) harmless(p *poisonMail) {
	r.fault.Harmless(r.now, p.fault)
	number := p.message
	r.poison = slices.DeleteFunc(r.poison, func(x poisonMail) bool { return x.message == number && !x.waits })
}

// curePoison makes the messages of a fault harmless; those that had not come do not come.
func (r *run) curePoison(of int) {
	for i := range r.poison {
		if r.poison[i].fault == of {
			r.fault.Harmless(r.now, of)
		}
	}
	r.poison = slices.DeleteFunc(r.poison, func(x poisonMail) bool { return x.fault == of })
}

// operate carries out what an operator does to messages.
func (r *run) operate(e *fault.Effect) {
	in := transport.Input{Kind: transport.Remove}
	switch {
	case e.Kind == fault.MessagesSuspend:
		in.Kind = transport.SuspendMessage
	case e.Kind == fault.MessagesResume:
		in.Kind = transport.ResumeMessage
	case !e.Silent:
		in.Code = transport.Withdrawn
	}
	if r.hosts[e.Server].hub == nil {
		return
	}
	type found struct {
		m      transport.MsgID
		number uint64
	}
	var list []found
	r.selectMessages(int32(e.Server), &e.Messages, func(m transport.MsgID) { list = append(list, found{m, r.store.Hot[m].Message}) })
	for _, x := range list {
		// What was done to one may have ended another: a resumed message can send its queue back to the categoriser.
		if hot := &r.store.Hot[x.m]; hot.Set != 0 && hot.Message == x.number && r.store.HolderIs(x.m, e.Server) {
			in.Msg = x.m
			r.step(int32(e.Server), in)
		}
	}
}

// selectMessages visits the messages of a server that an operator means: those of the delivery queues by number of the queue, then those of the Unreachable
// queue, then poison.
func (r *run) selectMessages(s int32, f *fault.Messages, visit func(transport.MsgID)) {
	h := r.hosts[s].hub
	one := func(m transport.MsgID) {
		if (len(f.Numbers) == 0 || slices.Contains(f.Numbers, r.store.Hot[m].Message)) && (len(f.From) == 0 || slices.Contains(f.From, r.fromAddress(m))) {
			visit(m)
		}
	}
	queues := r.queueNamed(s, f.Queue)
	if f.Queue == "" {
		queues = nil
		for i := range h.Queues() {
			queues = append(queues, transport.MsgID(i))
		}
	}
	for _, i := range queues {
		h.EachQueued(int(i), func(m transport.MsgID, _ transport.Status, _ bool) { one(m) })
	}
	if f.Queue == "" || f.Queue == fault.UnreachableQueue {
		h.EachUnreachable(func(m transport.MsgID, _ transport.Status) { one(m) })
	}
	if f.Queue == "" || f.Queue == fault.PoisonQueue {
		h.EachPoison(one)
	}
}

// fromAddress is the sender of a message as listings write it: single people have no names here.
func (r *run) fromAddress(m transport.MsgID) string { return r.senderName(&r.store.Cold[m]) }

func (r *run) senderName(c *transport.Tail) string {
	switch {
	case c.Null:
		return "<>"
	case c.Sender != topology.None:
		return "mailbox:" + r.org.Servers[c.Sender].Name
	}
	return "internet"
}
