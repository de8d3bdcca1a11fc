package sim

import (
	"fmt"
	"strconv"

	"mailsim/sim/result"
	"mailsim/topology"
)

// What is seen of mail clients: by them alone. No server knows of what never reaches it.

func itoa(n int) string { return strconv.Itoa(n) }

// clientProbes adds the series of populations.
func (b *board) clientProbes(r *run) {
	for i := range r.clients {
		p := &r.clients[i]
		name := result.Label{Key: "client", Value: p.spec.Name}
		series := r.cfg.Output.Servers
		b.probes = append(b.probes,
			probe{kind: probeGauge, gauge: &p.broken, series: series, out: result.Series{Metric: "client.broken", Labels: result.Labels{name}}},
			probe{kind: probeGauge, gauge: &p.unsent, series: series, out: result.Series{Metric: "client.drafts", Labels: result.Labels{name}}})
		for at, s := range p.spec.Servers {
			if s == topology.None {
				continue
			}
			b.probes = append(b.probes, probe{kind: probeCount, count: &p.submitted[at], series: series, out: result.Series{
				Metric: "client.submissions", Labels: result.Labels{name, {Key: "server", Value: r.org.Servers[s].Name}},
			}})
		}
	}
}

// clientFigures are the errors that users saw, by server and code, those of all populations together. The error of an E-Post server that
// does not listen is among its own figures.
func (r *run) clientFigures(add func(string, result.Labels, ...result.Stat)) {
	if len(r.clients) == 0 {
		return
	}
	for s := range r.hosts {
		var sum [numCodes]int64
		used := false
		for i := range r.clients {
			p := &r.clients[i]
			for at, of := range p.spec.Servers {
				if of != topology.ServerID(s) {
					continue
				}
				used = true
				for code, n := range p.errors[at] {
					sum[code] += n
				}
			}
		}
		for code, n := range sum {
			if !used || r.hosts[s].post != nil && code == codeConnect || n == 0 && code > codeConnect {
				continue
			}
			add("client.error", result.Labels{{Key: "server", Value: r.org.Servers[s].Name}, {Key: "code", Value: clientCode(code)}},
				result.Stat{Name: result.StatTotal, Value: float64(n)})
		}
	}
}

// clientIdentity is the law of drafts: all that clients compose is handed in, still unsent, or given up. What is handed in is submitted mail, and under
// the law of conservation from then on; the rest is not.
func (r *run) clientIdentity() []result.Identity {
	if len(r.clients) == 0 {
		return nil
	}
	var composed, submitted, unsent, abandoned int64
	for i := range r.clients {
		p := &r.clients[i]
		composed, abandoned = composed+p.composed, abandoned+p.abandoned
		submitted += p.submitted[0].n + p.submitted[1].n
		for who := range p.each {
			for _, first := range p.each[who].first {
				for k := first; k != 0; k = p.drafts[k-1].next {
					unsent++
				}
			}
		}
	}
	right := submitted + unsent + abandoned
	return []result.Identity{{
		Name: "drafts", Left: fmt.Sprint(composed), Right: fmt.Sprint(right), Holds: composed == right,
		Note: fmt.Sprintf("messages: %d composed by mail clients = %d submitted + %d still unsent + %d given up", composed, submitted, unsent, abandoned),
	}}
}
