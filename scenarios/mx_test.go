package scenarios

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// TestR4_17_ExchangersOfARemote: a record is a domain and a preference, 10 when left out.
func TestR4_17_ExchangersOfARemote(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"org.toml": {Data: org}, "x.toml": {Data: []byte(`base = "org.toml"
[[remote]]
name = "mx1"
mx = ["Contoso.com;5", "fabrikam.com"]
[[remote]]
name = "mx2"
mx = "contoso.com;20"
`)}}, "x.toml")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	got := map[string][]topology.MX{}
	for _, r := range cfg.Org.Remotes {
		got[r.Name] = r.MX
	}
	require.Equal(t, []topology.MX{{Domain: "contoso.com", Preference: 5}, {Domain: "fabrikam.com", Preference: 10}}, got["mx1"])
	require.Equal(t, []topology.MX{{Domain: "contoso.com", Preference: 20}}, got["mx2"])
}

// TestX9_SizeOfASendConnector: 10 MB in 2007 and 2010, 25 MB in 2013, 35 MB from 2016 on.
func TestX9_SizeOfASendConnector(t *testing.T) {
	t.Parallel()
	for v, want := range map[topology.Version]int64{
		topology.V2007RTM: 10 << 20, topology.V2007: 10 << 20, topology.V2010RTM: 10 << 20, topology.V2010: 10 << 20,
		topology.V2013: 25 << 20, topology.V2016: 35 << 20, topology.VSE: 35 << 20,
	} {
		require.Equal(t, want, defaultConnectorSize(v), "%s", v)
	}
}
