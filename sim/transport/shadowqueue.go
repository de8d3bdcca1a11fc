package transport

import (
	"time"

	"mailsim/sim/simtime"
)

// ShadowQueue is what one server holds in case another, the primary, is lost: copies of the mail that the primary is to pass on. Once in a
// while the holder asks the primary. It learns then what has been passed on and drops it; it sends its copies itself when no question
// was answered for too long, or when the primary is back without the mail it had.
//
// Heartbeats are computed, not made: they stand at phase + n*interval, and succeed silently while the primary answers. The driver says
// when that changes (Cut, Mended), and asks Deadline for the instants at which something is to be learned. Several things of one instant
// come in the order of: faults, then what the primary completes, then heartbeats. A heartbeat at the instant at which the time
// is up still counts.
//
//	q.Cut(now); q.Mended(now, db)          // the world
//	id := q.Hold(now, m); q.Discard(now, id) // the primary took m; the primary passed it on
//	q.Fire(now)                            // at Deadline; or q.Session(now), when a session to the primary begins
//	for m := q.TakeResubmitted(); m != 0; m = q.TakeResubmitted() { ... }
//	... then the same with TakeDiscarded, then with TakeExpired
//
// It is not safe for concurrent use, and allocates only while it grows.
type ShadowQueue struct {
	interval, takeOver, life, keeps time.Duration
	phase                           time.Duration // of the heartbeats, counted from t0

	up       bool
	since    simtime.Time // up: since when the primary answers
	last     simtime.Time // a success: the last one when not up; when up there may have been later heartbeats
	database uint64       // the primary's queue database
	paused   bool         // back pressure keeps the holder from sending copies
	resumed  simtime.Time // when that ended last

	slots      []shadowCopy // from 1
	head, tail int32        // in order of Hold; 0 = none
	free       int32
	n          int32
	giving     int32       // copies at the head that are to be resubmitted
	discards   []discarded // what the primary has passed on
	taken      int         // of discards: brought by TakeDiscarded
	learned    int         // of discards: known here
}

// ShadowID names a copy in a ShadowQueue. It names no other copy after that one is gone.
type ShadowID uint64

type shadowCopy struct {
	msg           MsgID
	serial        uint32 // counts the uses of the slot
	before, after int32
	at            simtime.Time
	database      uint64 // of the primary, when it took the message
}

// discarded is a message that the primary has passed on, and when.
type discarded struct {
	id ShadowID
	at simtime.Time
}

// NewShadowQueue makes the empty queue of a holder for one primary, which answers and has a queue database of this id. The first
// heartbeats, like all others, follow the phase: one at or before now has succeeded.
func NewShadowQueue(p *ShadowProfile, phase time.Duration, now simtime.Time, database uint64) *ShadowQueue {
	q := &ShadowQueue{
		interval: p.Heartbeat, takeOver: p.TakeOver, life: p.CopyLife, keeps: p.DiscardsKept, phase: phase, up: true, since: now, database: database,
		slots: make([]shadowCopy, 1),
	}
	q.last = q.beatFrom(now+1) - simtime.Time(q.interval)
	return q
}

// Len returns the number of copies held, those included that a Take is to bring.
func (q *ShadowQueue) Len() int { return int(q.n) }

// Each visits the copies held, oldest first, with when they came; what Fire has decided on included.
func (q *ShadowQueue) Each(f func(m MsgID, at simtime.Time)) {
	for i := q.head; i != 0; i = q.slots[i].after {
		f(q.slots[i].msg, q.slots[i].at)
	}
}

// Hold adds a copy of a message that the primary has taken.
func (q *ShadowQueue) Hold(now simtime.Time, m MsgID) ShadowID {
	if q.n == 0 {
		if q.last = q.LastSuccess(now - 1); q.takeOverAt() <= now {
			q.last = now // the wait ended while there was nothing to wait for: it begins with this copy
		}
	}
	i := q.free
	if i != 0 {
		q.free = q.slots[i].after
	} else {
		q.slots = append(q.slots, shadowCopy{})
		i = int32(len(q.slots) - 1)
	}
	serial := q.slots[i].serial + 1
	q.slots[i] = shadowCopy{msg: m, serial: serial, before: q.tail, at: now, database: q.database}
	if q.tail != 0 {
		q.slots[q.tail].after = i
	} else {
		q.head = i
	}
	q.tail = i
	q.n++
	return ShadowID(serial)<<32 | ShadowID(i)
}

// Discard says that the primary has passed a message on. The holder learns it at the next contact. Of a copy that is gone it says nothing.
func (q *ShadowQueue) Discard(now simtime.Time, id ShadowID) {
	if q.slots[uint32(id)].serial != uint32(id>>32) {
		return
	}
	q.discards = append(q.discards, discarded{id, now})
}

// Cut says that the primary stops answering: it is down, or nothing gets through. A heartbeat of this instant fails.
func (q *ShadowQueue) Cut(now simtime.Time) {
	if q.up {
		q.last = q.LastSuccess(now - 1)
		q.up = false
	}
}

// Mended says that the primary answers again, with a queue database of this id: a new one, never seen before, when the old one is lost. A
// heartbeat of this instant succeeds.
func (q *ShadowQueue) Mended(now simtime.Time, database uint64) {
	if q.up {
		q.last = q.LastSuccess(now - 1)
	}
	q.up, q.since, q.database = true, now, database
}

// Restart says that the holder itself starts after a stop, during which it asked nobody and the primary counts as cut: the time without
// an answer begins anew. What the primary is now, Mended says.
func (q *ShadowQueue) Restart(now simtime.Time) {
	if !q.up {
		q.last = max(q.last, now)
	}
}

