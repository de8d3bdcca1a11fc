package sim_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// TestSB11_DailyBacklog is SB-11's day as fluid: mail comes at lambda(t) = l (1 + b sin(2 pi t / day)) a second, and one connection takes C a second.
// The mean load is below C, and yet a backlog grows for the hours in which it is not. No random number is involved: message k comes when the
// integral of lambda reaches k, and the queue must be the fluid's to two messages (one under way, one not whole).
func TestSB11_DailyBacklog(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		l, b, capacity           float64
		from, peak, peaked, ends float64 // s, messages, s, s
	}{
		{10, 0.6, 14, 10034.476, 30468.372, 33165.524, 45696.129},
		{10, 0.6, 12, 4673.093, 87867.031, 38526.907, 59387.691},
		{10, 0.8, 11, 1723.381, 178536.915, 41476.619, 70029.990},
	} {
		if i > 0 && !long() {
			continue
		}
		t.Run(fmt.Sprintf("l=%g b=%g C=%g", c.l, c.b, c.capacity), func(t *testing.T) {
			t.Parallel()
			const day = 86400
			wave := 2 * math.Pi / day
			came := func(at float64) float64 { return c.l * (at + c.b/wave*(1-math.Cos(wave*at))) }
			st := station{seed: 1100, rate: 1, service: rng.Constant(1 / c.capacity), ceiling: 1, threshold: 20, window: c.ends + 600}
			cfg := st.config(t)
			cfg.Servers[0].Profile.Reports.DelayExternal = false // mail waits for more than four hours, and reports would take the same way
			x := &cfg.Loads[0]
			x.Kind, x.Rate = load.Replay, 0
			at := 0.0
			for k := 1.0; ; k++ {
				for range 8 { // Newton; the step before is a good start
					at -= (came(at) - k) / (c.l * (1 + c.b*math.Sin(wave*at)))
				}
				if at >= c.ends+600 {
					break
				}
				x.Trace = append(x.Trace, load.TraceMessage{At: simtime.Time(simtime.FromSeconds(at)), From: x.From[0], To: x.To, Size: 1000})
			}
			cfg.Output = sim.Output{SampleInterval: time.Second, Queues: true}
			m := result.NewMemory(0, 0)
			require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
			length := samples(t, m.Run(), "queue.length", -1)
			// The fluid: empty until lambda passes C, then what came since less what was carried since.
			fluid := func(at float64) float64 {
				if at <= c.from {
					return 0
				}
				return max(came(at)-came(c.from)-c.capacity*(at-c.from), 0)
			}
			require.InDelta(t, c.peak, fluid(c.peaked), 0.01)
			worst, highest := 0.0, 0.0
			for j, n := range length {
				worst = max(worst, math.Abs(n-fluid(float64(j+1))))
				highest = max(highest, n)
			}
			require.LessOrEqual(t, worst, 2.0, "at every second")
			require.InDelta(t, c.peak, highest, 2)
			drained := 0.0
			for j := int(c.peaked); drained == 0; j++ {
				if length[j] <= 1 {
					drained = float64(j + 1)
				}
			}
			require.InDelta(t, c.ends, drained, 2)
		})
	}
}
