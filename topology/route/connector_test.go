package route

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// drawConnectors adds hub-hosted connectors to an organisation.
func drawConnectors(t *rapid.T, o *topology.Organisation) *topology.Organisation {
	var hubs []topology.ServerID
	for s := range topology.SiteID(len(o.Sites)) {
		hubs = append(hubs, o.Hubs(s)...)
	}
	n := *o
	if len(hubs) == 0 {
		return &n
	}
	spaces := []string{"*", "*.b.c", "*.c", "b.c", "a.b.c", "x.y"}
	for i := range evenly(0, 6).Draw(t, "connectors") {
		c := topology.Connector{
			Name:           fmt.Sprint(rapid.SampledFrom([]string{"x", "X", "a"}).Draw(t, "name"), 9-i),
			Sources:        rapid.SliceOfNDistinct(rapid.SampledFrom(hubs), 1, min(3, len(hubs)), rapid.ID[topology.ServerID]).Draw(t, "sources"),
			Disabled:       evenly(0, 5).Draw(t, "disabled") == 5,
			Scoped:         evenly(0, 3).Draw(t, "scoped") == 3,
			MaxMessageSize: rapid.SampledFrom([]int64{topology.Unlimited, 5, 3}).Draw(t, "limit"),
		}
		for range evenly(1, 2).Draw(t, "spaces") {
			c.AddressSpaces = append(c.AddressSpaces, topology.AddressSpace{
				Type: "SMTP", Space: rapid.SampledFrom(spaces).Draw(t, "space"), Cost: rapid.Int64Range(1, 3).Draw(t, "cost"),
			})
		}
		n.Connectors = append(n.Connectors, c)
	}
	return &n
}

// offer is a connector as the literal reading of sees it.
type offer struct {
	id             topology.ConnectorID
	specific, cost int64
	nearness, hops int
	connector      *topology.Connector
}

// chooseLiterally applies the steps of one after the other to all connectors of an organisation of 2010.
func chooseLiterally(o *topology.Organisation, from topology.ServerID, domain string, size int64) (topology.ConnectorID, Outcome) {
	here := o.Servers[from].Site
	distance := func(s topology.SiteID) (way, bool) { return leastCostWay(o, here, s) }
	var offers []offer
	sizeDropped := false
	for i := range o.Connectors {
		c := &o.Connectors[i]
		of := offer{id: topology.ConnectorID(i), specific: -1, connector: c}
		for _, a := range c.AddressSpaces {
			specific := int64(-1)
			switch suffix, wild := strings.CutPrefix(a.Space, "*."); {
			case a.Space == "*":
				specific = 0
			case a.Space == domain:
				specific = 1000
			case wild && (domain == suffix || strings.HasSuffix(domain, "."+suffix)):
				specific = int64(strings.Count(suffix, ".")) + 1
			}
			if specific > of.specific || specific == of.specific && a.Cost < of.cost {
				of.specific, of.cost = specific, a.Cost
			}
		}
		// cheapest source site, of equal ones that of the first source in the list.
		var to way
		found, inSite := false, false
		for _, s := range c.Sources {
			if w, ok := distance(o.Servers[s].Site); ok && (!found || w.cost < to.cost) {
				to, found = w, true
			}
			inSite = inSite || o.Servers[s].Site == here
		}
		if of.specific < 0 || c.Disabled || !found || c.Scoped && !inSite {
			continue
		}
		if size > c.MaxMessageSize {
			sizeDropped = true
			continue
		}
		of.cost += to.cost
		of.hops = len(to.sites) - 1
		switch {
		case slices.Contains(c.Sources, from):
			of.nearness = 0
		case inSite:
			of.nearness = 1
		default:
			of.nearness = 2
		}
		offers = append(offers, of)
	}
	if len(offers) == 0 {
		if sizeDropped {
			return topology.None, TooLarge
		}
		return topology.None, NoRoute
	}
	for _, better := range []func(a, b offer) int{
		func(a, b offer) int { return int(b.specific - a.specific) },
		func(a, b offer) int { return int(a.cost - b.cost) },
		func(a, b offer) int { return a.nearness - b.nearness },
		func(a, b offer) int { return a.hops - b.hops },
		func(a, b offer) int { return topology.CompareNames(a.connector.Name, b.connector.Name) },
	} {
		best := slices.MinFunc(offers, better)
		offers = slices.DeleteFunc(offers, func(of offer) bool { return better(of, best) != 0 })
	}
	return offers[0].id, Queued
}

