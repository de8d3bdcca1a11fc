package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ5_4_KeyOfAScenario: an Edge takes 200 recipients in a transaction unless told otherwise, and a hub five thousand: more than any envelope has.
func TestQ5_4_KeyOfAScenario(t *testing.T) {
	t.Parallel()
	base := `
duration = "1h"
[model]
version = "2010"
categoriser = "off"
[[site]]
name = "A"
[[hub]]
name = "h"
site = "A"
[[mailbox]]
name = "m"
site = "A"
[[edge]]
name = "e"
subscribed_site = "A"
%s
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["e"]
smart_hosts = ["cloud"]
[[remote]]
name = "cloud"
[[load]]
kind = "burst"
from = "mailbox:m"
to = "domain:x.example"
at = "1m"
count = 1
size = "10KB"
recipients = 850
`
	for _, c := range []struct {
		keys   string
		copies float64
	}{
		{"", 5},
		{"receive = { max_recipients_per_message = 400 }", 3},
		{"receive = { max_recipients_per_message = 0 }", 1},
	} {
		w := work(t, fmt.Sprintf(base, c.keys))
		require.Equal(t, 850.0, w.figure("messages.delivered", "site=all", "total"))
		require.Equal(t, c.copies, w.figure("throughput", "server=e", "count"), c.keys)
	}
}
