package scenarios

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// stormKeys are the keys of the faults that bring mail: mail_storm (F20), duplicate_storm (F21) and backscatter (F22).
type stormKeys struct {
	ListSize  *int64 `toml:"list_size" range:"2..10000000" example:"13000" doc:"mail_storm: how many mailboxes are on the list. They are spread over the mailbox servers that target selects, by their numbers of mailboxes." rule:"F20"`
	ReplyRate *rate  `toml:"reply_rate" range:"1/d.." example:"\"20/min\"" doc:"mail_storm: replies to all, together; each goes to everybody on the list. The message that is replied to comes at the start, the first reply one interval later." rule:"F20"`
	Guard     bool   `toml:"guard" default:"false" doc:"mail_storm: from the tenth reply to more than 5000 within an hour on, further ones are returned for four hours." rule:"F20"`

	CopiesEach    *int64 `toml:"copies" std:"1" range:"1..1000" doc:"duplicate_storm: how often each message is sent again." rule:"F21"`
	SameMessageID *bool  `toml:"same_message_id" std:"true" doc:"duplicate_storm: copies have the message id and the Date of the first. false: each has its own, and no mailbox takes it for a second copy." rule:"F21"`

	SpamRate        *rate     `toml:"rate" range:"1/d.." example:"\"60/min\"" doc:"backscatter: spam that comes, to all the Edges together, in turn." rule:"F22"`
	UnknownFraction *fraction `toml:"unknown_fraction" std:"1" example:"0.9" doc:"backscatter: which part of it is for addresses that nobody has; the rest is for mailboxes of the organisation." rule:"F22"`
	RejectAtRCPT    bool      `toml:"reject_at_rcpt" default:"false" doc:"backscatter: the Edges look recipients up while the sender is there, and say 550 5.1.1: they accept nothing that would have to be returned." rule:"F22"`
}

// stormRate translates the rate of a storm, which must be there.
func (c *compiler) stormRate(t *faultTable, key string, given *rate, to *float64) {
	switch {
	case given != nil:
		*to = float64(*given)
	case !t.has(key): // F003
		c.errorf(&t.source, key, "required for kind %q; write for example %s = %q", t.Kind, key, "20/min")
	}
}

// mailStorm translates mail_storm (docs/rules/faults.md, F20): whom the list has, and how fast people reply.
func (c *compiler) mailStorm(t *faultTable, f *fault.Fault) {
	s := &f.Storm
	c.stormRate(t, "reply_rate", t.ReplyRate, &s.Rate)
	if s.Guard = t.stormKeys.Guard; t.ListSize == nil {
		if !t.has("list_size") { // F003
			c.errorf(&t.source, "list_size", `required for kind "mail_storm"; write for example list_size = 13000`)
		}
		return
	}
	if s.Guard && *t.ListSize <= 5000 {
		c.warnf(&t.source, "guard", "counts replies to more than 5000, and the list has %d: it never acts", *t.ListSize)
	}
	hosts, chosen := c.mailServers(t)
	if chosen && len(hosts) == 0 {
		return // reported
	}
	boxes := int64(0)
	for _, h := range hosts {
		boxes += int64(c.servers[h].Mailboxes)
	}
	if boxes == 0 {
		c.errorf(&t.source, "list_size", "there are no mailboxes that could be on a list; give a [[mailbox]] some")
		return
	}
	if *t.ListSize < 2 || *t.ListSize > 10_000_000 {
		return // out of range, and reported
	}
	s.List = c.spreadList(*t.ListSize, hosts, boxes)
}

// mailServers are the mailbox servers whose mailboxes are on the list: those of target, or without one all that are there at the start.
func (c *compiler) mailServers(t *faultTable) (ids []topology.ServerID, chosen bool) {
	if t.has("target") {
		if t.Target == nil || t.Target.node == nil {
			return nil, true // no table, and reported
		}
		for _, h := range c.selectHosts(&t.source, t.Target, fault.TargetMailbox, "kind "+quote(t.Kind)) {
			ids = append(ids, h.Server)
		}
		return ids, true
	}
	for i := range c.servers {
		if s := &c.servers[i]; s.Is(topology.RoleMailbox) && !s.Absent {
			ids = append(ids, topology.ServerID(i))
		}
	}
	return ids, false
}

