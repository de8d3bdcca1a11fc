package transport

import (
	"time"

	"mailsim/topology/route"
)

// RetryWait is the wait before retry number i of a queue of a class.
func RetryWait(p *Profile, class route.Class, i int) time.Duration { return p.retryWait(class, i) }

// Without is what is left of a set without another.
func (s *Store) Without(book *route.Book, some, all SetID) []Recipients {
	return s.without(book, some, all)
}

// LiveSets returns the number of recipient sets that somebody refers to.
func (s *Store) LiveSets() int {
	n := 0
	for i := range s.sets {
		n += b2i(s.sets[i].refs > 0)
	}
	return n
}

// ForgetCandidates leaves a queue without any candidate, as a view could that knows no target.
func (h *Hub) ForgetCandidates(i int) {
	h.queues[i].candidates, h.queues[i].memory = nil, nil
	h.queues[i].listed = true
}

// Classes returns, by class, the connections of a queue and those that it wants.
func (h *Hub) Classes(i int) (open, wanted [NumPriorities]int32) {
	return h.queues[i].ranks.open(), h.wanted(&h.queues[i])
}

// ConnClass returns the class that a connection belongs to.
func (h *Hub) ConnClass(c ConnID) Priority { return h.conns[c].class }

// Ranked returns the copies that wait in a queue, by class.
func (h *Hub) Ranked(i int) [NumPriorities]int32 { return h.queues[i].ranks.waiting }
