package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
)

// The reference organisations, written out. Tests take the shipped ones as their base, but for those of 2013 and later, whose hubs are mailbox
// servers, and of servers that are not there at first: a base keeps its tables.

// ref2Written is ref2 without a base.
const ref2Written = `
name = "ref-2"
start = %s
duration = "%s"
seed = 7
[model]
version = "2007"
profile = "reference"
[[site]]
name = "A"
[[site]]
name = "B"
[[link]]
name = "A-B"
sites = ["A", "B"]
cost = 10
rtt = "0s"
bandwidth = "unlimited"
replication_interval = "180m"
[[hub]]
name = "A1"
site = "A"
[[hub]]
name = "B1"
site = "B"
[[edge]]
name = "AE1"
subscribed_site = "A"
[[edge]]
name = "BE1"
subscribed_site = "B"
[[mailbox]]
name = "AM1"
site = "A"
mailboxes = 100
[[mailbox]]
name = "BM1"
site = "B"
mailboxes = 100
[[dc]]
name = "AD1"
site = "A"
pdc_emulator = true
[[dc]]
name = "BD1"
site = "B"
[[connector]]
name = "C-A"
address_spaces = ["SMTP:*;%d"]
source_servers = ["AE1"]
dns = true
[[connector]]
name = "C-B"
address_spaces = ["SMTP:*;%d"]
source_servers = ["BE1"]
dns = true
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[output]
sample_interval = "1s"
series = ["queue", "server"]
`

// ref3Written is ref3 without a base.
func ref3Written(start, duration string) string {
	text := fmt.Sprintf(ref2Written, start, duration, 10, 10)
	text = strings.Replace(text, "name = \"A1\"\n", "name = \"A1\"\ndc = \"AD1\"\n", 1)
	return text + `
[[site]]
name = "C"
[[link]]
name = "B-C"
sites = ["B", "C"]
cost = 10
rtt = "0s"
replication_interval = "60m"
replication_phase = "30m"
[[link]]
name = "A-C"
sites = ["A", "C"]
cost = 30
rtt = "0s"
[[hub]]
name = "A2"
site = "A"
dc = "AD2"
[[hub]]
name = "C1"
site = "C"
[[mailbox]]
name = "CM1"
site = "C"
mailboxes = 100
[[dc]]
name = "AD2"
site = "A"
[[dc]]
name = "CD1"
site = "C"
`
}

// newer makes an organisation of 2013 of one of 2007: its hubs are mailbox servers, and there are no others.
func newer(text string) string {
	for _, m := range []string{"AM1", "BM1", "CM1"} {
		if i := strings.Index(text, "[[mailbox]]\nname = \""+m); i >= 0 {
			end := i + strings.Index(text[i:], "mailboxes = 100\n") + len("mailboxes = 100\n")
			text = text[:i] + text[end:]
		}
	}
	return strings.ReplaceAll(strings.Replace(text, `version = "2007"`, `version = "2013"`, 1), "[[hub]]", "[[mailbox]]")
}

// TestReferenceOrganisations: what is written out is what is shipped.
func TestReferenceOrganisations(t *testing.T) {
	t.Parallel()
	config := func(text string) *sim.Config {
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
		require.NoError(t, err)
		c, err := s.Config(s.Points()[0])
		require.NoError(t, err)
		c.Name = ""
		return c
	}
	require.Equal(t, config(fmt.Sprintf(ref2, at0900, "2h", 1, 50)), config(fmt.Sprintf(ref2Written, at0900, "2h", 1, 50)))
	require.Equal(t, config(ref3(at0900, "2h")), config(ref3Written(at0900, "2h")))
}
