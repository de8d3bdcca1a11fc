package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// bench is one hub "h" of site A in an organisation A - B - C: mailboxes in A and C, and two connectors of h. Everything around it is
// drawn.
type bench struct {
	*driver
	org   *topology.Organisation
	dests []route.DestID

	entry    map[uint64]int // by message: when it last entered the delivery queues
	entries  int
	sentOnce map[[2]int64]int     // by queue and message
	front    map[int]int          // by queue: the latest entry that was sent for the first time
	due      map[int]simtime.Time // by queue in Retry: its next attempt
	free     bool                 // failures, halts or operators may leave a queue with less than it wants
}

func newBench(t testing.TB, p transport.Profile) *bench {
	b := topology.NewBuilder(topology.V2010)
	var sites []topology.SiteID
	for _, name := range []string{"A", "B", "C"} {
		sites = append(sites, b.Site(topology.Site{Name: name}))
	}
	b.Link(topology.Link{Name: "A-B", Sites: sites[:2], Cost: 10})
	b.Link(topology.Link{Name: "B-C", Sites: sites[1:], Cost: 10})
	server := func(name string, s topology.SiteID, r topology.Roles) topology.ServerID {
		return b.Server(topology.Server{Name: name, Site: s, Roles: r, Version: topology.V2010, DC: topology.None})
	}
	id := server("h", sites[0], topology.RoleHub)
	mA := server("mA", sites[0], topology.RoleMailbox)
	server("b1", sites[1], topology.RoleHub)
	server("b2", sites[1], topology.RoleHub)
	server("c1", sites[2], topology.RoleHub)
	mC := server("mC", sites[2], topology.RoleMailbox)
	r0, r1 := b.Remote(topology.Remote{Name: "r0"}), b.Remote(topology.Remote{Name: "r1"})
	space := func(s string) []topology.AddressSpace {
		return []topology.AddressSpace{{Type: "SMTP", Space: s, Cost: 1}}
	}
	b.Connector(topology.Connector{Name: "k0", AddressSpaces: space("q0.example"), Sources: []topology.ServerID{id}, SmartHosts: []topology.RemoteID{r0, r1}})
	b.Connector(topology.Connector{Name: "k1", AddressSpaces: space("q1.example"), Sources: []topology.ServerID{id}, SmartHosts: []topology.RemoteID{r1}})
	b.Connector(topology.Connector{Name: "k1b", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "q1.example", Cost: 50}}, Sources: []topology.ServerID{id}, SmartHosts: []topology.RemoteID{r0}})
	org, err := b.Build()
	require.NoError(t, err)
	x := &bench{driver: newDriver(t, org, id, p), org: org, entry: map[uint64]int{}, sentOnce: map[[2]int64]int{}, front: map[int]int{}, due: map[int]simtime.Time{}}
	for _, d := range []route.Destination{
		{Kind: route.Mailbox, Server: mA}, {Kind: route.Mailbox, Server: mC},
		{Kind: route.External, Domain: "q0.example"}, {Kind: route.External, Domain: "q1.example"}, {Kind: route.External, Domain: "nowhere.example"},
	} {
		x.dests = append(x.dests, x.book.Dest(d))
	}
	x.watch = x.see
	x.placed = func(m uint64) {
		x.entries++
		x.entry[m] = x.entries
	}
	x.check = x.settled
	return x
}

