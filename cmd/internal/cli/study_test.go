package cli

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/result/dir"
)

const outage = `
[[fault]]
id = "outage"
kind = "host_down"
target = { host = "a1" }
start = "2m"
duration = "1m"
`

func TestResultHasTheFaultsAsTheyHappened(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady+outage)
	out := filepath.Join(folder, "out")
	code, _, stderr := call(t.Context(), "run", file, "--out", out)
	require.Equal(t, 0, code, stderr)
	study, err := dir.Read(out)
	require.NoError(t, err)
	require.Len(t, study.Topology.Faults, 1)
	f := study.Topology.Faults[0]
	require.Equal(t, "outage", f.ID)
	require.Equal(t, int64(2*time.Minute), f.StartNS)
	require.Equal(t, int64(3*time.Minute), *f.EndNS)
}

// The resolved scenario in the folder gives the same figures again, whatever the command line had changed.
func TestResolvedScenarioRunsAgain(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady+outage)
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	code, _, stderr := call(t.Context(), "run", file, "--out", first, "--seed", "5", "--replications", "2", "--set", "load[0].rate=2/s")
	require.Equal(t, 0, code, stderr)
	code, _, stderr = call(t.Context(), "run", filepath.Join(first, "scenario.toml"), "--out", second)
	require.Equal(t, 0, code, stderr)
	a, err := dir.Read(first)
	require.NoError(t, err)
	b, err := dir.Read(second)
	require.NoError(t, err)
	require.Equal(t, a.File, b.File)
	require.Equal(t, 2, a.File.Replications)
	require.Equal(t, int64(5), a.File.Seed)
}

func TestConfigurationsAreDroppedWithTheirPoints(t *testing.T) {
	t.Parallel()
	_, file := write(t, steady)
	env, _, _ := watched(0)
	s, err := readScenario(file, overrides{seed: -1})
	require.NoError(t, err)
	e := &execution{study: s, env: env, meter: newMeter(env, s.Name(), true)}
	require.NoError(t, e.execute(t.Context()))
	require.Empty(t, e.configs.ready, "a sweep of a hundred thousand points must not keep them all")
	require.Len(t, e.file.Points, 2)
	require.True(t, e.file.IdentitiesHold)
}

// A large sweep says what is coming, by the time of its first run; a small one says nothing.
func TestForecast(t *testing.T) {
	t.Parallel()
	_, file := write(t, steady)
	for each, want := range map[time.Duration]string{
		10 * time.Second: `(?m)^steady: 10 runs, about 2 min, [\d.]+ KB$`,
		time.Millisecond: `^$`,
	} {
		var mu sync.Mutex
		now := time.Unix(0, 0)
		var out, complaints bytes.Buffer
		code := Run(t.Context(), Env{
			Args: []string{"run", file, "--out", filepath.Join(t.TempDir(), "out"), "--workers", "1"}, Stdout: &out, Stderr: &complaints,
			Terminal: func() (int, bool) { return 0, false },
			Now: func() time.Time { // each look, at the begin and the end of a run, is half a run later
				mu.Lock()
				defer mu.Unlock()
				now = now.Add(each)
				return now
			},
		})
		require.Equal(t, 0, code)
		require.Regexp(t, want, complaints.String())
	}
}

func TestWarningsAreCutShort(t *testing.T) {
	t.Parallel()
	text := "duration = \"1m\"\n[[site]]\nname = \"A\"\n[[hub]]\nname = \"a1\"\nsite = \"A\"\n[[mailbox]]\nname = \"am\"\nsite = \"A\"\n" +
		"[[load]]\nkind = \"regular\"\nfrom = \"site:A\"\nto = \"site:A\"\nevery = \"30s\"\n"
	for _, b := range []string{"B", "C", "D", "E", "F", "G"} {
		text += "[[site]]\nname = \"" + b + "\"\n[[hub]]\nname = \"" + b + "1\"\nsite = \"" + b + "\"\n[[link]]\nname = \"A-" + b + "\"\nsites = [\"A\", \"" + b + "\"]\ncost = 1\n"
	}
	folder, file := write(t, text)
	_, _, stderr := call(t.Context(), "run", file, "--out", filepath.Join(folder, "out"))
	require.Regexp(t, `(?s)^(\S+: warning: [^\n]+\n){10}2 more warnings; mailsim check \S+ lists all\n$`, stderr)
	_, _, stderr = call(t.Context(), "run", file, "--out", filepath.Join(folder, "out"), "--quiet")
	require.Empty(t, stderr)
}

// The command that stands with a verdict runs its setting again: one point instead of all, with the same figures.
func TestVerdictsCanBeSeenAgain(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady+"[[expect]]\nmetric = \"messages.delivered\"\nwhere = { site = \"all\" }\nstat = \"total\"\nmust = \"< 0 msg\"\n")
	out := filepath.Join(folder, "out")
	code, _, stderr := call(t.Context(), "run", file, "--out", out, "--seed", "8", "--set", "load[0].rate=3/s")
	require.Equal(t, 0, code, stderr)
	whole, err := dir.Read(out)
	require.NoError(t, err)
	require.Len(t, whole.Verdicts, 2)
	for i, v := range whole.Verdicts {
		args := words(v.Rerun)
		require.Equal(t, "mailsim", args[0])
		again := filepath.Join(t.TempDir(), "again")
		code, _, stderr := call(t.Context(), append(args[1:], "--out", again)...)
		require.Equal(t, 0, code, "%s: %s", v.Rerun, stderr)
		one, err := dir.Read(again)
		require.NoError(t, err)
		require.Len(t, one.File.Points, 1)
		require.Equal(t, whole.File.Points[i].Metrics, one.File.Points[0].Metrics)
		require.Equal(t, whole.File.Points[i].Fingerprints, one.File.Points[0].Fingerprints)
	}
}

// The folder holds the faults of every setting that has its own, and says when replications differ.
func TestResultHasTheFaultsOfEverySetting(t *testing.T) {
	t.Parallel()
	chance := outage + "probability = 0.5\n"
	folder, file := write(t, steady+outage)
	study := func(name string, args ...string) result.Topology {
		out := filepath.Join(folder, name)
		code, _, stderr := call(t.Context(), append([]string{"run", file, "--out", out, "--set", "load[0].rate=1/s"}, args...)...)
		require.Equal(t, 0, code, stderr)
		s, err := dir.Read(out)
		require.NoError(t, err)
		return s.Topology
	}
	same := study("same", "--replications", "3")
	require.Len(t, same.Faults, 1)
	require.False(t, same.FaultsVary)

	folder, file = write(t, steady+"\"fault.outage.duration\" = [\"1m\", \"2m\"]\n"+outage)
	four := study("four", "--replications", "1")
	require.True(t, four.FaultsVary)
	require.Len(t, four.Faults, 3, "one for the first setting, and for the two that differ")
	ends := map[int]int64{}
	for _, f := range four.Faults {
		ends[f.Point] = *f.EndNS
	}
	require.Equal(t, map[int]int64{0: int64(3 * time.Minute), 1: int64(4 * time.Minute), 3: int64(4 * time.Minute)}, ends)

	folder, file = write(t, steady+chance)
	drawn := study("drawn", "--replications", "8")
	require.True(t, drawn.FaultsVary, "of eight draws some differ")
	for _, f := range drawn.Faults {
		require.Zero(t, f.Point)
	}
}
