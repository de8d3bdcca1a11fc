package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mailsim/topology"
)

func newCheck(env Env) *cobra.Command {
	var o overrides
	var strict bool
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check scenarios without running them",
		Long: `check reads scenarios and reports everything that is wrong with them, each with file, line and column, and what is legal but
questionable as warnings. Lines that begin with "risk" name single points of failure: what stops mail when it alone is lost. Codes
such as [L101] stand in docs/rules/warnings.md. Nothing is run. The exit code is 2 when a scenario is wrong; with --strict also when
there is a warning, but never for risks.`,
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
				risks := s.Risks()
				for _, r := range risks {
					env.say("%s", r)
				}
				text := s.outline()
				if n := len(risks); n > 0 {
					text += "; " + count(n, "risk")
				}
				fmt.Fprintf(env.Stdout, "%s: %s\n", file, text)
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
	parts := []string{count(len(t.Sites), "site"), count(roles("hub"), "hub"), count(roles("edge"), "edge")}
	both := s.combined()
	if both > 0 {
		parts[1] += fmt.Sprintf(" (%d with mailboxes)", both)
	}
	if n := roles("mailbox"); n > 0 || both == 0 {
		parts = append(parts, count(n, "mailbox server"))
	}
	if n := roles("epost"); n > 0 {
		parts = append(parts, count(n, "E-Post server"))
	}
	parts = append(parts, count(len(s.Expectations()), "expectation"))
	text := "good: " + strings.Join(parts, ", ")
	text += fmt.Sprintf("; %s to run", count(len(s.Points())*s.Replications(), "replication"))
	if n := len(s.Points()); n > 1 {
		text += fmt.Sprintf(" (%s x %s)", count(n, "setting"), count(s.Replications(), "replication"))
	}
	if n := len(s.Warnings()); n > 0 {
		text += "; " + count(n, "warning")
	}
	return text
}

// combined counts the hubs that are mailbox servers, too: the topology of a result has one role for each machine.
func (s *study) combined() int {
	cfg, err := s.Config(s.Points()[0])
	if err != nil {
		return 0 // an error of its values has been reported before
	}
	n := 0
	for i := range cfg.Org.Servers {
		if x := &cfg.Org.Servers[i]; x.Is(topology.RoleHub) && x.Is(topology.RoleMailbox) {
			n++
		}
	}
	return n
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
