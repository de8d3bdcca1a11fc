package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ4_6_CeilingIsLowered: an operator gives a connector a lower ceiling while connections are open. Those stay, and the run that ends before they do
// has broken no law; none is opened beside them until there are fewer than the new ceiling.
func TestQ4_6_CeilingIsLowered(t *testing.T) {
	t.Parallel()
	const src = `duration = "20m"
[model]
profile = "reference"
[output]
sample_interval = "30s"
series = ["queue"]
[defaults.hub]
max_messages_per_connection = 5
[[remote]]
name = "slow"
session = { setup = "0s", per_message = "1m" }
[[connector]]
name = "direct"
address_spaces = ["SMTP:slow.example;1"]
source_servers = ["a1"]
smart_hosts = ["slow"]
[[load]]
id = "burst"
kind = "burst"
at = "1m"
count = 390
from = "site:A"
to = "domain:slow.example"
[[action]]
at = "2m"
duration = "30s"
action = "set_connector"
target = { connector = "direct" }
max_per_domain_outbound_connections = 3
`
	open := func(src string) []float64 {
		got := outcome(t, configOf(t, src)) // no law is broken, whenever the run ends
		for i := range got.Series {
			if s := &got.Series[i]; s.Metric == "queue.connections" && strings.Contains(s.Labels.String(), "server=a1,next_hop=slow") {
				return s.Last
			}
		}
		return nil
	}
	at := open(src)
	require.Equal(t, 20., at[4], "connections that are open stay")
	require.Equal(t, []float64{3, 3, 3}, at[20:23], "after five messages each they are closed")
	require.Equal(t, at[:8], open(strings.Replace(src, "20m", "4m", 1)))
}
