package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"mailsim/sim/result"
)

// Aggregate makes the part of a result that one sweep point contributes from the summaries of its replications, in replication
// order: every figure with its interval, the identities, the fingerprints. nil stands for a replication that did not run. Set and
// Label are left for the caller, who knows the sweep.
//
// Metrics are sorted by name, then by entity as Labels.String writes it: an order that no replication can change, so that two
// results compare line by line. A figure that a replication has not (a queue that never came to be, a mean over no messages)
// is null in its place. Identities keep the order of first appearance.
//
// An error names the figure: a value that is not finite, or the same metric and entity twice in one replication.
func Aggregate(summaries []*result.Summary) (result.Point, error) {
	p := result.Point{Metrics: []result.MetricSummary{}, Identities: []result.IdentitySummary{}, Fingerprints: make([]string, len(summaries))}
	for r, s := range summaries {
		if s == nil {
			continue
		}
		p.Fingerprints[r] = fmt.Sprintf("%016x", s.Fingerprint)
		p.Messages += s.Messages
	}
	var err error
	if p.Metrics, err = aggregateMetrics(summaries); err != nil {
		return result.Point{}, err
	}
	p.Identities = aggregateIdentities(summaries)
	return p, nil
}

// figures collects the values of one metric of one entity: stats[i] in the order of first appearance, values in replication order.
type figures struct {
	metric, entity string
	labels         result.Labels
	stats          []string
	values         [][]*float64
	last           int // the replication that gave figures last, to find doubles
}

func aggregateMetrics(summaries []*result.Summary) ([]result.MetricSummary, error) {
	type key struct{ metric, entity string }
	index := map[key]int{}
	var all []figures
	for r, s := range summaries {
		if s == nil {
			continue
		}
		for _, m := range s.Metrics {
			k := key{m.Metric, m.Labels.String()}
			i, known := index[k]
			if !known {
				i = len(all)
				index[k] = i
				all = append(all, figures{metric: k.metric, entity: k.entity, labels: m.Labels, last: -1})
			}
			f := &all[i]
			if f.last == r {
				return nil, fmt.Errorf("replication %d reports metric %s of %q twice", r, k.metric, k.entity)
			}
			f.last = r
			if err := f.add(r, len(summaries), m.Stats); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(all, func(a, b figures) int {
		return cmp.Or(cmp.Compare(a.metric, b.metric), cmp.Compare(a.entity, b.entity))
	})
	out := make([]result.MetricSummary, 0, len(all))
	for _, f := range all {
		m := result.MetricSummary{Metric: f.metric, Labels: make(map[string]string, len(f.labels)), Stats: make(map[string]result.Estimate, len(f.stats))}
		for _, l := range f.labels {
			m.Labels[l.Key] = l.Value
		}
		for i, name := range f.stats {
			m.Stats[name] = Mean(f.values[i])
		}
		out = append(out, m)
	}
	return out, nil
}

// add enters the figures of replication r out of n.
func (f *figures) add(r, n int, stats []result.Stat) error {
	for _, s := range stats {
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			return fmt.Errorf("replication %d: %s of metric %s of %q is %v; a figure that does not exist must be left out", r, s.Name, f.metric, f.entity, s.Value)
		}
		i := slices.Index(f.stats, s.Name)
		if i < 0 {
			i = len(f.stats)
			f.stats = append(f.stats, s.Name)
			f.values = append(f.values, make([]*float64, n))
		}
		if f.values[i][r] != nil {
			return fmt.Errorf("replication %d reports %s of metric %s of %q twice", r, s.Name, f.metric, f.entity)
		}
		f.values[i][r] = &s.Value
	}
	return nil
}

// aggregateIdentities counts over how many replications each law was checked and held: a replication in which a law was checked for
// several entities counts once, and as held only if all of them hold.
func aggregateIdentities(summaries []*result.Summary) []result.IdentitySummary {
	out := []result.IdentitySummary{}
	find := func(name string) *result.IdentitySummary {
		for i := range out {
			if out[i].Name == name {
				return &out[i]
			}
		}
		out = append(out, result.IdentitySummary{Name: name})
		return &out[len(out)-1]
	}
	for r, s := range summaries {
		if s == nil {
			continue
		}
		var names []string
		var failed []string
		for _, id := range s.Identities {
			law := find(id.Name)
			if !slices.Contains(names, id.Name) {
				names = append(names, id.Name)
			}
			first := law.Example == ""
			firstFailure := !id.Holds && law.Held == law.Checked && !slices.Contains(failed, id.Name)
			if first || firstFailure {
				law.Example = describeIdentity(r, id)
			}
			if !id.Holds && !slices.Contains(failed, id.Name) {
				failed = append(failed, id.Name)
			}
		}
		for _, name := range names {
			law := find(name)
			law.Checked++
			if !slices.Contains(failed, name) {
				law.Held++
			}
		}
	}
	return out
}

func describeIdentity(replication int, id result.Identity) string {
	sign := "="
	if !id.Holds {
		sign = "!="
	}
	text := fmt.Sprintf("replication %d: %s %s %s", replication, id.Left, sign, id.Right)
	if id.Note != "" {
		text += " (" + id.Note + ")"
	}
	return text
}

// IdentitiesHold tells whether every law held in every replication in which it was checked, at every point.
func IdentitiesHold(points []result.Point) bool {
	for _, p := range points {
		for _, id := range p.Identities {
			if id.Held != id.Checked {
				return false
			}
		}
	}
	return true
}
