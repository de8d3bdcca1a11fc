package transport

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"time"

	"mailsim/sim/simtime"
)

// Pressure is the back pressure of one server: meters of its resources, read at every poll, their levels, and what the server does about
// them. It is not safe for concurrent use; times never go back. No method allocates but Poll, for its events.
//
// Polls are not scheduled. Tell it the meters whenever they change; wake it at Deadline, which is the next poll that finds a level
// changed:
//
//	p.Set(now, phase, transport.SubmissionLength, 12_000)
//	wake(p.Deadline(), transport.PhaseTimers)  // then: events = p.Poll(now, events[:0])
//	...
//	if s := p.State(now, phase); s.Do.Has(transport.RejectOutside) { ... } // what holds at this instant
//
// A poll sees what has happened before it at its own instant (Q-4.12: completions yes, arrivals no), which is why every call says its phase.
type Pressure struct {
	set      PressureSettings
	next     simtime.Time // the first poll that was not taken
	deadline simtime.Time // the first poll that finds a level changed, as things stand
	leaves   uint32       // by resource: the reading of the next poll leaves the level's range
	later    uint32       // by resource: the reading of the poll after it does, if nothing is added
	state    PressureState
	of       [NumResources]pressed
}

// PollInterval is the time between polls. They fall on its multiples since t0 on every server: sources give the interval only.
const PollInterval = 2 * time.Second

// Resource is something that a server can run out of.
type Resource uint8

// The resources. Those of drives and memory are percentages in use, the others are counts.
const (
	QueueDatabase    Resource = iota // drive of the queue database (DatabaseUsedSpace)
	QueueLogs                        // drive of its logs (UsedDiskSpace)
	ContentDrive                     // drive for content conversion (UsedDiskSpace)
	PrivateBytes                     // memory of the transport process
	SystemMemory                     // memory of the machine
	VersionBuckets                   // transactions that the queue database has not written
	BatchPoints                      // the same as 2013 counts them
	SubmissionLength                 // messages in the submission queue
	NumResources
)

// percent tells whether a resource is measured in percent.
func (r Resource) percent() bool { return r <= SystemMemory }

// String is the name in the documentation of 2016.
func (r Resource) String() string {
	return [NumResources]string{"DatabaseUsedSpace", "UsedDiskSpace (logs)", "UsedDiskSpace (content conversion)", "PrivateBytes",
		"SystemMemory", "UsedVersionBuckets", "BatchPoint", "QueueLength[SubmissionQueue]"}[r]
}

// Level is how hard a resource, or a server, is pressed.
type Level uint8

// The levels.
const (
	LevelLow Level = iota // "Normal" up to 2013
	LevelMedium
	LevelHigh
)

// String is the level as it stands in events.
func (l Level) String() string { return [...]string{"Low", "Medium", "High"}[l] }

// Levels are the readings at which a resource changes its level: upwards at or above, downwards below.
type Levels struct{ LowToMedium, MediumToHigh, HighToMedium, MediumToLow int64 }

// next returns the level after one poll; it may pass two.
func (l *Levels) next(at Level, reading float64) Level {
	if at == LevelLow && reading >= float64(l.LowToMedium) {
		at = LevelMedium
	}
	if at == LevelMedium && reading >= float64(l.MediumToHigh) {
		return LevelHigh
	}
	if at == LevelHigh && reading < float64(l.HighToMedium) {
		at = LevelMedium
	}
	if at == LevelMedium && reading < float64(l.MediumToLow) {
		at = LevelLow
	}
	return at
}

// keeps returns the range of readings, from lo up to but not with hi, that leave a level as it is.
func (l *Levels) keeps(at Level) (lo, hi float64) {
	switch at {
	case LevelLow:
		return math.Inf(-1), float64(l.LowToMedium)
	case LevelMedium:
		return float64(l.MediumToLow), float64(l.MediumToHigh)
	default:
		return float64(l.HighToMedium), math.Inf(1)
	}
}

// Measures are what a server does under pressure.
type Measures uint16

// The measures.
const (
	RejectOutside     Measures = 1 << iota // mail from senders other than servers of the organisation is refused: 4xx at MAIL
	RejectPickup                           // the Pickup and Replay directories are not read
	RejectServers                          // mail from servers of the organisation is refused
	RejectSubmission                       // mailboxes cannot submit
	PauseResubmission                      // nothing goes back to the categoriser unless an operator sends it, shadow copies and Safety Net included
	RefuseShadow                           // shadow copies of other servers are refused
	PauseBootScan                          // queued mail is not read again after a start of the service
	StopDelivery                           // no connection is opened, no further message sent
	FreeMemory                             // messages leave memory, caches are emptied, garbage is collected: costs time, stops no mail
)

// RejectAll is what nobody gets past.
const RejectAll = RejectOutside | RejectPickup | RejectServers | RejectSubmission

// Has tells whether all of some measures are taken.
func (m Measures) Has(some Measures) bool { return m&some == some }