// The connector chosen equals that of applying step by step, for every server, domain and size; asked in one table in any
// order, so that the memory of sizes is tested too.
func TestR5_1_ChoiceEqualsTheStepsTakenLiterally(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				o := drawConnectors(t, drawOrganisation(t, 5, topology.V2010))
				for i := range o.Links {
					o.Links[i].MaxMessageSize = topology.Unlimited
				}
				book := NewBook()
				for i := range o.Servers {
					from := topology.ServerID(i)
					if !o.Servers[i].Is(topology.RoleHub) {
						continue
					}
					table := book.Table(o, o.Servers[i].Site)
					for _, domain := range []string{"b.c", "a.b.c", "x.y", "q.c"} {
						d := book.Dest(Destination{Kind: External, Domain: domain})
						for _, size := range rapid.Permutation([]int64{1, 3, 4, 5, 6, 1, 6}).Draw(t, "sizes") {
							want, outcome := chooseLiterally(o, from, domain, size)
							require.Equal(t, outcome, table.Hop(from, d, size).Outcome)
							got := table.decide(&question{from: from, dest: book.Destination(d), size: size})
							require.Equal(t, outcome, got.outcome)
							require.Equal(t, want, got.chosen)
						}
					}
				}
			})
		})
	}
}

func TestR5_2_Matching(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		space, domain string
		want          bool
	}{
		{"*", "anything.org", true},
		{"contoso.com", "contoso.com", true},
		{"Contoso.COM", "contoso.com", true},
		{"contoso.com", "sub.contoso.com", false},
		{"*.contoso.com", "contoso.com", true},
		{"*.contoso.com", "sub.contoso.com", true},
		{"*.contoso.com", "a.sub.contoso.com", true},
		{"*.contoso.com", "notcontoso.com", false},
		{"*.contoso.com", "contoso.com.org", false},
		{"--", "contoso.com", false},
	} {
		got := match(&topology.AddressSpace{Space: c.space}, &Destination{Kind: External, Type: "SMTP", Domain: c.domain})
		require.Equal(t, c.want, got > 0, "%s matches %s", c.space, c.domain)
	}
}

func TestD16_OtherAddressTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, space string
		want        bool
	}{
		{"FAX", "*", true},
		{"fax", "*", true},
		{"FAX", "123", true},
		{"FAX", "12", false},
		{"FAX", "*.123", false}, // suffixes are SMTP's
		{"SMTP", "*", false},
		{"", "*", false},
	} {
		got := match(&topology.AddressSpace{Type: c.kind, Space: c.space}, &Destination{Kind: External, Type: "FAX", Domain: "123"})
		require.Equal(t, c.want, got > 0, "%s:%s", c.kind, c.space)
	}
}

func TestR5_3_MostSpecificFirst(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "connector d: * on hA1", "connector c: *.com on hA1", "connector b: *.contoso.com on hA1", "connector a: x.contoso.com on hA1")
	n.expect("hA1→u@x.contoso.com", "connector a")
	n.expect("hA1→u@y.contoso.com", "connector b")
	n.expect("hA1→u@contoso.com", "connector b")
	n.expect("hA1→u@other.com", "connector c")
	n.expect("hA1→u@other.org", "connector d")
	// A connector competes with its best match and that space's cost.
	n = net(t, "A", "connector two: *;1 x.com;50 x.com;40 on hA1", "connector one: x.com;45 on hA1")
	n.expect("hA1→u@x.com", "connector two, total 40")
}

func TestR5_4_SpecificityBeatsCost(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 500", "connector far: x.com;100 on hB1", "connector near: *;1 on hA1")
	n.expect("hA1→u@x.com", "connector far, total 600")
	n.fail("down hB1").expect("hA1→u@x.com", "connector far, fate queued") // and no falling back
}

func TestR5_5_CostBeatsNearness(t *testing.T) {
	t.Parallel()
	net(t, "A-B 5", "connector near: *;7 on hA1", "connector far: *;1 on hB1").expect("hA1→u@x.com", "connector far, total 6")
}

func TestR5_6_Scope(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5", "hubs B: b1 b2", "connector scoped: x.com on b1 scoped", "connector open: *;50 on hA1")
	n.expect("hA1→u@x.com", "connector open")
	n.expect("b1→u@x.com", "connector scoped")
	n.expect("b2→u@x.com", "connector scoped")
}

func TestD17_ScopedConnectorIsVisibleInEachSourceSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5, B-C 5", "connector scoped: x.com on hA1 hC1 scoped")
	n.expect("hA1→u@x.com", "connector scoped")
	n.expect("hC1→u@x.com", "connector scoped")
	n.expect("hB1→u@x.com", "fate unreachable")
}

