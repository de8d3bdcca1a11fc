package scenarios

import (
	"strings"

	"mailsim/sim/result"
	"mailsim/topology"
)

// writeTOML writes a tree: first the values of the head, then the tables in their order.
func writeTOML(root *node) []byte {
	var b strings.Builder
	writeTable(&b, root, "")
	return []byte(b.String())
}

// writeTable writes the values of a table, then the tables in it.
func writeTable(b *strings.Builder, t *node, path string) {
	for _, f := range t.fields {
		if !headed(f, path) {
			b.WriteString(keyTOML(f.key) + " = " + valueTOML(f) + "\n")
		}
	}
	for _, f := range t.fields {
		if !headed(f, path) {
			continue
		}
		p := keyTOML(f.key)
		if path != "" {
			p = path + "." + p
		}
		if f.kind == tableNode {
			b.WriteString("\n[" + p + "]\n")
			writeTable(b, f, p)
			continue
		}
		for _, x := range f.items {
			b.WriteString("\n[[" + p + "]]\n")
			writeTable(b, x, p)
		}
	}
}

// headed tells whether a value gets a header of its own: tables at the head of the file, and the remedies of a fault.
func headed(f *node, path string) bool {
	return path == "" && (f.kind == tableNode || f.isTables()) || path != "" && f.isTables() && f.key == "remedy"
}

func keyTOML(key string) string {
	if bare(key) {
		return key
	}
	return quoteTOML(key)
}

// valueTOML writes a value on one line.
func valueTOML(n *node) string {
	switch n.kind {
	case arrayNode:
		items := make([]string, len(n.items))
		for i, x := range n.items {
			items[i] = valueTOML(x)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case tableNode:
		items := make([]string, len(n.fields))
		for i, x := range n.fields {
			items[i] = keyTOML(x.key) + " = " + valueTOML(x)
		}
		if len(items) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(items, ", ") + " }"
	}
	if n.typed != "" {
		if _, ok := n.value.(string); !ok {
			return n.looseTOML()
		}
	}
	return formatScalar(n.value)
}

// looseTOML writes an override that was read as a number: as that, unless the key wanted text (version=2010).
func (n *node) looseTOML() string {
	if n.astext {
		return quoteTOML(n.typed)
	}
	return formatScalar(n.value)
}

// topology describes the organisation for charts.
func (c *compiler) topology() result.Topology {
	var t result.Topology
	org := c.cfg.Org
	for _, s := range org.Sites {
		x := result.TopologySite{Name: s.Name, HubSite: s.HubSite}
		if s.Located {
			lat, lon := s.Latitude, s.Longitude
			x.Latitude, x.Longitude = &lat, &lon
		}
		t.Sites = append(t.Sites, x)
	}
	for i := range org.Links {
		l := &org.Links[i]
		x := result.TopologyLink{Name: l.Name, Cost: l.EffectiveCost()}
		for _, s := range l.Sites {
			x.Sites = append(x.Sites, org.Sites[s].Name)
		}
		t.Links = append(t.Links, x)
	}
	for i := range org.Servers {
		s := &org.Servers[i]
		t.Servers = append(t.Servers, result.TopologyServer{Name: s.Name, Site: org.Sites[s.Site].Name, Role: mainRole(s)})
	}
	for _, d := range org.DCs {
		t.Servers = append(t.Servers, result.TopologyServer{Name: d.Name, Site: org.Sites[d.Site].Name, Role: "dc"})
	}
	for _, r := range org.Remotes {
		if _, own := org.ServerByName(r.Name); own { // an E-Post server, as others know it
			continue
		}
		t.Servers = append(t.Servers, result.TopologyServer{Name: r.Name, Role: "remote"})
	}
	for i := range org.Connectors {
		k := &org.Connectors[i]
		x := result.TopologyConnector{Name: k.Name, Sources: []string{}, SmartHosts: []string{}}
		for _, s := range k.Sources {
			x.Sources = append(x.Sources, org.Servers[s].Name)
		}
		for _, r := range k.SmartHosts {
			x.SmartHosts = append(x.SmartHosts, org.Remotes[r].Name)
		}
		t.Connectors = append(t.Connectors, x)
	}
	return t
}

// mainRole is the one role by which a chart shows a machine: a hub that holds mailboxes is a hub, but from 2013 on a mailbox server.
func mainRole(s *topology.Server) string {
	switch {
	case s.Is(topology.RoleEdge):
		return "edge"
	case s.Is(topology.RoleEPost):
		return "epost"
	case s.Is(topology.RoleHub) && !(s.Version.New() && s.Is(topology.RoleMailbox)):
		return "hub"
	}
	return "mailbox"
}
