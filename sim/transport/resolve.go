package transport

import "mailsim/sim/simtime"

// unresolved puts a copy off for which the directory did not answer: it stays in the submission queue, deferred, and is categorised again
// after ResolverRetryInterval. It does not hold up the others, and no worker waits for it.
func (h *Hub) unresolved(now simtime.Time, m MsgID, out []Action) []Action {
	h.working--
	h.store.Cold[m].spot = spotSubmission
	at := now.Add(h.prof.ResolverRetryInterval)
	h.unsolved = append(h.unsolved, deferral{msg: m, until: at}) // one interval for all, so the list stays in order
	h.deferAt = min(h.deferAt, at)
	h.plan()
	return h.nextCategorise(out)
}

// resolveAgain returns the copies whose wait is over to the end of the submission queue.
func (h *Hub) resolveAgain(now simtime.Time, out []Action) []Action {
	n := 0
	for n < len(h.unsolved) && h.unsolved[n].until <= now {
		h.store.pushBack(&h.submission, h.unsolved[n].msg)
		n++
	}
	if n == 0 {
		return out
	}
	h.unsolved = append(h.unsolved[:0], h.unsolved[n:]...)
	return h.nextCategorise(out)
}

// resolveAll returns every such copy at once: a service that starts asks the directory anew.
func (h *Hub) resolveAll() {
	for _, d := range h.unsolved {
		h.store.pushBack(&h.submission, d.msg)
	}
	h.unsolved = h.unsolved[:0]
}

// SubmissionDeferred is how many copies of the submission queue are put off until the directory answers.
func (h *Hub) SubmissionDeferred() int { return len(h.unsolved) }
