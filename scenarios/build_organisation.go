package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mailsim/sim"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// organisation translates sites, links, machines and connectors.
func (c *compiler) organisation() {
	c.org = topology.NewBuilder(c.version)
	c.siteTables()
	c.linkTables()
	c.networkTables()
	c.dcTables()
	c.serverTables()
	c.epostServers()
	c.clientTables()
	c.dagTables()
	c.addServers()
	c.inboundMail()
	c.org.SubmissionStaysInSite(c.doc.Model.StaysInSite)
	c.remoteTables()
	c.epostRemotes()
	c.routingGroupNames()
	c.connectorTables()
	c.autoConnectors()
	c.routingGroupTables()
	c.rgcTables()
	c.acceptedTables()
	c.groupTables()
	c.internet()
	c.readLabels()
	c.resolvers()
}

func (c *compiler) siteTables() {
	if len(c.doc.Site) == 0 && !c.doc.has("site") {
		c.errorf(&c.doc.source, "site", "there is no [[site]]; declare at least one")
	}
	for i := range c.doc.Site {
		t := &c.doc.Site[i]
		c.claim(&c.sites, &t.source, t.Name)
		s := topology.Site{Name: t.Name, HubSite: t.HubSite, TimeZone: t.TimeZone, Absent: !t.Present, InboundDisabled: !t.InboundMailEnabled}
		if t.Location != nil {
			switch {
			case len(t.Location) != 2:
				c.errorf(&t.source, "location", "has %d numbers; write [latitude, longitude] in degrees", len(t.Location))
			case t.Location[0] < -90 || t.Location[0] > 90:
				c.errorf(&t.source, "location", "latitude %g is outside -90..90; write [latitude, longitude] in degrees", t.Location[0])
			case t.Location[1] < -180 || t.Location[1] > 180:
				c.errorf(&t.source, "location", "longitude %g is outside -180..180; write [latitude, longitude] in degrees", t.Location[1])
			default:
				s.Latitude, s.Longitude, s.Located = t.Location[0], t.Location[1], true
			}
		}
		if t.TimeZone != "" {
			if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "Local" {
				c.errorf(&t.source, "timezone", `%s is not an IANA time zone; write for example "Asia/Tokyo"`, quote(t.TimeZone))
			}
		}
		c.org.Site(s)
	}
}

// inboundMail reports sites that are to take in no mail where no server knows such a setting.
func (c *compiler) inboundMail() {
	for i := range c.doc.Site {
		t := &c.doc.Site[i]
		isNew := func(s topology.Server) bool { return s.Version.New() && s.Site == topology.SiteID(i) }
		if !t.InboundMailEnabled && t.has("inbound_mail_enabled") && !c.version.New() && !slices.ContainsFunc(c.servers, isNew) {
			c.errorf(&t.source, "inbound_mail_enabled", "a setting of 2013 and later, and the site has no such server; remove it")
		}
	}
}

// memberSites resolves the sites that a link joins.
func (c *compiler) memberSites(s *source, names []string) []topology.SiteID {
	var ids []topology.SiteID
	for i, name := range names {
		id := c.lookup(&c.sites, s.item("sites", i), s, "sites", name)
		if id < 0 {
			continue
		}
		if slices.Contains(ids, topology.SiteID(id)) {
			c.errorAt(s.item("sites", i), s, "sites", "site %s stands twice; remove one", quote(name))
			continue
		}
		ids = append(ids, topology.SiteID(id))
	}
	return ids
}

