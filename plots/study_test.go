package plots

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// recipe describes a study made up for a test.
type recipe struct {
	thresholds   []int64 // nil = no sweep
	replications int
	sites        int // 1 = two edges and two hubs at a head office
	samples      int
	sample       time.Duration
}

// cook makes a study with a morning peak, an edge that is lost in the middle of it, and a remedy. It draws from a fixed stream.
func cook(r recipe) *result.Study {
	rnd := rand.New(rand.NewPCG(1, 2))
	duration := time.Duration(r.samples) * r.sample
	s := &result.Study{File: result.File{
		Format: result.FormatVersion, Program: "test", Scenario: "threshold", Start: "2026-03-02T08:00:00+09:00",
		DurationNS: int64(duration), SampleNS: int64(r.sample), Seed: 42, Replications: r.replications, IdentitiesHold: true,
	}}
	if r.thresholds == nil {
		s.File.Scenario = "eleven-sites"
		s.File.Points = []result.Point{{Set: map[string]any{}}}
	} else {
		axis := result.Axis{Path: "edge.*.connection_threshold"}
		for _, t := range r.thresholds {
			axis.Values = append(axis.Values, t)
			s.File.Points = append(s.File.Points, result.Point{
				Set: map[string]any{axis.Path: t}, Label: fmt.Sprintf("connection_threshold = %d", t),
			})
		}
		s.File.Axes = []result.Axis{axis}
	}
	s.Topology = cookTopology(r, duration)
	for point := range s.File.Points {
		load := 1.0
		if r.thresholds != nil {
			load = math.Sqrt(float64(r.thresholds[point]) / 5)
		}
		for rep := range r.replications {
			for n, server := range s.Topology.Servers {
				if server.Role != "remote" {
					cookSeries(s, r, rnd, point, rep, server, load*(1+0.3*float64(n%5)))
				}
			}
		}
		s.File.Points[point].Metrics = cookDelays(s, r, rnd, load)
	}
	return s
}

// cookTopology makes the sites, servers and faults.
func cookTopology(r recipe, duration time.Duration) result.Topology {
	cities := []string{"Tokyo", "Osaka", "Nagoya", "Sapporo", "Fukuoka", "Sendai", "Hiroshima", "Kanazawa", "Niigata", "Takamatsu", "Naha"}
	var t result.Topology
	for i := range r.sites {
		name := fmt.Sprintf("Site %02d", i+1)
		if i < len(cities) {
			name = cities[i]
		}
		t.Sites = append(t.Sites, result.TopologySite{Name: name})
		t.Servers = append(t.Servers, result.TopologyServer{Name: name + "-hub1", Site: name, Role: "hub"})
	}
	if r.sites == 1 {
		t.Servers = append(t.Servers,
			result.TopologyServer{Name: "Tokyo-edge1", Site: "Tokyo", Role: "edge"},
			result.TopologyServer{Name: "Tokyo-edge2", Site: "Tokyo", Role: "edge"})
	}
	t.Servers = append(t.Servers, result.TopologyServer{Name: "cloud", Role: "remote"})
	end := int64(duration) * 5 / 12
	t.Faults = []result.TopologyFault{
		{ID: "f1", Kind: "host_down", Label: "Tokyo-edge2 down", Target: "Tokyo-edge2", StartNS: int64(duration) / 3, EndNS: &end},
		{ID: "f1.1", Kind: "start_service", Label: "service started by hand on Tokyo-edge2", Remedy: true, StartNS: end, EndNS: &end},
	}
	return t
}

// cookSeries adds the series of a server in one replication.
func cookSeries(s *result.Study, r recipe, rnd *rand.Rand, point, rep int, server result.TopologyServer, load float64) {
	var times []simtime.Time
	var queue, rate, open []float64
	length := 0.0
	shift := rnd.NormFloat64() * 0.03
	for i := range r.samples {
		at := float64(i) / float64(r.samples)
		peak := math.Exp(-math.Pow((at-0.35-shift)*6, 2))
		capacity := 30 / load
		if at > 1.0/3 && at < 5.0/12 {
			capacity /= 2
		}
		in := 4 + 26*peak + rnd.NormFloat64()
		out := math.Min(math.Max(in+length/60, 0), capacity)
		length = math.Max(0, length+(in-out)*r.sample.Seconds()/4)
		times = append(times, simtime.Time(time.Duration(i+1)*r.sample))
		queue = append(queue, length)
		rate = append(rate, out)
		open = append(open, math.Min(20, math.Ceil(length/20/load)+out/6))
	}
	add := func(metric string, mean []float64, labels ...result.Label) {
		s.Series = append(s.Series, result.PointSeries{Point: point, Replication: rep, Series: result.Series{
			Metric: metric, Labels: labels, Times: times, Mean: mean, Max: mean, Last: mean,
		}})
	}
	name := result.Label{Key: "server", Value: server.Name}
	state := result.Label{Key: "state", Value: "all"}
	add("server.queue_length", queue, name, result.Label{Key: "class", Value: "all"}, state)
	add("server.queue_length", queue, name, result.Label{Key: "class", Value: "smtp_connector"}, state)
	add("server.queue_length", queue, name, result.Label{Key: "class", Value: "all"}, result.Label{Key: "state", Value: "retry"})
	add("server.connections", open, name)
	add("throughput", rate, name)
	add("throughput", rate, result.Label{Key: "connector", Value: "to-cloud"})
}

// cookDelays makes the delays of a point: of all mail, and by receiving site where there are several.
func cookDelays(s *result.Study, r recipe, rnd *rand.Rand, load float64) []result.MetricSummary {
	sites := []string{"all"}
	if r.sites > 1 {
		for _, site := range s.Topology.Sites {
			sites = append(sites, site.Name)
		}
	}
	var metrics []result.MetricSummary
	for _, to := range sites {
		mean := 4 * load * load * (1 + rnd.Float64())
		metrics = append(metrics, result.MetricSummary{
			Metric: "delivery.delay", Labels: map[string]string{"from": "all", "to": to},
			Stats: map[string]result.Estimate{
				"mean": cookEstimate(mean, 0.08, r.replications),
				"p95":  cookEstimate(mean*4.2, 0.12, r.replications),
			},
		})
	}
	return metrics
}

// cookEstimate makes an estimate with an interval, from five replications on.
func cookEstimate(mean, half float64, replications int) result.Estimate {
	e := result.Estimate{Mean: &mean, R: replications}
	if replications >= minReplications {
		lo, hi := mean*(1-half), mean*(1+half)
		e.Lo, e.Hi, e.Method = &lo, &hi, "Student t"
	}
	return e
}
