package scenarios

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim"
	"mailsim/sim/epost"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// epostServers translates the machines of [[epost]]; epostRemotes what they are for others.
func (c *compiler) epostServers() {
	for i := range c.doc.EPost {
		t := &c.doc.EPost[i]
		c.claim(&c.hosts, &t.source, t.Name)
		site := c.site(&t.source, "site", t.Site)
		s := topology.Server{
			Name: t.Name, Site: site, Roles: topology.RoleEPost, Version: c.version, Mailboxes: int(t.Mailboxes), Domains: c.epostDomains(t),
			DC: c.domainController(&t.source, site, ""),
		}
		id := topology.ServerID(len(c.servers))
		c.servers = append(c.servers, s)
		if _, taken := c.server[t.Name]; !taken {
			c.server[t.Name], c.siteOf[t.Name] = id, site
		}
		c.cfg.Servers = append(c.cfg.Servers, sim.Server{})
		c.cfg.EPosts = append(c.cfg.EPosts, c.epost(t, id))
	}
}

// epostDomains are the domains of a server: each belongs to one server only.
func (c *compiler) epostDomains(t *epostTable) []string {
	if len(t.Domains) == 0 {
		if t.has("domains") && t.node.get("domains").kind == arrayNode {
			c.errorf(&t.source, "domains", `is empty; write for example domains = ["ep1.example"], or leave it out`)
		}
		own := strings.ToLower(t.Name) + ".example"
		if t.Name != "" && !t.has("domains") && validName(t.Name) == nil && !validDomain(own) {
			c.errorf(&t.source, "name", `%s makes no domain of its name; write domains = ["ep1.example"], or another name`, quote(t.Name))
			return nil
		}
		return []string{own}
	}
	var out []string
	for i, d := range t.Domains {
		d = strings.ToLower(d)
		at := t.item("domains", i)
		switch {
		case !validDomain(d):
			c.errorAt(at, &t.source, "domains", `%s is not a domain; write for example "ep1.example"`, quote(d))
			continue
		case slices.Contains(out, d):
			c.errorAt(at, &t.source, "domains", "%s stands twice; remove one", quote(d))
			continue
		}
		for k := range c.servers {
			if slices.Contains(c.servers[k].Domains, d) {
				c.errorAt(at, &t.source, "domains", "%s is a domain of %s already; a domain has one server: remove one", quote(d), quote(c.servers[k].Name))
			}
		}
		out = append(out, d)
	}
	if len(out) == 0 {
		out = []string{strings.ToLower(t.Name) + ".example"}
	}
	return out
}

// epost translates the settings of a server.
func (c *compiler) epost(t *epostTable, id topology.ServerID) sim.EPost {
	x := sim.EPost{Server: id, Remote: topology.None, SmartHost: topology.None, Profile: epost.DefaultProfile(), Incoming: int(t.Incoming), Size: uint32(min(t.IncomingSize, 1<<32-1))}
	x.Profile.Threads, x.Profile.KeepInterval = int(t.Threads), t.KeepInterval
	if t.Rate != nil {
		if *t.Rate <= 0 {
			c.errorf(&t.source, "rate", `is 0, and nothing would be delivered; write for example rate = "1/s"`)
		} else {
			x.PerMessage, x.Rated = rng.Constant(1/float64(*t.Rate)), true
		}
	}
	x.Services = fault.MachineInfo{ServicesUp: time.Duration(t.LastService), Single: !t.Teamed}
	if x.Services.ServicesUp == 0 {
		x.Services.ServicesUp = simtime.FromSeconds(1e-9) // 0 stands for the default
	}
	for _, name := range t.Services {
		if s, ok := fault.ParseService(name); ok {
			x.Services.Services |= fault.Set(s)
		}
	}
	if n := t.node.get("services"); n != nil && n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(&t.source, "services", `is empty; write for example services = ["EPSTRS", "EPSTDS"], or leave it out`)
	}
	return x
}

