package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// steady is a scenario with some chance in it: a sweep of 2 x 5 runs that takes a few hundredths of a second.
const steady = `
name = "steady"
duration = "10m"
replications = 5

[[site]]
name = "A"

[[hub]]
name = "a1"
site = "A"

[[mailbox]]
name = "am"
site = "A"

[[load]]
kind = "poisson"
from = "mailbox:am"
to = "mailbox:am"
rate = "5/s"

[sweep]
"hub.*.connection_threshold" = [2, 20]
`

// write puts a scenario into a folder of the test's own.
func write(t *testing.T, text string) (folder, file string) {
	t.Helper()
	folder = t.TempDir()
	file = filepath.Join(folder, "steady.toml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	return folder, file
}

// callUntil runs a command line on a clock that interrupts it when it is looked at the nth time: each run looks twice.
func callUntil(n int64, args ...string) (code int, stdout, stderr string) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	var looks atomic.Int64
	var out, complaints bytes.Buffer
	code = Run(ctx, Env{
		Args: args, Stdout: &out, Stderr: &complaints, Terminal: func() (int, bool) { return 0, false },
		Now: func() time.Time {
			if looks.Add(1) == n {
				interrupt()
			}
			return time.Unix(0, 0)
		},
	})
	return code, out.String(), complaints.String()
}

func TestInterruptLeavesNoNewFolder(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady)
	out := filepath.Join(folder, "out")
	code, stdout, stderr := callUntil(9, "run", file, "--out", out)
	require.Equal(t, 130, code, stderr)
	require.Empty(t, stdout)
	require.Regexp(t, `^mailsim: interrupted after \d complete runs: context canceled; nothing of this study is kept\n$`, stderr)
	require.NoDirExists(t, out)
}

func TestInterruptKeepsTheEarlierResult(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady)
	out := filepath.Join(folder, "out")
	code, _, stderr := call(t.Context(), "run", file, "--out", out)
	require.Equal(t, 0, code, stderr)
	before := contents(t, out)
	code, _, stderr = callUntil(9, "run", file, "--out", out, "--seed", "9")
	require.Equal(t, 130, code)
	require.Contains(t, stderr, "nothing of this study is kept, "+out+" holds the earlier result")
	require.Equal(t, before, contents(t, out))
}

func TestInterruptSaysWhichResultsAreComplete(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady)
	second := filepath.Join(folder, "second.toml")
	require.NoError(t, os.WriteFile(second, []byte("base = \"steady.toml\"\nname = \"second\"\n"), 0o666))
	out := filepath.Join(folder, "out")
	code, _, stderr := callUntil(31, "run", file, second, "--out", out) // a study takes 10 runs: a look at the start, two a run, one at each end
	require.Equal(t, 130, code, stderr)
	require.Contains(t, stderr, "complete: "+filepath.Join(out, "steady"))
	require.FileExists(t, filepath.Join(out, "steady", "result.json"))
	require.NoDirExists(t, filepath.Join(out, "second"))
}

func TestInterruptOfATestWritesNoJUnit(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady+"[[expect]]\nmetric = \"messages.lost\"\nstat = \"total\"\nmust = \"== 0\"\n")
	junit := filepath.Join(folder, "junit.xml")
	code, _, stderr := callUntil(9, "test", file, "--junit", junit)
	require.Equal(t, 130, code)
	require.Contains(t, stderr, "0 of 1 scenarios are judged")
	require.NoFileExists(t, junit)
}

// contents reads every file in and below a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		out[filepath.ToSlash(name)] = string(data)
		return err
	}))
	return out
}
