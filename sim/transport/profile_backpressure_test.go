package transport_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

const (
	mb = int64(1) << 20
	gb = int64(1) << 30
	tb = int64(1) << 40
)

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
