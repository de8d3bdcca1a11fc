package scenarios

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// What the kinds of connectors need and have no use for: foreign and delivery agent connectors, those that Exchange 2003 hosts
// linked ones and those with a front-end proxy.

// connectorKind sets how a connector delivers, and the defaults that differ.
func (c *compiler) connectorKind(t *connectorTable, k *topology.Connector) {
	if t.has("routing_group") {
		c.hostedConnector(t, k)
		return
	}
	switch t.Type {
	case "foreign":
		k.Kind = topology.ForeignConnector
	case "delivery_agent":
		k.Kind = topology.DeliveryAgentConnector
		k.MaxMessagesPerConnection, k.MaxPerDomainConnections = 20, 5 // the product's defaults
		for i, id := range k.Sources {
			if s := &c.servers[id]; s.Version < topology.V2010RTM {
				c.errorAt(t.item("source_servers", i), &t.source, "source_servers", "%s is of version %s, which has no delivery agents; they came with 2010", quote(s.Name), s.Version)
			}
		}
	default:
		return
	}
	k.DNS, k.MaxMessageSize = false, topology.Unlimited
	c.notUsed(t, "a connector of type "+quote(t.Type), "smart_hosts", "dns", "linked_to", "front_end_proxy")
}

// hostedConnector is one of a routing group of Exchange 2003: what happens behind its servers is not the simulator's business. No size
// limit of its own is documented; none is taken.
func (c *compiler) hostedConnector(t *connectorTable, k *topology.Connector) {
	c.lookup(&c.legacy, t.at("routing_group"), &t.source, "routing_group", t.RoutingGroup)
	k.DNS, k.MaxMessageSize = false, topology.Unlimited
	if t.has("source_servers") {
		c.errorf(&t.source, "routing_group", "given together with source_servers; a connector is hosted here or there: give one of them")
	}
	c.notUsed(t, "a connector of Exchange 2003", "type", "smart_hosts", "dns", "linked_to", "front_end_proxy", "scoped",
		"connection_threshold", "max_per_domain_outbound_connections", "max_messages_per_connection")
}

// notUsed reports keys that some kind of connector has no use for.
func (c *compiler) notUsed(t *connectorTable, user string, keys ...string) {
	for _, key := range keys {
		if f := t.node.get(key); f != nil {
			c.errorAt(f.keyAt, &t.source, key, "not used by %s; remove it", user)
		}
	}
}

// linkedConnector checks what asks of a linked connector.
func (c *compiler) linkedConnector(t *connectorTable, k *topology.Connector) {
	if !t.has("linked_to") || t.Type != "smtp" || t.has("routing_group") {
		k.LinkedTo = ""
		return
	}
	k.MaxMessageSize = topology.Unlimited
	if err := validName(t.LinkedTo); err != nil {
		c.errorf(&t.source, "linked_to", "%s", err)
	}
	if len(t.SmartHosts) == 0 {
		c.errorf(&t.source, "linked_to", `a linked connector hands mail to smart hosts; write smart_hosts = ["NAME"]`)
	}
	for _, x := range []struct{ key, why string }{
		{"address_spaces", "a linked connector has none: all that comes in on the receive connector goes out here; remove it"},
		{"max_message_size", "a linked connector takes any size; remove it"},
	} {
		if f := t.node.get(x.key); f != nil {
			c.errorAt(f.keyAt, &t.source, x.key, "%s", x.why)
		}
	}
	if other := c.linked(t.LinkedTo); other >= 0 {
		c.errorf(&t.source, "linked_to", "connector %s is linked to receive connector %s already; they go in pairs: choose another",
			quote(c.outputs[other].Name), quote(t.LinkedTo))
	}
	for i, id := range k.Sources {
		if s := &c.servers[id]; s.Version.New() {
			c.errorAt(t.item("source_servers", i), &t.source, "source_servers", "%s is of version %s, which has no linked connectors; 2010 was the last that had them", quote(s.Name), s.Version)
		}
	}
}

// linked finds the connector that is linked to a receive connector, -1 for none.
func (c *compiler) linked(receive string) int {
	return slices.IndexFunc(c.outputs, func(k topology.Connector) bool { return receive != "" && strings.EqualFold(k.LinkedTo, receive) })
}

// frontEndProxy checks what asks of the source servers.
func (c *compiler) frontEndProxy(t *connectorTable, k *topology.Connector) {
	if !t.FrontEndProxy || k.Kind != topology.SendConnector {
		return
	}
	for i, id := range k.Sources {
		switch s := &c.servers[id]; {
		case !s.Version.New():
			c.errorAt(t.item("source_servers", i), &t.source, "source_servers", "%s is of version %s, which has no front end to send through; remove front_end_proxy", quote(s.Name), s.Version)
		case s.Is(topology.RoleEdge):
			c.warnf(&t.source, "front_end_proxy", "edge %s sends by itself, never through a front end (R-5.12)", quote(s.Name))
		}
	}
}

// receiveConnector resolves the connector that a load's mail goes to because of where it comes in.
func (c *compiler) receiveConnector(t *loadTable) (topology.ConnectorID, bool) {
	if !t.has("receive_connector") || t.ReceiveConnector == "" {
		if t.has("receive_connector") && t.node.get("receive_connector").value == "" {
			c.errorf(&t.source, "receive_connector", "is empty; write the linked_to of a connector")
		}
		return topology.None, false
	}
	for _, p := range t.From.list {
		if p.kind != "internet" {
			c.errorAt(p.at, &t.source, "from", `mail that comes in on a receive connector is from outside; write from = "internet", or remove receive_connector`)
		}
	}
	if i := c.linked(t.ReceiveConnector); i >= 0 {
		return topology.ConnectorID(i), true
	}
	var known []string
	for i := range c.outputs {
		if c.outputs[i].LinkedTo != "" {
			known = append(known, c.outputs[i].LinkedTo)
		}
	}
	c.errorf(&t.source, "receive_connector", "no connector is linked to %s; %s", quote(t.ReceiveConnector), suggest(t.ReceiveConnector, known, "linked_to"))
	return topology.None, false
}
