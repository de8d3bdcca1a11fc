package scenarios

import (
	"slices"

	"mailsim/topology"
	"mailsim/topology/lint"
)

// lint reports what is questionable about the organisation as a whole, and keeps what a single failure would stop.
func (s *Scenario) lint(rep *report) {
	c := s.first
	for _, f := range lint.Warnings(c.cfg.Org) {
		rep.warn(c.finding("warning: ", f))
	}
}

// Risks returns the single points of failure of the organisation, in order of position. They are no warnings: the scenario means
// what it says. Each call looks for them anew.
func (s *Scenario) Risks() []Problem {
	c := s.first
	var out []Problem
	for _, f := range lint.Risks(c.cfg.Org) {
		out = append(out, c.finding("risk: ", f))
	}
	return c.rep.sorted(out)
}

// finding gives a finding its place in the file and the name of what it is about.
func (c *compiler) finding(word string, f lint.Finding) Problem {
	t, key := c.table(f)
	w := where{t.subject, key}
	if !t.has(key) || key == "name" {
		w.field = ""
	}
	return Problem{Pos: t.at(key), Text: word + w.String() + f.Text, Code: string(f.Code)}
}

// table finds the table that declares the object of a finding, and the key that the finding is about. A connector that a subscription
// made has none: its first Edge server stands for it.
func (c *compiler) table(f lint.Finding) (*source, string) {
	d := c.doc
	switch f.Kind {
	case lint.Link:
		if f.Code == lint.LimitIgnored {
			return &d.Link[f.Object].source, "max_message_size"
		}
		return &d.Link[f.Object].source, "cost"
	case lint.Server:
		return c.host(topology.ServerID(f.Object))
	case lint.Connector:
		if int(f.Object) >= len(d.Connector) {
			return c.host(c.outputs[f.Object].Sources[0])
		}
		if f.Code == lint.ConnectorShadowed {
			return &d.Connector[f.Object].source, "address_spaces"
		}
		return &d.Connector[f.Object].source, "source_servers"
	}
	if f.Code == lint.HubFlagWithoutHub || f.Code == lint.OneHubSite {
		return &d.Site[f.Object].source, "hub_site"
	}
	return &d.Site[f.Object].source, "name"
}

// host finds the table of a server: of a machine with two roles that of its mailboxes.
func (c *compiler) host(id topology.ServerID) (*source, string) {
	name := c.servers[id].Name
	if i := slices.IndexFunc(c.doc.Mailbox, func(t mailboxTable) bool { return t.Name == name }); i >= 0 {
		return &c.doc.Mailbox[i].source, "site"
	}
	if i := slices.IndexFunc(c.doc.Edge, func(t edgeTable) bool { return t.Name == name }); i >= 0 {
		return &c.doc.Edge[i].source, "name"
	}
	i := slices.IndexFunc(c.doc.Hub, func(t hubTable) bool { return t.Name == name })
	return &c.doc.Hub[i].source, "name"
}
