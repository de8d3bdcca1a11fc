package scenarios

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/topology"
	"mailsim/topology/route"
)

// texts gives the warnings as lines.
func texts(ps []Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return out
}

func loadGood(t *testing.T, name string, set ...string) *Scenario {
	t.Helper()
	s, err := Load(os.DirFS("testdata/good"), name, set...)
	require.NoError(t, err)
	return s
}

func TestLoadTranslatesTheWholeOfAScenario(t *testing.T) {
	t.Parallel()
	s := loadGood(t, "design.toml")
	require.Equal(t, "edge-threshold", s.Name())
	require.Equal(t, 10, s.Replications())
	require.Len(t, s.Points(), 10)
	require.Empty(t, texts(s.Warnings()))
	p := s.Points()[3]
	require.Equal(t, "connection_threshold = 5, version = 2007", p.Label)
	cfg, err := s.Config(p)
	require.NoError(t, err)
	require.Equal(t, 4*time.Hour, cfg.Duration)
	require.EqualValues(t, 42, cfg.Seed)
	require.Equal(t, topology.V2007, cfg.Org.Version)
	require.Len(t, cfg.Org.Servers, 6)
	require.Equal(t, topology.RoleHub|topology.RoleMailbox, cfg.Org.Servers[1].Roles)
	edge, _ := cfg.Org.ServerByName("tyo-edge1")
	require.Equal(t, 5, cfg.Servers[edge].Profile.Threshold[route.ClassMailbox])
	require.Equal(t, load.PartyInternet, cfg.Loads[1].To[0].Kind)
}
