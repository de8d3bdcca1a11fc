package route

import "mailsim/topology"

// Query asks for the whole way of one message to one recipient.
type Query struct {
	Server topology.ServerID // who sends: a transport server, or a mailbox server that submits; None to start in Site
	Submit bool              // Server submits from a mailbox even if it is a transport server of 2013 or later too
	Site   topology.SiteID   // where it is sent from when Server is None
	Dest   DestID
	Size   int64 // bytes

	// LoopLimit is the return to one and the same server that ends the message (D-19); 0 stands for 20, less than 0 for no limit.
	LoopLimit int

	// Reach tells how an attempt of a server to connect to a target would end; asked with a server's own target, whether that
	// server works. nil: every target takes mail.
	Reach func(from topology.ServerID, to Target) Contact

	// Name tells what a server learns of a domain that it delivers to by DNS: that its hosts can be reached for all that is known, or not. nil: so it is for
	// every domain.
	Name func(from topology.ServerID, domain string) Contact

	// Offer tells the same of a message that a mailbox store hands to a transport server: it needs no port there. nil: as Reach.
	Offer func(from topology.ServerID, to Target) Contact

	// Home tells on which mailbox server the mailboxes of one are now: what they send is submitted from there (D-21). nil: on itself.
	Home func(topology.ServerID) topology.ServerID

	// View is the organisation that a server believes in. nil: all believe in the one given to Follow.
	View func(topology.ServerID) *topology.Organisation

	// Silence tells why a transport server gets no answer about recipients from the directory; "" = it does. nil: every server does.
	Silence func(topology.ServerID) string
}

// Contact is how an attempt to connect ends. The zero value: the target takes mail.
type Contact struct {
	Result ContactResult
	Cause  string // why it failed, for the reasons; "" = not said
}

// ContactResult is the outcome of a connection attempt.
type ContactResult uint8

// The outcomes of a connection attempt.
const (
	Accepted ContactResult = iota
	Refused                // the target answered, but there is no session: no back-off to an earlier site
	NoAnswer
	Denied // of a domain: DNS says that there is none (F14)
)

// Fate is what becomes of a message that is followed.
type Fate uint8

// The fates.
const (
	Delivered       Fate = iota // into a mailbox store, or to an outside system
	WaitsInQueue                // at rest in a queue in status Retry
	Returned                    // non-delivery report with Way.Code
	WaitsForRoute               // in the Unreachable queue
	WaitsSubmission             // in the sender's mailbox store: no hub takes it (D-4)
	WaitsDirectory              // in the submission queue of a server that the directory does not answer
)

// String returns the word of the route command: delivered, queued, ndr, unreachable, deferred, pending.
func (f Fate) String() string {
	switch f {
	case Delivered:
		return "delivered"
	case WaitsInQueue:
		return "queued"
	case Returned:
		return "ndr"
	case WaitsForRoute:
		return "unreachable"
	case WaitsDirectory:
		return "deferred"
	}
	return "pending"
}

// Way is what becomes of a message for one recipient, and why. The path, the next hop and the candidates are those of the first transport server.
type Way struct {
	Asked     int               // which of the recipients that were asked for this is, or is a member of
	Dest      DestID            // the recipient; a member of the group that was asked for, once that is expanded
	Path      []topology.SiteID // least-cost path to the site of the mailbox or connector, source first; nil without a route
	Cost      int64             // of Path
	TotalCost int64             // with the cost of the connector's address space; to Exchange 2003 that and the cost of routing group connectors, without Cost

	NextHop      string               // domain of the first server's queue; "" when it is put into none
	DeliveryType string               // of that queue, as the server's version writes it
	Connector    topology.ConnectorID // chosen by the first server; None
	Candidates   []Target             // that it tries, in order, up to the one that accepts

	Servers []topology.ServerID // every transport server that handles it, the first included
	Stops   []topology.SiteID   // sites where a hub handles it, the first server's excluded

	Fate    Fate
	To      Target            // what it is delivered to; only when Delivered
	RestsAt topology.ServerID // where it waits, or was returned; None when Delivered, or when no server has it
	Queue   string            // next hop of the queue it waits in; only when WaitsInQueue
	Status  string            // status of the queue it waits in: "Retry", "Ready" in the Unreachable queue, "Active" when it goes round without end
	Code    string            // enhanced status code when Returned
	Reasons []Reason
}

// Copy is one transmission of a message between transport servers of the organisation.
type Copy struct {
	From, To   topology.ServerID
	Recipients []DestID
	Asked      []int // for each of Recipients, as Way.Asked
}
