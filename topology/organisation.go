package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Organisation is a checked, immutable organisation. Its exported slices are to be read, never written; ids index them.
type Organisation struct {
	Sites         []Site
	Links         []Link
	Networks      []Network
	Servers       []Server
	Connectors    []Connector
	Remotes       []Remote
	DCs           []DC
	DAGs          []DAG
	Groups        []Group
	RoutingGroups []RoutingGroup
	RGCs          []RGC

	HostLists [][]RemoteID // lists of smart hosts that changes refer to (SmartHosts)

	AcceptedDomains []AcceptedDomain // domains that the organisation takes mail for

	SubmissionStaysInSite bool // 2013 and later: see Builder.SubmissionStaysInSite

	homes []ServerID // by mailbox server: where its mailboxes are (Home); nil = nothing has moved

	Version Version // the model's version; a server's own version overrides it
}

// Builder collects the parts of an organisation in order of declaration and checks them at Build.
type Builder struct {
	org Organisation
}

// NewBuilder starts an organisation of the given model version.
func NewBuilder(v Version) *Builder { return &Builder{org: Organisation{Version: v}} }

// Site adds a site.
func (b *Builder) Site(s Site) SiteID {
	b.org.Sites = append(b.org.Sites, s)
	return SiteID(len(b.org.Sites) - 1)
}

// Link adds an IP site link. MaxMessageSize 0 means unlimited.
func (b *Builder) Link(l Link) LinkID {
	if l.MaxMessageSize == 0 {
		l.MaxMessageSize = Unlimited
	}
	b.org.Links = append(b.org.Links, l)
	return LinkID(len(b.org.Links) - 1)
}

// Network adds an IP connection that is not a site link's.
func (b *Builder) Network(n Network) { b.org.Networks = append(b.org.Networks, n) }

// Server adds a machine.
func (b *Builder) Server(s Server) ServerID {
	b.org.Servers = append(b.org.Servers, s)
	return ServerID(len(b.org.Servers) - 1)
}

// Connector adds a connector. MaxMessageSize 0 means unlimited.
func (b *Builder) Connector(c Connector) ConnectorID {
	if c.MaxMessageSize == 0 {
		c.MaxMessageSize = Unlimited
	}
	b.org.Connectors = append(b.org.Connectors, c)
	return ConnectorID(len(b.org.Connectors) - 1)
}

// Remote adds an outside system.
func (b *Builder) Remote(r Remote) RemoteID {
	b.org.Remotes = append(b.org.Remotes, r)
	return RemoteID(len(b.org.Remotes) - 1)
}

// DC adds a domain controller.
func (b *Builder) DC(d DC) DCID {
	b.org.DCs = append(b.org.DCs, d)
	return DCID(len(b.org.DCs) - 1)
}

