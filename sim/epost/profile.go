// Package epost is the core of an E-Post server: the mail work folder and the delivery agent EPSTDS that empties it.
//
//	s := epost.New(epost.Config{ID: id, Profile: epost.DefaultProfile(), Org: org, Store: store, Book: book})
//	acts = s.Step(now, transport.Input{Kind: transport.Submitted, Msg: m}, acts[:0]) // EPSTRS wrote it into the folder
//	acts, more = s.Settle(now, acts[:0])                                            // EPSTDS takes it up: Dial
//	acts = s.Step(now, transport.Input{Kind: transport.Dialed, Conn: c}, acts[:0])  // Send
//
// A message and its envelope lie in the folder incoming until EPSTDS has dealt with them, or in holding when an attempt failed. EPSTDS has
// so many delivery threads; each takes one message to one next hop in a session of its own, or puts it into the recipient's mailbox. What
// fails is tried again by a ladder of its own, message by message, and given back after a time that depends on what went wrong.
//
// What flows in and out are the inputs and actions of sim/transport: a connection is a delivery thread, Boot and Halt are the start and the
// stop of EPSTDS. Whether anybody receives (EPSTRS) or reads (EPSTPOP3S, EPSTIMAP4S) is not this package's business: what has been written
// into the folder is there. Like a hub the core opens no socket, reads no clock and draws no random number. It must never import what
// drives it: sim, sim/fault, sim/internal/world.
package epost

import (
	"fmt"
	"time"

	"mailsim/sim/transport"
)

// Profile is the settings of EPSTDS.
type Profile struct {
	Threads      int  // deliveries at a time, 1..1000; 30 as installed
	KeepInterval bool // retries come every Tick, not at growing intervals

	Tick   time.Duration   // interval of KeepInterval, > 0; 2 min
	Ladder []time.Duration // retries since the first failed attempt, ascending, > 0
	Then   time.Duration   // from one to the next when the ladder is over, > 0; 60 min

	PermanentTries int           // attempts that a 5xx reply gets before the message is given back, >= 1; 9
	TemporaryFor   time.Duration // the same after a 4xx reply or a connection that broke: time since the first failed attempt; 8 h
	SilentFor      time.Duration // ... when nobody answered or the name was not found; 24 h

	Reports transport.Reports // sizes of the reports; E-Post sends no notice of a delay (decision)
}

// DefaultProfile returns EPSTDS as installed.
//
// EP-2: retries at 2, 6, 12, 30 and 60 min after the first failed attempt, then every hour (FD-23).
// EP-3: a message is given back after 9 attempts at 5xx, 8 h of 4xx and broken lines, 24 h without an answer.
func DefaultProfile() Profile {
	return Profile{
		Threads: 30, Tick: 2 * time.Minute,
		Ladder: []time.Duration{2 * time.Minute, 6 * time.Minute, 12 * time.Minute, 30 * time.Minute, time.Hour}, Then: time.Hour,
		PermanentTries: 9, TemporaryFor: 8 * time.Hour, SilentFor: 24 * time.Hour,
		Reports: transport.DefaultReports(),
	}
}

// Check returns what is wrong with the settings.
func (p *Profile) Check() error {
	switch {
	case p.Threads < 1 || p.Threads > 1000:
		return fmt.Errorf("threads must be 1 to 1000, is %d", p.Threads)
	case p.Tick <= 0 || p.Then <= 0:
		return fmt.Errorf("retry intervals must be longer than 0, are %v and %v", p.Tick, p.Then)
	case p.PermanentTries < 1:
		return fmt.Errorf("attempts at a permanent error must be at least 1, are %d", p.PermanentTries)
	}
	last := time.Duration(0)
	for _, d := range p.Ladder {
		if d <= last {
			return fmt.Errorf("the retry ladder %v must ascend from above 0", p.Ladder)
		}
		last = d
	}
	return nil
}

// Wait is how long after the end of its n-th failed attempt, n from 1, a message is tried again (EP-2).
func (p *Profile) Wait(n int) time.Duration {
	switch {
	case p.KeepInterval:
		return p.Tick
	case n > len(p.Ladder):
		return p.Then
	case n == 1:
		return p.Ladder[0]
	}
	return p.Ladder[n-1] - p.Ladder[n-2]
}

// Trouble is what went wrong with an attempt, by how long it is put up with.
type Trouble uint8

// The kinds of trouble.
const (
	Temporary Trouble = iota // a 4xx reply, or the line broke
	Permanent                // a 5xx reply: EPSTDS tries again nevertheless
	Silent                   // nobody answered, nobody listens, or the name was not found
)

// TroubleOf sorts the outcome of an attempt. A connection that is refused counts as no answer: nothing was said (decision). That a name is said
// not to exist is a name that is not found, like any other (decision).
func TroubleOf(c transport.Code) Trouble {
	switch c {
	case transport.Unreachable, transport.Reset, transport.NoConnector, transport.NoName, transport.NoSuchDomain:
		return Silent
	case transport.NoRecipient, transport.TooLarge, transport.TooLargeForOrganisation, transport.TooLargeForMailbox, transport.LoopDetected, transport.OverSize:
		return Permanent
	}
	return Temporary
}

// GivesUp tells whether a message is given back after its n-th failed attempt, which came so long after the first one (EP-3). The trouble of
// that attempt decides (decision).
func (p *Profile) GivesUp(t Trouble, n int, since time.Duration) bool {
	switch t {
	case Permanent:
		return n >= p.PermanentTries
	case Silent:
		return since >= p.SilentFor
	}
	return since >= p.TemporaryFor
}
