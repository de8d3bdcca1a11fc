package sim

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// What stops replies to all of a list (F20): from the tenth within an hour on, further ones are refused for four hours. Lists of up to guardMembers members do
// not count.
const (
	guardReplies = 10
	guardWindow  = time.Hour
	guardBlocks  = 4 * time.Hour
	guardMembers = 5000
)

// mailList is the list of a mail storm: a distribution group that the run has beside those of the organisation. It outlives the storm, which may come
// again.
type mailList struct {
	id       string // of the fault
	dest     route.DestID
	deleted  bool
	original uint64 // message to which people reply

	guarded bool
	replies []replied    // that were let through within the window, the latest guardReplies at most
	blocked simtime.Time // until then
}

type replied struct {
	at      simtime.Time
	message uint64
}

// withLists is the organisation of a run: with a group for the list of each mail storm, behind those that are declared and in order of the faults' ids.
func (cfg *Config) withLists() *topology.Organisation {
	var storms []*fault.Fault
	for i := range cfg.Faults {
		if cfg.Faults[i].Kind == fault.MailStorm {
			storms = append(storms, &cfg.Faults[i])
		}
	}
	if storms == nil {
		return cfg.Org
	}
	slices.SortFunc(storms, func(a, b *fault.Fault) int { return cmp.Compare(a.ID, b.ID) })
	org := *cfg.Org
	org.Groups = slices.Clone(org.Groups)
	for _, f := range storms {
		org.Groups = append(org.Groups, topology.Group{Name: f.ID, Members: f.Storm.List, ExpansionServer: topology.None})
	}
	return &org
}

// openList finds the list of a mail storm that begins.
func (r *run) openList(f *fault.Fault) int {
	i := slices.IndexFunc(r.lists, func(l mailList) bool { return l.id == f.ID })
	if i < 0 {
		i = len(r.lists)
		declared := len(r.cfg.Org.Groups)
		g := declared + slices.IndexFunc(r.org.Groups[declared:], func(g topology.Group) bool { return g.Name == f.ID })
		r.lists = append(r.lists, mailList{
			id: f.ID, dest: r.book.Dest(route.Destination{Kind: route.DistributionList, Group: topology.GroupID(g)}),
			guarded: f.Storm.Guard && f.Storm.Members() > guardMembers,
		})
	}
	r.lists[i].original = 0
	return i
}

// listOf is the list of a mail storm; nil before it has begun.
func (r *run) listOf(of int) *mailList {
	if i := r.stormOf(of); i >= 0 {
		return &r.lists[r.storms[i].list]
	}
	return nil
}

// replyToAll brings the message to which people reply, then a reply: somebody on the list sends one message to all of it, himself included.
func (r *run) replyToAll(x *storm) {
	l := &r.lists[x.list]
	from := x.spec.List[boxOf(len(x.spec.List), func(i int) int64 { return int64(x.spec.List[i].Mailboxes()) }, x.who.Float64())].Server
	m := r.enter(from, l.dest)
	if l.original == 0 {
		l.original = r.store.Hot[m].Message
	}
	r.submit(m)
}

// judge says what becomes of a message in the categoriser of the first server: OK, but for one to a list that is there no more, or that takes no replies.
func (r *run) judge(m transport.MsgID) transport.Code {
	to := r.store.Entries(r.store.Hot[m].Set)
	if len(to) != 1 {
		return transport.OK
	}
	for i := range r.lists {
		if l := &r.lists[i]; l.dest == to[0].Dest {
			return l.judge(r.now, r.store.Hot[m].Message)
		}
	}
	return transport.OK
}

func (l *mailList) judge(now simtime.Time, message uint64) transport.Code {
	switch {
	case l.deleted:
		return transport.NoRecipient
	case !l.guarded || message == l.original || slices.ContainsFunc(l.replies, func(x replied) bool { return x.message == message }):
		return transport.OK // a second time: it was put off after the first
	case now < l.blocked:
		return transport.ListGuarded
	}
	l.replies = slices.DeleteFunc(l.replies, func(x replied) bool { return now.Sub(x.at) >= guardWindow })
	if l.replies = append(l.replies, replied{now, message}); len(l.replies) >= guardReplies {
		l.blocked = now.Add(guardBlocks)
	}
	return transport.OK
}
