package scenarios

import (
	"slices"
	"strings"

	"mailsim/topology"
)

// dagTables translates [[dag]]. It comes before the servers are given to the builder: a database of a group may be the first that is said
// of a member's databases.
func (c *compiler) dagTables() {
	names := newRegistry("dag")
	for i := range c.doc.DAG {
		t := &c.doc.DAG[i]
		c.claim(&names, &t.source, t.Name)
		d := topology.DAG{Name: t.Name, Members: c.dagMembers(t)}
		d.Databases = c.dagDatabases(t, d.Members)
		c.org.DAG(d)
		c.dags = append(c.dags, d)
	}
}

// dagMembers resolves the members of a group: mailbox servers of one product from 2010 on, each in one group.
func (c *compiler) dagMembers(t *dagTable) []topology.ServerID {
	if t.has("members") && len(t.Members) == 0 {
		c.errorf(&t.source, "members", "is empty; name at least one mailbox server")
	}
	var out []topology.ServerID
	for i, id := range c.hostList(&t.source, "members", t.Members, mailboxServers()) {
		if id == topology.None {
			continue
		}
		at, s := t.item("members", i), &c.servers[id]
		switch {
		case c.dagOf[id] != "":
			c.errorAt(at, &t.source, "members", "%s belongs to dag %s already; leave it in one", quote(s.Name), quote(c.dagOf[id]))
		case s.Version < topology.V2010RTM:
			c.errorAt(at, &t.source, "members", "%s is of version %s, which has no such groups; they came with 2010", quote(s.Name), s.Version)
		case len(out) > 0 && !topology.SameProduct(c.servers[out[0]].Version, s.Version):
			c.errorAt(at, &t.source, "members", "%s is of version %s and %s of %s; a dag never mixes them: make two",
				quote(s.Name), s.Version, quote(c.servers[out[0]].Name), c.servers[out[0]].Version)
		default:
			c.dagOf[id] = t.Name
			out = append(out, id)
		}
	}
	return out
}

// dagDatabases translates the databases of a group. A database belongs to the member that lists it, and its mailboxes are those of that
// member; one that nobody lists belongs to the member it is active on, if that lists none at all.
func (c *compiler) dagDatabases(t *dagTable, members []topology.ServerID) []topology.DAGDatabase {
	var bare []topology.ServerID // members that list no databases
	for _, m := range members {
		if len(c.servers[m].Databases) == 0 {
			bare = append(bare, m)
		}
	}
	var out []topology.DAGDatabase
	for i := range t.Databases {
		x := &t.Databases[i]
		key := where{field: "databases"}.item(i).field + "."
		if !x.has("name") {
			continue // reported
		}
		if err := validName(x.Name); err != nil {
			c.errorAt(x.at("name"), &t.source, key+"name", "%s", err)
		} else if slices.ContainsFunc(out, func(d topology.DAGDatabase) bool { return strings.EqualFold(d.Name, x.Name) }) {
			c.errorAt(x.at("name"), &t.source, key+"name", "%s stands twice; remove one", quote(x.Name))
			continue
		}
		d := topology.DAGDatabase{Name: x.Name, Active: topology.None}
		if id, ok := c.dagMember(t, members, x.at("active"), key+"active", x.Active); ok {
			d.Active = id
		}
		for j, name := range x.Copies {
			id, ok := c.dagMember(t, members, x.item("copies", j), key+"copies", name)
			switch {
			case ok && slices.Contains(d.Copies, id):
				c.errorAt(x.item("copies", j), &t.source, key+"copies", "%s stands twice; remove one", quote(name))
			case ok:
				d.Copies = append(d.Copies, id)
			}
		}
		if d.Active == topology.None {
			continue
		}
		c.homeOf(t, x, key, members, bare, d)
		out = append(out, d)
	}
	return out
}

// homeOf finds the member that a database belongs to.
func (c *compiler) homeOf(t *dagTable, x *dagDatabase, key string, members, bare []topology.ServerID, d topology.DAGDatabase) {
	home := topology.ServerID(topology.None)
	for _, m := range members {
		s := &c.servers[m]
		switch {
		case slices.ContainsFunc(s.Databases, func(name string) bool { return strings.EqualFold(name, d.Name) }):
			return
		case slices.Contains(bare, m) && strings.EqualFold(s.Name, d.Name): // the one that a server without any has
			home = m
		}
	}
	if home == topology.None && slices.Contains(bare, d.Active) {
		home = d.Active
	}
	if home == topology.None {
		c.errorAt(x.at("name"), &t.source, key+"name", "no member lists %s; add it to databases of the [[mailbox]] %s, or of another member",
			quote(d.Name), quote(c.servers[d.Active].Name))
		return
	}
	c.servers[home].Databases = append(slices.Clone(c.servers[home].Databases), d.Name)
}

// dagMember resolves a member of a group by name. A member that has been reported is not reported again.
func (c *compiler) dagMember(t *dagTable, members []topology.ServerID, at Pos, key, name string) (topology.ServerID, bool) {
	var known []string
	for _, m := range members {
		if c.servers[m].Name == name {
			return m, true
		}
		known = append(known, c.servers[m].Name)
	}
	if name != "" && !slices.Contains(t.Members, name) {
		c.errorAt(at, &t.source, key, "no member of the dag is called %s; %s", quote(name), suggest(name, known, "member"))
	}
	return topology.None, false
}