// epostRemotes makes the outside systems that the servers are for others, under their own names and with the records of their domains.
func (c *compiler) epostRemotes() {
	for i := range c.doc.EPost {
		t := &c.doc.EPost[i]
		x := &c.cfg.EPosts[i]
		r := topology.Remote{Name: t.Name}
		for _, d := range c.servers[x.Server].Domains {
			r.MX = append(r.MX, topology.MX{Domain: d, Preference: 10})
		}
		x.Remote = c.org.Remote(r)
		if c.remotes.find(t.Name) < 0 {
			c.remotes.at[t.Name] = int(x.Remote)
		}
		c.remotes.names = append(c.remotes.names, t.Name)
		c.cfg.Remotes = append(c.cfg.Remotes, c.plainRemote())
	}
	for i := range c.doc.EPost {
		t := &c.doc.EPost[i]
		if !t.has("smart_host") {
			continue
		}
		switch host := c.lookup(&c.remotes, t.at("smart_host"), &t.source, "smart_host", t.SmartHost); {
		case t.SmartHost == t.Name:
			c.errorf(&t.source, "smart_host", "is the server itself; name another one")
		case host >= 0:
			c.cfg.EPosts[i].SmartHost = topology.RemoteID(host)
		}
	}
}

// lateExchange is how late a transport service of Exchange starts that finds no address (F8): then the directory has answered.
const lateExchange = 60 * time.Second

// faultServices translates the services of a fault; none = all of the machine, or all that listen.
func (c *compiler) faultServices(t *faultTable, f *fault.Fault) {
	if !t.has("services") && t.Target != nil && t.Target.Service != nil && (f.Kind == fault.NICLateBind || f.Mode == fault.ServiceStop) {
		c.servicesByTarget(t, f)
		return
	}
	if f.Kind == fault.NICLateBind && !t.has("services") {
		f.Late = lateExchange
	}
	if !t.has("services") {
		return
	}
	if f.Kind == fault.HostDown && f.Mode != fault.ServiceStop {
		c.errorf(&t.source, "services", `is for mode "service_stop"; a machine that is down stops them all`)
		return
	}
	if n := t.node.get("services"); n.kind == arrayNode && len(n.items) == 0 {
		c.errorf(&t.source, "services", `is empty; write for example services = ["EPSTRS"], or leave it out`)
	}
	for i, name := range t.Services {
		at := t.item("services", i)
		s, ok := fault.ParseService(name)
		switch {
		case !ok:
			c.errorAt(at, &t.source, "services", "%s is no service; %s", quote(name), suggest(name, fault.ServiceNames(), "service"))
		case f.Kind == fault.NICLateBind && !fault.Set(s).Listeners().Has(s):
			c.errorAt(at, &t.source, "services", "%s does not listen; it cannot late-bind", quote(name))
		default:
			f.Services |= fault.Set(s)
			c.serviceOnHosts(t, f, at, s)
		}
	}
}

// serviceOnHosts reports machines that do not run a service.
func (c *compiler) serviceOnHosts(t *faultTable, f *fault.Fault, at Pos, x fault.Service) {
	for _, h := range f.Hosts {
		if h.Server < 0 {
			continue
		}
		s := &c.servers[h.Server]
		runs := c.servicesOn(h.Server)
		if !runs.Has(x) {
			c.errorAt(at, &t.source, "services", "host %s has no service %s; it has %s", quote(s.Name), quote(x.String()), runs)
		}
	}
}

// servicesByTarget takes the services by which a target is picked for those that the fault is about (decision): who selects hosts by the service means that service.
func (c *compiler) servicesByTarget(t *faultTable, f *fault.Fault) {
	for _, h := range f.Hosts {
		f.Services |= t.Target.Service.servicesNamed() & c.servicesOn(h.Server)
	}
	if f.Kind != fault.NICLateBind || f.Services == 0 {
		return
	}
	if f.Services = f.Services.Listeners(); f.Services == 0 {
		c.errorAt(t.Target.Service.at[0], &t.source, "target.service", "%s does not listen; it cannot late-bind", quote(t.Target.Service.list[0]))
	}
}
