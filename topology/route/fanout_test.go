package route

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// together sends one message to several recipients: "A→D E E".
func (n *network) together(ask string) ([]Way, []Copy) {
	n.t.Helper()
	from, to, ok := strings.Cut(ask, "→")
	require.True(n.t, ok, "ask %q", ask)
	q := Query{Server: topology.None, Size: 10 << 10, Reach: n.reach}
	if s, ok := n.org.SiteByName(from); ok {
		q.Site = s
	} else {
		q.Server = n.server(from)
	}
	var dests []DestID
	for _, who := range strings.Fields(to) {
		dests = append(dests, n.dest(who))
	}
	return FollowTogether(n.book, n.org, q, dests)
}

// copies writes transmissions as "hA1>hB1 D E; hB1>hD1 D": a mailbox is named by the site of its server.
func (n *network) copies(copies []Copy) string {
	var out []string
	for _, c := range copies {
		s := n.org.Servers[c.From].Name + ">" + n.org.Servers[c.To].Name
		for _, r := range c.Recipients {
			d := n.book.Destination(r)
			if d.Kind == DistributionList {
				s += " " + n.org.Groups[d.Group].Name
			} else if d.Kind == Mailbox {
				s += " " + n.org.Sites[n.org.Servers[d.Server].Site].Name
			} else {
				s += " " + d.Domain
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestGoldenFanOut(t *testing.T) {
	t.Parallel()
	const g34, g37 = "A-B 10, B-C 10, C-D 10, C-E 10, B-F 10", "A-B 10, B-C 10, C-D 10, C-E 10"
	for _, g := range []struct {
		id   string
		net  []string
		ask  string
		want string
	}{
		{"G-31", []string{"1-2 10, 2-3 10, 2-4 10"}, "1→3 4", "h11>h21 3 4; h21>h31 3; h21>h41 4"},
		{"G-32", []string{"A-B 10, B-D 10, B-E 10"}, "A→D E E", "hA1>hB1 D E E; hB1>hD1 D; hB1>hE1 E E"},
		{"G-33", []string{"A-B 10, A-C 10"}, "A→B C", "hA1>hB1 B; hA1>hC1 C"},
		{"G-34", []string{g34}, "A→D E F", "hA1>hB1 D E F; hB1>hC1 D E; hB1>hF1 F; hC1>hD1 D; hC1>hE1 E"},
		{"G-35", []string{g37, "no hubs: C"}, "A→D E", "hA1>hB1 D E; hB1>hD1 D; hB1>hE1 E"},
		{"G-36", []string{"A-B 10, B-C 10"}, "A→B C", "hA1>hB1 B C; hB1>hC1 C"},
		{"G-37", []string{g37, "H(B)"}, "A→D E", "hA1>hB1 D E; hB1>hC1 D E; hC1>hD1 D; hC1>hE1 E"},
		{"G-38", []string{g34, "version 2013"}, "A→D E F", "hA1>hD1 D; hA1>hE1 E; hA1>hF1 F"},
		{"G-39", []string{g37, "H(B)", "version 2013"}, "A→D E", "hA1>hB1 D E; hB1>hD1 D; hB1>hE1 E"},
		{"G-39b", []string{"A-B 10, B-C 10", "H(B)", "version 2013"}, "A→B C", "hA1>hB1 B C; hB1>hC1 C"},
	} {
		t.Run(g.id, func(t *testing.T) {
			t.Parallel()
			n := net(t, g.net[0], g.net[1:]...)
			ways, copies := n.together(g.ask)
			require.Equal(t, g.want, n.copies(copies))
			for _, w := range ways {
				require.Equal(t, Delivered, w.Fate)
			}
		})
	}
}

// The hops of a message's recipients are those of taken literally, on paths found by enumeration.
func TestR3_19_DelayedFanOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 8, topology.V2010)
		book := NewBook()
		from := topology.SiteID(rapid.IntRange(0, len(o.Sites)-1).Draw(t, "from"))
		if len(o.Hubs(from)) == 0 {
			return
		}
		table := book.Table(o, from)
		var dests []DestID
		var ways [][]topology.SiteID // nil: no route, or the local site
		for range rapid.IntRange(1, 6).Draw(t, "recipients") {
			s := topology.ServerID(rapid.IntRange(0, len(o.Servers)-1).Draw(t, "server"))
			dests = append(dests, book.Dest(Destination{Kind: Mailbox, Server: s}))
			site := o.Servers[s].Site
			w, ok := leastCostWay(o, from, site)
			if !ok || site == from || len(o.Hubs(site)) == 0 {
				w.sites = nil
			}
			ways = append(ways, w.sites)
		}
		hub := o.Hubs(from)[0]
		hops := table.Hops(hub, dests, 1, nil)
		require.Len(t, hops, len(dests))
		for i, way := range ways {
			if way == nil {
				require.Equal(t, table.Hop(hub, dests[i], 1), hops[i])
				continue
			}
			want := literalFork(o, way, ways)
			require.Equal(t, SmtpRelayToRemoteAdSite, book.Key(hops[i].Key).Type)
			require.Equal(t, o.Sites[want].Name, book.Key(hops[i].Key).Domain, "recipient %d, path %v among %v", i, way, ways)
		}
		require.Equal(t, hops, table.Hops(hub, dests, 1, nil), "asked again")
	})
}

