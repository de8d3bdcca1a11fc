package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// relaying makes a driver of the one hub of site A, the destinations of which are mailboxes in the sites B and C, with three hubs each.
func relaying(t testing.TB, v topology.Version) *driver {
	t.Helper()
	b := topology.NewBuilder(v)
	var sites []topology.SiteID
	for _, name := range []string{"A", "B", "C"} {
		sites = append(sites, b.Site(topology.Site{Name: name}))
	}
	b.Link(topology.Link{Name: "L", Sites: sites, Cost: 10})
	server := func(name string, site topology.SiteID) topology.ServerID {
		return b.Server(topology.Server{Name: name, Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: v, DC: topology.None})
	}
	from := server("hA1", sites[0])
	var boxes []topology.ServerID
	for i, site := range sites[1:] {
		for n := range 3 {
			id := server(fmt.Sprintf("h%c%d", 'B'+i, n+1), site)
			if n == 0 {
				boxes = append(boxes, id)
			}
		}
	}
	org, err := b.Build()
	require.NoError(t, err)
	d := newDriver(t, org, from, transport.DefaultProfile(v, false))
	for _, id := range boxes {
		d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: id}))
	}
	return d
}

// carried is what one connection did: the server that it went to, and how many messages it took.
type carried struct {
	to       int32
	messages int
}

// connections lists the connections of a driver in order of opening, as they are by the time that it is read.
func (d *driver) connections() *[]carried {
	list, at := &[]carried{}, map[transport.ConnID]int{}
	d.watch = func(a transport.Action) {
		switch a.Kind {
		case transport.Dial:
			at[a.Conn] = len(*list)
			*list = append(*list, carried{to: d.hub.Target(a.Conn).ID})
		case transport.Send:
			(*list)[at[a.Conn]].messages++
		}
	}
	return list
}

// TestR4_8_OneConnectionForEachTwentyMessages: sixty messages for a site of three hubs go as one connection to each hub, and how they are
// shared depends on the speed of each, because a connection takes the next message when it is done with the one before (D-14: when a connection is opened).
func TestR4_8_OneConnectionForEachTwentyMessages(t *testing.T) {
	t.Parallel()
	sixty := func(d *driver) *[]carried {
		for range 60 {
			d.submit(0, d.dest[0])
		}
		return d.connections()
	}
	t.Run("G-44", func(t *testing.T) {
		t.Parallel()
		for v := topology.V2007RTM; v <= topology.VSE; v++ {
			d := relaying(t, v)
			got := sixty(d)
			d.run(minute)
			require.Equal(t, []carried{{1, 20}, {2, 20}, {3, 20}}, *got, v)
			require.Len(t, d.delivered, 60)
		}
	})
	t.Run("speeds differ", func(t *testing.T) {
		t.Parallel()
		d := relaying(t, topology.V2010)
		got := sixty(d)
		count := d.watch
		d.watch = func(a transport.Action) {
			count(a)
			if a.Kind == transport.Send { // hB1 takes a second for a message, hB2 two, hB3 three
				d.each = time.Duration(d.hub.Target(a.Conn).ID) * time.Second
			}
		}
		d.run(sec(2 + 18.5)) // 2 s of setting up
		require.Equal(t, []carried{{1, 19}, {2, 10}, {3, 7}}, *got)
	})
	for _, c := range []struct{ messages, connections int }{{1, 1}, {20, 1}, {21, 2}, {40, 2}, {41, 3}, {100, 5}} {
		t.Run(fmt.Sprint(c.messages), func(t *testing.T) {
			t.Parallel()
			d := relaying(t, topology.V2016)
			for range c.messages {
				d.submit(0, d.dest[0])
			}
			got := d.connections()
			d.run(0)
			require.Len(t, *got, c.connections, "ceil(q/20)")
		})
	}
}

// TestR4_9_TwentyMessagesAConnection in every version, 2007 included, where the number cannot be set.
func TestR4_9_TwentyMessagesAConnection(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		d := relaying(t, v)
		d.hub.Profile().MaxPerDomainConnections = 1
		for range 45 {
			d.submit(0, d.dest[0])
		}
		got := d.connections()
		d.run(5 * minute)
		require.Equal(t, []carried{{1, 20}, {2, 20}, {3, 5}}, *got, v)
	}
	d := relaying(t, topology.V2010)
	d.hub.Profile().MaxPerDomainConnections, d.hub.Profile().MaxMessagesPerConnection = 1, 30
	for range 45 {
		d.submit(0, d.dest[0])
	}
	got := d.connections()
	d.run(5 * minute)
	require.Equal(t, []carried{{1, 30}, {2, 15}}, *got)
}

