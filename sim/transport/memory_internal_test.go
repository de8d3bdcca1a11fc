package transport

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestR4_7_NothingIsRememberedOfNobody: the service stops, and when it is back the next hop has no target left. The attempt ends at once, with nobody to
// try and nothing remembered.
func TestR4_7_NothingIsRememberedOfNobody(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2016)
	site := b.Site(topology.Site{Name: "S"})
	b.Server(topology.Server{Name: "h", Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2016, DC: topology.None})
	org, err := b.Build()
	require.NoError(t, err)
	book := route.NewBook()
	h := NewHub(0, DefaultProfile(topology.V2016, false), NewStore(), book, book.Table(org, site), nil)
	two := []route.Group{{Members: []route.Target{{Kind: route.TargetServer, ID: 1}, {Kind: route.TargetServer, ID: 2}}}}
	q := &queue{candidates: two, listed: true}
	h.remember(q)
	require.Len(t, q.memory, 1)
	h.forgetFailures(q)
	require.False(t, q.listed)
	q.candidates, q.listed = nil, true
	h.remember(q)
	require.Empty(t, q.memory)
	q.candidates, q.listed = two, true
	h.remember(q)
	k := conn{pos: 0}
	require.True(t, h.nextRemembered(simtime.Time(0), &k, q))
	require.EqualValues(t, 1, k.target.ID)
}
