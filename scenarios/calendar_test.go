package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// days lists the days that a rule picks in the years 2026 and 2027, as 0102.
func daysIn2026(t *testing.T, rule string, parse func(string) (dayRule, error)) []string {
	t.Helper()
	r, err := parse(rule)
	require.NoError(t, err)
	var out []string
	for _, d := range r.days(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) {
		if d.Year() == 2026 {
			out = append(out, d.Format("0102"))
		}
	}
	return out
}

func TestMonthDays(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][]string{
		"second-tuesday":   {"0113", "0210", "0310", "0414", "0512", "0609", "0714", "0811", "0908", "1013", "1110", "1208"},
		"second-tuesday+1": {"0114", "0211", "0311", "0415", "0513", "0610", "0715", "0812", "0909", "1014", "1111", "1209"},
		"second-wednesday": {"0114", "0211", "0311", "0408", "0513", "0610", "0708", "0812", "0909", "1014", "1111", "1209"},
		"last-friday":      {"0130", "0227", "0327", "0424", "0529", "0626", "0731", "0828", "0925", "1030", "1127", "1225"},
		"day-31":           {"0131", "0331", "0531", "0731", "0831", "1031", "1231"},
		"last-day":         {"0131", "0228", "0331", "0430", "0531", "0630", "0731", "0831", "0930", "1031", "1130", "1231"},
		"last-day+1":       {"0101", "0201", "0301", "0401", "0501", "0601", "0701", "0801", "0901", "1001", "1101", "1201"},
		"first-mon":        {"0105", "0202", "0302", "0406", "0504", "0601", "0706", "0803", "0907", "1005", "1102", "1207"},
		"fourth-sunday":    {"0125", "0222", "0322", "0426", "0524", "0628", "0726", "0823", "0927", "1025", "1122", "1227"},
	} {
		require.Equal(t, want, daysIn2026(t, rule, parseMonthDay), rule)
	}
	require.Len(t, daysIn2026(t, "thursday", parseWeekday), 53)
	require.Equal(t, "0102", daysIn2026(t, "fri", parseWeekday)[0])
}

// The n-th weekday of a month is a weekday, the n-th of its month; found the slow way.
func TestMonthDaysAgainstCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		nth := rapid.SampledFrom([]int{1, 2, 3, 4, lastOf}).Draw(r, "nth")
		rule := dayRule{nth: nth, weekday: time.Weekday(rapid.IntRange(0, 6).Draw(r, "weekday"))}
		first := time.Date(rapid.IntRange(1990, 2100).Draw(r, "year"), time.Month(rapid.IntRange(1, 12).Draw(r, "month")), 1, 0, 0, 0, 0, time.UTC)
		var all []time.Time
		for d := first; d.Month() == first.Month(); d = d.AddDate(0, 0, 1) {
			if d.Weekday() == rule.weekday {
				all = append(all, d)
			}
		}
		want := all[len(all)-1]
		if nth > 0 {
			want = all[nth-1]
		}
		got, ok := rule.of(first)
		require.True(r, ok)
		require.Equal(r, want, got)
	})
}

// Clocks that skip an hour or show one twice.
func TestLocalTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, at, want string }{
		{"Asia/Tokyo", "2026-03-11", "03:00", "2026-03-10T18:00:00Z"},
		{"America/Los_Angeles", "2026-03-10", "10:00", "2026-03-10T17:00:00Z"},
		{"America/Los_Angeles", "2026-02-10", "10:00", "2026-02-10T18:00:00Z"},
		{"America/Los_Angeles", "2026-03-08", "01:59", "2026-03-08T09:59:00Z"},
		{"America/Los_Angeles", "2026-03-08", "02:30", "2026-03-08T10:30:00Z"}, // skipped: 03:30 by the clocks
		{"America/Los_Angeles", "2026-03-08", "03:00", "2026-03-08T10:00:00Z"},
		{"America/Los_Angeles", "2026-11-01", "01:30", "2026-11-01T08:30:00Z"}, // twice: the first
		{"America/Los_Angeles", "2026-11-01", "02:00", "2026-11-01T10:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z"}, // half an hour
		{"UTC", "2026-10-04", "23:59:59", "2026-10-04T23:59:59Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		day, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		at, err := parseTimeOfDay(c.at)
		require.NoError(t, err)
		require.Equal(t, c.want, localTime(day, at, zone).UTC().Format(time.RFC3339), "%s %s %s", c.zone, c.day, c.at)
	}
}

// A time that the clocks show, they show at the instant that is found.
func TestLocalTimesAreShown(t *testing.T) {
	t.Parallel()
	var zones []*time.Location
	for _, name := range []string{"America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo"} {
		z, err := time.LoadLocation(name)
		require.NoError(t, err)
		zones = append(zones, z)
	}
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(r, "zone")
		shown := time.Unix(int64(rapid.IntRange(0, 2_000_000_000).Draw(r, "instant")), 0).In(zone)
		day := time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0, time.UTC)
		at := time.Duration(shown.Hour())*time.Hour + time.Duration(shown.Minute())*time.Minute + time.Duration(shown.Second())*time.Second
		got := localTime(day, at, zone)
		require.Equal(r, shown.Format(time.DateTime), got.In(zone).Format(time.DateTime))
		require.False(r, got.After(shown), "the first of two")
	})
}

