package scenarios

import (
	"math"
	"slices"
	"time"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// clientServers are the servers that take mail from clients.
func clientServers() hostKind {
	return hostKind{"server for clients", func(s *topology.Server) bool { return s.Is(topology.RoleHub) || s.Is(topology.RoleEPost) }, "does not accept submissions; name a hub or an E-Post server"}
}

// clientTables translates [[client]].
func (c *compiler) clientTables() {
	for i := range c.doc.Client {
		t := &c.doc.Client[i]
		c.claim(&c.hosts, &t.source, t.Name)
		if _, taken := c.clients.at[t.Name]; !taken {
			c.clients.at[t.Name] = i
		}
		c.clients.names = append(c.clients.names, t.Name)
		x := sim.Clients{Name: t.Name, Site: c.site(&t.source, "site", t.Site), Count: int(max(t.Count, 1)), Home: topology.None}
		x.Servers = [2]topology.ServerID{
			c.hostNamed(t.at("server"), &t.source, "server", t.Server, clientServers()),
			c.hostNamed(t.at("second_server"), &t.source, "second_server", t.SecondServer, clientServers()),
		}
		if x.Servers[0] != topology.None {
			if x.Servers[0] == x.Servers[1] {
				c.errorf(&t.source, "second_server", "is the first server again; name another one, or leave it out")
			}
			x.Home = c.clientHome(t, x.Servers[0])
		}
		x.Hours.Location = c.zoneOf(x.Site)
		c.cfg.Clients = append(c.cfg.Clients, x)
	}
}

// clientHome is where the clients of a server have their mailboxes: on itself, on a mailbox server of its site, or on the first of the file.
func (c *compiler) clientHome(t *clientTable, server topology.ServerID) topology.ServerID {
	s := &c.servers[server]
	if s.Is(topology.RoleEPost) || s.Is(topology.RoleMailbox) {
		return server
	}
	home := topology.ServerID(topology.None)
	for i := range c.servers {
		switch x := &c.servers[i]; {
		case !x.Is(topology.RoleMailbox) || x.Absent:
		case x.Site == s.Site:
			return topology.ServerID(i)
		case home == topology.None:
			home = topology.ServerID(i)
		}
	}
	if home == topology.None {
		c.errorf(&t.source, "server", "there is no [[mailbox]] where the clients of %s could have their mailboxes; declare one", quote(s.Name))
	}
	return home
}

// zoneOf is the time zone of a site.
func (c *compiler) zoneOf(site topology.SiteID) *time.Location {
	if site >= 0 && int(site) < len(c.doc.Site) && c.doc.Site[site].TimeZone != "" {
		if loc, err := time.LoadLocation(c.doc.Site[site].TimeZone); err == nil {
			return loc
		}
	}
	return c.t0.Location()
}

// clientLoad translates the keys of a load of kind clients.
func (c *compiler) clientLoad(t *loadTable, s *load.Source) {
	s.Start = c.instant(&t.source, "start", t.Start, 0)
	s.End = c.instant(&t.source, "end", t.End, simtime.Never)
	if s.End <= s.Start {
		c.errorf(&t.source, "end", "%s is not after start %s", duration(s.End), duration(s.Start))
	}
	c.late(t, "start", s.Start)
	if t.Rate != nil {
		s.Rate = float64(*t.Rate)
	}
	s.Second = t.SubmitTo == "second_server"
	s.Count = 1
	hours := c.hours(t)
	i := -1
	switch list := t.From.list; {
	case len(list) == 0: // missing, and reported
	case len(list) > 1 || list[0].kind != "client":
		c.errorAt(list[0].at, &t.source, "from", `kind "clients" is mail of one population; write from = "client:NAME"`)
	default:
		i = c.lookup(&c.clients, list[0].at, &t.source, "from", list[0].name)
	}
	if i < 0 || i >= len(c.cfg.Clients) {
		return
	}
	p := &c.cfg.Clients[i]
	s.Population, s.Count = int32(i), int64(p.Count)
	s.Location = p.Hours.Location
	s.Hours = load.Hours{Week: hours, Location: p.Hours.Location}
	if p.Hours.Week == nil {
		p.Hours.Week = hours // a machine is on when its user works; of several loads the first that says so counts
	}
	if s.Second && p.Servers[1] == topology.None && !c.doc.Client[i].has("second_server") {
		c.errorf(&t.source, "submit_to", "client %s has no second_server; give it one", quote(p.Name))
	}
}

// hours reads when the clients of a load work, by the clock of their site.
func (c *compiler) hours(t *loadTable) []topology.Window {
	var out []topology.Window
	for i, text := range t.Hours {
		w, ok := parseWindow(text)
		if !ok {
			c.errorAt(t.item("hours", i), &t.source, "hours", `%s is no working time; write "Mon-Fri 08:30-17:30" or, for every day, "08:30-17:30"`, quote(text))
		}
		out = append(out, w...)
	}
	if n := t.node.get("hours"); n != nil && n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(&t.source, "hours", `is empty, so that nobody would ever work; write "Mon-Fri 08:30-17:30", or remove it`)
	}
	return out
}

