// Package fault turns the fault and action tables of a scenario into things that happen to a running organisation: hosts go down
// and come back, links break, clocks jump, replication lags, services miss their address at boot, operators act.
//
// An Engine holds every fault as a small state machine. The simulation asks for the next instant and lets the engine fire; the
// engine changes the directory (clocks, latches, configuration edits, replication settings) itself and reports what happens to
// hosts and networks as Effects, which the simulation applies.
//
// What flows in: checked Faults and Actions, the directory, random streams. What flows out: Effects and events for the operator. It
// imports sim/directory, sim/result, sim/rng, sim/simtime and topology; it must never import package sim or scenarios.
package fault

import (
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Kind is the kind of a fault.
type Kind uint8

// The kinds of faults that are implemented.
const (
	ClockSkew Kind = iota
	ReplLag
	NICLateBind
	HostDown
	LinkDown
	Partition
	AuthLatch
	SPNMissing
	SPNDuplicate
	MachineSecret
	PortBlock
	CertExpiry
	DCDown
	ReplFail
	ConfigNotifyLost
	PoisonMessage
	StoreDown
	AgentStall
	DiskPressure
	RemoteDown
	ClientUpdate
	DNSFail
	LinkDegrade
	RemoteThrottle
	RemoteGreylist
	MailStorm
	DuplicateStorm
	Backscatter
)

// ClockMode says how a clock goes wrong (F1).
type ClockMode uint8

// The modes of clock_skew.
const (
	ClockJump  ClockMode = iota // once
	ClockDrift                  // by DriftPPM all the time
	ClockPush                   // an outside agent sets it wrong, again every PushEvery
	ClockNTP                    // the source that the host follows is wrong; the host takes that over at once
)

// HostDownMode says how a host goes down (F10, F11).
type HostDownMode uint8

// The modes of host_down.
const (
	Crash       HostDownMode = iota // no answer: a connection attempt takes the failed-connect time
	ServiceStop                     // the transport service is stopped: attempts are reset at once
	Maintenance                     // as service stop, announced
)

// Direction restricts a partition.
type Direction uint8

// The directions, seen from side A.
const (
	Both Direction = iota
	To             // A to B only
	From           // B to A only
)

// Host is a machine that a fault or remedy can name: a server or a domain controller; the other is topology.None.
type Host = directory.Host

// LateBindFix is a fix of nic_late_bind that is in place (F8).
type LateBindFix uint8

// The fixes.
const (
	NoFix LateBindFix = iota
	DelayedStart
	Dependency
)

// Fault is one [[fault]] table, checked and with its selectors resolved.
type Fault struct {
	ID          string
	Kind        Kind
	Start       simtime.Time // when it takes hold, of several occurrences the first
	End         simtime.Time // Never: until remedied or the end of the run
	Probability float64      // 0..1, one draw an occurrence and target (1 = always, 0 = never)
	Recurrence
	Hosts     []Host            // clock_skew, nic_late_bind, host_down
	Links     []topology.LinkID // link_down, link_degrade: lines (topology.Line); repl_lag, repl_fail: site links
	SideA     []topology.SiteID // partition
	SideB     []topology.SiteID
	Direction Direction

	From, To []topology.ServerID // auth_latch: each of From with each of To

	// Of kinds with an intensity: it grows from nothing in the RampUp after Start, and dies away in the RampDown before End. 0: at once.
	RampUp, RampDown time.Duration

	ClockMode   ClockMode     // clock_skew
	Offset      time.Duration // clock_skew: + = fast
	DriftPPM    float64       // clock_skew, drift: millionths, + = gains
	PushEvery   time.Duration // clock_skew, push: above 0
	SelfCorrect bool          // clock_skew: the time service repairs the clock
	RestoreStep bool          // clock_skew: step back to true time at End

	Mode HostDownMode // host_down
	// Services are those that host_down, service_stop, stops, and those that nic_late_bind keeps from starting; 0 = all of the machine, or all that
	// listen.
	Services Services

	QueueLost bool // host_down, crash: the queue database is destroyed
	Drain     bool // host_down, maintenance: the server goes down when it has passed on what it has

	Interval    time.Duration     // repl_lag: overrides; 0 = keep
	Phase       time.Duration     // repl_lag: -1 = keep
	Windows     []topology.Window // repl_lag: empty = keep
	Controllers Controllers       // dc_down, repl_fail

	Identity Identity        // spn_missing, spn_duplicate, machine_secret
	Filter   directory.Block // port_block
	Cert     Certificate     // cert_expiry
	Names    Names           // dns_fail

	// nic_late_bind
	TeamUp            rng.Dist // seconds, default 9
	DAD               rng.Dist // seconds, default 3
	StartOffset       rng.Dist // seconds, default 5
	Prone             float64  // probability that a machine is prone, default 0.5
	Fix               LateBindFix
	FixSuccess        float64 // default 1
	DelayedStartDelay time.Duration
	Recovery          bool // recovery action: restart the service
	// Late is how long after its address a transport service of Exchange starts that was to start before; 0 = its listener ends like others and
	// stays down.
	Late          time.Duration
	RecoveryDelay time.Duration

	Degrade Degradation    // link_degrade; its Direction is seen from the lower site id
	Disk    Disk           // disk_pressure
	Outside []Outside      // remote_down, remote_throttle, remote_greylist
	Factor  float64        // agent_stall: share of its speed at which an agent works, 0..1 without 1
	Malware bool           // agent_stall: it is the malware engine, which does not load
	Copies  []DatabaseCopy // store_down: what is dismounted, on each of Hosts

	Throttle Throttle // remote_throttle
	Greylist Greylist // remote_greylist

	Count     int // poison_message: how many messages, 1 or more
	Threshold int // poison_message: at how many crashes one is poison; 0 = as the server says

	Clients []int32 // client_update: populations, as Env.Clients numbers them
	Update  Update

	Storm Storm // mail_storm, duplicate_storm, backscatter

	Remedies []Action
}

// ActionKind is what an operator does.
type ActionKind uint8

// The actions that are implemented. None moves a server to another site: too much of a run hangs on where a server is.
const (
	SetTime ActionKind = iota
	ResyncTime
	ReplicateNow
	RestartOS
	RestartTransport
	SetConnector
	SetLinkCost
	SetHubSite
	StartService
	SetDelayedStart
	SetDependency
	RetryQueue
	ResubmitQueue
	SetSmartHosts
	AddServer
	RemoveServer
	AddSite
	RemoveSite
	AddConnector
	RemoveConnector
	MoveMailbox
	FixTimeSource
	SuspendQueue
	ResumeQueue
	FixSPN
	UnblockPort
	RenewCert
	RemoveMessage
	SuspendMessage
	ResumeMessage
	DeletePoison
	ResumePoison
	ActivateCopy
	RemountStore
	BypassAgent
	FreeDisk
	RestartClient
	RebootClient
	DeleteList
	RejectAtRCPT
)

// Action is an [[action]] or a [[fault.remedy]] with its instant resolved.
type Action struct {
	Kind        ActionKind
	Fault       string            // id of the fault it remedies; "" for an [[action]]
	Actor       string            // who does it, for the events; "" = an operator
	At          simtime.Time      // when the operator starts
	Duration    time.Duration     // the effect comes at At + Duration (DefaultDuration when the scenario gives none)
	Takes       *Spread           // how long it takes, drawn by the engine, which puts it in place of Duration, its middle until then; nil = Duration
	Wait        *Spread           // of a remedy: the time before At, drawn likewise; nil = fixed
	Chained     bool              // of a remedy: that time counts from the end of the remedy before, not from the start of the fault
	Probability float64           // 0..1, one draw (1 = always, 0 = never)
	Hosts       []Host            // of a remedy, none = the hosts that the fault struck
	Clients     []int32           // restart_client, reboot_client; of a remedy, none = those that the fault struck
	DC          topology.DCID     // the domain controller used; None = the first of the target's site, or of the file
	Source      topology.DCID     // replicate_now: from which DC; None = every partner
	Changes     []topology.Change // of the actions that set a connector, link or site
	To          topology.ServerID // move_mailbox: where the mailboxes of Hosts are from now on; activate_copy: where the copy is, None = as before
	Databases   []Database        // activate_copy
	Missing     time.Duration     // activate_copy: how much of the time before its effect the copy lacks
	Since       simtime.Time      // activate_copy: deliveries from then on are asked for again; at the effect or later: none are
	Queue       string            // retry_queue, resubmit_queue, suspend_queue, resume_queue: next hop or connector, UnreachableQueue; "" = all
	Messages    Messages          // remove_message, suspend_message, resume_message, delete_poison, resume_poison
	Free        int64             // free_disk: bytes; 0 = all that faults have put there
	Silent      bool              // remove_message, delete_poison: no report to the sender
}

// Messages selects messages of a server, as the filter of Get-Message does; what is empty selects all.
type Messages struct {
	Queue   string   // next hop or connector, Unreachable or Poison
	Numbers []uint64 // message integers
	From    []string // senders as the listing of messages writes them: mailbox:NAME, internet, <>
}

// Database is a mailbox database: the server that declares it, and its number there.
type Database struct {
	Server topology.ServerID
	Index  int32
}

// EffectKind is what happens to the world.
type EffectKind uint8

// The effects.
const (
	HostHalted         EffectKind = iota // Server stops; Silent: attempts get no answer, else a reset; Lost: its queues are destroyed
	HostBooted                           // Server's transport runs again (ladders reset, queues tried at once)
	ListenerDown                         // Server runs but its Services accept no connections (they are reset)
	ListenerUp                           // ... and accept again
	LinkCut                              // Link breaks
	LinkMended                           // Link works again
	PairCut                              // SiteA to SiteB is cut (one direction)
	PairMended                           // ... and works again
	QueuesRetry                          // manual retry of Server's queues named Queue
	QueuesResubmit                       // resubmission of Server's queues named Queue
	HostChanged                          // Server, already down, now answers as Silent says; Lost: its queues are destroyed
	QueuesSuspend                        // suspension of Server's queues named Queue
	QueuesResume                         // ... and its end
	MessagesRemove                       // removal of Server's Messages; Silent: no reports to their senders
	MessagesSuspend                      // suspension of Server's Messages
	MessagesResume                       // ... and its end
	PoisonMail                           // Count messages come to Server that stop its service; Fault brings them, Threshold is theirs
	PoisonCured                          // ... the messages of Fault stop no service any more
	ControllersChanged                   // what works on a domain controller; the directory has been told
	ServicesStopped                      // Services of Server stop, one by one; the machine and its other services go on
	ServicesStarted                      // ... and run again
	CertificateSet                       // Server's certificate, StartTLS or internal, runs out At; Never = not
	MailboxesMoved                       // what the mailboxes declared on Server send comes from To from now on
	OutsideLost                          // Outside gives no answer
	OutsideBack                          // ... and answers again
	OutsideTightens                      // Fault, remote_throttle or remote_greylist, makes Outside strict
	OutsideRelents                       // ... and no longer
	DiskFills                            // Fault fills a drive of Server as Disk says, from now on
	DiskReleased                         // ... and what it put there is gone
	DiskFreed                            // Disk.Size bytes are freed on Server's Disk.Drive
	AgentsSlowed                         // the agents in Server's categoriser work at Speed
	DatabaseDismounted                   // database Database of Server is dismounted on To
	DatabaseMounted                      // ... and mounted again
	NamesFail                            // queries for names of Server fail as Names says; Fault tells it from others
	NamesWork                            // ... and do not any more
	HostDrains                           // Server takes no mail any more and passes on what it has; then ask Drained
	HostAccepts                          // ... and takes mail again, or is down
	CopyActivated                        // database Database of Server is active on To, without what came in the last Missing; Since as in Action
	ClientsUpdated                       // the update of Fault is out for Population
	ClientsMended                        // ... and is taken back
	LinkDegraded                         // packets on Link fare as Condition says from now on
	ClientsRestarted                     // everybody of Population restarts; Fault is what it is done about, -1 = nothing
	StormBlows                           // the storm Fault strikes Hosts with Level tenths of its intensity from now on; Count is the number of the occurrence
	StormOver                            // ... and is over
	ListDeleted                          // the list of the storm Fault is there no more
	RecipientsChecked                    // Server looks recipients up at RCPT from now on
)

// Effect is one thing that happens to hosts or networks. The engine counts references: an effect is reported only when the state
// really changes.
type Effect struct {
	Kind   EffectKind
	Server topology.ServerID
	Link   topology.LinkID
	SiteA  topology.SiteID
	SiteB  topology.SiteID
	Silent bool
	Lost   bool
	Queue  string
	To     topology.ServerID // MailboxesMoved, CopyActivated, DatabaseDismounted, DatabaseMounted only

	At               simtime.Time // CertificateSet only
	StartTLS         bool
	Messages         Messages // MessagesRemove, MessagesSuspend, MessagesResume only
	Fault            int      // PoisonMail, PoisonCured, DiskFills, DiskReleased, NamesFail, NamesWork, OutsideTightens, OutsideRelents, of clients and of storms only: number of the fault, by id
	Names            Names    // NamesFail only
	Population       int32    // of clients only
	Count, Threshold int      // PoisonMail only; of clients, Count is the number of the occurrence
	Database         int32    // CopyActivated, DatabaseDismounted, DatabaseMounted only
	// CopyActivated only:
	Missing time.Duration
	Since   simtime.Time

	Condition Condition // LinkDegraded only

	Outside Outside // OutsideLost, OutsideBack, OutsideTightens, OutsideRelents only
	Disk    Disk    // DiskFills, DiskReleased, DiskFreed only
	Speed   float64 // AgentsSlowed only: share of their speed, 0..1

	Services Services // ListenerDown, ListenerUp, ServicesStopped, ServicesStarted

	// StormBlows only:
	Level int                 // 0 to 10
	Hosts []topology.ServerID // in the order of the scenario's tables
}
