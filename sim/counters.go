package sim

import (
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// Performance counters are looked at as a management system does: once a minute, at full minutes of virtual time after the warm-up, when
// everything else of the instant is over. Its alarms take the average of five samples in a row, so that a short peak rings none.
const (
	counterEvery = simtime.Time(time.Minute)
	counterRow   = 5
)

// counterBoard samples the counters of every server. The zero value samples nothing. It looks and never acts, so the trajectory of a run
// is the same with it and without.
type counterBoard struct {
	names   []string
	servers [][]counterSamples // by server, by counter; nil for machines without a core
}

// counterSamples are the samples of one counter of one server so far.
type counterSamples struct {
	n, sum   int64
	max      int64
	last     int64
	row      [counterRow]int64 // the latest samples, one after the other in a ring
	inRow    int64             // samples since the service last started; of them row has the latest
	rowMost  int64             // largest sum of counterRow samples in a row
	rowTaken bool              // there were so many
}

func (b *counterBoard) init(r *run) {
	for _, c := range result.Counters() {
		b.names = append(b.names, c.Name)
	}
	b.servers = make([][]counterSamples, len(r.hosts))
	for i := range r.hosts {
		if r.hosts[i].hub != nil {
			b.servers[i] = make([]counterSamples, len(b.names))
		}
	}
	b.next(r, simtime.Time(r.cfg.Warmup))
}

// next has the counters looked at at the first full minute after t.
func (b *counterBoard) next(r *run, t simtime.Time) {
	if at := (t/counterEvery + 1) * counterEvery; at <= r.end {
		r.at(at, transport.PhaseSampling, -1, evCounters, 0, 0)
	}
}

// sample takes one sample of every counter. A transport service that does not run shows no counters: its samples are not in a row with
// those after its start.
func (b *counterBoard) sample(r *run) {
	for i := range b.servers {
		samples := b.servers[i]
		if samples == nil {
			continue
		}
		h := r.hosts[i].hub
		if h.Halted() {
			for k := range samples {
				samples[k].inRow = 0
			}
			continue
		}
		for k, v := range inOrder(h.Counters()) {
			samples[k].add(v)
		}
	}
	b.next(r, r.now)
}

// inOrder lists the counters in the order of result.Counters.
func inOrder(c transport.Counters) [11]int64 {
	return [...]int64{
		c.Aggregate, c.Active.Remote, c.Active.Mailbox, c.Submission, c.Active.NonSMTP, c.Retry.Mailbox, c.Retry.NonSMTP, c.Retry.Remote,
		c.Unreachable, c.Largest, c.Poison,
	}
}

func (s *counterSamples) add(v int64) {
	s.n++
	s.sum += v
	s.max = max(s.max, v)
	s.last = v
	s.row[s.inRow%counterRow] = v
	if s.inRow++; s.inRow < counterRow {
		return
	}
	var sum int64
	for _, x := range s.row {
		sum += x
	}
	s.rowMost = max(s.rowMost, sum)
	s.rowTaken = true
}

// figures reports the counters of the servers that had samples; five in a row only of those that had them.
func (b *counterBoard) figures(r *run, add func(string, result.Labels, ...result.Stat)) {
	for i := range b.servers {
		for k := range b.servers[i] {
			s := &b.servers[i][k]
			if s.n == 0 {
				break
			}
			stats := []result.Stat{{Name: result.StatMean, Value: float64(s.sum) / float64(s.n)}, {Name: result.StatMax, Value: float64(s.max)}}
			if s.rowTaken {
				stats = append(stats, result.Stat{Name: result.StatMax5m, Value: float64(s.rowMost) / counterRow})
			}
			stats = append(stats, result.Stat{Name: result.StatLast, Value: float64(s.last)})
			add("counter", result.Labels{{Key: "server", Value: r.org.Servers[i].Name}, {Key: "counter", Value: b.names[k]}}, stats...)
		}
	}
}