// spreadList spreads the members of a list over mailbox servers by their numbers of mailboxes, which add up to boxes, and on a server evenly over its
// databases. What cannot be divided goes to where the largest part of a mailbox is missing, of equal ones to the first (decision).
func (c *compiler) spreadList(members int64, servers []topology.ServerID, boxes int64) []topology.Recipient {
	var list []topology.Recipient
	shares := divide(members, len(servers), func(i int) int64 { return int64(c.servers[servers[i]].Mailboxes) }, boxes)
	for i, id := range servers {
		n := max(1, len(c.servers[id].Databases))
		for d, count := range divide(shares[i], n, func(int) int64 { return 1 }, int64(n)) {
			if count > 0 {
				list = append(list, topology.Recipient{Server: id, Database: int32(d), Count: int32(count)})
			}
		}
	}
	return list
}

// divide divides a whole number by weights, which add up to total, by the largest remainders.
func divide(whole int64, n int, weight func(int) int64, total int64) []int64 {
	out, rest, order := make([]int64, n), make([]int64, n), make([]int, n)
	left := whole
	for i := range n {
		order[i] = i
		out[i], rest[i] = whole*weight(i)/total, whole*weight(i)%total
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}

// duplicateTarget resolves whose mail duplicate_storm sends again: without a target everybody's.
func (c *compiler) duplicateTarget(t *faultTable, f *fault.Fault) {
	const servers = fault.TargetHub | fault.TargetEdge | fault.TargetMailbox
	switch {
	case !t.has("target"):
		for _, x := range c.candidates() {
			if x.roles&servers != 0 && x.name != "" {
				f.Hosts = append(f.Hosts, x.host)
			}
		}
	case t.Target != nil && t.Target.node != nil:
		f.Hosts = c.selectHosts(&t.source, t.Target, servers, "kind "+quote(t.Kind))
	}
}

// duplicateStorm translates the keys of duplicate_storm (docs/rules/faults.md, F21).
func (c *compiler) duplicateStorm(t *faultTable, f *fault.Fault) {
	s := &f.Storm
	if s.Copies = 1; t.CopiesEach != nil {
		s.Copies = int(*t.CopiesEach)
	}
	if t.Delay != nil {
		s.Delay = time.Duration(*t.Delay)
	}
	s.NewID = t.SameMessageID != nil && !*t.SameMessageID
}

// backscatter translates the keys of backscatter (docs/rules/faults.md, F22).
func (c *compiler) backscatter(t *faultTable, f *fault.Fault) {
	s := &f.Storm
	c.stormRate(t, "rate", t.SpamRate, &s.Rate)
	s.Unknown, s.Domains, s.Checked = 1, 1000, t.RejectAtRCPT
	if t.UnknownFraction != nil {
		s.Unknown = float64(*t.UnknownFraction)
	}
	switch d := t.Domains; {
	case d == nil:
	case len(d.list) > 0 || t.node.get("domains").kind == arrayNode:
		c.errorf(&t.source, "domains", "kind %q makes them up; write how many, for example domains = 1000", t.Kind)
	default:
		s.Domains = int(d.count)
	}
}

// listStep checks delete_list, which needs the list of a mail storm.
func (c *compiler) listStep(s *source, k *operatorKeys, of *faultTable, prefix string) {
	switch {
	case of == nil || of.Kind != fault.MailStorm.String(): // F020
		c.errorAt(s.at("action"), s, prefix+"action", "%s is for the list of a mail_storm; write it as a [[fault.remedy]] of that", quote(k.Action))
	case k.Target != nil && k.Target.node != nil:
		c.errorAt(k.Target.node.at, s, prefix+"target", "%s is about the list of its fault; remove it", quote(k.Action))
	}
}
