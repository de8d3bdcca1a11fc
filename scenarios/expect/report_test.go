package expect

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(path, got, 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// one of each verdict, over two points.
func verdicts() []result.Verdict {
	f := &result.File{Seed: 42, Replications: 5, Axes: []result.Axis{{Path: "edge.*.connection_threshold", Values: []any{int64(2), int64(40)}}},
		Points: []result.Point{
			{Set: map[string]any{"edge.*.connection_threshold": int64(2)}, Label: "connection_threshold = 2", Metrics: []result.MetricSummary{queue("tyo-edge1", 1, 2, 3, 4, 5)}},
			{Set: map[string]any{"edge.*.connection_threshold": int64(40)}, Label: "connection_threshold = 40", Metrics: []result.MetricSummary{queue("tyo-edge1", 100, 110, 105, 102.5, 99)}},
		}}
	a, b := bounded("<= 4.5 msg"), bounded("== 0 msg")
	b.ID, b.Metric, b.Stat = "none lost", "messages.lost", "total"
	c := bounded("<= 200 msg")
	c.ID = "room <enough> & \"more\""
	v := Judge(f, []Expectation{a, c, b})
	Reproduce(v, f, "scenarios/my threshold.toml")
	return v
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, WriteText(&b, verdicts()))
	golden(t, "verdicts.txt", b.Bytes())

	b.Reset()
	require.NoError(t, WriteText(&b, Judge(file(queue("e1", 1)), []Expectation{bounded("<= 3 msg")})))
	golden(t, "verdicts-without-sweep.txt", b.Bytes())
	require.ErrorIs(t, WriteText(brokenPipe{}, verdicts()), errPipe)
}

// An expectation that passes everywhere has one line; where the worst was now one entity, now another, it names none.
func TestWriteTextFoldsPasses(t *testing.T) {
	t.Parallel()
	one, two := 1.0, 2.5
	pass := func(id string, point int, entity string, value *float64) result.Verdict {
		return result.Verdict{ID: id, Point: point, Set: "n = x", Metric: "queue.length", Entity: entity, Stat: "max", Must: "<= 3 msg", Value: value, Unit: "msg", Verdict: Pass}
	}
	failed := pass("b", 1, "server=a", &two)
	failed.Verdict = Fail
	for name, c := range map[string]struct {
		verdicts []result.Verdict
		rows     []string
	}{
		"a range":         {[]result.Verdict{pass("a", 0, "server=a", &two), pass("a", 1, "server=a", &one)}, []string{"pass a 2 settings max queue.length{server=a} 1 to 2.5 msg - <= 3 msg"}},
		"one value":       {[]result.Verdict{pass("a", 0, "server=a", &one), pass("a", 1, "server=b", &one)}, []string{"pass a 2 settings max queue.length{...} 1 msg - <= 3 msg"}},
		"one fails":       {[]result.Verdict{pass("b", 0, "server=a", &one), failed}, []string{"pass b n = x max queue.length{server=a} 1 msg - <= 3 msg", "fail b n = x max queue.length{server=a} 2.5 msg - <= 3 msg"}},
		"two of one name": {[]result.Verdict{pass("", 0, "server=a", &one), pass("", 0, "server=b", &one)}, []string{"pass n = x max queue.length{server=a} 1 msg - <= 3 msg", "pass n = x max queue.length{server=b} 1 msg - <= 3 msg"}},
		"two, at two points": {[]result.Verdict{pass("a", 0, "", &one), pass("a", 1, "", &one), pass("b", 0, "", &one), pass("b", 1, "", &one)},
			[]string{"pass a 2 settings max queue.length{} 1 msg - <= 3 msg", "pass b 2 settings max queue.length{} 1 msg - <= 3 msg"}},
	} {
		var b bytes.Buffer
		require.NoError(t, WriteText(&b, c.verdicts))
		table, rest, _ := strings.Cut(b.String(), "\n\n")
		var rows []string
		for row := range strings.SplitSeq(table, "\n") {
			rows = append(rows, strings.Join(strings.Fields(row), " "))
		}
		require.Equal(t, c.rows, rows[1:], name)
		require.Contains(t, rest, fmt.Sprintf("%d verdicts: ", len(c.verdicts)), "%s: all are counted", name)
	}
}

func TestWriteJUnit(t *testing.T) {
	t.Parallel()
	suites := []Suite{
		{Name: "threshold", File: "scenarios/threshold.toml", Verdicts: verdicts(), Elapsed: 2345 * time.Millisecond},
		{Name: "quiet", Elapsed: 5 * time.Millisecond},
		{Name: "broken", File: "broken.toml", Err: "broken.toml:3:1: unknown key\nbroken.toml:9:1: no site"},
	}
	var b bytes.Buffer
	require.NoError(t, WriteJUnit(&b, suites))
	golden(t, "junit.xml", b.Bytes())

	// The counts are those of the testcases, suite by suite and in all.
	var got junitSuites
	require.NoError(t, xml.Unmarshal(b.Bytes(), &got))
	var all junitCounts
	for _, s := range got.Suites {
		n := junitCounts{Time: s.Time}
		for _, c := range s.Cases {
			n.Tests++
			switch {
			case c.Failure != nil:
				n.Failures++
			case c.Error != nil:
				n.Errors++
			case c.Skipped != nil:
				n.Skipped++
			}
		}
		require.Equal(t, n, s.junitCounts, s.Name)
		all.Tests += n.Tests
		all.Failures += n.Failures
		all.Errors += n.Errors
		all.Skipped += n.Skipped
	}
	all.Time = "2.350"
	require.Equal(t, all, got.junitCounts)
	require.Equal(t, junitCounts{Tests: 8, Failures: 2, Errors: 3, Skipped: 1, Time: "2.350"}, all)
	require.ErrorIs(t, WriteJUnit(brokenPipe{}, suites), errPipe)
}

var errPipe = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestExitCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verdicts []string
		want     int
	}{
		{nil, 0}, {[]string{Pass, Pass}, 0}, {[]string{Pass, Inconclusive}, 4}, {[]string{Inconclusive, Fail}, 1},
		{[]string{Fail, Inconclusive}, 1}, {[]string{Error}, 1}, {[]string{Pass, Error, Inconclusive}, 1}, {[]string{"unheard of"}, 1},
	} {
		var v []result.Verdict
		for _, s := range c.verdicts {
			v = append(v, result.Verdict{Verdict: s})
		}
		require.Equal(t, c.want, ExitCode(v), c.verdicts)
	}
}

func TestReproduce(t *testing.T) {
	t.Parallel()
	v := verdicts()
	require.Equal(t, `mailsim run 'scenarios/my threshold.toml' --seed 42 --replications 5 --set 'edge.*.connection_threshold=2'`, v[0].Rerun)
	v[0].Point = -1
	Reproduce(v[:1], &result.File{Seed: -1, Replications: 1}, "@it's")
	require.Equal(t, `mailsim run '@it'\''s' --seed -1 --replications 1`, v[0].Rerun)
}
