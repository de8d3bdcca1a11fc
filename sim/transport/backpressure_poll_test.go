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
