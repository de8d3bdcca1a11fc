package sim

import (
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Whether machines of the organisation reach each other.

// reach tells whether a TCP connection to a machine of the organisation comes about.
func (r *run) reach(h, p *host, kind route.TargetKind) (transport.Code, time.Duration, bool) {
	switch {
	case h.site != p.site && !r.net.Reachable(h.site, p.site), p.down && p.silent:
		return transport.Unreachable, r.cfg.Model.FailedConnect, false
	case kind == route.TargetStore && p.storeRuns():
	case kind == route.TargetStore, p.down, p.deaf && kind == route.TargetServer:
		return transport.Reset, 0, false
	}
	if r.dir.Filters() && kind == route.TargetServer {
		return r.filtered(h, p)
	}
	return transport.OK, 0, true
}

// filtered tells whether a filter lets an SMTP connection between two machines through.
// F6: it goes to port 25; to 2525 between transport services of 2013 and later.
func (r *run) filtered(h, p *host) (transport.Code, time.Duration, bool) {
	port := directory.SMTP
	if h.hub != nil && p.hub != nil && !h.edge && !p.edge && r.org.Servers[h.id].Version.New() && r.org.Servers[p.id].Version.New() {
		port = directory.SMTPInternal
	}
	switch r.dir.Filtered(directory.Host{Server: h.id, DC: topology.None}, directory.Host{Server: p.id, DC: topology.None}, port) {
	case directory.Drop:
		return transport.Unreachable, r.cfg.Model.FailedConnect, false
	case directory.Reject:
		return transport.Reset, 0, false
	}
	return transport.OK, 0, true
}

// authCode is what the sender makes of a session that fails to authenticate (S1-5).
func authCode(a directory.Auth) transport.Code {
	if a == directory.AuthStripped {
		return transport.NoAuthVerbs
	}
	return transport.AuthFailed
}
