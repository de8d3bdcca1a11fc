package scenarios

import (
	"mailsim/sim"
	"mailsim/sim/rng"
)

// sessionProfile is a named number of round trips (docs/scenario-reference.md).
type sessionProfile struct {
	name      string
	setup     float64 // round trips of the set-up
	message   float64 // of a message with one recipient
	recipient float64 // of each further recipient: only a sender that does not pipeline waits for every one
	doc       string
}

// sessionProfiles lists the profiles that [model] and [[remote]] may name, in the order of the documentation.
func sessionProfiles() []sessionProfile {
	return []sessionProfile{
		{"smtp-plain", 3, 4, 1, "Plain SMTP: connect, banner, EHLO; then every command waits for its reply."},
		{"esmtp-pipelining", 3, 3, 0, "Sender and recipients go in one write, DATA waits."},
		{"esmtp-pipelining-max", 3, 2, 0, "DATA goes in the same write."},
		{"esmtp-chunking", 3, 2, 0, "Sender and recipients go in one write, then the body in one BDAT."},
		{"esmtp-chunking-max", 3, 1, 0, "The body goes in the same write."},
		{"starttls-chunking", 7, 2, 0, "As esmtp-chunking, after STARTTLS with a full TLS 1.2 handshake and a second EHLO."},
		{"exchange-auth", 8, 2, 0, "Hub to hub: X-ANONYMOUSTLS with a full TLS 1.2 handshake, a second EHLO, then the authentication."},
		{"exchange-auth-2010", 9, 2, 0, "The same with the XSHADOW command of 2010."},
		{"exchange-auth-gssapi", 5, 2, 0, "Hub to hub without TLS, with two legs of authentication."},
	}
}

// profileCost returns the cost of a session profile; none for a name that there is not.
func profileCost(name string) sim.SessionCost {
	for _, p := range sessionProfiles() {
		if p.name == name {
			return sim.SessionCost{RoundTrips: p.setup, PerMessageRoundTrips: p.message, PerRecipientRoundTrips: p.recipient}
		}
	}
	return sim.SessionCost{}
}

// eopPreset is Exchange Online Protection as measured in a year: fixed work, to which the round trips of a profile are added
// and limits.
type eopPreset struct {
	name                        string
	setup, message              float64 // seconds
	profile                     string
	maxConnections, maxMessages int // of one source, of one connection
}

// a hybrid organisation sends to it as a smart host, or past it by DNS.
func eopPresets() []eopPreset {
	return []eopPreset{
		{"eop-2015", 2, 2, "starttls-chunking", 50, 50},
		{"eop-2025", 0.5, 0.3, "starttls-chunking", 50, 50},
	}
}

// apply sets what the preset says of a remote system.
func (p *eopPreset) apply(r *sim.Remote) {
	r.Session = profileCost(p.profile)
	r.Session.Setup, r.Session.PerMessage = rng.Constant(p.setup), rng.Constant(p.message)
	r.MaxConnectionsPerSource, r.MaxMessagesPerConnection = p.maxConnections, p.maxMessages
}
