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
	name := func(asked int, d route.DestID) (name string, member bool) {
		if d == to.dests[asked] {
			return to.names[asked], false
		}
		return memberName(m.org, book.Destination(d)), true
	}
	for _, w := range ways {
		a := answer{moment: m, way: w}
		var member bool
		if a.to, member = name(w.Asked, w.Dest); member {
			a.group = to.names[w.Asked]
		}
		all.each = append(all.each, a)
	}
	for _, c := range copies {
		named := copyJSON{From: m.org.Servers[c.From].Name, To: m.org.Servers[c.To].Name}
		for i, d := range c.Recipients {
			n, _ := name(c.Asked[i], d)
			named.Recipients = append(named.Recipients, n)
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

// picture draws the ways, and what is cut and dead at the moment; recipients that share path and end share a line.
func (all *answers) picture(book *route.Book, from string, site topology.SiteID) *topo.Map {
	org := all.seenFrom(site)
	m := &topo.Map{Org: org, Cut: all.cuts(org), Dead: all.deadSites(org)}
	var to []string
	var names [][]string // by way: who share it
	for i := range all.each {
		a := &all.each[i]
		if to = append(to, a.to); a.group != "" && slices.Contains(to, a.group) {
			to = to[:len(to)-1]
		} else if a.group != "" {
			to[len(to)-1] = a.group
		}
		w := topo.Way{Path: a.way.Path, Label: ": no path, " + a.end(), Done: a.done()}
		if len(w.Path) > 0 {
			w.Label = fmt.Sprintf(": %s (cost %d), %s", strings.Join(a.path(), " > "), a.way.Cost, a.end())
			w.Ties = book.Ties(org, w.Path[0], w.Path[len(w.Path)-1])
		}
		same := slices.IndexFunc(m.Ways, func(x topo.Way) bool { return slices.Equal(x.Path, w.Path) && x.Label == w.Label })
		if same < 0 {
			same = len(m.Ways)
			m.Ways, names = append(m.Ways, w), append(names, nil)
		}
		names[same] = append(names[same], a.to)
	}
	for i := range m.Ways {
		m.Ways[i].Label = strings.Join(names[i], ", ") + m.Ways[i].Label
	}
	m.Title = fmt.Sprintf("From %s to %s", from, strings.Join(to, ", "))
	if all.state != nil {
		m.Title += " at " + clock(all.at)
	}
	return m
}

// done is how many sites of its path a message gets to before it rests; 0 when it arrives, or does not rest on its path.
func (a *answer) done() int {
	if a.way.Fate == route.Delivered || len(a.way.Path) == 0 {
		return 0
	}
	if a.way.RestsAt == topology.None {
		return 1
	}
	return 1 + slices.Index(a.way.Path, a.org.Servers[a.way.RestsAt].Site)
}

// end says in few words what becomes of the message.
func (a *answer) end() string {
	switch w := &a.way; w.Fate {
	case route.Delivered:
		return "delivered"
	case route.Returned:
		return "NDR " + w.Code + " by " + a.server(w.RestsAt)
	case route.WaitsSubmission:
		return "rests with its sender"
	default:
		return "rests at " + a.server(w.RestsAt) + " (" + w.Status + ")"
	}
}
