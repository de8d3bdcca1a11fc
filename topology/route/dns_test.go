package route

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestR4_17_MXPreference: by preference, equal ones in rotation, the higher ones when nobody of the lower answers.
func TestR4_17_MXPreference(t *testing.T) {
	t.Parallel()
	n := net(t, "S", "hubs S: h1 h2", "connector Out: * on h1 h2",
		"mx spare: x.com;20", "mx a: x.com;10", "mx b: y.com;5 X.com;10", "mx last: x.com;30", "mx other: y.com;1")
	groups := func(from, to string) string {
		id := n.server(from)
		table := n.book.Table(n.org, 0)
		var out []string
		for _, g := range table.Groups(id, table.Hop(id, n.dest(to), 1).Key) {
			var names []string
			for _, m := range g.Members {
				names = append(names, n.targetName(m))
			}
			require.False(t, g.Backoff, "a host that refuses is no reason to stay away from the next")
			out = append(out, strings.Join(names, " "))
		}
		return strings.Join(out, ", ")
	}
	require.Equal(t, "a b, spare, last", groups("h1", "u@x.com"))
	require.Equal(t, "other, b", groups("h1", "u@Y.com"))
	require.Equal(t, "internet", groups("h1", "u@z.com"), "no record of its own")
	require.Equal(t, "internet", groups("h1", "u@sub.x.com"), "a record is for the very domain")
	require.Equal(t, "[a b b a a b]", fmt.Sprint(n.lists("h1", "u@x.com", 3)))
	require.Equal(t, "[b a a b]", fmt.Sprint(n.lists("h2", "u@x.com", 2)), "D-11")

	n.expect("h1→u@x.com", "to a, fate delivered")
	n.fail("down a").expect("h1→u@x.com", "to b, servers a b")
	n.fail("down b").expect("h1→u@x.com", "to spare, servers a b spare")
	n.fail("down spare").expect("h1→u@x.com", "to last, servers a b spare last")
	n.fail("down last").expect("h1→u@x.com", "fate queued, at h1, servers a b spare last")
	n.expect("h1→u@z.com", "to internet, fate delivered")
}
