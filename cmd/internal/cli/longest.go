package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/result"
)

// longestQueue names the queue behind the column "longest queue", by server and next hop, in a line; "" where there is one queue or
// none. Where it is another one at some settings, each is named with how often.
func longestQueue(f *result.File) string {
	type place struct {
		name  string
		times int
	}
	var places []place
	var queues []string
	for _, p := range f.Points {
		name, highest := "", 0.0
		for _, m := range p.Metrics {
			if !isQueue(m) {
				continue
			}
			this := queueName(m.Labels)
			if !slices.Contains(queues, this) {
				queues = append(queues, this)
			}
			if peak := m.Stats[result.StatMax].Mean; peak != nil && *peak > highest {
				name, highest = this, *peak
			}
		}
		if name == "" {
			continue
		}
		at := slices.IndexFunc(places, func(x place) bool { return x.name == name })
		if at < 0 {
			at = len(places)
			places = append(places, place{name: name})
		}
		places[at].times++
	}
	if len(queues) < 2 || len(places) == 0 {
		return ""
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(b.times, a.times) })
	if len(places) == 1 && (len(f.Points) == 1 || places[0].times == len(f.Points)) {
		return "Longest queue: " + places[0].name + ".\n"
	}
	const most = 3
	var parts []string
	for _, p := range places[:min(most, len(places))] {
		parts = append(parts, fmt.Sprintf("%s (%d of %d settings)", p.name, p.times, len(f.Points)))
	}
	if more := len(places) - most; more > 0 {
		parts = append(parts, count(more, "other"))
	}
	return "Longest queue: " + strings.Join(parts, "; ") + ".\n"
}

// queueName names a queue by its server and next hop; of an E-Post server, the folder.
func queueName(labels map[string]string) string {
	if class := labels["class"]; class != "" {
		return class + " on " + labels["server"]
	}
	if labels["next_hop"] == "" {
		return "on " + labels["server"]
	}
	return "on " + labels["server"] + " to " + labels["next_hop"]
}
