package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// TestF15_DefaultsOfStrictSystems: what stands where a fault says nothing, and that what it says reaches the run.
func TestF15_DefaultsOfStrictSystems(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `
[[fault]]
kind = "remote_throttle"
target = { remote = "cloud" }
duration = "1h"
[[fault]]
kind = "remote_throttle"
target = { connector = "out" }
duration = "1h"
max_connections = 7
max_messages_per_connection = 8
shared_by = { host = ["ae1", "a1"] }
surge_factor = 2.5
defer_fraction = 0.25
penalty = "90m"
[[fault]]
kind = "remote_greylist"
target = { domain = ["Contoso.com", "x.org"] }
duration = "1h"
[[fault]]
kind = "remote_greylist"
target = { remote = "cl*" }
duration = "1h"
delay = "1m"
retry_window = "4h"
remember = "2w"
[[action]]
at = "1h"
action = "set_connector"
target = { connector = "out" }
max_per_domain_outbound_connections = 16
`)
	server := func(name string) topology.ServerID {
		id, ok := cfg.Org.ServerByName(name)
		require.True(t, ok)
		return id
	}
	const day = 24 * time.Hour
	require.Equal(t, fault.Throttle{MaxConnections: 50, MaxMessages: 50, SurgeFactor: 5, DeferFraction: 0.5, Penalty: 6 * time.Hour}, cfg.Faults[0].Throttle)
	require.Equal(t, fault.Throttle{
		MaxConnections: 7, MaxMessages: 8, SharedBy: []topology.ServerID{server("a1"), server("ae1")}, SurgeFactor: 2.5, DeferFraction: 0.25, Penalty: 90 * time.Minute,
	}, cfg.Faults[1].Throttle)
	require.Equal(t, []fault.Outside{{Remote: topology.None, Connector: 0}}, cfg.Faults[1].Outside)
	require.Equal(t, fault.Greylist{Delay: 300 * time.Second, RetryWindow: 2 * day, Remember: 35 * day}, cfg.Faults[2].Greylist)
	require.Equal(t, []fault.Outside{{Remote: topology.None, Domain: "contoso.com"}, {Remote: topology.None, Domain: "x.org"}}, cfg.Faults[2].Outside)
	require.Equal(t, fault.Greylist{Delay: time.Minute, RetryWindow: 4 * time.Hour, Remember: 14 * day}, cfg.Faults[3].Greylist)
	require.Equal(t, []topology.Change{{Kind: topology.ConnectorCeiling, Object: 0, Value: 16}}, cfg.Actions[0].Changes)
}
