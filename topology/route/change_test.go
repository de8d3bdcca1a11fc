package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// by is the network by another organisation, with the same book.
func (n *network) by(changes ...topology.Change) *network {
	m := *n
	m.org = n.org.With(changes...)
	return &m
}

func TestGoldenHubAddedAfterASubscription(t *testing.T) {
	t.Parallel()
	t.Run("G-72", func(t *testing.T) {
		t.Parallel()
		n := net(t, "S", "hubs S: h1 h2 h3", "edges S: E1")
		h3 := n.server("h3")
		n.org.Servers[h3].Absent = true
		require.Equal(t, []string{"h1 h2", "h2 h1"}, n.lists("E1", "mS", 2))
		later := n.by(topology.Change{Kind: topology.ServerPresent, Object: int32(h3), Value: 1})
		require.Equal(t, []string{"h1 h2 h3", "h2 h3 h1", "h3 h1 h2"}, later.lists("E1", "mS", 3))
		require.Equal(t, []topology.ServerID{n.server("h1"), n.server("h2")}, later.org.EdgeSync(0))
	})
}

func TestGoldenEdgeFailoverByHand(t *testing.T) {
	t.Parallel()
	n := net(t, "Site1-Site3 10, Site2-Site3 20, Site1-Site2 15", "edges Site1: Edge1", "edges Site2: Edge2",
		"connector EdgeSync - Site1 to Internet: *;100 on Edge1", "connector EdgeSync - Site2 to Internet: *;100 on Edge2")
	queue := func(n *network, hub string) KeyID {
		id := n.server(hub)
		return n.book.Table(n.org, n.org.Servers[id].Site).Hop(id, n.dest("x@x.com"), 1).Key
	}
	alive := func(n *network, hub string, k KeyID) bool {
		id := n.server(hub)
		return n.book.Table(n.org, n.org.Servers[id].Site).Alive(id, k)
	}
	first, third := queue(n, "hSite11"), queue(n, "hSite31")
	off := n.by(topology.Change{Kind: topology.ConnectorEnabled, Object: 0})
	on := off.by(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: 1})
	t.Run("G-69", func(t *testing.T) {
		require.False(t, alive(off, "hSite11", first), "Site1's queue is resubmitted")
		off.expect("Site1→x@x.com", "handled hSite11 hSite21 Edge2")
		off.expect("Site3→x@x.com", "handled hSite31 hSite21 Edge2")
		require.True(t, alive(off, "hSite31", third), "what Site3 has queued for Site1 has a next hop still")
	})
	t.Run("G-70", func(t *testing.T) {
		moved := queue(off, "hSite11")
		require.True(t, alive(on, "hSite11", moved), "what has moved is not recalled")
		on.expect("Site1→x@x.com", "handled hSite11 Edge1")
		on.expect("Site3→x@x.com", "handled hSite31 hSite11 Edge1")
	})
}

func TestR6_10_ChangesOfSmartHostsByAction(t *testing.T) {
	t.Parallel()
	n := net(t, "A", "connector c: * on hA1 to s1 s2")
	hub := n.server("hA1")
	n.org.HostLists = [][]topology.RemoteID{{2, 1}}
	key := n.book.Table(n.org, 0).Hop(hub, n.dest("u@x.com"), 1).Key
	list := n.by(topology.Change{Kind: topology.SmartHosts, Object: 0, Value: 0})
	table := list.book.Table(list.org, 0)
	require.True(t, table.Alive(hub, key), "another list is used at once")
	require.Equal(t, "outside: s2 s1", list.names(table.Groups(hub, key)))
	dns := n.by(topology.Change{Kind: topology.SmartHosts, Object: 0, Value: topology.None})
	require.False(t, dns.book.Table(dns.org, 0).Alive(hub, key))
	require.Equal(t, DnsConnectorDelivery, dns.book.Key(dns.book.Table(dns.org, 0).Hop(hub, dns.dest("u@x.com"), 1).Key).Type)
	gone := n.by(topology.Change{Kind: topology.ConnectorPresent, Object: 0})
	require.False(t, gone.book.Table(gone.org, 0).Alive(hub, key))
	gone.expect("hA1→u@x.com", "fate unreachable")
}

func TestD21_ServersAndSitesThatComeAndGo(t *testing.T) {
	t.Parallel()
	n := net(t, "chain A-B-C 10", "hubs B: b1 b2")
	hub := n.server("hA1")
	key := n.book.Table(n.org, n.site("A")).Hop(hub, n.dest("B"), 1).Key
	present := func(s string, value int64) topology.Change {
		return topology.Change{Kind: topology.ServerPresent, Object: int32(n.server(s)), Value: value}
	}
	one := n.by(present("b1", 0))
	require.True(t, one.book.Table(one.org, 0).Alive(hub, key), "one hub is left")
	one.expect("A→B", "servers b2")
	none := n.by(present("b1", 0), present("b2", 0))
	require.False(t, none.book.Table(none.org, 0).Alive(hub, key))
	none.expect("A→B", "fate unreachable")
	none.expect("A→C", "path A-B-C, fate delivered")
	none.by(present("b2", 1)).expect("A→B", "servers b2, fate delivered")

	site := n.by(topology.Change{Kind: topology.SitePresent, Object: int32(n.site("B"))})
	require.False(t, site.book.Table(site.org, 0).Alive(hub, key))
	site.expect("A→C", "fate unreachable")
	site.by(topology.Change{Kind: topology.SitePresent, Object: int32(n.site("B")), Value: 1}).expect("A→C", "path A-B-C, fate delivered")
}

func TestD21_MovedMailbox(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "chain A-B-C 10", "version "+version)
		to, from := "mC", "mB"
		if version == "2016" {
			to, from = "hC1", "hB1"
		}
		key := n.book.Table(n.org, n.site("B")).Hop(n.server("hB1"), n.dest(from), 1).Key
		moved := n.by(topology.Change{Kind: topology.MailboxHome, Object: int32(n.server(from)), Value: int64(n.server(to))})
		moved.expect("A→"+from, "path A-B-C, stops C, to "+to)
		moved.expect("hB1→"+from, "handled hB1 hC1, to "+to)
		require.False(t, moved.book.Table(moved.org, n.site("B")).Alive(n.server("hB1"), key), "queued for the old place")
		moved.by(topology.Change{Kind: topology.MailboxHome, Object: int32(n.server(from)), Value: int64(n.server(from))}).
			expect("A→"+from, "path A-B, to "+from)
	}
}
