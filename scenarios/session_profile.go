package scenarios

import (
	"mailsim/sim"
	"mailsim/sim/rng"
)

// sessionProfile is a named number of round trips (docs/scenario-reference.md).
type sessionProfile struct {
	name      string
	setup     float64 // round trips of the set-up
	legs      float64 // of these, the authentication
	tls       bool    // two of these are a full TLS 1.2 handshake
	message   float64 // of a message with one recipient
	recipient float64 // of each further recipient: only a sender that does not pipeline waits for every one
	doc       string
}

// sessionProfiles lists the profiles that [model] and [[remote]] may name, in the order of the documentation. Chunking is BDAT.
func sessionProfiles() []sessionProfile {
	return []sessionProfile{
		{"smtp-plain", 3, 0, false, 4, 1, "Plain SMTP: connect, banner, EHLO; then every command waits for its reply."},
		{"esmtp-pipelining", 3, 0, false, 3, 0, "Sender and recipients go in one write, DATA waits."},
		{"esmtp-pipelining-max", 3, 0, false, 2, 0, "DATA goes in the same write."},
		{"esmtp-chunking", 3, 0, false, 2, 0, "Sender and recipients go in one write, then the body in one BDAT."},
		{"esmtp-chunking-max", 3, 0, false, 1, 0, "The body goes in the same write."},
		{"starttls-chunking", 7, 0, true, 2, 0, "As esmtp-chunking, after STARTTLS with a full TLS 1.2 handshake and a second EHLO."},
		{"exchange-auth", 8, 1, true, 2, 0, "Hub to hub: X-ANONYMOUSTLS with a full TLS 1.2 handshake, a second EHLO, then the authentication."},
		{"exchange-auth-2010", 9, 1, true, 2, 0, "The same with the XSHADOW command of 2010, which both servers must know."},
		{"exchange-auth-gssapi", 5, 2, false, 2, 0, "Hub to hub without TLS, with two legs of authentication."},
	}
}

// profileCost returns the cost of a session profile; none for a name that there is not.
func profileCost(name string) sim.SessionCost {
	p, _ := findProfile(name)
	return sim.SessionCost{RoundTrips: p.setup, PerMessageRoundTrips: p.message, PerRecipientRoundTrips: p.recipient}
}

func findProfile(name string) (sessionProfile, bool) {
	for _, p := range sessionProfiles() {
		if p.name == name {
			return p, true
		}
	}
	return sessionProfile{}, false
}

// authentication is a way to authenticate and its round trips.
type authentication struct {
	name string
	legs float64
	doc  string
}

// authentications lists what auth of a session may name.
func authentications() []authentication {
	return []authentication{
		{"none", 0, "Nobody authenticates."},
		{"exchange", 1, "X-EXPS EXCHANGEAUTH with its first token in the command."},
		{"gssapi", 2, "X-EXPS GSSAPI or AUTH GSSAPI with one more leg."},
		{"login", 3, "AUTH LOGIN: the command, the name, the password."},
		{"ntlm", 3, "AUTH NTLM: the command and two legs."},
		{"ntlm-initial", 2, "AUTH NTLM with its first token in the command."},
	}
}

// changedTrips returns what tls and auth add to the round trips of the session's profile, or take from them.
func (x *session) changedTrips() float64 {
	p, _ := findProfile(x.Profile)
	trips := 0.0
	if p.tls && (x.TLS == "1.3" || x.TLS == "resumed") {
		trips-- // one round trip of handshake in place of two
	}
	for _, a := range authentications() {
		if a.name == x.Auth {
			trips += a.legs - p.legs
		}
	}
	return trips
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