// selectClients resolves a selector to populations of clients.
func (c *compiler) selectClients(s *source, t *selector, user string) []int32 {
	good := c.onlyKeys(s, t, []string{"host", "site", "role", "label"}, user)
	good = c.checkSites(s, "target.site", t.Site) && good
	var labels [][]string
	for i := range c.cfg.Clients {
		labels = append(labels, c.labels.ofHost(c.cfg.Clients[i].Name, c.cfg.Clients[i].Site))
	}
	good = c.checkCarried(s, "target", t.Label, labels) && good
	if t.Host == nil && t.Site == nil && t.Role == nil && t.Label == nil {
		if good {
			c.errorAt(t.node.at, s, "target", "required; name at least one host, site or role")
		}
		return nil
	}
	for i := range t.Role.texts() {
		if r := t.Role.list[i]; r != "client" {
			c.errorAt(t.Role.at[i], s, "target.role", "%s: %s needs client", quote(r), user)
			good = false
		}
	}
	for i, pattern := range t.Host.texts() {
		switch _, host := c.server[pattern]; {
		case slices.ContainsFunc(c.clients.known(), func(n string) bool { return glob(pattern, n) }):
		case host: // F012
			c.errorAt(t.Host.at[i], s, "target", "host %s has role %s; %s needs client", quote(pattern), roleNames(&c.servers[c.server[pattern]]), user)
			good = false
		default:
			c.errorAt(t.Host.at[i], s, "target.host", "%s matches no client; %s", quote(pattern), suggest(pattern, c.clients.known(), "client"))
			good = false
		}
	}
	var out []int32
	for i := range c.cfg.Clients {
		if x := &c.cfg.Clients[i]; x.Name != "" && t.Host.match(x.Name) && t.Site.match(c.siteName(x.Site)) && t.Label.carried(labels[i]) {
			out = append(out, int32(i))
		}
	}
	if len(out) == 0 && good {
		c.errorAt(t.node.at, s, "target", "matches no [[client]]; declare one, or name another host or site")
	}
	return out
}

// texts is the list of names; that of nothing is empty.
func (x *names) texts() []string {
	if x == nil {
		return nil
	}
	return x.list
}

// clientUpdate translates the keys of client_update (docs/rules/faults.md, F9).
func (c *compiler) clientUpdate(t *faultTable, f *fault.Fault) {
	f.Update = fault.Update{
		Server: topology.None, Broadcast: simtime.Never, RestartSpread: 20 * time.Minute, ResendSpread: 5 * time.Minute, ResendFraction: 1,
	}
	u := &f.Update
	u.ScanDelay, _ = rng.Uniform(5*60, 30*60)
	u.InstallTime, _ = rng.Lognormal(math.Log(3600), 0.3)
	for _, x := range []struct {
		from *durationDist
		to   *rng.Dist
	}{{t.ScanDelay, &u.ScanDelay}, {t.InstallTime, &u.InstallTime}} {
		if x.from != nil {
			*x.to = x.from.Dist
		}
	}
	for _, x := range []struct {
		from *duration
		to   *time.Duration
	}{{t.RestartSpread, &u.RestartSpread}, {t.ResendSpread, &u.ResendSpread}} {
		if x.from != nil {
			*x.to = time.Duration(*x.from)
		}
	}
	if t.ResendFraction != nil {
		u.ResendFraction = float64(*t.ResendFraction)
	}
	c.affectsServer(t, f)
	c.release(t, f)
	c.broadcastAt(t, f)
}

