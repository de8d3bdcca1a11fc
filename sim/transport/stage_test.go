package transport_test

import (
	"container/heap"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// script is what happens around a few servers that send to the same outside systems: everything that a core does not decide. All times
// are whole seconds, so that much happens at one instant.
type script struct {
	servers   int
	memory    bool // servers remember who failed
	serverCap int
	queues    []queueSpec // every server has these queues, made when their first message comes
	remotes   []remoteSpec
	arrivals  []arrivalSpec
	putOff    map[int]bool // messages whose first transmission is answered 4xx
	breaks    []breakSpec
	power     []powerSpec
	retryNow  []operatorSpec
	resubmit  []operatorSpec
}

type (
	queueSpec struct {
		threshold, ceiling, perConn int
		remotes                     []int // smart hosts, in base order
	}
	remoteSpec struct {
		limit, perConn        int // connections over all servers, messages a connection; 0 = no limit
		setUp, fail, each     int // seconds
		downFrom, downUntil   int // answers nothing
		downFrom2, downUntil2 int
	}
	arrivalSpec  struct{ at, server, queue int }
	breakSpec    struct{ at, remote int } // every session that is up breaks
	powerSpec    struct{ at, until, server int }
	operatorSpec struct{ at, server int }
)

// profile is that of every server: a ladder short enough to be seen.
func (s *script) profile() transport.Profile {
	p := transport.DefaultProfile(topology.V2010RTM, false)
	if s.memory {
		p.Version = topology.V2010
	}
	p.MaxOutboundConnections = s.serverCap
	p.GlitchRetryCount, p.GlitchRetryInterval = 2, 3*time.Second
	p.TransientRetryCount, p.TransientRetryInterval = 1, 5*time.Second
	p.OutboundRetryInterval = 7 * time.Second
	p.MessageRetryInterval = 4 * time.Second
	return p
}

// core is a server on the stage: the Hub, or the plain reading of the rules. Connections are numbered by the stage in order of their
// first dial.
type core interface {
	submit(queue, msg int)
	dialed(conn int, code transport.Code)
	replied(conn int, code transport.Code)
	broken(conn int)
	timer()
	power(on bool)
	retryNow()
	resubmit()
	deadline() (simtime.Time, transport.Phase)
	due() bool
	settle() // one round
}

// stage runs a script: it keeps the clock, the outside systems and the order of, and writes down what the cores do.
type stage struct {
	script   *script
	cores    []core
	now      simtime.Time
	events   stageEvents
	serial   int
	tickAt   []simtime.Time
	sessions []*session
	open     []int // by remote
	excused  map[int]bool
	halting  []int
	inHalt   bool
	dark     []int // by server: outages in force
	trace    []string
	accepted int
	taken    int
}

type session struct {
	server, remote int
	up, gone       bool
	counted        bool // in open
	carried        int
	msg            int
	step           int // dials and transmissions begun: an event of an earlier one is void
}

type stageEvent struct {
	at     simtime.Time
	phase  transport.Phase
	server int
	conn   int
	serial int
	do     func()
}

type stageEvents []stageEvent

func (e stageEvents) Len() int { return len(e) }
func (e stageEvents) Less(i, j int) bool {
	a, b := &e[i], &e[j]
	for _, d := range []int64{int64(a.at - b.at), int64(a.phase) - int64(b.phase), int64(a.server - b.server), int64(a.conn - b.conn)} {
		if d != 0 {
			return d < 0
		}
	}
	return a.serial < b.serial
}
func (e stageEvents) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *stageEvents) Push(x any)   { *e = append(*e, x.(stageEvent)) }
func (e *stageEvents) Pop() any {
	o := *e
	x := o[len(o)-1]
	*e = o[:len(o)-1]
	return x
}

func at(seconds int) simtime.Time { return simtime.Time(seconds) * simtime.Time(time.Second) }

