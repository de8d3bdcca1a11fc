package load

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

const workHour = simtime.Time(time.Hour)

// office is from nine to five on five days of the week.
func office(zone string) Hours {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	var h Hours
	for d := range 5 {
		day := time.Duration(d) * 24 * time.Hour
		h.Week = append(h.Week, topology.Window{From: day + 9*time.Hour, To: day + 17*time.Hour})
	}
	h.Location = loc
	return h
}

func TestF9_Hours(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		zone     string
		at       simtime.Time
		from, to simtime.Time
	}{
		"before work":           {"UTC", 0, 9 * workHour, 17 * workHour},
		"at work":               {"UTC", 12 * workHour, 9 * workHour, 17 * workHour},
		"as it begins":          {"UTC", 9 * workHour, 9 * workHour, 17 * workHour},
		"as it ends":            {"UTC", 17 * workHour, 33 * workHour, 41 * workHour},
		"a weekend":             {"UTC", (4*24 + 17) * workHour, (7*24 + 9) * workHour, (7*24 + 17) * workHour},
		"before t0":             {"UTC", -workHour, 9 * workHour, 17 * workHour},
		"Japan":                 {"Asia/Tokyo", workHour, 0, 8 * workHour},
		"clocks are set on":     {"Europe/Berlin", (27 * 24) * workHour, (28*24 + 7) * workHour, (28*24 + 15) * workHour},
		"... and were not then": {"Europe/Berlin", 0, 8 * workHour, 16 * workHour},
	} {
		from, to := office(x.zone).Next(monday, x.at)
		require.Equal(t, [2]simtime.Time{x.from, x.to}, [2]simtime.Time{from, to}, name)
	}
	from, to := Hours{}.Next(monday, 5)
	require.Equal(t, simtime.Time(math.MinInt64), from)
	require.Equal(t, simtime.Never, to)
	night := Hours{Week: []topology.Window{{From: 6*24*time.Hour + 22*time.Hour, To: 7*24*time.Hour + 6*time.Hour}}}
	from, to = night.Next(monday, workHour)
	require.Equal(t, [2]simtime.Time{-2 * workHour, 6 * workHour}, [2]simtime.Time{from, to}, "a night that began in the week before")
	require.Equal(t, 40*time.Hour, office("UTC").within(monday, 0, 7*24*workHour))
}

// Clients send while they work, each as much as the other, as much as is expected.
func TestF9_Clients(t *testing.T) {
	t.Parallel()
	org, in := testOrg(t), newNumbers()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	s := Source{
		ID: "c", Kind: Clients, Count: 10, Rate: 6.0 / 3600, Hours: office("UTC"), End: simtime.Never, To: []Party{{Kind: PartyInternet, Weight: 1}},
		Size: rng.Constant(1), Recipients: rng.Constant(1),
	}
	end := simtime.Time(4 * 7 * 24 * time.Hour)
	want, err := s.Expected(start, end)
	require.NoError(t, err)
	require.InDelta(t, 4*40*60, want, 1e-6)
	g, err := NewGenerator(0, &s, org, in, rng.NewRoot(1, 0), start, end)
	require.NoError(t, err)
	var each [10]int
	n, last := 0.0, simtime.Time(0)
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		require.GreaterOrEqual(t, m.At, last)
		last = m.At
		h := int64(m.At/workHour) % 24
		require.True(t, h >= 9 && h < 17, m.At)
		require.Less(t, int64(m.At/workHour)%(7*24), int64(5*24))
		each[m.Client]++
		n++
	}
	require.InDelta(t, want, n, 5*math.Sqrt(want))
	for _, k := range each {
		require.InDelta(t, want/10, k, 5*math.Sqrt(want/10))
	}
	s.Count = 0
	_, err = NewGenerator(0, &s, org, in, rng.NewRoot(1, 0), start, end)
	require.ErrorContains(t, err, "1 to 2147483647 clients, there are 0")
}

// Next agrees with a look at every minute.
func TestF9_HoursAgainstMinutes(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		var h Hours
		for range rapid.IntRange(1, 4).Draw(r, "windows") {
			from := time.Duration(rapid.IntRange(0, 7*24*60-1).Draw(r, "from")) * time.Minute
			h.Week = append(h.Week, topology.Window{From: from, To: from + time.Duration(rapid.IntRange(1, 2000).Draw(r, "long"))*time.Minute})
		}
		on := func(at simtime.Time) bool {
			for _, w := range h.Week {
				for k := -2; k <= 2; k++ {
					shift := simtime.Time(k) * simtime.Time(topology.Week)
					if at >= simtime.Time(w.From)+shift && at < simtime.Time(w.To)+shift {
						return true
					}
				}
			}
			return false
		}
		at := simtime.Time(rapid.IntRange(0, 7*24*60-1).Draw(r, "at")) * simtime.Time(time.Minute)
		from, to := h.Next(start, at)
		require.Greater(r, to, at)
		require.Equal(r, on(at), from <= at)
		require.True(r, on(max(from, at)))
		for x := at; x < from; x = x.Add(time.Minute) {
			require.False(r, on(x))
		}
	})
}
