package route

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// why checks that an explanation holds these lines, each "rule: text".
func (n *network) why(ask string, lines ...string) {
	n.t.Helper()
	way := n.follow(ask)
	for _, l := range lines {
		require.Contains(n.t, strings.Split(reasons(&way), "\n"), l)
	}
}

func TestReasonsOfAPath(t *testing.T) {
	t.Parallel()
	net(t, "A-B 5, B-D 10, B-C 5, C-D 5").why("A→D", // G-01
		`R-3.1: least-cost path A > B > D: cost 15, 2 hops`,
		`R-3.1 step 2: A > B > C > D loses: the cost is the same but it has 3 hops against 2`,
		`R-3.8: no hub site stands in between: connect straight to a hub of "D"`)
	net(t, "Site 1-Site 2 10, Site 2-Site 4 10, Site 1-Site 3 10, Site 3-Site 4 10").why("Site 1→Site 4", // G-02
		`R-3.1 step 3: names compared from the destination end: "Site 2" < "Site 3" (Site 1 > Site 3 > Site 4 loses)`)
	net(t, "A-B 10, B-X 10, A-C 10, C-X 10, X-D 10").why("A→D", // G-05
		`R-3.1 step 3: names compared from the destination end: "B" < "C" (A > C > X > D loses)`)
	net(t, "A-B 15, B-D 15, A-C 10, C-D 10", "H(B)").why("A→D", // G-17
		`R-3.1 step 1: A > B > D loses: it costs 30, 10 more`,
		`R-3.11: hub site "B" is not on the path and is ignored`)
}

func TestReasonsOfHubSites(t *testing.T) {
	t.Parallel()
	net(t, "chain A-B-C-D-E 10", "H(A, B, D)", "no hubs: D").why("A→E",
		`R-3.10: "B" is the first hub site on the path after the source: the mail stops there`,
		`R-3.12: the hub flag of the source "A" has no effect`,
		`D-3: the hub flag of "D" is ignored: the site has no hub`)
	net(t, "A-B 10, B-C 10", "H(B)", "version 2013").why("A→B", `R-3.27 step 4: the final site "B" is a hub site: its mail shares a queue with mail that goes on from there`,
		`R-3.32: begins at hub "hA1" of site "A"; a mailbox may submit straight to a server near its recipients: begin at a mailbox server to see that`)
}

func TestReasonsOfConnectors(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10", "hubs A: hA1 hA2", "connector win: x.com;2 on hA1 hC1", "connector general: * on hA1", "connector dear: x.com;9 on hA1",
		"connector remote: x.com;1 on hB1 disabled", "connector small: x.com on hA1 max 1MB", "connector hidden: x.com on hB1 scoped",
		"connector zin: x.com;2 on hA1", "connector yonder: x.com;2 on hA2")
	n.why("hA1→u@x.com 2MB",
		`R-5.1: connector "win" by address space "x.com": cost 2 (path 0 + address space 2)`,
		`R-5.3: connector "general" loses: "*" is less specific than "x.com"`,
		`R-5.1 step 4: connector "dear" loses: total cost 9 against 2`,
		`R-5.7: connector "remote" is disabled`,
		`R-5.1 step 1: connector "small" takes at most 1 MB, and the message has 2 MB`,
		`R-5.6: connector "hidden" is scoped to the sites of its source servers`,
		`R-5.1 step 6: connector "zin" loses by name: "win" < "zin"`,
		`R-5.1 step 5: connector "yonder" loses: hosted by a server of this site against this server`,
		`R-5.9: "win" has source servers in several sites: all mail from here goes to "A"`,
		`R-4.4: "hA1" is itself a source server of "win"`)
	net(t, "A-B 10, A-P 5, P-C 5", "connector far: * on hC1", "connector near: * on hB1").why("hA1→u@x.com",
		`R-5.1 step 5: connector "far" loses: 2 hops away against 1`)
	net(t, "A").why("A→u@x.com", `R-5.8: no connector matches "x.com": Unreachable queue`)
}

// Which of several sites is the end of the path is told with the sites that lost: of a DAG's members, and of a connector's source servers.
func TestReasonsOfTheEndSite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, A-C 10, A-X 5, X-D 5, A-E 30", "dag G: hB1 hC1 hD1 hE1", "version 2016")
	n.why("A→hB1", `R-3.28: the mailbox is in DAG "G": mail enters it through its nearest site, "B"`,
		`D-9: site "C" loses by name: the cost and the hops are the same, and "B" < "C"`,
		`R-3.27 step 2: site "D" loses: the cost is the same but the path has 2 hops against 1`,
		`R-3.27 step 2: site "E" loses: the path costs 30, 20 more`)
	links := "A-B 10, A-X 5, X-C 5, A-D 30"
	sources := "connector win: * on hC1 hB1 hD1"
	net(t, links, sources).why("A→u@x.com", `R-5.9: "win" has source servers in several sites: all mail from here goes to "C"`,
		`R-5.9: site "B" loses: the cost is the same, and a source server of "C" is named first`,
		`R-5.9: site "D" loses: the path costs 30, 20 more`)
	net(t, links, sources, "version 2013").why("A→u@x.com", `R-5.9: "win" has source servers in several sites: all mail from here goes to "B"`,
		`R-5.9: site "C" loses: the cost is the same but the path has 2 hops against 1`)
}

