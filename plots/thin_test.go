package plots

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestThinKeepsExtremesOfEachColumn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 20).Draw(t, "columns")
		y := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 300).Draw(t, "y")
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(i)
		}
		to := float64(len(y))
		keep := thin(x, y, 0, to, columns)

		require.True(t, slices.IsSorted(keep))
		require.Len(t, slices.Compact(slices.Clone(keep)), len(keep), "an index occurs once")
		width := to / float64(columns)
		column := func(i int) int { return int(math.Floor(x[i] / width)) }
		all, kept := map[int][]float64{}, map[int][]float64{}
		for i := range y {
			all[column(i)] = append(all[column(i)], y[i])
		}
		for _, i := range keep {
			kept[column(i)] = append(kept[column(i)], y[i])
		}
		for c, values := range all {
			require.Equal(t, slices.Max(values), slices.Max(kept[c]), "peak of column %d", c)
			require.Equal(t, slices.Min(values), slices.Min(kept[c]), "trough of column %d", c)
			if len(y) > 2*columns {
				require.LessOrEqual(t, len(kept[c]), 2, "two points a column")
			}
		}
	})
}

func TestThinLeavesShortSeriesAlone(t *testing.T) {
	t.Parallel()
	require.Equal(t, []int{0, 1, 2}, thin([]float64{1, 2, 3}, []float64{5, 5, 5}, 0, 3, 2))
	require.Equal(t, []int{0}, thin([]float64{0}, []float64{5}, 0, 0, 2), "a span of no length")
	require.Empty(t, thin(nil, nil, 0, 1, 2))
}

func TestOutline(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, c := range []struct {
		name string
		y    []float64
		want [][]xy
	}{
		{"steps hold from the sample before", []float64{4, 6}, [][]xy{{{0, 4}, {10, 4}, {10, 6}, {20, 6}}}},
		{"equal neighbours are one step", []float64{4, 4, 4}, [][]xy{{{0, 4}, {30, 4}}}},
		{"a gap begins a new piece", []float64{4, nan, 5}, [][]xy{{{0, 4}, {10, 4}}, {{20, 5}, {30, 5}}}},
		{"a gap at both ends", []float64{nan, 5, nan}, [][]xy{{{10, 5}, {20, 5}}}},
		{"nothing but gaps", []float64{nan, nan}, nil},
		{"no samples", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var x []float64
			var keep []int
			for i := range c.y {
				x, keep = append(x, float64(i+1)*10), append(keep, i)
			}
			require.Equal(t, c.want, outline(0, x, c.y, keep))
		})
	}
}
