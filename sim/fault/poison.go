package fault

import (
	"fmt"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// poison_message (F19) and what operators do to single messages. The simulation has the mail and knows when a message is handled; the engine has the
// machines: a message that stops the service asks it for the crash.

// poisonRestart is how long a service is down that a message stopped: until the service manager has started it again (F19).
const poisonRestart = time.Minute

// bringPoison lets the messages of a fault come.
func (e *Engine) bringPoison(i int) {
	f, s := &e.faults[i], &e.struck[i]
	for _, h := range s.hosts {
		s.mails += f.Count
		e.effect(Effect{Kind: PoisonMail, Server: h.Server, Fault: i, Count: f.Count, Threshold: f.Threshold, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

// Crash stops a server's transport service because of a message of a fault that it handles, and lets it start again after a minute. It appends what happens
// to out.
func (e *Engine) Crash(now simtime.Time, fault int, s topology.ServerID, out []Effect) []Effect {
	e.now = now
	e.stop(s, outage{})
	e.plan(item{at: now.Add(poisonRestart), rank: int32(fault), step: serviceBack, target: s})
	out = append(out, e.out...)
	e.out = e.out[:0]
	return out
}

// Harmless tells that a message of a fault stops no service any more: it is poison, or it is gone. The fault is over with its last one.
func (e *Engine) Harmless(now simtime.Time, fault int) {
	s := &e.struck[fault]
	if s.mails--; s.mails == 0 && s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, now)
	}
}

// toMessages carries out an operator's step on the messages that it selects on a server.
func (e *Engine) toMessages(t *task, s topology.ServerID) {
	x := Effect{Kind: MessagesRemove, Server: s, Messages: t.Messages, Silent: t.Silent, Link: topology.None, SiteA: topology.None, SiteB: topology.None}
	switch t.Kind {
	case SuspendMessage:
		x.Kind = MessagesSuspend
	case ResumeMessage, ResumePoison:
		x.Kind = MessagesResume
	}
	if t.Kind == DeletePoison || t.Kind == ResumePoison {
		x.Messages.Queue = PoisonQueue
	}
	e.effect(x)
}

// The queues that every server keeps, as Messages names them.
const (
	PoisonQueue      = "Poison"
	UnreachableQueue = "Unreachable"
)

// toMessagesLabel says what an operator did to messages.
func (t *task) toMessagesLabel() (done, on string) {
	what := "messages"
	if n := len(t.Messages.Numbers); n > 0 {
		what = plural(n, "message", "messages")
	}
	if t.Messages.Queue != "" {
		what += " in " + t.Messages.Queue
	}
	switch t.Kind {
	case RemoveMessage:
		return "remove " + what, "on "
	case SuspendMessage:
		return "suspend " + what, "on "
	case ResumeMessage:
		return "resume " + what, "on "
	case DeletePoison:
		return "delete poison", "on "
	}
	return "resume poison", "on "
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}
