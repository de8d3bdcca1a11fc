package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
	"mailsim/topology/route"
)

// An address is a name and a domain of labels between dots; anything else is told, not routed.
func TestAddressesOfRecipients(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	b.Site(topology.Site{Name: "A"})
	org, err := b.Build()
	require.NoError(t, err)
	for _, good := range []string{"anna@customer.example", "a.b+c@x", "anna@SMTP:customer.example"} {
		d, err := parseRecipient(org, good)
		require.NoError(t, err, good)
		require.Equal(t, route.External, d.Kind)
	}
	for _, bad := range []string{"anna@", "@x.example", "a@b@c", "a@.", "a b@c", "a@b c", "a@b..c", "a@*.example", "a@b;1"} {
		_, err := parseRecipient(org, bad)
		require.ErrorContains(t, err, "an address is name@domain", bad)
	}
}
