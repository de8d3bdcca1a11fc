package sim

import (
	"strconv"
	"strings"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// forgedDomains is below which all domains are that the senders of spam claim to be of. They have sent nothing, and no host of theirs answers (F22).
const forgedDomains = ".forged.invalid"

// spam brings a message of backscatter to one of the Edges that it strikes, in turn. When none of them takes it, that was it: who sends spam does not try
// again.
func (r *run) spam(x *storm) {
	to, known := r.somebody(x)
	s, ok := r.inTurn(x.hosts, &x.turn)
	if !ok {
		return
	}
	if !known {
		domain := strconv.FormatInt(1+x.forged%int64(x.spec.Domains), 10) + forgedDomains
		x.forged++
		to = route.Destination{Kind: route.Nowhere, Domain: domain}
	}
	m := r.enter(topology.None, r.book.Dest(to))
	o := offer{to: s, wait: r.tarpit(&r.hosts[s])}
	if !known && (x.spec.Checked || r.checks(&r.hosts[s])) {
		r.refuseNobody(m, &o)
		return
	}
	r.bring(m, o)
}

// somebody draws whom a message of spam is for; false when it is for nobody. A mailbox of the organisation is as likely as any other.
func (r *run) somebody(x *storm) (to route.Destination, known bool) {
	if x.spec.Unknown >= 1 || x.who.Float64() < x.spec.Unknown {
		return to, false
	}
	boxes := func(i int) int64 {
		if s := &r.org.Servers[i]; s.Is(topology.RoleMailbox) && !s.Absent {
			return int64(s.Mailboxes)
		}
		return 0
	}
	i := boxOf(len(r.org.Servers), boxes, x.who.Float64())
	to = route.Destination{Kind: route.Mailbox, Server: topology.ServerID(i)}
	if n := len(r.org.Servers[i].Databases); n > 1 { // a server's mailboxes are spread evenly over its databases
		to.Database = int32(x.who.Float64() * float64(n))
	}
	return to, boxes(i) > 0
}

// forged tells whether a connection of a server is for a domain that senders of spam claim to be of. Mail that goes to a smart host does not notice.
func (r *run) forged(h *host, c transport.ConnID) bool {
	return h.hub != nil && strings.HasSuffix(r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key).Domain, forgedDomains)
}
