package transport

import "mailsim/topology/route"

// Counters are the lengths of a server's queues at one instant as its performance counters show them (MSExchangeTransport Queues): in
// copies, those in transmission and those deferred one by one included, as queue viewers count them.
//
// The texts behind the counters are short. What is ours: relays between servers count as remote, with the send connectors; delivery
// agents count as non-SMTP, with the gateways; a queue whose retry is being attempted is still in Retry; the aggregate is that of the
// delivery queues, without Submission, Unreachable and Poison, which have counters of their own.
type Counters struct {
	Aggregate   int64            // all delivery queues: Active and Retry together
	Active      DeliveryCounters // in queues that may have connections
	Retry       DeliveryCounters // in queues that wait for their next attempt
	Largest     int64            // the longest delivery queue, Active or in Retry
	Submission  int64            // waiting for or in the categoriser
	Unreachable int64
	Poison      int64 // stopped the service while they were handled
}

// DeliveryCounters are lengths of delivery queues by where they lead.
type DeliveryCounters struct {
	Remote  int64 // by SMTP to another server, inside or outside
	Mailbox int64 // into mailbox stores
	NonSMTP int64 // gateways and delivery agents
}

// Counters adds the queues up: O(queues), no allocation. It changes nothing, so that looking at a server leaves its run as it is.
func (h *Hub) Counters() Counters {
	c := Counters{Submission: h.stats.Submission.Value(), Unreachable: h.stats.Unreachable.Value(), Poison: h.stats.Poison.Value()}
	for i := range h.queues {
		q := &h.queues[i]
		n := int64(q.length())
		c.Aggregate += n
		c.Largest = max(c.Largest, n)
		by := &c.Active
		if q.state != Active {
			by = &c.Retry
		}
		switch q.class {
		case route.ClassMailbox:
			by.Mailbox += n
		case route.ClassOther:
			by.NonSMTP += n
		default:
			by.Remote += n
		}
	}
	return c
}
