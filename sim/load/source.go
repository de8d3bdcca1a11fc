// Package load makes the mail of a simulation: Poisson, daily-profile, regular and burst sources and the replay of recorded
// traffic, with sizes and recipients drawn when a message is created, so that every sweep point sees the same mail
// (DESIGN 7, statistics A2).
//
//	g := load.NewGenerator(source, org, book, root)
//	for m, ok := g.Next(); ok; m, ok = g.Next() { submit(m) } // in time order
//
// What flows in: a Source per load table of the scenario, the organisation, the run's random root. What flows out: messages in time
// order. It imports sim/rng, sim/simtime, topology and topology/route; it must never import the simulation that consumes it.
package load

import (
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Kind says how a source makes its arrival times.
type Kind uint8

// The kinds of sources.
const (
	Poisson Kind = iota // constant Rate from Start to End
	Diurnal             // Poisson whose rate follows a daily profile; Rate is the mean over a day
	Regular             // First, then every Every, Count messages or until End
	Burst               // Count messages evenly over Over from Start (all at once when Over is 0)
	Replay              // the messages of Trace
)

// PartyKind says what a party of a load is.
type PartyKind uint8

// The kinds of parties.
const (
	PartySite     PartyKind = iota // some mailbox of a site, by number of mailboxes
	PartyMailbox                   // a mailbox server
	PartyAnySite                   // some mailbox of the organisation, by number of mailboxes
	PartyInternet                  // outside: as sender, a non-Exchange system; as recipient, Domain
)

// Party is one weighted entry of a load's from or to.
type Party struct {
	Kind   PartyKind
	Site   topology.SiteID
	Server topology.ServerID
	Domain string  // PartyInternet as recipient: the domain; "" = "internet.example"
	Weight float64 // > 0; relative to the other entries
}

// Source is one [[load]] table, checked.
type Source struct {
	ID         string
	Kind       Kind
	From       []Party // at least one
	To         []Party // at least one (not for Replay)
	Rate       float64 // Poisson, Diurnal: messages per second, >= 0
	Profile    string  // Diurnal: "day.office", "day.relay-24x7", "day.flat"
	Location   *time.Location
	Start      simtime.Time
	End        simtime.Time // exclusive; Never = the end of the run
	First      simtime.Time // Regular
	Every      time.Duration
	Count      int64
	Over       time.Duration
	Size       rng.Dist // bytes; values are rounded up to whole bytes, at least 1
	Recipients rng.Dist // number of recipients of a message, rounded down, at least 1
	Trace      []TraceMessage
}

// TraceMessage is one recorded message of a replay.
type TraceMessage struct {
	At   simtime.Time
	From Party   // a mailbox server, or the internet
	To   []Party // one per recipient: PartyMailbox or PartyInternet
	Size int64   // bytes; 0 = drawn from Source.Size
}

// Recipients of a message are reported per destination; Count says how many stand behind one.
