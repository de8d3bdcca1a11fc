package fault

import (
	"slices"
	"strconv"
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// Spread is how long something takes that does not always take the same: drawn anew for each step, for each occurrence of its fault.
type Spread struct {
	Dist  rng.Dist      // seconds
	Least time.Duration // what is drawn is no shorter, 0 or more
	Most  time.Duration // ... and no longer; 0 = a year
}

// UsualSpread is how the time of a step varies about its middle value: lognormal with sigma 0.3, and neither less than three eighths of the middle nor
// more than 30 eighths of it. For restart_os, 8 minutes, that is 3 to 30 minutes. It returns an error when middle is not above 0.
func UsualSpread(middle time.Duration) (Spread, error) {
	const sigma = 0.3
	d, err := rng.Lognormal(rng.Log(middle.Seconds()), sigma)
	return Spread{Dist: d, Least: 3 * middle / 8, Most: 30 * middle / 8}, err
}

// Middle is the time of which as many are longer as shorter: what a scenario counts with before anything is drawn.
func (s *Spread) Middle() time.Duration { return s.cut(s.Dist.Sample(0.5)) }

func (s *Spread) cut(seconds float64) time.Duration {
	const longest = 365 * 24 * time.Hour
	most := s.Most
	if most == 0 {
		most = longest
	}
	return max(min(simtime.FromSeconds(seconds), most), s.Least, 0)
}

// Reaction is the time between the start of a fault and the operator's first step, where the scenario does not say it: an alert within five
// minutes and ten more to act on it, where something that is watched moves; 75 minutes where nothing gives an alarm, and people have to call. Clocks count
// among these: what shows of them is taken for trouble of the network first, as is what a latch leaves behind (decision).
func (k Kind) Reaction() time.Duration {
	switch k {
	case ClientUpdate, ClockSkew, AuthLatch, ReplLag, ConfigNotifyLost:
		return 75 * time.Minute
	}
	return 15 * time.Minute
}

// drawRemedies draws when the remedies of an occurrence begin and how long they take. Each time has a stream of its own, named by the fault's stream, the
// remedy's place, the number of the occurrence and its target, so that neither the order of tables nor another fault changes it.
func (e *Engine) drawRemedies(i int) {
	f, s := &e.faults[i], &e.struck[i]
	if !slices.ContainsFunc(f.Remedies, func(a Action) bool { return a.Wait != nil || a.Takes != nil }) {
		return
	}
	f.Remedies = slices.Clone(f.Remedies)
	before, late := f.Start, time.Duration(0) // when the remedy before is done, and by how much later than in the middle
	for k := range f.Remedies {
		a := &f.Remedies[k]
		middle := a.At.Add(a.Duration)
		begin := a.At
		if a.Chained {
			begin = begin.Add(late)
		}
		entity := []string{f.stream(), strconv.Itoa(k + 1), strconv.Itoa(s.number), s.target}
		if a.Wait != nil {
			from := f.Start
			if a.Chained {
				from = before
			}
			begin = from.Add(e.draw(a.Wait, "remedy.after", entity...))
		}
		a.times(begin, e.takes(a, entity...))
		before = a.At.Add(a.Duration)
		late = before.Sub(middle)
	}
}

// drawAction draws how long an action takes.
func (e *Engine) drawAction(k int) {
	if a := &e.actions[k]; a.Takes != nil {
		a.times(a.At, e.takes(a, actionName(k), strconv.Itoa(k+1)))
	}
}

func actionName(k int) string { return "action-" + strconv.Itoa(k+1) }

func (e *Engine) takes(a *Action, entity ...string) time.Duration {
	if a.Takes == nil {
		return a.Duration
	}
	return e.draw(a.Takes, "remedy.duration", entity...)
}

func (e *Engine) draw(s *Spread, purpose string, entity ...string) time.Duration {
	return s.cut(e.env.Root.Stream(purpose, entity...).Sample(s.Dist))
}

// times says when a step is done. Where it asks for just what its copy of a database lacks, it does so at the new time, too.
func (a *Action) times(at simtime.Time, takes time.Duration) {
	just := a.Since == a.lacks()
	a.At, a.Duration = at, takes
	if just {
		a.Since = a.lacks()
	}
}

// Actions returns the actions of the scenario with the times that they take in this run. The slice is the engine's own: read it only.
func (e *Engine) Actions() []Action { return e.actions }
