package cli

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/plots/topo"
	"mailsim/topology"
	"mailsim/topology/route"
)

// answers is what route found out about a message: each recipient's way, and the copies between transport servers in their order.
type answers struct {
	*moment
	each   []answer
	copies []copyJSON
}

// asked is the recipients of --to.
type asked struct {
	names []string // as given
	dests []route.DestID
}

// newAnswer puts names in the place of numbers.
func newAnswer(m *moment, book *route.Book, to asked, ways []route.Way, copies []route.Copy) *answers {
	all := &answers{moment: m, copies: []copyJSON{}}
	called := map[route.DestID][]string{} // recipients that are one to routing, such as two addresses of one domain
	for i, d := range to.dests {
		if book.Destination(d).Kind == route.DistributionList {
			called[d] = append(called[d], to.names[i]) // until it is expanded
		}
	}
	for _, w := range ways {
		a := answer{moment: m, to: to.names[w.Asked], way: w}
		if w.Dest != to.dests[w.Asked] {
			a.to, a.group = memberName(m.org, book.Destination(w.Dest)), a.to
		}
		all.each = append(all.each, a)
		if book.Destination(w.Dest).Kind != route.DistributionList {
			called[w.Dest] = append(called[w.Dest], a.to)
		}
	}
	type leaving struct {
		server topology.ServerID
		dest   route.DestID
	}
	left := map[leaving]int{} // how many of them have left a server
	for _, c := range copies {
		named := copyJSON{From: m.org.Servers[c.From].Name, To: m.org.Servers[c.To].Name}
		for _, d := range c.Recipients {
			l := leaving{c.From, d}
			named.Recipients = append(named.Recipients, called[d][left[l]%len(called[d])])
			left[l]++
		}
		all.copies = append(all.copies, named)
	}
	return all
}

// text explains every way, and of several recipients which copies carry them.
func (all *answers) text() string {
	var parts []string
	for i := range all.each {
		parts = append(parts, all.each[i].text())
	}
	if len(all.each) > 1 && len(all.copies) > 0 {
		var b strings.Builder
		b.WriteString("copies\n")
		for _, c := range all.copies {
			fmt.Fprintf(&b, "  %s > %s: %s\n", c.From, c.To, strings.Join(c.Recipients, ", "))
		}
		parts = append(parts, b.String())
	}
	return all.moment.text() + strings.Join(parts, "\n")
}

// answersJSON is the answer for programs; docs/commands.md describes it.
type answersJSON struct {
	Recipients []recipientJSON `json:"recipients"`
	Copies     []copyJSON      `json:"copies"`
}

type copyJSON struct {
	From       string   `json:"from"`
	To         string   `json:"to"`
	Recipients []string `json:"recipients"`
}

func (all *answers) json() answersJSON {
	out := answersJSON{Copies: all.copies}
	for i := range all.each {
		out.Recipients = append(out.Recipients, all.each[i].json())
	}
	return out
}

// picture draws the ways; recipients with the same path share a line.
func (all *answers) picture(book *route.Book, from string, site topology.SiteID) *topo.Map {
	org := all.seenFrom(site)
	m := &topo.Map{Org: org}
	var to []string
	for i := range all.each {
		a := &all.each[i]
		to = append(to, a.to)
		path := a.way.Path
		same := slices.IndexFunc(m.Ways, func(w topo.Way) bool { return slices.Equal(w.Path, path) })
		if same >= 0 {
			m.Ways[same].Label += ", " + a.to
			continue
		}
		w := topo.Way{Path: path, Label: "no path: " + a.to}
		if len(path) > 0 {
			w.Label = fmt.Sprintf("%s (cost %d): %s", strings.Join(a.path(), " > "), a.way.Cost, a.to)
			w.Ties = book.Ties(org, path[0], path[len(path)-1])
		}
		m.Ways = append(m.Ways, w)
	}
	m.Title = fmt.Sprintf("From %s to %s", from, strings.Join(to, ", "))
	return m
}
