package sim

import (
	"strings"

	"mailsim/sim/internal/world"
	"mailsim/sim/metrics"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// board samples the gauges of a run: one probe a series, all with the same instants.
type board struct {
	times  []simtime.Time
	last   simtime.Time // end of the last sampling interval
	begun  simtime.Time // start of the figures: t0, or the end of the warm-up
	probes []probe
	queues [][]int32 // by server: first probe of a queue + 1
	sent   []sentCount
	done   sentCount
	lines  []world.LinkLoad
	before []world.LinkLoad // at the end of the last interval
	start  []world.LinkLoad // at begun
}

type sentCount struct{ last, begun int64 }

// counted is a count whose rate is sampled: at the last sample, and when the figures began.
type counted struct{ n, last, begun int64 }

type probeKind uint8

const (
	probeGauge probeKind = iota // gauge
	probeQueue                  // host, index: length of a queue
	probeConns                  // ... its connections
	probeAge                    // ... the age of its oldest waiting copy, looked at when sampled
	probeSent                   // host: copies that the next hop took, a second
	probeCount                  // count: how many in a second
	probeDone                   // recipients served in the whole organisation, a second
	probeLine                   // index: share of a link's bandwidth in use
)

// probe is one series under way, and its figures over the whole run.
type probe struct {
	kind   probeKind
	gauge  *metrics.Gauge
	count  *counted
	host   int32
	index  int32
	seldom bool // left out when it was 0 throughout
	total  bool // probeCount: the count itself is a figure, too; left out where senders send nothing twice
	series bool
	out    result.Series
	mean   float64 // probeAge: over the samples
	max    float64
	n      int
}

func (b *board) init(r *run) {
	o := &r.cfg.Output
	b.queues = make([][]int32, len(r.hosts))
	b.sent = make([]sentCount, len(r.hosts))
	for i := range r.hosts {
		h := &r.hosts[i]
		if h.post != nil {
			b.postProbes(r, int32(i))
		}
		if h.hub == nil {
			continue
		}
		s := h.hub.Stats()
		name := r.org.Servers[i].Name
		add := func(metric, class, state string, g *metrics.Gauge, seldom bool) {
			l := result.Labels{{Key: "server", Value: name}}
			if class != "" {
				l = append(l, result.Label{Key: "class", Value: class}, result.Label{Key: "state", Value: state})
			}
			b.probes = append(b.probes, probe{kind: probeGauge, gauge: g, seldom: seldom, series: o.Servers, out: result.Series{Metric: metric, Labels: l}})
		}
		add("server.queue_length", "all", "all", &s.QueuedAll, false)
		add("server.queue_length", "all", "retry", &s.InRetry, false)
		for c := range route.NumClasses {
			add("server.queue_length", className(c), "all", &s.Queued[c], true)
		}
		add("server.queue_length", "unreachable", "all", &s.Unreachable, true)
		add("server.connections", "", "", &s.Connections, false)
		add("server.submission", "", "", &s.Submission, false)
		if w := r.nets; w != nil && w.servers[i].prof != nil {
			add("safety_net.bytes", "", "", &w.servers[i].bytes, false)
			add("safety_net.items", "", "", &w.servers[i].items, false)
		}
		b.probes = append(b.probes, probe{kind: probeSent, host: int32(i), series: o.Servers,
			out: result.Series{Metric: "throughput", Labels: result.Labels{{Key: "server", Value: name}}}})
	}
	b.probes = append(b.probes, probe{kind: probeDone, series: true, out: result.Series{Metric: "delivery.rate", Labels: result.Labels{{Key: "site", Value: "all"}}}})
	for i := range r.rec.pending {
		b.probes = append(b.probes, probe{kind: probeGauge, gauge: &r.rec.pending[i], seldom: true, series: true,
			out: result.Series{Metric: "submission_pending", Labels: result.Labels{{Key: "site", Value: r.siteName(i)}}}})
	}
	b.clientProbes(r)
	b.mailboxProbes(r)
	b.lines = r.net.Loads(0, nil)
	b.before = append(b.before, b.lines...)
	b.start = append(b.start, b.lines...)
	for i, l := range b.lines {
		b.probes = append(b.probes, probe{kind: probeLine, index: int32(i), series: o.Links, out: result.Series{
			Metric: "link.utilisation",
			Labels: result.Labels{{Key: "link", Value: r.org.Links[l.Link].Name}, {Key: "direction", Value: [...]string{"up", "down"}[l.Direction]}},
		}})
	}
}

func className(c route.Class) string {
	return [...]string{"smtp_connector", "intra_org", "mailbox", "other"}[c]
}

// queueLabels names a queue as an operator does. Commas would break the entity column, so a list of smart hosts is joined by '+'.
func (r *run) queueLabels(s int32, k route.KeyID) result.Labels {
	key := r.book.Key(k)
	connector := ""
	if key.Connector >= 0 {
		connector = r.org.Connectors[key.Connector].Name
	}
	return result.Labels{
		{Key: "server", Value: r.org.Servers[s].Name},
		{Key: "next_hop", Value: nextHop(key) + r.elsewhere(key)},
		{Key: "delivery_type", Value: key.Type.Name(r.org.Servers[s].Version)},
		{Key: "connector", Value: connector},
	}
}

// elsewhere tells the queue for a database on a server that it was not active on at the start from the one for where it was: to an operator
// they are one queue after the other. So it does where several servers have a database of one name, or mailboxes move to another server.
func (r *run) elsewhere(key *route.Key) string {
	if key.Type != route.SmtpDeliveryToMailbox || r.org.IsHome(key.Domain, key.Server) {
		return ""
	}
	return " on " + r.org.Servers[key.Server].Name
}

func nextHop(key *route.Key) string {
	return strings.NewReplacer(", ", "+", ",", "+", "=", ":").Replace(key.Domain)
}

// newQueues adds probes for queues made since the last sample.
func (b *board) newQueues(r *run) {
	for s := range r.hosts {
		h := r.hosts[s].hub
		if h == nil {
			continue
		}
		for i := len(b.queues[s]); i < h.Queues(); i++ {
			b.queues[s] = append(b.queues[s], int32(len(b.probes)))
			l := r.queueLabels(int32(s), h.Queue(i).Key)
			for kind, metric := range []string{"queue.length", "queue.connections", "queue.age"} {
				p := probe{kind: probeQueue + probeKind(kind), host: int32(s), index: int32(i), series: r.cfg.Output.Queues && kind != 2,
					out: result.Series{Metric: metric, Labels: l}}
				if p.series { // nothing stood in it before
					p.out.Mean = make([]float64, len(b.times), len(b.times)+64)
					p.out.Max = make([]float64, len(b.times), len(b.times)+64)
					p.out.Last = make([]float64, len(b.times), len(b.times)+64)
				}
				b.probes = append(b.probes, p)
			}
		}
	}
}

// nextSample is the first sampling instant after t: a multiple of the interval, or the end of the run.
func (r *run) nextSample(t simtime.Time) simtime.Time {
	step := simtime.Time(r.cfg.Output.SampleInterval)
	return min((t/step+1)*step, r.end)
}

// sample ends a sampling interval.
func (b *board) sample(r *run) {
	if r.now == b.last && len(b.times) > 0 {
		return
	}
	b.newQueues(r)
	r.advanceNets()
	b.lines = r.net.Loads(r.now, b.lines[:0])
	seconds := r.now.Sub(b.last).Seconds()
	for i := range b.probes {
		p := &b.probes[i]
		var mean, peak, last float64
		switch p.kind {
		case probeGauge:
			mean, peak, last = p.gauge.Sample(b.last, r.now)
		case probeQueue:
			mean, peak, last = r.hosts[p.host].hub.QueueStats(int(p.index)).Length.Sample(b.last, r.now)
		case probeConns:
			mean, peak, last = r.hosts[p.host].hub.QueueStats(int(p.index)).Connections.Sample(b.last, r.now)
		case probeAge:
			last = r.hosts[p.host].hub.QueueAge(int(p.index), r.now).Seconds()
			mean, peak = last, last
			p.mean += last
			p.n++
		case probeSent:
			n := r.hosts[p.host].transferred()
			c := &b.sent[p.host]
			if seconds > 0 {
				mean = float64(n-c.last) / seconds
			}
			c.last = n
			peak, last = mean, mean
		case probeCount:
			mean = ratio(float64(p.count.n-p.count.last), seconds)
			p.count.last = p.count.n
			peak, last = mean, mean
		case probeDone:
			n := r.rec.served
			if seconds > 0 {
				mean = float64(n-b.done.last) / seconds
			}
			b.done.last = n
			peak, last = mean, mean
		case probeLine:
			l := &b.lines[p.index]
			if seconds > 0 {
				mean = l.Share(&b.before[p.index], seconds)
			}
			peak, last = mean, mean
		}
		p.max = max(p.max, peak)
		if p.series {
			p.out.Mean = append(p.out.Mean, mean)
			p.out.Max = append(p.out.Max, peak)
			p.out.Last = append(p.out.Last, last)
		} else {
			p.out.Last = append(p.out.Last[:0], last)
		}
	}
	b.before = append(b.before[:0], b.lines...)
	b.times = append(b.times, r.now)
	b.last = r.now
}

// warm ends the warm-up: figures begin anew, series go on.
func (b *board) warm(r *run) {
	b.sample(r)
	b.begun = r.now
	b.start = append(b.start[:0], b.lines...)
	for i := range b.probes {
		p := &b.probes[i]
		p.max, p.mean, p.n = 0, 0, 0
		if p.count != nil {
			p.count.begun = p.count.n
		}
		if g := p.level(r); g != nil {
			g.Reset(r.now)
		}
	}
	b.done.begun = b.done.last
	for i := range b.sent {
		b.sent[i].begun = b.sent[i].last
	}
}

// level is the gauge behind a probe, nil when there is none.
func (p *probe) level(r *run) *metrics.Gauge {
	switch p.kind {
	case probeGauge:
		return p.gauge
	case probeQueue:
		return &r.hosts[p.host].hub.QueueStats(int(p.index)).Length
	case probeConns:
		return &r.hosts[p.host].hub.QueueStats(int(p.index)).Connections
	}
	return nil
}

// figures are mean, maximum and last value of a probe since the end of the warm-up.
func (b *board) figures(r *run, p *probe) (mean, peak, last float64) {
	seconds := r.now.Sub(b.begun).Seconds()
	if n := len(p.out.Last); n > 0 {
		last = p.out.Last[n-1]
	}
	switch p.kind {
	case probeAge:
		if p.n > 0 {
			mean = p.mean / float64(p.n)
		}
		return mean, p.max, last
	case probeSent:
		c := b.sent[p.host]
		return ratio(float64(c.last-c.begun), seconds), p.max, last
	case probeCount:
		return ratio(float64(p.count.n-p.count.begun), seconds), p.max, last
	case probeDone:
		return ratio(float64(b.done.last-b.done.begun), seconds), p.max, last
	case probeLine:
		l := &b.lines[p.index]
		return l.Share(&b.start[p.index], seconds), p.max, last
	}
	sum, most := p.level(r).Total(r.now)
	return ratio(sum.Seconds(), seconds), float64(most), last
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
