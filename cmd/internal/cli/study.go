package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"

	"mailsim/scenarios"
	"mailsim/scenarios/expect"
	"mailsim/scenarios/sweep"
	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/stats"
)

// overrides are the flags that change a scenario: run, test and check take them all, route takes --set.
type overrides struct {
	set          settings
	seed         int64 // -1 = the scenario's
	replications int   // 0 = the scenario's
}

// study is a scenario that is to be run: what run and test share.
type study struct {
	*scenarios.Scenario
	given     string // how the command line names it
	overrides overrides
}

// readScenario reads a scenario from disk, or a shipped one by @name.
func readScenario(file string, o overrides) (*study, error) {
	set := append([]string{}, o.set...)
	if o.seed >= 0 {
		set = append(set, "seed="+strconv.FormatInt(o.seed, 10))
	}
	if o.replications > 0 {
		set = append(set, "replications="+strconv.Itoa(o.replications))
	}
	s, err := scenarios.Load(scenarios.Disk{}, file, set...)
	if err != nil {
		return nil, err
	}
	return &study{Scenario: s, given: file, overrides: o}, checkPoints(s)
}

// firstSetting reads a scenario for a command that looks at one setting only: the first of its sweep.
func firstSetting(file string, o overrides) (*sim.Config, error) {
	s, err := readScenario(file, o)
	if err != nil {
		return nil, err
	}
	cfg, err := s.Config(s.Points()[0])
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("%s: %w", file, err))
	}
	return cfg, nil
}

// checkPoints finds values of a sweep that contradict each other, before anything is run. Of a sweep with very many points it looks at
// the first thousand: each takes about a millisecond.
func checkPoints(s *scenarios.Scenario) error {
	const most = 1000
	points := s.Points()
	if len(points) == 1 {
		return nil // it is the scenario itself
	}
	for _, p := range points[:min(len(points), most)] {
		if _, err := s.Config(p); err != nil {
			return wrongUsage(fmt.Errorf("%s: %v", s.File(), err)) // text only: the list alone would not tell which point
		}
	}
	return nil
}

// loadAll reads several scenarios. The errors of all that are wrong come in the order of the files.
func loadAll(files []string, o overrides) ([]*study, error) {
	var out []*study
	var wrong scenarios.Error
	for _, file := range files {
		s, err := readScenario(file, o)
		var list *scenarios.Error
		switch {
		case errors.As(err, &list):
			wrong.Problems = append(wrong.Problems, list.Problems...)
		case err != nil:
			return nil, wrongUsage(err)
		default:
			out = append(out, s)
		}
	}
	if len(wrong.Problems) > 0 {
		return nil, &wrong
	}
	return out, nil
}

// execution is a study under way.
type execution struct {
	study    *study
	env      Env
	workers  int // 0 = one a core
	meter    *meter
	instants instants                // when the first replication of every point lists its queues
	add      func(*result.Run) error // takes every replication, in order; nil = nobody wants it

	points  []sweep.Point
	reps    int
	configs configs
	file    result.File
	faults  faultRecord
	current []*result.Summary // replications of the point under way

	mu    sync.Mutex
	spent time.Duration // wall time of the runs, each on its worker
	timed int           // runs in spent
}

// execute runs all replications of all points and returns the head of the result, figures and laws included. The result does not
// depend on the number of workers.
func (e *execution) execute(ctx context.Context) error {
	s := e.study
	e.points, e.reps = s.Points(), s.Replications()
	e.configs = configs{scenario: s.Scenario}
	first, err := e.configs.get(e.points[0])
	if err != nil {
		return wrongUsage(err)
	}
	e.file = result.File{
		Program: programVersion(), Scenario: s.Name(), Description: s.Description(), Hash: s.Hash(),
		Start: first.Start.Format(time.RFC3339Nano), DurationNS: int64(first.Duration), WarmupNS: int64(first.Warmup),
		SampleNS: int64(first.Output.SampleInterval), Seed: first.Seed, Replications: e.reps, Axes: s.Axes(),
	}
	plan := sweep.Plan{Program: e.file.Program, Scenario: s.Resolved(), Points: e.points, Replications: e.reps}
	e.meter.begin(plan.Runs())
	defer e.meter.end()
	pool := sweep.Pool{Workers: e.workers, Simulate: e.simulate, Deliver: e.deliver}
	err = pool.Run(ctx, plan.Tasks(), func(_ sweep.Task, err error) {
		if err == nil {
			e.meter.finished()
		}
	})
	if err != nil {
		return err
	}
	e.file.IdentitiesHold = stats.IdentitiesHold(e.file.Points)
	return nil
}