// see holds, for every action, what a single action can show.
func (x *bench) see(a transport.Action) {
	switch a.Kind {
	case transport.Send: // first in, first out
		q, m := x.hub.ConnQueue(a.Conn), x.store.Hot[a.Msg].Message
		k := [2]int64{int64(q), int64(m)}
		if x.sentOnce[k]++; x.sentOnce[k] == 1 {
			require.Greater(x.t, x.entry[m], x.front[q], "Q-2.3: message %d of queue %d overtook another", m, q)
			x.front[q] = x.entry[m]
		}
	case transport.QueueRetry: // by the table of the rule
		q := x.hub.Queue(int(a.Msg))
		p := x.hub.Profile()
		wait := p.OutboundRetryInterval
		switch i := int(q.Retries) + 1; {
		case q.Class == route.ClassMailbox:
			wait = p.MailboxRetryInterval
		case i <= p.GlitchRetryCount:
			wait = p.GlitchRetryInterval
		case i <= p.GlitchRetryCount+p.TransientRetryCount:
			wait = p.TransientRetryInterval
		}
		require.Equal(x.t, x.now.Add(wait), q.NextTry, "Q-7.2, Q-7.4: retry %d", q.Retries+1)
		require.Zero(x.t, q.Open-q.Setting, "Q-7.1: no live connection")
		x.due[int(a.Msg)] = q.NextTry
	case transport.QueueActive: // by the probe, or by an attempt that began before the queue went to Retry
		delete(x.due, int(a.Msg))
	case transport.Dial:
		q := x.hub.ConnQueue(a.Conn)
		if t, waits := x.due[q]; waits && !x.fresh[a.Conn] {
			require.GreaterOrEqual(x.t, x.now, t, "Q-7.2, Q-7.11: queue %d waits for its timer and for nothing else", q)
			delete(x.due, q)
		}
	}
}

// settled holds what is true when an instant is over.
func (x *bench) settled() {
	if len(x.events) > 0 && x.events[0].at == x.now {
		return
	}
	p := x.hub.Profile()
	total := int32(0)
	for i := range x.hub.Queues() {
		q := x.hub.Queue(i)
		total += q.Open
		ceiling := p.MaxPerDomainConnections
		if q.Class == route.ClassMailbox {
			ceiling = p.MaxMailboxDeliveries
		}
		require.LessOrEqual(x.t, int(q.Open), ceiling, "Q-4.6")
	}
	require.LessOrEqual(x.t, int(total), p.MaxOutboundConnections, "Q-4.7")
	for i, t := range x.due {
		if q := x.hub.Queue(i); t <= x.now && q.Length > q.Deferred {
			require.Failf(x.t, "late", "Q-7.2: the retry of queue %d was due at %v, now %v", i, t, x.now)
		}
	}
	if x.free || x.hub.Halted() || int(total) == p.MaxOutboundConnections {
		return
	}
	for i := range x.hub.Queues() { // nothing is left idle that may work
		q := x.hub.Queue(i)
		ceiling := p.MaxPerDomainConnections
		if q.Class == route.ClassMailbox {
			ceiling = p.MaxMailboxDeliveries
		}
		n := int(q.Length - q.Deferred)
		wanted := n / p.Threshold[q.Class]
		if n%p.Threshold[q.Class] > 0 {
			wanted++
		}
		if sending := x.inTransmission(i); n > sending { // somebody waits
			require.GreaterOrEqual(x.t, int(q.Open), min(wanted, ceiling), "Q-4.3: queue %d of %d at %v", i, n, x.now)
		}
	}
}

func (x *bench) inTransmission(queue int) int {
	n := 0
	for c := range x.open {
		if x.hub.ConnQueue(c) == queue && x.hub.Sending(c) != 0 {
			n++
		}
	}
	return n
}

