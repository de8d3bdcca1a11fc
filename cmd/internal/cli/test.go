package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/scenarios"
	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// testFlags are the flags of test.
type testFlags struct {
	overrides
	workers int
	quiet   bool
	junit   string
}

func newTest(env Env) *cobra.Command {
	var o testFlags
	cmd := &cobra.Command{
		Use:   "test FILE|DIR...",
		Short: "Run scenarios and judge their expectations, for a CI",
		Long: `test runs scenarios and judges their [[expect]] tables: does this configuration still deliver the mail? A folder stands for every
*.toml file in it and below, @NAME for the built-in scenario of that name and those in the folder of that name. No result folder is written.

The exit code is 0 when every expectation is kept, 1 when one is not or could not be judged, 4 when none failed but some need more
replications to be judged, 2 when a scenario is wrong, 3 when a run broke one of its laws.`,
		Example: `  mailsim test scenarios/regression
  mailsim test my.toml --junit report.xml
  mailsim test @regression`,
		Args:              wants("scenario or folder", true),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(o.check(cmd), checkWorkers(cmd, o.workers)); err != nil {
				return err
			}
			return o.run(cmd.Context(), env, args)
		},
	}
	addOverrides(cmd, &o.overrides)
	addWorkers(cmd, &o.workers)
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, "no progress, forecast and warnings")
	cmd.Flags().StringVar(&o.junit, "junit", "", "also write the verdicts as JUnit XML to this file")
	return cmd
}

// run judges every scenario, whatever becomes of the others.
func (o *testFlags) run(ctx context.Context, env Env, args []string) error {
	files, err := scenarioFiles(args)
	if err != nil {
		return wrongUsage(err)
	}
	studies, err := loadAll(files, o.overrides)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(studies, func(s *study) bool { return len(s.Expectations()) > 0 }) {
		return wrongUsage(errors.New("mailsim test: there is nothing to judge: no scenario has an [[expect]]"))
	}
	if o.junit != "" {
		if info, err := os.Stat(filepath.Dir(o.junit)); err != nil || !info.IsDir() {
			return wrongUsage(fmt.Errorf("--junit %s: there is no folder %q", o.junit, filepath.Dir(o.junit)))
		}
	}
	var suites []expect.Suite
	var verdicts []result.Verdict
	var broken error
	for i, s := range studies {
		suite := expect.Suite{Name: s.Name(), File: s.given}
		begun := env.Now()
		if !o.quiet {
			env.warn(s)
		}
		e := &execution{study: s, env: env, workers: o.workers, meter: newMeter(env, s.Name(), o.quiet)}
		err := e.execute(ctx)
		switch {
		case exitCode(err) == exitInterrupted && err != nil:
			return fmt.Errorf("%w; %d of %d scenarios are judged", err, i, len(studies))
		case err != nil:
			broken, suite.Err = err, err.Error()
		default:
			suite.Verdicts = e.verdicts()
			verdicts = append(verdicts, suite.Verdicts...)
		}
		suite.Elapsed = env.Now().Sub(begun)
		if err := writeSuite(env.Stdout, suite, &e.file); err != nil {
			return err
		}
		suites = append(suites, suite)
	}
	fmt.Fprintln(env.Stdout, tally(suites))
	if o.junit != "" {
		if err := writeWhole(o.junit, func(w io.Writer) error { return expect.WriteJUnit(w, suites) }); err != nil {
			return err
		}
	}
	if broken != nil {
		return &failure{code: max(exitCode(broken), exitUsage)} // its text stands with the scenario
	}
	return &failure{code: expect.ExitCode(verdicts)}
}

// scenarioFiles replaces folders by the scenarios in them, sorted by path; @folder stands for the built-in scenarios of a folder.
func scenarioFiles(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		if strings.HasPrefix(arg, "@") {
			out = append(out, shippedIn(arg)...)
			continue
		}
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			out = append(out, arg) // whoever loads it tells what is wrong
			continue
		}
		before := len(out)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".toml" {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(out) == before {
			return nil, fmt.Errorf("there is no *.toml file in the folder %q", arg)
		}
	}
	return out, nil
}

// shippedIn returns the shipped scenarios of a folder and the one of its name, or the name itself when it is not one.
func shippedIn(name string) []string {
	var out []string
	for _, s := range scenarios.Shipped() {
		if s == name || strings.HasPrefix(s, strings.TrimSuffix(name, "/")+"/") {
			out = append(out, s)
		}
	}
	if out == nil {
		out = []string{name}
	}
	return out
}

// writeSuite writes what became of one scenario, whose figures are in f.
func writeSuite(w io.Writer, s expect.Suite, f *result.File) error {
	fmt.Fprintf(w, "%s\n", s.File)
	switch {
	case s.Err != "":
		fmt.Fprintf(w, "error: %s\n", s.Err)
	case len(s.Verdicts) == 0:
		fmt.Fprintln(w, "no expectations")
	default:
		if err := writeVerdicts(w, f, s.Verdicts); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// tally counts scenarios by the worst of their verdicts: "9 scenarios: 8 pass, 1 fail".
func tally(suites []expect.Suite) string {
	counts := map[string]int{}
	for _, s := range suites {
		worst := expect.Pass
		switch code := expect.ExitCode(s.Verdicts); {
		case s.Err != "":
			worst = expect.Error
		case code == exitFound:
			worst = expect.Fail
		case code == exitInconclusive:
			worst = expect.Inconclusive
		}
		counts[worst]++
	}
	var parts []string
	for _, kind := range []string{expect.Pass, expect.Fail, expect.Inconclusive, expect.Error} {
		if counts[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
		}
	}
	return count(len(suites), "scenario") + ": " + strings.Join(parts, ", ")
}

// writeWhole writes a file beside its place and moves it there when it is complete.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove once it has moved
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