func newStage(s *script) *stage {
	g := &stage{script: s, open: make([]int, len(s.remotes)), excused: map[int]bool{}, dark: make([]int, s.servers)}
	for range s.servers {
		g.tickAt = append(g.tickAt, simtime.Never)
	}
	return g
}

func (g *stage) note(format string, args ...any) {
	g.trace = append(g.trace, fmt.Sprintf("%4.0f ", g.now.Seconds())+fmt.Sprintf(format, args...))
}

func (g *stage) plan(t simtime.Time, p transport.Phase, server, conn int, do func()) {
	g.serial++
	heap.Push(&g.events, stageEvent{t, p, server, conn, g.serial, do})
}

// tell lets a core hear of something and looks at when it wants to be woken.
func (g *stage) tell(s int, f func(c core)) {
	f(g.cores[s])
	if t, p := g.cores[s].deadline(); t < g.tickAt[s] {
		g.tickAt[s] = t
		g.plan(t, p, s, -1, func() {
			if g.tickAt[s] == g.now {
				g.tickAt[s] = simtime.Never
				g.tell(s, core.timer)
			}
		})
	}
}

// dial is called by a core that tries a candidate: conn < 0 begins a new connection. It returns the connection's number.
func (g *stage) dial(server, conn, queue, remote int) int {
	if conn < 0 {
		conn = len(g.sessions)
		g.sessions = append(g.sessions, &session{server: server})
	}
	k, r := g.sessions[conn], &g.script.remotes[remote]
	k.remote = remote
	k.step++
	g.note("s%d q%d dial c%d r%d", server, queue, conn, remote)
	code, takes := transport.OK, r.setUp
	switch now := int(g.now.Seconds()); {
	case r.downFrom <= now && now < r.downUntil || r.downFrom2 <= now && now < r.downUntil2:
		code, takes = transport.Unreachable, r.fail
	case r.limit > 0 && g.open[remote] >= r.limit:
		code, takes = transport.Refused, r.fail
	default:
		g.open[remote]++
		k.counted = true
	}
	step := k.step
	g.plan(g.now+at(takes), transport.PhaseCompletions, server, conn, func() {
		if k.gone || k.step != step {
			return
		}
		k.up = code == transport.OK
		g.tell(server, func(c core) { c.dialed(conn, code) })
	})
	return conn
}

func (g *stage) send(conn, msg int) {
	k := g.sessions[conn]
	k.msg = msg
	k.step++
	step := k.step
	g.note("s%d send c%d m%d", k.server, conn, msg)
	g.plan(g.now+at(g.script.remotes[k.remote].each), transport.PhaseCompletions, k.server, conn, func() {
		if k.gone || k.step != step {
			return
		}
		code := transport.OK
		k.carried++
		if g.script.putOff[msg] && !g.excused[msg] {
			g.excused[msg] = true
			code = transport.Deferred4xx
		} else if n := g.script.remotes[k.remote].perConn; n > 0 && k.carried >= n {
			code = transport.OKLast
		}
		if code != transport.Deferred4xx {
			g.taken++
		}
		g.note("s%d reply c%d m%d code %d", k.server, conn, msg, code)
		g.tell(k.server, func(c core) { c.replied(conn, code) })
	})
}

func (g *stage) close(conn int) {
	if g.inHalt { // in whatever order a core lists them
		g.halting = append(g.halting, conn)
		return
	}
	g.end(conn)
	g.note("s%d close c%d", g.sessions[conn].server, conn)
}

func (g *stage) end(conn int) {
	k := g.sessions[conn]
	k.gone = true
	if k.counted {
		g.open[k.remote]--
		k.counted = false
	}
}

func (g *stage) retry(server, queue int, code transport.Code) {
	g.note("s%d q%d retry code %d", server, queue, code)
}

func (g *stage) active(server, queue int) { g.note("s%d q%d active", server, queue) }

