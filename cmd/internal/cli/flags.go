package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/scenarios"
)

// settings are the values of --set, in order.
type settings []string

// Set, Type and String make settings a flag.
func (s *settings) Set(text string) error { *s = append(*s, text); return nil }

func (s *settings) Type() string { return "PATH=VALUE" }

func (s *settings) String() string { return strings.Join(*s, " ") }

// addOverrides adds --set, --seed and --replications.
func addOverrides(cmd *cobra.Command, o *overrides) {
	addSet(cmd, o)
	f := cmd.Flags()
	f.Int64Var(&o.seed, "seed", -1, "seed of the random numbers, from 0 (default: the scenario's)")
	f.Lookup("seed").DefValue = "0" // not to be shown: every seed from 0 is one that somebody may want
	f.IntVar(&o.replications, "replications", 0, "number of runs of each setting (default: the scenario's)")
}

// addSet adds --set alone, for a command that runs nothing: the seed and the number of replications stay the scenario's.
func addSet(cmd *cobra.Command, o *overrides) {
	o.seed = -1
	cmd.Flags().Var(&o.set, "set", "override a value, such as edge.*.connection_threshold=5; may be given several times")
}

// check finds values that no flag parser objects to.
func (o *overrides) check(cmd *cobra.Command) error {
	f := cmd.Flags()
	switch {
	case f.Changed("seed") && o.seed < 0:
		return wrongUsage(fmt.Errorf("--seed %d: a seed is a whole number from 0", o.seed))
	case f.Changed("replications") && o.replications < 1:
		return wrongUsage(fmt.Errorf("--replications %d: write at least 1", o.replications))
	}
	return nil
}

// addWorkers adds --workers.
func addWorkers(cmd *cobra.Command, workers *int) {
	cmd.Flags().IntVar(workers, "workers", 0, "number of runs at one time; the results do not depend on it (default: one a core)")
}

func checkWorkers(cmd *cobra.Command, workers int) error {
	if cmd.Flags().Changed("workers") && workers < 1 {
		return wrongUsage(fmt.Errorf("--workers %d: write at least 1", workers))
	}
	return nil
}

// addFormat adds --format with the formats text and json.
func addFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", formatText, "format of the output: text or json")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{formatText, formatJSON}, cobra.ShellCompDirectiveNoFileComp))
}

// The formats of output.
const (
	formatText = "text"
	formatJSON = "json"
)

func checkFormat(format string) error {
	if format != formatText && format != formatJSON {
		return wrongUsage(fmt.Errorf("--format %s: %s", format, suggest(format, []string{formatText, formatJSON})))
	}
	return nil
}

// completeScenario completes the argument of a command that takes scenarios: files, and the names of those that are built in.
func completeScenario(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if !strings.HasPrefix(typed, "@") {
		return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	var names []string
	for _, name := range scenarios.Shipped() {
		if strings.HasPrefix(name, typed) {
			names = append(names, name)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
