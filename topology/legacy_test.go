package topology

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestR5_16_RoutingGroupsAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		add  func(*Builder)
		want string
	}{
		"complete": {func(b *Builder) {
			out := b.Connector(Connector{Name: "Out"})
			g := b.RoutingGroup(RoutingGroup{Name: "G", Servers: []RemoteID{0}, Connectors: []ConnectorID{out}})
			h := b.RoutingGroup(RoutingGroup{Name: "H"})
			b.RGC(RGC{Name: "r", From: None, To: g, Sources: []ServerID{0}, Targets: []RemoteID{0}})
			b.RGC(RGC{Name: "s", From: g, To: h})
		}, ""},
		"group twice":       {func(b *Builder) { b.RoutingGroup(RoutingGroup{Name: "G"}); b.RoutingGroup(RoutingGroup{Name: "g"}) }, `routing group "g": declared twice (names are compared without regard to case)`},
		"connector nowhere": {func(b *Builder) { b.RoutingGroup(RoutingGroup{Name: "G", Connectors: []ConnectorID{3}}) }, `routing group "G": connector 3 is not declared`},
		"server nowhere":    {func(b *Builder) { b.RoutingGroup(RoutingGroup{Name: "G", Servers: []RemoteID{3}}) }, `routing group "G": server 3 is not declared`},
		"connector here, there": {func(b *Builder) {
			b.RoutingGroup(RoutingGroup{Name: "G", Connectors: []ConnectorID{b.Connector(Connector{Name: "c", Sources: []ServerID{0}})}})
		}, `routing group "G": connector "c" has source servers of its own; it is hosted here or there`},
		"to itself":  {func(b *Builder) { b.RGC(RGC{Name: "r", From: None, To: None, Sources: []ServerID{0}}) }, `routing group connector "r": leads from a routing group to itself`},
		"to nowhere": {func(b *Builder) { b.RGC(RGC{Name: "r", From: None, To: 4, Sources: []ServerID{0}}) }, `routing group connector "r": routing group 4 is not declared`},
		"cost": {func(b *Builder) {
			b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"}), Cost: -1, Sources: []ServerID{0}})
		}, `routing group connector "r": cost must be at least 1, is -1`},
		"without source": {func(b *Builder) { b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"})}) }, `routing group connector "r": name source servers where it starts at servers of 2007 or 2010, and only there`},
		"source nowhere": {func(b *Builder) {
			b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"}), Sources: []ServerID{44}})
		}, `routing group connector "r": source server 44 is not declared`},
		"source no hub": {func(b *Builder) {
			b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"}), Sources: []ServerID{3}})
		}, `routing group connector "r": source "mA1" is no hub`},
		"target nowhere": {func(b *Builder) {
			b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"}), Sources: []ServerID{0}, Targets: []RemoteID{8}})
		}, `routing group connector "r": target server 8 is not declared`},
		"source of a new version": {func(b *Builder) {
			s := b.Server(Server{Name: "n", Roles: RoleHub, Version: V2013})
			b.RGC(RGC{Name: "r", From: None, To: b.RoutingGroup(RoutingGroup{Name: "G"}), Sources: []ServerID{s}})
		}, `routing group connector "r": source "n" is of version 2013; 2010 was the last to know Exchange 2003`},
	} {
		t.Run(name, func(t *testing.T) {
			b := twoSites()
			c.add(b)
			_, err := b.Build()
			if c.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, c.want)
			}
		})
	}
}

func TestR5_16_Defaults(t *testing.T) {
	t.Parallel()
	b := twoSites()
	g := b.RoutingGroup(RoutingGroup{Name: "G"})
	b.RGC(RGC{Name: "r", From: None, To: g, Sources: []ServerID{0}})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, int64(1), o.RGCs[0].Cost)
	require.Equal(t, Unlimited, o.RGCs[0].MaxMessageSize)
	require.Equal(t, RoutingGroupID(None), o.HostedBy(0))
}

func TestR5_14_LinkedConnectorsAreChecked(t *testing.T) {
	t.Parallel()
	b := twoSites()
	s := b.Server(Server{Name: "n", Roles: RoleHub, Version: V2013})
	b.Connector(Connector{Name: "good", LinkedTo: "X", Sources: []ServerID{0}, SmartHosts: []RemoteID{0}})
	b.Connector(Connector{Name: "bad", LinkedTo: "x", Sources: []ServerID{s}, AddressSpaces: []AddressSpace{{"SMTP", "*", 1}}, MaxMessageSize: 5})
	_, err := b.Build()
	require.Error(t, err)
	require.Equal(t, []string{
		`connector "bad": a linked connector uses smart hosts; name one`,
		`connector "bad": a linked connector has no address space; remove it`,
		`connector "bad": a linked connector takes any size; remove the limit`,
		`connector "bad": receive connector "x" is linked to "good" already`,
		`connector "bad": source "n" is of version 2013, which has no linked connectors`,
	}, strings.Split(err.Error(), "\n"))
}
