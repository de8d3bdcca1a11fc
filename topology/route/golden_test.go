package route

import "testing"

// golden is one line of the rule book's golden cases.
type golden struct {
	id     string
	net    []string // links, then clauses
	faults []string
	ask    string
	want   string
}

func (g golden) run(t *testing.T) {
	t.Run(g.id, func(t *testing.T) {
		t.Parallel()
		net(t, g.net[0], g.net[1:]...).fail(g.faults...).expect(g.ask, g.want)
	})
}

func TestGoldenPaths(t *testing.T) {
	t.Parallel()
	square := "Site 1-Site 2 10, Site 2-Site 4 10, Site 1-Site 3 10, Site 3-Site 4 10"
	g03a := "A-B 15, A-C 5, B-C 5, B-D 15, C-D 5"
	g03b := "A-B 15, A-C 5, B-C 5, B-D 15, C-D 5 x=100"
	g04 := "A-B 10, B-Z 10, Z-D 10, A-Y 10, Y-C 10, C-D 10"
	g06 := "A-B 10, B-Y 10, Y-E 10, A-C 10, C-X 10, X-E 10"
	for _, g := range []golden{
		{id: "G-01", net: []string{"A-B 5, B-D 10, B-C 5, C-D 5"}, ask: "A→D", want: "path A-B-D, cost 15, hops 2"},
		{id: "G-02", net: []string{square}, ask: "Site 1→Site 4", want: "path Site 1-Site 2-Site 4"},
		{id: "G-03a", net: []string{g03a}, ask: "A→D", want: "path A-C-D, cost 10"},
		{id: "G-03a", net: []string{g03a}, faults: []string{"down D"}, ask: "A→D", want: "rests C"},
		{id: "G-03b", net: []string{g03b}, ask: "A→D", want: "path A-C-B-D, cost 25"},
		{id: "G-03b", net: []string{g03b}, faults: []string{"down D"}, ask: "A→D", want: "rests B"},
		{id: "G-04", net: []string{g04}, ask: "A→D", want: "path A-Y-C-D"},
		{id: "G-04", net: []string{g04}, ask: "D→A", want: "path D-Z-B-A"},
		{id: "G-05", net: []string{"A-B 10, B-X 10, A-C 10, C-X 10, X-D 10"}, ask: "A→D", want: "path A-B-X-D"},
		{id: "G-06", net: []string{g06}, ask: "A→E", want: "path A-C-X-E"},
		{id: "G-06", net: []string{g06}, ask: "E→A", want: "path E-Y-B-A"},
		{id: "G-07", net: []string{"DEFAULTIPSITELINK {A,B,C,D} 100"}, ask: "A→D", want: "path A-D, cost 100, hops 1"},
		{id: "G-08", net: []string{"L1: A-B 100, L2: A-B 50"}, ask: "A→B", want: "cost 50"},
		{id: "G-09", net: []string{"A-Z 15, Z-D 15, A-B 10, B-C 10, C-D 10"}, ask: "A→D", want: "path A-Z-D"},
		{id: "G-10", net: []string{"A-Site10 10, Site10-D 10, A-Site2 10, Site2-D 10"}, ask: "A→D", want: "path A-Site10-D"},
		{id: "G-11", net: []string{"A-b 10, b-D 10, A-C 10, C-D 10"}, ask: "A→D", want: "path A-b-D"},
		{id: "G-12", net: []string{"core {A,B,C} 20, B-D 10, C-D 10"}, ask: "A→D", want: "path A-B-D, cost 30"},
		{id: "G-13", net: []string{"A-B 10, A-C 10, A-D 10"}, ask: "B→C", want: "path B-A-C, stops C, fate delivered"},
		{id: "G-14", net: []string{"A-B 10, E"}, ask: "A→E", want: "fate unreachable, at hA1, code "},
		{id: "G-15", net: []string{"A-B 10", "no hubs: B"}, ask: "A→B", want: "fate unreachable, at hA1, code "},
	} {
		g.run(t)
	}
}

func TestGoldenHubSites(t *testing.T) {
	t.Parallel()
	square := "Site 1-Site 2 10, Site 2-Site 4 10, Site 1-Site 3 10, Site 3-Site 4 10"
	chain := "chain A-B-C-D-E 10"
	for _, g := range []golden{
		{id: "G-16", net: []string{"A-B 5, B-D 5, A-C 10, C-D 10", "H(B)"}, ask: "A→D", want: "stops B D"},
		{id: "G-17", net: []string{"A-B 15, B-D 15, A-C 10, C-D 10", "H(B)"}, ask: "A→D", want: "path A-C-D, cost 20, stops D"},
		{id: "G-18", net: []string{chain, "H(C)"}, ask: "A→E", want: "stops C E"},
		{id: "G-19", net: []string{chain, "H(B, D)"}, ask: "A→E", want: "stops B D E"},
		{
			id: "G-20", net: []string{square, "H(Site 2)"}, faults: []string{"cut Site 1|Site 2"}, ask: "Site 1→Site 4",
			want: "fate queued, rests Site 1, tried Site 2, stops ",
		},
		{
			id: "G-21", net: []string{square}, faults: []string{"cut Site 1|Site 2"}, ask: "Site 1→Site 4",
			want: "fate delivered, tried Site 4, stops Site 4",
		},
		{id: "G-22", net: []string{chain, "H(A, E)"}, ask: "A→E", want: "stops E"},
	} {
		g.run(t)
	}
}

func TestGoldenBackOff(t *testing.T) {
	t.Parallel()
	chain := "chain A-B-C-D-E 10"
	for _, g := range []golden{
		{id: "G-23", net: []string{chain}, faults: []string{"down E"}, ask: "A→E", want: "tried E D, rests D, fate queued"},
		{id: "G-24", net: []string{chain}, faults: []string{"down D E"}, ask: "A→E", want: "tried E D C, rests C, fate queued"},
		{id: "G-24", net: []string{chain}, faults: []string{"down B C D E"}, ask: "A→E", want: "tried E D C B, rests A, fate queued"},
		{id: "G-25", net: []string{chain}, faults: []string{"cut A|E"}, ask: "A→E", want: "tried E D, stops D E, fate delivered"},
		{id: "G-26", net: []string{chain, "no hubs: C"}, faults: []string{"down D E"}, ask: "A→E", want: "tried E D B, rests B"},
		{id: "G-27", net: []string{chain, "H(C)"}, faults: []string{"down C"}, ask: "A→E", want: "tried C B, rests B, fate queued"},
		{id: "G-27", net: []string{chain, "H(C)"}, ask: "hB1→E", want: "stops C E, fate delivered"},
		{id: "G-28", net: []string{chain, "H(C)"}, faults: []string{"down E"}, ask: "A→E", want: "stops C D, rests D"},
		{id: "G-28", net: []string{chain, "H(C)"}, faults: []string{"down D E"}, ask: "A→E", want: "stops C, rests C"},
		{
			id: "G-29", net: []string{"chain Site1-Site2-Site3-Site4 10"}, faults: []string{"down Site4"}, ask: "Site1→Site4",
			want: "tried Site4 Site3, stops Site3",
		},
		{
			id: "G-30", net: []string{chain, "hubs E: hE1 hE2"}, faults: []string{"down hE1"}, ask: "A→E",
			want: "servers hE1 hE2, tried E, stops E, fate delivered",
		},
	} {
		g.run(t)
	}
}
