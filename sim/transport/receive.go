package transport

import (
	"errors"
	"fmt"
	"math"
	"time"

	"mailsim/sim/simtime"
)

// Receiver is the receiving side of one server: it takes or refuses connections and counts what may come in a minute. It is not safe for
// concurrent use; times never go back. Every method is O(1), and none allocates once its windows have grown to what a minute brings.
//
//	code, wait := r.Accept(now, from)  // OK: the session begins after wait; Refused: 421
//	...
//	if !r.Message(now, from) { ... }   // 4xx for this message alone
//	r.Closed(from)
type Receiver struct {
	limits  ReceiveLimits
	open    int
	sources []sender
	arrived minute // when connections were accepted, or will be
	stats   ReceiveStats
}

// Source numbers the public addresses that connections come from, from 0 on and without gaps: all servers behind one address are one
// source. The driver gives the numbers.
type Source int32

// ReceiveStats count what a Receiver did.
type ReceiveStats struct {
	Accepted int64 // connections
	Delayed  int64 // connections whose accept had to wait (Q-5.4a)
	Refused  int64 // connections
	Limited  int64 // messages over the rate limit
	Unknown  int64 // recipients that were refused because nobody has the address
	TooLarge int64 // messages that were refused for their size
}

// ReceiveLimits are the limits of a server towards those who connect to it. DefaultReceive gives the product's; a limit of 0 does not
// apply.
type ReceiveLimits struct {
	// MaxConnections, MaxPerSource and PercentPerSource bound the connections that are open at one time: in total, from one source, and
	// from one source as a percentage of what the others leave (1 to 99; 0 and 100 make no such test). Why change them: a gateway behind
	// one address is one source, however many servers it has.
	MaxConnections, MaxPerSource, PercentPerSource int

	ConnectionRate int // connections a minute from all sources; more wait for their accept (Q-5.4a)
	MessageRate    int // messages a minute from one source; more are put off

	ConnectionTimeout time.Duration // a connection is cut so long after its beginning, whatever it does
	InactivityTimeout time.Duration // ... and after so long a silence; shorter than ConnectionTimeout (QX-3)

	Tarpit        time.Duration // replies to anonymous senders wait so long for each recipient that is refused
	MaxRecipients int           // of one message
	MaxSize       int64         // bytes of one message; what is larger is refused at MAIL, for good

	// RecipientValidation refuses recipients that do not exist at RCPT. Off as installed: the message is taken and returned with a report. Why change it: what is
	// refused makes no report, and its sender meets the tarpit.
	RecipientValidation bool
}

// Check returns everything that is wrong with the limits.
func (l *ReceiveLimits) Check() error {
	var errs []error
	count := func(name string, n int) {
		if n < 0 {
			errs = append(errs, fmt.Errorf("receive: %s is %d; write 0 (no limit) or more", name, n))
		}
	}
	count("MaxConnections", l.MaxConnections)
	count("MaxPerSource", l.MaxPerSource)
	count("ConnectionRate", l.ConnectionRate)
	count("MessageRate", l.MessageRate)
	count("MaxRecipients", l.MaxRecipients)
	if l.MaxSize < 0 {
		errs = append(errs, fmt.Errorf("receive: MaxSize is %d; write 0 (no limit) or more", l.MaxSize))
	}
	if l.PercentPerSource < 0 || l.PercentPerSource > 100 {
		errs = append(errs, fmt.Errorf("receive: PercentPerSource is %d; write 1 to 99, or 100 for no such limit", l.PercentPerSource))
	}
	if l.ConnectionTimeout < 0 || l.InactivityTimeout < 0 || l.Tarpit < 0 {
		errs = append(errs, fmt.Errorf("receive: a duration is negative (ConnectionTimeout %v, InactivityTimeout %v, Tarpit %v); write 0 (none) or more", l.ConnectionTimeout, l.InactivityTimeout, l.Tarpit))
	}
	if l.ConnectionTimeout > 0 && l.InactivityTimeout >= l.ConnectionTimeout {
		errs = append(errs, fmt.Errorf("receive: InactivityTimeout %v is not below ConnectionTimeout %v; write a shorter one", l.InactivityTimeout, l.ConnectionTimeout)) // QX-3
	}
	return errors.Join(errs...)
}

// PerSource returns how many connections a source may have while there are open ones in total, its own included: the
// percentage is of those that are left. It is math.MaxInt without a limit.
func (l *ReceiveLimits) PerSource(open int) int {
	most := math.MaxInt
	if l.MaxPerSource > 0 {
		most = l.MaxPerSource
	}
	if l.MaxConnections > 0 && l.PercentPerSource > 0 && l.PercentPerSource < 100 {
		most = min(most, l.PercentPerSource*max(l.MaxConnections-open, 0)/100)
	}
	return most
}

// CutAt returns when a connection that began at opened and last did something at active is cut by the receiver.
func (l *ReceiveLimits) CutAt(opened, active simtime.Time) simtime.Time {
	at := simtime.Never
	if l.ConnectionTimeout > 0 {
		at = opened.Add(l.ConnectionTimeout)
	}
	if l.InactivityTimeout > 0 {
		at = min(at, active.Add(l.InactivityTimeout))
	}
	return at
}

// ReplyDelay is the tarpit: how long the replies to a message are held when so many of its recipients are refused. Only an anonymous
// sender waits.
func (l *ReceiveLimits) ReplyDelay(anonymous bool, refused int) time.Duration {
	if !anonymous {
		return 0
	}
	return time.Duration(refused) * l.Tarpit
}

