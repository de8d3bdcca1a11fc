package scenarios

import (
	"fmt"
	"slices"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
)

// portBlock resolves the two ends of port_block (docs/rules/faults.md, F6).
func (c *compiler) portBlock(t *faultTable, f *fault.Fault) {
	f.Filter.From = c.filterEnd(t, "src", t.Src)
	if t.Dst != nil && t.Dst.node != nil && t.Dst.Remote != nil {
		c.timeFilter(t, f)
		return
	}
	f.Filter.To = c.filterEnd(t, "dst", t.Dst)
	same := len(f.Filter.From) > 0 && len(f.Filter.From) == len(f.Filter.To)
	for _, h := range f.Filter.From {
		same = same && slices.Contains(f.Filter.To, h)
	}
	if same {
		c.errorf(&t.source, "src", "selects the same hosts as dst")
	}
}

// timeFilter resolves a filter towards outside systems, which is about the time alone: what they take of mail is the matter of remote_down.
func (c *compiler) timeFilter(t *faultTable, f *fault.Fault) {
	f.Filter.Outside = true
	if !c.onlyKeysAt(&t.source, "dst", t.Dst, []string{"remote"}, "port_block of outside systems") {
		return
	}
	var known []string
	for i := range c.doc.Remote {
		known = append(known, c.doc.Remote[i].Name)
	}
	for i, pattern := range t.Dst.Remote.list {
		if !slices.ContainsFunc(known, func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(t.Dst.Remote.at[i], &t.source, "dst.remote", "%s matches no remote; %s", quote(pattern), suggest(pattern, known, "remote"))
		}
	}
	if t.Direction == "from" {
		c.errorf(&t.source, "direction", "nothing outside asks for the time; write to or both")
	}
	if t.Ports == nil {
		return
	}
	for i, p := range t.Ports.list {
		if p.Low > timePort || p.High < timePort {
			c.errorAt(t.Ports.at[i], &t.source, "ports", "%s to outside systems is not for port_block, which is about port 123 there; write remote_down for mail", portText(p))
		}
	}
}

const timePort = 123

// linkPorts translates the ports of link_down: without them nothing passes the link.
func (c *compiler) linkPorts(t *faultTable, f *fault.Fault) {
	if t.Ports == nil {
		return
	}
	f.Filter.Ports = t.Ports.list
	f.Direction = direction(t)
	c.portUses(t)
}

// direction is which way a fault cuts.
func direction(t *faultTable) fault.Direction {
	return fault.Direction(max(0, slices.Index([]string{"both", "to", "from"}, t.Direction)))
}

// filterEnd resolves one end: any machines.
func (c *compiler) filterEnd(t *faultTable, key string, s *selector) []fault.Host {
	if s == nil || s.node == nil {
		if !t.has(key) {
			c.errorf(&t.source, key, `required for kind %q; write { host = "NAME" } or { site = "NAME" }`, t.Kind)
		}
		return nil
	}
	const any = fault.TargetHub | fault.TargetEdge | fault.TargetMailbox | fault.TargetDC
	return c.selectHostsAt(&t.source, key, s, any, "kind "+quote(t.Kind))
}

// portSettings translates what port_block does to which connections.
func (c *compiler) portSettings(t *faultTable, f *fault.Fault) {
	b := &f.Filter
	b.TCP, b.UDP = t.Proto != "udp", t.Proto != "tcp"
	b.Does = map[string]directory.Filter{"": directory.Drop, "drop": directory.Drop, "reject": directory.Reject, "strip_esmtp": directory.Strip}[t.Answer]
	switch b.Both = t.Direction == "both"; t.Direction {
	case "from":
		b.From, b.To = b.To, b.From
	}
	if b.Does == directory.Strip {
		c.strippedPorts(t)
		b.Ports = []directory.PortRange{{Low: 25, High: 25}}
		return
	}
	switch {
	case t.Ports != nil:
		b.Ports = t.Ports.list
		c.portUses(t)
	case !t.has("ports"):
		c.errorf(&t.source, "ports", "required for kind %q; write ports = [25]", t.Kind)
	}
}

// strippedPorts: SMTP inspection looks at SMTP, whatever else is listed.
func (c *compiler) strippedPorts(t *faultTable) {
	if t.Ports == nil {
		return
	}
	for i, p := range t.Ports.list {
		if p.Low > 25 || p.High < 25 {
			c.rep.warnf(t.Ports.at[i], "%s: ports: strip_esmtp is about port 25; %s is left alone", t.subject, portText(p))
		}
	}
}

// portUses reports single ports that a run makes no use of: those that stand for something else here, and any others with a warning.
func (c *compiler) portUses(t *faultTable) {
	const names, handIn, fetch = "resolvers are no machines of a scenario; write a fault of kind dns_fail in place of it", "mail clients hand in their mail on port 25 here; write 25", "nobody fetches mail in a run; remove it"
	instead := map[uint16]string{53: names, 587: handIn, 465: handIn, 110: fetch, 995: fetch, 143: fetch, 993: fetch}
	used := []uint16{25, 2525, 88, 389, 3268, 123, 135, 50636}
	for i, p := range t.Ports.list {
		what, known := instead[p.Low]
		switch {
		case p.Low != p.High:
		case known:
			c.errorAt(t.Ports.at[i], &t.source, "ports", "%d: %s", p.Low, what)
		case c.otherDirectoryPort(t, i, p.Low):
		case !slices.Contains(used, p.Low):
			c.rep.warnf(t.Ports.at[i], "%s: ports: nothing in a run uses port %d by itself; the ports that matter are 25, 2525, 88, 389, 3268, 123, 135, 49152-65535 and 50636", t.subject, p.Low)
		}
	}
}

// otherDirectoryPort warns of a port on which servers would read the directory with the other setting of directory_tls, and nobody does with this one.
func (c *compiler) otherDirectoryPort(t *faultTable, i int, port uint16) bool {
	tls := c.doc.Model.DirectoryTLS
	if byTLS := port == 636 || port == 3269; !byTLS && port != 389 && port != 3268 || byTLS == tls {
		return byTLS // it is used
	}
	uses := "389 and 3268; with [model] directory_tls = true on 636 and 3269"
	if tls {
		uses = "636 and 3269, as [model] directory_tls says"
	}
	c.rep.warnf(t.Ports.at[i], "%s: ports: nobody reads the directory on port %d: servers do so on %s", t.subject, port, uses)
	return true
}

func portText(p directory.PortRange) string {
	if p.Low == p.High {
		return fmt.Sprint(p.Low)
	}
	return fmt.Sprintf("%d-%d", p.Low, p.High)
}
