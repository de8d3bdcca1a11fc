package fault

import (
	"slices"
	"time"

	"mailsim/sim/simtime"
)

// tenths is into how many steps a ramp is cut. An intensity that ramps is that of the straight line at the last tenth of the ramp, and
// stays until the next one: nothing at the start, a tenth after a tenth of ramp_up, all of it at its end (decision).
const tenths = 10

// ramps lists the instants at which the intensity of a fault changes after its start. One at random may be shorter than its ramps: it begins with what the
// way down has left, and the lower of the two lines counts (decision).
func (f *Fault) ramps() []simtime.Time {
	var out []simtime.Time
	step := func(from simtime.Time, ramp time.Duration) {
		for k := 1; ramp > 0 && k <= tenths; k++ {
			if at := from.Add(tenth(ramp, k)); at > f.Start {
				out = append(out, at)
			}
		}
	}
	step(f.Start, f.RampUp)
	if f.End != never {
		step(f.End.Add(-f.RampDown), f.RampDown)
	}
	return out
}

// tenth is k tenths of a duration.
func tenth(d time.Duration, k int) time.Duration {
	return d/tenths*time.Duration(k) + d%tenths*time.Duration(k)/tenths
}

// levelAt is the intensity of a fault at an instant from its start to its end, in tenths.
func (f *Fault) levelAt(now simtime.Time) int {
	level := tenths
	passed := func(from simtime.Time, ramp time.Duration) int {
		n := 0
		for n < tenths && from.Add(tenth(ramp, n+1)) <= now {
			n++
		}
		return n
	}
	if f.RampUp > 0 {
		level = passed(f.Start, f.RampUp)
	}
	if f.RampDown > 0 && f.End != never {
		level = min(level, tenths-passed(f.End.Add(-f.RampDown), f.RampDown))
	}
	return level
}

// ramp is when the intensity of a fault may change.
func (e *Engine) ramp(i int) {
	if slices.Contains(e.active, i) {
		e.setLevel(i, e.faults[i].levelAt(e.now))
	}
}

// setLevel brings a fault to an intensity in tenths; a kind with an intensity (names.go) has its way of growing here. The changes of a clock add up
// to the whole, so that what others do in between stays.
func (e *Engine) setLevel(i, level int) {
	f, s := &e.faults[i], &e.struck[i]
	from := s.level
	s.level = level
	if from == level {
		return
	}
	switch f.Kind {
	case AgentStall:
		for _, h := range s.hosts {
			e.tellAgents(h.Server)
		}
		return
	case DiskPressure:
		e.fillDisk(i)
		return
	case LinkDegrade:
		for _, l := range s.links {
			e.degrade(l)
		}
		return
	case MailStorm, DuplicateStorm, Backscatter:
		e.blow(i)
		return
	}
	for _, h := range s.hosts {
		outside := f.ClockMode == ClockPush || f.ClockMode == ClockNTP
		switch {
		case outside && slices.Contains(s.righted, h): // nothing is left that could grow
		case level < from && !e.env.Dir.Skews(h, i): // somebody has set the clock: nothing is left that could die away
		default:
			e.skew(f, h, i, from, level)
		}
	}
}

// skew lets a clock go wrong by so many tenths more (F1); less, where the fault dies away.
func (e *Engine) skew(f *Fault, h Host, i, from, to int) {
	offset := tenth(f.Offset, to) - tenth(f.Offset, from)
	switch dir := e.env.Dir; f.ClockMode {
	case ClockJump:
		dir.JumpClock(e.now, h, i, offset, f.SelfCorrect)
	case ClockDrift:
		dir.DriftClock(e.now, h, i, float64(f.DriftPPM*float64(to-from))/tenths, f.SelfCorrect)
	case ClockPush:
		dir.PushClock(e.now, h, i, offset, f.PushEvery, f.SelfCorrect)
	case ClockNTP:
		dir.MisleadClock(e.now, h, i, offset, f.SelfCorrect)
	}
}
