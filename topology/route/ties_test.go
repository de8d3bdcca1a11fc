package route

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

func TestTies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ net, want string }{
		"G-02: one of two":    {"A-B 10, B-D 10, A-C 10, C-D 10", "AC CD"},
		"G-01: by hops":       {"A-B 5, B-D 10, B-C 5, C-D 5", "BC CD"},
		"dearer is no tie":    {"A-B 10, B-D 10, A-C 10, C-D 11", ""},
		"no path":             {"A-B 10, C-D 10", ""},
		"a tie inside a path": {"A-B 10, B-C 10, A-E 5, E-B 5, C-D 1", "AE EB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := net(t, c.net)
			require.Equal(t, c.want, hopNames(n.org, NewBook().Ties(n.org, n.site("A"), n.site("D"))))
		})
	}
}

func hopNames(o *topology.Organisation, hops [][2]topology.SiteID) string {
	var out string
	for i, h := range hops {
		if i > 0 {
			out += " "
		}
		out += o.Sites[h[0]].Name + o.Sites[h[1]].Name
	}
	return out
}

// Ties are what an enumeration of all ways without a circle finds.
func TestR3_1_TiesAreTheOtherWaysOfTheSameCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 7, topology.V2010)
		from := topology.SiteID(rapid.IntRange(0, len(o.Sites)-1).Draw(t, "from"))
		to := topology.SiteID(rapid.IntRange(0, len(o.Sites)-1).Draw(t, "to"))
		book := NewBook()
		p := book.Table(o, from).paths
		want := [][2]topology.SiteID{}
		var walk func(way []topology.SiteID, cost int64)
		g := topology.NewGraph(o)
		walk = func(way []topology.SiteID, cost int64) {
			at := way[len(way)-1]
			if at == to {
				for i := 1; i < len(way) && cost == p.best[to].cost; i++ {
					want = append(want, [2]topology.SiteID{way[i-1], way[i]})
				}
				return
			}
			for _, e := range g.Neighbours(at) {
				if !slices.Contains(way, e.To) {
					walk(append(slices.Clone(way), e.To), cost+e.Cost)
				}
			}
		}
		walk([]topology.SiteID{from}, 0)
		path := p.to(to)
		want = slices.DeleteFunc(want, func(h [2]topology.SiteID) bool {
			i := slices.Index(path, h[0])
			return i >= 0 && i+1 < len(path) && path[i+1] == h[1]
		})
		slices.SortFunc(want, func(a, b [2]topology.SiteID) int { return slices.Compare(a[:], b[:]) })
		require.Equal(t, slices.Compact(want), append([][2]topology.SiteID{}, book.Ties(o, from, to)...))
	})
}
