package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// MsgID is a handle of a copy in the Store. The zero handle is no copy.
type MsgID uint32

// SetID is a handle of a recipient set in the Store.
type SetID uint32

// PathID is a handle of the list of servers that have handled a copy.
type PathID uint32

// Recipients is one entry of a recipient set: Count recipients at one destination.
type Recipients struct {
	Dest  route.DestID
	Count int32
}

// Copy is the hot part of a copy: 32 bytes, no pointer.
type Copy struct {
	Message  uint64       // the message integer that copies share
	Accepted simtime.Time // when this server took responsibility
	Created  simtime.Time // when the sender submitted the message
	Size     uint32       // bytes
	Set      SetID
}

// Tail is the cold part of a copy.
type Tail struct {
	Path   PathID
	Sender topology.ServerID // mailbox server of the sender; None: from outside
	// Relayed is set when the copy came from another server, not from a sender's mailbox.
	Relayed bool
	// Null is set for a message without a return path: it never causes a report.
	Null     bool
	Priority Priority
	Repeats  Repeats
	spot     int32 // where its server has it: a queue index, or one of the values below
}

// Repeats says how a mailbox may come to be sent a message twice, whichever copy comes first: a set. Mailbox databases remember only messages
// of which it says something.
type Repeats uint8

// The ways to be sent twice.
const (
	BySenders   Repeats = 1 << iota // its senders send it again, or to somebody who is sent it by another way, too
	ByTransport                     // servers do: out of a shadow copy, out of Safety Net, or after a lost reply
	Resubmitted                     // this copy came out of Safety Net: nobody is told of it
)

// Where a server has a copy that is in none of its delivery queues.
const (
	spotSubmission  int32 = -1 - iota // waiting for the categoriser
	spotCategoriser                   // in the categoriser, which the driver runs
	spotUnreachable                   // in the Unreachable queue
	spotPoison                        // in the poison queue
)

// Store holds the copies of a run. The driver owns it, the hubs share it; it is not safe for concurrent use. Handles are reused
// in last-in-first-out order.
type Store struct {
	Hot  []Copy
	Cold []Tail
	links
	free MsgID

	sets    []set
	freeSet SetID

	paths  pathTable
	shadow shadowParts
}

// links are the neighbours of the copies in the lists that they stand in, by copy: 16 bytes, so that all that a list touches of a copy is
// in one cache line. A copy is on one server, so all hubs of a run share them, as they do the store.
type links []link

type link struct {
	next, prev    MsgID // in the one list, at most, that the copy waits in
	before, after MsgID // by age, in the dueList of its server and class
}

type set struct {
	entries []Recipients // ascending by destination
	total   int32        // recipients
	refs    int32
	next    SetID
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{Hot: make([]Copy, 1), Cold: make([]Tail, 1), links: make(links, 1), sets: make([]set, 1), paths: newPathTable()}
}

// New adds a copy; it takes over one reference to c.Set.
func (s *Store) New(c Copy, t Tail) MsgID { // small enough to be inlined: what is given is then written once, to its place
	m := s.handle()
	s.Hot[m], s.Cold[m] = c, t
	return m
}

// Again adds a copy like m: of the same message for the same recipients, to which it adds a reference.
func (s *Store) Again(m MsgID) MsgID {
	n := s.free
	if n != 0 { // nearly always
		s.free = s.links[n].next
	} else {
		n = s.handle()
	}
	s.Hot[n], s.Cold[n] = s.Hot[m], s.Cold[m]
	s.Ref(s.Hot[n].Set)
	return n
}

// handle takes a handle out of those that are free, or makes one. Its links are clear: it stands in no list.
//
//go:noinline
func (s *Store) handle() MsgID {
	if m := s.free; m != 0 {
		s.free = s.links[m].next
		return m
	}
	n := len(s.Hot)
	if n < cap(s.Hot) && n < cap(s.Cold) && n < cap(s.links) { // what append has cleared already
		s.Hot, s.Cold, s.links = s.Hot[:n+1], s.Cold[:n+1], s.links[:n+1]
	} else {
		s.Hot, s.Cold, s.links = append(s.Hot, Copy{}), append(s.Cold, Tail{}), append(s.links, link{})
	}
	return MsgID(n)
}

