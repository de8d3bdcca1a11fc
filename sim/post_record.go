package sim

import (
	"fmt"
	"slices"

	"mailsim/sim/epost"
	"mailsim/sim/metrics"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// What is seen of E-Post servers: series, figures, events, and the folder in a snapshot.

// postProbes adds the series of an E-Post server. Its folder counts as its queues: a message is in incoming until it is through, or in
// holding when an attempt has failed.
func (b *board) postProbes(r *run, s int32) {
	p, name := r.hosts[s].post, r.org.Servers[s].Name
	st, series := p.core.Stats(), r.cfg.Output.Servers
	add := func(metric string, g *metrics.Gauge, more ...result.Label) {
		l := append(result.Labels{{Key: "server", Value: name}}, more...)
		b.probes = append(b.probes, probe{kind: probeGauge, gauge: g, series: series, out: result.Series{Metric: metric, Labels: l}})
	}
	for _, x := range []struct {
		class, state string
		gauge        *metrics.Gauge
	}{{"all", "all", &st.All}, {"all", "retry", &st.Holding}, {"incoming", "all", &st.Incoming}, {"holding", "all", &st.Holding}} {
		add("server.queue_length", x.gauge, result.Label{Key: "class", Value: x.class}, result.Label{Key: "state", Value: x.state})
	}
	add("server.connections", &st.Threads)
	for _, x := range p.services().List() {
		add("service.up", &p.up[x], result.Label{Key: "service", Value: x.String()})
	}
	b.probes = append(b.probes, probe{kind: probeSent, host: s, series: series,
		out: result.Series{Metric: "throughput", Labels: result.Labels{{Key: "server", Value: name}}}})
}

// transferred is how many copies the next hops and stores of a machine took from it.
func (h *host) transferred() int64 {
	if h.post != nil {
		return h.post.core.Stats().Transferred
	}
	return h.hub.Stats().Transferred
}

// postFigures are the totals of E-Post servers.
func (r *run) postFigures(add func(string, result.Labels, ...result.Stat)) {
	for _, s := range r.posts {
		p, name := r.hosts[s].post, r.org.Servers[s].Name
		total := func(metric, key, value string, n int64) {
			add(metric, result.Labels{{Key: "server", Value: name}, {Key: key, Value: value}}, result.Stat{Name: result.StatTotal, Value: float64(n)})
		}
		total("retries", "next_hop", "holding", p.core.Stats().Retries)
		total("client.error", "code", cannotConnect, p.refused)
	}
}

// parked writes down that an attempt of EPSTDS failed.
func (c *recorder) parked(r *run, s int32, why transport.Code) {
	p := r.hosts[s].post.core.Parked()
	text := reply(why)
	switch why {
	case transport.NoConnector, transport.NoSuchDomain:
		text = "the name of the host was not found"
	case transport.NoName:
		text = "the query for the name of the host failed"
	}
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "queue.retry", Text: text,
		Fields: []result.Field{{Key: "queue", Value: "holding"}, {Key: "retry", Value: int64(p.Tries - 1)}, {Key: "next", Value: p.Next.String()},
			{Key: "message", Value: int64(r.store.Hot[p.Msg].Message)}},
	})
}

// tally is what has gone through the folder, and what lies in it.
func (p *post) tally() tally {
	st := p.core.Stats()
	return tally{submission: count{st.Transferred + st.GivenUp, st.All.Value()}}
}

// listPost lists the folder of an E-Post server: files, that can be read whether services run or not, but not while the machine gives no
// answer.
func (r *run) listPost(out *result.Snapshot, s int32, before mark) {
	h, name := &r.hosts[s], r.org.Servers[s].Name
	if h.down && h.silent {
		out.Notes = append(out.Notes, fmt.Sprintf("%s: the machine gives no answer, so its mail folder cannot be listed.", name))
		return
	}
	v := viewer{r: r, s: s, out: out, name: name, columns: result.Columns2007}
	var pairs []epost.Pair
	h.post.core.Each(func(p epost.Pair) { pairs = append(pairs, p) })
	slices.SortStableFunc(pairs, func(a, b epost.Pair) int { return v.older(a.Msg, b.Msg) })
	var was count
	if before != nil {
		was = before[s].submission
	}
	incoming, outgoing := h.post.tally().submission.since(was)
	for _, folder := range []string{"incoming", "holding"} {
		status := transport.StatusReady
		if !h.post.core.Halted() && folder == "incoming" {
			status = transport.StatusActive
		} else if !h.post.core.Halted() {
			status = transport.StatusRetry
		}
		q := result.Queue{
			Generation: v.columns, Identity: name + `\` + folder, DeliveryType: "Undefined", NextHopDomain: "mail folder " + folder, NextHopConnector: noGUID,
			Status: status.String(),
		}
		if folder == "incoming" {
			q.Incoming, q.Outgoing = incoming, outgoing
		}
		at := len(out.Queues)
		out.Queues = append(out.Queues, q)
		for _, p := range pairs {
			if (p.Tries > 0) != (folder == "holding") {
				continue
			}
			out.Queues[at].MessageCount++
			v.countPriority(&out.Queues[at].ByPriority, p.Msg)
			v.spooled(q.Identity, p)
		}
	}
	if v.omitted > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%s: %d more messages; the first %d are listed.", name, v.omitted, messagesMax))
	}
}

// spooled adds one message of the folder.
func (v *viewer) spooled(queue string, p epost.Pair) {
	if v.listed == messagesMax {
		v.omitted++
		return
	}
	v.listed++
	r := v.r
	hot, cold := &r.store.Hot[p.Msg], &r.store.Cold[p.Msg]
	x := result.Message{
		Generation: v.columns, Identity: fmt.Sprintf(`%s\%d`, queue, hot.Message), Queue: queue, Status: transport.StatusReady.String(), Size: int64(hot.Size),
		Received: hot.Accepted, Expires: never, Recipients: r.recipientNames(hot.Set), Priority: priorityName(cold.Priority), Age: r.now.Sub(hot.Created),
		Incoming: cold.Sender == topology.None, From: "internet", ID: "internet",
	}
	switch {
	case p.Works:
		x.Status = transport.StatusActive.String()
	case p.Tries > 0:
		x.Status = transport.StatusRetry.String()
	}
	if cold.Sender != topology.None {
		x.ID = r.org.Servers[cold.Sender].Name
		x.From = "mailbox:" + x.ID
	}
	x.ID = fmt.Sprintf("<%d@%s>", hot.Message, x.ID)
	if cold.Null {
		x.From = "<>"
	}
	v.out.Messages = append(v.out.Messages, x)
}
