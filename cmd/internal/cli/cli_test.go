package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
)

// call runs a command line in this process: its exit code, what it printed and what it complained of. The clock stands still, and
// nobody watches.
func call(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	code = Run(ctx, Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaints,
		Terminal: func() (int, bool) { return 0, false },
		Now:      func() time.Time { return time.Unix(0, 0) },
	})
	return code, out.String(), complaints.String()
}

// Scripts are files of testdata/script: each step is a command, and below the line what came of it.
//
//	file NAME                writes what follows to a file
//	mailsim                  runs mailsim with the arguments that follow, one command line a line
//	show NAME                prints a file
//	list NAME                prints the names of the files in and below a folder
//
// go test ./cmd/internal/cli -run TestScripts -rewrite writes the consequences anew; what has changed in them is to be read.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Abs("testdata/script")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(scripts, "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Chdir(t.TempDir())
			datadriven.RunTest(t, file, step)
		})
	}
}

func step(t *testing.T, d *datadriven.TestData) string {
	name := ""
	if len(d.CmdArgs) > 0 {
		name = d.CmdArgs[0].Key
	}
	switch d.Cmd {
	case "file":
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(d.Input+"\n"), 0o666))
		return ""
	case "mailsim":
		var b strings.Builder
		for line := range strings.SplitSeq(d.Input, "\n") {
			code, stdout, stderr := call(t.Context(), words(line)...)
			if stderr != "" {
				stderr = "stderr: " + strings.ReplaceAll(strings.TrimSuffix(stderr, "\n"), "\n", "\nstderr: ") + "\n"
			}
			fmt.Fprintf(&b, "%s%sexit %d\n", stdout, stderr, code)
		}
		return b.String()
	case "show":
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		return string(data)
	case "list":
		var b strings.Builder
		err := filepath.WalkDir(name, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				fmt.Fprintln(&b, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			return "there is none\n"
		}
		return b.String()
	}
	t.Fatalf("%s: no step is called %q", d.Pos, d.Cmd)
	return ""
}

// words cuts a command line at its blanks; 'a b' is one word.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
		} else {
			out = append(out, strings.Fields(part)...)
		}
	}
	return out
}

// The examples in the help of every command are command lines that its flags understand.
func TestExamplesOfTheHelpAreRight(t *testing.T) {
	t.Parallel()
	root := newRoot(Env{})
	examples := 0
	for _, c := range append(root.Commands(), root) {
		for line := range strings.SplitSeq(c.Example, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "  ")
			args, ours := strings.CutPrefix(line, "mailsim ")
			if !ours {
				continue
			}
			args, _, _ = strings.Cut(args, " > ")
			examples++
			t.Run(args, func(t *testing.T) {
				cmd, rest, err := newRoot(Env{}).Find(words(args))
				require.NoError(t, err)
				require.NoError(t, cmd.ParseFlags(rest))
				require.NoError(t, cmd.ValidateArgs(cmd.Flags().Args()))
				if strings.HasPrefix(args, "route @") || strings.HasPrefix(args, "explain @") { // needs nothing that is not built in, and writes nothing
					code, _, stderr := call(t.Context(), words(args)...)
					require.Equal(t, 0, code, stderr)
				}
			})
		}
		if c.Runnable() && c.Name() != "help" {
			require.NotEmpty(t, c.Short, c.Name())
		}
	}
	require.Greater(t, examples, 12)
}

// What the shells ask when somebody presses Tab.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"run @thr":                         "@threshold\n",
		"test @regression/threshold-c":     "@regression/threshold-ceiling\n",
		"route @threshold --format ":       "text\njson\n",
		"completion ":                      "bash\nzsh\nfish\npowershell\n",
		"run --rep":                        "--replications\tnumber of runs of each setting (default: the scenario's)\n",
		"expo":                             "export\tWrite the series and distributions of a result folder as CSV\n",
		"check my":                         "toml\n",
		"run scenarios/threshold.toml sec": "toml\n",
	} {
		code, stdout, stderr := call(t.Context(), append([]string{"__complete"}, strings.Split(args, " ")...)...)
		require.Equal(t, 0, code, stderr)
		got, _, _ := strings.Cut(stdout, "\n:") // then the directive of cobra
		require.Equal(t, want, got+"\n", args)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		code, stdout, _ := call(t.Context(), "completion", shell)
		require.Equal(t, 0, code)
		require.Contains(t, stdout, "mailsim")
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestOutputThatIsLostIsAFailure: a command whose answer cannot be written does not end well.
func TestOutputThatIsLostIsAFailure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check", "@threshold"}, {"route", "@threshold", "--from", "Tokyo", "--to", "a@example.com"}, {"version"}} {
		var complaints bytes.Buffer
		code := Run(t.Context(), Env{
			Args: args, Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &complaints,
			Terminal: func() (int, bool) { return 0, false }, Now: func() time.Time { return time.Unix(0, 0) },
		})
		require.Equal(t, exitBroken, code, "%v", args)
		require.Contains(t, complaints.String(), "no space left")
	}
}

// TestEstimateShowsItsInterval: a figure has as many digits as its interval needs to be seen.
func TestEstimateShowsItsInterval(t *testing.T) {
	t.Parallel()
	at := func(mean, half float64) string {
		lo, hi := mean-half, mean+half
		return estimate(result.Estimate{Mean: &mean, Lo: &lo, Hi: &hi, R: 10, Values: []*float64{&lo, &hi}})
	}
	require.Equal(t, "18.82 ± 0.02", at(18.8208, 0.0192))
	require.Equal(t, "46.5 ± 0.2", at(46.46, 0.21))
	require.Equal(t, "479661 ± 459", at(479661, 459))
	require.Equal(t, "23.2 ± 0.3", at(23.2, 0.3))
}
