package sim

import (
	"math"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/internal/world"
	"mailsim/topology"
)

// A link that works badly (F13). What it does to the bodies under way is the network's; what it does to a session by chance is drawn here: how far its round
// trips are from the mean, and how often its first packet has to be sent. Each fault has random numbers of its own, and a session over a degraded link a number
// by which they are drawn, so that neither another session nor another fault changes what comes out.

// degrade lets the packets on a link fare worse, or better again. Sessions stay, and so do the ways; the bodies under way have their new share at once, round
// trips count from the next message on.
func (r *run) degrade(e *fault.Effect) {
	t := world.Trouble{}
	for d, c := range e.Condition.Ways {
		t.Ways[d] = world.Toll{Latency: c.Latency, Breaks: c.Breaks, Copies: c.Copies, Bits: c.Bits}
	}
	for _, x := range e.Condition.Trials {
		t.Trials = append(t.Trials, world.Trial(x))
	}
	r.net.Degrade(r.now, e.Link, t)
	r.network++
	r.moveSessions()
	r.moveFlights()
	r.wakeNetwork()
}

// onTrial tells whether chance treats sessions between two sites in a way of its own: some link between them is degraded so. What follows is about them.
func (r *run) onTrial(a, b topology.SiteID) bool {
	r.trials = r.net.Trials(a, b, r.trials[:0])
	return len(r.trials) > 0
}

// crossing gives a session on trial the number by which it is drawn what becomes of it.
func (r *run) crossing() uint32 {
	r.crossings++
	return r.crossings
}

// synTries are the instants at which a connection is asked for, since the first (F13): a SYN that is not answered is sent again.
func synTries() [3]time.Duration { return [3]time.Duration{0, 3 * time.Second, 9 * time.Second} }

// connects draws how long it takes a session on trial until a SYN gets across and its answer back; false: none of the three does.
func (r *run) connects(session uint32) (late time.Duration, ok bool) {
	for try, late := range synTries() {
		lost := false
		for _, t := range r.trials {
			lost = lost || lot(t.Key, uint64(session), uint64(try)) < t.Lost
		}
		if !lost {
			return late, true
		}
	}
	return 0, false
}

// jitterLot is the number of a session's draw of its jitter, apart from those of its SYNs.
const jitterLot = 3

// jitter draws how much longer than in the mean a round trip of a session on trial takes, or shorter: for each cause uniformly up to its jitter.
func (r *run) jitter(session uint32) time.Duration {
	var sum time.Duration
	for _, t := range r.trials {
		sum += time.Duration(math.RoundToEven(float64(2*lot(t.Key, uint64(session), jitterLot)-1) * float64(t.Jitter)))
	}
	return sum
}

// crossed is the jitter of a session that is there.
func (r *run) crossed(h *host, k *session) time.Duration {
	site, inside := r.siteOf(k.target)
	if !inside || site == h.site || !r.onTrial(h.site, site) {
		return 0
	}
	if k.crossing == 0 { // older than the fault
		k.crossing = r.crossing()
	}
	return r.jitter(k.crossing)
}
