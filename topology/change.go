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
	var links, connectors, sites bool // already cloned
	for _, c := range changes {
		switch c.Kind {
		case ConnectorEnabled, ConnectorCost:
			if !connectors {
				n.Connectors, connectors = slices.Clone(n.Connectors), true
			}
			k := &n.Connectors[c.Object]
			if c.Kind == ConnectorEnabled {
				k.Disabled = c.Value == 0
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
		case HubSite:
			if !sites {
				n.Sites, sites = slices.Clone(n.Sites), true
			}
			n.Sites[c.Object].HubSite = c.Value != 0
		default:
			panic("topology: Organisation.With: unknown kind of change")
		}
	}
	return &n
}
