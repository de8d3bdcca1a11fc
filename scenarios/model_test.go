package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
)

// TestModelOfTheDirectory: every key of [model] that is about clocks, tickets and replication reaches the run, and what holds without it.
func TestModelOfTheDirectory(t *testing.T) {
	t.Parallel()
	load := func(key string) *sim.Config {
		s, err := loadOver("[model]\n" + key + "\n")
		require.NoError(t, err)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		return cfg
	}
	usual := load("").Model
	require.Equal(t, 5*time.Minute, usual.MaxClockSkew)
	require.Equal(t, 5*time.Second, usual.NotifyDelay)
	require.False(t, usual.Kerberos.ReceiverOnly)
	require.False(t, usual.Kerberos.InsideSites)
	require.Zero(t, usual.ServiceRestartClears)
	for key, change := range map[string]func(m *sim.Model){
		`max_clock_skew = "7m"`:         func(m *sim.Model) { m.MaxClockSkew = 7 * time.Minute },
		`kerberos_model = "windows"`:    func(m *sim.Model) { m.Kerberos.ReceiverOnly = true },
		`auth_scope = "all_hub_to_hub"`: func(m *sim.Model) { m.Kerberos.InsideSites = true },
		`ticket_lifetime = "8h"`:        func(m *sim.Model) { m.Kerberos.Lifetime = 8 * time.Hour },
		`ticket_renewal = "5h"`:         func(m *sim.Model) { m.Kerberos.Renewal = 5 * time.Hour },
		`service_restart_clears = 0.25`: func(m *sim.Model) { m.ServiceRestartClears = 0.25 },
		`notify_delay = "9s"`:           func(m *sim.Model) { m.NotifyDelay = 9 * time.Second },
		`notify_first = "300s"`:         func(m *sim.Model) { m.NotifyFirst = 300 * time.Second },
		`notify_next = "30s"`:           func(m *sim.Model) { m.NotifyNext = 30 * time.Second },
		`routing_reload = "11h"`:        func(m *sim.Model) { m.RoutingReload = 11 * time.Hour },
		`tombstone_lifetime = "60d"`:    func(m *sim.Model) { m.Tombstone = 60 * 24 * time.Hour },
		`replication = "instant"`:       func(m *sim.Model) { m.InstantReplication = true },
	} {
		want := usual
		change(&want)
		require.Equal(t, want, load(key).Model, key)
		require.NotEqual(t, usual, want, key)
	}
	for key, late := range map[string]bool{"": false, `resubmit_at = "view"`: false, `resubmit_at = "next_attempt"`: true} {
		for _, s := range load(key).Servers {
			require.Equal(t, late, s.Profile.ResubmitAtAttempt, key)
		}
	}
}

// What holds of the faults of clocks, names, replication and certificates without their own keys.
func TestF5_DefaultsOfFaultsOfTheDirectory(t *testing.T) {
	t.Parallel()
	s, err := loadOver(`
[[fault]]
kind = "clock_skew"
mode = "push"
target = { host = "a1" }
start = "1h"
duration = "1h"
offset = "+7m"
[[fault]]
kind = "spn_duplicate"
target = { host = "a1" }
duration = "1h"
[[fault]]
kind = "repl_fail"
target = { link = "A-B" }
duration = "1h"
[[fault]]
kind = "cert_expiry"
target = { host = "a1" }
start = "90m"
duration = "1h"
`)
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	require.Equal(t, 10*time.Minute, cfg.Faults[0].PushEvery)
	require.True(t, cfg.Faults[0].SelfCorrect)
	require.Equal(t, 0.5, cfg.Faults[1].Identity.WrongAccount)
	require.True(t, cfg.Faults[2].Controllers.BreaksAuth)
	require.Equal(t, cfg.Faults[3].Start, cfg.Faults[3].Cert.NotAfter)
	require.Equal(t, 90*time.Minute, time.Duration(cfg.Faults[3].Cert.NotAfter))
	require.False(t, cfg.Faults[3].Cert.StartTLS)
}
