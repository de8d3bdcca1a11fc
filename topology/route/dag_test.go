package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

func TestR3_26_RoutableDAG(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, C-D 10", "hubs B: b1 b2", "hubs C: c1", "dag D1: b1 c1", "active b1: c1", "version 2013")
	n.expect("A→b1", "next D1, type SmtpRelayToDag, tried B, handled hA1 b1, fate delivered, to c1")
	n.expect("A→b2", "next Site:B;Version:15, type SmtpRelayToMailboxDeliveryGroup")
	n.expect("c1→b1", "next b1, type SmtpDeliveryToMailbox, handled c1, to c1, path C")
	n.expect("b1→b1", "next b1, type SmtpDeliveryToMailbox, handled b1, to c1, path B")
	n.expect("b2→b1", "next D1, type SmtpRelayToDag, handled b2 b1, to c1")
	_, copies := n.together("hA1→b1 b2")
	require.Equal(t, "hA1>b1 B; hA1>b1 B", n.copies(copies), "two delivery groups, two copies")
	_, copies = n.together("hA1→b1 c1")
	require.Equal(t, "hA1>b1 B C", n.copies(copies), "one DAG, one copy")
}

// The steps of for a group with members in several sites.
func TestR3_27_RoutingToADeliveryGroup(t *testing.T) {
	t.Parallel()
	links := "A-B 10, B-C 10, B-D 5, C-E 10"
	clauses := []string{"hubs C: c1 c2", "hubs E: e1 e2", "dag G: c1 e1", "version 2013"}
	with := func(more ...string) *network { return net(t, links, append(more, clauses...)...) }
	n := with()
	for _, c := range []struct{ rule, from, want string }{
		{"steps 2, 5 and 6: primary site C, member sites, other hubs of C, back-off", "hA1", "C: c1; E: e1; C: c2; B*: hB1"},
		{"from the other side E is the primary site", "e2", "E: e1; C: c1"},
		{"6(b): a member in the local site", "c2", "C: c1; E: e1"},
	} {
		require.Equal(t, c.want, n.names(n.groups(c.from, "c1")), c.rule)
	}
	n.expect("c1→e1", "next e1, type SmtpDeliveryToMailbox") // step 1
	n = with("H(B)")                                         // step 3
	require.Equal(t, "B: hB1", n.names(n.groups("hA1", "e1")))
	n.expect("hA1→e1", "next B, type SmtpRelayToRemoteActiveDirectorySite, handled hA1 hB1 c1")
	n = with("H(C)") // step 4: all hubs of C, then back-off, and not the members in E
	require.Equal(t, "C: c1 c2; B*: hB1", n.names(n.groups("hA1", "e1")))
	n.expect("hA1→e1", "next C, type SmtpRelayToRemoteActiveDirectorySite")
	with().fail("down c1").expect("hA1→c1", "handled hA1 e1")
	with().fail("down c1").why("hA1→c1", `R-3.27 step 6: no answer from c1: the next in the order of the delivery group, e1 in site "E", takes it`)
	with().fail("down c1 e1").expect("hA1→c1", "handled hA1 c2, at c2, fate queued")
	with().fail("down C E").expect("hA1→c1", "handled hA1 hB1, at hB1, fate queued")
}

func TestD9_MemberSitesOfADAGThatTie(t *testing.T) {
	t.Parallel()
	n := net(t, "A-Z 10, A-b 10, A-C 10", "dag G: hZ1 hC1 hb1", "version 2013")
	require.Equal(t, "b: hb1; C: hC1; Z: hZ1", n.names(n.groups("hA1", "Z")))
	n = net(t, "A-b 10, A-X 5, X-C 5", "dag G: hC1 hb1", "version 2013") // hops before names
	require.Equal(t, "b: hb1; C: hC1", n.names(n.groups("hA1", "C")))
}

func TestR3_28_MailEntersADAGThroughItsPrimarySite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "dag G: hB1 hC1", "active hB1: hC1", "version 2016")
	n.expect("A→hB1", "path A-B, handled hA1 hB1, stops B, to hC1")
	n.why("A→hB1", `R-3.28: the mailbox is in DAG "G": mail enters it through its nearest site, "B"`,
		`R-3.28: the active copy of database "hB1" is on "hC1", in site "C"`)
	// The queue of a member for the database goes when the active copy moves.
	table := n.book.Table(n.org, n.site("B"))
	hop := table.Hop(n.server("hB1"), n.dest("hB1"), 1)
	require.True(t, table.Alive(n.server("hB1"), hop.Key))
	left := n.org.With() // hB1 leaves the DAG
	left.DAGs = []topology.DAG{{Name: "G", Members: []topology.ServerID{n.server("hC1")}}}
	require.False(t, n.book.Table(left, n.site("B")).Alive(n.server("hB1"), hop.Key))
	moved := n.org.With()
	moved.DAGs = []topology.DAG{{Name: "G", Members: n.org.DAGs[0].Members, Databases: []topology.DAGDatabase{{Name: "hB1", Active: n.server("hB1")}}}}
	require.False(t, n.book.Table(moved, n.site("B")).Alive(n.server("hB1"), hop.Key))
	// The queue towards the group stands as long as a member can be reached.
	a := n.book.Table(n.org, n.site("A"))
	out := a.Hop(n.server("hA1"), n.dest("hB1"), 1)
	require.True(t, a.Alive(n.server("hA1"), out.Key))
	gone := n.org.With()
	gone.Links = nil
	require.False(t, n.book.Table(gone, n.site("A")).Alive(n.server("hA1"), out.Key))
}

func TestR3_29_In2010ADAGDoesNotMatterForRouting(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs B: b1", "role b1", "hubs C: c1 c2", "role c1", "dag G: b1 c1", "active b1: c1")
	n.expect("A→b1", "path A-B-C, next C, type SmtpRelayToRemoteAdSite")
	n.expect("hA1→c1", "path A-B-C, next C")
	n.fail("down C").expect("A→b1", "rests B, at b1") // back-off, and not because b1 is a member
}

func TestR3_30_MixedVersions(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 o1", "hubs B: b1 o2", "old o1 o2", "role o1", "role o2", "version 2013")
	n.expect("a1→o1", "handled a1 o1, next Site:A;Version:14, type SmtpRelayToMailboxDeliveryGroup")
	n.expect("o1→a1", "handled o1 a1, next a1, type SmtpRelayWithinAdSite")
	n.expect("a1→o2", "next Site:B;Version:14, servers o2, handled a1 o2")
	n.expect("a1→b1", "next Site:B;Version:15, servers b1")
	n.fail("down o2").expect("a1→o2", "servers o2 b1, at b1, handled a1 b1") // step 6(c)
	n = net(t, "A-B 10", "hubs A: a1", "hubs B: b1 o2", "old a1 o2", "role o2", "version 2013")
	n.expect("a1→b1", "next B, type SmtpRelayToRemoteAdSite, servers b1, handled a1 b1")
	n.expect("a1→o2", "next B, servers b1, handled a1 b1 o2")
	n = net(t, "A-B 10", "old hA1", "hubs B: b1", "no hubs: A", "old mA", "version 2013")
	n.expect("b1→A", "fate unreachable")
}

func TestR3_30_NoHubOfTheClass(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs B: b1 o2", "old o2", "role o2", "version 2013")
	n.org.Servers[n.server("o2")].Roles = topology.RoleMailbox
	n.expect("A→o2", "fate unreachable, at hA1")
	n.why("A→o2", `R-3.30: no hub of site "B" delivers to mailboxes of version 2010: no route`)
}
