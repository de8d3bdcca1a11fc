package transport

// Emptied tells whether a server that takes nothing new has nothing left to pass on: its categoriser and its delivery queues are empty. What
// waits for somebody else does not count: what an operator has suspended, the Unreachable queue and poison.
//
// F10: a server that is to be maintained goes down then.
func (h *Hub) Emptied() bool {
	if h.submission.n > 0 || h.working > 0 {
		return false
	}
	for i := range h.queues {
		if q := &h.queues[i]; q.sending > 0 || !q.suspended && (q.waiting.n > 0 || q.putOffs() > 0) {
			return false
		}
	}
	return true
}
