package expect

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"mailsim/sim/result"
)

// ExitCode is the exit code that the verdicts call for (docs/design.md): 1 when one failed or could not be judged, 4 when some
// are inconclusive and none is worse, 0 otherwise.
func ExitCode(verdicts []result.Verdict) int {
	code := 0
	for _, v := range verdicts {
		switch v.Verdict {
		case Pass:
		case Inconclusive:
			code = max(code, 4)
		default:
			return 1
		}
	}
	return code
}

// Reproduce writes into every verdict the command that runs its point again; scenario is the name or path that the command line
// takes.
func Reproduce(verdicts []result.Verdict, file *result.File, scenario string) {
	for i := range verdicts {
		v := &verdicts[i]
		parts := []string{"mailsim run", quote(scenario), "--seed " + strconv.FormatInt(file.Seed, 10), "--replications " + strconv.Itoa(file.Replications)}
		if v.Point >= 0 && v.Point < len(file.Points) {
			set := file.Points[v.Point].Set
			for _, path := range slices.Sorted(maps.Keys(set)) {
				parts = append(parts, "--set "+quote(path+"="+result.FormatValue(set[path])))
			}
		}
		v.Rerun = strings.Join(parts, " ")
	}
}

// quote puts what a shell would change into quotes.
func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// WriteText writes the verdicts as a table, then what is to say about each that did not pass or passed with a warning, then a line with
// the counts. An expectation that passed at every one of several points, without a warning, has one line with the range of its values.
func WriteText(w io.Writer, verdicts []result.Verdict) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	columns := []string{"verdict", "expectation", "point", "figure", "value", "95 % interval", "must"}
	swept := slices.ContainsFunc(verdicts, func(v result.Verdict) bool { return v.Set != "" })
	row := func(cells ...string) {
		if !swept { // without a sweep there is no column for it
			cells = slices.Delete(slices.Clone(cells), 2, 3)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	row(columns...)
	for i := 0; i < len(verdicts); {
		v := verdicts[i]
		if n := passes(verdicts[i:]); n > 1 {
			values, entity := summary(verdicts[i : i+n])
			row(v.Verdict, v.ID, fmt.Sprintf("%d settings", n), fmt.Sprintf("%s %s{%s}", v.Stat, v.Metric, entity), values, "-", v.Must)
			i += n
			continue
		}
		i++
		value, interval := "-", "-"
		if v.Value != nil {
			value = quantity(*v.Value, result.Unit(v.Unit))
		}
		if v.Lo != nil && v.Hi != nil {
			interval = fmt.Sprintf("[%s, %s]", format(*v.Lo), format(*v.Hi))
		}
		verdict := v.Verdict
		if v.Warning != "" {
			verdict += ", warning"
		}
		row(verdict, v.ID, v.Set, fmt.Sprintf("%s %s{%s}", v.Stat, v.Metric, v.Entity), value, interval, v.Must)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var b strings.Builder
	for _, v := range verdicts {
		kind, text := v.Verdict, v.Message
		if v.Verdict == Pass {
			kind, text = "warning", v.Warning
		}
		if text == "" {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s", kind, title(v))
		fmt.Fprintf(&b, "\n  %s\n", text)
		if v.Rerun != "" {
			fmt.Fprintf(&b, "  %s\n", v.Rerun)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", tally(verdicts))
	_, err := io.WriteString(w, b.String())
	return err
}

// passes counts the verdicts at the begin of a list that are of one expectation, at different points; 0 when there is something to say
// of one of them: it did not pass, or passed with a warning.
func passes(verdicts []result.Verdict) int {
	n := 1
	for n < len(verdicts) && sameExpectation(verdicts[n-1], verdicts[n]) {
		n++
	}
	if slices.ContainsFunc(verdicts[:n], func(v result.Verdict) bool { return v.Verdict != Pass || v.Warning != "" || v.Value == nil }) {
		return 0
	}
	return n
}

// sameExpectation tells whether a verdict is of the same expectation as the one before it in a list, at a later point.
func sameExpectation(before, v result.Verdict) bool {
	return v.ID == before.ID && v.Metric == before.Metric && v.Stat == before.Stat && v.Must == before.Must && v.Point > before.Point
}

// summary is the range of the values of verdicts that have one, and their entity as far as they share it.
func summary(verdicts []result.Verdict) (values, entity string) {
	lo, hi, entity := *verdicts[0].Value, *verdicts[0].Value, verdicts[0].Entity
	for _, v := range verdicts {
		lo, hi = min(lo, *v.Value), max(hi, *v.Value)
		if v.Entity != entity {
			entity = "..." // the worst was now one, now another
		}
	}
	unit := result.Unit(verdicts[0].Unit)
	if lo == hi {
		return quantity(lo, unit), entity
	}
	return format(lo) + " to " + quantity(hi, unit), entity
}

// title names a verdict: the expectation, and the point if there is a sweep.
func title(v result.Verdict) string {
	id := v.ID
	if id == "" {
		id = fmt.Sprintf("%s %s %s", v.Stat, v.Metric, v.Must)
	}
	if v.Set != "" {
		id += " [" + v.Set + "]"
	}
	return id
}

// tally counts the verdicts: "3 verdicts: 2 pass (1 with a warning), 1 fail".
func tally(verdicts []result.Verdict) string {
	s := fmt.Sprintf("%d verdicts", len(verdicts))
	if len(verdicts) == 1 {
		s = "1 verdict"
	}
	sep := ": "
	for _, kind := range [...]string{Pass, Fail, Inconclusive, Error} {
		n, warned := 0, 0
		for _, v := range verdicts {
			if v.Verdict == kind {
				n++
				if v.Warning != "" {
					warned++
				}
			}
		}
		if n > 0 {
			s += fmt.Sprintf("%s%d %s", sep, n, kind)
			sep = ", "
		}
		if warned > 0 {
			s += fmt.Sprintf(" (%d with a warning)", warned)
		}
	}
	return s
}
