package sweep

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
)

func axis(path string, values ...any) result.Axis { return result.Axis{Path: path, Values: values} }

func TestPointsAreTheFullProduct(t *testing.T) {
	t.Parallel()
	points, err := Points([]result.Axis{axis("edge.*.connection_threshold", int64(2), int64(5)), axis("load[0].rate", "40/s", "80/s"), axis("model.x", 0.5, 2.0)})
	require.NoError(t, err)
	var labels []string
	for i, p := range points {
		require.Equal(t, i, p.Index)
		labels = append(labels, p.Label)
	}
	require.Equal(t, []string{
		"connection_threshold = 2, rate = 40/s, x = 0.5", "connection_threshold = 2, rate = 40/s, x = 2.0",
		"connection_threshold = 2, rate = 80/s, x = 0.5", "connection_threshold = 2, rate = 80/s, x = 2.0",
		"connection_threshold = 5, rate = 40/s, x = 0.5", "connection_threshold = 5, rate = 40/s, x = 2.0",
		"connection_threshold = 5, rate = 80/s, x = 0.5", "connection_threshold = 5, rate = 80/s, x = 2.0",
	}, labels)
	require.Equal(t, map[string]any{"edge.*.connection_threshold": int64(5), "load[0].rate": "40/s", "model.x": 2.0}, points[5].Set())
}

func TestPointsWithoutAxes(t *testing.T) {
	t.Parallel()
	points, err := Points(nil)
	require.NoError(t, err)
	require.Equal(t, []Point{{Settings: []Setting{}}}, points)
	require.Empty(t, points[0].Set())
}

func TestLabelsAreShortButUnambiguous(t *testing.T) {
	t.Parallel()
	points, err := Points([]result.Axis{axis("edge.a.connection_threshold", int64(1)), axis("edge.b.connection_threshold", int64(2)), axis("seed", int64(3))})
	require.NoError(t, err)
	require.Equal(t, "edge.a.connection_threshold = 1, edge.b.connection_threshold = 2, seed = 3", points[0].Label)
}

func TestPointsRefuses(t *testing.T) {
	t.Parallel()
	many := make([]any, 400)
	for i := range many {
		many[i] = int64(i)
	}
	for _, c := range []struct {
		want string
		axes []result.Axis
	}{
		{`sweep axis "p" has no values`, []result.Axis{axis("p")}},
		{`sweep axis "p" has the value 5 twice`, []result.Axis{axis("p", int64(5), int64(6), int64(5))}},
		{`sweep axis "p" is there twice`, []result.Axis{axis("p", int64(1)), axis("q", int64(1)), axis("p", int64(2))}},
		{"more than 100000 points", []result.Axis{axis("p", many...), axis("q", many...), axis("r", many...)}},
	} {
		_, err := Points(c.axes)
		require.ErrorContains(t, err, c.want)
	}
}

func TestPointsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var axes []result.Axis
		want := 1
		for i := range rapid.IntRange(0, 4).Draw(t, "axes") {
			values := rapid.SliceOfNDistinct(rapid.Int64().AsAny(), 1, 4, rapid.ID).Draw(t, "values")
			axes = append(axes, axis(fmt.Sprintf("%s.p%d", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "head"), i), values...))
			want *= len(values)
		}
		points, err := Points(axes)
		require.NoError(t, err)
		require.Len(t, points, want)
		seen := map[string]bool{}
		for _, p := range points {
			require.False(t, seen[p.Label], "label %q twice", p.Label)
			seen[p.Label] = true
		}
	})
}
