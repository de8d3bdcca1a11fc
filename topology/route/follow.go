package route

import (
	"strings"

	"mailsim/topology"
)

// Query asks for the whole way of one message to one recipient.
type Query struct {
	Server topology.ServerID // who sends: a transport server, or a mailbox server that submits; None to start in Site
	Site   topology.SiteID   // where it is sent from when Server is None
	Dest   DestID
	Size   int64 // bytes

	// Reach tells whether a connection from a server to a target would be answered; asked with a server's own target, whether
	// that server works. nil: everything answers.
	Reach func(from topology.ServerID, to Target) bool

	// View is the organisation that a server believes in. nil: all believe in the one given to Follow.
	View func(topology.ServerID) *topology.Organisation
}

// Fate is what becomes of a message that is followed.
type Fate uint8

// The fates.
const (
	Delivered       Fate = iota // into a mailbox store, or to an outside system
	WaitsInQueue                // at rest in a queue in status Retry
	Returned                    // non-delivery report with Way.Code
	WaitsForRoute               // in the Unreachable queue
	WaitsSubmission             // in the sender's mailbox store: no hub takes it (D-4)
)

// String returns the word of the route command: delivered, queued, ndr, unreachable, pending.
func (f Fate) String() string {
	switch f {
	case Delivered:
		return "delivered"
	case WaitsInQueue:
		return "queued"
	case Returned:
		return "ndr"
	case WaitsForRoute:
		return "unreachable"
	}
	return "pending"
}

// Way is what becomes of a message, and why. The path, the next hop and the candidates are those of the first transport server.
type Way struct {
	Path      []topology.SiteID // least-cost path to the site of the mailbox or connector, source first; nil without a route
	Cost      int64             // of Path
	TotalCost int64             // with the cost of the connector's address space

	NextHop      string               // domain of the first server's queue; "" when it is put into none
	DeliveryType string               // of that queue, as the server's version writes it
	Connector    topology.ConnectorID // chosen by the first server; None
	Candidates   []Target             // that it tries, in order, up to the one that accepts

	Servers []topology.ServerID // every transport server that handles it, the first included
	Stops   []topology.SiteID   // sites where a hub handles it, the first server's excluded

	Fate    Fate
	To      Target            // what it is delivered to; only when Delivered
	RestsAt topology.ServerID // where it waits, or was returned; None when Delivered, or when no server has it
	Status  string            // status of the queue it waits in: "Retry", or "Ready" in the Unreachable queue
	Code    string            // enhanced status code when Returned
	Reasons []Reason
}

// loopLimit is the return to one and the same server that ends a message (D-19).
const loopLimit = 20

// Follow traces a message from its sender until it is delivered or comes to rest. Every server on the way decides by the same
// functions as in a run, and notes why.
func Follow(b *Book, org *topology.Organisation, q Query) Way {
	f := follower{book: b, org: org, query: q}
	f.way.Connector, f.way.RestsAt = topology.None, topology.None
	for at := f.submit(); at != topology.None; {
		at = f.step(at)
	}
	f.way.Reasons = f.notes.reasons
	return f.way
}

// follower is a trace in progress.
type follower struct {
	book  *Book
	org   *topology.Organisation
	query Query
	way   Way
	site  topology.SiteID // of the server that handled the message last
	notes notes
}

// table is what a server knows.
func (f *follower) table(s topology.ServerID) *Table {
	org := f.org
	if f.query.View != nil {
		org = f.query.View(s)
	}
	return f.book.Table(org, org.Servers[s].Site)
}

func (f *follower) reach(from topology.ServerID, to Target) bool {
	return f.query.Reach == nil || f.query.Reach(from, to)
}

// submit finds the transport server that routes first: the sender itself, or a hub of its site; never one of another site (D-4).
func (f *follower) submit() topology.ServerID {
	sender, site := f.query.Server, f.query.Site
	f.notes.at = sender
	if sender != topology.None {
		s := &f.org.Servers[sender]
		site = s.Site
		if s.Transport() && f.reach(sender, serverTarget(sender)) {
			return sender // a mailbox server's own hub before the others of the site
		}
		if !s.Is(topology.RoleMailbox) {
			f.notes.add("D-4", "%q does not work: nothing is routed", s.Name)
			f.way.Fate, f.way.RestsAt = WaitsSubmission, sender
			return topology.None
		}
	}
	hubs := f.book.Table(f.org, site).view.hubs[site]
	offset := 0
	if sender != topology.None && len(hubs) > 0 {
		offset = f.book.Table(f.org, site).Offset(sender, len(hubs))
	}
	for i := range hubs {
		h := hubs[(offset+i)%len(hubs)]
		if f.reach(h, serverTarget(h)) && (sender == topology.None || f.reach(sender, serverTarget(h))) {
			f.notes.add("R-4.13", "submitted to hub %q of site %q", f.org.Servers[h].Name, f.org.Sites[site].Name)
			return h
		}
	}
	f.notes.add("D-4", "no hub of site %q takes the message: it stays in the sender's mailbox store and is offered again every minute",
		f.org.Sites[site].Name)
	f.way.Fate, f.way.RestsAt = WaitsSubmission, sender
	return topology.None
}

