package result

import (
	"time"

	"mailsim/sim/simtime"
)

// Snapshot is what an operator sees at one instant: the queues of every server that answers, and the messages in them.
//
// Texts are as the queue viewer writes them. Times are instants of the run; Start turns them into those of a clock.
type Snapshot struct {
	Time       simtime.Time
	Start      time.Time // t0, in the zone in which times are written
	Columns    Generation
	Queues     []Queue   // by server, in the order of the scenario: delivery queues by number, then Submission, Unreachable, Poison, and the shadow queues by number
	Messages   []Message // by queue, in the order of Queues
	Connectors []Connector
	Digest     []Digest     // as of DigestAt; the longest first
	DigestAt   simtime.Time // Never: there are no figures that are old enough
	Notes      []string     // what the snapshot leaves out, in sentences; empty = nothing
}

// Generation tells which columns a listing has: those of the newest server in it.
type Generation uint8

// The generations of columns.
const (
	Columns2007 Generation = iota
	Columns2010
	Columns2013 // 2013 and later
)

// Priorities counts messages by priority, in the order in which an operator sees them.
type Priorities struct {
	High, Normal, Low, None int64
}

// Total is the sum.
func (p Priorities) Total() int64 { return p.High + p.Normal + p.Low + p.None }

// Queue is one queue: a row of Get-Queue.
type Queue struct {
	Generation       Generation // of its server: what an older one does not know is left empty
	Identity         string     // server\number, server\Submission, server\Unreachable, server\Shadow\number
	DeliveryType     string
	NextHopDomain    string
	NextHopConnector string // a GUID made of the name of what the queue leads to; all zeros for queues that lead nowhere
	Status           string // Ready, Connecting, Active, Retry, Suspended
	MessageCount     int64
	LastError        string // "" when the last attempt worked
	Retry            *Retry // set while the queue is in Retry, and while it retries
	Deferred         int64  // messages put off one by one
	ByPriority       Priorities
	DeferredBy       Priorities
	External         bool    // NextHopCategory
	Incoming         float64 // messages a second over the last minute
	Outgoing         float64
}

// Digest is what Get-QueueDigest says of the queues of all servers for one next hop.
type Digest struct {
	NextHopDomain string  // what the queues are grouped by
	Queues        []Queue // of 10 messages and more, in the order of a Snapshot's queues
}

// Retry is when a queue that is in Retry was tried and will be.
type Retry struct {
	Count             int64        // failed attempts after the first
	First, Last, Next simtime.Time // Next is Never while a retry is under way
}

// Message is one message in a queue: a row of Get-Message. One that stands in several queues has a row for each.
type Message struct {
	Generation Generation
	Identity   string // queue\number; copies of a message share the number
	Queue      string
	From       string // "<>" for a report
	Status     string // Active, Ready, Retry, Suspended, PendingSuspend, PendingRemove
	Size       int64  // bytes
	Source     string // MessageSourceName
	ID         string // InternetMessageId
	Received   simtime.Time
	Expires    simtime.Time
	LastError  string // what the message itself met last; "" = nothing
	Retries    int64  // how often it was put off so far
	Deferral   string // why it is put off at present, as DeferReason says; "" = it is not
	SourceIP   string // "" when not known
	Recipients string
	Priority   string
	Age        time.Duration
	Incoming   bool // Directionality: from outside the organisation
}

// Connector gives the GUID by which queues name a connector.
type Connector struct {
	Name, GUID string
}

// SnapshotSink is a Sink that takes snapshots as well: between events, in order of time. A run that is to take any needs one.
type SnapshotSink interface {
	Snapshot(Snapshot) error
}
