package transport

import (
	"fmt"
	"time"

	"mailsim/sim/simtime"
)

// Priority is the class of a message under priority queueing. The zero value is Normal.
type Priority uint8

// The priorities.
const (
	PriorityNormal Priority = iota
	PriorityHigh
	PriorityLow
	NumPriorities
)

// Timeouts are how long a server waits with a message that it cannot pass on, from the instant at which it accepted the message.
type Timeouts struct {
	Delay  time.Duration // DelayNotificationTimeout, 1s to 30 days: until the sender is told
	Expiry time.Duration // MessageExpirationTimeout, 5s to 90 days: until the message is given back
}

// Reports are a server's settings for delivery reports: when they are made, for whom and how large they are. They are messages
// themselves and travel as such.
type Reports struct {
	Timeouts

	// PriorityQueueing lets ByPriority count in place of Timeouts. Off in every version as installed.
	PriorityQueueing bool
	ByPriority       [NumPriorities]Timeouts
	// MaxHighSize is MaxHighPriorityMessageSize: a larger message of high priority is a normal one. Bytes.
	MaxHighSize int64

	// DelayInternal and DelayExternal: senders inside and outside the organisation are told of delays.
	DelayInternal, DelayExternal bool

	// A report is Text bytes, and the headers of the original with Headers bytes. A non-delivery report carries the whole original in
	// their place when that has at most MaxAttach bytes (Internal- and ExternalDsnMaxMessageAttachSize). Text and Headers are ours.
	Text, Headers, MaxAttach int64
}

// DefaultReports returns the settings as installed; all versions have the same.
func DefaultReports() Reports {
	const day = 24 * time.Hour
	return Reports{
		Timeouts: Timeouts{4 * time.Hour, 2 * day},
		ByPriority: [NumPriorities]Timeouts{
			PriorityHigh:   {30 * time.Minute, 8 * time.Hour},
			PriorityNormal: {4 * time.Hour, 2 * day},
			PriorityLow:    {8 * time.Hour, 2 * day},
		},
		MaxHighSize:   250 << 10,
		DelayInternal: true, DelayExternal: true,
		Text: 5 << 10, Headers: 3 << 10, MaxAttach: 10 << 20,
	}
}

// Check returns what is wrong with the settings.
func (r *Reports) Check() error {
	for _, t := range append(r.ByPriority[:], r.Timeouts) {
		if t.Delay < time.Second || t.Delay > 30*24*time.Hour {
			return fmt.Errorf("the delay notification timeout must be 1s to 30 days, is %v", t.Delay)
		}
		if t.Expiry < 5*time.Second || t.Expiry > 90*24*time.Hour {
			return fmt.Errorf("the message expiration timeout must be 5s to 90 days, is %v", t.Expiry)
		}
	}
	return nil
}

// Class returns the class by which a message is treated: Normal for all while priority queueing is off.
func (r *Reports) Class(p Priority, size uint32) Priority {
	if !r.PriorityQueueing || p == PriorityHigh && int64(size) > r.MaxHighSize {
		return PriorityNormal
	}
	return p
}

// Of returns the time-outs of a class that Class returned.
func (r *Reports) Of(class Priority) Timeouts {
	if r.PriorityQueueing {
		return r.ByPriority[class]
	}
	return r.Timeouts
}

// DelayAt is when the sender is told that a message is late, if the server still has it, in transmission or not. Each server that
// accepts the message starts anew (Q-8.3, QD-7).
func (t Timeouts) DelayAt(accepted simtime.Time) simtime.Time { return accepted.Add(t.Delay) }

// ExpiresAt is when a message is removed and reported as not delivered, if it stands in a queue then.
func (t Timeouts) ExpiresAt(accepted simtime.Time) simtime.Time { return accepted.Add(t.Expiry) }

// Expired is the test for a message that comes back to a queue, out of transmission or out of the categoriser: it may have come to its end meanwhile
//
func (t Timeouts) Expired(accepted, now simtime.Time) bool { return t.ExpiresAt(accepted) <= now }

// ReportKind is a kind of delivery report.
type ReportKind uint8

// The kinds of reports.
const (
	DelayReport ReportKind = iota // the message is late and stays
	NonDelivery                   // the message is given up
)

// Status and text of the reports that time makes.
const (
	DelayStatus   = "4.4.7"
	DelayText     = "400 4.4.7 Message delayed"
	ExpiredStatus = "4.4.7"
	ExpiredText   = "550 4.4.7 QUEUE.Expired; message expired"
)

// ReportOrigin is what decides whether the sender of a message gets reports at all.
type ReportOrigin struct {
	NullSender  bool // the message is a report itself, or was sent without a return path
	Resubmitted bool // the message came out of Safety Net
	Outside     bool // the sender is outside the organisation
}

// Wanted tells whether a report is made. A message without a sender has none: a report never causes a report. Nor has one that was
// delivered before and came again out of Safety Net.
func (r *Reports) Wanted(kind ReportKind, o ReportOrigin) bool {
	switch {
	case o.NullSender || o.Resubmitted:
		return false
	case kind == NonDelivery:
		return true
	case o.Outside:
		return r.DelayExternal
	default:
		return r.DelayInternal
	}
}

// Size is the size of a report on a message, in bytes. A delay report has the headers of the original only, and so has a non-delivery report
// on a large message.
func (r *Reports) Size(kind ReportKind, original uint32) uint32 {
	whole := int64(original)
	if kind == DelayReport || whole > r.MaxAttach {
		whole = min(whole, r.Headers)
	}
	return uint32(min(r.Text+whole, 1<<32-1))
}

// QueueKind is a kind of queue, by what may be done with its mail.
type QueueKind uint8

// The kinds of queues.
const (
	SubmissionQueue  QueueKind = iota
	DeliveryQueue              // one next hop, mailbox stores included
	UnreachableQueue           // no route
	PoisonQueue                // crashed the server
)

// Expires tells whether mail in such a queue comes to its end: mail that waits for the categoriser does not, nor does poison, which
// waits for the administrator.
func (k QueueKind) Expires() bool { return k == DeliveryQueue || k == UnreachableQueue }

// Removable tells whether an administrator can remove a message from such a queue, with a report to the sender or without one.
func (k QueueKind) Removable() bool { return k != SubmissionQueue }

// Resubmits tells whether a resubmission takes a message out of such a queue: not one that is suspended, and nothing out of a suspended
// Unreachable queue.
func (k QueueKind) Resubmits(queueSuspended, messageSuspended bool) bool {
	return k != SubmissionQueue && !messageSuspended && !(k == UnreachableQueue && queueSuspended)
}
