package sim

import (
	"fmt"
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// What must hold in every run, apart from the accounts of identities (FI-1). It is looked at where it may break: when an attempt to connect
// begins or a queue goes to Retry, when hubs do not authenticate, when a report is made. Nothing is looked at on the way of a message that
// meets no trouble. A run that breaks one goes on to its end and fails then, with the first one that it broke.

// laws is what a run keeps to check them.
type laws struct {
	broken  error        // the first that did not hold
	touched bool         // a fault, a remedy or an action has begun
	limited bool         // a limit has been reached: of an outside system, of a receiver or of back pressure
	ladders []ladders    // by server
	refused int64        // sessions that failed at the receiver's, for want of a proof that it takes
	logged  [2]entriesOf // events 1035 and 2017
}

// ladders are those of the queues of a server.
type ladders struct {
	asked  simtime.Time // when an operator last asked for attempts; -1 = never
	queues []rungs      // by queue
}

// rungs is where a queue in Retry stands, told from its failures alone and not by the core that makes the attempts.
type rungs struct {
	failures int          // in a row, the one that led to Retry included; 0 = it is not in Retry
	life     uint16       // of the service in which they were
	trying   bool         // a further attempt is under way
	failed   simtime.Time // when the last one ended
	next     simtime.Time // when the next one may begin
}

// entriesOf counts the events of one number.
type entriesOf struct {
	n    int64
	last string // the server that wrote the last one
}

func (l *laws) init(r *run) {
	l.ladders = make([]ladders, len(r.hosts))
	for i := range l.ladders {
		l.ladders[i].asked = -1
	}
}

// breaks notes that a law does not hold, with its number, what happened and when; the first one counts.
func (r *run) breaks(rule, format string, args ...any) {
	if r.laws.broken == nil {
		r.laws.broken = fmt.Errorf("%w: %s: at %s: %s", ErrInvariant, rule, r.now, fmt.Sprintf(format, args...))
	}
}

// lawsHold returns the first law that the run broke.
func (r *run) lawsHold() error {
	if n := r.laws.logged[event1035].n; n != r.laws.refused { // FI-3
		r.breaks("FI-3", "%d events 1035 of %d sessions that receivers refused", n, r.laws.refused)
	}
	if r.laws.broken == nil {
		if err := r.dir.Check(); err != nil { // FI-7
			return fmt.Errorf("%w: FI-7: %w", ErrInvariant, err)
		}
	}
	return r.laws.broken
}

// calm tells that nothing has happened yet that mail could suffer from: no fault has begun, and no limit was reached.
func (r *run) calm() bool { return !r.laws.touched && !r.laws.limited }

// rungs is where a queue stands; nil for one that was never in Retry.
func (l *laws) rungs(s int32, queue int) *rungs {
	if queues := l.ladders[s].queues; queue < len(queues) {
		return &queues[queue]
	}
	return nil
}

// attempts looks at an attempt to connect that begins.
//
// FI-5: a queue in Retry makes attempts when its ladder says so, or later where it could not: nothing waited, there was no room, it was
// suspended. It makes one when its service starts, when an operator asks for it, and when it is empty for so long that it begins anew.
func (r *run) attempts(s int32, h *host, c transport.ConnID) {
	if h.hub == nil {
		return
	}
	queue := h.hub.ConnQueue(c)
	l := r.laws.rungs(s, queue)
	if l == nil || l.failures == 0 {
		return
	}
	if r.beganAnew(s, h, queue, l, h.hub.Queue(queue).State == transport.Active) {
		return
	}
	r.onLadder(s, h, queue, l)
	l.trying = true
}

// beganAnew forgets the failures of a queue whose service has started since, or that was removed: it has been empty for long enough.
func (r *run) beganAnew(s int32, h *host, queue int, l *rungs, anew bool) bool {
	if l.life == h.epoch {
		if !anew {
			return false
		}
		if idle := h.hub.Profile().QueueMaxIdleTime; r.now.Sub(l.failed) < idle {
			r.breaks("FI-5", "%s begins anew %s after it failed; a queue has to be empty for %s", r.queueName(s, queue), r.now.Sub(l.failed), idle)
		}
	}
	*l = rungs{}
	return true
}

// onLadder checks that a queue in Retry may try now.
func (r *run) onLadder(s int32, h *host, queue int, l *rungs) {
	if r.now < l.next && r.laws.ladders[s].asked < l.failed {
		r.breaks("FI-5", "%s tries again before %s, %d failures after it went to Retry", r.queueName(s, queue), l.next, l.failures)
	}
}

// failed looks at an attempt that has failed, and keeps its queue in Retry.
func (r *run) failed(s int32, h *host, queue int, why transport.Code) {
	ladders := &r.laws.ladders[s]
	for queue >= len(ladders.queues) {
		ladders.queues = append(ladders.queues, rungs{})
	}
	l, q := &ladders.queues[queue], h.hub.Queue(queue)
	if l.failures > 0 && !l.trying && !r.beganAnew(s, h, queue, l, q.Retries == 0) {
		r.onLadder(s, h, queue, l) // it had nobody to try, and failed when it began
	}
	l.failures++
	l.life, l.trying, l.failed = h.epoch, false, r.now
	l.next = r.now.Add(waitAfter(h.hub.Profile(), q.Class == route.ClassMailbox, l.failures))
	if l.next != q.NextTry {
		r.breaks("FI-5", "%s is to try again at %s after %d failures; the ladder says %s", r.queueName(s, queue), q.NextTry, l.failures, l.next)
	}
	// FI-2: nothing fails by itself.
	if r.calm() && !limits(why) && !r.neverReached(s, q.Target) {
		r.breaks("FI-2", "%s goes to Retry (%s), and no fault has begun and no limit was reached", r.queueName(s, queue), reply(why))
	}
}

// waitAfter is how long a queue waits after so many failures in a row.
func waitAfter(p *transport.Profile, mailbox bool, failures int) time.Duration {
	if mailbox {
		return p.MailboxRetryInterval
	}
	if failures -= p.GlitchRetryCount; failures <= 0 {
		return p.GlitchRetryInterval
	}
	if failures -= p.TransientRetryCount; failures <= 0 {
		return p.TransientRetryInterval
	}
	return p.OutboundRetryInterval
}

// answers forgets the failures of a queue that has left Retry.
func (l *laws) answers(s int32, queue int) {
	if x := l.rungs(s, queue); x != nil {
		*x = rungs{}
	}
}

// limits tells whether an attempt failed on a limit of the other side.
func limits(why transport.Code) bool { return why == transport.Refused || why == transport.Rejected }

// neverReached tells whether a target cannot be reached in the organisation as it was declared.
func (r *run) neverReached(s int32, t route.Target) bool {
	if t.ID == topology.None {
		return true // the next hop has nobody
	}
	t = r.actual(t)
	if t.Kind == route.TargetRemote {
		return false
	}
	h, p := &r.hosts[s], &r.hosts[t.ID]
	return r.org.Servers[t.ID].Absent || h.site != p.site && !r.net.Reachable(h.site, p.site)
}

func (r *run) queueName(s int32, queue int) string {
	return fmt.Sprintf("server %s, queue %q", r.org.Servers[s].Name, r.book.Key(r.hosts[s].hub.Queue(queue).Key).Domain)
}

const (
	event1035 = iota
	event2017
)

// logs counts the events that sessions leave behind that fail.
func (l *laws) logs(e *result.Event) {
	switch e.ID {
	case 1035:
		l.logged[event1035] = entriesOf{l.logged[event1035].n + 1, e.Server}
	case 2017:
		l.logged[event2017] = entriesOf{l.logged[event2017].n + 1, e.Server}
	}
}

// handshake lets a hub prove itself to another one, and writes down what is logged of it when that fails.
func (r *run) handshake(from, to *host) directory.Auth {
	auth := r.dir.Handshake(r.now, from.id, to.id)
	if auth.OK() {
		return auth
	}
	sender, receiver := r.org.Servers[from.id].Name, r.org.Servers[to.id].Name
	before := r.laws.logged
	r.rec.authFailed(r, from, to, auth)
	if atReceiver(auth) {
		r.laws.refused++
	}
	if rule := misLogged(auth, sender, receiver, before, r.laws.logged); rule != "" {
		r.breaks(rule, "a session from %s to %s fails (%s), and the event logs do not say so in the right place", sender, receiver, auth)
	}
	if r.calm() { // FI-2
		r.breaks("FI-2", "a session from %s to %s fails (%s), and no fault has begun", sender, receiver, auth)
	}
	return auth
}

// atReceiver tells whether it is the receiver that says no.
func atReceiver(auth directory.Auth) bool {
	return !auth.Ticketless() && auth != directory.AuthStripped
}

// misLogged is the law that is broken by what a session left behind that failed; "" = none.
//
// FI-3: the receiver logs event 1035 once for each session that it refuses.
//
// FI-4: for want of a ticket the sender logs event 2017 instead. Never both for one session; nothing where the verbs are missing.
func misLogged(auth directory.Auth, sender, receiver string, before, after [2]entriesOf) string {
	if after[event1035].n > before[event1035].n && after[event2017].n > before[event2017].n {
		return "FI-4"
	}
	want := before
	switch {
	case auth.Ticketless():
		want[event2017] = entriesOf{before[event2017].n + 1, sender}
	case atReceiver(auth):
		want[event1035] = entriesOf{before[event1035].n + 1, receiver}
	}
	switch {
	case after[event2017] != want[event2017]:
		return "FI-4"
	case after[event1035] != want[event1035]:
		return "FI-3"
	}
	return ""
}

// reports looks at a report on a copy that a server makes or would make.
//
// FI-9: a message is late, or has come to its end, when this server has had it for so long.
func (r *run) reports(s int32, of transport.MsgID, why transport.Code) {
	h := &r.hosts[s]
	if h.hub == nil {
		return
	}
	p := h.hub.Profile()
	switch age := r.now.Sub(r.store.Hot[of].Accepted); why {
	case transport.Delayed, transport.Expired:
		times := p.Reports.Of(p.Reports.Class(r.store.Cold[of].Priority, r.store.Hot[of].Size))
		least := times.Delay
		if why == transport.Expired {
			least = times.Expiry
		}
		if age < least {
			r.breaks("FI-9", "server %s: message %d is reported (%s) after %s; it has %s", r.org.Servers[s].Name, r.store.Hot[of].Message, statusOf(why), age, least)
		}
	case transport.NoSuchDomain, transport.Withdrawn:
		if r.calm() {
			r.breaks("FI-2", "server %s: message %d is reported (%s), and no fault has begun and no limit was reached", r.org.Servers[s].Name, r.store.Hot[of].Message, statusOf(why))
		}
	}
}

func statusOf(why transport.Code) string {
	status, _ := reportText(why)
	return status
}
