package plots

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDuplicatesChart(t *testing.T) {
	t.Parallel()
	s := cook(recipe{replications: 1, sites: 2, samples: 60, sample: time.Minute})
	withSeries(s, 0, "mailbox.deliveries", labelled("server", "old"), 1, 1, 2)
	withSeries(s, 0, "mailbox.duplicates", labelled("server", "old"), 0, 0, 0)
	withSeries(s, 0, "mailbox.deliveries", labelled("server", "new"), 1, 1, 1)
	withSeries(s, 0, "mailbox.duplicates", labelled("server", "new"), 0, 0, 0)
	require.NotContains(t, chartsOf(t, s), "duplicates", "nothing was dropped")
	s.Series[len(s.Series)-1].Mean[2], s.Series[len(s.Series)-1].Max[2] = 0.5, 0.5
	f := chartsOf(t, s)["duplicates"]
	require.Len(t, f.Panels, 2)
	require.Equal(t, "old", f.Panels[0].Title)
	require.Equal(t, []float64{60, 60, 120}, f.Panels[0].Lines[0].Y)
	require.Equal(t, []float64{0, 0, 0}, f.Panels[0].Lines[1].Y)
	require.Equal(t, []float64{0, 0, 30}, f.Panels[1].Lines[1].Y)
	require.Len(t, f.Legend, 2)
	s.Series = s.Series[len(s.Series)-2:]
	f = chartsOf(t, s)["duplicates"]
	require.Equal(t, "What mailboxes on new take, and what they drop as second copies", f.Title)
	require.Empty(t, f.Panels[0].Title, "labels of faults stand above a single panel")
}
