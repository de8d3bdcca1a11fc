package lint

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/topology"
)

// sourcesApart finds connectors with source servers in several sites.
func sourcesApart(o *topology.Organisation) []Finding {
	var out []Finding
	for i := range o.Connectors {
		if sites := sourceSites(o, &o.Connectors[i]); len(sites) > 1 {
			out = append(out, Finding{SourcesApart, Connector, int32(i),
				fmt.Sprintf("its source servers are in the sites %s, and mail from one place uses those of one site only (X-6, R-5.9); give each site a connector of its own", names(o, sites))})
		}
	}
	return out
}

// sourceSites lists the sites of a connector's source servers, each once, in order of the list.
func sourceSites(o *topology.Organisation, c *topology.Connector) []topology.SiteID {
	var sites []topology.SiteID
	for _, s := range c.Sources {
		if site := o.Servers[s].Site; !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	return sites
}

// usable tells whether mail is routed to a connector by address.
func usable(c *topology.Connector) bool {
	return !c.Disabled && !c.Absent && c.LinkedTo == "" && len(c.Sources) > 0
}

// shadowed finds connectors of one site with the same address space at the same cost: the one with the lower name takes all mail that
// both could take (R-5.1 step 6), the other nothing. A loser that takes larger messages is meant so.
func shadowed(o *topology.Organisation) []Finding {
	var out []Finding
	for j := range o.Connectors {
		for i := range o.Connectors[:j] {
			win, lose := i, j
			if topology.NameLess(o.Connectors[j].Name, o.Connectors[i].Name) {
				win, lose = j, i
			}
			a, b := &o.Connectors[win], &o.Connectors[lose]
			space, shared := commonSpace(a, b)
			if !shared || !usable(a) || !usable(b) || b.MaxMessageSize > a.MaxMessageSize || !equallyNear(o, a, b) {
				continue
			}
			out = append(out, Finding{ConnectorShadowed, Connector, int32(lose),
				fmt.Sprintf("connector %q takes all mail for %s: equal connectors share nothing, the lower name decides (R-5.1 step 6); give one connector the servers of both, or another cost", a.Name, space)})
		}
	}
	return out
}

// commonSpace returns an address space that two connectors have at the same cost.
func commonSpace(a, b *topology.Connector) (string, bool) {
	for _, x := range a.AddressSpaces {
		for _, y := range b.AddressSpaces {
			if x.Cost == y.Cost && sameType(x, y) && strings.EqualFold(x.Space, y.Space) {
				return spaceName(x), true
			}
		}
	}
	return "", false
}

// equallyNear tells whether two connectors of one site are equally near for some hub, so that only the names are left: to a hub of
// another site, or to one of theirs that is a source server of both or of none.
func equallyNear(o *topology.Organisation, a, b *topology.Connector) bool {
	at, other := sourceSites(o, a), sourceSites(o, b)
	if len(at) != 1 || !slices.Equal(at, other) {
		return false
	}
	for i := range o.Servers {
		s, id := &o.Servers[i], topology.ServerID(i)
		switch {
		case s.Absent || !s.Is(topology.RoleHub):
		case s.Site != at[0] && !a.Scoped && !b.Scoped:
			return true
		case s.Site == at[0] && slices.Contains(a.Sources, id) == slices.Contains(b.Sources, id):
			return true
		}
	}
	return false
}

func spaceName(a topology.AddressSpace) string {
	if a.Type == "" {
		return "SMTP:" + a.Space
	}
	return a.Type + ":" + a.Space
}

func sameType(a, b topology.AddressSpace) bool {
	return strings.EqualFold(a.Type, b.Type) || isSMTP(a) && isSMTP(b)
}

func isSMTP(a topology.AddressSpace) bool { return a.Type == "" || strings.EqualFold(a.Type, "SMTP") }

// covers tells whether every address of b is one of a, too.
func covers(a, b topology.AddressSpace) bool {
	if !sameType(a, b) || (a.Space == "--") != (b.Space == "--") {
		return false
	}
	if a.Space == "*" || strings.EqualFold(a.Space, b.Space) {
		return true
	}
	suffix, wild := strings.CutPrefix(strings.ToLower(a.Space), "*.")
	domain := strings.TrimPrefix(strings.ToLower(b.Space), "*.")
	return isSMTP(a) && wild && b.Space != "*" && (domain == suffix || strings.HasSuffix(domain, "."+suffix))
}