// Build checks the whole and returns it. Servers without any site declared are all in one of the name DefaultSite. Every problem is reported (errors.Join). The loader of scenarios reports the same
// problems earlier, with positions; this check is for those who build by hand, and a second line of defence.
func (b *Builder) Build() (*Organisation, error) {
	o := b.org
	if len(o.Sites) == 0 && len(o.Servers) > 0 {
		o.Sites = []Site{{Name: DefaultSite}}
	}
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.Sites) == 0 {
		bad("organisation: no site; declare at least one")
	}
	unique(bad, "site", len(o.Sites), func(i int) string { return o.Sites[i].Name })
	unique(bad, "link", len(o.Links), func(i int) string { return o.Links[i].Name })
	unique(bad, "server", len(o.Servers), func(i int) string { return o.Servers[i].Name })
	unique(bad, "connector", len(o.Connectors), func(i int) string { return o.Connectors[i].Name })
	unique(bad, "remote", len(o.Remotes), func(i int) string { return o.Remotes[i].Name })
	unique(bad, "dc", len(o.DCs), func(i int) string { return o.DCs[i].Name })
	for i := range o.Links {
		l := &o.Links[i]
		if len(l.Sites) < 2 {
			bad("link %q: joins %d site; name two or more", l.Name, len(l.Sites))
		}
		for j, s := range l.Sites {
			if !o.hasSite(s) {
				bad("link %q: site %d is not declared", l.Name, s)
			} else if slices.Contains(l.Sites[:j], s) {
				bad("link %q: site %q stands twice", l.Name, o.Sites[s].Name)
			}
		}
		if l.Cost < 1 {
			bad("link %q: cost must be at least 1, is %d", l.Name, l.Cost)
		}
		if l.ExchangeCost < 0 {
			bad("link %q: exchange cost must be at least 1, is %d", l.Name, l.ExchangeCost)
		}
	}
	for i := range o.Servers {
		s := &o.Servers[i]
		if !o.hasSite(s.Site) {
			bad("server %q: site %d is not declared", s.Name, s.Site)
		} else if o.Sites[s.Site].InboundDisabled && !s.Version.New() && !s.Is(RoleEdge) && !s.Is(RoleEPost) { // D-26
			bad("server %q: is of version %s, and its site %q has inbound mail disabled, which came with 2013; remove one of the two", s.Name, s.Version, o.Sites[s.Site].Name)
		}
		if s.Roles == 0 {
			bad("server %q: has no role", s.Name)
		}
		if s.Is(RoleEdge) && s.Roles != RoleEdge {
			bad("server %q: an edge has no other role", s.Name)
		}
		if s.Is(RoleEPost) != (len(s.Domains) > 0) || s.Is(RoleEPost) && s.Roles != RoleEPost {
			bad("server %q: an E-Post server has domains and no other role, and nothing else has domains", s.Name)
		}
	}
	for i := range o.Connectors {
		c := &o.Connectors[i]
		if len(c.Sources) == 0 && o.HostedBy(ConnectorID(i)) == None {
			bad("connector %q: has no source server", c.Name)
		}
		for _, s := range c.Sources {
			if s < 0 || int(s) >= len(o.Servers) {
				bad("connector %q: source server %d is not declared", c.Name, s)
				continue
			}
			switch first := c.Sources[0]; {
			case !o.Servers[s].Transport():
				bad("connector %q: source %q is no transport server", c.Name, o.Servers[s].Name)
			case first >= 0 && int(first) < len(o.Servers) && o.Servers[s].Is(RoleEdge) != o.Servers[first].Is(RoleEdge):
				bad("connector %q: sources %q and %q are a hub and an edge; give two connectors", c.Name, o.Servers[first].Name, o.Servers[s].Name)
			}
		}
		for _, r := range c.SmartHosts {
			if r < 0 || int(r) >= len(o.Remotes) {
				bad("connector %q: smart host %d is not declared", c.Name, r)
			}
		}
		o.checkSpaces(bad, c)
		if len(c.SmartHosts) > 0 && c.DNS {
			bad("connector %q: give smart hosts or dns, not both", c.Name)
		}
	}
	for i := range o.Networks {
		w := &o.Networks[i]
		if !o.hasSite(w.Sites[0]) || !o.hasSite(w.Sites[1]) || w.Sites[0] == w.Sites[1] {
			bad("network %q: joins two different sites that are declared", w.Name)
			continue
		}
		for j := range o.Networks[:i] {
			if x := o.Networks[j].Sites; x == w.Sites || x == [2]SiteID{w.Sites[1], w.Sites[0]} {
				bad("network %q: joins the same sites as network %q", w.Name, o.Networks[j].Name)
			}
		}
	}
	for i := range o.DCs {
		if !o.hasSite(o.DCs[i].Site) {
			bad("dc %q: site %d is not declared", o.DCs[i].Name, o.DCs[i].Site)
		}
	}
	o.checkDAGs(bad)
	o.checkSubmission(bad)
	o.checkGroups(bad)
	o.checkRemotes(bad)
	o.checkSmartHostLists(bad)
	o.checkRoutingGroups(bad)
	o.checkLinked(bad)
	o.checkAcceptedDomains(bad)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &o, nil
}

func unique(bad func(string, ...any), kind string, n int, name func(int) string) {
	seen := make(map[string]bool, n)
	for i := range n {
		switch s := name(i); {
		case s == "":
			bad("%s %d: has no name", kind, i)
		case seen[strings.ToUpper(s)]:
			bad("%s %q: declared twice (names are compared without regard to case)", kind, s)
		default:
			seen[strings.ToUpper(s)] = true
		}
	}
}

func (o *Organisation) hasSite(s SiteID) bool { return s >= 0 && int(s) < len(o.Sites) }

// SiteByName finds a site without regard to case.
func (o *Organisation) SiteByName(name string) (SiteID, bool) {
	i := slices.IndexFunc(o.Sites, func(s Site) bool { return strings.EqualFold(s.Name, name) })
	return SiteID(i), i >= 0
}

// ServerByName finds a server without regard to case.
func (o *Organisation) ServerByName(name string) (ServerID, bool) {
	i := slices.IndexFunc(o.Servers, func(s Server) bool { return strings.EqualFold(s.Name, name) })
	return ServerID(i), i >= 0
}

// ConnectorByName finds a connector without regard to case.
func (o *Organisation) ConnectorByName(name string) (ConnectorID, bool) {
	i := slices.IndexFunc(o.Connectors, func(c Connector) bool { return strings.EqualFold(c.Name, name) })
	return ConnectorID(i), i >= 0
}

// Hubs returns the hubs (transport servers that are no Edge) of a site in order of declaration. Servers that are declared but not
// present are left out; servers that are merely down are configured and stay in (D-3).
func (o *Organisation) Hubs(s SiteID) []ServerID { return o.inSite(s, RoleHub) }

// Edges returns the Edge servers subscribed to a site in order of declaration.
func (o *Organisation) Edges(s SiteID) []ServerID { return o.inSite(s, RoleEdge) }

func (o *Organisation) inSite(s SiteID, r Roles) []ServerID {
	var out []ServerID
	for i := range o.Servers {
		if sv := &o.Servers[i]; sv.Site == s && sv.Is(r) && !sv.Absent {
			out = append(out, ServerID(i))
		}
	}
	return out
}
