package scenarios

import (
	"time"

	"mailsim/sim"
	"mailsim/sim/rng"
)

// model translates [model].
func (c *compiler) model() {
	c.duplicateWindow()
	t := &c.doc.Model
	m := &c.cfg.Model
	m.Submitted, m.Relayed = c.categoriserCosts()

	m.Session = profileCost("exchange-auth") // by the servers' own versions
	xshadow := profileCost("exchange-auth-2010")
	m.Session2010 = &xshadow
	m.ToEdge = profileCost("starttls-chunking")
	if c.reference {
		m.Session, m.ToEdge, m.Session2010 = referenceCost(), referenceCost(), nil
	}
	if t.Session != nil {
		m.Session, m.Session2010 = c.sessionCost(t.Session), nil
		m.ToEdge = m.Session
	}
	m.Delivery = c.deliveryCost()
	m.Submission = time.Duration(t.Submission)
	c.shadowTimes()

	m.FailedConnect, m.NameTimeout = 21*time.Second, time.Minute
	if c.reference {
		m.FailedConnect, m.NameTimeout = 0, 0
	}
	if t.NameTimeout != nil {
		m.NameTimeout = time.Duration(*t.NameTimeout)
	}
	if t.FailedConnect != nil {
		m.FailedConnect = time.Duration(*t.FailedConnect)
	}
	if t.TCPWindow != nil {
		m.TCPWindow = int64(*t.TCPWindow)
	}
	m.SlowStart = t.SlowStart
	m.Inactivity, m.EdgeInactivity = 5*time.Minute, time.Minute
	m.ConnectionTimeout, m.EdgeTimeout = 10*time.Minute, 5*time.Minute // docs/rules/queueing.md, QX-3
	m.FixedRate = t.Sharing == "fixed"
	m.MaxClockSkew = time.Duration(t.MaxClockSkew)
	m.Kerberos.ReceiverOnly = t.KerberosModel == "windows" // FD-1
	m.Kerberos.InsideSites = t.AuthScope == "all_hub_to_hub"
	if t.TicketLifetime != nil {
		m.Kerberos.Lifetime = time.Duration(*t.TicketLifetime)
	}
	if t.TicketRenewal != nil {
		m.Kerberos.Renewal = time.Duration(*t.TicketRenewal)
	}
	m.ServiceRestartClears = float64(t.ServiceRestartClears) // FD-2
	m.NotifyDelay = time.Duration(t.NotifyDelay)
	m.InstantReplication = t.Replication == "instant"
	m.DirectoryTLS = t.DirectoryTLS
	for _, x := range []struct {
		from *duration
		to   *time.Duration
	}{{t.RoutingReload, &m.RoutingReload}, {t.NotifyFirst, &m.NotifyFirst}, {t.NotifyNext, &m.NotifyNext}, {t.TombstoneLifetime, &m.Tombstone}} {
		if x.from != nil {
			*x.to = time.Duration(*x.from)
		}
	}
}

// categoriserCosts returns the time of a message submitted at the server and of one that came from another.
func (c *compiler) categoriserCosts() (submitted, relayed sim.CategoriserCost) {
	normal := sim.CategoriserCost{Base: 40 * time.Millisecond, PerRecipient: time.Millisecond, PerKB: 100 * time.Microsecond}
	t := c.doc.Model.Categoriser
	switch {
	case t == nil && c.reference:
		return sim.CategoriserCost{}, sim.CategoriserCost{Base: time.Second}
	case t == nil || t.Preset == "default":
		return normal, normal
	case t.Preset == "heavy-agents":
		heavy := sim.CategoriserCost{Base: 40 * normal.Base, PerRecipient: 40 * normal.PerRecipient, PerKB: 40 * normal.PerKB}
		return heavy, heavy
	case t.Preset == "off":
		return sim.CategoriserCost{}, sim.CategoriserCost{}
	}
	own := sim.CategoriserCost{Base: time.Duration(t.Base), PerRecipient: time.Duration(t.PerRecipient), PerKB: time.Duration(t.PerKB)}
	return own, own
}

// referenceCost is the session of profile "reference" (docs/scenario-reference.md): no set-up, 1 s a message.
func referenceCost() sim.SessionCost { return sim.SessionCost{PerMessage: rng.Constant(1)} }

// sessionCost translates { setup, per_message, ... } or { profile, ... }. Nothing is added to what is given (docs/scenario-reference.md).
func (c *compiler) sessionCost(t *session) sim.SessionCost {
	cost := profileCost(t.Profile)
	cost.RoundTrips += t.changedTrips()
	for _, d := range []*durationDist{t.Setup, t.SetupWork} {
		if d != nil {
			cost.Setup = d.Dist
		}
	}
	for _, d := range []*durationDist{t.PerMessage, t.MessageWork} {
		if d != nil {
			cost.PerMessage = d.Dist
		}
	}
	if t.RoundTrips != nil {
		cost.RoundTrips = *t.RoundTrips
	}
	if t.PerMessageTrips != nil {
		cost.PerMessageRoundTrips = *t.PerMessageTrips
	}
	return cost
}

// deliveryCost is what handing mail to a store costs. No figure is published; the default is our choice: two round trips inside the
// site for the set-up and two for each message. Profile "reference" keeps it: its second a message is that of an SMTP connection, and
// its worked cases want the mail inside a site untouched by what comes in from another.
func (c *compiler) deliveryCost() sim.SessionCost {
	cost := sim.SessionCost{RoundTrips: 2, PerMessageRoundTrips: 2}
	t := c.doc.Model.Delivery
	if t == nil {
		return cost
	}
	cost = sim.SessionCost{}
	if t.Setup != nil {
		cost.Setup = t.Setup.Dist
	}
	if t.PerMessage != nil {
		cost.PerMessage = t.PerMessage.Dist
	}
	return cost
}
