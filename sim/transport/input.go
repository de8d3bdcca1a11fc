package transport

// ConnID is a connection of one hub: a slot that is reused when the connection is gone.
type ConnID uint32

// InputKind says what happened.
type InputKind uint8

// The inputs of a hub. A hub that is halted takes Boot, Crashed and what an operator does to messages only.
const (
	Submitted      InputKind = iota // Msg came from a mailbox or from outside
	Offered                         // Msg came from another server and is accepted: servers of the organisation meet no limit
	Categorised                     // Msg has been through the categoriser (OK), or the directory did not answer for its recipients (Deferred4xx), or it is for a list that is there no more (NoRecipient) or takes no replies (ListGuarded)
	Dialed                          // Conn: the session is ready (OK), or this candidate failed (the other codes)
	Replied                         // Conn: the message in transmission was taken (OK, OKLast) put off (Deferred4xx, RateLimited, NotShadowed, Greylisted, Surged), refused for good (UserUnknown, OverSize), or taken for its first Msg recipients only (TookPart)
	Broken                          // Conn broke; Rejected: its message was refused at MAIL
	Timer                           // the deadline has come
	Halt                            // the server stops (QueuesLost: its queue database is gone)
	Boot                            // the transport service starts
	RetryQueue                      // an operator asks for an attempt now; Msg = queue index, AllQueues = every queue in Retry
	Resubmit                        // an operator sends the mail of queues in Retry back to the categoriser; Msg as for RetryQueue, or UnreachableMail; AllQueues: the Unreachable queue's too
	Suspend                         // an operator suspends queues; Msg as for RetryQueue, or UnreachableMail
	Resume                          // ... and resumes them
	Remove                          // an operator removes Msg; Withdrawn: its sender is told
	Release                         // an operator lets Msg, which is poison, be categorised again
	Crashed                         // Msg stopped the service while it was handled; it follows the Halt. Conn = how often it may in all, in place of the profile's PoisonThreshold; 0 = that
	SuspendMessage                  // an operator suspends Msg
	ResumeMessage                   // ... and resumes it; poison is categorised again
	Press                           // what back pressure lets the server do from now on: Msg = Measures
	Declined                        // Conn: of the message in transmission the other side refused the last Msg recipients for good, and not all; Replied follows
	Postponed                       // Conn: of the message in transmission the other side put off the recipients of set Msg for now, and not all; Code says why. The hub takes over the reference to the set; Replied follows
)

// UnreachableMail, as the Msg of Resubmit, Suspend and Resume, names the Unreachable queue.
const UnreachableMail = AllQueues - 1

// AllQueues, as the Msg of RetryQueue, Resubmit, Suspend and Resume, names every queue.
const AllQueues MsgID = 1<<32 - 1

// Code is the result of a dial, a transmission or a way to stop.
type Code uint8

// The codes.
const (
	OK          Code = iota
	OKLast           // the message was taken; the receiver takes no further one on this connection
	Deferred4xx      // Replied: 4xx for this message alone; the connection goes on
	Unreachable      // no answer: host down, network cut
	Reset            // the port refuses: the service does not listen
	Refused          // 421: a limit is reached; the host answered
	AuthFailed       // ExchangeAuth failed: 454 4.7.0; the host answered
	Dropped          // the connection broke
	QueuesLost       // Halt: the queue database is gone
	Expired          // the message has been on the server for its expiry time
	Delayed          // ... for the time after which its sender is told
	LoopDetected
	TooLarge
	TooLargeForOrganisation // over a limit of the organisation
	TooLargeForMailbox      // over the recipient's own
	NoConnector
	NoRecipient  // no such mailbox in an authoritative domain
	Withdrawn    // removed by an operator
	Rejected     // 452 4.3.1 at MAIL: the other side is under back pressure; the host answered
	NoAuthVerbs  // 451 5.7.3: the verbs of ExchangeAuth are missing; the host answered
	TLSFailed    // 454 4.7.5: a certificate is not accepted; the host answered
	RateLimited  // Replied: 4xx for this message alone, as Deferred4xx: the other side takes no more in this minute
	NotShadowed  // Replied: the same, as the other side can make no shadow copy (QX-9)
	Dismounted   // the mailbox database is dismounted: of a dial, or of a message alone; the host answered (F18)
	TookPart     // Replied: taken for the first recipients; the others are to be sent in a further transaction
	UserUnknown  // Replied: 5xx for every recipient of this message; the connection goes on. Bounced: the other side said so
	NoName       // of a dial: the query for the domain of the queue failed, for all targets (F14)
	NoSuchDomain // of a dial: the answer to it is that there is no such domain; of a message: returned for that
	OverSize     // Replied: 552 5.3.4 at MAIL, for good: the other side takes no message of this size. Bounced: the other side said so
	Greylisted   // Replied, Postponed: 4xx for recipients, as the other side has never had mail for them from this sender (F15)
	Surged       // Replied: 4xx for this message alone, as its source sends much more than usual (F15)
	ListGuarded  // too many have replied to all of a large list (F20)
)

// Answered tells whether a failed dial got an answer, so that there is no back-off to an earlier site.
func (c Code) Answered() bool {
	return c == Refused || c == AuthFailed || c == Rejected || c == NoAuthVerbs || c == TLSFailed || c == Dismounted
}

// Input is what happened: 12 bytes.
type Input struct {
	Kind InputKind
	Code Code
	Conn ConnID
	Msg  MsgID
}

// ActionKind says what is to be done.
type ActionKind uint8

// The actions of a hub.
const (
	Categorise   ActionKind = iota // put Msg through the categoriser, then input Categorised
	Dial                           // try Target(Conn), then input Dialed
	Send                           // transmit Msg on Conn, then input Replied or Broken
	Close                          // Conn is given up
	Bounced                        // Msg leaves with a non-delivery report for Code; the driver frees it
	Lost                           // Msg was destroyed with the queue database; the driver frees it
	Left                           // Msg was taken by the other side of Conn; the driver frees it
	QueueRetry                     // queue Msg (an index) went to Retry or stays there; Code = why
	QueueActive                    // queue Msg (an index) left Retry
	QueueLimited                   // queue Msg (an index) wants more connections than the next hop takes; Code = why
	Created                        // Msg is a report that the server made on message Conn, a handle here; Code = why
	Unroutable                     // Msg is the first copy in the Unreachable queue
	ExpandedOut                    // Conn, a number here, recipients of Msg were distribution groups and are no more
	ExpandedIn                     // Conn, a number here, members of the groups are recipients of Msg now; it follows ExpandedOut
	Rest                           // Conn has nothing to carry and stays open
	Removed                        // Msg was removed by an operator; the driver frees it
	Poisoned                       // Msg went to the poison queue
)

// Action is what is to be done: 12 bytes.
type Action struct {
	Kind ActionKind
	Code Code
	Conn ConnID
	Msg  MsgID
}

// Phase orders what happens at one instant.
type Phase uint8

// The phases of one instant, in order.
const (
	PhaseFaults      Phase = 1
	PhaseDirectory   Phase = 2
	PhaseCompletions Phase = 3
	PhaseTimers      Phase = 4
	PhaseArrivals    Phase = 5
	PhaseRetries     Phase = 6
	PhaseEvaluation  Phase = 7
	PhaseSampling    Phase = 8
)