// literalFork takes steps 2 to 4 for one way among others.
func literalFork(o *topology.Organisation, way []topology.SiteID, all [][]topology.SiteID) topology.SiteID {
	isHub := func(s topology.SiteID) bool { return o.Sites[s].HubSite && len(o.Hubs(s)) > 0 }
	common := way
	several := false
	for _, w := range all {
		if w == nil || w[1] != way[1] {
			continue
		}
		several = several || w[len(w)-1] != way[len(way)-1]
		i := 0
		for i < len(w) && i < len(common) && w[i] == common[i] {
			i++
		}
		common = common[:i]
	}
	if several {
		for _, s := range common[1:] {
			if isHub(s) {
				return s
			}
		}
		for _, s := range slices.Backward(common[1:]) {
			if len(o.Hubs(s)) > 0 {
				return s
			}
		}
	}
	for _, s := range way[1 : len(way)-1] {
		if isHub(s) {
			return s
		}
	}
	return way[len(way)-1]
}

func TestR3_19_OneRecipientTakesItsOwnHop(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, B-D 10")
	hub, table := n.server("hA1"), n.book.Table(n.org, n.site("A"))
	one := []DestID{n.dest("C")}
	require.Equal(t, []Hop{table.Hop(hub, one[0], 1)}, table.Hops(hub, one, 1, nil))
	twice := []DestID{one[0], one[0]} // a single final site: step 3
	require.Equal(t, "C", n.book.Key(table.Hops(hub, twice, 1, nil)[1].Key).Domain)
}

// Step 4: without a hub on the part that all share, the message is split at once, even where some share more.
func TestR3_19_SplitsNowWithoutAHubOnTheSharedPart(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, B-F 10, C-D 10, C-E 10", "no hubs: B")
	_, copies := n.together("A→D E F")
	require.Equal(t, "hA1>hD1 D; hA1>hE1 E; hA1>hF1 F", n.copies(copies))
}

func TestR3_20_AFinalSiteMayBeTheFork(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10")
	ways, copies := n.together("A→C B")
	require.Equal(t, "hA1>hB1 C B; hB1>hC1 C", n.copies(copies))
	require.Equal(t, "B C", n.siteNames(ways[0].Stops, " "))
	require.Equal(t, "B", n.siteNames(ways[1].Stops, " "))
	require.Equal(t, "B", ways[0].NextHop)
	require.Contains(t, reasons(&ways[0]), `R-3.19: shares its path up to "B"`)
}

