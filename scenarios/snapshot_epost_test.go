package scenarios_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// TestEP1_FolderInASnapshot: the folders of an E-Post server are listed like queues: what is in them, what is worked on, what waits for a retry.
func TestEP1_FolderInASnapshot(t *testing.T) {
	t.Parallel()
	s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(`base = "@faults/ref-e"
[[epost]]
name = "EP1"
incoming = 40
[[epost]]
name = "EP2"
site = "X"
[[epost]]
name = "EP3"
site = "X"
` + regular("vain", "mailbox:EP1", "mailbox:EP2", "1m", "1m", "5m") + `
[[fault]]
kind = "host_down"
mode = "service_stop"
target = { host = "EP2" }
duration = "1h"
[[fault]]
kind = "host_down"
target = { host = "EP3" }
duration = "1h"
`)}}, "w.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	cfg.Snapshots = []simtime.Time{simtime.Time(500 * time.Millisecond), simtime.Time(4*time.Minute + 30*time.Second)}
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	first, second := m.Run().Snapshots[0], m.Run().Snapshots[1]
	queue := func(s result.Snapshot, identity string) (found result.Queue) {
		for _, q := range s.Queues {
			if q.Identity == identity {
				found = q
			}
		}
		return found
	}
	require.EqualValues(t, 40, queue(first, `EP1\incoming`).MessageCount)
	require.EqualValues(t, 40, queue(first, `EP1\incoming`).ByPriority.Normal)
	require.Equal(t, "Active", queue(first, `EP1\incoming`).Status)
	active := 0
	for _, x := range first.Messages {
		require.Equal(t, `EP1\incoming`, x.Queue)
		require.Equal(t, "mailbox:EP1", x.From)
		if x.Status == "Active" {
			active++
		}
	}
	require.Equal(t, 30, active, "one a thread")
	require.EqualValues(t, 0, queue(second, `EP1\incoming`).MessageCount)
	require.EqualValues(t, 4, queue(second, `EP1\holding`).MessageCount, "sent at 1, 2, 3 and 4 min; nobody listens")
	require.Equal(t, "Retry", queue(second, `EP1\holding`).Status)
	require.Equal(t, "Retry", second.Messages[0].Status)
	require.Equal(t, "Ready", queue(second, `EP2\incoming`).Status, "EPSTDS does not run; the folder can be read")
	require.Equal(t, []string{"EP3: the machine gives no answer, so its mail folder cannot be listed."}, second.Notes)
}
