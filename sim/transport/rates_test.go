package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// TestQ2_6_Rates: the published examples, and a queue at which nothing happens.
func TestQ2_6_Rates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		in, out           int // messages over 60 s, spread evenly
		incoming, leaving float64
	}{
		{"in 60, out 10", 3600, 600, 60, 10},
		{"in 1, out 0.15", 60, 9, 1, 0.15},
		{"idle", 0, 0, 0, 0},
		{"draining", 6, 12, 0.1, 0.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r transport.Rates
			const from, to = 100, 160
			for i := range c.in {
				r.Came(sec(from).Add(time.Duration(i+1) * time.Minute / time.Duration(c.in)))
			}
			for i := range c.out {
				r.Went(sec(from).Add(time.Duration(i+1) * time.Minute / time.Duration(c.out)))
			}
			incoming, leaving, velocity := r.At(sec(to))
			require.InDelta(t, c.incoming, incoming, 1e-12)
			require.InDelta(t, c.leaving, leaving, 1e-12)
			require.InDelta(t, c.leaving-c.incoming, velocity, 1e-12, "positive while it drains")
			incoming, leaving, velocity = r.At(sec(to + 60))
			require.Zero(t, incoming, "the last came exactly a minute ago")
			require.Zero(t, leaving)
			require.Zero(t, velocity)
		})
	}
	t.Run("a steady flow at any instant", func(t *testing.T) {
		t.Parallel()
		for _, beyond := range []time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond, 999 * time.Millisecond} {
			var r transport.Rates
			for i := range 4000 {
				if at := simtime.Time(i) * simtime.Time(50*time.Millisecond); at <= sec(120).Add(beyond) {
					r.Came(at)
				}
			}
			incoming, _, _ := r.At(sec(120).Add(beyond))
			require.InDelta(t, 20, incoming, 1.0/60, "%v into a second", beyond)
		}
	})
}

// TestQ2_6_AgainstAList: exact at whole seconds, and within the events of the oldest second between them.
func TestQ2_6_AgainstAList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r transport.Rates
		var came []simtime.Time
		now := simtime.Time(0)
		for range rapid.IntRange(1, 150).Draw(t, "events") {
			now = now.Add(drawPause(t))
			r.Came(now)
			came = append(came, now)
			if rapid.IntRange(0, 3).Draw(t, "read") > 0 {
				continue
			}
			if rapid.Bool().Draw(t, "at a whole second") {
				now = (now + simtime.Time(time.Second) - 1) / simtime.Time(time.Second) * simtime.Time(time.Second)
			}
			within := func(d time.Duration) (n int) {
				for _, at := range came {
					if now.Sub(at) < d {
						n++
					}
				}
				return n
			}
			// The oldest second reaches up to a second outside the minute, and a second into it.
			lo, hi := within(time.Minute-time.Second), within(time.Minute+time.Second)
			if now%simtime.Time(time.Second) == 0 {
				lo, hi = within(time.Minute), within(time.Minute)
			}
			got, _, _ := r.At(now)
			require.GreaterOrEqual(t, got, float64(lo)/60-1e-9, "at %v", now)
			require.LessOrEqual(t, got, float64(hi)/60+1e-9, "at %v", now)
		}
	})
}

func TestRatesAllocateNothing(t *testing.T) {
	var r transport.Rates
	now := simtime.Time(0)
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		now = now.Add(700 * time.Millisecond)
		r.Came(now)
		r.Went(now)
		if in, _, _ := r.At(now); in == 0 {
			panic("one came")
		}
	}))
}
