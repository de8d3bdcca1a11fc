package sim

import (
	"fmt"
	"slices"

	"mailsim/sim/metrics"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// finish reports the series and the figures of a run and checks its laws.
func (r *run) finish() error {
	b := &r.rec.board
	b.sample(r)
	for i := range b.probes {
		p := &b.probes[i]
		if !p.series || r.leftOut(p) {
			continue
		}
		p.out.Times = b.times
		if err := r.sink.Series(p.out); err != nil {
			return err
		}
	}
	s := result.Summary{
		Fingerprint: r.fingerprint, Messages: int64(r.messages), Events: r.steps, Faults: r.fault.Happened(),
		Identities: r.identities(),
	}
	for i := range r.rec.delayFrom {
		r.rec.delay.Merge(&r.rec.delayFrom[i])
	}
	s.Metrics = r.figures(s.Faults)
	s.Histograms = r.rec.histograms(r)
	if err := r.sink.End(s); err != nil {
		return err
	}
	for i := range r.hosts {
		if h := r.hosts[i].hub; h != nil {
			if err := h.Check(); err != nil {
				return fmt.Errorf("%w: %w", ErrInvariant, err)
			}
		}
	}
	if err := r.checkPosts(); err != nil {
		return err
	}
	if err := r.lawsHold(); err != nil {
		return err
	}
	for _, id := range s.Identities {
		if !id.Holds {
			return fmt.Errorf("%w: %s: %s is not %s (%s)", ErrInvariant, id.Name, id.Left, id.Right, id.Note)
		}
	}
	return nil
}

// identities are the laws of SA-3, exact.
func (r *run) identities() []result.Identity {
	c := &r.rec
	var f flow // of all
	for _, x := range c.flow {
		f.add(x)
	}
	var submission, queued, unreachable, poison, pending int64
	for i := range r.hosts {
		if h := r.hosts[i].hub; h != nil {
			a, b, u, p := h.Held()
			submission, queued, unreachable, poison = submission+a, queued+b, unreachable+u, poison+p
		}
	}
	held := r.heldByStore()
	spooled := r.spooled()
	pending = held - submission - queued - unreachable - poison - spooled
	held += f.waiting
	in, gone := f.submitted+f.expandedIn+f.reports+f.resubmitted, f.delivered+f.duplicate+f.bounced+f.expired+f.lost+f.removed+f.replaced+f.expandedOut+held
	note := fmt.Sprintf("recipients: %d submitted", f.submitted)
	if f.expandedOut > 0 {
		note += fmt.Sprintf(" + %d members of groups", f.expandedIn)
	}
	if f.reports > 0 {
		note += fmt.Sprintf(" + %d delivery reports", f.reports)
	}
	if f.resubmitted > 0 {
		note += fmt.Sprintf(" + %d sent by holders of shadow copies, %d of them in place of what was destroyed", f.resubmitted, f.replaced)
	}
	note += fmt.Sprintf(" = %d delivered", f.delivered)
	if f.duplicate > 0 {
		note += fmt.Sprintf(" + %d dropped as duplicates", f.duplicate)
	}
	note += fmt.Sprintf(" + %d bounced + %d expired + %d lost", f.bounced, f.expired, f.lost)
	if f.removed > 0 {
		note += fmt.Sprintf(" + %d removed by operators", f.removed)
	}
	if f.expandedOut > 0 {
		note += fmt.Sprintf(" + %d groups expanded", f.expandedOut)
	}
	note += fmt.Sprintf(" + %d held (%d in categorisers, %d in delivery queues, %d unreachable, %d pending with their senders)",
		held, submission, queued, unreachable, pending)
	if spooled > 0 {
		note += fmt.Sprintf("; %d more of those held lie in the folders of E-Post servers", spooled)
	}
	if poison > 0 {
		note += fmt.Sprintf("; %d of those held are poison", poison)
	}
	if f.waiting > 0 {
		note += fmt.Sprintf("; of those held, %d have a shadow copy only", f.waiting)
	}
	out := []result.Identity{{Name: "conservation", Left: fmt.Sprint(in), Right: fmt.Sprint(gone), Holds: in == gone, Note: note}}
	out = append(out, r.clientIdentity()...)
	// Little's law over the whole run: the integral of the number inside equals the sum of the stays, cut at the end of the run.
	area := c.inside.Ever(r.now)
	area.Plus(c.before)
	stays := c.stay
	r.eachHeld(func(n int64, since simtime.Time) { stays.Add(n, int64(r.now-since)) })
	out = append(out, result.Identity{
		Name: "little", Left: area.String(), Right: stays.String(), Holds: area == stays,
		Note: "recipient-nanoseconds: integral of the number of recipients inside = sum of their stays, to the end of the run",
	})
	// The same law for every server, and the utilisation law for its connections, summed.
	var inServers, serverStays, busy, sessions metrics.Integral
	for i := range r.hosts {
		h := r.hosts[i].hub
		if h == nil {
			continue
		}
		st := h.Stats()
		a := st.Recipients.Ever(r.now)
		inServers.Plus(a)
		inServers.Plus(st.Before)
		serverStays.Plus(st.Stays)
		serverStays.Plus(h.StaysSoFar(r.now, r.categorising(r.hosts[i].id)))
		busy.Plus(st.Connections.Ever(r.now))
		sessions.Plus(st.Sessions)
		sessions.Plus(h.SessionsSoFar(r.now))
	}
	out = append(out,
		result.Identity{Name: "little.servers", Left: inServers.String(), Right: serverStays.String(), Holds: inServers == serverStays,
			Note: "recipient-nanoseconds, summed over servers: integral of the number held = sum of the stays"},
		result.Identity{Name: "utilisation", Left: busy.String(), Right: sessions.String(), Holds: busy == sessions,
			Note: "connection-nanoseconds, summed over servers: integral of the connections open = sum of their lives"})
	return out
}

// heldByStore counts the recipients of every copy in the store: an account that knows nothing of the cores' own.
func (r *run) heldByStore() int64 {
	var n int64
	r.eachHeld(func(k int64, _ simtime.Time) { n += k })
	return n
}

// eachHeld calls f for every copy in the store with its recipients and the instant of its submission.
func (r *run) eachHeld(f func(recipients int64, created simtime.Time)) {
	for i := range r.store.Hot {
		if m := &r.store.Hot[i]; m.Set != 0 {
			f(int64(r.store.Total(m.Set)), m.Created)
		}
	}
}

// figures are the metrics of docs/scenario-reference.md, after the warm-up; counts of messages are of the whole run.
func (r *run) figures(faults []result.TopologyFault) []result.Metric {
	c := &r.rec
	var out []result.Metric
	add := func(name string, l result.Labels, stats ...result.Stat) {
		out = append(out, result.Metric{Metric: name, Labels: l, Stats: stats})
	}
	held := make([]int64, len(c.flow))
	for i := range r.store.Hot {
		if m := &r.store.Hot[i]; m.Set != 0 {
			slot := len(c.flow) - 1
			if from := r.store.Cold[i].Sender; from != topology.None {
				slot = int(r.hosts[from].site)
			}
			held[slot] += int64(r.store.Total(m.Set))
		}
	}
	var sum flow
	var heldSum int64
	counts := func(site string, f flow, h int64) {
		l := result.Labels{{Key: "site", Value: site}}
		for _, x := range []struct {
			name string
			n    int64
		}{{"submitted", f.submitted}, {"delivered", f.delivered}, {"duplicate", f.duplicate}, {"bounced", f.bounced}, {"expired", f.expired}, {"lost", f.lost}, {"held", h}} {
			add("messages."+x.name, l, result.Stat{Name: result.StatTotal, Value: float64(x.n)})
		}
		add("messages.reports", l, result.Stat{Name: result.StatTotal, Value: float64(f.reports)})
		if n := f.resubmitted - f.replaced; n != 0 {
			add("messages.resubmitted", l, result.Stat{Name: result.StatTotal, Value: float64(n)})
		}
		if f.removed > 0 {
			add("messages.removed", l, result.Stat{Name: result.StatTotal, Value: float64(f.removed)})
		}
		if f.expandedOut > 0 {
			add("messages.expanded", l, result.Stat{Name: result.StatTotal, Value: float64(f.expandedIn - f.expandedOut)})
		}
	}
	for i, f := range c.flow {
		sum.add(f)
		held[i] += f.waiting
		heldSum += held[i]
	}
	counts("all", sum, heldSum)
	for i, f := range c.flow {
		if f.submitted > 0 || f.reports > 0 {
			counts(r.siteName(i), f, held[i])
		}
	}
	c.eachDelay(r, func(from, to string, d *metrics.Delays) {
		add("delivery.delay", delayLabels(from, to), result.Stat{Name: result.StatMean, Value: d.Mean()}, result.Stat{Name: result.StatMax, Value: d.Max().Seconds()},
			result.Stat{Name: result.StatCount, Value: float64(d.Count())}, result.Stat{Name: result.StatP50, Value: d.Quantile(.5)},
			result.Stat{Name: result.StatP95, Value: d.Quantile(.95)}, result.Stat{Name: result.StatP99, Value: d.Quantile(.99)})
	})
	if r.cfg.Output.SitePairs {
		r.sitePairs(add)
	}
	b := &c.board
	for i := range b.probes {
		p := &b.probes[i]
		if r.leftOut(p) {
			continue
		}
		mean, peak, last := b.figures(r, p)
		stats := []result.Stat{{Name: result.StatMean, Value: mean}, {Name: result.StatMax, Value: peak}, {Name: result.StatLast, Value: last}}
		if p.total {
			stats = append(stats, result.Stat{Name: result.StatCount, Value: float64(p.count.n - p.count.begun)})
		}
		if p.kind == probeSent {
			n := b.sent[p.host]
			stats = append(stats, result.Stat{Name: result.StatCount, Value: float64(n.last - n.begun)})
		}
		add(p.out.Metric, p.out.Labels, stats...)
	}
	for s := range r.hosts {
		h := r.hosts[s].hub
		if h == nil {
			continue
		}
		if w := r.nets; w != nil && w.servers[s].prof != nil {
			l := result.Labels{{Key: "server", Value: r.org.Servers[s].Name}}
			add("safety_net.inserts", l, result.Stat{Name: result.StatTotal, Value: float64(w.servers[s].inserts)})
			add("safety_net.deletes", l, result.Stat{Name: result.StatTotal, Value: float64(w.servers[s].deletes())})
		}
		r.hopFigures(int32(s), h, add)
	}
	r.postFigures(add)
	r.clientFigures(add)
	c.counters.figures(r, add)
	add("dsn.count", result.Labels{{Key: "kind", Value: "delay"}}, result.Stat{Name: result.StatTotal, Value: float64(c.delays)})
	add("dsn.count", result.Labels{{Key: "kind", Value: "ndr"}}, result.Stat{Name: result.StatTotal, Value: float64(c.ndrs)})
	r.drainTimes(faults, add)
	return out
}

// hopFigures are the totals of a server by next hop: queues that differ only in how they deliver are one, as a relay to a server and the delivery
// into its store.
func (r *run) hopFigures(s int32, h *transport.Hub, add func(string, result.Labels, ...result.Stat)) {
	type totals struct{ retries, sessions, deferrals, refusals int64 }
	var hops []result.Labels // in the order of the first queue of each
	sums := map[string]totals{}
	for i := range h.Queues() {
		l := r.queueLabels(s, h.Queue(i).Key)[:2]
		t, known := sums[l[1].Value]
		if !known {
			hops = append(hops, l)
		}
		q := h.QueueStats(i)
		sums[l[1].Value] = totals{t.retries + int64(q.Retries), t.sessions + int64(q.Sessions), t.deferrals + int64(q.PutOff), t.refusals + int64(q.Refused)}
	}
	for _, l := range hops {
		t := sums[l[1].Value]
		add("retries", l, result.Stat{Name: result.StatTotal, Value: float64(t.retries)})
		add("sessions", l, result.Stat{Name: result.StatTotal, Value: float64(t.sessions)})
		add("deferrals", l, result.Stat{Name: result.StatTotal, Value: float64(t.deferrals)})
		add("refusals", l, result.Stat{Name: result.StatTotal, Value: float64(t.refusals)})
	}
}

// sitePairs are the deliveries and copies between sites: counts of the whole run.
func (r *run) sitePairs(add func(string, result.Labels, ...result.Stat)) {
	n := len(r.rec.flow)
	for from := range n {
		for to := range n {
			if k := r.rec.byPair[from*n+to]; k > 0 {
				rate := ratio(float64(k), r.now.Seconds())
				add("throughput", result.Labels{{Key: "site_pair", Value: r.siteName(from) + ">" + r.siteName(to)}},
					result.Stat{Name: result.StatMean, Value: rate}, result.Stat{Name: result.StatCount, Value: float64(k)})
				add("delivery.copies", delayLabels(r.siteName(from), r.siteName(to)), result.Stat{Name: result.StatTotal, Value: float64(r.rec.copies[from*n+to])})
			}
		}
	}
}

func (r *run) siteName(slot int) string {
	if slot < len(r.org.Sites) {
		return r.org.Sites[slot].Name
	}
	return "internet"
}

func delayLabels(from, to string) result.Labels {
	return result.Labels{{Key: "from", Value: from}, {Key: "to", Value: to}}
}

// eachDelay visits the distributions of delays that have a value: all, by sender's site, by recipient's site, by pair.
func (c *recorder) eachDelay(r *run, f func(from, to string, d *metrics.Delays)) {
	visit := func(from, to string, d *metrics.Delays) {
		if d.Count() > 0 {
			f(from, to, d)
		}
	}
	visit("all", "all", &c.delay)
	for i := range c.delayFrom {
		visit(r.siteName(i), "all", &c.delayFrom[i])
	}
	for i := range c.delayTo {
		visit("all", r.siteName(i), &c.delayTo[i])
	}
	for i := range c.delayPair {
		visit(r.siteName(i/len(c.flow)), r.siteName(i%len(c.flow)), &c.delayPair[i])
	}
}

func (c *recorder) histograms(r *run) []result.Histogram {
	var out []result.Histogram
	c.eachDelay(r, func(from, to string, d *metrics.Delays) {
		lower, upper, counts := d.Buckets()
		out = append(out, result.Histogram{Metric: "delivery.delay", Labels: delayLabels(from, to), Lower: lower, Upper: upper, Counts: counts})
	})
	return out
}

// drainTimes are the figures of each fault's occurrences that came to an end and whose mail has drained: mean, longest and last.
func (r *run) drainTimes(faults []result.TopologyFault, add func(string, result.Labels, ...result.Stat)) {
	if !r.cfg.Output.Servers {
		return
	}
	waiting := r.waiting()
	var ids []string
	byID := map[string][]float64{}
	for _, f := range faults {
		d, ok := r.drainTime(f, waiting)
		if !ok {
			continue
		}
		if byID[f.ID] == nil {
			ids = append(ids, f.ID)
		}
		byID[f.ID] = append(byID[f.ID], d)
	}
	for _, id := range ids {
		times, sum := byID[id], 0.0
		for _, d := range times {
			sum += d
		}
		add("drain.time", result.Labels{{Key: "fault", Value: id}}, result.Stat{Name: result.StatMean, Value: sum / float64(len(times))},
			result.Stat{Name: result.StatMax, Value: slices.Max(times)}, result.Stat{Name: result.StatLast, Value: times[len(times)-1]})
	}
}

// waiting is the length of the delivery queues of all servers together at each sample.
func (r *run) waiting() []float64 {
	b := &r.rec.board
	sum := make([]float64, len(b.times))
	for i := range b.probes {
		p := &b.probes[i]
		if p.out.Metric == "server.queue_length" && p.out.Labels.Get("class") == "all" && p.out.Labels.Get("state") == "all" {
			for j, v := range p.out.Last {
				sum[j] += v
			}
		}
	}
	return sum
}

// drainTime is how long after the end of a fault the delivery queues of all servers together were as short as before it, to a sampling
// interval; false when they never were, or the fault did not end.
func (r *run) drainTime(f result.TopologyFault, waiting []float64) (float64, bool) {
	if f.Remedy || f.EndNS == nil {
		return 0, false
	}
	times := r.rec.board.times
	first, _ := slices.BinarySearch(times, simtime.Time(f.StartNS)) // a sample of that instant sees what the fault did
	before := 0.0
	if first > 0 {
		before = waiting[first-1]
	}
	end, _ := slices.BinarySearch(times, simtime.Time(*f.EndNS))
	for i := end; i < len(times); i++ {
		if waiting[i] <= before {
			return times[i].Sub(simtime.Time(*f.EndNS)).Seconds(), true
		}
	}
	return 0, false
}
