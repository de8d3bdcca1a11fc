package sim

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// viewer lists the queues of one server.
type viewer struct {
	r       *run
	s       int32
	hub     *transport.Hub
	out     *result.Snapshot
	name    string
	columns result.Generation
	brief   bool // queues only
	listed  int
	omitted int
}

// list adds the server's queues and messages; working are the copies in the categorisers of all servers. Submission is always there; Unreachable and Poison show when something
// is in them.
func (v *viewer) list(before tally, working []transport.MsgID) {
	for i := range v.hub.Queues() {
		l := v.hub.Look(i, v.r.now)
		if l.Removed {
			continue
		}
		var c count
		if i < len(before.queues) {
			c = before.queues[i]
		}
		v.delivery(i, &l, c)
	}
	now := submissionTally(v.hub)
	v.submission(now.submission, before.submission, slices.DeleteFunc(slices.Clone(working), func(m transport.MsgID) bool {
		return !v.r.store.HolderIs(m, topology.ServerID(v.s))
	}))
	if now.unreachable.length > 0 {
		v.unreachable(now.unreachable, before.unreachable)
	}
	if now.poison.length > 0 {
		v.poison(now.poison, before.poison)
	}
	v.shadows(before.shadows)
}

// delivery is a queue for one next hop.
func (v *viewer) delivery(i int, l *transport.QueueLook, before count) {
	k := v.r.book.Key(l.Key)
	q := result.Queue{
		Generation: v.columns, Identity: fmt.Sprintf(`%s\%d`, v.name, i+1), DeliveryType: k.Type.Name(v.r.org.Servers[v.s].Version),
		NextHopDomain: k.Domain, NextHopConnector: v.r.nextHopGUID(k), Status: l.Status.String(), MessageCount: int64(l.Length),
		LastError: v.r.queueLastError(v.s, l), Deferred: int64(l.Deferred), External: k.Type.External(),
		ByPriority: priorities(l.ByPriority), DeferredBy: priorities(l.DeferredByPriority),
	}
	if l.State == transport.Retry {
		q.Retry = &result.Retry{Count: int64(l.Retries), First: l.FirstTry, Last: l.LastTry, Next: l.NextTry}
		if l.Status == transport.StatusConnecting {
			q.Retry.Next = simtime.Never
		}
	}
	q.Incoming, q.Outgoing = count{l.Sent, int64(l.Length)}.since(before)
	v.out.Queues = append(v.out.Queues, q)
	v.hub.EachQueued(i, func(m transport.MsgID, s transport.Status, deferred bool) {
		v.waiting(q.Identity, m, s, deferred)
	})
}

func priorities(n [transport.NumPriorities]int32) result.Priorities {
	return result.Priorities{High: int64(n[transport.PriorityHigh]), Normal: int64(n[transport.PriorityNormal]), Low: int64(n[transport.PriorityLow])}
}

// submission is the queue of the categoriser: what it works on and what waits for it.
func (v *viewer) submission(now, before count, working []transport.MsgID) {
	q := v.kept("Submission", "Undefined", "Submission", now, before)
	slices.SortFunc(working, v.older)
	status := transport.StatusReady
	if len(working) > 0 {
		status = transport.StatusActive
	}
	q.Status = status.String()
	for _, m := range working {
		v.countPriority(&q.ByPriority, m)
		v.message(q.Identity, m, transport.StatusActive, setback{})
	}
	v.hub.EachSubmitted(func(m transport.MsgID, deferred bool) {
		v.countPriority(&q.ByPriority, m)
		if !deferred {
			v.message(q.Identity, m, transport.StatusReady, setback{})
			return
		}
		q.Deferred++
		v.countPriority(&q.DeferredBy, m)
		v.message(q.Identity, m, transport.StatusRetry, setback{deferral: "ADTransientFailureDuringResolve", lastError: unresolvedText, times: 1})
	})
}

// unreachable is the queue of mail without a route.
func (v *viewer) unreachable(now, before count) {
	q := v.kept("Unreachable", route.Unreachable.Name(v.r.org.Servers[v.s].Version), "Unreachable Domain", now, before)
	if v.hub.UnreachableSuspended() {
		q.Status = transport.StatusSuspended.String()
	}
	v.hub.EachUnreachable(func(m transport.MsgID, s transport.Status) {
		_, why := v.r.unreachableText(m)
		v.countPriority(&q.ByPriority, m)
		v.message(q.Identity, m, s, setback{lastError: why})
	})
}

// poison is the queue of mail that stopped the service: suspended until an administrator decides.
func (v *viewer) poison(now, before count) {
	q := v.kept("Poison", "Undefined", "Poison Message", now, before)
	v.hub.EachPoison(func(m transport.MsgID) {
		v.countPriority(&q.ByPriority, m)
		v.message(q.Identity, m, transport.StatusSuspended, setback{})
	})
}

