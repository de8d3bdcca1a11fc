package metrics_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
)

func TestIntegralIsExactBeyond64Bits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var got, half metrics.Integral
		want := new(big.Int)
		for i := range rapid.IntRange(0, 50).Draw(t, "terms") {
			n, ns := rapid.Int64Range(0, 1<<62).Draw(t, "n"), rapid.Int64Range(0, 1<<60).Draw(t, "ns")
			got.Add(n, ns)
			want.Add(want, new(big.Int).Mul(big.NewInt(n), big.NewInt(ns)))
			if i%2 == 0 {
				half.Add(n, ns)
			}
		}
		require.Equal(t, want.String(), got.String())
		rest := got.Minus(half)
		rest.Plus(half)
		require.Equal(t, got, rest)
	})
}

func TestGaugeAgainstItsHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var g metrics.Gauge
		var now, sampled simtime.Time
		var value, most int64
		var area, window, ever int64
		step := func(d int64) {
			now += simtime.Time(d)
			area, window, ever = area+value*d, window+value*d, ever+value*d
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			step(rapid.Int64Range(0, 1000).Draw(t, "wait"))
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				mean, _, last := g.Sample(sampled, now)
				if now > sampled {
					require.InDelta(t, float64(window)/float64(now-sampled), mean, 1e-6)
				}
				require.Equal(t, float64(value), last)
				sampled, window = now, 0
			case 1:
				g.Reset(now)
				area, most = 0, value
				sampled, window = now, 0 // a reset ends the sampling interval as well
			default:
				switch v := rapid.Int64Range(0, 100).Draw(t, "value"); {
				case v == value+1:
					g.Inc(now)
					value = v
				case v < 30:
					g.Inc(now)
					value++
				case v < 60 && value > 0:
					g.Dec(now)
					value--
				case v < 80:
					g.Add(now, v-value)
					value = v
				default:
					g.Set(now, v)
					value = v
				}
				most = max(most, value)
			}
		}
		sum, peak := g.Total(now)
		require.Equal(t, big.NewInt(area).String(), sum.String())
		require.Equal(t, most, peak)
		require.Equal(t, big.NewInt(ever).String(), g.Ever(now).String())
		require.Equal(t, value, g.Value())
	})
}

// TestDelaysQuantiles: three digits of the exact sample quantile, an exact mean and maximum, and merging that does not depend on order.
func TestDelaysQuantiles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all metrics.Delays
		parts := make([]metrics.Delays, 3)
		var exact []time.Duration
		var sum time.Duration
		for range rapid.IntRange(1, 300).Draw(t, "values") {
			v := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "v"))
			all.Record(v, 1)
			parts[rapid.IntRange(0, 2).Draw(t, "part")].Record(v, 1)
			exact = append(exact, v)
			sum += v
		}
		slices.Sort(exact)
		require.InDelta(t, (sum.Seconds() / float64(len(exact))), all.Mean(), 1e-9)
		require.Equal(t, exact[len(exact)-1], all.Max())
		for _, p := range []float64{0.5, 0.95, 0.99} {
			i := min(int(p*float64(len(exact))+0.5), len(exact))
			want := exact[max(i-1, 0)].Seconds()
			require.InDelta(t, want, all.Quantile(p), want*0.001+2e-6, "p = %g", p)
		}
		var ab, ba metrics.Delays
		for _, i := range []int{0, 1, 2} {
			ab.Merge(&parts[i])
			ba.Merge(&parts[2-i])
		}
		require.Equal(t, all.Mean(), ab.Mean())
		lower, upper, counts := all.Buckets()
		l, u, c := ba.Buckets()
		require.Equal(t, lower, l)
		require.Equal(t, upper, u)
		require.Equal(t, counts, c)
		var n int64
		for i := range counts {
			n += counts[i]
			require.LessOrEqual(t, lower[i], upper[i])
		}
		require.EqualValues(t, len(exact), n)
	})
}
