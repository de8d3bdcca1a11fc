package scenarios

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQX3_ConnectionTimeouts(t *testing.T) {
	t.Parallel()
	m := configOf(t, "").Model
	require.Equal(t, []time.Duration{10 * time.Minute, 5 * time.Minute}, []time.Duration{m.ConnectionTimeout, m.EdgeTimeout})
}

func TestQX12_AQueueHasNoHigherCeilingThanItsServer(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	const src = "base = \"org.toml\"\n[[hub]]\nname = \"a1\"\nmax_outbound_connections = 20\nmax_per_domain_outbound_connections = 21\n"
	_, err = Load(fstest.MapFS{"x.toml": {Data: []byte(src)}, "org.toml": {Data: org}}, "x.toml")
	require.ErrorContains(t, err, "max_per_domain_outbound_connections is 21, more than max_outbound_connections, 20")
}
