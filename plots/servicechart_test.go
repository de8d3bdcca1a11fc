package plots

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// withSeries adds a series of the figures given, one a minute, to a replication of a study of an hour.
func withSeries(s *result.Study, rep int, metric string, labels result.Labels, values ...float64) {
	p := result.PointSeries{Replication: rep, Series: result.Series{Metric: metric, Labels: labels, Mean: values}}
	for i := range values {
		p.Times = append(p.Times, simtime.Time(i+1)*simtime.Time(time.Minute))
	}
	p.Max, p.Last = slices.Clone(values), slices.Clone(values)
	s.Series = append(s.Series, p)
}

func labelled(pairs ...string) (l result.Labels) {
	for i := 0; i < len(pairs); i += 2 {
		l = append(l, result.Label{Key: pairs[i], Value: pairs[i+1]})
	}
	return l
}

func TestServicesChart(t *testing.T) {
	t.Parallel()
	study := func() *result.Study { return cook(recipe{replications: 2, sites: 2, samples: 60, sample: time.Minute}) }
	s := study()
	for rep := range 2 {
		withSeries(s, rep, "service.up", labelled("server", "ep1", "service", "EPSTRS"), 1, 1, 1)
	}
	require.NotContains(t, chartsOf(t, s), "services", "nothing was ever stopped")
	s.Series[len(s.Series)-1].Mean[1] = 0
	f := chartsOf(t, s)["services"]
	require.Equal(t, "How much of the time EPSTRS runs on ep1", f.Title)
	require.Empty(t, f.Panels[0].Title, "labels of faults stand above a single panel")

	s = study()
	for rep := range 2 {
		withSeries(s, rep, "service.up", labelled("server", "ep1", "service", "EPSTRS"), 1, 0, 0.25)
		withSeries(s, rep, "service.up", labelled("server", "ep1", "service", "EPSTDS"), 1, 1, 1)
	}
	f = chartsOf(t, s)["services"]
	require.Equal(t, "Services that run on ep1", f.Title)
	require.Len(t, f.Panels, 2)
	require.Equal(t, "EPSTRS", f.Panels[0].Title)
	require.Equal(t, []float64{100, 0, 25}, f.Panels[0].Lines[0].Y)
	require.Equal(t, 100.0, f.Y.Max)
	require.NotEmpty(t, f.Windows, "faults are shaded")
	require.NotEmpty(t, f.Marks)

	withSeries(s, 0, "service.up", labelled("server", "ep2", "service", "EPSTDS"), 1, 1, 1)
	f = chartsOf(t, s)["services"]
	require.Equal(t, "Services that run", f.Title)
	require.Equal(t, []string{"ep1 EPSTRS", "ep1 EPSTDS", "ep2 EPSTDS"}, []string{f.Panels[0].Title, f.Panels[1].Title, f.Panels[2].Title})

	sweep := cook(recipe{thresholds: []int64{5, 20}, replications: 1, sites: 2, samples: 60, sample: time.Minute})
	withSeries(sweep, 0, "service.up", labelled("server", "ep1", "service", "EPSTRS"), 0, 0, 0)
	withSeries(sweep, 0, "submission_pending", labelled("site", "internet"), 1, 2, 3)
	require.NotContains(t, chartsOf(t, sweep), "services")
	require.NotContains(t, chartsOf(t, sweep), "waiting")
}

func TestWaitingChart(t *testing.T) {
	t.Parallel()
	s := cook(recipe{replications: 2, sites: 2, samples: 60, sample: time.Minute})
	require.NotContains(t, chartsOf(t, s), "waiting")
	withSeries(s, 1, "submission_pending", labelled("site", "internet"), 4, 8, 0) // nothing waited in replication 0
	f := chartsOf(t, s)["waiting"]
	require.Equal(t, "Messages that wait with senders outside", f.Title)
	require.Equal(t, []float64{2, 4, 0}, f.Panels[0].Lines[0].Y)
	withSeries(s, 1, "submission_pending", labelled("site", "Tokyo"), 1, 1, 1)
	f = chartsOf(t, s)["waiting"]
	require.Equal(t, "Messages that wait with their senders", f.Title)
	require.Equal(t, "internet", f.Legend[0].Name)
	require.Equal(t, "Tokyo", f.Legend[1].Name)
}
