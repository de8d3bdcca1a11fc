package sim

import (
	"cmp"
	"slices"

	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// duplicates is what a run knows of mail that a mailbox may be sent twice: what such messages are called, and what the mailbox databases
// remember of them. Mail that comes once by its nature never gets here.
//
// Copies that transport makes of its own accord are marked in Tail.Repeats before the first of them is delivered; they need no
// entry in known.
type duplicates struct {
	known     []identified // ascending by message
	enough    int          // forget when known is as long as this
	databases []*transport.Duplicates
	live      []uint64 // scratch
}

// identified is a message with an identity that its sender chose.
type identified struct {
	message uint64
	key     transport.MessageKey
}

// fewIdentities is how many identities are kept at least, whether their messages are still there or not.
const fewIdentities = 1024

// identify notes what a new message is called. Messages come in order of their numbers.
func (r *run) identify(message uint64, id load.Identity) {
	r.know(message, transport.MessageKey{ID: id.ID, Sent: transport.SentSecond(r.cfg.Start, id.Date)})
}

// know is identify for a key that is known already.
func (r *run) know(message uint64, key transport.MessageKey) {
	d := &r.duplicates
	if len(d.known) >= max(d.enough, fewIdentities) {
		r.forgetIdentities()
	}
	d.known = append(d.known, identified{message, key})
}

// forgetIdentities drops the messages of which no copy is left. It goes through the whole store, but not before the list has doubled
// since the last time.
func (r *run) forgetIdentities() {
	d := &r.duplicates
	d.live = d.live[:0]
	for i := range r.store.Hot {
		if m := &r.store.Hot[i]; m.Set != 0 && r.store.Cold[i].Repeats != 0 {
			d.live = append(d.live, m.Message)
		}
	}
	if w := r.shadows; w != nil {
		for i := range w.copies {
			if x := &w.copies[i]; x.state == shadowHeld && x.cold.Repeats != 0 {
				d.live = append(d.live, x.hot.Message)
			}
		}
	}
	if w := r.nets; w != nil {
		for i := range w.mail {
			if x := &w.mail[i]; x.cold.Repeats&transport.BySenders != 0 {
				d.live = append(d.live, x.hot.Message)
			}
		}
	}
	slices.Sort(d.live)
	at := 0
	d.known = slices.DeleteFunc(d.known, func(x identified) bool {
		for at < len(d.live) && d.live[at] < x.message {
			at++
		}
		return at == len(d.live) || d.live[at] != x.message
	})
	d.enough = 2 * len(d.known)
}

// identity is what a mailbox knows a copy by.
func (r *run) identity(m transport.MsgID) transport.MessageKey {
	hot := &r.store.Hot[m]
	i, ok := slices.BinarySearchFunc(r.duplicates.known, hot.Message, func(x identified, n uint64) int { return cmp.Compare(x.message, n) })
	if ok {
		return r.duplicates.known[i].key
	}
	return transport.MessageKey{ID: hot.Message, Sent: transport.SentSecond(r.cfg.Start, hot.Created)}
}

// intoStore delivers a copy from server s to the mailbox databases of a machine; who has the message already does not get it again.
func (r *run) intoStore(s int32, m transport.MsgID, machine int32) {
	suppressed := int32(0)
	if r.store.Cold[m].Repeats != 0 {
		suppressed = r.suppress(s, m, machine)
	}
	h := &r.hosts[machine]
	h.taken.deliveries.n += int64(r.store.Recipients(m) - suppressed)
	h.taken.duplicates.n += int64(suppressed)
	r.rec.delivered(r, m, int32(h.site), suppressed)
	if r.nets != nil {
		r.intoNets(s, m)
	}
}

// suppress tells the databases of a copy that may not be the first, and returns how many of its recipients have the message already.
func (r *run) suppress(s int32, m transport.MsgID, machine int32) int32 {
	by := s // before 2013 the hub puts mail into the store, then the machine's own service does
	if r.org.Servers[machine].Version.New() {
		by = machine
	}
	key, suppressed := r.identity(m), int32(0)
	for _, e := range r.store.Entries(r.store.Hot[m].Set) {
		to := r.book.Destination(e.Dest)
		d := r.database(e.Dest, to)
		_, n := d.Deliver(r.now, key, transport.Mailboxes{First: to.First, Count: e.Count}, true)
		if n > 0 && d.Last().First {
			r.rec.suppressed(r, by, m, to, n, d.Last())
		}
		suppressed += n
	}
	return suppressed
}

// database is what a mailbox database remembers. It goes by the server that declares the database, wherever that is mounted now, so it
// moves with the database; so does what is remembered of mailboxes that are moved as a whole.
func (r *run) database(id route.DestID, to route.Destination) *transport.Duplicates {
	if to.First != 0 {
		to.First = 0
		id = r.book.Dest(to)
	}
	d := &r.duplicates
	for int(id) >= len(d.databases) {
		d.databases = append(d.databases, nil)
	}
	if d.databases[id] == nil {
		settings := &r.cfg.Servers[to.Server].Duplicates
		d.databases[id] = transport.NewDuplicates(settings.WindowOf(r.org.Servers[to.Server].Version))
	}
	return d.databases[id]
}

// suppressed writes down that copies of a message are dropped, once for each delivery that is in their way: a storm or a loop
// would fill the log. messages.duplicate counts them all.
func (c *recorder) suppressed(r *run, s int32, m transport.MsgID, to route.Destination, n int32, by transport.Suppressed) {
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "duplicate", Text: "STOREDRIVER DUPLICATEDELIVER: the mailbox has had the message since " + by.At.String(),
		Fields: []result.Field{
			{Key: "message", Value: int64(r.store.Hot[m].Message)}, {Key: "database", Value: r.org.Servers[to.Server].DatabaseName(to.Database)},
			{Key: "recipients", Value: int64(n)}, {Key: "delivered", Value: by.At.String()},
		},
	})
}
