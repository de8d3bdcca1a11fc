package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// A table that is built anew from the same configuration decides alike, keeps every queue, and sends what was unreachable back where it was.
func TestD13_ARebuildWithoutAChangeRoutesTheSame(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2007", "2010", "2016"} {
		n := net(t, "chain A-B-C-D 10, A-C 20", "version "+version, "H(B)", "hubs A: a1 a2", "no hubs: D", "edges C: e1 e2",
			"connector out: *;10 on e1 e2", "connector near: x.com on a2 to s1 s2")
		var dests []DestID
		for _, to := range []string{"A", "B", "C", "D", "u@x.com", "u@y.com", "FAX:1"} {
			dests = append(dests, n.dest(to))
		}
		again := n.org.With() // the same, but not the same view
		outcomes := map[Outcome]bool{}
		for s := range n.org.Servers {
			id := topology.ServerID(s)
			if !n.org.Servers[s].Transport() {
				continue
			}
			old, rebuilt := n.book.Table(n.org, n.org.Servers[s].Site), n.book.Table(again, n.org.Servers[s].Site)
			require.NotSame(t, old, rebuilt)
			for _, d := range dests {
				hop := old.Hop(id, d, 1000)
				require.Equal(t, hop, rebuilt.Hop(id, d, 1000))
				outcomes[hop.Outcome] = true
				if hop.Outcome == Queued {
					require.True(t, rebuilt.Alive(id, hop.Key))
					require.Equal(t, old.Groups(id, hop.Key), rebuilt.Groups(id, hop.Key))
				}
			}
		}
		require.Equal(t, map[Outcome]bool{Queued: true, NoRoute: true, NoConnector: true}, outcomes)
	}
}