// Free removes a copy and drops its reference to its set.
func (s *Store) Free(m MsgID) {
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = 0
	s.links[m].next = s.free
	s.free = m
}

// Live returns the number of copies. It takes a walk over the free handles.
func (s *Store) Live() int {
	n := len(s.Hot) - 1
	for m := s.free; m != 0; m = s.links[m].next {
		n--
	}
	return n
}

// NewSet makes a recipient set with one reference. Entries must be ascending by destination, counts positive; they are copied.
func (s *Store) NewSet(entries []Recipients) SetID {
	id := s.freeSet
	if id != 0 {
		s.freeSet = s.sets[id].next
	} else {
		s.sets = append(s.sets, set{})
		id = SetID(len(s.sets) - 1)
	}
	x := &s.sets[id]
	x.entries = append(x.entries[:0], entries...)
	x.refs = 1
	x.total = 0
	for i := range x.entries {
		x.total += x.entries[i].Count
	}
	return id
}

// Ref adds a reference to a set and returns it.
func (s *Store) Ref(id SetID) SetID { s.sets[id].refs++; return id }

// Unref drops a reference; a set without references is reused.
func (s *Store) Unref(id SetID) {
	x := &s.sets[id]
	if x.refs--; x.refs == 0 {
		x.next = s.freeSet
		s.freeSet = id
	}
}

// Entries returns the recipients of a set; valid until the set is dropped.
func (s *Store) Entries(id SetID) []Recipients { return s.sets[id].entries }

// Total returns the number of recipients of a set.
func (s *Store) Total(id SetID) int32 { return s.sets[id].total }

// Recipients returns the number of recipients of a copy.
func (s *Store) Recipients(m MsgID) int32 { return s.sets[s.Hot[m].Set].total }

// list is a first-in-first-out list of copies, linked through the store.
type list struct {
	head, tail MsgID
	n          int32
}

func (s links) pushBack(l *list, m MsgID) {
	x := &s[m]
	x.next, x.prev = 0, l.tail
	if l.tail != 0 {
		s[l.tail].next = m
	} else {
		l.head = m
	}
	l.tail = m
	l.n++
}

func (s links) pushFront(l *list, m MsgID) {
	x := &s[m]
	x.next, x.prev = l.head, 0
	if l.head != 0 {
		s[l.head].prev = m
	} else {
		l.tail = m
	}
	l.head = m
	l.n++
}

func (s links) popFront(l *list) MsgID {
	m := l.head
	l.head = s[m].next
	if l.head == 0 {
		l.tail = 0
	} else {
		s[l.head].prev = 0
	}
	l.n--
	return m
}

// insert puts a copy behind another of the list; 0 = in front of all.
func (s links) insert(l *list, behind, m MsgID) {
	switch behind {
	case 0:
		s.pushFront(l, m)
	case l.tail:
		s.pushBack(l, m)
	default:
		after := s[behind].next
		s[m].next, s[m].prev = after, behind
		s[behind].next, s[after].prev = m, m
		l.n++
	}
}

// in tells whether a copy that may stand in a list, and in no other, does.
func (s links) in(l *list, m MsgID) bool { return l.head == m || s[m].prev != 0 }

// take removes a copy from anywhere in its list.
func (s links) take(l *list, m MsgID) {
	x := s[m]
	if x.prev != 0 {
		s[x.prev].next = x.next
	} else {
		l.head = x.next
	}
	if x.next != 0 {
		s[x.next].prev = x.prev
	} else {
		l.tail = x.prev
	}
	s[m].prev = 0
	l.n--
}

// HolderIs tells whether a copy is on a server: the last one that its path names.
func (s *Store) HolderIs(m MsgID, server topology.ServerID) bool {
	return s.paths.nodes[s.Cold[m].Path].server == server
}

// InCategoriser tells whether a copy is in the categoriser of its server.
func (s *Store) InCategoriser(m MsgID) bool {
	return s.Hot[m].Set != 0 && s.Cold[m].spot == spotCategoriser
}
