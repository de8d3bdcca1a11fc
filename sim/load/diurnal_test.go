package load

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata" // the tests name zones, and a machine may have none

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

func midnight() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func testDiurnal(t require.TestingT, name string, perDay float64, start time.Time, loc *time.Location) *diurnal {
	shares, err := profile(name)
	require.NoError(t, err)
	return newDiurnal(perDay/86400, shares, start, loc, 0)
}

// The expected number of messages in every clock hour is the published share of the day, exactly.
func TestDiurnalHourlyExpectationIsExact(t *testing.T) {
	t.Parallel()
	for _, name := range Profiles() {
		shares, err := profile(name)
		require.NoError(t, err)
		d := testDiurnal(t, name, 1e6, midnight(), time.UTC)
		for h := range simtime.Time(48) {
			hour := simtime.Time(time.Hour)
			require.InDelta(t, 1e6*shares[h%24], d.expected(h*hour, (h+1)*hour), 1e-5, "%s, hour %d", name, h)
		}
		require.InDelta(t, 1e6, d.expected(0, day), 1e-5, "%s, a day", name)
		require.InDelta(t, 7e6, d.expected(0, 7*day), 1e-4, "%s, a week: every day is a working day", name)
	}
}

// Fed with ones instead of random exponentials, the process must put the kth arrival where the cumulative rate is k: so the count
// up to each full hour is the whole part of the cumulative share.
func TestDiurnalInvertsTheCumulativeRate(t *testing.T) {
	t.Parallel()
	for _, name := range Profiles() {
		const perDay = 1e5 + 0.7 // the cumulative share is whole at no full hour
		shares, err := profile(name)
		require.NoError(t, err)
		d := testDiurnal(t, name, perDay, midnight(), time.UTC)
		var count [25]int
		for at, ok := d.next(1, day); ok; at, ok = d.next(1, day) {
			count[at/simtime.Time(time.Hour)+1]++
		}
		total, cumulative := 0, 0.0
		for h := 1; h <= 24; h++ {
			total += count[h]
			cumulative += perDay * shares[h-1]
			require.Equal(t, int(math.Floor(cumulative)), total, "%s, up to %d:00", name, h)
		}
	}
}

// What next leaves behind it agrees with expected at every arrival, not only at full hours.
func TestDiurnalArrivalsFollowTheCurve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(Profiles()).Draw(t, "profile")
		perDay := rapid.Float64Range(1, 1e6).Draw(t, "messages a day")
		offset := rapid.IntRange(-12*3600, 14*3600).Draw(t, "zone")
		start := midnight().Add(time.Duration(rapid.Int64Range(0, int64(day)).Draw(t, "t0")))
		d := testDiurnal(t, name, perDay, start, time.FixedZone("X", offset))
		spent := 0.0
		for range 20 {
			x := rapid.Float64Range(0, perDay/10).Draw(t, "spend")
			at, ok := d.next(x, simtime.Never)
			require.True(t, ok)
			spent += x
			// A nanosecond off is a busy rate times 1e-9.
			require.InDelta(t, spent, d.expected(0, at), 1e-9*spent+1e-9*perDay)
		}
	})
}

// Hour counts of 200 random days against the published shares: chi-square with 23 degrees of freedom, false alarm probability 1e-4.
// An hour that is wrong by 1.5 % of the day's mean hour is found.
func TestDiurnalHourlyCounts(t *testing.T) {
	t.Parallel()
	const days, perDay = 200, 5000.0
	s := poisson("d", perDay/86400)
	s.Kind, s.Profile = Diurnal, "day.office"
	shares, err := profile(s.Profile)
	require.NoError(t, err)
	a := newArrivals(&s, shares, rng.NewRoot(7003, 0), midnight(), days*day)
	var count hours
	n := 0.0
	for at, ok := a.next(); ok; at, ok = a.next() {
		count[at%day/simtime.Time(time.Hour)]++
		n++
	}
	require.InDelta(t, days*perDay, n, 3.8906*math.Sqrt(days*perDay), "total, false alarm probability 1e-4")
	chi := 0.0
	for h := range count {
		want := n * shares[h]
		chi += (count[h] - want) * (count[h] - want) / want
	}
	require.Less(t, chi, 57.07)
}

