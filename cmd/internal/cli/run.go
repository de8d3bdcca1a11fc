package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/plots"
	"mailsim/sim/result"
	"mailsim/sim/result/dir"
)

// runFlags are the flags of run.
type runFlags struct {
	overrides
	out      string
	force    bool
	workers  int
	quiet    bool
	format   string
	instants instants
}

func newRun(env Env) *cobra.Command {
	var o runFlags
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run a scenario: result folder, charts, summary and verdicts",
		Long: `run simulates a scenario, every setting of its sweep and every replication, on all cores. It writes a result folder with the
figures, time series, events and charts, and prints a summary table and what became of the scenario's expectations.

The result depends on the scenario and its seed only: not on the machine's speed, nor on the number of workers. run ends with exit
code 0 whatever the mail does; "mailsim test" is the command that fails when an expectation fails.

Ctrl-C stops cleanly: the folder then holds what it held before.`,
		Example: `  mailsim run scenarios/threshold.toml
  mailsim run @threshold --replications 3 --out try
  mailsim run my.toml --set edge.*.connection_threshold=10 --set duration=2h
  mailsim run my.toml --snapshot 10:30,4h
  mailsim run my.toml --format json > summary.json`,
		Args:              wants("scenario", true),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := errors.Join(o.check(cmd), checkWorkers(cmd, o.workers), checkFormat(o.format)); err != nil {
				return err
			}
			return o.run(cmd.Context(), env, files)
		},
	}
	addOverrides(cmd, &o.overrides)
	addWorkers(cmd, &o.workers)
	addFormat(cmd, &o.format)
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "result folder (default: results/NAME of the scenario; with several files: a folder for each in it)")
	f.BoolVar(&o.force, "force", false, "write to a folder that holds something else than a result; nothing of it is removed")
	f.Var(&o.instants, "snapshot", "list queues and messages at an instant, as an operator sees them: 10:30, 90m or RFC 3339; several with commas")
	f.BoolVar(&o.quiet, "quiet", false, "no progress, forecast and warnings")
	return cmd
}

// run runs the scenarios one after the other.
func (o *runFlags) run(ctx context.Context, env Env, files []string) error {
	studies, err := loadAll(files, o.overrides)
	if err != nil {
		return err
	}
	if err := o.instants.check(studies); err != nil {
		return err
	}
	folders, err := o.folders(studies)
	if err != nil {
		return err
	}
	var reports []*report
	for i, s := range studies {
		if !o.quiet {
			env.warn(s)
		}
		r, err := o.one(ctx, env, s, folders[i])
		if err != nil {
			return env.kept(err, folders, i)
		}
		if o.format == formatText {
			if i > 0 {
				fmt.Fprintln(env.Stdout)
			}
			if err := r.text(env.Stdout); err != nil {
				return err
			}
		}
		reports = append(reports, r)
	}
	if o.format == formatJSON {
		return writeReports(env.Stdout, reports)
	}
	return nil
}

// folders are the result folders of the studies.
func (o *runFlags) folders(studies []*study) ([]string, error) {
	var out []string
	users := map[string]string{}
	for _, s := range studies {
		folder := filepath.Join("results", s.Name())
		switch {
		case o.out != "" && len(studies) == 1:
			folder = o.out
		case o.out != "":
			folder = filepath.Join(o.out, s.Name())
		}
		if other, taken := users[folder]; taken {
			return nil, wrongUsage(fmt.Errorf("%s and %s are both called %q: run them one by one, with --out", other, s.given, s.Name()))
		}
		users[folder] = s.given
		out = append(out, folder)
	}
	return out, nil
}

// one runs one study, writes its folder and draws its charts from that.
func (o *runFlags) one(ctx context.Context, env Env, s *study, folder string) (*report, error) {
	parents := missing(filepath.Dir(folder))
	complete := false
	defer func() {
		if !complete {
			for _, p := range parents {
				_ = os.Remove(p) // it stays where something else has come into it
			}
		}
	}()
	w, err := dir.NewWriter(folder, o.force)
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("%w (--out names the folder, --force writes to any)", err))
	}
	defer w.Abort()
	e := &execution{study: s, env: env, workers: o.workers, instants: o.instants, meter: newMeter(env, s.Name(), o.quiet), add: w.Add}
	if err := e.execute(ctx); err != nil {
		return nil, err
	}
	topology := s.Topology()
	topology.Faults, topology.FaultsVary = e.faults.faults, e.faults.vary
	if err := w.Close(e.file, topology, e.verdicts(), s.Resolved()); err != nil {
		return nil, err
	}
	complete = true
	return draw(folder)
}

// missing lists a folder and those around it as far as they do not exist, the innermost first.
func missing(folder string) []string {
	var out []string
	for {
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			return out
		}
		out = append(out, folder)
		folder = filepath.Dir(folder)
	}
}

// draw makes the charts of a result folder, from what is in it and nothing else.
func draw(folder string) (*report, error) {
	study, err := dir.Read(folder)
	if err != nil {
		return nil, err
	}
	charts, err := plots.WriteAll(folder, study)
	if err != nil {
		return nil, fmt.Errorf("the result in %s is complete, but its charts are not: %w", folder, err)
	}
	return &report{folder: folder, study: study, charts: charts}, nil
}

// kept adds to the error that ended a run what there is of results all the same. The folder of a study holds its result from the
// moment that is complete, and what it held before until then.
func (e Env) kept(err error, folders []string, at int) error {
	if exitCode(err) != exitInterrupted {
		return err
	}
	text := fmt.Sprintf("%v; nothing of this study is kept", err)
	if _, missing := dir.ReadScenario(folders[at]); missing == nil {
		text += fmt.Sprintf(", %s holds the earlier result", folders[at])
	}
	if at > 0 {
		text += "; complete: " + strings.Join(folders[:at], ", ")
	}
	return &failure{exitInterrupted, errors.New(text)}
}

// warn prints the warnings of a scenario, the first of them when there are many.
func (e Env) warn(s *study) {
	const most = 10
	list := s.Warnings()
	for i, w := range list {
		if i == most {
			e.say("%d more warnings; mailsim check %s lists all", len(list)-most, quote(s.given))
			return
		}
		e.say("%s", w)
	}
}

// report is what run and report say about a result folder.
type report struct {
	folder string
	study  *result.Study
	charts []string
}
