package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"mailsim/topology"
)

// connectorTables translates [[connector]].
func (c *compiler) connectorTables() {
	for i := range c.doc.Connector {
		t := &c.doc.Connector[i]
		c.claim(&c.connectors, &t.source, t.Name)
		k := topology.Connector{Name: t.Name, Disabled: !t.Enabled, Scoped: t.Scoped, MaxMessageSize: defaultConnectorSize(c.version)}
		k.AddressSpaces = c.addressSpaces(t)
		k.Sources = c.sources(t)
		for j, name := range t.SmartHosts {
			id := c.lookup(&c.remotes, t.item("smart_hosts", j), &t.source, "smart_hosts", name)
			if id >= 0 && slices.Contains(k.SmartHosts, topology.RemoteID(id)) {
				c.errorAt(t.item("smart_hosts", j), &t.source, "smart_hosts", "%s stands twice; remove one", quote(name))
			} else if id >= 0 {
				k.SmartHosts = append(k.SmartHosts, topology.RemoteID(id))
			}
		}
		k.DNS = len(t.SmartHosts) == 0
		if t.DNS != nil {
			switch {
			case *t.DNS && len(t.SmartHosts) > 0:
				c.errorf(&t.source, "dns", "given together with smart_hosts; give one of them")
			case !*t.DNS && len(t.SmartHosts) == 0:
				c.errorf(&t.source, "dns", "false without smart_hosts: the connector delivers nowhere; give smart_hosts or dns = true")
			}
		}
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

// defaultConnectorSize is the size limit of a new connector (docs/rules/routing.md).
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
		if label == "" || strings.ContainsAny(label, "* /\\@:;,") {
			return false
		}
	}
	return true
}

// sources resolves the source servers of a connector.
func (c *compiler) sources(t *connectorTable) []topology.ServerID {
	if t.has("source_servers") && len(t.SourceServers) == 0 {
		c.errorf(&t.source, "source_servers", "is empty; name at least one transport server")
	}
	var known []string
	for i := range c.servers {
		if c.servers[i].Transport() && c.servers[i].Name != "" {
			known = append(known, c.servers[i].Name)
		}
	}
	var out []topology.ServerID
	for i, name := range t.SourceServers {
		at := t.item("source_servers", i)
		id, ok := c.server[name]
		switch {
		case ok && !c.servers[id].Transport():
			c.errorAt(at, &t.source, "source_servers", "%s is a mailbox server without a transport role; name a hub or an edge: %s", quote(name), list(known))
		case !ok:
			c.errorAt(at, &t.source, "source_servers", "no transport server is called %s; %s", quote(name), suggest(name, known, "transport server"))
		case slices.Contains(out, id):
			c.errorAt(at, &t.source, "source_servers", "%s stands twice; remove one", quote(name))
		default:
			out = append(out, id)
		}
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

// autoConnectors makes the outbound connector of an Edge subscription; a second Edge of the site joins it.
func (c *compiler) autoConnectors() {
	for site := range c.doc.Site {
		var sources []topology.ServerID
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
			if auto {
				sources = append(sources, id)
			}
		}
		if len(sources) == 0 {
			continue
		}
		k := topology.Connector{
			Name:          "EdgeSync - " + c.doc.Site[site].Name + " to Internet",
			AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 100}},
			Sources:       sources, DNS: true, MaxMessageSize: defaultConnectorSize(c.version),
		}
		c.connectors.at[k.Name] = len(c.connectors.names)
		c.connectors.names = append(c.connectors.names, k.Name)
		c.outputs = append(c.outputs, k)
		c.org.Connector(k)
	}
}
