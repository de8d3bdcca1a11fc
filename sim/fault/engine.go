package fault

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Env is the run that an Engine acts on.
type Env struct {
	Org   *topology.Organisation
	Dir   *directory.Directory
	Root  rng.Root
	Start time.Time                // t0
	End   simtime.Time             // of the run; nothing later fires
	Emit  func(result.Event) error // takes the events of kinds "fault" and "remedy"; nil drops them

	// ServiceRestartClears is the chance, 0..1, drawn at each start of a transport service, that it clears the server's latches.
	ServiceRestartClears float64

	Clients []string // names of the populations of mail clients

	// HasQueue tells whether a server has a queue of that name; nil = it has all.
	HasQueue func(s topology.ServerID, queue string) bool

	// Resolvers are those that a domain controller asks for names, in their order; none = one without a name. NameTimeout is the longest that a query takes.
	Resolvers   [][]string // by domain controller; nil = none has any
	NameTimeout time.Duration

	Machines []MachineInfo // by server; nil = every machine runs the services of its roles
}

// Engine carries out the faults and actions of one run. It is not safe for concurrent use.
type Engine struct {
	env         Env
	faults      []Fault // their occurrences, ordered by id, number and target
	actions     []Action
	tasks       []task // remedies in the order of their faults, then actions
	struck      []strike
	active      []int // faults that have begun and not ended
	machines    []machine
	controllers []controller // by domain controller
	links       []int        // by link: faults that hold it down
	pairs       map[[2]topology.SiteID]int
	lags        [][]int     // by link: faults that slow its replication
	conditions  []Condition // by link; nil = none was ever degraded
	certs       []certificate
	lost        map[Outside]int      // faults that keep it from answering
	dismounted  map[DatabaseCopy]int // faults that keep it down

	agenda   []item // the last to come first
	now      simtime.Time
	out      []Effect
	happened []happening
	err      error
}

// task is a remedy or an action.
type task struct {
	Action
	fault int    // index of the fault that it remedies; -1 for an action
	name  string // what events call it: the fault's id, or action-1, action-2, ...
	order int32
	hosts []Host // whom it is carried out on, known when it begins
}

// strike is one occurrence of a fault: its number and, after the draws, whom it hit.
type strike struct {
	number  int
	target  string                 // the one target that it is about; "" = all that it names
	among   [][2]topology.ServerID // auth_latch: the pairs that it is about
	level   int                    // of a kind with an intensity: tenths in force
	righted []Host                 // whose clock's source an operator has mended

	hosts   []Host
	links   []topology.LinkID
	pairs   [][2]topology.ServerID // auth_latch
	outside []Outside
	sides   bool
	fixed   simtime.Time // when an operator mended the source of a clock fault; Never = not yet
	entry   int          // of happened; -1 = none yet

	held    []topology.DCID // dc_down: what it still holds
	booting bool            // dc_down: they start

	begun   []topology.ServerID // service_stop: machines whose services an operator has started
	mended  []topology.ServerID // hosts on which an operator has put the fault right
	clients []int32             // client_update
	mails   int                 // poison_message: messages that still stop services
}

func (s *strike) any() bool {
	return len(s.hosts) > 0 || len(s.links) > 0 || len(s.outside) > 0 || len(s.clients) > 0 || s.sides
}

// step is what is due.
type step uint8

const (
	faultStart       step = iota
	faultRamp             // its intensity changes
	faultEnd              // of what faultStart did
	controllersStart      // the domain controllers of a fault that is about to end start
	rebooted              // the reboot with which a late bind starts is over; target = server
	addressUp             // the address of a late binder is there; target = server
	listenGiven           // a listener gives up; target = server
	listenStart           // a listener starts with success; target = server
	transportLate         // a transport service finds no directory; target = server
	certDay               // a transport service looks at a certificate; index = fault, target = server
	taskBegin             // index = task
	taskDone
	serviceBack // the service that a message stopped starts again; target = server
)

// item is something that will happen. Its order at one instant does not depend on when it was planned: faults by id, then actions in
// the order of the file.
type item struct {
	at     simtime.Time
	rank   int32 // of the fault by id, or behind all faults of the action
	order  int32 // remedies in their order
	step   step
	index  int32 // of the fault or task
	target topology.ServerID
}

func compareItems(a, b item) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order), cmp.Compare(a.step, b.step),
		cmp.Compare(a.target, b.target))
}

// lastFirst orders the agenda: what comes next stands at its end, where it is cheap to take away and to put in.
func lastFirst(a, b item) int { return compareItems(b, a) }

