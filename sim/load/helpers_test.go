package load

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// numbers is an Interner made of a map.
type numbers struct {
	ids  map[route.Destination]route.DestID
	list []route.Destination
}

func newNumbers() *numbers { return &numbers{ids: make(map[route.Destination]route.DestID)} }

func (n *numbers) Dest(d route.Destination) route.DestID {
	id, ok := n.ids[d]
	if !ok {
		id = route.DestID(len(n.list))
		n.ids[d] = id
		n.list = append(n.list, d)
	}
	return id
}

// t0 is a Monday, 08:00 in Tokyo.
func t0() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("JST", 9*3600)) }

const day = simtime.Time(24 * time.Hour)

// The organisation of most tests: site A with two mailbox servers of 300 and 100 mailboxes, the second with two databases; site B
// with one of 100; site C with none; a server of site A that has not joined yet.
const (
	siteA topology.SiteID = iota
	siteB
	siteC
)

const (
	mA1 topology.ServerID = iota
	mA2
	mB
	hubC
	mA3
)

func testOrg(t require.TestingT) *topology.Organisation {
	return testOrgWith(t, func(*topology.Builder) {})
}

func testOrgWith(t require.TestingT, more func(*topology.Builder)) *topology.Organisation {
	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"A", "B", "C"} {
		b.Site(topology.Site{Name: name})
	}
	both := topology.RoleHub | topology.RoleMailbox
	b.Server(topology.Server{Name: "mA1", Site: siteA, Roles: both, Mailboxes: 300})
	b.Server(topology.Server{Name: "mA2", Site: siteA, Roles: both, Mailboxes: 100, Databases: []string{"x", "y"}})
	b.Server(topology.Server{Name: "mB", Site: siteB, Roles: topology.RoleMailbox, Mailboxes: 100})
	b.Server(topology.Server{Name: "hubC", Site: siteC, Roles: topology.RoleHub})
	b.Server(topology.Server{Name: "mA3", Site: siteA, Roles: topology.RoleMailbox, Mailboxes: 9000, Absent: true})
	more(b)
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

func site(s topology.SiteID) []Party     { return []Party{{Kind: PartySite, Site: s, Weight: 1}} }
func server(s topology.ServerID) []Party { return []Party{{Kind: PartyMailbox, Server: s, Weight: 1}} }
func internet() []Party                  { return []Party{{Kind: PartyInternet, Weight: 1}} }
func poisson(id string, rate float64) Source {
	return Source{ID: id, Kind: Poisson, From: site(siteA), To: site(siteB), Rate: rate, End: simtime.Never}
}

func newTestGenerator(t require.TestingT, s Source, org *topology.Organisation, root rng.Root, end simtime.Time) *Generator {
	g, err := NewGenerator(0, &s, org, newNumbers(), root, t0(), end)
	require.NoError(t, err)
	return g
}

// all plays a generator out; the recipients are copied.
func all(g *Generator) []Message {
	var out []Message
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		m.Recipients = slices.Clone(m.Recipients)
		out = append(out, m)
	}
	return out
}

func play(t require.TestingT, s Source, end simtime.Time) []Message {
	return all(newTestGenerator(t, s, testOrg(t), rng.NewRoot(1, 0), end))
}

func times(list []Message) []simtime.Time {
	out := make([]simtime.Time, len(list))
	for i := range list {
		out[i] = list[i].At
	}
	return out
}

func seconds(s ...float64) []simtime.Time {
	out := make([]simtime.Time, len(s))
	for i := range s {
		out[i] = simtime.Time(simtime.FromSeconds(s[i]))
	}
	return out
}

// checkMean holds the replications' values against an exact mean by the rule of statistics part C: 30 replications, 1e-4 false
// alarm probability a check, and the interval must be within a share of the exact value, 2 % (5 % for the heaviest tails), so that
// the check is not blind. An error of twice that share is found with more than 99.9 % probability.
func checkMean(t *testing.T, what string, values []float64, exact, share float64) {
	t.Helper()
	const quantile = 4.5055 // Student's t, 29 degrees of freedom, 1 - 1e-4/2
	require.Len(t, values, 30)
	mean, h := meanAndHalfWidth(values, quantile)
	require.LessOrEqual(t, h, share*exact, "%s: the check is blind", what)
	require.InDelta(t, exact, mean, h, "%s: mean of 30 replications", what)
}

func TestKindsHaveTheNamesOfTheScenario(t *testing.T) {
	t.Parallel()
	require.Equal(t, "poisson diurnal regular burst replay",
		fmt.Sprint(Poisson)+" "+fmt.Sprint(Diurnal)+" "+fmt.Sprint(Regular)+" "+fmt.Sprint(Burst)+" "+fmt.Sprint(Replay))
}
