package scenarios

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every shipped scenario loads without a warning but for what it is there to show, and so does what it resolves to, with the same result.
func TestShippedScenariosAreSound(t *testing.T) {
	t.Parallel()
	for _, name := range Shipped() {
		t.Run(strings.TrimPrefix(name, "@"), func(t *testing.T) {
			t.Parallel()
			s, err := Load(nil, name)
			require.NoError(t, err)
			if name == "@regression/nat-limit" { // it shows what happens when the warning is not heeded; five sites share its connector
				require.Len(t, s.Warnings(), 2)
				require.Equal(t, "L003", s.Warnings()[0].Code)
				require.Contains(t, s.Warnings()[1].Text, "(Q-5.6)")
			} else {
				require.Empty(t, texts(s.Warnings()))
			}
			require.NotEmpty(t, s.Description())
			for _, p := range s.Points() {
				_, err := s.Config(p)
				require.NoError(t, err)
			}
			requireSameAgain(t, s)
		})
	}
}

// Every kind of fault has a short scenario of its own, which says what is to be seen of it; that it has ended, too: no mail is held and none was returned, or how much.
func TestEveryKindHasAScenario(t *testing.T) {
	t.Parallel()
	for _, kind := range legalKinds() {
		found := 0
		for _, name := range Shipped() {
			if !strings.HasPrefix(name, "@faults/"+strings.ReplaceAll(kind, "_", "-")) {
				continue
			}
			found++
			s, err := Load(nil, name)
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(s.Expectations()), 5, name)
			metrics := map[string]bool{}
			for _, e := range s.Expectations() {
				metrics[e.Metric] = true
			}
			require.True(t, metrics["messages.held"] || metrics["messages.delivered"] || metrics["client.drafts"], "%s: nothing says that all is through in the end", name)
			require.True(t, metrics["messages.bounced"] || metrics["dsn.count"] || metrics["messages.expired"], "%s: nothing says what is returned", name)
		}
		require.NotZero(t, found, "no scenario in faults for %s", kind)
	}
}

// requireSameAgain checks that the resolved scenario is one, and the same.
func requireSameAgain(t *testing.T, s *Scenario) {
	t.Helper()
	resolved := s.Resolved()
	dir := t.TempDir()
	again := dir + "/again.toml"
	require.NoError(t, os.WriteFile(again, resolved, 0o644))
	if len(s.traces.raws) > 0 {
		return // its files lie beside the scenario
	}
	r, err := Load(Disk{}, again)
	require.NoError(t, err)
	require.Equal(t, string(resolved), string(r.Resolved()))
	require.Equal(t, s.Hash(), r.Hash())
	require.Equal(t, s.Points(), r.Points())
	require.Equal(t, s.Topology(), r.Topology())
	require.Equal(t, s.Expectations(), r.Expectations())
	for _, p := range s.Points() {
		want, err := s.Config(p)
		require.NoError(t, err)
		got, err := r.Config(p)
		require.NoError(t, err)
		want.Name, got.Name = "", ""
		require.Equal(t, want, got)
	}
}
