package transport

import (
	"fmt"

	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Hub is the core of one transport server: a hub, an edge, or a mailbox server of 2013 and later. It is not safe for concurrent
// use. It never looks at a clock: every call says what time it is, and times never go back.
type Hub struct {
	id    topology.ServerID
	prof  Profile
	store *Store
	book  *route.Book
	tab   *route.Table
	conf  func(topology.ConnectorID) ConnectorLimits

	halted      bool
	rerouted    bool   // the view changed since the Unreachable queue was last resubmitted
	begins      PathID // the path of copies that come to this server first; 0 = none has yet
	submission  list   // copies waiting for the categoriser
	working     int32  // copies in the categoriser
	queues      []queue
	byKey       []int32 // queue index + 1 by key
	unreachable list
	aside       []MsgID   // copies of the Unreachable queue that an operator suspended
	leaving     []leaving // copies that are removed when the service starts
	poison      list
	kept        bool              // the Unreachable queue is suspended: not resubmitted
	costly      bool              // the message that is being routed has many recipients (demotion.go)
	demoted     map[MsgID]uint64  // which message each demoted copy is of; looked up only
	setbacks    map[MsgID]Setback // of messages that were put off; looked up only
	crashes     []crashCount      // of messages that stopped the service
	conns       []conn
	freeConn    ConnID
	open        int32 // connections of all queues
	due         []int32
	retryAt     simtime.Time // when the next retry may be due; early, never late
	deferAt     simtime.Time // when the next deferred copy comes back
	restAt      simtime.Time // when a connection has rested for long enough; early, never late
	rareAt      simtime.Time // the earliest of deferAt, restAt, idleAt
	resting     int32        // connections at rest, of all queues
	idleAt      simtime.Time // when a queue may have been in Retry for long enough to be resubmitted; early, never late
	refusing    int32        // queues with refused set
	ageAt       simtime.Time // when a copy may be reported as late, or expire; early, never late
	aging       [NumPriorities]dueList
	passed      bool       // a copy came to its end in the categoriser or before it: those that come out of it may be too old
	reports     uint64     // made so far
	unsolved    []deferral // copies of the submission queue that wait for the directory
	least       int64      // no size limit forbids a message that is not larger
	held        int64      // recipients on this server
	bytes       int64      // of the copies on this server
	measures    Measures   // of back pressure, those that concern what is sent (pressed.go)
	split       []splitPart
	dests       []route.DestID // scratch: the recipients of a copy that has several
	hops        []route.Hop    // ... and the hops that they take
	members     []Recipients   // scratch: the recipients of a copy whose groups are expanded
	ways        []Recipients   // scratch: the members of one group
	bases       []int32        // by group: the number of its first member, where that counts (expand.go); empty until then
	stats       Stats
}

// ConnectorLimits are the limits of a connector's own queues; 0 = those of the server.
type ConnectorLimits struct {
	Threshold, MaxConnections, MaxMessages int
}

// Stats are the plain counters and integrals of a hub, to be read at ticks. All are exact.
type Stats struct {
	Submission  metrics.Gauge                   // copies waiting for or in the categoriser
	Unreachable metrics.Gauge                   // copies in the Unreachable queue
	Poison      metrics.Gauge                   // copies in the poison queue
	Connections metrics.Gauge                   // outbound connections, those in set-up included
	Queued      [route.NumClasses]metrics.Gauge // copies in delivery queues, those in transmission and deferred ones included
	QueuedAll   metrics.Gauge                   // the same over all classes
	InRetry     metrics.Gauge                   // copies in delivery queues that are in Retry
	Recipients  metrics.Gauge                   // recipients of the copies held
	Stays       metrics.Integral                // recipient-nanoseconds of the copies that left: Little's other side
	Before      metrics.Integral                // recipient-nanoseconds of group members before their group was expanded: part of Stays, but not of Recipients
	Sessions    metrics.Integral                // connection-nanoseconds of the connections that ended: the utilisation law's other side
	Accepted    int64                           // copies that came
	Transferred int64                           // copies that the next hop took
	Bounced     int64                           // copies bounced
}

// NewHub makes the core of a server that is up, with empty queues. The table must be one of the book's for the server's site.
// limits tells a connector's own limits; nil means that none has any.
func NewHub(id topology.ServerID, prof Profile, store *Store, book *route.Book, tab *route.Table, limits func(topology.ConnectorID) ConnectorLimits) *Hub {
	if limits == nil {
		limits = func(topology.ConnectorID) ConnectorLimits { return ConnectorLimits{} }
	}
	h := &Hub{id: id, prof: prof, store: store, book: book, tab: tab, conf: limits, retryAt: simtime.Never, deferAt: simtime.Never, idleAt: simtime.Never, ageAt: simtime.Never, restAt: simtime.Never, rareAt: simtime.Never, conns: make([]conn, 1)}
	h.least = h.leastSize()
	return h
}

// ID returns the server.
func (h *Hub) ID() topology.ServerID { return h.id }

// Profile returns the server's settings.
func (h *Hub) Profile() *Profile { return &h.prof }

// Stats returns the hub's counters; the pointer stays valid and the caller may sample its gauges.
func (h *Hub) Stats() *Stats { return &h.stats }

// Halted tells whether the server is stopped.
func (h *Hub) Halted() bool { return h.halted }

// Step takes in what happened and appends what is to be done. Queues that may open connections because of it become due and are
// evaluated by Settle, when everything else of the instant is over.
func (h *Hub) Step(now simtime.Time, in Input, out []Action) []Action {
	switch in.Kind {
	case Submitted, Offered:
		return h.accept(now, in, out)
	case Categorised:
		switch in.Code {
		case Deferred4xx:
			return h.unresolved(now, in.Msg, out)
		case NoRecipient, ListGuarded:
			return h.refused(now, in, out)
		}
		return h.categorised(now, in.Msg, out)
	case Replied:
		return h.replied(now, in, out)
	case Declined:
		return h.declined(now, in, out)
	case Postponed:
		return h.postponed(now, in, out)
	case Dialed:
		return h.dialed(now, in, out)
	case Broken:
		return h.broken(now, in, out)
	case Timer:
		return h.timer(now, out)
	case Halt:
		return h.halt(now, in.Code, out)
	case Boot:
		return h.boot(now, out)
	case RetryQueue:
		h.retryNow(now, in.Msg)
	case Resubmit:
		return h.resubmitNow(now, in.Msg, out)
	case Suspend:
		h.suspend(in.Msg)
	case Resume:
		return h.unsuspend(now, in.Msg, out)
	case Remove:
		return h.remove(now, in.Msg, in.Code, out)
	case Release:
		return h.release(now, in.Msg, out)
	case SuspendMessage:
		h.suspendMessage(in.Msg)
	case ResumeMessage:
		return h.resumeMessage(now, in.Msg, out)
	case Crashed:
		h.crashed(in.Msg, int(in.Conn))
	case Press:
		return h.press(now, Measures(in.Msg), out)
	default:
		panic(fmt.Sprintf("transport: Hub.Step: unknown input kind %d", in.Kind))
	}
	return out
}

// Due tells whether a queue is to be evaluated.
func (h *Hub) Due() bool { return len(h.due) > 0 }

// Deadline returns when the hub wants a Timer input, and in which phase: it may be early, never late. A Timer input serves one phase;
// what a later phase of the same instant wants shows in the next Deadline (Q-4.12: message timers, then retries).
func (h *Hub) Deadline() (simtime.Time, Phase) {
	if t := min(h.rareAt, h.ageAt); t <= h.retryAt {
		return t, PhaseTimers
	}
	return h.retryAt, PhaseRetries
}

// Settle evaluates the queues that are due, in order of their creation; each opens at most one connection: one round of Q-4.12 (QD-3).
// more tells whether a further round may open more.
func (h *Hub) Settle(now simtime.Time, out []Action) (acts []Action, more bool) {
	n := len(h.due)
	if n > 1 {
		sortShort(h.due)
	}
	kept := 0
	for k := range n {
		i := h.due[k]
		var opened bool
		if opened, out = h.evaluate(now, i, out); opened && h.queues[i].state == Active && h.room(&h.queues[i]) {
			h.due[kept] = i
			kept++
		} else {
			h.queues[i].due = false
		}
	}
	// An attempt without a candidate fails at once and may have made other queues due.
	kept += copy(h.due[kept:], h.due[n:])
	h.due = h.due[:kept]
	return out, kept > 0
}

// mark makes a queue due.
func (h *Hub) mark(i int32) {
	if q := &h.queues[i]; !q.due {
		q.due = true
		h.due = append(h.due, i)
	}
}

// markRefused makes the queues due whose last attempt was refused: a close on the server is a reason to try again.
func (h *Hub) markRefused() {
	for i := range h.queues {
		if h.queues[i].refused {
			h.mark(int32(i))
		}
	}
}

// setRefused notes whether a queue wants a connection that was refused.
func (h *Hub) setRefused(q *queue, refused bool) {
	if q.refused != refused {
		q.refused = refused
		h.refusing += 2*int32(b2i(refused)) - 1
	}
}

// markAll makes every queue due that has something waiting.
func (h *Hub) markAll() {
	for i := range h.queues {
		if h.queues[i].waiting.n > 0 {
			h.mark(int32(i))
		}
	}
}

// sortShort sorts a short list in place, without allocation.
func sortShort(v []int32) {
	for i := 1; i < len(v); i++ {
		x, j := v[i], i
		for j > 0 && v[j-1] > x {
			v[j] = v[j-1]
			j--
		}
		v[j] = x
	}
}

// known returns the queue of a key; -1 when there is none yet.
func (h *Hub) known(k route.KeyID) int32 {
	if int(k) >= len(h.byKey) {
		return -1
	}
	return h.byKey[k] - 1
}

// newQueue makes the queue of a key.
func (h *Hub) newQueue(k route.KeyID) int32 {
	for int(k) >= len(h.byKey) {
		h.byKey = append(h.byKey, 0)
	}
	key := h.book.Key(k)
	q := queue{key: k, class: key.Type.Class(), blocked: -1, ready: -1, idleAt: simtime.Never}
	h.limit(&q)
	if h.prof.Reports.PriorityQueueing {
		q.ranks = &ranks{}
	} else if h.prof.demotes(q.class == route.ClassMailbox) {
		q.ranks = &ranks{shares: true}
	}
	q.special = q.ranks != nil || h.stands(&q)
	if q.class == route.ClassIntraOrg || q.class == route.ClassSmtpConnector {
		q.hold = h.prof.IdleHold
	}
	h.queues = append(h.queues, q)
	h.byKey[k] = int32(len(h.queues))
	return int32(len(h.queues) - 1)
}

// limit gives a queue the limits of its connector, over those of the server.
func (h *Hub) limit(q *queue) {
	q.threshold = int32(h.prof.Threshold[q.class])
	q.ceiling = int32(h.prof.MaxPerDomainConnections)
	q.perConn = int32(h.prof.MaxMessagesPerConnection)
	if q.class == route.ClassMailbox {
		q.ceiling = int32(h.prof.MaxMailboxDeliveries)
	}
	connector := h.book.Key(q.key).Connector
	if connector < 0 {
		return
	}
	l := h.conf(connector)
	if l.Threshold > 0 {
		q.threshold = int32(l.Threshold)
	}
	if l.MaxConnections > 0 {
		q.ceiling = int32(l.MaxConnections)
	}
	if l.MaxMessages > 0 {
		q.perConn = int32(l.MaxMessages)
	}
}

// Bytes returns the size of all copies on this server: what the queue database holds.
func (h *Hub) Bytes() int64 { return h.bytes }

// QueueInfo is what an operator sees of a queue.
type QueueInfo struct {
	Key       route.KeyID
	Class     route.Class
	State     State
	Length    int32 // waiting, in transmission and deferred
	Deferred  int32 // put off one by one
	Open      int32 // connections, those in set-up included
	Setting   int32 // connections in set-up
	Retries   int32 // RetryCount
	FirstTry  simtime.Time
	LastTry   simtime.Time
	NextTry   simtime.Time
	LastError Code
	Target    route.Target // whom the failed attempt tried last; ID None when the next hop had no candidate
}

// Queues returns the number of queues; they are numbered in order of creation.
func (h *Hub) Queues() int { return len(h.queues) }

// Queue describes a queue.
func (h *Hub) Queue(i int) QueueInfo {
	q := &h.queues[i]
	s := q.state
	if s == retryDue || s == probing {
		s = Retry
	}
	return QueueInfo{q.key, q.class, s, q.length(), int32(q.putOffs()), q.open, q.setting, q.retries, q.firstRetry, q.lastRetry, q.nextRetry, q.lastError, q.lastTarget}
}

// grew and shrank record that a queue's length has changed by one: what every copy does once.
func (h *Hub) grew(now simtime.Time, q *queue) {
	q.stats.Length.Inc(now)
	h.stats.Queued[q.class%route.NumClasses].Inc(now)
	h.stats.QueuedAll.Inc(now)
	if q.state != Active {
		h.stats.InRetry.Inc(now)
	}
}

func (h *Hub) shrank(now simtime.Time, q *queue) {
	q.stats.Length.Dec(now)
	h.stats.Queued[q.class%route.NumClasses].Dec(now)
	h.stats.QueuedAll.Dec(now)
	if q.state != Active {
		h.stats.InRetry.Dec(now)
	}
}

// resized records that a queue's length has changed by d.
func (h *Hub) resized(now simtime.Time, q *queue, d int64) {
	q.stats.Length.Set(now, int64(q.length()))
	h.stats.Queued[q.class].Add(now, d)
	h.stats.QueuedAll.Add(now, d)
	if q.state != Active {
		h.stats.InRetry.Add(now, d)
	}
}

// setState moves a queue between Active and the states of Retry.
func (h *Hub) setState(now simtime.Time, q *queue, s State) {
	if (q.state == Active) != (s == Active) {
		d := int64(q.length())
		if s == Active {
			d = -d
			q.idleAt = simtime.Never
		}
		h.stats.InRetry.Add(now, d)
	}
	q.state = s
}

// QueueStats returns a queue's counters.
func (h *Hub) QueueStats(i int) *QueueStats { return &h.queues[i].stats }
