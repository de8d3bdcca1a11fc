package sim

import (
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// certificates are when those of the servers run out. Without the fault that lets one do so nobody looks at them.
type certificates struct {
	internal, startTLS []simtime.Time // by server, on its own clock; Never = it does not
	noticed            []notice
}

// notice is when a server last complained of the certificate of another.
type notice struct {
	by, of topology.ServerID
	at     simtime.Time
}

// noticeEvery is how often a server complains of one other.
const noticeEvery = 24 * time.Hour

// setCertificate lets a certificate of a server run out at an instant, or not.
func (r *run) setCertificate(s topology.ServerID, startTLS bool, until simtime.Time) {
	if r.certs == nil {
		r.certs = &certificates{internal: make([]simtime.Time, len(r.hosts)), startTLS: make([]simtime.Time, len(r.hosts))}
		for i := range r.hosts {
			r.certs.internal[i], r.certs.startTLS[i] = never, never
		}
	}
	if startTLS {
		r.certs.startTLS[s] = until
	} else {
		r.certs.internal[s] = until
	}
}

// expired tells whether a certificate has run out by the clock of the server that has it.
// F7: a clock that is fast lets it run out early.
func (r *run) expired(until []simtime.Time, s topology.ServerID) bool {
	return until[s] != never && r.now.Add(r.dir.Offset(r.now, directory.Host{Server: s, DC: topology.None})) >= until[s]
}

// distrusts tells whether a session between two servers fails on a certificate; who sees that the other's has run out complains once a day.
//
// F7: a hub and an Edge know each other by their internal certificates. Two hubs do not (FD-22): their sessions go on.
func (r *run) distrusts(h, p *host) bool {
	bad := false
	for _, x := range [2][2]*host{{h, p}, {p, h}} {
		if r.expired(r.certs.internal, x[1].id) {
			bad = true
			r.complain(x[0].id, x[1].id)
		}
	}
	return bad && h.edge != p.edge
}

// complain writes event 12019 at one server about the certificate of another, unless it has done so in the last day.
func (r *run) complain(by, of topology.ServerID) {
	c := r.certs
	k := 0
	for k < len(c.noticed) && (c.noticed[k].by != by || c.noticed[k].of != of) {
		k++
	}
	if k == len(c.noticed) {
		c.noticed = append(c.noticed, notice{by, of, r.now})
	} else if r.now < c.noticed[k].at.Add(noticeEvery) {
		return
	}
	c.noticed[k].at = r.now
	name := r.org.Servers[of].Name
	r.rec.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[by].Name, Kind: "cert.remote", ID: 12019,
		Text:   "The internal transport certificate of " + name + " expired.",
		Fields: []result.Field{{Key: "of", Value: name}},
	})
}

// withoutTLS tells whether a session to an outside system cannot be had, because its connector asks for TLS and the certificate for it has run
// out. Where TLS is a matter of chance the session is in clear.
//
// F7: only a connector that requires TLS notices.
func (r *run) withoutTLS(h *host, c transport.ConnID) bool {
	if !r.expired(r.certs.startTLS, h.id) {
		return false
	}
	q := h.hub.Queue(h.hub.ConnQueue(c))
	k := r.book.Key(q.Key).Connector
	return k >= 0 && r.org.Connectors[k].RequireTLS
}

// trust is how a session begins that depends on certificates: OK, or TLSFailed.
func (r *run) trust(h *host, c transport.ConnID, t route.Target) transport.Code {
	switch {
	case r.certs == nil, h.hub == nil:
	case t.Kind == route.TargetServer && r.distrusts(h, &r.hosts[t.ID]), t.Kind == route.TargetRemote && r.withoutTLS(h, c):
		return transport.TLSFailed
	}
	return transport.OK
}
