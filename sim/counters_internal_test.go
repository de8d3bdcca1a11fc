package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
	"mailsim/sim/transport"
)

// Five samples in a row, against looking at every five of the list; -1 is a minute at which the service does not run.
func TestFiveSamplesInARow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(-1, 20), 0, 40).Draw(t, "samples")
		var s counterSamples
		var most, inRow, sum int64
		taken := false
		for i, v := range list {
			if v < 0 {
				s.inRow, inRow = 0, 0
				continue
			}
			s.add(v)
			if inRow++; inRow >= counterRow {
				sum = 0
				for _, x := range list[i-counterRow+1 : i+1] {
					sum += x
				}
				most, taken = max(most, sum), true
			}
		}
		require.Equal(t, most, s.rowMost)
		require.Equal(t, taken, s.rowTaken)
	})
}

// The values come in the order of the names.
func TestCountersHaveTheirNames(t *testing.T) {
	t.Parallel()
	c := transport.Counters{
		Aggregate: 1, Active: transport.DeliveryCounters{Remote: 2, Mailbox: 3, NonSMTP: 4}, Retry: transport.DeliveryCounters{Remote: 5, Mailbox: 6, NonSMTP: 7},
		Largest: 8, Submission: 9, Unreachable: 10, Poison: 11,
	}
	values := inOrder(c)
	infos := result.Counters()
	require.Len(t, infos, len(values))
	got := map[string]int64{}
	for i, info := range infos {
		got[info.Name] = values[i]
	}
	require.Equal(t, map[string]int64{
		"aggregate-delivery": 1, "active-remote": 2, "active-mailbox": 3, "active-non-smtp": 4, "retry-remote": 5, "retry-mailbox": 6, "retry-non-smtp": 7,
		"largest-delivery": 8, "submission": 9, "unreachable": 10, "poison": 11,
	}, got)
}
