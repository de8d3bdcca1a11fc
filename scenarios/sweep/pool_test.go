package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/result"
)

// The tests run in bubbles of virtual time: a simulation that "takes" some milliseconds takes none.

func simulated(task Task) *result.Run {
	return &result.Run{Point: task.Point.Index, Replication: task.Replication}
}

// inBubble runs f in virtual time. A property must not fail inside: its way of stopping does not cross the bubble's border.
func inBubble(t *testing.T, f func() error) (err error) {
	synctest.Test(t, func(*testing.T) { err = f() })
	return err
}

// For any number of workers, any window and any duration of the tasks: results in order, all of them, never more than Window under
// way and never more than Workers at one time.
func TestPoolKeepsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		workers := rapid.IntRange(1, 9).Draw(rt, "workers")
		window := rapid.IntRange(0, 12).Draw(rt, "window")
		p := plan(rt, rapid.IntRange(1, 6).Draw(rt, "points"), rapid.IntRange(0, 5).Draw(rt, "replications"))
		durations := rapid.SliceOfN(rapid.IntRange(0, 50), p.Runs(), p.Runs()).Draw(rt, "durations")
		limit := window
		if limit == 0 {
			limit = 2 * workers
		}
		var over atomic.Int64
		var delivered, done []int
		err := inBubble(t, func() error {
			var busy, begun atomic.Int64
			pool := Pool{
				Workers: workers, Window: window,
				Simulate: func(_ context.Context, task Task) (*result.Run, error) {
					if busy.Add(1) > int64(workers) || begun.Add(1) > int64(limit) {
						over.Add(1)
					}
					defer busy.Add(-1)
					time.Sleep(time.Duration(durations[task.Index]) * time.Millisecond)
					return simulated(task), nil
				},
				Deliver: func(task Task, run *result.Run) error {
					begun.Add(-1)
					delivered = append(delivered, task.Index)
					if run.Point != task.Point.Index || run.Replication != task.Replication {
						return errors.New("this is the result of another task")
					}
					return nil
				},
			}
			return pool.Run(context.Background(), p.Tasks(), func(task Task, err error) { done = append(done, task.Index) })
		})
		require.NoError(rt, err)
		require.Zero(rt, over.Load(), "more than Workers or Window at one time")
		require.Len(rt, delivered, p.Runs())
		for i := range delivered {
			require.Equal(rt, i, delivered[i])
		}
		require.Equal(rt, delivered, done)
	})
}

// Whatever fails first by the clock, the first failing task ends the run, and what was delivered is what comes before it: for one
// worker and for many.
func TestPoolReportsTheFirstFailureInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := plan(rt, 5, 4)
		durations := rapid.SliceOfN(rapid.IntRange(0, 50), p.Runs(), p.Runs()).Draw(rt, "durations")
		fails := rapid.SliceOfN(rapid.SampledFrom([]bool{false, false, false, true}), p.Runs(), p.Runs()).Draw(rt, "fails")
		first := p.Runs()
		for i := len(fails) - 1; i >= 0; i-- {
			if fails[i] {
				first = i
			}
		}
		for _, workers := range []int{1, 2, 7} {
			var delivered []int
			var last error
			err := inBubble(t, func() error {
				return Pool{
					Workers: workers,
					Simulate: func(ctx context.Context, task Task) (*result.Run, error) {
						select {
						case <-time.After(time.Duration(durations[task.Index]) * time.Millisecond):
						case <-ctx.Done():
							return nil, ctx.Err()
						}
						if fails[task.Index] {
							return nil, fmt.Errorf("task %d broke", task.Index)
						}
						return simulated(task), nil
					},
					Deliver: func(task Task, _ *result.Run) error { delivered = append(delivered, task.Index); return nil },
				}.Run(context.Background(), p.Tasks(), func(_ Task, err error) { last = err })
			})
			require.Len(rt, delivered, first)
			for i := range delivered {
				require.Equal(rt, i, delivered[i])
			}
			if first == p.Runs() {
				require.NoError(rt, err)
				continue
			}
			require.ErrorContains(rt, err, fmt.Sprintf("task %d broke", first))
			require.ErrorContains(rt, err, fmt.Sprintf("replication %d", first%4))
			require.Equal(rt, err, last)
		}
	})
}

// What comes after a failure cannot matter any more and is stopped; what comes before is waited for.
func TestPoolStopsWhatComesAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		takes := []time.Duration{3 * time.Minute, time.Minute, time.Hour}
		delivered := 0
		err := Pool{
			Workers: 3,
			Simulate: func(ctx context.Context, task Task) (*result.Run, error) {
				select {
				case <-time.After(takes[task.Index]):
				case <-ctx.Done():
					return nil, ctx.Err()
				}
				if task.Index == 1 {
					return nil, errors.New("broke")
				}
				return simulated(task), nil
			},
			Deliver: func(Task, *result.Run) error { delivered++; return nil },
		}.Run(t.Context(), plan(t, 1, 3).Tasks(), nil)
		require.EqualError(t, err, "point 0 (connection_threshold = 1), replication 1: broke")
		require.Equal(t, 1, delivered)
		require.Equal(t, 3*time.Minute, time.Since(start))
	})
}

