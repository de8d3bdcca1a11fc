// Package cli is the command line of mailsim: one file a command, which reads its arguments, calls the packages that do the work,
// prints, and picks the exit code.
//
//	os.Exit(cli.Run(ctx, cli.System()))
//
// What flows in: an Env, which is everything that a command sees of the machine, so that tests run commands in their own process.
// What flows out: results on standard output, progress and complaints on standard error, result folders, and an exit code:
//
//	0    good; run, route and explain end with it whatever the mail does
//	1    an expectation failed; diff found a difference, chaos a plan that fails
//	2    wrong usage, or an invalid scenario; nothing was written
//	3    a run broke one of its laws, or the program failed
//	4    no expectation failed, but some need more replications to be judged
//	130  interrupted
//
// Nothing may import this package but the command itself. It holds no rule of mail and no statistics: those belong to the packages
// below, where others can use them.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Env is what a command sees of the machine.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer // results only
	Stderr io.Writer // progress, warnings and errors

	// Terminal tells whether Stderr is a terminal that people watch, and how many columns it has.
	Terminal func() (columns int, ok bool)
	Now      func() time.Time // for progress and forecasts, never for results
}

// System returns the Env of the running process.
func System() Env {
	return Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now,
		Terminal: func() (int, bool) {
			columns, _, err := term.GetSize(int(os.Stderr.Fd()))
			return columns, err == nil && columns > 0
		},
	}
}

// Run carries out the command that env.Args give and returns the exit code. When ctx ends, it stops soon and leaves nothing
// half-written.
func Run(ctx context.Context, env Env) int {
	out := &checked{to: env.Stdout}
	env.Stdout = out
	root := newRoot(env)
	root.SetArgs(env.Args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.err // an answer that nobody could read is none
	}
	if err != nil && strings.HasPrefix(err.Error(), "unknown command") { // cobra has no type for it
		err = unknownCommand(root, env.Args)
	}
	return env.conclude(err)
}

// checked remembers the first error of a writer, so that no command can lose what it prints and end well.
type checked struct {
	to  io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

func newRoot(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "mailsim",
		Short: "What will the mail do? Simulate it before anybody buys a server.",
		Long: `mailsim simulates the mail of an organisation of many sites: routing, queues, connections, limits, faults and their repair.
A scenario file describes the organisation, its mail, what goes wrong, and which settings to compare. mailsim runs it in virtual
time and shows where queues build up, what gets through, how late, and why.

A scenario is a file, or @name for one that is built in: mailsim run @threshold.`,
		Example: `  mailsim run scenarios/threshold.toml     run a study, draw its charts
  mailsim check my-organisation.toml       is the file right?
  mailsim route my-organisation.toml --from Tokyo --to Osaka
  mailsim test scenarios/regression        run and judge, for a CI`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.Version = versionLine() // gives --version
	root.SetVersionTemplate("{{.Version}}\n")
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.AddCommand(
		newRun(env), newTest(env), newChaos(env), newCheck(env), newRoute(env), newExplain(env), newDiff(env), newReport(env), newPlot(env), newExport(env), newVersion(env), newCompletion(env),
	)
	root.InitDefaultHelpCmd()
	return root
}

// say writes a line to standard error.
func (e Env) say(format string, args ...any) {
	fmt.Fprintf(e.Stderr, format+"\n", args...)
}
