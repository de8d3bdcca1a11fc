package rng

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSizePresetsMatchTheirTable holds the presets to the published figures (workload 3.2). The table's mu has four decimals, so its other
// figures cannot be met better than to 1e-4.
func TestSizePresetsMatchTheirTable(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                             string
		median, p90, p95, p99, mean, cs2 float64 // 0: not in the table
	}{
		{"size.office-75k", 11_262, 145_781, 300_709, 1_154_931, 76_800, 17.0},
		{"size.office-75k-35m", 10_594, 137_444, 284_188, 1_109_142, 76_800, 29.1},
		{"size.smooth-75k", 25_076, 171_417, 295_562, 820_509, 76_800, 7.13},
		{"size.list-ham", 3_419, 0, 0, 0, 0, 0},
		{"size.spam", 4_501, 0, 0, 0, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, ok := SizePreset(c.name)
			require.True(t, ok)
			near := func(want, got float64) {
				if want != 0 {
					require.InEpsilon(t, want, got, 1.2e-4)
				}
			}
			near(c.median, d.Sample(0.5))
			near(c.p90, d.Sample(0.9))
			near(c.p95, d.Sample(0.95))
			near(c.p99, d.Sample(0.99))
			near(c.mean, d.Mean())
			if c.cs2 != 0 {
				require.InEpsilon(t, c.cs2, d.CS2(), 0.0025) // three digits
			}
		})
	}
}

// TestTruncationMeansDrawingAgain: of the two readings of "truncated at the limit" only one gives the stated mean.
func TestTruncationMeansDrawingAgain(t *testing.T) {
	t.Parallel()
	const mu, sigma, limit = 9.33, 2.0, 10 * mib
	z := (math.Log(limit) - mu) / sigma
	below := math.Exp(mu+sigma*sigma/2) * phi(z-sigma)
	require.InDelta(t, 76_800, below/phi(z), 1, "drawn again")
	require.InDelta(t, 80_086, below+limit*(1-phi(z)), 1, "cut down to the limit")
	d, _ := SizePreset("size.office-75k")
	require.InDelta(t, below/phi(z), d.Mean(), 1e-6)
	require.LessOrEqual(t, d.Sample(1-0x1p-53), limit)
	require.Greater(t, d.Sample(1-0x1p-53), 0.999999*limit)
}

func TestHub2002MatchesItsTable(t *testing.T) {
	t.Parallel()
	d, ok := SizePreset("size.hub-2002")
	require.True(t, ok)
	below := []float64{.2353, .4917, .6760, .7958, .8536, .9047, .9330, .9574, .9724, .9849, .9996}
	for i, share := range below {
		edge := 2 * kib * math.Pow(2, float64(i))
		require.InEpsilon(t, edge, d.Sample(share), 1e-12)
		require.Less(t, d.Sample(share-1e-9), edge)
	}
	require.Equal(t, 900.0, d.Sample(0))
	require.InDelta(t, 4230, d.Sample(0.5), 5)
	require.InDelta(t, 53_000, d.Mean(), 500)
}

func TestRcptInternalMatchesItsTable(t *testing.T) {
	t.Parallel()
	d, ok := RecipientsPreset("rcpt.internal")
	require.True(t, ok)
	reach := map[float64]float64{2: .1709, 3: .0849, 4: .0555, 5: .0385, 6: .0275, 8: .0150, 10: .0110, 15: .0059, 20: .0017}
	for k, share := range reach {
		require.Equal(t, k-1, d.Sample(1-share-1e-12), "just below the share with at least %v", k)
		require.Equal(t, k, d.Sample(1-share+1e-12))
	}
	require.InEpsilon(t, math.Sqrt(.0275*.0150), 1-d.table.below[5], 1e-12, "the share that reaches 7 lies geometrically between")
	require.Equal(t, 1.0, d.Sample(0))
	require.Equal(t, 2.0, d.Sample(d.table.below[0]), "the share of 1 itself belongs to 2: [0, 1) falls into half-open pieces")
	require.Equal(t, 24.0, d.Sample(1-0x1p-53))
	require.InDelta(t, 1.496, d.Mean(), 0.0005)
	require.InEpsilon(t, 3.363, d.Variance(), 0.005)
}

func TestRcptZipf(t *testing.T) {
	t.Parallel()
	d, ok := RecipientsPreset("rcpt.zipf")
	require.True(t, ok)
	share := func(k int) float64 {
		if k == 1 {
			return d.table.below[0]
		}
		return d.table.below[k-1] - d.table.below[k-2]
	}
	for k := 2; k <= 100; k++ {
		require.InEpsilon(t, math.Pow(float64(k), -2.5), share(k)/share(1), 1e-9)
	}
	require.Equal(t, 100.0, d.Sample(1-0x1p-53))
}

func TestPresetNames(t *testing.T) {
	t.Parallel()
	for _, name := range SizePresets() {
		_, ok := SizePreset(name)
		require.True(t, ok, name)
	}
	for _, name := range RecipientsPresets() {
		_, ok := RecipientsPreset(name)
		require.True(t, ok, name)
	}
	_, ok := SizePreset("size.office")
	require.False(t, ok)
	_, ok = RecipientsPreset("rcpt")
	require.False(t, ok)
}
