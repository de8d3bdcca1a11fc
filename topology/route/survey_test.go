package route

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

func TestR3_13_SurveyCountsWhatMustStop(t *testing.T) {
	t.Parallel()
	s := NewSurvey(net(t, "chain A-B-C-D 10", "H(B)", "H(D)").org)
	require.Equal(t, []int{0, 4, 0, 0}, s.Crossing, "A and C, A and D, each both ways; D is the end of every path")
	require.Empty(t, s.Ambiguous)
	require.Equal(t, []int{0, 2, 0, 0}, NewSurvey(net(t, "chain A-B-C-D 10", "H(B)", "no hubs: C").org).Crossing)
	require.Equal(t, []int{0, 0, 0, 0}, NewSurvey(net(t, "chain A-B-C-D 10", "H(B)", "no hubs: B").org).Crossing, "D-3")
}

func TestR3_1_SurveyFindsWhereNamesDecide(t *testing.T) {
	t.Parallel()
	const square = "A-B 10, B-D 10, A-C 10, C-D 10, B-C 10"
	const a, d = 0, 2
	for _, c := range []struct {
		name, links string
		clauses     []string
		want        []Ambiguity
	}{
		{"equal in all", square, nil, nil},
		{"a hub site on one", square, []string{"H(C)"}, []Ambiguity{{a, d, true, false}, {d, a, true, false}}},
		{"another on each", square, []string{"H(B)", "H(C)"}, []Ambiguity{{a, d, true, false}, {d, a, true, false}}},
		{"a hub site at an end", square, []string{"H(A)", "H(D)"}, nil},
		{"a limit on one", "A-B 10 max 1MB, B-D 10, A-C 10, C-D 10, B-C 10", nil, []Ambiguity{{a, d, false, true}, {d, a, false, true}}},
		{"the same limit on both", "A-B 10 max 1MB, B-D 10, A-C 10, C-D 10 max 1MB, B-C 10", nil, nil},
		{"a limit in 2007rtm", "A-B 10 max 1MB, B-D 10, A-C 10, C-D 10, B-C 10", []string{"version 2007rtm"}, nil},
		{"cost decides", "A-B 11, B-D 10, A-C 10, C-D 10", []string{"H(C)"}, nil},
		{"hops decide", "A-B 10, B-D 10, A-C 10, C-E 5, E-D 5", []string{"H(C)"}, nil},
		{"mail for a site without hubs", square, []string{"H(C)", "no hubs: D"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, NewSurvey(net(t, c.links, c.clauses...).org).Ambiguous)
		})
	}
}

// The survey says the same as a comparison of all simple paths.
func TestR3_1_SurveyEqualsEnumeration(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "sites")
		b := topology.NewBuilder(topology.V2010)
		for i := range n {
			b.Site(topology.Site{Name: fmt.Sprintf("S%d", i), HubSite: rapid.Bool().Draw(t, "hub site")})
			b.Server(topology.Server{Name: fmt.Sprintf("h%d", i), Site: topology.SiteID(i), Roles: topology.RoleHub, Version: topology.V2010})
		}
		for i := range n {
			for j := range i {
				if rapid.IntRange(0, 2).Draw(t, "joined") > 0 {
					b.Link(topology.Link{Name: fmt.Sprintf("%d-%d", j, i), Sites: []topology.SiteID{topology.SiteID(i), topology.SiteID(j)},
						Cost: rapid.Int64Range(1, 2).Draw(t, "cost"), MaxMessageSize: rapid.Int64Range(0, 2).Draw(t, "limit")})
				}
			}
		}
		org, err := b.Build()
		require.NoError(t, err)
		var want []Ambiguity
		for from := range n {
			for to := range n {
				if from != to {
					if a := enumerated(org, topology.SiteID(from), topology.SiteID(to)); a.HubSites || a.Limits {
						want = append(want, a)
					}
				}
			}
		}
		require.Equal(t, want, NewSurvey(org).Ambiguous)
	})
}

// enumerated compares the simple paths between two sites that are best by cost and hops.
func enumerated(org *topology.Organisation, from, to topology.SiteID) Ambiguity {
	g := topology.NewGraph(org)
	type end struct {
		cost, limit int64
		stops       []topology.SiteID
	}
	var best []end
	var bestCost int64
	var bestHops int
	var walk func(path []topology.SiteID, e end)
	walk = func(path []topology.SiteID, e end) {
		at := path[len(path)-1]
		if at == to {
			if better := e.cost < bestCost || e.cost == bestCost && len(path) < bestHops; best == nil || better {
				best, bestCost, bestHops = []end{e}, e.cost, len(path)
			} else if e.cost == bestCost && len(path) == bestHops {
				best = append(best, e)
			}
			return
		}
		if at != from && org.Sites[at].HubSite {
			e.stops = append(slices.Clone(e.stops), at)
		}
		for _, hop := range g.Neighbours(at) {
			if !slices.Contains(path, hop.To) {
				walk(append(slices.Clone(path), hop.To), end{e.cost + hop.Cost, min(e.limit, org.Links[hop.Link].MaxMessageSize), e.stops})
			}
		}
	}
	walk([]topology.SiteID{from}, end{limit: topology.Unlimited})
	a := Ambiguity{From: from, To: to}
	for _, e := range best {
		a.HubSites = a.HubSites || !slices.Equal(e.stops, best[0].stops)
		a.Limits = a.Limits || e.limit != best[0].limit
	}
	return a
}
