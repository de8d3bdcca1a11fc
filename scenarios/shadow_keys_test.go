package scenarios_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim/transport"
)

const shadowed = `
duration = "1h"
[[site]]
name = "A"
[[mailbox]]
name = "new"
site = "A"
[[mailbox]]
name = "m"
site = "A"
version = "2010"
[[hub]]
name = "old"
site = "A"
version = "2010"
[[hub]]
name = "older"
site = "A"
version = "2007"
[[load]]
kind = "burst"
from = "site:A"
to = "site:A"
at = "1m"
count = 1
[model]
version = "2016"
`

// TestQ11_3_KeysOfAScenario: the settings of the organisation, each where it has an effect.
func TestQ11_3_KeysOfAScenario(t *testing.T) {
	t.Parallel()
	profiles := func(keys string) (recent, old transport.ShadowProfile) {
		s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(shadowed + keys)}}, "x.toml")
		require.NoError(t, err, keys)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		for i := range cfg.Servers {
			switch cfg.Org.Servers[i].Name {
			case "new":
				recent = cfg.Servers[i].Shadow
			case "old":
				old = cfg.Servers[i].Shadow
			case "older":
				require.Equal(t, transport.ShadowProfile{}, cfg.Servers[i].Shadow)
			}
		}
		return recent, old
	}
	is2016, is2010 := profiles("")
	require.Equal(t, 48*time.Hour, is2016.DiscardsKept)
	require.Equal(t, 3*time.Hour, is2010.TakeOver)
	for keys, change := range map[string]func(recent, old *transport.ShadowProfile){
		`shadow_heartbeat_frequency = "5m"`: func(recent, old *transport.ShadowProfile) {
			recent.Heartbeat, old.Heartbeat, old.TakeOver = 5*time.Minute, 5*time.Minute, time.Hour
		},
		`shadow_heartbeat_retry_count = 2`:  func(_, old *transport.ShadowProfile) { old.TakeOver = 30 * time.Minute },
		`shadow_resubmit_time_span = "10m"`: func(recent, _ *transport.ShadowProfile) { recent.TakeOver = 10 * time.Minute },
		`shadow_message_auto_discard_interval = "1d"`: func(recent, old *transport.ShadowProfile) {
			recent.DiscardsKept, old.DiscardsKept = 24*time.Hour, 24*time.Hour
		},
		`max_retries_for_remote_site_shadow = 0`:            func(recent, _ *transport.ShadowProfile) { recent.RemoteAttempts = 0 },
		`max_retries_for_local_site_shadow = 9`:             func(recent, _ *transport.ShadowProfile) { recent.LocalAttempts = 9 },
		`shadow_message_preference_setting = "remote_only"`: func(recent, _ *transport.ShadowProfile) { recent.Preference = transport.RemoteOnly },
		`shadow_message_preference_setting = "local_only"`:  func(recent, _ *transport.ShadowProfile) { recent.Preference = transport.LocalOnly },
	} {
		wantRecent, wantOld := is2016, is2010
		change(&wantRecent, &wantOld)
		recent, old := profiles(keys)
		require.Equal(t, wantRecent, recent, keys)
		require.Equal(t, wantOld, old, keys)
	}
	for keys, want := range map[string]string{
		"shadow_resubmit_time_span = \"1m\"":  `x.toml:28:29: [model]: shadow_resubmit_time_span: shadow_resubmit_time_span is 1m and shadow_heartbeat_frequency 2m; copies would be sent before anybody is asked: write a shadow_resubmit_time_span of at least 2m`,
		"shadow_heartbeat_frequency = \"4h\"": `x.toml:28:30: [model]: shadow_heartbeat_frequency: shadow_resubmit_time_span is 3h and shadow_heartbeat_frequency 4h; copies would be sent before anybody is asked: write a shadow_resubmit_time_span of at least 4h`,
	} {
		_, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(shadowed + keys)}}, "x.toml")
		require.EqualError(t, err, want)
	}
}
