package scenarios

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestQX3_ConnectionTimeouts: an Edge ends connections after 5 minutes and after one of silence, others after 10 and 5; whoever sets one sets it below the
// other.
func TestQX3_ConnectionTimeouts(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"", "[model]\nprofile = \"reference\"\n"} {
		cfg := configOf(t, profile+"[[hub]]\nname = \"b1\"\nreceive = { connection_timeout = \"3m\", connection_inactivity_timeout = \"20s\" }\n[[edge]]\nname = \"ae1\"\nreceive = { connection_inactivity_timeout = \"2m\" }\n")
		m := &cfg.Model
		require.Equal(t, []time.Duration{10 * time.Minute, 5 * time.Minute}, []time.Duration{m.ConnectionTimeout, m.EdgeTimeout})
		require.Equal(t, []time.Duration{5 * time.Minute, time.Minute}, []time.Duration{m.Inactivity, m.EdgeInactivity})
		of := func(name string) []time.Duration {
			id, ok := cfg.Org.ServerByName(name)
			require.True(t, ok, name)
			l := &cfg.Servers[id].Receive
			return []time.Duration{l.ConnectionTimeout, l.InactivityTimeout}
		}
		require.Equal(t, []time.Duration{3 * time.Minute, 20 * time.Second}, of("b1"))
		require.Equal(t, []time.Duration{5 * time.Minute, 2 * time.Minute}, of("ae1"))
		if profile == "" {
			require.Equal(t, []time.Duration{10 * time.Minute, 5 * time.Minute}, of("a1"))
		}
	}
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	for keys, want := range map[string]string{
		`connection_timeout = "5m"`:             "connection_timeout: connection_inactivity_timeout is 5m and connection_timeout 5m; ",
		`connection_inactivity_timeout = "10m"`: "connection_inactivity_timeout: connection_inactivity_timeout is 10m and connection_timeout 10m; ",
	} {
		src := "base = \"org.toml\"\n[[hub]]\nname = \"a1\"\nreceive = { " + keys + " }\n"
		_, err = Load(fstest.MapFS{"x.toml": {Data: []byte(src)}, "org.toml": {Data: org}}, "x.toml")
		require.ErrorContains(t, err, want)
	}
}

func TestQX12_AQueueHasNoHigherCeilingThanItsServer(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	const src = "base = \"org.toml\"\n[[hub]]\nname = \"a1\"\nmax_outbound_connections = 20\nmax_per_domain_outbound_connections = 21\n"
	_, err = Load(fstest.MapFS{"x.toml": {Data: []byte(src)}, "org.toml": {Data: org}}, "x.toml")
	require.ErrorContains(t, err, "max_per_domain_outbound_connections is 21, more than max_outbound_connections, 20")
}
