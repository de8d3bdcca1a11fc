package sim_test

import (
	"fmt"
	"testing"
)

// TestSB3_MessagesPerConnection is SB-3 with K messages a connection: no closed form is known between K = 1 and K unlimited, so the
// figures are those of an independent simulation, with its own 95 % half-widths. They are widened to the level of the comparison (2.2 times) and
// allowed as bias: a cross-check of two programs.
//
// Smallest visible errors of L: 4 % at most, W follows by Little's law.
func TestSB3_MessagesPerConnection(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		k               int
		load, threshold int
		l, half         float64
		window          float64
		long            bool
	}{
		{20, 8, 5, 32.871, 0.032, 4000, false},
		{20, 8, 2, 12.351, 0.010, 4000, false},
		{50, 8, 5, 28.714, 0.027, 6000, false},
		{20, 8, 20, 146.95, 0.11, 4000, false},
		{50, 8, 20, 143.38, 0.09, 8000, false},
		{20, 4, 5, 13.990, 0.019, 8000, false},
		{20, 4, 20, 66.76, 0.10, 20000, true},
		{20, 16, 20, 306.99, 0.15, 20000, true},
		{20, 16, 5, 73.097, 0.047, 20000, true},
		{20, 18, 20, 347.20, 0.16, 20000, true},
		{20, 18, 5, 85.516, 0.081, 20000, true},
		{20, 18, 2, 34.122, 0.050, 20000, true},
		{200, 8, 20, 8 * 15.1, 8 * 0.05 / 2.2, 50000, true}, // the sheet gives W to a tenth
	} {
		if c.long && !long() {
			continue
		}
		t.Run(fmt.Sprintf("K=%d a=%d M=20 T=%d", c.k, c.load, c.threshold), func(t *testing.T) {
			t.Parallel()
			st := station{seed: 700 + int64(i), rate: float64(c.load), service: exponential(t, 1), ceiling: 20, threshold: c.threshold, perConnection: c.k, warmup: 600, window: c.window}
			s := st.replicate(t, 20)
			agree(t, "L", s.length, c.l, 2.2*c.half)
			agree(t, "W", s.stay, c.l/float64(c.load), 2.2*c.half/float64(c.load))
			agree(t, "connections", s.connections, float64(c.load), 0)
		})
	}
}
