// Package sweep turns a study into runs: the points of a sweep times the replications of each become tasks in a fixed order, and
// an Executor works them off on all cores while everything that depends on order happens in order.
//
//	points, err := sweep.Points(axes)
//	plan := sweep.Plan{Program: version, Scenario: resolvedTOML, Points: points, Replications: 10}
//	pool := sweep.Pool{Workers: 8, Simulate: simulate, Deliver: func(t sweep.Task, run *result.Run) error { return writer.Add(run) }}
//	err = pool.Run(ctx, plan.Tasks(), func(t sweep.Task, err error) { progress.Finished() })
//
// What flows in: the sweep axes, and the function that runs one replication. What flows out: results in (point, replication)
// order, the same for any number of workers. It imports result types only: never sim (the run function is handed in), never
// TOML, and it draws nothing: Forecast and Progress are numbers and sentences for the command to print.
package sweep

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/result"
)

// PointsMax is the largest number of points of a sweep: more is taken for a mistake in the axes.
const PointsMax = 100_000

// Setting is one changed value of a scenario, by the path that --set takes. Value is a bool, int64, float64 or string.
type Setting struct {
	Path  string
	Value any
}

// Point is one point of a sweep.
type Point struct {
	Index    int       // from 0, in the order of Points
	Settings []Setting // in the order of the axes; none without a sweep
	Label    string    // "connection_threshold = 5"; "" without a sweep
}

// Set returns the settings as result.Point has them.
func (p Point) Set() map[string]any {
	set := make(map[string]any, len(p.Settings))
	for _, s := range p.Settings {
		set[s.Path] = s.Value
	}
	return set
}

// Points returns the full product of the axes: the first axis changes slowest. No axes give the one point without settings. Errors
// name the axis: no values, a value twice, a path twice, a product above PointsMax.
func Points(axes []result.Axis) ([]Point, error) {
	total := 1
	for i, a := range axes {
		if len(a.Values) == 0 {
			return nil, fmt.Errorf("sweep axis %q has no values; list at least one or remove it", a.Path)
		}
		for j, v := range a.Values {
			if slices.Contains(a.Values[:j], v) {
				return nil, fmt.Errorf("sweep axis %q has the value %s twice; remove one", a.Path, result.FormatValue(v))
			}
		}
		if slices.ContainsFunc(axes[:i], func(b result.Axis) bool { return a.Path == b.Path }) {
			return nil, fmt.Errorf("sweep axis %q is there twice; give all its values in one list", a.Path)
		}
		if total *= len(a.Values); total > PointsMax {
			return nil, fmt.Errorf("the sweep has more than %d points; it is the product of all axes: shorten some", PointsMax)
		}
	}
	names := axisNames(axes)
	points := make([]Point, total)
	for i := range points {
		p := Point{Index: i, Settings: make([]Setting, len(axes))}
		rest := i
		for j := len(axes) - 1; j >= 0; j-- {
			values := axes[j].Values
			p.Settings[j] = Setting{axes[j].Path, values[rest%len(values)]}
			rest /= len(values)
		}
		p.Label = label(names, p.Settings)
		points[i] = p
	}
	return points, nil
}

// axisNames shortens each path to its last element, unless two axes would then have the same name: those keep the full path.
func axisNames(axes []result.Axis) []string {
	names := make([]string, len(axes))
	for i, a := range axes {
		names[i] = lastElement(a.Path)
		for j, b := range axes {
			if i != j && lastElement(b.Path) == names[i] {
				names[i] = a.Path
				break
			}
		}
	}
	return names
}

func lastElement(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func label(names []string, settings []Setting) string {
	parts := make([]string, len(settings))
	for i, s := range settings {
		parts[i] = names[i] + " = " + result.FormatValue(s.Value)
	}
	return strings.Join(parts, ", ")
}
