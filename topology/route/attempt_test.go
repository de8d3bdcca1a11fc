package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// ask follows a message from the first hub of A while the targets with these names end connection attempts so.
func (n *network) ask(to string, ends map[string]Contact) Way {
	n.t.Helper()
	return Follow(n.book, n.org, Query{
		Server: n.server("hA1"), Dest: n.dest(to), Size: 1,
		Reach: func(_ topology.ServerID, to Target) Contact { return ends[n.targetName(to)] },
	})
}

// A hub that answers and refuses is no reason to back off; its neighbours are tried. One that is silent is.
func TestR3_17_ARefusalIsNoReasonToBackOff(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs C: hC1 hC2")
	silent, refuses := Contact{Result: NoAnswer, Cause: "link B-C is down"}, Contact{Result: Refused, Cause: "clocks differ"}
	for _, c := range []struct {
		name   string
		ends   map[string]Contact
		fate   Fate
		rests  string
		rule   string
		reason string
	}{
		{"both refuse", map[string]Contact{"hC1": refuses, "hC2": refuses}, WaitsInQueue, "hA1", "R-3.17",
			`refused by hC1, hC2 (clocks differ): somebody answered, so there is no back-off; the mail waits in the queue of "hA1", status Retry`},
		{"one refuses", map[string]Contact{"hC1": refuses, "hC2": silent}, WaitsInQueue, "hA1", "R-3.17",
			`refused by hC1 (clocks differ); no answer from hC2 (link B-C is down): somebody answered, so there is no back-off; the mail waits in the queue of "hA1", status Retry`},
		{"the other takes it", map[string]Contact{"hC1": refuses}, Delivered, "", "R-4.2", `refused by hC1 (clocks differ): the next in the list, hC2, takes it`},
		{"silence", map[string]Contact{"hC1": silent, "hC2": silent}, WaitsInQueue, "hB1", "R-3.15",
			`no answer from hC1, hC2 (link B-C is down): backs off along the path to hB1 in site "B"`},
		{"refused in the back-off", map[string]Contact{"hC1": silent, "hC2": silent, "hB1": refuses}, WaitsInQueue, "hA1", "R-3.15",
			`no answer from hC1, hC2 (link B-C is down); refused by hB1 (clocks differ): the mail waits in the queue of "hA1", status Retry`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := n.ask("C", c.ends)
			require.Equal(t, c.fate, w.Fate)
			require.Contains(t, w.Reasons, Reason{At: n.server("hA1"), Rule: c.rule, Text: c.reason})
			if c.fate == WaitsInQueue {
				require.Equal(t, c.rests, n.org.Servers[w.RestsAt].Name)
				require.Equal(t, "C", w.Queue)
			}
		})
	}
}

// A queue that rests names its own next hop, which is not that of the first server.
func TestR3_16_TheQueueThatRestsIsNamed(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, C-D 10", "H(B)")
	w := n.ask("D", map[string]Contact{"hD1": {Result: NoAnswer}})
	require.Equal(t, "hC1", n.org.Servers[w.RestsAt].Name)
	require.Equal(t, "B", w.NextHop)
	require.Equal(t, "D", w.Queue)
}

// What nobody takes stays with its sender, and the reasons say why.
func TestD4_PendingNamesTheCauses(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: hA1 hA2")
	down := Contact{Result: NoAnswer, Cause: "down"}
	q := Query{Server: topology.None, Site: n.site("A"), Dest: n.dest("B"), Reach: func(topology.ServerID, Target) Contact { return down }}
	w := Follow(n.book, n.org, q)
	require.Equal(t, WaitsSubmission, w.Fate)
	require.Equal(t, `no answer from hA1, hA2 (down): no hub of site "A" takes the message: it stays in the sender's mailbox store and is offered again every minute`, w.Reasons[0].Text)
	q.Server = n.server("hA1")
	w = Follow(n.book, n.org, q)
	require.Equal(t, `"hA1" does not work (down): nothing is routed`, w.Reasons[0].Text)
}

// Each way tells which of the recipients that were asked for it answers, members of groups included.
func TestR7_1_WaysTellWhoseTheyAre(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, A-C 10", "group all: B C")
	ways, copies := FollowTogether(n.book, n.org, Query{Server: n.server("hA1"), Size: 1}, []DestID{n.dest("C"), n.dest("all"), n.dest("B")})
	var asked []int
	for _, w := range ways {
		asked = append(asked, w.Asked)
	}
	require.Equal(t, []int{0, 1, 1, 2}, asked)
	require.Equal(t, "hA1>hC1 C C; hA1>hB1 B B", n.copies(copies))
	require.Equal(t, [][]int{{0, 1}, {1, 2}}, [][]int{copies[0].Asked, copies[1].Asked})
}
