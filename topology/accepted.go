package topology

// AcceptedType says what the organisation does with mail for an accepted domain.
type AcceptedType uint8

// The types of accepted domains.
const (
	Authoritative AcceptedType = iota // its recipients are all in the organisation
	InternalRelay                     // some of them are elsewhere: mail for those goes on through a connector
	ExternalRelay                     // all of them are elsewhere: mail is taken in and passed on
)

// AcceptedDomain is a domain that the organisation takes mail for: what "--" stands for in an address space.
type AcceptedDomain struct {
	Domain string // lower case
	Type   AcceptedType
}

// AcceptedDomain adds an accepted domain.
func (b *Builder) AcceptedDomain(d AcceptedDomain) {
	b.org.AcceptedDomains = append(b.org.AcceptedDomains, d)
}

// checkAcceptedDomains reports domains that are empty or stand twice.
func (o *Organisation) checkAcceptedDomains(bad func(string, ...any)) {
	unique(bad, "accepted domain", len(o.AcceptedDomains), func(i int) string { return o.AcceptedDomains[i].Domain })
}
