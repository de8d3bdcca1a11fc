package topology

import "time"

// Dense ids: index into the organisation's slices, in the order of declaration.
type (
	// SiteID numbers the sites of an organisation from 0.
	SiteID int32
	// LinkID numbers the IP site links from 0.
	LinkID int32
	// ServerID numbers the machines (hubs, edges, mailbox servers) from 0. A machine with two roles is one server.
	ServerID int32
	// ConnectorID numbers the connectors from 0.
	ConnectorID int32
	// RemoteID numbers the outside systems from 0.
	RemoteID int32
	// DCID numbers the domain controllers from 0.
	DCID int32
)

// None is the id of nothing, for every kind of id.
const None = -1

// Unlimited is the size limit that no message exceeds.
const Unlimited int64 = 1<<63 - 1

// DefaultSite is the name of the one site of an organisation that declares none.
const DefaultSite = "Default-First-Site-Name"

// Site is an Active Directory site.
type Site struct {
	Name      string
	HubSite   bool // HubSiteEnabled: mail whose least-cost path crosses the site must stop here
	Latitude  float64
	Longitude float64
	Located   bool   // Latitude and Longitude are set (degrees)
	Absent    bool   // declared with present = false: links do not join it yet
	TimeZone  string // IANA name; "" = that of the scenario's start

	// InboundDisabled is InboundMailEnabled = false, from 2013 on: no server of the site takes mail from other sites or from its Edge
	// servers. For their routing the site has no hub (D-26).
	InboundDisabled bool
}

// Link is an IP site link, and the network link between its sites.
type Link struct {
	Name           string
	Sites          []SiteID // two or more; a link with k members is a full mesh
	Cost           int64    // AD cost, 1..99999
	ExchangeCost   int64    // replaces Cost when > 0; 0 = unset
	MaxMessageSize int64    // bytes; Unlimited when unset

	RTT      time.Duration // round-trip time of the network link
	Up, Down int64         // bit/s from the lower to the higher site id and back; 0 = unlimited

	// Replication between the domain controllers of the link's sites (faults.md 2.5).
	ReplicationInterval time.Duration // 0 = the default, 180 min
	ReplicationPhase    time.Duration // offset of the pulls from 00:00 UTC, < interval; windows have none
	ReplicationWindows  []Window      // when it is open for replication; empty = always
	ChangeNotification  bool          // replicate at once instead of by schedule (rule V5)
}

// EffectiveCost is the cost that routing uses: the Exchange cost if set, else the AD cost.
func (l *Link) EffectiveCost() int64 {
	if l.ExchangeCost > 0 {
		return l.ExchangeCost
	}
	return l.Cost
}

// Network is an IP connection between two sites that is not the site link's ([[network]]); a pair with one uses it alone.
type Network struct {
	Name     string
	Sites    [2]SiteID
	RTT      time.Duration
	Up, Down int64 // bit/s; 0 = unlimited
}

// Roles is a set of server roles on one machine.
type Roles uint8

// The roles of a machine. From 2013 on a mailbox server is a transport server too: the loader gives it both roles.
const (
	RoleHub     Roles = 1 << iota // runs the transport service inside the organisation
	RoleEdge                      // Edge Transport, subscribed to a site
	RoleMailbox                   // holds mailboxes
	RoleEPost                     // an E-Post server: no part of the Exchange organisation, but a machine of its own at a site
)

// Server is one machine of the organisation.
type Server struct {
	Name          string
	Site          SiteID // of an Edge: the site it is subscribed to
	Roles         Roles
	Version       Version
	Mailboxes     int      // number of mailboxes, for load that addresses a whole site
	Databases     []string // mailbox databases; a mailbox server without any has one named after it
	DC            DCID     // configuration domain controller; None = ideal directory
	PublicAddress string   // servers with the same string are one source to the outside; "" = its own
	// SubmissionOverride is the SubmissionServerOverrideList of a mailbox server of 2007 or 2010: when not empty, the only hubs that it
	// submits to, all of its own site.
	SubmissionOverride []ServerID

	// Domains are those whose mailboxes an E-Post server holds, in lower case; its mailboxes send from the first. Other machines have none.
	Domains []string

	MaxReceiveSize int64 // bytes: the largest message that the mailboxes of the server take; 0 = no limit of their own

	Joined bool // added by a change: takes no part in the Edge subscription of its site
	Absent bool // declared with present = false: joins later by an action
}

// Is tells whether the machine has every role of r.
func (s *Server) Is(r Roles) bool { return s.Roles&r == r }

// Transport tells whether the machine runs a transport service (hub or edge).
func (s *Server) Transport() bool { return s.Roles&(RoleHub|RoleEdge) != 0 }

// AddressSpace is one "type:space;cost" of a connector.
type AddressSpace struct {
	Type  string // "SMTP" unless said otherwise, upper case
	Space string // "*", "contoso.com", "*.contoso.com", or Accepted on an Edge; lower case
	Cost  int64  // 1..100
}

// ConnectorKind says how a connector delivers.
type ConnectorKind uint8

// The kinds of outbound connectors.
const (
	SendConnector ConnectorKind = iota
	ForeignConnector
	DeliveryAgentConnector
)

// Connector is an outbound connector.
type Connector struct {
	Name           string
	Kind           ConnectorKind
	AddressSpaces  []AddressSpace
	Sources        []ServerID // source servers in list order (R-5.9 looks at the first)
	SmartHosts     []RemoteID // in list order; empty = DNS routing
	DNS            bool
	Disabled       bool // enabled = false: does not exist for routing
	Scoped         bool // visible only in the sites of its source servers
	MaxMessageSize int64
	LinkedTo       string // the receive connector whose mail all goes here; "" = none
	FrontEndProxy  bool   // sends through the front end of a server of its source server's site

	// Limits for the connector's own queues, over the source server's; 0 = the server's.
	ConnectionThreshold      int
	MaxPerDomainConnections  int
	MaxMessagesPerConnection int
	Absent                   bool

	RequireTLS bool // mail leaves encrypted or not at all; else TLS is used where the other side has it
}

// Remote is a system outside the organisation. How it behaves (limits, session cost, how many hosts it has) is the simulation's business.
// Routing knows its name, and for which domains DNS names it.
type Remote struct {
	Name string
	MX   []MX
}

// MX is a mail exchanger record: DNS names the outside system that has it for mail to a domain.
type MX struct {
	Domain     string // the very domain, without wildcards
	Preference int32  // 0..65535; the lowest is tried first
}

// DC is a domain controller.
type DC struct {
	Name        string
	Site        SiteID
	PDCEmulator bool
}
