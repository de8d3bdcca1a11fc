package route

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

func TestR2_1_AServerBelongsToOneSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10")
	table := n.book.Table(n.org, n.site("A"))
	b := n.server("hB1")
	d := n.dest("A")
	require.Equal(t, Queued, table.Hop(n.server("hA1"), d, 1).Outcome)
	require.PanicsWithValue(t, `route: Table.Hop: server "hB1" is not in site "A"`, func() { table.Hop(b, d, 1) })
	require.PanicsWithValue(t, `route: Table.Groups: server "hB1" is not in site "A"`, func() { table.Groups(b, 0) })
	require.PanicsWithValue(t, `route: Table.Alive: server "hB1" is not in site "A"`, func() { table.Alive(b, 0) })
}

func TestR2_11_NoRouteToAMailbox(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]*network{
		"site in no link":      net(t, "A-C 10, B"),
		"site without a hub":   net(t, "A-B 10", "no hubs: B"),
		"other part of forest": net(t, "A-C 10, B-D 10"),
	} {
		t.Run(name, func(t *testing.T) {
			hop := n.book.Table(n.org, n.site("A")).Hop(n.server("hA1"), n.dest("B"), 1)
			require.Equal(t, Hop{Key: NoKey, Outcome: NoRoute}, hop)
			n.expect("A→B", "fate unreachable, at hA1, path "+map[bool]string{true: "A-B"}[name == "site without a hub"])
		})
	}
	t.Run("absent mailbox server", func(t *testing.T) {
		n := net(t, "A-B 10")
		n.org.Servers[n.server("mB")].Absent = true
		n.expect("A→B", "fate unreachable")
	})
	t.Run("absent hub", func(t *testing.T) {
		n := net(t, "A-B 10")
		n.org.Servers[n.server("hB1")].Absent = true
		n.expect("A→B", "fate unreachable")
	})
}

func TestR2_12_AnEdgeIsNoMemberOfTheHubPool(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs B: hB1 hB2", "edges B: eB1")
	require.Equal(t, []string{"hB1 hB2"}, n.lists("hA1", "B", 1))
	n.fail("down hB1 hB2").expect("A→B", "tried B, servers hB1 hB2, rests A")
	n.expect("A→C", "servers hC1")
}

func TestD3_HubFlagWithoutAHubIsIgnored(t *testing.T) {
	t.Parallel()
	net(t, "chain A-B-C 10", "H(B)", "no hubs: B").expect("A→C", "stops C, next C")
	n := net(t, "chain A-B-C 10", "H(B)")
	n.fail("down B").expect("A→C", "next B, fate queued, rests A") // down is not unconfigured
	n.org.Servers[n.server("hB1")].Absent = true                   // absent is
	net(t, "chain A-B-C-D 10", "H(B, C)", "no hubs: B").expect("A→D", "stops C D")
}

func TestR3_8_DirectRelay(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C-D-E 10")
	n.expect("A→E", "next E, servers hE1, handled hA1 hE1, stops E")
}

func TestR3_9_OnlyTheEndsMustReachEachOther(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C-D 10").fail("cut A|B", "cut B|C", "cut C|D", "down B C")
	n.expect("A→D", "fate delivered, handled hA1 hD1")
}

// The next hop is the first hub site strictly inside the path found by enumeration, whatever the flags elsewhere
// and mail goes to it whatever is reachable.
func TestR3_10_FirstHubSiteOnThePath(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drawOrganisation(t, 7, topology.V2007RTM) // without link limits
		book := NewBook()
		for i := range o.Servers {
			box := &o.Servers[i]
			if !box.Is(topology.RoleMailbox) {
				continue
			}
			d := book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(i)})
			for from := range topology.SiteID(len(o.Sites)) {
				if from == box.Site || len(o.Hubs(from)) == 0 {
					continue
				}
				hop := book.Table(o, from).Hop(o.Hubs(from)[0], d, 1)
				best, ok := leastCostWay(o, from, box.Site)
				if !ok || len(o.Hubs(box.Site)) == 0 {
					require.Equal(t, NoRoute, hop.Outcome)
					continue
				}
				want := box.Site
				for _, s := range best.sites[1 : len(best.sites)-1] {
					if o.Sites[s].HubSite && len(o.Hubs(s)) > 0 {
						want = s
						break
					}
				}
				require.Equal(t, Key{
					Type: SmtpRelayToRemoteAdSite, Domain: o.Sites[want].Name,
					Connector: topology.None, Site: want, Server: topology.None,
				}, *book.Key(hop.Key))
			}
		}
	})
}

