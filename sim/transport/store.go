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
	// Repeats is set when a mailbox may be sent the message twice, whichever copy comes first: mailbox databases remember only such
	// messages.
	Repeats bool
	spot    int32 // where its server has it: a queue index, or one of the values below
}

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
	next []MsgID // list links: a copy stands in at most one list
	prev []MsgID
	free MsgID
	live int

	sets    []set
	freeSet SetID

	paths  pathTable
	ages   dueLinks
	shadow shadowParts
}

type set struct {
	entries []Recipients // ascending by destination
	total   int32        // recipients
	refs    int32
	next    SetID
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{Hot: make([]Copy, 1), Cold: make([]Tail, 1), next: make([]MsgID, 1), prev: make([]MsgID, 1), sets: make([]set, 1), paths: newPathTable()}
}

// New adds a copy; it takes over one reference to c.Set.
func (s *Store) New(c Copy, t Tail) MsgID {
	m := s.free
	if m == 0 {
		m = s.more()
	}
	s.free = s.next[m]
	s.live++
	s.Hot[m], s.Cold[m] = c, t // its list links are clear: it stood in no list when it was freed
	return m
}

// more makes a handle that has not been used before.
func (s *Store) more() MsgID {
	s.Hot, s.Cold, s.next, s.prev = append(s.Hot, Copy{}), append(s.Cold, Tail{}), append(s.next, 0), append(s.prev, 0)
	s.ages.fit(len(s.Hot))
	return MsgID(len(s.Hot) - 1)
}

// Free removes a copy and drops its reference to its set.
func (s *Store) Free(m MsgID) {
	s.Unref(s.Hot[m].Set)
	s.Hot[m].Set = 0
	s.next[m] = s.free
	s.free = m
	s.live--
}

// Live returns the number of copies.
func (s *Store) Live() int { return s.live }

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

func (s *Store) pushBack(l *list, m MsgID) {
	s.next[m], s.prev[m] = 0, l.tail
	if l.tail != 0 {
		s.next[l.tail] = m
	} else {
		l.head = m
	}
	l.tail = m
	l.n++
}

func (s *Store) pushFront(l *list, m MsgID) {
	s.next[m], s.prev[m] = l.head, 0
	if l.head != 0 {
		s.prev[l.head] = m
	} else {
		l.tail = m
	}
	l.head = m
	l.n++
}

func (s *Store) popFront(l *list) MsgID {
	m := l.head
	l.head = s.next[m]
	if l.head == 0 {
		l.tail = 0
	} else {
		s.prev[l.head] = 0
	}
	l.n--
	return m
}

// insert puts a copy behind another of the list; 0 = in front of all.
func (s *Store) insert(l *list, behind, m MsgID) {
	switch behind {
	case 0:
		s.pushFront(l, m)
	case l.tail:
		s.pushBack(l, m)
	default:
		after := s.next[behind]
		s.next[m], s.prev[m] = after, behind
		s.next[behind], s.prev[after] = m, m
		l.n++
	}
}

// in tells whether a copy that may stand in a list, and in no other, does.
func (s *Store) in(l *list, m MsgID) bool { return l.head == m || s.prev[m] != 0 }

// HolderIs tells whether a copy is on a server: the last one that its path names.
func (s *Store) HolderIs(m MsgID, server topology.ServerID) bool {
	return s.paths.nodes[s.Cold[m].Path].server == server
}

// InCategoriser tells whether a copy is in the categoriser of its server.
func (s *Store) InCategoriser(m MsgID) bool {
	return s.Hot[m].Set != 0 && s.Cold[m].spot == spotCategoriser
}

// take removes a copy from anywhere in its list.
func (s *Store) take(l *list, m MsgID) {
	before, after := s.prev[m], s.next[m]
	if before != 0 {
		s.next[before] = after
	} else {
		l.head = after
	}
	if after != 0 {
		s.prev[after] = before
	} else {
		l.tail = before
	}
	s.prev[m] = 0
	l.n--
}
