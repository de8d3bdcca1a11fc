package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// world is the reference organisation of three sites with its directory and clock: t0 is 2026-03-02 00:00 UTC, so that instants
// read as times of day.
type world struct {
	t   testing.TB
	org *topology.Organisation
	dir *directory.Directory
}

var t0 = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

const (
	siteA, siteB, siteC  topology.SiteID      = 0, 1, 2
	linkAB, linkBC       topology.LinkID      = 0, 1
	ad1, ad2, bd1, cd1   topology.DCID        = 0, 1, 2, 3
	a1, a2, ae1, b1, be1 topology.ServerID    = 0, 1, 2, 3, 4
	c1                   topology.ServerID    = 5
	connA, connB, connR  topology.ConnectorID = 0, 1, 2
)

// ref3 makes the reference organisation; edit may change it before it is built.
func ref3(t testing.TB, edit func(*parts)) *world {
	p := &parts{version: topology.V2013, config: directory.Config{Start: t0, NotifyDelay: 5 * time.Second, MaxClockSkew: 5 * time.Minute}}
	p.sites = []topology.Site{{Name: "A"}, {Name: "B"}, {Name: "C"}}
	p.links = []topology.Link{
		{Name: "A-B", Sites: []topology.SiteID{siteA, siteB}, Cost: 10},
		{Name: "B-C", Sites: []topology.SiteID{siteB, siteC}, Cost: 10, ReplicationInterval: time.Hour, ReplicationPhase: 30 * time.Minute},
		{Name: "A-C", Sites: []topology.SiteID{siteA, siteC}, Cost: 30},
	}
	p.dcs = []topology.DC{{Name: "AD1", Site: siteA, PDCEmulator: true}, {Name: "AD2", Site: siteA}, {Name: "BD1", Site: siteB}, {Name: "CD1", Site: siteC}}
	p.servers = []topology.Server{
		{Name: "A1", Site: siteA, Roles: topology.RoleHub, DC: ad1}, {Name: "A2", Site: siteA, Roles: topology.RoleHub, DC: ad2},
		{Name: "AE1", Site: siteA, Roles: topology.RoleEdge, DC: topology.None}, {Name: "B1", Site: siteB, Roles: topology.RoleHub, DC: topology.None},
		{Name: "BE1", Site: siteB, Roles: topology.RoleEdge, DC: topology.None}, {Name: "C1", Site: siteC, Roles: topology.RoleHub, DC: topology.None},
	}
	if edit != nil {
		edit(p)
	}
	b := topology.NewBuilder(p.version)
	for _, s := range p.sites {
		b.Site(s)
	}
	for _, l := range p.links {
		b.Link(l)
	}
	for _, n := range p.networks {
		b.Network(n)
	}
	for _, d := range p.dcs {
		b.DC(d)
	}
	for _, s := range p.servers {
		s.Version = p.version
		b.Server(s)
	}
	for i, e := range []topology.ServerID{ae1, be1} {
		b.Connector(topology.Connector{Name: []string{"C-A", "C-B"}[i], Sources: []topology.ServerID{e}, DNS: true,
			AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 10}}})
	}
	if p.lists { // a list for changes, and a connector that begins with another
		r1, r2 := b.Remote(topology.Remote{Name: "r1"}), b.Remote(topology.Remote{Name: "r2"})
		b.SmartHostList([]topology.RemoteID{r1, r2})
		b.Connector(topology.Connector{Name: "C-R", Sources: []topology.ServerID{ae1}, SmartHosts: []topology.RemoteID{r2},
			AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "relay.example", Cost: 10}}})
	}
	org, err := b.Build()
	require.NoError(t, err)
	p.config.Org = org
	return &world{t, org, directory.New(p.config)}
}

type parts struct {
	version  topology.Version
	config   directory.Config
	sites    []topology.Site
	links    []topology.Link
	networks []topology.Network
	dcs      []topology.DC
	servers  []topology.Server
	lists    bool // remotes, a list of them, and a connector C-R with another
}

// at reads a time of day, "09:10:05", of the first day.
func at(s string) simtime.Time {
	c, err := time.Parse("15:04:05", s)
	if err != nil {
		panic(err)
	}
	return simtime.Time(c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
}

// clock writes an instant as a time of day, with the day where it is not the first.
func clock(t simtime.Time) string {
	s := t0.Add(time.Duration(t)).Format("15:04:05.999999999")
	if d := int(time.Duration(t) / (24 * time.Hour)); d > 0 {
		s = string(rune('0'+d)) + "d " + s
	}
	return s
}

// until lets everything up to an instant happen and returns when each host first showed a view other than before: servers by name
// from the reported changes, domain controllers from what they hold.
func (w *world) until(end simtime.Time, seen map[string][]string) {
	for w.dir.Next() <= end {
		now := w.dir.Next()
		held := make([]*topology.Organisation, len(w.org.DCs))
		for i := range held {
			held[i] = w.dir.Holds(topology.DCID(i))
		}
		for _, c := range w.dir.Advance(now, nil) {
			require.Same(w.t, c.View, w.dir.View(c.Server))
			if seen != nil {
				seen[w.org.Servers[c.Server].Name] = append(seen[w.org.Servers[c.Server].Name], clock(now)+" "+c.Changes)
			}
		}
		for i := range held {
			if w.dir.Holds(topology.DCID(i)) != held[i] && seen != nil {
				seen[w.org.DCs[i].Name] = append(seen[w.org.DCs[i].Name], clock(now))
			}
		}
	}
}

func disable(c topology.ConnectorID) topology.Change {
	return topology.Change{Kind: topology.ConnectorEnabled, Object: int32(c), Value: 0}
}

func cost(c topology.ConnectorID, v int64) topology.Change {
	return topology.Change{Kind: topology.ConnectorCost, Object: int32(c), Value: v}
}

func server(s topology.ServerID) directory.Host { return directory.Host{Server: s, DC: topology.None} }
func dc(d topology.DCID) directory.Host         { return directory.Host{Server: topology.None, DC: d} }
