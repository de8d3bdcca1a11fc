package route

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

func TestDestinationsAreNumberedByFirstUse(t *testing.T) {
	t.Parallel()
	b := NewBook()
	require.Equal(t, DestID(0), b.Dest(Destination{Kind: External, Domain: "X.com"}))
	require.Equal(t, DestID(1), b.Dest(Destination{Kind: Mailbox, Server: 3, Database: 1}))
	require.Equal(t, DestID(0), b.Dest(Destination{Kind: External, Type: "smtp", Domain: "x.COM"}))
	require.Equal(t, DestID(1), b.Dest(Destination{Kind: Mailbox, Server: 3, Database: 1, Domain: "ignored"}))
	require.Equal(t, DestID(2), b.Dest(Destination{Kind: Mailbox, Server: 3}))
	require.Equal(t, DestID(3), b.Dest(Destination{Kind: External, Type: "FAX", Domain: "x.com"}))
	require.Equal(t, 4, b.NumDests())
	require.Equal(t, Destination{Kind: External, Server: topology.None, Type: "SMTP", Domain: "x.com"}, b.Destination(0))
}

func TestKeysAreNumberedByFirstUseAndSharedByTables(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10, B-C 10, A-C 10")
	a, b := n.book.Table(n.org, n.site("A")), n.book.Table(n.org, n.site("B"))
	toC, toB := n.dest("C"), n.dest("B")
	require.Equal(t, KeyID(0), a.Hop(n.server("hA1"), toC, 1).Key)
	require.Equal(t, KeyID(1), a.Hop(n.server("hA1"), toB, 1).Key)
	require.Equal(t, KeyID(0), b.Hop(n.server("hB1"), toC, 1).Key)
	require.Equal(t, 2, n.book.NumKeys())
	// A view with other costs hands out the same numbers.
	changed := n.org.With(topology.Change{Kind: topology.LinkCost, Object: 0, Value: 99})
	require.Equal(t, KeyID(0), n.book.Table(changed, n.site("A")).Hop(n.server("hA1"), toC, 1).Key)
	require.Equal(t, ClassIntraOrg, n.book.Class(0))
}

func TestR3_7_TablesAreBuiltOnceForAViewAndASite(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10")
	table := n.book.Table(n.org, n.site("A"))
	require.Same(t, table, n.book.Table(n.org, n.site("A")))
	require.NotSame(t, table, n.book.Table(n.org, n.site("B")))
	require.NotSame(t, table, n.book.Table(n.org.With(), n.site("A")))
	require.Same(t, n.org, table.View())
	require.Equal(t, n.site("A"), table.Site())
	// A rebuild with the same input gives the same table.
	require.Equal(t, table.paths, NewBook().Table(n.org, n.site("A")).paths)
}

// Sizes that lead to different decisions are all remembered, and asked in any order.
func TestDecisionsForSeveralSizes(t *testing.T) {
	n := net(t, "A-B 10 max 20MB", "connector small: x.com on hA1 max 1MB", "connector middle: x.com;5 on hA1 max 5MB", "connector big: *;1 on hB1")
	table, from, d := n.book.Table(n.org, n.site("A")), n.server("hA1"), n.dest("u@x.com")
	want := func(size int64) string {
		switch {
		case size <= 1<<20:
			return "small"
		case size <= 5<<20:
			return "middle"
		case size <= 20<<20:
			return "B"
		}
		return "too large"
	}
	for _, size := range []int64{0, 3 << 20, 1 << 20, 1<<20 + 1, 30 << 20, 5 << 20, 5<<20 + 1, 20 << 20, 20<<20 + 1, 2, 6 << 20, 1, 40 << 20} {
		hop := table.Hop(from, d, size)
		got := "too large"
		if hop.Outcome == Queued {
			if k := n.book.Key(hop.Key); k.Connector != topology.None {
				got = n.org.Connectors[k.Connector].Name
			} else {
				got = k.Domain
			}
		}
		require.Equal(t, want(size), got, "%d bytes", size)
	}
	require.Len(t, table.more, 3, "one decision for each range of sizes")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, size := range []int64{1, 3 << 20, 6 << 20, 30 << 20} {
			table.Hop(from, d, size)
		}
	}))
}

func TestHotPathAllocatesNothing(t *testing.T) {
	n := net(t, "chain A-B-C-D 10", "hubs D: d1 d2 d3")
	table, from, d := n.book.Table(n.org, n.site("A")), n.server("hA1"), n.dest("D")
	hop := table.Hop(from, d, 1)
	table.Groups(from, hop.Key)
	var sink int32
	require.Zero(t, testing.AllocsPerRun(100, func() {
		hop := table.Hop(from, d, 1000)
		for _, g := range table.Groups(from, hop.Key) {
			sink += Order(g.Members, table.Offset(from, len(g.Members)), 7, 0).ID
		}
		table.Alive(from, hop.Key)
		n.book.Class(hop.Key)
	}))
	require.NotZero(t, sink)
}

// Destinations and keys that appear after a table was built are decided like any other.
func TestTablesGrowWithTheBook(t *testing.T) {
	t.Parallel()
	n := net(t, "A-B 10", "connector c: * on hA1")
	table, from := n.book.Table(n.org, n.site("A")), n.server("hA1")
	for i := range 300 {
		hop := table.Hop(from, n.dest(fmt.Sprintf("u@d%d.com", i)), 1)
		require.Equal(t, fmt.Sprintf("d%d.com", i), n.book.Key(hop.Key).Domain)
		require.Len(t, table.Groups(from, hop.Key), 1)
	}
	require.Equal(t, "d0.com", n.book.Key(table.Hop(from, n.dest("u@d0.com"), 1).Key).Domain)
}

func TestQ4_5_QueueClasses(t *testing.T) {
	t.Parallel()
	for d, want := range map[DeliveryType]Class{
		DnsConnectorDelivery: ClassSmtpConnector, SmartHostConnectorDelivery: ClassSmtpConnector, SmtpRelayWithinAdSiteToEdge: ClassSmtpConnector,
		SmtpRelayWithinAdSite: ClassIntraOrg, SmtpRelayToRemoteAdSite: ClassIntraOrg, SmtpRelayToMailboxDeliveryGroup: ClassIntraOrg,
		SmtpRelayToConnectorSourceServers: ClassIntraOrg, MapiDelivery: ClassMailbox, SmtpDeliveryToMailbox: ClassMailbox,
		NonSmtpGatewayDelivery: ClassOther, DeliveryAgent: ClassOther, Unreachable: ClassOther, Undefined: ClassOther,
	} {
		require.Equal(t, want, d.Class(), d.Name(topology.V2010))
	}
}

func TestNamesOfDeliveryTypes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for d := Undefined; d <= Unreachable; d++ {
		name := d.Name(topology.V2010)
		require.False(t, seen[name], name)
		seen[name] = true
		if d == SmtpRelayToRemoteAdSite {
			require.Equal(t, "SmtpRelayToRemoteAdSite", name)
			require.Equal(t, "SmtpRelayToRemoteActiveDirectorySite", d.Name(topology.V2013))
		} else {
			require.Equal(t, name, d.Name(topology.VSE))
		}
	}
	require.Equal(t, "Undefined", DeliveryType(200).Name(topology.V2010))
}