// occurrencesOf compiles a fault with a schedule and returns its occurrences as number and instant in Tokyo.
func occurrencesOf(t *testing.T, keys string) []string {
	t.Helper()
	cfg := configOf(t, "start = 2026-03-02T08:00:00+09:00\nduration = \"100d\"\n[[fault]]\nkind = \"link_down\"\ntarget = { link = \"A-B\" }\n"+keys)
	var out []string
	for _, o := range cfg.Faults[0].Occurs {
		out = append(out, fmt.Sprint(o.Number, " ", cfg.Start.Add(time.Duration(o.At)).Format("01-02 15:04")))
	}
	return out
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, keys string
		want       []string
	}{
		{"every, from the start of the run", `schedule = { every = "4w" }`, []string{"1 03-02 08:00", "2 03-30 08:00", "3 04-27 08:00", "4 05-25 08:00"}},
		{"every, from an instant, to an instant", "start = \"12h\"\nschedule = { every = \"4w\", until = \"57d\" }", []string{"1 03-02 20:00", "2 03-30 20:00", "3 04-27 20:00"}},
		{"until is the last instant", "schedule = { every = \"1d\", until = \"2d\" }", []string{"1 03-02 08:00", "2 03-03 08:00", "3 03-04 08:00"}},
		{"count", `schedule = { every = "1h", count = 2 }`, []string{"1 03-02 08:00", "2 03-02 09:00"}},
		{"weekly in the zone of the start", `schedule = { weekly = "monday", at = "07:59", count = 2 }`, []string{"1 03-09 07:59", "2 03-16 07:59"}},
		{"the first instant counts", `schedule = { weekly = "monday", at = "08:00", count = 2 }`, []string{"1 03-02 08:00", "2 03-09 08:00"}},
		{"several days", `schedule = { weekly = ["sat", "wed"], count = 3 }`, []string{"1 03-04 00:00", "2 03-07 00:00", "3 03-11 00:00"}},
		{"midnight of another zone", `schedule = { weekly = "tue", tz = "America/Los_Angeles", count = 2 }`, []string{"1 03-03 17:00", "2 03-10 16:00"}},
		{"patch day in the United States", `schedule = { monthly = "second-tuesday", at = "10:00", tz = "America/Los_Angeles" }`,
			[]string{"1 03-11 02:00", "2 04-15 02:00", "3 05-13 02:00", "4 06-10 02:00"}},
		{"and in Japan", `schedule = { monthly = "second-tuesday+1", at = "03:00", tz = "Asia/Tokyo" }`,
			[]string{"1 03-11 03:00", "2 04-15 03:00", "3 05-13 03:00", "4 06-10 03:00"}},
		{"start is the earliest", "start = \"30d\"\nschedule = { monthly = [\"day-1\", \"last-day\"] }", []string{"1 04-30 00:00", "2 05-01 00:00", "3 05-31 00:00", "4 06-01 00:00"}},
		{"lead_in moves it", "lead_in = \"10m\"\nschedule = { every = \"1d\", count = 2 }", []string{"1 03-02 08:10", "2 03-03 08:10"}},
		{"overlap", "lead_out = \"30m\"\nschedule = { every = \"45m\", count = 5 }", []string{"1 03-02 08:00", "3 03-02 09:30", "5 03-02 11:00"}},
		{"the wait is part of an occurrence", "lead_in = \"10m\"\nschedule = { every = \"65m\", count = 3 }", []string{"1 03-02 08:10", "3 03-02 10:20"}},
		{"overlap allowed", `schedule = { every = "45m", count = 3, overlap = "allow" }`, []string{"1 03-02 08:00", "2 03-02 08:45", "3 03-02 09:30"}},
		{"as one ends the next may begin", `schedule = { every = "1h", count = 2 }`, []string{"1 03-02 08:00", "2 03-02 09:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, occurrencesOf(t, c.keys+"\nduration = \"1h\"\n"))
		})
	}
	t.Run("without an end", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"1 03-02 08:00"}, occurrencesOf(t, `schedule = { every = "1d", count = 5 }`), "the first lasts to the end of the run")
		require.Equal(t, []string{"1 03-02 08:00", "3 03-02 10:00"},
			occurrencesOf(t, "schedule = { every = \"1h\", count = 4 }\nremedy = [{ action = \"replicate_now\", after = \"118m\", target = { host = \"ad1\" } }]"), "over when the last remedy is done")
		skew := configOf(t, "[[fault]]\nkind = \"clock_skew\"\noffset = \"+7m\"\ntarget = { host = \"a1\" }\nschedule = { every = \"1h\", count = 4 }\n")
		require.Len(t, skew.Faults[0].Occurs, 4, "a clock that heals")
	})
}