func (c *compiler) linkTables() {
	for i := range c.doc.Link {
		t := &c.doc.Link[i]
		c.claim(&c.links, &t.source, t.Name)
		l := topology.Link{Name: t.Name, Cost: t.Cost, ChangeNotification: t.ChangeNotification}
		l.Sites = c.memberSites(&t.source, t.Sites)
		if t.has("sites") && len(t.Sites) < 2 {
			c.errorf(&t.source, "sites", "%s; name two or more", howManySites(len(t.Sites)))
		}
		if t.ExchangeCost != nil {
			l.ExchangeCost = *t.ExchangeCost
		}
		if t.MaxMessageSize != nil {
			l.MaxMessageSize = int64(*t.MaxMessageSize)
		}
		l.RTT, l.Up, l.Down = c.line(&t.source, t.RTT, t.Bandwidth)
		if t.ReplicationInterval != nil {
			l.ReplicationInterval = c.interval(&t.source, "replication_interval", *t.ReplicationInterval)
		}
		if t.ReplicationPhase != nil {
			l.ReplicationPhase = time.Duration(*t.ReplicationPhase)
			interval := l.ReplicationInterval
			if interval == 0 {
				interval = 180 * time.Minute
			}
			if l.ReplicationPhase >= interval {
				c.errorf(&t.source, "replication_phase", "%s is not less than the interval %s; write a shorter one", *t.ReplicationPhase, duration(interval))
			}
		}
		l.ReplicationWindows = c.windows(&t.source, "replication_window", t.ReplicationWindow)
		c.linkValues = append(c.linkValues, l)
		c.org.Link(l)
	}
}

func howManySites(n int) string {
	switch n {
	case 0:
		return "names no site"
	case 1:
		return "names one site only"
	}
	return fmt.Sprintf("names %d sites", n)
}

// interval checks a replication interval (F023).
func (c *compiler) interval(s *source, key string, d duration) time.Duration {
	v := time.Duration(d)
	if v < 15*time.Minute || v > 168*time.Hour || v%(15*time.Minute) != 0 {
		c.errorf(s, key, "%s; replication intervals are multiples of 15m from 15m to 168h", d)
	}
	return v
}

// line is the round-trip time and bandwidth of a connection, with the documented defaults. The bandwidth of profile "reference" is
// unlimited, and nothing that it does depends on round trips.
func (c *compiler) line(s *source, rtt *duration, bw *linkBandwidth) (time.Duration, int64, int64) {
	r, up, down := 50*time.Millisecond, int64(100_000_000), int64(100_000_000)
	switch {
	case rtt != nil:
		r = time.Duration(*rtt)
	case !c.reference:
		c.warnf(s, "rtt", `none given; 50ms is taken, write for example rtt = "50ms"`)
	}
	switch {
	case bw != nil:
		up, down = int64(bw.Up), int64(bw.Down)
	case c.reference:
		up, down = 0, 0
	default:
		c.warnf(s, "bandwidth", `none given; 100Mbit/s is taken, write for example bandwidth = "100Mbit/s"`)
	}
	return r, up, down
}

func (c *compiler) networkTables() {
	for i := range c.doc.Network {
		t := &c.doc.Network[i]
		c.claim(&c.networks, &t.source, t.Name)
		ids := c.memberSites(&t.source, t.Sites)
		if t.has("sites") && len(t.Sites) != 2 {
			c.errorf(&t.source, "sites", "%s; name two", howManySites(len(t.Sites)))
		}
		n := topology.Network{Name: t.Name}
		n.RTT, n.Up, n.Down = c.line(&t.source, t.RTT, t.Bandwidth)
		if len(ids) == 2 {
			n.Sites = [2]topology.SiteID{ids[0], ids[1]}
			c.org.Network(n)
		}
		c.networkValues = append(c.networkValues, n)
	}
}

func (c *compiler) dcTables() {
	pdc := ""
	for i := range c.doc.DC {
		t := &c.doc.DC[i]
		c.claim(&c.hosts, &t.source, t.Name)
		site := c.site(&t.source, "site", t.Site)
		if t.PDCEmulator && pdc != "" {
			c.errorf(&t.source, "pdc_emulator", "dc %s is the PDC emulator already; leave it with one", quote(pdc))
		} else if t.PDCEmulator {
			pdc = t.Name
		}
		d := topology.DC{Name: t.Name, Site: site, PDCEmulator: t.PDCEmulator}
		c.dcs = append(c.dcs, d)
		c.dc[t.Name], c.siteOf[t.Name] = c.org.DC(d), site
	}
}

// site resolves the site of a host.
func (c *compiler) site(s *source, key, name string) topology.SiteID {
	return topology.SiteID(max(0, c.lookup(&c.sites, s.at(key), s, key, name)))
}

