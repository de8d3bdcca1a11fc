package topology

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestD27_AcceptedDomainsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		domains []AcceptedDomain
		want    string
	}{
		{[]AcceptedDomain{{"contoso.com", Authoritative}, {"*.contoso.com", InternalRelay}, {"fabrikam.com", ExternalRelay}}, ""},
		{[]AcceptedDomain{{"contoso.com", Authoritative}, {"Contoso.com", InternalRelay}}, `accepted domain "Contoso.com": declared twice (names are compared without regard to case)`},
		{[]AcceptedDomain{{"", Authoritative}}, `accepted domain 0: has no name`},
		{[]AcceptedDomain{{"*", InternalRelay}}, `accepted domain "*": is not a domain; write one like "contoso.com", or "*.contoso.com" for all below it too`},
		{[]AcceptedDomain{{"*contoso.com", InternalRelay}}, `accepted domain "*contoso.com": is not a domain; write one like "contoso.com", or "*.contoso.com" for all below it too`},
		{[]AcceptedDomain{{"contoso.com", 3}}, `accepted domain "contoso.com": type 3 is unknown`},
	} {
		b := twoSites()
		for _, d := range c.domains {
			b.AcceptedDomain(d)
		}
		o, err := b.Build()
		if c.want == "" {
			require.NoError(t, err)
			require.Equal(t, c.domains, o.AcceptedDomains)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
	for want, a := range map[string]AcceptedType{"authoritative": Authoritative, "internal_relay": InternalRelay, "external_relay": ExternalRelay} {
		require.Equal(t, want, a.String())
	}
}

func TestR5_2_AddressSpacesAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source ServerID
		hosts  []RemoteID
		spaces []AddressSpace
		want   []string
	}{
		{0, nil, []AddressSpace{{"SMTP", "*", 1}, {"", "*.contoso.com", 100}, {"smtp", "contoso.com", 1}, {"FAX", "+49 * x", 2}}, nil},
		{0, nil, []AddressSpace{{"SMTP", "*contoso.com", 1}}, []string{`connector "c": address space "*contoso.com" is not a domain; write "*", "contoso.com" or "*.contoso.com"`}},
		{0, nil, []AddressSpace{{"SMTP", "a..b", 1}}, []string{`connector "c": address space "a..b" is not a domain; write "*", "contoso.com" or "*.contoso.com"`}},
		{0, nil, []AddressSpace{{"FAX", "", 1}}, []string{`connector "c": an address space is empty`}},
		{0, nil, []AddressSpace{{"SMTP", "*", 0}, {"SMTP", "x.com", 101}}, []string{
			`connector "c": address space "*": cost must be 1 to 100, is 0`, `connector "c": address space "x.com": cost must be 1 to 100, is 101`,
		}},
		{2, nil, []AddressSpace{{"SMTP", "--", 1}}, nil},
		{0, nil, []AddressSpace{{"SMTP", "--", 1}}, []string{`connector "c": a connector for "--" is one of Edge servers; "hA1" is none`}},
		{2, []RemoteID{0}, []AddressSpace{{"SMTP", "--", 1}}, []string{`connector "c": a connector for "--" sends to the hubs of its Edge servers' site; remove the smart hosts`}},
		{2, nil, []AddressSpace{{"SMTP", "--", 1}, {"SMTP", "*", 1}}, []string{
			`connector "c": "--" stands for the organisation's own domains and has a connector of its own; remove the other address spaces`,
		}},
	} {
		b := twoSites()
		b.Connector(Connector{Name: "c", Sources: []ServerID{c.source}, AddressSpaces: c.spaces, SmartHosts: c.hosts})
		_, err := b.Build()
		if c.want == nil {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, strings.Join(c.want, "\n"))
		}
	}
}

func TestR4_17_MXRecordsAreChecked(t *testing.T) {
	t.Parallel()
	b := twoSites()
	b.Remote(Remote{Name: "good", MX: []MX{{"contoso.com", 0}, {"fabrikam.com", 65535}}})
	b.Remote(Remote{Name: "bad", MX: []MX{{"*.contoso.com", 10}, {"contoso.com", -1}, {"fabrikam.com", 65536}, {"x.com", 1}, {"X.com", 2}}})
	_, err := b.Build()
	require.EqualError(t, err, strings.Join([]string{
		`remote "bad": mx: "*.contoso.com" is not a domain; write one like "contoso.com"`,
		`remote "bad": mx for "contoso.com": preference must be 0 to 65535, is -1`,
		`remote "bad": mx for "fabrikam.com": preference must be 0 to 65535, is 65536`,
		`remote "bad": mx for "X.com" stands twice; keep one`,
	}, "\n"))
}
