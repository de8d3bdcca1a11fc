package transport

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
	"mailsim/topology/route"
)

// TestCheckFindsBrokenCounts breaks each invariant of a sound hub by hand.
func TestCheckFindsBrokenCounts(t *testing.T) {
	t.Parallel()
	sound := func() *Hub {
		h := NewHub(0, DefaultProfile(topology.V2010, false), NewStore(), route.NewBook(), nil, nil)
		h.queues = []queue{{open: 3, setting: 1, sending: 2, ceiling: 3}, {state: Retry, ceiling: 3}, {open: 1, setting: 1, ceiling: 3, state: probing}}
		h.queues[0].stats.Length.Set(0, 2)
		h.open = 4
		return h
	}
	require.NoError(t, sound().Check())
	for name, c := range map[string]struct {
		change func(h *Hub)
		says   string
	}{
		"too many of a queue":     {func(h *Hub) { h.queues[0].ceiling = 2 }, "server 0 queue 0: 3 connections, ceiling 2"},
		"too many of the server":  {func(h *Hub) { h.prof.MaxOutboundConnections = 3 }, "server 0: 4 connections, 4 by queue, ceiling 3"},
		"a connection nowhere":    {func(h *Hub) { h.open = 5 }, "server 0: 5 connections, 4 by queue, ceiling 1000"},
		"neither one nor another": {func(h *Hub) { h.queues[0].sending = 1 }, "server 0 queue 0: 3 connections, 1 in set-up, 1 sending, 0 at rest"},
		"negative":                {func(h *Hub) { h.queues[2].setting = -1 }, "server 0 queue 2: negative count"},
		"live while in Retry":     {func(h *Hub) { h.queues[0].state = Retry }, "server 0 queue 0: in Retry with 2 live connections"},
		"live while due":          {func(h *Hub) { h.queues[0].state = retryDue }, "server 0 queue 0: in Retry with 2 live connections"},
		"more back than there":    {func(h *Hub) { h.queues[1].returned = make([]uint64, 1) }, "server 0 queue 1: 1 copies came back, 0 wait"},
		"a gauge that is wrong":   {func(h *Hub) { h.queues[1].waiting.n = 1 }, "server 0 queue 1: 1 copies, the gauge says 0"},
		"too many categorisers":   {func(h *Hub) { h.working = 9 }, "server 0: 9 categorisers at work, 8 there are"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := sound()
			c.change(h)
			require.EqualError(t, h.Check(), c.says)
		})
	}
}

// TestPathsAgainstLists compares the table of paths with plain lists: the sequence, and how often its last server stands in it.
func TestPathsAgainstLists(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore()
		paths, lists := []PathID{0}, [][]topology.ServerID{{}}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			i := rapid.IntRange(0, len(paths)-1).Draw(t, "path")
			x := topology.ServerID(rapid.IntRange(0, 5).Draw(t, "server"))
			list := append(append([]topology.ServerID{}, lists[i]...), x)
			p := s.paths.extend(paths[i], x)
			require.Equal(t, list, s.Path(p))
			visits := 0
			for _, y := range list {
				visits += b2i(y == x)
			}
			require.EqualValues(t, visits, s.Visits(p))
			require.Equal(t, p, s.paths.extend(paths[i], x), "copies that go one way share it")
			paths, lists = append(paths, p), append(lists, list)
		}
	})
}

// TestUnknownInputPanics: an input that does not exist is the driver's bug.
func TestUnknownInputPanics(t *testing.T) {
	t.Parallel()
	h := NewHub(0, DefaultProfile(topology.V2010, false), NewStore(), route.NewBook(), nil, nil)
	require.PanicsWithValue(t, "transport: Hub.Step: unknown input kind 200", func() { h.Step(0, Input{Kind: 200}, nil) })
}
