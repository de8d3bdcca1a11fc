package topology

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithChangesThatComeAndGo(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Remote(Remote{Name: "relay"})
	b.Server(Server{Name: "hA2", Site: 0, Roles: RoleHub, Absent: true})
	b.Connector(Connector{Name: "c", Sources: []ServerID{0}, SmartHosts: []RemoteID{0}, Absent: true})
	list := b.SmartHostList([]RemoteID{1, 0})
	o, err := b.Build()
	require.NoError(t, err)

	n := o.With(Change{ServerPresent, 4, 1}, Change{ConnectorPresent, 0, 1}, Change{SmartHosts, 0, list}, Change{SitePresent, 1, 0}, Change{MailboxHome, 3, 1})
	require.Equal(t, []ServerID{0, 4}, n.Hubs(0))
	require.False(t, n.Connectors[0].Absent)
	require.Equal(t, []RemoteID{1, 0}, n.Connectors[0].SmartHosts)
	require.True(t, n.Sites[1].Absent)
	require.Empty(t, NewGraph(n).Neighbours(0))
	require.Equal(t, ServerID(1), n.Home(3))
	require.Equal(t, ServerID(0), n.Home(0))

	require.Equal(t, []ServerID{0}, o.Hubs(0), "the original stays as it was")
	require.True(t, o.Connectors[0].Absent)
	require.Equal(t, []RemoteID{0}, o.Connectors[0].SmartHosts)
	require.Len(t, NewGraph(o).Neighbours(0), 1)
	require.Equal(t, ServerID(3), o.Home(3))

	back := n.With(Change{ServerPresent, 0, 0}, Change{SmartHosts, 0, None}, Change{SitePresent, 1, 1}, Change{MailboxHome, 3, 3})
	require.Equal(t, []ServerID{4}, back.Hubs(0))
	require.True(t, back.Connectors[0].DNS)
	require.Empty(t, back.Connectors[0].SmartHosts)
	require.Len(t, NewGraph(back).Neighbours(0), 1)
	require.Equal(t, ServerID(3), back.Home(3))
	require.Equal(t, ServerID(1), n.Home(3), "each organisation keeps its own")
}

func TestR6_4_HubsAddedLaterTakeNoPartInEdgeSync(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Server(Server{Name: "hA2", Site: 0, Roles: RoleHub})
	b.Server(Server{Name: "hA3", Site: 0, Roles: RoleHub, Absent: true})
	o, err := b.Build()
	require.NoError(t, err)
	n := o.With(Change{ServerPresent, 5, 1})
	require.Equal(t, []ServerID{0, 4, 5}, n.Hubs(0))
	require.Equal(t, []ServerID{0, 4}, n.EdgeSync(0))
	gone := n.With(Change{ServerPresent, 0, 0})
	require.Equal(t, []ServerID{4}, gone.EdgeSync(0))
}

func TestSmartHostListsAreChecked(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.SmartHostList(nil)
	b.SmartHostList([]RemoteID{7})
	_, err := b.Build()
	require.EqualError(t, err, "smart host list 0: is empty; name a host, or change the connector to DNS routing\nsmart host list 1: smart host 7 is not declared")
}
