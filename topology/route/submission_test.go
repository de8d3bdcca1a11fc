package route

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// submissions lists whom a sender offers its n-th connections to, as far as they answer: "M", "H2", or "-" for nobody.
func (n *network) submissions(from string, turns int) string {
	id := n.server(from)
	table := n.book.Table(n.org, n.org.Servers[id].Site)
	var out []string
	for turn := range turns {
		taken := "-"
		for _, g := range table.Submission(id, nil) {
			for i := range g.Members {
				to := Order(g.Members, table.Offset(id, len(g.Members)), turn, i)
				if taken == "-" && !n.down[n.targetName(to)] {
					taken = n.targetName(to)
				}
			}
		}
		out = append(out, taken)
	}
	return strings.Join(out, " ")
}

func TestGoldenSubmissionByVersion(t *testing.T) {
	t.Parallel()
	base := []string{"hubs S: M H2 H3", "hubs X: H9", "role M"}
	for i, c := range []struct {
		id     string
		more   []string
		faults []string
		want   string
	}{
		{"G-47", nil, nil, "M M M"},
		{"G-47", nil, []string{"down M"}, "H2 H3 H2"},
		{"G-47", nil, []string{"down M H2 H3"}, "- - -"},
		{"G-48", []string{"override M: H2"}, nil, "H2 H2 H2"},
		{"G-48", []string{"override M: H2"}, []string{"down H2"}, "- - -"},
		{"G-49", []string{"dag D: M"}, nil, "H2 H3 H2"},
		{"G-49", []string{"dag D: M"}, []string{"down H2"}, "H3 H3 H3"},
		{"G-49", []string{"dag D: M"}, []string{"down H2 H3"}, "M M M"},
	} {
		t.Run(fmt.Sprint(c.id, " ", i), func(t *testing.T) {
			t.Parallel()
			n := net(t, "S-X 10", append(append([]string(nil), base...), c.more...)...).fail(c.faults...)
			require.Equal(t, c.want, n.submissions("M", 3))
			if c.want == "- - -" {
				n.expect("M→X", "fate pending, at M, handled ")
			} else {
				n.expect("M→X", "handled "+strings.Fields(c.want)[0]+" H9")
			}
		})
	}
}

// offered writes the groups of a submission: "A: hA1; B: hB1".
func (n *network) offered(from string, to ...string) string {
	id := n.server(from)
	return n.names(n.book.Table(n.org, n.org.Servers[id].Site).Submission(id, n.dests(to...)))
}

func (n *network) dests(to ...string) []DestID {
	var dests []DestID
	for _, who := range to {
		dests = append(dests, n.dest(who))
	}
	return dests
}

func TestR4_14_OverrideListHasNoFallback(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 a2 a3", "override mA: a2 a3")
	require.Equal(t, "A: a2 a3", n.offered("mA", "B"))
	n.fail("down a2 a3").expect("mA→B", "fate pending, at mA")
}

func TestR4_15_DAGMemberUsesItsOwnHubLast(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "hubs A: a1 a2 a3", "role a2", "dag D: a2")
	require.Equal(t, "A: a1 a3; A: a2", n.offered("a2"))
	// A hub that holds the active copy itself hands the message to another hub, which delivers.
	n.expect("a2→a2", "handled a3, fate delivered, to a2") // a2 is the second hub of the site: D-11
	n.fail("down a1 a3").expect("a2→a2", "handled a2, fate queued")
	table := n.book.Table(n.org, 0)
	hop := table.Hop(n.server("a2"), n.dest("a2"), 1)
	require.Equal(t, Key{
		Type: SmtpRelayWithinAdSite, Domain: "a1,a3", Connector: topology.None, Site: 0, Server: topology.None, Group: 14,
	}, *n.book.Key(hop.Key))
	require.Equal(t, "A: a1 a3", n.names(table.Groups(n.server("a2"), hop.Key)))
	require.True(t, table.Alive(n.server("a2"), hop.Key))
	// Without another hub it delivers itself.
	net(t, "A", "hubs A: a2", "role a2", "dag D: a2").expect("a2→a2", "handled a2, fate delivered, type MapiDelivery")
	// Outside a DAG nothing of this holds.
	net(t, "A", "hubs A: a1 a2", "role a2").expect("a2→a2", "handled a2, type MapiDelivery")
}

