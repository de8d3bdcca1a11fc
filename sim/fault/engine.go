package fault

import (
	"cmp"
	"slices"
	"strconv"
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

	Machines []MachineInfo // by server; nil = every machine runs the services of its roles
}

// Engine carries out the faults and actions of one run. It is not safe for concurrent use.
type Engine struct {
	env      Env
	faults   []Fault // ordered by id
	actions  []Action
	tasks    []task // remedies in the order of their faults, then actions
	struck   []strike
	machines []machine
	links    []int // by link: faults that hold it down
	pairs    map[[2]topology.SiteID]int
	lags     [][]int // by link: faults that slow its replication
	certs    []certificate

	agenda   []item
	now      simtime.Time
	out      []Effect
	happened []happening
	err      error
}

// task is a remedy or an action.
type task struct {
	Action
	fault int    // index of the fault that it remedies; -1 for an action
	name  string // what events and draws call it: the fault's id, or action-1, action-2, ...
	order int32
	hosts []Host // whom it is carried out on, known when it begins
}

// strike is whom a fault hit, after the draws.
type strike struct {
	hosts []Host
	links []topology.LinkID
	pairs [][2]topology.ServerID // auth_latch
	sides bool
	fixed simtime.Time // when an operator mended the source of a clock fault; Never = not yet
	entry int          // of happened; -1 = none yet

	begun  []topology.ServerID // service_stop: machines whose services an operator has started
	mended []topology.ServerID // hosts on which a fault of identity has been put right
}

func (s *strike) any() bool { return len(s.hosts) > 0 || len(s.links) > 0 || s.sides }

// step is what is due.
type step uint8

const (
	faultStart    step = iota
	faultEnd           // of what faultStart did
	rebooted           // the reboot with which a late bind starts is over; target = server
	addressUp          // the address of a late binder is there; target = server
	listenGiven        // a listener gives up; target = server
	listenStart        // a listener starts with success; target = server
	transportLate      // a transport service finds no directory; target = server
	certDay            // a transport service looks at a certificate; index = fault, target = server
	taskBegin          // index = task
	taskDone
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

// NewEngine makes the engine of a run. It takes its own copies; faults are ordered by id.
func NewEngine(faults []Fault, actions []Action, env Env) *Engine {
	e := &Engine{
		env: env, faults: slices.Clone(faults), actions: slices.Clone(actions),
		machines: make([]machine, len(env.Org.Servers)), links: make([]int, len(env.Org.Links)),
		pairs: map[[2]topology.SiteID]int{}, lags: make([][]int, len(env.Org.Links)),
	}
	slices.SortStableFunc(e.faults, func(a, b Fault) int { return cmp.Compare(a.ID, b.ID) })
	e.struck = make([]strike, len(e.faults))
	for i := range e.machines {
		info := MachineInfo{}
		if i < len(env.Machines) {
			info = env.Machines[i]
		}
		e.machines[i] = newMachine(info, env.Org.Servers[i].Roles, env.Org.Servers[i].Absent)
	}
	for i := range e.faults {
		f := &e.faults[i]
		e.struck[i].entry, e.struck[i].fixed = -1, never
		e.plan(item{at: f.Start, rank: int32(i), step: faultStart, index: int32(i)})
		e.plan(item{at: f.End, rank: int32(i), step: faultEnd, index: int32(i)})
		for k, a := range f.Remedies {
			e.tasks = append(e.tasks, task{Action: a, fault: i, name: f.ID, order: int32(k + 1)})
			e.planTask(int32(i))
		}
	}
	for k, a := range e.actions {
		e.tasks = append(e.tasks, task{Action: a, fault: -1, name: "action-" + strconv.Itoa(k+1), order: int32(k + 1)})
		e.planTask(int32(len(e.faults) + k))
	}
	return e
}

func (e *Engine) planTask(rank int32) {
	k := len(e.tasks) - 1
	t := &e.tasks[k]
	e.plan(item{at: t.At, rank: rank, order: t.order, step: taskBegin, index: int32(k)})
}

// plan puts an item on the agenda; what comes after the end of the run is dropped.
func (e *Engine) plan(it item) {
	if it.at > e.env.End || it.at == never {
		return
	}
	i, _ := slices.BinarySearchFunc(e.agenda, it, compareItems)
	e.agenda = slices.Insert(e.agenda, i, it)
}

// Next returns the instant at which something happens next; Never when nothing will.
func (e *Engine) Next() simtime.Time {
	if len(e.agenda) == 0 {
		return simtime.Never
	}
	return e.agenda[0].at
}

// Fire lets everything happen that is due at or before now and appends what it does to hosts and networks. The directory has been
// told when Fire returns, and the events have been emitted; its own instants may have changed, so ask its Next afterwards.
func (e *Engine) Fire(now simtime.Time, out []Effect) []Effect {
	e.out = out
	for len(e.agenda) > 0 && e.agenda[0].at <= now {
		it := e.agenda[0]
		e.agenda = slices.Delete(e.agenda, 0, 1)
		e.now = it.at
		switch it.step {
		case faultStart:
			e.startFault(int(it.index))
		case faultEnd:
			e.endFault(int(it.index))
		case certDay:
			e.certificateDay(it)
		case taskBegin:
			e.beginTask(int(it.index), it)
		case taskDone:
			e.finishTask(int(it.index))
		default:
			e.machineStep(it)
		}
	}
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
