package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/rng"
)

// TestQ6_3_TheTicketIsInTheSetUp: a Kerberos ticket that is not there yet is fetched once a session, 94 ms in the session that was measured.
func TestQ6_3_TheTicketIsInTheSetUp(t *testing.T) {
	t.Parallel()
	ticket := func(c *sim.Config) { c.Model.Session.Setup = rng.Constant(0.094) }
	for _, n := range []int64{1, 10} {
		without := sessionTime(t, "exchange-auth", 50*time.Millisecond, 100e6, n, 1)
		require.InDelta(t, without+0.094, sessionTime(t, "exchange-auth", 50*time.Millisecond, 100e6, n, 1, ticket), 1e-9)
	}
}

// TestQ6_5_WindowInARun: a body of 76,800 bytes through a window of 64 KiB at 100 ms takes 117 ms, however fast the link is.
func TestQ6_5_WindowInARun(t *testing.T) {
	t.Parallel()
	window := func(c *sim.Config) { c.Model.TCPWindow = 65536 }
	body := 0.1 * 76800 / 65536
	for name, bandwidth := range map[string]int64{"on a fast link": 1e9, "on a link without limit": 0} {
		require.InDelta(t, 1.1+10*body, sessionTime(t, "starttls-chunking", 100*time.Millisecond, bandwidth, 10, 1, window, func(c *sim.Config) {
			c.Model.Session.RoundTrips, c.Model.Session.PerMessageRoundTrips = 1, 1
		}), 1e-6, name)
	}
	slow := 76800 * 8 / 1e6 // the link is the narrower of the two
	require.InDelta(t, 0.3+2*(0.2+slow), sessionTime(t, "esmtp-chunking", 100*time.Millisecond, 1e6, 2, 1, window), 1e-6)
	require.InDelta(t, 0.3+2*(0.2+body), sessionTime(t, "esmtp-chunking", 100*time.Millisecond, 1e9, 2, 1, window, func(c *sim.Config) {
		c.Model.FixedRate = true
	}), 1e-6, "with fixed shares: a twentieth of the link is more than the window allows")
}

// TestQ6_6_SlowStartInARun: the bodies of a session wait together as long as one of their size: ten of 76,800 bytes five round trips, the
// first of them two.
func TestQ6_6_SlowStartInARun(t *testing.T) {
	t.Parallel()
	slow := func(c *sim.Config) { c.Model.SlowStart = true }
	for n, trips := range map[int64]float64{1: 2, 10: 5} {
		without := sessionTime(t, "esmtp-chunking", 50*time.Millisecond, 100e6, n, 1)
		require.InDelta(t, without+trips*0.05, sessionTime(t, "esmtp-chunking", 50*time.Millisecond, 100e6, n, 1, slow), 1e-9)
	}
}

// TestQ6_8_ARealSession: a session of an Exchange 2016 server with a peer without pipelining, one message of 18,019 bytes to one recipient at
// 124 ms, took 0.938 s. The round trips are 0.868 s of that; what is left is the peer's work and the transmission: 70 ms.
func TestQ6_8_ARealSession(t *testing.T) {
	t.Parallel()
	real := func(c *sim.Config) { c.Loads[0].Size = rng.Constant(18019) }
	trips := sessionTime(t, "smtp-plain", 124*time.Millisecond, 0, 1, 1, real)
	require.InDelta(t, 0.868, trips, 1e-9)
	whole := sessionTime(t, "smtp-plain", 124*time.Millisecond, 10e6, 1, 1, real, func(c *sim.Config) {
		c.Model.Session.PerMessage = rng.Constant(0.0556) // what 10 Mbit/s leave of the 70 ms
	})
	require.InDelta(t, 0.938, whole, 0.0005)
	// Any other profile is off by more than all that the seven round trips do not explain.
	require.Less(t, sessionTime(t, "esmtp-pipelining", 124*time.Millisecond, 0, 1, 1, real), 0.938-0.124)
}

// TestQ4_11_ReceiversEndIdleConnections: a sender may keep its connections for ten minutes, but a hub ends one on which nothing has come for
// five, and ten minutes after it was connected in any case. What comes in between begins the five minutes anew.
func TestQ4_11_ReceiversEndIdleConnections(t *testing.T) {
	t.Parallel()
	const setUp, message = 8 * 0.05, 2 * 0.05
	for _, c := range []struct {
		name     string
		hold     time.Duration
		messages int64 // one every four minutes
		timeout  time.Duration
		want     float64
	}{
		{"not held", 0, 1, 0, setUp + message},
		{"the hold is shorter", 4 * time.Minute, 1, 0, setUp + message + 240},
		{"the hold is longer", 10 * time.Minute, 1, 0, setUp + message + 300},
		{"used in between", 10 * time.Minute, 4, 0, 720 + message + 300},
		{"the whole time is over", 10 * time.Minute, 3, 10 * time.Minute, setUp + 600},
		{"the whole time is over, first", 9*time.Minute + 59*time.Second, 1, 4 * time.Minute, setUp + 240},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, bandwidth := range []int64{0, 1e15} { // alone, and on a line that is shared
				got := sessionTime(t, "exchange-auth", 50*time.Millisecond, bandwidth, c.messages, 1, func(cfg *sim.Config) {
					for i := range cfg.Servers {
						cfg.Servers[i].Profile.IdleHold = c.hold
					}
					cfg.Model.Inactivity, cfg.Model.EdgeInactivity, cfg.Model.ConnectionTimeout = 5*time.Minute, time.Minute, c.timeout
					cfg.Loads[0].Kind, cfg.Loads[0].Every = load.Regular, 4*time.Minute
				})
				require.InDelta(t, c.want, got, 1e-6)
			}
		})
	}
	t.Run("in use when the five minutes would be over", func(t *testing.T) {
		t.Parallel()
		got := sessionTime(t, "exchange-auth", 50*time.Millisecond, 0, 2, 1, func(cfg *sim.Config) {
			cfg.Servers[0].Profile.IdleHold = 10 * time.Minute
			cfg.Model.Inactivity = 5 * time.Minute
			cfg.Model.Session.PerMessage = rng.Constant(120) // idle from 2:00.5 on, in use from 6:30 to 8:30
			cfg.Loads[0].Kind, cfg.Loads[0].Every = load.Regular, 6*time.Minute+30*time.Second
		})
		require.InDelta(t, 390+120+message+300, got, 1e-6)
	})
}
