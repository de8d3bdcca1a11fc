package topology

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAcceptedDomainsAreChecked(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.AcceptedDomain(AcceptedDomain{Domain: "a.example"})
	b.AcceptedDomain(AcceptedDomain{Domain: "b.example", Type: InternalRelay})
	o, err := b.Build()
	require.NoError(t, err)
	require.Equal(t, []AcceptedDomain{{"a.example", Authoritative}, {"b.example", InternalRelay}}, o.AcceptedDomains)

	b.AcceptedDomain(AcceptedDomain{})
	b.AcceptedDomain(AcceptedDomain{Domain: "A.example"})
	_, err = b.Build()
	require.EqualError(t, err, "accepted domain 2: has no name\naccepted domain \"A.example\": declared twice (names are compared without regard to case)")
}
