package directory_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Without domain controllers, and with instant replication, everybody sees a change when it is made, Edges too.
func TestV1_IdealAndInstant(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*parts){
		"ideal":   func(p *parts) { p.dcs = nil },
		"instant": func(p *parts) { p.config.Instant = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := ref3(t, edit)
			require.Equal(t, simtime.Never, w.dir.Next())
			w.dir.Edit(at("09:10:00"), topology.None, disable(connA))
			require.Equal(t, at("09:10:00"), w.dir.Next())
			got := w.dir.Advance(at("09:10:00"), nil)
			require.Len(t, got, 6)
			for i, c := range got {
				require.Equal(t, topology.ServerID(i), c.Server, "in order of servers")
				require.Same(t, got[0].View, c.View)
			}
			require.True(t, got[0].View.Connectors[connA].Disabled)
			require.Equal(t, simtime.Never, w.dir.Next())
		})
	}
}

// A server without a domain controller of its own uses the first of its site, else the nearest.
func TestV4_Binding(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) {
		p.dcs = p.dcs[:3] // none at C
		p.servers[0].DC = topology.None
	})
	require.Equal(t, ad1, w.dir.DC(a1))
	require.Equal(t, ad2, w.dir.DC(a2))
	require.Equal(t, bd1, w.dir.DC(b1))
	require.Equal(t, bd1, w.dir.DC(c1), "B at cost 10, A at 20")
	require.Equal(t, topology.DCID(topology.None), ref3(t, func(p *parts) { p.dcs = nil }).dir.DC(a1))
}

// V4: a change reaches exactly the domain controllers that links lead to, and each server is bound to the nearest one, on random
// organisations, judged by all distances.
func TestV4_AgainstAllDistances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(r, "sites")
		b := topology.NewBuilder(topology.V2013)
		const far = int64(1) << 40
		dist := make([][]int64, n)
		for i := range n {
			b.Site(topology.Site{Name: string(rune('A' + (i*5)%26))})
			dist[i] = slices.Repeat([]int64{far}, n)
			dist[i][i] = 0
		}
		for k := range rapid.IntRange(0, 12).Draw(r, "links") {
			x, y := rapid.IntRange(0, n-1).Draw(r, "x"), rapid.IntRange(0, n-1).Draw(r, "y")
			c := rapid.Int64Range(1, 4).Draw(r, "cost")
			if x != y {
				b.Link(topology.Link{Name: "l" + strconv.Itoa(k), Sites: []topology.SiteID{topology.SiteID(x), topology.SiteID(y)}, Cost: c, ChangeNotification: true})
				dist[x][y], dist[y][x] = min(dist[x][y], c), min(dist[y][x], c)
			}
		}
		for k := range n {
			for i := range n {
				for j := range n {
					dist[i][j] = min(dist[i][j], dist[i][k]+dist[k][j])
				}
			}
		}
		var dcs []topology.SiteID
		for i := range n {
			if i == 0 || rapid.Bool().Draw(r, "dc") {
				b.DC(topology.DC{Name: "DC" + strconv.Itoa(i), Site: topology.SiteID(i)})
				dcs = append(dcs, topology.SiteID(i))
			}
			b.Server(topology.Server{Name: "H" + strconv.Itoa(i), Site: topology.SiteID(i), Roles: topology.RoleHub, DC: topology.None, Version: topology.V2013})
		}
		org, err := b.Build()
		require.NoError(r, err)
		d := directory.New(directory.Config{Org: org, Start: t0})
		for i := range n {
			want := topology.DCID(0)
			for k, s := range dcs {
				if dist[i][s] < far && (dist[i][dcs[want]] >= far || dist[i][s] < dist[i][dcs[want]] ||
					dist[i][s] == dist[i][dcs[want]] && topology.NameLess(org.Sites[s].Name, org.Sites[dcs[want]].Name)) {
					want = topology.DCID(k)
				}
			}
			require.Equal(r, want, d.DC(topology.ServerID(i)))
		}
		// With change notification everywhere each hop of the tree takes 20 s: an edit reaches exactly what is connected.
		d.Edit(0, 0, topology.Change{Kind: topology.HubSite, Object: 0, Value: 1})
		d.Advance(simtime.Time(time.Hour), nil)
		for k, s := range dcs {
			require.Equal(r, dist[dcs[0]][s] < far, d.Holds(topology.DCID(k)).Sites[0].HubSite)
		}
		require.Equal(r, simtime.Never, d.Next())
	})
}

// A service that starts reads its domain controller afresh, before the notification would have come, and a notification of what it
// has read already does not set it back.
func TestV1_RereadAtStart(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.Edit(at("09:00:00"), ad1, cost(connA, 20))
	w.dir.Edit(at("09:00:02"), ad1, cost(connA, 30))
	w.dir.ServiceRestarted(at("09:00:03"), a1)
	w.until(at("10:00:00"), seen)
	require.Equal(t, []string{`09:00:03 connector "C-A": cost 30`}, seen["A1"])
	require.Equal(t, []string{`09:03:00 connector "C-A": cost 30`}, seen["AE1"])
}

