package calendar

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"mailsim/sim/simtime"
)

// hold is the hold model (W1): a calendar with a fixed number of events; each step pops the earliest and pushes one that lies an
// exponential delay of mean 1 s later. The delays come from a table, so that drawing them is not what is measured.
type hold struct {
	cal    Calendar
	delays []simtime.Time
	seq    uint64
}

func newHold(n int) *hold {
	g := rand.New(rand.NewPCG(1, 1))
	h := &hold{delays: make([]simtime.Time, 1<<16)}
	for i := range h.delays {
		h.delays[i] = simtime.Time(g.ExpFloat64() * 1e9)
	}
	for range n {
		h.push(simtime.Time(g.ExpFloat64() * 1e9))
	}
	return h
}

func (h *hold) push(at simtime.Time) {
	h.cal.Push(Event{at, h.seq})
	h.seq++
}

func (h *hold) run(steps int) {
	for range steps {
		e, _ := h.cal.Pop()
		h.push(e.At + h.delays[h.seq&0xffff])
	}
}

func BenchmarkHold(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		b.Run(fmt.Sprintf("pending=%d", n), func(b *testing.B) {
			h := newHold(n)
			h.run(2 * n)
			b.ReportAllocs()
			cpu := cpuTime()
			for b.Loop() {
				h.run(1)
			}
			b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkOneInstant pushes events with keys in no order at one instant and pops them, as a cut link does to all queues at once.
func BenchmarkOneInstant(b *testing.B) {
	for _, n := range []int{1e3, 1e5} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			var c Calendar
			g := rand.New(rand.NewPCG(1, 1))
			at := simtime.Time(0)
			b.ReportAllocs()
			for b.Loop() {
				at++
				for i := range n {
					c.Push(Event{at, g.Uint64()<<32 | uint64(i)})
				}
				for range n {
					c.Pop()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
}
