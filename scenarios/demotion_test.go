package scenarios_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// TestQ9_3_KeyOfAScenario: cost_demotion is off as installed, is there from 2010 SP1 on, and has no place beside priority queueing.
func TestQ9_3_KeyOfAScenario(t *testing.T) {
	t.Parallel()
	load := func(version, keys string) (*scenarios.Scenario, error) {
		text := fmt.Sprintf("duration = \"1h\"\n[model]\nversion = %q\n[[site]]\nname = \"A\"\n[[hub]]\nname = \"h\"\nsite = \"A\"\n%s\n", version, keys)
		return scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
	}
	for keys, want := range map[string]bool{"": false, "cost_demotion = true": true} {
		s, err := load("2010", keys)
		require.NoError(t, err)
		cfg, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		require.Equal(t, want, cfg.Servers[0].Profile.CostDemotion)
	}
	_, err := load("2010rtm", "cost_demotion = true")
	require.ErrorContains(t, err, "version 2010rtm has none; remove it")
	_, err = load("2010", "cost_demotion = true\npriority_queueing = true")
	require.ErrorContains(t, err, "priority_queueing decides what is served first; remove one of the two")
}
