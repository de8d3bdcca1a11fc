package topology

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// twoSites is a valid organisation of sites A and B, a hub in each, an edge at A and a remote.
func twoSites() *Builder {
	b := NewBuilder(V2010)
	b.Site(Site{Name: "A"})
	b.Site(Site{Name: "B"})
	b.Link(Link{Name: "A-B", Sites: []SiteID{0, 1}, Cost: 10})
	b.Server(Server{Name: "hA1", Site: 0, Roles: RoleHub, Version: V2010})
	b.Server(Server{Name: "hB1", Site: 1, Roles: RoleHub | RoleMailbox, Version: V2010})
	b.Server(Server{Name: "eA1", Site: 0, Roles: RoleEdge, Version: V2010})
	b.Server(Server{Name: "mA1", Site: 0, Roles: RoleMailbox, Version: V2010})
	b.Remote(Remote{Name: "cloud"})
	return b
}

func TestBuildReportsEveryProblem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*Builder)
		want  []string
	}{
		"nothing":           {func(b *Builder) { *b = *NewBuilder(V2010) }, []string{`organisation: no site; declare at least one`}},
		"site without name": {func(b *Builder) { b.Site(Site{}) }, []string{`site 2: has no name`}},
		"site twice":        {func(b *Builder) { b.Site(Site{Name: "a"}) }, []string{`site "a": declared twice (names are compared without regard to case)`}},
		"server twice":      {func(b *Builder) { b.Server(Server{Name: "HA1", Roles: RoleHub}) }, []string{`server "HA1": declared twice (names are compared without regard to case)`}},
		"link of one":       {func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0}, Cost: 1}) }, []string{`link "L": joins 1 site; name two or more`}},
		"link to nowhere":   {func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0, 7}, Cost: 1}) }, []string{`link "L": site 7 is not declared`}},
		"link to itself":    {func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0, 0}, Cost: 1}) }, []string{`link "L": site "A" stands twice`}},
		"link cost":         {func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0, 1}}) }, []string{`link "L": cost must be at least 1, is 0`}},
		"exchange cost":     {func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0, 1}, Cost: 1, ExchangeCost: -3}) }, []string{`link "L": exchange cost must be at least 1, is -3`}},
		"server nowhere":    {func(b *Builder) { b.Server(Server{Name: "x", Site: None, Roles: RoleHub}) }, []string{`server "x": site -1 is not declared`}},
		"server of no role": {func(b *Builder) { b.Server(Server{Name: "x"}) }, []string{`server "x": has no role`}},
		"edge and hub":      {func(b *Builder) { b.Server(Server{Name: "x", Roles: RoleEdge | RoleHub}) }, []string{`server "x": an edge has no other role`}},
		"inbound mail disabled in 2010": {
			func(b *Builder) {
				s := b.Site(Site{Name: "C", InboundDisabled: true})
				b.Server(Server{Name: "x", Site: s, Roles: RoleHub, Version: V2010})
			},
			[]string{`server "x": is of version 2010, and its site "C" has inbound mail disabled, which came with 2013; remove one of the two`},
		},
		"connector without sources":     {func(b *Builder) { b.Connector(Connector{Name: "c"}) }, []string{`connector "c": has no source server`}},
		"connector of nobody":           {func(b *Builder) { b.Connector(Connector{Name: "c", Sources: []ServerID{99, 0}}) }, []string{`connector "c": source server 99 is not declared`}},
		"connector of a mailbox server": {func(b *Builder) { b.Connector(Connector{Name: "c", Sources: []ServerID{3}}) }, []string{`connector "c": source "mA1" is no transport server`}},
		"hub and edge as sources": {
			func(b *Builder) { b.Connector(Connector{Name: "c", Sources: []ServerID{0, 2}}) },
			[]string{`connector "c": sources "hA1" and "eA1" are a hub and an edge; give two connectors`},
		},
		"smart host": {func(b *Builder) { b.Connector(Connector{Name: "c", Sources: []ServerID{0}, SmartHosts: []RemoteID{1}}) }, []string{`connector "c": smart host 1 is not declared`}},
		"smart host and dns": {
			func(b *Builder) {
				b.Connector(Connector{Name: "c", Sources: []ServerID{0}, SmartHosts: []RemoteID{0}, DNS: true})
			},
			[]string{`connector "c": give smart hosts or dns, not both`},
		},
		"dc nowhere": {func(b *Builder) { b.DC(DC{Name: "d", Site: 5}) }, []string{`dc "d": site 5 is not declared`}},
		"two problems": {
			func(b *Builder) { b.Link(Link{Name: "L", Sites: []SiteID{0}}); b.Server(Server{Name: "x"}) },
			[]string{`link "L": joins 1 site; name two or more`, `link "L": cost must be at least 1, is 0`, `server "x": has no role`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := twoSites()
			c.spoil(b)
			_, err := b.Build()
			require.Error(t, err)
			require.Equal(t, c.want, strings.Split(err.Error(), "\n"))
		})
	}
	_, err := twoSites().Build()
	require.NoError(t, err)
}

