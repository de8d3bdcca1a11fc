package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestQ7_1_FlappingInARun is QG-20 as a whole run: a filter that keeps new connections away from 0 to 500 s and from 560 to 2000 s and lets those that are
// there go on; one message every 10 s from 0 to 2400 s.
func TestQ7_1_FlappingInARun(t *testing.T) {
	t.Parallel()
	t.Run("QG-20", func(t *testing.T) {
		t.Parallel()
		x := newCutOff(t, false, 0)
		to, ok := x.cfg.Org.ServerByName("to")
		require.True(t, ok)
		wall := func(id string, from, until float64) fault.Fault {
			at := func(s topology.ServerID) []fault.Host { return []fault.Host{{Server: s, DC: topology.None}} }
			return fault.Fault{ID: id, Kind: fault.PortBlock, Start: seconds(from), End: seconds(until), Probability: 1, Filter: directory.Block{
				From: at(x.from), To: at(to), TCP: true, Ports: []directory.PortRange{{Low: 25, High: 25}}, Does: directory.Drop,
			}}
		}
		x.cfg.Faults = []fault.Fault{wall("first", 0, 500), wall("second", 560, 2000)}
		x.cfg.Loads[0].Kind, x.cfg.Loads[0].Every, x.cfg.Loads[0].Count = load.Regular, 10*time.Second, 241
		r, began := x.run(t)
		for _, s := range []float64{0, 60, 120, 180, 240, 540, 590, 650, 710, 770, 830, 1130, 1430, 1730, 2030} {
			require.Contains(t, began, seconds(s))
		}
		between := func(lo, hi float64) (n int) {
			for _, at := range began {
				if at > seconds(lo) && at < seconds(hi) {
					n++
				}
			}
			return n
		}
		require.Equal(t, 5, between(-1, 540), "no others while the first series runs")
		require.Equal(t, 7, between(590, 2030), "nor while the second does")
		at := map[string][]simtime.Time{}
		for _, e := range r.Events {
			if e.Server == "from" {
				at[e.Kind] = append(at[e.Kind], e.Time)
			}
		}
		require.Equal(t, []simtime.Time{seconds(542), seconds(2032)}, at["queue.active"], "after 2 s of set-up")
		var failed []simtime.Time
		for _, s := range []float64{0, 60, 120, 180, 240, 590, 650, 710, 770, 830, 1130, 1430, 1730} {
			failed = append(failed, seconds(s))
		}
		require.Equal(t, failed, at["queue.retry"])
		require.Equal(t, 241.0, stat(t, r, "messages.delivered", "site=all", "total"))
		waiting := func(at float64) float64 {
			return level(t, r, "queue.length", "server=from,next_hop=B,delivery_type=SmtpRelayToRemoteAdSite,connector=", at)
		}
		require.Equal(t, 55.0, waiting(543), "none is through")
		require.Less(t, waiting(544), 55.0, "first delivery")
	})
}
