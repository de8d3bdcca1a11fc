package load

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"mailsim/topology"
	"mailsim/topology/route"
)

// parties is a weighted choice among the mailbox databases and domains that a list of parties stands for.
type parties struct {
	upTo   []float64 // running sum of the weights
	guide  []int32   // guide[j]: the entry that u = j/len(guide) picks; a power of two long
	server []topology.ServerID
	dest   []route.DestID // recipients only
	groups []route.DestID // recipients only: those of dest that are groups, ascending
}

// pick chooses by inverse transform: one uniform in [0, 1), an entry with probability in proportion to its weight. Constant time on
// average (an indexed search); the same u always picks the same entry.
func (p *parties) pick(u float64) int {
	// len(guide) is a power of two, so the product is exact and the guide never points past the entry.
	i := int(p.guide[int(u*float64(len(p.guide)))])
	x := u * p.upTo[len(p.upTo)-1]
	for i < len(p.upTo)-1 && p.upTo[i] <= x {
		i++
	}
	return i
}

func (p *parties) index() {
	n := 1 << bits.Len(uint(len(p.upTo)-1))
	p.guide = make([]int32, n)
	total, i := p.upTo[len(p.upTo)-1], 0
	for j := range p.guide {
		x := float64(j) / float64(n) * total
		for i < len(p.upTo)-1 && p.upTo[i] <= x {
			i++
		}
		p.guide[j] = int32(i)
	}
}

func (p *parties) add(weight float64, s topology.ServerID, d route.DestID) {
	if n := len(p.upTo); n > 0 {
		weight += p.upTo[n-1]
	}
	p.upTo = append(p.upTo, weight)
	p.server = append(p.server, s)
	p.dest = append(p.dest, d)
}

// newParties spreads a list of parties over the organisation. A site, or all sites, is spread over its mailbox servers by number of
// mailboxes, a server evenly over its databases. With in == nil the parties are senders, whose databases do not matter.
func newParties(list []Party, org *topology.Organisation, in Interner) (*parties, error) {
	if len(list) == 0 {
		return nil, errors.New("is empty; name at least one party")
	}
	p := &parties{}
	var errs []error
	for i, e := range list {
		if err := p.spread(e, org, in); err != nil {
			if len(list) > 1 {
				err = fmt.Errorf("entry %d: %w", i+1, err)
			}
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if math.IsInf(p.upTo[len(p.upTo)-1], 0) {
		return nil, errors.New("the weights are too large to add; divide them all by the same number")
	}
	slices.Sort(p.groups)
	p.groups = slices.Compact(p.groups)
	p.index()
	return p, nil
}

func (p *parties) spread(e Party, org *topology.Organisation, in Interner) error {
	if !(e.Weight > 0) || math.IsInf(e.Weight, 1) {
		return fmt.Errorf("weight must be a positive number, is %v", e.Weight)
	}
	switch e.Kind {
	case PartyInternet:
		if in == nil {
			p.add(e.Weight, topology.None, 0)
		} else {
			p.add(e.Weight, topology.None, in.Dest(outside(e.Domain)))
		}
		return nil
	case PartyGroup:
		if in == nil {
			return errors.New("a group sends no mail; name a site, a mailbox server or the internet")
		}
		if err := checkGroup(e, org); err != nil {
			return err
		}
		d := in.Dest(route.Destination{Kind: route.DistributionList, Group: e.Group})
		p.groups = append(p.groups, d)
		p.add(e.Weight, topology.None, d)
		return nil
	case PartyMailbox:
		if err := checkMailbox(e, org, in == nil); err != nil {
			return err
		}
		p.spreadServer(e.Weight, e.Server, e.Database, org, in)
		return nil
	case PartySite:
		if e.Site < 0 || int(e.Site) >= len(org.Sites) {
			return fmt.Errorf("site %d is not declared", e.Site)
		}
		if !p.spreadMailboxes(e.Weight, org, in, func(s *topology.Server) bool { return s.Site == e.Site }) {
			return fmt.Errorf("site %q has no mailboxes; give one of its mailbox servers a number of mailboxes, or name another site",
				org.Sites[e.Site].Name)
		}
		return nil
	case PartyAnySite:
		if !p.spreadMailboxes(e.Weight, org, in, func(*topology.Server) bool { return true }) {
			return errors.New("no site has mailboxes; give at least one mailbox server a number of mailboxes")
		}
		return nil
	}
	return fmt.Errorf("party kind %d does not exist", e.Kind)
}

// spreadMailboxes spreads a weight over the mailbox servers of some sites; false when they have no mailboxes. Servers that are
// declared but not present have none yet.
func (p *parties) spreadMailboxes(weight float64, org *topology.Organisation, in Interner, of func(*topology.Server) bool) bool {
	counts := func(s *topology.Server) bool {
		return s.Is(topology.RoleMailbox) && !s.Absent && s.Mailboxes > 0 && of(s)
	}
	total := 0.0
	for i := range org.Servers {
		if s := &org.Servers[i]; counts(s) {
			total += float64(s.Mailboxes)
		}
	}
	for i := range org.Servers {
		if s := &org.Servers[i]; counts(s) {
			p.spreadServer(float64(weight*(float64(s.Mailboxes)/total)), topology.ServerID(i), 0, org, in)
		}
	}
	return total > 0
}

func (p *parties) spreadServer(weight float64, s topology.ServerID, database int32, org *topology.Organisation, in Interner) {
	switch n := databases(org, s); {
	case in == nil:
		p.add(weight, s, 0)
	case database > 0:
		p.add(weight, s, in.Dest(mailbox(s, database-1)))
	default:
		for d := range n {
			p.add(weight/float64(n), s, in.Dest(mailbox(s, int32(d))))
		}
	}
}

// databases is how many databases a mailbox server has: at least the one that is named after it.
func databases(org *topology.Organisation, s topology.ServerID) int {
	return max(1, len(org.Servers[s].Databases))
}

func mailbox(s topology.ServerID, database int32) route.Destination {
	return route.Destination{Kind: route.Mailbox, Server: s, Database: database}
}

func outside(domain string) route.Destination {
	if domain == "" {
		domain = OutsideDomain
	}
	return route.Destination{Kind: route.External, Type: "SMTP", Domain: domain}
}

func checkGroup(e Party, org *topology.Organisation) error {
	if e.Group < 0 || int(e.Group) >= len(org.Groups) {
		return fmt.Errorf("group %d is not declared", e.Group)
	}
	return nil
}

// checkMailbox reports a party that is no mailbox server. Mailboxes of E-Post send as well; as recipients they are outside.
func checkMailbox(e Party, org *topology.Organisation, sends bool) error {
	if e.Server < 0 || int(e.Server) >= len(org.Servers) {
		return fmt.Errorf("server %d is not declared", e.Server)
	}
	s := &org.Servers[e.Server]
	if !s.Is(topology.RoleMailbox) && !(sends && s.Is(topology.RoleEPost)) {
		return fmt.Errorf("server %q is no mailbox server; name one that is, or the site", s.Name)
	}
	if n := databases(org, e.Server); e.Database < 0 || int(e.Database) > n {
		return fmt.Errorf("server %q has %d database(s), number %d is not one of them", s.Name, n, e.Database)
	}
	return nil
}
