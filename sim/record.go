package sim

import (
	"mailsim/sim/metrics"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// outside is the site index of everything beyond the organisation.
const outside int32 = -1

// maxSitesApart is up to how many sites delays are kept by site: a histogram takes a quarter of a megabyte.
const maxSitesApart = 200

// recorder watches a run: it counts every recipient that comes and goes, samples the gauges, and writes down what an operator would see.
type recorder struct {
	err     error
	scratch []transport.Recipients

	// By site of the sender; the last entry is the internet.
	flow    []flow
	stay    metrics.Integral // recipient-nanoseconds of those that left the organisation
	before  metrics.Integral // ... of group members before their group was expanded: part of stay, but not of inside
	inside  metrics.Gauge    // recipients in the organisation
	pending []metrics.Gauge  // by site, the internet last: messages that no server took yet

	delay     metrics.Delays   // of all; made of delayFrom at the end when that is kept
	delayFrom []metrics.Delays // by site of the sender, the internet last; nil when sites are not kept apart
	delayTo   []metrics.Delays // by site of the recipient, the internet last
	delayPair []metrics.Delays // by both
	byPair    []int64          // deliveries by both, of the whole run
	copies    []int64          // copies delivered, by both

	ndrs   int64
	delays int64 // reports of delay
	served int64 // recipients delivered
	board  board // the series

	counters counterBoard
}

// flow counts recipients; messages of one sender's site.
type flow struct {
	submitted, delivered, bounced, lost int64
	removed                             int64 // by an operator
	duplicate                           int64 // second copies that mailboxes did not take
	expandedIn, expandedOut             int64 // members that came in place of their groups, and the groups
	reports, expired                    int64 // delivery reports made by the servers; given up for their age
	resubmitted, replaced, waiting      int64 // sent by holders of shadow copies; lost where there was one that is sent, and one that is not yet
	messages                            int64
}

func (f *flow) add(x flow) {
	f.submitted, f.delivered, f.bounced, f.lost = f.submitted+x.submitted, f.delivered+x.delivered, f.bounced+x.bounced, f.lost+x.lost
	f.expandedIn, f.expandedOut, f.messages = f.expandedIn+x.expandedIn, f.expandedOut+x.expandedOut, f.messages+x.messages
	f.removed += x.removed
	f.reports, f.expired, f.duplicate = f.reports+x.reports, f.expired+x.expired, f.duplicate+x.duplicate
	f.resubmitted, f.replaced, f.waiting = f.resubmitted+x.resubmitted, f.replaced+x.replaced, f.waiting+x.waiting
}

func (c *recorder) init(r *run) {
	n := len(r.org.Sites) + 1
	c.flow = make([]flow, n)
	c.pending = make([]metrics.Gauge, n)
	if n > 2 && n <= maxSitesApart {
		c.delayFrom = make([]metrics.Delays, n)
		c.delayTo = make([]metrics.Delays, n)
	}
	c.byPair = make([]int64, n*n)
	c.copies = make([]int64, n*n)
	if r.cfg.Output.SitePairs {
		c.delayPair = make([]metrics.Delays, n*n)
	}
	c.board.init(r)
}

// slot turns a site into an index of the recorder's slices.
func (c *recorder) slot(s int32) int {
	if s < 0 {
		return len(c.flow) - 1
	}
	return int(s)
}

// origin is the slot of a copy's sender.
func (c *recorder) origin(r *run, m transport.MsgID) int {
	if from := r.store.Cold[m].Sender; from != topology.None {
		return int(r.hosts[from].site)
	}
	return len(c.flow) - 1
}

func (c *recorder) submitted(r *run, m transport.MsgID) {
	f := &c.flow[c.origin(r, m)]
	n := int64(r.store.Recipients(m))
	f.submitted += n
	f.messages++
	c.inside.Add(r.now, n)
}

func (c *recorder) gone(r *run, m transport.MsgID) int64 {
	n := int64(r.store.Recipients(m))
	c.inside.Add(r.now, -n)
	c.stay.Add(n, int64(r.now-r.store.Hot[m].Created))
	return n
}

// expanded exchanges distribution groups for their members.
func (c *recorder) expanded(r *run, m transport.MsgID, n int64, in bool) {
	f := &c.flow[c.origin(r, m)]
	age := int64(r.now - r.store.Hot[m].Created)
	if in {
		f.expandedIn += n
		c.before.Add(n, age)
		c.inside.Add(r.now, n)
		return
	}
	f.expandedOut += n
	c.stay.Add(n, age)
	c.inside.Add(r.now, -n)
}

// delivered counts a copy that came to its end; of its recipients so many had the message already.
func (c *recorder) delivered(r *run, m transport.MsgID, to, suppressed int32) {
	n := c.gone(r, m)
	from, dest := c.origin(r, m), c.slot(to)
	if suppressed > 0 {
		c.flow[from].duplicate += int64(suppressed)
		if n -= int64(suppressed); n == 0 {
			return
		}
	}
	c.flow[from].delivered += n
	c.served += n
	c.byPair[from*len(c.flow)+dest] += n
	c.copies[from*len(c.flow)+dest]++
	if r.store.Hot[m].Report() {
		return // delays are those of the senders' mail
	}
	d := r.now.Sub(r.store.Hot[m].Created)
	if c.delayFrom == nil {
		c.delay.Record(d, n)
	} else {
		c.delayFrom[from].Record(d, n)
		c.delayTo[dest].Record(d, n)
	}
	if c.delayPair != nil {
		c.delayPair[from*len(c.flow)+dest].Record(d, n)
	}
}

// bounced counts a copy that a server gave up: for its age, or because no route takes it.
func (c *recorder) bounced(r *run, m transport.MsgID, why transport.Code) {
	f := &c.flow[c.origin(r, m)]
	if n := c.gone(r, m); why == transport.Expired {
		f.expired += n
	} else {
		f.bounced += n
	}
}

// report counts a delivery report, and writes down what the server told the sender of the message.
func (c *recorder) report(r *run, s int32, m, of transport.MsgID, why transport.Code) {
	n := int64(r.store.Recipients(m))
	c.flow[c.origin(r, m)].reports += n
	c.inside.Add(r.now, n)
	kind := "ndr"
	if why == transport.Delayed {
		kind = "delay"
		c.delays++
	} else {
		c.ndrs++
	}
	status, text := reportText(why)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "dsn", Text: text,
		Fields: []result.Field{{Key: "dsn", Value: kind}, {Key: "status", Value: status}, {Key: "message", Value: int64(r.store.Hot[of].Message)}},
	})
}