func TestBuilderDefaults(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Link(Link{Name: "limited", Sites: []SiteID{0, 1}, Cost: 20, MaxMessageSize: 5})
	b.Connector(Connector{Name: "c", Sources: []ServerID{0}})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, Unlimited, o.Links[0].MaxMessageSize)
	require.Equal(t, int64(5), o.Links[1].MaxMessageSize)
	require.Equal(t, Unlimited, o.Connectors[0].MaxMessageSize)
}

func TestHubsAndEdgesLeaveOutAbsentServers(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Server(Server{Name: "hA2", Site: 0, Roles: RoleHub, Absent: true})
	b.Server(Server{Name: "hA3", Site: 0, Roles: RoleHub})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, []ServerID{0, 5}, o.Hubs(0))
	require.Equal(t, []ServerID{1}, o.Hubs(1))
	require.Equal(t, []ServerID{2}, o.Edges(0))
	require.Empty(t, o.Edges(1))
}

func TestByName(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Connector(Connector{Name: "to-cloud", Sources: []ServerID{0}})
	o, err := b.Build()
	require.NoError(t, err)
	site, ok := o.SiteByName("b")
	require.True(t, ok)
	require.Equal(t, SiteID(1), site)
	server, ok := o.ServerByName("EA1")
	require.True(t, ok)
	require.Equal(t, ServerID(2), server)
	connector, ok := o.ConnectorByName("TO-CLOUD")
	require.True(t, ok)
	require.Equal(t, ConnectorID(0), connector)
	_, ok = o.SiteByName("C")
	require.False(t, ok)
}

func TestWithChangesACopy(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Connector(Connector{Name: "c", Sources: []ServerID{0}, AddressSpaces: []AddressSpace{{"SMTP", "*", 1}, {"SMTP", "x.com", 2}}})
	b.Connector(Connector{Name: "d", Sources: []ServerID{0}, AddressSpaces: []AddressSpace{{"SMTP", "*", 9}}})
	o, err := b.Build()
	require.NoError(t, err)

	n := o.With(
		Change{ConnectorEnabled, 0, 0},
		Change{ConnectorCost, 0, 7},
		Change{LinkCost, 0, 33},
		Change{LinkExchangeCost, 0, 44},
		Change{HubSite, 1, 1},
		Change{ConnectorCeiling, 1, 16},
	)
	require.True(t, n.Connectors[0].Disabled)
	require.Equal(t, [2]int{0, 16}, [2]int{n.Connectors[0].MaxPerDomainConnections, n.Connectors[1].MaxPerDomainConnections})
	require.Zero(t, o.Connectors[1].MaxPerDomainConnections)
	require.Equal(t, []AddressSpace{{"SMTP", "*", 7}, {"SMTP", "x.com", 7}}, n.Connectors[0].AddressSpaces)
	require.Equal(t, int64(9), n.Connectors[1].AddressSpaces[0].Cost, "another connector stays as it was")
	require.Equal(t, int64(33), n.Links[0].Cost)
	require.Equal(t, int64(44), n.Links[0].EffectiveCost())
	require.True(t, n.Sites[1].HubSite)

	require.False(t, o.Connectors[0].Disabled, "the original stays as it was")
	require.Equal(t, int64(1), o.Connectors[0].AddressSpaces[0].Cost)
	require.Equal(t, int64(10), o.Links[0].EffectiveCost())
	require.False(t, o.Sites[1].HubSite)

	back := n.With(Change{LinkExchangeCost, 0, 0}, Change{ConnectorEnabled, 0, 1})
	require.Equal(t, int64(33), back.Links[0].EffectiveCost(), "clearing the Exchange cost restores the AD cost (R-2.7)")
	require.False(t, back.Connectors[0].Disabled)
	require.Panics(t, func() { o.With(Change{Kind: 99}) })
}

func TestR2_2_OneSiteByDefault(t *testing.T) {
	t.Parallel()
	b := NewBuilder(V2010)
	b.Server(Server{Name: "h1", Roles: RoleHub})
	b.Server(Server{Name: "h2", Roles: RoleHub})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, []Site{{Name: "Default-First-Site-Name"}}, o.Sites)
	require.Equal(t, []ServerID{0, 1}, o.Hubs(0))
}

func TestBuildChecksNetworks(t *testing.T) {
	t.Parallel()
	b := NewBuilder(V2010)
	x, y := b.Site(Site{Name: "X"}), b.Site(Site{Name: "Y"})
	b.Network(Network{Name: "one", Sites: [2]SiteID{x, y}})
	b.Network(Network{Name: "two", Sites: [2]SiteID{y, x}})
	b.Network(Network{Name: "three", Sites: [2]SiteID{x, x}})
	b.Network(Network{Name: "four", Sites: [2]SiteID{x, 7}})
	_, err := b.Build()
	require.EqualError(t, err, "network \"two\": joins the same sites as network \"one\"\n"+
		"network \"three\": joins two different sites that are declared\nnetwork \"four\": joins two different sites that are declared")
}
