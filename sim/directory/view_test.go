package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

// A mailbox-only machine has a view but is not reported, as it routes nothing.
func TestV1_MailboxServersAreSilent(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.servers[5].Roles = topology.RoleMailbox })
	seen := map[string][]string{}
	w.dir.Edit(0, cd1, disable(connA))
	w.until(simtime.Time(time.Minute), seen)
	require.Empty(t, seen["C1"])
	require.True(t, w.dir.View(c1).Connectors[connA].Disabled)
}
