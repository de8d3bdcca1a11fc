package route

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

func TestGoldenSizeLimits(t *testing.T) {
	t.Parallel()
	g40 := "A-B 10, B-D 10 max 10MB, A-C 20, C-D 20"
	for _, g := range []golden{
		{id: "G-40", net: []string{g40}, ask: "A→D 12MB", want: "fate ndr, code 5.3.4, at hA1, path A-B-D"},
		{id: "G-40", net: []string{g40}, ask: "A→D 10MB", want: "fate delivered, stops D"},
		{id: "G-40", net: []string{g40}, ask: "A→D 10485761B", want: "fate ndr, code 5.3.4"},
		{id: "G-41", net: []string{g40, "version 2007rtm"}, ask: "A→D 12MB", want: "fate delivered, stops D"},
	} {
		g.run(t)
	}
}

// connections returns the first candidates of the first n connections of a sender, and the whole list of the last.
func (n *network) lists(from, ask string, turns int) []string {
	n.t.Helper()
	id := n.server(from)
	table := n.book.Table(n.org, n.org.Servers[id].Site)
	hop := table.Hop(id, n.dest(ask), 1000)
	require.Equal(n.t, Queued, hop.Outcome)
	g := table.Groups(id, hop.Key)[0]
	var lists []string
	for turn := range turns {
		var names []string
		for i := range g.Members {
			names = append(names, n.targetName(Order(g.Members, table.Offset(id, len(g.Members)), turn, i)))
		}
		lists = append(lists, strings.Join(names, " "))
	}
	return lists
}

func TestGoldenRotation(t *testing.T) {
	t.Parallel()
	t.Run("G-42", func(t *testing.T) {
		t.Parallel()
		n := net(t, "A-B 10", "hubs B: 1 2 3")
		require.Equal(t, []string{"1 2 3", "2 3 1", "3 1 2", "1 2 3"}, n.lists("hA1", "B", 4))
	})
	t.Run("G-43", func(t *testing.T) {
		t.Parallel()
		n := net(t, "A-B 10", "hubs A: A B", "hubs B: 1 2 3")
		require.Equal(t, []string{"2 3 1"}, n.lists("B", "mB", 1))
	})
	golden{id: "G-46", net: []string{"A-B 10", "hubs B: 1 2 3"}, faults: []string{"down 1 2"}, ask: "A→B", want: "servers 1 2 3, handled hA1 3"}.run(t)
}

