package lint

import (
	"fmt"
	"slices"

	"mailsim/topology"
	"mailsim/topology/route"
)

// oneEdge finds Edge servers that alone take the internet mail of sites: when one is down no other site takes over.
func oneEdge(o *topology.Organisation) []Finding {
	book := route.NewBook()
	internet := book.Dest(route.Destination{Kind: route.External, Domain: "internet"})
	users := make([][]topology.SiteID, len(o.Servers)) // by Edge server: the sites whose internet mail it takes alone
	for i := range o.Sites {
		hubs := o.Hubs(topology.SiteID(i))
		if len(hubs) == 0 {
			continue
		}
		way := route.Follow(book, o, route.Query{Server: hubs[0], Dest: internet})
		if way.Connector == topology.None || len(way.Path) == 0 {
			continue
		}
		home := way.Path[len(way.Path)-1]
		here := slices.DeleteFunc(presentSources(o, &o.Connectors[way.Connector]), func(s topology.ServerID) bool { return o.Servers[s].Site != home })
		if len(here) == 1 && o.Servers[here[0]].Is(topology.RoleEdge) {
			users[here[0]] = append(users[here[0]], topology.SiteID(i))
		}
	}
	var out []Finding
	for i, sites := range users {
		if len(sites) > 0 {
			out = append(out, Finding{OneEdge, Server, int32(i), fmt.Sprintf(
				"no other edge takes the internet mail of %s: while this one is down it waits in site %q, and no other site takes over (R-6.7)",
				names(o, sites), o.Sites[o.Servers[i].Site].Name)})
		}
	}
	return out
}

// oneHub sums up in one finding which sites with mailboxes have one hub: mail that is sent there waits in the store (D-4), mail for
// them before the site.
func oneHub(o *topology.Organisation) []Finding {
	var sites []topology.SiteID
	for i := range o.Sites {
		boxes := slices.ContainsFunc(o.Servers, func(s topology.Server) bool {
			return s.Site == topology.SiteID(i) && s.Is(topology.RoleMailbox) && !s.Absent
		})
		if boxes && len(o.Hubs(topology.SiteID(i))) == 1 {
			sites = append(sites, topology.SiteID(i))
		}
	}
	switch len(sites) {
	case 0:
		return nil
	case 1:
		return []Finding{{OneHub, Site, int32(sites[0]), fmt.Sprintf("has mailboxes and one hub, %q: while that is down they neither send nor receive (D-4, R-3.15)",
			o.Servers[o.Hubs(sites[0])[0]].Name)}}
	}
	return []Finding{{OneHub, Site, int32(sites[0]), fmt.Sprintf("%d sites have mailboxes and one hub each: %s; while it is down its mailboxes neither send nor receive (D-4, R-3.15)",
		len(sites), names(o, sites))}}
}

// oneHubSite finds hub sites that lie between other sites: mail neither skips one nor takes another path.
func oneHubSite(o *topology.Organisation) []Finding {
	var out []Finding
	for i, pairs := range route.NewSurvey(o).Crossing {
		if pairs == 0 {
			continue
		}
		hubs := o.Hubs(topology.SiteID(i))
		none := fmt.Sprintf("none of its %d hubs answers", len(hubs))
		if len(hubs) == 1 {
			none = fmt.Sprintf("its one hub, %q, is down", o.Servers[hubs[0]].Name)
		}
		ways := "one way"
		if pairs > 1 {
			ways = fmt.Sprintf("%d ways", pairs)
		}
		out = append(out, Finding{OneHubSite, Site, int32(i),
			fmt.Sprintf("mail on %s from site to site must stop at this hub site: while %s it waits, and no other path is tried (R-3.13)", ways, none)})
	}
	return out
}

// oneSource finds connectors with one source server where no connector of another server takes an address space of theirs. What
// oneEdge has told is not said again.
func oneSource(o *topology.Organisation, told []Finding) []Finding {
	var out []Finding
	for i := range o.Connectors {
		c := &o.Connectors[i]
		sources := presentSources(o, c)
		if !usable(c) || len(sources) != 1 {
			continue
		}
		for _, space := range c.AddressSpaces {
			internet := isSMTP(space) && space.Space == "*"
			if space.Space == "--" || internet && slices.ContainsFunc(told, func(f Finding) bool { return f.Object == int32(sources[0]) }) || otherTakes(o, sources[0], space) {
				continue
			}
			out = append(out, Finding{OneSource, Connector, int32(i),
				fmt.Sprintf("%q is its only source server, and no connector of another server takes %s: while that server is down such mail waits (R-4.5)", o.Servers[sources[0]].Name, spaceName(space))})
			break
		}
	}
	return out
}

// otherTakes tells whether a connector with a source server other than the given one takes a whole address space.
func otherTakes(o *topology.Organisation, than topology.ServerID, space topology.AddressSpace) bool {
	for i := range o.Connectors {
		c := &o.Connectors[i]
		other := slices.ContainsFunc(presentSources(o, c), func(s topology.ServerID) bool { return s != than })
		if other && usable(c) && slices.ContainsFunc(c.AddressSpaces, func(a topology.AddressSpace) bool { return covers(a, space) }) {
			return true
		}
	}
	return false
}

// presentSources lists the source servers of a connector that are there.
func presentSources(o *topology.Organisation, c *topology.Connector) []topology.ServerID {
	var out []topology.ServerID
	for _, s := range c.Sources {
		if !o.Servers[s].Absent {
			out = append(out, s)
		}
	}
	return out
}
