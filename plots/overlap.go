package plots

import "math"

// How much the lines of a panel may lie on each other.
const (
	touching   = 0.02 // share of the highest value: about two line widths in a panel
	crowded    = 0.25 // from this overlap on, the light bands of the lines are left out
	unreadable = 0.5  // from this overlap on, each of more than two lines gets a panel, with the others in grey behind it
)

// overlap measures how much lines lie on each other: of all values of all lines, the share that has a value of another line, of the
// same instant, within touching distance. Values near zero do not count: lines that rest there hide nothing.
func overlap(lines []Line) float64 {
	top := 0.0
	for i := range lines {
		top = max(top, lines[i].peak())
	}
	near := touching * top
	counted, hidden := 0, 0
	for i := range lines {
		for at, v := range lines[i].Y {
			if math.IsNaN(v) || math.Abs(v) <= near {
				continue
			}
			counted++
			for j := range lines {
				if other := lines[j].Y; j != i && at < len(other) && math.Abs(other[at]-v) <= near {
					hidden++
					break
				}
			}
		}
	}
	if counted == 0 {
		return 0
	}
	return float64(hidden) / float64(counted)
}

// dropRanges leaves out the light bands of lines, where a darker one remains that says how sure the line is.
func dropRanges(lines []Line) {
	for i := range lines {
		if len(lines[i].Interval.Lo) > 0 {
			lines[i].Range = Band{}
		}
	}
}
