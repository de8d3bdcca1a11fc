package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

func TestGoldenExpansion(t *testing.T) {
	t.Parallel()
	const links, hubs = "A-B 10, B-C 10", "hubs C: X1 X2"
	t.Run("G-73", func(t *testing.T) {
		t.Parallel()
		n := net(t, links, hubs, "group G: A C by X1").fail("down X1")
		ways, copies := n.together("A→G")
		require.Equal(t, "hA1>X2 G", n.copies(copies))
		require.Len(t, ways, 1, "nobody gets it, not even A's member")
		require.Equal(t, WaitsInQueue, ways[0].Fate)
		require.Equal(t, n.server("X2"), ways[0].RestsAt)
		require.Equal(t, "Retry", ways[0].Status)
	})
	t.Run("G-74", func(t *testing.T) {
		t.Parallel()
		n := net(t, links, hubs, "group G: A C").fail("down X1")
		ways, copies := n.together("A→G")
		require.Equal(t, "hA1>X2 C", n.copies(copies))
		require.Len(t, ways, 2)
		require.Equal(t, []topology.ServerID{n.server("hA1")}, ways[0].Servers)
		require.Equal(t, Delivered, ways[0].Fate)
		require.Equal(t, Target{TargetStore, int32(n.server("mA"))}, ways[0].To)
		require.Equal(t, Delivered, ways[1].Fate)
	})
}

func TestR7_1_TheFirstHubExpands(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "edges A: E1", "group G: A B u@x.com", "connector C: * on hB1")
	table, g := n.book.Table(n.org, n.site("A")), n.dest("G")
	require.Equal(t, Hop{Key: NoKey, Outcome: Expand}, table.Hop(n.server("hA1"), g, 1))
	require.Equal(t, Queued, table.Hop(n.server("E1"), g, 1).Outcome, "an Edge hands it in")
	ways, copies := n.together("E1→G")
	require.Equal(t, "E1>hA1 G; hA1>hB1 B x.com", n.copies(copies))
	require.Len(t, ways, 3)
	for i, who := range []string{"A", "B", "u@x.com"} {
		require.Equal(t, n.dest(who), ways[i].Dest)
		require.Contains(t, reasons(&ways[i]), `R-7.1: group "G" is expanded by "hA1"`)
		require.Equal(t, n.server("E1"), ways[i].Servers[0], "each member has the whole way")
	}
}

func TestR7_2_UnexpandedToTheExpansionServer(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"2010": "type SmtpRelayToRemoteAdSite, next C, path A-B-C, handled hA1 X1 hA1",
		"2016": "type SmtpRelayToServers, next X1, path A-B-C, handled hA1 X1 hA1",
	} {
		n := net(t, "A-B 10, B-C 10", "hubs C: X1 X2", "group G: A X1 by X1", "role X1", "version "+version)
		ways, copies := n.together("A→G")
		require.Equal(t, "hA1>X1 G; X1>hA1 A", n.copies(copies), "back again for A's own member")
		require.Contains(t, reasons(&ways[0]), `R-7.2: group "G" is expanded by "X1"`)
		n.expect("A→G", want)
	}
	// Inside the site it is a queue to that one server.
	n := net(t, "C", "hubs C: X1 X2", "group G: C by X1")
	n.expect("X2→G", "type SmtpRelayWithinAdSite, next X1, servers X1, handled X2 X1")
}

func TestR7_3_NoAlternative(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "C", "hubs C: X1 X2 X3", "group G: X3 by X1", "role X3", "version "+version).fail("down X1")
		n.expect("X2→G", "fate queued, at X2, servers X1") // it waits on the local hub
	}
}

func TestR7_4_WhereItWaits(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2010", "2016"} {
		n := net(t, "A-B 10, B-C 10", "hubs C: X1 X2", "group G: X1 by X1", "role X1", "version "+version)
		n.fail("down X1").expect("A→G", "handled hA1 X2, at X2, fate queued")
		n.fail("down X2").expect("A→G", "handled hA1 hB1, at hB1, fate queued") // back-off
	}
}

func TestD22_ExpansionServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "hubs B: X1 hB1", "group G: B by X1")
	hub, table := n.server("hA1"), n.book.Table(n.org, n.site("A"))
	hop := table.Hop(hub, n.dest("G"), 1)
	require.Equal(t, Queued, hop.Outcome)
	n.org.Servers[n.server("X1")].Absent = true
	n.expect("A→G", "fate unreachable, at hA1")
	n.why("A→G", `D-22: expansion server "X1" of group "G" is not part of the organisation: Unreachable queue`)
	// What was queued for it inside its site is routed again.
	for _, version := range []string{"2010", "2016"} {
		n = net(t, "B", "hubs B: X1 X2", "group G: X1 by X1", "role X1", "version "+version)
		table = n.book.Table(n.org, 0)
		key := table.Hop(n.server("X2"), n.dest("G"), 1).Key
		require.True(t, table.Alive(n.server("X2"), key))
		gone := n.org.With()
		gone.Servers = append([]topology.Server(nil), gone.Servers...)
		gone.Servers[n.server("X1")].Absent = true
		require.False(t, n.book.Table(gone, 0).Alive(n.server("X2"), key))
	}
}
