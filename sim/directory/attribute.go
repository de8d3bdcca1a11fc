package directory

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/topology"
)

// original returns the value of an attribute in the original configuration; false where no value stands for it: the cost of a
// connector whose address spaces differ, and a list of smart hosts that no change refers to.
func original(o *topology.Organisation, a topology.Attribute) (int64, bool) {
	truth := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	switch a.Kind {
	case topology.ConnectorEnabled:
		return truth(!o.Connectors[a.Object].Disabled), true
	case topology.ConnectorCost:
		spaces := o.Connectors[a.Object].AddressSpaces
		for _, s := range spaces {
			if s.Cost != spaces[0].Cost {
				return 0, false
			}
		}
		if len(spaces) == 0 {
			return 0, false
		}
		return spaces[0].Cost, true
	case topology.ConnectorCeiling:
		return int64(o.Connectors[a.Object].MaxPerDomainConnections), true
	case topology.LinkCost:
		return o.Links[a.Object].Cost, true
	case topology.LinkExchangeCost:
		return o.Links[a.Object].ExchangeCost, true
	case topology.HubSite:
		return truth(o.Sites[a.Object].HubSite), true
	case topology.SmartHosts:
		hosts := o.Connectors[a.Object].SmartHosts
		if len(hosts) == 0 {
			return topology.None, true
		}
		i := slices.IndexFunc(o.HostLists, func(list []topology.RemoteID) bool { return slices.Equal(list, hosts) })
		return int64(i), i >= 0
	case topology.ConnectorPresent:
		return truth(!o.Connectors[a.Object].Absent), true
	case topology.ServerPresent:
		return truth(!o.Servers[a.Object].Absent), true
	case topology.SitePresent:
		return truth(!o.Sites[a.Object].Absent), true
	case topology.MailboxHome:
		return int64(o.Home(topology.ServerID(a.Object))), true
	case topology.ActiveDatabase:
		return int64(o.Listed(a.Object).Active), true
	}
	return 0, false
}

// difference says in words what a server that saw old sees in new, attribute by attribute: first what differs from the original, then
// what is as at first again.
func (n *interner) difference(old, new *state) string {
	var parts []string
	for _, s := range new.settings {
		if !slices.Contains(old.settings, s) {
			parts = append(parts, describe(n.org, s))
		}
	}
	for _, s := range old.settings {
		again := func(x setting) bool { return x.attribute == s.attribute }
		if !slices.ContainsFunc(new.settings, again) {
			parts = append(parts, n.words(new, s.attribute))
		}
	}
	return strings.Join(parts, "; ")
}

// words says what a configuration says of an attribute.
func (n *interner) words(st *state, a topology.Attribute) string {
	if v, uniform := n.value(st, a); uniform {
		return describe(n.org, setting{a, v})
	}
	what := "costs"
	if a.Kind == topology.SmartHosts {
		what = "smart hosts"
	}
	return fmt.Sprintf("connector %q: %s as at first", n.org.Connectors[a.Object].Name, what)
}

func describe(o *topology.Organisation, s setting) string {
	either := func(yes, no string) string {
		if s.value != 0 {
			return yes
		}
		return no
	}
	switch i := s.attribute.Object; s.attribute.Kind {
	case topology.ConnectorEnabled:
		return fmt.Sprintf("connector %q: %s", o.Connectors[i].Name, either("enabled", "disabled"))
	case topology.ConnectorCost:
		return fmt.Sprintf("connector %q: cost %d", o.Connectors[i].Name, s.value)
	case topology.ConnectorCeiling:
		if s.value == 0 {
			return fmt.Sprintf("connector %q: as many connections as its servers allow", o.Connectors[i].Name)
		}
		return fmt.Sprintf("connector %q: at most %d connections", o.Connectors[i].Name, s.value)
	case topology.LinkCost:
		return fmt.Sprintf("link %q: cost %d", o.Links[i].Name, s.value)
	case topology.LinkExchangeCost:
		if s.value == 0 {
			return fmt.Sprintf("link %q: no exchange cost", o.Links[i].Name)
		}
		return fmt.Sprintf("link %q: exchange cost %d", o.Links[i].Name, s.value)
	case topology.HubSite:
		return fmt.Sprintf("site %q: %s", o.Sites[i].Name, either("hub site", "no hub site"))
	case topology.SmartHosts:
		return fmt.Sprintf("connector %q: %s", o.Connectors[i].Name, HostList(o, s.value))
	case topology.ConnectorPresent:
		return fmt.Sprintf("connector %q: %s", o.Connectors[i].Name, either("added", "removed"))
	case topology.ServerPresent:
		return fmt.Sprintf("server %q: %s", o.Servers[i].Name, either("added", "removed"))
	case topology.SitePresent:
		return fmt.Sprintf("site %q: %s", o.Sites[i].Name, either("added", "removed"))
	case topology.MailboxHome:
		return fmt.Sprintf("mailboxes of %q: on %q", o.Servers[i].Name, o.Servers[s.value].Name)
	case topology.ActiveDatabase:
		return fmt.Sprintf("database %q: active on %q", o.Listed(i).Name, o.Servers[s.value].Name)
	}
	return "configuration changed"
}

// HostList says in words what a change of smart hosts sets: "smart hosts s1, s2", or "DNS routing".
func HostList(o *topology.Organisation, value int64) string {
	if value == topology.None {
		return "DNS routing"
	}
	var names []string
	for _, r := range o.HostLists[value] {
		names = append(names, o.Remotes[r].Name)
	}
	return "smart hosts " + strings.Join(names, ", ")
}

// Describe says in words what a change sets.
func Describe(o *topology.Organisation, c topology.Change) string {
	return describe(o, setting{c.Attribute(), c.Value})
}
