package sim

import (
	"strconv"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// storm is a fault that brings mail (F20, F21, F22): one occurrence of it. Its mail is like any other once it is there: it enters by the same doors, waits in
// the same queues, and stands in the books of the run.
type storm struct {
	fault int
	kind  fault.Kind
	spec  *fault.Storm
	hosts []int32 // that it strikes
	level int     // tenths of its intensity in force
	over  bool

	// Of those that come by themselves: the next message comes when the intensity since the last one has made up a whole one. With a steady intensity they are
	// evenly apart, the first one interval after the start (decision).
	since simtime.Time // of the present intensity
	part  float64      // of the next message that was made up before, 0..1
	count float64      // messages since then
	at    simtime.Time // of the event that is planned; Never = none

	who  *rng.Stream // draws who sends, and to whom
	list int         // mail_storm: index into run.lists

	turn   int   // backscatter: whose turn it is of hosts
	forged int64 // ... and how many messages have had a forged sender

	again sentAgain // duplicate_storm
}

// stormEffect is what the fault engine says of a storm.
func (r *run) stormEffect(e *fault.Effect) {
	switch e.Kind {
	case fault.ListDeleted:
		if l := r.listOf(e.Fault); l != nil {
			l.deleted = true
		}
		return
	case fault.RecipientsChecked:
		r.hosts[e.Server].checks = true
		return
	}
	i := r.stormOf(e.Fault)
	switch {
	case e.Kind == fault.StormOver:
		if i >= 0 {
			r.storms[i].over = true
			r.storms[i].set(r.now, 0)
			r.planStorm(i)
		}
	case i < 0:
		r.beginStorm(e)
	default:
		r.storms[i].set(r.now, e.Level)
		r.planStorm(i)
	}
}

func (r *run) stormOf(of int) int {
	for i := range r.storms {
		if r.storms[i].fault == of {
			return i
		}
	}
	return -1
}

// beginStorm lets a storm begin. The message to which people reply comes at this instant, when all faults of it have taken hold.
func (r *run) beginStorm(e *fault.Effect) {
	f := &r.fault.Faults()[e.Fault]
	x := storm{
		fault: e.Fault, kind: f.Kind, spec: &f.Storm, level: e.Level, since: r.now, at: never, list: -1,
		who: r.root.Stream("storm.who", f.Name(), strconv.Itoa(e.Count)),
	}
	for _, s := range e.Hosts {
		x.hosts = append(x.hosts, int32(s))
	}
	if f.Kind == fault.MailStorm {
		x.list = r.openList(f)
		x.part = 1 // the message that is replied to is due
	}
	r.storms = append(r.storms, x)
	r.planStorm(len(r.storms) - 1)
}

// set changes the intensity of a storm.
func (x *storm) set(now simtime.Time, level int) {
	if x.spec.Rate > 0 {
		x.part = min(1, x.part+float64(float64(now.Sub(x.since))*x.perNanosecond())-x.count)
	}
	x.since, x.count, x.level = now, 0, level
}

// perNanosecond is how many messages come in a nanosecond as things stand.
func (x *storm) perNanosecond() float64 { return float64(x.spec.Rate*float64(x.level)) / (10 * 1e9) }

// next is when the next message of a storm comes, as things stand.
func (x *storm) next(end simtime.Time) simtime.Time {
	left := x.count + 1 - x.part
	switch rate := x.perNanosecond(); {
	case x.spec.Rate == 0 || x.over:
		return never
	case left <= 0:
		return x.since
	case rate == 0 || left/rate > float64(end-x.since)+1:
		return never
	default:
		return x.since.Add(time.Duration(left/rate + 0.5))
	}
}

// planStorm plans the next message of a storm.
func (r *run) planStorm(i int) {
	x := &r.storms[i]
	t := x.next(r.end)
	if x.kind == fault.DuplicateStorm {
		t = x.again.next()
	}
	if t == x.at {
		return // planned already
	}
	if x.at = t; t <= r.end {
		r.at(t, transport.PhaseArrivals, -1, evStorm, r.serial(), uint32(i))
	}
}

// stormEvent brings the next message of a storm. What was planned at another intensity finds another instant and does nothing.
func (r *run) stormEvent(ev calendar.Event) {
	i := int(keyID(ev.Key))
	x := &r.storms[i]
	if x.at != ev.At {
		return
	}
	x.at = never
	switch x.kind {
	case fault.MailStorm:
		x.count++
		r.replyToAll(x)
	case fault.Backscatter:
		x.count++
		r.spam(x)
	default:
		r.sendCopy(x)
	}
	r.planStorm(i)
}

// stormSize is how large a message of a storm is, in bytes: what those of the best-known one were, 195 GB in 15 million (F20).
const stormSize = 13_000

// enter makes a message of a storm: it is with the organisation from now on, like one of a load.
func (r *run) enter(from topology.ServerID, to route.DestID) transport.MsgID {
	m := load.Message{At: r.now, From: from, Via: topology.None, Size: stormSize, Recipients: []load.Recipient{{Dest: to, Count: 1}}}
	r.messages++
	id := r.store.New(transport.Copy{
		Message: r.messages, Accepted: r.now, Created: r.now, Size: stormSize, Set: r.setOf(m.Recipients),
	}, transport.Tail{Sender: r.home(from), Repeats: r.repeats(&m)})
	r.rec.submitted(r, id)
	return id
}

// boxOf picks one of several counts of mailboxes, each mailbox with the same chance, by a number from 0 up to 1.
func boxOf(n int, boxes func(i int) int64, u float64) int {
	total := int64(0)
	for i := range n {
		total += boxes(i)
	}
	k := int64(u * float64(total))
	for i := range n {
		if k -= boxes(i); k < 0 {
			return i
		}
	}
	return n - 1
}
