package cli

import (
	"io"
	"slices"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// writeVerdicts writes the verdicts on a result for a terminal: of each entity only the labels that tell it from the others.
// verdicts.json and the text of verdicts that did not pass have all labels.
func writeVerdicts(w io.Writer, f *result.File, verdicts []result.Verdict) error {
	short := slices.Clone(verdicts)
	entities := map[string][]result.Labels{} // by metric; looked up only
	for i, v := range short {
		if _, known := entities[v.Metric]; !known {
			entities[v.Metric] = entitiesOf(f, v.Metric)
		}
		short[i].Entity = shortEntity(v.Entity, entities[v.Metric])
	}
	return expect.WriteText(w, short)
}

// entitiesOf lists the entities that have figures of a metric, at any point, in the order of the result.
func entitiesOf(f *result.File, metric string) []result.Labels {
	info, _ := result.LookupMetric(metric)
	seen := map[string]bool{}
	var all []result.Labels
	for _, p := range f.Points {
		for _, m := range p.Metrics {
			if m.Metric != metric {
				continue
			}
			var labels result.Labels
			for _, key := range info.Labels {
				if value, has := m.Labels[key]; has {
					labels = append(labels, result.Label{Key: key, Value: value})
				}
			}
			if text := labels.String(); !seen[text] {
				seen[text] = true
				all = append(all, labels)
			}
		}
	}
	return all
}

// shortEntity leaves of an entity of a server the server and each further label that rules out another entity. Other entities have few
// labels, and stay as they are; so does what is no entity, such as the pattern of an expectation over a sum.
func shortEntity(entity string, all []result.Labels) string {
	at := slices.IndexFunc(all, func(l result.Labels) bool { return l.String() == entity })
	if at < 0 || all[at].Get("server") == "" {
		return entity
	}
	rest := slices.Clone(all)
	var kept result.Labels
	for _, label := range all[at] {
		left := slices.DeleteFunc(slices.Clone(rest), func(l result.Labels) bool { return l.Get(label.Key) != label.Value })
		if len(left) < len(rest) || label.Key == "server" {
			kept = append(kept, label)
		}
		rest = left
	}
	return kept.String()
}