func TestReasonsOfSubmission(t *testing.T) {
	t.Parallel()
	net(t, "A-B 10", "hubs A: a1 a2", "override mA: a2").why("mA→B", `R-4.14: submitted to hub "a2" of site "A", one of the only hubs that "mA" may use`)
	net(t, "A-B 10", "hubs A: a1 a2", "role a2", "dag D: a2").why("a2→B",
		`R-4.15: submitted to hub "a1" of site "A": a member of a DAG uses its own hub last`)
}

func TestReasonsOfWhereItRests(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C 10", "hubs C: c1 c2").fail("down c1 c2")
	n.why("A→C",
		`R-3.15: no answer from c1, c2: backs off along the path to hB1 in site "B"`,
		`R-3.15: no answer from c1, c2: the mail waits in the queue of "hB1", status Retry`)
	n = net(t, "chain A-B-C 10", "hubs C: c1 c2").fail("down c1")
	n.why("A→C", `R-4.2: no answer from c1: the next in the list, c2, takes it`)
	way := n.follow("A→C")
	require.Equal(t, "", way.Status)
	way = n.fail("down c2").follow("A→C")
	require.Equal(t, "Retry", way.Status)
	for _, r := range way.Reasons[1:] {
		require.Contains(t, []topology.ServerID{n.server("hA1"), n.server("hB1")}, r.At)
	}
	require.Equal(t, n.server("hB1"), way.Reasons[len(way.Reasons)-1].At)
	require.Equal(t, "Ready", net(t, "A").follow("A→u@x.com").Status)
}

// What an explanation leaves out: ways that would cross a site twice, and dearer ways into sites on the way.
func TestReasonsAreToThePoint(t *testing.T) {
	t.Parallel()
	want := `R-4.13: submitted to hub "hA1" of site "A"
R-3.1: least-cost path A > B > C: cost 20, 2 hops
R-3.8: no hub site stands in between: connect straight to a hub of "C"
R-3.26: the mailbox is in site "C": delivered into the store of "mC"`
	way := net(t, "chain A-B-C-D 10").follow("A→C")
	require.Equal(t, want, reasons(&way))
	way = net(t, "chain A-B-C 10, A-X 10, X-B 50").follow("A→C")
	require.Equal(t, want, reasons(&way))
}

// Sizes are written in the largest unit that divides them.
func TestReasonsOfSizes(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10 max 10MB", "connector Out: * on hA1 max 1MB")
	n.why("A→B 12MB", `R-3.24: 12 MB is more than the smallest limit of a link on the path, 10 MB: NDR 5.3.4`)
	n.why("A→B 10485761B", `R-3.24: 10485761 bytes is more than the smallest limit of a link on the path, 10 MB: NDR 5.3.4`)
	n.why("A→u@x.com 1572864B", `R-5.1 step 1: connector "Out" takes at most 1 MB, and the message has 1536 KB`)
	require.Equal(t, "0 bytes", sizeName(0))
	require.Equal(t, "2048 GB", sizeName(2<<40))
}

func TestReasonsOfEdges(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "X-S 10", "H(S)", "edges S: E", "connector Out: * on E", "accepted x.com internal_relay", "accepted y.com authoritative", "version "+version)
		n.why("X→u@z.com", `R-6.3: "Out" is hosted on Edge servers of site "S": a hub there takes the mail to them`,
			`R-6.3: "Out" is hosted on Edge servers of this site: relayed to one of them`)
		way := n.follow("X→u@z.com")
		require.NotContains(t, reasons(&way), "R-3.27", "the queue for the site is the Edge's own")
		n.why("E→u@y.com", `R-5.2: "y.com" is an accepted domain: the address space "--" of connector "EdgeSync - Inbound to S" takes it`,
			`D-27: "y.com" is an authoritative domain and has no such mailbox: NDR 5.1.1`)
		n.why("X→u@x.com", `D-27: "x.com" is an accepted domain of type internal_relay: a connector takes what is in no mailbox here`)
	}
}

// Many dearer ways are counted, not listed.
func TestReasonsAreLimited(t *testing.T) {
	t.Parallel()
	links := "A-Z 1"
	for _, s := range "BCDEFGHIJ" {
		links += ", A-" + string(s) + " 10, " + string(s) + "-Z 10"
	}
	n := net(t, links)
	n.why("A→Z", `R-3.1 step 1: 5 more ways into "Z" cost more`)
	way := n.follow("A→Z")
	require.Less(t, len(way.Reasons), 12)
}

