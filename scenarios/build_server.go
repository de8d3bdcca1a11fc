package scenarios

import (
	"math"
	"slices"
	"strings"
	"time"

	"mailsim/sim"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// serverTables translates [[hub]], [[mailbox]] and [[edge]]. A [[mailbox]] with the name of a [[hub]] is the same machine.
func (c *compiler) serverTables() {
	for i := range c.doc.Hub {
		t := &c.doc.Hub[i]
		c.claim(&c.hosts, &t.source, t.Name)
		v := c.serverVersion(&t.transportKeys)
		if v.New() && t.has("name") {
			do := "write [[mailbox]] with the same keys"
			if slices.ContainsFunc(c.doc.Mailbox, func(m mailboxTable) bool { return m.Name == t.Name }) {
				do = "move its keys to the [[mailbox]] of this name"
			}
			c.errorf(&t.source, "name", "from 2013 on a mailbox server is the transport server and there are no hubs; %s", do)
		}
		c.addServer(&t.source, topology.Server{
			Name: t.Name, Site: c.site(&t.source, "site", t.Site), Roles: topology.RoleHub, Version: v, PublicAddress: t.PublicAddress,
			Absent: !t.Present,
		}, &t.transportKeys)
	}
	for i := range c.doc.Mailbox {
		c.mailboxTable(&c.doc.Mailbox[i])
	}
	for i := range c.doc.Edge {
		t := &c.doc.Edge[i]
		c.claim(&c.hosts, &t.source, t.Name)
		c.addServer(&t.source, topology.Server{
			Name: t.Name, Site: c.site(&t.source, "subscribed_site", t.SubscribedSite), Roles: topology.RoleEdge,
			Version: c.serverVersion(&t.transportKeys), PublicAddress: t.PublicAddress, Absent: !t.Present,
		}, &t.transportKeys)
	}
}

// addServers gives the machines to the builder, now that all of it is known: the second role of a machine, its databases in a dag, and
// the hubs that it submits to.
func (c *compiler) addServers() {
	for i := range c.doc.Mailbox {
		c.submissionOverride(&c.doc.Mailbox[i])
		c.duplicates(&c.doc.Mailbox[i])
	}
	for i := range c.servers {
		c.org.Server(c.servers[i])
	}
}

// submissionOverride resolves the hubs that a mailbox server of an old version submits to.
func (c *compiler) submissionOverride(t *mailboxTable) {
	id, ok := c.server[t.Name]
	if !ok || len(t.Override) == 0 {
		return
	}
	s := &c.servers[id]
	if s.Version.New() {
		c.errorf(&t.source, "submission_override", "version %s has no such list; remove it", s.Version)
		return
	}
	for i, h := range c.hostList(&t.source, "submission_override", t.Override, hubs()) {
		switch {
		case h == topology.None:
		case c.servers[h].Site != s.Site:
			c.errorAt(t.item("submission_override", i), &t.source, "submission_override", "%s is in site %s, and mail is never submitted to another site; name hubs of site %s",
				quote(t.Override[i]), quote(c.siteName(c.servers[h].Site)), quote(c.siteName(s.Site)))
		default:
			s.SubmissionOverride = append(s.SubmissionOverride, h)
		}
	}
}

func (c *compiler) mailboxTable(t *mailboxTable) {
	v := c.serverVersion(&t.transportKeys)
	s := topology.Server{
		Name: t.Name, Site: c.site(&t.source, "site", t.Site), Roles: topology.RoleMailbox, Version: v,
		Mailboxes: int(t.Mailboxes), Databases: t.Databases, PublicAddress: t.PublicAddress, Absent: !t.Present,
		MaxReceiveSize: sizeOr(t.MaxReceiveSize, 0),
	}
	for j, name := range t.Databases {
		if slices.Contains(t.Databases[:j], name) {
			c.errorAt(t.item("databases", j), &t.source, "databases", "%s stands twice; remove one", quote(name))
		} else if err := validName(name); err != nil {
			c.errorAt(t.item("databases", j), &t.source, "databases", "%s", err)
		}
	}
	if v.New() {
		s.Roles |= topology.RoleHub
		if id, ok := c.server[t.Name]; ok && c.servers[id].Roles == topology.RoleHub && c.servers[id].Version.New() {
			c.servers[id].Roles = s.Roles // the [[hub]] has been reported: that it takes the name says nothing new
			return
		}
		c.claim(&c.hosts, &t.source, t.Name)
		c.addServer(&t.source, s, &t.transportKeys)
		return
	}
	for _, f := range fieldsOf(typeOfTransportKeys()) {
		if t.has(f.key) && f.key != "version" && f.key != "dc" && f.key != "present" && !f.later {
			c.errorAt(t.node.get(f.key).keyAt, &t.source, f.key, "a key of transport servers; a mailbox server is one from 2013 on: move it to the [[hub]]")
		}
	}
	if id, ok := c.server[t.Name]; ok && t.has("name") && c.servers[id].Roles == topology.RoleHub {
		hub := &c.servers[id]
		if hub.Site != s.Site {
			c.errorf(&t.source, "site", "hub %s is in another site; one machine with both roles has one site", quote(t.Name))
		}
		if t.has("present") && hub.Absent == t.Present {
			c.errorf(&t.source, "present", "hub %s says otherwise; one machine with both roles comes as a whole: write the same in both tables, or only there", quote(t.Name))
		}
		hub.Roles |= topology.RoleMailbox
		hub.Mailboxes, hub.Databases, hub.MaxReceiveSize = s.Mailboxes, s.Databases, s.MaxReceiveSize
		return
	}
	c.claim(&c.hosts, &t.source, t.Name)
	c.addServer(&t.source, s, &t.transportKeys)
}

func (c *compiler) serverVersion(k *transportKeys) topology.Version {
	if v, err := topology.ParseVersion(k.Version); err == nil {
		return v
	}
	return c.version
}

// addServer makes the machine known and its profile.
func (c *compiler) addServer(t *source, s topology.Server, k *transportKeys) {
	s.DC = c.domainController(t, s.Site, k.DC)
	id := topology.ServerID(len(c.servers))
	c.servers = append(c.servers, s)
	if _, taken := c.server[s.Name]; !taken {
		c.server[s.Name], c.siteOf[s.Name] = id, s.Site
	}
	c.cfg.Servers = append(c.cfg.Servers, sim.Server{Profile: c.profile(t, s, k), Receive: c.receive(&s, k), Pressure: c.pressure(&s, k), Shadow: c.shadow(&s, k), SafetyNet: c.safetyNet(&s, k)})
}

// shadow is how a server keeps copies of mail in transit: as installed, unless the model says no. The worked cases of
// profile "reference" count no millisecond for copies.
func (c *compiler) shadow(s *topology.Server, k *transportKeys) transport.ShadowProfile {
	if on := c.doc.Model.Shadow; on != nil && !*on || on == nil && c.reference {
		return transport.ShadowProfile{}
	}
	p := transport.DefaultShadow(s.Version, s.Is(topology.RoleEdge))
	c.doc.Model.shadowKeys.apply(&p)
	if k.Receive != nil && k.Receive.MaxAckDelay != nil && p.Mode == transport.PreviousHop {
		p.MaxAckDelay = time.Duration(*k.Receive.MaxAckDelay)
	}
	if p.CopyLife > 0 { // what nobody acknowledges outlives what was passed on
		p.CopyLife = c.safetyNet(s, k).Hold + longestExpiry(k)
	}
	p.Reject = p.Mode == transport.BeforeReply && c.doc.Model.RejectWithoutShadow
	return p
}

// domainController picks where a server reads its configuration: the one it names, the first of its site, or the first of the site
// with the least cost.
func (c *compiler) domainController(t *source, site topology.SiteID, name string) topology.DCID {
	if name != "" {
		if id, ok := c.dc[name]; ok {
			return id
		}
		var known []string
		for _, d := range c.dcs {
			known = append(known, d.Name)
		}
		c.errorf(t, "dc", "no dc is called %s; %s", quote(name), suggest(name, known, "dc"))
		return topology.None
	}
	if len(c.dcs) == 0 {
		return topology.None
	}
	cost := c.costsFrom(site)
	best := 0
	for i, d := range c.dcs {
		if cost[d.Site] < cost[c.dcs[best].Site] {
			best = i
		}
	}
	return topology.DCID(best)
}

// costsFrom returns the cost of the cheapest way over links to every site, by relaxation: O(sites * links).
func (c *compiler) costsFrom(site topology.SiteID) []int64 {
	cost := make([]int64, max(len(c.doc.Site), 1))
	for i := range cost {
		cost[i] = math.MaxInt64
	}
	cost[site] = 0
	for range cost {
		changed := false
		for i := range c.linkValues {
			l := &c.linkValues[i]
			near := int64(math.MaxInt64)
			for _, s := range l.Sites {
				near = min(near, cost[s])
			}
			for _, s := range l.Sites {
				if near != math.MaxInt64 && near+l.EffectiveCost() < cost[s] {
					cost[s], changed = near+l.EffectiveCost(), true
				}
			}
		}
		if !changed {
			break
		}
	}
	return cost
}

// profile is the version's defaults, then the model's, then the server's own keys.
func (c *compiler) profile(t *source, s topology.Server, k *transportKeys) transport.Profile {
	p := transport.DefaultProfile(s.Version, s.Is(topology.RoleEdge))
	m := &c.doc.Model
	if c.reference {
		p.MaxMessagesPerConnection = 0
	}
	if m.LoopLimit != nil {
		p.LoopLimit = int(*m.LoopLimit)
	}
	p.ResubmitAtAttempt = m.ResubmitAt == "next_attempt"
	p.Sizes = transport.DefaultSizeLimits()
	if m.MaxSendSize != nil {
		p.Sizes.MaxSend = int64(*m.MaxSendSize)
	}
	if m.MaxReceiveSize != nil {
		p.Sizes.MaxReceive = int64(*m.MaxReceiveSize)
	}
	p.Reports.DelayInternal, p.Reports.DelayExternal = m.InternalDelayDSN, m.ExternalDelayDSN
	if m.Categoriser != nil && m.Categoriser.Workers != nil {
		p.CategoriserWorkers = int(*m.Categoriser.Workers)
	}
	if k.ConnectionThreshold != nil {
		classThresholds(&p, k.ConnectionThreshold)
	}
	for _, x := range []struct {
		from *int64
		to   *int
	}{
		{k.MaxOutbound, &p.MaxOutboundConnections}, {k.MaxPerDomain, &p.MaxPerDomainConnections}, {k.MaxMessages, &p.MaxMessagesPerConnection},
		{k.MaxMailboxDeliveries, &p.MaxMailboxDeliveries}, {k.GlitchCount, &p.GlitchRetryCount}, {k.TransientCount, &p.TransientRetryCount},
		{k.CategoriserWorkers, &p.CategoriserWorkers}, {k.MaxMailboxSubmissions, &p.MaxMailboxSubmissions},
	} {
		if x.from != nil {
			*x.to = int(*x.from)
		}
	}
	for _, x := range []struct {
		from *duration
		to   *time.Duration
	}{
		{k.GlitchInterval, &p.GlitchRetryInterval}, {k.TransientInterval, &p.TransientRetryInterval},
		{k.OutboundFailureInterval, &p.OutboundRetryInterval}, {k.MailboxRetryInterval, &p.MailboxRetryInterval},
		{k.MessageRetryInterval, &p.MessageRetryInterval},
		{k.DelayNotice, &p.Reports.Delay}, {k.Expiration, &p.Reports.Expiry},
		{k.IdleBeforeResubmit, &p.MaxIdleBeforeResubmit}, {k.QueueMaxIdleTime, &p.QueueMaxIdleTime},
		{k.IdleHold, &p.IdleHold},
	} {
		if x.from != nil {
			*x.to = time.Duration(*x.from)
		}
	}
	c.reportTimes(t, &p, k)
	c.priorityQueueing(t, &p, k)
	if p.MaxPerDomainConnections > p.MaxOutboundConnections { // QX-12
		key := "max_per_domain_outbound_connections"
		if k.MaxPerDomain == nil {
			key = "max_outbound_connections"
		}
		if t.has(key) {
			c.errorf(t, key, "max_per_domain_outbound_connections is %d, more than max_outbound_connections, %d; lower the one or raise the other",
				p.MaxPerDomainConnections, p.MaxOutboundConnections)
		}
	}
	return p
}

// sizeOr is a size that may not be given.
func sizeOr(s *size, otherwise int64) int64 {
	if s == nil {
		return otherwise
	}
	return int64(*s)
}

// reportTimes warns of a server that tells senders of delays which its own retries were about to end, and reports one that gives mail up
// before that.
func (c *compiler) reportTimes(t *source, p *transport.Profile, k *transportKeys) {
	if p.Reports.Expiry <= p.Reports.Delay && k.Expiration != nil && k.DelayNotice != nil {
		c.errorf(t, "message_expiration_timeout", "%s is not after delay_notification_timeout, %s; nobody would be told of a delay: write a longer one",
			duration(p.Reports.Expiry), duration(p.Reports.Delay))
	}
	stage := time.Duration(p.TransientRetryCount) * p.TransientRetryInterval
	if p.Reports.Delay > stage {
		return
	}
	switch {
	case k.DelayNotice != nil:
		c.warnf(t, "delay_notification_timeout", "%s is not after the second stage of retries, %d times %s; senders are told of delays that may be over soon: write more than %s",
			duration(p.Reports.Delay), p.TransientRetryCount, duration(p.TransientRetryInterval), duration(stage))
	case k.TransientCount != nil || k.TransientInterval != nil:
		key := "transient_failure_retry_interval"
		if k.TransientInterval == nil {
			key = "transient_failure_retry_count"
		}
		c.warnf(t, key, "the second stage of retries, %d times %s, is not over when senders are told of a delay, after %s; shorten it or write a longer delay_notification_timeout",
			p.TransientRetryCount, duration(p.TransientRetryInterval), duration(p.Reports.Delay))
	}
}

// roleNames writes the roles of a machine for a message.
func roleNames(s *topology.Server) string {
	var out []string
	for _, r := range []struct {
		role topology.Roles
		name string
	}{{topology.RoleHub, "hub"}, {topology.RoleEdge, "edge"}, {topology.RoleMailbox, "mailbox"}, {topology.RoleEPost, "epost"}} {
		if s.Is(r.role) {
			out = append(out, r.name)
		}
	}
	return strings.Join(out, " and ")
}
