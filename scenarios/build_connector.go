package scenarios

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mailsim/topology"
)

// connectorTables translates [[connector]].
func (c *compiler) connectorTables() {
	for i := range c.doc.Connector {
		t := &c.doc.Connector[i]
		c.claim(&c.connectors, &t.source, t.Name)
		k := topology.Connector{
			Name: t.Name, Disabled: !t.Enabled, Absent: !t.Present, Scoped: t.Scoped, MaxMessageSize: defaultConnectorSize(c.version),
			LinkedTo: t.LinkedTo, FrontEndProxy: t.FrontEndProxy, RequireTLS: t.RequireTLS,
		}
		k.AddressSpaces = c.addressSpaces(t)
		k.Sources = c.sources(t)
		k.SmartHosts = c.remoteList(&t.source, "smart_hosts", t.SmartHosts)
		k.DNS = len(t.SmartHosts) == 0
		c.connectorKind(t, &k)
		if t.DNS != nil && k.Kind == topology.SendConnector && !t.has("routing_group") {
			switch {
			case *t.DNS && len(t.SmartHosts) > 0:
				c.errorf(&t.source, "dns", "given together with smart_hosts; give one of them")
			case !*t.DNS && len(t.SmartHosts) == 0:
				c.errorf(&t.source, "dns", "false without smart_hosts: the connector delivers nowhere; give smart_hosts or dns = true")
			}
		}
		c.linkedConnector(t, &k)
		c.frontEndProxy(t, &k)
		if t.MaxMessageSize != nil {
			k.MaxMessageSize = int64(*t.MaxMessageSize)
		}
		for _, x := range []struct {
			from *int64
			to   *int
		}{{t.ConnectionThreshold, &k.ConnectionThreshold}, {t.MaxPerDomain, &k.MaxPerDomainConnections}, {t.MaxMessages, &k.MaxMessagesPerConnection}} {
			if x.from != nil {
				*x.to = int(*x.from)
			}
		}
		c.shareSources(t, k)
		c.outputs = append(c.outputs, k)
		c.org.Connector(k)
	}
}

// defaultConnectorSize is the size limit of a new send connector: the texts disagree, and each is right for its version.
func defaultConnectorSize(v topology.Version) int64 {
	switch {
	case v >= topology.V2016:
		return 35 << 20
	case v.New():
		return 25 << 20
	}
	return 10 << 20
}

// addressSpaces reads "SMTP:*.example.com;10".
func (c *compiler) addressSpaces(t *connectorTable) []topology.AddressSpace {
	if !t.has("address_spaces") && !t.has("linked_to") {
		c.errorf(&t.source, "address_spaces", `required; write address_spaces = ["SMTP:*;1"]`)
	}
	if t.has("address_spaces") && len(t.AddressSpaces) == 0 {
		c.errorf(&t.source, "address_spaces", `is empty; write for example ["SMTP:*;1"]`)
	}
	var out []topology.AddressSpace
	for i, text := range t.AddressSpaces {
		space := topology.AddressSpace{Type: "SMTP", Cost: 1}
		at := t.item("address_spaces", i)
		rest, cost, hasCost := strings.Cut(text, ";")
		if kind, name, colon := strings.Cut(rest, ":"); colon {
			space.Type, rest = strings.ToUpper(strings.TrimSpace(kind)), name
		}
		space.Space = strings.ToLower(strings.TrimSpace(rest))
		if hasCost {
			n, err := strconv.ParseInt(strings.TrimSpace(cost), 10, 64)
			if err != nil || n < 1 || n > 100 {
				c.errorAt(at, &t.source, "address_spaces", `%s: the cost must be 1 to 100, is %s; write for example "SMTP:*;1"`, quote(text), quote(cost))
				continue
			}
			space.Cost = n
		}
		if !validSpace(space) {
			c.errorAt(at, &t.source, "address_spaces", `%s is not an address space; write type:space;cost, for example "SMTP:*;1" or "SMTP:*.example.com;10"`, quote(text))
			continue
		}
		out = append(out, space)
	}
	return out
}