// Statistics SB-11, with this profile's own exact solution: the mean number of busy servers of an M(t)/M/infinity system. Each
// arrival counts with the probability that it is still in service. This sees what hour counts do not: where in the hour mail comes.
func TestDiurnalIntoUnlimitedServers(t *testing.T) {
	t.Parallel()
	const perDay, service = 300_000.0, 1800.0 // seconds
	s := poisson("d", perDay/86400)
	s.Kind, s.Profile = Diurnal, "day.office"
	shares, err := profile(s.Profile)
	require.NoError(t, err)
	instants := []time.Duration{7*time.Hour + 40*time.Minute, 8*time.Hour + 30*time.Minute, 12 * time.Hour, 17*time.Hour + 10*time.Minute}
	values := make([][]float64, len(instants))
	for rep := range 30 {
		a := newArrivals(&s, shares, rng.NewRoot(7004, rep), midnight(), day)
		sums := make([]float64, len(instants))
		for at, ok := a.next(); ok; at, ok = a.next() {
			for i, x := range instants {
				if age := time.Duration(x).Seconds() - at.Seconds(); age >= 0 {
					sums[i] += math.Exp(-age / service)
				}
			}
		}
		for i := range sums {
			values[i] = append(values[i], sums[i])
		}
	}
	for i, x := range instants {
		// The exact mean: m' = rate(t) - m/service from m(0) = 0, on each straight piece by its closed form.
		d := testDiurnal(t, s.Profile, perDay, midnight(), time.UTC)
		m := 0.0
		for d.piece(0); ; d.piece(d.to) {
			end := min(d.to, simtime.Time(x))
			length := end.Sub(d.from).Seconds()
			// A particular solution is a straight line.
			line := func(x float64) float64 { return service*(d.r0+d.slope*x) - service*service*d.slope }
			m = line(length) + (m-line(0))*math.Exp(-length/service)
			if end == simtime.Time(x) {
				break
			}
		}
		checkMean(t, x.String(), values[i], m, 0.02)
	}
}

func TestDiurnalEndsBeforeItsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		end  simtime.Time
		want bool
	}{{simtime.Time(time.Hour), false}, {simtime.Time(time.Hour) + 1, true}} {
		at, ok := testDiurnal(t, "day.flat", 24, midnight(), time.UTC).next(1, c.end)
		require.Equal(t, c.want, ok)
		if ok {
			require.Equal(t, simtime.Time(time.Hour), at, "one an hour")
		}
	}
}

func TestDiurnalGoesByTheLocalClock(t *testing.T) {
	t.Parallel()
	shares, err := profile("day.office")
	require.NoError(t, err)
	s := poisson("d", 1)
	s.Kind, s.Profile = Diurnal, "day.office"

	s.End = simtime.Time(time.Hour)
	n, err := s.Expected(t0(), simtime.Never)
	require.NoError(t, err)
	require.InDelta(t, 86400*shares[8], n, 1e-6, "t0 is 08:00 on its own clock")

	s.Location, err = time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	n, err = s.Expected(t0(), simtime.Never)
	require.NoError(t, err)
	require.InDelta(t, 86400*shares[0], n, 1e-6, "and 00:00 in Paris")

	s.Location, err = time.LoadLocation("Asia/Kolkata") // 04:30
	require.NoError(t, err)
	n, err = s.Expected(t0(), simtime.Never)
	require.NoError(t, err)
	c := centres(shares)
	require.InDelta(t, 86400*(c[4]+c[5])/2, n, 1e-6, "from one centre to the next the mass is that of a trapezoid")
}

// The hour that the clock leaves out in spring brings no mail, the hour that it repeats in autumn brings it twice.
func TestDiurnalWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	shares, err := profile("day.office")
	require.NoError(t, err)
	for _, c := range []struct {
		date  time.Time
		hours simtime.Time
		want  float64
	}{
		{time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), 23, 1 - shares[2]},
		{time.Date(2026, 10, 25, 0, 0, 0, 0, berlin), 25, 1 + shares[2]},
	} {
		d := testDiurnal(t, "day.office", 1e6, c.date, berlin)
		require.InDelta(t, 1e6*c.want, d.expected(0, c.hours*simtime.Time(time.Hour)), 1e-5)
	}
}
