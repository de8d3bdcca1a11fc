package route

import "mailsim/topology"

// accepted returns the accepted domain that an address outside belongs to, the most specific one, and how specific it is: 0 when the
// organisation accepts no mail for it.
func (v *view) accepted(d *Destination) (best *topology.AcceptedDomain, specific int) {
	for i := range v.org.AcceptedDomains {
		a := &v.org.AcceptedDomains[i]
		if n := match(&topology.AddressSpace{Space: a.Domain}, d); n > specific {
			best, specific = a, n
		}
	}
	return best, specific
}

// unknown decides at a hub for a recipient of an accepted domain. Mailboxes of the organisation are destinations of another kind, so
// the recipient is none of them: it does not exist where the organisation has all mailboxes of the domain, and where it has not, a
// connector takes the mail as for any address outside (D-27).
func (t *Table) unknown(q *question) bool {
	a, specific := t.view.accepted(&q.dest)
	switch {
	case specific == 0 || t.view.org.Servers[q.from].Is(topology.RoleEdge):
		return false
	case a.Type == topology.Authoritative:
		q.why.add("D-27", "%q is an authoritative domain and has no such mailbox: NDR 5.1.1", a.Domain)
		return true
	}
	q.why.add("D-27", "%q is an accepted domain of type %s: a connector takes what is in no mailbox here", a.Domain, a.Type)
	return false
}

// inboundBid is what the inbound connector of an Edge subscription offers for a recipient of an accepted domain: its address
// space "--" stands for the authoritative and internal-relay domains, each as if it were listed.
func (t *Table) inboundBid(q *question) (bid, bool) {
	b := bid{id: topology.None, inward: true, site: t.site}
	if !t.view.org.Servers[q.from].Is(topology.RoleEdge) {
		return b, false
	}
	a, specific := t.view.accepted(&q.dest)
	if specific == 0 {
		return b, false
	}
	if a.Type == topology.ExternalRelay {
		q.why.add("D-27", "%q is an external relay domain: the Edge relays it by a connector", a.Domain)
		return b, false
	}
	var ok bool
	b.specific = specific
	b.name, b.cost, ok = t.inbound(q.from)
	return b, ok
}

// inbound returns the name and address space cost of the connector through which an Edge hands mail inward. An organisation
// may declare it, with the address space "--", and disable it; one that does not has that of the subscription. false when there is none
// that may be used.
func (t *Table) inbound(edge topology.ServerID) (name string, cost int64, ok bool) {
	declared := false
	for i := range t.view.org.Connectors {
		c := &t.view.org.Connectors[i]
		if len(c.AddressSpaces) == 0 || c.AddressSpaces[0].Space != topology.Accepted || !t.isSource(c, edge) {
			continue
		}
		declared = true
		if x := c.AddressSpaces[0].Cost; exists(c) && (!ok || x < cost || x == cost && topology.NameLess(c.Name, name)) {
			name, cost, ok = c.Name, x, true
		}
	}
	if !declared {
		return inboundName(t.view.siteName(t.site)), 1, true
	}
	return name, cost, ok
}

// Nobody tells whether a recipient is known not to exist: its address is in an authoritative domain, and it is none of the organisation's mailboxes, which
// are destinations of another kind (D-27). A server that looks recipients up refuses it at RCPT.
func (t *Table) Nobody(dest DestID) bool {
	d := t.book.Destination(dest)
	if d.Kind != External {
		return d.Kind == Nowhere
	}
	a, specific := t.view.accepted(&d)
	return specific > 0 && a.Type == topology.Authoritative
}
