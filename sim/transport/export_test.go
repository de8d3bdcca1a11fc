package transport

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
