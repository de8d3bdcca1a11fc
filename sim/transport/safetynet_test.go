package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ11_5_Defaults: two days on two servers from 2013 on; before, 18 MB or a week.
func TestQ11_5_Defaults(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		p := transport.DefaultSafetyNet(v)
		if v.New() {
			require.Equal(t, transport.SafetyNetProfile{Hold: 2 * day, Grain: time.Minute, Servers: 2, Secondary: 12 * time.Hour}, p, v)
		} else {
			require.Equal(t, transport.SafetyNetProfile{Hold: 7 * day, MaxBytes: 18 << 20, Servers: 1}, p, v)
		}
	}
	p := transport.DefaultSafetyNet(topology.V2016).WithHold(15 * time.Second)
	require.Equal(t, time.Second, p.Grain)
	require.Equal(t, time.Minute, p.WithHold(15*time.Minute).Grain)
	require.Equal(t, time.Duration(1), p.WithHold(5).Grain)
	require.Zero(t, transport.DefaultSafetyNet(topology.V2007).WithHold(time.Hour).Grain)
}

// TestQ11_6_BytesStayOnTwoServers for the hold time: 10 messages a second of 100 KB make 165 GB on each.
func TestQ11_6_BytesStayOnTwoServers(t *testing.T) {
	t.Parallel()
	p := transport.DefaultSafetyNet(topology.V2016)
	s := transport.NewSafetyNet(p)
	for i := range 3 * 24 * 3600 {
		for range 10 {
			s.Keep(sec(float64(i)), 0, 100<<10)
		}
		require.Empty(t, s.Expire(sec(float64(i)), nil))
	}
	messages, bytes := s.Held()
	require.EqualValues(t, 10*(2*24*3600+60), messages, "the last minute that is two days old leaves when it is over")
	require.Equal(t, messages*100<<10, bytes)
	require.Equal(t, 2, p.Servers)
	s.Expire(sec(6*24*3600), nil)
	messages, bytes = s.Held()
	require.Zero(t, messages+bytes)
	require.Equal(t, simtime.Never, s.Next())
}

// TestQ11_5_AWindowIsAskedFor: with grains as counts, else message by message; asking takes nothing away.
func TestQ11_5_AWindowIsAskedFor(t *testing.T) {
	t.Parallel()
	p := transport.DefaultSafetyNet(topology.V2016)
	one := p
	one.Grain = 0
	counts, single := transport.NewSafetyNet(p), transport.NewSafetyNet(one)
	for i := range 100 {
		for _, s := range []*transport.SafetyNet{counts, single} {
			s.Keep(sec(float64(10*i)), transport.MsgID(i+1), 1000)
			require.Empty(t, s.Expire(sec(float64(10*i)), nil))
		}
	}
	for range 2 {
		require.Equal(t, []transport.MsgID{13, 14, 15}, single.Messages(sec(115), sec(150), nil))
		messages, bytes := single.Count(sec(115), sec(150))
		require.Equal(t, [2]int64{3, 3000}, [2]int64{messages, bytes})
		require.Empty(t, counts.Messages(0, sec(1e6), nil))
		messages, bytes = counts.Count(sec(115), sec(150))
		require.Equal(t, [2]int64{12, 12000}, [2]int64{messages, bytes}, "two whole minutes")
		messages, _ = counts.Count(sec(120), sec(180))
		require.EqualValues(t, 6, messages)
	}
	require.Equal(t, sec(0).Add(2*day), single.Next())
	require.Equal(t, []transport.MsgID{1, 2}, single.Expire(sec(19).Add(2*day), nil))
	messages, bytes := single.Held()
	require.Equal(t, [2]int64{98, 98000}, [2]int64{messages, bytes})
	require.Equal(t, sec(60).Add(2*day), counts.Next())
}

// TestQ11_5_TheDumpsterIsSmall: what is too much pushes out what is oldest, and a week ends the rest.
func TestQ11_5_TheDumpsterIsSmall(t *testing.T) {
	t.Parallel()
	s := transport.NewSafetyNet(transport.DefaultSafetyNet(topology.V2010))
	for i := range 4 {
		s.Keep(sec(float64(i)), transport.MsgID(i+1), 6<<20)
		require.Equal(t, map[int][]transport.MsgID{3: {1}}[i], s.Expire(sec(float64(i)), nil), "18 MB are not too much, 24 are")
	}
	require.Equal(t, []transport.MsgID{2, 3, 4}, s.Messages(0, sec(100), nil))
	s.Keep(sec(4), 5, 19<<20)
	require.Equal(t, []transport.MsgID{2, 3, 4, 5}, s.Expire(sec(4), nil), "larger than the dumpster")
	s.Keep(sec(5), 6, 1)
	require.Empty(t, s.Expire(sec(5).Add(7*day-1), nil))
	require.Equal(t, []transport.MsgID{6}, s.Expire(sec(5).Add(7*day), nil))
}