func TestR3_11_HubSiteOffThePathIsIgnored(t *testing.T) {
	t.Parallel()
	links := "A-B 15, B-D 15, A-C 10, C-D 10"
	plain, flagged := net(t, links), net(t, links, "H(B)")
	plain.expect("A→D", "path A-C-D, stops D")
	flagged.expect("A→D", "path A-C-D, stops D") // the flag does not change the path
}

func TestR3_12_FlagOfTheEndsHasNoEffect(t *testing.T) {
	t.Parallel()
	net(t, "chain A-B-C 10", "H(A, C)").expect("A→C", "next C, type SmtpRelayToRemoteAdSite, stops C")
	net(t, "chain A-B-C 10", "H(A)", "version 2013").expect("A→C", "next Site:C;Version:15, stops C")
}

func TestR3_13_HubSiteIsMandatory(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C-D 10", "H(C)").fail("down C")
	n.expect("A→D", "tried C B, rests B, fate queued") // only what is before the hub site
	n.expect("hB1→D", "tried C, rests B")
	net(t, "A-B 10, B-D 10, A-C 10, C-D 10", "H(B)").fail("down B").expect("A→D", "tried B, rests A") // the equal path by C is not used
}

func TestR3_14_RedundancyIsNotRoutings(t *testing.T) {
	t.Parallel()
	// A ring: with a direct relay cut, the other way round is no way.
	net(t, "A-B 10, B-C 10, C-D 10, D-A 30").fail("cut A|B").expect("A→B", "tried B, fate queued, rests A")
}

func TestR3_24_LinkLimits(t *testing.T) {
	t.Parallel()
	links := "A-B 10 max 20MB, B-C 10 max 10MB"
	for _, version := range []string{"2007", "2010rtm", "2010", "2013", "2016", "se"} {
		n := net(t, links, "version "+version)
		n.expect("A→C 10MB", "fate delivered")
		n.expect("A→C 11MB", "fate ndr, code 5.3.4, at hA1, path A-B-C") // never by another path
		n.expect("A→B 11MB", "fate delivered")
	}
	net(t, links, "version 2007rtm").expect("A→C 11MB", "fate delivered")
	// The way to a connector counts as well, and the limit has no say in the choice of the connector.
	n := net(t, links, "connector Far: x.com on hC1", "connector Near: * on hA1")
	n.expect("hA1→u@x.com 11MB", "fate ndr, code 5.3.4, connector Far")
}

// D-8: a limit behind the next hop counts at the first server already, and again where the mail stops.
func TestD8_TheWholePathIsCheckedAtEveryStop(t *testing.T) {
	t.Parallel()
	// The limit lies behind the hub site: the first server already refuses.
	net(t, "A-B 10, B-C 10 max 5MB", "H(B)").expect("A→C 6MB", "fate ndr, at hA1")
	// A hub that learns of the limit refuses on the way.
	n := net(t, "A-B 10, B-C 10", "H(B)")
	limited := *n.org
	limited.Links = slices.Clone(n.org.Links)
	limited.Links[1].MaxMessageSize = 5 << 20
	way := Follow(n.book, n.org, Query{
		Server: n.server("hA1"), Dest: n.dest("C"), Size: 6 << 20,
		View: func(s topology.ServerID) *topology.Organisation {
			if s == n.server("hB1") {
				return &limited
			}
			return n.org
		},
	})
	require.Equal(t, Returned, way.Fate)
	require.Equal(t, n.server("hB1"), way.RestsAt)
}

