package sim

import (
	"time"

	"mailsim/sim/internal/world"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// way is what every message of a session asks of the way to its target: looked up once, and again when the network has changed.
type way struct {
	network uint32 // the state of the network that it is of; 0 = not looked up
	shared  bool   // bodies share a link with others
	answers bool   // MAIL may be answered with a no, or late
	slow    bool   // slow start
	choosy  bool   // an outside system that may not take every recipient
	fixed   bool   // the time of a body does not depend on others
	cost    *SessionCost
	rtt     time.Duration
	trips   time.Duration // the round trips of a message that has one recipient
	inside  float64       // bit/s of a body that stays in its site; 0 = it does not
}

// lookUp finds the way of a session.
func (r *run) lookUp(h *host, k *session) {
	w := &k.way
	w.network = r.network
	w.cost = r.costOf(h, k.target)
	w.rtt, w.shared = r.wayTo(h, k.target)
	if r.net.Troubled() {
		w.rtt += r.crossed(h, k)
	}
	w.trips = trips(w.cost.PerMessageRoundTrips, w.rtt)
	w.answers = k.target.Kind == route.TargetServer && (k.admitted || r.hosts[k.target.ID].pressure != nil)
	w.choosy = k.target.Kind == route.TargetRemote && (h.hub != nil && r.remotes[k.target.ID].spec.UnknownFraction > 0 || r.strict())
	w.slow = r.cfg.Model.SlowStart && k.target.Kind != route.TargetGateway
	w.fixed = r.cfg.Model.FixedRate && k.target.Kind != route.TargetRemote
	w.inside = 0
	if k.target.Kind != route.TargetRemote && h.site == r.hosts[k.target.ID].site && !w.fixed {
		w.inside = r.net.Inside()
	}
}

// wayTo is the round-trip time to a target, and whether the bodies to it share a link with others (shared).
func (r *run) wayTo(h *host, t route.Target) (rtt time.Duration, shared bool) {
	if t.Kind == route.TargetRemote {
		m := &r.remotes[t.ID]
		rtt, shared = m.spec.RTT, m.line != world.NoLine
	} else {
		rtt, shared = r.net.Way(h.site, r.hosts[t.ID].site)
	}
	return rtt, shared && !r.cfg.Model.FixedRate
}

// messageTrips is d of: the round trips of a message in a session. A session that was measured agrees.
func (r *run) messageTrips(cost *SessionCost, m transport.MsgID) float64 {
	n := cost.PerMessageRoundTrips
	if cost.PerRecipientRoundTrips != 0 {
		n += float64(cost.PerRecipientRoundTrips * float64(r.store.Recipients(m)-1))
	}
	return n
}

// aloneTime is what a body takes to a server of the organisation that shares with nobody: none between sites, but with a fixed rate.
func (r *run) aloneTime(h *host, there topology.SiteID, bits float64) time.Duration {
	switch {
	case r.cfg.Model.FixedRate:
		return simtime.Span(r.net.Alone(h.site, there, bits, h.most()))
	case h.site == there:
		return simtime.Span(r.net.Alone(h.site, there, bits, 1))
	}
	return 0
}

func (r *run) rttTo(h *host, t route.Target) time.Duration {
	if t.Kind == route.TargetRemote {
		return r.remotes[t.ID].spec.RTT
	}
	return r.net.RTT(h.site, r.hosts[t.ID].site)
}
