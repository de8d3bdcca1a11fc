package sim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/stats"
)

// chain is SB-3 with K = 1: the distribution of the number n of messages in the system, a birth-death chain with death rates c(n) = min(M, ceil(n/T)).
type chain struct {
	p           []float64
	ceiling     int
	threshold   int
	mean, sd    float64
	saturated   float64 // P(all M open)
	p95, p99    int
	connections float64
}

func newChain(load float64, ceiling, threshold int) *chain {
	x := &chain{ceiling: ceiling, threshold: threshold}
	open := func(n int) float64 { return float64(min((n+threshold-1)/threshold, ceiling)) }
	// Logarithms: the first terms are below the least number there is.
	var logs []float64
	most, log := 0.0, 0.0
	for n := 0; n < 4*ceiling*threshold+4000; n++ {
		if n > 0 {
			log += math.Log(load / open(n))
		}
		logs = append(logs, log)
		most = max(most, log)
	}
	sum := 0.0
	for _, l := range logs {
		x.p = append(x.p, math.Exp(l-most))
		sum += x.p[len(x.p)-1]
	}
	square, below := 0.0, 0.0
	x.p95, x.p99 = -1, -1
	for n := range x.p {
		x.p[n] /= sum
		x.mean += float64(n) * x.p[n]
		square += float64(n) * float64(n) * x.p[n]
		x.connections += open(n) * x.p[n]
		if open(n) == float64(ceiling) {
			x.saturated += x.p[n]
		}
		below += x.p[n]
		if x.p95 < 0 && below >= 0.95 {
			x.p95 = n
		}
		if x.p99 < 0 && below >= 0.99 {
			x.p99 = n
		}
	}
	x.sd = math.Sqrt(square - x.mean*x.mean)
	return x
}

// above is P(N > n).
func (x *chain) above(n int) float64 {
	sum := 0.0
	for _, p := range x.p[n+1:] {
		sum += p
	}
	return sum
}

// TestSB3_TheChain is the whole table of SB-3 for K = 1, computed: mean, deviation, W, quantiles, and how often every connection is open.
func TestSB3_TheChain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		load               float64
		ceiling, threshold int
		l, sd, w           float64
		p95, p99           int
		saturated          float64
	}{
		{4, 20, 20, 70.620963, 9.113619, 17.655241, 85, 92, 3.0e-136},
		{4, 20, 5, 18.049228, 4.466751, 4.512307, 26, 29, 9.0e-36},
		{4, 20, 2, 7.516733, 2.825242, 1.879183, 12, 15, 1.5e-15},
		{4, 20, 1, 4.000000, 2.000000, 1.000000, 8, 9, 1.03468e-8},
		{8, 20, 20, 150.593385, 12.649737, 18.824173, 172, 181, 2.3e-53},
		{8, 20, 10, 75.549716, 8.941599, 9.443714, 91, 97, 9.9e-28},
		{8, 20, 5, 38.024842, 6.322606, 4.753105, 49, 53, 7.65747e-15},
		{8, 20, 2, 15.508071, 3.998957, 1.938509, 22, 25, 5.32102e-7},
		{8, 20, 1, 8.000177, 2.828875, 1.000022, 13, 15, 0.000264949},
		{16, 20, 20, 310.549856, 17.887257, 19.409366, 340, 353, 7.67305e-5},
		{16, 20, 5, 78.086498, 9.064312, 4.880406, 93, 100, 0.0304734},
		{16, 20, 2, 31.984388, 6.321306, 1.999024, 43, 50, 0.135224},
		{18, 20, 20, 350.711138, 19.243910, 19.483952, 382, 398, 0.0610614},
		{18, 20, 5, 89.926628, 11.928003, 4.995924, 111, 127, 0.266023},
		{18, 20, 2, 39.195683, 10.362487, 2.177538, 59, 74, 0.433183},
		{40, 50, 20, 790.520448, 28.283916, 19.763011, 837, 857, 4.61e-11},
		{40, 50, 5, 198.006463, 14.145044, 4.950162, 222, 232, 0.000603242},
	} {
		t.Run(fmt.Sprintf("a=%g M=%d T=%d", c.load, c.ceiling, c.threshold), func(t *testing.T) {
			t.Parallel()
			x := newChain(c.load, c.ceiling, c.threshold)
			require.InDelta(t, c.l, x.mean, 6e-7)
			require.InDelta(t, c.sd, x.sd, 6e-6)
			require.InDelta(t, c.w, x.mean/c.load, 6e-7)
			require.Equal(t, c.p95, x.p95)
			require.Equal(t, c.p99, x.p99)
			require.InEpsilon(t, c.saturated, x.saturated, 0.035) // two digits are given, at times
			require.InDelta(t, c.load, x.connections, 1e-9)
		})
	}
}

