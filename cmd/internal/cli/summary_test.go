package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

// An organisation of E-Post servers has no delivery queues; their folders stand in the column in their place.
func TestLongestQueueOfEPostServers(t *testing.T) {
	t.Parallel()
	peak := func(metric string, v float64, labels map[string]string) result.MetricSummary {
		return result.MetricSummary{Metric: metric, Labels: labels, Stats: map[string]result.Estimate{result.StatMax: {Values: []*float64{&v}, Mean: &v}}}
	}
	folder := func(server, class, state string, v float64) result.MetricSummary {
		return peak("server.queue_length", v, map[string]string{"server": server, "class": class, "state": state})
	}
	f := &result.File{Points: []result.Point{{Metrics: []result.MetricSummary{
		folder("EP1", "all", "all", 90), folder("EP1", "all", "retry", 50), folder("EP1", "incoming", "all", 40), folder("EP1", "holding", "all", 50),
		folder("EP2", "incoming", "all", 3), folder("EP2", "holding", "all", 0),
	}}}}
	require.InDelta(t, 50, *longest()(f.Points[0]).Mean, 0, "the two folders are not added up")
	require.Equal(t, "Longest queue: holding on EP1.\n", longestQueue(f))
	f.Points[0].Metrics = append(f.Points[0].Metrics, folder("h", "smtp_connector", "all", 300), peak("queue.length", 70, map[string]string{"server": "h", "next_hop": "a.example"}))
	require.InDelta(t, 70, *longest()(f.Points[0]).Mean, 0)
	require.Equal(t, "Longest queue: on h to a.example.\n", longestQueue(f))
}
