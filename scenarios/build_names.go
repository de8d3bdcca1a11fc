package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
)

// dnsFail translates the keys of dns_fail (docs/rules/faults.md, F14).
func (c *compiler) dnsFail(t *faultTable, f *fault.Fault) {
	f.Names.Mode = fault.NamesMode(c.mode(t, []string{"timeout", "servfail", "nxdomain"}))
	c.failingResolvers(t, f)
	switch {
	case !t.has("domains"):
		return
	case t.Domains == nil:
		return // neither, and reported
	case t.Domains.count > 0:
		c.errorf(&t.source, "domains", `says how many for kind "backscatter"; write names for kind %q, for example domains = ["example.com"]`, t.Kind)
		return
	}
	if n := t.node.get("domains"); n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(&t.source, "domains", `is empty; write for example domains = ["example.com"], or leave it out`)
	}
	for i, d := range t.Domains.list {
		if !validDomain(strings.TrimPrefix(d, "*.")) {
			c.errorAt(t.Domains.at[i], &t.source, "domains", `%s is no domain; write "example.com", or "*.example.com" for all below it`, quote(d))
		} else if d = strings.ToLower(d); !slices.Contains(f.Names.Domains, d) {
			f.Names.Domains = append(f.Names.Domains, d)
		}
	}
}
