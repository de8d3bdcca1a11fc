package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ4_6_RoomIsOfThoseWhoWait: where there is room and somebody waits for it, one who comes at that very instant goes behind them, until they have had
// their turn.
func TestQ4_6_RoomIsOfThoseWhoWait(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	o := offer{from: &r.hosts[1], to: 0}
	g := &r.hosts[0].gate
	require.True(t, r.begins(1, o), "nobody waits")
	g.waiting = append(g.waiting, waiter{m: 2, o: o})
	require.False(t, r.begins(3, o))
	require.Equal(t, []waiter{{2, o}, {3, o}}, g.waiting)
	g.letting = true
	require.True(t, r.begins(2, o), "it is their turn")
	g.open = r.hosts[0].hub.Profile().MaxMailboxSubmissions
	require.False(t, r.begins(4, o), "there is no room")
}
