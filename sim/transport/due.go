package transport

import (
	"time"

	"mailsim/sim/simtime"
)

// dueList tells which copies on a server are next to be reported as delayed and to expire. It holds every copy of the
// server that has one pair of time-outs: without priority queueing one list does, with it one a class.
//
// The time-outs of a list are the same for all and run from the instant of acceptance (Q-8.3, QD-7), so the order in which copies were
// accepted is the order in which they fall due, whatever queues they stand in and however they leave them. The list keeps that order
// by links of its own: joining and leaving cost O(1), as most copies never do more; what is next is a cursor for each of the two. A
// cursor never goes back: what it has passed is reported, or was looked at when it expired.
//
// Copies that a split makes share their message's instant and stand together, so a message has one delay report.
type dueList struct {
	tail     MsgID // the one accepted last; 0 = none
	delay    MsgID // the first that is not yet reported; 0 = none
	expiry   MsgID // the first that is not yet looked at; 0 = none
	reported reportedMessage
}

// reportedMessage is the stay of a message on this server that was last reported as delayed.
type reportedMessage struct {
	message  uint64
	accepted simtime.Time
}

// push adds a copy that the server has just accepted. When the list is idle then, the copy is to begin a wait.
func (l *dueList) push(k links, m MsgID) {
	x := &k[m]
	x.before, x.after = l.tail, 0
	if l.tail != 0 {
		k[l.tail].after = m
	}
	l.tail = m
}

// idle tells whether a time-out waits for no copy.
func (l *dueList) idle() bool { return l.expiry == 0 || l.delay == 0 }

// begin makes the copy that was pushed last the first that a time-out waits for, if it waits for none.
func (l *dueList) begin(m MsgID) {
	if l.expiry == 0 {
		l.expiry = m
	}
	if l.delay == 0 {
		l.delay = m
	}
}

// split adds a copy that was split off another. It is as old as that one and stands behind it, and what was done for that one counts
// as done for it.
func (l *dueList) split(k links, from, m MsgID) {
	after := k[from].after
	k[m].before, k[m].after = from, after
	k[from].after = m
	if after != 0 {
		k[after].before = m
	} else {
		l.tail = m
	}
}

// remove takes out a copy that leaves the server.
func (l *dueList) remove(k links, m MsgID) {
	x := k[m]
	if x.before != 0 {
		k[x.before].after = x.after
	}
	if x.after != 0 {
		k[x.after].before = x.before
	} else {
		l.tail = x.before
	}
	if l.delay == m {
		l.delay = x.after
	}
	if l.expiry == m {
		l.expiry = x.after
	}
}

// nextDelay returns when the next delay report is due, and nextExpiry when the next copy expires; Never when no copy is left that has to wait
// for it. They are exact but for the copies of a message that is reported already, for which nextDelay is early.
func (l *dueList) nextDelay(s *Store, wait time.Duration) simtime.Time {
	return dueAt(s, l.delay, wait)
}

func (l *dueList) nextExpiry(s *Store, wait time.Duration) simtime.Time {
	return dueAt(s, l.expiry, wait)
}

func dueAt(s *Store, m MsgID, wait time.Duration) simtime.Time {
	if m == 0 {
		return simtime.Never
	}
	return s.Hot[m].Accepted.Add(wait)
}

// takeDelay returns the next copy whose delay report is due, one a message; 0 when none is. The copy stays in the list.
func (l *dueList) takeDelay(s *Store, now simtime.Time, wait time.Duration) MsgID {
	for l.nextDelay(s, wait) <= now && l.delay != 0 {
		m := l.delay
		l.delay = s.links[m].after
		if stay := (reportedMessage{s.Hot[m].Message, s.Hot[m].Accepted}); stay != l.reported {
			l.reported = stay
			return m
		}
	}
	return 0
}

// takeExpiry returns the next copy that has come to its end; 0 when none has. The copy stays in the list until it leaves the server: one in
// transmission goes on, and whoever brings it back to a queue asks for its age again.
func (l *dueList) takeExpiry(s *Store, now simtime.Time, wait time.Duration) MsgID {
	if m := l.expiry; m != 0 && l.nextExpiry(s, wait) <= now {
		l.expiry = s.links[m].after
		return m
	}
	return 0
}
