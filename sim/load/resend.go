package load

import (
	"errors"
	"time"

	"mailsim/sim/simtime"
)

// Resend says that a source sends its messages again. The zero value sends none again.
type Resend struct {
	After   time.Duration // > 0: from one copy to the next
	Times   int           // how often; 0 = never
	NewDate bool          // each copy carries the Date of its own submission, not that of the first
}

// Identity is what a mailbox goes by when it tells whether it has a message. The zero value is that of a message that no mailbox
// is sent twice.
type Identity struct {
	ID   uint64       // stands for the Internet message id: equal numbers, equal ids. Those below 1<<62 are left to others
	Date simtime.Time // the instant of the Date header; may be before t0
}

// Kinds of message ids.
const (
	ownID    uint64 = 1 << 62 // of one message: the source's index in bits 40 to 61, its number in the source below
	sharedID uint64 = 1 << 63 // Source.MessageID, of all messages that carry it
)

// resent is a message that is sent again.
type resent struct {
	Message
	left int // how often still
}

// resends holds the messages that are to be sent again, in order of time: all wait for the same while. It is a ring whose entries keep the
// memory of their recipients, so that it allocates only while it grows.
type resends struct {
	Resend
	end   simtime.Time // of the run, exclusive
	ring  []resent     // entry n stands at n & (len-1)
	first uint64
	next  uint64
	to    []Recipient // of the message taken last
	ahead Message     // the source's next message of its own
	ready bool        // ahead is drawn
	over  bool        // there is no further one
}

// push plans the next copy of a message, unless the run is over before.
func (r *resends) push(m *Message, left int) {
	if left == 0 || r.After >= r.end.Sub(m.At) {
		return
	}
	if r.next-r.first == uint64(len(r.ring)) {
		r.grow()
	}
	e := &r.ring[r.next&uint64(len(r.ring)-1)]
	to := append(e.Recipients[:0], m.Recipients...)
	*e = resent{*m, left - 1}
	e.Recipients = to
	e.At = m.At.Add(r.After)
	r.next++
}

func (r *resends) grow() {
	old := r.ring
	r.ring = make([]resent, max(16, 2*len(old)))
	for n := r.first; n < r.next; n++ {
		r.ring[n&uint64(len(r.ring)-1)] = old[n&uint64(len(old)-1)]
	}
}

// pop takes the copy that is due next, and plans the one after it.
func (r *resends) pop() Message {
	e := &r.ring[r.first&uint64(len(r.ring)-1)]
	r.first++
	m, left := e.Message, e.left
	r.to = append(r.to[:0], e.Recipients...)
	m.Recipients = r.to
	if r.NewDate {
		m.Identity.Date = m.At
	}
	r.push(&m, left)
	return m
}

// withResends finds the next message, new or sent again; of two at one instant the one that is sent again is older, and first.
func (g *Generator) withResends(m *Message) bool {
	r := &g.again
	if !r.ready && !r.over {
		r.ready = g.fresh(&r.ahead)
		r.over = !r.ready
	}
	switch {
	case r.first < r.next && (r.over || r.ring[r.first&uint64(len(r.ring)-1)].At <= r.ahead.At):
		*m = r.pop()
	case r.over:
		return false
	default:
		*m, r.ready = r.ahead, false
		r.push(m, r.Times)
	}
	m.Seq = g.handed
	g.handed++
	return true
}

// Repeats tells whether a mailbox may be sent a message of the source twice: because it is sent again, because others have its id, or
// because a recipient may be a member of a distribution group besides.
func (s *Source) Repeats() bool {
	if s.MessageID != 0 || s.Resend.Times > 0 {
		return true
	}
	if len(s.Cc) == 0 || s.Linked {
		return false
	}
	for _, list := range [][]Party{s.To, s.Cc} {
		for _, p := range list {
			if p.Kind == PartyGroup {
				return true
			}
		}
	}
	return false
}

// identity is what the messages of the source are known by: own is the number of a message in the source, at when it is first submitted.
func (g *Generator) identity(own int64, at simtime.Time) Identity {
	id := Identity{ID: ownID | uint64(g.source)<<40 | uint64(own), Date: at}
	if g.shared != 0 {
		id.ID = sharedID | g.shared
	}
	if g.dated {
		id.Date = g.date
	}
	return id
}

// checkResend tells what is wrong with how a source names its messages and sends them again.
func (s *Source) checkResend() error {
	r := &s.Resend
	switch {
	case s.MessageID >= ownID:
		return errors.New("the number of the message id is too large")
	case r.Times < 0:
		return errors.New("times must be at least 0")
	case r.Times > 0 && r.After <= 0:
		return errors.New("messages are sent again after 0s or less; that must be longer")
	}
	return nil
}
