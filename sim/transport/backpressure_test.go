package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// gauge is the back pressure of one server, polled as a driver would: when it asks for it.
type gauge struct {
	t      require.TestingT
	p      *transport.Pressure
	events []transport.PressureEvent
}

func newGauge(t require.TestingT, v topology.Version) *gauge {
	p, err := transport.NewPressure(transport.DefaultPressure(v, transport.Machine{}))
	require.NoError(t, err)
	return &gauge{t: t, p: p}
}

// until takes the polls that the gauge asks for, up to those before a phase of an instant. Each must find something.
func (g *gauge) until(now simtime.Time, phase transport.Phase) {
	for d := g.p.Deadline(); d < now || d == now && phase > transport.PhaseTimers; d = g.p.Deadline() {
		n := len(g.events)
		g.events = g.p.Poll(d, g.events)
		require.Greater(g.t, len(g.events), n, "a poll at %v that found nothing", d)
	}
}

func (g *gauge) set(now simtime.Time, r transport.Resource, v float64) {
	g.until(now, transport.PhaseCompletions)
	g.p.Set(now, transport.PhaseCompletions, r, v)
}

// at returns the state after everything of an instant.
func (g *gauge) at(now simtime.Time) transport.PressureState {
	g.until(now, transport.PhaseSampling)
	return g.p.State(now, transport.PhaseSampling)
}

// poll is the instant of the n-th poll, from 1 on, when the first is at 2 s.
func poll(n int) simtime.Time { return sec(2 * float64(n)) }

// TestQ10_4_LevelMachine is QG-25.
func TestQ10_4_LevelMachine(t *testing.T) {
	t.Parallel()
	t.Run("QG-25", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2016)
		var got []string
		for i, v := range []float64{500, 999, 1200, 1500, 1600, 1000, 999, 850, 800, 799} {
			g.set(poll(i+1), transport.VersionBuckets, v)
			got = append(got, g.at(poll(i+1)).Level.String())
		}
		require.Equal(t, []string{"Low", "Medium", "Medium", "High", "High", "High", "Medium", "Medium", "Medium", "Low"}, got)
		require.Len(t, g.events, 4)
	})
	t.Run("two levels in one poll", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2013)
		g.set(0, transport.SubmissionLength, 10_000)
		require.Equal(t, transport.LevelHigh, g.at(0).Level)
		g.set(sec(2), transport.SubmissionLength, 1999)
		require.Equal(t, transport.LevelLow, g.at(sec(2)).Level)
		require.Len(t, g.events, 2)
	})
	t.Run("three figures", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2007)
		var got []string
		for i, v := range []float64{119, 120, 199, 200, 120, 119, 80, 79} {
			g.set(poll(i+1), transport.VersionBuckets, v)
			got = append(got, g.at(poll(i+1)).Level.String())
		}
		require.Equal(t, []string{"Low", "Medium", "Medium", "High", "High", "Medium", "Medium", "Low"}, got)
	})
}