// TestR4_10_TheTwoLimitsOfAServer: a queue has as many connections as its own limit allows, all queues together as many as the server's.
func TestR4_10_TheTwoLimitsOfAServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ perDomain, outbound, first, second int }{
		{20, 1000, 10, 10}, // the defaults: as many as are wanted
		{4, 1000, 4, 4},
		{20, 13, 10, 3},
		{4, 6, 4, 2},
		{6, 6, 6, 0},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			d := relaying(t, topology.V2010)
			d.hub.Profile().MaxPerDomainConnections, d.hub.Profile().MaxOutboundConnections = c.perDomain, c.outbound
			for range 200 {
				d.submit(0, d.dest[0])
				d.submit(sec(1), d.dest[1]) // later, so that the queue for B has what it wants first
			}
			got := d.connections()
			d.run(sec(1))
			var to [2]int
			for _, x := range *got {
				to[(x.to-1)/3]++
			}
			require.Equal(t, [2]int{c.first, c.second}, to)
		})
	}
}

// TestD27_UnknownRecipientsAreBounced: an address in an authoritative domain that is no mailbox; the other recipients go on.
func TestD27_UnknownRecipientsAreBounced(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2016)
	site := b.Site(topology.Site{Name: "S"})
	id := b.Server(topology.Server{Name: "h", Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2016, DC: topology.None})
	b.AcceptedDomain(topology.AcceptedDomain{Domain: "contoso.com", Type: topology.Authoritative})
	org, err := b.Build()
	require.NoError(t, err)
	d := newDriver(t, org, id, transport.DefaultProfile(topology.V2016, false))
	d.submit(0, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: id}), d.book.Dest(route.Destination{Kind: route.External, Domain: "contoso.com"}))
	d.run(minute)
	require.Equal(t, []transport.Code{transport.NoRecipient}, d.bounced)
	require.Len(t, d.delivered, 1)
}

// TestR4_17_MXPreferenceInAQueue: the connections of a queue try the outside systems of lowest preference in rotation, and those of a
// higher one only when none of the lower takes the connection, whether it does not answer or refuses.
func TestR4_17_MXPreferenceInAQueue(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		for _, failure := range []transport.Code{transport.Unreachable, transport.Reset, transport.Refused} {
			b := topology.NewBuilder(v)
			site := b.Site(topology.Site{Name: "S"})
			id := b.Server(topology.Server{Name: "h", Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: v, DC: topology.None})
			for i, preference := range []int32{10, 20, 10} {
				b.Remote(topology.Remote{Name: fmt.Sprint("mx", i), MX: []topology.MX{{Domain: "a.example", Preference: preference}}})
			}
			b.Connector(topology.Connector{
				Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: []topology.ServerID{id}, DNS: true,
			})
			org, err := b.Build()
			require.NoError(t, err)
			d := newDriver(t, org, id, transport.DefaultProfile(v, false))
			d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.External, Domain: "a.example"}))
			d.fails = time.Second
			down := map[int32]transport.Code{}
			d.up = func(_ simtime.Time, to route.Target) transport.Code { return down[to.ID] }
			require.Equal(t, [][]int32{{1}, {3}, {1}}, d.singly(0, 10, 3), v)
			down[0], down[2] = failure, failure
			lists := d.singly(30, 10, 1)
			require.Equal(t, []int32{3, 1, 2}, lists[0], "%s %d", v, failure)
		}
	}
}

func TestX8_LimitsOfAQueueByVersion(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		d := relaying(t, v)
		for range 1000 {
			d.submit(0, d.dest[0])
		}
		got := d.connections()
		d.run(0)
		want := 20
		if v == topology.VSE {
			want = 40
		}
		require.Len(t, *got, want, v)
	}
}

func TestX10_WaitOfAMessagePutOffByVersion(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		d := relaying(t, v)
		d.answer = func(uint64) transport.Code {
			if d.now < minute {
				return transport.Deferred4xx
			}
			return transport.OK
		}
		d.submit(0, d.dest[0])
		d.run(20 * minute)
		wait := 15 * minute
		if v == topology.VSE {
			wait = 5 * minute
		}
		require.Len(t, d.delivered, 1, v)
		require.Equal(t, sec(4)+wait+sec(4), d.delivered[0], "%s: put off after 4 s, then set-up and transmission again", v)
	}
}