// kept adds one of the queues that every server keeps.
func (v *viewer) kept(name, kind, domain string, now, before count) *result.Queue {
	q := result.Queue{
		Generation: v.columns, Identity: v.name + `\` + name, DeliveryType: kind, NextHopDomain: domain, NextHopConnector: noGUID,
		Status: transport.StatusReady.String(), MessageCount: now.length,
	}
	q.Incoming, q.Outgoing = now.since(before)
	v.out.Queues = append(v.out.Queues, q)
	return &v.out.Queues[len(v.out.Queues)-1]
}

func (v *viewer) countPriority(n *result.Priorities, m transport.MsgID) {
	switch v.r.store.Cold[m].Priority {
	case transport.PriorityHigh:
		n.High++
	case transport.PriorityLow:
		n.Low++
	default:
		n.Normal++
	}
}

// older orders copies by acceptance, then by number.
func (v *viewer) older(a, b transport.MsgID) int {
	x, y := &v.r.store.Hot[a], &v.r.store.Hot[b]
	switch {
	case x.Accepted != y.Accepted:
		return int(min(max(x.Accepted-y.Accepted, -1), 1))
	case x.Message != y.Message:
		return 2*b2i(x.Message > y.Message) - 1
	}
	return int(a) - int(b)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// setback is what a listing says of a message that did not get on: why it is put off at present, what it met last, how often it was put off.
type setback struct {
	deferral, lastError string
	times               int64
}

// waiting adds a message of a delivery queue, with what the other side said when it put it off.
func (v *viewer) waiting(queue string, m transport.MsgID, s transport.Status, deferred bool) {
	var x setback
	if b, ok := v.hub.Setback(m); ok {
		x.lastError, x.times = setbackText(b.Why), int64(b.Times)
	}
	if deferred {
		x.deferral = "TransientFailure"
	}
	v.message(queue, m, s, x)
}

// message adds one message of a queue. Who sends and who receives is told as the scenario names them: single people have no names here.
func (v *viewer) message(queue string, m transport.MsgID, s transport.Status, back setback) {
	if v.brief {
		return
	}
	if v.listed == messagesMax {
		v.omitted++
		return
	}
	v.listed++
	r := v.r
	hot, cold := &r.store.Hot[m], &r.store.Cold[m]
	x := result.Message{
		Generation: v.columns, Identity: fmt.Sprintf(`%s\%d`, queue, hot.Message), Queue: queue, Status: s.String(),
		Size: int64(hot.Size), Received: hot.Accepted, Expires: v.hub.ExpiresAt(m), LastError: back.lastError, Retries: back.times,
		Deferral: back.deferral, Recipients: r.recipientNames(hot.Set), Priority: priorityName(cold.Priority), Age: r.now.Sub(hot.Created),
		Incoming: cold.Sender == topology.None,
	}
	x.From, x.ID = r.fromAddress(m), "internet"
	if cold.Sender != topology.None {
		x.ID = r.org.Servers[cold.Sender].Name
	}
	x.ID = fmt.Sprintf("<%d@%s>", hot.Message, x.ID)
	x.Source, x.SourceIP = v.source(m)
	v.out.Messages = append(v.out.Messages, x)
}

// source tells how a message came to the server: MessageSourceName and SourceIP.
func (v *viewer) source(m transport.MsgID) (name, ip string) {
	const local = "255.255.255.255" // what the queue viewer shows for mail that came by no session
	r, cold := v.r, &v.r.store.Cold[m]
	server := &r.org.Servers[v.s]
	smtp := "SMTP:Default " + v.name
	if server.Is(topology.RoleEdge) {
		smtp = "SMTP:Default internal receive connector " + v.name
	}
	switch {
	case cold.Relayed:
		if path := r.store.Path(cold.Path); len(path) > 1 {
			ip = r.address(path[len(path)-2])
		}
		return smtp, ip
	case cold.Null:
		return "DSN", local
	case cold.Sender == topology.None:
		return smtp, ""
	case server.Version.New(): // the mailbox transport service submits by SMTP
		return smtp, r.address(cold.Sender)
	}
	return "FromLocal", local
}

// recipientNames lists the recipients of a message as the scenario names them, with how many there are of one kind.
func (r *run) recipientNames(set transport.SetID) string {
	var names []string
	var counts []int32
	for _, e := range r.store.Entries(set) {
		n := r.destinationName(e.Dest)
		i := slices.Index(names, n) // mailboxes of one database may stand in several entries, each for those with some numbers
		if i < 0 {
			i, names, counts = len(names), append(names, n), append(counts, 0)
		}
		counts[i] += e.Count
	}
	for i, n := range counts {
		if n > 1 {
			names[i] += fmt.Sprintf(" (%d)", n)
		}
	}
	return strings.Join(names, "; ")
}

func (r *run) destinationName(id route.DestID) string {
	switch d := r.book.Destination(id); d.Kind {
	case route.Mailbox:
		s := &r.org.Servers[d.Server]
		if len(s.Databases) > 1 {
			return "mailbox:" + s.Name + "/" + s.DatabaseName(d.Database)
		}
		return "mailbox:" + s.Name
	case route.DistributionList:
		return "group:" + r.org.Groups[d.Group].Name
	case route.Linked:
		return "connector:" + r.org.Connectors[d.Connector].Name
	case route.Legacy:
		return "routing_group:" + r.org.RoutingGroups[d.RoutingGroup].Name
	case route.Nowhere:
		return "nobody"
	default:
		if d.Type == "SMTP" {
			return "domain:" + d.Domain
		}
		return d.Type + ":" + d.Domain
	}
}

func priorityName(p transport.Priority) string {
	return [...]string{"Normal", "High", "Low"}[p]
}