// TestQ10_6_Tarpit is QG-26; QX-8: 2013 by the documentation, 2016 as on a real server.
func TestQ10_6_Tarpit(t *testing.T) {
	t.Parallel()
	delays := func(g *gauge, r transport.Resource, reading float64, polls int) (out []int) {
		g.set(poll(1), r, reading)
		for i := range polls {
			out = append(out, int(g.at(poll(i+1)).Tarpit/time.Second))
		}
		return out
	}
	t.Run("QG-26 2013", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []int{10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 55, 55}, delays(newGauge(t, topology.V2013), transport.SubmissionLength, 4000, 12))
	})
	t.Run("QG-26 2016", func(t *testing.T) {
		t.Parallel()
		var want []int
		for i := range 57 {
			want = append(want, min(i+1, 55))
		}
		require.Equal(t, want, delays(newGauge(t, topology.V2016), transport.SubmissionLength, 9999, 57))
	})
	t.Run("shrinks at every poll at Low, and goes on from there", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2013)
		require.Equal(t, []int{10, 15, 20}, delays(g, transport.SubmissionLength, 4000, 3))
		g.set(poll(4), transport.SubmissionLength, 0)
		var got []int
		for _, n := range []int{4, 5, 6} {
			got = append(got, int(g.at(poll(n)).Tarpit/time.Second))
		}
		require.Equal(t, []int{15, 10, 5}, got)
		g.set(poll(7), transport.SubmissionLength, 4000)
		require.Equal(t, 10*time.Second, g.at(poll(7)).Tarpit)
		g.set(poll(8), transport.SubmissionLength, 0)
		require.Equal(t, 5*time.Second, g.at(poll(8)).Tarpit)
		require.Zero(t, g.at(poll(9)).Tarpit)
		require.Zero(t, g.at(poll(1000)).Tarpit)
	})
	t.Run("the longest of all resources", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2013)
		g.set(poll(1), transport.SubmissionLength, 4000)
		g.set(poll(3), transport.VersionBuckets, 2000)
		require.Equal(t, 20*time.Second, g.at(poll(3)).Tarpit)
	})
	t.Run("grows at High too", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []int{10, 15, 20}, delays(newGauge(t, topology.V2013), transport.SubmissionLength, 10_000, 3))
	})
}

// TestQ10_7_History is the second half of QG-26: pressure that stays at Medium is borne for so many polls.
func TestQ10_7_History(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		version topology.Version
		of      transport.Resource
		reading float64
		from    int // poll
	}{
		{"QG-26 version buckets", topology.V2013, transport.VersionBuckets, 2000, 11},
		{"QG-26 submission queue", topology.V2013, transport.SubmissionLength, 4000, 301},
		{"batch points", topology.V2013, transport.BatchPoints, 2000, 301},
		{"2016 version buckets", topology.V2016, transport.VersionBuckets, 999, 11},
		{"process memory", topology.V2016, transport.PrivateBytes, 72, 31},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGauge(t, c.version)
			g.set(poll(1), c.of, c.reading)
			before, after := g.at(poll(c.from-1)), g.at(poll(c.from))
			require.False(t, before.Do.Has(transport.RejectOutside))
			require.Equal(t, c.of != transport.PrivateBytes, before.Tarpit > 0)
			require.True(t, after.Do.Has(transport.RejectOutside|transport.RejectPickup))
			require.False(t, after.Do.Has(transport.RejectServers))
			require.Zero(t, after.Tarpit, "the tarpit has ended")
			require.Equal(t, after, g.at(poll(100_000)))
			g.set(poll(100_001), c.of, 0)
			require.Equal(t, transport.PressureState{}, g.at(poll(100_001)), "nothing is left of it")
			require.Len(t, g.events, 2)
		})
	}
	t.Run("a stalled categoriser", func(t *testing.T) { // case W17: ten messages a second, from 0 on
		t.Parallel()
		g := newGauge(t, topology.V2016)
		var tarpit, outside simtime.Time
		for n := range 15_000 {
			now := simtime.Time(n) * simtime.Time(100*time.Millisecond)
			g.until(now, transport.PhaseArrivals)
			switch s := g.p.State(now, transport.PhaseArrivals); {
			case tarpit == 0 && s.Tarpit > 0:
				tarpit = now
			case outside == 0 && s.Do.Has(transport.RejectOutside):
				outside = now
			}
			g.p.Set(now, transport.PhaseArrivals, transport.SubmissionLength, float64(n+1))
		}
		require.Equal(t, sec(1000), tarpit)
		require.Zero(t, outside)
		require.False(t, g.at(sec(1499)).Do.Has(transport.RejectServers))
		require.Equal(t, sec(1000), g.events[0].At)
		require.True(t, g.at(sec(1500)).Do.Has(transport.RejectAll))
		require.Equal(t, sec(1500), g.events[1].At)

		g = newGauge(t, topology.V2016)
		g.set(sec(1000), transport.SubmissionLength, 9999) // the tarpit keeps it there
		require.False(t, g.at(sec(1600)-1).Do.Has(transport.RejectOutside))
		require.True(t, g.at(sec(1600)).Do.Has(transport.RejectOutside))
	})
	t.Run("a visit to Low begins anew", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2013)
		g.set(poll(1), transport.VersionBuckets, 2000)
		g.set(poll(10), transport.VersionBuckets, 0)
		g.set(poll(11), transport.VersionBuckets, 2000)
		require.Zero(t, g.at(poll(20)).Do)
		require.Equal(t, transport.RejectOutside|transport.RejectPickup, g.at(poll(21)).Do)
	})
	t.Run("High and back does not", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2013)
		g.set(poll(1), transport.VersionBuckets, 2000)
		g.set(poll(5), transport.VersionBuckets, 2500)
		require.Equal(t, transport.RejectAll, g.at(poll(5)).Do)
		g.set(poll(6), transport.VersionBuckets, 1999)
		require.Zero(t, g.at(poll(6)).Do, "borne again: 5 of 10 polls")
		require.Equal(t, transport.RejectOutside|transport.RejectPickup, g.at(poll(11)).Do)
	})
}

