package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// outsideTarget resolves what the faults of the world outside hit (docs/rules/faults.md, F15): outside systems by name, or domains; remote_throttle also what connectors
// send to.
func (c *compiler) outsideTarget(t *faultTable, f *fault.Fault) {
	s := t.Target
	legal, either := []string{"remote", "domain"}, `{ remote = "NAME" } or { domain = "contoso.com" }`
	if f.Kind == fault.RemoteThrottle {
		legal, either = append(legal, "connector"), `{ remote = "NAME" }, { domain = "contoso.com" } or { connector = "NAME" }`
	}
	switch {
	case !t.has("target") || s != nil && len(s.node.fields) == 0:
		c.errorf(&t.source, "target", "required; write %s", either)
		return
	case s == nil:
		return // no table, and reported
	case !c.onlyKeys(&t.source, s, legal, "kind "+quote(t.Kind)):
		return
	case len(s.node.fields) > 1:
		c.errorAt(s.node.at, &t.source, "target", "give either %s, not both; write a fault for each", orWords(legal))
		return
	}
	if s.Connector != nil {
		c.connectorsNamed(t, s.Connector, f)
	}
	if s.Remote != nil {
		c.remotesNamed(t, s.Remote, f)
	}
	if s.Domain == nil {
		return
	}
	for i, d := range s.Domain.list {
		if strings.Contains(d, "*") {
			c.errorAt(s.Domain.at[i], &t.source, "target.domain", "%s is a pattern; name the domains, or the remote that stands behind them", quote(d))
			continue
		}
		if !validDomain(d) {
			c.errorAt(s.Domain.at[i], &t.source, "target.domain", `%s is no domain; write for example "contoso.com"`, quote(d))
			continue
		}
		if c.ownDomain(t, s.Domain.at[i], d) {
			continue
		}
		f.Outside = append(f.Outside, fault.Outside{Remote: topology.None, Domain: strings.ToLower(d)})
	}
}

// ownDomain reports a domain whose hosts are machines of the scenario: they are no outside systems.
func (c *compiler) ownDomain(t *faultTable, at Pos, domain string) bool {
	for i := range c.servers {
		if slices.Contains(c.servers[i].Domains, strings.ToLower(domain)) {
			c.errorAt(at, &t.source, "target.domain", "%s is a domain of %s, a machine of the scenario; write host_down for it", quote(domain), quote(c.servers[i].Name))
			return true
		}
	}
	return false
}

// orWords lists words: a, b or c.
func orWords(words []string) string {
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func (c *compiler) connectorsNamed(t *faultTable, x *names, f *fault.Fault) {
	var known []string
	for i := range c.doc.Connector {
		known = append(known, c.doc.Connector[i].Name)
		if x.match(known[i]) {
			f.Outside = append(f.Outside, fault.Outside{Remote: topology.None, Connector: topology.ConnectorID(i)})
		}
	}
	for i, pattern := range x.list {
		if !slices.ContainsFunc(known, func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(x.at[i], &t.source, "target.connector", "%s matches no connector; %s", quote(pattern), suggest(pattern, known, "connector"))
		}
	}
}

func (c *compiler) remotesNamed(t *faultTable, x *names, f *fault.Fault) {
	var known []string
	for i := range c.doc.Remote {
		known = append(known, c.doc.Remote[i].Name)
		if x.match(known[i]) {
			f.Outside = append(f.Outside, fault.Outside{Remote: topology.RemoteID(i)})
		}
	}
	for i, pattern := range x.list {
		if slices.ContainsFunc(known, func(n string) bool { return glob(pattern, n) }) {
			continue
		}
		if c.hosts.find(pattern) >= 0 {
			c.errorAt(x.at[i], &t.source, "target.remote", "%s is a machine of the scenario; write host_down for it", quote(pattern))
			continue
		}
		c.errorAt(x.at[i], &t.source, "target.remote", "%s matches no remote; %s", quote(pattern), suggest(pattern, known, "remote"))
	}
}
