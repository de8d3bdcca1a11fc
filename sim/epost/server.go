package epost

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/metrics"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Config is what an E-Post server is made of. Org, Store and Book are shared with the other servers of the run.
type Config struct {
	ID      topology.ServerID
	Profile Profile
	Org     *topology.Organisation
	Store   *transport.Store
	Book    *route.Book
	// SmartHost takes all mail that is not for mailboxes here; None = the exchangers that DNS names.
	SmartHost topology.RemoteID
}

// Server is the core of one E-Post server. It is not safe for concurrent use; every call says what time it is, and times never go back.
type Server struct {
	cfg    Config
	halted bool
	due    bool

	ready   fifo // pairs that a thread may take up: new ones and those whose retry is due, in the order in which they became so
	holding heap // pairs that wait for their retry, by instant
	serial  uint64
	threads []thread
	idle    []transport.ConnID // threads without work, the lowest number last
	hops    []hop
	hopOf   []int32 // by destination: hop + 1; 0 = not looked up yet
	reports uint64
	parked  Pair // the last one that went to holding
	stats   Stats
}

// item is a message with its envelope: the recipients at one next hop, or all of them before it was taken up first.
type item struct {
	msg   transport.MsgID
	tries int32        // failed attempts so far; 0: it lies in incoming, else in holding
	first simtime.Time // end of the first failed attempt
}

// thread is a delivery thread: a connection, in the words of sim/transport.
type thread struct {
	item
	busy   bool
	target route.Target
	hop    int32
	tried  int // targets of the hop that failed in this attempt
}

// Stats are the figures of a server, read by whoever draws them.
type Stats struct {
	Incoming metrics.Gauge // messages in incoming, those that a thread works on included
	Holding  metrics.Gauge // ... in holding
	All      metrics.Gauge // ... in both: the spool
	Threads  metrics.Gauge // threads at work

	Accepted    int64 // messages written into incoming
	Transferred int64 // messages that a next hop or a mailbox took
	Attempts    int64 // attempts begun
	Retries     int64 // ... that were not the first of their message
	GivenUp     int64 // messages given back to their senders
}

// New makes a server whose EPSTDS runs.
func New(cfg Config) (*Server, error) {
	if err := cfg.Profile.Check(); err != nil {
		return nil, fmt.Errorf("e-post server %s: %w", cfg.Org.Servers[cfg.ID].Name, err)
	}
	s := &Server{cfg: cfg, threads: make([]thread, cfg.Profile.Threads)}
	for c := range slices.Backward(s.threads) {
		s.idle = append(s.idle, transport.ConnID(c))
	}
	s.hops = []hop{{name: "mailboxes here", targets: []route.Target{{Kind: route.TargetStore, ID: int32(cfg.ID)}}}, {name: "the Exchange organisation", asks: true}}
	if all := cfg.Org.AcceptedDomains; len(all) > 0 {
		s.hops[organisation].domain = strings.ToLower(strings.TrimPrefix(all[0].Domain, "*.")) // one stands for all of them (decision)
	}
	return s, nil
}

// Step tells the server what happened and appends what is to be done.
func (s *Server) Step(now simtime.Time, in transport.Input, out []transport.Action) []transport.Action {
	switch in.Kind {
	case transport.Submitted, transport.Offered:
		s.accept(now, in)
	case transport.Dialed:
		return s.dialed(now, in, out)
	case transport.Replied:
		return s.replied(now, in, out)
	case transport.Broken:
		return s.failed(now, in.Conn, in.Code, false, out)
	case transport.Timer:
		s.wake(now)
	case transport.Halt:
		return s.halt(now, in.Code, out)
	case transport.Boot:
		s.halted = false
		s.wake(now) // retries that fell due meanwhile
	case transport.RetryQueue, transport.Resubmit:
		s.moveBack(now)
	}
	return out
}

// accept finds a pair in incoming: EPSTRS wrote it there, or a local program.
func (s *Server) accept(now simtime.Time, in transport.Input) {
	st := s.cfg.Store
	st.Hot[in.Msg].Accepted = now
	st.Cold[in.Msg].Relayed = in.Kind == transport.Offered
	st.Handled(in.Msg, s.cfg.ID)
	s.ready.push(item{msg: in.Msg})
	s.stats.Accepted++
	s.stats.Incoming.Add(now, 1)
	s.stats.All.Add(now, 1)
	s.mark()
}

// mark asks for Settle where a thread could begin.
func (s *Server) mark() { s.due = !s.halted && s.ready.len() > 0 && len(s.idle) > 0 }

