package transport

import (
	"fmt"
	"math/bits"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Duplicates is what one mailbox database remembers of its deliveries: by it a second copy of a message is told from the first and
// dropped. It belongs to the database, not to the server, and moves with it. It cares for nothing but the key: a copy that
// transport made by itself, after a break or from a shadow, passes the same test as one that a sender made.
//
// An entry is as old as the delivery that made it: what it suppresses does not renew it, so a message in a loop is delivered once a
// window. Hence entries end in the order in which they began, and a ring holds them: a delivery costs O(1) amortised, and
// allocates only while the ring grows. The zero value detects nothing. It is not safe for concurrent use.
type Duplicates struct {
	window time.Duration // 0: detection is off
	ring   []delivered   // entry n stands at n & (len-1)
	latest []uint64      // by hash: number of its latest entry, from 1; 0 = none
	oldest uint64        // number of the oldest entry, from 1
	next   uint64        // number of the next entry
	last   Suppressed
}

// Suppressed is what a dropped copy tells of the delivery that was in its way.
type Suppressed struct {
	At    simtime.Time // when the mailbox got the message
	First bool         // no copy was dropped because of that delivery before
}

// delivered is one delivery: some mailboxes got a message.
type delivered struct {
	key   MessageKey
	at    simtime.Time
	boxes Mailboxes
	back  uint32 // how many numbers before stands the entry before with the same hash; 0 = there is none
	told  bool   // a copy has been dropped because of it
}

// MessageKey is what makes two messages the same for a mailbox. Subject, text and recipients do not count.
type MessageKey struct {
	// ID stands for the Internet message id: equal numbers, equal ids. A message that is sent again keeps the number of the first, and
	// all messages of a sender that always writes one id share one.
	ID uint64
	// Sent is the Date header in seconds since 1970: SentSecond. The header has no finer resolution.
	Sent int64
}

// SentSecond is the Date of a message that its sender submitted at an instant of a run that began at start. Zones do not matter: the
// same instant in another zone is the same Date.
func SentSecond(start time.Time, submitted simtime.Time) int64 {
	return start.Add(time.Duration(submitted)).Unix()
}

// Mailboxes are the mailboxes of one database that a copy is for: those numbered First to First+Count-1. The simulation counts
// mailboxes instead of naming them, so numbers mean something only between messages of one MessageKey: a copy of a copy has the same
// numbers, and who makes a message that overlaps another in part (a recipient who stands in a list, too) says by First where.
type Mailboxes struct {
	First, Count int32
}

// NewDuplicates makes the memory of an empty database. DuplicateSettings says the window; 0 switches detection off.
func NewDuplicates(window time.Duration) *Duplicates {
	return &Duplicates{window: window, next: 1, oldest: 1}
}

// Deliver brings a copy to mailboxes of the database and tells how many of them get it; the others have it already. Those are told as
// STOREDRIVER DUPLICATEDELIVER in place of DELIVER, and nobody else hears of it: there is no report to the sender.
//
// repeats says whether there can be two copies of this message for one mailbox at all, whichever comes first. Without it nothing is looked up
// and nothing remembered: memory is for the few messages that can need it. A journal mailbox is not filtered: repeats is false.
func (d *Duplicates) Deliver(now simtime.Time, key MessageKey, to Mailboxes, repeats bool) (fresh, duplicate int32) {
	if !repeats || d.window == 0 {
		return to.Count, 0
	}
	d.expire(now)
	for at, end := to.First, to.First+to.Count; at < end; {
		upTo, known := d.stretch(key, at, end)
		if known == nil {
			fresh += upTo - at
			d.remember(delivered{key: key, at: now, boxes: Mailboxes{at, upTo - at}})
		} else {
			d.last = Suppressed{At: known.at, First: !known.told}
			known.told = true
		}
		at = upTo
	}
	return fresh, to.Count - fresh
}

// Last tells of the last copy that Deliver dropped for some mailbox; where several deliveries were in its way, of the one to the
// mailboxes with the highest numbers.
func (d *Duplicates) Last() Suppressed { return d.last }

// Len returns the number of entries: one a delivery, not one a mailbox.
func (d *Duplicates) Len(now simtime.Time) int {
	d.expire(now)
	return int(d.next - d.oldest)
}

// Lose forgets the deliveries from an instant on: what a copy of the database lacks that is activated after a failure.
func (d *Duplicates) Lose(since simtime.Time) {
	for d.next > d.oldest && d.entry(d.next-1).at >= since {
		d.next--
		e := d.entry(d.next)
		latest := &d.latest[d.hash(e.key)]
		if *latest = 0; e.back != 0 {
			*latest = d.next - uint64(e.back)
		}
	}
}

// expire drops the entries that are a window old. One that is exactly as old as the window is no longer a duplicate (QD-9).
func (d *Duplicates) expire(now simtime.Time) {
	for d.oldest < d.next && now.Sub(d.entry(d.oldest).at) >= d.window {
		d.oldest++
	}
}

// stretch finds the delivery by which mailbox at has the message, nil when there is none, and up to where the answer is the same.
func (d *Duplicates) stretch(key MessageKey, at, end int32) (upTo int32, known *delivered) {
	if len(d.ring) == 0 {
		return end, nil
	}
	upTo = end
	for n := d.latest[d.hash(key)]; n >= d.oldest; {
		e := d.entry(n)
		if first, last := e.boxes.First, e.boxes.First+e.boxes.Count; e.key == key {
			switch {
			case first <= at && at < last:
				return min(end, last), e
			case first > at:
				upTo = min(upTo, first)
			}
		}
		if e.back == 0 {
			break
		}
		n -= uint64(e.back)
	}
	return upTo, nil
}

// remember adds an entry; a full ring grows to twice its size first.
func (d *Duplicates) remember(e delivered) {
	if int(d.next-d.oldest) == len(d.ring) {
		old := *d
		size := max(16, 2*len(old.ring))
		d.ring, d.latest = make([]delivered, size), make([]uint64, size)
		d.next = d.oldest
		for n := old.oldest; n < old.next; n++ {
			d.link(*old.entry(n))
		}
	}
	d.link(e)
}

func (d *Duplicates) link(e delivered) {
	latest := &d.latest[d.hash(e.key)]
	e.back = 0
	if *latest >= d.oldest {
		e.back = uint32(d.next - *latest)
	}
	*d.entry(d.next) = e
	*latest = d.next
	d.next++
}

func (d *Duplicates) entry(n uint64) *delivered { return &d.ring[n&uint64(len(d.ring)-1)] }

// hash spreads keys over the heads of the chains: numbers of messages and seconds both count up, so both are mixed by multiplication.
func (d *Duplicates) hash(k MessageKey) uint64 {
	hi, lo := bits.Mul64(k.ID^0x9e3779b97f4a7c15, uint64(k.Sent)^0xd1b54a32d192ed03)
	x := (hi ^ lo ^ k.ID) * 0x9e3779b97f4a7c15
	return x >> 32 & uint64(len(d.latest)-1)
}

// The windows of the versions (Q-12.4, Q-12.5, Q-12.6, QX-5).
const (
	duplicateWindow2007   = time.Hour          // 2007 and 2010: what the field reports
	duplicateWindow2013   = 7 * 24 * time.Hour // fixed from 2013 on
	duplicateWindowOnline = 24 * time.Hour     // fixed
	duplicateRetention    = 7 * 24 * time.Hour // 2007 and 2010: how long information is kept at most

	minDuplicateWindow = time.Hour
	maxDuplicateWindow = 100 * 365 * 24 * time.Hour
)

// DuplicateSettings are the registry values of a mailbox server that duplicate detection knows. The zero value is a server as installed.
type DuplicateSettings struct {
	Online bool // a database of Exchange Online: nothing can be set
	// Window is DeliveredTo Expiration in Hours, 1h to 100 years; 0 = 1 h. 2007 and 2010 only.
	Window time.Duration
	// Retention is how long information is kept; 0 = 168 h. It bounds the window, so a longer window needs a longer retention. 2007 and
	// 2010 only.
	Retention time.Duration
	// Disabled is Disable All Duplicate Detection. 2007 (SP2 and later) and 2010 (SP1 and later) only.
	Disabled bool
}

// Dup2007Doc is the preset dup-2007-doc: 7 days, as the help of 2007 has it (QX-5).
func Dup2007Doc() DuplicateSettings { return DuplicateSettings{Window: 168 * time.Hour} }

// Check returns what is wrong with the settings.
func (s DuplicateSettings) Check() error {
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"window", s.Window}, {"retention", s.Retention}} {
		if x.d != 0 && (x.d < minDuplicateWindow || x.d > maxDuplicateWindow) {
			return fmt.Errorf("duplicate %s must be 1h to 876000h (100 years), is %v", x.name, x.d)
		}
	}
	return nil
}

// WindowOf returns the window of a database on a server of version v; 0 = detection is off. From 2013 on and online it is fixed and the
// settings have no effect.
func (s DuplicateSettings) WindowOf(v topology.Version) time.Duration {
	switch {
	case s.Online:
		return duplicateWindowOnline
	case v.New():
		return duplicateWindow2013
	case s.Disabled && (v == topology.V2007 || v == topology.V2010):
		return 0
	}
	window, retention := duplicateWindow2007, duplicateRetention
	if s.Window != 0 {
		window = s.Window
	}
	if s.Retention != 0 {
		retention = s.Retention
	}
	return min(window, retention)
}
