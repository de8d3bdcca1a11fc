package lint

import (
	"cmp"
	"fmt"
	"slices"

	"mailsim/topology"
	"mailsim/topology/route"
)

// parallelLinks finds links between the same sites at the same cost, where there is no cheaper one: leaves the choice to D-2.
func parallelLinks(o *topology.Organisation) []Finding {
	type joint struct {
		a, b topology.SiteID
		cost int64
		link topology.LinkID
	}
	var all []joint
	for l := range o.Links {
		for _, a := range o.Links[l].Sites {
			for _, b := range o.Links[l].Sites {
				if a < b {
					all = append(all, joint{a, b, o.Links[l].EffectiveCost(), topology.LinkID(l)})
				}
			}
		}
	}
	slices.SortFunc(all, func(x, y joint) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.cost, y.cost), cmp.Compare(x.link, y.link))
	})
	var twins [][2]topology.LinkID // a link and the one declared before it
	first := 0
	for i := range all {
		switch {
		case all[i].a != all[first].a || all[i].b != all[first].b:
			first = i
		case i > first && all[i].cost == all[first].cost:
			twins = append(twins, [2]topology.LinkID{all[i].link, all[first].link})
		}
	}
	slices.SortFunc(twins, func(x, y [2]topology.LinkID) int { return slices.Compare(x[:], y[:]) })
	var out []Finding
	for _, t := range slices.Compact(twins) {
		out = append(out, Finding{ParallelLinks, Link, int32(t[0]),
			fmt.Sprintf("link %q joins the same sites at the same cost; the one with the lower name is used (D-2)", o.Links[t[1]].Name)})
	}
	return out
}

// hubFlags finds hub sites without a hub.
func hubFlags(o *topology.Organisation) []Finding {
	var out []Finding
	hubs := hasHub(o)
	for i := range o.Sites {
		if o.Sites[i].HubSite && !hubs[i] {
			out = append(out, Finding{HubFlagWithoutHub, Site, int32(i), "the site has no hub, so it is no hub site and mail does not stop there (D-3); give it a hub, or remove the flag"})
		}
	}
	return out
}

// mailboxesWithoutHub finds mailbox servers whose site has no hub.
func mailboxesWithoutHub(o *topology.Organisation) []Finding {
	var out []Finding
	hubs := hasHub(o)
	for i := range o.Servers {
		if s := &o.Servers[i]; s.Is(topology.RoleMailbox) && !hubs[s.Site] {
			out = append(out, Finding{MailboxesNoHub, Server, int32(i),
				fmt.Sprintf("site %q has no hub: mail of its mailboxes is neither sent nor delivered (R-2.11)", o.Sites[s.Site].Name)})
		}
	}
	return out
}

// unlinked finds sites that no chain of links joins to the largest part of the organisation.
func unlinked(o *topology.Organisation) []Finding {
	parts, main := parts(o)
	var out []Finding
	for i, part := range parts {
		switch {
		case len(parts) == 1:
		case len(part) == 1:
			out = append(out, Finding{Unlinked, Site, int32(part[0]), "is in no link: no mail reaches it from another site (R-2.11)"})
		case i != main:
			out = append(out, Finding{Unlinked, Site, int32(part[0]),
				fmt.Sprintf("no chain of links joins the sites %s to the others: no mail goes between them (R-2.11)", names(o, part))})
		}
	}
	return out
}

// parts are the sites that chains of links join, in order of their first sites, and the index of the first of those with the most sites. Sites that
// are not present stand apart and count nowhere.
func parts(o *topology.Organisation) (parts [][]topology.SiteID, main int) {
	g := topology.NewGraph(o)
	seen := make([]bool, len(o.Sites))
	for i := range o.Sites {
		if seen[i] || o.Sites[i].Absent {
			continue
		}
		seen[i] = true
		part := []topology.SiteID{topology.SiteID(i)}
		for j := 0; j < len(part); j++ {
			for _, e := range g.Neighbours(part[j]) {
				if !seen[e.To] {
					seen[e.To] = true
					part = append(part, e.To)
				}
			}
		}
		if slices.Sort(part); len(parts) > 0 && len(part) > len(parts[main]) {
			main = len(parts)
		}
		parts = append(parts, part)
	}
	return parts, main
}

// noController finds joined sites with hubs none of which reaches a domain controller, in an organisation that has some: these hubs are taken to have
// their own way of knowing, and authenticate as with an ideal directory (F4). A site alone is no matter: no mail goes to another.
func noController(o *topology.Organisation) []Finding {
	if len(o.DCs) == 0 {
		return nil
	}
	var out []Finding
	parts, _ := parts(o)
	for _, part := range parts {
		hubs := slices.DeleteFunc(slices.Clone(part), func(s topology.SiteID) bool {
			return !slices.ContainsFunc(o.Servers, func(v topology.Server) bool { return v.Site == s && v.Is(topology.RoleHub) && !v.Absent })
		})
		if len(hubs) < 2 || slices.ContainsFunc(o.DCs, func(d topology.DC) bool { return slices.Contains(part, d.Site) }) {
			continue
		}
		out = append(out, Finding{NoController, Site, int32(hubs[0]),
			fmt.Sprintf("no domain controller can be reached from the sites %s: mail between them goes as with an ideal directory (F4); give one of them a [[dc]]", names(o, hubs))})
	}
	return out
}

// namesDecide sums up in one finding where names choose between equal paths that are not alike.
func namesDecide(o *topology.Organisation) []Finding {
	all := route.NewSurvey(o).Ambiguous
	if len(all) == 0 {
		return nil
	}
	differ := "hub sites"
	switch {
	case all[0].HubSites && all[0].Limits:
		differ = "hub sites and size limits"
	case all[0].Limits:
		differ = "size limits"
	}
	more := ""
	switch n := len(all) - 1; n {
	case 0:
	case 1:
		more = ", and so between 1 more pair of sites"
	default:
		more = fmt.Sprintf(", and so between %d more pairs of sites", n)
	}
	return []Finding{{NamesDecide, Site, int32(all[0].From),
		fmt.Sprintf("paths to %q are equal by cost and hops but differ in %s, and the names of sites decide (R-3.1 step 3)%s; give one path a lower cost", o.Sites[all[0].To].Name, differ, more)}}
}

// limitsIgnored finds size limits of links in an organisation of 2007 RTM.
func limitsIgnored(o *topology.Organisation) []Finding {
	var out []Finding
	for i := range o.Links {
		if o.Version == topology.V2007RTM && o.Links[i].MaxMessageSize < topology.Unlimited {
			out = append(out, Finding{LimitIgnored, Link, int32(i), "2007rtm has no size limit on links; it is ignored (R-3.24)"})
		}
	}
	return out
}
