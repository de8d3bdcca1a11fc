package transport_test

import (
	"testing"
	"time"

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
	d.think = func(uint64) time.Duration { return 3 * time.Second } // members are on the books from then on
	d.submit(sec(1), box(0), d.group(0), d.group(1))                // m1 twice over: 1 + 1 + 2 mailboxes, m2: 5
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

// TestQ12_9_InOneCopyOnce: members of a message that may come twice stand for the same mailboxes, whatever the way: in one copy they are
// there once. Addresses outside are people of their own.
func TestQ12_9_InOneCopyOnce(t *testing.T) {
	t.Parallel()
	for repeats, want := range map[transport.Repeats][]int32{0: {10, 5, 3}, transport.BySenders: {6, 5, 3}, transport.ByTransport: {10, 5, 3}, transport.BySenders | transport.ByTransport: {6, 5, 3}} {
		var boxes [2]topology.ServerID
		d := groupBench(t, func(b *topology.Builder, hub, m1, m2 topology.ServerID) {
			boxes = [2]topology.ServerID{m1, m2}
			none := topology.ServerID(topology.None)
			b.Group(topology.Group{Name: "six", Members: []topology.Recipient{{Server: m1, Count: 4}, {Server: none, Domain: "a.example"}, {Server: m1, Count: 2}}, ExpansionServer: none})
			b.Group(topology.Group{Name: "others", Members: []topology.Recipient{{Server: m1, Count: 3}, {Server: m2, Count: 5}, {Server: none, Domain: "a.example", Count: 2}}, ExpansionServer: hub})
		})
		d.repeats = repeats
		box := d.book.Dest(route.Destination{Kind: route.Mailbox, Server: boxes[0]})
		var sent []int32
		in, out := 0, 0
		d.watch = func(a transport.Action) {
			switch a.Kind {
			case transport.Send:
				sent = append(sent, d.store.Recipients(a.Msg))
			case transport.ExpandedIn:
				in += int(a.Conn)
			case transport.ExpandedOut:
				out += int(a.Conn)
			case transport.Unroutable: // there is no connector
				sent = append(sent, d.store.Recipients(a.Msg))
			}
		}
		d.submit(sec(1), box, d.group(0), d.group(1))
		d.run(sec(60))
		require.ElementsMatch(t, want, sent, "to m1, to m2 and outside; may come twice: %v", repeats)
		sum := -1 // the mailbox that stands in the message
		for _, n := range want {
			sum += int(n)
		}
		require.Equal(t, []int{sum, 2}, []int{in, out})
		require.NoError(t, d.hub.Check())
	}
}

// TestQ12_11_MembersHaveNumbersOfTheirOwn: of a message that transport alone may send twice, a mailbox that is in two groups and named besides
// counts three times, and each of the three is known again by its number.
func TestQ12_11_MembersHaveNumbersOfTheirOwn(t *testing.T) {
	t.Parallel()
	var to []int32
	for range 2 { // whoever expands it
		var box topology.ServerID
		d := groupBench(t, func(b *topology.Builder, _, m1, _ topology.ServerID) {
			box = m1
			b.Group(topology.Group{Name: "three", Members: []topology.Recipient{{Server: m1, Count: 1}, {Server: m1, Count: 2}}, ExpansionServer: topology.None})
			b.Group(topology.Group{Name: "one", Members: []topology.Recipient{{Server: m1, Count: 1}}, ExpansionServer: topology.None})
		})
		d.repeats = transport.ByTransport
		d.watch = func(a transport.Action) {
			if a.Kind == transport.Send {
				for _, e := range d.store.Entries(d.store.Hot[a.Msg].Set) {
					to = append(to, d.book.Destination(e.Dest).First, e.Count)
				}
			}
		}
		d.submit(sec(1), d.book.Dest(route.Destination{Kind: route.Mailbox, Server: box}), d.group(0), d.group(1))
		d.run(sec(60))
	}
	require.Equal(t, []int32{0, 1, 1 << 24, 3, 1<<24 + 3, 1, 0, 1, 1 << 24, 3, 1<<24 + 3, 1}, to)
}

// TestQ12_2_PartsSayWhichMailboxes: the parts of a destination that fills several envelopes are for different mailboxes of it, wherever the
// cut falls; mail that comes once needs no numbers.
func TestQ12_2_PartsSayWhichMailboxes(t *testing.T) {
	t.Parallel()
	for _, repeats := range []transport.Repeats{0, transport.BySenders, transport.ByTransport} {
		d := groupBench(t, func(b *topology.Builder, _, m1, m2 topology.ServerID) {
			b.Group(topology.Group{Name: "all", Members: []topology.Recipient{{Server: m1, Count: 700}, {Server: m2, Count: 2500}}, ExpansionServer: topology.None})
		})
		d.repeats = repeats
		got := map[int32][]transport.Mailboxes{} // by server
		d.watch = func(a transport.Action) {
			if a.Kind != transport.Send {
				return
			}
			last := route.DestID(-1)
			for _, e := range d.store.Entries(d.store.Hot[a.Msg].Set) {
				require.Greater(t, e.Dest, last)
				last = e.Dest
				to := d.book.Destination(e.Dest)
				got[int32(to.Server)] = append(got[int32(to.Server)], transport.Mailboxes{First: to.First, Count: e.Count})
			}
		}
		d.submit(sec(1), d.group(0))
		d.run(sec(60))
		want := []transport.Mailboxes{{First: 0, Count: 300}, {First: 300, Count: 1000}, {First: 1300, Count: 1000}, {First: 2300, Count: 200}}
		base := int32(0)
		if repeats == transport.ByTransport { // numbers of the group's own
			base = 1 << 24
		}
		for i := range want {
			if want[i].First += base; repeats == 0 {
				want[i].First = 0
			}
		}
		require.Equal(t, map[int32][]transport.Mailboxes{1: {{First: base, Count: 700}}, 2: want}, got)
	}
}