// simulate runs one task; several goroutines call it.
func (e *execution) simulate(ctx context.Context, t sweep.Task) (*result.Run, error) {
	cfg, err := e.configs.get(t.Point)
	if err != nil {
		return nil, wrongUsage(err)
	}
	if cfg, err = e.instants.with(cfg, t.Replication); err != nil {
		return nil, err
	}
	begun := e.env.Now()
	sink := result.NewMemory(t.Point.Index, t.Replication)
	err = sim.Run(ctx, cfg, t.Replication, sink)
	if err != nil {
		var panicked *sweep.PanicError
		if errors.Is(err, sim.ErrInvariant) || errors.As(err, &panicked) {
			err = fmt.Errorf("%w\nreproduce it with: %s   (replication %d of it)", err, e.rerun(t.Point, t.Replication+1), t.Replication)
		}
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spent += e.env.Now().Sub(begun)
	e.timed++
	return sink.Run(), nil
}

// deliver takes the runs in order: writes them, and makes the figures of a point when its last replication is there.
func (e *execution) deliver(t sweep.Task, run *result.Run) error {
	if t.Index == 0 {
		e.forecast(run)
	}
	e.faults.take(t.Point.Index, t.Replication, run.Summary.Faults)
	e.tell(run)
	if e.add != nil {
		if err := e.add(run); err != nil {
			return err
		}
	}
	e.current = append(e.current, &run.Summary)
	if len(e.current) < e.reps {
		return nil
	}
	p, err := stats.Aggregate(e.current)
	if err != nil {
		return err
	}
	p.Set, p.Label = t.Point.Set(), t.Point.Label
	e.file.Points = append(e.file.Points, p)
	e.current = nil
	e.configs.drop(t.Point)
	return nil
}

// forecast says what a large sweep will take, by its first run.
func (e *execution) forecast(run *result.Run) {
	f := sweep.Forecast{Runs: len(e.points) * e.reps, Workers: e.workers, Bytes: e.bytes(run)}
	if f.Workers == 0 {
		f.Workers = runtime.GOMAXPROCS(0)
	}
	e.mu.Lock()
	if e.timed > 0 {
		f.Each = e.spent / time.Duration(e.timed)
	}
	e.mu.Unlock()
	if f.Runs > 1 && f.Large() {
		e.meter.note(f.String())
	}
}

// bytes is about what a run adds to the result folder; 0 when nothing is written. Series compress to about a byte a value and
// histograms to two a bucket.
func (e *execution) bytes(run *result.Run) int64 {
	if e.add == nil {
		return 0
	}
	var n int64
	for _, s := range run.Series {
		n += 3 * int64(len(s.Times))
	}
	for _, h := range run.Summary.Histograms {
		n += 2 * int64(len(h.Counts))
	}
	return n + 200*int64(len(run.Events)) + 150*int64(len(run.Summary.Metrics))
}

// verdicts judges the expectations. Each verdict says how to see it again.
func (e *execution) verdicts() []result.Verdict {
	verdicts := expect.Judge(&e.file, e.study.Expectations())
	for i := range verdicts {
		v := &verdicts[i]
		p := sweep.Point{}
		if v.Point >= 0 {
			p = e.points[v.Point]
		}
		v.Rerun = e.rerun(p, e.reps)
	}
	return verdicts
}

// configs makes the configurations of sweep points when they are needed and shares them between replications.
type configs struct {
	scenario *scenarios.Scenario

	mu    sync.Mutex
	ready map[int]*sim.Config // by the index of the point; looked up only
}

func (c *configs) get(p sweep.Point) (*sim.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cfg := c.ready[p.Index]; cfg != nil {
		return cfg, nil
	}
	cfg, err := c.scenario.Config(p)
	if err != nil {
		return nil, err
	}
	if c.ready == nil {
		c.ready = map[int]*sim.Config{}
	}
	c.ready[p.Index] = cfg
	return cfg, nil
}

// drop forgets the configuration of a point that is complete.
func (c *configs) drop(p sweep.Point) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ready, p.Index)
}
