package result

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLabelsRoundTrip(t *testing.T) {
	t.Parallel()
	name := rapid.StringMatching(`[a-zA-Z0-9_.*-]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		var l Labels
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			l = append(l, Label{name.Draw(t, "key"), name.Draw(t, "value")})
		}
		require.Equal(t, l, ParseLabels(l.String()))
		for i, x := range l {
			if slices.IndexFunc(l, func(y Label) bool { return y.Key == x.Key }) == i {
				require.Equal(t, x.Value, l.Get(x.Key))
			}
		}
	})
	require.Equal(t, "server=hub1,next_hop=B", Labels{{"server", "hub1"}, {"next_hop", "B"}}.String())
	require.Empty(t, Labels{{"server", "hub1"}}.Get("site"))
}

func TestMetricsAreWellFormed(t *testing.T) {
	t.Parallel()
	order := []string{StatMean, StatMax, StatMax5m, StatLast, StatTotal, StatCount, StatP50, StatP95, StatP99}
	seen := map[string]bool{}
	for _, m := range Metrics() {
		require.False(t, seen[m.Name], m.Name)
		seen[m.Name] = true
		require.NotEmpty(t, m.Doc, m.Name)
		require.NotEmpty(t, m.Labels, m.Name)
		last := -1
		for _, s := range m.Stats {
			at := slices.Index(order, s)
			require.Greater(t, at, last, "%s: %s is unknown or out of order", m.Name, s)
			last = at
		}
		got, ok := LookupMetric(m.Name)
		require.True(t, ok)
		require.Equal(t, m, got)
	}
	_, ok := LookupMetric("queue.lenght")
	require.False(t, ok)

	delay, _ := LookupMetric("delivery.delay")
	require.Equal(t, Seconds, delay.UnitOf(StatP95))
	require.Equal(t, Messages, delay.UnitOf(StatCount))
	require.True(t, delay.HasStat(StatP99))
	require.False(t, delay.HasStat(StatTotal))
	require.True(t, delay.HasLabel("from"))
	require.False(t, delay.HasLabel("server"))
}

func TestSettingsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(
		rapid.Int64().AsAny(), rapid.Bool().AsAny(), rapid.String().AsAny(),
		rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }).AsAny(),
		rapid.Map(rapid.Int16(), func(i int16) float64 { return float64(i) }).AsAny(),
	)
	rapid.Check(t, func(t *rapid.T) {
		axis := Axis{Path: "load[0].rate", Values: rapid.SliceOf(value).Draw(t, "values")}
		point := Point{Set: rapid.MapOf(rapid.String(), value).Draw(t, "set"), Label: "a < b"}
		data, err := json.Marshal(axis)
		require.NoError(t, err)
		var gotAxis Axis
		require.NoError(t, json.Unmarshal(data, &gotAxis))
		require.Equal(t, axis, gotAxis)

		data, err = json.Marshal(point)
		require.NoError(t, err)
		var gotPoint Point
		require.NoError(t, json.Unmarshal(data, &gotPoint))
		require.Equal(t, point, gotPoint)
	})
}

func TestSettingsRefuseWhatNoScenarioHas(t *testing.T) {
	t.Parallel()
	_, err := json.Marshal(Axis{Path: "p", Values: []any{math.NaN()}})
	require.ErrorContains(t, err, "not a finite number")
	_, err = json.Marshal(Point{Set: map[string]any{"p": []int{1}}})
	require.ErrorContains(t, err, "[]int")
	require.ErrorContains(t, json.Unmarshal([]byte(`{"set":{"p":[1]}}`), new(Point)), "not a bool")
}

func TestFormatValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   any
		want string
	}{{int64(5), "5"}, {5.0, "5.0"}, {0.25, "0.25"}, {1e300, "1e+300"}, {true, "true"}, {"90s", "90s"}} {
		require.Equal(t, c.want, FormatValue(c.in))
	}
}

func TestMemoryKeepsEverythingInOrder(t *testing.T) {
	t.Parallel()
	m := NewMemory(3, 1)
	require.NoError(t, m.Event(Event{Kind: "fault"}))
	require.NoError(t, m.Event(Event{Kind: "remedy"}))
	require.NoError(t, m.Series(Series{Metric: "queue.length"}))
	require.NoError(t, m.End(Summary{Messages: 7}))
	require.Equal(t, &Run{
		Point: 3, Replication: 1, Events: []Event{{Kind: "fault"}, {Kind: "remedy"}},
		Series: []Series{{Metric: "queue.length"}}, Summary: Summary{Messages: 7},
	}, m.Run())
}
