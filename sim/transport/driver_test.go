package transport_test

import (
	"container/heap"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

const minute = simtime.Time(time.Minute)

func sec(s float64) simtime.Time { return simtime.Time(simtime.FromSeconds(s)) }

// driver is a small world around one server: every next hop behaves alike. It keeps the loop of the package comment to the letter, so
// that the core is tested without the simulation.
type driver struct {
	t       testing.TB
	hub     *transport.Hub
	store   *transport.Store
	book    *route.Book
	dest    []route.DestID
	setUp   time.Duration
	each    time.Duration
	fails   time.Duration // how long a failed attempt takes
	up      func(now simtime.Time, to route.Target) transport.Code
	refuse  func(now simtime.Time) bool // of a session that works: 4xx for the connection, by breaking it
	answer  func(message uint64) transport.Code
	later   func(m transport.MsgID) transport.SetID     // the recipients of a message that is taken who are put off; 0 = none
	answers func(message uint64, now simtime.Time) bool // the directory, for the categoriser
	think   func(message uint64) time.Duration          // time in the categoriser
	watch   func(a transport.Action)                    // sees every action before it is performed
	placed  func(message uint64)                        // a message enters the delivery queues
	told    func(in transport.Input)                    // sees every input before it is given

	now    simtime.Time
	events events
	serial int
	tickAt simtime.Time
	open   map[transport.ConnID]*open
	acts   []transport.Action

	attempts  []simtime.Time // first dial of every connection attempt
	tried     []route.Target // every dial
	delivered []simtime.Time
	retries   []simtime.Time // failed attempts
	actives   []simtime.Time
	bounced   []transport.Code
	lost      int
	part      transport.MsgID   // recipients that an answer of TookPart means
	removed   []uint64          // message integers that an operator removed (handles)
	null      bool              // messages have no return path: no reports
	repeats   transport.Repeats // of messages
	reports   []report
	next      uint64
	fresh     map[transport.ConnID]bool
	order     []uint64 // message integers in order of delivery
	peak      int32
	check     func()
	settling  func() // before every round

	inWork  []transport.MsgID // in the categoriser
	life    int               // counts halts
	arrived [2]int64          // copies, recipients that came
	gone    [3]int64          // recipients that left, bounced, were lost
}

// report is a delivery report: when it was made, why, and on which message.
type report struct {
	at      simtime.Time
	why     transport.Code
	message uint64
}

type open struct{ msg transport.MsgID }

type event struct {
	at     simtime.Time
	phase  transport.Phase
	serial int
	do     func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	a, b := &e[i], &e[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.phase != b.phase {
		return a.phase < b.phase
	}
	return a.serial < b.serial
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	o := *e
	x := o[len(o)-1]
	*e = o[:len(o)-1]
	return x
}

// alone makes a driver of one Edge whose connector delivers by DNS, with a queue for each of the domains d0, d1, ... Its profile is that of
// a hub unless edge is set.
func alone(t testing.TB, v topology.Version, edge bool, domains int) *driver {
	t.Helper()
	b := topology.NewBuilder(v)
	s := b.Site(topology.Site{Name: "S"})
	id := b.Server(topology.Server{Name: "e", Site: s, Roles: topology.RoleEdge, Version: v, DC: topology.None})
	b.Remote(topology.Remote{Name: "internet"})
	b.Connector(topology.Connector{Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: []topology.ServerID{id}, DNS: true})
	org, err := b.Build()
	require.NoError(t, err)
	d := newDriver(t, org, id, transport.DefaultProfile(v, edge))
	for i := range domains {
		d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.External, Domain: string(rune('a'+i)) + ".example"}))
	}
	return d
}

func newDriver(t testing.TB, org *topology.Organisation, id topology.ServerID, p transport.Profile) *driver {
	d := &driver{
		t: t, store: transport.NewStore(), book: route.NewBook(), setUp: 2 * time.Second, each: 2 * time.Second,
		up:   func(simtime.Time, route.Target) transport.Code { return transport.OK },
		open: map[transport.ConnID]*open{}, fresh: map[transport.ConnID]bool{}, tickAt: simtime.Never,
	}
	d.hub = transport.NewHub(id, p, d.store, d.book, d.book.Table(org, org.Servers[id].Site), nil)
	return d
}

func (d *driver) at(t simtime.Time, p transport.Phase, do func()) {
	d.serial++
	heap.Push(&d.events, event{t, p, d.serial, do})
}

// submit lets a message to the destinations come at t.
func (d *driver) submit(t simtime.Time, dest ...route.DestID) {
	d.at(t, transport.PhaseArrivals, func() {
		var to []transport.Recipients
		for _, x := range dest {
			to = append(to, transport.Recipients{Dest: x, Count: 1})
		}
		d.next++
		m := d.store.New(transport.Copy{Message: d.next, Accepted: d.now, Created: d.now, Size: 1000, Set: d.store.NewSet(to)}, transport.Tail{Sender: topology.None, Null: d.null, Repeats: d.repeats})
		d.arrived[0]++
		d.arrived[1] += int64(len(to))
		d.step(transport.Input{Kind: transport.Submitted, Msg: m})
	})
}

// halt stops the server, as the simulation does: what is in the categoriser is given back first.
func (d *driver) halt(why transport.Code) {
	d.life++
	d.hub.Interrupted(d.inWork)
	d.inWork = d.inWork[:0]
	d.tickAt = simtime.Never
	d.step(transport.Input{Kind: transport.Halt, Code: why})
}

// reroute gives the server a new view.
func (d *driver) reroute(org *topology.Organisation) {
	d.acts = d.hub.Reroute(d.now, d.book.Table(org, org.Servers[d.hub.ID()].Site), d.acts[:0])
	d.perform()
}

