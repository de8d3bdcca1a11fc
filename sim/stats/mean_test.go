package stats

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The quantiles of Student's t that part C prints for alpha = 1e-4 and 1e-6, and the one of the 95 % interval of 10 replications.
func TestPartC_TQuantiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r     int
		alpha float64
		want  float64
	}{
		{10, 1e-4, 6.5937}, {20, 1e-4, 4.8975}, {30, 1e-4, 4.5055}, {50, 1e-4, 4.2357},
		{10, 1e-6, 11.6368}, {20, 1e-6, 7.0691}, {30, 1e-6, 6.1701}, {50, 1e-6, 5.5888},
	} {
		require.InDelta(t, c.want, TQuantile(float64(c.r-1), 1-c.alpha/2), 6e-5, "R=%d alpha=%g", c.r, c.alpha)
	}
	require.InDelta(t, 2.26216, TQuantile(9, 0.975), 5e-6)
}

func TestSA5_MeanOverReplications(t *testing.T) {
	t.Parallel()
	e := Mean(Values(1, 2, 3, 4, 5))
	require.Equal(t, 5, e.R)
	require.Equal(t, Method, e.Method)
	require.InDelta(t, 3, *e.Mean, 0)
	// t(4, 0.975) = 2.776445, s = sqrt(2.5).
	require.InDelta(t, 3-2.776445*math.Sqrt(2.5/5), *e.Lo, 1e-6)
	require.InDelta(t, 3+2.776445*math.Sqrt(2.5/5), *e.Hi, 1e-6)
}

func TestSA5_NoIntervalFromFewReplications(t *testing.T) {
	t.Parallel()
	for n := range MinReplications + 2 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i)
		}
		e := Mean(Values(x...))
		require.Equal(t, n, e.R)
		require.Equal(t, n == 0, e.Mean == nil, n)
		require.Equal(t, n < 5, e.Lo == nil, n)
		require.Equal(t, n < 5, e.Hi == nil, n)
		require.Equal(t, n < 5, e.Method == "", n)
	}
}

func TestSA5_MissingValuesAreLeftOutAndCounted(t *testing.T) {
	t.Parallel()
	v := Values(1, 0, 2, 3, 4, 5)
	v[1] = nil
	e := Mean(v)
	require.Equal(t, 5, e.R)
	require.InDelta(t, 3, *e.Mean, 0)
	require.NotNil(t, e.Lo)
	require.Equal(t, v, e.Values)

	e = Mean(make([]*float64, 4))
	require.Zero(t, e.R)
	require.Nil(t, e.Mean)
	require.Len(t, e.Values, 4)
}

func TestMeanOfEqualValuesIsExact(t *testing.T) {
	t.Parallel()
	e := Mean(Values(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1))
	require.Equal(t, []float64{0.1, 0.1, 0.1}, []float64{*e.Mean, *e.Lo, *e.Hi})
}

func TestMeanPanicsOnWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, "stats.Mean: value 1 is NaN", func() { Mean(Values(1, math.NaN())) })
	require.PanicsWithValue(t, "stats.Mean: value 0 is +Inf", func() { Mean(Values(math.Inf(1))) })
}

func TestMeanProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 5, 40).Draw(t, "x")
		shift := rapid.Float64Range(-1e6, 1e6).Draw(t, "shift")
		e, again := Mean(Values(x...)), Mean(Values(x...))
		require.Equal(t, e, again)
		require.LessOrEqual(t, *e.Lo, *e.Mean)
		require.LessOrEqual(t, *e.Mean, *e.Hi)
		lo99, hi99, ok := Interval(x, 0.99)
		require.True(t, ok)
		require.LessOrEqual(t, lo99, *e.Lo)
		require.GreaterOrEqual(t, hi99, *e.Hi)

		moved := make([]float64, len(x))
		for i := range x {
			moved[i] = x[i] + shift
		}
		m := Mean(Values(moved...))
		require.InDelta(t, *e.Mean+shift, *m.Mean, 1e-6)
		require.InDelta(t, *e.Hi-*e.Lo, *m.Hi-*m.Lo, 1e-5)
	})
}

func ExampleMean() {
	e := Mean(Values(41.2, 39.8, 40.1, 40.6, 38.9))
	fmt.Printf("%.2f [%.2f, %.2f] from %d replications\n", *e.Mean, *e.Lo, *e.Hi, e.R)
	// Output: 40.12 [39.05, 41.19] from 5 replications
}
