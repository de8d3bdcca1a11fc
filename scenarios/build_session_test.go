package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
	"mailsim/topology"
)

// TestQ6_1_TLSAndAuthentication: TLS 1.3 and a resumed session save a round trip of the handshake; another way to authenticate takes
// the place of the profile's.
func TestQ6_1_TLSAndAuthentication(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]float64{
		`profile = "exchange-auth", tls = "1.2"`:                          8,
		`profile = "exchange-auth", tls = "1.3"`:                          7,
		`profile = "exchange-auth", tls = "resumed"`:                      7,
		`profile = "exchange-auth-2010", tls = "resumed"`:                 8,
		`profile = "starttls-chunking", tls = "1.3"`:                      6,
		`profile = "starttls-chunking", auth = "login"`:                   10,
		`profile = "starttls-chunking", auth = "login", tls = "1.3"`:      9,
		`profile = "starttls-chunking", auth = "ntlm-initial"`:            9,
		`profile = "exchange-auth", auth = "ntlm"`:                        10,
		`profile = "exchange-auth", auth = "gssapi"`:                      9,
		`profile = "exchange-auth", auth = "exchange"`:                    8,
		`profile = "exchange-auth-gssapi", auth = "none"`:                 3,
		`profile = "esmtp-chunking", auth = "none"`:                       3,
		`profile = "exchange-auth-gssapi", message_work = "0s"`:           5,
		`round_trips = 4, per_message_round_trips = 2, setup_work = "0s"`: 4,
	} {
		cfg := configOf(t, "[model]\nsession = { "+options+" }\n[[remote]]\nname = \"cloud\"\nsession = { "+options+" }\n")
		require.Equal(t, want, cfg.Model.Session.RoundTrips, options)
		require.Equal(t, want, cfg.Remotes[0].Session.RoundTrips, options)
		require.Equal(t, 2.0, cfg.Model.Session.PerMessageRoundTrips, options)
	}
}

// TestQ6_2_ChunkingIsBDAT: sender and recipients in one write, the body in one BDAT: a round trip less than with DATA, which waits for its
// answer before the body goes. Nothing is counted for another verb.
func TestQ6_2_ChunkingIsBDAT(t *testing.T) {
	t.Parallel()
	require.Equal(t, profileCost("esmtp-pipelining").PerMessageRoundTrips-1, profileCost("esmtp-chunking").PerMessageRoundTrips)
	require.Equal(t, profileCost("esmtp-pipelining").RoundTrips, profileCost("esmtp-chunking").RoundTrips)
}

// TestQ6_3_WorkBesideAProfile: what a ticket costs is added to the round trips of a profile.
func TestQ6_3_WorkBesideAProfile(t *testing.T) {
	t.Parallel()
	want := trips(8, 2)
	want.Setup, want.PerMessage = rng.Constant(0.094), rng.Constant(0.11)
	cfg := configOf(t, "[model]\nsession = { profile = \"exchange-auth\", setup_work = \"94ms\", message_work = \"110ms\" }\n")
	require.Equal(t, want, cfg.Model.Session)
}

// TestQ4_11_ConnectionOptions: window, slow start and idle hold reach the run, and are off where nobody asks for them.
func TestQ4_11_ConnectionOptions(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "")
	require.Zero(t, cfg.Model.TCPWindow)
	require.False(t, cfg.Model.SlowStart)
	for i := range cfg.Servers {
		require.Zero(t, cfg.Servers[i].Profile.IdleHold)
	}
	require.Equal(t, []time.Duration{5 * time.Minute, time.Minute}, []time.Duration{cfg.Model.Inactivity, cfg.Model.EdgeInactivity})

	cfg = configOf(t, "[model]\ntcp_window = \"64KB\"\nslow_start = true\n[defaults.hub]\nidle_hold = \"3m\"\n[defaults.edge]\nidle_hold = \"10m\"\n")
	require.EqualValues(t, 65536, cfg.Model.TCPWindow)
	require.True(t, cfg.Model.SlowStart)
	for i := range cfg.Servers {
		switch s := &cfg.Org.Servers[i]; {
		case s.Is(topology.RoleEdge):
			require.Equal(t, 10*time.Minute, cfg.Servers[i].Profile.IdleHold)
		case s.Is(topology.RoleHub):
			require.Equal(t, 3*time.Minute, cfg.Servers[i].Profile.IdleHold)
		}
	}
}
