package scenarios

import (
	"fmt"
	"slices"
	"time"

	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// Mail that a mailbox may be sent twice, and how long mailboxes remember what they have.

// memory is how long a mailbox database remembers a delivery.
type memory duration

// docMemory names the preset for what the help of 2007 says (QX-5).
const docMemory = "dup-2007-doc"

// UnmarshalText implements quantity.
func (m *memory) UnmarshalText(text []byte) error {
	if string(text) == docMemory {
		*m = memory(transport.Dup2007Doc().Window)
		return nil
	}
	if err := (*duration)(m).UnmarshalText(text); err != nil {
		return fmt.Errorf("%w; the preset is %s", err, quote(docMemory))
	}
	return nil
}

func (m memory) noUnit(n string) string { return durationWithoutUnit(n) + " or " + quote(docMemory) }
func (m memory) amount() float64        { return float64(m) }

// duplicates translates how the databases of a mailbox server tell second copies. A window that is longer than information is kept by
// default keeps it for as long (QX-5).
func (c *compiler) duplicates(t *mailboxTable) {
	id, ok := c.server[t.Name]
	if !ok {
		return
	}
	v := c.servers[id].Version
	d := transport.DuplicateSettings{Disabled: !t.DuplicateDetection}
	if w := c.doc.Model.DuplicateWindow; w != nil {
		d.Window = time.Duration(*w)
		d.Retention = max(d.Window, transport.Dup2007Doc().Window)
	}
	c.cfg.Servers[id].Duplicates = d
	if d.Disabled && d.WindowOf(v) != 0 {
		c.warnf(&t.source, "duplicate_detection", "version %s cannot switch it off (Q-12.7): second copies are dropped all the same", v)
	}
}

// duplicateWindow warns of a window that no mailbox server heeds.
func (c *compiler) duplicateWindow() {
	t := &c.doc.Model
	if !t.has("duplicate_window") || t.DuplicateWindow == nil || len(c.doc.Mailbox) == 0 {
		return
	}
	for i := range c.doc.Mailbox {
		if id, ok := c.server[c.doc.Mailbox[i].Name]; ok && !c.servers[id].Version.New() {
			return
		}
	}
	c.warnf(&t.source, "duplicate_window", "all mailbox servers are of 2013 or later, where it is always 7d (Q-12.5): it has no effect")
}

// partyList is one party, or a list of them.
type partyList struct {
	list []party
}

func (x *partyList) bindNode(b *binder, n *node, w where) {
	items := n.items
	if n.kind == scalarNode {
		items = []*node{n}
	} else if n.kind == tableNode || len(n.items) == 0 {
		b.errorf(n.at, w, `expected a party or a list of them; write "group:NAME" or ["group:NAME", "mailbox:NAME"]`)
		return
	}
	for _, i := range items {
		s, ok := b.text(i, w)
		if !ok {
			continue
		}
		p, ok := (&parties{}).parse(b, i, s, w)
		switch {
		case !ok:
		case slices.ContainsFunc(x.list, func(q party) bool { return q.kind == p.kind && q.name == p.name }):
			b.errorf(p.at, w, "%s stands twice; remove one", quote(s))
		default:
			x.list = append(x.list, p)
		}
	}
}

// repeats translates what lets a mailbox be sent a message twice: further recipients, a message id of several messages, and sending again.
func (c *compiler) repeats(t *loadTable, s *load.Source) {
	for _, p := range t.Cc.list {
		if p.kind == "site" {
			c.errorAt(p.at, &t.source, "cc", `a site stands for one of its mailboxes, drawn anew for each message; name it in to, or write "mailbox:NAME" or "group:NAME"`)
			continue
		}
		if x, ok := c.party(t, "cc", p); ok {
			s.Cc = append(s.Cc, x)
			c.warnNoWayOut(t, "cc", p, x)
		}
	}
	if id := t.MessageID; id != "" {
		i := slices.Index(c.messageIDs, id)
		if i < 0 {
			i = len(c.messageIDs)
			c.messageIDs = append(c.messageIDs, id)
		}
		s.MessageID = uint64(i) + 1
	} else if t.has("message_id") && t.node.get("message_id").value == "" {
		c.errorf(&t.source, "message_id", `is empty; write for example "report@monitor.example", or leave it out`)
	}
	if t.Date != nil {
		s.Dated, s.Date = true, simtime.Time(t.Date.since(c.t0))
		if !t.has("message_id") && !t.has("resend") {
			c.errorf(&t.source, "date", "is looked at only where messages may come twice; give message_id or resend with it, or remove it")
		}
	}
	if r := t.Resend; r != nil && r.After > 0 {
		s.Resend = load.Resend{After: time.Duration(r.After), Times: int(r.Times), NewDate: r.Date == "new"}
		if s.Resend.After >= c.horizon() && c.horizon() > 0 {
			c.rep.warnf(r.at("after"), "%s: resend.after: %s is not before the simulation end %s; nothing is sent again", t.subject, r.After, duration(c.horizon()))
		}
	}
}
