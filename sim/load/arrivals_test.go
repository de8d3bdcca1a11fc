package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

func meanAndHalfWidth(values []float64, quantile float64) (mean, h float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return mean, quantile * math.Sqrt(sum/float64(len(values)-1)/float64(len(values)))
}

func TestRegularArrivals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, every float64
		count        int64
		end          float64
		want         []simtime.Time
	}{
		"by count":        {5, 10, 3, 1000, seconds(5, 15, 25)},
		"until the end":   {0, 10, 0, 30, seconds(0, 10, 20)},
		"end cuts count":  {0, 10, 9, 20.5, seconds(0, 10, 20)},
		"one, no every":   {7, 0, 1, 1000, seconds(7)},
		"first after end": {30, 1, 5, 30, seconds()},
	} {
		t.Run(name, func(t *testing.T) {
			s := Source{
				ID: "r", Kind: Regular, From: site(siteA), To: site(siteB), Count: c.count, End: simtime.Never,
				First: seconds(c.first)[0], Every: simtime.FromSeconds(c.every),
			}
			require.Equal(t, c.want, times(play(t, s, seconds(c.end)[0])))
		})
	}
}

func TestBurstArrivals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		start, over float64
		count       int64
		end         float64
		want        []simtime.Time
	}{
		"spread":               {10, 6, 4, 1000, seconds(10, 11.5, 13, 14.5)},
		"all at one instant":   {10, 0, 3, 1000, seconds(10, 10, 10)},
		"thirds, rounded down": {0, 1e-8, 3, 1000, []simtime.Time{0, 3, 6}},
		"none":                 {10, 6, 0, 1000, seconds()},
		"cut by the end":       {10, 6, 4, 13, seconds(10, 11.5)},
	} {
		t.Run(name, func(t *testing.T) {
			s := Source{
				ID: "b", Kind: Burst, From: site(siteA), To: site(siteB), Count: c.count, End: simtime.Never,
				Start: seconds(c.start)[0], Over: simtime.FromSeconds(c.over),
			}
			require.Equal(t, c.want, times(play(t, s, seconds(c.end)[0])))
		})
	}
}

// A burst is exact also where over times count does not fit into 64 bits.
func TestBurstKeepsItsCountAndLength(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.Int64Range(1, 500).Draw(t, "count")
		over := time.Duration(rapid.Int64Range(0, int64(horizon)/2).Draw(t, "over"))
		s := Source{ID: "b", Kind: Burst, From: site(siteA), To: site(siteB), Count: count, Over: over, End: simtime.Never}
		at := times(play(t, s, simtime.Never))
		require.Len(t, at, int(count))
		for k, x := range at {
			require.InDelta(t, float64(over)/float64(count)*float64(k), float64(x), 1+1e-12*float64(over))
		}
	})
}

// False alarm probability 1e-4; finds a rate that is wrong by 1.7 %.
func TestPoissonCounts(t *testing.T) {
	t.Parallel()
	const mean = 10_000.0
	var counts, squares []float64
	for rep := range 30 {
		a := newArrivals(&Source{ID: "p", Kind: Poisson, Rate: mean / 3600, End: simtime.Never}, hours{},
			rng.NewRoot(7001, rep), t0(), simtime.Time(time.Hour))
		n := 0.0
		for _, ok := a.next(); ok; _, ok = a.next() {
			n++
		}
		counts = append(counts, n)
		squares = append(squares, (n-mean)*(n-mean)/mean)
	}
	checkMean(t, "messages an hour", counts, mean, 0.02)
	// The variance of a Poisson count is its mean: the sum of squares is chi-square with 30 degrees of freedom, whose quantiles at
	// 5e-5 and 1 - 5e-5 are 8.69 and 69.90 (false alarm probability 1e-4).
	sum := 0.0
	for _, s := range squares {
		sum += s
	}
	require.Greater(t, sum, 8.69)
	require.Less(t, sum, 69.90)
}

// Kolmogorov-Smirnov distance of 100,000 gaps from the exponential; the bound is passed with probability 1e-4.
func TestPoissonGapsAreExponential(t *testing.T) {
	t.Parallel()
	const n, rate = 100_000, 40.0
	a := newArrivals(&Source{ID: "p", Kind: Poisson, Rate: rate, End: simtime.Never}, hours{}, rng.NewRoot(7002, 0), t0(), simtime.Never)
	var gaps []float64
	last := simtime.Time(0)
	for range n {
		at, ok := a.next()
		require.True(t, ok)
		gaps = append(gaps, at.Sub(last).Seconds())
		last = at
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, g := range gaps {
		f := 1 - math.Exp(-rate*g)
		worst = max(worst, f-float64(i)/n, float64(i+1)/n-f)
	}
	require.Less(t, worst, 2.2252/math.Sqrt(n))
}

func TestRateZeroMakesNoMail(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Poisson, Diurnal} {
		s := poisson("p", 0)
		s.Kind, s.Profile = kind, "day.flat"
		require.Empty(t, play(t, s, simtime.Never))
	}
}

func TestExpectedIsWhatIsPlayed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Source{
			ID:    "x",
			Kind:  rapid.SampledFrom([]Kind{Regular, Burst, Replay}).Draw(t, "kind"),
			From:  site(siteA),
			To:    site(siteB),
			Count: rapid.Int64Range(0, 50).Draw(t, "count"),
			Every: time.Duration(rapid.Int64Range(1, 40).Draw(t, "every")),
			First: simtime.Time(rapid.Int64Range(0, 40).Draw(t, "first")),
			Over:  time.Duration(rapid.Int64Range(0, 100).Draw(t, "over")),
			Start: simtime.Time(rapid.Int64Range(0, 40).Draw(t, "start")),
			End:   simtime.Time(rapid.Int64Range(0, 120).Draw(t, "end")),
		}
		for i := range 20 {
			s.Trace = append(s.Trace, TraceMessage{At: simtime.Time(7 * i), From: server(mB)[0], To: server(mB)})
		}
		end := simtime.Time(rapid.Int64Range(0, 120).Draw(t, "run"))
		want, err := s.Expected(t0(), end)
		require.NoError(t, err)
		require.Len(t, play(t, s, end), int(want))
	})
}
