package transport

import (
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// retryWait is the wait before retry number i, counted from 1 (Q-7.2, QX-16: a count of 0 skips its stage).
func (p *Profile) retryWait(class route.Class, i int) time.Duration {
	switch {
	case class == route.ClassMailbox:
		return p.MailboxRetryInterval
	case i <= p.GlitchRetryCount:
		return p.GlitchRetryInterval
	case i <= p.GlitchRetryCount+p.TransientRetryCount:
		return p.TransientRetryInterval
	default:
		return p.OutboundRetryInterval
	}
}

// attemptFailed ends a connection attempt for which no candidate was left, for whatever reason (Q-7.5, QD-5). A queue without a live
// connection goes to Retry; another stays Active and tries again at its next event.
//
// Attempts that began later and are still under way do not keep a queue out of Retry, however busy it is; those that began before, or at
// the same instant, may still get through. Later failures of what is under way change nothing then, and the first attempt to succeed makes
// the queue Active as the retry would. An attempt that began before another session became ready says nothing new when it fails, as long
// as nothing waits or others are under way. Documents are silent on all of this; with attempts that end at once it never matters.
func (h *Hub) attemptFailed(now simtime.Time, c ConnID, why Code, out []Action) []Action {
	i := h.conns[c].queue
	began := h.conns[c].opened
	q := &h.queues[i]
	q.setting--
	if q.ranks != nil {
		q.ranks.setting[h.conns[c].class]--
	}
	q.blocked = now
	q.lastError, q.lastTarget = why, noTarget()
	if k := &h.conns[c]; k.pos > 0 {
		q.lastTarget = k.target
	}
	if why == Refused {
		q.stats.Refused++
	}
	h.drop(now, c)
	out = append(out, Action{Kind: Close, Code: why, Conn: c})
	switch {
	case q.state != Active:
		if q.probe == c {
			return h.enterRetry(now, i, why, out)
		}
	case q.sending > 0 || q.resting.n > 0 || h.olderAttempt(i, began):
		if !q.limited {
			q.limited = true
			out = append(out, Action{Kind: QueueLimited, Code: why, Msg: MsgID(i)})
		}
		h.setRefused(q, true)
	case q.ready < began || q.waiting.n > 0 && q.setting == 0:
		return h.enterRetry(now, i, why, out)
	}
	return out
}

// olderAttempt tells whether an attempt of a queue is under way that began at this instant or before.
func (h *Hub) olderAttempt(i int32, began simtime.Time) bool {
	if h.queues[i].setting == 0 {
		return false
	}
	for c := range h.conns {
		if k := &h.conns[c]; k.state == connDialing && k.queue == i && k.opened <= began {
			return true
		}
	}
	return false
}

// enterRetry puts a queue into Retry, or keeps it there after a failed retry. The wait runs from the end of the attempt.
func (h *Hub) enterRetry(now simtime.Time, i int32, why Code, out []Action) []Action {
	q := &h.queues[i]
	if q.state == Active { // t0; RetryCount is 0 and does not count this failure
		q.firstRetry = now
		h.planIdle(now, q)
	}
	h.setState(now, q, Retry)
	h.setRefused(q, false)
	q.limited, q.probe = false, 0
	q.lastRetry = now
	q.lastError = why
	q.nextRetry = now.Add(h.prof.retryWait(q.class, int(q.retries)+1))
	h.retryAt = min(h.retryAt, q.nextRetry)
	return append(out, Action{Kind: QueueRetry, Code: why, Msg: MsgID(i)})
}

// timer serves the deadline of one phase: deferred copies come back, queues that are in Retry for long are resubmitted and connections that
// have rested for long close, or the queues become due whose retry has come.
func (h *Hub) timer(now simtime.Time, out []Action) []Action {
	if h.rareAt <= now || h.ageAt <= now {
		// What has come to its end is neither tried nor resubmitted any more.
		if h.ageAt <= now {
			out = h.age(now, out)
		}
		if h.deferAt <= now {
			out = h.resolveAgain(now, out)
			h.undefer(now)
		}
		if h.idleAt <= now {
			out = h.resubmitIdle(now, out)
		}
		if h.restAt <= now {
			out = h.endRests(now, out)
		}
		return out
	}
	h.retryAt = simtime.Never
	for i := range h.queues {
		q := &h.queues[i]
		if q.state != Retry {
			continue
		}
		if q.nextRetry <= now {
			q.state = retryDue
			h.mark(int32(i))
		} else {
			h.retryAt = min(h.retryAt, q.nextRetry)
		}
	}
	return out
}

// resubmitIdle sends the mail of queues that have been in Retry for MaxIdleBeforeResubmit back to the categoriser, and again after each further
// such time.
func (h *Hub) resubmitIdle(now simtime.Time, out []Action) []Action {
	h.idleAt = simtime.Never
	if h.measures.Has(PauseResubmission) {
		h.plan()
		return out
	}
	for i := range h.queues {
		q := &h.queues[i]
		if q.idleAt <= now {
			q.idleAt = simtime.Never
			if q.length() > 0 && q.suspended {
				h.planIdle(now, q)
			} else if q.length() > 0 {
				h.takeBack(now, q)
				h.planIdle(now, q)
			}
		}
		h.idleAt = min(h.idleAt, q.idleAt)
	}
	h.plan()
	return h.nextCategorise(out)
}

// planIdle finds when a queue in Retry is resubmitted next: a whole number of times MaxIdleBeforeResubmit after its FirstRetryTime.
func (h *Hub) planIdle(now simtime.Time, q *queue) {
	if d := h.prof.MaxIdleBeforeResubmit; d > 0 {
		q.idleAt = q.firstRetry.Add((now.Sub(q.firstRetry)/d + 1) * d)
		h.idleAt = min(h.idleAt, q.idleAt)
		h.plan()
	}
}

// retryNow is the operator's retry: an immediate attempt of queues in Retry.
func (h *Hub) retryNow(now simtime.Time, which MsgID) {
	for i := range h.queues {
		if (which == AllQueues || MsgID(i) == which) && h.queues[i].state == Retry && !h.halted {
			h.queues[i].state = retryDue
			h.mark(int32(i))
		}
	}
}

// resubmitNow is the operator's resubmission of queues in Retry and of the Unreachable queue.
func (h *Hub) resubmitNow(now simtime.Time, which MsgID, out []Action) []Action {
	for i := range h.queues {
		if q := &h.queues[i]; (which == AllQueues || MsgID(i) == which) && q.state == Retry && !q.suspended {
			h.takeBack(now, q)
		}
	}
	if (which == AllQueues || which == UnreachableMail) && !h.kept {
		h.takeBackUnreachable(now)
	}
	if h.halted {
		return out
	}
	return h.nextCategorise(out)
}
