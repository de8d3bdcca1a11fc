package sim

import (
	"context"
	"errors"
	"fmt"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/internal/world"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// ErrInvariant is wrapped by the error of a run that broke one of its laws: a bug, or a scenario that drives the clock into
// a loop. The command ends with exit code 3.
var ErrInvariant = errors.New("the run broke an invariant")

// maxRounds is how many rounds of settling one instant may take: more is a loop that never lets time pass (docs/design.md).
const maxRounds = 1_000_000

// run is the state of one replication.
type run struct {
	cfg  *Config
	org  *topology.Organisation
	root rng.Root
	sink result.Sink
	end  simtime.Time

	now     simtime.Time
	phase   transport.Phase // of now
	buckets bool            // some server counts its version buckets
	cal     calendar.Calendar
	steps   int64 // events executed
	rounds  int   // of settling at now

	store   *transport.Store
	book    *route.Book
	net     *world.Network
	network uint32 // counts the changes of net, from 1
	dir     *directory.Directory
	fault   *fault.Engine

	hosts   []host            // by server
	remotes []remote          // by remote
	sources []int32           // outside source of a server, by server
	sites   []site            // by site
	loads   []feed            // by source
	edges   entry             // where mail from the internet comes in
	linked  []entry           // by connector: where mail comes in on the receive connector that it is linked to
	oneTo   []transport.SetID // by destination: the set of one recipient there
	flights []flight          // messages on their way to a server of another site
	landed  []uint32          // flights that are free
	dests   []route.DestID    // scratch
	round   route.Round       // scratch
	posts   []int32           // E-Post servers
	clients []population
	holders []int32             // by destination: the E-Post server with its mailboxes; noHolder = none
	homes   []topology.ServerID // by server: where its mailboxes are; nil = nothing has moved

	draining   int // servers that take no mail any more and pass on what they have
	unanswered int // servers whose domain controllers do not answer

	due, spare []int32 // servers with something to settle, in order; two lists that swap
	isDue      []bool
	acts       []transport.Action
	effects    []fault.Effect
	views      []directory.ViewChange
	bodies     []world.Payload
	trials     []world.Trial // scratch
	crossings  uint32        // sessions over degraded links
	serials    uint16
	netAt      simtime.Time
	faultAt    simtime.Time
	dirAt      simtime.Time

	messages    uint64 // message integers given out
	duplicates  duplicates
	fingerprint uint64
	poison      []poisonMail
	storms      []storm     // faults that bring mail
	lists       []mailList  // of mail storms that have begun
	shadows     *shadows    // nil: no server has shadow copies
	nets        *safetyNets // nil: nobody keeps what has been delivered
	rec         recorder
	laws        laws
	marks       []mark   // by snapshot
	digests     []digest // by snapshot

	lost       []fault.Outside      // outside systems and domains that give no answer
	dismounted []fault.DatabaseCopy // databases that are dismounted, in the order in which they went down
	names      *names               // nil: DNS never fails (F14)
	certs      *certificates        // nil: none runs out (F7)

	// Outside systems that are strict (F15).
	throttles   []throttle
	greylists   []greylist
	blocks      []int32 // of addresses, by server; with greylists only
	mailboxLots uint64  // by which the mailboxes are drawn that messages are from
}

// Run simulates one replication of cfg and reports to sink. It returns the sink's errors, the context's, and ErrInvariant when a law
// does not hold; the figures up to then have been reported.
func Run(ctx context.Context, cfg *Config, rep int, sink result.Sink) error {
	r, err := newRun(cfg, rep, sink)
	if err != nil {
		return err
	}
	if err := r.loop(ctx); err != nil {
		return err
	}
	return r.finish()
}

func newRun(cfg *Config, rep int, sink result.Sink) (*run, error) {
	org := cfg.withLists()
	if len(org.Servers) > maxServer {
		return nil, fmt.Errorf("%d servers; a run takes at most %d", len(org.Servers), maxServer)
	}
	r := &run{
		cfg: cfg, org: org, sink: sink, end: simtime.Time(cfg.Duration), root: rng.NewRoot(cfg.Seed, rep),
		store: transport.NewStore(), book: route.NewBook(), net: world.NewNetwork(org), fingerprint: fingerprintStart, network: 1,
		netAt: simtime.Never, faultAt: simtime.Never, dirAt: simtime.Never,
	}
	r.net.SetWindow(cfg.Model.TCPWindow)
	r.dir = directory.New(directory.Config{
		Org: org, Start: cfg.Start, NotifyDelay: cfg.Model.NotifyDelay, MaxClockSkew: cfg.Model.MaxClockSkew, Kerberos: cfg.Model.Kerberos,
		OwnDrift: ownDrift(r.root, org), WrongAccount: wrongAccount(r.root, org),
		NotifyFirst: cfg.Model.NotifyFirst, NotifyNext: cfg.Model.NotifyNext, Reload: cfg.Model.RoutingReload, Tombstone: cfg.Model.Tombstone,
		Instant: cfg.Model.InstantReplication, TLS: cfg.Model.DirectoryTLS,
	})
	r.fault = fault.NewEngine(cfg.Faults, cfg.Actions, fault.Env{
		Org: org, Dir: r.dir, Root: r.root, Start: cfg.Start, End: r.end, Emit: func(e result.Event) error { return sink.Event(catalogued(e)) },
		ServiceRestartClears: cfg.Model.ServiceRestartClears, Machines: cfg.machines(), Clients: cfg.clientNames(), HasQueue: r.hasQueue,
		Resolvers: cfg.DCResolvers, NameTimeout: cfg.Model.NameTimeout,
	})
	if err := r.build(); err != nil {
		return nil, err
	}
	r.openNets()
	r.openNames()
	r.openStrict()
	r.openShadows()
	r.openClients()
	if err := r.openLoads(); err != nil {
		return nil, err
	}
	r.rec.init(r)
	r.laws.init(r)
	r.fillSpools()
	if w := simtime.Time(cfg.Warmup); w > 0 && w <= r.end {
		r.at(w, transport.PhaseSampling, -1, evWarm, 0, 0)
	}
	if err := r.planSnapshots(); err != nil {
		return nil, err
	}
	r.at(r.nextSample(0), transport.PhaseSampling, -1, evSample, 0, 0)
	if cfg.Output.Counters {
		r.rec.counters.init(r)
	}
	r.watchDirectory()
	r.wakeFault()
	r.wakeDirectory()
	return r, nil
}

// loop runs the events up to the end.
func (r *run) loop(ctx context.Context) error { return r.loopUntil(ctx, r.end) }

// loopUntil runs the events up to and including an instant, in order of time, phase, server, kind and id; when nothing but sampling is left
// of an instant, the cores settle. It may be called again with a later instant, up to the end.
func (r *run) loopUntil(ctx context.Context, stop simtime.Time) error {
	r.rounds = 0
	for {
		ev := r.cal.First()
		if len(r.due) > 0 && (ev.At > r.now || ev.Key >= firstLate) {
			r.settle()
			if r.rounds&0xfff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if r.rounds++; r.rounds > maxRounds {
				return fmt.Errorf("%w: more than %d rounds at %s: connections are opened and closed without time passing; give sessions a cost", ErrInvariant, maxRounds, r.now)
			}
			continue
		}
		if ev.At > stop {
			r.now = stop
			return r.rec.err
		}
		if ev.At != r.now {
			r.now, r.rounds = ev.At, 0
		}
		r.cal.Drop(ev)
		r.steps++
		if (r.steps&0xffff == 0 || ev.Key >= firstLate) && ctx.Err() != nil {
			return ctx.Err()
		}
		r.dispatch(ev)
		if r.rec.err != nil {
			return r.rec.err
		}
	}
}

func (r *run) dispatch(ev calendar.Event) {
	r.phase = keyPhase(ev.Key)
	switch s := keyServer(ev.Key); keyKind(ev.Key) {
	case evReplied:
		r.repliedEvent(s, ev)
	case evDialed:
		r.dialedEvent(s, ev)
	case evCategorised:
		if h := &r.hosts[s]; keyGen(ev.Key) == h.epoch&genMask {
			r.stepOn(s, h, transport.Input{Kind: transport.Categorised, Msg: transport.MsgID(keyID(ev.Key))})
		}
	case evAsked:
		r.askedEvent(s, ev)
	case evDisk:
		r.diskEvent(s, ev)
	case evAgent:
		r.agentEvent(s, ev)
	case evStorm:
		r.stormEvent(ev)
	case evArrival:
		r.arrival(int(keyID(ev.Key)))
	case evNetwork:
		r.networkEvent(ev)
	case evTimer:
		if h := &r.hosts[s]; h.timerAt == ev.At {
			h.timerAt = simtime.Never
			r.press(s, h)
			r.step(s, transport.Input{Kind: transport.Timer})
		}
	case evCut:
		r.cutEvent(s, ev)
	case evPending:
		if m := transport.MsgID(keyID(ev.Key)); m != 0 {
			r.submit(m)
		} else {
			r.letBegin(s)
		}
	case evFlight:
		r.flightEvent(ev)
	case evClients:
		r.clientsEvent(int(keyID(ev.Key)), ev.At)
	case evPressure:
		r.pollPressure(s, &r.hosts[s])
	case evPoison:
		r.poisonEvent(s, keyGen(ev.Key), transport.MsgID(keyID(ev.Key)))
	case evDrained:
		r.drainedEvent(s, keyGen(ev.Key))
	case evNet:
		r.netEvent(s)
	case evRequest:
		r.requestEvent(ev)
	case evShadow:
		r.shadowEvent(ev)
	case evFault:
		if ev.At == r.faultAt {
			r.fireFaults()
		}
	case evDirectory:
		if ev.At == r.dirAt {
			r.advanceDirectory()
		}
	case evWarm:
		r.rec.warm(r)
	case evSnapshot:
		r.snapshotEvent(keyID(ev.Key))
	case evCounters:
		r.rec.counters.sample(r)
	case evSample:
		r.rec.board.sample(r)
		if next := r.nextSample(r.now); next > r.now {
			r.at(next, transport.PhaseSampling, -1, evSample, 0, 0)
		}
	}
}

// step tells a server's core what happened and does what it says.
func (r *run) step(s int32, in transport.Input) { r.stepOn(s, &r.hosts[s], in) }

// stepOn is step for who has found the server already.
func (r *run) stepOn(s int32, h *host, in transport.Input) {
	r.mix(uint64(r.now)*0xff51afd7ed558ccd ^ (uint64(s)<<48 | uint64(in.Kind)<<40 | uint64(in.Code)<<32 ^ uint64(in.Conn)<<20 ^ uint64(in.Msg)))
	if h.post != nil {
		r.stepPost(s, h, in)
		return
	}
	if r.buckets && in.Kind <= transport.Offered {
		r.countBuckets(s)
	}
	r.acts = h.hub.Step(r.now, in, r.acts[:0])
	r.perform(s, h)
}

// fingerprintStart is the hash of nothing.
const fingerprintStart = 0xcbf29ce484222325

// mix adds a word to the fingerprint (docs/design.md: inputs and actions of the cores).
func (r *run) mix(x uint64) {
	f := (r.fingerprint ^ x) * 0x9e3779b97f4a7c15
	r.fingerprint = f ^ f>>32
}

// perform does what a core said. Actions that the core adds meanwhile join the end of the list.
func (r *run) perform(s int32, h *host) {
	for i := 0; i < len(r.acts); i++ {
		a := &r.acts[i]
		r.mix(uint64(a.Kind)<<56 | uint64(a.Code)<<48 ^ uint64(a.Conn)<<28 ^ uint64(a.Msg))
		switch a.Kind {
		case transport.Left:
			if r.shadows != nil {
				r.leavesPrimary(a.Msg)
			}
			if r.nets != nil {
				r.passedOn(s, r.store.Hot[a.Msg].Size)
			}
			r.store.Free(a.Msg)
		case transport.Send:
			r.send(s, h, a.Conn, a.Msg)
		case transport.Categorise:
			if len(r.poison) > 0 && r.handlesPoison(s, h, a.Msg) {
				continue
			}
			if len(r.lists) > 0 {
				if code := r.judge(a.Msg); code != transport.OK {
					r.acts = h.hub.Step(r.now, transport.Input{Kind: transport.Categorised, Code: code, Msg: a.Msg}, r.acts)
					continue
				}
			}
			if h.unanswered {
				r.ask(s, h, a.Msg)
			} else if h.agents != nil {
				r.acts = r.workSlowly(s, h, a.Msg, r.acts)
			} else if d := r.categoriserTime(h, a.Msg); d > 0 {
				r.cal.Push(calendar.Event{At: r.now.Add(d), Key: key(transport.PhaseCompletions, s, evCategorised, h.epoch, uint32(a.Msg))})
			} else {
				r.acts = h.hub.Step(r.now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, r.acts)
			}
		case transport.Dial:
			r.dial(s, h, a.Conn)
		case transport.Close:
			r.closeSession(h, a.Conn)
		case transport.Rest:
			r.rested(s, h, a.Conn)
		case transport.Bounced:
			r.reports(s, a.Msg, a.Code)
			r.rec.bounced(r, a.Msg, a.Code)
			r.leavesPrimary(a.Msg)
			r.store.Free(a.Msg)
		case transport.Lost:
			if len(r.poison) > 0 {
				r.poisonEnds(a.Msg)
			}
			r.destroyedOnPrimary(a.Msg)
			r.store.Free(a.Msg)
		case transport.Removed:
			r.rec.removed(r, a.Msg)
			r.leavesPrimary(a.Msg)
			r.store.Free(a.Msg)
		case transport.Poisoned:
			r.poisoned(s, a.Msg)
		case transport.QueueRetry:
			r.failed(s, h, int(a.Msg), a.Code)
			r.rec.queueRetry(r, s, int(a.Msg), a.Code)
		case transport.QueueActive:
			r.laws.answers(s, int(a.Msg))
			r.rec.queueActive(r, s, int(a.Msg))
		case transport.Unroutable:
			r.rec.unroutable(r, s, a.Msg)
		case transport.Created:
			r.reports(s, transport.MsgID(a.Conn), a.Code)
			r.rec.report(r, s, a.Msg, transport.MsgID(a.Conn), a.Code)
		case transport.ExpandedOut, transport.ExpandedIn:
			r.rec.expanded(r, a.Msg, int64(a.Conn), a.Kind == transport.ExpandedIn)
		case transport.QueueLimited:
			r.rec.queueLimited(r, s, int(a.Msg), a.Code)
		}
	}
	if h.pressure != nil {
		r.gauge(s, h)
	}
	if h.draining {
		r.lookDrained(s)
	}
	if h.hub.Due() {
		r.markDue(s)
	}
	if t, phase := h.hub.Deadline(); t < h.timerAt {
		h.timerAt = t
		r.at(t, phase, s, evTimer, r.serial(), 0)
	}
}