// TestQ10_8_Events: what an operator reads.
func TestQ10_8_Events(t *testing.T) {
	t.Parallel()
	g := newGauge(t, topology.V2016)
	g.set(0, transport.QueueDatabase, 96.25)
	g.set(sec(2), transport.QueueDatabase, 99)
	g.set(sec(4), transport.PrivateBytes, 80)
	g.set(sec(6), transport.QueueDatabase, 93.5)
	g.set(sec(8), transport.VersionBuckets, 1000)
	g.set(sec(10), transport.PrivateBytes, 0)
	g.at(sec(10))
	var got []string
	for _, e := range g.events {
		for _, id := range e.IDs() {
			if id != 0 {
				got = append(got, fmt.Sprintf("%v %d %s", e.At, id, e.Text(id, transport.RejectAll|transport.PauseResubmission)))
			}
		}
	}
	const refused = "Refused: mail from outside senders, Pickup and Replay, mail from servers, mailbox submission. Paused: resubmission."
	require.Equal(t, []string{
		"0s 15004 Resource pressure rose from Low to Medium: DatabaseUsedSpace stands at 96.25 % (Medium from 96 %, High from 99 %). " + refused,
		"2s 15004 Resource pressure rose from Medium to High: DatabaseUsedSpace stands at 99.00 % (Medium from 96 %, High from 99 %). " + refused,
		"2s 15006 Disk space is critically low: DatabaseUsedSpace stands at 99.00 %.",
		"4s 15004 Resource pressure rose from Low to High: PrivateBytes stands at 80.00 % (Medium from 72 %, High from 75 %). " + refused,
		"4s 15007 Memory is critically low: PrivateBytes stands at 80.00 %.",
		"6s 15005 Resource pressure fell from High to Low: DatabaseUsedSpace stands at 93.50 % (Medium below 97 %, Low below 94 %). " + refused,
		"8s 15004 Resource pressure rose from Low to Medium: UsedVersionBuckets stands at 1000 (Medium from 999, High from 1500). " + refused,
		"10s 15005 Resource pressure fell from High to Low: PrivateBytes stands at 0.00 % (Medium below 73 %, Low below 71 %). " + refused,
	}, got)
	require.Equal(t, "Nothing is refused or paused.", transport.Measures(0).String())
	require.Equal(t, "Refused: shadow copies. Paused: the boot scan, delivery.", (transport.RefuseShadow | transport.PauseBootScan | transport.StopDelivery).String())
}