// Pause says whether the holder is kept from sending copies in place of the primary from now on. It goes on asking, and drops what has been passed on. When
// the pause is over it sends what it would send then: a primary that is back with its mail needs nobody to do so.
func (q *ShadowQueue) Pause(now simtime.Time, on bool) {
	if q.paused && !on {
		q.last, q.resumed = q.LastSuccess(now), now
	}
	q.paused = on
}

// LastSuccess returns when the primary last answered, heartbeats up to and at now included.
func (q *ShadowQueue) LastSuccess(now simtime.Time) simtime.Time {
	if !q.up {
		return q.last
	}
	beat := q.beatFrom(now+1) - simtime.Time(q.interval)
	if beat < q.since {
		return q.last
	}
	return max(q.last, beat)
}

// Deadline returns when Fire is to be called: never while nothing is to be learned. It is exact.
func (q *ShadowQueue) Deadline() simtime.Time {
	if q.n == 0 {
		return simtime.Never
	}
	t := simtime.Never
	if q.life > 0 {
		t = q.slots[q.head].at.Add(q.life)
	}
	if !q.paused {
		t = min(t, q.takeOverAt())
	}
	switch {
	case !q.up:
	case q.slots[q.head].database != q.database && !q.paused:
		t = min(t, q.beatFrom(max(q.since, q.resumed)))
	case len(q.discards) > q.learned:
		t = min(t, q.beatFrom(max(q.since, q.discards[q.learned].at)))
	}
	return t
}

// takeOverAt returns when the time without an answer is up, unless a heartbeat comes first.
func (q *ShadowQueue) takeOverAt() simtime.Time {
	at := q.last.Add(q.takeOver)
	if q.up && at >= q.beatFrom(q.since) {
		return simtime.Never
	}
	return at
}

// Fire does what is due: a heartbeat with something to learn, or the end of the wait for one. The Takes then bring what came of it; they
// are to be emptied, in their order, before anything else is called.
func (q *ShadowQueue) Fire(now simtime.Time) {
	switch {
	case !q.paused && q.takeOverAt() <= now:
		q.giving = q.n
		q.last = now // of a copy that comes later the time begins anew
	case q.up && q.beatFrom(now) == now:
		q.Session(now)
	}
}

// Session is a contact with the primary for whatever reason: as good as a heartbeat. Without a primary that answers it is none.
func (q *ShadowQueue) Session(now simtime.Time) {
	if !q.up {
		return
	}
	q.last = max(q.last, now)
	for i := q.head; i != 0 && !q.paused && q.slots[i].database != q.database; i = q.slots[i].after {
		q.giving++
	}
	old := q.learned
	for q.keeps > 0 && old < len(q.discards) && q.discards[old].at.Add(q.keeps) <= now { // nobody knows of it any more
		old++
	}
	q.discards = append(q.discards[:q.learned], q.discards[old:]...)
	q.learned = len(q.discards)
}

// TakeResubmitted brings the copies that the holder sends in place of the primary, in the order in which they came; 0 when there is no
// further one.
func (q *ShadowQueue) TakeResubmitted() MsgID {
	if q.giving == 0 {
		return 0
	}
	q.giving--
	return q.take(q.head)
}

// TakeDiscarded brings the copies that the primary has passed on, as far as the holder has learned it; 0 when there is no further one. From
// 2013 on they go to the holder's Safety Net. What the primary knew of copies from before it lost its database is lost with it.
func (q *ShadowQueue) TakeDiscarded() MsgID {
	for q.taken < q.learned {
		id := q.discards[q.taken].id
		q.taken++
		if x := &q.slots[uint32(id)]; x.serial == uint32(id>>32) && x.database == q.database {
			return q.take(int32(uint32(id)))
		}
	}
	q.discards = q.discards[:copy(q.discards, q.discards[q.learned:])]
	q.taken, q.learned = 0, 0
	return 0
}

// TakeExpired brings the copies that nobody has discarded and that are older than the profile's CopyLife; 0 when there is no further one.
func (q *ShadowQueue) TakeExpired(now simtime.Time) MsgID {
	if q.life == 0 || q.head == 0 || q.slots[q.head].at.Add(q.life) > now {
		return 0
	}
	return q.take(q.head)
}

// TakeLost brings every copy, in the order in which they came, when the holder's own queue database is lost; 0 when there is no further
// one.
func (q *ShadowQueue) TakeLost() MsgID {
	if q.head == 0 {
		return 0
	}
	return q.take(q.head)
}

func (q *ShadowQueue) take(i int32) MsgID {
	x := &q.slots[i]
	if x.before != 0 {
		q.slots[x.before].after = x.after
	} else {
		q.head = x.after
	}
	if x.after != 0 {
		q.slots[x.after].before = x.before
	} else {
		q.tail = x.before
	}
	m := x.msg
	*x = shadowCopy{serial: x.serial + 1, after: q.free}
	q.free = i
	if q.n--; q.n == 0 {
		q.discards, q.taken, q.learned = q.discards[:0], 0, 0 // they name nobody any more
	}
	return m
}

// beatFrom returns the first heartbeat at or after an instant.
func (q *ShadowQueue) beatFrom(t simtime.Time) simtime.Time {
	past := (time.Duration(t) - q.phase) % q.interval // since the last one, or negative: until the next
	switch {
	case past > 0:
		return t.Add(q.interval - past)
	default:
		return t.Add(-past)
	}
}