func serverTarget(s topology.ServerID) Target { return Target{TargetServer, int32(s)} }

// step lets one server decide, and returns the transport server that takes the message over, or None at the end.
func (f *follower) step(at topology.ServerID) topology.ServerID {
	t := f.table(at)
	first := len(f.way.Servers) == 0
	f.notes.at = at
	if f.comesBack(at) >= loopLimit {
		f.notes.add("D-19", "the message came back to %q for the %dth time: NDR 5.4.6", t.view.serverName(at), loopLimit)
		f.rest(Returned, at, "", "5.4.6")
		return topology.None
	}
	f.way.Servers = append(f.way.Servers, at)
	if !first && t.site != f.site && t.view.org.Servers[at].Is(topology.RoleHub) {
		f.way.Stops = append(f.way.Stops, t.site)
	}
	f.site = t.site

	question := question{
		from: at, dest: f.book.dests[f.query.Dest], size: f.query.Size,
		holds: span{-1, topology.Unlimited}, why: &f.notes,
	}
	d := t.decide(&question)
	if first {
		f.describe(t, at, &d)
	}
	switch d.outcome {
	case NoRoute:
		f.rest(WaitsForRoute, at, "Ready", "")
		return topology.None
	case TooLarge:
		f.rest(Returned, at, "", "5.3.4")
		return topology.None
	case NoConnector:
		f.rest(Returned, at, "", "5.4.4")
		return topology.None
	}
	to, ok := f.connect(t, at, t.candidates(at, &d.key), first)
	switch {
	case !ok:
		f.rest(WaitsInQueue, at, "Retry", "")
		return topology.None
	case to.Kind == TargetServer:
		return topology.ServerID(to.ID)
	}
	f.way.Fate, f.way.To = Delivered, to
	return topology.None
}

// connect makes one connection attempt, the first of a sender that has made none before. It goes through all candidates, the sites of
// the back-off included (D-5).
func (f *follower) connect(t *Table, at topology.ServerID, groups []Group, first bool) (Target, bool) {
	var failed []string
	for _, g := range groups {
		offset := t.Offset(at, len(g.Members))
		for i := range g.Members {
			to := Order(g.Members, offset, 0, i)
			if first {
				f.way.Candidates = append(f.way.Candidates, to)
			}
			if !f.reach(at, to) {
				failed = append(failed, t.targetName(to))
				continue
			}
			switch {
			case g.Backoff:
				f.notes.add("R-3.15", "no answer from %s: backs off along the path to %s in site %q",
					strings.Join(failed, ", "), t.targetName(to), t.view.siteName(g.Site))
			case len(failed) > 0:
				f.notes.add("R-4.2", "no answer from %s: the next in the list, %s, takes it", strings.Join(failed, ", "), t.targetName(to))
			}
			return to, true
		}
	}
	if len(failed) == 0 {
		failed = append(failed, "any server: there is none")
	}
	f.notes.add("R-3.15", "no answer from %s: the mail waits in the queue of %q, status Retry",
		strings.Join(failed, ", "), t.view.serverName(at))
	return Target{}, false
}

// targetName names a candidate.
func (t *Table) targetName(to Target) string {
	if to.Kind == TargetRemote {
		return t.view.org.Remotes[to.ID].Name
	}
	return t.view.org.Servers[to.ID].Name
}

// describe fills in what the first server decided.
func (f *follower) describe(t *Table, at topology.ServerID, d *decision) {
	w := &f.way
	w.Connector = d.chosen
	if d.final != topology.None && t.paths.reaches(d.final) {
		w.Path = t.paths.to(d.final)
		w.Cost = t.paths.best[d.final].cost
		w.TotalCost = w.Cost + d.space
	}
	if d.outcome == Queued {
		w.NextHop = d.key.Domain
		w.DeliveryType = d.key.Type.Name(t.view.org.Servers[at].Version)
	}
}

func (f *follower) rest(fate Fate, at topology.ServerID, status, code string) {
	f.way.Fate, f.way.RestsAt, f.way.Status, f.way.Code = fate, at, status, code
}

// comesBack counts how often a server has handled the message before, which is the number of the return that it makes now.
func (f *follower) comesBack(s topology.ServerID) int {
	n := 0
	for _, v := range f.way.Servers {
		if v == s {
			n++
		}
	}
	return n
}
