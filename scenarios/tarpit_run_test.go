package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ5_4_TarpitInARun: a server that looks recipients up refuses those that do not exist, and holds its reply to a sender outside for each of them. Without
// that the message comes at once, and the first hub makes a report.
func TestQ5_4_TarpitInARun(t *testing.T) {
	t.Parallel()
	const edge, validates = "[[edge]]\nname = \"e\"\nsubscribed_site = \"A\"\n", "recipient_validation = true"
	for _, c := range []struct {
		name, edge, receive, kind string
		from, to, cc              string
		delay                     float64 // seconds of the recipient who exists
		delivered, ndrs           float64
	}{
		{"not looked up", edge, "", "authoritative", "internet", "mailbox:am", `["domain:contoso.com"]`, 0, 1, 1},
		{"one refused", edge, validates, "authoritative", "internet", "mailbox:am", `["domain:contoso.com"]`, 5, 1, 0},
		{"three refused", edge, validates, "authoritative", "internet", "mailbox:am", `["domain:contoso.com", "domain:a.contoso.com", "domain:b.contoso.com"]`, 15, 1, 0},
		{"a tarpit of its own", edge, validates + `, tarpit = "7s"`, "authoritative", "internet", "mailbox:am", `["domain:contoso.com", "domain:a.contoso.com"]`, 14, 1, 0},
		{"no tarpit", edge, validates + `, tarpit = "0s"`, "authoritative", "internet", "mailbox:am", `["domain:contoso.com"]`, 0, 1, 0},
		{"nobody is left", edge, validates, "authoritative", "internet", "domain:contoso.com", `["domain:a.contoso.com"]`, 0, 0, 0},
		{"a hub that talks to the outside", "", validates, "authoritative", "internet", "mailbox:am", `["domain:contoso.com"]`, 5, 1, 0},
		{"a domain whose recipients are not all known", edge, validates, "external_relay", "internet", "mailbox:am", `["domain:contoso.com"]`, 0, 2, 0},
		{"a sender inside", edge, validates, "authoritative", "mailbox:am", "mailbox:am", `["domain:contoso.com"]`, 0, 1, 1},
		{"the one mailbox, twice", edge, validates, "authoritative", "internet", "mailbox:am", `["mailbox:am"]`, 0, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := map[bool]string{true: c.edge + "receive = { " + c.receive + " }\n"}[c.edge != ""]
			hub := map[bool]string{true: "receive = { " + c.receive + " }\n"}[c.edge == ""]
			domains := ""
			for _, d := range []string{"", "a.", "b."} {
				domains += fmt.Sprintf("[[accepted_domain]]\ndomain = \"%scontoso.com\"\ntype = %q\n", d, c.kind)
			}
			w := work(t, fmt.Sprintf(`
duration = "1h"
[model]
version = "2010"
categoriser = "off"
[[site]]
name = "A"
[[hub]]
name = "a"
site = "A"
%s[[mailbox]]
name = "am"
site = "A"
%s[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = [%q]
smart_hosts = ["cloud"]
[[remote]]
name = "cloud"
session = { setup = "0s", per_message = "0s" }
%s[[load]]
kind = "burst"
from = %q
to = %q
cc = %s
at = "1m"
count = 1
size = "10KB"
`, hub, server, map[bool]string{true: "a", false: "e"}[c.edge == ""], domains, c.from, c.to, c.cc))
			require.Equal(t, c.delivered, w.figure("messages.delivered", "site=all", "total")-w.figure("messages.reports", "site=all", "total"))
			require.Equal(t, c.ndrs, w.figure("dsn.count", "kind=ndr", "total"))
			if c.delivered > 0 {
				require.InDelta(t, c.delay, w.figure("delivery.delay", "from=all,to=all", "max"), 0.2)
			}
		})
	}
}
