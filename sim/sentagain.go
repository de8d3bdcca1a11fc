package sim

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// sentAgain is what a duplicate storm sends again (F21). All wait for the same while, so that those to come stand in order of time.
type sentAgain struct {
	tenths int // of a message that are due to be sent again
	queue  []againMail
	first  int
	copies []uint64 // messages that are copies, and have not come to a server yet
}

// againMail is a message that is to be sent again.
type againMail struct {
	at       simtime.Time
	set      transport.SetID // a reference of its own
	size     uint32
	sender   topology.ServerID
	priority transport.Priority
	repeats  transport.Repeats
	key      transport.MessageKey // of all copies; not with ids of their own
	left     int                  // how often, this time included
}

// next is when the next copy is sent; Never when none is.
func (a *sentAgain) next() simtime.Time {
	if a.first == len(a.queue) {
		return never
	}
	return a.queue[a.first].at
}

// push plans a copy.
func (a *sentAgain) push(x againMail) {
	if a.first > len(a.queue)/2 { // half of it is done with
		a.queue = slices.Delete(a.queue, 0, a.first)
		a.first = 0
	}
	a.queue = append(a.queue, x)
}

// sendAgain is when a server takes a message that a mailbox or somebody outside has submitted: duplicate storms that strike the one or the other send it
// again. Copies are not sent again themselves.
func (r *run) sendAgain(m transport.MsgID, to int32) {
	number := r.store.Hot[m].Message
	for i := range r.storms {
		a := &r.storms[i].again
		if k := slices.Index(a.copies, number); k >= 0 {
			a.copies = slices.Delete(a.copies, k, k+1)
			return
		}
	}
	for i := range r.storms {
		x := &r.storms[i]
		if x.kind != fault.DuplicateStorm || x.over || !x.strikes(r.store.Cold[m].Sender, to) {
			continue
		}
		if x.again.tenths += x.level; x.again.tenths < 10 {
			continue
		}
		x.again.tenths -= 10
		hot, cold := &r.store.Hot[m], &r.store.Cold[m]
		y := againMail{
			at: r.now.Add(x.spec.Delay), set: r.store.Ref(hot.Set), size: hot.Size, sender: cold.Sender, priority: cold.Priority, repeats: cold.Repeats, left: x.spec.Copies,
		}
		if !x.spec.NewID {
			cold.Repeats |= transport.BySenders // mailboxes remember it from its first copy on
			y.repeats, y.key = cold.Repeats, r.identity(m)
		}
		x.again.push(y)
		r.planStorm(i)
	}
}

// strikes tells whether a duplicate storm is about mail of a sender that comes to a server: of mailboxes on a machine that it strikes, or from outside to one.
func (x *storm) strikes(sender topology.ServerID, to int32) bool {
	if sender == topology.None {
		return slices.Contains(x.hosts, to)
	}
	return slices.Contains(x.hosts, int32(sender))
}

// sendCopy sends a message again that a duplicate storm is about.
func (r *run) sendCopy(x *storm) {
	a := &x.again
	y := a.queue[a.first]
	a.first++
	r.messages++
	id := r.store.New(transport.Copy{
		Message: r.messages, Accepted: r.now, Created: r.now, Size: y.size, Set: r.store.Ref(y.set),
	}, transport.Tail{Sender: y.sender, Priority: y.priority, Repeats: y.repeats})
	if !x.spec.NewID {
		r.know(r.messages, y.key)
	}
	a.copies = append(a.copies, r.messages)
	if y.left--; y.left > 0 {
		y.at = r.now.Add(x.spec.Delay)
		a.push(y)
	} else {
		r.store.Unref(y.set)
	}
	r.rec.submitted(r, id)
	r.submit(id)
}