// PressureRule is one resource: when it is pressed and what the server does then.
type PressureRule struct {
	Monitored bool // false: its level is always Low
	Levels    Levels

	// Tarpit holds the replies to MAIL from Medium on, longer with every poll.
	Tarpit bool
	// History is the number of polls in a row that may find the resource above Low before Lasting begins and the tarpit ends.
	History int

	Medium  Measures // from Medium on
	Lasting Measures // from Medium on, after History; at High at once
	High    Measures // at High
}

// PressureSettings are the rules of a server. DefaultPressure gives those of a version.
type PressureSettings struct {
	Rules [NumResources]PressureRule
	// TarpitStart is the first delay, TarpitStep what each further poll adds, TarpitMax the most.
	TarpitStart, TarpitStep, TarpitMax time.Duration
}

// maxHistory bounds History, so that polls can be counted in closed form.
const maxHistory = 1_000_000

// Check returns everything that is wrong with the settings.
func (s *PressureSettings) Check() error {
	var errs []error
	for r := range NumResources {
		x := &s.Rules[r]
		if l := &x.Levels; x.Monitored && !(l.MediumToLow <= l.LowToMedium && l.LowToMedium <= l.MediumToHigh && l.MediumToLow <= l.HighToMedium && l.HighToMedium <= l.MediumToHigh) {
			errs = append(errs, fmt.Errorf("back pressure: levels of %v are out of order: %+v; write MediumToLow lowest and MediumToHigh highest", r, *l))
		}
		if x.History < 0 || x.History > maxHistory {
			errs = append(errs, fmt.Errorf("back pressure: history of %v is %d polls; write 0 to %d", r, x.History, maxHistory))
		}
	}
	if s.TarpitStart < 0 || s.TarpitStep <= 0 || s.TarpitMax < s.TarpitStart || s.TarpitMax > time.Hour {
		errs = append(errs, fmt.Errorf("back pressure: tarpit starts at %v, grows by %v to %v; write a step above 0 and a maximum from the start to 1h", s.TarpitStart, s.TarpitStep, s.TarpitMax))
	}
	return errors.Join(errs...)
}

// PressureState is what holds at an instant.
type PressureState struct {
	Level  Level         // of the worst resource
	Do     Measures      // those of all resources
	Tarpit time.Duration // delay before the reply to MAIL: the longest of all resources
}

// pressed is one resource at work.
type pressed struct {
	level  Level
	steady float64       // reading, until Set again
	burst  float64       // adds to the reading of the next poll alone
	lo, hi float64       // readings that leave the level as it is
	polls  int64         // in a row above Low
	delay  time.Duration // tarpit
}

// NewPressure makes the back pressure of a server whose resources are all at 0 and Low.
func NewPressure(s PressureSettings) (*Pressure, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	p := &Pressure{set: s}
	p.Restart(0)
	return p, nil
}

// Settings returns the rules.
func (p *Pressure) Settings() *PressureSettings { return &p.set }

// Restart is a start of the service: everything is Low, and the meters are to be set again. The first poll is at now or after. Between a
// stop of the service and its start nothing polls, and nothing else is to be called.
func (p *Pressure) Restart(now simtime.Time) {
	p.of = [NumResources]pressed{}
	p.next = NextPoll(now)
	p.refresh()
}

// Deadline returns the next poll that finds a level changed, as far as is known: Poll is to be called then, in PhaseTimers.
func (p *Pressure) Deadline() simtime.Time { return p.deadline }

// Set says that a meter shows v from now on. Resources that are not monitored have none.
func (p *Pressure) Set(now simtime.Time, phase Phase, r Resource, v float64) {
	p.catchUp(now, phase)
	p.of[r].steady = v
	p.mark(r)
}

// Accepted counts a message that the server takes from anybody: approximately a quarter of a version bucket until the next poll.
// The message's bytes count in Transit.
func (p *Pressure) Accepted(now simtime.Time, phase Phase) {
	p.catchUp(now, phase)
	p.of[VersionBuckets].burst += 0.25
	p.mark(VersionBuckets)
}

// Transit says how many bytes are being received and sent from now on: approximately a version bucket for 100 KB.
func (p *Pressure) Transit(now simtime.Time, phase Phase, bytes int64) {
	p.Set(now, phase, VersionBuckets, float64(bytes)/(100<<10))
}

// State returns what holds at an instant: levels change at polls alone, delays and rejections that come with time are counted up to now.
func (p *Pressure) State(now simtime.Time, phase Phase) PressureState {
	p.catchUp(now, phase)
	return p.state
}

// Resource returns the level and the present reading of one resource.
func (p *Pressure) Resource(r Resource) (Level, float64) {
	return p.of[r].level, p.of[r].steady + p.of[r].burst
}

// Keeps returns the range of readings, from lo up to but not with hi, that leave the level of a resource as it is: with PollWhen, what the
// owner of a meter that moves by itself needs to tell when it has to be set.
func (p *Pressure) Keeps(r Resource) (lo, hi float64) { return p.of[r].lo, p.of[r].hi }

