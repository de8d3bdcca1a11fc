package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios/chaos"
	"mailsim/sim/fault"
)

// TestS1_8_CausesBetweenSites: what breaks authentication between sites by itself is mostly a clock or replication; names and ports only do within a day
// after a change, and then have their part.
func TestS1_8_CausesBetweenSites(t *testing.T) {
	t.Parallel()
	causes := map[fault.Kind][2]float64{ // by themselves, after a change
		fault.ClockSkew: {0.55, 0.33}, fault.ReplFail: {0.40, 0.24}, fault.AuthLatch: {0.02, 0.012},
		fault.SPNMissing: {0, 0.15}, fault.PortBlock: {0, 0.25},
	}
	whole := [2]float64{0.97, 0.982} // certificates have no part
	for i, changes := range [][]time.Duration{nil, {0}, {-23 * time.Hour}} {
		s := space(t)
		s.Changed(changes...)
		drawn, all, others := map[fault.Kind]int{}, 0, 0
		for number := range 4000 {
			for _, f := range s.Draw(1, number+1) {
				if _, is := causes[f.Kind]; is {
					drawn[f.Kind]++
					all++
				} else {
					others++
				}
			}
		}
		if i == 2 { // the day is over at an hour of the run
			require.Less(t, drawn[fault.SPNMissing], all/20)
			require.NotZero(t, drawn[fault.SPNMissing])
			continue
		}
		for kind, part := range causes {
			require.InDelta(t, part[i]/whole[i], float64(drawn[kind])/float64(all), 0.02, "%s, changes %v", kind, changes)
			require.Equal(t, part[i] == 0, drawn[kind] == 0, kind)
		}
		require.InDelta(t, 2.91/11.91, float64(all)/float64(all+others), 0.02, "as much as three other kinds")
	}
	s := space(t)
	s.Changed(3*time.Hour + time.Second)
	n := 0
	for number := range 2000 {
		for _, f := range s.Draw(1, number+1) {
			if f.Kind == fault.SPNMissing || f.Kind == fault.PortBlock {
				n++
				require.GreaterOrEqual(t, f.Start, 3*time.Hour+time.Minute, "not before what brought it")
			}
		}
	}
	require.NotZero(t, n)
	// Nor does a plan become smaller by starting before it.
	search := chaos.Search{Space: s, Seed: 1, Plans: 2000, Judge: judge(func(p chaos.Plan) bool {
		for _, f := range p {
			if f.Kind == fault.PortBlock {
				return true
			}
		}
		return false
	})}
	r, err := search.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, r.Found.Smallest, 1)
	require.GreaterOrEqual(t, r.Found.Smallest[0].Start, 3*time.Hour+time.Minute)
	require.Regexp(t, "^port_block of [A-C] to [A-C], at ", r.Found.Smallest[0].String())
	require.Contains(t, r.Found.Smallest.TOML("x"), "ports = [25]\n")
}
