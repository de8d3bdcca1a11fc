package load

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// groupsAndLinks has two groups, and a connector that is linked to receive connector "X" after one that is not linked.
func groupsAndLinks(t *testing.T) *topology.Organisation {
	t.Helper()
	return testOrgWith(t, func(b *topology.Builder) {
		b.Group(topology.Group{Name: "one", Members: []topology.Recipient{{Server: mB}}, ExpansionServer: topology.None})
		b.Group(topology.Group{Name: "two", Members: []topology.Recipient{{Server: mB}}, ExpansionServer: hubC})
		r := b.Remote(topology.Remote{Name: "filter"})
		b.Connector(topology.Connector{Name: "plain", Sources: []topology.ServerID{hubC}, DNS: true})
		b.Connector(topology.Connector{Name: "linked", Sources: []topology.ServerID{hubC}, SmartHosts: []topology.RemoteID{r}, LinkedTo: "X"})
	})
}

func TestAGroupCountsOnceInAMessage(t *testing.T) {
	t.Parallel()
	s := poisson("x", 1)
	s.To = []Party{{Kind: PartyGroup, Group: 1, Weight: 1}, {Kind: PartySite, Site: siteB, Weight: 1}, {Kind: PartyGroup, Group: 0, Weight: 1}}
	s.Recipients = rng.Constant(40)
	in := newNumbers()
	g, err := NewGenerator(0, &s, groupsAndLinks(t), in, rng.NewRoot(1, 0), t0(), simtime.Never)
	require.NoError(t, err)
	require.Equal(t, []route.Destination{
		{Kind: route.DistributionList, Group: 1}, {Kind: route.Mailbox, Server: mB}, {Kind: route.DistributionList, Group: 0},
	}, in.list)
	for range 100 {
		m, ok := g.Next()
		require.True(t, ok)
		require.Len(t, m.Recipients, 3) // each misses 40 draws with probability (2/3)^40 < 1e-7
		require.EqualValues(t, 1, m.Recipients[0].Count)
		require.Greater(t, m.Recipients[1].Count, int32(1))
		require.EqualValues(t, 1, m.Recipients[2].Count)
		require.EqualValues(t, topology.None, m.Via)
	}
}

func TestR5_14_MailForALinkedConnector(t *testing.T) {
	t.Parallel()
	s := poisson("x", 1)
	s.From, s.To = internet(), []Party{{Kind: PartyGroup, Weight: 1}, {Kind: PartySite, Site: siteA, Weight: 1}}
	s.Recipients = rng.Constant(7)
	s.Linked, s.Via = true, 1
	in := newNumbers()
	g, err := NewGenerator(0, &s, groupsAndLinks(t), in, rng.NewRoot(1, 0), t0(), simtime.Never)
	require.NoError(t, err)
	for range 10 {
		m, ok := g.Next()
		require.True(t, ok)
		require.Equal(t, []Recipient{{Dest: 0, Count: 7}}, m.Recipients)
		require.EqualValues(t, 1, m.Via)
	}
	require.Equal(t, []route.Destination{{Kind: route.Linked, Connector: 1}}, in.list)
}

func TestGroupsAndLinkedSourcesAreChecked(t *testing.T) {
	t.Parallel()
	group := []Party{{Kind: PartyGroup, Group: 0, Weight: 1}}
	linked := func(via topology.ConnectorID) func(*Source) {
		return func(s *Source) { s.From, s.Linked, s.Via = internet(), true, via }
	}
	for want, spoil := range map[string]func(*Source){
		`load "x": from: a group sends no mail; name a site, a mailbox server or the internet`: func(s *Source) { s.From = group },
		`load "x": to: group 2 is not declared`:                                                func(s *Source) { s.To = []Party{{Kind: PartyGroup, Group: 2, Weight: 1}} },
		`load "x": to: group -1 is not declared`:                                               func(s *Source) { s.To = []Party{{Kind: PartyGroup, Group: -1, Weight: 1}} },
		`load "x": connector 2 is not declared`:                                                linked(2),
		`load "x": connector -1 is not declared`:                                               linked(-1),
		`load "x": connector "plain" is linked to no receive connector; name one that is`:      linked(0),
		`load "x": mail that comes in on a receive connector is from the internet; name no other sender`: func(s *Source) {
			s.From, s.Linked, s.Via = append(internet(), site(siteA)...), true, 1
		},
	} {
		s := poisson("x", 1)
		spoil(&s)
		_, err := NewGenerator(0, &s, groupsAndLinks(t), newNumbers(), rng.NewRoot(1, 0), t0(), simtime.Never)
		require.EqualError(t, err, want)
	}
}
