package sim

import (
	"fmt"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// retry is from outside. A queue goes to Retry at a failure, with nothing that lives, and its first retry is one step of the ladder
// away. It makes no attempt but its retries: one connection each, at the instant of the ladder or, when nothing could be sent at that instant, as
// soon as something can (which instant watches), or earlier because an operator says so. A failure begins the next wait. It leaves Retry when a
// session becomes ready, when the service stops, or when the queue was empty for so long that the server has removed it.
func (w *watch) retry(s, i int, q *watchedQueue, now *transport.QueueInfo) error {
	h := w.hosts[s].hub
	was := &q.QueueInfo
	started := h.QueueStats(i).Retries - q.started
	if q.attempts > 1 {
		return fmt.Errorf("QD-3: %d attempts began in one round", q.attempts)
	}
	held := q.held
	if was.Length > 0 || now.Length > 0 {
		q.held = w.now
	}
	if q.attempts > 0 && h.Halted() {
		return fmt.Errorf("an attempt of a service that is stopped")
	}
	if was.State == transport.Retry {
		if int64(q.attempts) > started {
			return fmt.Errorf("Q-7.11: an attempt in Retry that is no retry")
		}
		if started > 1 || started == 1 && now.Retries != was.Retries+1 && now.State == transport.Retry {
			return fmt.Errorf("Q-7.3: %d retries began, and the count went from %d to %d", started, was.Retries, now.Retries)
		}
		if started == 1 {
			w.seen.Retries++
			switch {
			case w.now > was.NextTry:
				w.seen.Late++
			case w.now < was.NextTry:
				if !q.asked {
					return fmt.Errorf("Q-7.2: a retry that is due at %s", was.NextTry)
				}
				w.seen.Manual++
			}
			q.asked = false
		}
	} else if started > 0 {
		return fmt.Errorf("Q-7.6: a retry of a queue that was not in Retry")
	}
	wait := func(n int32) simtime.Time {
		return w.now.Add(time.Duration(ladder(h.Profile(), now.Class, int(n))))
	}
	epoch := q.epoch
	q.epoch = w.hosts[s].epoch
	switch {
	case was.State != transport.Retry && now.State == transport.Retry:
		if now.FirstTry != w.now || now.LastTry != w.now || now.Retries != 0 || now.NextTry != wait(1) {
			return fmt.Errorf("Q-7.1, Q-7.3: in Retry from now on, but first failure %s, last %s, %d retries, next %s", now.FirstTry, now.LastTry, now.Retries, now.NextTry)
		}
		if now.Open != now.Setting {
			return fmt.Errorf("Q-7.1: in Retry with %d live connections", now.Open-now.Setting)
		}
	case was.State == transport.Retry && now.State == transport.Retry:
		switch { // two failures may be at one instant, the second after an operator's retry
		case now.FirstTry != was.FirstTry:
			return fmt.Errorf("Q-7.1: the first failure moved from %s to %s", was.FirstTry, now.FirstTry)
		case now.NextTry == was.NextTry && now.LastTry == was.LastTry:
		case now.LastTry != w.now:
			return fmt.Errorf("Q-7.4: the next retry moved from %s to %s without a failure", was.NextTry, now.NextTry)
		case now.NextTry != wait(now.Retries+1):
			return fmt.Errorf("Q-7.2, Q-7.4: retry %d failed, and the next is at %s", now.Retries, now.NextTry)
		}
	case was.State == transport.Retry:
		removed := was.Length == 0 && w.now.Sub(held) >= h.Profile().QueueMaxIdleTime
		if q.ready == 0 && !removed && q.epoch == epoch { // else the service stopped
			return fmt.Errorf("Q-7.6: out of Retry without a session")
		}
		if now.Retries != 0 {
			return fmt.Errorf("Q-7.6: out of Retry with a retry count of %d", now.Retries)
		}
	}
	if now.State != transport.Retry {
		q.asked = false
	}
	w.limit(s, i, q, now)
	return nil
}

// limit keeps an account of the queues that the next hop gives less than they want: one attempt at a time, until they have it.
func (w *watch) limit(s, i int, q *watchedQueue, now *transport.QueueInfo) {
	h := w.hosts[s].hub
	look := h.Look(i, w.now)
	switch {
	case now.State == transport.Retry || h.Halted():
		q.limited = false
	case q.failed > 0 || look.FailedAt == w.now && now.LastError != transport.OK:
		q.limited = true
	case q.ready > 0 && !h.Profile().Reports.PriorityQueueing && int(now.Open) >= w.allowed(s, now, q.counted):
		q.limited = false
	}
}

// operators notes the queues that an operator's retry is for.
func (w *watch) operators() {
	for i := range w.effects {
		e := &w.effects[i]
		if e.Kind != fault.QueuesRetry || w.hosts[e.Server].hub == nil {
			continue
		}
		for _, m := range w.queueNamed(int32(e.Server), e.Queue) {
			for q := range w.servers[e.Server].queues {
				if (m == transport.AllQueues || int(m) == q) && w.hosts[e.Server].hub.Queue(q).State == transport.Retry {
					w.servers[e.Server].queues[q].asked = true
				}
			}
		}
	}
}

// ladder is the literal table of for a server as installed, and the settings of another: the wait before retry n, in the unit of
// durations.
func ladder(p *transport.Profile, class route.Class, n int) int64 {
	const minute = 60e9
	if class == route.ClassMailbox {
		return int64(p.MailboxRetryInterval)
	}
	installed := transport.DefaultProfile(p.Version, p.Edge)
	if p.GlitchRetryCount != installed.GlitchRetryCount || p.TransientRetryCount != installed.TransientRetryCount ||
		p.GlitchRetryInterval != installed.GlitchRetryInterval || p.TransientRetryInterval != installed.TransientRetryInterval || p.OutboundRetryInterval != installed.OutboundRetryInterval {
		switch {
		case n <= p.GlitchRetryCount:
			return int64(p.GlitchRetryInterval)
		case n <= p.GlitchRetryCount+p.TransientRetryCount:
			return int64(p.TransientRetryInterval)
		}
		return int64(p.OutboundRetryInterval)
	}
	switch { // 1 2 3 4 | 9 14 19 24 29 34 | 44 54 ..., Edge: 1 2 3 4 | 14 24 34 44 54 64 | 94 124 ...
	case n <= 4:
		return minute
	case n <= 10 && p.Edge:
		return 10 * minute
	case n <= 10:
		return 5 * minute
	case p.Edge:
		return 30 * minute
	default:
		return 10 * minute
	}
}
