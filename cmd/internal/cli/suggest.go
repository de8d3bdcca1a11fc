package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError makes every complaint about a flag one of usage that says what to write.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = name[1:]
		}
		err = fmt.Errorf("unknown flag %s; %s", name, suggest(name, names))
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.GetFlag().Value.Type(), "int"):
		err = fmt.Errorf("--%s %s: write a whole number", invalid.GetFlag().Name, invalid.GetValue())
	}
	return wrongUsage(fmt.Errorf("%s: %w", cmd.CommandPath(), err))
}

// wants checks the number of arguments of a command: at least one, or exactly one; noun is what an argument is.
func wants(noun string, several bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return wrongUsage(fmt.Errorf("%s: name a %s; mailsim %s --help tells how", cmd.CommandPath(), noun, cmd.Name()))
		case len(args) > 1 && !several:
			return wrongUsage(fmt.Errorf("%s: takes one %s, not %d; mailsim %s --help tells how", cmd.CommandPath(), noun, len(args), cmd.Name()))
		}
		return nil
	}
}

// unknownCommand complains about the first of args that is no flag.
func unknownCommand(root *cobra.Command, args []string) error {
	word := ""
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			word = a
			break
		}
	}
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return wrongUsage(fmt.Errorf("there is no command %q; %s", word, suggest(word, names)))
}

// suggest ends a message about an unknown name: the nearest known one, or what there is.
func suggest(name string, known []string) string {
	if n := nearest(name, known); n != "" {
		return "did you mean " + n + "?"
	}
	const most = 12
	if len(known) > most {
		return fmt.Sprintf("known are %s and %d more", strings.Join(known[:most], ", "), len(known)-most)
	}
	return "known are " + strings.Join(known, ", ")
}

// nearest returns the known name that begins with the given one, or the one with the fewest edits to it, at most a third of its
// letters; "" when none is so near. Of equals the first wins; upper and lower case are alike.
func nearest(name string, known []string) string {
	best, at := len([]rune(name))/3+1, ""
	for _, k := range known {
		if len(name) > 2 && strings.HasPrefix(strings.ToLower(k), strings.ToLower(name)) && strings.Trim(name, "-") != "" {
			return k // cut short
		}
		if d := edits(strings.ToLower(name), strings.ToLower(k)); d < best {
			best, at = d, k
		}
	}
	return at
}

// edits counts the letters to insert, delete, replace or swap with their neighbour that turn a into b. O(len(a) * len(b)).
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			replace := last[j-1]
			if s[i-1] != t[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
