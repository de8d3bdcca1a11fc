package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newCheck(env Env) *cobra.Command {
	var o overrides
	var strict bool
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check scenarios without running them",
		Long: `check reads scenarios and reports everything that is wrong with them, each with file, line and column, and what is legal but
questionable as warnings. Nothing is run. The exit code is 2 when a scenario is wrong; with --strict also when there is a warning.`,
		Example: `  mailsim check my.toml
  mailsim check scenarios/*.toml --strict`,
		Args:              wants("scenario", true),
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			bad, warnings := 0, 0
			for _, file := range files {
				s, err := readScenario(file, o)
				if err != nil {
					bad++
					env.conclude(err)
					continue
				}
				for _, w := range s.Warnings() {
					env.say("%s", w)
				}
				warnings += len(s.Warnings())
				fmt.Fprintf(env.Stdout, "%s: %s\n", file, s.outline())
			}
			switch {
			case bad > 0:
				return &failure{code: exitUsage}
			case strict && warnings > 0:
				return wrongUsage(errors.New("--strict: warnings count as errors: " + count(warnings, "warning")))
			}
			return nil
		},
	}
	addOverrides(cmd, &o)
	cmd.Flags().BoolVar(&strict, "strict", false, "fail on warnings, too")
	return cmd
}

// outline says in a line what a scenario is about.
func (s *study) outline() string {
	t := s.Topology()
	roles := func(role string) int {
		n := 0
		for _, x := range t.Servers {
			if x.Role == role {
				n++
			}
		}
		return n
	}
	text := fmt.Sprintf("good: %s, %s, %s, %s, %s", count(len(t.Sites), "site"), count(roles("hub"), "hub"), count(roles("edge"), "edge"),
		count(roles("mailbox"), "mailbox server"), count(len(s.Expectations()), "expectation"))
	text += fmt.Sprintf("; %s to run", count(len(s.Points())*s.Replications(), "replication"))
	if n := len(s.Points()); n > 1 {
		text += fmt.Sprintf(" (%s x %s)", count(n, "setting"), count(s.Replications(), "replication"))
	}
	if n := len(s.Warnings()); n > 0 {
		text += "; " + count(n, "warning")
	}
	return text
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
