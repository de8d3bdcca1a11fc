package transport_test

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// literal is a server that follows the queueing rules word for word, with no thought for speed: at each instant every queue that had any
// event of its own is evaluated, and after any close all queues of the server are. It shares no code with the Hub.
type literal struct {
	g      *stage
	id     int
	off    bool
	queues []*plainQueue // in order of creation
	byKey  map[int]*plainQueue
	conns  map[int]*plainConn
}

type plainQueue struct {
	key        int
	spec       queueSpec
	waiting    []place
	deferred   []place
	entered    int // places given out
	sending    int
	setting    int
	turn       int
	event      bool // had an event of its own, or a connection of the server closed
	inRetry    bool
	probeDue   bool
	probing    bool
	failedAt   simtime.Time
	failedWith transport.Code
	retryCount int
	nextRetry  simtime.Time
	limited    bool         // refused while others live: one attempt at a time until it has what it wants
	ready      simtime.Time // when a session last became ready; -1 = never
	probe      *plainConn
	order      []int           // with memory: remotes that work, the next one first; nil = nothing known yet
	absent     map[int]*absent // ... and those that failed
}

// absent is a remote that failed: how often it was probed since, and when it will be (D-12).
type absent struct {
	probes int
	next   simtime.Time
}

// place is a message with its place in the queue: by time of entry.
type place struct {
	msg, entry int
	until      simtime.Time
}

type plainConn struct {
	q       *plainQueue
	turn    int
	tries   int
	tried   []int // with memory
	dialing bool
	began   simtime.Time
	carried int
	now     place
}

func newLiterals(g *stage) {
	for i := range g.script.servers {
		g.cores = append(g.cores, &literal{g: g, id: i, byKey: map[int]*plainQueue{}, conns: map[int]*plainConn{}})
	}
}

func (q *plainQueue) open() int { return q.setting + q.sending }

func (q *plainQueue) giveBack(p place) {
	q.waiting = append(q.waiting, p)
	slices.SortFunc(q.waiting, func(a, b place) int { return a.entry - b.entry })
}

func (q *plainQueue) enter(msg int) {
	q.waiting = append(q.waiting, place{msg: msg, entry: q.entered})
	q.entered++
	q.event = true
}

func (l *literal) serverOpen() int { return len(l.conns) }

func (l *literal) submit(queue, msg int) {
	q := l.byKey[queue]
	if q == nil {
		q = &plainQueue{key: queue, spec: l.g.script.queues[queue], failedAt: -1, ready: -1}
		l.byKey[queue] = q
		l.queues = append(l.queues, q)
	}
	q.enter(msg)
}

// closed takes a connection off: every queue of the server is evaluated.
func (l *literal) closed(conn int) {
	delete(l.conns, conn)
	for _, q := range l.queues {
		q.event = true
	}
}

func (l *literal) due() bool {
	return !l.off && slices.ContainsFunc(l.queues, func(q *plainQueue) bool { return q.event })
}

// settle is one round: each queue opens at most one connection. When nobody could, the instant's evaluation is over.
func (l *literal) settle() {
	opened := false
	for _, q := range l.queues {
		if !q.event {
			continue
		}
		if l.mayOpen(q) {
			l.openOne(q)
			opened = true
		} else if !q.inRetry && q.failedAt == l.g.now && q.open() == 0 && len(q.waiting) > 0 && l.serverOpen() < l.g.script.serverCap {
			l.fail(q, q.failedWith) // section 4.4: refused everywhere, and no live connection
		}
	}
	if !opened {
		for _, q := range l.queues {
			q.event = false
		}
	}
}

func (l *literal) mayOpen(q *plainQueue) bool {
	if q.probing || l.serverOpen() >= l.g.script.serverCap {
		return false
	}
	if q.inRetry {
		return q.probeDue && len(q.waiting) > 0
	}
	if q.limited && q.setting > 0 {
		return false
	}
	wanted := (len(q.waiting) + q.sending + q.spec.threshold - 1) / q.spec.threshold
	return q.failedAt != l.g.now && q.open() < min(wanted, q.spec.ceiling) && len(q.waiting) > q.setting
}

