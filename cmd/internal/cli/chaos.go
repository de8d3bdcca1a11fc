package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mailsim/scenarios/chaos"
	"mailsim/sim/fault"
)

// chaosFlags are the flags of chaos.
type chaosFlags struct {
	budget  int
	time    time.Duration
	seed    int64
	out     string
	profile string
	workers int
	format  string
	quiet   bool
}

func newChaos(env Env) *cobra.Command {
	var o chaosFlags
	cmd := &cobra.Command{
		Use:   "chaos FILE",
		Short: "Look for a few faults that an organisation does not survive",
		Long: `chaos draws plans of faults at random, of one to six each, runs the scenario under each of them, and judges it by the scenario's
[[expect]] tables; where there are none, by what every organisation is to keep: no mail lost, and queues that drain once all is repaired.
The first plan that fails is shrunk to the smallest one that fails for the same reason, and written as a scenario: FILE as its base, and
the faults. "mailsim test" replays it, and fails.

Times of repair come from a profile of measured failures. The plans depend on --seed alone, and what is found does not depend on the
number of workers; --time only decides how far the search gets.

The exit code is 0 when every plan was survived, 1 when one was not, 2 when the scenario is wrong.`,
		Example: `  mailsim chaos my.toml
  mailsim chaos my.toml --budget 2000 --time 10m --seed 7
  mailsim chaos @faults/ref-3-mail --out found --format json`,
		Args:              wants("scenario", false),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(o.check(), checkWorkers(cmd, o.workers), checkFormat(o.format)); err != nil {
				return err
			}
			return o.run(cmd.Context(), env, args[0])
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.budget, "budget", 500, "number of plans to try at most")
	f.DurationVar(&o.time, "time", time.Minute, "how long to search at most, shrinking included")
	f.Int64Var(&o.seed, "seed", 1, "seed of the plans, from 0; the scenario keeps its own")
	f.StringVar(&o.out, "out", ".", "folder for the scenario that replays what was found")
	f.StringVar(&o.profile, "profile", fault.Profiles()[0], "figures for the times of repair: "+strings.Join(fault.Profiles(), " or "))
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(fault.Profiles(), cobra.ShellCompDirectiveNoFileComp))
	addWorkers(cmd, &o.workers)
	addFormat(cmd, &o.format)
	f.BoolVar(&o.quiet, "quiet", false, "no progress and warnings")
	return cmd
}

// check finds values that no flag parser objects to.
func (o *chaosFlags) check() error {
	switch {
	case o.budget < 1:
		return wrongUsage(fmt.Errorf("--budget %d: write at least 1", o.budget))
	case o.time <= 0:
		return wrongUsage(fmt.Errorf("--time %s: write a time above 0, such as 60s", o.time))
	case o.seed < 0:
		return wrongUsage(fmt.Errorf("--seed %d: a seed is a whole number from 0", o.seed))
	case !slices.Contains(fault.Profiles(), o.profile):
		return wrongUsage(fmt.Errorf("--profile %s: %s", o.profile, suggest(o.profile, fault.Profiles())))
	}
	return nil
}

// run searches and says what came of it.
func (o *chaosFlags) run(ctx context.Context, env Env, file string) error {
	t, err := newTrial(env, file)
	if err != nil {
		return err
	}
	if info, err := os.Stat(o.out); err != nil || !info.IsDir() {
		return wrongUsage(fmt.Errorf("--out %s: there is no such folder", o.out))
	}
	path := filepath.Join(o.out, t.name()+".toml")
	if err := mayReplace(path); err != nil {
		return wrongUsage(err)
	}
	if !o.quiet {
		env.warn(t.study)
	}
	space, err := t.space(o.profile)
	if err != nil {
		return wrongUsage(fmt.Errorf("%s: %w", file, err))
	}
	found := chaosFound{Scenario: file, Seed: o.seed, Budget: o.budget}
	if found.Broken, found.Text, err = t.baseline(ctx); err != nil {
		return err
	}
	if len(found.Broken) > 0 {
		return o.tell(env, &found)
	}
	meter := newMeter(env, t.study.Name(), o.quiet)
	meter.begin(o.budget)
	limited, stop := context.WithTimeout(ctx, o.time)
	defer stop()
	search := chaos.Search{
		Space: space, Seed: o.seed, Plans: o.budget, Workers: o.workers, Judge: t.judge, Judged: meter.finished,
		Shrinks: func(f chaos.Finding) {
			meter.note(fmt.Sprintf("plan %d, of %s, fails: %s; looking for the smallest like it", f.Number, count(len(f.Drawn), "fault"), f.Failure.Text))
		},
	}
	r, err := search.Run(limited)
	meter.end()
	if err != nil {
		return err
	}
	found.Survived, found.TimeUp = r.Survived, r.TimeUp
	if r.Found != nil {
		found.take(r.Found)
		found.File = path
		if err := t.write(path, r.Found); err != nil {
			return err
		}
	}
	return o.tell(env, &found)
}

// mayReplace refuses to write over what chaos has not written.
func mayReplace(path string) error {
	data, err := os.ReadFile(path)
	if err != nil || strings.HasPrefix(string(data), chaosMark) {
		return nil // there is none, or writing will say what is wrong
	}
	return fmt.Errorf("%s is there already, and not from mailsim chaos; write another folder with --out", path)
}

// tell prints what was found and ends the command.
func (o *chaosFlags) tell(env Env, f *chaosFound) error {
	var err error
	if o.format == formatJSON {
		err = writeJSON(env.Stdout, f)
	} else {
		err = f.text(env.Stdout)
	}
	if err == nil && len(f.Broken) > 0 {
		err = &failure{code: exitFound}
	}
	return err
}
