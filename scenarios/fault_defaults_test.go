package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
)

// What faults do that say nothing of themselves: the defaults of F8 and F9.
func TestF8_Defaults(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, short+table("late", "nic_late_bind", `target = { host = "a1" }`)+
		table("update", "client_update", `target = { host = "pcs" }, affects_server = "a1", start = "1s"`))
	require.Len(t, cfg.Faults, 2)
	f := cfg.Faults[0]
	require.Equal(t, []rng.Dist{rng.Constant(9), rng.Constant(3), rng.Constant(5)}, []rng.Dist{f.TeamUp, f.DAD, f.StartOffset})
	require.Equal(t, []any{0.5, 1.0, fault.NoFix, 120 * time.Second, false, 60 * time.Second}, []any{f.Prone, f.FixSuccess, f.Fix, f.DelayedStartDelay, f.Recovery, f.RecoveryDelay})

	u := cfg.Faults[1].Update // F9
	scan, err := rng.Uniform(300, 1800)
	require.NoError(t, err)
	install, err := rng.LognormalMean(3600*1.0460278599087169, 0.3) // of a median of an hour: exp(0.3²/2) times that
	require.NoError(t, err)
	require.Equal(t, scan, u.ScanDelay)
	require.InEpsilon(t, install.Mean(), u.InstallTime.Mean(), 1e-9)
	require.Equal(t, []any{20 * time.Minute, 5 * time.Minute, 1.0, false}, []any{u.RestartSpread, u.ResendSpread, u.ResendFraction, u.ByClock})
}
