package topology

import (
	"strings"
	"unicode"
)

// Accepted is the address space of an Edge server's inbound connector: the organisation's own domains.
const Accepted = "--"

// checkSpaces reports address spaces that no recipient has, and inbound connectors that Edge servers cannot have.
func (o *Organisation) checkSpaces(bad func(string, ...any), c *Connector) {
	for _, a := range c.AddressSpaces {
		smtp := a.Type == "" || strings.EqualFold(a.Type, "SMTP")
		if a.Cost < 1 || a.Cost > 100 {
			bad("connector %q: address space %q: cost must be 1 to 100, is %d", c.Name, a.Space, a.Cost)
		}
		switch {
		case a.Space == "":
			bad("connector %q: an address space is empty", c.Name)
		case !smtp || a.Space == "*":
		case a.Space == Accepted:
			o.checkInbound(bad, c)
		case !validDomain(strings.TrimPrefix(a.Space, "*.")):
			bad("connector %q: address space %q is not a domain; write \"*\", \"contoso.com\" or \"*.contoso.com\"", c.Name, a.Space)
		}
	}
}

// checkInbound reports what is wrong with a connector that hands mail from Edge servers inward.
func (o *Organisation) checkInbound(bad func(string, ...any), c *Connector) {
	if len(c.AddressSpaces) > 1 {
		bad("connector %q: %q stands for the organisation's own domains and has a connector of its own; remove the other address spaces", c.Name, Accepted)
	}
	if len(c.SmartHosts) > 0 {
		bad("connector %q: a connector for %q sends to the hubs of its Edge servers' site; remove the smart hosts", c.Name, Accepted)
	}
	for _, s := range c.Sources {
		if o.hasServer(s) && !o.Servers[s].Is(RoleEdge) {
			bad("connector %q: a connector for %q is one of Edge servers; %q is none", c.Name, Accepted, o.Servers[s].Name)
		}
	}
}

// validDomain tells whether a name can be that of a domain: labels with dots between them.
func validDomain(name string) bool {
	for _, label := range strings.Split(name, ".") {
		if label == "" || strings.ContainsAny(label, "* /\\@:;,") || strings.ContainsFunc(label, unicode.IsControl) {
			return false
		}
	}
	return true
}