func (g *stage) setPower(s int, on bool) {
	if on {
		g.dark[s]--
	} else {
		g.dark[s]++
	}
	if g.dark[s] > 1 || g.dark[s] == 1 && on {
		return
	}
	g.note("s%d power %v", s, on)
	g.inHalt = !on
	g.tell(s, func(c core) { c.power(on) })
	g.inHalt = false
	slices.Sort(g.halting)
	for _, c := range g.halting {
		g.close(c)
	}
	g.halting = g.halting[:0]
	if !on {
		g.tickAt[s] = simtime.Never
	}
}

func (g *stage) run(t require.TestingT) {
	for i, a := range g.script.arrivals {
		g.plan(at(a.at), transport.PhaseArrivals, -1, -1, func() {
			if g.dark[a.server] == 0 {
				g.accepted++
				g.tell(a.server, func(c core) { c.submit(a.queue, i) })
			}
		})
	}
	for _, b := range g.script.breaks {
		g.plan(at(b.at), transport.PhaseFaults, -1, -1, func() {
			for c, k := range g.sessions {
				if !k.gone && k.up && k.remote == b.remote {
					g.note("s%d break c%d", k.server, c)
					g.end(c)
					g.tell(k.server, func(x core) { x.broken(c) })
				}
			}
		})
	}
	for _, p := range g.script.power {
		g.plan(at(p.at), transport.PhaseFaults, -1, -1, func() { g.setPower(p.server, false) })
		g.plan(at(p.until), transport.PhaseFaults, -1, -1, func() { g.setPower(p.server, true) })
	}
	for _, o := range g.script.retryNow {
		g.plan(at(o.at), transport.PhaseFaults, -1, -1, func() { g.tell(o.server, core.retryNow) })
	}
	for _, o := range g.script.resubmit {
		g.plan(at(o.at), transport.PhaseFaults, -1, -1, func() { g.tell(o.server, core.resubmit) })
	}
	for range 1_000_000 {
		if len(g.events) == 0 || g.events[0].at > g.now || g.events[0].phase >= transport.PhaseEvaluation {
			if g.settle() {
				continue
			}
		}
		if len(g.events) == 0 {
			return
		}
		e := heap.Pop(&g.events).(stageEvent)
		g.now = e.at
		e.do()
	}
	require.Fail(t, "the script does not end")
}

// settle is one round over all servers; false when nobody is due.
func (g *stage) settle() bool {
	any := false
	for s, c := range g.cores {
		if c.due() {
			any = true
			g.tell(s, core.settle)
		}
	}
	return any
}

// hubCore is the Hub on the stage.
type hubCore struct {
	g      *stage
	t      require.TestingT
	id     int
	hub    *transport.Hub
	store  *transport.Store
	book   *route.Book
	dests  []route.DestID
	number map[transport.ConnID]int
	slot   map[int]transport.ConnID
	acts   []transport.Action
}

// newHubs puts the script's servers on the stage: hubs of one site that are sources of every connector.
func newHubs(t require.TestingT, g *stage) {
	b := topology.NewBuilder(topology.V2010)
	site := b.Site(topology.Site{Name: "S"})
	var sources []topology.ServerID
	for i := range g.script.servers {
		sources = append(sources, b.Server(topology.Server{Name: fmt.Sprintf("h%d", i), Site: site, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None}))
	}
	for i := range g.script.remotes {
		b.Remote(topology.Remote{Name: fmt.Sprintf("r%d", i)})
	}
	for i, q := range g.script.queues {
		var hosts []topology.RemoteID
		for _, r := range q.remotes {
			hosts = append(hosts, topology.RemoteID(r))
		}
		b.Connector(topology.Connector{
			Name: fmt.Sprintf("k%d", i), AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: fmt.Sprintf("q%d.example", i), Cost: 1}},
			Sources: sources, SmartHosts: hosts,
		})
	}
	org, err := b.Build()
	require.NoError(t, err)
	store, book := transport.NewStore(), route.NewBook()
	limits := func(c topology.ConnectorID) transport.ConnectorLimits {
		q := g.script.queues[c]
		return transport.ConnectorLimits{Threshold: q.threshold, MaxConnections: q.ceiling, MaxMessages: q.perConn}
	}
	for i := range g.script.servers {
		h := &hubCore{g: g, t: t, id: i, store: store, book: book, number: map[transport.ConnID]int{}, slot: map[int]transport.ConnID{}}
		for j := range g.script.queues {
			h.dests = append(h.dests, book.Dest(route.Destination{Kind: route.External, Domain: fmt.Sprintf("q%d.example", j)}))
		}
		h.hub = transport.NewHub(sources[i], g.script.profile(), store, book, book.Table(org, site), limits)
		g.cores = append(g.cores, h)
	}
}

