package scenarios

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// autoConnectors makes the outbound connector of an Edge subscription: for every Edge that says so, and for one that says nothing
// and that no [[connector]] names. A second Edge of the site joins the connector. The inbound one needs no object: an Edge always
// hands mail for the organisation to the hubs of its site.
func (c *compiler) autoConnectors() {
	for site := range c.doc.Site {
		var sources []topology.ServerID
		first := ""
		for i := range c.doc.Edge {
			t := &c.doc.Edge[i]
			id, ok := c.server[t.Name]
			if !ok || c.servers[id].Site != topology.SiteID(site) || !c.servers[id].Is(topology.RoleEdge) {
				continue
			}
			auto := !slices.ContainsFunc(c.outputs, func(k topology.Connector) bool { return slices.Contains(k.Sources, id) })
			if t.AutoConnectors != nil {
				auto = *t.AutoConnectors
			}
			if auto && first == "" {
				first = t.Name
			}
			if auto {
				sources = append(sources, id)
			}
		}
		if len(sources) > 0 {
			c.autoConnector("EdgeSync - "+c.doc.Site[site].Name+" to Internet", first, sources)
		}
	}
}

func (c *compiler) autoConnector(name, edge string, sources []topology.ServerID) {
	for i := range c.doc.Connector {
		if t := &c.doc.Connector[i]; strings.EqualFold(t.Name, name) {
			c.errorf(&t.source, "name", "is that of the connector which the subscription of edge %s makes; choose another, or write auto_connectors = false there", quote(edge))
			return
		}
	}
	k := topology.Connector{
		Name: name, AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 100}},
		Sources: sources, DNS: true, MaxMessageSize: defaultConnectorSize(c.version),
	}
	c.connectors.at[name] = len(c.connectors.names)
	c.connectors.names = append(c.connectors.names, name)
	c.outputs = append(c.outputs, k)
	c.org.Connector(k)
}
