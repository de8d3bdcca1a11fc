package scenarios

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology"
)

// receive is { max_inbound_connections, ... } of a transport server. A limit of 0 does not apply.
type receive struct {
	source
	MaxConnections    *int64    `toml:"max_inbound_connections" std:"5000" range:"0..1000000" doc:"Connections of all sources together; 0 = no limit." rule:"Q-5.1"`
	MaxPerSource      *int64    `toml:"max_inbound_connections_per_source" std:"no limit; edge 20" range:"0..1000000" doc:"Connections of one source, which is a server or all with one public_address; 0 = no limit." rule:"Q-5.1"`
	Percentage        *int64    `toml:"max_inbound_percentage_per_source" std:"100; edge 2" range:"1..100" doc:"Connections of one source in percent of those that are left; 100 = no such limit." rule:"Q-5.1"`
	MessageRate       *int64    `toml:"message_rate_limit" std:"no limit; edge 600" range:"0..1000000" doc:"Messages of one source in a minute; 0 = no limit. What is over it waits for message_retry_interval." rule:"Q-5.3"`
	ConnectionRate    *int64    `toml:"connection_rate" std:"1200" range:"0..1000000" doc:"Connections of all sources in a minute; more wait for their turn. 0 = no limit." rule:"Q-5.4"`
	MaxAckDelay       *duration `toml:"max_acknowledgement_delay" std:"2010 30s" range:"0s..10m" doc:"2010: how long the reply to a message waits for the message to be passed on, when the sender takes no part in shadow redundancy, as servers of 2007 do not. 0s = not at all." rule:"Q-11.1"`
	Tarpit            *duration `toml:"tarpit" std:"5s" range:"0s..10m" doc:"How long replies to anonymous senders are held for each recipient that is refused." rule:"Q-5.4"`
	ConnectionTimeout *duration `toml:"connection_timeout" std:"10m; edge 5m" range:"1s..1d" doc:"How long it keeps a connection from another server, whatever that does: a message in transmission is cut." rule:"Q-4.9"`
	InactivityTimeout *duration `toml:"connection_inactivity_timeout" std:"5m; edge 1m" range:"1s..1d" doc:"How long it keeps one on which nothing comes, below connection_timeout. It counts for senders with idle_hold." rule:"Q-4.11"`
	Validation        bool      `toml:"recipient_validation" default:"false" doc:"Refuses recipients in authoritative domains that no mailbox has while a sender outside is still there, in place of a report later. The sender meets the tarpit." rule:"Q-5.4"`
	MaxSize           *size     `toml:"max_message_size" std:"36MB" range:"64KB.." example:"\"10MB\"" doc:"Largest message that it takes from other servers and from senders outside. What is larger is refused before it is sent, and comes back to its sender." rule:"Q-5.4"`
	MaxRecipients     *int64    `toml:"max_recipients_per_message" std:"5000; edge 200" range:"0..1000000" doc:"Recipients of a message that it takes in one transaction; for the others the sender sends the message again. 0 = no limit." rule:"Q-5.4"`
}

// receive is the version's receiving side, then the server's own keys. Profile "reference" has no limits.
func (c *compiler) receive(s *topology.Server, k *transportKeys) transport.ReceiveLimits {
	if !s.Transport() {
		return transport.ReceiveLimits{}
	}
	var l transport.ReceiveLimits
	own := transport.DefaultReceive(s.Version, s.Is(topology.RoleEdge))
	if !c.reference {
		l = own
	}
	t := k.Receive
	if t == nil {
		return l
	}
	for _, x := range []struct {
		from *int64
		to   *int
	}{
		{t.MaxConnections, &l.MaxConnections}, {t.MaxPerSource, &l.MaxPerSource}, {t.Percentage, &l.PercentPerSource},
		{t.MessageRate, &l.MessageRate}, {t.ConnectionRate, &l.ConnectionRate}, {t.MaxRecipients, &l.MaxRecipients},
	} {
		if x.from != nil {
			*x.to = int(*x.from)
		}
	}
	if t.MaxAckDelay != nil && transport.DefaultShadow(s.Version, s.Is(topology.RoleEdge)).Mode != transport.PreviousHop {
		c.warnf(&t.source, "max_acknowledgement_delay", "only hubs of 2010 wait with their replies; it has no effect here")
	}
	l.RecipientValidation = t.Validation
	l.MaxSize = sizeOr(t.MaxSize, l.MaxSize)
	if t.Tarpit != nil {
		l.Tarpit = time.Duration(*t.Tarpit)
	}
	c.receiveTimeouts(t, &own, &l)
	if share := l.PercentPerSource; share > 0 && l.MaxConnections > 0 && share*l.MaxConnections < 100 { // rounds down
		key := "max_inbound_percentage_per_source"
		if t.Percentage == nil {
			key = "max_inbound_connections"
		}
		c.warnf(&t.source, key, "%d percent of %d connections is less than one, so none is ever taken; write max_inbound_percentage_per_source = %d or more",
			share, l.MaxConnections, (99+l.MaxConnections)/l.MaxConnections)
	}
	return l
}

// receiveTimeouts sets how long a server keeps connections. Those of profile "reference" are the version's, too (docs/scenario-reference.md); own has them.
func (c *compiler) receiveTimeouts(t *receive, own, l *transport.ReceiveLimits) {
	if t.ConnectionTimeout == nil && t.InactivityTimeout == nil {
		return
	}
	l.ConnectionTimeout, l.InactivityTimeout = own.ConnectionTimeout, own.InactivityTimeout
	key := "connection_timeout"
	if t.ConnectionTimeout != nil {
		l.ConnectionTimeout = time.Duration(*t.ConnectionTimeout)
	}
	if t.InactivityTimeout != nil {
		l.InactivityTimeout = time.Duration(*t.InactivityTimeout)
		key = "connection_inactivity_timeout"
	}
	if l.InactivityTimeout >= l.ConnectionTimeout { // QX-3
		c.errorf(&t.source, key, "connection_inactivity_timeout is %s and connection_timeout %s; a connection would always end before it is silent for so long: write a connection_inactivity_timeout below connection_timeout",
			duration(l.InactivityTimeout), duration(l.ConnectionTimeout))
	}
}