func reportText(why transport.Code) (status, text string) {
	switch why {
	case transport.Delayed:
		return transport.DelayStatus, transport.DelayText
	case transport.Expired:
		return transport.ExpiredStatus, transport.ExpiredText
	case transport.Withdrawn:
		return "5.0.0", "550 5.0.0 Message removed by an administrator"
	case transport.NoSuchDomain:
		return "5.4.4", "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"
	case transport.LoopDetected:
		return "5.4.6", "554 5.4.6 Hop count exceeded - possible mail loop"
	case transport.TooLargeForOrganisation:
		return "5.3.4", "550 5.3.4 message size exceeds the maximum of the organisation"
	case transport.TooLargeForMailbox:
		return "5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient"
	case transport.TooLarge:
		return "5.3.4", "550 5.3.4 ROUTING.SizeLimit; message size exceeds a fixed maximum size for the route"
	case transport.OverSize:
		return "5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"
	case transport.UserUnknown: // the words are ours
		return "5.1.1", "550 5.1.1 User unknown"
	case transport.ListGuarded: // number and words are ours
		return "5.7.1", "550 5.7.1 Too many replies to all of a large list; replies are blocked for a while"
	case transport.NoRecipient:
		return "5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"
	default:
		return "5.4.4", "550 5.4.4 ROUTING.NoConnectorForAddressType; no connector for the address type"
	}
}

