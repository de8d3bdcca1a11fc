package transport

import (
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// SafetyNet is what a server keeps of the mail that it has delivered to one mailbox database, for the case that the database comes back
// without its last minutes: Safety Net from 2013 on, on the server that delivered and on the holder of its shadow copies; the
// transport dumpster of 2007 and 2010.
//
// It counts messages and bytes by grains of time, as that is all that most runs ask for. With a grain of 0 it keeps each message by
// itself; that is for dumpsters, which are small, and for runs in which somebody can ask for messages. Mail leaves in the order in which
// it came, so a ring holds it: O(1) amortised, no allocation once it has its size. The zero value keeps nothing and must not be used.
type SafetyNet struct {
	prof     SafetyNetProfile
	ring     []kept // power of two; entry n stands at n & (len-1)
	oldest   uint64
	next     uint64
	messages int64
	bytes    int64
}

// kept is one message, or those of one grain.
type kept struct {
	at       simtime.Time // of a grain: its beginning
	bytes    int64
	messages int32
	msg      MsgID // 0 in a grain
}

// SafetyNetProfile is how long and how much a server keeps. DefaultSafetyNet fills it.
type SafetyNetProfile struct {
	Hold     time.Duration // SafetyNetHoldTime; MaxDumpsterTime. 15s suits sites that mail only passes through
	MaxBytes int64         // MaxDumpsterSizePerDatabase (2007: per storage group): older mail leaves for newer; 0 = no limit
	// Grain is the time whose messages are counted as one; they leave together when the last can be Hold old. 0 = none, each message by
	// itself.
	Grain time.Duration
	// Servers is on how many servers the bytes of a delivered message stay: 2 from 2013 on, where each message also costs one more
	// transmission inside the boundary of its server.
	Servers int
	// Secondary is how long a server of which messages are asked may be unreachable before the holders of the shadow copies are asked;
	// 0 = there are none.
	Secondary time.Duration
}

// DefaultSafetyNet returns the settings of version v as installed.
func DefaultSafetyNet(v topology.Version) SafetyNetProfile {
	const day = 24 * time.Hour
	if !v.New() {
		return SafetyNetProfile{Hold: 7 * day, MaxBytes: 18 << 20, Servers: 1}
	}
	return SafetyNetProfile{Hold: 2 * day, Grain: time.Minute, Servers: 2, Secondary: 12 * time.Hour}
}

// WithHold returns the profile with another hold time, and a grain that suits it: a minute, or a fifteenth of the hold time if that is
// less.
func (p SafetyNetProfile) WithHold(hold time.Duration) SafetyNetProfile {
	p.Hold = hold
	if p.Grain > 0 {
		p.Grain = max(1, min(time.Minute, hold/15))
	}
	return p
}

// AnswerAt returns when a request for messages made at an instant is answered, and by the holders of the shadow copies or not: at once by the
// server that delivered them when it is reachable by then, else when back, but by the holders after Secondary. They expand groups
// anew, as what they hold was copied before.
func (p SafetyNetProfile) AnswerAt(asked, reachable simtime.Time) (at simtime.Time, byHolders bool) {
	if last := asked.Add(p.Secondary); p.Secondary > 0 && reachable >= last {
		return last, true
	}
	return max(asked, reachable), false
}

// NewSafetyNet makes an empty one for one database.
func NewSafetyNet(p SafetyNetProfile) *SafetyNet { return &SafetyNet{prof: p} }

// Keep adds a message that was delivered. With a grain the message itself is not kept. An Expire follows, which drops
// what is too much now.
func (s *SafetyNet) Keep(now simtime.Time, m MsgID, size uint32) {
	s.messages++
	s.bytes += int64(size)
	if g := simtime.Time(s.prof.Grain); g > 0 {
		now -= now % g
		m = 0
		if s.next > s.oldest {
			if e := s.entry(s.next - 1); e.at == now {
				e.messages++
				e.bytes += int64(size)
				return
			}
		}
	}
	if int(s.next-s.oldest) == len(s.ring) {
		old := *s
		s.ring = make([]kept, max(16, 2*len(old.ring)))
		for n := old.oldest; n < old.next; n++ {
			*s.entry(n) = *old.entry(n)
		}
	}
	*s.entry(s.next) = kept{at: now, bytes: int64(size), messages: 1, msg: m}
	s.next++
}

// Expire drops what is too old, or too much, at an instant, and appends the messages that were kept one by one: the driver frees them.
func (s *SafetyNet) Expire(now simtime.Time, out []MsgID) []MsgID {
	for s.oldest < s.next && (s.ends(s.oldest) <= now || s.prof.MaxBytes > 0 && s.bytes > s.prof.MaxBytes) {
		e := s.entry(s.oldest)
		if e.msg != 0 {
			out = append(out, e.msg)
		}
		s.messages -= int64(e.messages)
		s.bytes -= e.bytes
		s.oldest++
	}
	return out
}

// Clear drops everything, when the queue database is lost, and appends the messages that were kept one by one.
func (s *SafetyNet) Clear(out []MsgID) []MsgID {
	for ; s.oldest < s.next; s.oldest++ {
		if e := s.entry(s.oldest); e.msg != 0 {
			out = append(out, e.msg)
		}
	}
	s.messages, s.bytes = 0, 0
	return out
}

// Next returns when Expire has something to drop; Never when there is nothing.
func (s *SafetyNet) Next() simtime.Time {
	if s.oldest == s.next {
		return simtime.Never
	}
	return s.ends(s.oldest)
}

func (s *SafetyNet) ends(n uint64) simtime.Time {
	return s.entry(n).at.Add(s.prof.Grain).Add(s.prof.Hold)
}

// Held returns how many messages and bytes are kept, as of the last Expire: their share of the queue database.
func (s *SafetyNet) Held() (messages, bytes int64) { return s.messages, s.bytes }

// Count returns how many messages and bytes were delivered from one instant to before another and are still kept: what a database asks for
// that lacks this time. Grains count whole.
func (s *SafetyNet) Count(from, to simtime.Time) (messages, bytes int64) {
	for n := s.oldest; n < s.next; n++ {
		if e := s.entry(n); s.within(e, from, to) {
			messages += int64(e.messages)
			bytes += e.bytes
		}
	}
	return messages, bytes
}

// Messages appends the messages of that time in the order of their delivery, if they are kept one by one. They stay: the database may
// ask again. No reports are made of what is sent again (ReportOrigin.Resubmitted).
func (s *SafetyNet) Messages(from, to simtime.Time, out []MsgID) []MsgID {
	for n := s.oldest; n < s.next; n++ {
		if e := s.entry(n); e.msg != 0 && s.within(e, from, to) {
			out = append(out, e.msg)
		}
	}
	return out
}

func (s *SafetyNet) within(e *kept, from, to simtime.Time) bool {
	last := e.at
	if s.prof.Grain > 0 {
		last = e.at.Add(s.prof.Grain - 1)
	}
	return last >= from && e.at < to
}

func (s *SafetyNet) entry(n uint64) *kept { return &s.ring[n&uint64(len(s.ring)-1)] }
