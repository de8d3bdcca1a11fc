package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError adds the nearest flag to a complaint about an unknown one, and makes every complaint one of usage.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		err = fmt.Errorf("%s: unknown flag --%s; %s", cmd.CommandPath(), unknown.GetSpecifiedName(), suggest("--"+unknown.GetSpecifiedName(), names))
	} else {
		err = fmt.Errorf("%s: %w; mailsim %s --help tells how", cmd.CommandPath(), err, cmd.Name())
	}
	return wrongUsage(err)
}

// unknownCommand complains about a word that is no command; args begin with it, flags aside.
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

// nearest returns the known name with the fewest edits to the given one, at most a third of its letters; "" when none is so near. Of
// equals the first wins; upper and lower case are alike.
func nearest(name string, known []string) string {
	best, at := len([]rune(name))/3+1, ""
	for _, k := range known {
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
