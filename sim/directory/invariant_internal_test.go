package directory

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// TestFI7_NobodySeesWhatNobodyHeld: a view is what a domain controller holds or held; one made of halves is not.
func TestFI7_NobodySeesWhatNobodyHeld(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"A", "B"} {
		s := b.Site(topology.Site{Name: name})
		b.DC(topology.DC{Name: name + "D", Site: s, PDCEmulator: name == "A"})
		b.Server(topology.Server{Name: name + "1", Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10, ReplicationInterval: time.Hour})
	org, err := b.Build()
	require.NoError(t, err)
	cost := func(n int64) topology.Change { return topology.Change{Kind: topology.LinkCost, Object: 0, Value: n} }
	hub := func(on int64) topology.Change { return topology.Change{Kind: topology.HubSite, Object: 0, Value: on} }
	fresh := func() *Directory {
		d := New(Config{Org: org, Start: time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC), NotifyDelay: 5 * time.Second})
		d.Edit(0, 0, cost(20))
		d.Edit(1, 1, hub(1))
		return d
	}
	d := fresh()
	d.Advance(1e14, nil)
	require.NoError(t, d.Check())
	require.Len(t, d.servers[0].state.settings, 2, "each has heard of the other")

	d = fresh()
	both := append(d.controllers[0].held[:1:1], d.controllers[1].held[1])
	d.see(2, 0, d.states.state(both), nil)
	require.ErrorContains(t, d.Check(), `at 2ns: server A1 sees a configuration that no domain controller held: link "A-B": cost 20; site "A": hub site`)
	d.see(3, 0, d.states.original, nil)
	require.Error(t, d.Check(), "the first one counts")
}
