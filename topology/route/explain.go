package route

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/topology"
)

// Reason is one step of a decision: the rule that was applied and what it said here.
type Reason struct {
	At   topology.ServerID // the server that decided
	Rule string            // such as "R-3.10" or "R-3.1 step 3"
	Text string
}

// String writes "R-3.10: text".
func (r Reason) String() string { return r.Rule + ": " + r.Text }

// notes collects reasons while decisions are made. A nil *notes takes none.
type notes struct {
	at      topology.ServerID
	reasons []Reason
}

func (n *notes) add(rule, format string, args ...any) {
	if n != nil {
		n.reasons = append(n.reasons, Reason{n.at, rule, fmt.Sprintf(format, args...)})
	}
}

// mostLosers limits how many candidates of one kind an explanation names; the rest are counted.
const mostLosers = 4

// explainPath notes the least-cost path to a site, and of every way into the sites on it that lost, the step that decided. It asks
// the comparison that built the paths.
func (t *Table) explainPath(n *notes, to topology.SiteID) {
	if n == nil {
		return
	}
	p := t.paths
	path := p.to(to)
	n.add("R-3.1", "least-cost path %s: cost %d, %s", t.pathName(path), p.best[to].cost, hopCount(len(path)-1))
	dearer := 0
	for i := len(path) - 1; i > 0; i-- { // from the destination end
		s := path[i]
		for _, e := range t.view.graph.Neighbours(s) {
			if e.To == p.prev[s] || !p.reaches(e.To) || p.leadsThrough(s, e.To) {
				continue
			}
			loser := rating{cost: p.best[e.To].cost + e.Cost, hops: p.best[e.To].hops + 1, name: t.view.rank[e.To]}
			_, step := p.best[s].compare(loser)
			way := slices.Concat(p.to(e.To), path[i:])
			more := loser.cost - p.best[s].cost
			switch {
			case step == 1 && s != to: // a detour on the way: not worth a line
			case step == 1:
				if dearer++; dearer <= mostLosers {
					n.add("R-3.1 step 1", "%s loses: it costs %d, %d more", t.pathName(way), loser.cost, more)
				}
			case step == 2:
				n.add("R-3.1 step 2", "%s loses: the cost is the same but it has %s against %d",
					t.pathName(way), hopCount(len(way)-1), len(path)-1)
			default:
				n.add("R-3.1 step 3", "names compared from the destination end: %q < %q (%s loses)",
					t.view.siteName(p.prev[s]), t.view.siteName(e.To), t.pathName(way))
			}
		}
	}
	if dearer > mostLosers {
		n.add("R-3.1 step 1", "%d more ways into %q cost more", dearer-mostLosers, t.view.siteName(to))
	}
}

// leadsThrough tells whether the path to a site crosses another.
func (p *paths) leadsThrough(crossed, to topology.SiteID) bool {
	for s := to; s != topology.None; s = p.prev[s] {
		if s == crossed {
			return true
		}
	}
	return false
}

// explainHubSites notes which hub sites matter on the way to a site and which do not.
func (t *Table) explainHubSites(n *notes, to topology.SiteID) {
	if n == nil {
		return
	}
	v := t.view
	if via := t.paths.via[to]; via != topology.None {
		n.add("R-3.10", "%q is the first hub site on the path after the source: the mail stops there", v.siteName(via))
	} else {
		n.add("R-3.8", "no hub site stands in between: connect straight to a hub of %q", v.siteName(to))
	}
	path := t.paths.to(to)
	off := 0
	for i := range v.org.Sites {
		s := topology.SiteID(i)
		switch on := slices.Contains(path, s); {
		case !v.org.Sites[i].HubSite:
		case on && !v.hubSite[i]:
			n.add("D-3", "the hub flag of %q is ignored: the site has %s", v.siteName(s), v.lackOf(s))
		case s == t.site:
			n.add("R-3.12", "the hub flag of the source %q has no effect", v.siteName(s))
		case !on:
			if off++; off <= mostLosers {
				n.add("R-3.11", "hub site %q is not on the path and is ignored", v.siteName(s))
			}
		}
	}
}

