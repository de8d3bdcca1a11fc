package expect

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"mailsim/sim/result"
)

// Suite is one scenario that was run and judged.
type Suite struct {
	Name     string // of the scenario
	File     string // its path, as given by the user
	Verdicts []result.Verdict
	Elapsed  time.Duration // wall time of the runs
	Err      string        // why it could not be run; "" when it was
}

// WriteJUnit writes the suites as JUnit XML, which every CI reads: one testcase for each verdict. A failed expectation is a
// failure; an inconclusive one is a failure of type "inconclusive", since a build must not go green on it (SA-10); one
// that could not be judged, or a scenario that could not be run, is an error. A scenario without expectations is one skipped
// testcase. Times are those of the whole suite: an expectation takes none of its own.
func WriteJUnit(w io.Writer, suites []Suite) error {
	all := junitSuites{Name: "mailsim"}
	var elapsed time.Duration
	for _, s := range suites {
		j := s.junit()
		all.Suites = append(all.Suites, j)
		all.Tests += j.Tests
		all.Failures += j.Failures
		all.Errors += j.Errors
		all.Skipped += j.Skipped
		elapsed += s.Elapsed
	}
	all.Time = junitTime(elapsed)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	File string `xml:"file,attr,omitempty"`
	junitCounts
	Cases []junitCase `xml:"testcase"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitOutcome `xml:"failure"`
	Error   *junitOutcome `xml:"error"`
	Skipped *junitOutcome `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (s Suite) junit() junitSuite {
	j := junitSuite{Name: s.Name, File: s.File}
	j.Time = junitTime(s.Elapsed)
	add := func(c junitCase) {
		c.Class, c.Time = s.Name, junitTime(0)
		j.Cases = append(j.Cases, c)
		j.Tests++
		switch {
		case c.Failure != nil:
			j.Failures++
		case c.Error != nil:
			j.Errors++
		case c.Skipped != nil:
			j.Skipped++
		}
	}
	if s.Err != "" {
		first, _, _ := strings.Cut(s.Err, "\n")
		add(junitCase{Name: "run", Error: &junitOutcome{Message: first, Type: "error", Text: s.Err}})
	}
	for _, v := range s.Verdicts {
		c := junitCase{Name: title(v)}
		again := ""
		if v.Rerun != "" {
			again = "\n" + v.Rerun
		}
		text := v.Message + again
		switch v.Verdict {
		case Pass:
			if v.Warning != "" {
				c.Output = "warning: " + v.Warning + again
			}
		case Fail, Inconclusive:
			c.Failure = &junitOutcome{Message: v.Message, Type: v.Verdict, Text: text}
		default:
			c.Error = &junitOutcome{Message: v.Message, Type: Error, Text: text}
		}
		add(c)
	}
	if len(j.Cases) == 0 {
		add(junitCase{Name: "run", Skipped: &junitOutcome{Message: "the scenario has no expectations"}})
	}
	return j
}

// junitTime writes seconds with three digits, as the format wants them.
func junitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
