package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mailsim/sim/result"
	"mailsim/sim/stats"
)

func newReport(env Env) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Show the summary of a result folder again, and draw its charts anew",
		Long: `report reads a result folder, and nothing else: the scenario and the simulator are not needed. It prints the summary table and
the verdicts that "mailsim run" printed, and draws the charts again.`,
		Example: `  mailsim report results/threshold
  mailsim report results/threshold --format json`,
		Args: wants("result folder", true),
		RunE: func(_ *cobra.Command, folders []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			var reports []*report
			for i, folder := range folders {
				if err := findFolder(folder); err != nil {
					return err
				}
				r, err := draw(folder)
				if err != nil {
					return err
				}
				reports = append(reports, r)
				if format == formatJSON {
					continue
				}
				if i > 0 {
					fmt.Fprintln(env.Stdout)
				}
				if err := r.text(env.Stdout); err != nil {
					return err
				}
			}
			if format == formatJSON {
				return writeReports(env.Stdout, reports)
			}
			return nil
		},
	}
	addFormat(cmd, &format)
	return cmd
}

func newPlot(env Env) *cobra.Command {
	return &cobra.Command{
		Use:     "plot DIR...",
		Short:   "Draw the charts of a result folder anew",
		Long:    `plot reads a result folder, draws its charts into DIR/charts and prints their names.`,
		Example: `  mailsim plot results/threshold`,
		Args:    wants("result folder", true),
		RunE: func(_ *cobra.Command, folders []string) error {
			for _, folder := range folders {
				if err := findFolder(folder); err != nil {
					return err
				}
				r, err := draw(folder)
				if err != nil {
					return err
				}
				for _, c := range r.charts {
					fmt.Fprintln(env.Stdout, c)
				}
			}
			return nil
		},
	}
}

// findFolder complains when there is nothing where a result folder is said to be.
func findFolder(folder string) error {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return wrongUsage(fmt.Errorf("there is no folder %q: name one that mailsim run has written, such as results/threshold", folder))
	}
	return nil
}

// text writes the report for people: what was run, the summary, the laws, the verdicts, and where the charts are.
func (r *report) text(w io.Writer) error {
	f := &r.study.File
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %s, seed %d\n\n", f.Scenario, runs(f), span(time.Duration(f.DurationNS)), f.Seed)
	b.WriteString(summaryTable(f))
	b.WriteString(longestQueue(f) + "\n" + footnote(f) + "\n" + laws(f) + "\n")
	if len(r.study.Verdicts) > 0 {
		b.WriteString("\n")
		if err := writeVerdicts(&b, f, r.study.Verdicts); err != nil {
			return err
		}
	}
	fmt.Fprintf(&b, "\nResult in %s\n", r.folder)
	for _, c := range r.charts {
		if strings.HasSuffix(c, ".svg") { // the PNG of the same name lies beside it
			fmt.Fprintf(&b, "  %s\n", chartName(r.folder, c))
		}
	}
	const most = 10
	for i, s := range snapshotFolders(f) {
		if i == most {
			fmt.Fprintf(&b, "  and more snapshots, in snapshots\n")
			break
		}
		fmt.Fprintf(&b, "  %s/queues.txt, queues.csv, messages.csv, digest.csv\n", s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// chartName is the path of a chart inside its folder, both formats in one.
func chartName(folder, chart string) string {
	if inside, err := filepath.Rel(folder, chart); err == nil {
		chart = inside
	}
	return strings.TrimSuffix(chart, ".svg") + ".svg, .png"
}

// runs says how much was run: "5 settings x 10 replications".
func runs(f *result.File) string {
	replications := "1 replication"
	if f.Replications != 1 {
		replications = fmt.Sprintf("%d replications", f.Replications)
	}
	if len(f.Points) == 1 {
		return replications
	}
	return fmt.Sprintf("%d settings x %s", len(f.Points), replications)
}

// span writes a duration without parts that are zero: 4h, 1h30m, 90s stays 1m30s.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// summaryTable is the summary as an aligned table, a row for each point of the sweep.
func summaryTable(f *result.File) string {
	shown := shown(f)
	swept := len(f.Axes) > 0
	var head []string
	if swept {
		head = append(head, "setting")
	}
	for _, c := range shown {
		head = append(head, c.title)
	}
	rows := [][]string{head}
	for _, p := range f.Points {
		var row []string
		if swept {
			row = append(row, p.Label)
		}
		for _, c := range shown {
			row = append(row, estimate(c.figure(p)))
		}
		rows = append(rows, row)
	}
	return align(rows, swept)
}

// footnote says what the figures are, and in what they are counted.
func footnote(f *result.File) string {
	const units = "Mail is counted in recipients, queues in messages. Peaks are the largest of any one queue and any one server."
	switch {
	case f.Replications == 1:
		return "One replication: no intervals. " + units
	case f.Replications < stats.MinReplications:
		return fmt.Sprintf("Means over %d replications; intervals need at least %d.\n%s", f.Replications, stats.MinReplications, units)
	}
	return fmt.Sprintf("Means over %d replications ± half of the 95 %% interval, no ± where all are equal.\n%s", f.Replications, units)
}

// laws says whether the identities held.
func laws(f *result.File) string {
	var names []string
	for _, p := range f.Points {
		for _, id := range p.Identities {
			known := false
			for _, n := range names {
				known = known || n == id.Name
			}
			if !known {
				names = append(names, id.Name)
			}
			if id.Held != id.Checked {
				return fmt.Sprintf("BROKEN LAW %s: held in %d of %d runs: %s", id.Name, id.Held, id.Checked, id.Example)
			}
		}
	}
	if len(names) == 0 {
		return "No laws were checked."
	}
	return fmt.Sprintf("Laws checked in every run, and kept: %s.", strings.Join(names, ", "))
}

// reportJSON is the summary for programs; docs/commands.md describes it.
type reportJSON struct {
	Scenario       string           `json:"scenario"`
	Folder         string           `json:"folder"`
	Seed           int64            `json:"seed"`
	Replications   int              `json:"replications"`
	Points         []pointJSON      `json:"points"`
	IdentitiesHold bool             `json:"identities_hold"`
	Verdicts       []result.Verdict `json:"verdicts"`
	Charts         []string         `json:"charts"`
}

type pointJSON struct {
	Set     map[string]any        `json:"set"`
	Label   string                `json:"label"`
	Summary map[string]figureJSON `json:"summary"`
}

// figureJSON is an estimate without the values of the replications, which result.json has.
type figureJSON struct {
	Mean *float64 `json:"mean"`
	Lo   *float64 `json:"lo"`
	Hi   *float64 `json:"hi"`
}

// writeReports writes reports as a JSON list, one entry a scenario.
func writeReports(w io.Writer, reports []*report) error {
	out := []reportJSON{}
	for _, r := range reports {
		f := &r.study.File
		j := reportJSON{
			Scenario: f.Scenario, Folder: r.folder, Seed: f.Seed, Replications: f.Replications, Points: []pointJSON{},
			IdentitiesHold: f.IdentitiesHold, Verdicts: r.study.Verdicts, Charts: r.charts,
		}
		for _, p := range f.Points {
			q := pointJSON{Set: p.Set, Label: p.Label, Summary: map[string]figureJSON{}}
			for _, c := range columns() {
				e := c.figure(p)
				q.Summary[c.key] = figureJSON{e.Mean, e.Lo, e.Hi}
			}
			j.Points = append(j.Points, q)
		}
		out = append(out, j)
	}
	return writeJSON(w, out)
}

// writeJSON writes indented JSON without the escapes for HTML.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