func (l *literal) openOne(q *plainQueue) {
	if q.inRetry {
		q.probeDue, q.probing = false, true
		q.retryCount++
	}
	q.setting++
	k := &plainConn{q: q, turn: q.turn, dialing: true, began: l.g.now}
	if q.probing {
		q.probe = k
	}
	if l.g.script.memory && q.order == nil {
		q.order, q.absent = []int{}, map[int]*absent{}
		for i := range q.spec.remotes {
			q.order = append(q.order, l.plain(q, q.turn+i))
		}
	}
	q.turn++
	to, _ := l.candidate(k)
	n := l.g.dial(l.id, -1, q.key, to)
	l.conns[n] = k
}

// plain is the i-th target of a queue's rotation: server number s starts with the s-th (D-11), each connection one further.
func (l *literal) plain(q *plainQueue, i int) int {
	hosts := q.spec.remotes
	return hosts[(l.id%len(hosts)+i)%len(hosts)]
}

// candidate is the target that the connection tries next, and false when it has tried them all. With memory of failures (D-12) these are,
// each once, one of the failed that is due for a probe, for the connection's first, as long as others work; those that work, in their
// order, each going to its end as it is taken; the failed ones.
func (l *literal) candidate(k *plainConn) (remote int, ok bool) {
	q := k.q
	k.tries++
	if !l.g.script.memory {
		return l.plain(q, k.turn+k.tries-1), k.tries <= len(q.spec.remotes)
	}
	untried := func(r int) bool { return !slices.Contains(k.tried, r) }
	take := func(r int) (int, bool) {
		k.tried = append(k.tried, r)
		return r, true
	}
	if k.tries == 1 && len(q.order) > 0 {
		for _, r := range q.spec.remotes {
			if a := q.absent[r]; a != nil && a.next <= l.g.now {
				a.probes++
				a.next = l.g.now + probeWait(a.probes)
				return take(r)
			}
		}
	}
	if i := slices.IndexFunc(q.order, untried); i >= 0 {
		r := q.order[i]
		q.order = append(slices.Delete(q.order, i, i+1), r)
		return take(r)
	}
	for _, r := range q.spec.remotes {
		if untried(r) {
			return take(r)
		}
	}
	return 0, false
}

// probeWait is the wait after that many probes: 4 x 1 min, 6 x 5 min, then 10 min (D-12).
func probeWait(made int) simtime.Time {
	return []simtime.Time{minute, minute, minute, minute, 5 * minute, 5 * minute, 5 * minute, 5 * minute, 5 * minute, 5 * minute, 10 * minute}[min(made, 10)]
}

// learn is what a dial tells of a target: a refusal is an answer.
func (l *literal) learn(q *plainQueue, remote int, code transport.Code) {
	switch a := q.absent[remote]; {
	case !l.g.script.memory:
	case code == transport.OK || code == transport.Refused:
		if a != nil {
			delete(q.absent, remote)
			q.order = append(q.order, remote)
		}
	case a == nil:
		q.absent[remote] = &absent{next: l.g.now + probeWait(0)}
		q.order = slices.DeleteFunc(q.order, func(r int) bool { return r == remote })
	}
}

func (l *literal) dialed(conn int, code transport.Code) {
	k := l.conns[conn]
	q := k.q
	l.learn(q, l.g.sessions[conn].remote, code)
	if code != transport.OK {
		if to, ok := l.candidate(k); ok { // failover inside the attempt is no event of the queue
			l.g.dial(l.id, conn, q.key, to)
			return
		}
		q.setting--
		q.failedAt, q.failedWith = l.g.now, code
		l.closed(conn)
		l.g.close(conn)
		switch {
		case q.inRetry: // only the probe counts
			if q.probe == k {
				l.fail(q, code)
			}
		case q.sending > 0 || l.olderAttempt(q, k.began):
			q.limited = true
		case q.ready >= k.began && (len(q.waiting) == 0 || q.setting > 0): // a session became ready since
		default:
			l.fail(q, code)
		}
		return
	}
	q.setting--
	q.event = true
	if wanted := (len(q.waiting) + q.sending + q.spec.threshold - 1) / q.spec.threshold; q.open()+1 >= min(wanted, q.spec.ceiling) {
		q.limited = false // it has what it wants, this one included
	}
	q.ready = l.g.now
	k.dialing = false
	if q.inRetry {
		q.inRetry, q.probing, q.probeDue, q.retryCount, q.probe = false, false, false, 0, nil
		l.g.active(l.id, q.key)
	}
	l.next(conn, k)
}