// TestQ11_5_WhoAnswers: the server that delivered, unless it is away for half a day.
func TestQ11_5_WhoAnswers(t *testing.T) {
	t.Parallel()
	p := transport.DefaultSafetyNet(topology.V2013)
	for _, c := range []struct {
		reachable, at simtime.Time
		byHolders     bool
	}{
		{clock(1, 0, 0), clock(1, 8, 0), false}, {clock(1, 8, 0), clock(1, 8, 0), false}, {clock(1, 19, 59), clock(1, 19, 59), false},
		{clock(1, 20, 0), clock(1, 20, 0), true}, {clock(3, 0, 0), clock(1, 20, 0), true}, {simtime.Never, clock(1, 20, 0), true},
	} {
		at, byHolders := p.AnswerAt(clock(1, 8, 0), c.reachable)
		require.Equal(t, c.at, at)
		require.Equal(t, c.byHolders, byHolders)
	}
	at, byHolders := transport.DefaultSafetyNet(topology.V2010).AnswerAt(clock(1, 8, 0), simtime.Never)
	require.Equal(t, simtime.Never, at, "a dumpster stands on one server")
	require.False(t, byHolders)
}

// TestQ11_5_AgainstAListOfAll: the ring and its sums say what a list of all that was ever kept says.
func TestQ11_5_AgainstAListOfAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := transport.SafetyNetProfile{
			Hold:     time.Duration(rapid.IntRange(1, 50).Draw(t, "hold")),
			Grain:    time.Duration(rapid.IntRange(0, 6).Draw(t, "grain")),
			MaxBytes: int64(rapid.IntRange(0, 2).Draw(t, "max")) * 40,
		}
		if p.Grain > 0 {
			p.MaxBytes = 0
		}
		s := transport.NewSafetyNet(p)
		type mail struct {
			at   simtime.Time
			size int64
			m    transport.MsgID
		}
		var all []mail
		now := simtime.Time(0)
		for i := range rapid.IntRange(1, 120).Draw(t, "steps") {
			now += simtime.Time(rapid.IntRange(0, 8).Draw(t, "wait"))
			size := int64(rapid.IntRange(0, 30).Draw(t, "size"))
			all = append(all, mail{now, size, transport.MsgID(i + 1)})
			s.Keep(now, transport.MsgID(i+1), uint32(size))
			start := func(x mail) simtime.Time {
				if p.Grain > 0 {
					return x.at - x.at%simtime.Time(p.Grain)
				}
				return x.at
			}
			var gone []transport.MsgID
			sum := int64(0)
			for _, x := range all {
				sum += x.size
			}
			for len(all) > 0 && (start(all[0]).Add(p.Grain+p.Hold) <= now || p.MaxBytes > 0 && sum > p.MaxBytes) {
				if p.Grain == 0 {
					gone = append(gone, all[0].m)
				}
				sum -= all[0].size
				all = all[1:]
			}
			require.Equal(t, gone, s.Expire(now, nil))
			messages, bytes := s.Held()
			require.Equal(t, [2]int64{int64(len(all)), sum}, [2]int64{messages, bytes})
			from := now - simtime.Time(rapid.IntRange(0, 30).Draw(t, "from"))
			to := from + simtime.Time(rapid.IntRange(1, 30).Draw(t, "to"))
			var in int64
			for _, x := range all {
				last := start(x)
				if p.Grain > 0 {
					last += simtime.Time(p.Grain) - 1
				}
				if last >= from && start(x) < to {
					in++
				}
			}
			messages, _ = s.Count(from, to)
			require.Equal(t, in, messages)
			if p.Grain == 0 {
				require.Len(t, s.Messages(from, to, nil), int(in))
			}
			if len(all) > 0 {
				require.Equal(t, start(all[0]).Add(p.Grain+p.Hold), s.Next())
			}
		}
	})
}

// TestQ11_5_AllocatesNothing once the ring holds the minutes of the hold time.
func TestQ11_5_AllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	s := transport.NewSafetyNet(transport.DefaultSafetyNet(topology.V2016).WithHold(time.Hour))
	now := simtime.Time(0)
	cycle := func() {
		now += sec(7)
		s.Keep(now, 1, 1000)
		s.Expire(now, nil)
	}
	for range 2000 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(2000, cycle))
}
