package topology

import "slices"

// ChangeKind says what attribute of the configuration a Change sets.
type ChangeKind uint8

// The changes of configuration that a run can make.
const (
	ConnectorEnabled ChangeKind = iota // Object = connector, Value 1 or 0
	ConnectorCost                      // Object = connector, Value = cost of all its address spaces
	LinkCost                           // Object = link, Value = AD cost
	LinkExchangeCost                   // Object = link, Value = Exchange cost, 0 = unset
	HubSite                            // Object = site, Value 1 or 0
	SmartHosts                         // Object = connector, Value = what Builder.SmartHostList returned, or None for DNS routing
	ConnectorPresent                   // Object = connector, Value 1 or 0
	ServerPresent                      // Object = server, Value 1 (added) or 0 (removed)
	SitePresent                        // Object = site, Value 1 or 0: whether links join it to others
	MailboxHome                        // Object = mailbox server, Value = the server on which its mailboxes are from now on
	ActiveDatabase                     // Object = Organisation.ListedDatabase, Value = the member that holds its active copy from now on
	ConnectorCeiling                   // Object = connector, Value = MaxPerDomainConnections; 0 = the source server's
)

// Change sets one attribute of one object to a value: what a configuration edit is, and what replicates.
type Change struct {
	Kind   ChangeKind
	Object int32
	Value  int64
}

// Attribute identifies what a change sets, without the value: a later change of the same attribute replaces an earlier one.
type Attribute struct {
	Kind   ChangeKind
	Object int32
}

// Attribute returns what c sets.
func (c Change) Attribute() Attribute { return Attribute{c.Kind, c.Object} }

// With returns the organisation as it is after the changes, applied in order. The receiver is left alone; parts that do not
// change are shared. It panics on an object that does not exist: whoever makes a Change has looked the object up.
func (o *Organisation) With(changes ...Change) *Organisation {
	n := *o
	var links, connectors, sites, servers, homes, dags bool // already cloned
	for _, c := range changes {
		switch c.Kind {
		case ConnectorEnabled, ConnectorCost, SmartHosts, ConnectorPresent, ConnectorCeiling:
			if !connectors {
				n.Connectors, connectors = slices.Clone(n.Connectors), true
			}
			k := &n.Connectors[c.Object]
			switch c.Kind {
			case ConnectorEnabled:
				k.Disabled = c.Value == 0
				continue
			case ConnectorPresent:
				k.Absent = c.Value == 0
				continue
			case ConnectorCeiling:
				k.MaxPerDomainConnections = int(c.Value)
				continue
			case SmartHosts:
				k.SmartHosts, k.DNS = nil, c.Value == None
				if c.Value != None {
					k.SmartHosts = n.HostLists[c.Value]
				}
				continue
			}
			k.AddressSpaces = slices.Clone(k.AddressSpaces)
			for i := range k.AddressSpaces {
				k.AddressSpaces[i].Cost = c.Value
			}
		case LinkCost, LinkExchangeCost:
			if !links {
				n.Links, links = slices.Clone(n.Links), true
			}
			if c.Kind == LinkCost {
				n.Links[c.Object].Cost = c.Value
			} else {
				n.Links[c.Object].ExchangeCost = c.Value
			}
		case HubSite, SitePresent:
			if !sites {
				n.Sites, sites = slices.Clone(n.Sites), true
			}
			if c.Kind == HubSite {
				n.Sites[c.Object].HubSite = c.Value != 0
			} else {
				n.Sites[c.Object].Absent = c.Value == 0
			}
		case ServerPresent:
			if !servers {
				n.Servers, servers = slices.Clone(n.Servers), true
			}
			s := &n.Servers[c.Object]
			s.Joined = s.Joined || s.Absent && c.Value != 0
			s.Absent = c.Value == 0
		case MailboxHome:
			if !homes {
				n.homes, homes = slices.Clone(n.homes), true
			}
			for i := len(n.homes); i < len(n.Servers); i++ {
				n.homes = append(n.homes, ServerID(i))
			}
			n.homes[c.Object] = ServerID(c.Value)
		case ActiveDatabase:
			if !dags {
				n.DAGs, dags = slices.Clone(n.DAGs), true
			}
			g, i := n.listedAt(c.Object)
			list := slices.Clone(n.DAGs[g].Databases)
			list[i].Active = ServerID(c.Value)
			n.DAGs[g].Databases = list
		default:
			panic("topology: Organisation.With: unknown kind of change")
		}
	}
	return &n
}
