package sim

import (
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// Config is everything that a run needs, checked: one point of a sweep. Run never changes it, so replications share it.
type Config struct {
	Name     string
	Start    time.Time // t0
	Duration time.Duration
	Warmup   time.Duration // metrics leave out what happens before; 0 for terminating scenarios
	Seed     int64

	Org     *topology.Organisation
	Servers []Server  // by ServerID
	Remotes []Remote  // by RemoteID
	EPosts  []EPost   // E-Post servers, in the order of their machines
	Clients []Clients // populations of mail clients: a load of theirs names them by number
	Model   Model

	DCResolvers [][]string // by DCID: as Server.Resolvers; nil = none has any

	Loads   []load.Source
	Faults  []fault.Fault
	Actions []fault.Action

	Output    Output
	Snapshots []simtime.Time // instants at which the queues are listed (result.Snapshot), ascending, from 0 to Duration; none by default
}

// Server is the settings of one machine. Mailbox-only machines use Store alone.
type Server struct {
	Profile transport.Profile
	Receive transport.ReceiveLimits // towards other servers that connect; the zero value has no limit
	// Duplicates is how its mailbox databases tell that a mailbox has a message already; the zero value is a server as installed.
	Duplicates transport.DuplicateSettings
	Shadow     transport.ShadowProfile    // copies of mail in transit; the zero value makes none
	SafetyNet  transport.SafetyNetProfile // what it keeps of mail that it has delivered; the zero value keeps nothing

	Pressure Pressure // the zero value has none

	Resolvers []string // names of the resolvers that it asks for outside names, in their order (F14); none = one without a name
}

// Pressure is the back pressure of a server: when its resources are short and what it does then, and what its meters are made of.
type Pressure struct {
	Settings transport.PressureSettings // the zero value: no back pressure at all
	// Drive is the size of the drive with the queue database in bytes, DriveUsed what of it is taken by other things than mail. A size of 0:
	// the drive never fills.
	Drive, DriveUsed int64
	// Buckets lets the version buckets be worked out from the mail that the server takes and moves: an approximation.
	Buckets bool
}

// SessionCost is what a session costs (docs/rules/queueing.md): Setup + RoundTrips*R once, then for each message PerMessage +
// PerMessageRoundTrips*R + the transfer of its bytes.
type SessionCost struct {
	Setup                  rng.Dist // seconds of fixed set-up work (a): names looked up, a Kerberos ticket fetched, TLS computed; zero value = 0 s
	RoundTrips             float64  // b
	PerMessage             rng.Dist // seconds of fixed work of the receiver for a message (c): scanned, committed; zero value = 0 s
	PerMessageRoundTrips   float64  // d for one recipient
	PerRecipientRoundTrips float64  // added to d for each further recipient (no pipelining)
}

// Remote is how an outside system behaves.
type Remote struct {
	Hosts                    int           // number of its hosts; limits count over all of them
	RTT                      time.Duration // round-trip time from every server
	Bandwidth                int64         // bit/s of its access line, shared; 0 = unlimited
	Session                  SessionCost
	MaxConnectionsPerSource  int           // 0 = no limit. A source is a server, or all with one public address
	MaxMessagesPerConnection int           // 0 = no limit: the remote closes after so many
	ConnectionTimeout        time.Duration // Q-4.9d; 0 = none
	UnknownFraction          float64       // 0 to 1: of the recipients that do not exist there; it refuses them at RCPT for good
}

// CategoriserCost is the time that one message takes in the categoriser.
type CategoriserCost struct {
	Base         time.Duration
	PerRecipient time.Duration
	PerKB        time.Duration
}

// Model is the settings that hold for the whole organisation.
type Model struct {
	Submitted CategoriserCost // mail submitted at the server
	Relayed   CategoriserCost // mail that came from another server

	Session SessionCost // between servers of different sites, and inside a site
	// Session2010 takes the place of Session between two servers of 2010, which say XSHADOW to each other; nil = Session there, too.
	Session2010 *SessionCost
	ToEdge      SessionCost // hub to edge and edge to hub
	Delivery    SessionCost // hub to mailbox store
	// Submission is how long a server takes to fetch a message from a mailbox, beside what a session to another site costs; 0: it has it at once (D-4).
	Submission time.Duration
	FixedRate  bool // sharing = "fixed": a connection gets bandwidth/MaxPerDomain

	TCPWindow int64 // bytes that a connection has on the way at most; 0 = no limit
	SlowStart bool  // a new connection begins with a small window

	FailedConnect time.Duration // how long an attempt at a silent host takes
	NameTimeout   time.Duration // how long a query for a name takes that nobody answers, however many resolvers there are (F14)
	// The time-outs of servers whose Receive has none.
	ConnectionTimeout time.Duration // Q-4.9d at hubs; 0 = none
	EdgeTimeout       time.Duration // the same at edges
	Inactivity        time.Duration // how long a hub keeps a connection from another server on which nothing comes; 0 = for ever
	EdgeInactivity    time.Duration // the same at edges

	MaxClockSkew time.Duration // Kerberos tolerance (docs/rules/faults.md)
	Kerberos     directory.Kerberos
	// ServiceRestartClears is the chance, 0..1, that a start of the transport service clears the server's latches; 0 is usual.
	ServiceRestartClears float64
	NotifyDelay          time.Duration // delta: from a DC's knowledge to the server's view
	// What domain controllers and servers do in their own time (docs/rules/faults.md); 0 = as usual: 12 h, 15 s, 3 s, 180 days.
	RoutingReload, NotifyFirst, NotifyNext, Tombstone time.Duration

	InstantReplication bool // replication = "instant": every DC holds a change when it is written
	DirectoryTLS       bool // servers read the directory on ports 636 and 3269
}

// Output says what a run records.
type Output struct {
	SampleInterval time.Duration // > 0
	Queues         bool          // series per queue
	Servers        bool          // series per server
	Links          bool          // utilisation per link and direction
	SitePairs      bool          // throughput and delay per pair of sites
	Counters       bool          // performance counters per server, sampled once a minute
}