func TestR5_7_DisabledAndAbsentConnectorsDoNotExist(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5", "connector near: x.com on hA1 disabled", "connector far: *;50 on hB1")
	n.expect("hA1→u@x.com", "connector far")
	n = net(t, "A-B 5", "connector near: x.com on hA1", "connector far: *;50 on hB1")
	n.org.Connectors[0].Absent = true
	n.expect("hA1→u@x.com", "connector far")
	// availability has no say.
	n = net(t, "A-B 5", "connector one: *;1 on hB1", "connector two: *;50 on hA1")
	n.fail("down hB1").expect("hA1→u@x.com", "connector one, fate queued, at hA1")
}

func TestR5_8_NoConnectorLeft(t *testing.T) {
	t.Parallel()
	hop := func(n *network, to string, size int64) Hop {
		return n.book.Table(n.org, 0).Hop(n.server("hA1"), n.dest(to), size)
	}
	n := net(t, "A", "connector c: x.com on hA1 max 5MB")
	require.Equal(t, Hop{NoKey, NoRoute}, hop(n, "u@y.com", 1))
	require.Equal(t, Hop{NoKey, TooLarge}, hop(n, "u@x.com", 5<<20+1)) // D-18
	require.Equal(t, Queued, hop(n, "u@x.com", 5<<20).Outcome)
	require.Equal(t, Hop{NoKey, NoConnector}, hop(n, "FAX:1", 1)) // D-25
}

func TestD18_OnlyASizeLimitInTheWay(t *testing.T) {
	t.Parallel()
	for clause, fate := range map[string]string{
		"connector c: x.com on hA1 max 5MB":          "fate ndr, code 5.3.4",
		"connector c: x.com on hA1 max 5MB disabled": "fate unreachable, code ",
		"connector c: x.com on hB1 max 5MB scoped":   "fate unreachable, code ",
		"connector c: y.com on hA1 max 5MB":          "fate unreachable, code ",
	} {
		net(t, "A-B 5", clause).expect("hA1→u@x.com 6MB", fate)
	}
	net(t, "A", "connector c: FAX:* on hA1 max 5MB foreign").expect("hA1→FAX:1 6MB", "fate ndr, code 5.3.4")
}

func TestD25_NonSMTPWithoutAConnector(t *testing.T) {
	t.Parallel()
	net(t, "A", "connector c: * on hA1").expect("hA1→FAX:1", "fate ndr, code 5.4.4, at hA1")
}

func TestR5_9_SourceServersInSeveralSites(t *testing.T) {
	t.Parallel()
	// Same cost, two hops against one; names would prefer B: the first in the list decides, in 2007 and 2010.
	links := "A-C 10, A-P 5, P-B 5, A-D 30"
	for _, version := range []string{"2007", "2010"} {
		net(t, links, "connector c: * on hB1 hC1", "version "+version).expect("hA1→u@x.com", "next B")
		net(t, links, "connector c: * on hC1 hB1", "version "+version).expect("hA1→u@x.com", "next C")
		net(t, links, "connector c: * on hD1 hC1", "version "+version).expect("hA1→u@x.com", "next C") // cost first
	}
	// From 2013 on fewer hops, then names.
	for _, list := range []string{"hB1 hC1", "hC1 hB1"} {
		n := net(t, links, "connector c: * on "+list, "version 2013")
		require.Equal(t, "C: hC1; B: hB1", n.names(n.groups("hA1", "u@x.com")))
		n.expect("hA1→u@x.com", "path A-C, connector c")
	}
	// The local site costs nothing and wins.
	net(t, "A-B 1", "hubs A: a1 a2", "connector c: * on hB1 a2").expect("a1→u@x.com", "servers a2, cost 0")
}

func TestR5_10_TheReceivingHubChoosesAgain(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5", "connector wide: * on hB1", "connector scoped: x.com on hB1 scoped to s1")
	n.expect("hA1→u@x.com", "connector wide, handled hA1 hB1, to s1")
}

// D-15: this server, a server of this site, then other sites by hops.
func TestD15_NearnessThenHopsInEveryVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2007rtm", "2010", "2013", "2016"} {
		n := net(t, "A-B 10, A-P 5, P-C 5", "hubs A: a1 a2", "connector c: *;1 on hC1", "connector d: *;1 on hB1", "version "+version)
		n.expect("a1→u@x.com", "connector d") // equal cost, one hop against two
		n = net(t, "A-B 10", "hubs A: a1 a2", "connector a: *;1 on hB1", "connector b: *;11 on a2", "connector c: *;11 on a1", "version "+version)
		n.expect("a1→u@x.com", "connector c")
		n.expect("a2→u@x.com", "connector b")
		n.expect("hB1→u@x.com", "connector a")
	}
}

func TestR3_4_TotalCostAddsTheAddressSpace(t *testing.T) {
	t.Parallel()
	net(t, "A-B 5, B-C 6", "connector c: *;7 on hC1").expect("hA1→u@x.com", "cost 11, total 18")
}

