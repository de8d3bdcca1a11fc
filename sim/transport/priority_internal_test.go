package transport

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// TestQ9_1_WantedConnections: each class by itself, within its ceiling and the queue's.
func TestQ9_1_WantedConnections(t *testing.T) {
	t.Parallel()
	ceilings := DefaultPriorityConnections()
	require.Equal(t, DefaultProfile(topology.V2010, false).MaxPerDomainConnections, ceilings.Total(), "all of a queue's")
	type by = [NumPriorities]int32
	for _, c := range []struct {
		name               string
		counts             by
		threshold, ceiling int32
		want               by
	}{
		{"nothing", by{}, 20, 20, by{}},
		{"one of each", by{PriorityHigh: 1, PriorityNormal: 1, PriorityLow: 1}, 20, 20, by{PriorityHigh: 1, PriorityNormal: 1, PriorityLow: 1}},
		{"together they would want one", by{PriorityHigh: 6, PriorityNormal: 7, PriorityLow: 7}, 20, 20, by{PriorityHigh: 1, PriorityNormal: 1, PriorityLow: 1}},
		{"by the threshold", by{PriorityHigh: 20, PriorityNormal: 41, PriorityLow: 21}, 20, 20, by{PriorityHigh: 1, PriorityNormal: 3, PriorityLow: 2}},
		{"up to their ceilings", by{PriorityHigh: 1000, PriorityNormal: 1000, PriorityLow: 1000}, 20, 20, by{PriorityHigh: 3, PriorityNormal: 15, PriorityLow: 2}},
		{"no class has another's share", by{PriorityNormal: 1000}, 20, 20, by{PriorityNormal: 15}},
		{"high first where the queue may open few", by{PriorityHigh: 1000, PriorityNormal: 1000, PriorityLow: 1000}, 20, 5, by{PriorityHigh: 3, PriorityNormal: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, ceilings.wantByClass(c.counts, c.threshold, c.ceiling))
		})
	}
}

// TestQ9_1_OrderOfDelivery: high, normal, low, each first in, first out; compared with a list that is sorted. Copies may leave from
// anywhere, as those that expire do, and come back to their places.
func TestQ9_1_OrderOfDelivery(t *testing.T) {
	t.Parallel()
	rank := map[Priority]int{PriorityHigh: 0, PriorityNormal: 1, PriorityLow: 2}
	rapid.Check(t, func(t *rapid.T) {
		type entry struct {
			m     MsgID
			class Priority
			at    int
		}
		h := &Hub{store: NewStore(), prof: DefaultProfile(topology.V2010, false)}
		h.prof.Reports.PriorityQueueing = true
		var model []entry
		away := map[int]deferral{}
		gone := map[int]entry{}
		q := &queue{ranks: &ranks{}}
		order := func() {
			slices.SortFunc(model, func(a, b entry) int {
				if d := rank[a.class] - rank[b.class]; d != 0 {
					return d
				}
				return a.at - b.at
			})
		}
		for at := range rapid.IntRange(1, 100).Draw(t, "steps") {
			what := 0
			if len(model) > 0 {
				what = rapid.IntRange(0, 4).Draw(t, "what")
			}
			switch what {
			case 2:
				class := h.prober(q)
				m, place := h.takeRanked(q, class)
				require.Equal(t, model[0].m, m)
				require.Equal(t, model[0].class, class)
				away[model[0].at], gone[model[0].at] = deferral{msg: m, entry: place}, model[0]
				model = model[1:]
			case 3:
				i := rapid.IntRange(0, len(model)-1).Draw(t, "which")
				require.True(t, h.takeOut(q, model[i].m))
				require.False(t, h.takeOut(q, model[i].m))
				model = slices.Delete(model, i, i+1)
			case 4:
				for k := range at { // some of those that left come back together
					if d, ok := away[k]; ok && rapid.Bool().Draw(t, "back") {
						h.putBack(q, d)
						model = append(model, gone[k])
						delete(away, k)
					}
				}
				order()
			default:
				p := Priority(rapid.IntRange(0, 2).Draw(t, "class"))
				e := entry{h.store.New(Copy{}, Tail{Priority: p}), p, at}
				h.enter(q, e.m)
				model = append(model, e)
				order()
			}
			require.NoError(t, h.checkRanks(q))
			m := q.waiting.head
			for _, e := range model {
				require.Equal(t, e.m, m)
				m = h.store.links[m].next
			}
			require.Zero(t, m)
		}
	})
}

func TestPriorityConnectionsThatAreWrong(t *testing.T) {
	t.Parallel()
	c := DefaultPriorityConnections()
	require.NoError(t, c.Check(topology.V2007))
	c[PriorityHigh], c[PriorityLow] = 0, -1
	require.EqualError(t, c.Check(topology.V2007RTM), `priority queueing: version 2007rtm has none; leave it off
priority queueing: mail of high priority has 0 connections; write 1 or more
priority queueing: mail of low priority has -1 connections; write 1 or more`)
}
