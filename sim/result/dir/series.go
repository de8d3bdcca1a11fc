package dir

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// addSeries writes the samples of one series, one figure after the other: neighbours that differ little pack well.
func addSeries(t *table[seriesRow], point, replication int, s result.Series) error {
	entity := s.Labels.String()
	if len(s.Mean) != len(s.Times) || len(s.Max) != len(s.Times) || len(s.Last) != len(s.Times) {
		return fmt.Errorf("series %s of %q: %d times, %d means, %d maxima and %d last values; they must be equally many",
			s.Metric, entity, len(s.Times), len(s.Mean), len(s.Max), len(s.Last))
	}
	if err := checkLabels(s.Labels); err != nil {
		return fmt.Errorf("series %s: %w", s.Metric, err)
	}
	row := seriesRow{Point: int32(point), Replication: int32(replication), Entity: entity, Metric: s.Metric}
	for _, figure := range []struct {
		stat   string
		values []float64
	}{{result.StatMean, s.Mean}, {result.StatMax, s.Max}, {result.StatLast, s.Last}} {
		row.Stat = figure.stat
		for i, v := range figure.values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("series %s of %q: %s at %s is %v", s.Metric, entity, figure.stat, s.Times[i], v)
			}
			row.TimeNS, row.Value = int64(s.Times[i]), v
			if err := t.add(row); err != nil {
				return err
			}
		}
	}
	return nil
}

func addHistogram(t *table[histogramRow], point, replication int, h result.Histogram) error {
	entity := h.Labels.String()
	if len(h.Lower) != len(h.Counts) || len(h.Upper) != len(h.Counts) {
		return fmt.Errorf("histogram %s of %q: %d lower bounds, %d upper bounds and %d counts; they must be equally many",
			h.Metric, entity, len(h.Lower), len(h.Upper), len(h.Counts))
	}
	if err := checkLabels(h.Labels); err != nil {
		return fmt.Errorf("histogram %s: %w", h.Metric, err)
	}
	for i, n := range h.Counts {
		if err := t.add(histogramRow{int32(point), int32(replication), entity, h.Metric, h.Lower[i], h.Upper[i], n}); err != nil {
			return err
		}
	}
	return nil
}

// checkLabels makes sure that ParseLabels will read what Labels.String wrote.
func checkLabels(l result.Labels) error {
	if !slices.Equal(l, result.ParseLabels(l.String())) {
		return fmt.Errorf("label keys and values of %q must not contain '=' or ',' nor be empty", l.String())
	}
	return nil
}

// reader puts rows together to series and histograms again: the rows of one follow one another.
type reader struct {
	series     []result.PointSeries
	histograms []result.PointHistogram
	strings    map[string]string        // one copy of every name
	labels     map[string]result.Labels // the labels of every entity, shared by all that is about it
	entity     string                   // of the last series or histogram
}

func newReader() *reader {
	return &reader{strings: map[string]string{}, labels: map[string]result.Labels{}}
}

func (rd *reader) addSeries(r *seriesRow) error {
	if !rd.continuesSeries(r) {
		rd.entity = rd.intern(r.Entity)
		rd.series = append(rd.series, result.PointSeries{Point: int(r.Point), Replication: int(r.Replication),
			Series: result.Series{Metric: rd.intern(r.Metric), Labels: rd.parse(rd.entity)}})
	}
	s := &rd.series[len(rd.series)-1]
	switch r.Stat {
	case result.StatMean:
		s.Times = append(s.Times, simtime.Time(r.TimeNS))
		s.Mean = append(s.Mean, r.Value)
	case result.StatMax:
		s.Max = append(s.Max, r.Value)
	case result.StatLast:
		s.Last = append(s.Last, r.Value)
	default:
		return fmt.Errorf("%w: unknown figure %q of series %s", ErrDamaged, r.Stat, r.Metric)
	}
	return nil
}

func (rd *reader) continuesSeries(r *seriesRow) bool {
	if len(rd.series) == 0 {
		return false
	}
	s := &rd.series[len(rd.series)-1]
	return int(r.Point) == s.Point && int(r.Replication) == s.Replication && r.Metric == s.Metric && r.Entity == rd.entity
}

// checkSeries finds series of which a figure is missing somewhere.
func (rd *reader) checkSeries() error {
	for _, s := range rd.series {
		if len(s.Mean) != len(s.Max) || len(s.Mean) != len(s.Last) {
			return fmt.Errorf("%w: series %s of %q has %d means, %d maxima and %d last values", ErrDamaged,
				s.Metric, s.Labels.String(), len(s.Mean), len(s.Max), len(s.Last))
		}
	}
	return nil
}

func (rd *reader) addHistogram(r *histogramRow) error {
	if !rd.continuesHistogram(r) {
		rd.entity = rd.intern(r.Entity)
		rd.histograms = append(rd.histograms, result.PointHistogram{Point: int(r.Point), Replication: int(r.Replication),
			Histogram: result.Histogram{Metric: rd.intern(r.Metric), Labels: rd.parse(rd.entity)}})
	}
	h := &rd.histograms[len(rd.histograms)-1]
	h.Lower = append(h.Lower, r.LowerNS)
	h.Upper = append(h.Upper, r.UpperNS)
	h.Counts = append(h.Counts, r.Count)
	return nil
}

func (rd *reader) continuesHistogram(r *histogramRow) bool {
	if len(rd.histograms) == 0 {
		return false
	}
	h := &rd.histograms[len(rd.histograms)-1]
	return int(r.Point) == h.Point && int(r.Replication) == h.Replication && r.Metric == h.Metric && r.Entity == rd.entity
}

// intern returns the one copy of a string: a file of a million rows has some hundred different names.
func (rd *reader) intern(s string) string {
	if kept, ok := rd.strings[s]; ok {
		return kept
	}
	kept := strings.Clone(s)
	rd.strings[kept] = kept
	return kept
}

func (rd *reader) parse(entity string) result.Labels {
	l, ok := rd.labels[entity]
	if !ok {
		l = result.ParseLabels(entity)
		rd.labels[entity] = l
	}
	return l
}
