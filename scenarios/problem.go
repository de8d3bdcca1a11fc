package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Pos is a place in a scenario file. Line and Column count from 1; Column counts characters, not bytes. For an override File is the
// flag as it was written (overrideFile) and Line its number.
type Pos struct {
	File   string
	Line   int
	Column int
}

// String writes the position as file:line:column; an override, of which there is only the one line that was written, as --set "path=value".
func (p Pos) String() string {
	if strings.HasPrefix(p.File, overridePrefix) {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// overridePrefix begins the File of an override.
const overridePrefix = "--set "

// overrideFile names an override in the place of a file.
func overrideFile(text string) string { return overridePrefix + quote(text) }

// Problem is something wrong with a scenario, or a warning.
type Problem struct {
	Pos
	Text string // what is wrong; what to write
	Code string // names what a finding about the organisation is about, L001 and so on; "" for what has none
}

// String writes the problem as file:line:column: what; what to write [code].
func (p Problem) String() string {
	text := p.Pos.String() + ": " + p.Text
	if p.Code != "" {
		text += " [" + p.Code + "]"
	}
	return text
}

// Error is everything that is wrong with a scenario, in order of position.
type Error struct {
	Problems []Problem
}

// Error writes one problem a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// report collects problems and warnings while a scenario is read.
type report struct {
	files    []string // in order of reading: the scenario, its bases, the overrides
	problems []Problem
	warnings []Problem
}

// problemsMax bounds a report: a file that is wrong on every line is as well told by a thousand of them.
const problemsMax = 1000

func (r *report) errorf(at Pos, format string, args ...any) {
	if len(r.problems) < problemsMax {
		r.problems = append(r.problems, Problem{Pos: at, Text: fmt.Sprintf(format, args...)})
	}
}

func (r *report) warnf(at Pos, format string, args ...any) {
	r.warn(Problem{Pos: at, Text: "warning: " + fmt.Sprintf(format, args...)})
}

func (r *report) warn(p Problem) {
	if len(r.warnings) < problemsMax {
		r.warnings = append(r.warnings, p)
	}
}

// err returns the problems in order of position, or nil.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return &Error{r.sorted(r.problems)}
}

// sorted orders problems by file (in order of reading), line and column.
func (r *report) sorted(ps []Problem) []Problem {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(r.files, a.File), slices.Index(r.files, b.File)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// quote writes a value for a message: in quotes, on one line, not longer than a line.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		return fmt.Sprintf("%q...", string([]rune(s)[:most]))
	}
	return fmt.Sprintf("%q", s)
}

// list writes names for a message, at most a dozen of them.
func list(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(", ... (%d in all)", len(names))
	}
	return strings.Join(names, ", ")
}

// nearest returns the known name within two edits of the given one (upper and lower case are alike), the closest first, then the
// first in the list; "" when there is none.
func nearest(name string, known []string) string {
	best, at := 3, ""
	if len(name) > 100 {
		return ""
	}
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k), best); d < best {
			best, at = d, k
		}
	}
	if best >= len([]rune(name)) && best > 0 {
		return "" // everything is near to a name of one or two letters
	}
	return at
}

// suggest is the ending of a message about an unknown name: the nearest known one, or what there is.
func suggest(name string, known []string, kind string) string {
	if n := nearest(name, known); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	if len(known) == 0 {
		return "there is no " + kind + " in the file"
	}
	return "known: " + list(known)
}

// distance is the number of single-letter edits (insert, delete, replace, swap of neighbours) between a and b, or limit when it
// is not below. O(len(a) * len(b)).
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if d := len(s) - len(t); d >= limit || -d >= limit {
		return limit
	}
	prev2, prev, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			replace := prev[j-1]
			if s[i-1] != t[j-1] {
				replace++
			}
			row[j] = min(replace, prev[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return min(prev[len(t)], limit)
}