func TestGoldenConnectors(t *testing.T) {
	t.Parallel()
	const links, hubs = "A-B 5, B-C 5", "hubs A: hA1 hA2"
	star, suffix, exact := "connector Star: * on hA1", "connector Suffix: *.contoso.com on hA1", "connector Exact: marketing.contoso.com on hA1"
	small, big := "connector Exact: contoso.com on hA2 max 5MB", "connector Star: * on hA2 max 50MB"
	scoped := []string{links, hubs, "connector scopedB: contoso.com on hB1 scoped", star}
	fabrikam := "connector Other: fabrikam.com on hA2"
	g60 := []string{"S1-S3 10, S2-S3 10", "hubs S1: A B F", "hubs S2: D", "hubs S3: E"}
	with := func(base []string, more ...string) []string { return append(append([]string(nil), base...), more...) }
	for _, g := range []golden{
		{id: "G-50", net: []string{links, hubs, star, suffix, exact}, ask: "hA2→julia@marketing.contoso.com", want: "connector Exact"},
		{id: "G-50", net: []string{links, hubs, star, suffix}, ask: "hA2→julia@marketing.contoso.com", want: "connector Suffix"},
		{id: "G-50", net: []string{links, hubs, star}, ask: "hA2→julia@marketing.contoso.com", want: "connector Star"},
		{id: "G-50", net: []string{links, hubs, star, suffix, exact}, ask: "hA2→x@contoso.com", want: "connector Suffix"},
		{
			id: "G-51", net: []string{links, hubs, "connector Local: *;10 on hA1", "connector Remote: *;1 on hB1"}, ask: "hA2→x@x.com",
			want: "connector Remote, total 6, cost 5, next B",
		},
		{
			id: "G-53", net: []string{links, hubs, "connector Aremote: *;5 on hB1", "connector Bsite: *;10 on hA1", "connector Zlocal: *;10 on hA2"},
			ask: "hA2→x@x.com", want: "connector Zlocal, total 10",
		},
		{
			id: "G-55", net: []string{links, hubs, "connector star: *;1 on hA2", "connector exact: contoso.com;100 on hC1"}, ask: "hA2→x@contoso.com",
			want: "connector exact, total 110",
		},
		{id: "G-56", net: []string{links, hubs, small, big}, ask: "hA2→x@contoso.com 8MB", want: "connector Star"},
		{id: "G-56", net: []string{links, hubs, small, big}, ask: "hA2→x@contoso.com 5MB", want: "connector Exact"},
		{id: "G-57", net: scoped, ask: "hA2→x@contoso.com", want: "connector Star"},
		{id: "G-57", net: scoped, ask: "hB1→x@contoso.com", want: "connector scopedB"},
		{id: "G-58", net: []string{links, hubs, fabrikam}, ask: "hA2→x@contoso.com 8MB", want: "fate unreachable, at hA2"},
		{id: "G-58", net: []string{links, hubs, small}, ask: "hA2→x@contoso.com 8MB", want: "fate ndr, code 5.3.4, at hA2"},
		{id: "G-58", net: []string{links, hubs, small, fabrikam}, ask: "hA2→x@contoso.com 8MB", want: "fate ndr, code 5.3.4, at hA2"},
		{id: "G-58", net: []string{links, hubs, star}, ask: "hA2→FAX:12345", want: "fate ndr, code 5.4.4, at hA2"},
		{
			id: "G-59", net: []string{links, hubs, "connector exact: contoso.com on hB1", star}, faults: []string{"down hB1"}, ask: "hA2→x@contoso.com",
			want: "connector exact, fate queued, at hA2",
		},
		{id: "G-60", net: with(g60, "connector C1: * on A D B"), ask: "E→x@x.com", want: "next S1, servers A, tried S1"},
		{id: "G-60", net: with(g60, "connector C1: * on A D B"), faults: []string{"down A B"}, ask: "E→x@x.com", want: "handled E F, at F, fate queued"},
		{id: "G-60", net: with(g60, "connector C1: * on A D B"), faults: []string{"down S1"}, ask: "E→x@x.com", want: "servers A B F, at E, fate queued"},
		{id: "G-61", net: with(g60, "connector C1: * on D A B"), ask: "E→x@x.com", want: "next S2"},
		{
			id: "G-61", net: append([]string{"S1-S3 10, S2-S3 5"}, with(g60, "connector C1: * on A D B")[1:]...), ask: "E→x@x.com",
			want: "next S2",
		},
	} {
		g.run(t)
	}
	t.Run("G-54", func(t *testing.T) {
		t.Parallel()
		n := net(t, links, hubs, "connector Beta: *;1 on hA1", "connector Alpha: *;1 on hA1")
		from := n.server("hA1")
		table := n.book.Table(n.org, n.site("A"))
		for i := range 100 {
			hop := table.Hop(from, n.dest("x@x.com"), int64(1000+i))
			require.Equal(t, "Alpha", n.org.Connectors[n.book.Key(hop.Key).Connector].Name)
		}
	})
	t.Run("G-60", func(t *testing.T) {
		t.Parallel()
		all := with(g60, "connector C1: * on A D B")
		n := net(t, all[0], all[1:]...)
		// F is the third hub of S1: D-11 starts it at the first source again.
		require.Equal(t, []string{"A B", "B A", "A B"}, n.lists("F", "x@x.com", 3))
	})
	t.Run("G-62", func(t *testing.T) {
		t.Parallel()
		for _, own := range []string{"", " hC"} {
			n := net(t, "S", "hubs S: hA hB hC", "connector C1: * on hA hB"+own)
			used := map[string]int{}
			for _, list := range n.lists("hC", "x@x.com", 30) {
				first, _, _ := strings.Cut(list, " ")
				used[first]++
			}
			if own == "" {
				require.Equal(t, map[string]int{"hA": 15, "hB": 15}, used)
			} else {
				require.Equal(t, map[string]int{"internet": 30}, used, "hC delivers all 30 itself")
			}
		}
	})
	t.Run("G-63", func(t *testing.T) {
		t.Parallel()
		n := net(t, "A", "connector C: * on hA1 to s1 s2 s3").fail("down s2")
		var served []string
		for _, list := range n.lists("hA1", "x@x.com", 3) { // without failure memory (R-4.7, 2007 and 2010 RTM)
			for _, host := range strings.Fields(list) {
				if !n.down[host] {
					served = append(served, host)
					break
				}
			}
		}
		require.Equal(t, []string{"s1", "s3", "s3"}, served)
	})
}