// Due tells whether there is something to settle.
func (s *Server) Due() bool { return s.due }

// Settle lets one idle thread take up the next pair; more tells whether another one could.
//
// EP-1: EPSTDS takes up what is in incoming at once, by as many threads as it has (decision: documents tell of ticks for retries only).
func (s *Server) Settle(now simtime.Time, out []transport.Action) (acts []transport.Action, more bool) {
	s.mark()
	if !s.due {
		return out, false
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	s.stats.Threads.Add(now, 1)
	s.stats.Attempts++
	t := &s.threads[c]
	it := s.ready.pop()
	hop := s.split(now, &it)
	if it.tries > 0 {
		s.stats.Retries++
	}
	*t = thread{item: it, busy: true, hop: hop}
	out = s.dial(now, c, out)
	s.mark()
	return out, s.due
}

// Deadline is when the next retry is due: early, never late.
func (s *Server) Deadline() (simtime.Time, transport.Phase) {
	if s.halted || s.holding.len() == 0 {
		return simtime.Never, transport.PhaseRetries
	}
	return s.holding.first().at, transport.PhaseRetries
}

// wake makes the pairs ready whose retry is due.
func (s *Server) wake(now simtime.Time) {
	for !s.halted && s.holding.len() > 0 && s.holding.first().at <= now {
		s.ready.push(s.holding.pop().item)
	}
	s.mark()
}

// moveBack is the forced retry: EPSTDS is stopped, what is in holding goes back to incoming, EPSTDS starts. The pairs are new ones then:
// their ladders begin again (decision). The stop itself takes no time here, and threads at work go on (decision).
func (s *Server) moveBack(now simtime.Time) {
	for s.holding.len() > 0 {
		it := s.holding.pop().item
		s.stats.Holding.Add(now, -1)
		s.stats.Incoming.Add(now, 1)
		s.ready.push(item{msg: it.msg})
	}
	s.mark()
}

// halt stops EPSTDS. What its threads work on stays in the folder, and is taken up first when it runs again. QueuesLost: the disk with the
// folder is destroyed.
func (s *Server) halt(now simtime.Time, code transport.Code, out []transport.Action) []transport.Action {
	if !s.halted {
		s.halted = true
		for c := range slices.Backward(s.threads) {
			if t := &s.threads[c]; t.busy {
				s.ready.pushFront(t.item)
				*t = thread{}
				out = append(out, transport.Action{Kind: transport.Close, Conn: transport.ConnID(c)})
			}
		}
		s.idle = s.idle[:0]
		for c := range slices.Backward(s.threads) {
			s.idle = append(s.idle, transport.ConnID(c))
		}
		s.stats.Threads.Set(now, 0)
	}
	if code == transport.QueuesLost {
		lose := func(it item) { out = append(out, transport.Action{Kind: transport.Lost, Msg: it.msg}) }
		for s.ready.len() > 0 {
			lose(s.ready.pop())
		}
		for s.holding.len() > 0 {
			lose(s.holding.pop().item)
		}
		for _, g := range []*metrics.Gauge{&s.stats.Incoming, &s.stats.Holding, &s.stats.All} {
			g.Set(now, 0)
		}
	}
	s.due = false
	return out
}

// Halted tells whether EPSTDS is stopped.
func (s *Server) Halted() bool { return s.halted }

// Parked returns the pair that went to holding last, which the latest QueueRetry is about.
func (s *Server) Parked() Pair { return s.parked }

// Stats returns the figures; valid as long as the server.
func (s *Server) Stats() *Stats { return &s.stats }

// Check returns the first broken invariant: what the figures say is what lies in the folder.
func (s *Server) Check() error {
	var incoming, holding, busy int64
	s.Each(func(p Pair) {
		if p.Tries > 0 {
			holding++
		} else {
			incoming++
		}
	})
	for i := range s.threads {
		if s.threads[i].busy {
			busy++
		}
	}
	if i, h, a, t := s.stats.Incoming.Value(), s.stats.Holding.Value(), s.stats.All.Value(), s.stats.Threads.Value(); i != incoming || h != holding || a != i+h || t != busy {
		return fmt.Errorf("e-post server %s: %d messages in incoming, %d in holding, %d in all and %d threads at work are counted; there are %d, %d and %d",
			s.cfg.Org.Servers[s.cfg.ID].Name, i, h, a, t, incoming, holding, busy)
	}
	return nil
}
