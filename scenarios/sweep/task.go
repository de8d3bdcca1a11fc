package sweep

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"

	"mailsim/sim/result"
)

// Task is one replication of one point: a run. It holds all that tells it from the other tasks of its plan.
type Task struct {
	Index       int // from 0: tasks are ordered by point, then by replication
	Point       Point
	Replication int    // from 0
	Digest      string // SHA-256 over everything that affects the result, hex; equal digests mean equal results
}

// String names the task for people.
func (t Task) String() string {
	if t.Point.Label == "" {
		return fmt.Sprintf("replication %d", t.Replication)
	}
	return fmt.Sprintf("point %d (%s), replication %d", t.Point.Index, t.Point.Label, t.Replication)
}

// Executor works off tasks. It calls done once for each task that is complete, in the order of the tasks and with a nil error,
// and at the end for the task whose failure ended the run, if one did; it returns that failure. One goroutine calls done.
// When ctx ends, it returns soon with the cause of the end.
type Executor interface {
	Run(ctx context.Context, tasks iter.Seq[Task], done func(Task, error)) error
}

// Plan is a study to be run.
type Plan struct {
	Program      string // version of the program
	Scenario     []byte // the resolved scenario: defaults, base and settings from the command line applied
	Points       []Point
	Replications int // of each point
}

// Runs is the number of tasks.
func (p Plan) Runs() int { return len(p.Points) * p.Replications }

// Tasks lists the tasks: all replications of the first point, then those of the next.
func (p Plan) Tasks() iter.Seq[Task] {
	return func(yield func(Task) bool) {
		index := 0
		for _, point := range p.Points {
			for r := range p.Replications {
				if !yield(Task{Index: index, Point: point, Replication: r, Digest: p.digest(point, r)}) {
					return
				}
				index++
			}
		}
	}
}

// digest covers program, scenario, settings and replication. The place of a point in the sweep is not in it: it does not affect
// the result. Each part goes in with its length, so that no two different lists of parts read alike.
func (p Plan) digest(point Point, replication int) string {
	h := sha256.New()
	part := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	part(p.Program)
	part(string(p.Scenario))
	part(fmt.Sprint(len(point.Settings)))
	for _, s := range point.Settings {
		part(s.Path)
		part(fmt.Sprintf("%T", s.Value))
		part(result.FormatValue(s.Value))
	}
	part(fmt.Sprint(replication))
	return hex.EncodeToString(h.Sum(nil))
}
