package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
)

// row is one waiting line in steady state with its exact mean length and mean stay.
type row struct {
	name         string
	st           station
	l, w         float64
	replications int
	long         bool // in the long campaign only
}

// check runs the rows; each has 20 replications unless it says otherwise. L counts waiting messages and those in transfer.
func check(t *testing.T, rows []row) {
	t.Helper()
	for _, c := range rows {
		if c.long && !long() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := c.st.replicate(t, max(c.replications, 20))
			agree(t, "L", s.length, c.l, 0)
			agree(t, "W", s.stay, c.w, 0)
		})
	}
}

// TestSB1_OneConnection is SB-1, M/M/1: a single connection whose messages take exponential times. The stay is exponential, which its
// p95 shows; the histogram's three digits are the bias allowed there.
func TestSB1_OneConnection(t *testing.T) {
	t.Parallel()
	t.Run("rho=0.5", func(t *testing.T) {
		t.Parallel()
		st := station{seed: 100, rate: 0.5, service: exponential(t, 1), ceiling: 1, threshold: 20, warmup: 200, window: 70000}
		s := st.replicate(t, 20)
		agree(t, "L", s.length, 1, 0)
		agree(t, "W", s.stay, 2, 0)
		agree(t, "connections", s.connections, 0.5, 0)
		agree(t, "p95 of the stay", s.p95, 5.991465, 0.001*5.991465)
	})
	// Cut at 500 s: SB-12 gives a start-up bias below 0.00003 of 4.
	check(t, []row{{name: "rho=0.8", st: station{seed: 101, rate: 0.8, service: exponential(t, 1), ceiling: 1, threshold: 20, warmup: 500, window: 160000}, l: 4, w: 5, replications: 50}})
}

// TestSB2_ErlangC is SB-2, M/M/c: with threshold 1 every waiting message wants a connection of its own, so that the ceiling's connections
// are the servers of the model, whether a connection carries one message or any number of them.
func TestSB2_ErlangC(t *testing.T) {
	t.Parallel()
	st := func(seed int64, c int, a float64, k int, window float64) station {
		return station{seed: seed, rate: a, service: exponential(t, 1), ceiling: c, threshold: 1, perConnection: k, warmup: 200, window: window}
	}
	check(t, []row{
		{name: "c=20 a=16, one message a connection", st: st(200, 20, 16, 1, 2000), l: 17.024311, w: 17.024311 / 16},
		{name: "c=20 a=16, any number", st: st(201, 20, 16, 0, 2000), l: 17.024311, w: 17.024311 / 16},
		{name: "c=2 a=1.6", st: st(202, 2, 1.6, 0, 200000), l: 4.444444, w: 4.444444 / 1.6, long: true},
		{name: "c=4 a=3.2", st: st(203, 4, 3.2, 0, 100000), l: 5.585730, w: 5.585730 / 3.2, long: true},
		{name: "c=10 a=8", st: st(204, 10, 8, 0, 20000), l: 9.636721, w: 9.636721 / 8, long: true},
		{name: "c=20 a=18", st: st(205, 20, 18, 0, 20000), l: 22.956921, w: 22.956921 / 18, long: true},
		{name: "c=50 a=45", st: st(206, 50, 45, 0, 20000), l: 48.274780, w: 48.274780 / 45, long: true},
	})
}

// TestSB5_ServiceShapes is SB-5, Pollaczek-Khinchine: how the wait at one connection depends on the variability of the message times.
func TestSB5_ServiceShapes(t *testing.T) {
	t.Parallel()
	dist := func(d rng.Dist, err error) rng.Dist {
		t.Helper()
		require.NoError(t, err)
		return d
	}
	pk := func(name string, seed int64, rho float64, service rng.Dist, wait, window float64, long bool) row {
		return row{
			name: name, st: station{seed: seed, rate: rho, service: service, ceiling: 1, threshold: 20, warmup: 500, window: window},
			l: rho * (wait + 1), w: wait + 1, long: long,
		}
	}
	check(t, []row{
		pk("constant rho=0.5", 500, 0.5, rng.Constant(1), 0.5, 30000, false),
		pk("constant rho=0.8", 501, 0.8, rng.Constant(1), 2, 400000, true),
		pk("hyperexponential cs2=4 rho=0.5", 502, 0.5, dist(rng.Hyperexponential(1, 4)), 2.5, 1500000, true),
		pk("lognormal sigma=1 rho=0.5", 503, 0.5, dist(rng.LognormalMean(1, 1)), 1.359141, 1500000, true),
		pk("Erlang-4 rho=0.5", 504, 0.5, dist(rng.Erlang(1, 4)), 0.625, 100000, true),
		pk("constant rho=0.9", 505, 0.9, rng.Constant(1), 4.5, 600000, true),
	})
}

// TestSB5_SetUpAfterIdle is SB-5's server that must first set up after it was idle: a connection that closes when nothing waits (Q-4.9b) and
// is dialled anew for the next message.
func TestSB5_SetUpAfterIdle(t *testing.T) {
	t.Parallel()
	setup := func(name string, seed int64, rho float64, d rng.Dist, stay, window float64, long bool) row {
		return row{
			name: name, st: station{seed: seed, rate: rho, service: exponential(t, 1), setup: d, ceiling: 1, threshold: 20, warmup: 500, window: window},
			l: rho * stay, w: stay, long: long,
		}
	}
	check(t, []row{
		setup("constant 5 s, rho=0.5", 520, 0.5, rng.Constant(5), 5.214286, 50000, false),
		setup("exponential 1 s, rho=0.5", 521, 0.5, exponential(t, 1), 3, 130000, false),
		setup("constant 5 s, rho=0.8", 522, 0.8, rng.Constant(5), 8, 500000, true),
		setup("exponential 5 s, rho=0.8", 523, 0.8, exponential(t, 5), 10, 200000, true),
	})
}

// TestSB6_RegularArrivals is SB-6, D/M/1: messages that come at equal distances wait less than random ones (at rho 0.8: 1.69 in place of 4).
func TestSB6_RegularArrivals(t *testing.T) {
	t.Parallel()
	regular := func(name string, seed int64, rho, wait, window float64, long bool) row {
		return row{
			name: name, st: station{seed: seed, every: 1 / rho, service: exponential(t, 1), ceiling: 1, threshold: 20, warmup: 500, window: window},
			l: rho * (wait + 1), w: wait + 1, long: long,
		}
	}
	check(t, []row{
		regular("rho=0.5", 600, 0.5, 0.255001, 25000, false),
		regular("rho=0.8", 601, 0.8, 1.692731, 300000, true),
	})
}
