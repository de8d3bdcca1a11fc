package scenarios

import (
	"strings"

	"mailsim/topology"
)

// flattener replaces groups in groups by their members.
type flattener struct {
	c     *compiler
	own   [][]member // by group: its entries
	flat  [][]member // by group: its entries without groups, each once
	state []uint8    // by group: 0 not looked at, 1 being looked at, 2 done
	path  []int      // groups being looked at, from the outermost in
}

// members returns what a group has in the end: no groups, and everybody once, in order of first mention.
func (f *flattener) members(g int) []member {
	if f.state[g] == 2 {
		return f.flat[g]
	}
	f.state[g], f.path = 1, append(f.path, g)
	seen := map[member]bool{}
	add := func(m member) {
		if !seen[m] {
			seen[m] = true
			f.flat[g] = append(f.flat[g], m)
		}
	}
	for _, m := range f.own[g] {
		switch {
		case m.kind != groupMember:
			add(m)
		case f.state[m.group] == 1:
			f.cycle(g, m.group)
		case f.c.doc.Group[m.group].has("expansion_server"):
			inner := &f.c.doc.Group[m.group]
			f.report(g, m.group, "group %s has an expansion server of its own, and only that may expand it (R-7.2); write its members here, or remove expansion_server there", quote(inner.Name))
		default:
			for _, x := range f.members(m.group) {
				add(x)
			}
		}
	}
	f.state[g], f.path = 2, f.path[:len(f.path)-1]
	return f.flat[g]
}

// cycle reports a group that is a member of itself in the end.
func (f *flattener) cycle(g, again int) {
	var names []string
	for _, p := range f.path {
		if p == again || names != nil {
			names = append(names, f.c.doc.Group[p].Name)
		}
	}
	names = append(names, f.c.doc.Group[again].Name)
	f.report(g, again, "group %s leads back to itself (%s); remove one of them", quote(f.c.doc.Group[again].Name), strings.Join(names, " > "))
}

// report tells a problem of an entry of a group that names another.
func (f *flattener) report(g, inner int, format string, args ...any) {
	t := &f.c.doc.Group[g]
	at := t.at("members")
	for i, text := range t.Members {
		if text == "group:"+f.c.doc.Group[inner].Name {
			at = t.item("members", i)
		}
	}
	f.c.errorAt(at, &t.source, "members", format, args...)
}

// mailboxesOf turns members into recipients: one entry for each database and each domain outside, with the number of mailboxes. A site
// stands for all its mailboxes, so that a mailbox of it that is named besides is not counted again.
func (c *compiler) mailboxesOf(members []member) []topology.Recipient {
	type place struct {
		server   topology.ServerID
		database int32
		domain   string
	}
	at := map[place]int{}
	var out []topology.Recipient
	add := func(p place, n int) {
		if n == 0 {
			return
		}
		i, ok := at[p]
		if !ok {
			i = len(out)
			at[p] = i
			out = append(out, topology.Recipient{Server: p.server, Database: p.database, Domain: p.domain})
		}
		out[i].Count += int32(n)
	}
	whole := map[topology.SiteID]bool{}
	for _, m := range members {
		if m.kind == siteMember {
			whole[m.site] = true
		}
	}
	for _, m := range members {
		switch m.kind {
		case siteMember:
			for i := range c.servers {
				s := &c.servers[i]
				if s.Site != m.site || !c.counts(s) {
					continue
				}
				for d, n := range evenly(s.Mailboxes, max(1, len(s.Databases))) {
					add(place{topology.ServerID(i), int32(d), ""}, n)
				}
			}
		case boxMember:
			if s := &c.servers[m.server]; !whole[s.Site] || !c.counts(s) {
				add(place{m.server, m.database, ""}, 1)
			}
		case outsideMember:
			_, domain, ok := strings.Cut(m.text, "@")
			if !ok {
				domain = strings.TrimPrefix(m.text, "domain:")
			}
			add(place{topology.None, 0, domain}, 1)
		}
	}
	return out
}

// counts tells whether the mailboxes of a server are among those of its site. A server that is not present has none yet.
func (c *compiler) counts(s *topology.Server) bool {
	return s.Is(topology.RoleMailbox) && !s.Absent && s.Mailboxes > 0
}

// evenly deals n mailboxes out to databases; the first ones get what is left over, one each.
func evenly(n, databases int) []int {
	out := make([]int, databases)
	for i := range out {
		out[i] = n / databases
		if i < n%databases {
			out[i]++
		}
	}
	return out
}
