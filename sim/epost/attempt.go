package epost

import (
	"cmp"
	"slices"
	"strings"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// hop is where the mail of one or more domains goes: each attempt tries every target once, from the next one in turn on.
type hop struct {
	name    string
	targets []route.Target
	turn    int
	asks    bool   // DNS is asked for its address at each attempt
	domain  string // for this name; "" = that of the Exchange organisation, which has none here
}

// The hops that every server has.
const (
	here         int32 = iota // the mailboxes of the server
	organisation              // the Exchange organisation of the scenario
)

// SetEntrance says which servers of the Exchange organisation take mail from outside; those of a list that was given are kept.
func (s *Server) SetEntrance(targets []route.Target) { s.hops[organisation].targets = targets }

// hopTo finds where a destination is reached.
func (s *Server) hopTo(d route.DestID) int32 {
	for int(d) >= len(s.hopOf) {
		s.hopOf = append(s.hopOf, 0)
	}
	if s.hopOf[d] == 0 {
		s.hopOf[d] = s.findHop(s.cfg.Book.Destination(d)) + 1
	}
	return s.hopOf[d] - 1
}

func (s *Server) findHop(d route.Destination) int32 {
	org := s.cfg.Org
	external := d.Kind == route.External
	switch {
	case external && slices.Contains(org.Servers[s.cfg.ID].Domains, d.Domain):
		return here
	case s.cfg.SmartHost != topology.None:
		return s.addHop(org.Remotes[s.cfg.SmartHost].Name, []route.Target{{Kind: route.TargetRemote, ID: int32(s.cfg.SmartHost)}})
	case !external, slices.ContainsFunc(org.AcceptedDomains, func(a topology.AcceptedDomain) bool { return strings.EqualFold(a.Domain, d.Domain) }):
		return organisation
	}
	i := s.addHop(d.Domain, s.exchangers(d.Domain))
	s.hops[i].asks, s.hops[i].domain = true, d.Domain
	return i
}

func (s *Server) addHop(name string, targets []route.Target) int32 {
	if i := slices.IndexFunc(s.hops, func(h hop) bool { return h.name == name }); i > int(organisation) {
		return int32(i)
	}
	s.hops = append(s.hops, hop{name: name, targets: targets})
	return int32(len(s.hops) - 1)
}

// exchangers lists the outside systems that DNS names for a domain, by preference and then in the order of declaration, else the one that
// stands for everything else. Equals are not taken in turn here: there are two hosts for a domain seldom enough (decision).
func (s *Server) exchangers(domain string) []route.Target {
	type record struct {
		preference int32
		target     route.Target
	}
	var all []record
	for i := range s.cfg.Org.Remotes {
		for _, m := range s.cfg.Org.Remotes[i].MX {
			if strings.EqualFold(m.Domain, domain) {
				all = append(all, record{m.Preference, route.Target{Kind: route.TargetRemote, ID: int32(i)}})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b record) int { return cmp.Compare(a.preference, b.preference) })
	var out []route.Target
	for _, r := range all {
		out = append(out, r.target)
	}
	if len(out) == 0 {
		for i := range s.cfg.Org.Remotes {
			if strings.EqualFold(s.cfg.Org.Remotes[i].Name, "internet") {
				return []route.Target{{Kind: route.TargetRemote, ID: int32(i)}}
			}
		}
	}
	return out
}

// split leaves in a pair the recipients of its first next hop and returns that; the others stay in incoming as a pair of their own.
func (s *Server) split(now simtime.Time, it *item) int32 {
	st := s.cfg.Store
	entries := st.Entries(st.Hot[it.msg].Set)
	first := s.hopTo(entries[0].Dest)
	apart := func(e transport.Recipients) bool { return s.hopTo(e.Dest) != first }
	if len(entries) == 1 || !slices.ContainsFunc(entries, apart) {
		return first
	}
	var mine, rest []transport.Recipients
	for _, e := range entries {
		if apart(e) {
			rest = append(rest, e)
		} else {
			mine = append(mine, e)
		}
	}
	other := st.Again(it.msg)
	s.address(it.msg, mine)
	s.address(other, rest)
	s.ready.pushFront(item{msg: other, tries: it.tries, first: it.first})
	s.stats.Incoming.Add(now, 1)
	s.stats.All.Add(now, 1)
	return first
}

// address gives a copy other recipients.
func (s *Server) address(m transport.MsgID, to []transport.Recipients) {
	st := s.cfg.Store
	old := st.Hot[m].Set
	st.Hot[m].Set = st.NewSet(to)
	st.Unref(old)
}

// Target returns whom a thread is to talk to.
func (s *Server) Target(c transport.ConnID) route.Target { return s.threads[c].target }

// Asks returns the domain for whose address a thread asks DNS at the start of its attempt; false where it needs no name: for the mailboxes of
// the server, and for a smart host, which is known by its address. The name "" is that of an Exchange organisation without accepted domains.
func (s *Server) Asks(c transport.ConnID) (domain string, asks bool) {
	h := &s.hops[s.threads[c].hop]
	return h.domain, h.asks
}

// Sending returns the message that a thread works on; 0 = none.
func (s *Server) Sending(c transport.ConnID) transport.MsgID { return s.threads[c].msg }

// dial tries the next target of a thread's hop; without one the attempt has failed.
func (s *Server) dial(now simtime.Time, c transport.ConnID, out []transport.Action) []transport.Action {
	t := &s.threads[c]
	h := &s.hops[t.hop]
	if len(h.targets) == 0 { // the name is not found
		return s.failed(now, c, transport.NoConnector, false, out)
	}
	if t.tried == 0 {
		t.target = h.targets[h.turn%len(h.targets)]
		if t.hop == organisation { // equal servers, in turn
			h.turn = (h.turn + 1) % len(h.targets)
		}
	} else {
		i := slices.Index(h.targets, t.target)
		t.target = h.targets[(i+1)%len(h.targets)]
	}
	return append(out, transport.Action{Kind: transport.Dial, Conn: c})
}

func (s *Server) dialed(now simtime.Time, in transport.Input, out []transport.Action) []transport.Action {
	t := &s.threads[in.Conn]
	if in.Code == transport.OK {
		return append(out, transport.Action{Kind: transport.Send, Conn: in.Conn, Msg: t.msg})
	}
	nameless := in.Code == transport.NoName || in.Code == transport.NoSuchDomain // one query stands for all targets
	if t.tried++; t.tried < len(s.hops[t.hop].targets) && !nameless {
		return s.dial(now, in.Conn, out)
	}
	return s.failed(now, in.Conn, in.Code, true, out)
}

func (s *Server) replied(now simtime.Time, in transport.Input, out []transport.Action) []transport.Action {
	if in.Code == transport.TookPart { // the other recipients follow at once, in a further transaction
		m := s.threads[in.Conn].msg
		s.cfg.Store.DropHead(s.cfg.Book, m, int32(in.Msg))
		return append(out, transport.Action{Kind: transport.Send, Conn: in.Conn, Msg: m})
	}
	if in.Code != transport.OK && in.Code != transport.OKLast {
		return s.failed(now, in.Conn, in.Code, true, out)
	}
	t := &s.threads[in.Conn]
	s.stats.Transferred++
	s.gone(now, &t.item)
	out = append(out, transport.Action{Kind: transport.Left, Conn: in.Conn, Msg: t.msg})
	s.rest(now, in.Conn)
	return append(out, transport.Action{Kind: transport.Close, Conn: in.Conn})
}

// gone takes a pair out of the figures of the folder.
func (s *Server) gone(now simtime.Time, it *item) {
	g := &s.stats.Incoming
	if it.tries > 0 {
		g = &s.stats.Holding
	}
	g.Add(now, -1)
	s.stats.All.Add(now, -1)
}

// rest ends the work of a thread.
func (s *Server) rest(now simtime.Time, c transport.ConnID) {
	s.threads[c] = thread{}
	i, _ := slices.BinarySearchFunc(s.idle, c, func(a, b transport.ConnID) int { return cmp.Compare(b, a) })
	s.idle = slices.Insert(s.idle, i, c)
	s.stats.Threads.Add(now, -1)
	s.mark()
}

// failed ends an attempt that did not work: the pair waits in holding for its next one, or is given back.
func (s *Server) failed(now simtime.Time, c transport.ConnID, why transport.Code, open bool, out []transport.Action) []transport.Action {
	t := &s.threads[c]
	if !t.busy {
		return out
	}
	it := t.item
	s.rest(now, c)
	if open {
		out = append(out, transport.Action{Kind: transport.Close, Conn: c})
	}
	s.gone(now, &it)
	if it.tries++; it.tries == 1 {
		it.first = now
	}
	if s.cfg.Profile.GivesUp(TroubleOf(why), int(it.tries), now.Sub(it.first)) { // EP-3
		return s.giveBack(now, it.msg, why, out)
	}
	s.stats.Holding.Add(now, 1)
	s.stats.All.Add(now, 1)
	s.serial++
	at := now.Add(s.cfg.Profile.Wait(int(it.tries))) // EP-2
	s.holding.push(parked{item: it, at: at, serial: s.serial})
	s.parked = Pair{Msg: it.msg, Tries: int(it.tries), Next: at}
	return append(out, transport.Action{Kind: transport.QueueRetry, Code: why, Conn: c, Msg: it.msg})
}

// giveBack returns a message to its sender with a report, which is a new message in incoming. A report never causes a report.
func (s *Server) giveBack(now simtime.Time, m transport.MsgID, why transport.Code, out []transport.Action) []transport.Action {
	st, r := s.cfg.Store, &s.cfg.Profile.Reports
	s.stats.GivenUp++
	code := transport.Expired
	if TroubleOf(why) == Permanent {
		code = why
	}
	if !st.Cold[m].Null {
		to, _ := transport.ReportTo(s.cfg.Org, st.Cold[m].Sender)
		s.reports++
		report := st.New(transport.Copy{
			Message: transport.ReportNumber(s.cfg.ID, s.reports), Accepted: now, Created: now, Size: r.Size(transport.NonDelivery, st.Hot[m].Size),
			Set: st.NewSet([]transport.Recipients{{Dest: s.cfg.Book.Dest(to), Count: 1}}),
		}, transport.Tail{Sender: s.cfg.ID, Null: true})
		out = append(out, transport.Action{Kind: transport.Created, Code: code, Conn: transport.ConnID(m), Msg: report})
		s.accept(now, transport.Input{Kind: transport.Submitted, Msg: report})
	}
	return append(out, transport.Action{Kind: transport.Bounced, Code: code, Msg: m})
}
