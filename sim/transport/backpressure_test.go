package transport_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

const (
	mb = int64(1) << 20
	gb = int64(1) << 30
	tb = int64(1) << 40
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

func rules(v topology.Version, m transport.Machine) [transport.NumResources]transport.PressureRule {
	s := transport.DefaultPressure(v, m)
	return s.Rules
}

// TestQ10_1_Drives is QG-24, and what small drives and the first version make of the levels. QX-11: sizes follow from the formula.
func TestQ10_1_Drives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size int64
		free int // MB
		high int64
	}{
		{10 * gb, 500, 95}, {25 * gb, 500, 98}, {40 * gb, 500, 98}, {50 * gb, 500, 99}, {tb, 500, 99},
		{56 * gb, 1152, 97}, {57 * gb, 1152, 98}, {100 * gb, 1152, 98}, {112*gb + gb/2, 1152, 99},
		{25_000 * mb, 500, 98}, {24_999 * mb, 500, 97}, {49_999 * mb, 500, 98}, {50_000 * mb, 500, 99}, // QX-11
		{57_600 * mb, 1152, 98}, {57_599 * mb, 1152, 97}, {115_199 * mb, 1152, 98}, {115_200 * mb, 1152, 99},
	} {
		t.Run(fmt.Sprintf("QG-24 %d MB, %d MB free", c.size/mb, c.free), func(t *testing.T) {
			t.Parallel()
			for v := topology.V2007; v <= topology.VSE; v++ {
				x := rules(v, transport.Machine{QueueDrive: c.size, ContentDrive: c.size, LogDrive: c.size})
				if c.free == 500 {
					require.Equal(t, c.high, x[transport.QueueDatabase].Levels.MediumToHigh)
					require.Equal(t, c.high, x[transport.ContentDrive].Levels.MediumToHigh)
				} else {
					require.Equal(t, c.high, x[transport.QueueLogs].Levels.MediumToHigh)
				}
			}
		})
	}
	t.Run("a small drive lowers the other levels too", func(t *testing.T) {
		t.Parallel()
		m := transport.Machine{QueueDrive: 40 * gb, LogDrive: 57 * gb}
		x := rules(topology.V2016, m)
		require.Equal(t, transport.Levels{LowToMedium: 95, MediumToHigh: 98, HighToMedium: 96, MediumToLow: 93}, x[transport.QueueDatabase].Levels, "Q-10.1a")
		require.Equal(t, transport.Levels{LowToMedium: 89, MediumToHigh: 98, HighToMedium: 93, MediumToLow: 87}, x[transport.QueueLogs].Levels)
		x = rules(topology.V2013, m)
		require.Equal(t, transport.Levels{LowToMedium: 96, MediumToHigh: 98, HighToMedium: 96, MediumToLow: 94}, x[transport.QueueDatabase].Levels)
	})
	t.Run("the log drive keeps three checkpoints free, 5 GB at most", func(t *testing.T) {
		t.Parallel()
		high := func(checkpoint int64) int64 {
			return rules(topology.V2016, transport.Machine{LogDrive: 100 * gb, Checkpoint: checkpoint})[transport.QueueLogs].Levels.MediumToHigh
		}
		require.EqualValues(t, 98, high(0))
		require.EqualValues(t, 98, high(384*mb))
		require.EqualValues(t, 97, high(1024*mb))
		require.EqualValues(t, 95, high(10_240*mb))
	})
	t.Run("4 GB free in the first version", func(t *testing.T) {
		t.Parallel()
		x := rules(topology.V2007RTM, transport.Machine{QueueDrive: 100 * gb})
		require.EqualValues(t, 96, x[transport.QueueDatabase].Levels.MediumToHigh)
	})
	t.Run("a drive without room is always at High", func(t *testing.T) {
		t.Parallel()
		p, err := transport.NewPressure(transport.DefaultPressure(topology.V2016, transport.Machine{QueueDrive: 400 * mb}))
		require.NoError(t, err)
		require.Equal(t, simtime.Time(0), p.Deadline())
		require.Equal(t, transport.LevelHigh, p.Poll(0, nil)[0].To)
	})
}

