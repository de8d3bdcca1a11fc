package scenarios_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/simtime"
)

// Mail has made a hub turn to another domain controller, which has not heard of a change that the first one knew: the hub lacks it again, and what is
// foretold is when this hub comes back, though it would never have turned without mail.
func TestExplainAfterMailTurnedAHub(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf(ref2, at0900, "1h", 10, 10) + regular("aa", "site:A", "site:A", "70s", "10s", "30m") + `
[[action]]
action = "set_connector"
at = "30s"
duration = "0s"
dc = "AD1"
target = { connector = "C-A" }
cost = 20
[[fault]]
kind = "dc_down"
start = "1m"
duration = "9m"
target = { host = "AD1" }
`
	s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	lacks := func(at simtime.Time) []sim.Missing {
		b, err := sim.Explain(t.Context(), cfg, 0, at)
		require.NoError(t, err)
		return b.Servers[0].Lacks
	}
	const minute = simtime.Time(time.Minute)
	require.Empty(t, lacks(minute), "A1 reads AD1")
	missing := lacks(5 * minute)
	require.Len(t, missing, 1, "A1 reads BD1")
	back := missing[0].Arrives
	require.Equal(t, 15*minute, back, "when it looks round, it comes back to its own site")
	require.Len(t, lacks(back-1), 1)
	require.Empty(t, lacks(back))
}
