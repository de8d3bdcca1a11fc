package plots

import (
	"path"
	"slices"
	"strings"

	"mailsim/sim/result"
)

// selection is the set of servers that a chart adds up.
type selection struct {
	servers []string // nil = all
	noun    string   // "the edges", "all servers"
}

// has tells whether a server belongs to the selection.
func (s *selection) has(server string) bool {
	return s.servers == nil || slices.Contains(s.servers, server)
}

// everyServer is the selection of all servers.
func everyServer() selection { return selection{noun: "all servers"} }

// sweptServers returns the servers whose settings the sweep changes: those with the role and name that a path such as
// "edge.*.connection_threshold" or "defaults.edge.connection_threshold" names. Without such a path, or when it matches none of
// the servers that have data, it is all of them.
func sweptServers(s *result.Study, withData []string) selection {
	var picked selection
	var nouns []string
	for _, axis := range s.File.Axes {
		role, pattern, ok := serverPath(axis.Path)
		if !ok {
			continue
		}
		var matches []string
		for _, server := range s.Topology.Servers {
			hit, err := path.Match(pattern, server.Name)
			if err == nil && hit && server.Role == role && slices.Contains(withData, server.Name) {
				matches = append(matches, server.Name)
			}
		}
		if len(matches) == 0 {
			continue
		}
		noun := "the servers " + pattern
		if pattern == "*" {
			noun = plural(role)
		}
		if len(matches) == 1 {
			noun = matches[0]
		}
		if !slices.Contains(nouns, noun) {
			nouns = append(nouns, noun)
		}
		picked.servers = append(picked.servers, matches...)
	}
	if len(nouns) == 0 {
		return everyServer()
	}
	picked.noun = strings.Join(nouns, " and ")
	return picked
}

// serverPath takes a sweep path apart that names servers: the role and the pattern of names.
func serverPath(p string) (role, pattern string, ok bool) {
	p = strings.TrimPrefix(p, "defaults.")
	parts := strings.Split(p, ".")
	if plural(parts[0]) == "" || len(parts) < 2 {
		return "", "", false
	}
	if len(parts) == 2 {
		return parts[0], "*", true
	}
	return parts[0], strings.Join(parts[1:len(parts)-1], "."), true
}

// plural names all servers of a role, "" when it is not the role of a transport server.
func plural(role string) string {
	switch role {
	case "edge":
		return "the edges"
	case "hub":
		return "the hubs"
	case "mailbox":
		return "the mailbox servers"
	}
	return ""
}

// serversWith returns the servers that have a series which take accepts, in the order of the topology; servers that the topology
// does not know come last, in the order of the series.
func serversWith(s *result.Study, take func(*result.PointSeries) bool) []string {
	seen := map[string]bool{}
	var found []string
	for i := range s.Series {
		p := &s.Series[i]
		if name := p.Labels.Get("server"); take(p) && !seen[name] {
			seen[name] = true
			found = append(found, name)
		}
	}
	rank := map[string]int{}
	for i, server := range s.Topology.Servers {
		if _, twice := rank[server.Name]; !twice {
			rank[server.Name] = i - len(s.Topology.Servers)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return rank[a] - rank[b] })
	return found
}

// sitesOf returns the sites of servers in the order of the topology, and for each server the index of its site. A server without
// a site counts as a site of its own.
func sitesOf(s *result.Study, servers []string) (sites []string, siteOf map[string]int) {
	home := map[string]string{}
	for _, server := range s.Topology.Servers {
		if home[server.Name] == "" {
			home[server.Name] = server.Site
		}
	}
	rank := map[string]int{}
	for i, site := range s.Topology.Sites {
		rank[site.Name] = i - len(s.Topology.Sites)
	}
	place := func(server string) string {
		if home[server] != "" {
			return home[server]
		}
		return server
	}
	for _, server := range servers {
		if site := place(server); !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	slices.SortStableFunc(sites, func(a, b string) int { return rank[a] - rank[b] })
	siteOf = map[string]int{}
	for _, server := range servers {
		siteOf[server] = slices.Index(sites, place(server))
	}
	return sites, siteOf
}