// there is nothing to switch delayed fan-out off: every old version has it.
func TestR3_21_EveryOldVersionDelaysTheSplit(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"2007rtm", "2007", "2010rtm", "2010"} {
		n := net(t, "A-B 10, B-C 10, B-D 10", "version "+v)
		_, copies := n.together("A→C D")
		require.Equal(t, "hA1>hB1 C D; hB1>hC1 C; hB1>hD1 D", n.copies(copies), v)
	}
}

// Recipients share a copy exactly when they have the same next hop.
func TestR3_22_NewVersionsShareOnlyTheSameNextHop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 6, topology.V2013)
		book := NewBook()
		var dests []DestID
		for i := range o.Servers {
			dests = append(dests, book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(i)}))
		}
		for s := range topology.SiteID(len(o.Sites)) {
			for _, hub := range o.Hubs(s) {
				for i, hop := range book.Table(o, s).Hops(hub, dests, 1, nil) {
					require.Equal(t, book.Table(o, s).Hop(hub, dests[i], 1), hop)
				}
			}
		}
	})
	n := net(t, "A-S 10", "edges S: E1", "connector Out: * on E1", "version 2013") // the same Edge-subscribed site
	_, copies := n.together("A→u@x.com u@y.com")
	require.Equal(t, "hA1>hS1 x.com y.com; hS1>E1 x.com y.com", n.copies(copies))
}

func TestD6_TheForkMayBeAFinalSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, C-D 10")
	_, copies := n.together("A→B C D")
	require.Equal(t, "hA1>hB1 B C D; hB1>hC1 C D; hC1>hD1 D", n.copies(copies))
}

func TestX2_NewVersionsSplitAtOnceWithoutADAG(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, B-D 10", "version 2013")
	_, copies := n.together("A→C D")
	require.Equal(t, "hA1>hC1 C; hA1>hD1 D", n.copies(copies))
}

// D-7: nobody at the fork answers, so the mail rests before it, as before any next hop.
func TestD7_BackOffBeforeADeadFork(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, C-D 10, C-E 10").fail("down C")
	ways, copies := n.together("A→D E")
	require.Equal(t, "hA1>hB1 D E", n.copies(copies))
	for _, w := range ways {
		require.Equal(t, "hB1", n.org.Servers[w.RestsAt].Name)
	}
}

func TestHopsAppendAndKeepOutcomes(t *testing.T) { // not parallel: it counts allocations
	n := net(t, "A-B 10, B-C 10 max 5MB, B-D 10, E")
	hub, table := n.server("hA1"), n.book.Table(n.org, n.site("A"))
	dests := []DestID{n.dest("A"), n.dest("C"), n.dest("D"), n.dest("E"), n.dest("B"), n.dest("u@x.com")}
	before := Hop{Key: 77, Outcome: TooLarge}
	hops := table.Hops(hub, dests, 6<<20, []Hop{before})
	require.Equal(t, before, hops[0])
	var got []Outcome
	for _, h := range hops[1:] {
		got = append(got, h.Outcome)
	}
	require.Equal(t, []Outcome{Queued, TooLarge, Queued, NoRoute, Queued, NoRoute}, got)
	require.Equal(t, MapiDelivery, n.book.Key(hops[1].Key).Type)
	require.Equal(t, hops[3].Key, hops[5].Key, "D travels with B")
	require.Zero(t, testing.AllocsPerRun(100, func() { hops = table.Hops(hub, dests, 6<<20, hops[:0]) }))
}

func TestR3_23_EnvelopeLimitSplitsBeforeRouting(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10")
	for _, c := range []struct{ recipients, copies int }{{1000, 1}, {1001, 2}, {2500, 3}} {
		dests := slices.Repeat([]DestID{n.dest("B")}, c.recipients)
		ways, copies := FollowTogether(n.book, n.org, Query{Server: n.server("hA1")}, dests)
		require.Len(t, ways, c.recipients)
		require.Len(t, copies, c.copies)
	}
}
