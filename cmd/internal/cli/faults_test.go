package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is legal and most likely not meant: a warning, and with --strict an error.
func TestF017_StrictFailsOnWarnings(t *testing.T) {
	t.Parallel()
	const head = "[[fault]]\nkind = \"host_down\"\ntarget = { host = \"a1\" }\n"
	const skew = "[[dc]]\nname = \"d1\"\nsite = \"A\"\n[[fault]]\nkind = \"clock_skew\"\ntarget = { host = \"a1\" }\noffset = \"+7m\"\n"
	for code, fault := range map[string]string{
		"F017": head + "start = \"11m\"\nduration = \"1m\"\n",
		"F019": head + "duration = \"2m\"\nschedule = { every = \"1m\" }\n",
		"F021": skew + "remedy = [{ action = \"restart_os\", after = \"1m\" }, { action = \"set_time\", after = \"20m\" }]\n",
		"F022": head,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			_, file := write(t, steady+fault)
			exit, _, stderr := call(t.Context(), "check", file)
			require.Equal(t, 0, exit, stderr)
			require.Contains(t, stderr, "warning: [[fault]] #1")
			exit, _, stderr = call(t.Context(), "check", "--strict", file)
			require.Equal(t, 2, exit)
			require.Contains(t, stderr, "--strict: warnings count as errors: 1 warning")
		})
	}
	_, file := write(t, steady+head+"duration = \"1m\"\n")
	exit, _, stderr := call(t.Context(), "check", "--strict", file)
	require.Equal(t, 0, exit, stderr)
}
