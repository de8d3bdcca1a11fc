package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
)

// Every kind of fault has its row in the reference, with what it is aimed at and the keys that the loader takes.
func TestReferenceOfKinds(t *testing.T) {
	t.Parallel()
	require.Len(t, kindNotes(), len(fault.KindNames()))
	for i, n := range kindNotes() {
		require.NotEmpty(t, n.what, fault.Kind(i))
		require.NotEmpty(t, n.rule, fault.Kind(i))
		for j, word := range strings.Split(n.cure, "`") {
			if _, ok := fault.ParseAction(word); j%2 == 1 {
				require.True(t, ok, "%s: there is no action %s", fault.Kind(i), word)
			}
		}
	}
	var b strings.Builder
	kindList(&b)
	rows := map[string]string{}
	for line := range strings.Lines(b.String()) {
		if cells := strings.Split(line, " | "); len(cells) == 6 {
			rows[strings.Trim(cells[0], "|` ")] = cells[2] + " | " + cells[3]
		}
	}
	for kind, want := range map[string]string{
		"backscatter":     "host, site, role: edge | `rate`, `unknown_fraction`, `domains`, `reject_at_rcpt`, *ramps*",
		"duplicate_storm": "host, site, role: hub, edge, mailbox; or nothing: all | `copies`, `delay`, `same_message_id`, *ramps*",
		"link_down":       "link, network | `direction`, `ports`",
		"partition":       "`side_a`, `side_b`: sites | `direction`",
		"repl_fail":       "link; or host, site, role: dc | `breaks_auth`, `bridgeheads`",
		"remote_greylist": "remote or domain | `delay`, `retry_window`, `remember`",
		"client_update": "host, site: populations of clients | `release`, `affects_server`, `scan_delay`, `install_time`, `broadcast_at`, `restart_spread`, " +
			"`resend_spread`, `resend_fraction`",
	} {
		require.Equal(t, want, rows[kind], kind)
	}
}
