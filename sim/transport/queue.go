package transport

import (
	"time"

	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// State is the state of a queue.
type State uint8

// The states of a queue. Connecting and Ready are told from Active by the number of connections.
const (
	Active   State = iota // may open connections
	Retry                 // the last attempt failed; waits for its timer
	retryDue              // the timer fired; the next evaluation opens the probe
	probing               // the retry's one connection is being set up
)

// queue is one next-hop queue: copies with one key, first in, first out.
type queue struct {
	key     route.KeyID
	class   route.Class
	state   State
	due     bool         // stands in the hub's due list
	refused bool         // wants a connection that was refused while others live: tried again at each evaluation
	limited bool         // an attempt failed while others live: one attempt at a time until the queue has what it wants
	blocked simtime.Time // instant at which an attempt failed: no further one at it
	ready   simtime.Time // when a session last became ready; -1 = never
	probe   ConnID       // the connection of the retry under way; 0 = none

	waiting    list
	ranks      *ranks        // by class; nil without priority queueing
	suspended  bool          // by an operator: nothing leaves it
	special    bool          // it has classes, or nothing may leave it at present
	returned   []uint64      // entry numbers of the first copies of waiting: those that had left it and came back, and those before one that left out of turn
	deferred   []deferral    // copies put off by the other side, the next to come back first; behind them those that an operator suspended
	taken      uint64        // entry number of the next copy that leaves waiting for the first time
	sending    int32         // copies in transmission
	open       int32         // connections, those in set-up included
	setting    int32         // connections in set-up
	threshold  int32         // N of
	ceiling    int32         // QX-2: by queue, not by domain
	kept       int32         // connections that were open when the ceiling was last changed: those above it stay
	perConn    int32         // 0 = no limit
	hold       time.Duration // how long a connection rests that has nothing to carry
	resting    rests
	turn       uint32           // connections attempted so far: the rotation counter of
	candidates []route.Group    // in the order in which an attempt tries them, each rotated by its turn
	listed     bool             // candidates are those of the present view
	memory     []route.Rotation // by group: who failed; none without memory of failures
	remembered []route.Group    // the groups that memory is of
	list       uint32           // counts the times memory began anew

	retries    int32 // RetryCount: failed attempts since the first failure
	firstRetry simtime.Time
	lastRetry  simtime.Time
	nextRetry  simtime.Time
	idleAt     simtime.Time // next automatic resubmission; Never outside Retry
	lastError  Code
	lastTarget route.Target // whom the attempt tried last that failed last; ID None when there was nobody
	closed     simtime.Time // when a connection last ended: idle since then, when nothing is queued
	emptied    simtime.Time // when a resubmission last took the queue's mail

	stats QueueStats
}

// QueueStats are the plain counters of one queue, to be read at any time.
type QueueStats struct {
	Length      metrics.Gauge // copies waiting, in transmission and deferred
	Connections metrics.Gauge // connections, those in set-up included
	Sessions    int64         // connections opened (set-up succeeded)
	Retries     int64         // retry attempts, the first failure not counted, the one that works included
	Sent        int64         // copies taken by the other side
	PutOff      int64         // copies that the other side put off one by one
	Refused     int64         // attempts that the other side refused (a limit: 421)
}

// length is the number of copies in the queue, deferred ones included.
func (q *queue) length() int32 { return q.counted() + int32(len(q.deferred)) }

// counted is q of: waiting and in transmission, without the copies that are deferred or suspended one by one.
func (q *queue) counted() int32 { return q.waiting.n + q.sending }

// want is, the wanted connections: ceil(q/N).
func want(q, n int32) int32 { return (q + n - 1) / n }

// room tells whether lets the queue open a further connection, the server's ceiling apart: fewer open than wanted and than
// its own ceiling. That every set-up has a message to carry follows: q > open means that more wait than are in set-up.
func (q *queue) room() bool {
	return q.open < q.ceiling && int64(q.open)*int64(q.threshold) < int64(q.counted()) // open < ceil(q/N), without a division
}

// mayGain tells cheaply whether an arrival can let the queue open a connection.
func (q *queue) mayGain() bool { return q.state == Active && q.room() }

// gained tells whether a copy that joined the queue may let it open a connection, or gives its due retry or a connection at rest something to
// carry.
func (q *queue) gained() bool {
	return q.mayGain() || q.state == retryDue || q.resting.n > 0 || q.ranks != nil
}