// TestQ10_1_Table is the table of levels of each version; up at the first two figures, down below the others.
func TestQ10_1_Table(t *testing.T) {
	t.Parallel()
	off := transport.Levels{}
	old := [5]transport.Levels{{97, 99, 97, 95}, {97, 99, 97, 95}, {97, 99, 97, 95}, {73, 75, 73, 71}, {92, 94, 92, 90}}
	buckets, submission := transport.Levels{120, 200, 120, 80}, transport.Levels{4000, 10000, 4000, 2000}
	for v, want := range map[topology.Version][transport.NumResources]transport.Levels{
		topology.V2007RTM: {old[0], old[1], old[2], old[3], old[4], buckets, off, off},
		topology.V2007:    {old[0], old[1], old[2], old[3], old[4], buckets, off, off},
		topology.V2010RTM: {old[0], old[1], old[2], old[3], old[4], buckets, off, submission},
		topology.V2010:    {old[0], old[1], old[2], old[3], old[4], buckets, off, submission},
		topology.V2013:    {old[0], old[1], old[2], old[3], old[4], {2000, 2500, 2000, 1750}, {2000, 4000, 2000, 1000}, submission},
		topology.V2016:    {{96, 99, 97, 94}, {90, 99, 94, 88}, {90, 99, 94, 88}, {72, 75, 73, 71}, {88, 94, 89, 84}, {999, 1500, 1000, 800}, off, {9999, 15000, 10000, 2000}},
		topology.VSE:      {{96, 99, 97, 94}, {90, 99, 94, 88}, {90, 99, 94, 88}, {72, 75, 73, 71}, {88, 94, 89, 84}, {999, 1500, 1000, 800}, off, {9999, 15000, 10000, 2000}},
	} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := transport.DefaultPressure(v, transport.Machine{})
			require.NoError(t, s.Check())
			for r := range transport.NumResources {
				require.Equal(t, want[r], s.Rules[r].Levels, "%v", r)
				require.Equal(t, want[r] != off, s.Rules[r].Monitored, "%v", r)
			}
		})
	}
}

// TestQX6_LogDriveAsOnAServer: 90, 99, 94 and 88 stand on a real server, 89, 99, 90 and 80 in the documentation.
func TestQX6_LogDriveAsOnAServer(t *testing.T) {
	t.Parallel()
	g := newGauge(t, topology.V2016)
	g.set(0, transport.QueueLogs, 89.9)
	require.Equal(t, transport.LevelLow, g.at(0).Level)
	g.set(sec(2), transport.QueueLogs, 90)
	require.Equal(t, transport.LevelMedium, g.at(sec(2)).Level)
	g.set(sec(4), transport.QueueLogs, 87.9)
	require.Equal(t, transport.LevelLow, g.at(sec(4)).Level)
}

// TestQX7_SubmissionMeterCanBeSwitchedOff: a meter of the documentation that a real server lacks.
func TestQX7_SubmissionMeterCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	s := transport.DefaultPressure(topology.V2016, transport.Machine{})
	require.True(t, s.Rules[transport.SubmissionLength].Monitored)
	s.Rules[transport.SubmissionLength].Monitored = false
	p, err := transport.NewPressure(s)
	require.NoError(t, err)
	p.Set(0, transport.PhaseArrivals, transport.SubmissionLength, 1e6)
	require.Equal(t, simtime.Never, p.Deadline())
	require.Equal(t, transport.PressureState{}, p.State(sec(100), transport.PhaseSampling))
}

