package topology

import (
	"slices"
	"strings"
)

// SmartHostList adds a list of smart hosts that a change may give to a connector, and returns the value of that change (SmartHosts).
func (b *Builder) SmartHostList(hosts []RemoteID) int64 {
	b.org.HostLists = append(b.org.HostLists, hosts)
	return int64(len(b.org.HostLists) - 1)
}

// checkSmartHostLists reports lists that no connector could use.
func (o *Organisation) checkSmartHostLists(bad func(string, ...any)) {
	for i, list := range o.HostLists {
		if len(list) == 0 {
			bad("smart host list %d: is empty; name a host, or change the connector to DNS routing", i)
		}
		for _, r := range list {
			if r < 0 || int(r) >= len(o.Remotes) {
				bad("smart host list %d: smart host %d is not declared", i, r)
			}
		}
	}
}

// checkRemotes reports mail exchanger records that no DNS would have.
func (o *Organisation) checkRemotes(bad func(string, ...any)) {
	for i := range o.Remotes {
		r := &o.Remotes[i]
		for j, m := range r.MX {
			switch {
			case !validDomain(m.Domain):
				bad("remote %q: mx: %q is not a domain; write one like \"contoso.com\"", r.Name, m.Domain)
			case m.Preference < 0 || m.Preference > 65535:
				bad("remote %q: mx for %q: preference must be 0 to 65535, is %d", r.Name, m.Domain, m.Preference)
			case slices.ContainsFunc(r.MX[:j], func(x MX) bool { return strings.EqualFold(x.Domain, m.Domain) }):
				bad("remote %q: mx for %q stands twice; keep one", r.Name, m.Domain)
			}
		}
	}
}

// EdgeSync returns the hubs of a site that take part in the subscription of its Edge servers, in order of declaration: those that
// were there when it was made. Hubs added later take mail from the Edge servers all the same.
func (o *Organisation) EdgeSync(s SiteID) []ServerID {
	var in []ServerID
	for _, h := range o.Hubs(s) {
		if !o.Servers[h].Joined {
			in = append(in, h)
		}
	}
	return in
}
