package sim

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// The digest of the queues of all servers, as a monitor sees them: only queues of digestLeast messages and more, never those of Edges, and figures that
// are 1 to 2 minutes old. Every server notes the state of its queues at each whole minute by the clock on the wall; what is shown is the second last of these
// states, so it is exactly a minute old at a whole minute and nearly two just before the next.

const (
	digestLeast = 10
	digestEvery = time.Minute
)

// digest is what is gathered for the digest of one snapshot.
type digest struct {
	before mark // counts a minute before the state that is shown
	groups []result.Digest
	at     simtime.Time
}

// digestTime is the instant whose state a digest at t shows; negative: before the start.
func digestTime(start time.Time, t simtime.Time) simtime.Time {
	into := simtime.Time(start.Sub(start.Truncate(digestEvery))) // since the last whole minute before t0
	const every = simtime.Time(digestEvery)
	return (t+into)/every*every - into - every
}

// planDigest puts the state that belongs to a snapshot, and the beginning of its minute, into the calendar.
func (r *run) planDigest(i int, t simtime.Time) {
	r.digests[i].at = simtime.Never
	at := digestTime(r.cfg.Start, t)
	if at < 0 {
		return
	}
	if begin := at - simtime.Time(rateWindow); begin > 0 {
		r.at(begin, transport.PhaseSampling, -1, evSnapshot, 0, uint32(snapshotSteps*i)+markDigest)
	}
	r.at(at, transport.PhaseSampling, -1, evSnapshot, 0, uint32(snapshotSteps*i)+takeDigest)
}

// takeDigest notes the queues that a digest will show. A server that does not answer now is not in it.
func (r *run) takeDigest(d *digest) {
	var all result.Snapshot
	work := r.atWork()
	for i := range r.hosts {
		h := &r.hosts[i]
		if h.hub == nil || h.edge || h.down {
			continue
		}
		var t tally
		if d.before != nil {
			t = d.before[i]
		}
		v := viewer{r: r, s: int32(i), hub: h.hub, out: &all, name: r.org.Servers[i].Name, columns: columnsOf(r.org.Servers[i].Version), brief: true}
		v.list(t, work)
	}
	d.at, d.before = r.now, nil
	for _, q := range all.Queues {
		if q.MessageCount < digestLeast {
			continue
		}
		g := slices.IndexFunc(d.groups, func(g result.Digest) bool { return g.NextHopDomain == q.NextHopDomain })
		if g < 0 {
			g = len(d.groups)
			d.groups = append(d.groups, result.Digest{NextHopDomain: q.NextHopDomain})
		}
		d.groups[g].Queues = append(d.groups[g].Queues, q)
	}
	slices.SortFunc(d.groups, func(a, b result.Digest) int {
		return cmp.Or(cmp.Compare(messagesOf(b.Queues), messagesOf(a.Queues)), cmp.Compare(a.NextHopDomain, b.NextHopDomain))
	})
}

func messagesOf(queues []result.Queue) (n int64) {
	for i := range queues {
		n += queues[i].MessageCount
	}
	return n
}