func TestR3_32_SubmissionGoesToTheNearestDeliveryGroup(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, A-D 5", "H(B)", "hubs A: a1 a2", "hubs C: c1 c2", "version 2016")
	require.Equal(t, "C: c1 c2; A: a1 a2", n.offered("a1", "c1"), "past the hub site B; the local group is the fallback")
	require.Equal(t, "D: hD1; A: a1 a2", n.offered("a1", "c1", "D", "B"), "the nearest of several")
	require.Equal(t, "A: a1 a2", n.offered("a1", "c1", "a2"))
	require.Equal(t, "A: a1 a2", n.offered("a1", "u@x.com"), "no mailbox: the local group")
	require.Equal(t, "A: a1 a2", n.offered("a1"))
	require.Equal(t, "C: c1 c2; A: a1 a2", n.offered("a1", "u@x.com", "c2"))
	many := append(strings.Split(strings.Repeat("c1 ", 20)[:3*20-1], " "), "D")
	require.Equal(t, "C: c1 c2; A: a1 a2", n.offered("a1", many...), "only the first 20 count")
	require.Equal(t, "D: hD1; A: a1 a2", n.offered("a1", many[1:]...))

	q := Query{Server: n.server("a1"), Submit: true, Dest: n.dest("c1"), Reach: n.reach}
	way := Follow(n.book, n.org, q)
	require.Equal(t, []topology.ServerID{n.server("c1")}, way.Servers)
	require.Contains(t, reasons(&way), `R-3.32: submitted to hub "c1" of site "C"`)
	n.fail("down C")
	way = Follow(n.book, n.org, q)
	require.Equal(t, []topology.ServerID{n.server("a1"), n.server("hB1")}, way.Servers, "the fallback, then as any mail")
}

func TestR3_32_LocalDeliveryGroupIsTheDAG(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs A: a1 a2", "hubs B: b1", "dag D: a1 b1", "version 2013")
	require.Equal(t, "A: a1; B: b1", n.offered("a1", "u@x.com"))
	require.Equal(t, "A: a1 a2", n.offered("a2", "u@x.com"), "no member: the hubs of its class in the site")
	require.Equal(t, "C: hC1; A: a1; B: b1", n.offered("a1", "C"))
	require.Equal(t, "A: a1; B: b1; A: a2", n.offered("a2", "b1"))
}

func TestX4_SubmissionStaysInSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs A: a1 a2 a3", "hubs B: b1", "dag D: a1 b1", "dag E: a2", "version 2013", "stays")
	require.Equal(t, "C: hC1; A: a1; B: b1", n.offered("a1", "C"), "a DAG in several sites")
	require.Equal(t, "A: a2", n.offered("a2", "C"), "a DAG in one site")
	require.Equal(t, "A: a1 a2 a3", n.offered("a3", "C"), "no DAG")
}

func TestR3_31_FrontEnd(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs A: a1 a2", "hubs C: c1 c2", "version 2013")
	table := n.book.Table(n.org, n.site("A"))
	require.Equal(t, "A: a1 a2", n.names(table.FrontEnd(n.dests("u@x.com"))))
	require.Equal(t, "C: c1 c2; A: a1 a2", n.names(table.FrontEnd(n.dests("c1"))))
	require.Equal(t, "B: hB1; A: a1 a2", n.names(table.FrontEnd(n.dests("c1", "B"))))
	require.Equal(t, "C: c1 c2; A: a1 a2", n.names(table.FrontEnd(n.dests("c1"))), "asked again")
}

func TestSubmissionAllocatesNothingTwice(t *testing.T) { // not parallel: it counts allocations
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "A-B 10, B-C 10", "hubs A: a1 a2", "version "+version)
		table, dests, from := n.book.Table(n.org, n.site("A")), n.dests("B", "C", "u@x.com"), n.server("a1")
		table.Submission(from, dests)
		require.Zero(t, testing.AllocsPerRun(100, func() { table.Submission(from, dests) }))
	}
	n := net(t, "A-B 10")
	require.PanicsWithValue(t, `route: Table.Submission: server "mB" is not in site "A"`, func() {
		n.book.Table(n.org, n.site("A")).Submission(n.server("mB"), nil)
	})
}
