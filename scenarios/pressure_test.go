package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ10_1_BackPressureOfAScenario: every transport server has that of its version; the submission queue is a meter unless switched off, version
// buckets count when asked for, and the drive of the queue database where it has a size (by which its levels are lowered).
func TestQ10_1_BackPressureOfAScenario(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `
[model]
version = "2010"
[[hub]]
name = "a1"
site = "A"
queue_drive = { size = "25GB", used = "24GB" }
[[hub]]
name = "b1"
version = "2007"
`)
	at := func(cfg *sim.Config, name string) *sim.Pressure {
		for i := range cfg.Org.Servers {
			if cfg.Org.Servers[i].Name == name {
				return &cfg.Servers[i].Pressure
			}
		}
		t.Fatal(name)
		return nil
	}
	const gb = 1 << 30
	require.Equal(t, sim.Pressure{
		Settings: transport.DefaultPressure(topology.V2010, transport.Machine{QueueDrive: 25 * gb}), Drive: 25 * gb, DriveUsed: 24 * gb,
	}, *at(cfg, "a1"))
	require.Equal(t, int64(98), at(cfg, "a1").Settings.Rules[transport.QueueDatabase].Levels.MediumToHigh)
	require.Equal(t, sim.Pressure{Settings: transport.DefaultPressure(topology.V2007, transport.Machine{})}, *at(cfg, "b1"))
	require.Equal(t, sim.Pressure{}, *at(cfg, "am1"), "no transport server")
	cfg = configOf(t, "[model]\nsubmission_meter = false\nversion_bucket_meter = true\n")
	require.False(t, at(cfg, "a1").Settings.Rules[transport.SubmissionLength].Monitored)
	require.True(t, at(cfg, "a1").Buckets)
}

// TestQ10_1_DriveThatIsFullAtTheStart: a server that takes no mail at all is said to do so, also where the drive is too small to be ever free enough.
func TestQ10_1_DriveThatIsFullAtTheStart(t *testing.T) {
	t.Parallel()
	hub := func(drive string) []string {
		return warningsOf(t, "[[hub]]\nname = \"a1\"\nqueue_drive = "+drive+"\n")
	}
	require.Empty(t, hub(`{ size = "25GB", used = "24GB" }`), "96 %")
	require.Equal(t, []string{`x.toml:4:24: warning: hub "a1": queue_drive.size: the server takes no mail from the start on: ` +
		`back pressure is high from 98 % of this drive on (Q-10.1); write a larger size or less used`}, hub(`{ size = "25GB", used = "25088MB" }`))
	require.Equal(t, []string{`x.toml:4:24: warning: hub "a1": queue_drive.size: the server takes no mail from the start on: ` +
		`back pressure is high from 0 % of this drive on (Q-10.1); write a larger size or less used`}, hub(`{ size = "100MB" }`))
}

// TestQ9_1_PriorityOfAScenario: off unless a server asks for it; what a load sends has its priority.
func TestQ9_1_PriorityOfAScenario(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `
[[hub]]
name = "a1"
priority_queueing = true
[[load]]
kind = "burst"
from = "site:A"
to = "site:B"
at = "1h"
count = 1
priority = "high"
[[load]]
kind = "burst"
from = "site:A"
to = "site:B"
at = "1h"
count = 1
`)
	require.True(t, cfg.Servers[0].Profile.Reports.PriorityQueueing)
	require.False(t, cfg.Servers[1].Profile.Reports.PriorityQueueing)
	require.Equal(t, transport.DefaultPriorityConnections(), cfg.Servers[0].Profile.Priorities)
	require.Equal(t, load.High, cfg.Loads[len(cfg.Loads)-2].Priority)
	require.Equal(t, load.Normal, cfg.Loads[len(cfg.Loads)-1].Priority)
}

// TestPriorityCeilingsAreQuestioned: a queue with fewer connections than its classes may have together.
func TestPriorityCeilingsAreQuestioned(t *testing.T) {
	t.Parallel()
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(`
duration = "1h"
[[site]]
name = "A"
[[hub]]
name = "a1"
site = "A"
priority_queueing = true
max_per_domain_outbound_connections = 10
[[mailbox]]
name = "m"
site = "A"
`)}}, "x.toml")
	require.NoError(t, err)
	var found []string
	for _, w := range s.Warnings() {
		found = append(found, w.String())
	}
	require.Contains(t, found, `x.toml:9:39: warning: hub "a1": max_per_domain_outbound_connections: with priority queueing the classes of a queue may have 20 connections together, and the queue 10; when all want theirs, mail of low priority has none: write 20 or more`)
}
