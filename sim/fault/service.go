package fault

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// Service is a service of a machine that faults and operators can name.
type Service uint8

// The services.
const (
	Transport  Service = iota // MSExchangeTransport: takes mail by SMTP and sends it
	Store                     // MSExchangeIS: the mailboxes
	EPSTRS                    // E-Post: receives mail by SMTP (ports 25, 587, 465) and writes it into the folder incoming
	EPSTPOP3S                 // E-Post: lets clients read by POP (110, 995)
	EPSTIMAP4S                // E-Post: lets clients read by IMAP (143, 993)
	EPSTDS                    // E-Post: delivers what is in the folder; it listens nowhere (S0-9)
	NumServices
)

// String returns the name by which the service manager knows it.
func (s Service) String() string {
	return [...]string{"MSExchangeTransport", "MSExchangeIS", "EPSTRS", "EPSTPOP3S", "EPSTIMAP4S", "EPSTDS"}[s]
}

// ServiceNames lists the names of all services, in the order of the constants.
func ServiceNames() []string {
	var names []string
	for s := range NumServices {
		names = append(names, s.String())
	}
	return names
}

// ParseService reads the name of a service; false for a name that is none.
func ParseService(name string) (Service, bool) {
	i := slices.IndexFunc(ServiceNames(), func(n string) bool { return strings.EqualFold(n, name) })
	return Service(max(i, 0)), i >= 0
}

// Services is a set of services.
type Services uint8

// Set makes a set of services.
func Set(list ...Service) Services {
	var out Services
	for _, s := range list {
		out |= 1 << s
	}
	return out
}

// Has tells whether a service is in the set.
func (s Services) Has(x Service) bool { return s>>x&1 == 1 }

// List returns the services of the set, in the order of the constants.
func (s Services) List() []Service {
	var out []Service
	for x := range NumServices {
		if s.Has(x) {
			out = append(out, x)
		}
	}
	return out
}

// Names lists the names of the set.
func (s Services) Names() []string {
	var names []string
	for _, x := range s.List() {
		names = append(names, x.String())
	}
	return names
}

// String lists the names of the set.
func (s Services) String() string { return strings.Join(s.Names(), ", ") }

// epostServices are those of an E-Post server.
const epostServices = 1<<EPSTRS | 1<<EPSTPOP3S | 1<<EPSTIMAP4S | 1<<EPSTDS

// ServicesOf returns the services that a machine of these roles runs.
func ServicesOf(r topology.Roles) Services {
	var out Services
	if r&(topology.RoleHub|topology.RoleEdge) != 0 {
		out |= 1 << Transport
	}
	if r&topology.RoleMailbox != 0 {
		out |= 1 << Store
	}
	if r&topology.RoleEPost != 0 {
		out |= epostServices
	}
	return out
}

// Listeners returns those of a set that listen on an address of the machine: they end when that is absent at their start (S0-2). The mailbox
// store is not among them: it is reached through others. EPSTDS does not listen (S0-9).
func (s Services) Listeners() Services {
	return s & (1<<Transport | 1<<EPSTRS | 1<<EPSTPOP3S | 1<<EPSTIMAP4S)
}

// main is the service whose stop is that of the whole machine as mail sees it: the transport service, or the store of a machine without one.
// An E-Post server has none: its services stop one by one.
func (s Services) main() Services {
	if s.Has(Transport) {
		return 1 << Transport
	}
	return s & (1 << Store)
}

// stopFor takes down what host_down is about: the machine, its transport service, or the services that the fault names.
func (e *Engine) stopFor(f *Fault, s topology.ServerID) {
	m := &e.machines[s]
	if f.Services == 0 || f.Services&m.services.main() != 0 {
		e.stop(s, outage{silent: f.Mode == Crash, os: f.Mode == Crash, lost: f.QueueLost})
	}
	e.interrupt(s, f.apart(m), 1)
}

// startFor takes that back.
func (e *Engine) startFor(f *Fault, s topology.ServerID) {
	m := &e.machines[s]
	if f.Services == 0 || f.Services&m.services.main() != 0 {
		e.start(s, outage{silent: f.Mode == Crash, os: f.Mode == Crash})
	}
	e.interrupt(s, f.apart(m), -1)
}

// apart are the services that a fault stops one by one.
func (f *Fault) apart(m *machine) Services { return f.Services & m.services &^ m.services.main() }

// interrupt counts the faults that keep each service of a set from running: it runs again when the last one ends.
func (e *Engine) interrupt(s topology.ServerID, set Services, by int) {
	m := &e.machines[s]
	var changed Services
	for _, x := range set.List() {
		was := m.interrupted[x] > 0
		m.interrupted[x] += by
		if is := m.interrupted[x] > 0; is != was {
			changed |= 1 << x
			e.serviceState(s, x, either(is, "stopped", "running"))
		}
	}
	if changed != 0 {
		e.effect(Effect{Kind: choose(by > 0, ServicesStopped, ServicesStarted), Server: s, Services: changed, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

// startStopped starts by hand what faults have stopped on a machine: for it those faults are over (decision).
func (e *Engine) startStopped(server topology.ServerID) {
	for i := range e.faults {
		f, s := &e.faults[i], &e.struck[i]
		on := slices.ContainsFunc(s.hosts, func(h Host) bool { return h.Server == server })
		if f.Kind != HostDown || f.Mode != ServiceStop || f.End <= e.now || !on || slices.Contains(s.begun, server) {
			continue
		}
		s.begun = append(s.begun, server)
		e.startFor(f, server)
		if len(s.begun) == len(s.hosts) {
			e.happened[s.entry].end = e.now
		}
	}
}

// serviceState emits what the service manager writes when a service starts or stops.
func (e *Engine) serviceState(s topology.ServerID, x Service, state string) {
	const entered = 7036
	e.emitID("service", entered, e.env.Org.Servers[s].Name, "The "+x.String()+" service entered the "+state+" state.",
		field("service", x.String()), field("state", state))
}

// serviceFailed emits what the service manager writes when a service ends with an error: it could not bind its address (S0-2).
func (e *Engine) serviceFailed(s topology.ServerID, x Service) {
	const failed = 7023
	e.emitID("service", failed, e.env.Org.Servers[s].Name, "The "+x.String()+" service terminated with the following error: the requested address is not valid in its context.",
		field("service", x.String()), field("state", "stopped"))
}

// discoveryFailed emits what a transport server writes that has no network at its start.
func (e *Engine) discoveryFailed(s topology.ServerID) {
	const noDirectory = 2114
	e.emitID("service", noDirectory, e.env.Org.Servers[s].Name, "Topology discovery failed: no domain controller can be reached. "+
		"The transport service starts when the directory answers.", field("service", Transport.String()), field("state", "starting"))
}
