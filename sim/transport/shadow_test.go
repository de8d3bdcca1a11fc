package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ11_1_DelayedAcknowledgement: 2010 lets senders without shadow copies of their own wait until the message is passed on, 30 s at
// most.
func TestQ11_1_DelayedAcknowledgement(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		p := transport.DefaultShadow(v, false)
		delays := v == topology.V2010RTM || v == topology.V2010
		require.Equal(t, delays, p.Mode == transport.PreviousHop, v)
		for _, c := range []struct {
			onward  simtime.Time
			shadows bool
			want    simtime.Time
		}{
			{sec(125.639), false, sec(125.639)}, {sec(131), false, sec(130)}, {simtime.Never, false, sec(130)}, {sec(90), false, sec(100)}, {simtime.Never, true, sec(100)},
		} {
			want := c.want
			if !delays {
				want = sec(100)
			}
			require.Equal(t, want, p.AcknowledgeAt(sec(100), c.onward, c.shadows), v)
		}
	}
}

// shadowed is an organisation of two sites. In the first: two hubs of a group, two outside it, an Edge, a hub of 2010, one that is to come;
// in the second two hubs of the group and one that is to come. A hub stands alone in a third.
func shadowed(t *testing.T) *topology.Organisation {
	b := topology.NewBuilder(topology.V2016)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"}), b.Site(topology.Site{Name: "C"})}
	add := func(name string, site int, roles topology.Roles, v topology.Version, absent bool) topology.ServerID {
		return b.Server(topology.Server{Name: name, Site: sites[site], Roles: roles, Version: v, DC: topology.None, Absent: absent})
	}
	const both = topology.RoleHub | topology.RoleMailbox
	g0, g1 := add("g0", 0, both, topology.V2016, false), add("g1", 0, both, topology.V2016, false) // 0, 1
	add("s2", 0, both, topology.V2013, false)
	add("s3", 0, both, topology.VSE, false)
	add("edge", 0, topology.RoleEdge, topology.V2016, false) // 4
	add("old", 0, both, topology.V2010, false)
	add("late", 0, both, topology.V2016, true)
	g7, g8 := add("g7", 1, both, topology.V2016, false), add("g8", 1, both, topology.V2016, false) // 7, 8
	add("alone", 2, both, topology.V2016, false)                                                   // 9
	g10 := add("g10", 1, both, topology.V2016, true)
	b.DAG(topology.DAG{Name: "dag", Members: []topology.ServerID{g0, g1, g7, g8, g10}})
	b.Link(topology.Link{Name: "A-B", Sites: sites[:2], Cost: 1})
	b.Link(topology.Link{Name: "B-C", Sites: sites[1:], Cost: 1})
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

// TestQ11_2_WhereCopiesStand: in the availability group, in another site if one takes it; without a group in the site; nowhere else. Attempts
// are 4 and 2.
func TestQ11_2_WhereCopiesStand(t *testing.T) {
	t.Parallel()
	org := shadowed(t)
	type ids = []topology.ServerID
	for server, want := range map[topology.ServerID]transport.ShadowServers{
		0: {Remote: ids{7, 8}, Local: ids{1}},
		8: {Remote: ids{0, 1}, Local: ids{7}},
		2: {Local: ids{0, 1, 3}}, // not the Edge, not 2010, not the one that is to come
		9: {},
	} {
		require.Equal(t, want, transport.ShadowServersOf(org, server), server)
	}
	attempts := func(p transport.ShadowProfile, server topology.ServerID, turn uint32) (out ids) {
		in := transport.ShadowServersOf(org, server)
		for a := 0; ; a++ {
			s, ok := p.Target(in, turn, a)
			if !ok {
				return out
			}
			out = append(out, s)
		}
	}
	p := transport.DefaultShadow(topology.V2016, false)
	require.Equal(t, ids{7, 8, 7, 8, 1, 1}, attempts(p, 0, 0))
	require.Equal(t, ids{8, 7, 8, 7, 1, 1}, attempts(p, 0, 1), "the next message")
	require.Equal(t, ids{3, 0}, attempts(p, 2, 1<<32-2), "turns wrap")
	require.Empty(t, attempts(p, 9, 0), "a server alone in its site: the message is taken without a copy")
	p.Preference = transport.LocalOnly
	require.Equal(t, ids{1, 1}, attempts(p, 0, 0))
	p.Preference = transport.RemoteOnly
	require.Equal(t, ids{7, 8, 7, 8}, attempts(p, 0, 0))
	require.Empty(t, attempts(p, 2, 0))
	for v := topology.V2007RTM; v < topology.V2013; v++ {
		require.Empty(t, attempts(transport.DefaultShadow(v, false), 0, 0), v)
	}
	require.Equal(t, transport.ShadowProfile{}, transport.DefaultShadow(topology.V2016, true), "an Edge")
	require.False(t, p.Reject, "QX-9: nothing is refused unless set")
	require.Equal(t, "451 4.4.0", transport.NoShadowRejected[:9])
}

// TestQ11_4_Defaults: three hours in every version, by few heartbeats in 2010 and many later.
func TestQ11_4_Defaults(t *testing.T) {
	t.Parallel()
	for v := topology.V2010RTM; v <= topology.VSE; v++ {
		p := transport.DefaultShadow(v, false)
		require.Equal(t, 3*time.Hour, p.TakeOver, v)
		if v.New() {
			require.Equal(t, 2*time.Minute, p.Heartbeat, v)
			require.Equal(t, 4*day, p.CopyLife, v)
		} else {
			require.Equal(t, 15*time.Minute, p.Heartbeat, v)
			require.Zero(t, p.CopyLife, v)
		}
	}
	require.Equal(t, transport.NoShadow, transport.DefaultShadow(topology.V2007, false).Mode)
}
