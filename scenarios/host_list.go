package scenarios

import (
	"slices"

	"mailsim/topology"
)

// hostKind is a kind of server that a key may name.
type hostKind struct {
	noun  string
	is    func(*topology.Server) bool
	wrong string // what is said of a server of another kind
}

func transportServers() hostKind {
	return hostKind{"transport server", (*topology.Server).Transport, "is a mailbox server without a transport role; name a hub or an edge"}
}

func hubs() hostKind {
	return hostKind{"hub", func(s *topology.Server) bool { return s.Is(topology.RoleHub) }, "is no transport server inside the organisation; name one"}
}

func mailboxServers() hostKind {
	return hostKind{"mailbox server", func(s *topology.Server) bool { return s.Is(topology.RoleMailbox) }, "is no mailbox server; name one"}
}

// mailboxHolders are those whose mailboxes send and receive: mailbox servers, and E-Post servers.
func mailboxHolders() hostKind {
	return hostKind{"mailbox server", func(s *topology.Server) bool { return s.Is(topology.RoleMailbox) || s.Is(topology.RoleEPost) }, "is no mailbox server; name one"}
}

// hostList resolves the names of a key's list: one id a name, None for those that are reported here.
func (c *compiler) hostList(s *source, key string, list []string, kind hostKind) []topology.ServerID {
	out := make([]topology.ServerID, len(list))
	for i, name := range list {
		at := s.item(key, i)
		out[i] = topology.None
		id := c.hostNamed(at, s, key, name, kind)
		switch {
		case id == topology.None:
		case slices.Contains(out[:i], id):
			c.errorAt(at, s, key, "%s stands twice; remove one", quote(name))
		default:
			out[i] = id
		}
	}
	return out
}

// hostNamed resolves the name of a server of a kind; None after it has reported what is wrong.
func (c *compiler) hostNamed(at Pos, s *source, key, name string, kind hostKind) topology.ServerID {
	id, ok := c.server[name]
	switch {
	case ok && kind.is(&c.servers[id]):
		return id
	case ok:
		c.errorAt(at, s, key, "%s %s: %s", quote(name), kind.wrong, list(c.hostsOf(kind)))
	case s.empty(key, at):
		c.errorAt(at, s, key, "is empty; write the name of a %s", kind.noun)
	case name != "":
		c.errorAt(at, s, key, "no %s is called %s; %s", kind.noun, quote(name), suggest(name, c.hostsOf(kind), kind.noun))
	}
	return topology.None
}

// hostsOf lists the names of the servers of a kind, for messages.
func (c *compiler) hostsOf(kind hostKind) []string {
	var known []string
	for i := range c.servers {
		if s := &c.servers[i]; kind.is(s) && s.Name != "" {
			known = append(known, s.Name)
		}
	}
	return known
}
