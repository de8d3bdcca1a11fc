package sim

import (
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Names of outside domains (F14): a queue that delivers by DNS asks for its domain at each connection attempt. Smart hosts and servers of the
// organisation are known without.

// nameLife is how long a good answer is remembered. Failed ones are not.
const nameLife = time.Hour

// names is what servers know of outside domains, in runs in which DNS may fail.
type names struct {
	failing [][]fault.NamesFault      // in force, by server, in the order in which they came
	inForce int                       // of all servers together
	known   []map[string]simtime.Time // by server: until when the answer for a domain is good; looked up only
}

// openNames makes the memory of names where a fault may need it.
func (r *run) openNames() {
	if slices.ContainsFunc(r.cfg.Faults, func(f fault.Fault) bool { return f.Kind == fault.DNSFail }) {
		r.names = &names{failing: make([][]fault.NamesFault, len(r.hosts)), known: make([]map[string]simtime.Time, len(r.hosts))}
	}
}

// setNames lets queries of a server fail, or work again.
func (r *run) setNames(e *fault.Effect) {
	of := &r.names.failing[e.Server]
	if e.Kind == fault.NamesFail {
		r.names.inForce++
		*of = append(*of, fault.NamesFault{Fault: e.Fault, Names: e.Names})
		return
	}
	r.names.inForce -= len(*of)
	*of = slices.DeleteFunc(*of, func(f fault.NamesFault) bool { return f.Fault == e.Fault })
	r.names.inForce += len(*of)
}

// resolve is what comes of a query of a server for a domain, "" = for any name at all.
func (r *run) resolve(id topology.ServerID, domain string) (fault.Answer, time.Duration) {
	return fault.AskNames(r.names.failing[id], r.cfg.Servers[id].Resolvers, domain, r.cfg.Model.NameTimeout)
}

// askName is the query of a connection attempt. A name that is remembered takes no query, a query that the first resolver answers no time. An attempt that finds
// the query of another under way waits for its answer.
func (r *run) askName(h *host, c transport.ConnID) (transport.Code, time.Duration) {
	domain, asks := r.nameOf(h, c)
	if !asks {
		return transport.OK, 0
	}
	known := &r.names.known[h.id]
	if until, ok := (*known)[domain]; ok && until > r.now {
		return transport.OK, max(0, until.Sub(r.now)-nameLife)
	}
	switch answer, takes := r.resolve(h.id, domain); answer {
	case fault.NameFound:
		if *known == nil {
			*known = map[string]simtime.Time{}
		}
		(*known)[domain] = r.now.Add(takes + nameLife)
		return transport.OK, takes
	case fault.NameDenied:
		return transport.NoSuchDomain, takes
	default:
		return transport.NoName, takes
	}
}

// nameOf is the domain for which a connection attempt asks; false where it needs no name.
func (r *run) nameOf(h *host, c transport.ConnID) (domain string, asks bool) {
	if h.post != nil {
		return h.post.core.Asks(c)
	}
	key := r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key)
	return key.Domain, key.Type == route.DnsConnectorDelivery
}
