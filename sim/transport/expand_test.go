package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// groupBench is a hub with the mailbox servers m1 and m2 in its site, and distribution groups to be declared.
func groupBench(t *testing.T, groups func(b *topology.Builder, hub, m1, m2 topology.ServerID)) *driver {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	s := b.Site(topology.Site{Name: "S"})
	server := func(name string, r topology.Roles) topology.ServerID {
		return b.Server(topology.Server{Name: name, Site: s, Roles: r, Version: topology.V2010, DC: topology.None})
	}
	hub, m1, m2 := server("hub", topology.RoleHub), server("m1", topology.RoleMailbox), server("m2", topology.RoleMailbox)
	groups(b, hub, m1, m2)
	org, err := b.Build()
	require.NoError(t, err)
	return newDriver(t, org, hub, transport.DefaultProfile(topology.V2010, false))
}

func (d *driver) group(i int32) route.DestID {
	return d.book.Dest(route.Destination{Kind: route.DistributionList, Group: topology.GroupID(i)})
}

// TestR7_1_TheServerPutsTheMembersInPlaceOfTheGroup: members and other recipients travel together from then on, the books of the server hold,
// and a group without members ends the message.
func TestR7_1_TheServerPutsTheMembersInPlaceOfTheGroup(t *testing.T) {
	t.Parallel()
	none := topology.ServerID(topology.None)
	var boxes [2]topology.ServerID
	d := groupBench(t, func(b *topology.Builder, hub, m1, m2 topology.ServerID) {
		boxes = [2]topology.ServerID{m1, m2}
		b.Group(topology.Group{Name: "both", Members: []topology.Recipient{{Server: m2, Count: 5}, {Server: m1}}, ExpansionServer: none})
		b.Group(topology.Group{Name: "named", Members: []topology.Recipient{{Server: m1, Count: 2}}, ExpansionServer: hub})
		b.Group(topology.Group{Name: "empty", ExpansionServer: none})
	})
	box := func(i int) route.DestID { return d.book.Dest(route.Destination{Kind: route.Mailbox, Server: boxes[i]}) }
	var out, in int
	var sent []int32
	d.watch = func(a transport.Action) {
		switch a.Kind {
		case transport.ExpandedOut:
			out += int(a.Conn)
		case transport.ExpandedIn:
			in += int(a.Conn)
		case transport.Send:
			sent = append(sent, d.store.Recipients(a.Msg))
		}
	}
	d.submit(sec(1), box(0), d.group(0), d.group(1)) // m1 twice over: 1 + 1 + 2 mailboxes, m2: 5
	d.submit(sec(5), d.group(2))
	d.run(sec(60))
	require.Equal(t, []int{3, 8}, []int{out, in})
	require.Equal(t, []int32{4, 5}, sent, "a copy to each mailbox server, with all its recipients")
	require.Empty(t, d.bounced)
	st := d.hub.Stats()
	require.Zero(t, d.store.Live())
	require.Zero(t, st.Recipients.Value())
	inside := st.Recipients.Ever(d.now)
	inside.Plus(st.Before)
	require.Equal(t, inside.String(), st.Stays.String(), "Little's law of the server")
}

// TestR3_23_LargeEnvelopesAreCut: after the expansion of a group no copy has more than 1000 recipients.
func TestR3_23_LargeEnvelopesAreCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m1, m2 int32
		want   []int32 // recipients of the copies to m1, then to m2, in order of sending
	}{
		{400, 600, []int32{400, 600}},
		{400, 601, []int32{400, 600, 1}},
		{2500, 0, []int32{1000, 1000, 500}},
		{1500, 700, []int32{1000, 500, 500, 200}},
	} {
		d := groupBench(t, func(b *topology.Builder, _, m1, m2 topology.ServerID) {
			g := topology.Group{Name: "all", Members: []topology.Recipient{{Server: m1, Count: c.m1}}, ExpansionServer: topology.None}
			if c.m2 > 0 {
				g.Members = append(g.Members, topology.Recipient{Server: m2, Count: c.m2})
			}
			b.Group(g)
		})
		var sent [2][]int32
		d.watch = func(a transport.Action) {
			if a.Kind == transport.Send {
				to := d.hub.Target(a.Conn).ID - 1
				sent[to] = append(sent[to], d.store.Recipients(a.Msg))
			}
		}
		d.submit(sec(1), d.group(0))
		d.run(sec(60))
		require.Equal(t, c.want, append(sent[0], sent[1]...), "%d and %d mailboxes", c.m1, c.m2)
		require.Zero(t, d.store.Live())
	}
}
