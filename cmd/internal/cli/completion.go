package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newCompletion(env Env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes mailsim's commands and flags in a shell",
		Long: `completion prints a script for bash, zsh, fish or powershell. With it the Tab key completes commands, flags, scenario files and
the names of built-in scenarios.`,
		Example: `  bash:        source <(mailsim completion bash)
  zsh:         source <(mailsim completion zsh)
  fish:        mailsim completion fish | source
  PowerShell:  mailsim completion powershell | Out-String | Invoke-Expression

Put the line into the start-up file of the shell to have it always.`,
		Args:      wants("shell", false),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(env.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(env.Stdout)
			case "fish":
				return root.GenFishCompletion(env.Stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(env.Stdout)
			}
			return wrongUsage(fmt.Errorf("mailsim completion: no script for %q; write one of %s", args[0], strings.Join(shells, ", ")))
		},
	}
}
