package route

import (
	"fmt"

	"mailsim/topology"
)

// Table is what the servers of one site know by one view. Decisions and candidate lists are worked out at first use and kept:
// afterwards Hop and Groups take constant time and allocate nothing. Get one from Book.Table.
type Table struct {
	book  *Book
	view  *view
	site  topology.SiteID
	paths *paths

	cells  [][]cell    // decisions, by local server and destination
	more   []cell      // further decisions of destinations for which size matters
	groups [][][]Group // candidates, by local server and key; nil = not asked for yet
	submit submissions
	forks  []KeyID // 1 + the key of the queue for a site, by site; 0 = not asked for yet. nil before the first fan-out
}

// cell is a remembered decision: it holds for messages of more than lo and at most hi bytes. The zero cell holds for none.
type cell struct {
	hop    Hop
	final  topology.SiteID // the final routing site of the recipient (R-3.19 step 1); None when there is none
	next   int32           // 1 + index into Table.more of the decision for other sizes; 0 = none
	lo, hi int64
}

func newTable(b *Book, v *view, site topology.SiteID) *Table {
	n := 0
	for i := range v.places {
		if v.places[i].site == site {
			n++
		}
	}
	return &Table{
		book: b, view: v, site: site,
		paths:  findPaths(v, site),
		cells:  make([][]cell, n),
		groups: make([][][]Group, n),
	}
}

// View returns the organisation that the table was built from.
func (t *Table) View() *topology.Organisation { return t.view.org }

// Site returns the site whose servers the table is for.
func (t *Table) Site() topology.SiteID { return t.site }

// Hop decides where the transport server from, a server of the table's site, sends a message of size bytes for a recipient at d.
// It panics when from is a server of another site.
func (t *Table) Hop(from topology.ServerID, d DestID, size int64) Hop {
	if p := &t.view.places[from]; p.site == t.site {
		if row := t.cells[p.local]; int(d) < len(row) {
			if c := &row[d]; c.lo < size && size <= c.hi {
				return c.hop
			}
		}
	}
	c := t.lookUp(from, d, size)
	return c.hop
}

// lookUp finds the remembered decision, or makes it.
func (t *Table) lookUp(from topology.ServerID, d DestID, size int64) cell {
	row := t.row(from, d)
	first := &row[d]
	if first.lo < size && size <= first.hi {
		return *first
	}
	for i := first.next; i != 0; i = t.more[i-1].next {
		if c := &t.more[i-1]; c.lo < size && size <= c.hi {
			return *c
		}
	}
	q := question{from: from, dest: t.book.dests[d], size: size, holds: span{-1, topology.Unlimited}}
	decided := t.decide(&q)
	c := cell{hop: Hop{Key: NoKey, Outcome: decided.outcome}, final: decided.final, lo: q.holds.lo, hi: q.holds.hi}
	if decided.outcome == Queued {
		c.hop.Key = t.book.keyID(decided.key)
	}
	if first.hi == 0 {
		*first = c
		return c
	}
	c.next = first.next
	t.more = append(t.more, c)
	first.next = int32(len(t.more))
	return c
}

// row returns the decisions of a server, grown to hold d.
func (t *Table) row(from topology.ServerID, d DestID) []cell {
	t.mustBeHere("Hop", from)
	row := &t.cells[t.view.places[from].local]
	if int(d) >= len(*row) {
		*row = append(*row, make([]cell, len(t.book.dests)-len(*row))...)
	}
	return *row
}

// Groups returns the candidates of a server's queue, which is all that is balanced and failed over, group by group in the
// order of trying: the next hop's own servers first,
// then, where the rules allow it, the sites before it, nearest first. Inside a group each connection tries the members in the
// order that Order gives. The server itself is never a member. The slices are the table's own: read them only.
// It panics when from is a server of another site.
func (t *Table) Groups(from topology.ServerID, k KeyID) []Group {
	t.mustBeHere("Groups", from)
	row := &t.groups[t.view.places[from].local]
	if int(k) >= len(*row) {
		*row = append(*row, make([][]Group, len(t.book.keys)-len(*row))...)
	}
	if (*row)[k] == nil {
		(*row)[k] = t.candidates(from, &t.book.keys[k])
	}
	return (*row)[k]
}

func (t *Table) mustBeHere(method string, s topology.ServerID) {
	if t.view.places[s].site != t.site {
		panic(fmt.Sprintf("route: Table.%s: server %q is not in site %q", method, t.view.serverName(s), t.view.siteName(t.site)))
	}
}
