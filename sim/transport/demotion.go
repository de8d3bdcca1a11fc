package transport

// Cost-based demotion (Q-9.3, 2010 SP1 and later, off as installed): deliveries into a mailbox store serve 20 ordinary messages for each one that is costly.
// A message is costly that has more than 500 recipients or 1 MB. The documents charge its cost to the sender, whose other mail of that minute is demoted as well;
// single senders are not told apart here, so the message alone is.

const (
	costlyRecipients = 500     // a message with more is demoted
	costlySize       = 1 << 20 // ... and one with more bytes
	demotedShare     = 20      // ordinary messages for each demoted one, while both wait
)

// demotes tells whether the queues of a key serve demoted mail after other mail.
func (p *Profile) demotes(mailbox bool) bool {
	return p.CostDemotion && mailbox && !p.Reports.PriorityQueueing
}

// judge notes whether a copy that enters a queue for a mailbox store is demoted. What it notes stays when the copy is gone; a look compares which message it is of.
func (h *Hub) judge(m MsgID) {
	if hot := &h.store.Hot[m]; h.costly || h.store.Recipients(m) > costlyRecipients || hot.Size > costlySize {
		if h.demoted == nil {
			h.demoted = map[MsgID]uint64{}
		}
		h.demoted[m] = hot.Message
	}
}

// rank is the class in which a copy stands in a queue.
func (h *Hub) rank(q *queue, m MsgID) Priority {
	if !q.ranks.shares {
		return h.class(m)
	}
	if h.demoted[m] == h.store.Hot[m].Message {
		return PriorityLow
	}
	return PriorityNormal
}

// nextShare returns the class that is served next of a queue that shares its deliveries out.
func (k *ranks) nextShare() Priority {
	switch {
	case k.waiting[PriorityNormal] > 0 && (k.waiting[PriorityLow] == 0 || k.run < demotedShare):
		return PriorityNormal
	case k.waiting[PriorityLow] > 0:
		return PriorityLow
	}
	return noClass
}

// shared notes that a copy of a class was served.
func (k *ranks) shared(class Priority) {
	switch {
	case class == PriorityLow:
		k.run = 0
	case k.waiting[PriorityLow] > 0:
		k.run++
	}
}
