package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
)

// TestFI4_OneLogForASession: what a session that fails leaves behind, at whom, and what would be wrong.
func TestFI4_OneLogForASession(t *testing.T) {
	t.Parallel()
	before := [2]entriesOf{{3, "x"}, {2, "y"}}
	at := func(a, b entriesOf) [2]entriesOf { return [2]entriesOf{a, b} }
	none := before
	inbound, outbound := at(entriesOf{4, "to"}, before[1]), at(before[0], entriesOf{3, "from"})
	both := at(entriesOf{4, "to"}, entriesOf{3, "from"})
	for auth, c := range map[directory.Auth]struct {
		right [2]entriesOf
		rule  string // broken by none
	}{
		directory.AuthSkew: {inbound, "FI-3"}, directory.AuthLatched: {inbound, "FI-3"}, directory.AuthKey: {inbound, "FI-3"}, directory.AuthApart: {inbound, "FI-3"},
		directory.AuthNoTicket: {outbound, "FI-4"}, directory.AuthNoName: {outbound, "FI-4"}, directory.AuthNoLogon: {outbound, "FI-4"},
		directory.AuthStripped: {none, ""},
	} {
		says := func(after [2]entriesOf) string { return misLogged(auth, "from", "to", before, after) }
		require.Empty(t, says(c.right), auth)
		require.Equal(t, c.rule, says(none), auth)
		require.Equal(t, "FI-4", says(both), auth)
		require.NotEmpty(t, says(at(entriesOf{4, "from"}, before[1])), "%s: logged at the sender", auth)
		require.NotEmpty(t, says(at(before[0], entriesOf{3, "to"})), "%s: logged at the receiver", auth)
		require.NotEmpty(t, says(at(entriesOf{5, "to"}, before[1])), "%s: logged twice", auth)
	}
}
