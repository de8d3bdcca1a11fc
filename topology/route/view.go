package route

import (
	"cmp"
	"slices"
	"strings"

	"mailsim/topology"
)

// view is what all tables of one view share.
type view struct {
	org      *topology.Organisation
	graph    *topology.Graph
	rank     []int32               // by site: place in the order of names (D-1)
	hubs     [][]topology.ServerID // by site, in order of declaration; declared but absent servers are left out
	open     [][]topology.ServerID // by site: the hubs that take mail from elsewhere; none where inbound mail is disabled (D-26)
	edges    [][]topology.ServerID // by subscribed site
	hubSite  []bool                // by site: mail whose path crosses it must stop there
	places   []place               // by server
	internet topology.RemoteID     // the remote behind DNS routing, or None
	tables   []*Table              // by site, nil until asked for
	fan      fan
}

// place is where a server stands in its site.
type place struct {
	site  topology.SiteID
	local int32 // index among all servers of the site
	turn  int32 // index among the servers of its own role: where its rotations start (D-11)
}

func newView(org *topology.Organisation) *view {
	v := &view{
		org:      org,
		graph:    topology.NewGraph(org),
		rank:     nameRanks(org),
		hubs:     make([][]topology.ServerID, len(org.Sites)),
		open:     make([][]topology.ServerID, len(org.Sites)),
		edges:    make([][]topology.ServerID, len(org.Sites)),
		hubSite:  make([]bool, len(org.Sites)),
		places:   make([]place, len(org.Servers)),
		internet: topology.None,
		tables:   make([]*Table, len(org.Sites)),
	}
	servers := make([]int32, len(org.Sites))   // seen so far, by site
	mailboxes := make([]int32, len(org.Sites)) // of them: mailbox servers that are no hubs
	for i := range org.Servers {
		s, id := &org.Servers[i], topology.ServerID(i)
		p := place{site: s.Site, local: servers[s.Site]}
		servers[s.Site]++
		switch {
		case s.Absent:
		case s.Is(topology.RoleHub):
			p.turn = int32(len(v.hubs[s.Site]))
			v.hubs[s.Site] = append(v.hubs[s.Site], id)
		case s.Is(topology.RoleEdge):
			p.turn = int32(len(v.edges[s.Site]))
			v.edges[s.Site] = append(v.edges[s.Site], id)
		default:
			p.turn = mailboxes[s.Site]
			mailboxes[s.Site]++
		}
		v.places[i] = p
	}
	for i := range org.Sites {
		if !org.Sites[i].InboundDisabled {
			v.open[i] = v.hubs[i]
		}
		// D-3: the hub flag of a site without a hub is ignored. Servers that are merely down are configured and count.
		v.hubSite[i] = org.Sites[i].HubSite && len(v.open[i]) > 0
	}
	for i := range org.Remotes {
		if strings.EqualFold(org.Remotes[i].Name, internetName) {
			v.internet = topology.RemoteID(i)
		}
	}
	return v
}

// internetName is the remote system that stands behind DNS routing.
const internetName = "internet"

// nameRanks numbers the sites in the order of their names (D-1), so that comparing names is comparing numbers.
func nameRanks(org *topology.Organisation) []int32 {
	order := make([]topology.SiteID, len(org.Sites))
	names := make([]string, len(org.Sites))
	for i := range order {
		order[i], names[i] = topology.SiteID(i), strings.ToUpper(org.Sites[i].Name)
	}
	slices.SortFunc(order, func(a, b topology.SiteID) int { return cmp.Compare(names[a], names[b]) })
	rank := make([]int32, len(order))
	for i, s := range order {
		rank[s] = int32(i)
	}
	return rank
}

func (v *view) siteName(s topology.SiteID) string { return v.org.Sites[s].Name }

func (v *view) serverName(s topology.ServerID) string { return v.org.Servers[s].Name }
