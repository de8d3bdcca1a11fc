package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// D-10: "random" servers of a submission are taken in rotation: each has its turn, and the same run takes the same.
func TestD10_SubmissionRotatesOverTheDeliveryGroup(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 a2", "hubs B: b1 b2 b3", "version 2016")
	table, a2 := n.book.Table(n.org, 0), n.server("a2")
	g := table.Submission(a2, n.dests("b1"))[0]
	var taken []string
	for turn := range 4 {
		taken = append(taken, n.targetName(Order(g.Members, table.Offset(a2, len(g.Members)), turn, 0)))
	}
	require.Equal(t, []string{"b2", "b3", "b1", "b2"}, taken)
}

// Tables of the same configuration, built anew in another book, say the same of every server and recipient.
func TestD13_RebuiltTablesAreTheSame(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, A-C 10, B-D 10, C-D 10", "H(B)", "edges C: E", "connector Out: * on E", "connector In: x.com on hD1")
	again := &network{t: t, org: n.org.With(), book: NewBook()}
	for _, to := range []string{"u@x.com", "u@y.com", "D", "C", "B", "A"} {
		for i := range n.org.Servers {
			s := &n.org.Servers[i]
			if !s.Transport() {
				continue
			}
			id := topology.ServerID(i)
			first, second := n.book.Table(n.org, s.Site), again.book.Table(again.org, s.Site)
			a, b := first.Hop(id, n.dest(to), 1), second.Hop(id, again.dest(to), 1)
			require.Equal(t, a.Outcome, b.Outcome)
			require.Equal(t, n.book.keys[a.Key], again.book.keys[b.Key])
			require.Equal(t, first.Groups(id, a.Key), second.Groups(id, b.Key))
		}
	}
}

func TestX11_TheAlgorithmAgainstTheFigure(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 15, A-C 5, B-C 5, B-D 15, C-D 5 x=100")
	n.expect("A→D", "path A-C-B-D, cost 25")  // the figure has A-B-D, 30
	n.fail("down D").expect("A→D", "rests B") // its point holds on both
}

// Routed again from where it waits, mail takes the same path: at retry, and after changes of configuration that are not its own.
func TestX12_ReroutedMeansRoutedAgain(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-D 10, A-C 20, C-D 20")
	n.fail("down D").expect("A→D", "rests B")
	table, hub := n.book.Table(n.org, n.site("B")), n.server("hB1")
	hop := table.Hop(hub, n.dest("D"), 1)
	require.Equal(t, hop, table.Hop(hub, n.dest("D"), 1))
	other := n.by(topology.Change{Kind: topology.LinkCost, Object: 3, Value: 21})
	again := other.book.Table(other.org, n.site("B"))
	require.True(t, again.Alive(hub, hop.Key))
	require.Equal(t, hop, again.Hop(hub, n.dest("D"), 1))
}

func TestX13_OneClassFrom2013On(t *testing.T) {
	t.Parallel()
	require.Equal(t, topology.V2013.Class(), topology.VSE.Class())
	n := net(t, "A", "hubs A: a1 a2", "version 2013")
	n.org.Servers[n.server("a2")].Version = topology.V2016
	n.expect("a1→a2", "type SmtpDeliveryToMailbox, handled a1, to a2")
}