func (h *hubCore) step(in transport.Input) {
	h.acts = h.hub.Step(h.g.now, in, h.acts[:0])
	h.perform()
}

func (h *hubCore) perform() {
	for i := 0; i < len(h.acts); i++ {
		switch a := h.acts[i]; a.Kind {
		case transport.Categorise:
			h.acts = h.hub.Step(h.g.now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, h.acts)
		case transport.Dial:
			n, known := h.number[a.Conn]
			if !known {
				n = -1
			}
			n = h.g.dial(h.id, n, h.queueOf(h.hub.ConnQueue(a.Conn)), int(h.hub.Target(a.Conn).ID))
			h.number[a.Conn], h.slot[n] = n, a.Conn
		case transport.Send:
			h.g.send(h.number[a.Conn], int(h.store.Hot[a.Msg].Message))
		case transport.Close:
			n := h.number[a.Conn]
			delete(h.number, a.Conn)
			h.g.close(n)
		case transport.Left:
			h.store.Free(a.Msg)
		case transport.QueueRetry:
			h.g.retry(h.id, h.queueOf(int(a.Msg)), a.Code)
		case transport.QueueActive:
			h.g.active(h.id, h.queueOf(int(a.Msg)))
		case transport.QueueLimited, transport.Unroutable: // told for the operator's sake
		default:
			require.Failf(h.t, "unexpected action", "%+v", a)
		}
	}
	require.NoError(h.t, h.hub.Check())
}

// queueOf is the script's number of a queue: its connector.
func (h *hubCore) queueOf(i int) int { return int(h.book.Key(h.hub.Queue(i).Key).Connector) }

func (h *hubCore) submit(queue, msg int) {
	set := h.store.NewSet([]transport.Recipients{{Dest: h.dests[queue], Count: 1}})
	m := h.store.New(transport.Copy{Message: uint64(msg), Created: h.g.now, Size: 1000, Set: set}, transport.Tail{Sender: topology.None})
	h.step(transport.Input{Kind: transport.Submitted, Msg: m})
}

func (h *hubCore) dialed(conn int, code transport.Code) {
	h.step(transport.Input{Kind: transport.Dialed, Code: code, Conn: h.slot[conn]})
}

func (h *hubCore) replied(conn int, code transport.Code) {
	h.step(transport.Input{Kind: transport.Replied, Code: code, Conn: h.slot[conn]})
}

func (h *hubCore) broken(conn int) {
	delete(h.number, h.slot[conn])
	h.step(transport.Input{Kind: transport.Broken, Code: transport.Dropped, Conn: h.slot[conn]})
}

func (h *hubCore) power(on bool) {
	kind := transport.Halt
	if on {
		kind = transport.Boot
	}
	h.step(transport.Input{Kind: kind})
}

func (h *hubCore) retryNow() {
	h.step(transport.Input{Kind: transport.RetryQueue, Msg: transport.AllQueues})
}

func (h *hubCore) resubmit() {
	h.step(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues})
}

func (h *hubCore) timer()                                    { h.step(transport.Input{Kind: transport.Timer}) }
func (h *hubCore) deadline() (simtime.Time, transport.Phase) { return h.hub.Deadline() }
func (h *hubCore) due() bool                                 { return h.hub.Due() }

func (h *hubCore) settle() {
	h.acts, _ = h.hub.Settle(h.g.now, h.acts[:0])
	h.perform()
}