// Poll reads the meters, when a poll is due at now, and appends an event for every level that changed, in order of the resources.
func (p *Pressure) Poll(now simtime.Time, out []PressureEvent) []PressureEvent {
	p.catchUp(now, PhaseTimers)
	if p.next != now {
		return out
	}
	for r := range NumResources {
		x, rule := &p.of[r], &p.set.Rules[r]
		if !rule.Monitored {
			continue
		}
		reading := x.steady + x.burst
		if to := rule.Levels.next(x.level, reading); to != x.level {
			out = append(out, PressureEvent{At: now, Resource: r, From: x.level, To: to, Reading: reading, Levels: rule.Levels})
			x.level = to
		}
	}
	p.pass(1)
	return out
}

// catchUp takes the polls before now, and the one at now when it lies before the phase: none of them changes a level.
func (p *Pressure) catchUp(now simtime.Time, phase Phase) {
	if now < p.next || now == p.next && phase <= PhaseTimers {
		return
	}
	n := int64(now.Sub(p.next) / PollInterval)
	if phase > PhaseTimers || p.next.Add(time.Duration(n)*PollInterval) < now {
		n++
	}
	if p.deadline < p.next.Add(time.Duration(n)*PollInterval) {
		panic(fmt.Sprintf("transport: Pressure: asked at %v, but the poll at %v was not taken", now, p.deadline))
	}
	p.pass(n)
}

// pass counts n polls with the present levels.
func (p *Pressure) pass(n int64) {
	p.next = p.next.Add(time.Duration(n) * PollInterval)
	n = min(n, maxHistory+1) // everything has reached its end by then
	for r := range NumResources {
		x, rule := &p.of[r], &p.set.Rules[r]
		x.burst = 0
		if x.level == LevelLow {
			x.polls = 0
			x.delay = max(0, x.delay-time.Duration(n)*p.set.TarpitStep)
			continue
		}
		x.polls = min(x.polls+n, maxHistory+1)
		switch {
		case !rule.Tarpit || x.polls > int64(rule.History):
			x.delay = 0
		default:
			x.delay = max(p.set.TarpitStart, x.delay+p.set.TarpitStep)
			x.delay = min(p.set.TarpitMax, x.delay+time.Duration(n-1)*p.set.TarpitStep)
		}
	}
	p.refresh()
}

// refresh finds the state and the ranges from the resources.
func (p *Pressure) refresh() {
	p.state = PressureState{}
	p.leaves, p.later = 0, 0
	for r := range NumResources {
		x, rule := &p.of[r], &p.set.Rules[r]
		if !rule.Monitored {
			x.lo, x.hi = math.Inf(-1), math.Inf(1)
			continue
		}
		x.lo, x.hi = rule.Levels.keeps(x.level)
		p.note(r)
		p.state.Level = max(p.state.Level, x.level)
		p.state.Tarpit = max(p.state.Tarpit, x.delay)
		if x.level >= LevelMedium {
			p.state.Do |= rule.Medium
		}
		if x.level == LevelHigh {
			p.state.Do |= rule.Lasting | rule.High
		}
		if x.polls > int64(rule.History) {
			p.state.Do |= rule.Lasting
		}
	}
	p.decide()
}

// mark takes in a changed reading.
func (p *Pressure) mark(r Resource) {
	leaves, later := p.leaves, p.later
	p.note(r)
	if leaves != p.leaves || later != p.later {
		p.decide()
	}
}

// note finds whether the readings of a resource at the next two polls leave its level's range.
func (p *Pressure) note(r Resource) {
	x, bit := &p.of[r], uint32(1)<<r
	p.leaves &^= bit
	p.later &^= bit
	if v := x.steady + x.burst; v < x.lo || v >= x.hi {
		p.leaves |= bit
	}
	if x.steady < x.lo || x.steady >= x.hi {
		p.later |= bit
	}
}

// decide finds the deadline.
func (p *Pressure) decide() {
	switch {
	case p.leaves != 0:
		p.deadline = p.next
	case p.later != 0:
		p.deadline = p.next.Add(PollInterval)
	default:
		p.deadline = simtime.Never
	}
}

// NextPoll returns the first poll at t or after.
func NextPoll(t simtime.Time) simtime.Time {
	return simtime.Time((int64(t) + int64(PollInterval) - 1) / int64(PollInterval) * int64(PollInterval))
}

// PollWhen returns the first poll at from or after, and before until, at which crossed holds; simtime.Never when it holds at none. Once
// it holds it must hold for ever: the meter moves one way. It takes a logarithmic number of calls.
func PollWhen(from, until simtime.Time, crossed func(simtime.Time) bool) simtime.Time {
	first := NextPoll(from)
	if first >= until {
		return simtime.Never
	}
	polls := int((until-1-first)/simtime.Time(PollInterval)) + 1
	i := sort.Search(polls, func(i int) bool { return crossed(first.Add(time.Duration(i) * PollInterval)) })
	if i == polls {
		return simtime.Never
	}
	return first.Add(time.Duration(i) * PollInterval)
}
