package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
)

// The reference organisations survive what comes over them: everything drains once all is repaired. All 500 plans of each
// are tried by hand, in seconds: mailsim chaos @faults/ref-3-mail.
func TestTheReferenceOrganisationsSurvive(t *testing.T) {
	t.Parallel()
	for name, plans := range map[string]string{"@faults/ref-2-mail": "40", "@faults/ref-3-mail": "25"} {
		t.Run(name[1:], func(t *testing.T) {
			t.Parallel()
			code, out, complaints := call(t.Context(), "chaos", name, "--budget", plans, "--time", "10m", "--out", t.TempDir())
			require.Zero(t, code, "%s%s", out, complaints)
			require.Equal(t, name+" survives "+plans+" plans\n", out)
		})
	}
}

// The scenario that replays a plan names its base from where it stands, and is written anew by the next search.
func TestWhatChaosFindsCanBeReplayedFromAnywhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "in", "deep"), 0o777))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "out"), 0o777))
	file, out := filepath.Join(folder, "in", "deep", "x.toml"), filepath.Join(folder, "out")
	require.NoError(t, os.WriteFile(file, []byte("base = \"@faults/ref-2-mail\"\n"+`
[[expect]]
id = "mail-is-quick"
metric = "delivery.delay"
where = { from = "all", to = "all" }
stat = "max"
must = "<= 10m"
`), 0o666))
	for range 2 {
		code, text, complaints := call(t.Context(), "chaos", file, "--time", "10m", "--out", out)
		require.Equal(t, exitFound, code, complaints)
		require.Contains(t, text, "mail-is-quick")
		data, err := os.ReadFile(filepath.Join(out, "ref-2-mail-chaos.toml"))
		require.NoError(t, err)
		require.Contains(t, string(data), `base = "../in/deep/x.toml"`)
	}
	code, text, _ := call(t.Context(), "test", filepath.Join(out, "ref-2-mail-chaos.toml"))
	require.Equal(t, exitFound, code)
	require.Contains(t, text, "fail mail-is-quick")
	require.NoError(t, os.Remove(file))
	code, _, _ = call(t.Context(), "test", filepath.Join(out, "ref-2-mail-chaos.toml"))
	require.Equal(t, exitUsage, code)
}

// S1-8: what operators change in a scenario is known to the search: names and ports may break by it.
func TestChaosKnowsWhatOperatorsChange(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{
		"action = \"set_link_cost\"\ntarget = { link = \"A-B\" }\ncost = 11\n": true,
		"action = \"restart_transport\"\ntarget = { host = \"A1\" }\n":         false,
	} {
		file := filepath.Join(t.TempDir(), "x.toml")
		require.NoError(t, os.WriteFile(file, []byte("base = \"@faults/ref-2-mail\"\n[[action]]\nat = \"10m\"\n"+action), 0o666))
		trial, err := newTrial(Env{}, file)
		require.NoError(t, err)
		space, err := trial.space("modern")
		require.NoError(t, err)
		found := false
		for number := range 200 {
			for _, f := range space.Draw(1, number+1) {
				found = found || f.Kind == fault.SPNMissing || f.Kind == fault.PortBlock
			}
		}
		require.Equal(t, want, found, action)
	}
}
