package route

import "mailsim/topology"

// DestID is an interned destination of a recipient: an index handed out by Book.Dest.
type DestID int32

// OutsideDomain is the domain of addresses outside for whom none is named.
const OutsideDomain = "internet.example"

// DestKind says what a recipient is.
type DestKind uint8

// The kinds of destinations.
const (
	Mailbox          DestKind = iota // a mailbox on a mailbox server of the organisation
	External                         // an address outside: a domain, or a non-SMTP address
	DistributionList                 // a distribution group
	Linked                           // whatever was received on the receive connector that a connector is linked to
	Legacy                           // a mailbox on a server of Exchange 2003
	Nowhere                          // an address of the organisation that nobody has, in a message whose sender claims to be of a domain
)

// Destination is what routing needs to know of a recipient: not who it is, but where it lives.
type Destination struct {
	Kind         DestKind
	Server       topology.ServerID       // Mailbox: the mailbox server
	Database     int32                   // Mailbox: index into the server's databases
	First        int32                   // Mailbox, External: which of the addresses there the recipients are, where that matters: those from this number on. It does not change the way
	Type         string                  // External: address type, "SMTP" when empty
	Domain       string                  // External: domain or address space. Nowhere: the domain that the sender claims to be of, to which reports on the message go
	Group        topology.GroupID        // DistributionList: the distribution group
	Connector    topology.ConnectorID    // Linked: the send connector
	RoutingGroup topology.RoutingGroupID // Legacy: the mailbox's routing group
}

// DeliveryType is the delivery type of a queue (docs/rules/queueing.md).
type DeliveryType uint8

// Delivery types that the core makes queues for. Their names as a version writes them: DeliveryType.Name.
const (
	Undefined DeliveryType = iota
	MapiDelivery
	SmtpDeliveryToMailbox
	SmtpRelayWithinAdSite
	SmtpRelayToRemoteAdSite // written SmtpRelayToRemoteActiveDirectorySite from 2013 on
	SmtpRelayWithinAdSiteToEdge
	SmtpRelayToMailboxDeliveryGroup
	SmtpRelayToConnectorSourceServers
	SmtpRelayToDag     // a delivery group of 2013 and later
	SmtpRelayToServers // the expansion server of a distribution group, from 2013 on
	SmtpRelayToTiRg    // a routing group of Exchange 2003
	DnsConnectorDelivery
	SmartHostConnectorDelivery
	NonSmtpGatewayDelivery
	DeliveryAgent
	Unreachable
)

// KeyID is an interned next-hop key: an index handed out by a Book. Keys are the same for every table of a Book, so a queue
// keeps its key when the view changes.
type KeyID int32

// Key is a next-hop key (docs/rules/queueing.md): recipients of one message with the same key travel as one copy in one queue.
type Key struct {
	Type      DeliveryType
	Domain    string               // NextHopDomain as an operator sees it
	Connector topology.ConnectorID // None inside the organisation
	Site      topology.SiteID      // target site of relays; None otherwise
	Server    topology.ServerID    // target server of mailbox deliveries; None otherwise
	Group     int32                // DAGID of SmtpRelayToDag, delivery class of other relays to the hubs of one class, RGCID of SmtpRelayToTiRg, -1-RGCID of the relay to its source servers; 0 otherwise
}

// Class is the queue class that picks the connection threshold.
type Class uint8

// The queue classes.
const (
	ClassSmtpConnector Class = iota // smart hosts and DNS, and the way to them that a connector names
	ClassIntraOrg                   // between servers of the organisation
	ClassMailbox                    // into a mailbox store
	ClassOther                      // gateways, delivery agents, unreachable
	NumClasses
)

// Outcome is what routing decided for a recipient.
type Outcome uint8

// The outcomes.
const (
	Queued      Outcome = iota // goes to the queue of Hop.Key
	NoRoute                    // Unreachable queue
	TooLarge                   // NDR 5.3.4
	NoConnector                // NDR 5.4.4: non-SMTP address without a connector (D-25)
	Expand                     // this server expands the distribution group, and routes its members
	NoRecipient                // NDR 5.1.1: no such mailbox in an authoritative domain (D-27, F22)
)

// Hop is the routing decision for one recipient at one server.
type Hop struct {
	Key     KeyID // NoKey unless Queued
	Outcome Outcome
}

// TargetKind says what a connection attempt goes to.
type TargetKind uint8

// The kinds of targets.
const (
	TargetServer  TargetKind = iota // a transport server of the organisation
	TargetStore                     // the mailbox store of a server
	TargetRemote                    // an outside system
	TargetGateway                   // what stands behind a foreign or delivery agent connector on a source server
)

// Target is one candidate of a connection attempt.
type Target struct {
	Kind TargetKind
	ID   int32 // TargetRemote: RemoteID; otherwise ServerID
}

// Group is a set of targets that are tried in rotation before those of the next group.
type Group struct {
	Site    topology.SiteID // None for outside systems
	Members []Target        // base order: order of declaration (D-11)
	Backoff bool            // an earlier site of the path: tried only when nobody of the groups before it answered at all
}