// TestSB3_Distribution compares more than means: the variance of the number in the system, how often it is above its p95, and how often every
// connection is open, by samples of each quarter of a transfer time.
//
// Shares and variances converge slowly: half-widths may be 15 % of the exact value in place of part C's 2 %.
func TestSB3_Distribution(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		load      float64
		threshold int
		window    float64
		long      bool
	}{
		{4, 2, 4000, false}, {4, 1, 4000, false}, {8, 5, 4000, false}, {16, 2, 8000, true}, {18, 2, 30000, true}, {4, 20, 30000, true}, {4, 5, 12000, true}, {8, 20, 40000, true},
	} {
		if c.long && !long() {
			continue
		}
		t.Run(fmt.Sprintf("a=%g M=20 T=%d", c.load, c.threshold), func(t *testing.T) {
			t.Parallel()
			x := newChain(c.load, 20, c.threshold)
			st := station{seed: 730 + int64(i), rate: c.load, service: exponential(t, 1), ceiling: 20, threshold: c.threshold, perConnection: 1, warmup: 400, window: c.window}
			cfg := st.config(t)
			cfg.Output = sim.Output{SampleInterval: second / 4, Queues: true, Servers: true}
			var mean, variance, above, saturated []float64
			for rep := range 20 {
				m := result.NewMemory(0, rep)
				require.NoError(t, sim.Run(t.Context(), cfg, rep, m))
				length, open := samples(t, m.Run(), "queue.length", cfg.Warmup.Seconds()), samples(t, m.Run(), "server.connections", cfg.Warmup.Seconds())
				var sum, square, over, all float64
				for j, n := range length {
					sum += n
					square += (n - x.mean) * (n - x.mean)
					if n > float64(x.p95) {
						over++
					}
					if open[j] == 20 {
						all++
					}
				}
				n := float64(len(length))
				mean, variance, above, saturated = append(mean, sum/n), append(variance, square/n), append(above, over/n), append(saturated, all/n)
			}
			agree(t, "L", mean, x.mean, 0)
			roughly := func(what string, values []float64, exact float64) {
				ok, _, msg := stats.TheoryCheckWithin(values, exact, 0, theoryAlpha, 0.15)
				require.True(t, ok, "%s: %s", what, msg)
				t.Logf("%s: %s", what, msg)
			}
			roughly("variance", variance, x.sd*x.sd)
			if c.threshold > 1 || long() {
				roughly(fmt.Sprintf("share above %d", x.p95), above, x.above(x.p95))
			}
			if x.saturated > 0.01 {
				roughly("share with every connection open", saturated, x.saturated)
			}
		})
	}
}

// samples are the values of a series' only entity at its instants after a time.
func samples(t *testing.T, r *result.Run, metric string, from float64) []float64 {
	t.Helper()
	for _, s := range r.Series {
		if s.Metric == metric {
			for i, at := range s.Times {
				if at > simtime.Time(simtime.FromSeconds(from)) {
					return s.Last[i:]
				}
			}
		}
	}
	require.Failf(t, "no such series", "%s", metric)
	return nil
}