func validSpace(s topology.AddressSpace) bool {
	domain := strings.TrimPrefix(s.Space, "*.")
	if s.Type == "" || strings.ContainsAny(s.Type, " .*") || domain == "" {
		return false
	}
	if s.Type != "SMTP" || s.Space == "*" || s.Space == "--" {
		return true
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || strings.ContainsAny(label, "* /\\@:;,") || strings.ContainsFunc(label, unicode.IsControl) {
			return false
		}
	}
	return true
}

// sources resolves the source servers of a connector.
func (c *compiler) sources(t *connectorTable) []topology.ServerID {
	if !t.has("source_servers") && !t.has("routing_group") {
		c.errorf(&t.source, "source_servers", `required; write source_servers = ["tyo-edge1"]`)
	}
	if t.has("source_servers") && len(t.SourceServers) == 0 {
		c.errorf(&t.source, "source_servers", "is empty; name at least one transport server")
	}
	ids := c.hostList(&t.source, "source_servers", t.SourceServers, transportServers())
	var out []topology.ServerID
	for i, id := range ids {
		if id == topology.None {
			continue
		}
		if len(out) > 0 && c.servers[out[0]].Is(topology.RoleEdge) != c.servers[id].Is(topology.RoleEdge) {
			c.errorAt(t.item("source_servers", i), &t.source, "source_servers", "one of %s and %s is an edge, the other is not; give two connectors",
				quote(c.servers[out[0]].Name), quote(c.servers[id].Name))
			continue
		}
		out = append(out, id)
	}
	return out
}

// shareSources warns when the servers behind one address may together reach the limit that a smart host sets for one source: the
// strict reading of "fewer than".
func (c *compiler) shareSources(t *connectorTable, k topology.Connector) {
	for _, remote := range k.SmartHosts {
		limit := c.cfg.Remotes[remote].MaxConnectionsPerSource
		var done []string
		for _, id := range k.Sources {
			address := c.servers[id].PublicAddress
			if limit == 0 || address != "" && slices.Contains(done, address) {
				continue
			}
			done = append(done, address)
			total, n := 0, 0
			for _, other := range k.Sources {
				if other == id || address != "" && c.servers[other].PublicAddress == address {
					n++
					if k.MaxPerDomainConnections > 0 {
						total += k.MaxPerDomainConnections
					} else {
						total += c.cfg.Servers[other].Profile.MaxPerDomainConnections
					}
				}
			}
			if total >= limit {
				from := "server " + quote(c.servers[id].Name) + " opens"
				if n > 1 {
					from = strconv.Itoa(n) + " servers behind " + quote(address) + " together open"
				}
				c.warnf(&t.source, "smart_hosts", "%s up to %d connections to %s, which takes at most %d from one source: %s (Q-5.6)",
					from, total, quote(c.remotes.names[remote]), limit, shareAdvice(total, limit, n))
			}
		}
	}
}

// shareAdvice says how n servers can share a limit that they may reach together. The most that fits is floor(limit/n) each; at the
// limit itself the two readings of it differ, "at most" and "fewer than".
func shareAdvice(total, limit, n int) string {
	a := " a server"
	if n == 1 {
		a = ""
	}
	fits, below := strconv.Itoa(limit/n), strconv.Itoa((limit-1)/n)
	switch {
	case limit < n:
		return "that is not even one a server; use more addresses or fewer servers"
	case total == limit && limit > n:
		return "all of them, and a service that means fewer than " + strconv.Itoa(limit) + " refuses the last; " + below + a + " is safe by either reading"
	case total == limit:
		return "all of them, and a service that means fewer than " + strconv.Itoa(limit) + " refuses the last; use more addresses"
	case limit%n == 0 && limit > n:
		return "it refuses the rest; write " + fits + a + " at most, or " + below + " to stay below the limit"
	}
	return "it refuses the rest; write " + fits + a + " at most"
}
