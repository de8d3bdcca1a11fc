package transport

import (
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Shadowing is how servers of a version keep a second copy of mail in transit.
type Shadowing uint8

// The ways of shadowing. An Edge has none.
const (
	NoShadow    Shadowing = iota // 2007: mail in transit is on one server
	PreviousHop                  // 2010: the server that sent a message on keeps it until the next has passed it on, too
	BeforeReply                  // 2013 and later: the receiving server makes a copy on another before it takes a message
)

// ShadowPreference says where a copy is to stand (ShadowMessagePreferenceSetting).
type ShadowPreference uint8

// The preferences.
const (
	PreferRemote ShadowPreference = iota // another site if one takes it, else the own
	LocalOnly
	RemoteOnly
)

// ShadowProfile is a server's settings for shadow copies. DefaultShadow fills it.
type ShadowProfile struct {
	Mode Shadowing

	Heartbeat time.Duration // how often the holder of copies asks their primary: ShadowHeartbeatFrequency; 2010: ShadowHeartbeatTimeoutInterval
	// TakeOver is how long no heartbeat may succeed until the holder sends its copies itself: ShadowResubmitTimeSpan; 2010: the
	// interval times ShadowHeartbeatRetryCount. At least Heartbeat.
	TakeOver time.Duration
	// DiscardsKept is how long a primary can tell its holder what it has passed on: ShadowMessageAutoDiscardInterval; 0 = for ever. Copies of which the holder does not
	// hear in that time it keeps for CopyLife.
	DiscardsKept time.Duration
	CopyLife     time.Duration // a copy that nobody discards is dropped at this age; 0 = never

	MaxAckDelay time.Duration // 2010: MaxAcknowledgementDelay of the receive connector; 0 = the acknowledgement is never delayed

	Preference     ShadowPreference
	RemoteAttempts int // MaxRetriesForRemoteSiteShadow; attempts, not servers
	LocalAttempts  int // MaxRetriesForLocalSiteShadow
	// Reject refuses a message of which no copy can be made (RejectMessageOnShadowFailure). Otherwise it is taken without one.
	Reject bool
}

// DefaultShadow returns the settings of a server of version v as installed.
func DefaultShadow(v topology.Version, edge bool) ShadowProfile {
	switch {
	case edge || v < topology.V2010RTM:
		return ShadowProfile{}
	case !v.New():
		return ShadowProfile{Mode: PreviousHop, Heartbeat: 15 * time.Minute, TakeOver: 12 * 15 * time.Minute, MaxAckDelay: 30 * time.Second, DiscardsKept: 48 * time.Hour}
	}
	return ShadowProfile{
		Mode: BeforeReply, Heartbeat: 2 * time.Minute, TakeOver: 3 * time.Hour, RemoteAttempts: 4, LocalAttempts: 2, DiscardsKept: 48 * time.Hour,
		CopyLife: DefaultSafetyNet(v).Hold + DefaultReports().Expiry,
	}
}

// AcknowledgeAt is when a server of 2010 confirms a message that it has received, at the latest: senders that keep shadows hear it at
// once, others when the message has been passed on, or after MaxAckDelay if it has not. onward is Never while the message is here.
func (p *ShadowProfile) AcknowledgeAt(received, onward simtime.Time, senderShadows bool) simtime.Time {
	if p.Mode != PreviousHop || senderShadows {
		return received
	}
	return max(received, min(onward, received.Add(p.MaxAckDelay)))
}

// What a server of 2013 and later tells of a copy that it made or could not make, and the holder of the copy.
const (
	ShadowMade       = "HAREDIRECT"     // at the primary
	ShadowFailed     = "HAREDIRECTFAIL" // at the primary
	ShadowReceived   = "HARECEIVE"      // at the holder
	ShadowDiscarded  = "HADISCARD"      // at the holder
	NoShadowServers  = "No suitable shadow servers"
	NoShadowRejected = "451 4.4.0 message not accepted: no redundant copy of it could be made" // QX-9
)

// ShadowServers are the servers that can hold copies of a server's mail: those of its boundary, which copies never leave.
type ShadowServers struct {
	Remote []topology.ServerID // in other sites
	Local  []topology.ServerID // in its own
}

// ShadowServersOf finds the servers that can hold the copies of a server of 2013 or later: the others of its availability group, in any
// site, or when it is in none, of its site. Of the site all count, in a group or not.
func ShadowServersOf(org *topology.Organisation, s topology.ServerID) ShadowServers {
	var out ShadowServers
	members := org.Hubs(org.Servers[s].Site)
	if g := org.DAGOf(s); g != topology.None {
		members = org.DAGs[g].Members
	}
	for _, m := range members {
		x := &org.Servers[m]
		switch {
		case m == s || x.Absent || !x.Transport() || !x.Version.New():
		case x.Site == org.Servers[s].Site:
			out.Local = append(out.Local, m)
		default:
			out.Remote = append(out.Remote, m)
		}
	}
	return out
}

// Target returns the server at which an attempt to make a copy is made, attempts of one message counted from 0: in other sites first, as
// often as RemoteAttempts says, then in the own. It is false when there is no further attempt; the message is then taken without a copy,
// or refused (Reject). turn counts messages and spreads them; a message's next attempt goes to the next server.
func (p *ShadowProfile) Target(in ShadowServers, turn uint32, attempt int) (topology.ServerID, bool) {
	if p.Mode != BeforeReply {
		return topology.None, false
	}
	if p.Preference != LocalOnly && len(in.Remote) > 0 {
		if attempt < p.RemoteAttempts {
			return inTurn(in.Remote, turn, attempt), true
		}
		attempt -= p.RemoteAttempts
	}
	if p.Preference != RemoteOnly && len(in.Local) > 0 && attempt < p.LocalAttempts {
		return inTurn(in.Local, turn, attempt), true
	}
	return topology.None, false
}

func inTurn(servers []topology.ServerID, turn uint32, attempt int) topology.ServerID {
	return servers[(uint64(turn)+uint64(attempt))%uint64(len(servers))]
}
