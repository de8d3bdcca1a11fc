package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The shipped scenarios keep what they expect: each kind of fault, the pinned behaviours, and the stories. The studies, threshold and eleven-sites,
// take longer, and are run by hand.
func TestShippedScenariosKeepTheirExpectations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"@regression", "@faults", "@duplicates", "@clock-skew", "@replication-lag", "@nic-late-bind", "@cure-and-relapse", "@edge-failover"} {
		t.Run(name[1:], func(t *testing.T) {
			t.Parallel()
			code, out, complaints := call(t.Context(), "test", name)
			require.Zero(t, code, "%s%s", out, complaints)
			require.Contains(t, out, "pass")
		})
	}
}