// an Edge gets what its site's hub sees at the next tick: every 60 minutes in 2007 and 2010, every 3 from 2013 on, from 00:00
// UTC; at the instant of a tick the hub's view counts.
func TestR6_5_EdgeSyncTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version    topology.Version
		edit, want string
	}{
		{topology.V2007, "09:10:00", "10:00:00"}, {topology.V2010, "09:59:56", "11:00:00"}, {topology.V2010, "09:59:55", "10:00:00"},
		{topology.V2013, "09:10:00", "09:12:00"}, {topology.VSE, "09:11:55", "09:12:00"}, {topology.VSE, "09:11:56", "09:15:00"},
	} {
		w := ref3(t, func(p *parts) { p.version = c.version })
		seen := map[string][]string{}
		w.dir.Edit(at(c.edit), ad1, disable(connA))
		w.until(at("11:59:59"), seen)
		require.Equal(t, []string{c.want + ` connector "C-A": disabled`}, seen["AE1"], "%s at %s", c.version, c.edit)
	}
	w := ref3(t, func(p *parts) { p.servers[0].Roles, p.servers[1].Roles = topology.RoleMailbox, topology.RoleMailbox })
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.until(at("11:59:59"), seen)
	require.Equal(t, []string{`09:10:05 connector "C-A": disabled`}, seen["AE1"], "without a hub in its site it follows the domain controller")
}

// an Edge that is down hears nothing, and of one state only when it is back.
func TestR6_5_EdgeThatIsDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, down, up, want string }{
		{"between two ticks", "09:11:50", "09:12:01", "09:15:00"},
		{"back at a tick", "09:11:50", "09:15:00", "09:18:00"},
		{"back before the edit", "09:00:00", "09:09:00", "09:12:00"},
		{"down after the tick", "09:12:01", "09:20:00", "09:12:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := ref3(t, nil)
			seen := map[string][]string{}
			script := map[string]func(){
				c.down:     func() { w.dir.MachineState(at(c.down), ae1, false) },
				c.up:       func() { w.dir.MachineState(at(c.up), ae1, true) },
				"09:10:00": func() { w.dir.Edit(at("09:10:00"), ad1, disable(connA)) },
			}
			for _, now := range slices.Sorted(maps.Keys(script)) {
				w.until(at(now)-1, seen)
				script[now]()
			}
			w.until(at("11:59:59"), seen)
			require.Equal(t, []string{c.want + ` connector "C-A": disabled`}, seen["AE1"])
		})
	}
}

// the hub that leads gives its lease away when it has been silent for five minutes, to one that runs.
func TestR6_5_AnotherHubLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, other, down, up, edit, want string }{
		{"a short silence", "", "09:11:50", "09:15:01", "09:10:00", "09:18:00"},
		{"a long one", "", "09:11:50", "", "09:10:00", "09:18:00"}, // 09:16:50
		{"five minutes to the tick", "", "09:10:00", "", "09:00:00", "09:03:00"},
		{"it leads on", "", "09:00:00", "09:10:00", "09:20:00", "09:21:00"},
		{"nobody runs", "off", "09:05:00", "", "09:10:00", ""},
		{"the other comes back first", "09:31:00", "09:05:00", "", "09:10:00", "09:33:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := ref3(t, nil)
			seen := map[string][]string{}
			script := map[string]func(){c.edit: func() { w.dir.Edit(at(c.edit), ad2, disable(connA)) }}
			script[c.down] = func() { w.dir.MachineState(at(c.down), a1, false) }
			if c.up != "" {
				script[c.up] = func() { w.dir.MachineState(at(c.up), a1, true) }
			}
			if c.other != "" {
				w.dir.MachineState(at("09:00:00"), a2, false)
			}
			if c.other > "09" && c.other != "off" {
				script[c.other] = func() { w.dir.MachineState(at(c.other), a2, true) }
			}
			for _, now := range slices.Sorted(maps.Keys(script)) {
				w.until(at(now)-1, seen)
				script[now]()
			}
			w.until(at("11:59:59"), seen)
			var want []string
			if c.want != "" {
				want = []string{c.want + ` connector "C-A": disabled`}
			}
			require.Equal(t, want, seen["AE1"])
			hub, _ := w.dir.Feeder(ae1)
			require.Equal(t, map[bool]topology.ServerID{true: a1, false: a2}[c.name == "a short silence" || c.other == "off"], hub)
		})
	}
}

// A mailbox-only machine sees changes like others: it chooses by them where it submits.
func TestV1_MailboxServersSeeChanges(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.servers[5].Roles = topology.RoleMailbox })
	seen := map[string][]string{}
	w.dir.Edit(0, cd1, disable(connA))
	w.until(simtime.Time(time.Minute), seen)
	require.Equal(t, []string{`00:00:05 connector "C-A": disabled`}, seen["C1"])
	require.True(t, w.dir.View(c1).Connectors[connA].Disabled)
}

// V1: a server of a site that nothing joins to a domain controller reads the first of the file as if it could reach it, and needs no answer; its
// sessions are as with an ideal directory.
func TestV1_JoinedToNobody(t *testing.T) {
	t.Parallel()
	const d1 = c1 + 1
	w := ref3(t, func(p *parts) {
		p.sites = append(p.sites, topology.Site{Name: "D"})
		p.sites = append(p.sites, topology.Site{Name: "E"})
		p.servers = append(p.servers, topology.Server{Name: "D1", Site: 3, Roles: topology.RoleHub, DC: topology.None},
			topology.Server{Name: "E1", Site: 4, Roles: topology.RoleHub, DC: topology.None})
	})
	require.Equal(t, ad1, w.dir.DC(d1))
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.until(at("09:11:00"), seen)
	require.Equal(t, []string{`09:10:05 connector "C-A": disabled`}, seen["D1"])
	w.dir.SetCondition(at("09:20:00"), ad1, directory.Stopped, false)
	require.True(t, w.dir.InReach(d1))
	require.Zero(t, w.dir.Patience(d1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("09:30:00"), d1, a2))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("09:30:00"), a2, d1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("09:30:00"), d1, d1+1))
}
