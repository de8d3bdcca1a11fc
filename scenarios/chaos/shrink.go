package chaos

import (
	"context"
	"math/bits"
	"slices"
	"time"
)

// roundsMax bounds how often the settings of the faults are gone through: each round makes one of them simpler at least, and most
// plans are at rest after the second.
const roundsMax = 8

// shrink makes a failing plan as small as it gets while it goes on failing for the same reason: first as few faults as possible, then
// those shorter, at simpler times, and with simpler settings. It keeps in f the smallest plan so far, whatever ends it.
func (s *Search) shrink(ctx context.Context, f *Finding) error {
	all := f.Smallest
	sets := subsets(len(all))
	if _, err := s.step(ctx, f, len(sets), func(i int) Plan { return all.subset(sets[i]) }); err != nil {
		return err
	}
	for range roundsMax {
		simpler := false
		for i := range f.Smallest {
			for _, next := range [...]func(*Space, Fault) []Fault{simplerMode, shorter, simplerOffset, simplerUsed, simplerStart} {
				now := f.Smallest
				options := next(s.Space, now[i])
				done, err := s.step(ctx, f, len(options), func(k int) Plan {
					p := slices.Clone(now)
					p[i] = options[k]
					return p
				})
				if err != nil {
					return err
				}
				simpler = simpler || done
			}
		}
		if !simpler {
			break
		}
	}
	return nil
}

// step takes the first of n plans that fails as f does in its place, and tells whether there is one.
func (s *Search) step(ctx context.Context, f *Finding, n int, plan func(int) Plan) (bool, error) {
	was := f.Failure
	at, failure, err := s.first(ctx, n, plan, func(x Failure) bool { return x.same(was) }, func() { f.Judged++ })
	if err != nil || at < 0 {
		return false, err
	}
	f.Judged++
	f.Smallest, f.Failure = plan(at), failure
	if i := slices.Index(failure.Broken, was.Broken[0]); i > 0 { // the reason stays the first, so that the next step keeps it, too
		f.Failure.Broken = append([]string{was.Broken[0]}, slices.Delete(slices.Clone(failure.Broken), i, i+1)...)
	}
	return true, nil
}

// subsets lists the subsets of n faults but that of all: the smaller ones first, those of one size in the order of their faults. The
// empty one is left out: a scenario that fails without any fault is not searched.
func subsets(n int) []uint {
	var out []uint
	for set := uint(1); set < 1<<n-1; set++ {
		out = append(out, set)
	}
	slices.SortStableFunc(out, func(a, b uint) int { return bits.OnesCount(a) - bits.OnesCount(b) })
	return out
}

func (p Plan) subset(set uint) Plan {
	var out Plan
	for i, f := range p {
		if set&(1<<i) != 0 {
			out = append(out, f)
		}
	}
	return out
}

// simplerMode: a crash is what everybody knows.
func simplerMode(_ *Space, f Fault) []Fault {
	if f.Mode == "" {
		return nil
	}
	f.Mode = ""
	return []Fault{f}
}

// shorter lists shorter durations, the shortest first.
func shorter(_ *Space, f Fault) []Fault {
	var out []Fault
	for _, minutes := range []time.Duration{1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 105, 120, 150, 180, 240, 300, 360, 480, 600, 720, 1080, 1440} {
		if d := minutes * time.Minute; d < f.Duration {
			g := f
			g.Duration = d
			out = append(out, g)
		}
	}
	return out
}

// simplerOffset lists simpler errors of a clock: just beyond what authentication allows, a round number, and ahead rather than behind.
func simplerOffset(_ *Space, f Fault) []Fault {
	var out []Fault
	for _, d := range []time.Duration{6 * time.Minute, 10 * time.Minute, f.Offset.Abs()} {
		if f.Offset == 0 || d == f.Offset || f.Offset == 6*time.Minute || f.Offset == 10*time.Minute && d > f.Offset {
			continue
		}
		g := f
		g.Offset = d
		out = append(out, g)
	}
	return out
}

// simplerUsed: a full drive is what everybody knows.
func simplerUsed(_ *Space, f Fault) []Fault {
	if f.Used == 0 || f.Used == 100 {
		return nil
	}
	f.Used = 100
	return []Fault{f}
}

// simplerStart lists earlier starts: the first possible, a full hour, half an hour, ten and five minutes.
func simplerStart(s *Space, f Fault) []Fault {
	var out []Fault
	for _, at := range []time.Duration{s.from, f.Start.Truncate(time.Hour), f.Start.Truncate(30 * time.Minute), f.Start.Truncate(10 * time.Minute), f.Start.Truncate(5 * time.Minute)} {
		if at < s.from || at >= f.Start || s.tooEarly(f.Kind, at) || len(out) > 0 && out[len(out)-1].Start == at {
			continue
		}
		g := f
		g.Start = at
		out = append(out, g)
	}
	return out
}
