package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
)

func queue(server string) result.Labels { return result.Labels{{Key: "server", Value: server}} }

func metric(name, server string, stats ...result.Stat) result.Metric {
	return result.Metric{Metric: name, Labels: queue(server), Stats: stats}
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	holds := result.Identity{Name: "conservation", Left: "10", Right: "10", Holds: true, Note: "10 submitted = 10 delivered"}
	breaks := result.Identity{Name: "conservation", Left: "10", Right: "9", Note: "one is missing"}
	little := result.Identity{Name: "little", Left: "1.5", Right: "1.5", Holds: true}
	p, err := Aggregate([]*result.Summary{
		{
			Metrics: []result.Metric{
				metric("throughput", "b", result.Stat{Name: "mean", Value: 2}),
				metric("queue.length", "b", result.Stat{Name: "mean", Value: 1}, result.Stat{Name: "max", Value: 4}),
			},
			Identities: []result.Identity{holds, little, little}, Fingerprint: 0xabc, Messages: 10,
		},
		nil, // this replication did not run
		{
			Metrics: []result.Metric{
				metric("queue.length", "b", result.Stat{Name: "mean", Value: 3}),
				metric("queue.length", "a", result.Stat{Name: "max", Value: 7}),
			},
			Identities: []result.Identity{little, breaks, breaks}, Fingerprint: math.MaxUint64, Messages: 5,
		},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"0000000000000abc", "", "ffffffffffffffff"}, p.Fingerprints)
	require.EqualValues(t, 15, p.Messages)

	require.Len(t, p.Metrics, 3)
	require.Equal(t, map[string]string{"server": "a"}, p.Metrics[0].Labels, "sorted by metric, then by entity")
	require.Equal(t, map[string]string{"server": "b"}, p.Metrics[1].Labels)
	require.Equal(t, "throughput", p.Metrics[2].Metric)

	mean := p.Metrics[1].Stats["mean"]
	require.Equal(t, 2, mean.R)
	require.InDelta(t, 2, *mean.Mean, 0)
	require.InDelta(t, 1, *mean.Values[0], 0)
	require.Nil(t, mean.Values[1])
	require.InDelta(t, 3, *mean.Values[2], 0)
	most := p.Metrics[0].Stats["max"]
	require.Equal(t, 1, most.R, "an entity that some replications do not have is null there")
	require.Equal(t, []*float64{nil, nil, most.Values[2]}, most.Values)

	require.Equal(t, []result.IdentitySummary{
		{Name: "conservation", Checked: 2, Held: 1, Example: "replication 2: 10 != 9 (one is missing)"},
		{Name: "little", Checked: 2, Held: 2, Example: "replication 0: 1.5 = 1.5"},
	}, p.Identities)
	require.False(t, IdentitiesHold([]result.Point{p}))
	p.Identities = p.Identities[1:]
	require.True(t, IdentitiesHold([]result.Point{p}))
}

func TestAggregateRefuses(t *testing.T) {
	t.Parallel()
	one := result.Stat{Name: "mean", Value: 1}
	for _, c := range []struct {
		name    string
		metrics []result.Metric
		want    string
	}{
		{"the same entity twice", []result.Metric{metric("queue.length", "a", one), metric("queue.length", "a", one)}, `replication 0 reports metric queue.length of "server=a" twice`},
		{"the same figure twice", []result.Metric{metric("queue.length", "a", one, one)}, `reports mean of metric queue.length of "server=a" twice`},
		{"NaN", []result.Metric{metric("queue.length", "a", result.Stat{Name: "mean", Value: math.NaN()})}, `mean of metric queue.length of "server=a" is NaN`},
		{"infinity", []result.Metric{metric("queue.length", "a", result.Stat{Name: "max", Value: math.Inf(-1)})}, "is -Inf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Aggregate([]*result.Summary{{Metrics: c.metrics}})
			require.ErrorContains(t, err, c.want)
		})
	}
}

// The order in which a replication reports its metrics leaves no trace.
func TestAggregateDoesNotDependOnTheOrderOfMetrics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var metrics []result.Metric
		for _, name := range []string{"queue.length", "throughput"} {
			for _, server := range []string{"a", "b", "c"} {
				metrics = append(metrics, metric(name, server, result.Stat{Name: "mean", Value: rapid.Float64Range(0, 9).Draw(t, "v")}))
			}
		}
		want, err := Aggregate([]*result.Summary{{Metrics: metrics}})
		require.NoError(t, err)
		got, err := Aggregate([]*result.Summary{{Metrics: rapid.Permutation(metrics).Draw(t, "order")}})
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
