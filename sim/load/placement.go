package load

import (
	"fmt"
	"strings"

	"mailsim/topology"
)

// Placement finds the mailbox servers of a trace's mailboxes.
//
// The mailboxes of a site are dealt out to its mailbox servers in turn, and on a server to its databases in turn, in the order of
// the lookup. Servers of the site without a number of mailboxes get none, unless no server of the site has one.
//
// A name with an @ that the lookup does not have is an address outside the organisation, unless the lookup has an address of the
// same domain. Without a lookup the names are those of mailbox servers.
type Placement struct {
	Name  string // of the trace's file, for messages
	Sites *Lookup
	Org   *topology.Organisation
}

// Place turns a trace into messages between mailbox servers. Every mailbox that has no place is reported, once (errors.Join), with
// file, line and column.
func (p Placement) Place(raws []Raw) ([]TraceMessage, error) {
	f := finder{
		Placement: p,
		known:     make(map[string]Party),
		sites:     make(map[string]topology.SiteID),
		domains:   make(map[string]bool),
	}
	f.deal()
	n := 0
	for i := range raws {
		n += len(raws[i].Recipients)
	}
	to := make([]Party, 0, n)
	out := make([]TraceMessage, 0, len(raws))
	for i := range raws {
		m := &raws[i]
		first := len(to)
		for _, r := range m.Recipients {
			to = append(to, f.find(r, m.Line, m.RecipientsColumn))
		}
		from := f.find(m.Sender, m.Line, m.SenderColumn)
		out = append(out, TraceMessage{At: m.At, From: from, To: to[first:len(to):len(to)], Size: m.Size})
	}
	if err := f.problems.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// finder remembers where each mailbox is.
type finder struct {
	Placement
	dealt    []Party // by entry of the lookup; a Weight of 0 means that its site is no place for mailboxes
	known    map[string]Party
	sites    map[string]topology.SiteID
	domains  map[string]bool // of the addresses in the lookup
	problems problems
}

// deal gives every mailbox of the lookup its server and database, whether the trace names it or not, so that a part of a trace
// has its mailboxes where the whole has them.
func (f *finder) deal() {
	if f.Sites == nil {
		return
	}
	f.dealt = make([]Party, f.Sites.Len())
	servers := make([][]topology.ServerID, len(f.Org.Sites))
	for i := range servers {
		servers[i] = mailboxServers(f.Org, topology.SiteID(i))
	}
	turn := make([]int, len(f.Org.Sites))
	for i, e := range f.Sites.entries {
		if _, domain, ok := strings.Cut(e.key, "@"); ok {
			f.domains[strings.ToLower(domain)] = true
		}
		site := f.site(e.value)
		if site == topology.None || len(servers[site]) == 0 {
			continue
		}
		n := len(servers[site])
		s := servers[site][turn[site]%n]
		f.dealt[i] = Party{Kind: PartyMailbox, Server: s, Database: int32(turn[site]/n%databases(f.Org, s)) + 1, Weight: 1}
		turn[site]++
	}
}

// site finds a site by name, or None.
func (f *finder) site(name string) topology.SiteID {
	s, ok := f.sites[name]
	if !ok {
		if s, ok = f.Org.SiteByName(name); !ok {
			s = topology.None
		}
		f.sites[name] = s
	}
	return s
}

func mailboxServers(org *topology.Organisation, site topology.SiteID) []topology.ServerID {
	var all, filled []topology.ServerID
	for i := range org.Servers {
		if s := &org.Servers[i]; s.Site == site && s.Is(topology.RoleMailbox) && !s.Absent {
			all = append(all, topology.ServerID(i))
			if s.Mailboxes > 0 {
				filled = append(filled, topology.ServerID(i))
			}
		}
	}
	if len(filled) > 0 {
		return filled
	}
	return all
}

func (f *finder) find(name string, line, column int) Party {
	if p, ok := f.known[name]; ok {
		return p
	}
	p, err := f.look(name)
	if err != nil {
		f.problems.add(fmt.Errorf("%s:%d:%d: mailbox %q %w", f.Name, line, column, name, err))
	}
	f.known[name] = p
	return p
}

func (f *finder) look(name string) (Party, error) {
	_, domain, address := strings.Cut(name, "@")
	if f.Sites == nil {
		if s, ok := f.Org.ServerByName(name); ok && f.Org.Servers[s].Is(topology.RoleMailbox) {
			return Party{Kind: PartyMailbox, Server: s, Weight: 1}, nil
		}
	} else if i, ok := f.Sites.byKey[name]; ok {
		e := &f.Sites.entries[i]
		if f.dealt[i].Weight > 0 {
			return f.dealt[i], nil
		}
		if f.site(e.value) == topology.None {
			return Party{}, fmt.Errorf("is at site %q (%s:%d:%d), which is not declared; add a [[site]], or correct the name",
				e.value, f.Sites.name, e.line, e.column)
		}
		return Party{}, fmt.Errorf("is at site %q (%s:%d:%d), which has no mailbox server; add a [[mailbox]] there",
			e.value, f.Sites.name, e.line, e.column)
	}
	switch {
	case address && !f.domains[strings.ToLower(domain)]:
		return Party{Kind: PartyInternet, Domain: strings.ToLower(domain), Weight: 1}, nil
	case f.Sites == nil:
		return Party{}, fmt.Errorf("is no mailbox server; name one, or say by mailboxes = { file, mailbox, site } which site it is at")
	}
	return Party{}, fmt.Errorf("is not in %s; add it there", f.Sites.name)
}
