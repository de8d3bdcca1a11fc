package sim

import (
	"fmt"

	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// instant holds what is true when everything of an instant is over.
func (w *watch) instant() error {
	for s := range w.hosts {
		h := w.hosts[s].hub
		if h == nil {
			continue
		}
		if err := h.Check(); err != nil {
			return err
		}
		resting, err := w.limits(s)
		if err != nil {
			return fmt.Errorf("%s: %w", w.org.Servers[s].Name, err)
		}
		for i := range h.Queues() {
			q := h.Queue(i)
			if err := w.idle(s, i, &q, resting); err != nil {
				return fmt.Errorf("%s, queue %s: %w", w.org.Servers[s].Name, w.book.Key(q.Key).Domain, err)
			}
		}
	}
	for i := range w.remotes {
		for source, n := range w.remotes[i].open {
			if limit := w.remotes[i].spec.MaxConnectionsPerSource; limit > 0 && int(n) > limit {
				return fmt.Errorf("QD-4: %s has %d connections of source %d, limit %d", w.org.Remotes[i].Name, n, source, limit)
			}
		}
	}
	for _, id := range w.identities() { // SA-3
		if !id.Holds {
			return fmt.Errorf("%s: %s is not %s (%s)", id.Name, id.Left, id.Right, id.Note)
		}
	}
	return nil
}

// limits holds the ceilings of a server, those of what comes to it included, and tells how many of its connections rest.
func (w *watch) limits(s int) (resting int, err error) {
	h := &w.hosts[s]
	p := h.hub.Profile()
	if n := h.hub.Stats().Connections.Value(); n > int64(p.MaxOutboundConnections) {
		return 0, fmt.Errorf("Q-4.7: %d connections, ceiling %d", n, p.MaxOutboundConnections)
	}
	for c := 1; c < len(h.sessions); c++ {
		k := &h.sessions[c]
		if k.state != sessionUp {
			continue
		}
		id := transport.ConnID(c)
		if h.hub.Sending(id) == 0 {
			resting++
			w.seen.Rests++
		}
		if limit := w.perConnection(s, h.hub.ConnQueue(id)); limit > 0 && int(k.carried) >= limit {
			return 0, fmt.Errorf("Q-4.10: a connection has carried %d messages and lives, limit %d", k.carried, limit)
		}
		if k.until <= w.now || k.restEnd <= w.now {
			return 0, fmt.Errorf("Q-4.9d: a connection lives at its end, %s", min(k.until, k.restEnd))
		}
	}
	if h.receiver != nil {
		l := h.receiver.Limits()
		own := map[transport.Source]int{}
		all := 0
		for from := range w.hosts {
			for c := range w.hosts[from].sessions {
				if k := &w.hosts[from].sessions[c]; k.admitted && int(k.target.ID) == s {
					own[w.sourceNumber(&w.hosts[from])]++
					all++
				}
			}
		}
		if l.MaxConnections > 0 && all > l.MaxConnections {
			return 0, fmt.Errorf("Q-5.1: %d connections come in, limit %d", all, l.MaxConnections)
		}
		for from, n := range own {
			if l.MaxPerSource > 0 && n > l.MaxPerSource {
				return 0, fmt.Errorf("Q-5.1: %d connections of source %d, limit %d", n, from, l.MaxPerSource)
			}
		}
	}
	return resting, nil
}

// perConnection is the most messages that a connection of a queue carries; 0 = no limit.
func (w *watch) perConnection(s, i int) int {
	h := w.hosts[s].hub
	limit := h.Profile().MaxMessagesPerConnection
	if c := w.connector(h.Queue(i).Key); c >= 0 && w.org.Connectors[c].MaxMessagesPerConnection > 0 {
		limit = w.org.Connectors[c].MaxMessagesPerConnection
	}
	return limit
}

func (w *watch) connector(k route.KeyID) int { return int(w.book.Key(k).Connector) }

// ceiling is that of a queue, and threshold how many messages one connection stands for.
func (w *watch) ceiling(s int, q *transport.QueueInfo) (ceiling, threshold int) {
	p := w.hosts[s].hub.Profile()
	ceiling, threshold = p.MaxPerDomainConnections, p.Threshold[q.Class]
	if q.Class == route.ClassMailbox {
		ceiling = p.MaxMailboxDeliveries
	}
	if c := w.connector(q.Key); c >= 0 {
		known := &w.hosts[s].view.Connectors[c]
		if n := known.MaxPerDomainConnections; n > 0 {
			ceiling = n
		}
		if n := known.ConnectionThreshold; n > 0 {
			threshold = n
		}
	}
	return ceiling, threshold
}

// allowed is without the server's ceiling: what a queue wants and may have.
func (w *watch) allowed(s int, q *transport.QueueInfo, counted int) int {
	ceiling, n := w.ceiling(s, q)
	return min((counted+n-1)/n, ceiling)
}

// idle is from outside: a queue that is Active, and has not just been given less than it wants by its next hop, has as many connections as it
// wants and its ceilings allow, and none of them rests while mail waits; one in Retry has begun the retry that is due.
func (w *watch) idle(s, i int, q *transport.QueueInfo, resting int) error {
	h := &w.hosts[s]
	ceiling, _ := w.ceiling(s, q)
	x := &w.servers[s].queues[i]
	was := x.open
	x.open = q.Open
	if int(q.Open) > ceiling && q.Open > was { // those that were open when it was lowered stay
		return fmt.Errorf("Q-4.6: %d connections, ceiling %d", q.Open, ceiling)
	}
	if h.hub.Halted() {
		return nil
	}
	p := h.hub.Profile()
	for m := range x.place {
		if at := h.hub.ExpiresAt(m.handle); at <= w.now && !x.sending[m] {
			return fmt.Errorf("Q-8.2: message %d waits, which expired at %s", m.message, at)
		}
	}
	if h.hub.Look(i, w.now).Status == transport.StatusSuspended {
		return nil // nothing leaves it
	}
	if h.pressure != nil && h.pressure.told.Has(transport.StopDelivery) {
		return nil // nothing is sent
	}
	// connections at rest make room (QD-2).
	full := h.hub.Stats().Connections.Value() >= int64(p.MaxOutboundConnections) && resting == 0
	if q.State == transport.Retry && q.NextTry <= w.now && q.Open == 0 && x.counted > 0 && !full {
		return fmt.Errorf("Q-7.2: the retry of %s has not begun", q.NextTry)
	}
	if q.State != transport.Active || x.limited || full {
		return nil
	}
	if p.Reports.PriorityQueueing {
		return w.idleClass(s, i, q, ceiling)
	}
	if allowed := w.allowed(s, q, x.counted); int(q.Open) < allowed {
		return fmt.Errorf("Q-4.3: %d messages and %d connections, of which it may have %d", x.counted, q.Open, allowed)
	}
	waiting := x.counted - len(x.sending)
	if live := int(q.Open-q.Setting) - len(x.sending); live > 0 && waiting > 0 {
		return fmt.Errorf("QD-2: %d connections rest while %d messages wait", live, waiting)
	}
	return nil
}

// idleClass is the same with classes: what they want and do not have is being set up.
func (w *watch) idleClass(s, i int, q *transport.QueueInfo, ceiling int) error {
	p := w.hosts[s].hub.Profile()
	var sent [transport.NumPriorities]int
	w.hosts[s].hub.EachQueued(i, func(m transport.MsgID, status transport.Status, _ bool) {
		if status == transport.StatusActive || status == transport.StatusPendingSuspend || status == transport.StatusPendingRemove {
			sent[p.Reports.Class(w.store.Cold[m].Priority, w.store.Hot[m].Size)]++
		}
	})
	lack := 0
	wants := w.wanted(s, i, [transport.NumPriorities]int{})
	for class, wanted := range wants {
		lack += max(wanted-sent[class], 0)
	}
	if lack > int(q.Setting) && int(q.Open) < ceiling {
		return fmt.Errorf("Q-9.1: %d in transmission by class, of %d that are wanted, and %d connections in set-up", sent, wants, q.Setting)
	}
	return nil
}

// wanted is by class: the connections that the copies of each want, up to the ceiling of the class and all together up to that of the queue; so many of each
// count for nothing.
func (w *watch) wanted(s, i int, without [transport.NumPriorities]int) (wanted [transport.NumPriorities]int) {
	h := w.hosts[s].hub
	p, q := h.Profile(), h.Queue(i)
	room, threshold := w.ceiling(s, &q)
	var counted [transport.NumPriorities]int
	h.EachQueued(i, func(m transport.MsgID, status transport.Status, putOff bool) {
		if !putOff && status != transport.StatusSuspended {
			counted[p.Reports.Class(w.store.Cold[m].Priority, w.store.Hot[m].Size)]++
		}
	})
	for _, class := range []transport.Priority{transport.PriorityHigh, transport.PriorityNormal, transport.PriorityLow} {
		wanted[class] = min((counted[class]-without[class]+threshold-1)/threshold, p.Priorities[class], room)
		room -= wanted[class]
	}
	return wanted
}
