package route_test

import (
	"fmt"

	"mailsim/topology"
	"mailsim/topology/route"
)

// Four sites in a square, all links at cost 10: two paths tie, and the names decide.
func ExampleFollow() {
	b := topology.NewBuilder(topology.V2010)
	var sites []topology.SiteID
	for _, name := range []string{"Tokyo", "Osaka", "Nagoya", "Sapporo"} {
		s := b.Site(topology.Site{Name: name})
		b.Server(topology.Server{Name: name + "-hub", Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010})
		sites = append(sites, s)
	}
	for _, ends := range [][2]int{{0, 1}, {0, 2}, {1, 3}, {2, 3}} {
		x, y := sites[ends[0]], sites[ends[1]]
		b.Link(topology.Link{Name: fmt.Sprint("link ", ends), Sites: []topology.SiteID{x, y}, Cost: 10})
	}
	org, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}

	book := route.NewBook()
	sapporo := book.Dest(route.Destination{Kind: route.Mailbox, Server: 3})
	way := route.Follow(book, org, route.Query{
		Server: 0, Dest: sapporo, Size: 20 << 10,
		Reach: func(from topology.ServerID, to route.Target) route.Contact {
			if to.ID == 3 {
				return route.Contact{Result: route.NoAnswer, Cause: "power cut"} // the hub in Sapporo is down
			}
			return route.Contact{}
		},
	})
	fmt.Println(way.Fate, "at", org.Servers[way.RestsAt].Name, "in status", way.Status)
	for _, r := range way.Reasons {
		fmt.Printf("%s: %s\n", org.Servers[r.At].Name, r)
	}
	// Output:
	// queued at Nagoya-hub in status Retry
	// Tokyo-hub: R-3.1: least-cost path Tokyo > Nagoya > Sapporo: cost 20, 2 hops
	// Tokyo-hub: R-3.1 step 3: names compared from the destination end: "Nagoya" < "Osaka" (Tokyo > Osaka > Sapporo loses)
	// Tokyo-hub: R-3.8: no hub site stands in between: connect straight to a hub of "Sapporo"
	// Tokyo-hub: R-3.15: no answer from Sapporo-hub (power cut): backs off along the path to Nagoya-hub in site "Nagoya"
	// Nagoya-hub: R-3.1: least-cost path Nagoya > Sapporo: cost 10, 1 hop
	// Nagoya-hub: R-3.8: no hub site stands in between: connect straight to a hub of "Sapporo"
	// Nagoya-hub: R-3.15: no answer from Sapporo-hub (power cut): the mail waits in the queue of "Nagoya-hub", status Retry
}

// One table answers for all servers of a site. The first question is worked out, the same question again is a look-up.
func ExampleTable_Hop() {
	b := topology.NewBuilder(topology.V2016)
	head, branch := b.Site(topology.Site{Name: "Head office"}), b.Site(topology.Site{Name: "Branch"})
	b.Link(topology.Link{Name: "WAN", Sites: []topology.SiteID{head, branch}, Cost: 10, MaxMessageSize: 10 << 20})
	sender := b.Server(topology.Server{Name: "m1", Site: head, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2016})
	for _, name := range []string{"m2", "m3"} {
		b.Server(topology.Server{Name: name, Site: branch, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2016})
	}
	org, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}

	book := route.NewBook()
	table := book.Table(org, head)
	to := book.Dest(route.Destination{Kind: route.Mailbox, Server: 2})
	hop := table.Hop(sender, to, 20<<10)
	key := book.Key(hop.Key)
	fmt.Println(key.Type.Name(topology.V2016), key.Domain)
	members := table.Groups(sender, hop.Key)[0].Members
	for turn := range 3 {
		to := route.Order(members, table.Offset(sender, len(members)), turn, 0)
		fmt.Printf("connection %d goes to %s first\n", turn+1, org.Servers[to.ID].Name)
	}
	fmt.Println("12 MB is too large:", table.Hop(sender, to, 12<<20).Outcome == route.TooLarge)
	// Output:
	// SmtpRelayToMailboxDeliveryGroup Site:Branch;Version:15
	// connection 1 goes to m2 first
	// connection 2 goes to m3 first
	// connection 3 goes to m2 first
	// 12 MB is too large: true
}
