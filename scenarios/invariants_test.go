package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/result"
)

// TestFI1_ShippedScenarios: every shipped scenario keeps the laws of a run, in all settings of its sweep: sim.Run returns an error where one does not hold.
func TestFI1_ShippedScenarios(t *testing.T) {
	t.Parallel()
	for _, name := range Shipped() {
		t.Run(strings.TrimPrefix(name, "@"), func(t *testing.T) {
			t.Parallel()
			s, err := Load(nil, name)
			require.NoError(t, err)
			for _, p := range s.Points() {
				cfg, err := s.Config(p)
				require.NoError(t, err)
				require.NoError(t, sim.Run(t.Context(), cfg, 0, result.NewMemory(0, 0)), "point %d", p.Index)
			}
		})
	}
}

// quiet is half an hour in which servers of different sites have nothing to say to each other until the 20th minute; inside A mail flows all the time.
const quiet = `duration = "30m"
[output]
sample_interval = "10s"
series = ["queue", "server", "link"]
[[load]]
id = "mail"
start = "20m"
[[load]]
id = "inside"
kind = "regular"
from = "site:A"
to = "site:A"
every = "10s"
`

// TestFI6_RightBeforeTheFirstSession: what keeps servers from authenticating, and is put right before they try, leaves no trace but that it is told of.
func TestFI6_RightBeforeTheFirstSession(t *testing.T) {
	t.Parallel()
	want := untold(outcome(t, configOf(t, quiet)))
	require.Empty(t, want.Events)
	kinds := map[string]string{
		"clock_skew":  `target = { host = ["a1", "bd1"] }, offset = "+7m", restore = "step"`,
		"auth_latch":  `from = { host = "a*" }, to = { host = "b1" }`,
		"spn_missing": `target = { host = "b1" }, at_dc = "ad1"`,
		"port_block":  `src = { site = "A" }, dst = { site = "B" }, ports = [25]`,
		"link_down":   `target = { link = "A-B" }`,
		"repl_lag":    `target = { link = "*" }, interval = "24h"`,
	}
	for kind, keys := range kinds { // and each is noticed by who does try
		late := outcome(t, configOf(t, quiet+table("x", kind, keys+`, start = "19m", duration = "11m"`)))
		if kind != "repl_lag" { // nobody notices it without an edit
			require.NotEqual(t, want.Summary.Fingerprint, late.Summary.Fingerprint, kind)
		}
	}
	names := slices.Sorted(maps.Keys(kinds))
	rapid.Check(t, func(r *rapid.T) {
		src := quiet
		for i := range rapid.IntRange(1, 4).Draw(r, "faults") {
			kind := rapid.SampledFrom(names).Draw(r, "kind")
			from := rapid.IntRange(0, 1100).Draw(r, "from")
			src += table(fmt.Sprintf("f%d", i), kind, fmt.Sprintf(`%s, start = "%ds", duration = "%ds"`, kinds[kind], from, rapid.IntRange(1, 1199-from).Draw(r, "for")))
		}
		s, err := loadOver(src)
		require.NoError(r, err)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(r, err)
		require.Equal(r, want, untold(outcome(t, cfg)))
	})
}

// untold is a run without what tells of faults themselves.
func untold(r *result.Run) *result.Run {
	x := *r
	x.Summary.Faults, x.Summary.Events = nil, 0
	x.Summary.Metrics = slices.DeleteFunc(slices.Clone(x.Summary.Metrics), func(m result.Metric) bool { return m.Metric == "drain.time" })
	x.Events = nil
	for _, e := range r.Events {
		if e.Kind != "fault" && e.Kind != "remedy" {
			x.Events = append(x.Events, e)
		}
	}
	return &x
}
