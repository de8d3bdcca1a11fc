package scenarios_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim/transport"
)

// TestQ11_2_AsInstalled: servers keep shadow copies as their version does, unless the model says no; the worked cases have none unless it
// says so. An Edge has none.
func TestQ11_2_AsInstalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, model string
		want           transport.Shadowing
		reject         bool
	}{
		{"2007", "", transport.NoShadow, false},
		{"2010", "", transport.PreviousHop, false},
		{"2013", "", transport.BeforeReply, false},
		{"se", "", transport.BeforeReply, false},
		{"2013", "shadow = false", transport.NoShadow, false},
		{"2013", `profile = "reference"`, transport.NoShadow, false},
		{"2013", "profile = \"reference\"\nshadow = true", transport.BeforeReply, false},
		{"2010", "reject_message_on_shadow_failure = true", transport.PreviousHop, false},
		{"2013", "reject_message_on_shadow_failure = true", transport.BeforeReply, true},
	} {
		text := "name = \"x\"\nduration = \"1h\"\n[model]\nversion = \"" + c.version + "\"\n" + c.model + `
[[site]]
name = "A"
[[edge]]
name = "e"
subscribed_site = "A"
[[mailbox]]
name = "m"
site = "A"
[[load]]
kind = "regular"
from = "site:A"
to = "site:A"
every = "1h"
count = 1
`
		if c.version < "2013" {
			text += "[[hub]]\nname = \"m\"\nsite = \"A\"\n"
		}
		s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
		require.NoError(t, err, c.model)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		for i, server := range cfg.Org.Servers {
			want, reject := c.want, c.reject
			if server.Name == "e" {
				want, reject = transport.NoShadow, false
			}
			require.Equal(t, reject, cfg.Servers[i].Shadow.Reject, "%s of %s %s", server.Name, c.version, c.model)
			require.Equal(t, want, cfg.Servers[i].Shadow.Mode, "%s of %s %s", server.Name, c.version, c.model)
		}
	}
}