func TestPoolStopsOnInterrupt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		var begun atomic.Int64
		delivered := 0
		var named []error
		go func() {
			time.Sleep(35 * time.Millisecond)
			interrupt()
		}()
		start := time.Now()
		err := Pool{
			Workers: 2,
			Simulate: func(ctx context.Context, task Task) (*result.Run, error) {
				begun.Add(1)
				select {
				case <-time.After(10 * time.Millisecond):
					return simulated(task), nil
				case <-ctx.Done():
					return nil, fmt.Errorf("stopped at 3h: %w", ctx.Err())
				}
			},
			Deliver: func(Task, *result.Run) error { delivered++; return nil },
		}.Run(ctx, plan(t, 10, 10).Tasks(), func(_ Task, err error) { named = append(named, err) })
		require.ErrorIs(t, err, context.Canceled)
		require.EqualError(t, err, "interrupted after 6 complete runs: context canceled")
		require.Equal(t, 6, delivered)
		require.Equal(t, make([]error, 6), named, "done names the complete tasks")
		require.EqualValues(t, 8, begun.Load())
		require.Equal(t, 35*time.Millisecond, time.Since(start))
	})
}

func TestPoolInterruptsWithACauseAndAfterTheEnd(t *testing.T) {
	t.Parallel()
	sigint := errors.New("interrupt signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(sigint)
	pool := Pool{
		Simulate: func(_ context.Context, task Task) (*result.Run, error) { return simulated(task), nil },
		Deliver:  func(Task, *result.Run) error { return nil },
	}
	require.ErrorIs(t, pool.Run(ctx, plan(t, 1, 3).Tasks(), nil), sigint)
	require.NoError(t, pool.Run(ctx, plan(t, 1, 0).Tasks(), nil), "nothing was left to do")

	ctx, cancel = context.WithCancelCause(t.Context())
	pool.Deliver = func(task Task, _ *result.Run) error {
		if task.Index == 2 {
			cancel(sigint)
		}
		return nil
	}
	require.NoError(t, pool.Run(ctx, plan(t, 1, 3).Tasks(), nil), "everything was complete")
}

func TestPoolEndsWhenDeliverFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	var last error
	err := Pool{
		Workers:  3,
		Simulate: func(_ context.Context, task Task) (*result.Run, error) { return simulated(task), nil },
		Deliver: func(task Task, _ *result.Run) error {
			require.LessOrEqual(t, task.Index, 2)
			if task.Index == 2 {
				return full
			}
			return nil
		},
	}.Run(t.Context(), plan(t, 5, 5).Tasks(), func(_ Task, err error) { last = err })
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "replication 2")
	require.Equal(t, err, last)
}

func TestPoolTurnsPanicsIntoErrors(t *testing.T) {
	t.Parallel()
	delivered := 0
	err := Pool{
		Workers: 2,
		Simulate: func(_ context.Context, task Task) (*result.Run, error) {
			if task.Index == 3 {
				panic("queue is negative")
			}
			return simulated(task), nil
		},
		Deliver: func(Task, *result.Run) error { delivered++; return nil },
	}.Run(t.Context(), plan(t, 3, 2).Tasks(), nil)
	var p *PanicError
	require.ErrorAs(t, err, &p)
	require.Equal(t, "queue is negative", p.Value)
	require.Contains(t, p.Stack, "pool_test.go")
	require.ErrorContains(t, err, "point 1 (connection_threshold = 2), replication 1: the simulation panicked")
	require.Equal(t, 3, delivered)

	// On the caller's own goroutine a panic goes on; no worker is left behind.
	require.PanicsWithValue(t, "writer broke", func() {
		_ = Pool{
			Simulate: func(_ context.Context, task Task) (*result.Run, error) { return simulated(task), nil },
			Deliver:  func(Task, *result.Run) error { panic("writer broke") },
		}.Run(t.Context(), plan(t, 3, 2).Tasks(), nil)
	})
	require.Panics(t, func() { _ = Pool{Workers: -1}.Run(t.Context(), plan(t, 1, 1).Tasks(), nil) })
}

// Many short tasks over real time and cores, for the race detector.
func TestPoolUnderLoad(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]bool{}
	next := 0
	require.NoError(t, Pool{
		Workers: 8,
		Simulate: func(_ context.Context, task Task) (*result.Run, error) {
			mu.Lock()
			defer mu.Unlock()
			seen[task.Digest] = true
			return simulated(task), nil
		},
		Deliver: func(task Task, _ *result.Run) error {
			if task.Index != next {
				return fmt.Errorf("got task %d in place of %d", task.Index, next)
			}
			next++
			return nil
		},
	}.Run(t.Context(), plan(t, 50, 40).Tasks(), nil))
	require.Equal(t, 2000, next)
	require.Len(t, seen, 2000)
}

// Somebody may ask for more workers than memory holds.
func TestPoolBoundsItsWorkers(t *testing.T) {
	t.Parallel()
	for _, runs := range []int{3, WorkersMax + 900} {
		var busy, most atomic.Int64
		var delivered int
		err := inBubble(t, func() error {
			pool := Pool{
				Workers: math.MaxInt, Window: math.MaxInt,
				Simulate: func(_ context.Context, task Task) (*result.Run, error) {
					n := busy.Add(1)
					defer busy.Add(-1)
					for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
					}
					time.Sleep(time.Second)
					return simulated(task), nil
				},
				Deliver: func(Task, *result.Run) error { delivered++; return nil },
			}
			return pool.Run(context.Background(), Plan{Points: []Point{{}}, Replications: runs}.Tasks(), nil)
		})
		require.NoError(t, err)
		require.Equal(t, runs, delivered)
		require.EqualValues(t, min(runs, WorkersMax), most.Load())
	}
}
