package sim

import (
	"context"
	"fmt"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// Watched counts what a watched run had to show, so that a test can tell that its cases are not empty.
type Watched struct {
	Sent     int // transmissions that were begun
	Returned int // copies that came back to the place that they had in their queue
	Began    []Attempt
	Failed   int // of the attempts
	Retries  int // the attempts of queues in Retry
	Late     int // of them after their instant: nothing could be sent at it
	Manual   int // of them before it: an operator's
	Rests    int // connections at rest at the ends of instants
}

// Attempt is a connection attempt that began: of a server's queue, by number.
type Attempt struct {
	Server topology.ServerID
	Queue  int
	At     simtime.Time
}

// Add adds the counts of another run, not its attempts one by one.
func (w *Watched) Add(x Watched) {
	w.Sent, w.Returned, w.Failed = w.Sent+x.Sent, w.Returned+x.Returned, w.Failed+x.Failed
	w.Retries, w.Late, w.Manual = w.Retries+x.Retries, w.Late+x.Late, w.Manual+x.Manual
	w.Rests += x.Rests
}

// RunWatched is Run with an eye on every server. After each event, and each round of settling, it holds the order of every queue and the
// instants of its attempts against an account of its own; at the end of every instant, when all that happens at it has happened,
// what the cores hold must add up, the laws of the run must hold, no ceiling may be exceeded, and no queue may wait that could open a connection.
func RunWatched(ctx context.Context, cfg *Config, rep int, sink result.Sink) (Watched, error) {
	r, err := newRun(cfg, rep, sink)
	if err != nil {
		return Watched{}, err
	}
	w := &watch{run: r, servers: make([]watchedServer, len(r.hosts))}
	for ctx.Err() == nil {
		ev, ok := r.cal.Peek()
		switch {
		case len(r.due) > 0 && (!ok || ev.At > r.now || keyPhase(ev.Key) >= transport.PhaseEvaluation):
			r.settle()
			w.kind = evDialed
		case !ok || ev.At > r.end:
			if err := w.instant(); err != nil {
				return w.seen, fmt.Errorf("at %s: %w", r.now, err)
			}
			r.now = r.end
			return w.seen, r.finish()
		default:
			if ev.At > r.now {
				if err := w.instant(); err != nil {
					return w.seen, fmt.Errorf("at %s: %w", r.now, err)
				}
			}
			r.now = ev.At
			r.cal.Pop()
			r.dispatch(ev)
			w.kind = keyKind(ev.Key)
			if w.kind == evFault {
				w.operators()
			}
		}
		if r.rec.err != nil {
			return w.seen, r.rec.err
		}
		if err := w.step(); err != nil {
			return w.seen, fmt.Errorf("at %s: %w", r.now, err)
		}
	}
	return w.seen, ctx.Err()
}

// watch is what is known of a run from outside of its cores.
type watch struct {
	*run
	servers []watchedServer
	kind    eventKind // of the last event
	seen    Watched
}

// watchedServer is a server after the last step.
type watchedServer struct {
	conns  []watchedConn // by connection
	queues []watchedQueue
	sum    uint64 // of its connections and its mail
}

// watchedConn is a connection after the last step.
type watchedConn struct {
	state sessionState
	gen   uint16
	queue int
	copy  identity // in transmission; zero = none
}

// identity tells a copy from others that have its handle later.
type identity struct {
	handle  transport.MsgID
	message uint64
	since   int64
}

func (w *watch) identity(m transport.MsgID) identity {
	if m == 0 {
		return identity{}
	}
	return identity{m, w.store.Hot[m].Message, int64(w.store.Hot[m].Accepted)}
}

// step compares every server with what it was before the last event.
func (w *watch) step() error {
	for s := range w.hosts {
		h := w.hosts[s].hub
		if h == nil {
			continue
		}
		x := &w.servers[s]
		for len(x.queues) < h.Queues() {
			x.queues = append(x.queues, newWatchedQueue())
		}
		for i := range x.queues {
			x.queues[i].attempts, x.queues[i].failed, x.queues[i].ready = 0, 0, 0
		}
		sum := w.connections(s, x)
		for i := range x.queues {
			q := &x.queues[i]
			now := h.Queue(i)
			stats := h.QueueStats(i)
			q.ready = int(stats.Sessions - q.sessions)
			q.failed -= q.ready
			if w.kind != evFault && sum == x.sum && now == q.QueueInfo && q.attempts+q.failed+q.ready == 0 {
				continue
			}
			err := w.order(s, i, q)
			if err == nil {
				err = w.retry(s, i, q, &now)
			}
			if err != nil {
				return fmt.Errorf("%s, queue %s: %w", w.org.Servers[s].Name, w.book.Key(now.Key).Domain, err)
			}
			w.seen.Failed += q.failed
			q.QueueInfo, q.started, q.sessions = now, stats.Retries, stats.Sessions
		}
		x.sum = sum
	}
	return nil
}

// connections finds what became of a server's connections in the last step, and returns a sum that tells whether they or its mail changed.
func (w *watch) connections(s int, x *watchedServer) (sum uint64) {
	h := &w.hosts[s]
	for len(x.conns) < len(h.sessions) {
		x.conns = append(x.conns, watchedConn{})
	}
	mix := func(v uint64) { sum = (sum ^ v) * 0x9e3779b97f4a7c15 }
	stats := h.hub.Stats()
	for _, n := range []int64{stats.Accepted, stats.Bounced, stats.Transferred, stats.Submission.Value(), stats.Unreachable.Value(), stats.Poison.Value()} {
		mix(uint64(n))
	}
	for c := 1; c < len(h.sessions); c++ {
		k, was := &h.sessions[c], &x.conns[c]
		now := watchedConn{state: k.state, gen: k.gen}
		if k.state != sessionFree {
			id := transport.ConnID(c)
			now.queue, now.copy = h.hub.ConnQueue(id), w.identity(h.hub.Sending(id))
		}
		if now.gen != was.gen && !(was.state == sessionDialing && now.state == sessionDialing) { // the one of before is gone
			if was.state == sessionDialing {
				x.queues[was.queue].failed++ // or became ready and had nothing to carry
			}
			was.state = sessionFree
		}
		switch {
		case was.state == sessionFree && now.state == sessionDialing:
			x.queues[now.queue].attempts++
			w.seen.Began = append(w.seen.Began, Attempt{topology.ServerID(s), now.queue, w.now})
		case was.state == sessionDialing && now.state == sessionUp:
			x.queues[now.queue].failed++ // as many became ready
		}
		*was = now
		mix(uint64(now.copy.handle)<<24 ^ now.copy.message<<8 ^ uint64(now.gen)<<2 ^ uint64(now.state))
	}
	return sum
}