// affectsServer resolves the server that clients cannot hand mail to any more.
func (c *compiler) affectsServer(t *faultTable, f *fault.Fault) {
	id, isServer := c.server[t.AffectsServer]
	switch {
	case !t.has("affects_server"): // F003
		c.errorf(&t.source, "affects_server", `required for kind %q; write affects_server = "ep1"`, t.Kind)
	case t.AffectsServer == "": // no text, and reported; or empty
		if n := t.node.get("affects_server"); n.value == "" {
			c.errorf(&t.source, "affects_server", "is empty; write the name of a server")
		}
	case !isServer:
		c.errorf(&t.source, "affects_server", "no server is called %s; %s", quote(t.AffectsServer), suggest(t.AffectsServer, c.hostsOf(clientServers()), "server"))
	case !clientServers().is(&c.servers[id]):
		c.errorf(&t.source, "affects_server", "%s does not accept submissions", quote(t.AffectsServer))
	default:
		f.Update.Server = id
		if len(f.Clients) > 0 && !slices.ContainsFunc(f.Clients, func(i int32) bool { return slices.Contains(c.cfg.Clients[i].Servers[:], id) }) {
			c.warnf(&t.source, "affects_server", "none of the clients hands mail to %s; the update harms nobody", quote(t.AffectsServer))
		}
	}
}

// release finds when the update comes out: that is when the fault begins.
func (c *compiler) release(t *faultTable, f *fault.Fault) {
	u := &f.Update
	u.Release = f.Start
	switch repeated := t.has("schedule") || t.has("random"); {
	case repeated && t.has("release"):
		c.errorf(&t.source, "release", "the update comes out at each instant of the schedule; remove it")
	case repeated:
	case t.Release == "" && t.has("release"):
		if t.node.get("release").value == "" {
			c.errorf(&t.source, "release", `is empty; write "patch-tuesday" or an instant`)
		}
	case t.Release == "" && t.has("start"): // like every other fault
	case t.Release == "" || t.Release == "patch-tuesday":
		u.Release = c.patchTuesday(f.Start)
	default:
		since, err := Instant(t.Release, c.t0)
		switch {
		case err != nil:
			c.errorf(&t.source, "release", `%s is neither "patch-tuesday" nor an instant; write for example "2h" or "2026-03-11T02:00:00+09:00"`, quote(t.Release))
		case t.has("start"):
			c.errorf(&t.source, "start", "the fault begins at its release; give one of them")
		default:
			u.Release = simtime.Time(since)
		}
	}
	begin := max(0, u.Release)
	if f.End != simtime.Never && t.has("duration") {
		f.End = f.End.Add(begin.Sub(f.Start))
	}
	if h := simtime.Time(c.horizon()); begin != f.Start && h > 0 && begin >= h {
		c.warnf(&t.source, "release", "the update comes out at %s, after the simulation end %s; fault never runs", duration(begin), duration(h))
	}
	f.Start = begin
}

// S3-13: patchTuesday is the first second Tuesday of a month, 10:00 in Los Angeles, from an instant on.
func (c *compiler) patchTuesday(from simtime.Time) simtime.Time {
	begin := c.t0.Add(time.Duration(from))
	for _, x := range releases(begin, begin.AddDate(0, 2, 0)) {
		if at := simtime.Time(x.Sub(c.t0)); at >= from {
			return at
		}
	}
	return simtime.Never
}

// releases lists the instants at which updates come out in the months from one time to another; the first may lie a month before.
func releases(from, to time.Time) []time.Time {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic("scenarios: releases: " + err.Error()) // the data base of time zones is built in
	}
	var out []time.Time
	for _, d := range (dayRule{weekday: time.Tuesday, nth: 2}).days(from.UTC(), to.UTC()) {
		out = append(out, localTime(d, 10*time.Hour, zone))
	}
	return out
}

// broadcastAt reads when everybody is told to restart the mail client.
func (c *compiler) broadcastAt(t *faultTable, f *fault.Fault) {
	u := &f.Update
	if t.BroadcastAt == "" {
		if t.has("broadcast_at") && t.node.get("broadcast_at").value == "" {
			c.errorf(&t.source, "broadcast_at", `is empty; write a time of day such as "11:40", or an instant`)
		}
		return
	}
	if at, err := parseTimeOfDay(t.BroadcastAt); err == nil {
		u.ByClock, u.BroadcastClock = true, at
		return
	}
	since, err := Instant(t.BroadcastAt, c.t0)
	switch {
	case err != nil:
		c.errorf(&t.source, "broadcast_at", `%s is neither a time of day nor an instant; write for example "11:40", "4h" or "2026-03-11T11:40:00+09:00"`, quote(t.BroadcastAt))
	case simtime.Time(since) < f.Start:
		c.errorf(&t.source, "broadcast_at", "%s is before the update comes out, %s", duration(since), duration(f.Start))
	default:
		u.Broadcast = simtime.Time(since)
	}
}
