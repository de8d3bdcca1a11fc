package transport

import (
	"fmt"
	"time"

	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
)

// What is on a hub, and whether its counts agree: for the laws that hold at the end of every run.

// StaysSoFar returns the recipient-nanoseconds of the copies that are still here: what Stats.Stays lacks of Little's law. inWork are
// the copies in the categoriser, which the driver knows.
func (h *Hub) StaysSoFar(now simtime.Time, inWork []MsgID) metrics.Integral {
	var sum metrics.Integral
	h.eachHeld(func(m MsgID) { sum.Add(int64(h.store.Recipients(m)), int64(now-h.store.Hot[m].Accepted)) })
	for _, m := range inWork {
		sum.Add(int64(h.store.Recipients(m)), int64(now-h.store.Hot[m].Accepted))
	}
	return sum
}

// SessionsSoFar returns the connection-nanoseconds of the connections that are still there: what Stats.Sessions lacks.
func (h *Hub) SessionsSoFar(now simtime.Time) metrics.Integral {
	var sum metrics.Integral
	for i := range h.conns {
		if c := &h.conns[i]; c.state != connFree {
			sum.Add(1, int64(now-c.opened))
		}
	}
	return sum
}

// eachHeld visits every copy on the server but those in the categoriser.
func (h *Hub) eachHeld(f func(MsgID)) {
	visit := func(l *list) {
		for m := l.head; m != 0; m = h.store.links[m].next {
			f(m)
		}
	}
	visit(&h.submission)
	visit(&h.unreachable)
	visit(&h.poison)
	for _, d := range h.unsolved {
		f(d.msg)
	}
	for _, m := range h.aside {
		f(m)
	}
	for i := range h.queues {
		visit(&h.queues[i].waiting)
		for _, d := range h.queues[i].deferred {
			f(d.msg)
		}
	}
	for i := range h.conns {
		if c := &h.conns[i]; c.sends() {
			f(c.msg)
		}
	}
}

// QueueAge returns how long the oldest waiting copy of a queue has been on this server; 0 when none waits.
func (h *Hub) QueueAge(i int, now simtime.Time) time.Duration {
	if m := h.queues[i].waiting.head; m != 0 {
		return now.Sub(h.store.Hot[m].Accepted)
	}
	return 0
}

// Held returns the recipients on this server and in which state they are: in the categoriser's queue or work, in delivery queues, in
// the Unreachable queue, in the poison queue.
func (h *Hub) Held() (submission, delivery, unreachable, poison int64) {
	h.each(&h.poison, func(m MsgID) { poison += int64(h.store.Recipients(m)) })
	for m := h.submission.head; m != 0; m = h.store.links[m].next {
		submission += int64(h.store.Recipients(m))
	}
	for _, d := range h.unsolved {
		submission += int64(h.store.Recipients(d.msg))
	}
	for m := h.unreachable.head; m != 0; m = h.store.links[m].next {
		unreachable += int64(h.store.Recipients(m))
	}
	for _, m := range h.aside {
		unreachable += int64(h.store.Recipients(m))
	}
	for i := range h.queues {
		for m := h.queues[i].waiting.head; m != 0; m = h.store.links[m].next {
			delivery += int64(h.store.Recipients(m))
		}
		for _, d := range h.queues[i].deferred {
			delivery += int64(h.store.Recipients(d.msg))
		}
	}
	for i := range h.conns {
		if c := &h.conns[i]; c.sends() {
			delivery += int64(h.store.Recipients(c.msg))
		}
	}
	// What is left is in the categoriser, which the driver runs.
	submission += h.held - submission - delivery - unreachable - poison
	return submission, delivery, unreachable, poison
}

// Check returns the first broken invariant: counts that do not add up, or a ceiling that is exceeded.
func (h *Hub) Check() error {
	var open int32
	for i := range h.queues {
		q := &h.queues[i]
		open += q.open
		switch {
		case q.open < 0 || q.setting < 0 || q.resting.n < 0 || q.sending < 0 || q.waiting.n < 0:
			return fmt.Errorf("server %d queue %d: negative count", h.id, i)
		case q.open > max(q.ceiling, q.kept):
			return fmt.Errorf("server %d queue %d: %d connections, ceiling %d", h.id, i, q.open, q.ceiling)
		case q.setting+q.sending+q.resting.n != q.open:
			return fmt.Errorf("server %d queue %d: %d connections, %d in set-up, %d sending, %d at rest", h.id, i, q.open, q.setting, q.sending, q.resting.n)
		case q.state != Active && q.sending+q.resting.n != 0:
			return fmt.Errorf("server %d queue %d: in Retry with %d live connections", h.id, i, q.sending+q.resting.n)
		}
		if q.ranks != nil {
			if err := h.checkRanks(q); err != nil {
				return fmt.Errorf("server %d queue %d: %w", h.id, i, err)
			}
		}
	}
	for i := range h.queues {
		switch q := &h.queues[i]; {
		case len(q.returned) > int(q.waiting.n):
			return fmt.Errorf("server %d queue %d: %d copies came back, %d wait", h.id, i, len(q.returned), q.waiting.n)
		case q.stats.Length.Value() != int64(q.length()):
			return fmt.Errorf("server %d queue %d: %d copies, the gauge says %d", h.id, i, q.length(), q.stats.Length.Value())
		}
	}
	if open != h.open || int(h.open) > h.prof.MaxOutboundConnections {
		return fmt.Errorf("server %d: %d connections, %d by queue, ceiling %d", h.id, h.open, open, h.prof.MaxOutboundConnections)
	}
	if h.working < 0 || int(h.working) > h.prof.CategoriserWorkers {
		return fmt.Errorf("server %d: %d categorisers at work, %d there are", h.id, h.working, h.prof.CategoriserWorkers)
	}
	return nil
}
