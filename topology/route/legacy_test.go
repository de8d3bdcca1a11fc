package route

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// addLegacy adds Exchange 2003 and the rarer connectors:
//
//	"rg RG-A"                                a routing group
//	"rgc R1: hA1 hA2 > RG-A 5 max 5MB to t1 t2"  a connector from hubs to it, with target servers
//	"rgc R2: RG-A > RG-B 5"                  one between routing groups
//	"legacy Out: *;10 on RG-B"               a connector that a routing group hosts
//	"linked L: X on hA1 to s1"               a connector linked to the receive connector X
//	"proxy P: * on hA1"                      a connector with a front-end proxy
func (x *extras) addLegacy(t testing.TB, b *topology.Builder, servers map[string]topology.ServerID, remotes map[string]topology.RemoteID) {
	p := parser{t: t}
	groups := map[string]topology.RoutingGroupID{}
	hosted := map[string][]topology.ConnectorID{}
	for _, c := range x.legacy {
		word, rest, _ := strings.Cut(c, " ")
		switch word {
		case "legacy":
			text, group, _ := strings.Cut(rest, " on ")
			hosted[group] = append(hosted[group], b.Connector(p.connector(text, b, servers, remotes)))
		case "linked":
			k := p.connector(rest, b, servers, remotes)
			k.LinkedTo, k.AddressSpaces = k.AddressSpaces[0].Space, nil
			b.Connector(k)
		case "proxy":
			k := p.connector(rest, b, servers, remotes)
			k.FrontEndProxy = true
			b.Connector(k)
		}
	}
	for _, c := range x.legacy {
		if name, ok := strings.CutPrefix(c, "rg "); ok {
			groups[name] = b.RoutingGroup(topology.RoutingGroup{Name: name, Connectors: hosted[name]})
		}
	}
	for _, c := range x.legacy {
		text, ok := strings.CutPrefix(c, "rgc ")
		if !ok {
			continue
		}
		name, rest, _ := strings.Cut(text, ": ")
		from, to, _ := strings.Cut(rest, " > ")
		r := topology.RGC{Name: name, From: topology.None}
		if g, between := groups[from]; between {
			r.From = g
		} else {
			for _, s := range strings.Fields(from) {
				require.Contains(t, servers, s)
				r.Sources = append(r.Sources, servers[s])
			}
		}
		words := strings.Fields(to)
		r.To, r.Cost = groups[words[0]], number(t, words[1])
		for i := 2; i < len(words); i++ {
			switch words[i] {
			case "max":
				r.MaxMessageSize = bytes(t, words[i+1])
				i++
			case "to":
			default:
				if _, ok := remotes[words[i]]; !ok {
					remotes[words[i]] = b.Remote(topology.Remote{Name: words[i]})
				}
				r.Targets = append(r.Targets, remotes[words[i]])
			}
		}
		b.RGC(r)
	}
}

// legacy is the destination of a mailbox in a routing group.
func (n *network) legacy(group string) DestID {
	i := slices.IndexFunc(n.org.RoutingGroups, func(g topology.RoutingGroup) bool { return g.Name == group })
	return n.book.Dest(Destination{Kind: Legacy, RoutingGroup: topology.RoutingGroupID(i)})
}

func TestGoldenRoutingGroups(t *testing.T) {
	t.Parallel()
	t.Run("G-52", func(t *testing.T) {
		t.Parallel()
		n := net(t, "Site1-Site2 100", "rg RG-A", "rg RG-B", "rgc one: hSite11 > RG-A 5 to a", "rgc between: RG-A > RG-B 5",
			"rgc two: hSite21 > RG-B 5 to b", "legacy Out: *;10 on RG-B")
		n.expect("Site1→u@x.com", "connector Out, path Site1-Site2, cost 100, total 15, next Site2, handled hSite11 hSite21, to b, fate delivered")
		n.expect("Site2→u@x.com", "type SmtpRelayToTiRg, next RG-B, total 15")
		n.why("Site1→u@x.com", `R-5.16: through routing group connector "two": routing group connectors cost 5, site links to the first 100`)
	})
}