// What a fault table says of how often it happens reaches the engine.
func TestRecurrence(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `
[[fault]]
kind = "host_down"
target = { site = "A", role = ["hub", "mailbox"] }
start = "1h"
lead_in = "5m"
lead_out = "2m"
duration = "10m"
sequence = "serial"
serial_gap = "3m"
pick = "fraction"
pick_value = 0.5
seed_stream = "weather"
remedy = [{ action = "restart_os", after = "1m" }]
[[fault]]
kind = "host_down"
target = { role = "hub" }
pick = "one"
lead_in = "5m"
random = { profile = "nt-1999", mtbf = "100h" }
[[fault]]
kind = "link_down"
target = { link = "*" }
duration = "10m"
pick = "count"
pick_value = 1
random = { mtbf = "9h", up_dist = "lognormal", up_shape = 2.0 }
[[fault]]
kind = "clock_skew"
target = { host = "a1" }
offset = "+7m"
ramp_up = "20m"
ramp_down = "10m"
duration = "1h"
[[fault]]
kind = "clock_skew"
target = { host = "a1" }
offset = "+7m"
random = { profile = "modern", up_dist = "weibull" }
`)
	serial := cfg.Faults[0]
	require.Equal(t, fault.Recurrence{Pick: 2, Serial: true, Gap: 10 * time.Minute, Stream: "weather"}, serial.Recurrence, "two of a1, a2, am1")
	require.Equal(t, []simtime.Time{simtime.Time(65 * time.Minute), simtime.Time(75 * time.Minute), simtime.Time(66 * time.Minute)},
		[]simtime.Time{serial.Start, serial.End, serial.Remedies[0].At})
	random := cfg.Faults[1]
	require.Equal(t, 1, random.Pick)
	require.Equal(t, []any{simtime.Never, 5 * time.Minute, true, 0.6}, []any{random.End, random.Gap, random.Random.Ends, random.Random.Relapse})
	require.InEpsilon(t, 360_000, random.Random.Up.Mean(), 1e-9)
	require.InEpsilon(t, 7200, random.Random.Down.Mean(), 1e-9)
	links := cfg.Faults[2]
	require.Equal(t, 600.0, links.Random.Down.Sample(0.3), "a duration is fixed")
	require.InEpsilon(t, 9*3600, links.Random.Up.Mean(), 1e-9)
	require.Equal(t, []time.Duration{20 * time.Minute, 10 * time.Minute}, []time.Duration{cfg.Faults[3].RampUp, cfg.Faults[3].RampDown})
	require.False(t, cfg.Faults[4].Random.Ends)
	require.InEpsilon(t, 17520*3600, cfg.Faults[4].Random.Up.Mean(), 1e-9)
}

// The laws of a random process are those of the profile, or those that are given, which then have parameters of their own.
func TestLaws(t *testing.T) {
	t.Parallel()
	lognormal, err := rng.LognormalMean(306*3600, 1)
	require.NoError(t, err)
	weibull, err := rng.WeibullMean(306*3600, 0.75)
	require.NoError(t, err)
	burst, err := rng.WeibullMean(306*3600, 0.5)
	require.NoError(t, err)
	for keys, want := range map[string]rng.Dist{
		``:                                      weibull,
		`, up_dist = "lognormal"`:               lognormal,
		`, up_dist = "fixed"`:                   rng.Constant(306 * 3600),
		`, up_shape = 0.5`:                      burst,
		`, up_dist = "weibull", up_shape = 0.5`: burst,
		`, up_dist = "lognormal", up_shape = 1.0`:    lognormal,
		`, up_dist = "weibull", down_dist = "fixed"`: weibull,
	} {
		cfg := configOf(t, "[[fault]]\nkind = \"host_down\"\ntarget = { role = \"hub\" }\nrandom = { profile = \"nt-1999\""+keys+" }\n")
		require.Equal(t, want, cfg.Faults[0].Random.Up, keys)
	}
}

// A fraction of targets is rounded up, but for what floating point adds: 0.28 of 25 hubs are 7.
func TestPickRoundsUp(t *testing.T) {
	t.Parallel()
	hubs := ""
	for i := range 21 {
		hubs += fmt.Sprintf("[[hub]]\nname = \"x%d\"\nsite = \"C\"\n", i)
	}
	for fraction, want := range map[string]int{"0.28": 7, "0.281": 8, "0.01": 1, "1": 25, "1.0": 25} {
		cfg := configOf(t, hubs+"[[fault]]\nkind = \"host_down\"\ntarget = { role = \"hub\" }\nduration = \"1h\"\npick = \"fraction\"\npick_value = "+fraction+"\n")
		require.Equal(t, want, cfg.Faults[0].Pick, fraction)
	}
}