func TestD4_SubmissionNeverLeavesTheSite(t *testing.T) {
	t.Parallel()
	net(t, "A-B 10", "no hubs: A").expect("A→B", "fate pending, rests , handled ")
	net(t, "A-B 10", "no hubs: A").expect("mA→B", "fate pending, at mA")
	n := net(t, "A-B 10", "hubs A: a1 a2").fail("down a1 a2")
	n.expect("mA→B", "fate pending, at mA, handled ")
	net(t, "A-B 10", "hubs A: hA1 hA2").fail("down hA1").expect("hA1→B", "fate pending, at hA1, handled ")
}

func TestR4_13_SubmissionPrefersTheOwnHub(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs A: a1 a2 a3") // G-47
	n.org.Servers[n.server("a2")].Roles |= topology.RoleMailbox
	n.expect("a2→B", "handled a2 hB1")
	n.expect("mA→B", "handled a1 hB1")
	n.fail("down a2").expect("a2→B", "handled a3 hB1") // its transport service is down; D-11 starts it behind its own place
	n.fail("down a1").expect("mA→B", "handled a3 hB1")
	n.fail("down a3").expect("mA→B", "fate pending, at mA")
}

// Two servers that believe in different connectors send a message to and fro: 20 returns to the first are 40 hops.
func TestD19_LoopLimit(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "connector a: * on hA1", "connector b: * on hB1")
	withoutA := n.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: 0})
	withoutB := n.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 1, Value: 0})
	q := Query{
		Server: n.server("hA1"), Dest: n.dest("u@x.com"),
		View: func(s topology.ServerID) *topology.Organisation {
			if s == n.server("hA1") {
				return withoutA
			}
			return withoutB
		},
	}
	way := Follow(n.book, n.org, q)
	require.Equal(t, Returned, way.Fate)
	require.Equal(t, "5.4.6", way.Code)
	require.Equal(t, n.server("hA1"), way.RestsAt)
	require.Len(t, way.Servers, 40)
	q.LoopLimit = 3
	way = Follow(n.book, n.org, q)
	require.Equal(t, "5.4.6", way.Code)
	require.Len(t, way.Servers, 6)
	q.LoopLimit = -1
	way = Follow(n.book, n.org, q)
	require.Equal(t, WaitsInQueue, way.Fate, "no limit: it goes round without end")
	require.Equal(t, "Active", way.Status)
	require.Equal(t, "D-19", way.Reasons[len(way.Reasons)-1].Rule)
}

func TestWayOfADelivery(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 5", "H(B)")
	way := n.follow("mA→C")
	require.NotEmpty(t, way.Reasons)
	way.Reasons = nil
	a, b, c := n.site("A"), n.site("B"), n.site("C")
	require.Equal(t, Way{
		Path: []topology.SiteID{a, b, c}, Cost: 15, TotalCost: 15,
		NextHop: "B", DeliveryType: "SmtpRelayToRemoteAdSite", Connector: topology.None,
		Candidates: []Target{{TargetServer, int32(n.server("hB1"))}},
		Servers:    []topology.ServerID{n.server("hA1"), n.server("hB1"), n.server("hC1")},
		Stops:      []topology.SiteID{b, c},
		Fate:       Delivered, To: Target{TargetStore, int32(n.server("mC"))}, RestsAt: topology.None,
	}, way)
	n.expect("A→A", "path A, cost 0, stops , handled hA1, to mA")
}

// The explanation makes the decision of the run: with everything up, each server's next hop by Follow is the one of Hop, and mail
// that Hop queues is delivered.
func TestFollowAgreesWithHop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.SampledFrom([]topology.Version{topology.V2007RTM, topology.V2010, topology.V2013, topology.VSE}).Draw(t, "version")
		o := drawConnectors(t, drawOrganisation(t, 6, version))
		o.Remotes = []topology.Remote{{Name: "internet"}}
		book := NewBook()
		dests := []DestID{book.Dest(Destination{Kind: External, Domain: "a.b.c"})}
		for i := range o.Servers {
			if o.Servers[i].Is(topology.RoleMailbox) {
				dests = append(dests, book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(i)}))
			}
		}
		for i := range o.Servers {
			from := topology.ServerID(i)
			if !o.Servers[i].Is(topology.RoleHub) {
				continue
			}
			for _, d := range dests {
				for _, size := range []int64{1, 4, 4 << 20} {
					hop := book.Table(o, o.Servers[i].Site).Hop(from, d, size)
					way := Follow(book, o, Query{Server: from, Dest: d, Size: size})
					fate := map[Outcome]Fate{Queued: Delivered, NoRoute: WaitsForRoute, TooLarge: Returned}[hop.Outcome]
					if hop.Outcome == Queued && way.Fate == Returned && way.RestsAt != from {
						continue // a connector that only a later server prefers may be too small
					}
					require.Equal(t, fate, way.Fate, reasons(&way))
					if hop.Outcome == Queued {
						require.Equal(t, book.Key(hop.Key).Domain, way.NextHop)
						require.NotEmpty(t, book.Table(o, o.Servers[i].Site).Groups(from, hop.Key))
						require.True(t, book.Table(o, o.Servers[i].Site).Alive(from, hop.Key))
					}
				}
			}
		}
	})
}
