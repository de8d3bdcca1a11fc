package sim

import (
	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// What stands between a mail client and its server, apart from the network: the name of the server, which resolvers of the client's site tell, and filters. The
// machines of clients are no hosts of a scenario, so that both go by the servers of their site.

// knowsName tells whether the clients of a population find a server of theirs: somebody has asked for it within the hour, or the resolvers of their site answer.
//
// F14: clients go by the resolvers of their site, which fail when they fail for all its hubs and Edges, and for all names (decision).
func (r *run) knowsName(p *population, at uint8) bool {
	if r.names == nil || p.known[at] > r.now {
		return true
	}
	if r.resolversFail(p.spec.Site) {
		return false
	}
	p.known[at] = r.now.Add(nameLife)
	return true
}

// resolversFail tells whether nobody at a site is told any name.
func (r *run) resolversFail(at topology.SiteID) bool {
	if r.names == nil || r.names.inForce == 0 {
		return false
	}
	some := false
	for s := range r.hosts {
		if h := &r.hosts[s]; h.hub == nil || h.site != at || !r.dir.Present(h.id) {
			continue
		}
		some = true
		if answer, _ := r.resolve(r.hosts[s].id, ""); answer == fault.NameFound {
			return false
		}
	}
	return some
}

// filter is what keeps the clients of a population from a server: nothing, a refusal or silence.
func (p *population) filter(r *run, h *host) directory.Filter {
	if !r.dir.Filters() {
		return directory.Open
	}
	return r.dir.FilteredSite(p.spec.Site, directory.Host{Server: h.id, DC: topology.None}, directory.SMTP)
}

// across tells whether the clients of a population get as far as a server of theirs, and what users read if not.
//
// F9: different faults look different to users. A name that is not found is 0x800CCC0D, a connection that nobody answers 0x800CCC19.
func (r *run) across(p *population, at uint8, h *host) (code int, ok bool) {
	switch {
	case !r.knowsName(p, at):
		p.cut = true
		return codeName, false
	case h.down || h.deaf:
		return codeConnect, false
	case h.site != p.spec.Site && !r.net.Reachable(p.spec.Site, h.site):
		return codeDropped, false
	}
	switch p.filter(r, h) {
	case directory.Drop:
		p.cut = true
		return codeTimeOut, false
	case directory.Reject:
		p.cut = true
		return codeConnect, false
	}
	if h.hub != nil && r.refuses(h, transport.RejectSubmission) {
		return codePressure, false
	}
	return 0, true
}

// clientsAcross lets clients send what has gathered for want of a name or because of a filter, when neither is in their way any more.
func (r *run) clientsAcross() {
	for i := range r.clients {
		p := &r.clients[i]
		if !p.cut || r.resolversFail(p.spec.Site) {
			continue
		}
		free := true
		for _, s := range p.spec.Servers {
			free = free && (s == topology.None || p.filter(r, &r.hosts[s]) < directory.Reject)
		}
		if free {
			p.cut = false
			p.known = [2]simtime.Time{}
			r.allAgain(p)
		}
	}
}
