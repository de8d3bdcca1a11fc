package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ6_1_SessionsByServerVersion: what a session costs is asked of the two servers, not of the version of [model], which stands for neither of them here.
// Servers of 2010 say XSHADOW to each other, a round trip more; nobody else does.
func TestQ6_1_SessionsByServerVersion(t *testing.T) {
	t.Parallel()
	server := func(site, version string) string {
		if version >= "2013" {
			return fmt.Sprintf("[[mailbox]]\nname = \"m%s\"\nsite = %q\nversion = %q\n", site, site, version)
		}
		return fmt.Sprintf("[[hub]]\nname = \"h%[1]s\"\nsite = %[1]q\nversion = %[2]q\n[[mailbox]]\nname = \"m%[1]s\"\nsite = %[1]q\nversion = %[2]q\n", site, version)
	}
	for _, c := range []struct {
		from, to   string
		roundTrips float64 // of 1 s
	}{
		{"2010", "2010", 9},
		{"2010rtm", "2010", 9},
		{"2010", "2007", 8},
		{"2007", "2010", 8},
		{"2007", "2007rtm", 8},
		{"2010", "2013", 8},
		{"2013", "2010", 8},
		{"2016", "2013", 8},
	} {
		for _, model := range []string{"2007", "2010", "2019"} {
			t.Run(c.from+" "+c.to+" "+model, func(t *testing.T) {
				t.Parallel()
				w := work(t, fmt.Sprintf(`
duration = "10m"
[model]
version = %q
categoriser = "off"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
rtt = "1s"
cost = 10
%s%s
[[load]]
kind = "burst"
from = "mailbox:mA"
to = "mailbox:mB"
at = "1m"
count = 1
size = "1KB"
`, model, server("A", c.from), server("B", c.to)))
				require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"))
				require.InDelta(t, c.roundTrips+2, w.figure("delivery.delay", "from=all,to=all", "max"), 0.1)
			})
		}
	}
}