func TestGoldenEdges(t *testing.T) {
	t.Parallel()
	g67 := []string{
		"Site1-Site3 10, Site2-Site3 20, Site1-Site2 15", "edges Site1: Edge1", "edges Site2: Edge2",
		"connector EdgeSync - Site1 to Internet: *;100 on Edge1", "connector EdgeSync - Site2 to Internet: *;100 on Edge2",
	}
	g71 := append([]string{"Site1-Site3 10, Site2-Site3 10, Site1-Site2 15"}, g67[1:]...)
	const out1, out2 = "EdgeSync - Site1 to Internet", "EdgeSync - Site2 to Internet"
	disabled := append([]string(nil), g67...)
	disabled[3] += " disabled"
	for _, g := range []golden{
		{
			id: "G-66", net: []string{"X-S 10", "edges S: E1 E2", "connector Out: * on E1 E2"}, ask: "hX1→x@x.com",
			want: "next S, handled hX1 hS1 E1, stops S, fate delivered",
		},
		{id: "G-67", net: g67, ask: "Site3→x@x.com", want: "connector " + out1 + ", total 110"},
		{id: "G-68", net: g67, faults: []string{"down Edge1"}, ask: "Site1→x@x.com", want: "at hSite11, fate queued, type SmtpRelayWithinAdSiteToEdge"},
		{id: "G-68", net: g67, faults: []string{"down Edge1"}, ask: "Site3→x@x.com", want: "at hSite11, fate queued"},
		{id: "G-68", net: g67, faults: []string{"down Edge1"}, ask: "Site2→x@x.com", want: "handled hSite21 Edge2, fate delivered"},
		{id: "G-69", net: disabled, faults: []string{"down Edge1"}, ask: "Site1→x@x.com", want: "handled hSite11 hSite21 Edge2, connector " + out2},
		{id: "G-69", net: disabled, faults: []string{"down Edge1"}, ask: "Site3→x@x.com", want: "handled hSite31 hSite21 Edge2"},
		{id: "G-70", net: disabled, ask: "Site3→x@x.com", want: "handled hSite31 hSite21 Edge2"},
		{id: "G-70", net: g67, ask: "Site3→x@x.com", want: "handled hSite31 hSite11 Edge1"},
		{id: "G-70", net: g67, ask: "Site1→x@x.com", want: "handled hSite11 Edge1"},
		{id: "G-71", net: g71, ask: "Site3→x@x.com", want: "connector " + out1 + ", total 110"},
	} {
		g.run(t)
	}
	t.Run("G-65", func(t *testing.T) {
		t.Parallel()
		n := net(t, "S", "edges S: E1 E2", "connector Out: * on E1 E2")
		require.Equal(t, []string{"E1 E2", "E2 E1", "E1 E2", "E2 E1"}, n.lists("hS1", "x@x.com", 4))
		n.fail("down E1").expect("hS1→x@x.com", "servers E1 E2, handled hS1 E2, fate delivered")
	})
	t.Run("G-66", func(t *testing.T) {
		t.Parallel()
		n := net(t, "X-S 10", "edges S: E1 E2", "connector Out: * on E1 E2")
		x := n.server("hX1")
		table := n.book.Table(n.org, n.site("X"))
		for _, g := range table.Groups(x, table.Hop(x, n.dest("x@x.com"), 1).Key) {
			for _, m := range g.Members {
				require.True(t, n.org.Servers[m.ID].Is(topology.RoleHub), "hub hX1 would connect to %s", n.targetName(m))
			}
		}
	})
	t.Run("G-69", func(t *testing.T) {
		t.Parallel()
		n := net(t, g67[0], g67[1:]...)
		hub := n.server("hSite11")
		key := n.book.Table(n.org, n.site("Site1")).Hop(hub, n.dest("x@x.com"), 1).Key
		require.True(t, n.book.Table(n.org, n.site("Site1")).Alive(hub, key))
		id, _ := n.org.ConnectorByName(out1)
		after := n.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: int32(id), Value: 0})
		require.False(t, n.book.Table(after, n.site("Site1")).Alive(hub, key), "the queue is resubmitted")
	})
}

func TestGoldenNewVersions(t *testing.T) {
	t.Parallel()
	t.Run("G-64", func(t *testing.T) {
		t.Parallel()
		for version, want := range map[string]string{"2010": "next B, servers hB1, tried B", "2013": "next C1, type SmtpRelayToConnectorSourceServers, servers hB1"} {
			n := net(t, "A-B 10", "hubs B: hB1 hB2", "connector C1: * on hB1", "version "+version)
			n.expect("hA1→x@x.com", want)
			rotation := fmt.Sprint(n.lists("hA1", "x@x.com", 2))
			if version == "2010" {
				require.Equal(t, "[hB1 hB2 hB2 hB1]", rotation, "any hub of B may get it")
				n.fail("down hB1").expect("hA1→x@x.com", "handled hA1 hB2, at hB2, fate queued")
			} else {
				require.Equal(t, "[hB1 hB1]", rotation, "only the source server")
			}
		}
	})
	chain := "chain A-B-C-D-E 10"
	for _, g := range []golden{
		{id: "G-18", net: []string{chain, "H(C)", "version 2013"}, ask: "A→E", want: "stops C E, type SmtpRelayToRemoteActiveDirectorySite, next C"},
		{id: "G-23", net: []string{chain, "version 2013"}, faults: []string{"down E"}, ask: "A→E", want: "tried E D, rests D, next Site:E;Version:15"},
		{id: "G-39b", net: []string{"A-B 10, B-C 10", "H(B)", "version 2013"}, ask: "A→B", want: "next B, type SmtpRelayToRemoteActiveDirectorySite"},
	} {
		g.run(t)
	}
}

func TestGoldenSubmission(t *testing.T) {
	t.Parallel()
	// M is a mailbox server with its own hub; H2 and H3 are hubs of the site, H9 of another.
	submit := func(want string, faults ...string) {
		t.Run("G-47", func(t *testing.T) {
			n := net(t, "S-X 10", "hubs S: M H2 H3", "hubs X: H9").fail(faults...)
			n.org.Servers[n.server("M")].Roles |= topology.RoleMailbox
			n.expect("M→X", want)
		})
	}
	submit("handled M H9")
	submit("handled H2 H9", "down M")
	submit("handled H3 H9", "down M H2")
	submit("fate pending, handled , at M", "down S")
}
