package sim

import (
	"context"
	"fmt"

	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// RunWatched is Run with an eye on every server at the end of every instant, when all that happens at it has happened: what the cores hold
// must add up, no ceiling may be exceeded, and no queue may wait that could open a connection.
func RunWatched(ctx context.Context, cfg *Config, rep int, sink result.Sink) error {
	r, err := newRun(cfg, rep, sink)
	if err != nil {
		return err
	}
	for {
		ev, ok := r.cal.Peek()
		if len(r.due) > 0 && (!ok || ev.At > r.now || keyPhase(ev.Key) >= transport.PhaseEvaluation) {
			r.settle()
			continue
		}
		if !ok || ev.At > r.now {
			if err := r.watch(); err != nil {
				return fmt.Errorf("at %s: %w", r.now, err)
			}
		}
		if !ok || ev.At > r.end {
			r.now = r.end
			return r.finish()
		}
		r.now = ev.At
		r.cal.Pop()
		r.dispatch(ev)
		if r.rec.err != nil {
			return r.rec.err
		}
	}
}

func (r *run) watch() error {
	for s := range r.hosts {
		h := r.hosts[s].hub
		if h == nil {
			continue
		}
		if err := h.Check(); err != nil {
			return err
		}
		for i := range h.Queues() {
			if err := r.watchQueue(int32(s), i); err != nil {
				return fmt.Errorf("%s, queue %s: %w", r.org.Servers[s].Name, r.book.Key(h.Queue(i).Key).Domain, err)
			}
		}
	}
	return nil
}

// watchQueue states from outside: a queue that is Active, and for which no attempt has failed so far, has as many connections as it wants and
// its ceilings allow; one in Retry has begun the retry that is due.
func (r *run) watchQueue(s int32, i int) error {
	h := r.hosts[s].hub
	q := h.Queue(i)
	p := h.Profile()
	full := h.Stats().Connections.Value() >= int64(p.MaxOutboundConnections)
	countable := int(q.Length - q.Deferred)
	if q.State == transport.Retry && q.NextTry <= r.now && q.Open == 0 && countable > 0 && !h.Halted() && !full {
		return fmt.Errorf("the retry of %s has not begun", q.NextTry)
	}
	ceiling, n := p.MaxPerDomainConnections, p.Threshold[q.Class]
	if q.Class == route.ClassMailbox {
		ceiling = p.MaxMailboxDeliveries
	}
	if k := r.book.Key(q.Key); k.Connector >= 0 {
		c := &r.org.Connectors[k.Connector]
		if c.MaxPerDomainConnections > 0 {
			ceiling = c.MaxPerDomainConnections
		}
		if c.ConnectionThreshold > 0 {
			n = c.ConnectionThreshold
		}
	}
	if int(q.Open) > ceiling {
		return fmt.Errorf("%d connections, ceiling %d", q.Open, ceiling)
	}
	if q.State != transport.Active || h.Halted() || q.LastError != transport.OK || full {
		return nil
	}
	if allowed := min((countable+n-1)/n, ceiling); int(q.Open) < allowed {
		return fmt.Errorf("%d messages and %d connections, of which it may have %d", countable, q.Open, allowed)
	}
	return nil
}
