package sim

import (
	"math"
	"time"

	"mailsim/sim/internal/world"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// What a session costs.

func (r *run) costOf(h *host, t route.Target) *SessionCost {
	switch {
	case h.post != nil && h.post.spec.Rated:
		return &h.post.cost
	case t.Kind == route.TargetRemote:
		return &r.remotes[t.ID].spec.Session
	case t.Kind == route.TargetStore, t.Kind == route.TargetGateway:
		return &r.cfg.Model.Delivery
	case h.edge || r.hosts[t.ID].edge, h.post != nil || r.hosts[t.ID].post != nil:
		return &r.cfg.Model.ToEdge
	case r.cfg.Model.Session2010 != nil && r.of2010(int32(h.id)) && r.of2010(t.ID):
		return r.cfg.Model.Session2010
	default:
		return &r.cfg.Model.Session
	}
}

// of2010 tells whether a server is one of those that know XSHADOW, a round trip of its own in a set-up. It is said where both sides keep shadow
// copies in the manner of 2010: by its servers, to each other. Older and newer ones do not offer it.
func (r *run) of2010(s int32) bool {
	v := r.org.Servers[s].Version
	return v == topology.V2010RTM || v == topology.V2010
}

// setUp is a + b*R of.
func setUp(c *SessionCost, rtt time.Duration, s *rng.Stream) time.Duration {
	return simtime.Span(s.Sample(c.Setup)) + trips(c.RoundTrips, rtt)
}

func trips(n float64, rtt time.Duration) time.Duration {
	return time.Duration(math.RoundToEven(min(n*float64(rtt), float64(simtime.Longest))))
}

// shared tells whether a message body to the target shares a link with others.
func (r *run) shared(h *host, t route.Target) bool {
	if r.cfg.Model.FixedRate {
		return false
	}
	if t.Kind == route.TargetRemote {
		return r.remotes[t.ID].line != world.NoLine
	}
	return r.net.Shared(h.site, r.hosts[t.ID].site)
}