func (l *literal) olderAttempt(q *plainQueue, began simtime.Time) bool {
	for _, k := range l.conns {
		if k.q == q && k.dialing && k.began <= began {
			return true
		}
	}
	return false
}

// next transmits the oldest waiting message or closes.
func (l *literal) next(conn int, k *plainConn) {
	if len(k.q.waiting) == 0 {
		l.closed(conn)
		l.g.close(conn)
		return
	}
	k.now, k.q.waiting = k.q.waiting[0], k.q.waiting[1:]
	k.q.sending++
	l.g.send(conn, k.now.msg)
}

func (l *literal) replied(conn int, code transport.Code) {
	k := l.conns[conn]
	q := k.q
	q.event = true
	q.sending--
	k.carried++
	if code == transport.Deferred4xx {
		k.now.until = l.g.now.Add(l.g.script.profile().MessageRetryInterval)
		q.deferred = append(q.deferred, k.now)
	}
	if code == transport.OKLast || k.carried == q.spec.perConn {
		l.closed(conn)
		l.g.close(conn)
		return
	}
	l.next(conn, k)
}

func (l *literal) broken(conn int) {
	k := l.conns[conn]
	k.q.sending--
	k.q.giveBack(k.now)
	k.q.event = true
	l.closed(conn)
	if k.q.open() == 0 {
		l.fail(k.q, transport.Dropped)
	}
}

// fail is the end of an attempt that leaves the queue without a live connection.
func (l *literal) fail(q *plainQueue, code transport.Code) {
	if !q.inRetry {
		q.retryCount = 0
	}
	q.inRetry, q.probing, q.probeDue, q.limited, q.probe = true, false, false, false, nil
	p := l.g.script.profile()
	wait := p.OutboundRetryInterval
	if q.retryCount < p.GlitchRetryCount {
		wait = p.GlitchRetryInterval
	} else if q.retryCount < p.GlitchRetryCount+p.TransientRetryCount {
		wait = p.TransientRetryInterval
	}
	q.nextRetry = l.g.now.Add(wait)
	l.g.retry(l.id, q.key, code)
}

func (l *literal) timer() {
	for _, q := range l.queues {
		for len(q.deferred) > 0 && q.deferred[0].until <= l.g.now {
			q.giveBack(q.deferred[0])
			q.deferred = q.deferred[1:]
			q.event = true
		}
		if q.inRetry && !q.probing && !q.probeDue && q.nextRetry <= l.g.now {
			q.probeDue, q.event = true, true
		}
	}
}

func (l *literal) deadline() (simtime.Time, transport.Phase) {
	t, p := simtime.Never, transport.PhaseRetries
	for _, q := range l.queues {
		if len(q.deferred) > 0 && q.deferred[0].until <= t && !l.off {
			t, p = q.deferred[0].until, transport.PhaseTimers
		}
		if q.inRetry && !q.probing && !q.probeDue && q.nextRetry < t {
			t, p = q.nextRetry, transport.PhaseRetries
		}
	}
	return t, p
}

func (l *literal) power(on bool) {
	l.off = !on
	for _, q := range l.queues {
		q.event = on
		if !on {
			for _, p := range q.deferred {
				q.giveBack(p)
			}
			q.deferred = nil
			q.setting, q.sending = 0, 0
			q.inRetry, q.probing, q.probeDue, q.limited, q.probe = false, false, false, false, nil
			q.failedAt = -1
			q.order, q.absent = nil, nil // not on disk
		}
	}
	if !on {
		for c, k := range l.conns {
			if !k.dialing {
				k.q.giveBack(k.now)
			}
			l.g.close(c) // the stage sorts them
		}
		clear(l.conns)
	}
}

func (l *literal) retryNow() {
	for _, q := range l.queues {
		if q.inRetry && !q.probing && !q.probeDue {
			q.probeDue, q.event = true, true
		}
	}
}

func (l *literal) resubmit() {
	type back struct {
		q   *plainQueue
		msg int
	}
	var all []back
	for _, q := range l.queues {
		if q.inRetry && !q.probing && !q.probeDue {
			for _, p := range q.deferred {
				q.giveBack(p)
			}
			for _, p := range q.waiting {
				all = append(all, back{q, p.msg})
			}
			q.waiting, q.deferred = nil, nil
		}
	}
	for _, b := range all {
		b.q.enter(b.msg)
	}
}