func (c *recorder) lost(r *run, m transport.MsgID) {
	c.flow[c.origin(r, m)].lost += c.gone(r, m)
}

// removed counts a copy that an operator took away.
func (c *recorder) removed(r *run, m transport.MsgID) {
	c.flow[c.origin(r, m)].removed += c.gone(r, m)
}

func (c *recorder) pendingChanged(r *run, site int) {
	c.pending[site].Set(r.now, int64(len(r.sites[site].pending)+r.sites[site].atGate))
}

func (c *recorder) pendingOutside(r *run) {
	c.pending[len(c.pending)-1].Set(r.now, int64(len(r.edges.pending)))
}

func (c *recorder) queueRetry(r *run, s int32, i int, why transport.Code) {
	q := r.hosts[s].hub.Queue(i)
	k := r.book.Key(q.Key)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.retry", Text: r.lastError(s, &q, why),
		Fields: []result.Field{{Key: "queue", Value: k.Domain}, {Key: "retry", Value: int64(q.Retries)}, {Key: "next", Value: q.NextTry.String()}},
	})
}

func (c *recorder) queueActive(r *run, s int32, i int) {
	q := r.hosts[s].hub.Queue(i)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.active", Text: "the next hop answers again",
		Fields: []result.Field{{Key: "queue", Value: r.book.Key(q.Key).Domain}},
	})
}

// queueLimited tells once that a next hop takes fewer connections than a queue wants; again only after it took one more.
func (c *recorder) queueLimited(r *run, s int32, i int, why transport.Code) {
	q := r.hosts[s].hub.Queue(i)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.limited", Text: r.lastError(s, &q, why),
		Fields: []result.Field{{Key: "queue", Value: r.book.Key(q.Key).Domain}, {Key: "connections", Value: int64(q.Open - q.Setting)}},
	})
}

// putOff tells once that a next hop puts messages off, and again when it does after none was put off any more.
func (c *recorder) putOff(r *run, s int32, i int, why transport.Code) {
	q := r.hosts[s].hub.Queue(i)
	if q.Deferred > 0 {
		return
	}
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.deferred", Text: setbackText(why) + "; messages are tried again one by one",
		Fields: []result.Field{{Key: "queue", Value: r.book.Key(q.Key).Domain}, {Key: "next", Value: r.now.Add(r.hosts[s].hub.Profile().MessageRetryInterval).String()}},
	})
}

// unroutable tells that mail began to gather in a server's Unreachable queue (Q-2.11; event 5006 for a mailbox server, R-2.11).
func (c *recorder) unroutable(r *run, s int32, m transport.MsgID) {
	id, text := r.unreachableText(m)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.unreachable", ID: id, Text: text,
		Fields: []result.Field{{Key: "message", Value: int64(r.store.Hot[m].Message)}},
	})
}

func (c *recorder) viewChanged(r *run, h *host, changes string) {
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[h.id].Name, Kind: "config.view", Text: "sees: " + changes,
		Fields: []result.Field{{Key: "change", Value: changes}},
	})
}

func (c *recorder) send(r *run, e result.Event) {
	r.laws.logs(&e)
	if err := r.sink.Event(catalogued(e)); err != nil && c.err == nil {
		c.err = err
	}
}

// warm ends the warm-up: the figures of delays and levels begin anew. Counts of messages go on, so that the laws of the whole run can
// be checked.
func (c *recorder) warm(r *run) {
	c.delay.Reset()
	for _, d := range [][]metrics.Delays{c.delayFrom, c.delayTo, c.delayPair} {
		for i := range d {
			d[i].Reset()
		}
	}
	c.board.warm(r)
}
