package route

import (
	"slices"

	"mailsim/topology"
)

// lookedAt is the number of recipients by which a server of 2013 or later chooses where to submit a message.
const lookedAt = 20

// submissions remembers where messages are submitted to.
type submissions struct {
	local   [][]Group      // by local server: where it submits without regard to recipients; nil = not asked for yet
	front   []Group        // the same for a front end
	targets []submitTarget // delivery groups of recipients, in order of first use
	of      []int32        // by destination: 1 + index into targets, -1 = none, 0 = not asked for yet
}

// submitTarget is a delivery group that messages are submitted to directly.
type submitTarget struct {
	group  deliveryGroup
	site   topology.SiteID // its nearest site
	groups [][]Group       // by local sender
	front  []Group
}

// Submission returns who takes a message that is submitted by the mailbox server sender, in the order of trying, as Groups does for
// queues. When nobody answers, the message stays in the mailbox store and is offered again every minute (D-4).
//
// 2007 and 2010: the hub on the same machine, then the other hubs of the site in rotation, never another site; a member of
// a DAG takes its own hub last; an override list takes the place of all of them.
//
// 2013 and later: the nearest of the delivery groups of the first 20 recipients, its nearest site first and hub sites on the
// way notwithstanding, and after it, or without a mailbox among the recipients, the sender's own delivery group: its DAG, or the
// hubs of its class in its site. With Builder.SubmissionStaysInSite a sender whose own group is in one site uses only that.
//
// The slices are the table's own. Nothing is allocated where the recipients' groups were asked for before. It panics when sender is a
// server of another site.
func (t *Table) Submission(sender topology.ServerID, dests []DestID) []Group {
	t.mustBeHere("Submission", sender)
	v, s := t.view, &t.submit
	local := v.places[sender].local
	if s.local == nil {
		s.local = make([][]Group, len(t.cells))
	}
	isNew := v.org.Servers[sender].Version.New()
	if s.local[local] == nil {
		if isNew {
			s.local[local] = t.serversBySite(v.groupOf(sender, v.org.Servers[sender].Version).members)
		} else {
			s.local[local] = t.oldSubmission(sender)
		}
	}
	if !isNew || v.org.SubmissionStaysInSite && len(s.local[local]) <= 1 {
		return s.local[local]
	}
	i := t.nearestTarget(dests)
	if i < 0 {
		return s.local[local]
	}
	to := &s.targets[i]
	if to.groups == nil {
		to.groups = make([][]Group, len(t.cells))
	}
	if to.groups[local] == nil {
		to.groups[local] = withFallback(t.serversBySite(to.group.members), s.local[local])
	}
	return to.groups[local]
}

// FrontEnd returns who takes a message that arrives from outside at a front end of 2013 or later in this site: one server, whatever
// the recipients, because a front end never splits a message. It is chosen as Submission does, but without a mailbox among the first
// 20 recipients among the servers of this site, of which the rule takes a random one (D-10: the caller draws).
func (t *Table) FrontEnd(dests []DestID) []Group {
	s := &t.submit
	if s.front == nil {
		s.front = t.serversBySite(t.view.classGroup(t.site, topology.V2013.Class()).members)
	}
	i := t.nearestTarget(dests)
	if i < 0 {
		return s.front
	}
	to := &s.targets[i]
	if to.front == nil {
		to.front = withFallback(t.serversBySite(to.group.members), s.front)
	}
	return to.front
}

// oldSubmission lists the hubs that a mailbox server of 2007 or 2010 submits to.
func (t *Table) oldSubmission(sender topology.ServerID) []Group {
	v := t.view
	s := &v.org.Servers[sender]
	all := list{from: topology.None, groups: []Group{}}
	if len(s.SubmissionOverride) > 0 {
		all.servers(t.site, false, v.present(s.SubmissionOverride))
		return all.groups
	}
	others := list{from: sender}
	others.servers(t.site, false, v.hubs[t.site])
	if s.Is(topology.RoleHub) && !s.Absent {
		all.servers(t.site, false, []topology.ServerID{sender})
	}
	if v.org.DAGOf(sender) != topology.None {
		return append(others.groups, all.groups...)
	}
	return append(all.groups, others.groups...)
}

// nearestTarget returns the index of the nearest delivery group among those of the recipients looked at, of equally near ones the first;
// -1 when none of them is a mailbox that can be reached.
func (t *Table) nearestTarget(dests []DestID) int {
	best := -1
	for _, d := range dests[:min(len(dests), lookedAt)] {
		i := t.targetOf(d)
		if i >= 0 && (best < 0 || t.compareSites(t.submit.targets[i].site, t.submit.targets[best].site) < 0) {
			best = i
		}
	}
	return best
}

// targetOf returns the index of a recipient's delivery group, -1 for none.
func (t *Table) targetOf(d DestID) int {
	s := &t.submit
	if int(d) >= len(s.of) {
		s.of = append(s.of, make([]int32, len(t.book.dests)-len(s.of))...)
	}
	if s.of[d] == 0 {
		s.of[d] = t.findTarget(&t.book.dests[d])
	}
	return max(int(s.of[d])-1, -1)
}

func (t *Table) findTarget(d *Destination) int32 {
	if d.Kind != Mailbox {
		return -1
	}
	g := t.view.groupOf(t.view.store(d), topology.V2013)
	sites := t.memberSites(g.members)
	if len(sites) == 0 {
		return -1
	}
	s := &t.submit
	i := slices.IndexFunc(s.targets, func(x submitTarget) bool { return x.group.key == g.key })
	if i < 0 {
		i = len(s.targets)
		s.targets = append(s.targets, submitTarget{group: g, site: sites[0]})
	}
	return int32(1 + i)
}

// serversBySite groups servers by site, the nearest first. Never nil.
func (t *Table) serversBySite(ids []topology.ServerID) []Group {
	l := list{from: topology.None, groups: []Group{}}
	for _, s := range t.memberSites(ids) {
		l.servers(s, false, t.view.in(ids, s))
	}
	return l.groups
}

// withFallback appends the groups of a fallback, without the servers that are listed already.
func withFallback(first, fallback []Group) []Group {
	l := list{groups: slices.Clone(first)}
	for _, g := range fallback {
		rest := slices.DeleteFunc(slices.Clone(g.Members), func(m Target) bool {
			return slices.ContainsFunc(first, func(f Group) bool { return slices.Contains(f.Members, m) })
		})
		l.add(g.Site, false, rest...)
	}
	return l.groups
}
