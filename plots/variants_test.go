package plots

import (
	"math"
	"slices"
	"time"

	"mailsim/sim/result"
)

// variant is a study that the tests of all charts run over.
type variant struct {
	name  string
	study *result.Study
}

// variants returns studies of every shape that the charts have to cope with, small enough to draw them all.
func variants() []variant {
	sweep := []int64{2, 5, 10, 20, 40}
	all := []variant{
		{"sweep of five thresholds", cook(recipe{sweep, 5, 1, 480, 30 * time.Second})},
		{"sweep over eleven sites", cook(recipe{[]int64{5, 10, 20}, 3, 11, 60, 4 * time.Minute})},
		{"six settings over eleven sites", cook(recipe{[]int64{1, 2, 5, 10, 20, 40}, 5, 11, 40, 6 * time.Minute})},
		{"eleven sites, no sweep", cook(recipe{nil, 10, 11, 120, 5 * time.Minute})},
		{"forty sites over three days", cook(recipe{nil, 5, 40, 100, 48 * time.Minute})},
		{"no sweep, one replication", cook(recipe{nil, 1, 1, 120, 2 * time.Minute})},
		{"one sample", cook(recipe{[]int64{5, 10}, 5, 1, 1, 30 * time.Second})},
		{"eight settings", cook(recipe{[]int64{1, 2, 3, 5, 8, 10, 20, 40}, 5, 1, 60, 4 * time.Minute})},
		{"settings that crowd", cook(recipe{[]int64{1, 2, 3, 4, 5, 400}, 5, 1, 60, 4 * time.Minute})},
	}
	add := func(name string, change func(*result.Study)) {
		s := cook(recipe{[]int64{5, 10, 20}, 6, 1, 60, 4 * time.Minute})
		change(s)
		all = append(all, variant{name, s})
	}
	add("settings that crowd a linear axis", func(s *result.Study) {
		axis := &s.File.Axes[0]
		axis.Values = []any{int64(1000), int64(1001), int64(1500)}
		for i := range s.File.Points {
			s.File.Points[i].Set = map[string]any{axis.Path: axis.Values[i]}
		}
	})
	add("many links", func(s *result.Study) {
		s.File.Axes, s.File.Points = nil, s.File.Points[:1]
		for i := range 7 {
			for _, direction := range []string{"up", "down"} {
				p := s.Series[0]
				p.Metric = "link.utilisation"
				p.Labels = result.Labels{{Key: "link", Value: "A line with a long name " + string(rune('A'+i))}, {Key: "direction", Value: direction}}
				p.Mean = make([]float64, len(p.Times))
				for j := range p.Mean {
					p.Mean[j] = 0.5 + 0.5*math.Sin(float64(i+j)/9)
				}
				s.Series = append(s.Series, p)
			}
		}
		s.Series = slices.DeleteFunc(s.Series, func(p result.PointSeries) bool { return p.Point > 0 })
	})
	add("no series, no delays", func(s *result.Study) {
		s.Series = nil
		for i := range s.File.Points {
			s.File.Points[i].Metrics = nil
		}
	})
	add("series without samples", func(s *result.Study) {
		for i := range s.Series {
			s.Series[i].Series = result.Series{Metric: s.Series[i].Metric, Labels: s.Series[i].Labels}
		}
	})
	add("negative, huge and missing values", func(s *result.Study) {
		for i := range s.Series {
			s.Series[i].Mean[i*7%60] = []float64{-1e5, 1e7, math.NaN(), math.Inf(1), 1e300, -1e99}[i%6]
		}
	})
	add("nothing but zeros", func(s *result.Study) {
		for i := range s.Series {
			clear(s.Series[i].Mean)
		}
		zero := 0.0
		for i := range s.File.Points {
			for j := range s.File.Points[i].Metrics {
				for stat := range s.File.Points[i].Metrics[j].Stats {
					s.File.Points[i].Metrics[j].Stats[stat] = result.Estimate{Mean: &zero, R: 6}
				}
			}
		}
	})
	add("settings of words, start unknown", func(s *result.Study) {
		words := []any{"40/s", "eighty a second at the busiest time of the day", "100/s"}
		s.File.Axes = []result.Axis{{Path: "load[0].rate", Values: words}}
		for i := range s.File.Points {
			s.File.Points[i].Set = map[string]any{"load[0].rate": words[i]}
		}
		s.File.Start = "some day"
		s.Topology = result.Topology{}
	})
	add("two axes", func(s *result.Study) {
		s.File.Axes = []result.Axis{
			{Path: "load[0].kind", Values: []any{"poisson", "burst"}},
			{Path: "edge.*.connection_threshold", Values: []any{int64(5), int64(10)}},
		}
		for i, set := range []map[string]any{
			{"load[0].kind": "poisson", "edge.*.connection_threshold": int64(5)},
			{"load[0].kind": "poisson", "edge.*.connection_threshold": int64(10)},
			{"load[0].kind": "burst", "edge.*.connection_threshold": int64(5)},
		} {
			s.File.Points[i].Set = set
		}
	})
	add("many faults and long names", func(s *result.Study) {
		s.File.Description = "A head office with two edges relays a morning peak to a cloud smart host under the limits of its " +
			"subscription, and one of the two edges is lost for twenty minutes while the peak is on & \x01 <queues> grow"
		s.File.WarmupNS = s.File.DurationNS / 10
		for i, at := range []float64{0, 0.02, 0.1, 0.3, 0.36, 0.37, 0.6, 0.9, 0.95, 0.99, 1.2} {
			start := int64(at * float64(s.File.DurationNS))
			end := start + s.File.DurationNS/20
			fault := result.TopologyFault{Kind: "link_down", Target: "Tokyo-Osaka", StartNS: start, EndNS: &end, Remedy: i%3 == 2}
			if i%2 == 0 {
				fault.Label = "the leased line between the two data centres is cut by an excavator"
			}
			if i == 4 {
				fault.EndNS = nil
			}
			s.Topology.Faults = append(s.Topology.Faults, fault)
		}
	})
	return all
}
