package sweep

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"

	"mailsim/sim/result"
)

// Pool is the Executor of this machine: it runs tasks on several goroutines and hands the results over in the order of the tasks.
//
// The order makes everything after it independent of the number of workers: what Deliver gets, in which order, and which error
// ends the run. If tasks fail, Deliver has got exactly the tasks before the first one that fails, in the order of the tasks,
// whatever failed first by the clock. If the context ends, Deliver has got a whole number of tasks from the beginning.
type Pool struct {
	Workers int // tasks at one time, WorkersMax at most; 0 means one for each core that Go may use

	// Window is the largest number of tasks that are begun but not handed over: it bounds the memory that waiting results take.
	// 0 means twice the workers; less than the workers leaves some idle. It is 16384 at most.
	Window int

	// Simulate runs one task. It is called from several goroutines and must return soon after ctx ends. A panic in it becomes a
	// PanicError of the task.
	Simulate func(ctx context.Context, t Task) (*result.Run, error)

	// Deliver takes a result; it is called by Run's own goroutine. An error ends the run.
	Deliver func(t Task, run *result.Run) error
}

var _ Executor = Pool{}

// WorkersMax bounds the tasks at one time. More cores than this no machine has, and every run takes memory.
const WorkersMax = 4096

// windowMax bounds the tasks that are begun but not handed over: each takes a place in two channels.
const windowMax = 4 * WorkersMax

// PanicError is a panic of a simulation: a bug of the program, not of the scenario.
type PanicError struct {
	Value any
	Stack string
}

// Error holds the stack, too: whoever reads it has nothing else.
func (e *PanicError) Error() string {
	return fmt.Sprintf("the simulation panicked, which is a defect of the program: %v\n%s", e.Value, e.Stack)
}

// job is a task under way; seq counts the tasks of this run from 0 (a shard's Task.Index has gaps).
type job struct {
	seq  int
	task Task
	ctx  context.Context
	stop context.CancelFunc
}

type outcome struct {
	job job
	run *result.Run
	err error
}

// Run implements Executor. done may be nil. On an interrupt the error wraps the cause of ctx's end, so that
// errors.Is(err, context.Canceled) tells it from a failure; the tasks that done has named are complete.
func (p Pool) Run(ctx context.Context, tasks iter.Seq[Task], done func(Task, error)) error {
	if p.Workers < 0 || p.Window < 0 {
		panic(fmt.Sprintf("sweep.Pool: %d workers, window %d", p.Workers, p.Window))
	}
	if done == nil {
		done = func(Task, error) {}
	}
	workers, window := p.Workers, p.Window
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, WorkersMax)
	if window == 0 {
		window = 2 * workers
	}
	workers, window = min(workers, window), min(window, windowMax)
	jobs := make(chan job, window) // never full: no more than window jobs are begun
	outcomes := make(chan outcome, window)
	var wg sync.WaitGroup
	hire := func() {
		wg.Go(func() {
			for j := range jobs {
				outcomes <- p.simulate(j)
			}
		})
	}
	ctx, stopAll := context.WithCancel(ctx)
	defer wg.Wait()
	defer close(jobs)
	defer stopAll()

	next, stopTasks := iter.Pull(tasks)
	defer stopTasks()
	d := dispatch{ctx: ctx, window: window, next: next, jobs: jobs, workers: workers, hire: hire, waiting: map[int]outcome{}, failed: -1}
	for d.begin(); d.underway > 0; d.begin() {
		d.take(<-outcomes)
		if err := d.handOver(p.Deliver, done); err != nil {
			return err
		}
	}
	return d.result(done)
}

// simulate runs one job; a job that was stopped before it began does not begin.
func (p Pool) simulate(j job) (o outcome) {
	o.job = j
	defer j.stop()
	defer func() {
		if v := recover(); v != nil {
			o.run, o.err = nil, &PanicError{Value: v, Stack: string(debug.Stack())}
		}
	}()
	if o.err = context.Cause(j.ctx); o.err == nil {
		o.run, o.err = p.Simulate(j.ctx, j.task)
	}
	return o
}

// dispatch is the state of one Pool.Run: which jobs are under way, and which results wait for those before them.
type dispatch struct {
	ctx     context.Context
	window  int
	next    func() (Task, bool)
	jobs    chan<- job
	workers int    // that may still be hired
	hire    func() // starts a worker
	running []job  // jobs begun whose outcome has not come, in order

	began     int // jobs begun
	handed    int // results handed over: the seq of the next one
	underway  int // jobs begun whose outcome has not come
	waiting   map[int]outcome
	exhausted bool // no more tasks
	failed    int  // the lowest seq that failed, -1 while none did
}

// begin starts tasks as far as the window allows, and none after a failure. After the end of the context a task fails at once.
func (d *dispatch) begin() {
	for !d.exhausted && d.failed < 0 && d.began-d.handed < d.window {
		t, ok := d.next()
		if !ok {
			d.exhausted = true
			return
		}
		j := job{seq: d.began, task: t}
		j.ctx, j.stop = context.WithCancel(d.ctx)
		d.running = append(d.running, j)
		if d.workers > 0 { // as many as there are tasks, not as many as were asked for
			d.hire()
			d.workers--
		}
		d.jobs <- j
		d.began++
		d.underway++
	}
}

// take notes an outcome. A failure stops the jobs after it, which cannot matter any more, and lets those before it come to their
// end: one of them may fail, too, and then is the first.
func (d *dispatch) take(o outcome) {
	d.underway--
	d.waiting[o.job.seq] = o
	for i, j := range d.running {
		if j.seq == o.job.seq {
			d.running = append(d.running[:i], d.running[i+1:]...)
			break
		}
	}
	if o.err == nil || d.failed >= 0 && d.failed < o.job.seq {
		return
	}
	d.failed = o.job.seq
	for _, j := range d.running {
		if j.seq > d.failed {
			j.stop()
		}
	}
}

// handOver delivers the results whose turn it is.
func (d *dispatch) handOver(deliver func(Task, *result.Run) error, done func(Task, error)) error {
	for {
		o, ok := d.waiting[d.handed]
		if !ok || o.err != nil {
			return nil
		}
		delete(d.waiting, d.handed)
		if err := deliver(o.job.task, o.run); err != nil {
			err = fmt.Errorf("%v: %w", o.job.task, err)
			done(o.job.task, err)
			return err
		}
		done(o.job.task, nil)
		d.handed++
	}
}

// result tells how it ended, when nothing is under way any more.
func (d *dispatch) result(done func(Task, error)) error {
	if d.failed < 0 {
		return nil
	}
	o, cause := d.waiting[d.failed], context.Cause(d.ctx)
	if cause != nil && (errors.Is(o.err, cause) || errors.Is(o.err, d.ctx.Err())) {
		return fmt.Errorf("interrupted after %d complete runs: %w", d.handed, cause)
	}
	err := fmt.Errorf("%v: %w", o.job.task, o.err)
	done(o.job.task, err)
	return err
}