// TestQ10_9_Meters: a quarter of a version bucket for each message accepted since the last poll, one for 100 KB in transit.
func TestQ10_9_Meters(t *testing.T) {
	t.Parallel()
	g := newGauge(t, topology.V2007)
	accept := func(now simtime.Time, phase transport.Phase, n int) {
		g.until(now, phase)
		for range n {
			g.p.Accepted(now, phase)
		}
	}
	accept(sec(1), transport.PhaseArrivals, 479)
	_, reading := g.p.Resource(transport.VersionBuckets)
	require.Equal(t, 119.75, reading)
	require.Equal(t, transport.LevelLow, g.at(sec(2)).Level)
	_, reading = g.p.Resource(transport.VersionBuckets)
	require.Zero(t, reading, "they count until the next poll")

	// An arrival at the instant of a poll comes after it, an offer before it.
	accept(sec(4), transport.PhaseArrivals, 480)
	require.Equal(t, transport.LevelLow, g.at(sec(5)).Level)
	require.Equal(t, transport.LevelMedium, g.at(sec(6)).Level)
	require.Equal(t, transport.LevelLow, g.at(sec(8)).Level)
	accept(sec(10), transport.PhaseCompletions, 480)
	require.Equal(t, transport.LevelMedium, g.at(sec(10)).Level)
	require.Equal(t, transport.LevelLow, g.at(sec(12)).Level)

	g.p.Transit(sec(13), transport.PhaseCompletions, 12_000<<10)
	require.Equal(t, transport.LevelMedium, g.at(sec(14)).Level)
	accept(sec(15), transport.PhaseArrivals, 400)
	g.p.Transit(sec(15), transport.PhaseArrivals, 10_000<<10)
	require.Equal(t, transport.LevelHigh, g.at(sec(16)).Level)
	require.Equal(t, transport.LevelMedium, g.at(sec(18)).Level)
	require.Equal(t, 93.75, transport.Percent(375, 400))
}

// TestPressureThatIsAskedTooLate: a driver that does not wake the server at its deadline.
func TestPressureThatIsAskedTooLate(t *testing.T) {
	t.Parallel()
	g := newGauge(t, topology.V2016)
	g.set(sec(1), transport.SystemMemory, 100)
	require.Empty(t, g.p.Poll(sec(1.5), nil), "no poll is due")
	require.PanicsWithValue(t, "transport: Pressure: asked at 2s, but the poll at 2s was not taken", func() { g.p.State(sec(2), transport.PhaseArrivals) })
	require.NotPanics(t, func() { g.p.State(sec(2), transport.PhaseCompletions) })
	g.p.Restart(sec(61))
	require.Equal(t, simtime.Never, g.p.Deadline())
	require.Equal(t, transport.PressureState{}, g.p.State(sec(61), transport.PhaseFaults))
}

func TestPressureSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	s := transport.DefaultPressure(topology.V2016, transport.Machine{})
	s.Rules[transport.SystemMemory].Levels.MediumToLow = 95
	s.Rules[transport.VersionBuckets].History = -1
	s.TarpitStep = 0
	_, err := transport.NewPressure(s)
	require.EqualError(t, err, `back pressure: levels of SystemMemory are out of order: {LowToMedium:88 MediumToHigh:94 HighToMedium:89 MediumToLow:95}; write MediumToLow lowest and MediumToHigh highest
back pressure: history of UsedVersionBuckets is -1 polls; write 0 to 1000000
back pressure: tarpit starts at 1s, grows by 0s to 55s; write a step above 0 and a maximum from the start to 1h`)
}

// TestPressureAllocatesNothing: while levels stay.
func TestPressureAllocatesNothing(t *testing.T) {
	g := newGauge(t, topology.V2016)
	now, n := simtime.Time(0), 0
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		now = now.Add(300 * time.Millisecond)
		n++
		g.p.Accepted(now, transport.PhaseArrivals)
		g.p.Set(now, transport.PhaseArrivals, transport.SubmissionLength, float64(n%1000))
		if g.p.State(now, transport.PhaseArrivals).Do != 0 {
			panic("nothing is pressed")
		}
	}))
}
