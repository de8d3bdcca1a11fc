// Package load makes the mail of a simulation: Poisson, daily-profile, regular and burst sources, mail clients, and the replay of recorded
// traffic. Size and recipients are drawn when a message is created, from streams of the source's own, so that every point of a
// sweep sees the same mail (SA-2; docs/rules/workload.md).
//
//	g, err := load.NewGenerator(0, &source, org, book, root, start, end)
//	for m, ok := g.Next(); ok; m, ok = g.Next() { // in time order
//		submit(m)
//	}
//
// A recorded trace becomes a source in three steps: ReadTrace reads the messages, ReadLookup (and Then, where two files must be
// joined) says which mailbox is at which site, and Placement.Place puts both together.
//
// What flows in: a Source per load table of the scenario, the organisation, the run's random root; for a replay, CSV files. What
// flows out: messages in time order, with recipients counted per destination. It imports sim/rng, sim/simtime, topology and
// topology/route; it must never import the simulation that consumes it, and opens no file itself.
package load

import (
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Kind says how a source makes its arrival times.
type Kind uint8

// The kinds of sources.
const (
	Poisson Kind = iota // constant Rate
	Diurnal             // Poisson whose rate follows a daily profile; Rate is the mean over a day
	Regular             // First, then every Every, Count messages or until End
	Burst               // Count messages evenly over Over from Start (all at once when Over is 0)
	Replay              // the messages of Trace
	Clients             // Count mail clients, each at a constant Rate while its machine is on
)

// String returns the kind as a scenario writes it.
func (k Kind) String() string {
	switch k {
	case Poisson:
		return "poisson"
	case Diurnal:
		return "diurnal"
	case Regular:
		return "regular"
	case Burst:
		return "burst"
	case Replay:
		return "replay"
	case Clients:
		return "clients"
	}
	return "unknown kind"
}

// Priority is that of all messages of a source.
type Priority uint8

// The priorities.
const (
	Normal Priority = iota
	High
	Low
)

// PartyKind says what a party of a load is.
type PartyKind uint8

// The kinds of parties.
const (
	PartySite     PartyKind = iota // some mailbox of a site, by number of mailboxes
	PartyMailbox                   // a mailbox server
	PartyAnySite                   // some mailbox of the organisation, by number of mailboxes
	PartyInternet                  // outside: as sender, a non-Exchange system; as recipient, Domain
	PartyGroup                     // a distribution group, as recipient only; drawn several times for one message it counts once
)

// OutsideDomain is the domain of recipients outside for whom none is named.
const OutsideDomain = route.OutsideDomain

// Party is one weighted entry of a load's from or to.
type Party struct {
	Kind     PartyKind
	Site     topology.SiteID   // PartySite
	Server   topology.ServerID // PartyMailbox
	Database int32             // PartyMailbox: n = the server's nth database; 0 = any, drawn evenly (in a trace: the first)
	Domain   string            // PartyInternet as recipient; "" = OutsideDomain
	Group    topology.GroupID  // PartyGroup
	Weight   float64           // > 0, finite; relative to the other entries. Not used in a trace
}

// Source is one [[load]] table, checked. Times are since t0. Only messages in [Start, End) and before the end of the run occur;
// those that are sent again may come after End.
type Source struct {
	ID         string // names the random streams: two sources of one run must not share it
	Kind       Kind
	From       []Party        // at least one (not for Replay and Clients)
	To         []Party        // at least one (not for Replay)
	Cc         []Party        // further recipients of each message: PartyMailbox (one in that database, the first for any), PartyGroup or PartyInternet. Not for Replay
	Rate       float64        // Poisson, Diurnal, of each of Clients: messages per second, >= 0, finite
	Profile    string         // Diurnal: one of Profiles()
	Location   *time.Location // Diurnal: whose clock the profile goes by; nil = that of t0
	Start      simtime.Time   // >= 0. Regular has First instead
	End        simtime.Time   // exclusive; Never = the end of the run
	First      simtime.Time   // Regular: the first message
	Every      time.Duration  // Regular: > 0 unless Count is 1
	Count      int64          // Burst: >= 0. Regular: 0 = no limit but End. Clients: how many, 1 to 1<<31-1
	Over       time.Duration  // Burst: >= 0; message k of Count comes at Start + Over*k/Count, k from 0
	Size       rng.Dist       // bytes; values are rounded up to whole bytes, and kept in 1..MaxSize
	Recipients rng.Dist       // number of recipients of a message, rounded down, kept in 1..MaxRecipients. Not for Replay
	Trace      []TraceMessage // Replay: in time order

	Priority Priority
	// MessageID numbers the Internet message id that all messages carry, those of other sources with the same number, too; 0 = each
	// message has one of its own. Below 1<<62.
	MessageID uint64
	// Dated says that all messages carry Date, an instant that may be before t0; otherwise each the instant of its submission.
	Dated  bool
	Date   simtime.Time
	Resend Resend // whether messages are sent again

	// Clients alone: whose mail it is, by a number that the caller gives, whether it is for the second of their servers, and when their machines are on.
	Population int32
	Second     bool
	Hours      Hours

	// Linked says that all mail of the source comes in on the receive connector to which send connector Via is linked: whoever its
	// recipients are, they all take that way. Not for Replay; the senders are outside.
	Linked bool
	Via    topology.ConnectorID // with Linked
}

// TraceMessage is one recorded message of a replay.
type TraceMessage struct {
	At   simtime.Time
	From Party   // a mailbox server, or the internet
	To   []Party // one per recipient: PartyMailbox or PartyInternet
	Size int64   // bytes; 0 = drawn from Source.Size
}
