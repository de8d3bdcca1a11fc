package chaos

import (
	"context"
	"errors"
	"iter"
	"slices"

	"mailsim/scenarios/sweep"
	"mailsim/sim/result"
)

// Search looks for a plan that fails.
type Search struct {
	Space   *Space
	Seed    int64 // of the plans; the scenario keeps its own
	Plans   int   // how many to try at most; 1 or more
	Workers int   // plans at one time; 0 = one a core

	// Judge runs the mail under a plan and says what is broken. It is called from several goroutines, and must return soon after ctx
	// ends. An error ends the search: it is for what says nothing about the organisation.
	Judge func(ctx context.Context, p Plan) (Failure, error)

	Judged  func()          // called after each plan that is survived, in order; nil = nobody wants to know
	Shrinks func(f Finding) // called when a plan has failed and is about to be shrunk; nil = nobody wants to know
}

// Failure is what a plan breaks.
type Failure struct {
	Broken []string // ids of what is broken, in the order of the scenario; empty = the plan is survived
	Text   string   // the first of them, in words
}

// same tells whether a failure is like another: it breaks what is first in the other. A plan that is shrunk is to go on failing for the
// reason for which it was chosen.
func (f Failure) same(other Failure) bool { return slices.Contains(f.Broken, other.Broken[0]) }

// Finding is a plan that fails.
type Finding struct {
	Number   int     // of the plan, from 1
	Drawn    Plan    // as it was drawn
	Smallest Plan    // what is left of it
	Failure  Failure // of Smallest
	Judged   int     // plans judged to find Smallest
	Complete bool    // false: time was up, a smaller one may exist
}

// Result is what a search has come to.
type Result struct {
	Survived int      // plans judged before the one that failed
	Found    *Finding // nil = none failed
	TimeUp   bool     // the deadline of the context came first
}

// Run searches until a plan fails, all are tried, or the deadline of ctx comes, which is no error; any other end of ctx is one.
func (s *Search) Run(ctx context.Context) (Result, error) {
	var r Result
	number, failure, err := s.first(ctx, s.Plans, func(i int) Plan { return s.Space.Draw(s.Seed, i+1) }, func(f Failure) bool { return len(f.Broken) > 0 }, func() {
		r.Survived++
		if s.Judged != nil {
			s.Judged()
		}
	})
	if timeUp(ctx, err) {
		r.TimeUp = true
		return r, nil
	}
	if err != nil || number < 0 {
		return r, err
	}
	plan := s.Space.Draw(s.Seed, number+1)
	r.Found = &Finding{Number: number + 1, Drawn: plan, Smallest: slices.Clone(plan), Failure: failure}
	if s.Shrinks != nil {
		s.Shrinks(*r.Found)
	}
	err = s.shrink(ctx, r.Found)
	r.Found.Complete = err == nil
	if timeUp(ctx, err) {
		r.TimeUp, err = true, nil
	}
	return r, err
}

func timeUp(ctx context.Context, err error) bool {
	return err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
}

// hit is a plan that fails as wanted. It ends a pool as an error does: what is before it is judged to its end, what is after it stops.
type hit struct {
	number  int
	failure Failure
}

func (*hit) Error() string { return "a plan fails" }

// first judges n plans and returns the first, by its number from 0, whose failure is wanted; -1 for none. survived is called for each
// before it, in order; nil = not. Plans are judged several at a time, and the answer is that of judging one after the other.
func (s *Search) first(ctx context.Context, n int, plan func(int) Plan, wanted func(Failure) bool, survived func()) (int, Failure, error) {
	pool := sweep.Pool{
		Workers: s.Workers,
		Simulate: func(ctx context.Context, t sweep.Task) (*result.Run, error) {
			f, err := s.Judge(ctx, plan(t.Index))
			if err == nil && wanted(f) {
				err = &hit{t.Index, f}
			}
			return nil, err
		},
		Deliver: func(sweep.Task, *result.Run) error { return nil },
	}
	err := pool.Run(ctx, numbers(n), func(_ sweep.Task, err error) {
		if err == nil && survived != nil {
			survived()
		}
	})
	var h *hit
	if errors.As(err, &h) {
		return h.number, h.failure, nil
	}
	return -1, Failure{}, err
}

func numbers(n int) iter.Seq[sweep.Task] {
	return func(yield func(sweep.Task) bool) {
		for i := range n {
			if !yield(sweep.Task{Index: i}) {
				return
			}
		}
	}
}
