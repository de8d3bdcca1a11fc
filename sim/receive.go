package sim

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// The receiving side of the servers: each takes or refuses the connections of the others by its limits (Q-5.1 to Q-5.4a). A source is a
// public address, as for outside systems. What mailboxes of another site submit (flight.go) meets no limit.

// admit asks a server to take a connection: the code, and how long the accept waits. The session counts until released.
func (r *run) admit(h, p *host, k *session) (transport.Code, time.Duration) {
	if p.receiver == nil {
		return transport.OK, 0
	}
	code, wait := p.receiver.Accept(r.now, r.sourceNumber(h))
	k.admitted = code == transport.OK
	return code, wait
}

// release ends the connection for the server that took it.
func (r *run) release(h *host, k *session) {
	if k.admitted {
		k.admitted = false
		r.hosts[k.target.ID].receiver.Closed(r.sourceNumber(h))
	}
}

// takesMessage asks the server that admitted the session for one more message of this source.
func (r *run) takesMessage(h *host, t route.Target) bool {
	return r.hosts[t.ID].receiver.Message(r.now, r.sourceNumber(h))
}

func (r *run) sourceNumber(h *host) transport.Source { return transport.Source(r.sources[h.id]) }