// balances holds what must be true at any time: nothing is lost unseen, Little's law and the utilisation law.
func (x *bench) balances() {
	submission, delivery, unreachable, _ := x.hub.Held()
	held := submission + delivery + unreachable
	require.Equal(x.t, x.arrived[1], x.gone[0]+x.gone[1]+x.gone[2]+held, "recipients in = recipients out + held")
	s := x.hub.Stats()
	require.Equal(x.t, held, s.Recipients.Value())
	stays := x.hub.StaysSoFar(x.now, x.inWork)
	stays.Plus(s.Stays)
	require.Equal(x.t, s.Recipients.Ever(x.now), stays, "Little: recipients held over time = time spent by recipients")
	sessions := x.hub.SessionsSoFar(x.now)
	sessions.Plus(s.Sessions)
	require.Equal(x.t, s.Connections.Ever(x.now), sessions, "utilisation: connections over time = time of connections")
	var queued, retry, inAll int64
	for i := range x.hub.Queues() {
		q := x.hub.Queue(i)
		queued += int64(q.Length)
		require.Equal(x.t, int64(q.Length), x.hub.QueueStats(i).Length.Value())
		if q.State == transport.Retry {
			retry += int64(q.Length)
		}
	}
	for c := range s.Queued {
		inAll += s.Queued[c].Value()
	}
	require.Equal(x.t, queued, inAll)
	require.Equal(x.t, queued, s.QueuedAll.Value())
	require.Equal(x.t, retry, s.InRetry.Value())
	require.Equal(x.t, x.store.Live(), x.store.LiveSets(), "every copy has a set of its own here")
	require.EqualValues(x.t, x.store.Live(), queued+s.Submission.Value()+s.Unreachable.Value(), "every copy is somewhere")
}

// drawn sets a bench up: profile, times, mail.
func drawn(t *rapid.T, tb testing.TB) *bench {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	p := transport.DefaultProfile(topology.V2010, n("edge", 0, 1) == 1)
	for c := range p.Threshold {
		p.Threshold[c] = n("threshold", 1, 6)
	}
	p.MaxOutboundConnections = n("server ceiling", 1, 12)
	p.MaxPerDomainConnections = n("ceiling", 1, 6)
	p.MaxMailboxDeliveries = n("mailbox ceiling", 1, 3)
	p.MaxMessagesPerConnection = n("messages a connection", 0, 5)
	p.CategoriserWorkers = n("workers", 1, 3)
	x := newBench(tb, p)
	x.setUp = time.Duration(n("set-up", 0, 3)) * time.Second
	x.each = time.Duration(n("each", 0, 3)) * time.Second
	think := n("categoriser", 0, 3)
	x.think = func(m uint64) time.Duration { return time.Duration(int(m)*7%(think+1)) * time.Second / 2 }
	for range n("bursts", 1, 8) {
		to := rapid.SliceOfNDistinct(rapid.SampledFrom(x.dests), 1, len(x.dests), rapid.ID[route.DestID]).Draw(t, "to")
		sortDests(to)
		when := sec(float64(n("at", 0, 40)))
		for range n("burst", 1, 9) {
			x.submit(when, to...)
		}
	}
	return x
}

func sortDests(v []route.DestID) {
	for i := range v {
		for j := i; j > 0 && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
}

// TestQ4_3_NothingIdle: while every next hop answers, no queue is ever left with fewer connections than the rules allow, ceilings hold,
// queues are first in first out, and the laws hold at every step. A message takes each key once.
func TestQ4_3_NothingIdle(t *testing.T) {
	t.Parallel()
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				x := drawn(r, t)
				end := sec(1000)
				x.run(sec(20))
				x.balances()
				x.run(end)
				x.balances()
				_, _, unreachable, _ := x.hub.Held()
				require.Equal(t, x.arrived[1], x.gone[0]+unreachable, "everything with a route is delivered")
				for k, n := range x.sentOnce {
					require.Equal(t, 1, n, "queue %d message %d", k[0], k[1])
				}
			})
		})
	}
}

// TestQ7_2_RetriesStandOnTheLadder: with next hops that fail and come back, breaks and deferrals, every retry is at its instant, and
// nothing is lost.
func TestQ7_2_RetriesStandOnTheLadder(t *testing.T) {
	t.Parallel()
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				x := drawn(r, t)
				x.free = true
				x.hub.Profile().MaxOutboundConnections = 1000 // else a probe may have to wait for a slot
				x.trouble(r)
				for _, s := range []float64{30, 300, 3000} {
					x.run(sec(s))
					x.balances()
				}
				x.run(sec(6 * 3600))
				x.balances()
				_, _, unreachable, _ := x.hub.Held()
				require.Equal(t, x.arrived[1], x.gone[0]+unreachable)
			})
		})
	}
}