func TestR3_26_QueueKeys(t *testing.T) {
	t.Parallel()
	const none = topology.None
	key := func(n *network, from, to string) Key {
		hop := n.book.Table(n.org, n.org.Servers[n.server(from)].Site).Hop(n.server(from), n.dest(to), 1)
		require.Equal(t, Queued, hop.Outcome)
		return *n.book.Key(hop.Key)
	}
	clauses := []string{"hubs A: hA1 hA2", "hubs B: hB1 hB2", "edges B: eB1", "connector Out: out.com on hB1", "connector Edge: edge.com on eB1"}
	old := net(t, "A-B 10, B-C 10", append(clauses, "version 2010")...)
	a, b := old.site("A"), old.site("B")
	require.Equal(t, Key{MapiDelivery, "mA", none, none, old.server("mA"), 0}, key(old, "hA1", "A"))
	require.Equal(t, Key{SmtpRelayToRemoteAdSite, "B", none, b, none, 0}, key(old, "hA1", "B"))
	require.Equal(t, key(old, "hA1", "B"), key(old, "hA1", "x@out.com"), "one queue for everything in a remote site")
	require.Equal(t, key(old, "hA1", "B"), key(old, "hA1", "x@edge.com"))
	require.Equal(t, Key{SmtpRelayWithinAdSite, "hB1", 0, b, none, 0}, key(old, "hB2", "x@out.com"))
	require.Equal(t, Key{SmtpRelayWithinAdSiteToEdge, "Edge", 1, b, none, 0}, key(old, "hB2", "x@edge.com"))
	require.Equal(t, Key{DnsConnectorDelivery, "out.com", 0, none, none, 0}, key(old, "hB1", "x@out.com"))

	new := net(t, "A-B 10, B-C 10", append(clauses, "version 2016")...)
	require.Equal(t, Key{SmtpDeliveryToMailbox, "hA2", none, none, new.server("hA2"), 0}, key(new, "hA1", "hA2"))
	require.Equal(t, Key{SmtpRelayToMailboxDeliveryGroup, "Site:B;Version:15", none, b, none, 15}, key(new, "hA1", "hB2"))
	require.Equal(t, Key{SmtpRelayToConnectorSourceServers, "Out", 0, none, none, 0}, key(new, "hA1", "x@out.com"))
	require.Equal(t, Key{SmtpRelayToConnectorSourceServers, "Out", 0, none, none, 0}, key(new, "hB2", "x@out.com"))
	require.Equal(t, Key{SmtpRelayToRemoteAdSite, "B", none, b, none, 0}, key(new, "hA1", "x@edge.com"))
	require.Equal(t, Key{SmtpRelayWithinAdSiteToEdge, "Edge", 1, b, none, 0}, key(new, "hB2", "x@edge.com"))
	_ = a
}

func TestR3_26_DatabasesOfAServer(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2013)
	site := b.Site(topology.Site{Name: "A"})
	srv := b.Server(topology.Server{
		Name: "m", Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2013, Databases: []string{"db1", "db2"},
	})
	o, err := b.Build()
	require.NoError(t, err)
	book := NewBook()
	var names []string
	for i := range int32(2) {
		names = append(names, book.Key(book.Table(o, site).Hop(srv, book.Dest(Destination{Kind: Mailbox, Server: srv, Database: i}), 1).Key).Domain)
	}
	require.Equal(t, []string{"db1", "db2"}, names, "one queue for each database")
}

