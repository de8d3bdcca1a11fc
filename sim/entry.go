package sim

import (
	"slices"
	"time"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// lookedAt is by how many recipients of a message its way in is chosen.
const lookedAt = 20

// entrance is how the mailboxes of a machine, or its front end, find the transport servers that take their mail: the routing table of its
// view, and whose turn it is among the candidates.
type entrance struct {
	view  *topology.Organisation
	table *route.Table
	own   bool    // by this view the hub on the machine itself comes first
	ways  []wayIn // by list of candidates, in order of first use
}

// wayIn is one list of candidates, group by group in the order of trying.
type wayIn struct {
	groups []route.Group
	turns  []route.Rotation
}

// offer is a message on its way to a transport server: which one takes it, from which site it comes, and how long the attempts at
// others took before.
type offer struct {
	to   int32
	from *host // the machine that offers it; nil: a sender outside that talks to the server itself
	wait time.Duration
}

// entryServer finds the transport server that takes a message; false when none does.
func (r *run) entryServer(m transport.MsgID) (offer, bool) {
	cold := &r.store.Cold[m]
	if cold.Sender == topology.None {
		if s, ok := r.postOf(m); ok {
			return r.toPost(m, s, false)
		}
		return r.fromOutside(m)
	}
	h := &r.hosts[cold.Sender]
	if h.post != nil {
		return r.toPost(m, int32(cold.Sender), true)
	}
	// A machine whose transport service alone is stopped still offers its mailboxes' mail to other servers.
	if !h.storeRuns() || h.mute || r.senderOff(h, m) {
		return offer{}, false
	}
	t := r.tableOf(h)
	if r.ownHub(h) && !r.refuses(h, transport.RejectSubmission) {
		return offer{to: int32(h.id), from: h}, true
	}
	r.recipients(m)
	return r.tryAll(h, t, t.Submission(h.id, r.dests), transport.RejectSubmission)
}

// ownHub tells that the hub on the machine itself takes the mail of its mailboxes, by what is known already: most messages ask
// no more.
func (r *run) ownHub(h *host) bool {
	return h.entry.own && !h.down && !h.draining && !h.mute && !h.noMail && h.dismounted == 0 && r.dir.View(h.id) == h.entry.view
}

// fromOutside finds the server for mail of the internet: the Edges in turn or, where there is none, the hubs in turn; from 2013 on the
// front end of the machine whose turn it is passes the message to a transport server near its recipients. What comes in on the
// receive connector of a linked connector comes to the source servers of that, in turn. A server that refuses mail from outside
// is passed over, and the sender waits for the reply of the one that takes it.
func (r *run) fromOutside(m transport.MsgID) (offer, bool) {
	o, ok := r.doorOutside(m)
	if ok {
		o.wait += r.tarpit(&r.hosts[o.to])
	}
	return o, ok
}

func (r *run) doorOutside(m transport.MsgID) (offer, bool) {
	first := r.store.Entries(r.store.Hot[m].Set)[0].Dest
	if d := r.book.Destination(first); d.Kind == route.Linked {
		e := &r.linked[d.Connector]
		s, ok := r.inTurn(e.servers, &e.turn)
		return offer{to: s}, ok
	}
	s, ok := r.inTurn(r.edges.servers, &r.edges.turn)
	h := &r.hosts[max(s, 0)]
	if !ok || h.edge || !r.org.Servers[s].Version.New() {
		return offer{to: s}, ok
	}
	t := r.tableOf(h)
	r.recipients(m)
	return r.tryAll(h, t, t.FrontEnd(r.dests), transport.RejectOutside)
}

// inTurn picks the next of the servers that listens and takes mail from outside. The front end of a server of 2013 and later takes all: it
// is the transport service behind it that refuses.
func (r *run) inTurn(servers []int32, turn *int) (int32, bool) {
	for k := range servers {
		i := (*turn + k) % len(servers)
		if h := &r.hosts[servers[i]]; !h.down && !h.deaf && !h.draining && !(r.refuses(h, transport.RejectOutside) && (h.edge || !r.org.Servers[servers[i]].Version.New())) {
			*turn = (i + 1) % len(servers)
			return servers[i], true
		}
	}
	return 0, false
}

// tableOf is the routing table by the machine's present view.
func (r *run) tableOf(h *host) *route.Table {
	if v := r.dir.View(h.id); v != h.entry.view {
		h.entry.view, h.entry.table, h.entry.own = v, r.book.Table(v, h.site), false
		if s := &v.Servers[h.id]; s.Is(topology.RoleMailbox) && !s.Version.New() {
			groups := h.entry.table.Submission(h.id, nil)
			h.entry.own = len(groups) > 0 && len(groups[0].Members) == 1 && topology.ServerID(groups[0].Members[0].ID) == h.id
		}
	}
	return h.entry.table
}

// recipients lists the destinations of the first recipients of a message, as many as a choice by recipients looks at.
func (r *run) recipients(m transport.MsgID) {
	r.dests = r.dests[:0]
	seen := int32(0)
	for _, e := range r.store.Entries(r.store.Hot[m].Set) {
		if seen >= lookedAt {
			break
		}
		r.dests = append(r.dests, e.Dest)
		seen += e.Count
	}
}

// tryAll offers a message to the candidates, group by group, in each in rotation, until one takes it. A candidate that refuses such mail
// answers nevertheless: it is not one that failed, and the earlier sites of the way are not tried then.
func (r *run) tryAll(h *host, t *route.Table, groups []route.Group, mail transport.Measures) (offer, bool) {
	o := offer{from: h}
	answered := false
	if len(groups) > 0 && len(groups[0].Members) == 1 { // most often the hub on the machine itself: nothing to remember
		if o.to = groups[0].Members[0].ID; r.takes(h, &r.hosts[o.to], &o.wait) {
			if answered = r.refuses(&r.hosts[o.to], mail); !answered {
				return o, true
			}
		}
		groups = groups[1:]
	}
	if len(groups) == 0 {
		return o, false
	}
	way := h.entry.way(t, h.id, groups)
	now := time.Duration(r.now)
	for g := range groups {
		if answered && groups[g].Backoff {
			break
		}
		turns := &way.turns[g]
		turns.Begin(&r.round)
		if turns.Working() > 0 {
			if i, ok := turns.Probe(now); ok { // D-12: who failed is asked again from time to time, before the others
				r.round.Skip(i)
				if o.to = groups[g].Members[i].ID; r.takes(h, &r.hosts[o.to], &o.wait) {
					turns.Worked(i)
					if !r.refuses(&r.hosts[o.to], mail) {
						return o, true
					}
					answered = true
				}
			}
		}
		for i, ok := turns.Next(&r.round); ok; i, ok = turns.Next(&r.round) {
			if o.to = groups[g].Members[i].ID; r.takes(h, &r.hosts[o.to], &o.wait) {
				turns.Worked(i)
				if !r.refuses(&r.hosts[o.to], mail) {
					return o, true
				}
				answered = true
				continue
			}
			turns.Failed(now, i)
		}
	}
	return o, false
}

// way returns what is remembered of a list of candidates; a list with the same members goes on where it was after a change of view.
func (e *entrance) way(t *route.Table, from topology.ServerID, groups []route.Group) *wayIn {
	for i := range e.ways {
		if w := &e.ways[i]; len(w.groups) == len(groups) && &w.groups[0] == &groups[0] {
			return w
		}
	}
	same := func(a, b route.Group) bool { return slices.Equal(a.Members, b.Members) }
	for i := range e.ways {
		if w := &e.ways[i]; slices.EqualFunc(w.groups, groups, same) {
			w.groups = groups
			return w
		}
	}
	w := wayIn{groups: groups, turns: make([]route.Rotation, len(groups))}
	for g := range groups {
		n := len(groups[g].Members)
		w.turns[g].Reset(t.View().Servers[from].Version, n, t.Offset(from, n)) // D-11
	}
	e.ways = append(e.ways, w)
	return &e.ways[len(e.ways)-1]
}

// takes tells whether a transport server takes a message that a machine offers now, and adds the time that a vain attempt takes. Inside a
// site servers know of each other, and only a session to another site has to authenticate. 2007 and 2010 call the server; from
// 2013 on it has to listen, unless it is the machine itself.
func (r *run) takes(h, to *host, wait *time.Duration) bool {
	switch {
	case h.site != to.site && (!r.net.Reachable(h.site, to.site) || to.down && to.silent):
		*wait += r.cfg.Model.FailedConnect
		return false
	case !r.open(h, to):
		return false
	case h.site == to.site:
		return r.portOpen(h, to, wait)
	case !r.portOpen(h, to, wait):
		return false
	}
	if r.net.Troubled() && r.onTrial(h.site, to.site) {
		late, ok := r.connects(r.crossing())
		if !ok {
			*wait += r.cfg.Model.FailedConnect
			return false
		}
		*wait += late
	}
	auth := r.handshake(h, to)
	r.tellNotes()
	return auth.OK()
}

// portOpen tells whether no filter keeps a machine from offering a message to another. From 2013 on that is SMTP (F6); before, it is not.
func (r *run) portOpen(h, to *host, wait *time.Duration) bool {
	if !r.dir.Filters() || h == to || !r.org.Servers[h.id].Version.New() {
		return true
	}
	_, takes, ok := r.filtered(h, to)
	*wait += takes
	return ok
}

// open tells whether a transport server that can be reached takes what a machine offers it.
func (r *run) open(h, to *host) bool {
	isNew := r.org.Servers[h.id].Version.New()
	return !to.down && !to.draining && !(to.deaf && isNew && h != to)
}