func (d *driver) step(in transport.Input) {
	if d.told != nil {
		d.told(in)
	}
	d.acts = d.hub.Step(d.now, in, d.acts[:0])
	d.perform()
}

func (d *driver) perform() {
	for i := 0; i < len(d.acts); i++ {
		a := d.acts[i]
		if d.watch != nil {
			d.watch(a)
		}
		switch a.Kind {
		case transport.Categorise:
			if d.think != nil {
				d.inWork = append(d.inWork, a.Msg)
				life := d.life
				d.at(d.now.Add(d.think(d.store.Hot[a.Msg].Message)), transport.PhaseCompletions, func() {
					if d.life == life {
						if d.placed != nil {
							d.placed(d.store.Hot[a.Msg].Message)
						}
						d.inWork = slices.DeleteFunc(d.inWork, func(m transport.MsgID) bool { return m == a.Msg })
						d.step(transport.Input{Kind: transport.Categorised, Msg: a.Msg})
					}
				})
				continue
			}
			if d.told != nil {
				d.told(transport.Input{Kind: transport.Categorised, Msg: a.Msg})
			}
			in := transport.Input{Kind: transport.Categorised, Msg: a.Msg}
			if d.answers != nil && !d.answers(d.store.Hot[a.Msg].Message, d.now) {
				in.Code = transport.Deferred4xx
			}
			d.acts = d.hub.Step(d.now, in, d.acts)
		case transport.Dial:
			d.dial(a.Conn)
		case transport.Send:
			o := d.open[a.Conn]
			o.msg = a.Msg
			d.at(d.now.Add(d.each), transport.PhaseCompletions, func() { d.sent(a.Conn, o) })
		case transport.Close:
			delete(d.open, a.Conn)
			delete(d.fresh, a.Conn)
		case transport.Left:
			d.order = append(d.order, d.store.Hot[a.Msg].Message)
			d.gone[0] += int64(d.store.Recipients(a.Msg))
			d.store.Free(a.Msg)
		case transport.Bounced:
			d.bounced = append(d.bounced, a.Code)
			d.gone[1] += int64(d.store.Recipients(a.Msg))
			d.store.Free(a.Msg)
		case transport.Lost:
			d.lost++
			d.gone[2] += int64(d.store.Recipients(a.Msg))
			d.store.Free(a.Msg)
		case transport.Created:
			d.reports = append(d.reports, report{d.now, a.Code, d.store.Hot[a.Conn].Message})
			d.arrived[0]++
			d.arrived[1] += int64(d.store.Recipients(a.Msg))
		case transport.QueueRetry:
			d.retries = append(d.retries, d.now)
		case transport.QueueActive:
			d.actives = append(d.actives, d.now)
		}
	}
	if t, phase := d.hub.Deadline(); t < d.tickAt {
		d.tickAt = t
		d.at(t, phase, func() {
			if d.tickAt == d.now {
				d.tickAt = simtime.Never
				d.step(transport.Input{Kind: transport.Timer})
			}
		})
	}
}

func (d *driver) dial(c transport.ConnID) {
	to := d.hub.Target(c)
	d.tried = append(d.tried, to)
	if !d.fresh[c] {
		d.fresh[c] = true
		d.attempts = append(d.attempts, d.now)
	}
	code, wait := d.up(d.now, to), d.setUp
	if code != transport.OK {
		wait = d.fails
	}
	o := &open{}
	d.open[c] = o
	d.at(d.now.Add(wait), transport.PhaseCompletions, func() {
		if d.open[c] == o {
			d.step(transport.Input{Kind: transport.Dialed, Code: code, Conn: c})
		}
	})
}

func (d *driver) sent(c transport.ConnID, o *open) {
	if d.open[c] != o {
		return
	}
	if d.refuse != nil && d.refuse(d.now) {
		delete(d.open, c)
		delete(d.fresh, c)
		d.step(transport.Input{Kind: transport.Broken, Code: transport.Dropped, Conn: c})
		return
	}
	code := transport.OK
	if d.answer != nil {
		code = d.answer(d.store.Hot[o.msg].Message)
	}
	if code <= transport.OKLast {
		d.delivered = append(d.delivered, d.now)
	}
	if d.later != nil && code <= transport.OKLast {
		if set := d.later(o.msg); set != 0 {
			d.step(transport.Input{Kind: transport.Postponed, Code: transport.Greylisted, Conn: c, Msg: transport.MsgID(set)})
		}
	}
	in := transport.Input{Kind: transport.Replied, Code: code, Conn: c}
	if code == transport.TookPart {
		in.Msg = d.part
		d.gone[0] += int64(d.part)
	}
	d.step(in)
}

// run executes everything up to end, included.
func (d *driver) run(end simtime.Time) {
	for {
		if d.hub.Due() && (len(d.events) == 0 || d.events[0].at > d.now) {
			if d.settling != nil {
				d.settling()
			}
			d.acts, _ = d.hub.Settle(d.now, d.acts[:0])
			d.perform()
			require.NoError(d.t, d.hub.Check())
			continue
		}
		if d.check != nil {
			d.check()
		}
		if len(d.events) == 0 || d.events[0].at > end {
			d.now = end
			return
		}
		e := heap.Pop(&d.events).(event)
		d.now = e.at
		e.do()
		if n := int32(len(d.open)); n > d.peak {
			d.peak = n
		}
		require.NoError(d.t, d.hub.Check())
	}
}

// downUntil makes the next hop answer nothing before t.
func downUntil(t simtime.Time) func(simtime.Time, route.Target) transport.Code {
	return func(now simtime.Time, _ route.Target) transport.Code {
		if now < t {
			return transport.Unreachable
		}
		return transport.OK
	}
}