func TestR5_16_RoutingGroupCostsFirst(t *testing.T) {
	t.Parallel()
	// Step 1, then step 2: the same cost of connectors, so the cheaper site links.
	require.Equal(t, "cheap", net(t, "A-B 10, A-C 20", "rg G", "rgc y: hC1 > G 4 to cheap", "rgc z: hB1 > G 5 to near").legacyWay())
	require.Equal(t, "near", net(t, "A-B 10, A-C 20", "rg G", "rgc y: hC1 > G 5 to far", "rgc z: hB1 > G 5 to near").legacyWay())
}

// legacyWay is the server of Exchange 2003 that takes a message from hA1 to the routing group G.
func (n *network) legacyWay() string {
	n.t.Helper()
	w := Follow(n.book, n.org, Query{Server: n.server("hA1"), Dest: n.legacy("G")})
	require.Equal(n.t, Delivered, w.Fate, reasons(&w))
	return n.org.Remotes[w.To.ID].Name
}

func TestD20_FurtherTiesBetweenRoutingGroups(t *testing.T) {
	t.Parallel()
	way := (*network).legacyWay
	// Fewer connectors, then fewer hops of links, then the name of the first connector.
	require.Equal(t, "direct", way(net(t, "A-B 10, A-C 10", "rg G", "rg H", "rgc a: hB1 > H 2 to detour", "rgc b: H > G 3", "rgc z: hC1 > G 5 to direct")))
	require.Equal(t, "one", way(net(t, "A-X 5, X-B 5, A-C 10", "rg G", "rgc a: hB1 > G 5 to two", "rgc z: hC1 > G 5 to one")))
	require.Equal(t, "b", way(net(t, "A-B 10, A-C 10", "rg G", "rgc y: hB1 > G 5 to y", "rgc b: hC1 > G 5 to b")))
}

func TestR5_17_CostsAreNotAdded(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 99999", "rg G", "rgc dear: hA1 > G 6 to x", "rgc cheap: hB1 > G 5 to y")
	w := Follow(n.book, n.org, Query{Server: n.server("hA1"), Dest: n.legacy("G")})
	require.Equal(t, "y", n.targetName(w.To), "an expensive link to save one unit")
	require.Equal(t, []topology.ServerID{n.server("hA1"), n.server("hB1")}, w.Servers)
}

func TestR5_18_SourcesAndTargetsOfARoutingGroupConnector(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "hubs A: h s1 s2", "rg G", "rgc r: s1 s2 > G 5 to t1 t2")
	table, d := n.book.Table(n.org, 0), n.legacy("G")
	h, s1 := n.server("h"), n.server("s1")
	hop := table.Hop(h, d, 1)
	require.Equal(t, SmtpRelayWithinAdSite, n.book.Key(hop.Key).Type)
	require.Equal(t, "A: s1 s2", n.names(table.Groups(h, hop.Key)))
	require.True(t, table.Alive(h, hop.Key))
	own := table.Hop(s1, d, 1)
	require.Equal(t, SmtpRelayToTiRg, n.book.Key(own.Key).Type, "own server first")
	require.Equal(t, "outside: t1 t2", n.names(table.Groups(s1, own.Key)))
	require.True(t, table.Alive(s1, own.Key))
	require.False(t, table.Alive(h, own.Key))
	n.fail("down s1 t2")
	w := Follow(n.book, n.org, Query{Server: h, Dest: d, Reach: n.reach})
	require.Equal(t, []topology.ServerID{h, n.server("s2")}, w.Servers)
	require.Equal(t, "t1", n.targetName(w.To))
	unreachable := Follow(n.book, n.org, Query{Server: h, Dest: d, Reach: func(_ topology.ServerID, to Target) Contact {
		if to.Kind == TargetRemote {
			return Contact{Result: NoAnswer}
		}
		return Contact{}
	}})
	require.Equal(t, WaitsInQueue, unreachable.Fate)
}

func TestR3_24_RoutingGroupConnectorsHaveLimitsToo(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"2010": "fate ndr, code 5.3.4", "2007rtm": "fate delivered"} {
		n := net(t, "A", "rg G", "rg H", "rgc r: hA1 > G 5 to t1", "rgc s: G > H 5 max 5MB", "legacy Out: * on H", "version "+version)
		n.expect("A→u@x.com 6MB", want)
		n.expect("A→u@x.com 5MB", "fate delivered")
	}
}

