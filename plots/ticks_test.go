package plots

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"pgregory.net/rapid"
)

// labelsOf returns the labels of ticks, those without one left out.
func labelsOf(ticks []plot.Tick) []string {
	var labels []string
	for _, t := range ticks {
		if t.Label != "" {
			labels = append(labels, t.Label)
		}
	}
	return labels
}

func TestTimeTicks(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("", 9*3600)
	eight := time.Date(2026, 3, 2, 8, 0, 0, 0, tokyo)
	for _, c := range []struct {
		name    string
		t0      time.Time
		span    float64
		labels  string
		meaning string
	}{
		{"four hours", eight, 4 * hour, "08:00 09:00 10:00 11:00 12:00", "Time of day (2 March 2026, UTC+09:00)"},
		{"two hours", eight, 2 * hour, "08:00 08:30 09:00 09:30 10:00", "Time of day (2 March 2026, UTC+09:00)"},
		{"a working day", eight, 10 * hour, "08:00 10:00 12:00 14:00 16:00 18:00", "Time of day (2 March 2026, UTC+09:00)"},
		{"round clock times, not round times since the start", eight.Add(10 * time.Minute), 2 * hour, "08:30 09:00 09:30 10:00", "Time of day (2 March 2026, UTC+09:00)"},
		{"half a minute", eight, 30, "08:00:00 08:00:05 08:00:10 08:00:15 08:00:20 08:00:25 08:00:30", "Time of day (2 March 2026, UTC+09:00)"},
		{"a day", eight, day, "12:00 18:00 00:00 06:00", "Time of day (2 March 2026, UTC+09:00)"},
		{"two days", eight, 2 * day, "12:00 18:00 3 Mar 06:00 12:00 18:00 4 Mar 06:00", "Date and time (2026, UTC+09:00)"},
		{"a week", eight, 7 * day, "3 Mar 4 Mar 5 Mar 6 Mar 7 Mar 8 Mar 9 Mar", "Date and time (2026, UTC+09:00)"},
		{"in UTC", eight.UTC(), hour, "23:00 23:10 23:20 23:30 23:40 23:50 00:00", "Time of day (1 March 2026, UTC)"},
		{"start unknown", time.Time{}, 4 * hour, "0:00 1:00 2:00 3:00 4:00", "Time since the start (h:mm)"},
		{"start unknown, seconds", time.Time{}, 50, "0:00 0:10 0:20 0:30 0:40 0:50", "Time since the start (m:ss)"},
		{"start unknown, days", time.Time{}, 5 * day, "0 1 2 3 4 5", "Time since the start (days)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ticks, meaning := timeTicks(&Axis{Kind: Clock, Max: c.span, T0: c.t0}, 4, 8)
			require.Equal(t, c.labels, strings.Join(labelsOf(ticks), " "))
			require.Equal(t, c.meaning, meaning)
		})
	}
}

func TestTimeTicksAreFourToEight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		axis := Axis{Kind: Clock, Max: rapid.Float64Range(4, 12*day).Draw(t, "span")}
		axis.T0 = time.Date(2026, 3, 2, 0, 0, rapid.IntRange(0, 86399).Draw(t, "start"), 0, time.UTC)
		ticks, _ := timeTicks(&axis, 4, 8)
		n := len(labelsOf(ticks))
		require.LessOrEqual(t, n, 8)
		require.GreaterOrEqual(t, n, 3, "four, or three where the start cuts one off")
		for _, tick := range ticks {
			require.GreaterOrEqual(t, tick.Value, axis.Min-1e-6)
			require.LessOrEqual(t, tick.Value, axis.Max*(1+1e-6))
		}
	})
}

func TestValueTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, most float64
		labels      string
	}{
		{0, 43, "0 10 20 30 40 50"},
		{0, 9999, "0 2k 4k 6k 8k 10k"},
		{0, 48_000, "0 10k 20k 30k 40k 50k"},
		{0, 12_000, "0 2.5k 5.0k 7.5k 10.0k 12.5k"},
		{0, 4_100_000, "0 1M 2M 3M 4M 5M"},
		{0, 0.9, "0 0.2 0.4 0.6 0.8 1.0"},
		{-30, 40, "−40 −20 0 20 40"},
		{0, 0, "0 0.2 0.4 0.6 0.8 1.0"},
	} {
		ticks, lo, hi := valueTicks(c.least, c.most, 5)
		require.Equal(t, c.labels, strings.Join(labelsOf(ticks), " "), "%g to %g", c.least, c.most)
		require.LessOrEqual(t, lo, c.least)
		require.GreaterOrEqual(t, hi, c.most)
	}
}

func TestValueTicksHoldAnyRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(-hugest, hugest).Draw(t, "a")
		b := rapid.Float64Range(-hugest, hugest).Draw(t, "b")
		ticks, lo, hi := valueTicks(min(a, b), max(a, b), 5)
		require.GreaterOrEqual(t, len(ticks), 2)
		require.LessOrEqual(t, len(ticks), 12)
		require.Less(t, lo, hi)
		slack := 1e-6 * (hi - lo)
		require.LessOrEqual(t, lo, min(a, b)+slack)
		require.GreaterOrEqual(t, hi, max(a, b)-slack)
	})
}

func TestLogTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		least, most float64
		labels      string
	}{
		{1.9, 250, "1 2 5 10 20 50 100 200 500"},
		{0.02, 24, "0.1 1 10"},
		{3, 3, "2 5"},
		{2, 20, "2 5 10 20"},
		{1, 9e5, "1 10 100 1000 10k 100k 1M"},
	} {
		ticks, lo, hi := logTicks(c.least, c.most)
		if c.least == 0.02 {
			require.InDelta(t, 50, hi, 1e-9)
		}
		require.Equal(t, c.labels, strings.Join(labelsOf(ticks), " "), "%g to %g", c.least, c.most)
		require.LessOrEqual(t, lo, c.least*(1+1e-9))
		require.GreaterOrEqual(t, hi, c.most*(1-1e-9))
	}
}

func TestLogTicksHoldAnyRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		least := math.Pow(10, rapid.Float64Range(-90, 90).Draw(t, "least"))
		most := least * math.Pow(10, rapid.Float64Range(0, 9).Draw(t, "decades"))
		ticks, lo, hi := logTicks(least, most)
		require.Less(t, lo, hi)
		require.LessOrEqual(t, lo, least*(1+1e-6))
		require.GreaterOrEqual(t, hi, most*(1-1e-6))
		require.LessOrEqual(t, len(labelsOf(ticks)), 12)
	})
}

func TestShortValues(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 5: "5", 0.25: "0.25", 2500: "2500", 12_000: "12k", 12_500: "12.5k", 1_200_000: "1.2M", -40_000: "−40k", 3e15: "3e15",
	} {
		require.Equal(t, want, short(v))
	}
	for d, want := range map[time.Duration]string{
		30 * time.Second: "30 s", 10 * time.Minute: "10 min", 90 * time.Minute: "1 h 30 min", 90 * time.Second: "1 min 30 s",
		1500 * time.Millisecond: "1.5 s", 250 * time.Millisecond: "250ms", time.Hour: "1 h",
	} {
		require.Equal(t, want, shortDuration(d))
	}
}
