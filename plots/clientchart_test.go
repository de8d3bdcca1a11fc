package plots

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClientCharts(t *testing.T) {
	t.Parallel()
	s := cook(recipe{replications: 1, sites: 2, samples: 60, sample: time.Minute})
	require.NotContains(t, chartsOf(t, s), "clients", "there are none")
	withSeries(s, 0, "client.submissions", labelled("client", "office", "server", "ep1"), 0.25, 0, 2)
	withSeries(s, 0, "client.submissions", labelled("client", "shop", "server", "ep1"), 0.25, 0, 0)
	withSeries(s, 0, "client.submissions", labelled("client", "office", "server", "hub1"), 0, 1, 0)
	withSeries(s, 0, "client.drafts", labelled("client", "office"), 0, 0, 0)
	withSeries(s, 0, "client.broken", labelled("client", "office"), 0, 5, 0)
	charts := chartsOf(t, s)
	require.NotContains(t, charts, "drafts", "there were none")
	require.Equal(t, []float64{0, 5, 0}, charts["broken"].Panels[0].Lines[0].Y)
	f := charts["clients"]
	require.Equal(t, "Messages per minute", f.Y.Label)
	require.Len(t, f.Legend, 2)
	require.Equal(t, []float64{30, 0, 120}, f.Panels[0].Lines[0].Y, "both populations together")
}