func (c *compiler) remoteTables() {
	for i := range c.doc.Remote {
		t := &c.doc.Remote[i]
		c.claim(&c.remotes, &t.source, t.Name)
		if c.hosts.find(t.Name) >= 0 {
			c.errorf(&t.source, "name", "is taken by another host; names of hosts are one namespace: choose another")
		}
		c.org.Remote(topology.Remote{Name: t.Name, MX: c.exchangers(t)})
		c.cfg.Remotes = append(c.cfg.Remotes, c.remote(t))
	}
}

// exchangers reads "contoso.com;10".
func (c *compiler) exchangers(t *remoteTable) []topology.MX {
	var out []topology.MX
	for i, text := range t.MX {
		domain, preference, given := strings.Cut(text, ";")
		x := topology.MX{Domain: strings.ToLower(strings.TrimSpace(domain)), Preference: 10}
		at := t.item("mx", i)
		if given {
			n, err := strconv.ParseInt(strings.TrimSpace(preference), 10, 32)
			if err != nil || n < 0 || n > 65535 {
				c.errorAt(at, &t.source, "mx", `%s: the preference must be 0 to 65535, is %s; write for example "contoso.com;10"`, quote(text), quote(preference))
				continue
			}
			x.Preference = int32(n)
		}
		switch {
		case !validDomain(x.Domain):
			c.errorAt(at, &t.source, "mx", `%s is not a domain with a preference; write for example "contoso.com;10"`, quote(text))
		case slices.ContainsFunc(out, func(o topology.MX) bool { return o.Domain == x.Domain }):
			c.errorAt(at, &t.source, "mx", "%s has a record already; remove one", quote(x.Domain))
		default:
			out = append(out, x)
		}
	}
	return out
}

// remote translates a system outside: its preset, then its own keys.
func (c *compiler) remote(t *remoteTable) sim.Remote {
	r := c.plainRemote()
	r.Hosts = int(t.Hosts)
	for _, p := range eopPresets() {
		if p.name == t.Preset {
			p.apply(&r)
		}
	}
	if t.RTT != nil {
		r.RTT = time.Duration(*t.RTT)
	}
	if t.Bandwidth != nil {
		r.Bandwidth = int64(*t.Bandwidth)
	}
	if t.Session != nil {
		r.Session = c.sessionCost(t.Session)
	}
	if t.MaxConnectionsPerSource != nil {
		r.MaxConnectionsPerSource = int(*t.MaxConnectionsPerSource)
	}
	if t.MaxMessages != nil {
		r.MaxMessagesPerConnection = int(*t.MaxMessages)
	}
	if t.ConnectionTimeout != nil {
		r.ConnectionTimeout = time.Duration(*t.ConnectionTimeout)
	}
	r.UnknownFraction = t.UnknownFraction
	return r
}

// plainRemote is a system of which nothing is said (docs/scenario-reference.md).
func (c *compiler) plainRemote() sim.Remote {
	r := sim.Remote{Hosts: 1, RTT: 30 * time.Millisecond, Session: profileCost("starttls-chunking")}
	if c.reference {
		r.Session = referenceCost()
	}
	return r
}

// internet adds the system that stands behind DNS when the file does not declare it.
func (c *compiler) internet() {
	for _, name := range c.remotes.known() {
		if strings.EqualFold(name, "internet") {
			return
		}
	}
	if len(c.doc.EPost) > 0 || c.changesToDNS() || slices.ContainsFunc(c.outputs, func(k topology.Connector) bool { return k.DNS }) {
		c.org.Remote(topology.Remote{Name: "internet"})
		c.cfg.Remotes = append(c.cfg.Remotes, c.plainRemote())
		c.remotes.names = append(c.remotes.names, "internet")
	}
}

// classThresholds spreads a threshold over the queue classes of a profile.
func classThresholds(p *transport.Profile, t *threshold) {
	for class, v := range map[route.Class]*int64{
		route.ClassSmtpConnector: t.SmtpConnector, route.ClassIntraOrg: t.IntraOrg, route.ClassMailbox: t.Mailbox, route.ClassOther: t.Other,
	} {
		if v != nil {
			p.Threshold[class] = int(*v)
		}
	}
}
