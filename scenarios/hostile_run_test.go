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
