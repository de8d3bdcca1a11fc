package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
)

// TestQ2_8_LastError: one line around the reply of the other side, or what was found here.
func TestQ2_8_LastError(t *testing.T) {
	t.Parallel()
	for code, reply := range map[transport.Code]string{
		transport.Unreachable: "421 4.4.1 Connection timed out", transport.AuthFailed: "454 4.7.0 Temporary authentication failure",
		transport.Dropped: "421 4.4.2 Connection dropped", transport.Refused: "421 4.3.2 Service not available, connection limit reached",
		transport.Reset: "421 4.4.1 Connection refused",
	} {
		require.Equal(t, `451 4.4.0 Primary target IP address responded with: "`+reply+`." Attempted failover to alternate host, but that did not succeed. `+
			`Either there are no alternate hosts, or delivery failed to all alternate hosts.`, lastError(code))
	}
}
