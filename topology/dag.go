package topology

import (
	"slices"
	"strings"
)

// DAGID numbers the database availability groups from 0.
type DAGID int32

// DAG is a database availability group: mailbox servers, in one site or several, that hold copies of each other's databases.
// For versions 2013 and later it is a boundary of routing.
type DAG struct {
	Name      string
	Members   []ServerID
	Databases []DAGDatabase // those that are not listed are active on the server that declares them
}

// DAGDatabase is a mailbox database with copies. A member declares a database of that name (Server.Databases); where mail for it is
// delivered is the server of its active copy.
type DAGDatabase struct {
	Name   string
	Active ServerID
	Copies []ServerID // servers with a copy, the active one included or not
}

// DAG adds a database availability group.
func (b *Builder) DAG(d DAG) DAGID {
	b.org.DAGs = append(b.org.DAGs, d)
	return DAGID(len(b.org.DAGs) - 1)
}

// DAGOf returns the database availability group of a server, or None.
func (o *Organisation) DAGOf(s ServerID) DAGID {
	for i := range o.DAGs {
		if slices.Contains(o.DAGs[i].Members, s) {
			return DAGID(i)
		}
	}
	return None
}

// ActiveCopy returns the server that holds the active copy of a database declared by a server, itself outside a group.
// i is an index into the server's databases.
func (o *Organisation) ActiveCopy(s ServerID, i int32) ServerID {
	g := o.DAGOf(s)
	if g == None {
		return s
	}
	name := o.Servers[s].DatabaseName(i)
	for _, d := range o.DAGs[g].Databases {
		if strings.EqualFold(d.Name, name) {
			return d.Active
		}
	}
	return s
}

// DatabaseName returns the name of a mailbox database of a server; one without databases has one named after it.
func (s *Server) DatabaseName(i int32) string {
	if int(i) < len(s.Databases) {
		return s.Databases[i]
	}
	return s.Name
}

// checkDAGs reports what is wrong with the database availability groups.
func (o *Organisation) checkDAGs(bad func(string, ...any)) {
	unique(bad, "dag", len(o.DAGs), func(i int) string { return o.DAGs[i].Name })
	for i := range o.DAGs {
		g := &o.DAGs[i]
		if len(g.Members) == 0 {
			bad("dag %q: has no member", g.Name)
		}
		for j, m := range g.Members {
			if !o.hasServer(m) {
				bad("dag %q: member %d is not declared", g.Name, m)
				continue
			}
			s := &o.Servers[m]
			switch first := g.Members[0]; {
			case slices.Contains(g.Members[:j], m):
				bad("dag %q: member %q stands twice", g.Name, s.Name)
			case o.DAGOf(m) != DAGID(i):
				bad("dag %q: member %q belongs to dag %q already", g.Name, s.Name, o.DAGs[o.DAGOf(m)].Name)
			case !s.Is(RoleMailbox):
				bad("dag %q: member %q is no mailbox server", g.Name, s.Name)
			case s.Version < V2010RTM:
				bad("dag %q: member %q is of version %s; groups came with 2010", g.Name, s.Name, s.Version)
			case o.hasServer(first) && !SameProduct(o.Servers[first].Version, s.Version):
				bad("dag %q: members %q and %q are of versions %s and %s; a dag never mixes them", g.Name, o.Servers[first].Name, s.Name, o.Servers[first].Version, s.Version)
			}
		}
		unique(bad, "dag "+g.Name+": database", len(g.Databases), func(i int) string { return g.Databases[i].Name })
		for _, d := range g.Databases {
			for _, s := range append([]ServerID{d.Active}, d.Copies...) {
				if !slices.Contains(g.Members, s) {
					bad("dag %q: database %q: server %d is no member", g.Name, d.Name, s)
				}
			}
		}
	}
}

// SameProduct tells whether two versions are one product, whatever its service pack: the members of a group must be.
func SameProduct(a, b Version) bool {
	return a == b || a.Class() == b.Class() && !a.New()
}

// hasServer tells whether a server is declared.
func (o *Organisation) hasServer(s ServerID) bool { return s >= 0 && int(s) < len(o.Servers) }

// IsHome tells whether a server is the one that a database of a name is found on: it holds the active copy of one that its group lists, or it
// alone declares one of that name. Where several servers declare it, none is.
func (o *Organisation) IsHome(name string, s ServerID) bool {
	named := func(d string) bool { return strings.EqualFold(d, name) }
	if g := o.DAGOf(s); g != None && slices.ContainsFunc(o.DAGs[g].Databases, func(d DAGDatabase) bool { return named(d.Name) }) {
		return o.IsActive(g, name, s)
	}
	here, all := false, 0
	for i := range o.Servers {
		x := &o.Servers[i]
		if x.Is(RoleMailbox) && (slices.ContainsFunc(x.Databases, named) || len(x.Databases) == 0 && named(x.Name)) {
			here, all = here || ServerID(i) == s, all+1
		}
	}
	return here && all == 1
}

// IsActive tells whether a server holds the active copy of the database of a name in a group. A database that the group does not list
// is active wherever a member declares it.
func (o *Organisation) IsActive(g DAGID, name string, s ServerID) bool {
	for _, d := range o.DAGs[g].Databases {
		if strings.EqualFold(d.Name, name) {
			return d.Active == s
		}
	}
	return true
}

// HasActive tells whether the active copy of some database is on a server.
func (o *Organisation) HasActive(s ServerID) bool {
	if g := o.DAGOf(s); g != None && slices.ContainsFunc(o.DAGs[g].Databases, func(d DAGDatabase) bool { return d.Active == s }) {
		return true
	}
	for i := range max(1, len(o.Servers[s].Databases)) {
		if o.ActiveCopy(s, int32(i)) == s {
			return true
		}
	}
	return false
}

// ListedDatabase numbers the databases that groups list with their copies, group by group from 0: that of a database declared by a server,
// or None when no group lists it.
func (o *Organisation) ListedDatabase(s ServerID, i int32) int32 {
	g := o.DAGOf(s)
	if g == None {
		return None
	}
	n := int32(0)
	for k := range g {
		n += int32(len(o.DAGs[k].Databases))
	}
	at := slices.IndexFunc(o.DAGs[g].Databases, func(d DAGDatabase) bool { return strings.EqualFold(d.Name, o.Servers[s].DatabaseName(i)) })
	if at < 0 {
		return None
	}
	return n + int32(at)
}

// Listed returns the database of a number that ListedDatabase gave.
func (o *Organisation) Listed(n int32) *DAGDatabase {
	g, i := o.listedAt(n)
	return &o.DAGs[g].Databases[i]
}

func (o *Organisation) listedAt(n int32) (g, i int32) {
	for int(n) >= len(o.DAGs[g].Databases) {
		n -= int32(len(o.DAGs[g].Databases))
		g++
	}
	return g, n
}
