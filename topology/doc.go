// Package topology is the checked, immutable model of a mail organisation: sites, IP site links, servers, connectors, outside
// systems, and the domain controllers that know about them.
//
//	b := topology.NewBuilder(topology.V2010)
//	a := b.Site(topology.Site{Name: "A"})
//	c := b.Site(topology.Site{Name: "B"})
//	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{a, c}, Cost: 10})
//	b.Server(topology.Server{Name: "hA1", Site: a, Roles: topology.RoleHub, Version: topology.V2010})
//	org, err := b.Build()
//
// What flows in: values, from package scenarios or a test. What flows out: an *Organisation that everybody may share, because
// nobody can change it; a change of configuration makes a new one (With). topology/route answers questions about it.
//
// It imports the standard library and gonum's graph types only. It must never import sim, scenarios or anything that knows a
// clock, a file or a random number.
package topology
