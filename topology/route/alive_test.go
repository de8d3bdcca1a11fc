package route

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// alive routes by the network's own view, changes it, and asks whether the queue still stands.
func (n *network) alive(from, to string, change func(o *topology.Organisation)) bool {
	n.t.Helper()
	id := n.server(from)
	before := n.book.Table(n.org, n.org.Servers[id].Site)
	hop := before.Hop(id, n.dest(to), 1)
	require.Equal(n.t, Queued, hop.Outcome)
	require.True(n.t, before.Alive(id, hop.Key), "alive by the view that made it")
	o := n.org.With()
	o.Sites, o.Links = slices.Clone(o.Sites), slices.Clone(o.Links)
	o.Servers, o.Connectors = slices.Clone(o.Servers), slices.Clone(o.Connectors)
	change(o)
	return n.book.Table(o, o.Servers[id].Site).Alive(id, hop.Key)
}

func TestR6_10_WhatResubmitsAQueue(t *testing.T) {
	t.Parallel()
	disable := func(o *topology.Organisation) { o.Connectors[0].Disabled = true }
	remove := func(o *topology.Organisation) { o.Connectors[0].Absent = true }
	otherSource := func(o *topology.Organisation) { o.Connectors[0].Sources = []topology.ServerID{1} }
	toDNS := func(o *topology.Organisation) { o.Connectors[0].SmartHosts = nil }
	toHosts := func(o *topology.Organisation) { o.Connectors[0].SmartHosts = []topology.RemoteID{0} }
	otherHosts := func(o *topology.Organisation) { o.Connectors[0].SmartHosts = []topology.RemoteID{2} }
	onlyA1 := func(o *topology.Organisation) { o.Connectors[0].Sources = []topology.ServerID{0} }
	onlyA2 := func(o *topology.Organisation) { o.Connectors[0].Sources = []topology.ServerID{1} }
	absentA1 := func(o *topology.Organisation) { o.Servers[0].Absent = true }
	costs := func(o *topology.Organisation) {
		o.Connectors[0].AddressSpaces = []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 99}}
	}
	hosts := net(t, "A", "hubs A: a1 a2", "connector c: * on a1 to s1 s2")
	dns := net(t, "A", "hubs A: a1 a2", "connector c: * on a1")
	edge := net(t, "A", "edges A: e1 e2", "connector c: * on e1")
	sources := net(t, "A-B 5", "hubs A: a1 a2", "connector c: * on hB1", "version 2013")
	foreign := net(t, "A", "hubs A: a1 a2", "connector c: FAX:* on a1 foreign")
	for name, c := range map[string]struct {
		n      *network
		from   string
		to     string
		change func(o *topology.Organisation)
		want   bool
	}{
		"smart hosts, disabled":           {hosts, "a1", "u@x.com", disable, false},
		"smart hosts, removed":            {hosts, "a1", "u@x.com", remove, false},
		"smart hosts, no longer source":   {hosts, "a1", "u@x.com", otherSource, false},
		"smart hosts to DNS":              {hosts, "a1", "u@x.com", toDNS, false},
		"other smart hosts":               {hosts, "a1", "u@x.com", otherHosts, true},
		"another cost":                    {hosts, "a1", "u@x.com", costs, true},
		"DNS, disabled":                   {dns, "a1", "u@x.com", disable, false},
		"DNS to smart hosts":              {dns, "a1", "u@x.com", toHosts, false},
		"way to the source, disabled":     {dns, "a2", "u@x.com", disable, false},
		"way to the Edge, disabled":       {edge, "hA1", "u@x.com", disable, false},
		"way to the Edge, removed":        {edge, "hA1", "u@x.com", remove, false},
		"way to the Edge, another cost":   {edge, "hA1", "u@x.com", costs, true},
		"sources of 2013, disabled":       {sources, "a1", "u@x.com", disable, false},
		"sources of 2013, this one alone": {sources, "a1", "u@x.com", onlyA1, false},
		"way to the source, this one":     {dns, "a2", "u@x.com", onlyA2, false},
		"way to the source, absent":       {dns, "a2", "u@x.com", absentA1, false},
		"sources of 2013, another cost":   {sources, "a1", "u@x.com", costs, true},
		"foreign connector, disabled":     {foreign, "a1", "FAX:1", disable, false},
		"foreign connector, other source": {foreign, "a1", "FAX:1", otherSource, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, c.n.alive(c.from, c.to, c.change))
		})
	}
}

func TestD21_LostRouteResubmitsCostsDoNot(t *testing.T) {
	t.Parallel()
	noHubs := func(o *topology.Organisation) {
		for i := range o.Servers {
			if o.Sites[o.Servers[i].Site].Name == "B" {
				o.Servers[i].Absent = true
			}
		}
	}
	for _, version := range []string{"2010", "2013"} {
		n := net(t, "A-B 10, B-C 10", "hubs B: b1 b2", "version "+version)
		require.False(t, n.alive("hA1", "B", noHubs), "all hubs lost")
		require.False(t, n.alive("hA1", "B", func(o *topology.Organisation) { o.Links = nil }), "route lost")
		require.True(t, n.alive("hA1", "B", func(o *topology.Organisation) { o.Servers[n.server("b1")].Absent = true }), "one hub is left")
		require.True(t, n.alive("hA1", "B", func(o *topology.Organisation) { o.Links[0].Cost = 500 }), "cost")
		require.True(t, n.alive("hA1", "C", func(o *topology.Organisation) { o.Sites[n.site("B")].HubSite = true }), "hub flag")
	}
	n := net(t, "A-B 10", "hubs A: a1 a2")
	require.False(t, n.alive("a1", "B", func(o *topology.Organisation) { o.Servers[n.server("a1")].Site = n.site("B") }), "the server is in the next-hop site itself")
	require.False(t, n.alive("a1", "A", func(o *topology.Organisation) { o.Servers[n.server("mA")].Absent = true }), "mailbox server removed")
	n = net(t, "A-B 10", "edges A: e1")
	require.True(t, n.alive("hA1", "A", func(o *topology.Organisation) {}))
	require.False(t, n.alive("hA1", "A", func(o *topology.Organisation) { o.Servers[n.server("mA")].Site = n.site("B") }), "mailbox server moved away")
	require.True(t, n.alive("e1", "B", func(o *topology.Organisation) {}))
	require.False(t, n.alive("e1", "B", func(o *topology.Organisation) { o.Servers[n.server("hA1")].Absent = true }), "the Edge's site lost its hub")
}

func TestR6_8_ManualFailoverOfAnEdgeSite(t *testing.T) {
	t.Parallel()
	n := net(t, "S1-S2 10", "edges S1: e1", "edges S2: e2", "connector one: *;100 on e1", "connector two: *;100 on e2")
	hub, d := n.server("hS11"), n.dest("u@x.com")
	first := n.book.Table(n.org, 0).Hop(hub, d, 1)
	off := n.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: 0})
	on := off.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: 1})
	require.False(t, n.book.Table(off, 0).Alive(hub, first.Key))
	require.Equal(t, "S2", n.book.Key(n.book.Table(off, 0).Hop(hub, d, 1).Key).Domain)
	// enabled again, new mail goes the first way, and what has moved stays in a queue that still stands.
	require.Equal(t, first, n.book.Table(on, 0).Hop(hub, d, 1))
	require.True(t, n.book.Table(on, 0).Alive(hub, n.book.Table(off, 0).Hop(hub, d, 1).Key))
}
