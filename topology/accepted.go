package topology

import "strings"

// AcceptedType says who has the mailboxes of an accepted domain.
type AcceptedType uint8

// The types of accepted domains.
const (
	Authoritative AcceptedType = iota // all of them are in the organisation
	InternalRelay                     // some are: mail for the others goes on from inside, by a connector
	ExternalRelay                     // none are: mail goes on from the Edge, by a connector
)

// String is the spelling of a scenario.
func (a AcceptedType) String() string {
	switch a {
	case Authoritative:
		return "authoritative"
	case InternalRelay:
		return "internal_relay"
	}
	return "external_relay"
}

// AcceptedDomain is a domain for which the organisation accepts mail from outside.
type AcceptedDomain struct {
	Domain string // "contoso.com", or "*.contoso.com" for the domain and all below it
	Type   AcceptedType
}

// AcceptedDomain adds a domain for which the organisation accepts mail.
func (b *Builder) AcceptedDomain(d AcceptedDomain) {
	b.org.AcceptedDomains = append(b.org.AcceptedDomains, d)
}

// checkAcceptedDomains reports what is wrong with the accepted domains.
func (o *Organisation) checkAcceptedDomains(bad func(string, ...any)) {
	unique(bad, "accepted domain", len(o.AcceptedDomains), func(i int) string { return o.AcceptedDomains[i].Domain })
	for _, d := range o.AcceptedDomains {
		if d.Domain != "" && !validDomain(strings.TrimPrefix(d.Domain, "*.")) {
			bad("accepted domain %q: is not a domain; write one like \"contoso.com\", or \"*.contoso.com\" for all below it too", d.Domain)
		}
		if d.Type > ExternalRelay {
			bad("accepted domain %q: type %d is unknown", d.Domain, d.Type)
		}
	}
}