func TestX7_CostsAreAddedWithoutRoutingGroupConnectors(t *testing.T) {
	t.Parallel()
	// Two connectors of 2010: address space and links added. One of Exchange 2003: its links do not count before a tie.
	n := net(t, "A-B 50", "rg G", "rgc r: hB1 > G 5 to t", "legacy Old: *;10 on G", "connector New: *;16 on hA1")
	n.expect("A→u@x.com", "connector Old")
	n = net(t, "A-B 50", "rg G", "rgc r: hB1 > G 6 to t", "legacy Old: *;10 on G", "connector New: *;16 on hA1")
	n.expect("A→u@x.com", "connector New")
	n.why("A→u@x.com", `R-5.16 step 2: connector "Old" loses: the cost is the same, but site links on the way to Exchange 2003 cost 50 against 0`)
}

func TestNoWayIntoARoutingGroup(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, C", "rg G", "rg H", "rgc r: hC1 > G 5 to t", "legacy Out: * on G")
	n.expect("A→u@x.com", "fate unreachable")
	require.Equal(t, WaitsForRoute, Follow(n.book, n.org, Query{Server: n.server("hA1"), Dest: n.legacy("H")}).Fate)
	n.why("A→u@x.com", `R-5.16: connector "Out": no chain of routing group connectors leads to "G"`)
}

func TestR5_14_LinkedConnector(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: hA1 hA2", "linked L: X on hA1 to s1 s2", "connector Star: * on hB1")
	id, _ := n.org.ConnectorByName("L")
	d := n.book.Dest(Destination{Kind: Linked, Connector: id})
	table := n.book.Table(n.org, 0)
	hop := table.Hop(n.server("hA1"), d, 1<<50)
	require.Equal(t, "outside: s1 s2", n.names(table.Groups(n.server("hA1"), hop.Key)), "any size, whatever the address")
	require.Equal(t, id, n.book.Key(hop.Key).Connector)
	n.expect("hA1→u@x.com", "connector Star") // mail that was not received on X
	w := Follow(n.book, n.org, Query{Server: n.server("hB1"), Dest: d})
	require.Equal(t, []topology.ServerID{n.server("hB1"), n.server("hA1")}, w.Servers)
	require.Contains(t, reasons(&w), `R-5.14: received on "X"`)
	off := n.by(topology.Change{Kind: topology.ConnectorEnabled, Object: int32(id)})
	require.Equal(t, NoRoute, off.book.Table(off.org, 0).Hop(n.server("hA1"), d, 1).Outcome)
}

func TestR5_12_FrontEndProxy(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"2016": 2, "2010": 0} {
		n := net(t, "A", "hubs A: h1 h2", "proxy P: * on h1", "connector Plain: y.com on h1", "version "+version)
		table := n.book.Table(n.org, 0)
		h1 := n.server("h1")
		require.Len(t, table.Proxies(h1, table.Hop(h1, n.dest("u@x.com"), 1).Key), want)
		require.Empty(t, table.Proxies(h1, table.Hop(h1, n.dest("u@y.com"), 1).Key))
		require.Empty(t, table.Proxies(n.server("h2"), table.Hop(n.server("h2"), n.dest("u@x.com"), 1).Key), "only the source server delivers")
	}
	n := net(t, "A", "edges A: e1", "proxy P: * on e1", "version 2016") // never with a subscribed Edge
	table, e1 := n.book.Table(n.org, 0), n.server("e1")
	require.Empty(t, table.Proxies(e1, table.Hop(e1, n.dest("u@x.com"), 1).Key))
}

func TestX6_SourceServersInSeveralSitesAreAccepted(t *testing.T) {
	t.Parallel()
	net(t, "A-B 10, A-C 20", "connector c: * on hC1 hB1").expect("A→u@x.com", "connector c, next B")
}

func TestR5_13_DeliveryAgentConnector(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "connector c: FAX:* on hB1")
	n.org.Connectors[0].Kind = topology.DeliveryAgentConnector
	n.expect("hB1→FAX:1", "type DeliveryAgent, next FAX:*, fate delivered")
	n.expect("A→FAX:1", "next B, handled hA1 hB1, fate delivered")
}