func TestConnectorOfAnUnreachableSiteIsNoCandidate(t *testing.T) {
	t.Parallel()
	// An Edge whose site has no hub cannot be handed anything.
	net(t, "A-B 5", "no hubs: B", "edges B: e1", "connector far: x.com on e1", "connector near: * on hA1").expect("hA1→u@x.com", "connector near")
	// Source servers that are not present do not count.
	gone := net(t, "A-B 5, A-C 50", "hubs B: b1 b2", "connector c: * on b1 hC1")
	gone.org.Servers[gone.server("b1")].Absent = true
	gone.expect("hA1→u@x.com", "path A-C, total 51")
	n := net(t, "A, B", "connector far: x.com on hB1", "connector near: * on hA1")
	n.expect("hA1→u@x.com", "connector near")
	net(t, "A, B", "connector far: x.com on hB1").expect("hA1→u@x.com", "fate unreachable")
}

func TestAnEdgeUsesOnlyConnectorsThatItIsASourceOf(t *testing.T) {
	t.Parallel()
	n := net(t, "S-X 10", "edges S: E1 E2", "connector one: a.com on E1 to s1", "connector two: *;50 on E2", "connector hub: a.com on hS1")
	n.expect("E1→u@a.com", "connector one, to s1, handled E1")
	n.expect("E2→u@a.com", "connector two, to internet, handled E2")
	n.expect("E1→u@b.com", "fate unreachable, at E1")
}

func TestX3_DeadSourceServersAreNotDroppedFromTheChoice(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 5", "connector one: *;1 on hB1", "connector two: *;50 on hA1").fail("down hB1")
	n.expect("hA1→u@x.com", "connector one, fate queued, at hA1")
}

func TestX5_SameSiteDoesNotAlwaysWin(t *testing.T) {
	t.Parallel()
	net(t, "A-B 1", "connector here: *;3 on hA1", "connector there: *;1 on hB1").expect("hA1→u@x.com", "connector there")
}

func TestR5_15_AddressSpaceCostsAndLinkCostsAreOnOneScale(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 40, B-C 9", "connector dear: *;50 on hA1", "connector far: *;1 on hC1")
	n.expect("hA1→u@x.com", "total 50, connector dear") // 50 = 40 + 9 + 1: the tie goes to the nearer
	net(t, "A-B 40, B-C 8", "connector dear: *;50 on hA1", "connector far: *;1 on hC1").expect("hA1→u@x.com", "total 49, connector far")
}

// twoEdgeSites is an organisation whose sites S1 and S2 have an Edge server and its outbound connector each.
func twoEdgeSites(t *testing.T, links string) *network {
	return net(t, links, "edges S1: e1", "edges S2: e2", "connector one: *;100 on e1", "connector two: *;100 on e2")
}

func TestR6_6_NearestEdgeSite(t *testing.T) {
	t.Parallel()
	twoEdgeSites(t, "S1-S3 20, S2-S3 10").expect("S3→u@x.com", "connector two, total 110")
	twoEdgeSites(t, "S1-P 5, P-S3 5, S2-S3 10").expect("S3→u@x.com", "connector two, total 110") // fewer hops
	twoEdgeSites(t, "S1-S3 10, S2-S3 10").expect("S3→u@x.com", "connector one, total 110")       // name
}

func TestR6_7_NoAutomaticSwitchToAnotherEdgeSite(t *testing.T) {
	t.Parallel()
	n := twoEdgeSites(t, "S1-S3 10, S2-S3 20, S1-S2 5").fail("down e1")
	n.expect("S1→u@x.com", "fate queued, at hS11, type SmtpRelayWithinAdSiteToEdge")
	n.expect("S3→u@x.com", "fate queued, at hS11")
	n.expect("S2→u@x.com", "fate delivered")
	n.why("S3→u@x.com", `R-6.7: no answer from e1: the mail waits in the queue of "hS11", status Retry; no Edge of another site takes over`)
}

func TestR6_9_EnabledAgainItIsUsedAgain(t *testing.T) {
	t.Parallel()
	n := twoEdgeSites(t, "S1-S2 10")
	d, hub := n.dest("u@x.com"), n.server("hS11")
	set := func(o *topology.Organisation, v int64) *topology.Organisation {
		return o.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: v})
	}
	off := set(n.org, 0)
	on := set(off, 1)
	moved := n.book.Table(off, 0).Hop(hub, d, 1)
	require.Equal(t, "S2", n.book.Key(moved.Key).Domain)
	require.Equal(t, "one", n.book.Key(n.book.Table(on, 0).Hop(hub, d, 1).Key).Domain)
	require.True(t, n.book.Table(on, 0).Alive(hub, moved.Key), "what has moved is not recalled")
}
