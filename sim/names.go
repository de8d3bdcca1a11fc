package sim

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology/route"
)

// Names of outside domains (F14): a queue that delivers by DNS asks for its domain at each connection attempt. Smart hosts and servers of the
// organisation are known without.

// nameLife is how long a good answer is remembered. Failed ones are not.
const nameLife = time.Hour

// names is what servers know of outside domains, in runs in which DNS may fail.
type names struct {
	failing []nameFailure             // in force, in the order in which they came
	known   []map[string]simtime.Time // by server: until when the answer for a domain is good; looked up only
}

// nameFailure is a fault of names that is in force on a server.
type nameFailure struct {
	server int32
	fault  int
	fault.Names
}

// openNames makes the memory of names where a fault may need it.
func (r *run) openNames() {
	if slices.ContainsFunc(r.cfg.Faults, func(f fault.Fault) bool { return f.Kind == fault.DNSFail }) {
		r.names = &names{known: make([]map[string]simtime.Time, len(r.hosts))}
	}
}

// setNames lets queries of a server fail, or work again.
func (r *run) setNames(e *fault.Effect) {
	n := r.names
	if e.Kind == fault.NamesFail {
		n.failing = append(n.failing, nameFailure{int32(e.Server), e.Fault, e.Names})
		return
	}
	n.failing = slices.DeleteFunc(n.failing, func(f nameFailure) bool { return f.server == int32(e.Server) && f.fault == e.Fault })
}

// askName is the query of a connection attempt. A name that is remembered takes no query, a query that works no time.
func (r *run) askName(h *host, c transport.ConnID) (transport.Code, time.Duration) {
	domain, asks := r.nameOf(h, c)
	if !asks {
		return transport.OK, 0
	}
	known := &r.names.known[h.id]
	if until, ok := (*known)[domain]; ok && until > r.now {
		return transport.OK, 0
	}
	mode, fails := r.names.fails(int32(h.id), domain)
	switch {
	case !fails:
		if *known == nil {
			*known = map[string]simtime.Time{}
		}
		(*known)[domain] = r.now.Add(nameLife)
		return transport.OK, 0
	case mode == fault.NamesTimeOut:
		return transport.NoName, r.cfg.Model.NameTimeout
	case mode == fault.NamesServFail:
		return transport.NoName, 0
	}
	return transport.NoSuchDomain, 0
}

// nameOf is the domain for which a connection attempt asks; false where it needs no name.
func (r *run) nameOf(h *host, c transport.ConnID) (domain string, asks bool) {
	if h.post != nil {
		return h.post.core.Asks(c)
	}
	key := r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key)
	return key.Domain, key.Type == route.DnsConnectorDelivery
}

// fails tells whether the queries of a server for a domain fail, and how: of several faults the one that answers least counts (decision).
func (n *names) fails(server int32, domain string) (mode fault.NamesMode, fails bool) {
	for i := range n.failing {
		if f := &n.failing[i]; f.server == server && f.concerns(domain) && (!fails || f.Mode < mode) {
			mode, fails = f.Mode, true
		}
	}
	return mode, fails
}

// concerns tells whether queries for a domain fail.
func (f *nameFailure) concerns(domain string) bool {
	return f.Domains == nil || slices.ContainsFunc(f.Domains, func(d string) bool {
		below, all := strings.CutPrefix(d, "*")
		return d == domain || all && strings.HasSuffix(domain, below)
	})
}
