package transport

import "mailsim/sim/simtime"

// What back pressure and operators keep a server from doing with mail that it has. Whom a server refuses is decided where others come to it;
// here is what concerns its own queues: StopDelivery and PauseResubmission (docs/rules/queueing.md, Q-10.5).

// press takes in the measures of back pressure that hold from now on. What they no longer keep happens at once.
func (h *Hub) press(now simtime.Time, do Measures, out []Action) []Action {
	ended := h.measures &^ do
	h.measures = do
	h.mind()
	if ended.Has(StopDelivery) {
		h.markAll()
	}
	if ended.Has(PauseResubmission) {
		if h.prof.ResubmitAtAttempt {
			h.markAll() // attempts in whose place mail was to be routed anew
		}
		out = h.resubmitIdle(now, h.resubmitStranded(now, out))
	}
	return out
}

// stands tells whether nothing may leave a queue: its connections carry what is in transmission to its end, and no other opens.
func (h *Hub) stands(q *queue) bool { return q.suspended || h.measures.Has(StopDelivery) }

// mind notes which queues are special.
func (h *Hub) mind() {
	for i := range h.queues {
		q := &h.queues[i]
		q.special = q.ranks != nil || h.stands(q)
	}
}

// resubmitStranded sends the copies back to the categoriser that a new view may send elsewhere: those of the Unreachable queue and of queues
// whose key is not alive any more. While resubmission is paused they stay.
func (h *Hub) resubmitStranded(now simtime.Time, out []Action) []Action {
	if h.measures.Has(PauseResubmission) {
		return out
	}
	for i := range h.queues {
		if q := &h.queues[i]; !h.prof.ResubmitAtAttempt && !q.suspended && !h.tab.Alive(h.id, q.key) {
			h.takeBack(now, q)
		}
	}
	if h.rerouted && !h.kept {
		h.rerouted = false
		h.takeBackUnreachable(now)
	}
	if h.halted {
		return out
	}
	return h.nextCategorise(out)
}

// stranded tells whether a queue that is about to make an attempt has lost its next hop from the view, and its mail has waited for that.
//
// with ResubmitAtAttempt the decision falls when a message is to be delivered, not when the view changes; what connections carry
// that are open goes on (decision).
func (h *Hub) stranded(q *queue) bool { return h.prof.ResubmitAtAttempt && !h.tab.Alive(h.id, q.key) }

// rerouteAtAttempt sends the mail of a queue back to the categoriser in place of an attempt. The retry that was due stays due: mail that comes into
// the queue again is tried at once. While resubmission is paused there is no attempt either.
func (h *Hub) rerouteAtAttempt(now simtime.Time, q *queue, out []Action) []Action {
	if h.measures.Has(PauseResubmission) {
		return out
	}
	h.takeBack(now, q)
	return h.nextCategorise(out)
}
