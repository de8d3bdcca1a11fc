package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// built is the program, built once for all tests of this package that run it, and removed by TestMain.
var built struct {
	once   sync.Once
	folder string
	err    error
}

// build returns the folder of the program.
func build() (string, error) {
	built.once.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "mailsim-*"); built.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", built.folder+string(filepath.Separator), "mailsim/cmd/mailsim").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	return built.folder, built.err
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.folder != "" {
		_ = os.RemoveAll(built.folder)
	}
	os.Exit(code)
}

// program returns a command that runs the built program in a folder.
func program(t *testing.T, folder string, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	bin, err := build()
	require.NoError(t, err)
	cmd = exec.CommandContext(t.Context(), filepath.Join(bin, "mailsim"), args...)
	cmd.Dir = folder
	stderr = &bytes.Buffer{}
	cmd.Stderr = stderr
	return cmd, stderr
}

// exitOf is the exit code of a finished command.
func exitOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	require.NoError(t, err)
	return 0
}

func TestBuiltProgramExits(t *testing.T) {
	t.Parallel()
	folder, _ := write(t, steady)
	for name, must := range map[string]string{"good": "== 0", "bad": "> 0"} {
		text := "base = \"steady.toml\"\n[[expect]]\nmetric = \"messages.lost\"\nstat = \"total\"\nmust = \"" + must + "\"\nwhere = { site = \"all\" }\n"
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".toml"), []byte(text), 0o666))
	}
	for _, c := range []struct {
		args string
		want int
	}{
		{"version", 0}, {"--version", 0}, {"", 0}, {"help run", 0}, {"completion bash", 0},
		{"check steady.toml", 0}, {"run bad.toml --out bad", 0}, {"report bad", 0},
		{"test good.toml", 0}, {"test bad.toml", 1}, {"test good.toml bad.toml", 1},
		{"test nowhere.toml", 2}, {"run", 2}, {"fly", 2}, {"report .", 2},
	} {
		cmd, stderr := program(t, folder, strings.Fields(c.args)...)
		require.Equal(t, c.want, exitOf(t, cmd.Run()), "mailsim %s: %s", c.args, stderr)
		require.Equal(t, c.want == 2, strings.HasPrefix(stderr.String(), "mailsim") || strings.Contains(stderr.String(), ".toml:1:1:"), "mailsim %s: %s", c.args, stderr)
	}
}

// long is a run of about a minute: whoever waits for its end waits in vain.
const long = "base = \"steady.toml\"\nname = \"long\"\nduration = \"100h\"\nreplications = 40\n"

// startLong starts the long run and returns when it writes to its folder.
func startLong(t *testing.T, folder string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "long.toml"), []byte(long), 0o666))
	cmd, stderr := program(t, folder, "run", "long.toml", "--out", "out")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(folder, "out", ".staging", "events.jsonl"))
		return err == nil
	}, 20*time.Second, 5*time.Millisecond, "the run does not begin: %s", stderr)
	return cmd, stderr
}

func TestBuiltProgramStopsCleanlyOnCtrlC(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send Ctrl-C to another one there")
	}
	folder, _ := write(t, steady)
	cmd, stderr := startLong(t, folder)
	begun := time.Now()
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Equal(t, 130, exitOf(t, cmd.Wait()), "%s", stderr)
	require.Less(t, time.Since(begun), 10*time.Second)
	require.Contains(t, stderr.String(), "interrupted after")
	require.Contains(t, stderr.String(), "nothing of this study is kept")
	require.NoDirExists(t, filepath.Join(folder, "out"))
}

// Not even a killed program leaves half a result: the earlier one stands, and the next run takes the folder over.
func TestBuiltProgramKilledLeavesTheEarlierResult(t *testing.T) {
	t.Parallel()
	folder, _ := write(t, steady)
	first, stderr := program(t, folder, "run", "steady.toml", "--out", "out")
	require.NoError(t, first.Run(), "%s", stderr)
	before := contents(t, filepath.Join(folder, "out"))

	cmd, _ := startLong(t, folder)
	require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
	require.Error(t, cmd.Wait())
	after := contents(t, filepath.Join(folder, "out"))
	for name, want := range before {
		require.True(t, want == after[name], "%s has changed", name)
	}
	for _, args := range []string{"report out", "run steady.toml --out out"} {
		next, stderr := program(t, folder, strings.Fields(args)...)
		require.NoError(t, next.Run(), "%s", stderr)
	}
	require.Equal(t, before, contents(t, filepath.Join(folder, "out")))
}