func TestR6_4_EdgeHandsMailToAnyHubOfItsSite(t *testing.T) {
	t.Parallel()
	n := net(t, "S-X 10", "hubs S: h1 h2 h3", "edges S: E1 E2")
	require.Equal(t, []string{"h1 h2 h3", "h2 h3 h1", "h3 h1 h2"}, n.lists("E1", "X", 3))
	require.Equal(t, []string{"h2 h3 h1"}, n.lists("E2", "X", 1), "D-11: the second Edge of the site")
	n.expect("E1→X", "next --, type SmartHostConnectorDelivery, handled E1 h1 hX1, stops X, fate delivered")
	n.fail("down h1").expect("E1→X", "servers h1 h2, fate delivered")
	n.fail("down S").expect("E1→X", "fate pending, at E1")
	net(t, "S-X 10", "no hubs: S", "edges S: E1").expect("E1→X", "fate unreachable, at E1")
}

func TestR6_1_InboundConnectorOfASubscription(t *testing.T) {
	t.Parallel()
	n := net(t, "S-X 10", "edges S: E1")
	n.expect("E1→X", "next --, type SmartHostConnectorDelivery")
	n.why("E1→X", `R-6.4: an Edge hands mail for the organisation to any hub of its subscribed site through "EdgeSync - Inbound to S"`)
}

func TestR3_6_NoAlternativeIsComputed(t *testing.T) {
	t.Parallel()
	links := "A-B 10, B-D 10, A-C 10, C-D 10"
	net(t, links).fail("cut A|D", "cut A|B").expect("A→D", "path A-B-D, tried D B, rests A") // C could be reached
	net(t, links).fail("down D").expect("A→D", "path A-B-D, rests B")
}

func TestR4_16_AMailboxHasOneServer(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2013"} {
		n := net(t, "A-B 10", "hubs A: a1 a2", "version "+version)
		groups := n.groups("a1", map[string]string{"2010": "A", "2013": "a2"}[version])
		require.Len(t, groups, 1)
		require.Len(t, groups[0].Members, 1)
		require.Equal(t, TargetStore, groups[0].Members[0].Kind)
	}
}

func TestR3_25_TheSmallerSizeCounts(t *testing.T) {
	t.Parallel()
	require.Equal(t, int64(5), CountedSize(5, 8))
	require.Equal(t, int64(5), CountedSize(8, 5))
	require.Equal(t, int64(8), CountedSize(8, 0))
	n := net(t, "A-B 10 max 10MB")
	table, hub := n.book.Table(n.org, 0), n.server("hA1")
	require.Equal(t, Queued, table.Hop(hub, n.dest("B"), CountedSize(11<<20, 9<<20)).Outcome, "it has grown on the way")
}

// Only site links count: an IP connection of its own between two sites is no path.
func TestR2_4_OnlySiteLinksCount(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, C")
	n.org.Networks = []topology.Network{{Name: "fibre", Sites: [2]topology.SiteID{0, 2}}}
	n.expect("A→C", "fate unreachable")
}

func TestR2_9_ReplicationOfALinkPlaysNoPart(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-D 10, A-C 10, C-D 10")
	want := n.book.Table(n.org, 0).paths
	slow := n.org.With(topology.Change{Kind: topology.LinkCost, Object: 0, Value: 10})
	for i := range slow.Links {
		slow.Links[i].ReplicationInterval, slow.Links[i].ChangeNotification = 1<<40, i%2 == 0
	}
	require.Equal(t, want, n.book.Table(slow, 0).paths)
}

// D-23: the hub of a hub site chooses the connector again from where it is, and comes to the same: costs are additive.
func TestD23_AHubSiteChoosesTheSameConnector(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, B-D 10", "H(B)", "connector near: *;5 on hC1", "connector dear: *;6 on hD1")
	n.expect("A→u@x.com", "connector near, stops B C, next B, handled hA1 hB1 hC1")
	n.expect("hB1→u@x.com", "connector near, next C")
	// Scope is what can change it: a connector that only the hub site sees.
	n = net(t, "A-B 10, B-C 10", "H(B)", "connector out: *;5 on hC1", "connector hidden: *;5 on hB1 scoped")
	n.expect("A→u@x.com", "connector out, next B, handled hA1 hB1, fate delivered")
}