// Taken returns how many of a message's recipients are taken at once. The others get a 452 and stay with the sender, which sends them as
// a further message (RFC 5321, 4.5.3.1.10).
func (l *ReceiveLimits) Taken(recipients int32) int32 {
	if l.MaxRecipients > 0 {
		return min(recipients, int32(l.MaxRecipients))
	}
	return recipients
}

// TakesSize tells whether a message of so many bytes is taken. Who sends it says its size at MAIL (RFC 1870), and sends no body when the answer is no.
func (l *ReceiveLimits) TakesSize(bytes int64) bool { return l.MaxSize == 0 || bytes <= l.MaxSize }

// sender is what is known of one source.
type sender struct {
	open     int
	messages minute
}

// NewReceiver makes a receiving side without connections.
func NewReceiver(l ReceiveLimits) (*Receiver, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	return &Receiver{limits: l}, nil
}

// Limits returns the limits.
func (r *Receiver) Limits() *ReceiveLimits { return &r.limits }

// Stats returns the counters.
func (r *Receiver) Stats() *ReceiveStats { return &r.stats }

// Open returns the connections from one source, and from all.
func (r *Receiver) Open(from Source) (own, all int) { return r.source(from).open, r.open }

// Accept decides on a new connection. Refused is what the sender meets as a failed attempt. OK counts it as open from now on,
// and its session begins after the wait: one that comes faster than the connection rate allows is not refused but waits until fewer than
// that many were accepted within a minute, in order of arrival (Q-5.4a). A refused connection takes no place in that minute.
func (r *Receiver) Accept(now simtime.Time, from Source) (Code, time.Duration) {
	s := r.source(from)
	if l := &r.limits; l.MaxConnections > 0 && r.open >= l.MaxConnections || s.open >= l.PerSource(r.open) {
		r.stats.Refused++
		return Refused, 0
	}
	s.open++
	r.open++
	r.stats.Accepted++
	if r.limits.ConnectionRate == 0 {
		return OK, 0
	}
	at := r.arrived.room(now, r.limits.ConnectionRate)
	r.arrived.add(at, r.limits.ConnectionRate)
	if at > now {
		r.stats.Delayed++
	}
	return OK, at.Sub(now)
}

// Closed ends a connection that Accept took. It panics when the source has none.
func (r *Receiver) Closed(from Source) {
	s := r.source(from)
	if s.open == 0 {
		panic(fmt.Sprintf("transport: Receiver.Closed: source %d has no connection", from))
	}
	s.open--
	r.open--
}

// Message tells whether a message of a source may come now. One that would be over the rate is refused and does not count: it
// stays with its sender, who tries it again after his MessageRetryInterval.
func (r *Receiver) Message(now simtime.Time, from Source) bool {
	limit := r.limits.MessageRate
	if limit == 0 {
		return true
	}
	w := &r.source(from).messages
	if w.room(now, limit) > now {
		r.stats.Limited++
		return false
	}
	w.add(now, limit)
	return true
}

// RefusedSize counts a message that was refused for its size.
func (r *Receiver) RefusedSize() { r.stats.TooLarge++ }

// RefusedRecipients counts recipients that were refused because nobody has the address.
func (r *Receiver) RefusedRecipients(n int) { r.stats.Unknown += int64(n) }

// Reset is a stop of the service: all connections are gone, and nothing is remembered of the last minute. The counters stay.
func (r *Receiver) Reset() {
	r.open = 0
	r.arrived.clear()
	for i := range r.sources {
		r.sources[i].open = 0
		r.sources[i].messages.clear()
	}
}

// source returns what is known of a source; a new one is made.
func (r *Receiver) source(from Source) *sender {
	for int(from) >= len(r.sources) {
		r.sources = append(r.sources, sender{})
	}
	return &r.sources[from]
}

// minute is a sliding window of 60 s over events in order: a ring that holds the last of them, as many as their limit at most. That is
// enough: an event has room when the one that came limit events before it is a minute old. One that is exactly a minute old no longer
// counts. Events may lie in the future.
type minute struct {
	at       []simtime.Time
	first, n int
}

// room returns the first instant from now on, and not before any event, at which one more leaves no more than limit within a minute.
func (w *minute) room(now simtime.Time, limit int) simtime.Time {
	switch {
	case w.n == 0:
		return now
	case w.n < limit:
		return max(now, w.at[w.place(w.n-1)])
	default:
		return max(now, w.at[w.first].Add(time.Minute))
	}
}

// add notes an event at t, which is not before any that was noted.
func (w *minute) add(t simtime.Time, limit int) {
	for w.n > 0 && (w.n >= limit || w.at[w.first].Add(time.Minute) <= t) {
		w.first = w.place(1)
		w.n--
	}
	if w.n == len(w.at) {
		grown := make([]simtime.Time, min(limit, max(8, 2*len(w.at))))
		copied := copy(grown, w.at[w.first:])
		copy(grown[copied:], w.at[:w.first])
		w.at, w.first = grown, 0
	}
	w.at[w.place(w.n)] = t
	w.n++
}

// place returns where the i-th event, from 0 and up to as many as there is room for, stands in the ring.
func (w *minute) place(i int) int {
	if i += w.first; i >= len(w.at) {
		i -= len(w.at)
	}
	return i
}

func (w *minute) clear() { w.first, w.n = 0, 0 }
