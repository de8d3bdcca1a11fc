package sweep

import (
	"fmt"
	"time"
)

// Progress is how far a sweep has come, as a value: the command that draws it holds the clock.
type Progress struct {
	Total   int // runs in all
	Done    int // runs complete
	Elapsed time.Duration
}

// Share is the part that is done, 0..1. A sweep of no runs is done.
func (p Progress) Share() float64 {
	if p.Total == 0 {
		return 1
	}
	return float64(p.Done) / float64(p.Total)
}

// Left estimates the time left from the speed so far; ok is false while there is nothing to go by.
func (p Progress) Left() (left time.Duration, ok bool) {
	switch {
	case p.Done >= p.Total:
		return 0, true
	case p.Done == 0 || p.Elapsed <= 0:
		return 0, false
	default:
		return time.Duration(float64(p.Elapsed) / float64(p.Done) * float64(p.Total-p.Done)), true
	}
}

// String says it in a line: "12 of 50 runs, 24 %, about 2 min left".
func (p Progress) String() string {
	s := fmt.Sprintf("%d of %s, %d %%", p.Done, count(p.Total, "run"), int(100*p.Share()))
	if left, ok := p.Left(); ok && left > 0 {
		s += ", " + about(left) + " left"
	}
	return s
}