// NewEngine makes the engine of a run. It takes its own copies.
//
// FI-8: faults are ordered by id, so that the order of their tables is nothing to the result where each has an id of its own.
func NewEngine(faults []Fault, actions []Action, env Env) *Engine {
	e := &Engine{
		env: env, faults: slices.Clone(faults), actions: slices.Clone(actions),
		machines: make([]machine, len(env.Org.Servers)), controllers: make([]controller, len(env.Org.DCs)), links: make([]int, env.Org.Lines()),
		pairs: map[[2]topology.SiteID]int{}, lags: make([][]int, len(env.Org.Links)),
	}
	var all []occurrence
	for i := range e.faults {
		all = append(all, e.occurrences(&e.faults[i])...)
	}
	slices.SortStableFunc(all, func(a, b occurrence) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.number, b.number), cmp.Compare(a.turn, b.turn))
	})
	e.faults, e.struck = make([]Fault, len(all)), make([]strike, len(all))
	for i := range e.machines {
		info := MachineInfo{}
		if i < len(env.Machines) {
			info = env.Machines[i]
		}
		e.machines[i] = newMachine(info, env.Org.Servers[i].Roles, env.Org.Servers[i].Absent)
	}
	for i, o := range all {
		e.faults[i] = o.Fault
		e.struck[i] = strike{number: o.number, target: o.target, among: o.pairs, entry: -1, fixed: never}
		e.planFault(i)
	}
	for k := range e.actions {
		e.drawAction(k)
		e.tasks = append(e.tasks, task{Action: e.actions[k], fault: -1, name: actionName(k), order: int32(k + 1)})
		e.planTask(int32(len(e.faults) + k))
	}
	slices.SortFunc(e.agenda, lastFirst)
	return e
}

// planFault plans an occurrence and its remedies.
func (e *Engine) planFault(i int) {
	f := &e.faults[i]
	e.foresee(item{at: f.Start, rank: int32(i), step: faultStart, index: int32(i)})
	for _, at := range f.ramps() {
		e.foresee(item{at: at, rank: int32(i), step: faultRamp, index: int32(i)})
	}
	e.foresee(item{at: f.End, rank: int32(i), step: faultEnd, index: int32(i)})
	e.drawRemedies(i)
	for k, a := range f.Remedies {
		e.tasks = append(e.tasks, task{Action: a, fault: i, name: f.ID, order: int32(k + 1)})
		e.planTask(int32(i))
	}
}

func (e *Engine) planTask(rank int32) {
	k := len(e.tasks) - 1
	t := &e.tasks[k]
	e.foresee(item{at: t.At, rank: rank, order: t.order, step: taskBegin, index: int32(k)})
}

// foresee puts an item on the agenda while that is not yet in order.
func (e *Engine) foresee(it item) {
	if it.at <= e.env.End && it.at != never {
		e.agenda = append(e.agenda, it)
	}
}

// plan puts an item on the agenda; what comes after the end of the run is dropped.
func (e *Engine) plan(it item) {
	if it.at > e.env.End || it.at == never {
		return
	}
	i, _ := slices.BinarySearchFunc(e.agenda, it, lastFirst)
	e.agenda = slices.Insert(e.agenda, i, it)
}

// Next returns the instant at which something happens next; Never when nothing will.
func (e *Engine) Next() simtime.Time {
	if len(e.agenda) == 0 {
		return simtime.Never
	}
	return e.agenda[len(e.agenda)-1].at
}

// Faults returns every occurrence of a fault within the run, as it will come to pass where chance lets it, in the order of ids and
// numbers. The slice is the engine's own: read it only.
func (e *Engine) Faults() []Fault { return e.faults }

// Fire lets everything happen that is due at or before now and appends what it does to hosts and networks. The directory has been
// told when Fire returns, and the events have been emitted; its own instants may have changed, so ask its Next afterwards.
func (e *Engine) Fire(now simtime.Time, out []Effect) []Effect {
	e.out = out
	for e.Next() <= now && len(e.agenda) > 0 {
		it := e.agenda[len(e.agenda)-1]
		e.agenda = e.agenda[:len(e.agenda)-1]
		e.now = it.at
		switch it.step {
		case faultStart:
			e.startFault(int(it.index))
		case faultRamp:
			e.ramp(int(it.index))
		case faultEnd:
			e.endFault(int(it.index))
		case controllersStart:
			e.bootControllers(int(it.index))
		case certDay:
			e.certificateDay(it)
		case taskBegin:
			e.beginTask(int(it.index), it)
		case taskDone:
			e.finishTask(int(it.index))
		case serviceBack:
			e.start(it.target, outage{})
		default:
			e.machineStep(it)
		}
	}
	e.wakeBlind()
	out, e.out = e.out, nil
	return out
}

// Err returns the first error of Env.Emit.
func (e *Engine) Err() error { return e.err }

func (e *Engine) effect(x Effect) { e.out = append(e.out, x) }

// happens draws whether something with a probability comes to pass. Each draw has a stream of its own, named by what it is about,
// so that it does not depend on the order of the scenario's tables.
func (e *Engine) happens(p float64, purpose string, entity ...string) bool {
	switch {
	case p <= 0:
		return false
	case p >= 1:
		return true
	}
	return e.env.Root.Stream(purpose, entity...).Float64() < p
}