// trouble makes next hops fail for a while, sessions break and messages be put off.
func (x *bench) trouble(r *rapid.T) {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
	x.fails = time.Duration(n("failing takes", 0, 3)) * time.Second
	down := map[route.Target][2]simtime.Time{}
	code := rapid.SampledFrom([]transport.Code{transport.Unreachable, transport.Reset, transport.Refused, transport.AuthFailed}).Draw(r, "code")
	all := []route.Target{
		{Kind: route.TargetStore, ID: 1}, {Kind: route.TargetServer, ID: 2}, {Kind: route.TargetServer, ID: 3}, {Kind: route.TargetServer, ID: 4},
		{Kind: route.TargetRemote, ID: 0}, {Kind: route.TargetRemote, ID: 1},
	}
	for _, k := range rapid.SliceOfN(rapid.SampledFrom(all), 0, 6).Draw(r, "down") {
		from := n("down from", 0, 50)
		down[k] = [2]simtime.Time{sec(float64(from)), sec(float64(from + n("down for", 1, 2000)))}
	}
	x.up = func(now simtime.Time, to route.Target) transport.Code {
		if d, ok := down[to]; ok && d[0] <= now && now < d[1] {
			return code
		}
		return transport.OK
	}
	breaks := n("breaks", 0, 5)
	x.refuse = func(simtime.Time) bool { breaks--; return breaks >= 0 && breaks%2 == 0 }
	off := n("put off", 0, 4)
	x.answer = func(m uint64) transport.Code {
		if off > 0 && m%3 == 0 {
			off--
			return transport.Deferred4xx
		}
		return transport.OK
	}
}

// TestQ2_12_Conservation: halts with the queues kept or lost, interrupted categorisation, operators, and views that come and go.
func TestQ2_12_Conservation(t *testing.T) {
	t.Parallel()
	for part := range 4 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(r, name) }
				x := drawn(r, t)
				x.free = true
				x.watch = nil // places and timers are disturbed on purpose
				x.trouble(r)
				lossy := false
				if n("outage", 0, 2) > 0 {
					off := n("off at", 41, 90)
					lossy = n("queues", 0, 1) == 1
					why := transport.OK
					if lossy {
						why = transport.QueuesLost
					}
					x.at(sec(float64(off)), transport.PhaseFaults, func() { x.halt(why) })
					x.at(sec(float64(off+n("off for", 0, 60))), transport.PhaseFaults, func() { x.step(transport.Input{Kind: transport.Boot}) })
				}
				for range n("operators", 0, 3) {
					kind := rapid.SampledFrom([]transport.InputKind{transport.RetryQueue, transport.Resubmit}).Draw(r, "operator")
					x.at(sec(float64(n("at", 0, 300))), transport.PhaseFaults, func() { x.step(transport.Input{Kind: kind, Msg: transport.AllQueues}) })
				}
				for range n("views", 0, 3) {
					c := topology.Change{Kind: topology.ConnectorEnabled, Object: int32(n("connector", 0, 2)), Value: int64(n("enabled", 0, 1))}
					x.at(sec(float64(n("at", 0, 300))), transport.PhaseDirectory, func() { x.org = x.org.With(c); x.reroute(x.org) })
				}
				for _, s := range []float64{30, 60, 90, 300, 3000, 6 * 3600} {
					x.run(sec(s))
					x.balances()
				}
				submission, delivery, _, _ := x.hub.Held()
				require.Zero(t, submission+delivery, "in the end everything is delivered, lost, or in the Unreachable queue")
				if !lossy {
					require.Zero(t, x.lost)
				}
			})
		})
	}
}