// TestQ10_2_ProcessMemory: 75 % of the memory, or 1 TB of a machine that has more.
func TestQ10_2_ProcessMemory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ memory, high int64 }{{16 * gb, 75}, {tb, 75}, {tb + tb/3, 75}, {tb + tb/2, 66}, {2 * tb, 50}, {3 * tb, 33}} {
		x := rules(topology.V2016, transport.Machine{Memory: c.memory})[transport.PrivateBytes].Levels
		d := 75 - c.high
		require.Equal(t, transport.Levels{LowToMedium: 72 - d, MediumToHigh: 75 - d, HighToMedium: 73 - d, MediumToLow: 71 - d}, x)
		require.Equal(t, c.high, rules(topology.V2010, transport.Machine{Memory: c.memory})[transport.PrivateBytes].Levels.MediumToHigh)
	}
}

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

// TestQ10_5_Measures is the table of what a server does, by resource, level and version; and the server's level is that of the worst.
func TestQ10_5_Measures(t *testing.T) {
	t.Parallel()
	const (
		outside = transport.RejectOutside | transport.RejectPickup
		all     = transport.RejectAll
		pause   = transport.PauseResubmission | transport.RefuseShadow
		boot    = transport.PauseBootScan
		stop    = transport.StopDelivery
		free    = transport.FreeMemory
	)
	type row struct{ first, lasting, high transport.Measures } // first poll at Medium, after the history, first poll at High
	old := [transport.NumResources]row{
		transport.QueueDatabase: {outside, outside, all}, transport.QueueLogs: {outside, outside, all}, transport.ContentDrive: {outside, outside, all},
		transport.PrivateBytes: {boot | free, boot | free | outside, boot | free | all}, transport.SystemMemory: {outside | free, outside | free, all | free},
		transport.VersionBuckets: {0, outside, all}, transport.BatchPoints: {0, outside, all}, transport.SubmissionLength: {0, outside, all | free},
	}
	recent := [transport.NumResources]row{
		transport.QueueDatabase: {outside | pause, outside | pause, all | pause}, transport.QueueLogs: {outside | pause, outside | pause, all | pause},
		transport.ContentDrive: {outside, outside, all}, transport.PrivateBytes: {boot | pause, boot | pause | outside, boot | pause | all},
		transport.SystemMemory: {free, free, free}, transport.VersionBuckets: {0, outside, all | stop},
		transport.SubmissionLength: {0, outside | pause, all | pause | free},
	}
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		table := old
		if v >= topology.V2016 {
			table = recent
		}
		for r := range transport.NumResources {
			rule := rules(v, transport.Machine{})[r]
			if !rule.Monitored {
				continue
			}
			t.Run(fmt.Sprintf("%v %v", v, r), func(t *testing.T) {
				t.Parallel()
				g := newGauge(t, v)
				require.Equal(t, transport.PressureState{}, g.at(0))
				g.set(poll(1), r, float64(rule.Levels.LowToMedium))
				require.Equal(t, transport.LevelMedium, g.at(poll(1)).Level)
				require.Equal(t, table[r].first, g.at(poll(1)).Do, "at once")
				require.Equal(t, table[r].lasting, g.at(poll(301)).Do, "after the history")
				h := newGauge(t, v)
				h.set(poll(1), r, float64(rule.Levels.MediumToHigh))
				require.Equal(t, transport.LevelHigh, h.at(poll(1)).Level)
				require.Equal(t, table[r].high, h.at(poll(1)).Do, "at High at once")
				h.set(poll(2), r, float64(rule.Levels.MediumToLow)-1)
				require.Zero(t, h.at(poll(2)).Do)
			})
		}
	}
	t.Run("the worst resource", func(t *testing.T) {
		t.Parallel()
		g := newGauge(t, topology.V2016)
		g.set(0, transport.SystemMemory, 90)
		g.set(0, transport.QueueDatabase, 99)
		s := g.at(0)
		require.Equal(t, transport.LevelHigh, s.Level)
		require.Equal(t, all|pause|free, s.Do)
		g.set(sec(2), transport.QueueDatabase, 10)
		s = g.at(sec(2))
		require.Equal(t, transport.LevelMedium, s.Level)
		require.Equal(t, free, s.Do)
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

// TestQ10_3_ADiskThatFills is case W16: 500 GB, 470 GB in use at 08:00, 10 GB more every hour. Only the polls that find something are
// taken.
func TestQ10_3_ADiskThatFills(t *testing.T) {
	t.Parallel()
	p, err := transport.NewPressure(transport.DefaultPressure(topology.V2016, transport.Machine{QueueDrive: 500 * gb}))
	require.NoError(t, err)
	hour := sec(3600)
	used := func(now simtime.Time) float64 {
		s := int64(now / simtime.Time(time.Second))
		return transport.Percent(470*gb+10*gb*s/3600, 500*gb)
	}
	var events []string
	now := simtime.Time(0)
	for range 2 {
		_, hi := p.Keeps(transport.QueueDatabase)
		now = transport.PollWhen(now, 10*hour, func(t simtime.Time) bool { return used(t) >= hi })
		p.Set(now, transport.PhaseFaults, transport.QueueDatabase, used(now))
		require.Equal(t, now, p.Deadline())
		for _, e := range p.Poll(now, nil) {
			events = append(events, fmt.Sprint(e.At, e.IDs(), e.To))
		}
	}
	require.Equal(t, []string{"1h0m0s [15004 0] Medium", "2h30m0s [15004 15006] High"}, events)
	p.Set(hour*11/4, transport.PhaseFaults, transport.QueueDatabase, transport.Percent(4675*gb/10, 500*gb))
	require.Equal(t, transport.LevelLow, p.Poll(hour*11/4, nil)[0].To, "straight to Low")

	require.Equal(t, simtime.Never, transport.PollWhen(0, hour, func(simtime.Time) bool { return false }))
	require.Equal(t, simtime.Never, transport.PollWhen(1, sec(2), func(simtime.Time) bool { return true }), "no poll before")
	require.Equal(t, sec(2), transport.PollWhen(1, sec(2)+1, func(simtime.Time) bool { return true }))
	require.Equal(t, sec(6), transport.PollWhen(sec(2), sec(60), func(t simtime.Time) bool { return t > sec(4) }))
	require.Equal(t, simtime.Time(0), transport.NextPoll(0))
}

// everyPoll is back pressure that takes every poll as it comes, as the rules are written.
type everyPoll struct {
	set  transport.PressureSettings
	next simtime.Time
	of   [transport.NumResources]struct {
		level         transport.Level
		steady, burst float64
		polls         int
		delay         time.Duration
	}
	changes []string
}

func (m *everyPoll) until(now simtime.Time, phase transport.Phase) {
	for m.next < now || m.next == now && phase > transport.PhaseTimers {
		m.take()
	}
}

func (m *everyPoll) take() {
	for r := range transport.NumResources {
		x, rule := &m.of[r], m.set.Rules[r]
		v, l := x.steady+x.burst, rule.Levels
		x.burst = 0
		if !rule.Monitored {
			continue
		}
		up := [...]int64{l.LowToMedium, l.MediumToHigh}
		down := [...]int64{0, l.MediumToLow, l.HighToMedium}
		before := x.level
		for x.level < transport.LevelHigh && v >= float64(up[x.level]) {
			x.level++
		}
		for x.level > transport.LevelLow && v < float64(down[x.level]) {
			x.level--
		}
		if before != x.level {
			m.changes = append(m.changes, fmt.Sprint(m.next, r, before, x.level, v))
		}
		if x.level == transport.LevelLow {
			x.polls = 0
			x.delay = max(0, x.delay-m.set.TarpitStep)
			continue
		}
		if x.polls++; !rule.Tarpit || x.polls > rule.History {
			x.delay = 0
		} else if x.delay == 0 {
			x.delay = m.set.TarpitStart
		} else {
			x.delay = min(m.set.TarpitMax, max(m.set.TarpitStart, x.delay+m.set.TarpitStep))
		}
	}
	m.next = m.next.Add(transport.PollInterval)
}

func (m *everyPoll) state() (s transport.PressureState) {
	for r := range transport.NumResources {
		x, rule := m.of[r], m.set.Rules[r]
		s.Level = max(s.Level, x.level)
		s.Tarpit = max(s.Tarpit, x.delay)
		if x.level >= transport.LevelMedium {
			s.Do |= rule.Medium
			if x.polls > rule.History {
				s.Do |= rule.Lasting
			}
		}
		if x.level == transport.LevelHigh {
			s.Do |= rule.Lasting | rule.High
		}
	}
	return s
}

// TestQ10_3_PollsAreComputed: with polls taken only where a level changes, every state at every instant is that of polls every 2 s.
func TestQ10_3_PollsAreComputed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]topology.Version{topology.V2007RTM, topology.V2010, topology.V2013, topology.V2016}).Draw(t, "version")
		s := transport.DefaultPressure(v, transport.Machine{QueueDrive: rapid.Int64Range(600*mb, 80*gb).Draw(t, "drive")})
		p, err := transport.NewPressure(s)
		require.NoError(t, err)
		g := &gauge{t: t, p: p}
		m := &everyPoll{set: s}
		now, phase := simtime.Time(0), transport.PhaseFaults
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "pause") {
			case 0: // the same instant and phase
			case 1:
				phase = max(phase, transport.Phase(rapid.IntRange(1, 8).Draw(t, "phase")))
			case 2: // onto a poll
				now, phase = transport.NextPoll(now+1), transport.Phase(rapid.IntRange(1, 8).Draw(t, "phase"))
			case 3: // far
				now, phase = now.Add(time.Duration(rapid.IntRange(1, 1300).Draw(t, "seconds"))*time.Second), transport.PhaseCompletions
			default:
				now, phase = now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms"))*time.Millisecond), transport.PhaseArrivals
			}
			g.until(now, phase)
			m.until(now, phase)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				n := rapid.IntRange(1, 900).Draw(t, "accepted")
				for range n {
					p.Accepted(now, phase)
				}
				m.of[transport.VersionBuckets].burst += 0.25 * float64(n)
			case 1:
				bytes := rapid.Int64Range(0, 300*mb).Draw(t, "transit")
				p.Transit(now, phase, bytes)
				m.of[transport.VersionBuckets].steady = float64(bytes) / 102_400
			default:
				r := transport.Resource(rapid.IntRange(0, int(transport.NumResources)-1).Draw(t, "resource"))
				l := s.Rules[r].Levels
				// At the levels, beside them, between them.
				reading := float64(rapid.SampledFrom([]int64{0, l.LowToMedium, l.MediumToHigh, l.HighToMedium, l.MediumToLow, 2 * l.MediumToHigh}).Draw(t, "level"))
				reading += rapid.SampledFrom([]float64{-1, -0.01, 0, 0.01, 1}).Draw(t, "beside")
				p.Set(now, phase, r, reading)
				m.of[r].steady = reading
			}
			require.Equal(t, m.state(), p.State(now, phase), "at %v, phase %d", now, phase)
			d := p.Deadline()
			require.True(t, d == simtime.Never || d >= now && time.Duration(d)%transport.PollInterval == 0, "%v", d)
		}
		end := now.Add(time.Hour)
		g.until(end, transport.PhaseSampling)
		m.until(end, transport.PhaseSampling)
		require.Equal(t, m.state(), p.State(end, transport.PhaseSampling))
		var changes []string
		for _, e := range g.events {
			changes = append(changes, fmt.Sprint(e.At, e.Resource, e.From, e.To, e.Reading))
		}
		require.True(t, slices.Equal(m.changes, changes), "want %v\ngot  %v", m.changes, changes)
	})
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
