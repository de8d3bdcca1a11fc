package transport

import (
	"time"

	"mailsim/topology"
	"mailsim/topology/route"
)

// Profile is the settings of one transport server. DefaultProfile fills it from the server's version; a scenario overrides single
// values. All counts are at least 1 unless said otherwise.
type Profile struct {
	Edge    bool
	Version topology.Version

	// Threshold is how many messages of a queue one connection stands for (Q-4.1, Q-4.4, R-4.8, D-14): a queue of q wants ceil(q/Threshold)
	// connections. By queue class (Q-4.5, QD-1). Why change it: it sets how long a busy queue is and how long its mail waits, not how
	// much gets through; without effect above saturation, on the drain of a backlog that asks for every connection
	// anyway and on light load. A small one opens more sessions.
	Threshold [route.NumClasses]int

	MaxOutboundConnections   int // ceiling over all queues of the server
	MaxPerDomainConnections  int // ceiling of one queue, at most that of the server
	MaxMailboxDeliveries     int // the same for a mailbox delivery queue
	MaxMailboxSubmissions    int // messages that the server takes from mailboxes at one time; 0 = no limit
	MaxMessagesPerConnection int // 0 = no limit

	// IdleHold is how long a connection to a server or an outside system is kept that has nothing to carry any more (Q-4.11, QD-2), at
	// most 10 min; 0, the default: not at all. Why change it: to see what set-ups cost under light load.
	IdleHold time.Duration

	GlitchRetryCount       int // 0 skips the stage
	GlitchRetryInterval    time.Duration
	TransientRetryCount    int // 0 skips the stage
	TransientRetryInterval time.Duration
	OutboundRetryInterval  time.Duration // after both stages
	MailboxRetryInterval   time.Duration
	MessageRetryInterval   time.Duration // wait of a message that the other side put off
	MaxIdleBeforeResubmit  time.Duration // a queue in Retry for so long is categorised anew, and after each further such time; 0 = never
	ResubmitAtAttempt      bool          // a queue whose next hop is gone from the view is categorised anew at its next attempt; false = with the view
	ResolverRetryInterval  time.Duration // wait of a message whose recipients the directory could not tell
	QueueMaxIdleTime       time.Duration // how long an empty queue remembers its retry stage; 0 = not at all

	Sizes   SizeLimits
	Reports Reports // when a message is reported as late, and when it expires

	// Priorities are the ceilings of a queue's connections by class, under priority queueing, which Reports switches on.
	Priorities PriorityConnections

	// CostDemotion serves costly messages after others in deliveries to mailbox stores; without effect under priority queueing.
	CostDemotion bool

	PoisonThreshold    int // a message that stopped the service so often while it was handled goes to the poison queue; 0 = never
	CategoriserWorkers int
	LoopLimit          int // D-19: a message that returns to the server this many times is bounced; 0 = no limit
}

// DefaultProfile returns the defaults for a server of version v.
func DefaultProfile(v topology.Version, edge bool) Profile {
	p := Profile{
		Edge: edge, Version: v,
		Threshold:                [route.NumClasses]int{20, 20, 20, 20},
		MaxOutboundConnections:   1000,
		MaxPerDomainConnections:  20,
		MaxMailboxDeliveries:     20,
		MaxMailboxSubmissions:    20,
		MaxMessagesPerConnection: 20,
		GlitchRetryCount:         4,
		GlitchRetryInterval:      time.Minute,
		TransientRetryCount:      6,
		TransientRetryInterval:   5 * time.Minute,
		OutboundRetryInterval:    10 * time.Minute,
		MailboxRetryInterval:     5 * time.Minute,
		MessageRetryInterval:     15 * time.Minute,
		MaxIdleBeforeResubmit:    12 * time.Hour,
		ResolverRetryInterval:    30 * time.Minute,
		QueueMaxIdleTime:         3 * time.Minute,
		Reports:                  DefaultReports(),
		Priorities:               DefaultPriorityConnections(),
		PoisonThreshold:          2,
		CategoriserWorkers:       8,
		LoopLimit:                20,
	}
	if edge {
		p.TransientRetryInterval = 10 * time.Minute // QX-13
		p.OutboundRetryInterval = 30 * time.Minute
	}
	if v <= topology.V2007 {
		p.MaxMailboxDeliveries, p.MaxMailboxSubmissions = 30, 30
	}
	if v == topology.VSE { // QX-1, QX-17
		p.Threshold[route.ClassSmtpConnector] = 5
		p.MaxPerDomainConnections = 40
		p.MessageRetryInterval = 5 * time.Minute
	}
	return p
}
