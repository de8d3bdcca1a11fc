package scenarios

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology"
)

// priorityKeys are the settings of priority queueing: what a server does otherwise for each class. They count on servers with
// priority_queueing.
type priorityKeys struct {
	HighConnections   *int64    `toml:"max_per_domain_high_priority_connections" std:"3" range:"1..100000" doc:"With priority_queueing: most connections of one queue for mail of high priority." rule:"Q-9.1"`
	NormalConnections *int64    `toml:"max_per_domain_normal_priority_connections" std:"15" range:"1..100000" doc:"The same for mail of normal priority." rule:"Q-9.1"`
	LowConnections    *int64    `toml:"max_per_domain_low_priority_connections" std:"2" range:"1..100000" doc:"The same for mail of low priority." rule:"Q-9.1"`
	HighDelay         *duration `toml:"high_priority_delay_notification_timeout" std:"30m" range:"1s..30d" doc:"With priority_queueing: delay_notification_timeout of mail of high priority." rule:"Q-9.1"`
	NormalDelay       *duration `toml:"normal_priority_delay_notification_timeout" std:"4h" range:"1s..30d" doc:"The same for mail of normal priority." rule:"Q-9.1"`
	LowDelay          *duration `toml:"low_priority_delay_notification_timeout" std:"8h" range:"1s..30d" doc:"The same for mail of low priority." rule:"Q-9.1"`
	HighExpiration    *duration `toml:"high_priority_message_expiration_timeout" std:"8h" range:"5s..90d" doc:"With priority_queueing: message_expiration_timeout of mail of high priority." rule:"Q-9.1"`
	NormalExpiration  *duration `toml:"normal_priority_message_expiration_timeout" std:"2d" range:"5s..90d" doc:"The same for mail of normal priority." rule:"Q-9.1"`
	LowExpiration     *duration `toml:"low_priority_message_expiration_timeout" std:"2d" range:"5s..90d" doc:"The same for mail of low priority." rule:"Q-9.1"`
	MaxHighSize       *size     `toml:"max_high_priority_message_size" std:"250KB" example:"\"250KB\"" doc:"With priority_queueing: a larger message of high priority is treated as a normal one." rule:"Q-9.1"`
}

// classKeys are the settings of one class.
type classKeys struct {
	class             transport.Priority
	name              string
	connections       *int64
	delay, expiration *duration
}

// classes lists the settings class by class, in order of delivery.
func (k *priorityKeys) classes() [transport.NumPriorities]classKeys {
	return [transport.NumPriorities]classKeys{
		{class: transport.PriorityHigh, name: "high", connections: k.HighConnections, delay: k.HighDelay, expiration: k.HighExpiration},
		{class: transport.PriorityNormal, name: "normal", connections: k.NormalConnections, delay: k.NormalDelay, expiration: k.NormalExpiration},
		{class: transport.PriorityLow, name: "low", connections: k.LowConnections, delay: k.LowDelay, expiration: k.LowExpiration},
	}
}

func (x *classKeys) connectionsKey() string {
	return "max_per_domain_" + x.name + "_priority_connections"
}
func (x *classKeys) delayKey() string      { return x.name + "_priority_delay_notification_timeout" }
func (x *classKeys) expirationKey() string { return x.name + "_priority_message_expiration_timeout" }

// priorityQueueing switches priority queueing on where a server asks for it, with what the server says of its classes.
func (c *compiler) priorityQueueing(t *source, p *transport.Profile, k *transportKeys) {
	switch {
	case !k.CostDemotion:
	case p.Version < topology.V2010:
		c.errorf(t, "cost_demotion", "version %s has none; remove it", p.Version)
	case k.PriorityQueueing:
		c.errorf(t, "cost_demotion", "priority_queueing decides what is served first; remove one of the two")
	default:
		p.CostDemotion = true
	}
	if !k.PriorityQueueing {
		for _, f := range fieldsOf(typeOf[priorityKeys]()) {
			if t.has(f.key) {
				c.warnf(t, f.key, "without priority queueing all mail is treated alike, and it has no effect; add priority_queueing = true or remove it")
			}
		}
		return
	}
	if err := p.Priorities.Check(p.Version); err != nil {
		c.errorf(t, "priority_queueing", "version %s has none; remove it", p.Version)
		return
	}
	p.Reports.PriorityQueueing = true
	first := "" // key of the first class that has a ceiling of its own
	for _, x := range k.classes() {
		if x.connections != nil {
			p.Priorities[x.class] = int(*x.connections)
			if first == "" && t.has(x.connectionsKey()) {
				first = x.connectionsKey()
			}
		}
		c.priorityTimes(t, p, &x)
	}
	if k.MaxHighSize != nil {
		p.Reports.MaxHighSize = int64(*k.MaxHighSize)
	}
	n := p.Priorities.Total()
	switch most := p.MaxPerDomainConnections; {
	case n <= most:
	case t.has("max_per_domain_outbound_connections"):
		c.warnf(t, "max_per_domain_outbound_connections", "with priority queueing the classes of a queue may have %d connections together, and the queue %d; when all want theirs, mail of low priority has none: write %d or more", n, most, n)
	case first != "":
		c.warnf(t, first, "the classes of a queue may have %d connections together, and the queue %d; when all want theirs, mail of low priority comes last: lower the ceilings of the classes or write max_per_domain_outbound_connections = %d", n, most, n)
	}
}

// priorityTimes sets the times of one class. As with those of the server (reportTimes), mail is not given up before its sender is told.
func (c *compiler) priorityTimes(t *source, p *transport.Profile, x *classKeys) {
	times := &p.Reports.ByPriority[x.class]
	if x.delay != nil {
		times.Delay = time.Duration(*x.delay)
	}
	if x.expiration != nil {
		times.Expiry = time.Duration(*x.expiration)
	}
	if times.Expiry > times.Delay || x.delay == nil && x.expiration == nil {
		return
	}
	key := x.expirationKey()
	if x.expiration == nil {
		key = x.delayKey()
	}
	c.errorf(t, key, "mail of %s priority is given up after %s, and its sender told of a delay after %s; write a longer %s or a shorter %s",
		x.name, duration(times.Expiry), duration(times.Delay), x.expirationKey(), x.delayKey())
}

// longestExpiry is how long a server keeps trying to pass mail on, of any class.
func longestExpiry(k *transportKeys) time.Duration {
	r := transport.DefaultReports()
	expiry := r.Expiry
	if k.Expiration != nil {
		expiry = time.Duration(*k.Expiration)
	}
	if !k.PriorityQueueing {
		return expiry
	}
	expiry = 0
	for _, x := range k.classes() {
		if x.expiration != nil {
			r.ByPriority[x.class].Expiry = time.Duration(*x.expiration)
		}
		expiry = max(expiry, r.ByPriority[x.class].Expiry)
	}
	return expiry
}
