package fault

import (
	"slices"
	"strings"
	"time"

	"mailsim/topology"
)

// NamesMode is how DNS fails (F14).
type NamesMode uint8

// The modes of dns_fail. Of several that are in force the first of this order counts (decision).
const (
	NamesTimeOut  NamesMode = iota // nobody answers: a query takes its whole time and fails
	NamesServFail                  // the answer is that the query failed: at once
	NamesWrong                     // the answer is, wrongly, that the domain does not exist
)

// Names are the settings of dns_fail.
type Names struct {
	Mode    NamesMode
	Domains []string // whose queries fail: names, or *.name for all below one; nil = all
	Servers []string // the resolvers that fail, of those that the hosts ask; nil = all
}

// NamesFault is a fault of names that is in force on a host.
type NamesFault struct {
	Fault int // tells it from others
	Names
}

// Answer is what comes of a query for a name.
type Answer uint8

// The answers.
const (
	NameFound  Answer = iota
	NameFails         // none
	NameDenied        // there is no such domain
)

// resolverPatience is how long a host waits for one resolver before it asks the next.
const resolverPatience = 5 * time.Second

// AskNames is what comes of a query of a host for a domain, and how long that takes: the resolvers are asked in their order, none = one without a name. A
// query takes no more than whole, one that the first resolver answers nothing. Domain "" stands for any name: faults of single domains do not count.
//
// F14: a silent resolver takes five seconds, one that fails none; the answer of any other counts, right or wrong. When all have been asked in vain, the silent
// ones are asked again until the time is over.
func AskNames(failing []NamesFault, resolvers []string, domain string, whole time.Duration) (Answer, time.Duration) {
	var takes time.Duration
	silent := false
	for i := range max(1, len(resolvers)) {
		name := ""
		if len(resolvers) > 0 {
			name = resolvers[i]
		}
		switch mode, fails := modeOf(failing, name, domain); {
		case !fails:
			return NameFound, takes
		case mode == NamesWrong:
			return NameDenied, takes
		case mode == NamesTimeOut:
			silent = true
			if takes += resolverPatience; whole > 0 && takes >= whole {
				return NameFails, whole
			}
			takes = min(takes, whole) // 0: silence takes no time
		}
	}
	if silent {
		return NameFails, whole
	}
	return NameFails, takes
}

// modeOf tells whether a resolver fails for a domain, and how: of several faults the one that answers least counts (decision).
func modeOf(failing []NamesFault, resolver, domain string) (mode NamesMode, fails bool) {
	for i := range failing {
		f := &failing[i]
		if (f.Servers == nil || slices.Contains(f.Servers, resolver)) && f.concerns(domain) && (!fails || f.Mode < mode) {
			mode, fails = f.Mode, true
		}
	}
	return mode, fails
}

// concerns tells whether queries for a domain fail.
func (n *Names) concerns(domain string) bool {
	return n.Domains == nil || slices.ContainsFunc(n.Domains, func(d string) bool {
		below, all := strings.CutPrefix(d, "*")
		return d == domain || all && strings.HasSuffix(domain, below)
	})
}

// failNames lets the queries of the hosts of a fault fail, or work again. What the simulation remembers stays good. Domain controllers ask for each other's
// names, which are in no outside domain; they remember none (V7).
func (e *Engine) failNames(i int, fails bool) {
	dcs := false
	for _, h := range e.struck[i].hosts {
		if h.Server < 0 {
			dcs = true
			continue
		}
		e.effect(Effect{Kind: choose(fails, NamesFail, NamesWork), Server: h.Server, Fault: i, Names: e.faults[i].Names, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
	if dcs {
		e.env.Dir.FailLookups(e.now, e.blind())
	}
}

// blind lists the domain controllers that find no names under the faults in force.
func (e *Engine) blind() []topology.DCID {
	var out []topology.DCID
	for id := range e.env.Org.DCs {
		h := Host{Server: topology.None, DC: topology.DCID(id)}
		var failing []NamesFault
		for _, i := range e.active {
			if e.faults[i].Kind == DNSFail && slices.Contains(e.struck[i].hosts, h) {
				failing = append(failing, NamesFault{i, e.faults[i].Names})
			}
		}
		var resolvers []string
		if id < len(e.env.Resolvers) {
			resolvers = e.env.Resolvers[id]
		}
		if answer, _ := AskNames(failing, resolvers, "", e.env.NameTimeout); answer != NameFound {
			out = append(out, h.DC)
		}
	}
	return out
}

// namesText says how queries fail.
func (n *Names) namesText() string {
	return [...]string{NamesTimeOut: "does not answer", NamesServFail: "fails", NamesWrong: "denies domains"}[n.Mode]
}

// dnsText names what fails: DNS, or some of its servers.
func (n *Names) dnsText() string {
	if n.Servers == nil {
		return "DNS"
	}
	return "DNS (" + few(n.Servers) + ")"
}
