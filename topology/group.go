package topology

// GroupID numbers the distribution groups from 0.
type GroupID int32

// Group is a distribution group.
type Group struct {
	Name            string
	Members         []Recipient
	ExpansionServer ServerID // the one server that expands the group; None = the first hub that handles a message
}

// Recipient is a member of a distribution group: mailboxes of a server, or an address outside.
type Recipient struct {
	Server   ServerID // the mailbox server; None for an address outside
	Database int32    // index into the server's databases
	Count    int32    // how many mailboxes; 0 means 1
	Type     string   // of an address outside; "" = SMTP
	Domain   string   // of an address outside
}

// Mailboxes is how many recipients the member stands for, at least 1.
func (r *Recipient) Mailboxes() int32 { return max(r.Count, 1) }

// Group adds a distribution group.
func (b *Builder) Group(g Group) GroupID {
	b.org.Groups = append(b.org.Groups, g)
	return GroupID(len(b.org.Groups) - 1)
}

// checkGroups reports what is wrong with the distribution groups. An expansion server may be absent: mail for the group is then
// unreachable (D-22).
func (o *Organisation) checkGroups(bad func(string, ...any)) {
	unique(bad, "group", len(o.Groups), func(i int) string { return o.Groups[i].Name })
	for i := range o.Groups {
		g := &o.Groups[i]
		switch x := g.ExpansionServer; {
		case x == None:
		case !o.hasServer(x):
			bad("group %q: expansion server %d is not declared", g.Name, x)
		case !o.Servers[x].Is(RoleHub):
			bad("group %q: expansion server %q is no hub", g.Name, o.Servers[x].Name)
		}
		for _, m := range g.Members {
			switch {
			case m.Server == None && m.Domain == "":
				bad("group %q: a member has neither a server nor a domain", g.Name)
			case m.Server != None && !o.hasServer(m.Server):
				bad("group %q: member's server %d is not declared", g.Name, m.Server)
			case m.Count < 0:
				bad("group %q: a member stands for %d mailboxes", g.Name, m.Count)
			}
		}
	}
}
