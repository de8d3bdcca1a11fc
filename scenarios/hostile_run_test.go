package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
)

// TestRampsLongerThanTheFailure: failures at random may be shorter than their ramps; they run all the same, whatever the kind.
func TestRampsLongerThanTheFailure(t *testing.T) {
	t.Parallel()
	samples := sampleFaults()
	for _, name := range legalKinds() {
		kind, ok := fault.ParseKind(name)
		require.True(t, ok)
		if !kind.HasIntensity() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ramps := range []string{`ramp_down = "1m"`, `ramp_up = "1m"`, `ramp_up = "5m", ramp_down = "7m"`} {
				got := outcome(t, configOf(t, short+table("x", name, samples[name]+`, random = { mtbf = "30s", mttr = "1s" }, `+ramps)))
				require.NotEmpty(t, got.Summary.Faults)
			}
		})
	}
}

// TestTimesBeyondTheRun: what takes longer than any run is not over at its end; nothing overflows, whatever is added to it.
func TestTimesBeyondTheRun(t *testing.T) {
	t.Parallel()
	const long = `{ dist = "pareto", min = "1s", shape = 0.1 }`
	const src = `[[link]]
name = "A-B"
rtt = "5000w"

[model]
session = { setup = ` + long + `, per_message = ` + long + ` }
delivery = { setup = ` + long + `, per_message = ` + long + ` }
[[fault]]
kind = "link_degrade"
target = { link = "*" }
latency = "1d"
jitter = "1d"
bandwidth = "1bit/s"
[[fault]]
kind = "nic_late_bind"
target = { role = "hub" }
prone = true
team_up = ` + long + `
dad = ` + long + `
[[fault]]
kind = "host_down"
target = { role = "hub" }
duration = "1m"
schedule = { every = "20m" }
`
	for _, seed := range []string{"1", "2", "3"} {
		require.NotEmpty(t, outcome(t, configOf(t, "seed = "+seed+"\nduration = \"2h\"\n"+src)).Summary.Faults)
	}
}
