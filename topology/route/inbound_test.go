package route

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// closed disables inbound mail in a site.
func (n *network) closed(site string) *network {
	n.org.Sites[n.site(site)].InboundDisabled = true
	return n
}

func TestD26_ASiteWithInboundMailDisabled(t *testing.T) {
	t.Parallel()
	const chain = "chain A-B-C 10"
	expect := func(name, ask, want, closed string, clauses ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := net(t, chain, append(clauses, "version 2016")...)
			n.closed(closed).expect(ask, want)
		})
	}
	expect("no route to its mailboxes", "A→C", "fate unreachable, at hA1", "C")
	expect("it sends", "C→A", "fate delivered, handled hC1 hA1", "C")
	expect("it delivers its own", "C→C", "fate delivered, handled hC1", "C")
	expect("inside it mail goes on", "hC1→x@x.com", "handled hC1 hC2, fate delivered", "C", "hubs C: hC1 hC2", "connector Out: * on hC2")
	expect("paths cross it", "A→C", "fate delivered, path A-B-C, stops C", "B")
	expect("no hub site", "A→C", "stops C", "B", "H(B)")
	expect("no connector elsewhere", "A→x@x.com", "fate unreachable", "C", "connector Out: * on hC1")
	expect("another source server", "A→x@x.com", "handled hA1 hB1, connector Out", "C", "connector Out: * on hC1 hB1")
	expect("its Edge servers keep their mail", "E→C", "fate unreachable, at E", "C", "edges C: E")
	expect("an expansion server", "A→G", "fate unreachable", "C", "group G: A by hC1")
	expect("a DAG is entered elsewhere", "A→hC1", "handled hA1 hB1, to hC1, fate delivered", "C", "dag D: hB1 hC1")
	t.Run("no place to back off to", func(t *testing.T) {
		t.Parallel()
		n := net(t, chain, "version 2016").closed("B").fail("down C")
		n.expect("A→C", "tried C, rests A")
	})
	t.Run("no fork of an old version's mail", func(t *testing.T) {
		t.Parallel()
		open := net(t, "A-B 10, B-C 10, B-D 10", "version 2016", "old hA1")
		_, copies := open.together("A→C D")
		require.Equal(t, "hA1>hB1 C D; hB1>hC1 C; hB1>hD1 D", open.copies(copies))
		shut := net(t, "A-B 10, B-C 10, B-D 10", "version 2016", "old hA1").closed("B")
		_, copies = shut.together("A→C D")
		require.Equal(t, "hA1>hC1 C; hA1>hD1 D", shut.copies(copies))
	})
	t.Run("a queue for it is resubmitted", func(t *testing.T) {
		t.Parallel()
		n := net(t, chain, "version 2016", "connector Out: * on hC1", "group G: A by hC1", "edges C: E")
		shut := *n.org
		shut.Sites = slices.Clone(n.org.Sites)
		shut.Sites[n.site("C")].InboundDisabled = true
		for from, dests := range map[string][]string{"hA1": {"C", "x@x.com", "G"}, "E": {"C"}} {
			id := n.server(from)
			site := n.org.Servers[id].Site
			for _, to := range dests {
				key := n.book.Table(n.org, site).Hop(id, n.dest(to), 1).Key
				require.True(t, n.book.Table(n.org, site).Alive(id, key), to)
				require.False(t, n.book.Table(&shut, site).Alive(id, key), to)
			}
		}
	})
}