// explainChoice notes which connector won and why each other candidate lost.
func (t *Table) explainChoice(q *question, best *bid, losers []bid) {
	if q.why == nil {
		return
	}
	c := &t.view.org.Connectors[best.id]
	space := &c.AddressSpaces[best.space]
	if best.legacy.ok {
		q.why.add("R-5.17", "connector %q by address space %q: cost %d (routing group connectors %d + address space %d); site links to the first of them, %d, are not added",
			best.name, space.Space, best.cost, best.cost-space.Cost, space.Cost, best.after)
	} else {
		q.why.add("R-5.1", "connector %q by address space %q: cost %d (path %d + address space %d)",
			best.name, space.Space, best.cost, best.cost-space.Cost, space.Cost)
	}
	for i := range losers {
		b := &losers[i]
		lost := t.view.org.Connectors[b.id].AddressSpaces[b.space].Space
		switch _, rule := best.compare(b); {
		case rule == "R-5.3":
			q.why.add(rule, "connector %q loses: %q is less specific than %q", b.name, lost, space.Space)
		case best.cost != b.cost:
			q.why.add(rule, "connector %q loses: total cost %d against %d", b.name, b.cost, best.cost)
		case best.after != b.after:
			q.why.add(rule, "connector %q loses: the cost is the same, but site links on the way to Exchange 2003 cost %d against %d", b.name, b.after, best.after)
		case best.nearness != b.nearness:
			q.why.add(rule, "connector %q loses: hosted by %s against %s", b.name, nearnessName(b.nearness), nearnessName(best.nearness))
		case best.hops != b.hops:
			q.why.add(rule, "connector %q loses: %s away against %d", b.name, hopCount(int(b.hops)), best.hops)
		default:
			q.why.add(rule, "connector %q loses by name: %q < %q", b.name, best.name, b.name)
		}
	}
	var sites []topology.SiteID
	for _, id := range t.view.present(c.Sources) {
		sites = append(sites, t.view.org.Servers[id].Site)
	}
	if slices.ContainsFunc(sites, func(s topology.SiteID) bool { return s != best.site }) {
		q.why.add("R-5.9", "%q has source servers in several sites: all mail from here goes to %q", c.Name, t.view.siteName(best.site))
		t.explainSites(q, "R-5.9", best.site, sites)
	}
}

// explainSites notes which of the sites that could have been the end of the path lost to the one that was chosen, and by what: those of a
// connector's source servers or of a delivery group's members (R-3.27 step 2). Sites may be named several times.
func (t *Table) explainSites(q *question, rule string, chosen topology.SiteID, sites []topology.SiteID) {
	if q.why == nil {
		return
	}
	name, best := t.view.siteName, t.paths.best[chosen]
	told := []topology.SiteID{chosen}
	more := 0
	for _, s := range sites {
		if slices.Contains(told, s) {
			continue
		}
		told = append(told, s)
		r := t.paths.best[s]
		switch {
		case len(told) > mostLosers+1:
			more++
		case !t.takesMail(s) || len(t.view.hubs[s]) == 0:
			q.why.add(rule, "site %q loses: no mail goes there from here", name(s))
		case r.cost != best.cost:
			q.why.add(rule, "site %q loses: the path costs %d, %d more", name(s), r.cost, r.cost-best.cost)
		case !t.view.org.Servers[q.from].Version.New():
			q.why.add(rule, "site %q loses: the cost is the same, and a source server of %q is named first", name(s), name(chosen))
		case r.hops != best.hops:
			q.why.add(rule, "site %q loses: the cost is the same but the path has %s against %d", name(s), hopCount(int(r.hops)), best.hops)
		default:
			q.why.add("D-9", "site %q loses by name: the cost and the hops are the same, and %q < %q", name(s), name(chosen), name(s))
		}
	}
	if more > 0 {
		q.why.add(rule, "%d more sites lose", more)
	}
}

func nearnessName(n int32) string {
	switch n {
	case 0:
		return "this server"
	case 1:
		return "a server of this site"
	}
	return "another site"
}

func hopCount(n int) string {
	if n == 1 {
		return "1 hop"
	}
	return fmt.Sprint(n, " hops")
}

// sizeName writes a number of bytes as an operator would, in the largest unit that divides it.
func sizeName(bytes int64) string {
	unit := "bytes"
	for _, larger := range []string{"KB", "MB", "GB"} {
		if bytes == 0 || bytes%1024 != 0 {
			break
		}
		bytes, unit = bytes/1024, larger
	}
	return fmt.Sprint(bytes, " ", unit)
}

// pathName writes a path as "A > B > D".
func (t *Table) pathName(path []topology.SiteID) string {
	names := make([]string, len(path))
	for i, s := range path {
		names[i] = t.view.siteName(s)
	}
	return strings.Join(names, " > ")
}
